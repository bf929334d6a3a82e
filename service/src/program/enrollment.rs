//! Who is enrolled in a program.

use chrono::NaiveDate;
use entity::enums::EnrollmentStatus;
use entity::{enrollment, person};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::person::within_scope;
use crate::program::list;

/// Which enrollments to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEnrollments {
    /// In this state.
    #[param(value_type = Option<String>, pattern = "^(active|suspended|ended)$", example = "active")]
    pub status: Option<EnrollmentStatus>,
    /// Of people living in this area or below it: an area id, or a code in all its epochs.
    #[param(example = "06652")]
    pub area: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A person enrolled in a program by a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromQueryResult, ToSchema)]
pub struct EnrollmentView {
    /// Its id.
    pub id: Uuid,
    /// The program.
    pub program_id: Uuid,
    /// The person.
    pub person_id: Uuid,
    /// The person's name.
    #[schema(example = "Phạm Thị Lan")]
    pub full_name: String,
    /// The commune of present residence, by area id.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// The decision.
    pub decision_id: Uuid,
    /// First day.
    pub from_date: NaiveDate,
    /// Last day; open if none.
    pub to_date: Option<NaiveDate>,
    /// Its state.
    #[schema(value_type = String, pattern = "^(active|suspended|ended)$", example = "active")]
    pub status: EnrollmentStatus,
}

/// Lists the enrollments of a program whose people live inside the caller's scope.
pub async fn list_enrollments(
    app: &App,
    actor: &Actor,
    program_id: Uuid,
    command: ListEnrollments,
) -> Result<Page<EnrollmentView>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let conn = app.db.read();
    list::find(conn, program_id).await?;
    let ListEnrollments {
        status,
        area,
        limit,
        cursor,
    } = command;
    let filters = (program_id, &status, &area);
    let window = Window::<Uuid>::of(app, "enrollments", &filters, limit, cursor.as_deref())?;
    let mut query = enrollment::Entity::find()
        .join(JoinType::InnerJoin, to_person())
        .columns([person::Column::FullName, person::Column::AreaId])
        .filter(enrollment::Column::ProgramId.eq(program_id))
        .filter(person::Column::Protected.eq(false))
        .filter(within_scope(&scope));
    if let Some(status) = status {
        query = query.filter(enrollment::Column::Status.eq(status));
    }
    if let Some(area) = &area {
        query = query.filter(person::Column::AreaId.is_in(Directory::load(conn).await?.matching(area)?));
    }
    if let Some(after) = window.after {
        query = query.filter(enrollment::Column::Id.gt(after));
    }
    let query = query.order_by_asc(enrollment::Column::Id).limit(window.fetch());
    window.page(query.into_model::<EnrollmentView>().all(conn).await?, |row| row.id)
}

pub(super) fn to_person() -> sea_orm::RelationDef {
    enrollment::Entity::belongs_to(person::Entity)
        .from(enrollment::Column::PersonId)
        .to(person::Column::Id)
        .into()
}
