//! Checking a draft against the law in force.

use domain::case_file::Language;
use domain::law::{self, Finding, Severity};
use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, FieldError, Text};

/// One thing found in an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingView {
    /// The instrument it is found in: the draft, or one already published that the draft puts in the wrong.
    #[schema(example = "NQ 08/2022/NQ-HĐND")]
    pub instrument: String,
    /// JSON Pointer to the clause.
    pub pointer: String,
    /// `error` forbids publication, `warning` is for the approver.
    pub severity: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: Text,
}

/// A finding as the place of a fault.
pub(super) fn field(finding: &Finding) -> FieldError {
    FieldError::new(
        finding.pointer.clone(),
        finding.code.code(),
        finding.message(Language::Vietnamese),
        finding.message(Language::English),
    )
}

/// What a draft would be found at fault with, on top of the newest release.
pub(super) async fn findings(app: &App, row: &instrument::Model) -> Result<Vec<Finding>, Error> {
    let number = super::latest(app).await?;
    let standing = super::release::published(app.db.read(), number).await?;
    let (instruments, place) = super::release::with_draft(app.db.read(), number, row).await?;
    let own = super::release::body(row)?;
    let mut findings = law::check_in(&standing, &instruments, place);
    findings.extend(super::since::changed(app.db.read(), row).await?);
    for other in open_drafts(app, row.id).await? {
        findings.extend(law::clashes(&own, &super::release::body(&other)?));
    }
    Ok(findings)
}

/// The other drafts that wait for their publication.
async fn open_drafts(app: &App, but: Uuid) -> Result<Vec<instrument::Model>, Error> {
    let closed = [InstrumentStatus::Published, InstrumentStatus::Withdrawn];
    let rows = instrument::Entity::find()
        .filter(instrument::Column::Status.is_not_in(closed))
        .filter(instrument::Column::Id.ne(but))
        .order_by_asc(instrument::Column::Number)
        .all(app.db.read())
        .await?;
    Ok(rows)
}

/// Checks a draft: types, unknown words, gaps and overlaps in brackets and dates, contradictions, benefits nobody can
/// reach, rules without cases, the cases of all, other open drafts, and what was published since it was written. Without
/// an error it is `checked`.
pub async fn check(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<FindingView>, Error> {
    actor.require_province(Permission::LawDraft)?;
    let row = super::find(app.db.read(), id).await?;
    super::since::refuse_stale(app.db.read(), &row).await?;
    let findings = findings(app, &row).await?;
    let clean = !findings.iter().any(|finding| finding.severity == Severity::Error);
    if clean && row.status == InstrumentStatus::Draft {
        app.db
            .write(async |txn| {
                let row = super::for_update(txn, id).await?;
                if row.status == InstrumentStatus::Draft {
                    let detail = json!({"revision": row.revision, "findings": findings.len()});
                    txn.audit(Event::new(
                        app.clock.now(),
                        actor,
                        "instrument.check",
                        super::subject(id),
                        detail,
                    ));
                    let changed = instrument::Model {
                        status: InstrumentStatus::Checked,
                        version: row.version + 1,
                        ..row
                    };
                    changed.into_active_model().reset_all().update(txn.conn()).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(findings.iter().map(told).collect())
}

/// What a draft is found at fault with now, for whoever may read law: the warnings are for the approver. What is
/// published or withdrawn is checked no more; what its signers read stands in its simulation.
pub async fn list_findings(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<FindingView>, Error> {
    actor.require(Permission::LawRead)?;
    let row = super::find(app.db.read(), id).await?;
    if matches!(row.status, InstrumentStatus::Published | InstrumentStatus::Withdrawn) {
        return Ok(Vec::new());
    }
    Ok(findings(app, &row).await?.iter().map(told).collect())
}

/// A finding as it is read.
pub(super) fn told(finding: &Finding) -> FindingView {
    let field = field(finding);
    FindingView {
        instrument: finding.instrument.clone(),
        pointer: field.pointer,
        severity: if finding.severity == Severity::Error {
            "error"
        } else {
            "warning"
        }
        .to_owned(),
        code: field.code,
        message: field.message,
    }
}
