//! Checking a draft against the law in force.

use domain::case_file::Language;
use domain::law::{Finding, Release, Severity};
use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, FieldError, Text};

/// One thing found in an instrument.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FindingView {
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
    let mut instruments = super::release::published(app.db.read(), number).await?;
    instruments.push(super::release::body(row)?);
    let next = u32::try_from(number + 1).map_err(Error::internal)?;
    Ok(Release::compile(next, &instruments).err().unwrap_or_default())
}

/// Checks a draft: types, unknown words, gaps in brackets, holes in dates, contradictions. Without an error it is
/// `checked`.
pub async fn check(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<FindingView>, Error> {
    actor.require_province(Permission::LawDraft)?;
    let row = super::find(app.db.read(), id).await?;
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
    let views = findings.iter().map(|finding| {
        let field = field(finding);
        FindingView {
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
    });
    Ok(views.collect())
}
