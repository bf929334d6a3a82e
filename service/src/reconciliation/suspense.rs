//! What is left for a person.

use entity::{bank_report, bank_report_line, payment_order};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::{ReportLineView, line_view, visible};
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};

/// A line that waits for a person, beside the order it speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuspenseLineView {
    /// The line.
    #[serde(flatten)]
    pub line: ReportLineView,
    /// The order's amount, đồng.
    pub order_amount: Option<i64>,
    /// Where the order stands.
    #[schema(value_type = Option<String>)]
    pub order_status: Option<entity::enums::OrderStatus>,
    /// The run it belongs to.
    pub pay_run_id: Option<Uuid>,
}

/// Says that a line was looked at, and what came of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveLine {
    /// What was found and done; it is kept in the audit trail.
    #[schema(example = "Đã gọi ngân hàng: ghi nhầm số tiền, ngân hàng gửi lại báo cáo")]
    pub note: String,
}

/// The lines inside the caller's areas that wait for a person, by report and place.
pub async fn suspense(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<SuspenseLineView>, Error> {
    use bank_report_line::Column as C;
    let scope = actor.require(Permission::BankReportRead)?;
    let window = Window::<(Uuid, i32)>::of(app, "suspense", &(), limit, cursor)?;
    let mut query = bank_report_line::Entity::find()
        .filter(C::Note.is_not_null())
        .filter(C::ResolvedAt.is_null())
        .filter(visible(&scope))
        .order_by_asc(C::BankReportId)
        .order_by_asc(C::Position)
        .limit(window.fetch());
    if let Some((report, position)) = window.after {
        let same = Condition::all()
            .add(C::BankReportId.eq(report))
            .add(C::Position.gt(position));
        query = query.filter(Condition::any().add(C::BankReportId.gt(report)).add(same));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| (row.bank_report_id, row.position))?;
    let orders: Vec<Uuid> = page.items.iter().filter_map(|row| row.order_id).collect();
    let orders: BTreeMap<Uuid, payment_order::Model> = payment_order::Entity::find()
        .filter(payment_order::Column::Id.is_in(orders))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|order| (order.id, order))
        .collect();
    Ok(page.map(|row| {
        let order = row.order_id.and_then(|id| orders.get(&id));
        SuspenseLineView {
            order_amount: order.map(|order| order.amount),
            order_status: order.map(|order| order.status),
            pay_run_id: order.map(|order| order.pay_run_id),
            line: line_view(row),
        }
    }))
}

/// Takes a line off the list, by a person and with a note. It changes neither orders nor money nor the registry, and
/// is done once.
pub async fn resolve(app: &App, actor: &Actor, line: Uuid, command: ResolveLine) -> Result<ReportLineView, Error> {
    use bank_report_line::Column as C;
    let scope = actor.require(Permission::BankReportWrite)?;
    let person = actor.person()?;
    let note = command.note.trim();
    if note.is_empty() || note.chars().count() > 1_000 {
        return Err(Error::field(
            "/note",
            "length",
            "Ghi chú phải có từ 1 đến 1000 ký tự",
            "a note has 1 to 1000 characters",
        ));
    }
    let at = app.clock.now();
    app.db
        .write(async |txn| {
            let row = bank_report_line::Entity::find_by_id(line)
                .filter(visible(&scope))
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            let resolved = bank_report_line::Entity::update_many()
                .col_expr(C::ResolvedBy, Expr::value(person))
                .col_expr(C::ResolvedAt, Expr::value(at))
                .filter(C::Id.eq(line))
                .filter(C::Note.is_not_null())
                .filter(C::ResolvedAt.is_null())
                .exec(txn.conn())
                .await?;
            if resolved.rows_affected == 0 {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Dòng này không chờ xử lý",
                    "the line does not wait for anybody",
                ));
            }
            bank_report::Entity::update_many()
                .col_expr(
                    bank_report::Column::Suspense,
                    Expr::col(bank_report::Column::Suspense).sub(1),
                )
                .filter(bank_report::Column::Id.eq(row.bank_report_id))
                .exec(txn.conn())
                .await?;
            let detail = json!({"finding": row.note, "order": row.order_id, "note": note});
            let subject = format!("bank_report_line:{}", line.simple());
            txn.audit(Event::new(at, actor, "bank_report_line.resolve", subject, detail));
            Ok(line_view(bank_report_line::Model {
                resolved_by: Some(person),
                resolved_at: Some(at),
                ..row
            }))
        })
        .await
}
