//! Leaving something out of a draft, with a reason, and taking it in again. What is left out is held, and owed still.

use entity::enums::{Build, LineStatus, PayRunStatus};
use entity::{held_payment, overpayment_deduction, pay_run, pay_run_exclusion, pay_run_person, payment_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::pay_run::build::{CLAIM_TRIES, others_are_faster};
use crate::pay_run::line::Due;
use crate::pay_run::maker;
use crate::pay_run::prepare::{Built, prepare};
use crate::pay_run::view::{PayRunView, view};
use crate::person::PersonRange;

/// The most characters of a reason.
pub(super) const LONGEST_REASON: usize = 1_000;

/// Leaves something out of a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcludePayment {
    /// The person of whom everything is left out; or `line_id`.
    #[serde(default)]
    pub person_id: Option<Uuid>,
    /// The line that is left out; or `person_id`.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub line_id: Option<Uuid>,
    /// Why.
    #[schema(example = "Chờ xác minh nơi cư trú", max_length = 1000)]
    pub reason: String,
}

/// What is left out of a run, of some people.
#[derive(Clone, Debug, Default)]
pub(super) struct Exclusions(Vec<pay_run_exclusion::Model>);

impl Exclusions {
    /// The exclusions of a range of people.
    pub(super) async fn load(conn: &impl ConnectionTrait, run: Uuid, people: PersonRange) -> Result<Self, Error> {
        let rows = pay_run_exclusion::Entity::find()
            .filter(pay_run_exclusion::Column::PayRunId.eq(run))
            .filter(pay_run_exclusion::Column::PersonId.between(people.first, people.last))
            .all(conn)
            .await?;
        Ok(Self(rows))
    }

    /// Is this amount left out?
    pub(super) fn hold(&self, due: &Due) -> bool {
        self.0.iter().filter(|row| row.person_id == due.person_id).any(|row| {
            row.entitlement_id.is_none()
                || (row.entitlement_id == Some(due.entitlement_id)
                    && row.component.as_ref() == Some(&due.component)
                    && row.cover_month == Some(due.cover_month)
                    && row.kind == Some(due.kind))
        })
    }
}

/// The exclusions of a run, the oldest first.
pub(super) async fn of_run(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<pay_run_exclusion::Model>, Error> {
    let rows = pay_run_exclusion::Entity::find()
        .filter(pay_run_exclusion::Column::PayRunId.eq(run))
        .order_by_asc(pay_run_exclusion::Column::ExcludedAt)
        .order_by_asc(pay_run_exclusion::Column::Id)
        .all(conn)
        .await?;
    Ok(rows)
}

/// Leaves a line, or everything of a person, out of a built draft.
pub async fn exclude(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: ExcludePayment,
) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    let excluded_by = actor.person()?;
    check_reason("/reason", &command.reason)?;
    let exclusion = app.ids.next();
    let run = app
        .db
        .write(async |txn| {
            let run = built_draft(txn, id, version).await?;
            let line = target(txn, id, &command).await?;
            let whole = command.line_id.is_none();
            let row = pay_run_exclusion::Model {
                id: exclusion,
                pay_run_id: id,
                person_id: line.person_id,
                entitlement_id: (!whole).then_some(line.entitlement_id),
                component: (!whole).then(|| line.component.clone()),
                cover_month: (!whole).then_some(line.cover_month),
                kind: (!whole).then_some(line.kind),
                area_id: line.area_id.clone(),
                reason: command.reason.clone(),
                excluded_by,
                excluded_at: app.clock.now(),
            };
            maker::note(app, txn, id, actor).await?;
            txn.insert_all::<pay_run_exclusion::Entity>(vec![row]).await?;
            let detail = json!({"exclusion": exclusion, "person": line.person_id, "line": command.line_id,
                "reason": command.reason});
            note(app, txn, actor, "pay_run.exclude", id, detail);
            rebuild(app, txn, &run, line.person_id).await
        })
        .await?;
    view(app, &run).await
}

/// Takes in again what was left out of a draft.
pub async fn include(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    exclusion_id: Uuid,
) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunMake)?;
    actor.person()?;
    let run = app
        .db
        .write(async |txn| {
            let run = built_draft(txn, id, version).await?;
            let row = pay_run_exclusion::Entity::find_by_id(exclusion_id)
                .filter(pay_run_exclusion::Column::PayRunId.eq(id))
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            maker::note(app, txn, id, actor).await?;
            pay_run_exclusion::Entity::delete_by_id(exclusion_id)
                .exec(txn.conn())
                .await?;
            let detail = json!({"exclusion": exclusion_id, "person": row.person_id});
            note(app, txn, actor, "pay_run.include", id, detail);
            rebuild(app, txn, &run, row.person_id).await
        })
        .await?;
    view(app, &run).await
}

