//! What two people asked banks to send back, and what that means for paying it again. Money that comes back because it was
//! asked for says no more than that (`FOCR`): why it was asked for is what counts.

use std::collections::BTreeMap;

use entity::enums::{ProposalStatus, RecallReason};
use entity::recall;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::code::Code;
use crate::error::Error;
use crate::pay_run::reissue::needs_another_account;

/// Orders in one statement.
const IDS: usize = 10_000;
/// Returned following a cancellation request (ExternalReturnReason1Code).
const ASKED_FOR: &str = "FOCR";

/// The recalls of an order that two people decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recalled {
    newest: Option<RecallReason>,
    bars: Option<RecallReason>,
}

impl Recalled {
    fn and(self, reason: RecallReason) -> Self {
        let bars = matches!(reason, RecallReason::Dupl | RecallReason::Frad);
        Self {
            newest: Some(reason),
            bars: bars.then_some(reason).or(self.bars),
        }
    }

    /// Why it is never paid again by itself, as a code for what is held: it was sent twice, or it was a fraud. Two people
    /// who cancel the return let what is still owed become arrears.
    pub(crate) fn bars(self) -> Option<String> {
        self.bars
            .map(|reason| format!("recalled_{}", reason.code().to_lowercase()))
    }

    /// Does money that came back for this reason need another account? A recall for a wrong account says so whatever the
    /// bank says; one for a technical fault, at our request or for a wrong amount says that the account was not at fault.
    pub(crate) fn needs_another_account(self, reason: &str) -> bool {
        match self.newest {
            Some(RecallReason::Ac03) => true,
            Some(own @ (RecallReason::Tech | RecallReason::Cust | RecallReason::Am09))
                if reason == ASKED_FOR || reason == own.code() =>
            {
                false
            }
            _ => needs_another_account(reason),
        }
    }
}

/// The recalls of some orders that two people decided; orders without any are left out.
pub(crate) async fn recalled(conn: &impl ConnectionTrait, orders: &[Uuid]) -> Result<BTreeMap<Uuid, Recalled>, Error> {
    let mut recalled: BTreeMap<Uuid, Recalled> = BTreeMap::new();
    for chunk in orders.chunks(IDS) {
        let rows = recall::Entity::find()
            .filter(recall::Column::OrderId.is_in(chunk.iter().copied()))
            .filter(recall::Column::Status.eq(ProposalStatus::Accepted))
            .order_by_asc(recall::Column::Sequence)
            .all(conn)
            .await?;
        for row in rows {
            let own = recalled.entry(row.order_id).or_default();
            *own = own.and(row.reason);
        }
    }
    Ok(recalled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_back_follows_the_reason_of_its_recall() {
        use RecallReason::{Ac03, Am09, Cust, Dupl, Frad, Tech};
        let of = |reasons: &[RecallReason]| reasons.iter().fold(Recalled::default(), |own, reason| own.and(*reason));
        for (recalls, reason, bars, another) in [
            (vec![], "FOCR", None, true),
            (vec![], "AM04", None, false),
            (vec![Tech], "FOCR", None, false),
            (vec![Cust], "FOCR", None, false),
            (vec![Cust], "CUST", None, false),
            (vec![Am09], "FOCR", None, false),
            // It came back before the bank could act on the request.
            (vec![Tech], "AC04", None, true),
            (vec![Ac03], "FOCR", None, true),
            (vec![Ac03], "AM04", None, true),
            (vec![Dupl], "FOCR", Some("recalled_dupl"), true),
            (vec![Frad], "AM04", Some("recalled_frad"), false),
            (vec![Dupl, Tech], "FOCR", Some("recalled_dupl"), false),
        ] {
            let own = of(&recalls);
            assert_eq!(own.bars().as_deref(), bars, "{recalls:?}");
            assert_eq!(own.needs_another_account(reason), another, "{recalls:?} {reason}");
        }
    }
}
