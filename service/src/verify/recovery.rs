//! Overpayment cases: nothing is asked for that was not decided, nor taken that was not enforceable.

use std::collections::BTreeMap;

use entity::enums::{AppealOutcome, CaseStatus, OverpaymentStatus};
use entity::{
    overpayment, overpayment_appeal, overpayment_case, overpayment_event, overpayment_month, overpayment_recovery,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::verify::Check;

/// Recovered <= decided <= detected in every month, and what cases claim is paid too much.
pub(super) async fn months_keep_their_order(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("overpayments: recovered <= decided <= detected, and claimed once");
    let conn = app.db.read();
    let superseded: Vec<Uuid> = overpayment_case::Entity::find()
        .filter(overpayment_case::Column::Status.eq(CaseStatus::Superseded))
        .all(conn)
        .await?
        .into_iter()
        .map(|case| case.id)
        .collect();
    let mut moved: BTreeMap<(Uuid, Uuid, String, i32), i64> = BTreeMap::new();
    for row in overpayment_recovery::Entity::find().all(conn).await? {
        *moved
            .entry((row.case_id, row.entitlement_id, row.component, row.cover_month))
            .or_insert(0) += row.amount;
    }
    let mut claimed: BTreeMap<(Uuid, String, i32), i64> = BTreeMap::new();
    for month in overpayment_month::Entity::find().all(conn).await? {
        let decided = month.decided.unwrap_or(0);
        let key = (
            month.case_id,
            month.entitlement_id,
            month.component.clone(),
            month.cover_month,
        );
        let paid_back = moved.remove(&key).unwrap_or(0);
        check.look(
            0 <= month.recovered && month.recovered <= decided && decided <= month.detected,
            || format!("case {} {}: out of order", month.case_id, month.cover_month),
        );
        check.look(paid_back == month.recovered, || {
            format!(
                "case {} {}: {paid_back} moved, {} noted",
                month.case_id, month.cover_month, month.recovered
            )
        });
        if !superseded.contains(&month.case_id) {
            *claimed.entry((key.1, key.2, key.3)).or_insert(0) += month.detected - month.recovered;
        }
    }
    check.look(moved.is_empty(), || "money moved for months of no case".to_owned());
    let detected = overpayment::Column::Status.eq(OverpaymentStatus::Detected);
    for row in overpayment::Entity::find().filter(detected).all(conn).await? {
        let claim = claimed.remove(&(row.entitlement_id, row.component.clone(), row.cover_month));
        check.look(claim == Some(row.amount), || {
            format!(
                "entitlement {} {}: {} paid too much, {claim:?} claimed",
                row.entitlement_id, row.cover_month, row.amount
            )
        });
    }
    let beyond: i64 = claimed.values().sum();
    check.look(beyond == 0, || {
        format!("cases claim {beyond} that nobody was paid too much")
    });
    Ok(check)
}

/// The history of a case leads to its state without a gap, and money was paid back only where it led through
/// `enforceable` and no appeal was open.
pub(super) async fn history_leads_to_state(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("overpayments: history leads to the state, and money moved only while enforceable");
    let conn = app.db.read();
    let mut histories: BTreeMap<Uuid, Vec<overpayment_event::Model>> = BTreeMap::new();
    let events = overpayment_event::Entity::find().order_by_asc(overpayment_event::Column::Sequence);
    for event in events.all(conn).await? {
        histories.entry(event.case_id).or_default().push(event);
    }
    let open: Vec<Uuid> = overpayment_appeal::Entity::find()
        .filter(overpayment_appeal::Column::Outcome.is_null())
        .all(conn)
        .await?
        .into_iter()
        .map(|appeal| appeal.case_id)
        .collect();
    for case in overpayment_case::Entity::find().all(conn).await? {
        let own = histories.remove(&case.id).unwrap_or_default();
        let mut before = None;
        let mut unbroken = true;
        for (event, number) in own.iter().zip(1_i64..) {
            unbroken &= event.sequence == number && event.from_status == before;
            before = Some(event.to_status);
            if matches!(event.action.as_str(), "record_repayment" | "deduct") {
                let stood = matches!(event.to_status, CaseStatus::Enforceable | CaseStatus::Recovering);
                check.look(stood, || {
                    format!("case {}: money moved while {:?}", case.id, event.to_status)
                });
            }
        }
        let last = own.last().map(|event| event.sequence);
        check.look(
            unbroken && before == Some(case.status) && last == Some(case.version),
            || format!("case {} is {:?}, its history says {before:?}", case.id, case.status),
        );
        let rests = !open.contains(&case.id) || matches!(case.status, CaseStatus::Appealed | CaseStatus::Superseded);
        check.look(rests, || format!("case {} goes on under an open appeal", case.id));
    }
    Ok(check)
}

/// Whoever decided did not propose, and whoever resolved an appeal did neither.
pub(super) async fn different_people(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("overpayments: proposed, decided and appealed before different people");
    let cases = overpayment_case::Entity::find().all(app.db.read()).await?;
    let proposers: BTreeMap<Uuid, Option<Uuid>> = cases.iter().map(|case| (case.id, case.proposed_by)).collect();
    for case in &cases {
        let alone = case.decided_by.is_some() && case.decided_by == case.proposed_by;
        check.look(!alone, || format!("case {} was decided by its proposer", case.id));
    }
    for appeal in overpayment_appeal::Entity::find().all(app.db.read()).await? {
        let proposer = proposers.get(&appeal.case_id).copied().flatten();
        let resolver = appeal.resolved_by;
        let apart = resolver.is_none() || (resolver != Some(appeal.decided_by) && resolver != proposer);
        let whole = resolver.is_some() == appeal.outcome.is_some();
        check.look(apart && whole, || {
            let outcome: Option<AppealOutcome> = appeal.outcome;
            format!("appeal {} ({outcome:?}) was resolved by the wrong person", appeal.id)
        });
    }
    Ok(check)
}