/// Refuses a reason that is empty or too long.
pub(crate) fn check_reason(pointer: &str, reason: &str) -> Result<(), Error> {
    if reason.trim().is_empty() {
        return Err(Error::field(
            pointer,
            "required",
            "Phải nêu lý do",
            "a reason is needed",
        ));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::field(
            pointer,
            "too_long",
            format!("Lý do dài tối đa {LONGEST_REASON} ký tự"),
            format!("a reason has at most {LONGEST_REASON} characters"),
        ));
    }
    Ok(())
}

fn note(app: &App, txn: &Txn, actor: &Actor, action: &'static str, id: Uuid, detail: serde_json::Value) {
    txn.audit(Event::new(app.clock.now(), actor, action, super::subject(id), detail));
}

async fn built_draft(txn: &Txn, id: Uuid, version: i64) -> Result<pay_run::Model, Error> {
    let run = super::for_update(txn, id).await?;
    super::expect(&run, version, PayRunStatus::Draft)?;
    if run.build == Build::Done {
        return Ok(run);
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Danh sách chưa lập xong hoặc đã cũ; hãy lập lại",
        "the lines are not built or no longer current; build the run again",
    ))
}

/// The line that is meant, or any line of the person.
async fn target(txn: &Txn, run: Uuid, command: &ExcludePayment) -> Result<payment_line::Model, Error> {
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::PayRunId.eq(run))
        .filter(payment_line::Column::Status.eq(LineStatus::Draft));
    let (pointer, lines) = match (command.person_id, command.line_id) {
        (Some(person), None) => ("/person_id", lines.filter(payment_line::Column::PersonId.eq(person))),
        (None, Some(line)) => ("/line_id", lines.filter(payment_line::Column::Id.eq(line))),
        _ => {
            return Err(Error::field(
                "/person_id",
                "one_of_two",
                "Phải nêu người hoặc khoản chi, không nêu cả hai",
                "name the person or the line, not both",
            ));
        }
    };
    lines.limit(1).one(txn.conn()).await?.ok_or_else(|| {
        Error::field(
            pointer,
            "not_in_run",
            "Đợt chi trả không có khoản này",
            "the run has no such line",
        )
    })
}

/// Builds one person of the run anew.
async fn rebuild(app: &App, txn: &Txn, run: &pay_run::Model, person: Uuid) -> Result<pay_run::Model, Error> {
    let built = prepared(app, txn, run, person).await?;
    let lines: Vec<Uuid> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Id)
        .filter(payment_line::Column::PayRunId.eq(run.id))
        .filter(payment_line::Column::PersonId.eq(person))
        .into_tuple()
        .all(txn.conn())
        .await?;
    overpayment_deduction::Entity::delete_many()
        .filter(overpayment_deduction::Column::LineId.is_in(lines.iter().copied()))
        .exec(txn.conn())
        .await?;
    payment_line::Entity::delete_many()
        .filter(payment_line::Column::Id.is_in(lines))
        .exec(txn.conn())
        .await?;
    held_payment::Entity::delete_many()
        .filter(held_payment::Column::PayRunId.eq(run.id))
        .filter(held_payment::Column::PersonId.eq(person))
        .exec(txn.conn())
        .await?;
    pay_run_person::Entity::delete_many()
        .filter(pay_run_person::Column::PayRunId.eq(run.id))
        .filter(pay_run_person::Column::PersonId.eq(person))
        .exec(txn.conn())
        .await?;
    built.store(txn).await?;
    super::build::finish(app, txn, run).await?;
    super::for_update(txn, run.id).await
}

/// What the run pays and holds for one person, beside what other runs keep back of their money.
async fn prepared(app: &App, txn: &Txn, run: &pay_run::Model, person: Uuid) -> Result<Built, Error> {
    let people = PersonRange::one(person);
    for _ in 0..CLAIM_TRIES {
        let exclusions = Exclusions::load(txn.conn(), run.id, people).await?;
        let built = prepare(app, run, people, exclusions).await?;
        if built.stands(txn, run.id).await? {
            return Ok(built);
        }
    }
    Err(others_are_faster())
}
