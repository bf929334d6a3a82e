//! The estimate of a fund, as it was decided.

use std::collections::BTreeMap;

use entity::enums::{ProposalStatus, TreasuryKind};
use entity::{posting, treasury_proposal};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::fund::open::opening;
use crate::fund::posting::Account;
use crate::fund::{reduction, transfer};

/// What was decided that a fund has: its opening, the supplements and transfers it got, less those it gave, what was cut and
/// what was given back to its source, đồng. What comes back to its source of itself, as of an overpayment that is paid back,
/// and what leaves it for what a bank took too much, are no decisions on the estimate.
pub(super) async fn of(conn: &impl ConnectionTrait, fund_id: Uuid) -> Result<i64, Error> {
    use posting::Column as C;
    let decided = Condition::any()
        .add(C::Batch.eq(opening(fund_id)))
        .add(C::Batch.starts_with(transfer::SUBJECT))
        .add(C::Batch.starts_with(reduction::SUBJECT));
    let amounts: Vec<i64> = posting::Entity::find()
        .select_only()
        .column(C::Amount)
        .filter(C::FundId.eq(fund_id))
        .filter(C::Account.eq(Account::Source))
        .filter(decided)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(-amounts.into_iter().sum::<i64>())
}

/// What was cut of each fund, or given back to its source by two people, đồng.
pub(super) async fn reduced(conn: &impl ConnectionTrait) -> Result<BTreeMap<Uuid, i64>, Error> {
    let accepted: Vec<Uuid> = treasury_proposal::Entity::find()
        .select_only()
        .column(treasury_proposal::Column::Id)
        .filter(treasury_proposal::Column::Kind.eq(TreasuryKind::FundReduction))
        .filter(treasury_proposal::Column::Status.eq(ProposalStatus::Accepted))
        .into_tuple()
        .all(conn)
        .await?;
    let rows: Vec<(Uuid, i64)> = posting::Entity::find()
        .select_only()
        .columns([posting::Column::FundId, posting::Column::Amount])
        .filter(posting::Column::Batch.is_in(accepted.into_iter().map(reduction::step)))
        .filter(posting::Column::Account.eq(Account::Source))
        .into_tuple()
        .all(conn)
        .await?;
    let mut sums = BTreeMap::new();
    for (fund, amount) in rows {
        *sums.entry(fund).or_insert(0) += amount;
    }
    Ok(sums)
}
