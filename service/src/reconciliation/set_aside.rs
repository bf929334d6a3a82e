//! Reports that were read as another bank's, or in another mode than they should have been. As long as nothing followed from
//! one, two people may set it aside: its lines wait for nobody any more, and the file can be brought in and read anew.

use std::collections::BTreeSet;

use entity::enums::{LineOutcome, ProposalStatus, ReportStatus, ResolutionKind};
use entity::{
    amount_difference, bank_report, bank_report_file, bank_report_line, batch_entry, payment_order,
    payment_order_event, posting, registry_finding, report_set_aside, suspense_resolution,
};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::{line_subject, subject};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::reconciliation::load::{self, IDS};
use crate::reconciliation::second_debit;

/// Proposes to set a report aside.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSetAside {
    /// What was read wrongly; it is kept.
    #[schema(example = "Chọn nhầm ngân hàng khi nạp tệp", max_length = 1000)]
    pub note: String,
}

/// What two people say of a report that was read wrongly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SetAsideView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The report.
    pub report_id: Uuid,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

fn view(row: report_set_aside::Model) -> SetAsideView {
    SetAsideView {
        proposal: row.proposal(),
        id: row.id,
        report_id: row.bank_report_id,
    }
}

fn refused(vi: &str, en: &str) -> Error {
    Error::because(ProblemCode::IllegalTransition, vi, en)
}

