//! A change below a run that has not left the house voids it: it goes back to draft, says why, and must be built again.
//!
//! A change of somebody's right voids all of them: each was built on what was determined. Anything else voids the runs
//! that it is about, and no other: what people have signed stands while every line of it does. A line that no longer
//! holds is never taken out of a run, since what was signed is all of its lines: the run goes back to its maker.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Build, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{held_payment, pay_run, payment_line, payment_order};
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account};
use crate::overpayment;
use crate::pay_run::because::Because;
use crate::pay_run::digest;
use crate::pay_run::sealed::Sums;
use crate::pay_run::submit::{moves, save};

/// Voids every run of determinations that is built but not released, whatever was signed on it.
pub async fn void_unreleased(app: &App, txn: &Txn) -> Result<(), Error> {
    void(app, txn, Because::Reassessment, lock_unreleased(txn).await?).await
}

/// Voids the unreleased runs that keep back for an overpayment case, but for those in which it still holds: what the
/// others were built on has changed. Whoever changes a case has locked the runs that there were ([`lock_unreleased`]). One
/// that was made since and that somebody has in hand is not waited for with a case in hand: it keeps back for the case as it
/// was, and no step of it is taken (`overpayment::deduction::require_standing`).
pub(crate) async fn void_deducting(app: &App, txn: &Txn, case: Uuid, but: &BTreeSet<Uuid>) -> Result<(), Error> {
    let mut drafting = overpayment::deduction::runs_drafting(txn, case).await?;
    drafting.retain(|run| !but.contains(run));
    if drafting.is_empty() {
        return Ok(());
    }
    let runs = pay_run::Entity::find()
        .filter(unreleased(&DETERMINED))
        .filter(pay_run::Column::Id.is_in(drafting))
        .order_by_asc(pay_run::Column::Id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(txn.conn())
        .await?;
    void(app, txn, Because::OverpaymentCase(case), runs).await
}

/// What waits of some rights as arrears: by entitlement, component and month, the determination it rests on and đồng.
pub(crate) type Owed = BTreeMap<(Uuid, String, i32), (Uuid, i64)>;

/// Voids the unreleased runs that would pay something else than what is owed, where it is owed otherwise than before:
/// those that make up for a month of which another amount is left by now, or nothing; and those whose own month it is,
/// where they pay another amount. One that pays exactly what is owed stands, whoever has signed it, and so does one that
/// lacks what has come to be owed: a later run makes up for that.
pub(crate) async fn void_paying_otherwise(app: &App, txn: &Txn, before: &Owed, after: &Owed) -> Result<(), Error> {
    let runs = lock_unreleased(txn).await?;
    let all: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed: BTreeSet<_> = all
        .into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .collect();
    if runs.is_empty() || changed.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = runs.iter().map(|run| run.id).collect();
    let rights: BTreeSet<Uuid> = changed.iter().map(|(entitlement, ..)| *entitlement).collect();
    let rights: Vec<Uuid> = rights.into_iter().collect();
    let mut concerned: BTreeSet<Uuid> = BTreeSet::new();
    for chunk in rights.chunks(5_000) {
        let lines = payment_line::Entity::find()
            .filter(payment_line::Column::PayRunId.is_in(ids.iter().copied()))
            .filter(payment_line::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(payment_line::Column::Status.eq(LineStatus::Draft))
            .all(txn.conn())
            .await?;
        for line in lines {
            let key = (line.entitlement_id, line.component.clone(), line.cover_month);
            if changed.contains(&&key) && !pays_what_is_owed(&line, after.get(&key)) {
                concerned.insert(line.pay_run_id);
            }
        }
    }
    // A run that is being built may have read what waited before, and stores it later.
    let read = changed.iter().any(|key| before.contains_key(*key));
    let mut runs = runs;
    runs.retain(|run| concerned.contains(&run.id) || (read && run.build == Build::Running));
    void(app, txn, Because::OwedOtherwise, runs).await
}

/// Does a line pay what is owed of its month, no less and no more?
fn pays_what_is_owed(line: &payment_line::Model, owed: Option<&(Uuid, i64)>) -> bool {
    let same = owed.is_some_and(|(_, amount)| *amount == line.amount);
    match line.kind {
        LineKind::Regular => same,
        LineKind::Arrears | LineKind::OneOff => same && owed.map(|(id, _)| *id) == line.determination_id,
        // What came back is owed by the line it came back from.
        LineKind::Reissue | LineKind::Relief => true,
    }
}

/// Voids the unreleased runs that have a line for one of these people, or may have one: they may no longer be paid as it
/// was built. The fund of the code `also`, to which the caller posts next, is locked together with theirs, even where no
/// run is concerned.
pub(crate) async fn void_paying(
    app: &App,
    txn: &Txn,
    because: Because<'_>,
    people: &[Uuid],
    also: Option<&str>,
) -> Result<(), Error> {
    let mut concerned = Vec::new();
    for run in lock(txn, &PAYING).await? {
        // A run that is being built may have read what was true before, and stores it later.
        if run.build == Build::Running || pays(txn, run.id, people, None).await? {
            concerned.push(run);
        }
    }
    void_and(app, txn, because, concerned, also).await
}

/// Voids the unreleased runs that pay returned lines of these files, or of these orders, again, or may do so.
pub(crate) async fn void_reissuing(
    app: &App,
    txn: &Txn,
    (files, orders_too): (&BTreeSet<Uuid>, &BTreeSet<Uuid>),
) -> Result<(), Error> {
    if files.is_empty() && orders_too.is_empty() {
        return Ok(());
    }
    let orders = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(
            Condition::any()
                .add(payment_order::Column::FileId.is_in(files.iter().copied()))
                .add(payment_order::Column::Id.is_in(orders_too.iter().copied())),
        )
        .to_owned();
    let people: Vec<Uuid> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::PersonId)
        .distinct()
        .filter(payment_line::Column::Status.eq(LineStatus::Returned))
        .filter(payment_line::Column::OrderId.in_subquery(orders))
        .into_tuple()
        .all(txn.conn())
        .await?;
    if people.is_empty() {
        return Ok(());
    }
    let mut concerned = Vec::new();
    for run in lock(txn, &PAYING).await? {
        if run.build == Build::Running || pays(txn, run.id, &people, Some(LineKind::Reissue)).await? {
            concerned.push(run);
        }
    }
    void(app, txn, Because::BankDebit, concerned).await
}

/// Voids the drafts that pay these people or hold what they are owed: what that rests on has changed. A run that was
/// submitted stays: what it holds is paid by a later one.
pub(crate) async fn void_drafts_of(app: &App, txn: &Txn, because: Because<'_>, people: &[Uuid]) -> Result<(), Error> {
    let mut drafts = lock(txn, &PAYING).await?;
    drafts.retain(|run| run.status == PayRunStatus::Draft);
    let mut concerned = Vec::new();
    for run in drafts {
        // Of a run that is being built nobody knows yet whom it has.
        if run.build == Build::Running || pays(txn, run.id, people, None).await? || holds(txn, run.id, people).await? {
            concerned.push(run);
        }
    }
    void(app, txn, because, concerned).await
}

async fn pays(txn: &Txn, run: Uuid, people: &[Uuid], kind: Option<LineKind>) -> Result<bool, Error> {
    for chunk in people.chunks(5_000) {
        let lines = payment_line::Entity::find()
            .filter(payment_line::Column::PayRunId.eq(run))
            .filter(payment_line::Column::PersonId.is_in(chunk.iter().copied()))
            .apply_if(kind, |query, kind| query.filter(payment_line::Column::Kind.eq(kind)))
            .count(txn.conn())
            .await?;
        if lines > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn holds(txn: &Txn, run: Uuid, people: &[Uuid]) -> Result<bool, Error> {
    for chunk in people.chunks(5_000) {
        let held = held_payment::Entity::find()
            .filter(held_payment::Column::PayRunId.eq(run))
            .filter(held_payment::Column::PersonId.is_in(chunk.iter().copied()))
            .count(txn.conn())
            .await?;
        if held > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Kinds of runs that are built from what is determined.
const DETERMINED: [PayRunKind; 2] = [PayRunKind::Regular, PayRunKind::ArrearsOnly];

/// Kinds of runs that pay people whom a finding may be about; relief is never a draft.
pub(super) const PAYING: [PayRunKind; 3] = [PayRunKind::Regular, PayRunKind::ArrearsOnly, PayRunKind::Reissue];

/// States of a run before its release.
pub(super) const OPEN: [PayRunStatus; 3] = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];

/// The runs of what is determined that are not released, locked in the order of their ids, before any case of an overpayment is.
pub(crate) async fn lock_unreleased(txn: &Txn) -> Result<Vec<pay_run::Model>, Error> {
    lock(txn, &DETERMINED).await
}

/// The same, and in its place among them a run of any kind: one that is about to be released.
pub(crate) async fn lock_unreleased_and(txn: &Txn, id: Uuid) -> Result<(), Error> {
    let own = Condition::any()
        .add(pay_run::Column::Id.eq(id))
        .add(unreleased(&DETERMINED));
    super::locked_where(txn, own).await?;
    Ok(())
}

/// Locks the runs that [`void_paying`] and [`void_reissuing`] may send back to draft: before lines and funds.
pub(crate) async fn lock_paying(txn: &Txn) -> Result<(), Error> {
    lock(txn, &PAYING).await?;
    Ok(())
}

pub(super) async fn lock(txn: &Txn, kinds: &[PayRunKind]) -> Result<Vec<pay_run::Model>, Error> {
    super::locked_where(txn, unreleased(kinds)).await
}

fn unreleased(kinds: &[PayRunKind]) -> Condition {
    Condition::all()
        .add(pay_run::Column::Kind.is_in(kinds.iter().copied()))
        .add(pay_run::Column::Status.is_in(OPEN))
}

/// Voids these runs, which are locked.
pub(super) async fn void(app: &App, txn: &Txn, because: Because<'_>, runs: Vec<pay_run::Model>) -> Result<(), Error> {
    void_and(app, txn, because, runs, None).await
}

/// Voids runs that are locked. All funds are locked at once, with the one of the code `also`.
async fn void_and(
    app: &App,
    txn: &Txn,
    because: Because<'_>,
    runs: Vec<pay_run::Model>,
    also: Option<&str>,
) -> Result<(), Error> {
    let mut built = runs;
    built.retain(|run| run.build != Build::Pending);
    let held = |run: &&pay_run::Model| matches!(run.status, PayRunStatus::Submitted | PayRunStatus::Approved);
    let codes = built.iter().filter(held).map(super::fund_code).chain(also);
    fund::lock(txn, &codes.collect()).await?;
    for run in built {
        let held_in = match run.status {
            PayRunStatus::Submitted => Some(Account::Reserved),
            PayRunStatus::Approved => Some(Account::Committed),
            _ => None,
        };
        if let Some(account) = held_in {
            let lines = digest::signed_lines(txn.conn(), run.id).await?;
            let batch = format!("pay_run:{}:void:{}", run.id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&Sums::of(&lines), account, Account::Available),
            )
            .await?;
            fund::give_back(txn, run.id).await?;
        }
        let mut detail = because.about();
        detail["status"] = json!(run.status);
        detail["revision"] = json!(run.revision);
        let system = Actor::system(because.code());
        txn.audit(Event::new(
            app.clock.now(),
            &system,
            "pay_run.void",
            super::subject(run.id),
            detail,
        ));
        let voided = pay_run::Model {
            status: PayRunStatus::Draft,
            build: Build::Pending,
            digest: None,
            submitted_at: None,
            approved_at: None,
            execution_date: None,
            rejected_reason: Some(because.told()),
            version: run.version + 1,
            ..run
        };
        let voided = save(txn, voided).await?;
        if held_in.is_some() {
            // Nothing of what was prepared or approved is asked for any more: no order, no planned file, no day of execution.
            super::build::clear_orders(txn, voided.id).await?;
        }
    }
    Ok(())
}
