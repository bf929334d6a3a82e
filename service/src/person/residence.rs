//! Where a person lives.

use chrono::{Days, NaiveDate};
use domain::case_file::Residence;
use entity::enums::Setting;
use entity::{person, residence};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::db::Txn;
use crate::error::Error;
use crate::person::amend::{self, Touches};
use crate::person::view::{NewResidence, PersonView};
use crate::person::{check, read};

/// A move: the stay that lasts ends the day before, and this one begins.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The code of the commune, as valid on the first day.
    #[schema(example = "06658")]
    pub area: String,
    /// First day at the new place.
    #[schema(example = "2024-08-01")]
    pub from: NaiveDate,
    /// At home or taken in, or in a social-assistance facility.
    #[schema(value_type = String, pattern = "^(community|facility)$", example = "community")]
    pub setting: Setting,
}

/// The person leaves the province.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveProvince {
    /// The last day in the province.
    #[schema(example = "2024-08-31")]
    pub to: NaiveDate,
}

/// Puts right a stay that was recorded wrong: what is given replaces it whole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectResidence {
    /// The code of the commune, as valid on the first day.
    #[schema(example = "06658")]
    pub area: String,
    /// The right first day.
    pub from: NaiveDate,
    /// The right last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Community or facility.
    #[schema(value_type = String, pattern = "^(community|facility)$", example = "community")]
    pub setting: Setting,
}

/// Moves a person, also out of the caller's own area.
pub async fn move_person(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    expected_version: i64,
    command: Move,
) -> Result<PersonView, Error> {
    let Move { area, from, setting } = command;
    let new = NewResidence {
        area,
        from,
        to: None,
        setting,
    };
    amend_stays(
        app,
        actor,
        (person_id, expected_version),
        "residence.move",
        async |stays: &[residence::Model]| {
            let last = stays
                .iter()
                .max_by_key(|row| (row.to_date.unwrap_or(NaiveDate::MAX), row.from_date));
            let lasting = last.filter(|row| row.to_date.is_none_or(|to| to >= from));
            let Some(row) = lasting else {
                return Ok((None, vec![new.clone()]));
            };
            let until = from
                .checked_sub_days(Days::new(1))
                .filter(|until| *until >= row.from_date);
            let Some(until) = until else {
                return Err(before_the_stay());
            };
            Ok((Some(row.id), vec![ended(row, until), new.clone()]))
        },
    )
    .await
}

/// Ends the stay that lasts: the person leaves the province.
pub async fn leave_province(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    expected_version: i64,
    command: LeaveProvince,
) -> Result<PersonView, Error> {
    amend_stays(
        app,
        actor,
        (person_id, expected_version),
        "residence.leave",
        async |stays: &[residence::Model]| {
            let lasting = stays.iter().find(|row| row.to_date.is_none());
            let Some(row) = lasting.filter(|row| row.from_date <= command.to) else {
                return Err(before_the_stay());
            };
            Ok((Some(row.id), vec![ended(row, command.to)]))
        },
    )
    .await
}

/// Replaces a stay that was recorded wrong.
pub async fn correct_residence(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    residence_id: Uuid,
    expected_version: i64,
    command: CorrectResidence,
) -> Result<PersonView, Error> {
    let CorrectResidence {
        area,
        from,
        to,
        setting,
    } = command;
    let new = NewResidence {
        area,
        from,
        to,
        setting,
    };
    amend_stays(
        app,
        actor,
        (person_id, expected_version),
        "residence.correct",
        async |stays: &[residence::Model]| {
            if !stays.iter().any(|row| row.id == residence_id) {
                return Err(Error::not_found());
            }
            Ok((Some(residence_id), vec![new.clone()]))
        },
    )
    .await
}

fn ended(row: &residence::Model, until: NaiveDate) -> NewResidence {
    NewResidence {
        area: row.area_code.clone(),
        from: row.from_date,
        to: Some(until),
        setting: row.setting,
    }
}

fn before_the_stay() -> Error {
    let (vi, en) = (
        "Ngày này không nằm sau ngày bắt đầu nơi cư trú hiện tại",
        "The day does not lie after the beginning of the present stay",
    );
    Error::field("/from", "date_bounds", vi, en)
}

/// Which stay no longer stands, and which ones now do.
type Amended = (Option<Uuid>, Vec<NewResidence>);

async fn amend_stays(
    app: &App,
    actor: &Actor,
    (person_id, expected_version): (Uuid, i64),
    action: &'static str,
    amended: impl AsyncFn(&[residence::Model]) -> Result<Amended, Error>,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let areas = Directory::load(app.db.read()).await?;
    app.db
        .write(async |txn| {
            let person = amend::open(txn, &scope, person_id, expected_version).await?;
            let standing = standing(txn, person_id).await?;
            let (replaced, new) = amended(&standing).await?;
            let stays = checked(&areas, &standing, replaced, &new)?;
            if let Some(id) = replaced {
                residence::Entity::update_many()
                    .col_expr(residence::Column::SupersededAt, Expr::value(app.clock.now()))
                    .filter(residence::Column::Id.eq(id))
                    .exec(txn.conn())
                    .await?;
            }
            let rows = new.iter().map(|new| row(app, person_id, new)).collect();
            txn.insert_all::<residence::Entity>(rows).await?;
            let area_id = check::present_area(&areas, &stays, app.clock.today()).ok_or_else(Error::not_found)?;
            let detail = json!({ "replaces": replaced, "from_area": person.area_id, "to_area": area_id });
            let after = person::Model { area_id, ..person };
            let row = amend::close(app, txn, actor, after, Touches::Right, (action, detail)).await?;
            read::view(txn.conn(), row).await
        })
        .await
}

/// All stays as they would stand, unless the new ones are faulty.
fn checked(
    areas: &Directory,
    standing: &[residence::Model],
    replaced: Option<Uuid>,
    new: &[NewResidence],
) -> Result<Vec<Residence>, Error> {
    let mut faults = Vec::new();
    let mut stays = Vec::new();
    for row in standing.iter().filter(|row| Some(row.id) != replaced) {
        let kept = NewResidence {
            area: row.area_code.clone(),
            from: row.from_date,
            to: row.to_date,
            setting: row.setting,
        };
        stays.push((String::new(), check::stay(areas, &kept, "", &mut Vec::new())));
    }
    for new in new {
        stays.push(("/from".to_owned(), check::stay(areas, new, "", &mut faults)));
    }
    let mut clashes = Vec::new();
    check::overlaps(&stays, &mut clashes);
    faults.extend(clashes.into_iter().filter(|fault| fault.pointer == "/from"));
    if faults.is_empty() {
        Ok(stays.into_iter().map(|(_, stay)| stay).collect())
    } else {
        Err(Error::invalid(faults))
    }
}

fn row(app: &App, person_id: Uuid, new: &NewResidence) -> residence::Model {
    residence::Model {
        id: app.ids.next(),
        person_id,
        area_code: new.area.clone(),
        setting: new.setting,
        from_date: new.from,
        to_date: new.to,
        recorded_at: app.clock.now(),
        superseded_at: None,
    }
}

async fn standing(txn: &Txn, person_id: Uuid) -> Result<Vec<residence::Model>, Error> {
    let rows = residence::Entity::find()
        .filter(residence::Column::PersonId.eq(person_id))
        .filter(residence::Column::SupersededAt.is_null())
        .order_by_asc(residence::Column::FromDate)
        .order_by_asc(residence::Column::Id)
        .all(txn.conn())
        .await?;
    Ok(rows)
}
