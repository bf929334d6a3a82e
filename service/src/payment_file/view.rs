//! What the treasury sees and fetches.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Vnd;
use domain::payment_file::{Manifest, execution_date};
use entity::enums::{FileKind, FileStatus};
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::clock::in_vietnam;
use crate::code::Code;
use crate::error::Error;
use crate::payment_file::instruction;

/// A file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FileView {
    /// Id.
    pub id: Uuid,
    /// The run it belongs to.
    pub pay_run_id: Uuid,
    /// Its name.
    #[schema(example = "pain001-AGRIBANK-1.xml")]
    pub name: String,
    /// What it is.
    #[schema(value_type = String)]
    pub kind: FileKind,
    /// The bank it is for.
    pub bank_code: Option<String>,
    /// Its message id (MsgId), unique for ever.
    pub message_id: Option<String>,
    /// The id of its one batch (PmtInfId), unique for ever. None for lists that order nothing, and for files of before
    /// it was kept with them.
    pub batch_id: Option<String>,
    /// How many orders.
    pub order_count: i64,
    /// Đồng.
    pub sum: i64,
    /// The total over the accounts; none where the file has no accounts.
    #[schema(example = "402118745520093318")]
    pub account_hash_total: Option<String>,
    /// SHA-256 of its bytes, once built.
    pub sha256: Option<String>,
    /// Size in bytes, once built.
    pub size: Option<i64>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: FileStatus,
    /// The banking day that it asks for, fixed at approval by the cut-off of its bank. None for lists that order nothing,
    /// and for files of before each kept its own: their run says it.
    #[schema(example = "2024-09-05")]
    pub execution_date: Option<NaiveDate>,
    /// So many days ago that day was, where nobody has acknowledged the file yet: a bank may refuse it or execute it on
    /// another day. None before, and on the day itself.
    #[schema(example = json!(null))]
    pub execution_days_past: Option<i64>,
    /// When the treasury acknowledged it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Two people said that an order in it was never executed, and it is paid again by another order: the file is not
    /// delivered or fetched any more, and nobody acknowledges it here; its receiver's word beside it still counts.
    #[schema(example = false)]
    pub withdrawn: bool,
    /// Version, for If-Match.
    pub version: i64,
}

/// A file as it is shown on a day.
pub(crate) fn view(row: payment_file::Model, today: NaiveDate, withdrawn: bool) -> FileView {
    let past = super::terms::execution_date(&row).map(|day| (today - day).num_days());
    let open = row.status != FileStatus::Acknowledged && !withdrawn;
    FileView {
        execution_days_past: past.filter(|days| open && *days > 0),
        execution_date: super::terms::execution_date(&row),
        account_hash_total: has_accounts(&row).then_some(row.account_hash_total),
        id: row.id,
        pay_run_id: row.pay_run_id,
        name: row.name,
        kind: row.kind,
        bank_code: row.bank_code,
        message_id: row.message_id,
        batch_id: row.batch_id,
        order_count: row.order_count,
        sum: row.sum,
        sha256: row.sha256,
        size: row.size,
        status: row.status,
        acknowledged_at: row.acknowledged_at,
        withdrawn,
        version: row.version,
    }
}

/// Does the file say which accounts are paid? What prints or sums up another file, and the communes' list, does not.
fn has_accounts(file: &payment_file::Model) -> bool {
    !matches!(
        file.kind,
        FileKind::PostPaper | FileKind::TreasuryFigures | FileKind::ChangeList
    ) && !file.account_hash_total.is_empty()
}

async fn find(app: &App, id: Uuid) -> Result<payment_file::Model, Error> {
    payment_file::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)
}

/// One file.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<FileView, Error> {
    actor.require_province(Permission::FileRead)?;
    let row = find(app, id).await?;
    let withdrawn = super::is_withdrawn(app.db.read(), &row).await?;
    Ok(view(row, app.clock.today(), withdrawn))
}

/// The files of a run, in their order.
pub async fn list(app: &App, actor: &Actor, pay_run: Uuid) -> Result<Vec<FileView>, Error> {
    actor.require_province(Permission::FileRead)?;
    crate::pay_run::find(app.db.read(), pay_run).await?;
    let rows = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(pay_run))
        .order_by_asc(payment_file::Column::Position)
        .all(app.db.read())
        .await?;
    let today = app.clock.today();
    // They are few, the orders of a run many.
    let withdrawn = super::all_withdrawn(app.db.read()).await?;
    let files = rows.into_iter().map(|row| {
        let own = withdrawn.contains(&row.id);
        view(row, today, own)
    });
    Ok(files.collect())
}

/// A file's name and bytes, checked against the hash it was built with. That the treasury took them is noted: only then
/// may it acknowledge them.
///
/// # Errors
/// `illegal-transition` for a withdrawn file, where the caller may bring it to a bank: who only reads files, such as an
/// auditor, still reads it.
pub async fn content(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let (file, bytes) = given_out(app, actor, id).await?;
    super::fetched::note(app, actor, &file).await?;
    Ok((file.name, bytes))
}

