//! The cancellation of money that came back: two people decide that it is not paid again by itself.
//!
//! The order stays rejected or returned: that is what the bank did. Its lines are cancelled and their money is free
//! again; what the people are owed is reckoned anew, so that whoever still has a right to it gets arrears, and whoever
//! has none does not.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::enums::{ArrearsStatus, LineKind, LineStatus, ProposalStatus};
use entity::payment_line::Column as L;
use entity::{arrears, payment_line, payment_order, return_cancellation};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::{self, Account, Move};
use crate::job::{self, Job, JobContext, Queue};
use crate::payment_order::{in_scope, wholly_in_scope};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::{pay_run, reassessment, reconciliation};

/// Proposes that money which came back is not paid again by itself.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeCancellation {
    /// Why; it is kept.
    #[schema(example = "Người hưởng đã chuyển đi tỉnh khác từ tháng trước", max_length = 1000)]
    pub note: String,
}

/// A cancellation of money that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CancellationView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// What of it waits to be paid again, đồng.
    pub amount: i64,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

fn view(row: return_cancellation::Model) -> CancellationView {
    CancellationView {
        id: row.id,
        order_id: row.order_id,
        amount: row.amount,
        proposal: row.proposal(),
    }
}

fn subject(id: Uuid) -> String {
    format!("return_cancellation:{}", id.simple())
}

/// The lines of an order that wait to be paid again.
async fn waiting(conn: &impl ConnectionTrait, order: Uuid) -> Result<Vec<payment_line::Model>, Error> {
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::OrderId.eq(order))
        .filter(payment_line::Column::Status.eq(LineStatus::Returned))
        // A release that pays them again may be under way.
        .lock_exclusive()
        .all(conn)
        .await?;
    if lines.is_empty() {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Lệnh chi không có khoản nào chờ chi lại",
            "nothing of the order waits to be paid again",
        ));
    }
    Ok(lines)
}

/// Refuses while a bank's line that waits for people says that the order may have been debited, alone or with its file: what
/// is cancelled may be owed anew, and would be paid a second time.
async fn require_unclaimed(conn: &impl ConnectionTrait, order: &payment_order::Model) -> Result<(), Error> {
    let by_line = !reconciliation::claimed(conn, &[order.id]).await?.is_empty();
    let by_file = match order.file_id {
        Some(file) => reconciliation::unexplained_files(conn).await?.contains(&file),
        None => false,
    };
    if !by_line && !by_file {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Có dòng của ngân hàng đang chờ xử lý cho biết lệnh chi này có thể đã bị ghi nợ; hãy xử lý dòng đó trước",
        "a bank's line that waits says that the order may have been debited: resolve that line first",
    ))
}

