//! Facts about a person. A fact is never overwritten: what was known stays readable, and what is known now stands
//! beside it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::evidence::{Evidence, EvidenceKind};
use entity::enums::EvidenceChange;
use entity::{evidence, person};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError};
use crate::person::amend::{self, Touches};
use crate::person::view::{NewEvidence, PersonView};
use crate::person::{check, read};

/// Adds a fact.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddEvidence {
    /// What kind of fact.
    #[schema(value_type = String, example = "disability")]
    pub kind: EvidenceKind,
    /// Its value, in the shape of its kind.
    #[schema(value_type = Value, example = json!("severe"))]
    pub value: Value,
    /// First day on which it holds; of a disability the day of the certificate.
    #[schema(example = "2022-03-20")]
    pub from: NaiveDate,
    /// Last day on which it holds; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The paper it rests on.
    #[serde(default)]
    #[schema(example = "Giấy xác nhận khuyết tật số 15/2022", max_length = 200)]
    pub document: Option<String>,
    /// `circumstances`: life changed; `correction`: it should have been on record before.
    #[schema(value_type = String, pattern = "^(correction|circumstances)$", example = "circumstances")]
    pub change: EvidenceChange,
}

/// Puts right a fact that was recorded wrong: what is given replaces it whole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectEvidence {
    /// The right value.
    #[schema(value_type = Value, example = json!("particularly_severe"))]
    pub value: Value,
    /// The right first day.
    #[schema(example = "2022-03-20")]
    pub from: NaiveDate,
    /// The right last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The paper it rests on.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub document: Option<String>,
}

/// Ends a fact.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndEvidence {
    /// The last day on which it held.
    #[schema(example = "2024-08-31")]
    pub to: NaiveDate,
    /// `circumstances`: it came to an end; `correction`: a wrong end was recorded.
    #[schema(value_type = String, pattern = "^(correction|circumstances)$", example = "circumstances")]
    pub change: EvidenceChange,
}

/// Adds a fact.
pub async fn add_evidence(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    expected_version: i64,
    command: AddEvidence,
) -> Result<PersonView, Error> {
    let AddEvidence {
        kind,
        value,
        from,
        to,
        document,
        change,
    } = command;
    let new = NewEvidence {
        kind,
        value,
        from,
        to,
        document,
    };
    let step = Step {
        action: "evidence.add",
        change,
        replaces: None,
    };
    amend_evidence(
        app,
        actor,
        (person_id, expected_version),
        step,
        async |_: Option<&evidence::Model>| Ok(Some(new.clone())),
    )
    .await
}

/// Replaces a fact that was recorded wrong.
pub async fn correct_evidence(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    evidence_id: Uuid,
    expected_version: i64,
    command: CorrectEvidence,
) -> Result<PersonView, Error> {
    let step = Step {
        action: "evidence.correct",
        change: EvidenceChange::Correction,
        replaces: Some(evidence_id),
    };
    amend_evidence(
        app,
        actor,
        (person_id, expected_version),
        step,
        async |old: Option<&evidence::Model>| {
            let CorrectEvidence {
                value,
                from,
                to,
                document,
            } = command.clone();
            let document = document.or_else(|| old.and_then(|old| old.document.clone()));
            Ok(Some(NewEvidence {
                kind: kind_of(old)?,
                value,
                from,
                to,
                document,
            }))
        },
    )
    .await
}

/// Ends a fact on its last day.
pub async fn end_evidence(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    evidence_id: Uuid,
    expected_version: i64,
    command: EndEvidence,
) -> Result<PersonView, Error> {
    let EndEvidence { to, change } = command;
    let step = Step {
        action: "evidence.end",
        change,
        replaces: Some(evidence_id),
    };
    amend_evidence(
        app,
        actor,
        (person_id, expected_version),
        step,
        async |old: Option<&evidence::Model>| {
            let kind = kind_of(old)?;
            let old = old.ok_or_else(Error::not_found)?;
            let (value, document) = (old.value.clone(), old.document.clone());
            Ok(Some(NewEvidence {
                kind,
                value,
                from: old.from_date,
                to: Some(to),
                document,
            }))
        },
    )
    .await
}

/// Takes back a fact that never held; it stays readable as what was once believed.
pub async fn retract_evidence(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    evidence_id: Uuid,
    expected_version: i64,
) -> Result<PersonView, Error> {
    let step = Step {
        action: "evidence.retract",
        change: EvidenceChange::Correction,
        replaces: Some(evidence_id),
    };
    amend_evidence(
        app,
        actor,
        (person_id, expected_version),
        step,
        async |_: Option<&evidence::Model>| Ok(None),
    )
    .await
}

struct Step {
    action: &'static str,
    change: EvidenceChange,
    replaces: Option<Uuid>,
}

