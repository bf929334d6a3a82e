//! Reading the lines of runs and orders.

use domain::Month;
use entity::enums::{LineKind, LineStatus};
use entity::payment_line;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::error::Error;
use crate::overpayment::{self, DeductionView};
use crate::page::{Page, Window};

/// A line of a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// Id.
    pub id: Uuid,
    /// The person it is for.
    pub person_id: Uuid,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// Component within the benefit.
    pub component: String,
    /// Regular, arrears, one-off, relief or reissue.
    #[schema(value_type = String)]
    pub kind: LineKind,
    /// The month it is for.
    #[schema(value_type = String, example = "2024-09")]
    pub cover_month: Month,
    /// Group of the law.
    pub group: String,
    /// Đồng, before anything is kept back.
    pub amount: i64,
    /// What is kept back of it for overpayments.
    pub deductions: Vec<DeductionView>,
    /// The provision it rests on.
    pub provision: String,
    /// The order that pays it.
    pub order_id: Option<Uuid>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: LineStatus,
}

/// Which lines of a run to list; all given filters hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLines {
    /// In this state; the states are the set `payment_line_status` of the vocabulary.
    #[param(value_type = Option<String>, example = "live")]
    pub status: Option<LineStatus>,
    /// Of this person.
    pub person_id: Option<Uuid>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The lines of a run inside the caller's areas.
pub async fn lines(
    app: &App,
    actor: &Actor,
    id: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<LineView>, Error> {
    let command = ListLines {
        limit,
        cursor: cursor.map(ToOwned::to_owned),
        ..ListLines::default()
    };
    search_lines(app, actor, id, command).await
}

/// The lines of a run inside the caller's areas that fit.
///
/// # Errors
/// `not-found` for a run that does not exist, `invalid-cursor` for the cursor of other filters.
pub async fn search_lines(app: &App, actor: &Actor, id: Uuid, command: ListLines) -> Result<Page<LineView>, Error> {
    use payment_line::Column as C;
    let scope = actor.require(Permission::PayRunRead)?;
    super::find(app.db.read(), id).await?;
    let ListLines {
        status,
        person_id,
        limit,
        cursor,
    } = command;
    let filters = (id, status, person_id);
    let window = Window::<Uuid>::of(app, "payment_lines", &filters, limit, cursor.as_deref())?;
    let mut query = payment_line::Entity::find()
        .filter(C::PayRunId.eq(id))
        .filter(scope.condition(Expr::col(C::AreaId)))
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if let Some(status) = status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some(person_id) = person_id {
        query = query.filter(C::PersonId.eq(person_id));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.gt(after));
    }
    let page = window.page(query.all(app.db.read()).await?, |row| row.id)?;
    Ok(Page {
        items: views(app, page.items).await?,
        next: page.next,
    })
}

/// The lines that an order pays, inside a scope.
pub(crate) async fn lines_of_order(app: &App, scope: &Scope, order: Uuid) -> Result<Vec<LineView>, Error> {
    use payment_line::Column as C;
    let rows = payment_line::Entity::find()
        .filter(C::OrderId.eq(order))
        .filter(scope.condition(Expr::col(C::AreaId)))
        .order_by_asc(C::CoverMonth)
        .order_by_asc(C::Id)
        .all(app.db.read())
        .await?;
    views(app, rows).await
}

async fn views(app: &App, rows: Vec<payment_line::Model>) -> Result<Vec<LineView>, Error> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut kept_back = overpayment::deductions_of(app, &ids).await?;
    let items = rows.into_iter().map(|row| {
        Ok(LineView {
            deductions: kept_back.remove(&row.id).unwrap_or_default(),
            id: row.id,
            person_id: row.person_id,
            entitlement_id: row.entitlement_id,
            component: row.component,
            kind: row.kind,
            cover_month: Month::from_yyyymm(row.cover_month).map_err(Error::internal)?,
            group: row.group_code,
            amount: row.amount,
            provision: row.provision,
            order_id: row.order_id,
            status: row.status,
        })
    });
    items.collect()
}
