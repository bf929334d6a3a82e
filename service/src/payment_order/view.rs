//! Reading orders.

use entity::enums::{Channel, OrderStatus};
use entity::payment_order;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Id.
    pub id: Uuid,
    /// The reference in bank files (EndToEndId), unique for ever.
    pub reference: String,
    /// The UETR in bank files.
    pub uetr: Uuid,
    /// Bank transfer or post-office cash.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// The bank.
    pub bank_code: Option<String>,
    /// The account, or the number of the paper shown at the post office.
    pub account_number: String,
    /// The holder's name.
    pub holder_name: String,
    /// The file it stands in.
    pub file_id: Option<Uuid>,
    /// Đồng.
    pub amount: i64,
    /// How many lines it pays.
    pub line_count: i32,
    /// The order it replaces, where it pays again what came back.
    pub reissue_of: Option<Uuid>,
    /// What became of it.
    #[schema(value_type = String)]
    pub status: OrderStatus,
    /// The bank's reason where it was rejected or returned.
    pub reason: Option<String>,
}

/// The orders of a run inside the caller's areas, by reference.
pub async fn list(
    app: &App,
    actor: &Actor,
    pay_run: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<OrderView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    crate::pay_run::find(app.db.read(), pay_run).await?;
    let window = Window::<Uuid>::of(app, "payment_orders", &pay_run, limit, cursor)?;
    let mut query = payment_order::Entity::find()
        .filter(payment_order::Column::PayRunId.eq(pay_run))
        .filter(scope.condition(sea_orm::sea_query::Expr::col(payment_order::Column::AreaId)))
        .order_by_asc(payment_order::Column::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(payment_order::Column::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let items = rows.into_iter().map(|row| OrderView {
        id: row.id,
        reference: row.reference,
        uetr: row.uetr,
        channel: row.channel,
        bank_code: row.bank_code,
        account_number: row.account_number,
        holder_name: row.holder_name,
        file_id: row.file_id,
        amount: row.amount,
        line_count: row.line_count,
        reissue_of: row.reissue_of,
        status: row.status,
        reason: row.reason,
    });
    window.page(items.collect(), |order: &OrderView| order.id)
}
