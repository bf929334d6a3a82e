//! Sending a run back, and cancelling one that has not left the house.

use entity::enums::{Build, PayRunStatus};
use entity::pay_run;
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission, lacking};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::{self, Account};
use crate::job;
use crate::pay_run::digest;
use crate::pay_run::exclusion::check_reason;
use crate::pay_run::sealed::Sums;
use crate::pay_run::submit::{moves, save};
use crate::pay_run::turn::{self, PassedOver};
use crate::pay_run::view::{PayRunView, view};

/// Sends a submitted or approved run back to its maker with a reason: the money is free again, lines and exclusions are
/// untouched, and what was signed counts for nothing any more. The run loses its orders and planned files: they are made
/// again when it is submitted again. Whoever approves sends either back, whoever releases an approved one. The
/// maker mends it and submits it again under its next revision.
///
/// # Errors
/// `illegal-transition` for a draft, and for what has left the house; `stale` where somebody was faster, with a release too.
pub async fn reject(app: &App, actor: &Actor, id: Uuid, version: i64, reason: &str) -> Result<PayRunView, Error> {
    let approves = actor.require_province(Permission::PayRunApprove);
    let releases = actor.require_province(Permission::PayRunRelease);
    one_of(
        [Permission::PayRunApprove, Permission::PayRunRelease],
        [&approves, &releases],
    )?;
    actor.person()?;
    check_reason("/reason", reason)?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            if run.status == PayRunStatus::Approved {
                super::expect(&run, version, PayRunStatus::Approved)?;
            } else {
                approves.as_ref().map_err(Error::again)?;
                super::expect(&run, version, PayRunStatus::Submitted)?;
            }
            free(app, txn, &run, "reject").await?;
            let detail =
                json!({"reason": reason, "status": run.status, "revision": run.revision, "digest": run.digest});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_run.reject",
                super::subject(id),
                detail,
            ));
            let returned = pay_run::Model {
                status: PayRunStatus::Draft,
                revision: run.revision + 1,
                digest: None,
                submitted_at: None,
                approved_at: None,
                execution_date: None,
                rejected_reason: Some(reason.to_owned()),
                version: run.version + 1,
                ..run
            };
            // What was approved goes from a run that is a draft again, and from no other.
            let returned = save(txn, returned).await?;
            super::build::clear_orders(txn, id).await?;
            Ok(returned)
        })
        .await?;
    view(app, &run).await
}

/// Cancels a run that has not left the house: a draft by who makes runs, one that was submitted or approved by who
/// approves them. Its money is free again, its lines, orders and files are gone, and what they were is owed still.
pub async fn cancel(app: &App, actor: &Actor, id: Uuid, version: i64, reason: &str) -> Result<PayRunView, Error> {
    let makes = actor.require_province(Permission::PayRunMake);
    let approves = actor.require_province(Permission::PayRunApprove);
    one_of([Permission::PayRunMake, Permission::PayRunApprove], [&makes, &approves])?;
    actor.person()?;
    check_reason("/reason", reason)?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            may_cancel(&run, version)?;
            if run.status == PayRunStatus::Draft {
                makes.as_ref().map_err(Error::again)?;
            } else {
                approves.as_ref().map_err(Error::again)?;
                free(app, txn, &run, "cancel").await?;
            }
            if turn::is_late(txn.conn(), &run).await? {
                job::enqueue(txn, &PassedOver { pay_run: id }).await?;
            }
            let detail = json!({"reason": reason, "status": run.status, "revision": run.revision,
                "digest": run.digest, "lines": run.line_count, "total": run.total});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_run.cancel",
                super::subject(id),
                detail,
            ));
            let cancelled = pay_run::Model {
                status: PayRunStatus::Cancelled,
                rejected_reason: Some(reason.to_owned()),
                version: run.version + 1,
                ..run
            };
            let cancelled = save(txn, cancelled).await?;
            super::build::clear(txn, id).await?;
            Ok(cancelled)
        })
        .await?;
    view(app, &run).await
}

/// Refuses who may do neither.
fn one_of(needed: [Permission; 2], answers: [&Result<(), Error>; 2]) -> Result<(), Error> {
    if answers.iter().any(|answer| answer.is_ok()) {
        return Ok(());
    }
    // Too small a grant is told as such, not as a role that is missing.
    let mut refusals = answers.into_iter().filter_map(|answer| answer.as_ref().err());
    let small = refusals.find(|refusal| refusal.code != ProblemCode::Forbidden);
    Err(small.map_or_else(|| lacking(needed), Error::again))
}

fn may_cancel(run: &pay_run::Model, version: i64) -> Result<(), Error> {
    if run.build == Build::Running {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Đang lập danh sách",
            "the lines are being built",
        ));
    }
    let open = [PayRunStatus::Submitted, PayRunStatus::Approved];
    let status = open.into_iter().find(|status| *status == run.status);
    super::expect(run, version, status.unwrap_or(PayRunStatus::Draft))
}

/// Gives back what is held for a submitted or approved run.
async fn free(app: &App, txn: &Txn, run: &pay_run::Model, step: &str) -> Result<(), Error> {
    let held_in = match run.status {
        PayRunStatus::Submitted => Account::Reserved,
        PayRunStatus::Approved => Account::Committed,
        _ => return Ok(()),
    };
    let lines = digest::signed_lines(txn.conn(), run.id).await?;
    let batch = format!("pay_run:{}:{step}:{}", run.id.simple(), run.revision);
    let back = moves(&Sums::of(&lines), held_in, Account::Available);
    fund::post(app, txn, super::fund_code(run), &batch, &back).await?;
    fund::give_back(txn, run.id).await
}
