//! Approval by a second person: it binds to the digest, commits the money and makes the orders and files.

use entity::enums::{Act, PayRunStatus};
use entity::pay_run;
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::error::Error;
use crate::fund::{self, Account};
use crate::pay_run::digest;
use crate::pay_run::submit::{moves, save};
use crate::pay_run::view::{PayRunView, view};
use crate::{overpayment, payment_file, payment_order, reassessment};

/// Approves a submitted run. One line changed since submission voids it.
pub async fn approve(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunApprove)?;
    let approver = actor.person()?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Submitted)?;
            reassessment::require_finished(txn.conn()).await?;
            overpayment::deduction::require_standing(txn, id).await?;
            let (lines, digest) = digest::as_signed(txn.conn(), &run).await?;
            approval::sign(
                app,
                txn,
                &super::subject(id),
                run.revision,
                Act::Approve,
                approver,
                &digest,
            )
            .await?;
            let batch = format!("pay_run:{}:approve:{}", id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&lines, Account::Reserved, Account::Committed),
            )
            .await?;
            let at = app.clock.now();
            let run = pay_run::Model {
                status: PayRunStatus::Approved,
                approved_at: Some(at),
                version: run.version + 1,
                ..run
            };
            let orders = payment_order::bulk::orders(app, &run, &lines);
            let (files, mut orders) = payment_file::plan(app, txn, &run, &lines, orders).await?;
            payment_order::bulk::link_reissues(txn, id, &mut orders).await?;
            payment_order::bulk::insert(app, txn, &run, orders).await?;
            txn.insert_all::<entity::payment_file::Entity>(files).await?;
            let detail = json!({"digest": digest, "total": run.total, "deducted": run.deducted});
            txn.audit(Event::new(at, actor, "pay_run.approve", super::subject(id), detail));
            save(txn, run).await
        })
        .await?;
    view(app, &run).await
}

/// Rejects a submitted run with a reason: the money is free again and a new run for the month may be opened.
pub async fn reject(app: &App, actor: &Actor, id: Uuid, version: i64, reason: &str) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunApprove)?;
    actor.person()?;
    let run = app
        .db
        .write(async |txn| {
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Submitted)?;
            let lines = digest::signed_lines(txn.conn(), id).await?;
            let batch = format!("pay_run:{}:reject:{}", id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&lines, Account::Reserved, Account::Available),
            )
            .await?;
            super::build::clear(txn, id).await?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "pay_run.reject",
                super::subject(id),
                json!({"reason": reason}),
            ));
            save(
                txn,
                pay_run::Model {
                    status: PayRunStatus::Rejected,
                    version: run.version + 1,
                    ..run
                },
            )
            .await
        })
        .await?;
    view(app, &run).await
}