/// Proposes a cancellation: the first of two people.
///
/// # Errors
/// `illegal-transition` where nothing of the order waits to be paid again, or a bank's line that waits says that it may have
/// been debited; `already-exists` where it is proposed already.
pub async fn propose_cancellation(
    app: &App,
    actor: &Actor,
    order: Uuid,
    command: ProposeCancellation,
) -> Result<CancellationView, Error> {
    let scope = actor.require(Permission::OrderPropose)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let row = app
        .db
        .write(async |txn| {
            let order = wholly_in_scope(txn.conn(), &scope, order).await?;
            let lines = waiting(txn.conn(), order.id).await?;
            require_unclaimed(txn.conn(), &order).await?;
            let row = proposed!(return_cancellation, proposal.clone(), {
                id: app.ids.next(),
                order_id: order.id,
                amount: lines.iter().map(|line| line.amount).sum(),
            });
            txn.insert_all::<return_cancellation::Entity>(vec![row.clone()]).await?;
            let detail = json!({"order": order.id, "amount": row.amount, "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "payment_order.propose_cancellation",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Decides a cancellation: the second of two people. Accepted, the lines are cancelled, their money is free again, and
/// what is owed is reckoned anew.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait, or nothing of the order does, or a bank's line that
/// waits says that it may have been debited.
pub async fn decide_cancellation(
    app: &App,
    actor: &Actor,
    order: Uuid,
    command: DecideProposal,
) -> Result<CancellationView, Error> {
    let scope = actor.require(Permission::OrderDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let row = app
        .db
        .write(async |txn| {
            let order = wholly_in_scope(txn.conn(), &scope, order).await?;
            let run = pay_run::for_update(txn, order.pay_run_id).await?;
            let mut row = return_cancellation::Entity::find_by_id(command.proposal_id)
                .filter(return_cancellation::Column::OrderId.eq(order.id))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            row.decide(&verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            let lines = match row.status {
                ProposalStatus::Accepted => {
                    // A release of what pays them again has its run first, and then the lines.
                    pay_run::lock_paying(txn).await?;
                    require_unclaimed(txn.conn(), &order).await?;
                    waiting(txn.conn(), order.id).await?
                }
                _ => Vec::new(),
            };
            if row.status == ProposalStatus::Accepted {
                row.amount = lines.iter().map(|line| line.amount).sum();
            }
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            if !lines.is_empty() {
                carry_out(app, txn, &run, &row, &lines).await?;
            }
            let detail = json!({"order": order.id, "amount": row.amount, "decision": row.status, "note": verdict.note});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "payment_order.decide_cancellation",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

async fn carry_out(
    app: &App,
    txn: &Txn,
    run: &entity::pay_run::Model,
    row: &return_cancellation::Model,
    lines: &[payment_line::Model],
) -> Result<(), Error> {
    payment_line::Entity::update_many()
        .col_expr(payment_line::Column::Status, Expr::value(LineStatus::Cancelled))
        .filter(payment_line::Column::OrderId.eq(row.order_id))
        .filter(payment_line::Column::Status.eq(LineStatus::Returned))
        .exec(txn.conn())
        .await?;
    owe_again(txn, row.order_id, lines).await?;
    let mut by_year: BTreeMap<i32, i64> = BTreeMap::new();
    for line in lines {
        *by_year
            .entry(fund::fiscal_year(line.cover_month, line.fiscal_year))
            .or_insert(0) += line.amount;
    }
    let moves: Vec<Move> = by_year
        .into_iter()
        .map(|(fiscal_year, amount)| Move {
            fiscal_year,
            from: Account::ToReissue,
            to: Account::Available,
            amount,
        })
        .collect();
    let rights: Vec<&payment_line::Model> = lines.iter().filter(|line| line.kind != LineKind::Relief).collect();
    if !rights.is_empty() {
        // A run that was built to pay them again may not be released as it is, and what it has reserved is there again.
        // Runs are locked before funds, and this order's fund together with theirs.
        let people: Vec<Uuid> = rights.iter().map(|line| line.person_id).collect();
        let own_fund = Some(pay_run::fund_code(run));
        pay_run::void_paying(app, txn, pay_run::Because::ReturnCancellation, &people, own_fund).await?;
        job::enqueue(txn, &ReckonCancelled { cancellation: row.id }).await?;
    }
    // Relief rests on a claim and no entitlement: the commune may file it again.
    fund::post(app, txn, pay_run::fund_code(run), &subject(row.id), &moves).await?;
    fund::return_drawn(txn, run, lines).await
}

/// Arrears that these lines of the order made up for, or paid again after they had come back, are made up for no longer:
/// they may be owed anew, by the same determination.
async fn owe_again(txn: &Txn, order: Uuid, lines: &[payment_line::Model]) -> Result<(), Error> {
    use arrears::Column as A;
    let own = paying_arrears(of_line(L::OrderId).eq(order));
    // What was paid again counts no longer: the line that pays it again stands for it.
    let stand = [LineStatus::Draft, LineStatus::Live, LineStatus::Returned];
    let stands = paying_arrears(of_line(L::Status).is_in(stand));
    let mut entitlements: Vec<Uuid> = lines.iter().map(|line| line.entitlement_id).collect();
    entitlements.sort_unstable();
    entitlements.dedup();
    for chunk in entitlements.chunks(5_000) {
        arrears::Entity::update_many()
            .col_expr(A::Status, Expr::value(ArrearsStatus::Cancelled))
            .filter(A::EntitlementId.is_in(chunk.iter().copied()))
            .filter(A::Status.eq(ArrearsStatus::Taken))
            .filter(Expr::exists(own.clone()))
            .filter(Expr::exists(stands.clone()).not())
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// The name of the lines inside [`paying_arrears`].
const PAID: &str = "paid";

fn of_line(column: L) -> Expr {
    Expr::col((Alias::new(PAID), column))
}

/// The lines that pay what a row of `arrears` says, the first time or again, as far as this holds of them.
fn paying_arrears(holds: Expr) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from_as(payment_line::Entity, Alias::new(PAID))
        .and_where(Expr::cust(
            "paid.kind IN ('arrears', 'one_off', 'reissue') AND paid.entitlement_id = arrears.entitlement_id \
             AND paid.component = arrears.component AND paid.cover_month = arrears.cover_month \
             AND paid.determination_id = arrears.determination_id",
        ))
        .and_where(holds)
        .to_owned()
}

/// The cancellations of an order, the newest first.
pub async fn cancellations(app: &App, actor: &Actor, order: Uuid) -> Result<Vec<CancellationView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let order = in_scope(app.db.read(), &scope, order).await?;
    let mut rows = return_cancellation::Entity::find()
        .filter(return_cancellation::Column::OrderId.eq(order.id))
        .all(app.db.read())
        .await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.proposed_at, row.id)));
    Ok(rows.into_iter().map(view).collect())
}

/// After a cancellation: what is still owed becomes arrears of a later run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReckonCancelled {
    /// The cancellation.
    pub cancellation: Uuid,
}

impl Job for ReckonCancelled {
    const KIND: &'static str = "reckon_cancelled_return";
    const QUEUE: Queue = Queue::Reassessment;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("reckon_cancelled_return:{}", self.cancellation.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let conn = app.db.read();
        let found = return_cancellation::Entity::find_by_id(self.cancellation)
            .one(conn)
            .await?;
        let row = found.ok_or_else(Error::not_found)?;
        let order = payment_order::Entity::find_by_id(row.order_id).one(conn).await?;
        let order = order.ok_or_else(Error::not_found)?;
        let mut entitlements: Vec<Uuid> = payment_line::Entity::find()
            .select_only()
            .column(payment_line::Column::EntitlementId)
            .distinct()
            .filter(payment_line::Column::OrderId.eq(order.id))
            .filter(payment_line::Column::Status.eq(LineStatus::Cancelled))
            .into_tuple()
            .all(conn)
            .await?;
        entitlements.sort_unstable();
        reassessment::refresh_differences(app, &entitlements, context).await
    }
}
