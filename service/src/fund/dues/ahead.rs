//! What runs of some areas or one channel leave to the runs for everybody of their months, as those take it.

use std::collections::BTreeMap;

use domain::Month;
use entity::enums::{ArrearsKind, PayRunKind, PeriodKind};
use entity::{arrears, determination_period, entitlement, held_payment, pay_run, payment_line};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::fund::dues::{Paid, Waiting, groups};
use crate::pay_run::{RELEASED, partial_runs};

/// A line that pays the month of a period by itself, or makes up for it: another run of the month pays nothing of it then,
/// whatever the line came to (`pay_run::claimed`).
const PAYS_IT: &str = "own.entitlement_id = determination.entitlement_id AND own.component = determination_period.component \
     AND own.kind IN ('regular', 'arrears') AND own.status IN ('live', 'returned', 'reissued')";

/// The same of arrears that wait.
const MADE_UP: &str = "own.entitlement_id = arrears.entitlement_id AND own.component = arrears.component \
     AND own.cover_month = arrears.cover_month AND own.kind IN ('regular', 'arrears') \
     AND own.status IN ('live', 'returned', 'reissued')";

/// The period of arrears that wait by which their month falls due in itself.
const IN_ITSELF: &str = "own.determination_id = arrears.determination_id AND own.component = arrears.component \
     AND own.kind <> 'one_off' AND own.due_month IS NULL AND own.from_month <= arrears.cover_month \
     AND (own.to_month IS NULL OR own.to_month >= arrears.cover_month)";

/// The released runs of some areas or one channel of months that no run for everybody has taken of every benefit, by month.
pub(super) type Ahead = BTreeMap<Month, Vec<Uuid>>;

pub(super) async fn load(conn: &impl ConnectionTrait, next: &BTreeMap<String, Month>) -> Result<Ahead, Error> {
    let Some(first) = next.values().min() else {
        return Ok(Ahead::new());
    };
    let runs: Vec<(Uuid, i32)> = pay_run::Entity::find()
        .select_only()
        .columns([pay_run::Column::Id, pay_run::Column::CoverMonth])
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.gte(first.yyyymm()))
        .filter(pay_run::Column::Status.is_in(RELEASED))
        .filter(partial_runs())
        .into_tuple()
        .all(conn)
        .await?;
    let mut ahead = Ahead::new();
    for (id, cover) in runs {
        ahead.entry(super::month(cover)?).or_default().push(id);
    }
    Ok(ahead)
}

/// What the runs for everybody of these months leave out (`pay_run::dues`): of whom another run of the month has paid or
/// held something, all that it makes up for or pays once, since what is left of that waits as arrears; and the month by
/// itself where it was paid or made up for.
pub(super) async fn paid(
    conn: &impl ConnectionTrait,
    next: &BTreeMap<String, Month>,
    ahead: &Ahead,
) -> Result<Vec<Paid>, Error> {
    let mut found = Vec::new();
    for (month, runs) in ahead {
        for (looked_for, itself) in [(once_in(*month), false), (paid_by_itself(*month), true)] {
            let looked_for = Condition::all().add(begun(runs)).add(looked_for);
            for group in groups(conn, next, looked_for).await? {
                found.extend(group.left_out(*month, itself));
            }
        }
    }
    Ok(found)
}

/// The rights of which some runs have paid or held something.
fn begun(runs: &[Uuid]) -> Condition {
    let paid = Query::select()
        .column(payment_line::Column::EntitlementId)
        .from(payment_line::Entity)
        .and_where(payment_line::Column::PayRunId.is_in(runs.iter().copied()))
        .to_owned();
    let held = Query::select()
        .column(held_payment::Column::EntitlementId)
        .from(held_payment::Entity)
        .and_where(held_payment::Column::PayRunId.is_in(runs.iter().copied()))
        .to_owned();
    Condition::any()
        .add(entitlement::Column::Id.in_subquery(paid))
        .add(entitlement::Column::Id.in_subquery(held))
}

/// The periods that a month makes up for, and those that are paid once.
fn once_in(month: Month) -> Condition {
    use determination_period::Column as P;
    Condition::any()
        .add(P::DueMonth.eq(month.yyyymm()))
        .add(P::Kind.eq(PeriodKind::OneOff))
}

/// The periods of which a month was paid by itself, or made up for.
fn paid_by_itself(month: Month) -> Condition {
    use determination_period::Column as P;
    let number = month.yyyymm();
    let lines = Query::select()
        .expr(Expr::val(1))
        .from_as(payment_line::Entity, Alias::new("own"))
        .and_where(Expr::col((Alias::new("own"), payment_line::Column::CoverMonth)).eq(number))
        .and_where(Expr::cust(PAYS_IT))
        .to_owned();
    Condition::all()
        .add(P::Kind.ne(PeriodKind::OneOff))
        .add(P::FromMonth.lte(number))
        .add(Condition::any().add(P::ToMonth.is_null()).add(P::ToMonth.gte(number)))
        .add(Expr::exists(lines))
}

/// Arrears that wait, without those whose month is still to be paid by itself: its run for everybody pays them as such, and
/// then they wait no longer (`pay_run::turn`).
pub(super) async fn waiting(
    conn: &impl ConnectionTrait,
    next: &BTreeMap<String, Month>,
    ahead: &Ahead,
) -> Result<Vec<Waiting>, Error> {
    let mut found = super::waiting(conn, next, Condition::all()).await?;
    if ahead.is_empty() {
        return Ok(found);
    }
    let made_up = Query::select()
        .expr(Expr::val(1))
        .from_as(payment_line::Entity, Alias::new("own"))
        .and_where(Expr::cust(MADE_UP))
        .to_owned();
    let in_itself = Query::select()
        .expr(Expr::val(1))
        .from_as(determination_period::Entity, Alias::new("own"))
        .and_where(Expr::cust(IN_ITSELF))
        .to_owned();
    let with_its_month = Condition::all()
        .add(arrears::Column::Kind.eq(ArrearsKind::Arrears))
        .add(arrears::Column::CoverMonth.is_in(ahead.keys().map(|month| month.yyyymm())))
        .add(Expr::exists(in_itself))
        .add(Expr::exists(made_up).not());
    for own in super::waiting(conn, next, with_its_month).await? {
        if next.get(&own.benefit).is_some_and(|next| own.cover >= *next) {
            found.push(Waiting { dong: -own.dong, ..own });
        }
    }
    Ok(found)
}
