//! What runs leave out of what falls due in their months because it was paid before: it fell due earlier, until somebody
//! was determined anew and it was put off (`pay_run::dues`).

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::{LineKind, PeriodKind};
use entity::{determination, determination_period, entitlement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::error::Error;
use crate::fund::dues::{Amount, Group, Paid, month};
use crate::reassessment::{self, Taken};

/// A period of one right that may have been put off.
#[derive(Debug, FromQueryResult)]
struct Row {
    entitlement_id: Uuid,
    benefit: String,
    component: String,
    kind: PeriodKind,
    from_month: i32,
    to_month: Option<i32>,
    due_month: Option<i32>,
    amount: i64,
}

impl Row {
    fn group(&self, next: Month) -> Result<Group, Error> {
        Ok(Group {
            benefit: self.benefit.clone(),
            next,
            one_off: self.kind == PeriodKind::OneOff,
            from: month(self.from_month)?,
            to: self.to_month.map(month).transpose()?,
            due: self.due_month.map(month).transpose()?,
            amount: self.amount,
            undetermined: 0,
        })
    }
}

/// What runs of the months to come leave out since lines, or the predecessor, have paid it. Of whom a run of some areas or
/// one channel has taken the month ahead, all that it makes up for is left out already (`ahead`).
pub(super) async fn paid(
    conn: &impl ConnectionTrait,
    next: &BTreeMap<String, Month>,
    taken: &Taken,
) -> Result<Vec<Paid>, Error> {
    let rows = rows(conn, next).await?;
    let rights: BTreeSet<Uuid> = rows.iter().map(|row| row.entitlement_id).collect();
    if rights.is_empty() {
        return Ok(Vec::new());
    }
    let rights: Vec<Uuid> = rights.into_iter().collect();
    let ahead = taken.ahead(conn, &rights).await?;
    let mut paid = reassessment::paid(conn, &rights).await?;
    let mut found = Vec::new();
    for row in rows {
        let Some(next) = next.get(&row.benefit).copied() else {
            continue;
        };
        let group = row.group(next)?;
        let begun = ahead.get(&row.entitlement_id);
        let of_right = paid.entry(row.entitlement_id).or_default();
        for ((_, cover), left) in of_right.iter_mut().filter(|((own, _), _)| *own == row.component) {
            let run = group.due.unwrap_or(*cover);
            if begun.is_some_and(|months| months.contains(&run)) {
                continue;
            }
            let kind = group.kind(*cover, run);
            let pays = kind != LineKind::Regular && group.paid_in(run).any(|own| own == *cover);
            let own = row.amount.min((*left).max(0));
            if pays && own > 0 {
                *left -= own;
                found.push(Paid {
                    benefit: row.benefit.clone(),
                    run,
                    amount: Amount {
                        kind,
                        cover: *cover,
                        dong: -own,
                        undetermined: 0,
                    },
                });
            }
        }
    }
    Ok(found)
}

/// The periods of the current determinations of some benefits which months to come make up for, or pay once.
async fn rows(conn: &impl ConnectionTrait, next: &BTreeMap<String, Month>) -> Result<Vec<Row>, Error> {
    use determination_period::Column as P;
    let Some(first) = next.values().min().map(|month| month.yyyymm()) else {
        return Ok(Vec::new());
    };
    let of_determination = determination_period::Entity::belongs_to(determination::Entity)
        .from(P::DeterminationId)
        .to(determination::Column::Id);
    let right = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let once = Condition::all()
        .add(P::DueMonth.is_null())
        .add(P::Kind.eq(PeriodKind::OneOff))
        .add(P::FromMonth.gte(first));
    let rows = determination_period::Entity::find()
        .select_only()
        .columns([P::Component, P::Kind, P::FromMonth, P::ToMonth, P::DueMonth, P::Amount])
        .column_as(entitlement::Column::Id, "entitlement_id")
        .column(entitlement::Column::Benefit)
        .join(JoinType::InnerJoin, of_determination.into())
        .join(JoinType::InnerJoin, right.into())
        .filter(entitlement::Column::Benefit.is_in(next.keys().map(String::as_str)))
        .filter(determination::Column::SupersededAt.is_null())
        .filter(P::Reason.is_null())
        .filter(Condition::any().add(P::DueMonth.gte(first)).add(once))
        .into_model()
        .all(conn)
        .await?;
    Ok(rows)
}
