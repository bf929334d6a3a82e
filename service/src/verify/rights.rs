//! Determinations, and what they owe against what is accounted for.

use std::collections::BTreeMap;

use entity::enums::{ArrearsStatus, OverpaymentStatus};
use entity::{arrears, determination, entitlement, overpayment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::reassessment;
use crate::verify::Check;

const CHUNK: usize = 5_000;

async fn current(app: &App) -> Result<Vec<(Uuid, Uuid, String)>, Error> {
    let mut rows: Vec<(Uuid, Uuid, String)> = determination::Entity::find()
        .select_only()
        .columns([
            determination::Column::EntitlementId,
            determination::Column::Id,
            determination::Column::ContentHash,
        ])
        .filter(determination::Column::SupersededAt.is_null())
        .into_tuple()
        .all(app.db.read())
        .await?;
    rows.sort_unstable();
    Ok(rows)
}

/// The periods of each current determination have the hash they were stored with, and every entitlement has one.
pub(super) async fn determinations_are_what_was_stored(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("determinations: periods are those that were stored");
    let rows = current(app).await?;
    for chunk in rows.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|(_, id, _)| *id).collect();
        let periods = bulk::periods(app.db.read(), &ids).await?;
        for (_, id, content_hash) in chunk {
            let own = periods.get(id).cloned().unwrap_or_default();
            check.look(periods::content_hash(&own) == *content_hash, || {
                format!("determination {id} was altered")
            });
        }
    }
    let entitlements: Vec<Uuid> = entitlement::Entity::find()
        .select_only()
        .column(entitlement::Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let one_each = rows.windows(2).all(|pair| matches!(pair, [a, b] if a.0 != b.0));
    check.look(one_each && entitlements.len() == rows.len(), || {
        "an entitlement has none or two current determinations".to_owned()
    });
    Ok(check)
}

/// For each entitlement, component and month: what is owed is paid, in flight, awaiting reissue, or pending as
/// arrears; what is accounted for beyond it and not paid back is a detected overpayment.
pub(super) async fn should_is_accounted_for(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("rights: should = lines + arrears pending - overpayments detected, month by month");
    let mut known: BTreeMap<(Uuid, String, i32), i64> = BTreeMap::new();
    for row in arrears::Entity::find()
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .all(app.db.read())
        .await?
    {
        *known
            .entry((row.entitlement_id, row.component, row.cover_month))
            .or_insert(0) += row.amount;
    }
    let detected = overpayment::Column::Status.eq(OverpaymentStatus::Detected);
    for row in overpayment::Entity::find().filter(detected).all(app.db.read()).await? {
        *known
            .entry((row.entitlement_id, row.component, row.cover_month))
            .or_insert(0) -= row.amount;
    }
    for chunk in current(app).await?.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|(_, id, _)| *id).collect();
        let rows = bulk::periods(app.db.read(), &ids).await?;
        let now: Vec<(Uuid, periods::Rows)> = chunk
            .iter()
            .map(|(entitlement_id, id, _)| (*entitlement_id, rows.get(id).cloned().unwrap_or_default()))
            .collect();
        for (entitlement_id, differences) in reassessment::open_differences(app, &now).await? {
            check.looked_at += 1;
            for difference in differences {
                let key = (
                    entitlement_id,
                    difference.component.clone(),
                    difference.cover_month.yyyymm(),
                );
                let recorded = known.remove(&key).unwrap_or(0);
                if recorded != difference.delta {
                    check.faults.push(format!(
                        "entitlement {entitlement_id} {}: {} owed and not accounted for, {recorded} recorded",
                        difference.cover_month, difference.delta
                    ));
                }
            }
        }
    }
    for ((entitlement_id, _, month), amount) in known.into_iter().filter(|(_, amount)| *amount != 0) {
        check.faults.push(format!(
            "entitlement {entitlement_id} {month}: {amount} recorded without a difference"
        ));
    }
    Ok(check)
}
