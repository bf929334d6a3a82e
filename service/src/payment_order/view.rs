//! Reading orders: those of a run, and any order by what somebody holds of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::{Channel, OrderStatus};
use entity::{bank_report_line, payment_line, payment_order, payment_order_history};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::pay_run::{self, LineView};

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Id.
    pub id: Uuid,
    /// The run it belongs to.
    pub pay_run_id: Uuid,
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
    /// The bank's own reference, once it told one.
    pub bank_reference: Option<String>,
}

fn view(row: payment_order::Model) -> OrderView {
    OrderView {
        id: row.id,
        pay_run_id: row.pay_run_id,
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
        bank_reference: row.bank_reference,
    }
}

/// A step in the life of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderEventView {
    /// Its number in the order's history, from 1.
    #[schema(example = 1)]
    pub sequence: i32,
    /// Where the order stood; nothing before its first step.
    #[schema(value_type = Option<String>, example = "accepted")]
    pub from_status: Option<OrderStatus>,
    /// Where it stands from then on.
    #[schema(value_type = String, example = "credited")]
    pub to_status: OrderStatus,
    /// Why, where something went wrong.
    #[schema(example = json!(null))]
    pub reason: Option<String>,
    /// What brought it about: `pay_run`, `delivery`, `bank_report`, `bank_report_line` and others.
    #[schema(example = "bank_report_line")]
    pub source_kind: String,
    /// The id of that.
    pub source_id: Option<Uuid>,
    /// The bank's report that says so, where one does.
    pub bank_report_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

/// An order with what it pays and everything that became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderDetailView {
    /// The order.
    #[serde(flatten)]
    pub order: OrderView,
    /// The lines that it pays, in the caller's areas.
    pub lines: Vec<LineView>,
    /// Its history, from the first step on.
    pub events: Vec<OrderEventView>,
    /// The orders that replace it, where it came back and is paid again.
    pub reissued_by: Vec<Uuid>,
}

/// Which orders to list; all given filters hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOrders {
    /// With this reference (EndToEndId), as it stands in files.
    #[param(example = "AS00000000000000000001")]
    pub reference: Option<String>,
    /// With this UETR.
    #[param(example = "0192f3a0-7c1d-8e55-8b1a-3d0c2b1a0f9e")]
    pub uetr: Option<Uuid>,
    /// To this account, or to whoever shows the paper of this number at the post office.
    #[param(example = "1500205123456")]
    pub account: Option<String>,
    /// In this state; the states are the set `payment_order_status` of the vocabulary.
    #[param(value_type = Option<String>, example = "returned")]
    pub status: Option<OrderStatus>,
    /// That pays something of this person.
    pub person_id: Option<Uuid>,
    /// Of this run.
    pub pay_run_id: Option<Uuid>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The orders of a run inside the caller's areas.
