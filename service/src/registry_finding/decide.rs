//! A caseworker looks into a finding: the death is recorded, or it was not so.

use chrono::NaiveDate;
use entity::enums::{FindingKind, FindingStatus};
use entity::registry_finding;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::proposal::said;
use crate::registry_finding::list::{RegistryFindingView, view};
use crate::registry_finding::subject;
use crate::{pay_run, person, reconciliation};

/// Confirms a death.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmFinding {
    /// The day of the person's death, by the certificate; of a payee it may be left out.
    #[serde(default)]
    #[schema(example = "2024-09-23")]
    pub death_date: Option<NaiveDate>,
    /// What it rests on.
    #[schema(example = "Giấy chứng tử số 41/2024", max_length = 1000)]
    pub note: String,
}

/// Says that it was not so.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DismissFinding {
    /// What was found.
    #[schema(example = "Đã gặp trực tiếp, ngân hàng nhầm người", max_length = 1000)]
    pub note: String,
}

/// Confirms a finding: the person's death is recorded, with the reassessment that follows from it. Drafts that concern
/// the person must be built again.
///
/// # Errors
/// `illegal-transition` where it is not open; `invalid` where the day is missing or no day of a death; `stale`.
pub async fn confirm(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: ConfirmFinding,
) -> Result<RegistryFindingView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let note = said(&command.note)?;
    let decided = app
        .db
        .write(async |txn| {
            let before = opened(app, txn, &scope, id, version).await?;
            if before.kind == FindingKind::ReportedDeceased {
                let day = command.death_date.ok_or_else(|| {
                    Error::field(
                        "/death_date",
                        "required",
                        "Cần có ngày mất",
                        "the day of the death is needed",
                    )
                })?;
                person::record_death(app, txn, actor, &scope, (before.person_id, day)).await?;
            }
            let status = (FindingStatus::Confirmed, command.death_date, note.clone());
            close(app, txn, actor, before, status).await
        })
        .await?;
    Ok(view(decided))
}

/// Dismisses a finding: the person's payments go on with the next run, and drafts that held them must be built again.
///
/// # Errors
/// `illegal-transition` where it is not open; `stale`.
pub async fn dismiss(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: DismissFinding,
) -> Result<RegistryFindingView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let note = said(&command.note)?;
    let decided = app
        .db
        .write(async |txn| {
            let before = opened(app, txn, &scope, id, version).await?;
            close(app, txn, actor, before, (FindingStatus::Dismissed, None, note.clone())).await
        })
        .await?;
    Ok(view(decided))
}

/// The finding, locked, once the drafts that concern its person are sent back to be built again. Runs are locked before
/// findings, as a report does that tells the same again.
async fn opened(app: &App, txn: &Txn, scope: &Scope, id: Uuid, version: i64) -> Result<registry_finding::Model, Error> {
    let find = || registry_finding::Entity::find_by_id(id);
    let about = find().one(txn.conn()).await?.ok_or_else(Error::not_found)?.person_id;
    person::find_in_scope(txn.conn(), scope, about).await?;
    pay_run::void_drafts_of(app, txn, pay_run::Because::RegistryFinding, &[about]).await?;
    let row = find()
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    if row.version != version {
        return Err(Error::new(ProblemCode::Stale));
    }
    if row.status == FindingStatus::Open {
        return Ok(row);
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Thông tin này đã được xác minh",
        "the finding was looked into already",
    ))
}

async fn close(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    before: registry_finding::Model,
    (status, death_date, note): (FindingStatus, Option<NaiveDate>, String),
) -> Result<registry_finding::Model, Error> {
    use registry_finding::Column as C;
    let person = actor.person()?;
    let at = app.clock.now();
    let row = registry_finding::Model {
        status,
        death_date,
        note: Some(note),
        decided_by: Some(person),
        decided_at: Some(at),
        version: before.version + 1,
        ..before
    };
    row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    let left = registry_finding::Entity::find()
        .filter(C::OrderId.eq(row.order_id))
        .filter(C::Status.eq(FindingStatus::Open))
        .count(txn.conn())
        .await?;
    if left == 0 {
        reconciliation::close_looked_into(app, txn, actor, person, row.order_id).await?;
    }
    let action = match status {
        FindingStatus::Confirmed => "registry_finding.confirm",
        _ => "registry_finding.dismiss",
    };
    let detail = json!({"person": row.person_id, "kind": row.kind, "death_date": death_date});
    txn.audit(Event::new(at, actor, action, subject(row.id), detail));
    Ok(row)
}
