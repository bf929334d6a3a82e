//! The job: one report, read again and reconciled in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::bank_report::{Format, Report};
use domain::payment_order::State;
use entity::bank_report;
use entity::enums::{LineOutcome, ReportStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::Finding;
use crate::code::Code;
use crate::db::Txn;
use crate::error::Error;
use crate::job::{Job, JobContext, Queue};
use crate::overpayment;
use crate::overpayment::deduction::Answers;
use crate::pay_run;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::reading::says_deceased;
use crate::reconciliation::watch::Watched;
use crate::reconciliation::{
    batch_rows, by_bank, cash_list, difference, load, money, nameless, paid_back, recalls, settle, statement, store,
    whole_file, whole_file_rows,
};
use crate::registry_finding::{self, News};

/// Reconciles a report that was received.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReconcileReport {
    /// The report.
    pub report: Uuid,
}

impl Job for ReconcileReport {
    const KIND: &'static str = "reconcile_report";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("reconcile_report:{}", self.report.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let stored = bank_report::Entity::find_by_id(self.report)
            .one(app.db.read())
            .await?
            .ok_or_else(Error::not_found)?;
        // A report of before profiles were kept says nothing of whose it is.
        let bank = stored.bank.clone().filter(|_| stored.profile.is_some());
        let parsed = crate::bank_report::read_again(stored).await?;
        let own = (self.report, bank.as_deref());
        let watched = app.watch.begin(self.report);
        app.db
            .write(async |txn| {
                if is_received(txn, self.report).await? {
                    reconcile(app, txn, &context.actor(), own, (&parsed, &watched)).await?;
                }
                context.finish_in(txn).await
            })
            .await
    }
}

async fn is_received(txn: &Txn, report: Uuid) -> Result<bool, Error> {
    let status: Option<ReportStatus> = bank_report::Entity::find_by_id(report)
        .select_only()
        .column(bank_report::Column::Status)
        .lock_exclusive()
        .into_tuple()
        .one(txn.conn())
        .await?;
    Ok(status == Some(ReportStatus::Received))
}

