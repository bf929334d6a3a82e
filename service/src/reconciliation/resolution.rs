//! What two people make of a line that waits: one proposes, another decides. Where it moves an order, money and run
//! follow in the same transaction, by the rules that hold for banks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::bank_report::{LineFault, ReportLine};
use domain::payment_order::Event as OrderEvent;
use entity::enums::{LineOutcome, ProposalStatus, ResolutionKind};
use entity::{bank_report, bank_report_line, payment_order, suspense_resolution};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::{line_subject, visible};
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::pay_run;
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::reconciliation::apply::{apply, carry_out, moves};
use crate::reconciliation::judge::Judge;
use crate::reconciliation::{load, second_debit, second_return, settle, whole_file_rows};

/// Proposes what comes of a line in suspense.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeResolution {
    /// `matched_to_order`: the line speaks of the order named, and holds for it. `accepted_as_paid`: our account is
    /// debited, even for an order that the bank had refused, or had given back before it debited it again; or cash was
    /// handed over, even where a list before said that it was not collected. Without an
    /// order, the second debit of a file that had come back pays every order of it that was not paid otherwise meanwhile.
    /// `accepted_as_returned`: the money is with us. Without an order, what came back over a file is no earlier return of
    /// it told again, and the file comes back by it. `amount_explained`: the line holds for its order although
    /// the amounts differ. `not_ours` and `bank_resends` move nothing. What a line that holds says was moved more or less
    /// than ordered is booked, and open until it is settled. What a bank says of a whole file moves nothing by itself: it
    /// is `not_ours`, `bank_resends` or `looked_into`, which is for such lines alone.
    #[schema(value_type = String, example = "bank_resends")]
    pub resolution: ResolutionKind,
    /// The order: for a line that fits none.
    #[serde(default)]
    pub order_id: Option<Uuid>,
    /// What was found; it is kept with the line.
    #[schema(
        example = "Đã gọi ngân hàng: ghi nhầm số tiền, ngân hàng gửi lại báo cáo",
        max_length = 1000
    )]
    pub note: String,
}

/// What one person proposes of a line, and what another decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResolutionView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The line.
    pub line_id: Uuid,
    /// What comes of it.
    #[schema(value_type = String, example = "bank_resends")]
    pub resolution: ResolutionKind,
    /// The order it moves.
    pub order_id: Option<Uuid>,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

fn view(row: suspense_resolution::Model) -> ResolutionView {
    ResolutionView {
        id: row.id,
        line_id: row.line_id,
        resolution: row.kind,
        order_id: row.order_id,
        proposal: row.proposal(),
    }
}

/// What is proposed of lines.
pub(super) async fn proposed(
    conn: &impl ConnectionTrait,
    lines: &[Uuid],
) -> Result<BTreeMap<Uuid, ResolutionView>, Error> {
    let rows = suspense_resolution::Entity::find()
        .filter(suspense_resolution::Column::LineId.is_in(lines.iter().copied()))
        .filter(suspense_resolution::Column::Status.eq(ProposalStatus::Proposed))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.line_id, view(row))).collect())
}

