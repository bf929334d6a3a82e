//! Runs, orders, files and answers.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Act, LineStatus, OrderStatus, PayRunKind, PayRunStatus};
use entity::{
    approval_act, audit_event, bank_report, overpayment_deduction, pay_run, pay_run_maker, payment_file, payment_line,
    payment_order,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::pay_run::{SIGNED, approved, digest};
use crate::payment_order::set_apart;
use crate::verify::Check;

async fn signed_runs(app: &App) -> Result<Vec<pay_run::Model>, Error> {
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in(SIGNED))
        .order_by_asc(pay_run::Column::Id)
        .all(app.db.read())
        .await?;
    Ok(runs)
}

/// The lines of a signed run still have the digest that was signed, and its totals.
pub(super) async fn runs_are_what_was_signed(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("pay runs: lines are those that were signed");
    for run in signed_runs(app).await? {
        let lines = digest::signed_lines(app.db.read(), run.id).await?;
        let total: i64 = lines.iter().map(|signed| signed.line.amount).sum();
        let digest = digest::digest(&lines)?;
        check.look(run.digest.as_ref() == Some(&digest), || {
            format!("run {}: lines were altered", run.id)
        });
        check.look(total == run.total, || {
            format!("run {}: lines of {total} against a total of {}", run.id, run.total)
        });
        let deducted: i64 = lines.iter().map(digest::SignedLine::deducted).sum();
        check.look(deducted == run.deducted, || {
            format!("run {}: {deducted} kept back against {}", run.id, run.deducted)
        });
        check.look(i64::try_from(lines.len()) == Ok(run.line_count), || {
            format!("run {}: {} lines", run.id, lines.len())
        });
    }
    Ok(check)
}

/// The orders and files of an approved run are those that its last approval bound to. Runs approved before approval bound
/// to them are left out; relief is approved, released and ordered in one step.
pub(super) async fn orders_are_what_was_approved(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("pay runs: orders and files are those that were approved");
    for run in signed_runs(app).await? {
        if run.status == PayRunStatus::Submitted || run.kind == PayRunKind::Relief {
            continue;
        }
        let kept = approved::kept(app.db.read(), &run).await?;
        let told = told_at_approval(app, &run).await?;
        if kept.is_none() && told.is_none() {
            continue;
        }
        let stands = approved::as_it_stands(app, &run).await?;
        check.look(kept.is_some() && kept == told && kept == stands, || {
            format!("run {}: orders or files were altered after the approval", run.id)
        });
    }
    Ok(check)
}

/// The seal that the audit trail has of a run's last approval.
async fn told_at_approval(app: &App, run: &pay_run::Model) -> Result<Option<String>, Error> {
    let last = audit_event::Entity::find()
        .filter(audit_event::Column::Subject.eq(crate::pay_run::subject(run.id)))
        .filter(audit_event::Column::Action.eq("pay_run.approve"))
        .order_by_desc(audit_event::Column::Seq)
        .one(app.db.read())
        .await?;
    let told = last.and_then(|event| {
        event
            .detail
            .get("orders")
            .and_then(|own| own.as_str().map(str::to_owned))
    });
    Ok(told)
}

/// Makers, checkers and releaser of a run are different people who signed the same digest, as many as its amount asks for.
pub(super) async fn three_people(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("pay runs: made, approved and released by different people");
    for run in signed_runs(app).await? {
        let acts = approval_act::Entity::find()
            .filter(approval_act::Column::Subject.eq(crate::pay_run::subject(run.id)))
            .filter(approval_act::Column::Revision.eq(run.revision))
            .all(app.db.read())
            .await?;
        let wanted = match run.status {
            PayRunStatus::Submitted => 1,
            PayRunStatus::Approved => 2,
            _ => 3,
        };
        let checked: fn(Act) -> bool = |act| matches!(act, Act::Approve | Act::Check);
        let steps: [fn(Act) -> bool; 3] = [|act| act == Act::Make, checked, |act| act == Act::Release];
        let complete = steps
            .iter()
            .take(wanted)
            .all(|step| acts.iter().any(|own| step(own.act)));
        check.look(complete, || format!("run {}: a signature is missing", run.id));
        let approved = acts.iter().filter(|own| checked(own.act)).count();
        let enough = wanted < 2 || i32::try_from(approved).is_ok_and(|approved| approved >= run.approvals);
        check.look(enough, || {
            format!("run {}: {approved} approvals of {}", run.id, run.approvals)
        });
        let mut people: Vec<Uuid> = acts.iter().map(|act| act.user_id).collect();
        people.sort_unstable();
        people.dedup();
        check.look(people.len() == acts.len(), || {
            format!("run {}: one person signed twice", run.id)
        });
        let makers = pay_run_maker::Entity::find()
            .filter(pay_run_maker::Column::PayRunId.eq(run.id))
            .all(app.db.read())
            .await?;
        let mut others = acts.iter().filter(|own| own.act != Act::Make);
        let made = |own: &approval_act::Model| makers.iter().any(|maker| maker.user_id == own.user_id);
        check.look(!others.any(made), || {
            format!("run {}: one of its makers approved or released it", run.id)
        });
        let same = acts.iter().all(|act| Some(&act.digest) == run.digest.as_ref());
        check.look(same, || format!("run {}: signatures on another content", run.id));
    }
    Ok(check)
}

