//! Money that came back: its lines are paid again in the next run, on an account that can receive it.

use entity::enums::{LineKind, LineStatus};
use entity::{entitlement, payment_line, payment_order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::line::Due;
use crate::person::PersonRange;

type ReturnedRow = (
    Uuid,
    Uuid,
    Option<Uuid>,
    String,
    String,
    i32,
    i32,
    String,
    i64,
    String,
    Uuid,
    Option<String>,
);

/// The lines of a range of people that came back and were not paid again yet.
pub(super) async fn returned(conn: &impl ConnectionTrait, people: PersonRange) -> Result<Vec<Due>, Error> {
    use payment_line::Column as L;
    let rows: Vec<ReturnedRow> = payment_line::Entity::find()
        .select_only()
        .columns([L::PersonId, L::EntitlementId, L::DeterminationId])
        .column(entitlement::Column::Benefit)
        .columns([
            L::Component,
            L::CoverMonth,
            L::Sequence,
            L::GroupCode,
            L::Amount,
            L::Provision,
            L::PayeeAccountId,
        ])
        .column(payment_order::Column::Reason)
        .join(
            JoinType::InnerJoin,
            payment_line::Entity::belongs_to(entitlement::Entity)
                .from(L::EntitlementId)
                .to(entitlement::Column::Id)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            payment_line::Entity::belongs_to(payment_order::Entity)
                .from(L::OrderId)
                .to(payment_order::Column::Id)
                .into(),
        )
        .filter(L::PersonId.between(people.first, people.last))
        .filter(L::Status.eq(LineStatus::Returned))
        .into_tuple()
        .all(conn)
        .await?;
    let dues = rows.into_iter().map(|row| {
        let (
            person_id,
            entitlement_id,
            determination_id,
            benefit,
            component,
            cover_month,
            sequence,
            group_code,
            amount,
            provision,
            account,
            reason,
        ) = row;
        Due {
            person_id,
            entitlement_id,
            determination_id,
            benefit,
            component,
            kind: LineKind::Reissue,
            cover_month,
            sequence: sequence + 1,
            group_code,
            amount,
            provision,
            undetermined: None,
            returned_from: Some((account, reason.unwrap_or_default())),
        }
    });
    let mut dues: Vec<Due> = dues.collect();
    // Two lines of one month that both came back are paid again one after the other: a run has one line of a key.
    let key = |due: &Due| (due.entitlement_id, due.component.clone(), due.cover_month);
    dues.sort_by_cached_key(|due| (key(due), due.sequence, due.amount));
    dues.dedup_by_key(|due| key(due));
    Ok(dues)
}