/// The line as the bank wrote it.
async fn written(app: &App, row: &bank_report_line::Model) -> Result<ReportLine, Error> {
    let report = bank_report::Entity::find_by_id(row.bank_report_id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let parsed = crate::bank_report::read_again(report).await?;
    let place = u32::try_from(row.position).map_err(Error::internal)?;
    let line = parsed.lines.into_iter().find(|line| line.position == place);
    let mut line = line.ok_or_else(|| Error::internal("a line of the report is not stored"))?;
    // People say which order it is.
    line.fault = line.fault.filter(|fault| *fault != LineFault::ReferenceMissing);
    Ok(line)
}

async fn find(conn: &impl ConnectionTrait, scope: &Scope, line: Uuid) -> Result<bank_report_line::Model, Error> {
    bank_report_line::Entity::find_by_id(line)
        .filter(visible(scope))
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

/// Refuses of a line that waits for nobody: it holds, or was resolved.
fn require_waiting(line: &bank_report_line::Model) -> Result<(), Error> {
    if line.note.is_some() && line.resolved_at.is_none() {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Dòng này không chờ xử lý",
        "the line does not wait for anybody",
    ))
}

/// Proposes what comes of a line: the first of two people. What the rules of orders refuse is refused here already.
///
/// # Errors
/// `illegal-transition` where the line does not wait, or its order can't take it; `already-exists` where something is
/// proposed already; `invalid` where the order is missing or too much.
pub async fn propose(
    app: &App,
    actor: &Actor,
    line: Uuid,
    command: ProposeResolution,
) -> Result<ResolutionView, Error> {
    let scope = actor.require(Permission::BankReportWrite)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let row = find(app.db.read(), &scope, line).await?;
    // Before anything that is asked about it: of a line that is settled nobody needs to name an order.
    require_waiting(&row)?;
    whole_file_rows::check(
        whole_file_rows::stands_for_file(app.db.read(), line).await?,
        command.resolution,
    )?;
    let moved = subject_of(app, &scope, &row, &command).await?;
    // Anything else that moves orders names one.
    let of_whole_file = moves(command.resolution) && moved.is_none();
    let written = match moved {
        Some(_) => Some(written(app, &row).await?),
        None => None,
    };
    let resolution = proposed!(suspense_resolution, proposal, {
        id: app.ids.next(),
        line_id: line,
        kind: command.resolution,
        order_id: moved,
    });
    app.db
        .write(async |txn| {
            let row = locked(txn, line).await?;
            require_waiting(&row)?;
            if let (Some(order), Some(written)) = (moved, &written) {
                let known = load::orders_by_id(txn, &[order]).await?;
                // As it will be decided: with what is known of the order's whole file.
                let (orders, told) = load::order_in_file(txn, order).await?;
                let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
                apply(txn, &mut judge, &known, &resolution, written).await?;
            }
            match resolution.kind {
                ResolutionKind::AcceptedAsReturned if of_whole_file => second_return::require(txn, line).await?,
                _ if of_whole_file => second_debit::require(txn, line).await?,
                _ => {}
            }
            txn.insert_all::<suspense_resolution::Entity>(vec![resolution.clone()])
                .await?;
            let detail =
                json!({"finding": row.note, "resolution": resolution.kind, "order": moved, "note": resolution.note});
            txn.audit(Event::new(
                resolution.proposed_at,
                actor,
                "bank_report_line.propose",
                line_subject(line),
                detail,
            ));
            Ok(())
        })
        .await?;
    Ok(view(resolution))
}

/// The order that a resolution moves: the line's own, or the one named where the line fits none. None where it moves none, or
/// those of a whole file.
async fn subject_of(
    app: &App,
    scope: &Scope,
    row: &bank_report_line::Model,
    command: &ProposeResolution,
) -> Result<Option<Uuid>, Error> {
    if !moves(command.resolution) {
        return match command.order_id {
            None => Ok(None),
            Some(_) => Err(Error::field(
                "/order_id",
                "unexpected",
                "Cách xử lý này không gắn với lệnh chi nào",
                "this resolution moves no order",
            )),
        };
    }
    let what = (command.resolution, command.order_id);
    if second_return::is_meant(row, what) || second_debit::is_meant(app.db.read(), row, what).await? {
        return Ok(None);
    }
    let id = match (row.order_id, command.order_id) {
        (Some(own), None) => own,
        (Some(own), Some(named)) if own == named => own,
        (Some(_), Some(_)) => {
            return Err(Error::field(
                "/order_id",
                "other_order",
                "Dòng này đã chỉ rõ một lệnh chi khác",
                "the line speaks of another order",
            ));
        }
        (None, Some(named)) => named,
        (None, None) => {
            return Err(Error::field(
                "/order_id",
                "required",
                "Cần chọn lệnh chi",
                "an order has to be named",
            ));
        }
    };
    let order = payment_order::Entity::find_by_id(id)
        .filter(crate::payment_order::made())
        .one(app.db.read())
        .await?;
    match order {
        Some(order) if scope.covers(&order.area_id) => Ok(Some(id)),
        _ => Err(Error::field(
            "/order_id",
            "unknown",
            "Không có lệnh chi này",
            "there is no such order",
        )),
    }
}

async fn locked(txn: &Txn, line: Uuid) -> Result<bank_report_line::Model, Error> {
    bank_report_line::Entity::find_by_id(line)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)
}