/// Each order pays exactly its lines, less what is kept back of them.
pub(super) async fn orders_are_the_sum_of_their_lines(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("orders: every order is the sum of its lines less what is kept back");
    let lines: Vec<(Option<Uuid>, i64, LineStatus)> = payment_line::Entity::find()
        .select_only()
        .columns([
            payment_line::Column::OrderId,
            payment_line::Column::Amount,
            payment_line::Column::Status,
        ])
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut sums: BTreeMap<Uuid, (i64, i32)> = BTreeMap::new();
    let came_back: BTreeSet<Uuid> = payment_order::Entity::find()
        .select_only()
        .column(payment_order::Column::Id)
        .filter(set_apart(&[OrderStatus::Rejected, OrderStatus::Returned]))
        .into_tuple()
        .all(app.db.read())
        .await?
        .into_iter()
        .collect();
    for (order, amount, status) in lines {
        let counts = |order| status != LineStatus::Cancelled || came_back.contains(&order);
        if let Some(order) = order.filter(|order| counts(*order)) {
            let sum = sums.entry(order).or_insert((0, 0));
            sum.0 += amount;
            sum.1 += 1;
        }
    }
    for row in overpayment_deduction::Entity::find().all(app.db.read()).await? {
        sums.entry(row.order_id).or_insert((0, 0)).0 -= row.amount;
    }
    let orders: Vec<(Uuid, String, i64, i32)> = payment_order::Entity::find()
        .select_only()
        .columns([
            payment_order::Column::Id,
            payment_order::Column::Reference,
            payment_order::Column::Amount,
            payment_order::Column::LineCount,
        ])
        .into_tuple()
        .all(app.db.read())
        .await?;
    for (id, reference, amount, line_count) in orders {
        let sum = sums.get(&id).copied().unwrap_or((0, 0));
        check.look(sum == (amount, line_count), || {
            format!("order {reference}: {amount} against lines of {}", sum.0)
        });
    }
    Ok(check)
}

/// Each file is kept as it was sent. What our own writers write is also written again: it says what the orders say.
/// Workbooks and papers are not, since a newer library may write the same in other bytes.
pub(super) async fn files_are_what_was_sent(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("files: each is kept as it was sent, and says what its orders say");
    let files = payment_file::Entity::find()
        .order_by_asc(payment_file::Column::Id)
        .all(app.db.read())
        .await?;
    for file in files.into_iter().filter(|file| file.sha256.is_some()) {
        let kept = match crate::payment_file::bytes(app, &file).await {
            Ok(bytes) => Some(bytes),
            Err(error) if error.code == ProblemCode::ContentChanged => None,
            Err(error) => return Err(error),
        };
        let own = file.name.ends_with(".xml") || file.name.ends_with(".csv");
        let same = match &kept {
            Some(bytes) if own => match crate::payment_file::render(app, &file).await {
                Ok(again) => again == *bytes,
                Err(error) if error.code == ProblemCode::ContentChanged => false,
                Err(error) => return Err(error),
            },
            kept => kept.is_some(),
        };
        check.look(same, || format!("file {} was altered", file.name));
    }
    Ok(check)
}

/// Each bank answer is kept as it came.
pub(super) async fn answers_are_what_was_received(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("bank reports: kept as they came");
    for report in bank_report::Entity::find().all(app.db.read()).await? {
        let received = crate::bank_report::received(report.content);
        let same = received.is_ok_and(|bytes| hex::encode(Sha256::digest(&bytes)) == report.sha256);
        check.look(same, || format!("report {} was altered", report.file_name));
    }
    Ok(check)
}
