//! What a reckoning rests on beside the people it reads: if any of it changes before the result is written, the result is
//! of another day.

use entity::enums::ProposalStatus;
use entity::{overpayment_recovery, pay_run, return_cancellation};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::pay_run::RELEASED;

/// How much of it there is. Nothing of it ever goes away: a released run stays released, an accepted cancellation stays
/// accepted and what was paid back stays on record, so that equal numbers mean that nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Released runs: their lines count as paid, and their months as taken.
    released: u64,
    /// Cancellations of money that came back: their lines count no longer.
    cancelled: u64,
    /// Steps by which money was paid back.
    recovered: u64,
}

impl Stamp {
    /// As it is now. Read before anything that is reckoned with.
    pub(super) async fn read(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        Ok(Self {
            released: pay_run::Entity::find()
                .filter(pay_run::Column::Status.is_in(RELEASED))
                .count(conn)
                .await?,
            cancelled: return_cancellation::Entity::find()
                .filter(return_cancellation::Column::Status.eq(ProposalStatus::Accepted))
                .count(conn)
                .await?,
            recovered: overpayment_recovery::Entity::find().count(conn).await?,
        })
    }

    /// It is still so. Runs that are not released are locked by now: none of them is released behind our back.
    ///
    /// # Errors
    /// `unavailable` where it is not: whoever reckoned looks again.
    pub(super) async fn require(self, txn: &Txn) -> Result<(), Error> {
        if Self::read(txn.conn()).await? == self {
            return Ok(());
        }
        Err(meanwhile())
    }
}

/// What was read is not so any more.
pub(super) fn meanwhile() -> Error {
    Error::because(
        ProblemCode::Unavailable,
        "Trong lúc tính, có đợt chi trả vừa xuất hoặc có khoản vừa thay đổi; hệ thống sẽ tính lại",
        "a run was released or an amount changed while it was reckoned: it is reckoned again",
    )
}
