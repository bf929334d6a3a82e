//! People as a run's lists show them, and their money of the month before: kept with the run when it is built.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::{LineKind, PayRunKind, PayRunStatus};
use entity::{determination, entitlement, pay_run, payment_line};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::pay_run::digest::counted;
use crate::pay_run::draw::benefits;
use crate::pay_run::share::Share;
use crate::person::PersonRange;

/// Regular money of the month before, by person, đồng.
#[derive(Debug)]
pub(super) enum Before {
    /// What the runs of that month pay of what the lists of a run explain, whichever fund carried it.
    Paid(BTreeMap<Uuid, i64>),
    /// What the predecessor did, to whomever.
    TakenOver(BTreeMap<Uuid, i64>),
}

/// The regular money of the month before, of the benefits that the run pays.
pub(super) async fn amounts_before(
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
    (share, people): (&Share, PersonRange),
) -> Result<Before, Error> {
    let month = super::cover_month(run)?.previous();
    let earlier: Vec<Uuid> = earlier(conn, month).await?.into_iter().map(|own| own.id).collect();
    let benefits = benefits(run)?;
    if earlier.is_empty() {
        return Ok(Before::TakenOver(opening(conn, people, (month, benefits)).await?));
    }
    let Some(explained) = share.lines() else {
        return Ok(Before::Paid(BTreeMap::new()));
    };
    let rows: Vec<(Uuid, i64)> = payment_line::Entity::find()
        .select_only()
        .columns([payment_line::Column::PersonId, payment_line::Column::Amount])
        .apply_if(benefits, |query, own| {
            query.filter(payment_line::Column::EntitlementId.in_subquery(rights_to(own)))
        })
        .filter(payment_line::Column::PersonId.between(people.first, people.last))
        .filter(payment_line::Column::PayRunId.is_in(earlier))
        .filter(payment_line::Column::Kind.eq(LineKind::Regular))
        .filter(counted())
        .filter(explained)
        .into_tuple()
        .all(conn)
        .await?;
    let mut amounts = BTreeMap::new();
    for (person, amount) in rows {
        *amounts.entry(person).or_insert(0) += amount;
    }
    Ok(Before::Paid(amounts))
}

/// The entitlements to some benefits.
pub(super) fn rights_to(benefits: BTreeSet<String>) -> SelectStatement {
    Query::select()
        .column(entitlement::Column::Id)
        .from(entitlement::Entity)
        .cond_where(entitlement::Column::Benefit.is_in(benefits))
        .to_owned()
}

/// The regular runs of a month.
pub(crate) async fn earlier(conn: &impl ConnectionTrait, month: Month) -> Result<Vec<pay_run::Model>, Error> {
    let rows = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.eq(month.yyyymm()))
        .filter(pay_run::Column::Status.ne(PayRunStatus::Cancelled))
        .all(conn)
        .await?;
    Ok(rows)
}

async fn opening(
    conn: &impl ConnectionTrait,
    people: PersonRange,
    (month, benefits): (Month, Option<BTreeSet<String>>),
) -> Result<BTreeMap<Uuid, i64>, Error> {
    let of_entitlement = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id)
        .into();
    let rows: Vec<(Uuid, Uuid)> = determination::Entity::find()
        .select_only()
        .column(entitlement::Column::PersonId)
        .column(determination::Column::Id)
        .join(JoinType::InnerJoin, of_entitlement)
        .filter(entitlement::Column::PersonId.between(people.first, people.last))
        .filter(determination::Column::Opening.eq(true))
        .apply_if(benefits, |query, own| {
            query.filter(entitlement::Column::Benefit.is_in(own))
        })
        .into_tuple()
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(_, id)| *id).collect();
    let by_id = bulk::periods(conn, &ids).await?;
    let mut amounts = BTreeMap::new();
    for (person, id) in rows {
        for owed in periods::owed(by_id.get(&id).map(Vec::as_slice).unwrap_or_default())? {
            if !owed.one_off && owed.falls_due(month) == Some(month) {
                *amounts.entry(person).or_insert(0) += owed.amount.dong();
            }
        }
    }
    Ok(amounts)
}
