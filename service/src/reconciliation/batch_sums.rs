//! What a line over a whole file is compared with.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{BatchEntryKind, OrderStatus};
use entity::{batch_entry, payment_order};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::Error;
use crate::reconciliation::batch::Entry;
use crate::reconciliation::batch_debits::came_back;
use crate::reconciliation::batch_rows;
use crate::reconciliation::batch_told;

/// The sums of a payment file beside an entry over the whole of it, đồng: what was debited, less what came back, has to
/// be what the bank accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BatchSumsView {
    /// The file.
    pub payment_file_id: Uuid,
    /// Of every order.
    pub whole: i64,
    /// Of the orders the bank did not refuse, and that did not come back with the whole file.
    pub accepted: i64,
    /// Credited over the file so far.
    pub came_back: i64,
}

/// The sums of the files that lines speak of, by line.
pub(super) async fn of_lines(
    conn: &impl ConnectionTrait,
    lines: &[Uuid],
) -> Result<BTreeMap<Uuid, BatchSumsView>, Error> {
    use payment_order::Column as O;
    let rows: Vec<(Uuid, Uuid)> = batch_entry::Entity::find()
        .select_only()
        .columns([batch_entry::Column::LineId, batch_entry::Column::FileId])
        .filter(batch_entry::Column::LineId.is_in(lines.iter().copied()))
        .filter(batch_entry::Column::Kind.ne(BatchEntryKind::Refund))
        .into_tuple()
        .all(conn)
        .await?;
    let files: BTreeSet<Uuid> = rows.iter().map(|(_, file)| *file).collect();
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sums: Vec<(Option<Uuid>, OrderStatus, i64)> = payment_order::Entity::find()
        .select_only()
        .columns([O::FileId, O::Status])
        .expr_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "sum")
        .filter(O::FileId.is_in(files.iter().copied()))
        .group_by(O::FileId)
        .group_by(O::Status)
        .into_tuple()
        .all(conn)
        .await?;
    let entries = batch_rows::entries(conn, &files).await?;
    let back = batch_told::given_back(conn, &files).await?;
    let views = rows.into_iter().map(|(line, file)| {
        let own = || sums.iter().filter(|(of, ..)| *of == Some(file));
        let credits: Vec<Entry> = entries.iter().filter(|own| own.file == file).cloned().collect();
        let given_back: i64 = back.iter().filter(|(_, of, _)| *of == file).map(|(.., sum)| sum).sum();
        let accepted: i64 = own()
            .filter(|(_, status, _)| *status != OrderStatus::Rejected)
            .map(|(.., sum)| sum)
            .sum();
        let view = BatchSumsView {
            payment_file_id: file,
            whole: own().map(|(.., sum)| sum).sum(),
            accepted: accepted - given_back,
            came_back: came_back(&credits),
        };
        (line, view)
    });
    Ok(views.collect())
}