/// One amendment: supersede, insert, check against everything that stands, close.
async fn amend_evidence(
    app: &App,
    actor: &Actor,
    (person_id, expected_version): (Uuid, i64),
    step: Step,
    new: impl AsyncFn(Option<&evidence::Model>) -> Result<Option<NewEvidence>, Error>,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let now = app.clock.now();
    app.db
        .write(async |txn| {
            let person = amend::open(txn, &scope, person_id, expected_version).await?;
            let mut standing = standing(txn, person_id).await?;
            let old = match step.replaces {
                None => None,
                Some(id) => {
                    let position = standing.iter().position(|row| row.id == id).ok_or_else(Error::not_found)?;
                    Some(standing.remove(position))
                }
            };
            let new = new(old.as_ref()).await?;
            if let Some(old) = &old {
                supersede(txn, old.id, now).await?;
            }
            let mut detail = json!({
                "kind": old.as_ref().map(|old| old.kind.clone()).or_else(|| new.as_ref().map(|new| new.kind.code().to_owned())),
                "change": step.change,
                "replaces": step.replaces,
            });
            if let Some(new) = new {
                let row = checked_row(app, person_id, &standing, &new, step.change)?;
                detail["evidence"] = json!(row.id);
                detail["from"] = json!(row.from_date);
                detail["to"] = json!(row.to_date);
                txn.insert_all::<evidence::Entity>(vec![row]).await?;
            }
            let row = amend::close(app, txn, actor, person, Touches::Right, (step.action, detail)).await?;
            read::view(txn.conn(), row).await
        })
        .await
}

/// The row of a new fact, unless it is faulty in itself or against what stands.
fn checked_row(
    app: &App,
    person_id: Uuid,
    standing: &[evidence::Model],
    new: &NewEvidence,
    change: EvidenceChange,
) -> Result<evidence::Model, Error> {
    let mut faults = Vec::new();
    let fact = check::fact(new, "", &mut faults);
    if let Some(fact) = fact {
        let mut facts = Vec::with_capacity(standing.len() + 1);
        for row in standing {
            facts.push((String::new(), stored(row)?));
        }
        let mut clashes: Vec<FieldError> = Vec::new();
        facts.push(("/from".to_owned(), fact));
        check::contradictions(&facts, &mut clashes);
        // Old contradictions are not this change's fault.
        faults.extend(clashes.into_iter().filter(|fault| fault.pointer == "/from"));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    Ok(evidence::Model {
        id: app.ids.next(),
        person_id,
        kind: new.kind.code().to_owned(),
        value: new.value.clone(),
        from_date: new.from,
        to_date: new.to,
        change,
        document: new.document.clone(),
        recorded_at: app.clock.now(),
        superseded_at: None,
    })
}

async fn standing(txn: &Txn, person_id: Uuid) -> Result<Vec<evidence::Model>, Error> {
    let rows = evidence::Entity::find()
        .filter(evidence::Column::PersonId.eq(person_id))
        .filter(evidence::Column::SupersededAt.is_null())
        .order_by_asc(evidence::Column::Id)
        .all(txn.conn())
        .await?;
    Ok(rows)
}

async fn supersede(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    evidence::Entity::update_many()
        .col_expr(evidence::Column::SupersededAt, Expr::value(now))
        .filter(evidence::Column::Id.eq(id))
        .exec(txn.conn())
        .await?;
    Ok(())
}

fn kind_of(row: Option<&evidence::Model>) -> Result<EvidenceKind, Error> {
    let row = row.ok_or_else(Error::not_found)?;
    let kind = EvidenceKind::ALL.iter().copied().find(|kind| kind.code() == row.kind);
    kind.ok_or_else(|| Error::internal(format!("unknown evidence kind {}", row.kind)))
}

fn stored(row: &evidence::Model) -> Result<Evidence, Error> {
    let kind = kind_of(Some(row))?;
    let value = super::value::read(kind, &row.value)
        .ok_or_else(|| Error::internal(format!("unreadable evidence {}", row.id)))?;
    Ok(Evidence {
        kind,
        value,
        from: row.from_date,
        to: row.to_date,
    })
}

/// Everything ever recorded about a person's facts, oldest record first, for one who may read the person.
pub async fn evidence_history(app: &App, actor: &Actor, person_id: Uuid) -> Result<Vec<super::EvidenceRecord>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let person: person::Model = amend::find(app.db.read(), &scope, person_id).await?;
    let rows = evidence::Entity::find()
        .filter(evidence::Column::PersonId.eq(person.id))
        .order_by_asc(evidence::Column::RecordedAt)
        .order_by_asc(evidence::Column::Id)
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().map(super::EvidenceRecord::from).collect())
}
