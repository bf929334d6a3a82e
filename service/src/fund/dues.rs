//! What runs have still to pay of some benefits: what the current determinations say falls due in months that no run for
//! everybody has taken, without what runs of some areas or one channel have paid of them ahead of it, and the arrears that
//! wait.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::{ArrearsKind, ArrearsStatus, LineKind, LineStatus, PayRunKind, PayRunStatus, PeriodKind};
use entity::{arrears, determination, determination_period, entitlement, pay_run, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::partial_runs;
use crate::reassessment;

/// What of the periods of a benefit a run of some areas or one channel has paid: with a line of the same key another run
/// of the same month pays nothing of it, whatever the line came to (`pay_run::claimed`). So what is left out is what the
/// periods say now.
const PAID_AHEAD: &str = "determination_period.component = payment_line.component \
     AND determination_period.from_month <= payment_line.cover_month \
     AND (determination_period.to_month IS NULL OR determination_period.to_month >= payment_line.cover_month) \
     AND (determination_period.due_month = pay_run.cover_month \
       OR (determination_period.due_month IS NULL AND payment_line.cover_month = pay_run.cover_month)) \
     AND ((payment_line.kind = 'regular' AND determination_period.kind <> 'one_off' \
         AND payment_line.cover_month = pay_run.cover_month) \
       OR (payment_line.kind IN ('arrears', 'one_off') AND payment_line.determination_id = determination.id \
         AND (determination_period.kind = 'one_off' OR payment_line.cover_month < pay_run.cover_month)))";

/// Equal periods of many people.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) benefit: String,
    /// The first month of the benefit that no run for everybody has taken.
    pub(super) next: Month,
    pub(super) one_off: bool,
    pub(super) from: Month,
    pub(super) to: Option<Month>,
    /// The month whose run pays all of it; none: each month in itself.
    pub(super) due: Option<Month>,
    /// Đồng a month.
    pub(super) amount: i64,
    pub(super) undetermined: i64,
}

impl Group {
    /// The months that the run of a month pays of it.
    fn paid_in(&self, run: Month) -> impl Iterator<Item = Month> {
        let pays = self.due.is_none_or(|due| due == run) && run >= self.next;
        let first = if self.due.is_some() {
            self.from
        } else {
            self.from.max(run)
        };
        let last = self.to.map_or(run, |to| to.min(run));
        first.through(last).filter(move |_| pays)
    }

    /// The kind of the lines that pay a month of it in the run of a month.
    fn kind(&self, cover: Month, run: Month) -> LineKind {
        if self.one_off {
            LineKind::OneOff
        } else if cover == run {
            LineKind::Regular
        } else {
            LineKind::Arrears
        }
    }
}

/// What lines of a kind pay of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) kind: LineKind,
    pub(super) cover: Month,
    /// Đồng; below nothing where it is paid already.
    pub(super) dong: i64,
    pub(super) undetermined: i64,
}

/// What was paid ahead of the run for everybody of a month.
#[derive(Clone, Debug)]
pub(super) struct Paid {
    pub(super) benefit: String,
    pub(super) run: Month,
    pub(super) amount: Amount,
}

/// Arrears of a benefit that wait for a run.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) benefit: String,
    pub(super) kind: LineKind,
    pub(super) cover: Month,
    /// Đồng.
    pub(super) dong: i64,
}

/// What is still to be paid of some benefits.
#[derive(Clone, Debug, Default)]
pub(super) struct Dues {
    /// The first month of each that no run for everybody has taken: programs that went over from one fund to another may
    /// be ahead of the others.
    pub(super) next: BTreeMap<String, Month>,
    pub(super) groups: Vec<Group>,
    pub(super) paid: Vec<Paid>,
    pub(super) waiting: Vec<Waiting>,
}

impl Dues {
    /// As it stands.
    pub(super) async fn load(app: &App, benefits: &BTreeSet<String>) -> Result<Self, Error> {
        let conn = app.db.read();
        let today = Month::of(app.clock.today());
        let taken = reassessment::taken(app).await?;
        let next = |benefit: &String| taken.as_ref().map_or(today, |taken| taken.of(benefit).next());
        let next: BTreeMap<String, Month> = benefits.iter().map(|own| (own.clone(), next(own))).collect();
        Ok(Self {
            groups: groups(conn, &next).await?,
            paid: paid(conn, &next).await?,
            waiting: waiting(conn, benefits).await?,
            next,
        })
    }

