//! The regular money of two months that changes are judged by, and what is held of it.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::LineKind;
use entity::{determination, entitlement, held_payment, pay_run, pay_run_person, payment_line};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{Part, same};
use crate::app::App;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::pay_run::digest::counted;
use crate::pay_run::draw::benefits;
use crate::pay_run::share::Share;
use crate::pay_run::snapshot;

/// What is held of one person: right, component and why.
pub(super) type Held = Vec<(Uuid, String, String)>;

/// Money by person.
pub(super) type Parts = BTreeMap<Uuid, Vec<Part>>;

/// The money of a month by person, of some runs or of the predecessor: what the lists of a run explain, and what others do.
/// What the run does not pay is none of its changes, whichever run paid it.
pub(super) async fn explained(
    app: &App,
    run: &pay_run::Model,
    (month, runs): (Month, &[Uuid]),
) -> Result<(Parts, Parts), Error> {
    let (share, benefits) = (Share::of(app.db.read(), run).await?, benefits(run)?);
    let all = if runs.is_empty() {
        opening(app, month, benefits.as_ref()).await?
    } else {
        parts(app, runs, benefits.as_ref(), None).await?
    };
    if share.is_all() {
        return Ok((all, Parts::new()));
    }
    if runs.is_empty() {
        let told = told_before(app, run.id).await?;
        return Ok(all.into_iter().partition(|(person, _)| told.contains(person)));
    }
    let own = match share.lines() {
        Some(lines) => parts(app, runs, benefits.as_ref(), Some(lines)).await?,
        None => Parts::new(),
    };
    let others = not_in(all, &own);
    Ok((own, others))
}

/// The people of a run whose money of the month before its lists explain, as it was built.
async fn told_before(app: &App, run: Uuid) -> Result<BTreeSet<Uuid>, Error> {
    use pay_run_person::Column as P;
    let people: Vec<Uuid> = pay_run_person::Entity::find()
        .select_only()
        .column(P::PersonId)
        .filter(P::PayRunId.eq(run))
        .filter(P::AmountBefore.gt(0))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(people.into_iter().collect())
}

/// What others do not have.
fn not_in(mut all: Parts, others: &Parts) -> Parts {
    for (person, other) in others {
        if let Some(own) = all.get_mut(person) {
            own.retain(|part| !other.iter().any(|paid| same(paid, part)));
        }
    }
    all
}

/// The regular money of some runs, of some benefits or all, of these lines or all, by person.
pub(super) async fn parts(
    app: &App,
    runs: &[Uuid],
    benefits: Option<&BTreeSet<String>>,
    lines: Option<Condition>,
) -> Result<Parts, Error> {
    use payment_line::Column as L;
    type Row = (Uuid, Uuid, String, String, String, i64, Option<Uuid>, Uuid);
    if runs.is_empty() {
        return Ok(Parts::new());
    }
    let rows: Vec<Row> = payment_line::Entity::find()
        .select_only()
        .columns([
            L::PersonId,
            L::EntitlementId,
            L::Component,
            L::GroupCode,
            L::Provision,
            L::Amount,
            L::DeterminationId,
            L::PayeeAccountId,
        ])
        .filter(L::PayRunId.is_in(runs.iter().copied()))
        .apply_if(benefits, |query, own| {
            query.filter(L::EntitlementId.in_subquery(snapshot::rights_to(own.clone())))
        })
        .apply_if(lines, QueryFilter::filter)
        .filter(L::Kind.eq(LineKind::Regular))
        .filter(counted())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut by_person = Parts::new();
    for (person, entitlement_id, component, group, provision, amount, determination, account) in rows {
        by_person.entry(person).or_default().push(Part {
            entitlement_id,
            component,
            group,
            provision,
            amount,
            determination,
            account: Some(account),
        });
    }
    Ok(sorted(by_person))
}

/// In an order that leans on no id: what is told of two parts stands in one order on every machine.
fn sorted(mut all: Parts) -> Parts {
    for parts in all.values_mut() {
        parts.sort_by(|a, b| {
            let key = |part: &Part| (part.amount, part.entitlement_id);
            (&a.group, &a.component, &a.provision, key(a)).cmp(&(&b.group, &b.component, &b.provision, key(b)))
        });
    }
    all
}

/// What the predecessor paid in a month, by person.
async fn opening(app: &App, month: Month, benefits: Option<&BTreeSet<String>>) -> Result<Parts, Error> {
    let conn = app.db.read();
    let right = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let rows: Vec<(Uuid, Uuid, Uuid)> = determination::Entity::find()
        .select_only()
        .column(entitlement::Column::PersonId)
        .columns([determination::Column::EntitlementId, determination::Column::Id])
        .join(JoinType::InnerJoin, right.into())
        .filter(determination::Column::Opening.eq(true))
        .apply_if(benefits, |query, own| {
            query.filter(entitlement::Column::Benefit.is_in(own.iter().cloned()))
        })
        .into_tuple()
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(.., id)| *id).collect();
    let by_id = bulk::periods(conn, &ids).await?;
    let mut by_person = Parts::new();
    for (person, entitlement_id, id) in rows {
        for owed in periods::owed(by_id.get(&id).map(Vec::as_slice).unwrap_or_default())? {
            if owed.one_off || owed.falls_due(month) != Some(month) {
                continue;
            }
            by_person.entry(person).or_default().push(Part {
                entitlement_id,
                component: owed.component,
                group: owed.group,
                provision: owed.provision,
                amount: owed.amount.dong(),
                determination: Some(id),
                account: None,
            });
        }
    }
    Ok(sorted(by_person))
}

/// What runs hold of a month, by person: right, component and why.
pub(super) async fn held(app: &App, runs: &[Uuid], month: Month) -> Result<BTreeMap<Uuid, Held>, Error> {
    use held_payment::Column as H;
    if runs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut rows: Vec<(Uuid, Uuid, String, String)> = held_payment::Entity::find()
        .select_only()
        .columns([H::PersonId, H::EntitlementId, H::Component, H::Reason])
        .filter(H::PayRunId.is_in(runs.iter().copied()))
        .filter(H::CoverMonth.eq(month.yyyymm()))
        .into_tuple()
        .all(app.db.read())
        .await?;
    rows.sort_unstable();
    let mut by_person: BTreeMap<Uuid, Held> = BTreeMap::new();
    for (person, right, component, reason) in rows {
        by_person.entry(person).or_default().push((right, component, reason));
    }
    Ok(by_person)
}