/// Proposes to set a report aside, of which no order moved and no money: the first of two people.
///
/// # Errors
/// `illegal-transition` where something followed from the report, a proposal about one of its lines waits, or it is not
/// reconciled yet or set aside already; `already-exists` where it is proposed already.
pub async fn propose_set_aside(
    app: &App,
    actor: &Actor,
    report: Uuid,
    command: ProposeSetAside,
) -> Result<SetAsideView, Error> {
    // A report speaks of the orders of every area.
    actor.require_province(Permission::BankReportWrite)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    require_read(app, report).await?;
    let row = app
        .db
        .write(async |txn| {
            let status = lock(txn, report).await?;
            require_nothing_followed(txn, report, status).await?;
            let row = proposed!(report_set_aside, proposal.clone(), {
                id: app.ids.next(),
                bank_report_id: report,
            });
            txn.insert_all::<report_set_aside::Entity>(vec![row.clone()]).await?;
            let detail = json!({"proposal": row.id, "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "bank_report.propose_set_aside",
                subject(report),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Decides it: the second of two people. Accepted, the report's lines end as set aside, and its bytes may be brought in
/// again.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait, or something followed from the report meanwhile.
pub async fn decide_set_aside(
    app: &App,
    actor: &Actor,
    report: Uuid,
    command: DecideProposal,
) -> Result<SetAsideView, Error> {
    actor.require_province(Permission::SuspenseDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    require_read(app, report).await?;
    let row = app
        .db
        .write(async |txn| {
            let status = lock(txn, report).await?;
            let mut row = report_set_aside::Entity::find_by_id(command.proposal_id)
                .filter(report_set_aside::Column::BankReportId.eq(report))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            row.decide(&verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let mut closed = 0;
            if row.status == ProposalStatus::Accepted {
                require_nothing_followed(txn, report, status).await?;
                closed = close(txn, report, &verdict).await?;
            }
            let detail = json!({"proposal": row.id, "decision": row.status, "note": verdict.note, "was": status,
                "closed": closed});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "bank_report.decide_set_aside",
                subject(report),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// What was proposed and decided of setting a report aside, the newest first.
pub async fn set_asides(app: &App, actor: &Actor, report: Uuid) -> Result<Vec<SetAsideView>, Error> {
    actor.require_province(Permission::BankReportRead)?;
    crate::bank_report::get(app, actor, report).await?;
    let mut rows = report_set_aside::Entity::find()
        .filter(report_set_aside::Column::BankReportId.eq(report))
        .all(app.db.read())
        .await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.proposed_at, row.id)));
    Ok(rows.into_iter().map(view).collect())
}

/// Refuses at once a report that is not reconciled yet. Whoever reconciles it has it in hand before the runs, for as long as
/// it takes; once it is reconciled, nobody waits for a run with it in hand.
async fn require_read(app: &App, report: Uuid) -> Result<(), Error> {
    let status: Option<ReportStatus> = bank_report::Entity::find_by_id(report)
        .select_only()
        .column(bank_report::Column::Status)
        .into_tuple()
        .one(app.db.read())
        .await?;
    if status == Some(ReportStatus::Received) {
        return Err(refused(
            "Báo cáo này đang chờ đối soát hoặc đang được đối soát",
            "the report waits to be reconciled, or is being reconciled",
        ));
    }
    Ok(())
}

/// Locks the released runs, as each report does, so that nothing comes of the report meanwhile; then the report, which
/// others change under the lock of the runs. Only after [`require_read`].
async fn lock(txn: &Txn, report: Uuid) -> Result<ReportStatus, Error> {
    load::runs(txn).await?;
    let status: Option<ReportStatus> = bank_report::Entity::find_by_id(report)
        .select_only()
        .column(bank_report::Column::Status)
        .lock_exclusive()
        .into_tuple()
        .one(txn.conn())
        .await?;
    status.ok_or_else(Error::not_found)
}

/// Refuses a report that is not read to its end, is set aside already, or from which anything followed.
async fn require_nothing_followed(txn: &Txn, report: Uuid, status: ReportStatus) -> Result<(), Error> {
    let conn = txn.conn();
    match status {
        ReportStatus::Reconciled => {}
        ReportStatus::SetAside => {
            return Err(refused(
                "Báo cáo này đã được loại bỏ",
                "the report is set aside already",
            ));
        }
        ReportStatus::Received | ReportStatus::Failed => {
            return Err(refused(
                "Báo cáo này chưa đối soát xong",
                "the report is not reconciled yet",
            ));
        }
    }
    let waiting = suspense_resolution::Entity::find()
        .filter(suspense_resolution::Column::Status.eq(ProposalStatus::Proposed))
        .filter(suspense_resolution::Column::LineId.in_subquery(lines_of(report)))
        .count(conn)
        .await?;
    if waiting > 0 {
        return Err(refused(
            "Một dòng của báo cáo đang có đề nghị chờ quyết định; hãy quyết định đề nghị đó trước",
            "something is proposed of one of its lines: decide that first",
        ));
    }
    if agrees(conn, report).await? || decided_of_lines(txn, report).await? || moved(conn, report).await? {
        return Err(refused(
            "Báo cáo này đã có dòng khớp, hoặc đã làm thay đổi lệnh chi hay số dư; không loại bỏ được nữa",
            "lines of the report agree with their orders, or moved an order or money: it can't be set aside any more",
        ));
    }
    Ok(())
}

/// The ids of a report's lines.
fn lines_of(report: Uuid) -> SelectStatement {
    Query::select()
        .column(bank_report_line::Column::Id)
        .from(bank_report_line::Entity)
        .and_where(bank_report_line::Column::BankReportId.eq(report))
        .to_owned()
}

/// Does a line agree with its order, or is a statement of the report carried out for a whole file?
async fn agrees(conn: &impl ConnectionTrait, report: Uuid) -> Result<bool, Error> {
    use bank_report_line::Column as L;
    let lines = bank_report_line::Entity::find()
        .filter(L::BankReportId.eq(report))
        .filter(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .count(conn)
        .await?;
    let files = bank_report_file::Entity::find()
        .filter(bank_report_file::Column::BankReportId.eq(report))
        .filter(bank_report_file::Column::Moved.gt(0))
        .count(conn)
        .await?;
    Ok(lines + files > 0)
}

/// Did people decide of an order, or of a debit or a return of a whole file, by one of its lines, is a difference booked by
/// one, or did one tell the registry of a death?
async fn decided_of_lines(txn: &Txn, report: Uuid) -> Result<bool, Error> {
    let conn = txn.conn();
    let resolutions = suspense_resolution::Entity::find()
        .filter(suspense_resolution::Column::Status.eq(ProposalStatus::Accepted))
        .filter(
            Condition::any()
                .add(suspense_resolution::Column::OrderId.is_not_null())
                .add(suspense_resolution::Column::Kind.eq(ResolutionKind::AcceptedAsReturned)),
        )
        .filter(suspense_resolution::Column::LineId.in_subquery(lines_of(report)))
        .count(conn)
        .await?;
    let differences = amount_difference::Entity::find()
        .filter(amount_difference::Column::LineId.in_subquery(lines_of(report)))
        .count(conn)
        .await?;
    let findings = registry_finding::Entity::find()
        .filter(registry_finding::Column::LineId.in_subquery(lines_of(report)))
        .count(conn)
        .await?;
    Ok(resolutions + differences + findings > 0 || second_debit::explains_return(txn, report).await?)
}

/// Did an order, or money, ever move in the name of the report or of one of its lines? A debit over a file may have moved
/// its orders and wait all the same.
async fn moved(conn: &impl ConnectionTrait, report: Uuid) -> Result<bool, Error> {
    use payment_order_event::Column as E;
    let postings = posting::Entity::find()
        .filter(posting::Column::Batch.starts_with(format!("{}:", subject(report))))
        .count(conn)
        .await?;
    if postings > 0 || told_of_files(conn, report).await? {
        return Ok(true);
    }
    let named = Query::select()
        .column(bank_report_line::Column::OrderId)
        .from(bank_report_line::Entity)
        .and_where(bank_report_line::Column::BankReportId.eq(report))
        .and_where(bank_report_line::Column::OrderId.is_not_null())
        .to_owned();
    let files: Vec<Uuid> = batch_entry::Entity::find()
        .select_only()
        .column(batch_entry::Column::FileId)
        .filter(batch_entry::Column::LineId.in_subquery(lines_of(report)))
        .into_tuple()
        .all(conn)
        .await?;
    let files: BTreeSet<Uuid> = files.into_iter().collect();
    let of_files = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .and_where(payment_order::Column::FileId.is_in(files))
        .to_owned();
    let ids: Vec<Uuid> = bank_report_line::Entity::find()
        .select_only()
        .column(bank_report_line::Column::Id)
        .filter(bank_report_line::Column::BankReportId.eq(report))
        .into_tuple()
        .all(conn)
        .await?;
    for chunk in ids.chunks(IDS) {
        let steps = payment_order_event::Entity::find()
            .filter(
                Condition::any()
                    .add(E::OrderId.in_subquery(named.clone()))
                    .add(E::OrderId.in_subquery(of_files.clone())),
            )
            .filter(E::Source.is_in(chunk.iter().map(|line| line_subject(*line))))
            .count(conn)
            .await?;
        if steps > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Did what the report says of whole files change an order: by itself, or as the reason of what came back with its file?
/// A refusal as a duplicate moves nothing, and its reason decides all the same whether an order is paid again.
async fn told_of_files(conn: &impl ConnectionTrait, report: Uuid) -> Result<bool, Error> {
    use crate::reconciliation::batch_told::given_back;
    use payment_order::Column as O;
    use payment_order_event::Column as E;
    let rows = bank_report_file::Entity::find()
        .filter(bank_report_file::Column::BankReportId.eq(report))
        .filter(bank_report_file::Column::FileId.is_not_null())
        .all(conn)
        .await?;
    let files: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.file_id).collect();
    let of_files = Query::select()
        .column(O::Id)
        .from(payment_order::Entity)
        .and_where(O::FileId.is_in(files.iter().copied()))
        .to_owned();
    let steps = payment_order_event::Entity::find()
        .filter(E::OrderId.in_subquery(of_files))
        .filter(E::Source.eq(subject(report)))
        .count(conn)
        .await?;
    if steps > 0 {
        return Ok(true);
    }
    let reasons = rows
        .into_iter()
        .filter_map(|row| row.reason.or_else(|| row.status.map(|status| status.to_lowercase())));
    let reasons: BTreeSet<String> = reasons.collect();
    let back = given_back(conn, &files).await?;
    let back: Vec<Uuid> = back.into_iter().map(|(order, ..)| order).collect();
    for chunk in back.chunks(IDS) {
        let told = payment_order::Entity::find()
            .filter(O::Id.is_in(chunk.iter().copied()))
            .filter(O::Reason.is_in(reasons.iter().map(String::as_str)))
            .count(conn)
            .await?;
        if told > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Its lines end, and it counts no more; gives how many ended.
async fn close(txn: &Txn, report: Uuid, verdict: &Verdict) -> Result<u64, Error> {
    use bank_report_line::Column as L;
    let closed = bank_report_line::Entity::update_many()
        .col_expr(L::Outcome, Expr::value(LineOutcome::SetAside))
        .col_expr(L::ResolvedBy, Expr::value(verdict.person()))
        .col_expr(L::ResolvedAt, Expr::value(verdict.at))
        .filter(L::BankReportId.eq(report))
        .filter(L::ResolvedAt.is_null())
        .exec(txn.conn())
        .await?;
    bank_report::Entity::update_many()
        .col_expr(bank_report::Column::Status, Expr::value(ReportStatus::SetAside))
        .col_expr(bank_report::Column::Suspense, Expr::value(0_i64))
        .filter(bank_report::Column::Id.eq(report))
        .exec(txn.conn())
        .await?;
    Ok(closed.rows_affected)
}
