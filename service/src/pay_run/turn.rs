//! Months in their turn: a run for everybody comes after those of the months before it, and what a month that is taken
//! still owes is paid once, by a run of the month that is late or as arrears.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::Month;
use domain::case_file::Benefit;
use entity::enums::{ArrearsStatus, Build, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{arrears, entitlement, pay_run, payment_line};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::entitlement::{benefit as benefit_of, bulk};
use crate::error::{Error, ProblemCode};
use crate::fund;
use crate::job::{self, Job, JobContext, Queue};
use crate::pay_run::because::Because;
use crate::pay_run::filter::{Filter, whole_runs};
use crate::pay_run::release::in_run;
use crate::pay_run::{RELEASED, coverage, draw, unreleased};
use crate::print;
use crate::reassessment::{self, Taken};

/// Entitlements that are looked at together.
const CHUNK: usize = 2_000;

fn every_benefit() -> BTreeSet<String> {
    Benefit::ALL.iter().map(|benefit| benefit.code().to_owned()).collect()
}

/// The benefits whose month a run pays, by code: those it keeps, or every one.
fn own_benefits(run: &pay_run::Model) -> Result<BTreeSet<String>, Error> {
    Ok(draw::benefits(run)?.unwrap_or_else(every_benefit))
}

/// Refuses a run for everybody of a month while an earlier month of one of its benefits is due and in no run for
/// everybody: with the later month taken, the earlier would be owed and nobody's. It need not be paid first, only be in
/// a run: the fund of its year may lack the money.
///
/// # Errors
/// `conflict`, with the month that comes first.
pub(super) async fn require(conn: &impl ConnectionTrait, cover: Month, kept: Option<&Value>) -> Result<(), Error> {
    let Some(first_month) = reassessment::first_month(conn).await? else {
        return Ok(());
    };
    let kept: Option<BTreeSet<String>> = kept.cloned().map(serde_json::from_value).transpose()?;
    let own = kept.unwrap_or_else(every_benefit);
    let taken = Taken::load(conn, first_month).await?;
    let next = own.iter().map(|benefit| taken.of(benefit).next().max(first_month));
    let Some(first) = next.min() else { return Ok(()) };
    for month in first.through(cover.previous()) {
        let mut missing: BTreeSet<&String> = own.iter().filter(|benefit| taken.of(benefit) < month).collect();
        let runs = pay_run::Entity::find()
            .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
            .filter(pay_run::Column::CoverMonth.eq(month.yyyymm()))
            .filter(whole_runs())
            .all(conn)
            .await?;
        for run in runs.iter().filter(|run| coverage::counts(run)) {
            let theirs = own_benefits(run)?;
            missing.retain(|benefit| !theirs.contains(*benefit));
        }
        if missing.is_empty() {
            continue;
        }
        let due = coverage::benefits_due(conn, month).await?;
        if let Some(benefit) = missing.into_iter().find(|benefit| due.contains(*benefit)) {
            let named = benefit_of(benefit).map_or(benefit.as_str(), |own| own.label().0);
            let shown = print::month(month);
            return Err(Error::because(
                ProblemCode::Conflict,
                format!("Tháng {shown} ({named}) chưa có đợt chi trả cho mọi địa bàn; lập đợt tháng {shown} trước"),
                format!("no run for everybody has {month} of {benefit} yet: open the run of {month} first"),
            ));
        }
    }
    Ok(())
}

/// Has a run released before taken the month of one of this run's benefits?
pub(super) async fn is_late(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<bool, Error> {
    if run.kind != PayRunKind::Regular {
        return Ok(false);
    }
    let cover = super::cover_month(run)?;
    let taken = Taken::load(conn, cover).await?;
    Ok(own_benefits(run)?.iter().any(|benefit| taken.of(benefit) >= cover))
}

/// May what a run pays of its month have been made up for? Its month is taken; or another run of it has been released, what
/// that held waits as arrears since, and there is a run that may have them.
pub(super) async fn may_be_made_up(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<bool, Error> {
    use pay_run::Column as C;
    if run.kind != PayRunKind::Regular {
        return Ok(false);
    }
    if is_late(conn, run).await? {
        return Ok(true);
    }
    let first = pay_run::Entity::find()
        .filter(C::Id.ne(run.id))
        .filter(C::Kind.eq(PayRunKind::Regular))
        .filter(C::CoverMonth.eq(run.cover_month))
        .filter(C::Status.is_in(RELEASED))
        .filter(C::ReleasedAt.is_not_null())
        .order_by_asc(C::ReleasedAt)
        .one(conn)
        .await?;
    let Some(since) = first.and_then(|own| own.released_at) else {
        return Ok(false);
    };
    let later = Condition::all()
        .add(C::Kind.eq(PayRunKind::Regular))
        .add(C::CoverMonth.gt(run.cover_month));
    let making_up = pay_run::Entity::find()
        .filter(Condition::any().add(C::Kind.eq(PayRunKind::ArrearsOnly)).add(later))
        .filter(
            Condition::any()
                .add(C::ReleasedAt.is_null())
                .add(C::ReleasedAt.gte(since)),
        )
        .filter(C::Status.ne(PayRunStatus::Cancelled))
        .count(conn)
        .await?;
    Ok(making_up > 0)
}

/// Before a run is released: it comes in its turn; what it pays of its month waits as arrears no longer; what other runs
/// would pay a second time they have to leave out. Runs that are not released are locked by now.
///
/// Only a run that has a line for the same month of the same right goes back to its maker, who is told which run has paid
/// it; every other keeps what was signed on it. A run that was passed over is not touched: it pays its month when it is
/// released, and what waits of it as arrears until then is cancelled by that.
///
/// # Errors
/// `conflict` where an earlier month is in no run; `content-changed` where its month was made up for since it was built,
/// or where it would make up for what is owed no longer.
pub(super) async fn settle(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    if !matches!(run.kind, PayRunKind::Regular | PayRunKind::ArrearsOnly) {
        return Ok(());
    }
    let conn = txn.conn();
    let whole = run.kind == PayRunKind::Regular && Filter::of(run)?.is_whole();
    if whole {
        require(conn, super::cover_month(run)?, run.benefits.as_ref()).await?;
    }
    let late = is_late(conn, run).await?;
    if may_be_made_up(conn, run).await? {
        require_not_made_up(txn, run).await?;
    }
    if run.kind == PayRunKind::ArrearsOnly {
        require_still_owed(txn, run).await?;
    }
    let waited = run.kind == PayRunKind::Regular && waits_no_longer(txn, run).await?;
    void_paying_too(app, txn, run, waited).await?;
    if late || waited || (whole && passes_over(conn, run).await?) {
        job::enqueue(txn, &PassedOver { pay_run: run.id }).await?;
    }
    Ok(())
}

/// Two lines are for the same month of the same right.
const SAME_MONTH: &str = "again.kind = 'regular' AND again.entitlement_id = payment_line.entitlement_id \
     AND again.component = payment_line.component AND again.cover_month = payment_line.cover_month";

/// Another run has not made up for the month of a line of a run.
async fn require_not_made_up(txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    use payment_line::Column as L;
    let gone_out = [LineStatus::Live, LineStatus::Returned, LineStatus::Reissued];
    let made_up = payment_line::Entity::find()
        .filter(L::PayRunId.ne(run.id))
        .filter(L::Kind.eq(LineKind::Arrears))
        .filter(L::CoverMonth.eq(run.cover_month))
        .filter(L::Status.is_in(gone_out))
        .filter(in_run(run.id, SAME_MONTH))
        .count(txn.conn())
        .await?;
    if made_up == 0 {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        "Có khoản của tháng này đã được truy lĩnh ở đợt khác; hãy lập lại danh sách",
        "another run has made up for this month of somebody; build the run again",
    ))
}

/// What a run of arrears makes up for waits still, each to the đồng.
async fn require_still_owed(txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    use payment_line::Column as L;
    let waiting = Query::select()
        .expr(Expr::val(1))
        .from_as(arrears::Entity, Alias::new("own"))
        .and_where(Expr::col((Alias::new("own"), arrears::Column::Status)).eq(ArrearsStatus::Pending))
        .and_where(Expr::cust(
            "own.entitlement_id = payment_line.entitlement_id AND own.component = payment_line.component \
             AND own.cover_month = payment_line.cover_month AND own.determination_id = payment_line.determination_id \
             AND own.amount = payment_line.amount",
        ))
        .to_owned();
    let gone = payment_line::Entity::find()
        .filter(L::PayRunId.eq(run.id))
        .filter(L::Kind.is_in([LineKind::Arrears, LineKind::OneOff]))
        .filter(L::Status.eq(LineStatus::Draft))
        .filter(Expr::exists(waiting).not())
        .count(txn.conn())
        .await?;
    if gone == 0 {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        "Có khoản truy lĩnh trong danh sách không còn phải chi hoặc đã khác số tiền; hãy lập lại danh sách",
        "something that the run makes up for is owed no longer, or in another amount; build the run again",
    ))
}

/// Arrears of the run's month which its regular lines pay are cancelled: what is left of them, if anything, is reckoned
/// again after the release. Were there any?
async fn waits_no_longer(txn: &Txn, run: &pay_run::Model) -> Result<bool, Error> {
    use arrears::Column as A;
    let done = arrears::Entity::update_many()
        .col_expr(A::Status, Expr::value(ArrearsStatus::Cancelled))
        .filter(A::Status.eq(ArrearsStatus::Pending))
        .filter(A::CoverMonth.eq(run.cover_month))
        .filter(in_run(
            run.id,
            "again.kind = 'regular' AND again.entitlement_id = arrears.entitlement_id \
             AND again.component = arrears.component AND again.cover_month = arrears.cover_month",
        ))
        .exec(txn.conn())
        .await?;
    Ok(done.rows_affected > 0)
}

/// Voids the other runs that are not released and would pay what this run pays: as arrears what is regular here, or the
/// reverse. Where arrears `waited` of the month, one that is being built may have read them, and stores them later.
async fn void_paying_too(app: &App, txn: &Txn, run: &pay_run::Model, waited: bool) -> Result<(), Error> {
    let mut concerned = Vec::new();
    for other in super::lock_unreleased(txn)
        .await?
        .into_iter()
        .filter(|other| other.id != run.id)
    {
        let may = waited && other.build == Build::Running;
        if may || pays_too(txn, &other, run).await? || pays_too(txn, run, &other).await? {
            concerned.push(other);
        }
    }
    if concerned.is_empty() {
        return Ok(());
    }
    // All funds of this transaction at once, in the order in which everybody locks them.
    let codes = concerned.iter().map(super::fund_code).chain([super::fund_code(run)]);
    fund::lock(txn, &codes.collect()).await?;
    unreleased::void(app, txn, Because::OtherRun(run), concerned).await
}

/// Does one run make up for what the other, a regular one, has lines for?
async fn pays_too(txn: &Txn, arrears: &pay_run::Model, regular: &pay_run::Model) -> Result<bool, Error> {
    use payment_line::Column as L;
    if regular.kind != PayRunKind::Regular {
        return Ok(false);
    }
    let both = payment_line::Entity::find()
        .filter(L::PayRunId.eq(arrears.id))
        .filter(L::Kind.eq(LineKind::Arrears))
        .filter(L::CoverMonth.eq(regular.cover_month))
        .filter(in_run(regular.id, SAME_MONTH))
        .count(txn.conn())
        .await?;
    Ok(both > 0)
}

/// Is a regular run of the same month or an earlier one not released that has a benefit of this run?
async fn passes_over(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<bool, Error> {
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let others = pay_run::Entity::find()
        .filter(pay_run::Column::Id.ne(run.id))
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.lte(run.cover_month))
        .filter(pay_run::Column::Status.is_in(open))
        .all(conn)
        .await?;
    let own = own_benefits(run)?;
    for other in &others {
        if !own.is_disjoint(&own_benefits(other)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// After a release out of turn, or where a late run is cancelled: what is due up to the month taken and neither paid nor
/// waiting becomes arrears, so that whatever becomes of the runs that were passed over, it is owed.
///
/// Of the runs that are not released, those that were passed over stand as they were signed, since their lines pay just
/// what is owed now; only one whose lines would pay another amount of such a month goes back to its maker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PassedOver {
    /// The run.
    pub pay_run: Uuid,
}

impl Job for PassedOver {
    const KIND: &'static str = "owe_passed_over";
    const QUEUE: Queue = Queue::Reassessment;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("owe_passed_over:{}", self.pay_run.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let conn = app.db.read();
        let run = super::find(conn, self.pay_run).await?;
        let ids: Vec<Uuid> = entitlement::Entity::find()
            .select_only()
            .column(entitlement::Column::Id)
            .filter(entitlement::Column::Benefit.is_in(own_benefits(&run)?))
            .order_by_asc(entitlement::Column::Id)
            .into_tuple()
            .all(conn)
            .await?;
        let concerned = not_waiting(app, &ids).await?;
        reassessment::refresh_differences(app, &concerned, context).await
    }
}

/// Component and month with what is owed of it, đồng.
type Amounts = BTreeMap<(String, i32), i64>;

/// The entitlements of which other arrears wait than are owed.
pub(super) async fn not_waiting(app: &App, entitlements: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let mut concerned = Vec::new();
    for chunk in entitlements.chunks(CHUNK) {
        concerned.extend(not_waiting_of(app, chunk).await?);
    }
    Ok(concerned)
}

async fn not_waiting_of(app: &App, entitlements: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let conn = app.db.read();
    let heads = bulk::heads(conn, entitlements).await?;
    let determinations: Vec<Uuid> = heads.iter().map(|(_, _, id)| *id).collect();
    let mut rows = bulk::periods(conn, &determinations).await?;
    let now: Vec<_> = heads
        .into_iter()
        .map(|(entitlement, _, id)| (entitlement, rows.remove(&id).unwrap_or_default()))
        .collect();
    let mut waiting: BTreeMap<Uuid, Amounts> = BTreeMap::new();
    let pending = arrears::Entity::find()
        .filter(arrears::Column::EntitlementId.is_in(entitlements.iter().copied()))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .all(conn)
        .await?;
    for row in pending {
        let own = waiting.entry(row.entitlement_id).or_default();
        *own.entry((row.component, row.cover_month)).or_insert(0) += row.amount;
    }
    let mut concerned = Vec::new();
    for (entitlement, differences) in reassessment::open_differences(app, &now).await? {
        let owed: Amounts = differences
            .into_iter()
            .filter(|own| own.delta > 0)
            .map(|own| ((own.component, own.cover_month.yyyymm()), own.delta))
            .collect();
        if owed != waiting.remove(&entitlement).unwrap_or_default() {
            concerned.push(entitlement);
        }
    }
    Ok(concerned)
}
