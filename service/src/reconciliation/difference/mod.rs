//! What a bank moved more or less than an order says: booked beside the order, and open until the bank makes it good or
//! two people write it off.
//!
//! The order stays paid, or came back, for its whole amount: that is what the payee is owed or waits for. What the bank
//! moved too little of a paid order leaves the paid account for `short_moved`; what it moved too much stands in
//! `over_moved`, against the source that it was taken from. A bank's fee is never the payee's in silence. An order has one
//! open difference at a time: each line that two people take for good says anew how much was moved in all. A notification
//! and the statement after it tell the same money twice, so that of the kinds of reports the one with the larger sum
//! counts.
//!
//! What the bank made good is reckoned by its amount: what it takes after that is open anew. Lines may tell of the making
//! good, or never do.

mod book;
mod first;
mod settle;
mod view;

pub(super) use book::{after_resolution, after_returns, beside, format_of, gives_back, take_back};
pub(super) use first::first_told;
pub use settle::{ProposeSettlement, decide_settlement, propose_settlement};
pub use view::{AmountDifferenceView, SettlementView, difference, differences};
pub(crate) use view::{orders as orders_of, settled};

use std::collections::BTreeMap;

use domain::payment_order::State;
use entity::amount_difference::Model;
use entity::enums::{DifferenceStatus as Status, ReportFormat};
use entity::{amount_difference, payment_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::fund::{Account, Move, fiscal_year};
use crate::reconciliation::load::IDS;

/// Who tells: what each says is held apart from what the others say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Teller {
    /// The state of an order, told again with each answer.
    Status,
    Notification,
    Statement,
}

const fn teller(format: Option<ReportFormat>) -> Teller {
    match format {
        Some(ReportFormat::Camt054) => Teller::Notification,
        Some(ReportFormat::Camt053) => Teller::Statement,
        _ => Teller::Status,
    }
}

/// What lines say was moved in one direction, đồng; none where no line says so.
fn told(rows: &[Model], returned: bool) -> Option<i64> {
    let mut sums: BTreeMap<Teller, i64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.returned == returned) {
        let sum = sums.entry(teller(row.format)).or_insert(0);
        *sum = match teller(row.format) {
            Teller::Status => row.moved.max(*sum),
            Teller::Notification | Teller::Statement => *sum + row.moved,
        };
    }
    sums.into_values().max()
}

/// What all that was told of an order comes to, đồng.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reckoned {
    /// What left our account, less what came back, less what the books say of the order.
    told: i64,
    /// What the bank made good and no later line tells of.
    made_good: i64,
}

impl Reckoned {
    fn of(ordered: i64, stands: State, rows: &[Model]) -> Self {
        // The books say of a refused order that nothing moved: what a bank took for it all the same is open in whole.
        let usual = if stands == State::Rejected { 0 } else { ordered };
        let both_ways = stands.awaits_reissue();
        let sum = |rows: &[Model]| {
            let back = if both_ways { told(rows, true) } else { None };
            told(rows, false).unwrap_or(usual) - back.unwrap_or(usual)
        };
        let mut own = Self {
            told: sum(&[]),
            made_good: 0,
        };
        for (at, row) in rows.iter().enumerate() {
            let before = own.told;
            own.told = sum(rows.get(..=at).unwrap_or_default());
            own.tell(row, own.told - before);
            // Of an order that is paid, nothing that came back is reckoned.
            if row.status == Status::MadeGood && (both_ways || !row.returned) {
                own.made_good += row.amount;
            }
        }
        own
    }

    /// A line may tell of what was made good before: money that came back of what was taken too much, or that was moved of
    /// what was moved too little, and no more than that.
    const fn tell(&mut self, row: &Model, change: i64) {
        let makes_good = if row.returned {
            change < 0 && self.made_good >= -change
        } else {
            change > 0 && -self.made_good >= change
        };
        if makes_good {
            self.made_good += change;
        }
    }

    const fn open(self) -> i64 {
        self.told - self.made_good
    }
}

/// What is open of an order where it stands by all that was told of it, the oldest first, đồng: what left our account, less
/// what came back, what was made good and what the books say of the order.
pub(crate) fn open_of_order(ordered: i64, stands: State, rows: &[Model]) -> i64 {
    Reckoned::of(ordered, stands, rows).open()
}

/// What the bank made good of an order and no line of the order tells of, đồng.
pub(crate) fn made_good_untold(ordered: i64, stands: State, rows: &[Model]) -> i64 {
    Reckoned::of(ordered, stands, rows).made_good
}

/// Does it still weigh on an account of a fund?
pub(crate) const fn weighs(row: &Model) -> bool {
    matches!(row.status, Status::Open | Status::WrittenOff)
}

/// The lines of an order by fiscal year, đồng.
pub(crate) type Years = BTreeMap<i32, i64>;