/// Decides what was proposed of a line: the second of two people. Accepted, the line is closed, and order, money and run
/// follow.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal or the line does not wait, or the order can't take it any
/// more.
pub async fn decide(app: &App, actor: &Actor, line: Uuid, command: DecideProposal) -> Result<ResolutionView, Error> {
    let scope = actor.require(Permission::SuspenseDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let row = find(app.db.read(), &scope, line).await?;
    // What is said of a whole file moves no order, and is no line of the report.
    let written = if whole_file_rows::stands_for_file(app.db.read(), line).await? {
        None
    } else {
        Some(written(app, &row).await?)
    };
    let decided = app
        .db
        .write(async |txn| {
            // Runs are locked before lines, as a report locks them: the released ones, then those that may go back to draft.
            let runs = load::runs(txn).await?;
            if written.is_some() {
                pay_run::lock_paying(txn).await?;
            }
            let row = locked(txn, line).await?;
            let mut decided = suspense_resolution::Entity::find_by_id(command.proposal_id)
                .filter(suspense_resolution::Column::LineId.eq(line))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            decided.decide(&verdict)?;
            proposal::require_own_keys(txn, &decided, &verdict).await?;
            decided.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let mut of_file = None;
            if decided.status == ProposalStatus::Accepted {
                require_waiting(&row)?;
                close(txn, &row, &decided, written.as_ref(), (verdict.person(), verdict.at)).await?;
                match (decided.order_id, &written) {
                    (Some(order), Some(written)) => {
                        carry_out(app, txn, actor, &runs, (&decided, order), written).await?;
                    }
                    (None, Some(_)) if decided.kind == ResolutionKind::AcceptedAsReturned => {
                        of_file = Some(second_return::carry_out(app, txn, actor, &runs, &decided).await?);
                    }
                    (None, Some(_)) if moves(decided.kind) => {
                        of_file = Some(second_debit::carry_out(app, txn, actor, &runs, &decided).await?);
                    }
                    _ => {}
                }
            }
            let detail = json!({
                "finding": row.note, "resolution": decided.kind, "order": decided.order_id, "decision": decided.status.code(),
                "file": of_file, "note": verdict.note,
            });
            txn.audit(Event::new(verdict.at, actor, "bank_report_line.decide", line_subject(line), detail));
            Ok(decided)
        })
        .await?;
    Ok(view(decided))
}

/// What a line comes to that could not be told when it was read: what two people make of it. Any other line keeps what it
/// came to.
fn ends_as(outcome: LineOutcome, kind: ResolutionKind, says: Option<OrderEvent>) -> LineOutcome {
    use ResolutionKind as R;
    match (outcome, kind, says) {
        (LineOutcome::Pending, R::AcceptedAsReturned, _)
        | (LineOutcome::Pending, R::MatchedToOrder | R::AmountExplained, Some(OrderEvent::Return)) => {
            LineOutcome::Returned
        }
        (LineOutcome::Pending, R::MatchedToOrder | R::AmountExplained | R::AcceptedAsPaid | R::LookedInto, _) => {
            LineOutcome::Matched
        }
        (LineOutcome::Pending, R::NotOurs, _) => LineOutcome::UnknownReference,
        // The line that counts is the one that is sent anew.
        (LineOutcome::Pending, R::BankResends, _) => LineOutcome::Duplicate,
        (outcome, ..) => outcome,
    }
}

/// Closes a line, which ends as one of the outcomes that are an end; `written` is none of what stands for a whole file.
async fn close(
    txn: &Txn,
    row: &bank_report_line::Model,
    resolution: &suspense_resolution::Model,
    written: Option<&ReportLine>,
    (person, at): (Uuid, DateTime<Utc>),
) -> Result<(), Error> {
    use bank_report_line::Column as C;
    let says = written.and_then(ReportLine::event);
    let outcome = ends_as(row.outcome, resolution.kind, says);
    let agrees = matches!(outcome, LineOutcome::Matched | LineOutcome::Returned);
    // What is said of whole files is none of the lines that a report counts.
    let more = outcome != row.outcome && agrees && written.is_some();
    bank_report_line::Entity::update_many()
        .col_expr(C::Outcome, Expr::value(outcome))
        .col_expr(C::ResolvedBy, Expr::value(person))
        .col_expr(C::ResolvedAt, Expr::value(at))
        .col_expr(C::OrderId, Expr::value(resolution.order_id.or(row.order_id)))
        .filter(C::Id.eq(row.id))
        .exec(txn.conn())
        .await?;
    settle::fewer(txn, row.bank_report_id, (1, i64::from(more))).await
}
