//! Deciding an application.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{Act, ApplicationStatus, DecisionOutcome, EnrollmentStatus, ProgramStatus};
use entity::{application, approval_act, decision, enrollment, program};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::application::list::{self, ApplicationView};
use crate::application::subject;
use crate::approval::{self, Part};
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::person::claims_changed;

/// Grants or refuses an application.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Granted or refused.
    #[schema(value_type = String, pattern = "^(granted|refused)$", example = "granted")]
    pub outcome: DecisionOutcome,
    /// The number of the decision.
    #[schema(example = "1234/QĐ-UBND", max_length = 60)]
    pub number: String,
    /// The day it was signed, not in the future.
    #[schema(example = "2024-08-20")]
    pub signed_on: NaiveDate,
    /// The reason; a refusal needs one.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

/// A decision upon an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecisionView {
    /// Its id.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "1234/QĐ-UBND")]
    pub number: String,
    /// The day it was signed.
    pub signed_on: NaiveDate,
    /// Granted or refused.
    #[schema(value_type = String, pattern = "^(granted|refused)$", example = "granted")]
    pub outcome: DecisionOutcome,
    /// The reason.
    pub note: Option<String>,
    /// Recorded at.
    pub recorded_at: DateTime<Utc>,
}

impl From<decision::Model> for DecisionView {
    fn from(row: decision::Model) -> Self {
        let decision::Model {
            id,
            number,
            signed_on,
            outcome,
            note,
            recorded_at,
            ..
        } = row;
        Self {
            id,
            number,
            signed_on,
            outcome,
            note,
            recorded_at,
        }
    }
}

/// Grants or refuses: by a person who did not file it. A grant enrolls the person in the benefit's program and has what
/// is owed determined again.
pub async fn decide(
    app: &App,
    actor: &Actor,
    application_id: Uuid,
    expected_version: i64,
    command: Decide,
) -> Result<ApplicationView, Error> {
    let scope = actor.require(Permission::DecisionSign)?;
    let user_id = actor.person()?;
    app.db
        .write(async |txn| {
            let row = pending(txn, &scope, application_id, expected_version).await?;
            let faults = faults(&command, app.clock.today());
            if !faults.is_empty() {
                return Err(Error::invalid(faults));
            }
            sign(app, txn, &row, user_id).await?;
            let decision = decision::Model {
                id: app.ids.next(),
                application_id: Some(row.id),
                person_id: row.person_id,
                benefit: row.benefit.clone(),
                number: command.number.trim().to_owned(),
                signed_on: command.signed_on,
                outcome: command.outcome,
                note: command.note.clone(),
                recorded_at: app.clock.now(),
                superseded_at: None,
            };
            txn.insert_all::<decision::Entity>(vec![decision.clone()]).await?;
            let status = match command.outcome {
                DecisionOutcome::Granted => ApplicationStatus::Granted,
                DecisionOutcome::Refused => ApplicationStatus::Refused,
            };
            if status == ApplicationStatus::Granted {
                enroll(app, txn, &decision).await?;
            }
            let row = changed(txn, row, status).await?;
            let detail = json!({
                "outcome": decision.outcome,
                "number": decision.number,
                "signed_on": decision.signed_on,
                "benefit": decision.benefit,
            });
            claims_changed(app, txn, actor, row.person_id, ("decision.sign", detail.clone())).await?;
            txn.audit(Event::new(
                decision.recorded_at,
                actor,
                "application.decide",
                subject(row.id),
                detail,
            ));
            Ok(list::view(row, Some(decision.into())))
        })
        .await
}

/// Takes an application back before it is decided.
pub async fn withdraw(
    app: &App,
    actor: &Actor,
    application_id: Uuid,
    expected_version: i64,
) -> Result<ApplicationView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    app.db
        .write(async |txn| {
            let row = pending(txn, &scope, application_id, expected_version).await?;
            let row = changed(txn, row, ApplicationStatus::Withdrawn).await?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "application.withdraw",
                subject(row.id),
                json!({}),
            ));
            Ok(list::view(row, None))
        })
        .await
}

