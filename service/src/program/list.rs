//! Looking programs up. They are public within the house: no area stands on them.

use chrono::NaiveDate;
use entity::enums::{ProgramKind, ProgramStatus};
use entity::program;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::page::{Page, Window};

/// Which programs to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPrograms {
    /// In this state.
    #[param(value_type = Option<String>, pattern = "^(draft|active|closed)$", example = "active")]
    pub status: Option<ProgramStatus>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A program of assistance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProgramView {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    #[schema(example = "monthly_allowance")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// What it gives.
    #[schema(value_type = String, pattern = "^(monthly_cash|one_off_cash|relief|facility_care|service)$", example = "monthly_cash")]
    pub kind: ProgramKind,
    /// The benefit it gives, where the law engine determines it.
    #[schema(example = "monthly_allowance")]
    pub benefit: Option<String>,
    /// The law it rests on.
    #[schema(example = "NĐ 20/2021/NĐ-CP, Điều 5 và 6")]
    pub legal_basis: String,
    /// Who is responsible.
    #[schema(example = "Sở Lao động - Thương binh và Xã hội")]
    pub responsible_unit: String,
    /// The fund it is paid from.
    #[schema(example = "social_assistance")]
    pub fund_code: String,
    /// The line of the fund's estimate that it draws on, by its code; none: the fund as a whole.
    #[schema(example = json!(null))]
    pub fund_line: Option<String>,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
    /// Applications are decided in active programs alone.
    #[schema(value_type = String, pattern = "^(draft|active|closed)$", example = "active")]
    pub status: ProgramStatus,
    /// The version for `If-Match`.
    pub version: i64,
}

impl From<program::Model> for ProgramView {
    fn from(row: program::Model) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: Text::new(row.name_vi, row.name_en),
            kind: row.kind,
            benefit: row.benefit,
            legal_basis: row.legal_basis,
            responsible_unit: row.responsible_unit,
            fund_code: row.fund_code,
            fund_line: row.fund_line,
            from: row.from_date,
            to: row.to_date,
            status: row.status,
            version: row.version,
        }
    }
}

/// One program.
pub async fn get(app: &App, actor: &Actor, program_id: Uuid) -> Result<ProgramView, Error> {
    actor.require(Permission::ProgramRead)?;
    Ok(find(app.db.read(), program_id).await?.into())
}

/// Lists programs.
pub async fn list(app: &App, actor: &Actor, command: ListPrograms) -> Result<Page<ProgramView>, Error> {
    actor.require(Permission::ProgramRead)?;
    let ListPrograms { status, limit, cursor } = command;
    let window = Window::<Uuid>::of(app, "programs", &status, limit, cursor.as_deref())?;
    let mut query = program::Entity::find()
        .order_by_asc(program::Column::Id)
        .limit(window.fetch());
    if let Some(status) = status {
        query = query.filter(program::Column::Status.eq(status));
    }
    if let Some(after) = window.after {
        query = query.filter(program::Column::Id.gt(after));
    }
    Ok(window
        .page(query.all(app.db.read()).await?, |row| row.id)?
        .map(ProgramView::from))
}

pub(super) async fn find(conn: &impl ConnectionTrait, program_id: Uuid) -> Result<program::Model, Error> {
    program::Entity::find_by_id(program_id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}
