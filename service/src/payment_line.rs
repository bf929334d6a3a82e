//! What was paid for a person: the lines of pay runs beside the orders that carried them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use entity::enums::{LineKind, LineStatus, OrderStatus};
use entity::{pay_run, payment_line, payment_order};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::overpayment::{self, DeductionView};
use crate::page::{Page, Window};
use crate::person;

/// A line of a pay run, as the person asks about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonPaymentView {
    /// The line.
    pub id: Uuid,
    /// The run.
    pub pay_run_id: Uuid,
    /// The day the money is or was to be paid.
    pub pay_date: NaiveDate,
    /// Regular, arrears, one-off, relief or reissue.
    #[schema(value_type = String, example = "regular")]
    pub kind: LineKind,
    /// The month it is for.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// Component within the benefit.
    pub component: String,
    /// Group of the law.
    #[schema(example = "5.6")]
    pub group: String,
    /// Đồng, before anything is kept back.
    #[schema(example = 900_000)]
    pub amount: i64,
    /// What is kept back of it for overpayments.
    pub deductions: Vec<DeductionView>,
    /// The provision it rests on.
    pub provision: String,
    /// Where the line stands.
    #[schema(value_type = String, example = "live")]
    pub status: LineStatus,
    /// The reference of the order that carries it (EndToEndId); none before approval.
    pub order_reference: Option<String>,
    /// What became of the order.
    #[schema(value_type = Option<String>, example = "credited")]
    pub order_status: Option<OrderStatus>,
    /// The bank's reason where the order was rejected or returned.
    pub order_reason: Option<String>,
}

/// The lines of a person inside the caller's areas, the newest month first.
pub async fn of_person(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<PersonPaymentView>, Error> {
    use payment_line::Column as C;
    let scope = actor.require(Permission::RegistryRead)?;
    let conn = app.db.read();
    person::find_in_scope(conn, &scope, person_id).await?;
    let window = Window::<(i32, Uuid)>::of(app, "person_payments", &person_id, limit, cursor)?;
    let mut query = payment_line::Entity::find()
        .filter(C::PersonId.eq(person_id))
        .order_by_desc(C::CoverMonth)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some((month, id)) = window.after {
        let same = Condition::all().add(C::CoverMonth.eq(month)).add(C::Id.lt(id));
        query = query.filter(Condition::any().add(C::CoverMonth.lt(month)).add(same));
    }
    let page = window.page(query.all(conn).await?, |row| (row.cover_month, row.id))?;
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Id.is_in(page.items.iter().map(|row| row.pay_run_id)))
        .all(conn)
        .await?;
    let pay_dates: BTreeMap<Uuid, NaiveDate> = runs.into_iter().map(|run| (run.id, run.pay_date)).collect();
    let orders = payment_order::Entity::find()
        .filter(payment_order::Column::Id.is_in(page.items.iter().filter_map(|row| row.order_id)))
        .filter(crate::payment_order::made())
        .all(conn)
        .await?;
    let orders: BTreeMap<Uuid, payment_order::Model> = orders.into_iter().map(|order| (order.id, order)).collect();
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let mut kept_back = overpayment::deductions_of(app, &ids).await?;
    let mut items = Vec::with_capacity(ids.len());
    for row in page.items {
        let deductions = kept_back.remove(&row.id).unwrap_or_default();
        items.push(view(row, deductions, &pay_dates, &orders)?);
    }
    Ok(Page { items, next: page.next })
}

fn view(
    row: payment_line::Model,
    deductions: Vec<DeductionView>,
    pay_dates: &BTreeMap<Uuid, NaiveDate>,
    orders: &BTreeMap<Uuid, payment_order::Model>,
) -> Result<PersonPaymentView, Error> {
    let order = row.order_id.and_then(|id| orders.get(&id));
    Ok(PersonPaymentView {
        id: row.id,
        pay_run_id: row.pay_run_id,
        pay_date: pay_dates.get(&row.pay_run_id).copied().ok_or_else(Error::not_found)?,
        kind: row.kind,
        cover_month: Month::from_yyyymm(row.cover_month)
            .map_err(Error::internal)?
            .to_string(),
        component: row.component,
        group: row.group_code,
        amount: row.amount,
        deductions,
        provision: row.provision,
        status: row.status,
        order_reference: order.map(|order| order.reference.clone()),
        order_status: order.map(|order| order.status),
        order_reason: order.and_then(|order| order.reason.clone()),
    })
}
