//! Reading what a person is entitled to, now or as it was known at an earlier instant.

use chrono::{DateTime, Utc};
use domain::Month;
use entity::enums::PeriodKind;
use entity::{determination, determination_period, entitlement};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::entitlement::bulk;
use crate::error::Error;
use crate::person;

/// A stretch of months with one amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeriodView {
    /// First month it is for.
    #[schema(example = "2024-09")]
    pub from: String,
    /// Last month; open if none.
    pub to: Option<String>,
    /// The month in which all of it falls due; none: each month in itself.
    pub due: Option<String>,
    /// Regular, arrears, one-off or undetermined.
    #[schema(value_type = String)]
    pub kind: PeriodKind,
    /// Component within the benefit: the day of birth of the person cared for, with a number (`/2`) where several were
    /// born on it; empty for one's own.
    pub component: String,
    /// Group of the law.
    #[schema(example = "5.6")]
    pub group: String,
    /// Đồng for each month.
    pub amount: i64,
    /// The provision it rests on.
    #[schema(example = "NĐ 20/2021 Art 6(1)(e)")]
    pub provision: String,
    /// Why the law does not say, where it does not.
    pub reason: Option<String>,
}

/// What a person is entitled to of one benefit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntitlementView {
    /// Id, permanent.
    pub id: Uuid,
    /// The benefit.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// The release under which this was determined first.
    pub release: i32,
    /// When this was recorded.
    pub recorded_at: DateTime<Utc>,
    /// The periods.
    pub periods: Vec<PeriodView>,
}

/// The entitlements of a person inside the caller's areas, cut to the months asked for.
pub async fn list(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    (from, to): (Option<Month>, Option<Month>),
    known_at: Option<DateTime<Utc>>,
) -> Result<Vec<EntitlementView>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let conn = app.db.read();
    person::find_in_scope(conn, &scope, person_id).await?;
    let entitlements = entitlement::Entity::find()
        .filter(entitlement::Column::PersonId.eq(person_id))
        .order_by_asc(entitlement::Column::Benefit)
        .all(conn)
        .await?;
    let mut views = Vec::new();
    for own in entitlements {
        let mut heads = determination::Entity::find().filter(determination::Column::EntitlementId.eq(own.id));
        heads = match known_at {
            None => heads.filter(determination::Column::SupersededAt.is_null()),
            Some(known_at) => {
                let later = determination::Column::SupersededAt.gt(known_at);
                let standing = Condition::any()
                    .add(determination::Column::SupersededAt.is_null())
                    .add(later);
                heads
                    .filter(determination::Column::RecordedAt.lte(known_at))
                    .filter(standing)
            }
        };
        let Some(head) = heads.order_by_desc(determination::Column::Sequence).one(conn).await? else {
            continue;
        };
        let rows = bulk::periods(conn, &[head.id])
            .await?
            .remove(&head.id)
            .unwrap_or_default();
        let wanted = rows.iter().filter(|row| {
            to.is_none_or(|to| row.from_month <= to.yyyymm())
                && from.is_none_or(|from| row.to_month.is_none_or(|last| last >= from.yyyymm()))
        });
        views.push(EntitlementView {
            id: own.id,
            benefit: own.benefit,
            release: head.first_release,
            recorded_at: head.recorded_at,
            periods: wanted.map(period).collect::<Result<_, _>>()?,
        });
    }
    Ok(views)
}

pub(super) fn period(row: &determination_period::Model) -> Result<PeriodView, Error> {
    let month = |number| {
        Month::from_yyyymm(number)
            .map(|month| month.to_string())
            .map_err(Error::internal)
    };
    Ok(PeriodView {
        from: month(row.from_month)?,
        to: row.to_month.map(month).transpose()?,
        due: row.due_month.map(month).transpose()?,
        kind: row.kind,
        component: row.component.clone(),
        group: row.group_code.clone(),
        amount: row.amount,
        provision: row.provision.clone(),
        reason: row.reason.clone(),
    })
}
