//! Looking households up.

use chrono::{DateTime, NaiveDate, Utc};
use entity::{household, household_member, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::error::Error;
use crate::household::within;
use crate::page::{Page, Window};

/// Which households to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListHouseholds {
    /// In this area or below it: an area id, or a code in all its epochs.
    #[param(example = "06652")]
    pub area: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HouseholdView {
    /// Its id.
    pub id: Uuid,
    /// The commune, by area id.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// Where in the commune.
    #[schema(example = "Tổ 3, khu 2")]
    pub address: String,
    /// The version for `If-Match`.
    pub version: i64,
    /// Registered at.
    pub created_at: DateTime<Utc>,
    /// Members, past ones included; empty in lists.
    pub members: Vec<MemberView>,
}

/// A member of a household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MemberView {
    /// The membership's id.
    pub id: Uuid,
    /// The person.
    pub person_id: Uuid,
    /// The person's name.
    #[schema(example = "Phạm Thị Lan")]
    pub full_name: String,
    /// Relation to the head of the household.
    #[schema(example = "chủ hộ")]
    pub relation: String,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
}

/// One household with its members.
pub async fn get(app: &App, actor: &Actor, household_id: Uuid) -> Result<HouseholdView, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let query = household::Entity::find_by_id(household_id).filter(within(&scope));
    let row = query.one(app.db.read()).await?.ok_or_else(Error::not_found)?;
    view(app.db.read(), row).await
}

/// Lists households inside the caller's scope.
pub async fn list(app: &App, actor: &Actor, command: ListHouseholds) -> Result<Page<HouseholdView>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let ListHouseholds { area, limit, cursor } = command;
    let window = Window::<Uuid>::of(app, "households", &area, limit, cursor.as_deref())?;
    let mut query = household::Entity::find().filter(within(&scope));
    if let Some(area) = &area {
        query = query.filter(household::Column::AreaId.is_in(Directory::load(app.db.read()).await?.matching(area)?));
    }
    if let Some(after) = window.after {
        query = query.filter(household::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(household::Column::Id)
        .limit(window.fetch())
        .all(app.db.read())
        .await?;
    Ok(window
        .page(rows, |row| row.id)?
        .map(|row| with_members(row, Vec::new())))
}

pub(super) async fn view(conn: &impl ConnectionTrait, row: household::Model) -> Result<HouseholdView, Error> {
    let rows = household_member::Entity::find()
        .find_also_related(person::Entity)
        .filter(household_member::Column::HouseholdId.eq(row.id))
        .order_by_asc(household_member::Column::FromDate)
        .order_by_asc(household_member::Column::Id)
        .all(conn)
        .await?;
    let members = rows.into_iter().filter_map(|(member, person)| {
        Some(MemberView {
            id: member.id,
            person_id: member.person_id,
            full_name: person?.full_name,
            relation: member.relation,
            from: member.from_date,
            to: member.to_date,
        })
    });
    Ok(with_members(row, members.collect()))
}

fn with_members(row: household::Model, members: Vec<MemberView>) -> HouseholdView {
    let household::Model {
        id,
        area_id,
        address,
        version,
        created_at,
        ..
    } = row;
    HouseholdView {
        id,
        area_id,
        address,
        version,
        created_at,
        members,
    }
}
