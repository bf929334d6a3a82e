//! Writing a file's bytes from its approved run.

use std::collections::BTreeMap;

use domain::payment_file::{
    Channel, FileError, FileHeader, FileTerms, Instruction, check_file, execution_date, write_file,
};
use domain::{Vnd, ids};
use entity::enums::FileKind;
use entity::{area, instrument, pay_run, payment_file, payment_order, release};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::payment_file::plan::workbook_name;
use crate::payment_file::{change_list, figures, instruction, post_list, post_paper, rows, terms, treasury_list};

/// The bytes of a file.
pub(crate) async fn render(app: &App, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let run = crate::pay_run::find(app.db.read(), file.pay_run_id).await?;
    match file.kind {
        FileKind::Pain001 | FileKind::PaymentTable => to_bank(app, &run, file).await,
        FileKind::PostList => {
            require_sendable(app, &run, file).await?;
            post_list::write(&run, &cash_orders(app, file).await?)
        }
        FileKind::TreasuryFigures => figures::write(&run, file),
        FileKind::PostPaper => post_paper::write(&run, &cash_orders(app, &workbook(app, file).await?).await?),
        FileKind::TreasuryList => treasury_list::write(&run, &rows::load(app, &run).await?, &law_of(app, &run).await?),
        FileKind::ChangeList => change_list::write(&run, &rows::load(app, &run).await?, &law_of(app, &run).await?),
    }
}

/// The orders of a cash list with the names of their areas, sorted by both lists alike.
async fn cash_orders(app: &App, file: &payment_file::Model) -> Result<Vec<(String, payment_order::Model)>, Error> {
    let mut orders = orders(app, file).await?;
    let areas = area_names(app).await?;
    let name = |order: &payment_order::Model| areas.get(&order.area_id).cloned().unwrap_or_default();
    orders.sort_by_cached_key(|order| (name(order), order.reference.clone()));
    Ok(orders.into_iter().map(|order| (name(&order), order)).collect())
}

/// The workbook that a printable list says the same as.
async fn workbook(app: &App, paper: &payment_file::Model) -> Result<payment_file::Model, Error> {
    let row = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(paper.pay_run_id))
        .filter(payment_file::Column::Name.eq(workbook_name(&paper.name)))
        .one(app.db.read())
        .await?;
    row.ok_or_else(Error::not_found)
}

async fn orders(app: &App, file: &payment_file::Model) -> Result<Vec<payment_order::Model>, Error> {
    let rows = payment_order::Entity::find()
        .filter(payment_order::Column::FileId.eq(file.id))
        .all(app.db.read())
        .await?;
    Ok(rows)
}

async fn area_names(app: &App) -> Result<BTreeMap<String, String>, Error> {
    let rows = area::Entity::find().all(app.db.read()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The instrument whose publication made the release a run rests on.
async fn law_of(app: &App, run: &pay_run::Model) -> Result<String, Error> {
    let release = release::Entity::find_by_id(run.release_number)
        .one(app.db.read())
        .await?;
    let Some(release) = release else {
        return Ok(String::new());
    };
    let own = instrument::Entity::find_by_id(release.instrument_id)
        .one(app.db.read())
        .await?;
    Ok(own.map_or_else(String::new, |own| own.number))
}

/// A file for a bank: none is built that breaks a rule.
async fn to_bank(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let terms = terms::of_file(file)?;
    let header = header(app, run, file, &terms)?;
    let lines = instructions(app, run, file, &terms).await?;
    let (bytes, _) = write_file(&header, &terms.profile, &lines).map_err(|error| unwritable(file, &error))?;
    Ok(bytes)
}

/// The same rules for what goes to the post office.
async fn require_sendable(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<(), Error> {
    let terms = terms::of_file(file)?;
    let header = header(app, run, file, &terms)?;
    let lines = instructions(app, run, file, &terms).await?;
    let faults = check_file(&header, &terms.profile, Channel::PostCash, &lines);
    if faults.is_empty() {
        Ok(())
    } else {
        Err(unwritable(file, &FileError::Faults(faults)))
    }
}

fn unwritable(file: &payment_file::Model, error: &FileError) -> Error {
    Error::internal(format!("file {}: {error}", file.name))
}

/// What a file says of each order, in the order of the references.
async fn instructions(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    terms: &FileTerms,
) -> Result<Vec<Instruction>, Error> {
    let mut orders = orders(app, file).await?;
    orders.sort_by(|a, b| a.reference.as_bytes().cmp(b.reference.as_bytes()));
    orders.iter().map(|order| instruction::of(run, order, terms)).collect()
}

/// What a payment file says once.
pub(crate) fn header(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    terms: &FileTerms,
) -> Result<FileHeader, Error> {
    let approved_at = run
        .approved_at
        .ok_or_else(|| Error::internal("the run is not approved"))?;
    let key = format!("{}:{}", crate::pay_run::natural_key(run), file.name);
    Ok(FileHeader {
        message_id: file.message_id.clone().unwrap_or_default(),
        payment_information_id: ids::reference(app.secret.ids(), "payment_information", &key),
        created_at: approved_at,
        execution_date: run
            .execution_date
            .unwrap_or_else(|| execution_date(run.pay_date, approved_at)),
        count: u64::try_from(file.order_count).map_err(Error::internal)?,
        sum: Vnd::new(file.sum).map_err(Error::internal)?,
        initiating_party: terms.debtor.name.clone(),
        debtor: terms.debtor.clone(),
    })
}
