//! How many are enrolled, and where.

use entity::enums::EnrollmentStatus;
use entity::{enrollment, person};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, JoinType, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::error::Error;
use crate::person::within_scope;
use crate::program::enrollment::to_person;
use crate::program::list;

/// How many people a program reaches, inside the caller's scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct StatisticsView {
    /// The program.
    pub program_id: Uuid,
    /// Enrolled now, each person once.
    pub enrolled: i64,
    /// By commune of present residence, in the order of their ids.
    pub by_area: Vec<AreaCount>,
}

/// How many people of one commune.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaCount {
    /// The commune.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// Its name.
    #[schema(example = "Phường Hà Phong")]
    pub name: String,
    /// Enrolled now, each person once.
    pub enrolled: i64,
}

/// Counts the people enrolled in a program, by area.
pub async fn statistics(app: &App, actor: &Actor, program_id: Uuid) -> Result<StatisticsView, Error> {
    let scope = actor.require(Permission::ProgramRead)?;
    let conn = app.db.read();
    list::find(conn, program_id).await?;
    let counted = Expr::col((enrollment::Entity, enrollment::Column::PersonId)).count_distinct();
    let counts: Vec<(String, i64)> = enrollment::Entity::find()
        .select_only()
        .column(person::Column::AreaId)
        .column_as(counted, "enrolled")
        .join(JoinType::InnerJoin, to_person())
        .filter(enrollment::Column::ProgramId.eq(program_id))
        .filter(enrollment::Column::Status.eq(EnrollmentStatus::Active))
        .filter(within_scope(&scope))
        .group_by(person::Column::AreaId)
        .into_tuple()
        .all(conn)
        .await?;
    let areas = Directory::load(conn).await?;
    let mut by_area: Vec<AreaCount> = counts
        .into_iter()
        .map(|(area_id, enrolled)| {
            let name = areas.get(&area_id).map(|row| row.name.clone()).unwrap_or_default();
            AreaCount {
                area_id,
                name,
                enrolled,
            }
        })
        .collect();
    by_area.sort_by(|a, b| a.area_id.cmp(&b.area_id));
    Ok(StatisticsView {
        program_id,
        enrolled: by_area.iter().map(|area| area.enrolled).sum(),
        by_area,
    })
}
