//! Approval by a second person, or by as many as the amount asks for: it binds to the digest of the lines and to the orders
//! and files, which stand from then on, and commits the money.

use entity::enums::{Act, PayRunStatus};
use entity::pay_run;
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account};
use crate::pay_run::sealed::{self, Sums};
use crate::pay_run::submit::{moves, save};
use crate::pay_run::view::{PayRunView, view};
use crate::pay_run::{approved, maker, prepared, tier};
use crate::payment_order::hash::{self, Hashes, Moment};
use crate::{approval, overpayment, pay_calendar, payment_order, reassessment};

/// Approves a submitted run. One line changed since submission voids it. Where its amount asks for several people, it
/// stays submitted until the last of them has approved.
pub async fn approve(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunApprove)?;
    let approver = actor.person()?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Submitted)?;
            tier::require_role(txn.conn(), actor, &run).await?;
            maker::require_other(app, txn, id, approver).await?;
            reassessment::require_finished(txn.conn()).await?;
            overpayment::deduction::require_standing(txn, id).await?;
            // The run is locked, and nothing of it is changed yet.
            let beside = app.db.beside();
            let (signed, orders) = futures::join!(
                sealed::as_signed(&beside, &run),
                hash::hashes(&beside, (run.id, run.line_count), Moment::Waiting)
            );
            let (sums, digest) = approved::noted(app, txn, (actor, "approve"), &run, signed)?;
            let subject = super::subject(id);
            approval::sign(app, txn, &subject, run.revision, Act::Approve, approver, &digest).await?;
            let given = approval::given(txn.conn(), &subject, run.revision).await?;
            let run = pay_run::Model {
                version: run.version + 1,
                ..run
            };
            // The last approval binds to the orders and files as well.
            let (run, orders) = if given < run.approvals {
                (save(txn, run).await?, None)
            } else {
                let (run, orders) = commit(app, txn, run, (&sums, orders?)).await?;
                (run, Some(orders))
            };
            let detail = json!({"digest": digest, "total": run.total, "deducted": run.deducted,
                "approval": given, "of": run.approvals, "orders": orders});
            txn.audit(Event::new(app.clock.now(), actor, "pay_run.approve", subject, detail));
            Ok(run)
        })
        .await?;
    view(app, &run).await
}

/// After the last approval: the money is committed, orders and files stand, under the seal that is given.
async fn commit(
    app: &App,
    txn: &Txn,
    run: pay_run::Model,
    (sums, orders): (&Sums, Hashes),
) -> Result<(pay_run::Model, String), Error> {
    let batch = format!("pay_run:{}:approve:{}", run.id.simple(), run.revision);
    let committed = moves(sums, Account::Reserved, Account::Committed);
    fund::post(app, txn, super::fund_code(&run), &batch, &committed).await?;
    let at = app.clock.now();
    let calendar = pay_calendar::load(txn.conn()).await?;
    let run = pay_run::Model {
        status: PayRunStatus::Approved,
        approved_at: Some(at),
        execution_date: Some(calendar.execution_date(run.pay_date, at)),
        ..run
    };
    let (files, seal) = prepared::take(app, txn, &run, (sums, orders)).await?;
    txn.insert_all::<entity::payment_file::Entity>(files).await?;
    payment_order::bulk::begin(app, txn, &run).await?;
    Ok((save(txn, run).await?, seal))
}
