//! A sum that came back over a whole file and may tell an earlier return of it again: two people may find that it is another
//! one. The file then comes back by it, as it does by what a bank tells beyond doubt.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::{ProposalStatus, ResolutionKind};
use entity::{bank_report_line, batch_entry, pay_run, payment_line, payment_order_event, suspense_resolution};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::bank_report::{Finding, line_subject};
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::apply::{follow, lock_lines, refused, subject};
use crate::reconciliation::judge::Judge;
use crate::reconciliation::second_debit::of_file;
use crate::reconciliation::{batch_told, load};

/// Do people speak of a whole file: may the line tell a return of one again, and do they name no order?
pub(super) fn is_meant(line: &bank_report_line::Model, (kind, order): (ResolutionKind, Option<Uuid>)) -> bool {
    let returned = line.note.as_deref() == Some(Finding::FileReturnedAgain.code());
    kind == ResolutionKind::AcceptedAsReturned && order.is_none() && returned
}

/// Refuses where another return of the file does not explain what was debited.
///
/// # Errors
/// `illegal-transition`.
pub(super) async fn require(txn: &Txn, line: Uuid) -> Result<(), Error> {
    let file = file_of(txn, line).await?;
    judged(txn, line, file).await.map(|_| ())
}

/// The orders of the file come back, with their money, their runs and what was kept back of them, where all that was debited
/// came back. All runs that this may change are locked, and the line is closed. Gives how many came back.
pub(super) async fn carry_out(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    resolution: &suspense_resolution::Model,
) -> Result<Value, Error> {
    let file = file_of(txn, resolution.line_id).await?;
    let of_orders = payment_line::Column::OrderId.in_subquery(of_file(file));
    lock_lines(txn, Condition::all().add(of_orders)).await?;
    let judge = judged(txn, resolution.line_id, file).await?;
    let returned = judge.moved_ids().len();
    follow(app, txn, actor, runs, (&subject(resolution.id), judge), None).await?;
    Ok(json!({"id": file, "returned": returned}))
}

/// What two people found of some files: that a sum which came back over them was another return.
#[derive(Debug, Default)]
pub(crate) struct FoundBack {
    /// What the history of orders names where they came back by such a sum.
    sources: BTreeSet<String>,
    /// The orders that came back with such a file, whichever return they came back by, and when people found so last.
    since: BTreeMap<Uuid, DateTime<Utc>>,
}

impl FoundBack {
    /// What was found of these files.
    pub(crate) async fn of(conn: &impl ConnectionTrait, files: &BTreeSet<Uuid>) -> Result<Self, Error> {
        use suspense_resolution::Column as C;
        let entry = suspense_resolution::Entity::belongs_to(batch_entry::Entity)
            .from(C::LineId)
            .to(batch_entry::Column::LineId);
        // Of a single order the resolution names it.
        let rows: Vec<(Uuid, Uuid, Option<DateTime<Utc>>)> = suspense_resolution::Entity::find()
            .select_only()
            .column(C::LineId)
            .column(batch_entry::Column::FileId)
            .column(C::DecidedAt)
            .join(JoinType::InnerJoin, entry.into())
            .filter(batch_entry::Column::FileId.is_in(files.iter().copied()))
            .filter(C::Kind.eq(ResolutionKind::AcceptedAsReturned))
            .filter(C::Status.eq(ProposalStatus::Accepted))
            .filter(C::OrderId.is_null())
            .order_by_asc(C::DecidedAt)
            .into_tuple()
            .all(conn)
            .await?;
        // Later ones come later and stay.
        let decided = rows.iter().filter_map(|(_, file, at)| Some((*file, (*at)?)));
        let decided: BTreeMap<Uuid, DateTime<Utc>> = decided.collect();
        let back = batch_told::given_back(conn, &decided.keys().copied().collect()).await?;
        let since = back
            .into_iter()
            .filter_map(|(order, file, _)| Some((order, *decided.get(&file)?)));
        Ok(Self {
            sources: rows.iter().map(|(line, ..)| line_subject(*line)).collect(),
            since: since.collect(),
        })
    }

    /// Was it found of an order as it ended, or after that? All that was debited of its file was with us by then.
    pub(crate) fn is_of_the_end(&self, end: &payment_order_event::Model) -> bool {
        let since = self.since.get(&end.order_id).is_some_and(|at| *at >= end.at);
        since || self.sources.contains(&end.source)
    }
}

/// The file of a line that may still tell a return of it again.
async fn file_of(txn: &Txn, line: Uuid) -> Result<Uuid, Error> {
    let own = bank_report_line::Entity::find_by_id(line).one(txn.conn()).await?;
    let own = own.ok_or_else(Error::not_found)?;
    let entry = batch_entry::Entity::find_by_id(line).one(txn.conn()).await?;
    let entry = entry.filter(|_| own.note.as_deref() == Some(Finding::FileReturnedAgain.code()));
    entry.map(|own| own.file_id).ok_or_else(|| {
        refused(
            "Dòng này không còn là lần hoàn cả tệp chờ xem xét",
            "the line is no return of a file that waits any more",
        )
    })
}

/// The file as it is where the line is another return of it.
async fn judged(txn: &Txn, line: Uuid, file: Uuid) -> Result<Judge, Error> {
    let (orders, mut told) = load::orders_of_file(txn, file).await?;
    // People say that it is money of its own; what follows is what follows where a bank says so.
    told.by_people = false;
    for own in told.entries.iter_mut().filter(|own| own.line == line) {
        own.found = true;
    }
    let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
    judge.tie_files();
    if !judge.is_explained(file) {
        return Err(refused(
            "Nếu đây là một lần hoàn khác thì tổng ghi nợ, tổng hoàn và các lệnh của tệp không khớp; hãy chọn cách xử lý khác",
            "as another return it does not tie with the debits, the other returns and the orders of the file",
        ));
    }
    Ok(judge)
}
