//! Reference tables: areas, banks and the built-in programs, brought in at installation and completed at each start.

use domain::bank::BankTable;
use entity::bank;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::{area, program};

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
    let rows = BankTable::embedded().map_err(Error::internal)?.iter().map(|row| {
        bank::ActiveModel::from(bank::Model {
            code: row.code.clone(),
            bin: row.bin.clone().unwrap_or_default(),
            name: row.name.clone(),
            short_name: row.short_name.clone(),
            bic: row.usable_bic().map(str::to_owned),
            deprecated: row.deprecated,
        })
    });
    bank::Entity::insert_many(rows)
        .on_conflict(OnConflict::column(bank::Column::Code).do_nothing().to_owned())
        .exec_without_returning(txn.conn())
        .await?;
    Ok(())
}
