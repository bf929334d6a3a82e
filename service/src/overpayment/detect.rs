//! Detection: what a reassessment found paid too much, and what that does to cases. It moves no money.
//!
//! A row of `overpayment` is what is paid too much of a month and not paid back; cases claim parts of it. When it falls,
//! the claims fall with it, the youngest first. When it rises, no case that the person was told of rises: the rest
//! becomes a case of its own.

use std::collections::{BTreeMap, BTreeSet};

use domain::overpayment::share;
use entity::enums::{CaseStatus, OverpaymentCause, OverpaymentStatus};
use entity::{overpayment, overpayment_case, overpayment_event, overpayment_month, overpayment_recovery};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::overpayment::cause::{self, Origin};
use crate::overpayment::deduction::{self, CASE};
use crate::overpayment::months_of;
use crate::{law, pay_run};

/// Entitlement, component and cover month.
type Key = (Uuid, String, i32);

/// A month paid too much.
#[derive(Clone, Debug)]
pub(crate) struct Excess {
    /// The entitlement.
    pub(crate) entitlement_id: Uuid,
    /// Whose.
    pub(crate) person_id: Uuid,
    /// The determination that says so.
    pub(crate) determination_id: Uuid,
    /// Component within the benefit.
    pub(crate) component: String,
    /// The month, `202409`.
    pub(crate) cover_month: i32,
    /// Paid too much and not paid back, đồng, above 0.
    pub(crate) amount: i64,
}

impl Excess {
    fn key(&self) -> Key {
        (self.entitlement_id, self.component.clone(), self.cover_month)
    }
}

