//! The resolution of 23/9/2024: from waiting draft to release N+1.

use std::path::Path;

use chrono::NaiveDate;
use service::law::{self, SignInstrument};
use service::{App, Code, Error, Role};

use crate::play::files;
use crate::play::office::Office;
use crate::play::wait;

/// Takes the draft of the resolution issued on a day through check, simulation, submission, approval and publication.
pub(crate) async fn publish(app: &App, office: &Office, day: NaiveDate, out: &Path) -> Result<(), Error> {
    let (preparer, approver, releaser) = (
        office.of(Role::Preparer)?,
        office.of(Role::Approver)?,
        office.of(Role::Releaser)?,
    );
    loop {
        let instruments = law::list(app, preparer).await?;
        let draft = instruments
            .into_iter()
            .find(|own| own.issued_on == day && own.issuer.code() == "provincial");
        let draft = draft.ok_or_else(|| Error::internal("the resolution of the day is not among the drafts"))?;
        match draft.status.code().as_str() {
            "draft" => {
                let findings = law::check(app, preparer, draft.id).await?;
                if let Some(fault) = findings.iter().find(|finding| finding.severity == "error") {
                    return Err(Error::internal(format!("{}: {}", fault.pointer, fault.message.en)));
                }
            }
            "checked" => {
                law::simulate(app, preparer, draft.id, None).await?;
                wait::until_idle(app).await?;
            }
            "simulated" => {
                files::put(
                    out,
                    "simulation.xlsx",
                    &law::workbook(app, preparer, draft.id, None).await?,
                )?;
                let read = SignInstrument {
                    simulation: law::simulation(app, preparer, draft.id, None).await?.summary.id,
                };
                law::submit(app, preparer, draft.id, draft.version, Some(read)).await?;
            }
            "submitted" => {
                let read = SignInstrument {
                    simulation: law::simulation(app, approver, draft.id, None).await?.summary.id,
                };
                let approved = match law::approve(app, approver, draft.id, draft.version, read).await {
                    Ok(approved) => approved,
                    // Signed before an interruption.
                    Err(error) if error.code == service::ProblemCode::SamePerson => draft,
                    Err(error) => return Err(error),
                };
                law::publish(app, releaser, approved.id, approved.version, read).await?;
            }
            "published" => {
                let release = draft.release.unwrap_or(0);
                wait::for_run(
                    app,
                    &format!("reassessment:release:{release}"),
                    "Tính lại theo nghị quyết",
                )
                .await?;
                return wait::until_idle(app).await;
            }
            other => return Err(Error::internal(format!("the resolution is {other}"))),
        }
    }
}
