//! The list of areas.

use chrono::NaiveDate;
use entity::area;
use entity::enums::{AreaLevel, AreaType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::actor::Actor;
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};

/// Which areas to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAreas {
    /// The areas of this day; today's if left out.
    pub as_of: Option<NaiveDate>,
    /// Directly below this area: its id, or its code on that day.
    #[param(example = "193")]
    pub parent: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// An administrative unit in one epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaView {
    /// Code and first month: codes are used again after a reform.
    #[schema(example = "06652@1900-01")]
    pub id: String,
    /// The code of the General Statistics Office.
    #[schema(example = "06652")]
    pub code: String,
    /// Its name.
    #[schema(example = "Phường Hà Phong")]
    pub name: String,
    /// Its level.
    #[schema(value_type = String, pattern = "^(province|district|commune)$", example = "commune")]
    pub level: AreaLevel,
    /// The kind of unit.
    #[schema(example = "phường")]
    pub kind: String,
    /// The type some amounts depend on; communes only.
    #[schema(value_type = Option<String>, pattern = "^(urban|rural|special)$", example = "urban")]
    pub area_type: Option<AreaType>,
    /// The area it belongs to.
    #[schema(example = "193@1900-01")]
    pub parent_id: Option<String>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day; null while it exists.
    pub valid_to: Option<NaiveDate>,
}

impl From<area::Model> for AreaView {
    fn from(row: area::Model) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            level: row.level,
            kind: row.kind,
            area_type: row.area_type,
            parent_id: row.parent_id,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }
}

/// Lists areas by code. They are public, so any credential may.
pub async fn list(app: &App, _actor: &Actor, command: ListAreas) -> Result<Page<AreaView>, Error> {
    let ListAreas {
        as_of,
        parent,
        limit,
        cursor,
    } = command;
    let day = as_of.unwrap_or_else(|| app.clock.today());
    let window = Window::<String>::of(app, "areas", &(day, &parent), limit, cursor.as_deref())?;
    let mut query = area::Entity::find().filter(area::Column::ValidFrom.lte(day)).filter(
        Condition::any()
            .add(area::Column::ValidTo.is_null())
            .add(area::Column::ValidTo.gte(day)),
    );
    if let Some(parent) = &parent {
        let named = Condition::any()
            .add(area::Column::Id.eq(parent))
            .add(area::Column::Code.eq(parent));
        let row = query.clone().filter(named).one(app.db.read()).await?.ok_or_else(|| {
            let (vi, en) = ("Không có địa bàn này vào ngày đó", "There is no such area on that day");
            Error::field("/parent", "unknown_area", vi, en)
        })?;
        query = query.filter(area::Column::ParentId.eq(row.id));
    }
    if let Some(after) = &window.after {
        query = query.filter(area::Column::Code.gt(after));
    }
    // Codes are digits alone, so every collation sorts them alike, and one day has each code once.
    let rows = query
        .order_by_asc(area::Column::Code)
        .limit(window.fetch())
        .all(app.db.read())
        .await?;
    Ok(window.page(rows, |row| row.code.clone())?.map(AreaView::from))
}
