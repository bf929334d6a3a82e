//! Relief that came back, or whose return was cancelled: the commune files its claim again, as one that was held.
//!
//! Relief rests on a claim and on no entitlement, so no pay run pays it again by itself. Filed again, the money that came
//! back is available to the fund first and reserved for the new claim then, and the line it came from is replaced: it can
//! be handed over once. Where the new request is rejected its money stays available, and the claim may be filed once more.

use std::collections::BTreeMap;

use entity::enums::{LineKind, LineStatus, ReliefClaimKind, ReliefClaimStatus, ReliefRequestStatus};
use entity::{pay_run, payment_line, payment_order, relief_claim, relief_request};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::{self, Account, Move, fiscal_year};
use crate::pay_run::digest::SignedLine;
use crate::pay_run::recalled;
use crate::reconciliation;

/// What became of a person's earlier claims of one kind for one event.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    /// The reference of the request whose claim stands.
    pub(super) stands: Option<String>,
    /// The line whose money came back and waits.
    pub(super) came_back: Option<payment_line::Model>,
    /// The orders of what came back, whatever became of it since.
    orders: Vec<Uuid>,
}

impl Earlier {
    /// Reads them.
    pub(super) async fn load(
        conn: &impl ConnectionTrait,
        event: Uuid,
        victim: Uuid,
        kind: ReliefClaimKind,
    ) -> Result<Self, Error> {
        let rows = relief_claim::Entity::find()
            .find_also_related(relief_request::Entity)
            .filter(relief_claim::Column::PersonId.eq(victim))
            .filter(relief_claim::Column::Kind.eq(kind))
            // What was held when the rest was paid is asked for again.
            .filter(relief_claim::Column::Status.ne(ReliefClaimStatus::Held))
            .filter(relief_request::Column::ReliefEventId.eq(event))
            .filter(relief_request::Column::Status.ne(ReliefRequestStatus::Rejected))
            .all(conn)
            .await?;
        let mut earlier = Self::default();
        for (claim, request) in rows {
            let line = payment_line::Entity::find()
                .filter(payment_line::Column::EntitlementId.eq(claim.id))
                .filter(payment_line::Column::Kind.eq(LineKind::Relief))
                .one(conn)
                .await?;
            let over = [LineStatus::Returned, LineStatus::Reissued, LineStatus::Cancelled];
            let over = line.as_ref().filter(|line| over.contains(&line.status));
            earlier.orders.extend(over.and_then(|line| line.order_id));
            match line {
                Some(line) if line.status == LineStatus::Returned => earlier.came_back = Some(line),
                Some(line) if matches!(line.status, LineStatus::Cancelled | LineStatus::Reissued) => {}
                _ => earlier.stands = request.map(|request| request.reference).or(earlier.stands),
            }
        }
        Ok(earlier)
    }

    /// Why it is not given out again to this account yet: it came back from it and needs another, nobody can say that the
    /// bank did not debit it, alone or with its file, or two people had it recalled.
    pub(super) async fn refused_by(
        &self,
        conn: &impl ConnectionTrait,
        account: Uuid,
        pointer: String,
    ) -> Result<Option<FieldError>, Error> {
        if !reconciliation::claimed(conn, &self.orders).await?.is_empty() {
            let (vi, en) = debit_open();
            return Ok(Some(FieldError::new(pointer, "line_open", vi, en)));
        }
        let Some((line, order)) = self.came_back.as_ref().and_then(|line| Some((line, line.order_id?))) else {
            return Ok(None);
        };
        let order = payment_order::Entity::find_by_id(order).one(conn).await?;
        let order = order.ok_or_else(Error::not_found)?;
        if let Some(file) = order.file_id
            && reconciliation::unexplained_files(conn).await?.contains(&file)
        {
            let (vi, en) = (
                "Ngân hàng ghi nợ cả tệp, chưa rõ có khoản này hay không",
                "the bank debited the whole file, and nobody can say yet whether with this amount",
            );
            return Ok(Some(FieldError::new(pointer, "batch_debit_open", vi, en)));
        }
        let recalled = recalled(conn, &[order.id]).await?.remove(&order.id).unwrap_or_default();
        if let Some(code) = recalled.bars() {
            let (vi, en) = (
                "Khoản này đã được thu hồi vì gửi trùng hoặc gian lận; hai người phải hủy khoản trả lại trước",
                "it was recalled as sent twice or as a fraud: two people have to cancel what came back first",
            );
            return Ok(Some(FieldError::new(pointer, code, vi, en)));
        }
        let reason = order.reason.unwrap_or_default();
        if line.payee_account_id != account || !recalled.needs_another_account(&reason) {
            return Ok(None);
        }
        let vi = format!("Tiền đã bị trả lại từ tài khoản này ({reason}); hãy đăng ký tài khoản khác");
        let en = format!("the money came back from this account ({reason}): name another");
        Ok(Some(FieldError::new(pointer, "same_account", vi, en)))
    }
}

const fn debit_open() -> (&'static str, &'static str) {
    (
        "Ngân hàng hoặc bưu điện đã báo từ chối, trả về nhưng lại báo đã chi lần trước; chờ hai người kết luận",
        "the bank or post office says that it paid what it had refused or sent back: two people have to decide first",
    )
}

