//! What runs have still to pay of some benefits: what the current determinations say falls due in months that no run for
//! everybody has taken, without what those runs leave out because runs of some areas or one channel have paid or held it
//! ahead of them, or because it was paid before it was put off, and the arrears that wait.

mod ahead;
mod put_off;

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::{ArrearsKind, ArrearsStatus, LineKind, PeriodKind};
use entity::{arrears, determination, determination_period, entitlement};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};

use crate::app::App;
use crate::error::Error;
use crate::reassessment;

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

    /// What the run for everybody of a month leaves out of it: the month by itself, or all but that.
    fn left_out(&self, run: Month, itself: bool) -> Vec<Paid> {
        let kinds = self.paid_in(run).map(|cover| (self.kind(cover, run), cover));
        let own = kinds.filter(|(kind, _)| (*kind == LineKind::Regular) == itself);
        own.map(|(kind, cover)| Paid {
            benefit: self.benefit.clone(),
            run,
            amount: Amount {
                kind,
                cover,
                dong: -self.amount,
                undetermined: -self.undetermined,
            },
        })
        .collect()
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

/// What the run for everybody of a month leaves out, since a run of some areas or one channel has paid or held it, or since
/// it was paid before it was put off.
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
        let ahead = ahead::load(conn, &next).await?;
        let mut paid = ahead::paid(conn, &next, &ahead).await?;
        if let Some(taken) = &taken {
            paid.extend(put_off::paid(conn, &next, taken).await?);
        }
        Ok(Self {
            groups: groups(conn, &next, Condition::all()).await?,
            paid,
            waiting: ahead::waiting(conn, &next, &ahead).await?,
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

    /// Does the run of a month pay what waits? What is paid once is paid by the run for everybody of its own month, where
    /// that is still to come.
    pub(super) fn makes_up(&self, own: &Waiting, run: Month) -> bool {
        let to_come = || self.next.get(&own.benefit).is_some_and(|next| *next <= run);
        own.cover < run || (own.kind == LineKind::OneOff && own.cover == run && to_come())
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

/// Those periods of all current determinations of some benefits that are looked for, equal ones together.
async fn groups(
    conn: &impl ConnectionTrait,
    next: &BTreeMap<String, Month>,
    looked_for: Condition,
) -> Result<Vec<Group>, Error> {
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
        .filter(looked_for)
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

type WaitingRow = (String, ArrearsKind, i32, Option<i64>);

/// Those arrears of some benefits that wait for a run and are looked for.
async fn waiting(
    conn: &impl ConnectionTrait,
    benefits: &BTreeMap<String, Month>,
    looked_for: Condition,
) -> Result<Vec<Waiting>, Error> {
    let right = arrears::Entity::belongs_to(entitlement::Entity)
        .from(arrears::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let rows: Vec<WaitingRow> = arrears::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .columns([arrears::Column::Kind, arrears::Column::CoverMonth])
        .expr_as(Expr::cust("CAST(SUM(arrears.amount) AS BIGINT)"), "amount")
        .join(JoinType::InnerJoin, right.into())
        .filter(entitlement::Column::Benefit.is_in(benefits.keys().map(String::as_str)))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .filter(looked_for)
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