async fn reconcile(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    (report_id, bank): (Uuid, Option<&str>),
    (report, watched): (&Report, &Watched<'_>),
) -> Result<(), Error> {
    watched.tell(txn).await?;
    let runs = load::runs(txn).await?;
    let others = load::of_others(txn, bank).await?;
    let (by_batch, said) = load::files(app, txn, (&runs, &others), report).await?;
    let mut files = load::whole_files(report, &by_batch, &said);
    let nameless = nameless::nameless(txn, &runs, report).await?;
    let (known, told) = load::orders(txn, report, (&nameless, &mut files)).await?;
    let lists = cash_list::told(txn, report, &known).await?;
    let run_of: BTreeMap<Uuid, Uuid> = known.iter().map(|order| (order.id, order.pay_run_id)).collect();
    let mut judge = Judge::new(known, by_batch)
        .knowing(nameless)
        .told_before(told)
        .beside(others)
        .listed_before(lists);
    if report.header.format == Format::Camt029 {
        judge.recalled(recalls::sent(txn, run_of.keys().copied().collect()).await?);
    }
    judge.took(load::taken_by_line(txn, &whole_file::refused(&said)).await?);
    let mut verdicts = judge_lines(report_id, report, &mut judge);
    let source = crate::bank_report::subject(report_id);
    let files_judged = whole_file::judge_files(said, report, &mut judge, &source);
    let contradicted: usize = files_judged.iter().map(|own| own.contradicted).sum();
    judge.tie_files();
    batch_rows::correct(&judge, &mut verdicts);
    paid_back::withhold(txn, &runs, &mut judge, &mut verdicts).await?;
    // Runs are locked before orders, lines and findings everywhere: first those that this may send back to draft.
    let (unexplained, answers) = (judge.told_of_files.unexplained(), deduction_answers(&judge));
    let (dead, claimed) = (deceased(report, &verdicts), judge.claimed(report, &verdicts));
    let voids = !dead.is_empty() || !unexplained.is_empty() || !claimed.is_empty();
    overpayment::deduction::lock_runs_for(txn, &answers, voids).await?;
    let news = registry_finding::news(app, txn, &dead).await?;
    drop_old_news(&news, &mut verdicts);
    store::lines(txn, report_id, watched, (report, &verdicts)).await?;
    by_bank::store(txn, &judge).await?;
    if !judge.steps().is_empty() {
        let last = load::last_steps(txn, &judge).await?;
        store::orders(app, txn, &judge, &last).await?;
    }
    overpayment::deduction::lock_for(txn, &answers).await?;
    news.open(app, txn, actor).await?;
    pay_run::void_reissuing(app, txn, (&unexplained, &claimed)).await?;
    // What was kept back of an order that comes back is undone first: its money then stands where it is taken from.
    overpayment::deduction::follow(app, txn, actor, &answers).await?;
    let taken_back = difference::take_back(app, txn, &runs, &judge).await?;
    if money::moves(&judge) {
        let amounts = load::amounts(txn, &judge.moved_ids()).await?;
        money::post(app, txn, &source, &runs, &judge, &amounts)
            .await
            .map_err(paid_back::again)?;
    }
    difference::after_returns(app, txn, actor, &runs, (&judge, &taken_back)).await?;
    money::advance_runs(app, txn, actor, &runs, &answered(&judge, &verdicts, &run_of)).await?;
    recalls::answered(app, txn, actor, report, &verdicts).await?;
    recalls::ended(app, txn, actor, &judge).await?;
    statement::keep(txn, report_id, report).await?;
    end(app, txn, actor, report_id, &verdicts, (runs.len(), contradicted)).await?;
    whole_file_rows::store(app, txn, (report_id, report), files_judged).await?;
    batch_rows::store(app, txn, actor, &judge).await?;
    settle::close_answered(app, txn, actor, &judge).await
}

/// The runs of the orders that lines answer, or that moved.
fn answered(judge: &Judge, verdicts: &[(Uuid, Verdict)], run_of: &BTreeMap<Uuid, Uuid>) -> BTreeSet<Uuid> {
    let answers = |verdict: &Verdict| matches!(verdict.outcome, LineOutcome::Matched | LineOutcome::Returned);
    let named = verdicts.iter().filter(|(_, verdict)| answers(verdict));
    let named = named.filter_map(|(_, verdict)| run_of.get(&verdict.order?).copied());
    named.chain(judge.runs()).collect()
}

/// The orders whose account holder has died, each with the line that says so: whatever else the line comes to, as long as
/// it speaks of the order.
fn deceased(report: &Report, verdicts: &[(Uuid, Verdict)]) -> BTreeMap<Uuid, Uuid> {
    use LineOutcome::{Late, Matched, Returned};
    let told = report.lines.iter().zip(verdicts);
    let told =
        told.filter(|(line, (_, verdict))| says_deceased(line) && matches!(verdict.outcome, Matched | Returned | Late));
    told.filter_map(|(_, (line, verdict))| Some((verdict.order?, *line)))
        .collect()
}

/// A line that tells again of a death that was looked into waits for nobody.
fn drop_old_news(news: &News, verdicts: &mut [(Uuid, Verdict)]) {
    for (_, verdict) in verdicts {
        let waits = verdict.order.is_none_or(|order| news.waits(order));
        verdict.finding = verdict
            .finding
            .filter(|finding| *finding != Finding::PersonDeceased || waits);
    }
}

/// What the moves of orders mean for what was kept back of their lines.
pub(super) fn deduction_answers(judge: &Judge) -> Answers {
    let moved: Vec<_> = judge.moved().collect();
    let orders = |which: &dyn Fn(State, State) -> bool| {
        let own = moved.iter().filter(|(before, order)| which(*before, order.state));
        own.map(|(_, order)| order.id).collect()
    };
    Answers {
        runs: judge.runs(),
        arrived: orders(&|_, now| now.is_paid()),
        came_back: orders(&|before, now| now.awaits_reissue() && !before.awaits_reissue()),
        overruled: judge.overruled(),
    }
}

fn judge_lines(report_id: Uuid, report: &Report, judge: &mut Judge) -> Vec<(Uuid, Verdict)> {
    // Lines are stored in the order of their ids: an index grows at its end.
    let ids = (0..).map(|place| domain::ids::part(report_id, place));
    let lines = ids.zip(&report.lines);
    lines.map(|(id, line)| (id, judge.line(id, line))).collect()
}

async fn end(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    report_id: Uuid,
    verdicts: &[(Uuid, Verdict)],
    (released, contradicted): (usize, usize),
) -> Result<(), Error> {
    let mut outcomes: BTreeMap<LineOutcome, i64> = BTreeMap::new();
    let (mut matched, mut suspense) = (0_i64, 0_i64);
    for (_, verdict) in verdicts {
        *outcomes.entry(verdict.outcome).or_insert(0) += 1;
        matched += i64::from(matches!(verdict.outcome, LineOutcome::Matched | LineOutcome::Returned));
        suspense += i64::from(verdict.finding.is_some());
    }
    bank_report::Entity::update_many()
        .col_expr(bank_report::Column::Status, Expr::value(ReportStatus::Reconciled))
        .col_expr(bank_report::Column::Matched, Expr::value(matched))
        .col_expr(bank_report::Column::Suspense, Expr::value(suspense))
        .col_expr(bank_report::Column::MarksKept, Expr::value(true))
        .filter(bank_report::Column::Id.eq(report_id))
        .exec(txn.conn())
        .await?;
    let outcomes: BTreeMap<String, i64> = outcomes.iter().map(|(own, lines)| (own.code(), *lines)).collect();
    let detail =
        json!({"outcomes": outcomes, "suspense": suspense, "released_runs": released, "contradicted": contradicted});
    txn.audit(Event::new(
        app.clock.now(),
        actor,
        "bank_report.reconcile",
        crate::bank_report::subject(report_id),
        detail,
    ));
    Ok(())
}
