//! What is left for a person.

use std::collections::BTreeMap;

use entity::enums::OrderStatus;
use entity::{bank_report_line, payment_order, suspense_candidate};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::bank_report::{ReportFileView, ReportLineView, files_of_lines, line_view, name_banks, visible};
use crate::error::Error;
use crate::page::{Page, Window};
use crate::reconciliation::batch_sums::{self, BatchSumsView};
use crate::reconciliation::resolution::{self, ResolutionView};
use crate::reconciliation::suspense_filter::{self, ListSuspense};

/// An order that a line may speak of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CandidateView {
    /// The order.
    pub order_id: Uuid,
    /// Its reference.
    pub reference: String,
    /// Đồng.
    pub amount: i64,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: entity::enums::OrderStatus,
    /// The run it belongs to.
    pub pay_run_id: Uuid,
}

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
    /// The sums of the file, where the line speaks of a whole one.
    pub batch: Option<BatchSumsView>,
    /// What the bank says of a whole file, where the line stands for that.
    pub file: Option<ReportFileView>,
    /// The orders it may speak of by the bank's own reference, or by account and amount, where it names none; at most
    /// twenty.
    pub candidates: Vec<CandidateView>,
    /// What one person proposes, and another has to decide.
    pub proposal: Option<ResolutionView>,
}

/// Every line inside the caller's areas that waits for a person, by report and place.
pub async fn suspense(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<SuspenseLineView>, Error> {
    let filter = ListSuspense {
        limit,
        cursor: cursor.map(ToOwned::to_owned),
        ..ListSuspense::default()
    };
    search_suspense(app, actor, filter).await
}

/// Those of them that fit, by report and place.
///
/// # Errors
/// `invalid-cursor` for the cursor of other filters.
pub async fn search_suspense(app: &App, actor: &Actor, filter: ListSuspense) -> Result<Page<SuspenseLineView>, Error> {
    use bank_report_line::Column as C;
    let scope = actor.require(Permission::BankReportRead)?;
    let filters = (filter.pay_run_id, &filter.bank, filter.outcome);
    let cursor = filter.cursor.as_deref();
    let window = Window::<(Uuid, i32)>::of(app, "suspense", &filters, filter.limit, cursor)?;
    let mut query = bank_report_line::Entity::find()
        .filter(suspense_filter::condition(&filter)?)
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
    Ok(Page {
        items: beside_orders(app, page.items).await?,
        next: page.next,
    })
}

/// One line inside the caller's areas that a person has or had to look at, waiting or not.
pub async fn suspense_line(app: &App, actor: &Actor, id: Uuid) -> Result<SuspenseLineView, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let row = bank_report_line::Entity::find_by_id(id)
        .filter(bank_report_line::Column::Note.is_not_null())
        .filter(visible(&scope))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let mut own = beside_orders(app, vec![row]).await?;
    own.pop().ok_or_else(Error::not_found)
}

/// Lines with the orders they speak of and what is proposed.
async fn beside_orders(app: &App, rows: Vec<bank_report_line::Model>) -> Result<Vec<SuspenseLineView>, Error> {
    let orders: Vec<Uuid> = rows.iter().filter_map(|row| row.order_id).collect();
    let orders: BTreeMap<Uuid, payment_order::Model> = payment_order::Entity::find()
        .filter(payment_order::Column::Id.is_in(orders))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|order| (order.id, order))
        .collect();
    let lines: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut batches = batch_sums::of_lines(app.db.read(), &lines).await?;
    let mut files = files_of_lines(app.db.read(), &lines).await?;
    let mut candidates = candidates_of(app, &lines).await?;
    let mut proposals = resolution::proposed(app.db.read(), &lines).await?;
    let beside = rows.into_iter().map(|row| {
        let order = row.order_id.and_then(|id| orders.get(&id));
        SuspenseLineView {
            order_amount: order.map(|order| order.amount),
            order_status: order.map(|order| order.status),
            pay_run_id: order.map(|order| order.pay_run_id),
            batch: batches.remove(&row.id),
            file: files.remove(&row.id),
            candidates: candidates.remove(&row.id).unwrap_or_default(),
            proposal: proposals.remove(&row.id),
            line: line_view(row),
        }
    });
    let mut beside: Vec<SuspenseLineView> = beside.collect();
    name_banks(
        app.db.read(),
        &mut beside.iter_mut().map(|own| &mut own.line).collect::<Vec<_>>(),
    )
    .await?;
    Ok(beside)
}

/// The orders that lines may speak of, by line, in the order of their references. Only lines of no order have any, and
/// those are seen by the whole province alone.
async fn candidates_of(app: &App, lines: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<CandidateView>>, Error> {
    use suspense_candidate::Column as C;
    let own = suspense_candidate::Entity::belongs_to(payment_order::Entity)
        .from(C::OrderId)
        .to(payment_order::Column::Id);
    let rows: Vec<(Uuid, Uuid, String, i64, OrderStatus, Uuid)> = suspense_candidate::Entity::find()
        .select_only()
        .columns([C::LineId, C::OrderId])
        .columns([
            payment_order::Column::Reference,
            payment_order::Column::Amount,
            payment_order::Column::Status,
            payment_order::Column::PayRunId,
        ])
        .join(JoinType::InnerJoin, own.into())
        .filter(C::LineId.is_in(lines.iter().copied()))
        .order_by_asc(payment_order::Column::Reference)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut candidates: BTreeMap<Uuid, Vec<CandidateView>> = BTreeMap::new();
    for (line, order_id, reference, amount, status, pay_run_id) in rows {
        candidates.entry(line).or_default().push(CandidateView {
            order_id,
            reference,
            amount,
            status,
            pay_run_id,
        });
    }
    Ok(candidates)
}