async fn pending(txn: &Txn, scope: &Scope, id: Uuid, expected_version: i64) -> Result<application::Model, Error> {
    let query = list::scoped(scope)
        .filter(application::Column::Id.eq(id))
        .lock_exclusive();
    let row = query.one(txn.conn()).await?.ok_or_else(Error::not_found)?;
    if row.version != expected_version {
        return Err(Error::new(ProblemCode::Stale));
    }
    if row.status == ApplicationStatus::Pending {
        Ok(row)
    } else {
        Err(Error::new(ProblemCode::IllegalTransition))
    }
}

async fn changed(
    txn: &Txn,
    mut row: application::Model,
    status: ApplicationStatus,
) -> Result<application::Model, Error> {
    row.status = status;
    row.version += 1;
    application::Entity::update(row.clone().into_active_model().reset_all())
        .exec(txn.conn())
        .await?;
    Ok(row)
}

/// Notes the signature, unless the signer filed the application or it changed since.
async fn sign(app: &App, txn: &Txn, row: &application::Model, user_id: Uuid) -> Result<(), Error> {
    let made = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(subject(row.id)))
        .filter(approval_act::Column::Act.eq(Act::Make))
        .one(txn.conn())
        .await?;
    let digest = list::digest(row);
    if let Some(made) = made {
        if made.user_id == user_id {
            return Err(approval::own_proposal());
        }
        let own = Part {
            person: user_id,
            at: app.clock.now(),
        };
        approval::require_own_keys(txn.conn(), own, &[Part::of(&made)]).await?;
        if made.digest != digest {
            return Err(Error::new(ProblemCode::ContentChanged));
        }
    }
    if let Some(client) = row.filing_client {
        approval::require_not_giver(txn.conn(), user_id, (client, row.created_at)).await?;
    }
    let signed = approval_act::Model {
        id: app.ids.next(),
        subject: subject(row.id),
        revision: 1,
        act: Act::Approve,
        user_id,
        digest,
        at: app.clock.now(),
    };
    txn.insert_all::<approval_act::Entity>(vec![signed]).await
}

async fn enroll(app: &App, txn: &Txn, decision: &decision::Model) -> Result<(), Error> {
    let program = program::Entity::find()
        .filter(program::Column::Benefit.eq(&decision.benefit))
        .filter(program::Column::Status.eq(ProgramStatus::Active))
        .one(txn.conn())
        .await?;
    let Some(program) = program else {
        let (vi, en) = (
            "Không có chương trình đang hoạt động cho trợ cấp này",
            "No active program gives this benefit",
        );
        return Err(Error::because(ProblemCode::IllegalTransition, vi, en));
    };
    let row = enrollment::Model {
        id: app.ids.next(),
        program_id: program.id,
        person_id: decision.person_id,
        decision_id: decision.id,
        from_date: decision.signed_on,
        to_date: None,
        status: EnrollmentStatus::Active,
    };
    txn.insert_all::<enrollment::Entity>(vec![row]).await
}

fn faults(command: &Decide, today: NaiveDate) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if command.number.trim().is_empty() || command.number.chars().count() > 60 {
        let (vi, en) = (
            "Số quyết định từ 1 đến 60 ký tự",
            "A decision number has 1 to 60 characters",
        );
        faults.push(FieldError::new("/number", "decision_number", vi, en));
    }
    if command.signed_on > today {
        let (vi, en) = ("Ngày ký ở tương lai", "It is signed in the future");
        faults.push(FieldError::new("/signed_on", "date_bounds", vi, en));
    }
    let note = command.note.as_deref().unwrap_or_default();
    if note.chars().count() > 1_000 {
        let (vi, en) = ("Lý do tối đa 1000 ký tự", "A note has at most 1,000 characters");
        faults.push(FieldError::new("/note", "note_length", vi, en));
    }
    if command.outcome == DecisionOutcome::Refused && note.trim().is_empty() {
        let (vi, en) = ("Từ chối phải nêu lý do", "A refusal states its reason");
        faults.push(FieldError::new("/note", "reason_missing", vi, en));
    }
    faults
}
