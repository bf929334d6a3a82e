//! Files that are given out no more. Two people say, by the letter of its bank or of the post office, that an order was
//! never executed: it is paid again under another id, and were the file of the first one given out after that, it would be
//! paid twice. So nobody says it of an order whose file has not left the house yet: that file is what is missing.

use std::collections::BTreeSet;

use entity::enums::{DeliveryStatus, FileKind, FileStatus, OrderStatus, ProposalStatus, SilenceOutcome};
use entity::{bank_silence, payment_file, payment_order};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::fetched::may_be_held;
use super::plan::workbook_name;
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// What has not been answered by anybody yet.
const UNANSWERED: [OrderStatus; 3] = [OrderStatus::Approved, OrderStatus::Extracted, OrderStatus::Unknown];

/// The withdrawn files: those with an order that two people found never executed, and the lists on paper beside them.
pub(crate) async fn withdrawn(conn: &impl ConnectionTrait) -> Result<BTreeSet<Uuid>, Error> {
    use bank_silence::Column as C;
    let order = bank_silence::Entity::belongs_to(payment_order::Entity)
        .from(C::OrderId)
        .to(payment_order::Column::Id);
    let named: Vec<Option<Uuid>> = bank_silence::Entity::find()
        .select_only()
        .column(payment_order::Column::FileId)
        .distinct()
        .join(JoinType::InnerJoin, order.into())
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .filter(C::Outcome.eq(SilenceOutcome::NotExecuted))
        .into_tuple()
        .all(conn)
        .await?;
    let mut withdrawn: BTreeSet<Uuid> = named.into_iter().flatten().collect();
    if withdrawn.is_empty() {
        return Ok(withdrawn);
    }
    let files = payment_file::Entity::find()
        .filter(payment_file::Column::Id.is_in(withdrawn.iter().copied()))
        .filter(payment_file::Column::Kind.eq(FileKind::PostList))
        .all(conn)
        .await?;
    withdrawn.extend(papers(conn, &files).await?);
    Ok(withdrawn)
}

/// The lists on paper beside those of these files that are lists of the post: it pays by either.
async fn papers(conn: &impl ConnectionTrait, files: &[payment_file::Model]) -> Result<Vec<Uuid>, Error> {
    use payment_file::Column as C;
    let lists = files.iter().filter(|file| file.kind == FileKind::PostList);
    let lists: BTreeSet<(Uuid, String)> = lists.map(|file| (file.pay_run_id, file.name.clone())).collect();
    if lists.is_empty() {
        return Ok(Vec::new());
    }
    let papers = payment_file::Entity::find()
        .filter(C::PayRunId.is_in(lists.iter().map(|(run, _)| *run)))
        .filter(C::Kind.eq(FileKind::PostPaper))
        .all(conn)
        .await?;
    let beside = papers.iter().filter(|paper| {
        let list = (paper.pay_run_id, workbook_name(&paper.name));
        lists.contains(&list)
    });
    Ok(beside.map(|paper| paper.id).collect())
}

/// Refuses to give out, or to acknowledge, a file that was withdrawn.
///
/// # Errors
/// `illegal-transition`.
pub(crate) async fn require_given_out(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<(), Error> {
    if !withdrawn(conn).await?.contains(&file.id) {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        format!(
            "Tệp {} đã được rút: hai người đã xác nhận một lệnh chi trong tệp không được thực hiện, khoản đó được chi \
             lại bằng lệnh khác. Tệp không được giao, tải hay xác nhận nữa để không chi hai lần; kiểm toán vẫn đọc được",
            file.name
        ),
        format!(
            "the file {} is withdrawn: two people said that an order in it was never executed, and it is paid again \
             by another order. The file is not delivered, fetched or acknowledged any more, lest it be paid twice; \
             auditors still read it",
            file.name
        ),
    ))
}

/// Refuses to say that an order was never executed while its file may still leave the house as if nothing had been said:
/// where nobody fetched it and nothing of it was sent, and where a delivery is on its way or nobody knows whether it
/// arrived. The files that it stands in are locked: nobody begins a delivery meanwhile.
///
/// # Errors
/// `illegal-transition`.
pub(crate) async fn require_out(txn: &Txn, order: &payment_order::Model) -> Result<(), Error> {
    use payment_file::Column as C;
    let Some(own) = order.file_id else {
        return Ok(());
    };
    let listed = payment_file::Entity::find_by_id(own).all(txn.conn()).await?;
    let mut ids = papers(txn.conn(), &listed).await?;
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
            return Err(Error::because(
                ProblemCode::IllegalTransition,
                format!(
                    "Lần giao {} của tệp {name} đang ở trạng thái {status}: hãy chờ giao xong, hoặc kiểm tra nơi nhận",
                    open.attempt
                ),
                format!(
                    "delivery {} of the file {name} is {status}: wait for its end, or check it at the target first",
                    open.attempt
                ),
            ));
        }
    }
    if is_answered(txn.conn(), own).await? {
        return Ok(());
    }
    for file in &files {
        if file.status == FileStatus::Acknowledged || may_be_held(txn.conn(), file).await? {
            return Ok(());
        }
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Chưa ai của kho bạc tải tệp có lệnh chi này và tệp cũng chưa được giao: ngân hàng, bưu điện chưa nhận được. \
         Hãy giao hoặc tải tệp và chuyển đi; không chi lại bằng lệnh khác khi tệp còn gửi được",
        "nobody of the treasury has fetched the file of this order, and it was not delivered: the bank or the post \
         office never had it. Deliver or fetch the file and hand it over; it is not paid by another order while the \
         file can still be sent",
    ))
}

/// Has somebody said what became of an order of this file? What is answered was brought there, by whatever way.
async fn is_answered(conn: &impl ConnectionTrait, file: Uuid) -> Result<bool, Error> {
    use payment_order::Column as O;
    let answered = payment_order::Entity::find()
        .filter(O::FileId.eq(file))
        .filter(O::Status.is_not_in(UNANSWERED))
        .count(conn)
        .await?;
    Ok(answered > 0)
}