    /// The months whose runs may still draw on a fiscal year, which ends with this month: those in which something is due
    /// that was not taken, all after the last one that was, and later ones that make up for months of the year.
    pub(super) fn months(&self, december: Month) -> BTreeSet<Month> {
        let (Some(first), Some(open)) = (self.next.values().min(), self.next.values().max()) else {
            return BTreeSet::new();
        };
        let last = december.max(*open);
        let in_turn = first.through(last).filter(|month| month >= open || self.is_due(*month));
        let mut months: BTreeSet<Month> = in_turn.collect();
        let of_the_year = self.groups.iter().filter(|own| own.from <= december);
        months.extend(of_the_year.filter_map(|own| own.due).filter(|due| *due > last));
        // What waits for the last month itself is paid with the one after it.
        let after = self.waiting.iter().map(|own| own.cover.next());
        months.extend(after.filter(|month| *month > last));
        months
    }

    /// Does a run of this month have anything to pay?
    fn is_due(&self, month: Month) -> bool {
        self.groups.iter().any(|own| own.paid_in(month).next().is_some())
    }

    /// What the runs of a month have still to pay of some benefits, without what waits.
    pub(super) fn of_run(&self, run: Month, benefits: &BTreeSet<String>) -> Vec<Amount> {
        let mut amounts = Vec::new();
        for group in self.groups.iter().filter(|own| benefits.contains(&own.benefit)) {
            amounts.extend(group.paid_in(run).map(|cover| Amount {
                kind: group.kind(cover, run),
                cover,
                dong: group.amount,
                undetermined: group.undetermined,
            }));
        }
        let paid = self.paid.iter().filter(|own| own.run == run);
        amounts.extend(paid.filter(|own| benefits.contains(&own.benefit)).map(|own| own.amount));
        amounts
    }
}

fn month(number: i32) -> Result<Month, Error> {
    Month::from_yyyymm(number).map_err(Error::internal)
}

type GroupRow = (String, PeriodKind, i32, Option<i32>, Option<i32>, Option<i64>, i64);

/// The periods of all current determinations of some benefits, equal ones together.
async fn groups(conn: &impl ConnectionTrait, next: &BTreeMap<String, Month>) -> Result<Vec<Group>, Error> {
    use determination_period::Column as P;
    let of_determination = determination_period::Entity::belongs_to(determination::Entity)
        .from(P::DeterminationId)
        .to(determination::Column::Id);
    let right = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let rows: Vec<GroupRow> = determination_period::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .columns([P::Kind, P::FromMonth, P::ToMonth, P::DueMonth])
        .expr_as(Expr::cust("CAST(SUM(determination_period.amount) AS BIGINT)"), "amount")
        .column_as(P::Reason.count(), "undetermined")
        .join(JoinType::InnerJoin, of_determination.into())
        .join(JoinType::InnerJoin, right.into())
        .filter(entitlement::Column::Benefit.is_in(next.keys().map(String::as_str)))
        .filter(determination::Column::SupersededAt.is_null())
        .group_by(entitlement::Column::Benefit)
        .group_by(P::Kind)
        .group_by(P::FromMonth)
        .group_by(P::ToMonth)
        .group_by(P::DueMonth)
        .into_tuple()
        .all(conn)
        .await?;
    let mut groups = Vec::with_capacity(rows.len());
    for (benefit, kind, from, to, due, amount, undetermined) in rows {
        let Some(next) = next.get(&benefit).copied() else {
            continue;
        };
        groups.push(Group {
            benefit,
            next,
            one_off: kind == PeriodKind::OneOff,
            from: month(from)?,
            to: to.map(month).transpose()?,
            due: due.map(month).transpose()?,
            amount: amount.unwrap_or(0),
            undetermined,
        });
    }
    Ok(groups)
}

type PaidRow = (String, i32, i32, LineKind, Option<i64>, i64);