/// An amount, by the fiscal years that carry the order, the latest first.
pub(crate) fn shares(years: &Years, amount: i64) -> Vec<(i32, i64)> {
    let mut left = amount.abs();
    let mut shares: Vec<(i32, i64)> = Vec::new();
    for (year, carried) in years.iter().rev() {
        let own = left.min(*carried);
        if own > 0 {
            shares.push((*year, own));
            left -= own;
        }
    }
    // A bank may have moved far more than was ordered.
    match shares.first_mut() {
        Some(first) => first.1 += left,
        None => shares.extend(years.keys().next_back().map(|year| (*year, left))),
    }
    shares
}

/// The years of orders.
pub(crate) async fn years(conn: &impl ConnectionTrait, orders: &[Uuid]) -> Result<BTreeMap<Uuid, Years>, Error> {
    use payment_line::Column as C;
    let mut years: BTreeMap<Uuid, Years> = BTreeMap::new();
    for chunk in orders.chunks(IDS) {
        let rows: Vec<(Uuid, i32, Option<i32>, i64)> = payment_line::Entity::find()
            .select_only()
            .columns([C::OrderId, C::CoverMonth, C::FiscalYear, C::Amount])
            .filter(C::OrderId.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        for (order, month, fixed, amount) in rows {
            let own = years.entry(order).or_default();
            *own.entry(fiscal_year(month, fixed)).or_insert(0) += amount;
        }
    }
    Ok(years)
}

/// Every difference that some orders ever had, the oldest first; of all orders where `of` is none.
pub(crate) async fn rows(conn: &impl ConnectionTrait, of: Option<&[Uuid]>) -> Result<Vec<Model>, Error> {
    use amount_difference::Column as C;
    let all = || {
        amount_difference::Entity::find()
            .order_by_asc(C::OpenedAt)
            .order_by_asc(C::Id)
    };
    let Some(orders) = of else {
        return Ok(all().all(conn).await?);
    };
    let mut rows = Vec::new();
    for chunk in orders.chunks(IDS) {
        let own = all().filter(C::OrderId.is_in(chunk.iter().copied()));
        rows.extend(own.all(conn).await?);
    }
    Ok(rows)
}

/// The account that an open difference stands in.
pub(crate) const fn account(amount: i64) -> Account {
    if amount < 0 {
        Account::ShortMoved
    } else {
        Account::OverMoved
    }
}

/// What moves between which accounts, each for the whole of a difference.
type Legs = Vec<(Account, Account)>;

/// It is booked.
fn opens(row: &Model) -> Legs {
    if row.amount < 0 {
        vec![(row.contra, Account::ShortMoved)]
    } else {
        vec![(row.contra, Account::OverMoved)]
    }
}

/// It ends without a loss: the bank made it good, or another takes its place.
fn ends(row: &Model) -> Legs {
    match (row.status, row.amount < 0) {
        (Status::WrittenOff, true) => vec![(Account::WrittenOff, row.contra)],
        (Status::WrittenOff, false) => vec![(Account::WrittenOff, Account::Available)],
        (_, true) => vec![(Account::ShortMoved, row.contra)],
        (_, false) => vec![(Account::OverMoved, row.contra)],
    }
}

/// The fund bears it: what a bank took too much is given back to the source out of what the fund has left.
fn written_off(row: &Model) -> Legs {
    if row.amount < 0 {
        vec![(Account::ShortMoved, Account::WrittenOff)]
    } else {
        vec![
            (Account::OverMoved, row.contra),
            (Account::Available, Account::WrittenOff),
        ]
    }
}

fn moves(years: &Years, row: &Model, legs: &[(Account, Account)]) -> Vec<Move> {
    let each = shares(years, row.amount).into_iter();
    let each = each.flat_map(|(fiscal_year, amount)| {
        legs.iter().map(move |(from, to)| Move {
            fiscal_year,
            from: *from,
            to: *to,
            amount,
        })
    });
    each.collect()
}

/// The name of a difference in postings and in the audit trail.
fn subject(id: Uuid) -> String {
    format!("amount_difference:{}", id.simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(returned: bool, format: ReportFormat, moved: i64) -> Model {
        Model {
            id: Uuid::nil(),
            order_id: Uuid::nil(),
            line_id: None,
            format: Some(format),
            returned,
            moved,
            amount: -1,
            contra: Account::Paid,
            fund_code: "social_assistance".to_owned(),
            status: Status::Replaced,
            opened_at: chrono::DateTime::UNIX_EPOCH,
            changed_at: None,
        }
    }

    #[test]
    fn parts_add_up_and_a_statement_repeats_what_notifications_told() {
        use ReportFormat::{Camt053, Camt054, Pain002};
        let part = |moved| row(false, Camt054, moved);
        assert_eq!(open_of_order(100, State::Settled, &[]), 0);
        assert_eq!(open_of_order(100, State::Settled, &[part(40)]), -60);
        assert_eq!(open_of_order(100, State::Settled, &[part(40), part(60)]), 0);
        assert_eq!(
            open_of_order(100, State::Settled, &[part(40), part(60), row(false, Camt053, 100)]),
            0
        );
        assert_eq!(
            open_of_order(
                100,
                State::Settled,
                &[row(false, Pain002, 101), row(false, Pain002, 101)]
            ),
            1
        );
        // What came back is held against what was moved.
        assert_eq!(open_of_order(100, State::Returned, &[part(99)]), -1);
        assert_eq!(
            open_of_order(100, State::Returned, &[part(99), row(true, Camt054, 99)]),
            0
        );
        assert_eq!(open_of_order(100, State::Returned, &[row(true, Camt054, 98)]), 2);
        let good = Model {
            status: Status::MadeGood,
            ..part(99)
        };
        assert_eq!(open_of_order(100, State::Settled, &[good.clone(), part(1)]), 0);
        assert_eq!(open_of_order(100, State::Returned, &[good]), 0);
    }

    #[test]
    fn what_is_taken_for_a_refused_order_is_open_in_whole_until_it_is_back() {
        use ReportFormat::{Camt053, Camt054};
        let rejected = |rows: &[Model]| open_of_order(100, State::Rejected, rows);
        let debit = row(false, Camt054, 100);
        assert_eq!(rejected(&[]), 0);
        assert_eq!(rejected(std::slice::from_ref(&debit)), 100);
        assert_eq!(rejected(&[debit.clone(), row(false, Camt053, 100)]), 100);
        assert_eq!(rejected(&[debit.clone(), row(true, Camt054, 100)]), 0);
        assert_eq!(open_of_order(100, State::Settled, std::slice::from_ref(&debit)), 0);
        let good = Model {
            status: Status::MadeGood,
            amount: 100,
            ..debit.clone()
        };
        assert_eq!(rejected(std::slice::from_ref(&good)), 0);
        assert_eq!(rejected(&[good.clone(), row(true, Camt054, 100)]), 0);
        assert_eq!(rejected(&[good, debit]), 100, "taken once more");
    }

    #[test]
    fn what_is_taken_after_the_bank_made_good_is_open_anew() {
        use ReportFormat::{Camt053, Camt054};
        let (debit, back) = (row(false, Camt054, 100), row(true, Camt054, 100));
        let good = Model {
            status: Status::MadeGood,
            amount: 100,
            ..debit.clone()
        };
        // The first debit, and the second one, which was made good.
        let twice = [debit.clone(), good];
        for (more, returned, paid, untold) in [
            (vec![], 0, 0, 100),
            (vec![debit.clone()], 100, 100, 100),
            (vec![debit.clone(), debit.clone()], 200, 200, 100),
            // The statement tells of the first two.
            (vec![row(false, Camt053, 100), row(false, Camt053, 100)], 0, 0, 100),
            // The credits of the order, and of the second debit: the bank told of it.
            (vec![back.clone(), back.clone()], 0, 0, 0),
            (vec![back.clone(), back.clone(), debit.clone()], 100, 100, 0),
            (vec![back.clone(), back.clone(), back], -100, 0, 0),
        ] {
            let rows: Vec<Model> = twice.iter().cloned().chain(more).collect();
            assert_eq!(open_of_order(100, State::Returned, &rows), returned, "{rows:#?}");
            assert_eq!(made_good_untold(100, State::Returned, &rows), untold, "{rows:#?}");
            // Of a paid order what came back is not reckoned.
            assert_eq!(open_of_order(100, State::Settled, &rows), paid, "{rows:#?}");
        }
    }

    #[test]
    fn what_makes_a_short_payment_good_is_told_or_not_and_more_is_other_money() {
        let short = Model {
            status: Status::MadeGood,
            amount: -1,
            ..row(false, ReportFormat::Camt054, 99)
        };
        for (more, open) in [(vec![], 0), (vec![1], 0), (vec![100], 100), (vec![1, 100], 100)] {
            let more = more.into_iter().map(|moved| row(false, ReportFormat::Camt054, moved));
            let rows: Vec<Model> = std::iter::once(short.clone()).chain(more).collect();
            assert_eq!(open_of_order(100, State::Settled, &rows), open, "{rows:#?}");
        }
    }

    #[test]
    fn an_amount_is_shared_by_the_years_that_carry_the_order() {
        let years = Years::from([(2024, 100), (2025, 30)]);
        assert_eq!(shares(&years, -20), [(2025, 20)]);
        assert_eq!(shares(&years, -50), [(2025, 30), (2024, 20)]);
        assert_eq!(shares(&years, 200), [(2025, 100), (2024, 100)]);
        assert_eq!(shares(&Years::from([(2024, 0)]), 5), [(2024, 5)]);
    }
}