pub async fn list(
    app: &App,
    actor: &Actor,
    pay_run: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<OrderView>, Error> {
    actor.require(Permission::PayRunRead)?;
    crate::pay_run::find(app.db.read(), pay_run).await?;
    let command = ListOrders {
        pay_run_id: Some(pay_run),
        limit,
        cursor: cursor.map(ToOwned::to_owned),
        ..ListOrders::default()
    };
    search(app, actor, command).await
}

/// The orders inside the caller's areas that fit. Whoever keeps the registry there finds them too, but for those of
/// protected people: they have to know whose money came back, and to which account it can't go.
///
/// # Errors
/// `invalid-cursor` for the cursor of other filters.
pub async fn search(app: &App, actor: &Actor, command: ListOrders) -> Result<Page<OrderView>, Error> {
    use payment_order::Column as C;
    let (scope, by) = actor.require_either(Permission::PayRunRead, Permission::RegistryWrite)?;
    let ListOrders {
        reference,
        uetr,
        account,
        status,
        person_id,
        pay_run_id,
        limit,
        cursor,
    } = command;
    let filters = (&reference, uetr, &account, status, person_id, pay_run_id);
    let window = Window::<Uuid>::of(app, "payment_orders", &filters, limit, cursor.as_deref())?;
    let mut query = payment_order::Entity::find()
        .filter(scope.condition(Expr::col(C::AreaId)))
        .filter(super::made());
    if by == Permission::RegistryWrite {
        query = query.filter(super::of_nobody_protected());
    }
    if let Some(reference) = reference {
        query = query.filter(C::Reference.eq(reference));
    }
    if let Some(uetr) = uetr {
        query = query.filter(C::Uetr.eq(uetr));
    }
    if let Some(account) = account {
        query = query.filter(C::AccountNumber.eq(account));
    }
    if let Some(status) = status {
        query = query.filter(C::Status.eq(status));
        if super::SET_APART.contains(&status) {
            query = query.filter(Expr::col("set_apart").eq(status.to_value()));
        }
    }
    if let Some(person_id) = person_id {
        use payment_line::Column as L;
        let own = payment_line::Entity::find()
            .select_only()
            .column(L::OrderId)
            .filter(L::PersonId.eq(person_id))
            .filter(L::OrderId.is_not_null())
            .filter(scope.condition(Expr::col(L::AreaId)));
        query = query.filter(C::Id.in_subquery(own.into_query()));
    }
    if let Some(pay_run_id) = pay_run_id {
        query = query.filter(C::PayRunId.eq(pay_run_id));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.gt(after));
    }
    let rows = query
        .order_by_asc(C::Id)
        .limit(window.fetch())
        .all(app.db.read())
        .await?;
    Ok(window.page(rows, |row| row.id)?.map(view))
}

/// One order inside the caller's areas, with its lines and its history.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<OrderDetailView, Error> {
    let (scope, by) = actor.require_either(Permission::PayRunRead, Permission::RegistryWrite)?;
    let conn = app.db.read();
    let order = super::in_scope(conn, &scope, id).await?;
    if by == Permission::RegistryWrite {
        let shown = payment_order::Entity::find_by_id(id).filter(super::of_nobody_protected());
        shown.one(conn).await?.ok_or_else(Error::not_found)?;
    }
    let reissued_by: Vec<Uuid> = payment_order::Entity::find()
        .select_only()
        .column(payment_order::Column::Id)
        .filter(payment_order::Column::ReissueOf.eq(id))
        .filter(super::made())
        .order_by_asc(payment_order::Column::Id)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(OrderDetailView {
        lines: pay_run::lines_of_order(app, &scope, id).await?,
        events: events(app, id).await?,
        order: view(order),
        reissued_by,
    })
}

async fn events(app: &App, order: Uuid) -> Result<Vec<OrderEventView>, Error> {
    let rows = payment_order_history::Entity::find()
        .filter(payment_order_history::Column::OrderId.eq(order))
        .order_by_asc(payment_order_history::Column::Sequence)
        .all(app.db.read())
        .await?;
    let mut events: Vec<OrderEventView> = rows.into_iter().map(event).collect();
    let of_lines = events.iter().filter(|event| event.source_kind == "bank_report_line");
    let lines: Vec<Uuid> = of_lines.filter_map(|event| event.source_id).collect();
    let reports: Vec<(Uuid, Uuid)> = bank_report_line::Entity::find()
        .select_only()
        .columns([bank_report_line::Column::Id, bank_report_line::Column::BankReportId])
        .filter(bank_report_line::Column::Id.is_in(lines))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let reports: BTreeMap<Uuid, Uuid> = reports.into_iter().collect();
    for event in &mut events {
        event.bank_report_id = match event.source_kind.as_str() {
            "bank_report" => event.source_id,
            "bank_report_line" => event.source_id.and_then(|line| reports.get(&line).copied()),
            _ => None,
        };
    }
    Ok(events)
}

/// A source is told as `<kind>:<id>`.
fn event(row: payment_order_history::Model) -> OrderEventView {
    let (kind, id) = row.source.split_once(':').unwrap_or((row.source.as_str(), ""));
    OrderEventView {
        sequence: row.sequence,
        from_status: row.from_status,
        to_status: row.to_status,
        reason: row.reason,
        source_kind: kind.to_owned(),
        source_id: Uuid::parse_str(id).ok(),
        bank_report_id: None,
        at: row.at,
    }
}
