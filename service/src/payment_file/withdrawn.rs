//! Files that are given out no more. Two people say, by the letter of its bank or of the post office, that an order was
//! never executed: it is paid again under another id, and were the file of the first one given out after that, it would be
//! paid twice. So nobody says it of an order whose file has not left the house yet: that file is what is missing.
//!
//! Where the receiver has the file and was asked by letter to stop this one order, by its reference, the file stays: the
//! others in it are paid by it. And where the receiver has answered an order of a file, the file is with it: it is not sent
//! to it once more, whatever a look at the target found.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use chrono::{DateTime, Utc};
use entity::enums::{DeliveryStatus, FileKind, FileStatus, OrderStatus, ProposalStatus, SilenceOutcome};
use entity::{bank_silence, delivery, payment_file, payment_order, recall};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;

use super::beside::{holders, papers_of};
use super::fetched::{is_fetched, may_have_left};
use crate::code::Code;
use crate::db::Txn;
use crate::delivery::DeliveryProblem;
use crate::error::{Error, ProblemCode};
use crate::payment_order::camt055::files_by_letter;
use crate::{reconciliation, vocabulary};

/// What has not been answered by anybody yet.
const UNANSWERED: [OrderStatus; 3] = [OrderStatus::Approved, OrderStatus::Extracted, OrderStatus::Unknown];

/// The files with an order that two people found never executed, and since when each is given out no more for it. A file
/// stays for an order that its receiver had been asked by letter to stop.
pub(crate) async fn never_executed(conn: &impl ConnectionTrait) -> Result<BTreeMap<Uuid, DateTime<Utc>>, Error> {
    use bank_silence::Column as C;
    let said: Vec<(Option<Uuid>, Option<DateTime<Utc>>)> = found()
        .select_only()
        .column(payment_order::Column::FileId)
        .column(C::DecidedAt)
        .order_by_desc(C::DecidedAt)
        .into_tuple()
        .all(conn)
        .await?;
    // Earlier ones come later and stay.
    Ok(said.into_iter().filter_map(|(file, at)| file.zip(at)).collect())
}

/// What two people found never executed, beside its order, where the file does not stay for it.
fn found() -> Select<bank_silence::Entity> {
    use bank_silence::Column as C;
    let order = bank_silence::Entity::belongs_to(payment_order::Entity)
        .from(C::OrderId)
        .to(payment_order::Column::Id);
    let stopped = Condition::all()
        .add(payment_order::Column::FileId.in_subquery(files_by_letter()))
        .add(Expr::exists(recalled_before()));
    bank_silence::Entity::find()
        .join(JoinType::InnerJoin, order.into())
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .filter(C::Outcome.eq(SilenceOutcome::NotExecuted))
        .filter(stopped.not())
}

/// The recall of an order that two people agreed on before it was found never executed, and that was not refused.
fn recalled_before() -> SelectStatement {
    use recall::Column as R;
    let own = Expr::col((recall::Entity, R::OrderId)).equals((bank_silence::Entity, bank_silence::Column::OrderId));
    let said = Expr::col((bank_silence::Entity, bank_silence::Column::DecidedAt));
    Query::select()
        .expr(Expr::val(1))
        .from(recall::Entity)
        .cond_where(reconciliation::standing_recalls())
        .and_where(own)
        .and_where(Expr::col((recall::Entity, R::DecidedAt)).lte(said))
        .to_owned()
}

