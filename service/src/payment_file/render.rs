//! Writing a file's bytes from its approved run.

use std::collections::BTreeMap;

use domain::bank::{BankProfiles, BankTable};
use domain::payment_file::{Debtor, FileHeader, Pain001, execution_date, write_pain001};
use domain::{Vnd, ids};
use entity::enums::FileKind;
use entity::{area, instrument, pay_run, payment_file, payment_order, release};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::payment_file::plan::workbook_name;
use crate::payment_file::{change_list, instruction, post_list, post_paper, rows, treasury_list};

/// Who sends the files and whose account is debited. Set by contract with the bank before going live.
const SENDER: &str = "SO QUAN LY TRO GIUP XA HOI TINH QUANG NINH";
const DEBTOR_ACCOUNT: &str = "102010000000001";
const DEBTOR_BANK: &str = "CTG";

/// The bytes of a file.
pub(crate) async fn render(app: &App, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let run = crate::pay_run::find(app.db.read(), file.pay_run_id).await?;
    match file.kind {
        FileKind::Pain001 => pain001(app, &run, file).await,
        FileKind::PostList => post_list::write(&run, &cash_orders(app, file).await?),
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

async fn pain001(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let profiles = BankProfiles::embedded().map_err(Error::internal)?;
    let profile = file
        .bank_code
        .as_deref()
        .map_or(profiles.default_profile(), |code| profiles.of(code));
    let header = header(app, run, file)?;
    let mut lines = orders(app, file).await?;
    lines.sort_by(|a, b| a.reference.as_bytes().cmp(b.reference.as_bytes()));
    let mut bytes = Vec::new();
    let instructions = lines.iter().map(|order| instruction::of(run, order));
    write_pain001(&mut bytes, &header, profile, instructions).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// The version in which a bank file is written.
pub(crate) fn message_of(file: &payment_file::Model) -> Result<Pain001, Error> {
    let profiles = BankProfiles::embedded().map_err(Error::internal)?;
    let profile = file
        .bank_code
        .as_deref()
        .map_or(profiles.default_profile(), |code| profiles.of(code));
    Ok(profile.format)
}

/// What a pain.001 says once.
pub(crate) fn header(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<FileHeader, Error> {
    let approved_at = run
        .approved_at
        .ok_or_else(|| Error::internal("the run is not approved"))?;
    let bank = BankTable::embedded()
        .map_err(Error::internal)?
        .current(DEBTOR_BANK)
        .ok_or_else(Error::not_found)?;
    let key = format!("{}:{}", crate::pay_run::natural_key(run), file.name);
    Ok(FileHeader {
        message_id: file.message_id.clone().unwrap_or_default(),
        payment_information_id: ids::reference(app.secret.ids(), "payment_information", &key),
        created_at: approved_at,
        execution_date: execution_date(run.pay_date, approved_at),
        count: u64::try_from(file.order_count).map_err(Error::internal)?,
        sum: Vnd::new(file.sum).map_err(Error::internal)?,
        initiating_party: SENDER.to_owned(),
        debtor: Debtor {
            name: SENDER.to_owned(),
            account: DEBTOR_ACCOUNT.to_owned(),
            bank: bank.address(),
        },
    })
}
