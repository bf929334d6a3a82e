//! Reference tables: areas, banks and the built-in programs, brought in at installation and completed at each start.

use domain::bank::BankTable;
use entity::bank;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::{area, program, rows};

/// Brings in what is missing; what is there stays as it is.
pub async fn seed(app: &App) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            area::seed(txn).await?;
            banks(txn).await?;
            program::seed(app, txn).await
        })
        .await
}

async fn banks(txn: &Txn) -> Result<(), Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    let banks = table.iter().map(|row| bank::Model {
        code: row.code.clone(),
        bin: row.bin.clone().unwrap_or_default(),
        name: row.name.clone(),
        short_name: row.short_name.clone(),
        bic: row.usable_bic().map(str::to_owned),
        deprecated: row.deprecated,
    });
    rows::insert_new::<bank::Entity>(txn, banks.collect()).await?;
    Ok(())
}