/// Of these files, the withdrawn ones: those with an order that two people [found never executed](never_executed), and the
/// lists on paper beside them.
pub(crate) async fn withdrawn(
    conn: &impl ConnectionTrait,
    files: &[payment_file::Model],
) -> Result<BTreeSet<Uuid>, Error> {
    use payment_order::Column as O;
    if files.is_empty() {
        return Ok(BTreeSet::new());
    }
    let holders = holders(conn, files).await?;
    let found: Vec<Option<Uuid>> = found()
        .select_only()
        .column(O::FileId)
        .distinct()
        .filter(O::FileId.is_in(holders.values().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(of_holders(holders, found))
}

/// Is the file withdrawn?
pub(crate) async fn is_withdrawn(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<bool, Error> {
    Ok(!withdrawn(conn, slice::from_ref(file)).await?.is_empty())
}

/// All [withdrawn] files, of whichever run.
pub(crate) async fn all_withdrawn(conn: &impl ConnectionTrait) -> Result<BTreeSet<Uuid>, Error> {
    use payment_file::Column as C;
    let mut withdrawn: BTreeSet<Uuid> = never_executed(conn).await?.into_keys().collect();
    if withdrawn.is_empty() {
        return Ok(withdrawn);
    }
    let lists = payment_file::Entity::find()
        .filter(C::Id.is_in(withdrawn.iter().copied()))
        .filter(C::Kind.eq(FileKind::PostList))
        .all(conn)
        .await?;
    withdrawn.extend(papers_of(conn, &lists).await?);
    Ok(withdrawn)
}

/// The files whose orders stand in one of these.
fn of_holders(holders: BTreeMap<Uuid, Uuid>, such: Vec<Option<Uuid>>) -> BTreeSet<Uuid> {
    let such: BTreeSet<Uuid> = such.into_iter().flatten().collect();
    let own = holders.into_iter().filter(|(_, holder)| such.contains(holder));
    own.map(|(file, _)| file).collect()
}

/// Refuses a person to whom a withdrawn file is to be given out, or who acknowledges it. The word of its receiver, beside
/// the file where it was sent, is taken all the same: that it has arrived stays true.
///
/// # Errors
/// `illegal-transition`.
pub(crate) async fn require_given_out(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<(), Error> {
    if !is_withdrawn(conn, file).await? {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        format!(
            "Tệp {} đã được rút: hai người đã xác nhận một lệnh chi trong tệp không được thực hiện, khoản đó được chi \
             lại bằng lệnh khác. Tệp không được giao, tải hay xác nhận ở đây nữa để không chi hai lần; kiểm toán vẫn đọc \
             được",
            file.name
        ),
        format!(
            "the file {} is withdrawn: two people said that an order in it was never executed, and it is paid again \
             by another order. The file is not delivered, fetched or acknowledged here any more, lest it be paid \
             twice; auditors still read it",
            file.name
        ),
    ))
}

/// Refuses to send a file to a receiver that has answered an order of it: it has the file, and what it refused or sent back
/// may be paid again by another order. A person may still fetch the file, to look at it or to compare it.
///
/// # Errors
/// `illegal-transition`.
pub(crate) async fn require_unanswered(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<(), Error> {
    if answered(conn, slice::from_ref(file)).await?.is_empty() {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        format!(
            "Đã có kết quả của lệnh chi trong tệp {}: nơi nhận đã có tệp này. Tệp không được gửi lại, để khoản bị từ chối \
             hoặc trả về không được chi hai lần",
            file.name
        ),
        format!(
            "an order of the file {} was answered: its receiver has the file. It is not sent again, lest what was refused \
             or came back be paid twice",
            file.name
        ),
    ))
}

/// Of these files, those with an order of which somebody has said what became of it: a bank, the post office, or two people
/// for them. A list on paper is answered with the list of the post beside it.
pub(crate) async fn answered(
    conn: &impl ConnectionTrait,
    files: &[payment_file::Model],
) -> Result<BTreeSet<Uuid>, Error> {
    use payment_order::Column as O;
    let holders = holders(conn, files).await?;
    let told: Vec<Option<Uuid>> = payment_order::Entity::find()
        .select_only()
        .column(O::FileId)
        .distinct()
        .filter(O::FileId.is_in(holders.values().copied()))
        .filter(O::Status.is_not_in(UNANSWERED))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(of_holders(holders, told))
}

/// How many orders of a file, or of the list that this paper prints, still wait for their end.
pub(crate) async fn waiting_orders(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<u64, Error> {
    use payment_order::Column as O;
    let holders = holders(conn, slice::from_ref(file)).await?;
    let waiting = payment_order::Entity::find()
        .filter(O::FileId.is_in(holders.into_values()))
        .filter(O::Status.is_in(reconciliation::WAITING))
        .count(conn)
        .await?;
    Ok(waiting)
}

/// Refuses to say that an order was never executed while its file may still leave the house as if nothing had been said:
/// where nobody fetched it and nothing of it was sent, and where a delivery is on its way or nobody knows whether it
/// arrived. What was sent and is not at its target went nowhere. Of an order that was recalled by letter the file stays, for
/// the others in it; so its receiver must have it, and that somebody here has fetched it is not enough. The files that it
/// stands in are locked: nobody begins a delivery meanwhile.
///
/// # Errors
/// `illegal-transition`.
pub(crate) async fn require_out(txn: &Txn, order: &payment_order::Model) -> Result<(), Error> {
    use payment_file::Column as C;
    let Some(own) = order.file_id else {
        return Ok(());
    };
    let listed = payment_file::Entity::find_by_id(own).all(txn.conn()).await?;
    let mut ids = papers_of(txn.conn(), &listed).await?;
    ids.push(own);
    let files = payment_file::Entity::find()
        .filter(C::Id.is_in(ids))
        .order_by_asc(C::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    for file in &files {
        let last = crate::delivery::last(txn, file.id).await?;
        let open = last.filter(|last| matches!(last.status, DeliveryStatus::Queued | DeliveryStatus::Unknown));
        if let Some(open) = open {
            let (name, status) = (&file.name, open.status.code());
            let stands = vocabulary::vietnamese("delivery_status", &status);
            return Err(Error::because(
                ProblemCode::IllegalTransition,
                format!(
                    "Lần giao {} của tệp {name} đang ở trạng thái “{stands}”: hãy chờ giao xong, hoặc kiểm tra \
                     nơi nhận",
                    open.attempt
                ),
                format!(
                    "delivery {} of the file {name} is {status}: wait for its end, or check it at the target first",
                    open.attempt
                ),
            ));
        }
    }
    if !answered(txn.conn(), &listed).await?.is_empty() {
        return Ok(());
    }
    let stays = reconciliation::is_asked_by_letter(txn.conn(), order.id).await?;
    for file in &files {
        let is_out = if stays {
            is_received(txn.conn(), file).await?
        } else {
            is_out(txn.conn(), file).await?
        };
        if is_out {
            return Ok(());
        }
    }
    Err(if stays { not_received() } else { not_out() })
}

/// Has its receiver the file for sure, as far as anybody can say? It lies at its target, or somebody there, or of the
/// treasury for them, has acknowledged it.
async fn is_received(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<bool, Error> {
    use delivery::Column as D;
    if file.status == FileStatus::Acknowledged {
        return Ok(true);
    }
    let there = delivery::Entity::find()
        .filter(D::FileId.eq(file.id))
        .filter(D::Status.is_in([DeliveryStatus::Sent, DeliveryStatus::Acknowledged]))
        .count(conn)
        .await?;
    Ok(there > 0)
}

/// Has it left the house in whatever way, be it that somebody fetched it?
async fn is_out(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<bool, Error> {
    const NOWHERE: [DeliveryProblem; 2] = [DeliveryProblem::OtherBytes, DeliveryProblem::Absent];
    Ok(file.status == FileStatus::Acknowledged
        || is_fetched(conn, file).await?
        || may_have_left(conn, file, &NOWHERE).await?)
}

fn not_received() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Lệnh chi này được thu hồi bằng công văn, và các lệnh chi khác trong tệp vẫn được chi theo tệp: nơi nhận phải đã nhận \
         tệp. Hãy giao tệp, hoặc tải tệp, chuyển đi và xác nhận mã băm của tệp trước",
        "the order was recalled by letter, and the others of its file are still paid by it: its receiver must have the file. \
         Deliver it, or fetch it, hand it over and acknowledge it by its hash first",
    )
}

fn not_out() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Chưa ai của kho bạc tải tệp có lệnh chi này và tệp cũng chưa được giao: ngân hàng, bưu điện chưa nhận được. \
         Hãy giao hoặc tải tệp và chuyển đi; không chi lại bằng lệnh khác khi tệp còn gửi được",
        "nobody of the treasury has fetched the file of this order, and it was not delivered: the bank or the post \
         office never had it. Deliver or fetch the file and hand it over; it is not paid by another order while the \
         file can still be sent",
    )
}