/// Refuses the last approval of claims as long as a line of a bank that waits says that what they replace was debited.
///
/// # Errors
/// `conflict` where there is one.
pub(super) async fn require_unclaimed(txn: &Txn, claims: &[relief_claim::Model]) -> Result<(), Error> {
    let replaced: Vec<Uuid> = claims.iter().filter_map(|claim| claim.replaces_line_id).collect();
    if replaced.is_empty() {
        return Ok(());
    }
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::Id.is_in(replaced))
        .all(txn.conn())
        .await?;
    let orders: Vec<Uuid> = lines.into_iter().filter_map(|line| line.order_id).collect();
    if reconciliation::claimed(txn.conn(), &orders).await?.is_empty() {
        return Ok(());
    }
    let (vi, en) = debit_open();
    Err(Error::because(ProblemCode::Conflict, vi, en))
}

/// What claims that are filed again replace: the lines, each with the run that had paid it, and the money that is available
/// again, by fund.
#[derive(Debug, Default)]
pub(super) struct CameBack {
    lines: Vec<(pay_run::Model, payment_line::Model)>,
    moves: BTreeMap<String, Vec<Move>>,
}

/// Takes over what the claims replace: the lines are done with, and their money is available again to the
/// funds that had paid them. The event is locked by now, and no other claim stands.
///
/// # Errors
/// `conflict` where the money came back, or waits no longer, since the claim was read.
pub(super) async fn take_over(txn: &Txn, event: Uuid, claims: &[relief_claim::Model]) -> Result<CameBack, Error> {
    let mut sums: BTreeMap<(String, i32), i64> = BTreeMap::new();
    let mut came_back = CameBack::default();
    for claim in claims {
        let Some(victim) = claim.person_id else { continue };
        let earlier = Earlier::load(txn.conn(), event, victim, claim.kind).await?;
        if earlier.came_back.as_ref().map(|line| line.id) != claim.replaces_line_id {
            return Err(changed());
        }
        if let Some(line) = earlier.came_back {
            hand_over(txn, line.id).await?;
            let run = crate::pay_run::find(txn.conn(), line.pay_run_id).await?;
            let year = fiscal_year(line.cover_month, line.fiscal_year);
            *sums.entry((run.fund_code.clone(), year)).or_insert(0) += line.amount;
            came_back.lines.push((run, line));
        }
    }
    for ((code, fiscal_year), amount) in sums {
        came_back.moves.entry(code).or_default().push(Move {
            fiscal_year,
            from: Account::ToReissue,
            to: Account::Available,
            amount,
        });
    }
    Ok(came_back)
}

/// Posts what came back to each fund, and what the request's own fund holds for it then. A step is one fund's. What came
/// back is there again on the line of the estimate it was drawn on, too.
pub(super) async fn post(
    app: &App,
    txn: &Txn,
    request: Uuid,
    came_back: CameBack,
    (code, reserved): (&str, Move),
) -> Result<(), Error> {
    let CameBack { lines, mut moves } = came_back;
    moves.entry(code.to_owned()).or_default().push(reserved);
    fund::lock(txn, &moves.keys().map(String::as_str).collect()).await?;
    for (run, line) in lines {
        fund::return_drawn(txn, &run, &[line]).await?;
    }
    let batch = format!("relief_request:{}:submit", request.simple());
    for (other, moves) in &moves {
        let own = if other == code {
            batch.clone()
        } else {
            format!("{batch}:{other}")
        };
        fund::post(app, txn, other, &own, moves).await?;
    }
    Ok(())
}

/// A returned line is replaced, by whoever comes first.
async fn hand_over(txn: &Txn, line: Uuid) -> Result<(), Error> {
    let done = payment_line::Entity::update_many()
        .col_expr(payment_line::Column::Status, Expr::value(LineStatus::Reissued))
        .filter(payment_line::Column::Id.eq(line))
        .filter(payment_line::Column::Status.eq(LineStatus::Returned))
        .exec(txn.conn())
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(changed())
    }
}

fn changed() -> Error {
    Error::because(
        ProblemCode::Conflict,
        "Khoản cứu trợ trước đó vừa thay đổi; hãy gửi lại",
        "what became of the earlier relief has just changed; send the request again",
    )
}

/// What is filed already by another request.
pub(super) fn duplicate(pointer: impl Into<String>, reference: &str) -> FieldError {
    FieldError::new(
        pointer,
        "duplicate",
        format!("Đã được đề nghị trong hồ sơ {reference}"),
        format!("claimed already in {reference}"),
    )
}

/// Names the order that each order of a run replaces.
pub(super) async fn link(
    txn: &Txn,
    claims: &[relief_claim::Model],
    lines: &[SignedLine],
    orders: &mut [payment_order::Model],
) -> Result<(), Error> {
    for claim in claims {
        let Some(replaced) = claim.replaces_line_id else {
            continue;
        };
        let old = payment_line::Entity::find_by_id(replaced).one(txn.conn()).await?;
        let own = lines.iter().find(|own| own.line.entitlement_id == claim.id);
        let (Some(old), Some(own)) = (
            old.and_then(|line| line.order_id),
            own.and_then(|own| own.line.order_id),
        ) else {
            continue;
        };
        for order in orders.iter_mut().filter(|order| order.id == own) {
            order.reissue_of = Some(order.reissue_of.map_or(old, |first| Ord::min(first, old)));
        }
    }
    Ok(())
}