/// What was paid back, by entitlement, component and cover month: it no longer counts as paid.
pub(crate) async fn recovered(
    conn: &impl ConnectionTrait,
    entitlements: &[Uuid],
) -> Result<Vec<(Uuid, String, i32, i64)>, Error> {
    let rows = overpayment_recovery::Entity::find()
        .select_only()
        .columns([
            overpayment_recovery::Column::EntitlementId,
            overpayment_recovery::Column::Component,
            overpayment_recovery::Column::CoverMonth,
            overpayment_recovery::Column::Amount,
        ])
        .filter(overpayment_recovery::Column::EntitlementId.is_in(entitlements.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows)
}

/// Replaces what is known to be paid too much for some entitlements by what was found now, and lets cases follow.
pub(crate) async fn replace(app: &App, txn: &Txn, entitlements: &[Uuid], found: Vec<Excess>) -> Result<(), Error> {
    let mut stands: BTreeMap<Key, overpayment::Model> = BTreeMap::new();
    for chunk in entitlements.chunks(5_000) {
        let rows = overpayment::Entity::find()
            .filter(overpayment::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(overpayment::Column::Status.eq(OverpaymentStatus::Detected))
            .all(txn.conn())
            .await?;
        stands.extend(
            rows.into_iter()
                .map(|row| ((row.entitlement_id, row.component.clone(), row.cover_month), row)),
        );
    }
    let mut fresh = Vec::new();
    for excess in found {
        match stands.remove(&excess.key()) {
            Some(same) if same.amount == excess.amount => {}
            Some(other) => {
                stands.insert(excess.key(), other);
                fresh.push(excess);
            }
            None => fresh.push(excess),
        }
    }
    if stands.is_empty() && fresh.is_empty() {
        return Ok(());
    }
    let people: BTreeSet<Uuid> = stands
        .values()
        .map(|row| row.person_id)
        .chain(fresh.iter().map(|excess| excess.person_id))
        .collect();
    supersede(txn, stands.values().map(|row| row.id).collect()).await?;
    let caused: BTreeMap<Uuid, Uuid> = fresh
        .iter()
        .map(|excess| (excess.determination_id, excess.person_id))
        .collect();
    let origins = cause::origins(app, txn, &caused).await?;
    let origin = |excess: &Excess| {
        let known = origins.get(&excess.determination_id).copied();
        known.unwrap_or(Origin::Evidence(0))
    };
    let rows = fresh.iter().map(|excess| overpayment::Model {
        id: app.ids.next(),
        entitlement_id: excess.entitlement_id,
        person_id: excess.person_id,
        component: excess.component.clone(),
        cover_month: excess.cover_month,
        determination_id: excess.determination_id,
        amount: excess.amount,
        cause: origin(excess).event(),
        status: OverpaymentStatus::Detected,
        created_at: app.clock.now(),
    });
    txn.insert_all::<overpayment::Entity>(rows.collect()).await?;
    let by_key = fresh.iter().map(|excess| (excess.key(), origin(excess))).collect();
    adjust(app, txn, people.into_iter().collect(), by_key).await
}

/// Supersedes rows.
pub(super) async fn supersede(txn: &Txn, ids: Vec<Uuid>) -> Result<(), Error> {
    for chunk in ids.chunks(5_000) {
        overpayment::Entity::update_many()
            .col_expr(overpayment::Column::Status, Expr::value(OverpaymentStatus::Superseded))
            .filter(overpayment::Column::Id.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// Lets the cases of some people follow what is paid too much now.
pub(super) async fn adjust(
    app: &App,
    txn: &Txn,
    people: Vec<Uuid>,
    origins: BTreeMap<Key, Origin>,
) -> Result<(), Error> {
    let mut excess: BTreeMap<Key, (Uuid, i64)> = BTreeMap::new();
    let mut cases = Vec::new();
    for chunk in people.chunks(5_000) {
        let rows = overpayment::Entity::find()
            .filter(overpayment::Column::PersonId.is_in(chunk.iter().copied()))
            .filter(overpayment::Column::Status.eq(OverpaymentStatus::Detected))
            .all(txn.conn())
            .await?;
        for row in rows {
            excess.insert(
                (row.entitlement_id, row.component, row.cover_month),
                (row.person_id, row.amount),
            );
        }
        let open = overpayment_case::Entity::find()
            .filter(overpayment_case::Column::PersonId.is_in(chunk.iter().copied()))
            .filter(overpayment_case::Column::Status.ne(CaseStatus::Superseded))
            .order_by_asc(overpayment_case::Column::Id)
            .lock(CASE);
        cases.extend(open.all(txn.conn()).await?);
    }
    cases.sort_by_key(|case| (case.created_at, case.id));
    let unclaimed = follow(app, txn, &cases, excess).await?;
    open_cases(app, txn, unclaimed, &origins).await
}

/// Lowers the claims of cases to what is still paid too much; gives what no case claims.
async fn follow(
    app: &App,
    txn: &Txn,
    cases: &[overpayment_case::Model],
    mut excess: BTreeMap<Key, (Uuid, i64)>,
) -> Result<BTreeMap<Key, (Uuid, i64)>, Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.id).collect();
    let place: BTreeMap<Uuid, usize> = ids.iter().copied().zip(0..).collect();
    let mut by_key: BTreeMap<Key, Vec<overpayment_month::Model>> = BTreeMap::new();
    for month in months_of(txn.conn(), &ids).await? {
        let key = (month.entitlement_id, month.component.clone(), month.cover_month);
        by_key.entry(key).or_default().push(month);
    }
    let mut lowered: BTreeMap<Uuid, Vec<Value>> = BTreeMap::new();
    let mut left: BTreeMap<Uuid, i64> = ids.iter().map(|id| (*id, 0)).collect();
    for (key, mut months) in by_key {
        months.sort_by_key(|month| place.get(&month.case_id).copied());
        let claims: Vec<i64> = months.iter().map(|month| month.detected - month.recovered).collect();
        let now = excess.get(&key).map_or(0, |(_, amount)| *amount);
        let (shares, unclaimed) = share(now, &claims);
        for ((month, claim), part) in months.into_iter().zip(claims).zip(shares) {
            *left.entry(month.case_id).or_default() += part;
            if part < claim {
                let told = lower(txn, month, part).await?;
                lowered.entry(told.0).or_default().push(told.1);
            }
        }
        if let Some((_, amount)) = excess.get_mut(&key) {
            *amount = unclaimed;
        }
    }
    for case in cases {
        if let Some(months) = lowered.remove(&case.id) {
            let empty = left.get(&case.id).is_none_or(|left| *left == 0);
            note_lowered(app, txn, case, json!({"months": months}), empty).await?;
        }
    }
    excess.retain(|_, (_, amount)| *amount > 0);
    Ok(excess)
}

/// Lowers what a month of a case claims, and with it what was decided of it.
async fn lower(txn: &Txn, month: overpayment_month::Model, claim: i64) -> Result<(Uuid, Value), Error> {
    let detected = month.recovered + claim;
    let changed = overpayment_month::Model {
        detected,
        proposed: month.proposed.map(|amount| amount.min(detected)),
        decided: month.decided.map(|amount| amount.min(detected)),
        ..month.clone()
    };
    let told = json!({
        "entitlement": month.entitlement_id,
        "component": month.component,
        "cover_month": month.cover_month,
        "detected": [month.detected, changed.detected],
        "decided": [month.decided, changed.decided],
    });
    changed.into_active_model().reset_all().update(txn.conn()).await?;
    Ok((month.case_id, told))
}

/// The history of a case that was lowered. A case that is under way and of which nothing is left is superseded.
async fn note_lowered(
    app: &App,
    txn: &Txn,
    case: &overpayment_case::Model,
    detail: Value,
    empty: bool,
) -> Result<(), Error> {
    let closed = matches!(
        case.status,
        CaseStatus::NotRecoverable
            | CaseStatus::BelowMinimum
            | CaseStatus::TimeBarred
            | CaseStatus::Settled
            | CaseStatus::Waived
            | CaseStatus::WrittenOff
    );
    let to = if empty && !closed {
        CaseStatus::Superseded
    } else {
        case.status
    };
    let changed = overpayment_case::Model {
        status: to,
        version: case.version + 1,
        ..case.clone()
    };
    changed
        .clone()
        .into_active_model()
        .reset_all()
        .update(txn.conn())
        .await?;
    let event = by_reassessment(
        app,
        case.id,
        case.version + 1,
        ("adjust", Some(case.status), to),
        detail,
    );
    txn.insert_all::<overpayment_event::Entity>(vec![event]).await?;
    // What a run keeps back stands where all of it is open still. Unreleased runs are locked by now.
    let standing = deduction::go_on(txn, &changed).await?;
    pay_run::void_deducting(app, txn, case.id, &standing).await
}

fn by_reassessment(
    app: &App,
    case_id: Uuid,
    sequence: i64,
    (action, from_status, to_status): (&str, Option<CaseStatus>, CaseStatus),
    detail: Value,
) -> overpayment_event::Model {
    overpayment_event::Model {
        case_id,
        sequence,
        action: action.to_owned(),
        from_status,
        to_status,
        reason: None,
        actor: "system (reassessment)".to_owned(),
        user_id: None,
        detail,
        at: app.clock.now(),
    }
}

/// Opens a case per person and origin for what no case claims. Months lowered by law alone make no debt, unless the
/// instrument says so.
async fn open_cases(
    app: &App,
    txn: &Txn,
    unclaimed: BTreeMap<Key, (Uuid, i64)>,
    origins: &BTreeMap<Key, Origin>,
) -> Result<(), Error> {
    let mut grouped: BTreeMap<(Uuid, Origin), Vec<(Key, i64)>> = BTreeMap::new();
    for (key, (person_id, amount)) in unclaimed {
        let origin = origins.get(&key).copied().unwrap_or(Origin::Evidence(0));
        grouped.entry((person_id, origin)).or_default().push((key, amount));
    }
    let mut says_debt: BTreeMap<i32, bool> = BTreeMap::new();
    let (mut cases, mut months, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for ((person_id, origin), own) in grouped {
        let forgiven = match origin {
            Origin::Release(number) if !says_debt.contains_key(&number) => {
                let debt = law::lowering_makes_debt(txn.conn(), number).await?;
                says_debt.insert(number, debt);
                !debt
            }
            Origin::Release(number) => !says_debt.get(&number).copied().unwrap_or(false),
            Origin::Evidence(_) => false,
        };
        let id = app.ids.next();
        let detail =
            json!({"event": origin.event(), "months": own.len(), "amount": own.iter().map(|(_, a)| a).sum::<i64>()});
        events.push(by_reassessment(
            app,
            id,
            1,
            ("detect", None, CaseStatus::Detected),
            detail,
        ));
        if forgiven {
            let steps = ("classify", Some(CaseStatus::Detected), CaseStatus::NotRecoverable);
            events.push(by_reassessment(app, id, 2, steps, json!({"cause": "law"})));
        }
        cases.push(fresh(app, id, person_id, origin, forgiven));
        months.extend(
            own.into_iter().map(
                |((entitlement_id, component, cover_month), amount)| overpayment_month::Model {
                    case_id: id,
                    entitlement_id,
                    component,
                    cover_month,
                    detected: amount,
                    proposed: None,
                    decided: None,
                    reason: None,
                    recovered: 0,
                },
            ),
        );
    }
    txn.insert_all::<overpayment_case::Entity>(cases).await?;
    txn.insert_all::<overpayment_month::Entity>(months).await?;
    txn.insert_all::<overpayment_event::Entity>(events).await
}

fn fresh(app: &App, id: Uuid, person_id: Uuid, origin: Origin, forgiven: bool) -> overpayment_case::Model {
    overpayment_case::Model {
        id,
        person_id,
        event: origin.event(),
        status: if forgiven {
            CaseStatus::NotRecoverable
        } else {
            CaseStatus::Detected
        },
        cause: matches!(origin, Origin::Release(_)).then_some(OverpaymentCause::Law),
        notice_delivered_on: None,
        response_due: None,
        statement: None,
        revision: 0,
        digest: None,
        proposed_by: None,
        decided_by: None,
        decided_at: None,
        decision_delivered_on: None,
        appeal_until: None,
        plan: 0,
        recovered_before_plan: 0,
        version: if forgiven { 2 } else { 1 },
        created_at: app.clock.now(),
    }
}