/// The released runs of some areas or one channel of months from this one on.
async fn partial(conn: &impl ConnectionTrait, first: Month) -> Result<Vec<Uuid>, Error> {
    let released = [PayRunStatus::Released, PayRunStatus::Settling, PayRunStatus::Closed];
    let runs: Vec<Uuid> = pay_run::Entity::find()
        .select_only()
        .column(pay_run::Column::Id)
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.gte(first.yyyymm()))
        .filter(pay_run::Column::Status.is_in(released))
        .filter(partial_runs())
        .into_tuple()
        .all(conn)
        .await?;
    Ok(runs)
}

/// What they have paid of months that no run for everybody has taken.
async fn paid(conn: &impl ConnectionTrait, next: &BTreeMap<String, Month>) -> Result<Vec<Paid>, Error> {
    use payment_line::Column as L;
    let Some(first) = next.values().min() else {
        return Ok(Vec::new());
    };
    let runs = partial(conn, *first).await?;
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let run = payment_line::Entity::belongs_to(pay_run::Entity)
        .from(L::PayRunId)
        .to(pay_run::Column::Id);
    let right = payment_line::Entity::belongs_to(entitlement::Entity)
        .from(L::EntitlementId)
        .to(entitlement::Column::Id);
    let determined = payment_line::Entity::belongs_to(determination::Entity)
        .from(L::EntitlementId)
        .to(determination::Column::EntitlementId);
    let periods = determination::Entity::belongs_to(determination_period::Entity)
        .from(determination::Column::Id)
        .to(determination_period::Column::DeterminationId);
    let rows: Vec<PaidRow> = payment_line::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .column_as(pay_run::Column::CoverMonth, "paid_in")
        .columns([L::CoverMonth, L::Kind])
        .expr_as(Expr::cust("CAST(SUM(determination_period.amount) AS BIGINT)"), "amount")
        .column_as(determination_period::Column::Reason.count(), "undetermined")
        .join(JoinType::InnerJoin, run.into())
        .join(JoinType::InnerJoin, right.into())
        .join(JoinType::InnerJoin, determined.into())
        .join(JoinType::InnerJoin, periods.into())
        .filter(L::PayRunId.is_in(runs))
        .filter(L::Status.is_in([LineStatus::Live, LineStatus::Returned, LineStatus::Reissued]))
        .filter(entitlement::Column::Benefit.is_in(next.keys().map(String::as_str)))
        .filter(determination::Column::SupersededAt.is_null())
        .filter(Expr::cust(PAID_AHEAD))
        .group_by(entitlement::Column::Benefit)
        .group_by(pay_run::Column::CoverMonth)
        .group_by(L::CoverMonth)
        .group_by(L::Kind)
        .into_tuple()
        .all(conn)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (benefit, run, cover, kind, amount, undetermined) in rows {
        let run = month(run)?;
        // What is taken by now is no longer due there.
        if next.get(&benefit).is_some_and(|next| run >= *next) {
            let amount = Amount {
                kind,
                cover: month(cover)?,
                dong: -amount.unwrap_or(0),
                undetermined: -undetermined,
            };
            found.push(Paid { benefit, run, amount });
        }
    }
    Ok(found)
}

type WaitingRow = (String, ArrearsKind, i32, Option<i64>);

/// Arrears of some benefits that wait for a run.
async fn waiting(conn: &impl ConnectionTrait, benefits: &BTreeSet<String>) -> Result<Vec<Waiting>, Error> {
    let right = arrears::Entity::belongs_to(entitlement::Entity)
        .from(arrears::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let rows: Vec<WaitingRow> = arrears::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .columns([arrears::Column::Kind, arrears::Column::CoverMonth])
        .expr_as(Expr::cust("CAST(SUM(arrears.amount) AS BIGINT)"), "amount")
        .join(JoinType::InnerJoin, right.into())
        .filter(entitlement::Column::Benefit.is_in(benefits.iter().map(String::as_str)))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .group_by(entitlement::Column::Benefit)
        .group_by(arrears::Column::Kind)
        .group_by(arrears::Column::CoverMonth)
        .into_tuple()
        .all(conn)
        .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (benefit, kind, cover, amount) in rows {
        let kind = match kind {
            ArrearsKind::OneOff => LineKind::OneOff,
            ArrearsKind::Arrears => LineKind::Arrears,
        };
        found.push(Waiting {
            benefit,
            kind,
            cover: month(cover)?,
            dong: amount.unwrap_or(0),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