/// A file with its bytes, as it is given to whoever asks.
async fn given_out(app: &App, actor: &Actor, id: Uuid) -> Result<(payment_file::Model, Vec<u8>), Error> {
    actor.require_province(Permission::FileRead)?;
    let file = find(app, id).await?;
    if gives_out(actor) {
        super::require_given_out(app.db.read(), &file).await?;
    }
    let bytes = super::bytes(app, &file).await?;
    Ok((file, bytes))
}

/// Does somebody bring files to where they are paid, and not only read them?
pub(crate) fn gives_out(actor: &Actor) -> bool {
    [Permission::FileAcknowledge, Permission::FileDeliver]
        .into_iter()
        .any(|permission| actor.require_province(permission).is_ok())
}

/// The same to be saved, under the name that [`saved_as`] gives it.
pub async fn download(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let (_, bytes) = content(app, actor, id).await?;
    Ok((saved_as(app, actor, id).await?, bytes))
}

/// What [`download`] would give somebody who is not sent it: nobody took it, so nothing is noted.
///
/// # Errors
/// As [`content`]'s.
pub async fn preview(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let (_, bytes) = given_out(app, actor, id).await?;
    Ok((saved_as(app, actor, id).await?, bytes))
}

/// What a file is called where people save it: as it is where it is delivered. The names of files repeat each month; by
/// them alone last month's file would lie in the same folder as this month's, and be sent to its bank in its place.
pub async fn saved_as(app: &App, actor: &Actor, id: Uuid) -> Result<String, Error> {
    actor.require_province(Permission::FileRead)?;
    let file = find(app, id).await?;
    let run = crate::pay_run::find(app.db.read(), file.pay_run_id).await?;
    Ok(crate::delivery::target_name(&run, &file))
}

/// The manifest of a built file.
pub async fn manifest(app: &App, actor: &Actor, id: Uuid) -> Result<Manifest, Error> {
    actor.require_province(Permission::FileRead)?;
    manifest_of(app, &find(app, id).await?).await
}

/// Has a file a manifest once it is built? All have but lists of the treasury that were planned without their totals.
pub(crate) fn has_manifest(run: &pay_run::Model, file: &payment_file::Model) -> bool {
    !super::treasury_list::has_no_totals(run, file)
}

/// The manifest of a built file.
pub(crate) async fn manifest_of(app: &App, file: &payment_file::Model) -> Result<Manifest, Error> {
    let run = crate::pay_run::find(app.db.read(), file.pay_run_id).await?;
    let (Some(sha256), Some(size), true) = (&file.sha256, file.size, has_manifest(&run, file)) else {
        return Err(Error::not_found());
    };
    let approved_at = run
        .approved_at
        .ok_or_else(|| Error::internal("the run is not approved"))?;
    // A file planned before files without accounts had no total keeps the bytes of its manifest.
    let hash = Some(&file.account_hash_total).filter(|total| !total.is_empty());
    let counted = file.kind != FileKind::ChangeList || hash.is_some();
    let (count, sum) = if counted {
        let count = u64::try_from(file.order_count).map_err(Error::internal)?;
        (Some(count), Some(Vnd::new(file.sum).map_err(Error::internal)?))
    } else {
        (None, None)
    };
    let list = Manifest {
        version: 1,
        file: file.name.clone(),
        format: file.kind.code(),
        channel: None,
        bank: None,
        message_id: None,
        payment_information_id: None,
        pay_run: crate::pay_run::natural_key(&run),
        run_digest: run.digest.clone().unwrap_or_default(),
        sequence: u32::try_from(file.position + 1).map_err(Error::internal)?,
        count,
        sum,
        account_hash_total: hash.cloned(),
        bytes: u64::try_from(size).map_err(Error::internal)?,
        sha256: sha256.clone(),
        created_at: in_vietnam(approved_at).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        execution_date: run
            .execution_date
            .unwrap_or_else(|| execution_date(run.pay_date, approved_at)),
    };
    if matches!(
        file.kind,
        FileKind::Pain001 | FileKind::PaymentTable | FileKind::PostList
    ) {
        ordering(app, &run, file, list)
    } else {
        Ok(list)
    }
}

/// The manifest of a file that orders payments.
fn ordering(app: &App, run: &pay_run::Model, file: &payment_file::Model, list: Manifest) -> Result<Manifest, Error> {
    let Some(message_id) = &file.message_id else {
        return Err(Error::not_found());
    };
    let terms = super::terms::of_file(file)?;
    let header = super::render::header(app, run, file, &terms)?;
    let to_bank = file.kind != FileKind::PostList;
    let (format, channel) = if to_bank {
        (
            terms.profile.format.name().to_owned(),
            entity::enums::Channel::BankTransfer,
        )
    } else {
        ("cash_list".to_owned(), entity::enums::Channel::PostCash)
    };
    let is_message = file.kind == FileKind::Pain001;
    Ok(Manifest {
        format,
        channel: Some(instruction::channel(channel)),
        bank: file.bank_code.clone(),
        execution_date: header.execution_date,
        message_id: to_bank.then(|| message_id.clone()),
        payment_information_id: is_message.then_some(header.payment_information_id),
        ..list
    })
}
