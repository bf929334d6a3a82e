//! Making households and changing who belongs to them.

use chrono::NaiveDate;
use entity::{household, household_member};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::area::{self, Directory};
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::household::read::{HouseholdView, view};
use crate::person::find_in_scope;

/// Registers a household.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateHousehold {
    /// The code of the commune, as valid today.
    #[schema(example = "06652")]
    pub area: String,
    /// Where in the commune.
    #[schema(example = "Tổ 3, khu 2", max_length = 300)]
    pub address: String,
}

/// Adds a person to a household; the membership elsewhere that lasts ends the day before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// The person.
    pub person_id: Uuid,
    /// Relation to the head of the household.
    #[schema(example = "con", max_length = 60)]
    pub relation: String,
    /// First day.
    #[schema(example = "2020-01-01")]
    pub from: NaiveDate,
}

/// Ends a membership.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndMember {
    /// The last day.
    #[schema(example = "2024-08-31")]
    pub to: NaiveDate,
}

/// Registers a household.
pub async fn create(app: &App, actor: &Actor, command: CreateHousehold) -> Result<HouseholdView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let areas = Directory::load(app.db.read()).await?;
    let mut faults = Vec::new();
    let area_id = areas
        .commune(&command.area, app.clock.today())
        .map(|row| row.id.clone());
    if area_id.is_none() {
        faults.push(area::unknown("/area"));
    }
    text(&command.address, 300, "/address", &mut faults);
    let Some(area_id) = area_id.filter(|_| faults.is_empty()) else {
        return Err(Error::invalid(faults));
    };
    if !scope.covers(&area_id) {
        return Err(Error::not_found());
    }
    let row = household::Model {
        id: app.ids.next(),
        area_id,
        address: command.address.trim().to_owned(),
        version: 1,
        created_at: app.clock.now(),
    };
    app.db
        .write(async |txn| {
            txn.insert_all::<household::Entity>(vec![row.clone()]).await?;
            let detail = json!({ "area_id": row.area_id });
            txn.audit(Event::new(
                row.created_at,
                actor,
                "household.create",
                subject(row.id),
                detail,
            ));
            view(txn.conn(), row.clone()).await
        })
        .await
}

/// Adds a person to a household.
pub async fn add_member(
    app: &App,
    actor: &Actor,
    household_id: Uuid,
    expected_version: i64,
    command: AddMember,
) -> Result<HouseholdView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    app.db
        .write(async |txn| {
            let row = open(txn, &scope, household_id, expected_version).await?;
            find_in_scope(txn.conn(), &scope, command.person_id).await?;
            let mut faults = Vec::new();
            text(&command.relation, 60, "/relation", &mut faults);
            let lasting = household_member::Entity::find()
                .filter(household_member::Column::PersonId.eq(command.person_id))
                .filter(household_member::Column::ToDate.is_null())
                .all(txn.conn())
                .await?;
            let until = command.from.pred_opt().unwrap_or(command.from);
            if lasting
                .iter()
                .any(|member| member.household_id == household_id || member.from_date > until)
            {
                let (vi, en) = (
                    "Người này đã thuộc một hộ vào ngày đó",
                    "The person belongs to a household on that day",
                );
                faults.push(FieldError::new("/from", "overlapping_memberships", vi, en));
            }
            if !faults.is_empty() {
                return Err(Error::invalid(faults));
            }
            for member in lasting {
                end(txn, member.id, until).await?;
            }
            let member = household_member::Model {
                id: app.ids.next(),
                household_id,
                person_id: command.person_id,
                relation: command.relation.trim().to_owned(),
                from_date: command.from,
                to_date: None,
            };
            let detail = json!({ "person": member.person_id, "from": member.from_date });
            txn.insert_all::<household_member::Entity>(vec![member]).await?;
            close(app, txn, actor, row, ("household.add_member", detail)).await
        })
        .await
}

/// Ends a membership on its last day.
pub async fn end_member(
    app: &App,
    actor: &Actor,
    household_id: Uuid,
    member_id: Uuid,
    expected_version: i64,
    command: EndMember,
) -> Result<HouseholdView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    app.db
        .write(async |txn| {
            let row = open(txn, &scope, household_id, expected_version).await?;
            let query = household_member::Entity::find_by_id(member_id);
            let query = query.filter(household_member::Column::HouseholdId.eq(household_id));
            let member = query.one(txn.conn()).await?.ok_or_else(Error::not_found)?;
            if command.to < member.from_date {
                let (vi, en) = ("Ngày kết thúc trước ngày bắt đầu", "It ends before it begins");
                return Err(Error::field("/to", "to_before_from", vi, en));
            }
            end(txn, member_id, command.to).await?;
            let detail = json!({ "person": member.person_id, "to": command.to });
            close(app, txn, actor, row, ("household.end_member", detail)).await
        })
        .await
}

async fn open(txn: &Txn, scope: &Scope, id: Uuid, expected_version: i64) -> Result<household::Model, Error> {
    let query = household::Entity::find_by_id(id)
        .filter(super::within(scope))
        .lock_exclusive();
    let row = query.one(txn.conn()).await?.ok_or_else(Error::not_found)?;
    if row.version == expected_version {
        Ok(row)
    } else {
        Err(Error::new(ProblemCode::Stale))
    }
}

async fn close(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    mut row: household::Model,
    (action, detail): (&'static str, Value),
) -> Result<HouseholdView, Error> {
    row.version += 1;
    household::Entity::update(row.clone().into_active_model().reset_all())
        .exec(txn.conn())
        .await?;
    txn.audit(Event::new(app.clock.now(), actor, action, subject(row.id), detail));
    view(txn.conn(), row).await
}

async fn end(txn: &Txn, member_id: Uuid, until: NaiveDate) -> Result<(), Error> {
    let change = household_member::ActiveModel {
        id: Set(member_id),
        to_date: Set(Some(until)),
        ..Default::default()
    };
    change.update(txn.conn()).await?;
    Ok(())
}

fn text(text: &str, longest: usize, pointer: &str, faults: &mut Vec<FieldError>) {
    if text.trim().is_empty() || text.chars().count() > longest {
        let (vi, en) = (
            format!("Từ 1 đến {longest} ký tự"),
            format!("1 to {longest} characters"),
        );
        faults.push(FieldError::new(pointer, "text_length", vi, en));
    }
}

fn subject(id: Uuid) -> String {
    format!("household:{}", id.simple())
}
