//! The bank's leg of the tie, by the bank's own amounts: what its lines say it moved of each order, its debits over whole
//! files, and what its statements say of the whole of themselves.
//!
//! A notification and the statement after it tell the same money twice: of the two the larger sum counts. Where neither
//! tells of an order, the amount of its status or result does; where the bank said of an order that it is paid and named
//! no amount at all, the order is counted as one the bank was silent on.

use std::collections::{BTreeMap, BTreeSet};

use domain::payment_order::{Event, State};
use entity::enums::{DifferenceStatus, LineOutcome, ReportFormat};
use entity::{amount_difference, bank_report, bank_report_line, payment_order, statement_total};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_report::told;
use crate::error::Error;
use crate::month_close::batch_leg::{Batch, batches};
use crate::month_close::books::{Books, Order};
use crate::month_close::second_leg;
use crate::month_close::state::OpenState;
use crate::month_close::view::{BankAmounts, Difference};
use crate::reconciliation::{amount_differences, debits_unexplained, made_good_untold, state, weighs};

/// What the bank says of one order, đồng.
#[derive(Clone, Debug, Default)]
struct Told {
    notified: Option<i64>,
    stated: Option<i64>,
    status: Option<i64>,
    /// Came back, by notifications, statements and results.
    returned: BTreeMap<ReportFormat, i64>,
    /// What its booked differences come to, unless they never were.
    differs: i64,
    unbooked: bool,
    /// What the bank made good of them, and no line tells of: its other lines do, or none does.
    made_good: i64,
}

fn add(sum: &mut Option<i64>, amount: i64) {
    *sum = Some(sum.unwrap_or(0) + amount);
}

impl Told {
    fn take(&mut self, format: ReportFormat, returned: bool, amount: i64) {
        if returned {
            let told = self.returned.entry(format).or_insert(0);
            *told = match format {
                // Each entry is money of its own; of a table each row tells the whole of the order.
                ReportFormat::Camt053 | ReportFormat::Camt054 => *told + amount,
                _ => amount.max(*told),
            };
            return;
        }
        match format {
            ReportFormat::Camt054 => add(&mut self.notified, amount),
            ReportFormat::Camt053 => add(&mut self.stated, amount),
            // Each status tells the whole of the order.
            _ => self.status = Some(self.status.unwrap_or(0).max(amount)),
        }
    }

    fn moved(&self) -> Option<i64> {
        self.notified.max(self.stated).or(self.status)
    }

    fn came_back(&self) -> i64 {
        self.returned.values().copied().max().unwrap_or(0)
    }

    /// What the bank took of an order that came back, less what it gave back, đồng: each leg that nobody told is what was
    /// ordered.
    fn kept(&self, ordered: i64) -> i64 {
        let back = if self.returned.is_empty() {
            ordered
        } else {
            self.came_back()
        };
        self.moved().unwrap_or(ordered) - back
    }

    /// Is an amount what the booked differences come to, with what was made good or without?
    fn explains(&self, amount: i64) -> bool {
        let (one, other) = (self.differs, self.differs + self.made_good);
        (one.min(other)..=one.max(other)).contains(&amount)
    }
}

/// A statement beside its own totals.
#[derive(Clone, Debug)]
struct Statement {
    name: String,
    totals: statement_total::Model,
    /// The files whose orders it names.
    files: BTreeSet<Uuid>,
}

/// The bank's leg of some runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Bank {
    orders: BTreeMap<Uuid, Told>,
    batches: BTreeMap<Uuid, Batch>,
    statements: Vec<Statement>,
}

type LineRow = (Uuid, Option<i64>, String, LineOutcome, ReportFormat, Uuid);

impl Bank {
    /// Reads what banks said of the orders of these books.
    pub(super) async fn load(conn: &impl ConnectionTrait, books: &Books) -> Result<Self, Error> {
        let mut bank = Self::default();
        let mut named: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
        for (order, amount, status, outcome, format, report) in lines(conn, books).await? {
            let Some(own) = books.orders.get(&order) else { continue };
            if let (ReportFormat::Camt053, Some(file)) = (format, own.file) {
                named.entry(report).or_default().insert(file);
            }
            let paid = state(own.status).is_paid();
            let event = match (format, outcome) {
                // Which word of a table means what does not matter here: its amounts are those of the order.
                (ReportFormat::ResultTable, LineOutcome::Matched) if paid => Some(Event::Settle),
                // A further debit left our account, as far as anybody knows.
                (_, LineOutcome::Duplicate) => Some(Event::Settle),
                _ => told(format, &status, outcome, None),
            };
            let (Some(event), Some(amount)) = (event, amount) else {
                continue;
            };
            if matches!(event, Event::Settle | Event::Credit | Event::Return) {
                let own = bank.orders.entry(order).or_default();
                own.take(format, event == Event::Return, amount);
            }
        }
        bank.take_differences(conn, books).await?;
        bank.take_second_debits(conn, books).await?;
        bank.batches = batches(conn, books).await?;
        bank.statements = statements(conn, named).await?;
        Ok(bank)
    }

    /// Of what was debited more often than ordered, two people may have found that it came back.
    async fn take_second_debits(&mut self, conn: &impl ConnectionTrait, books: &Books) -> Result<(), Error> {
        for ((order, format), amount) in second_leg::came_back(conn, books).await? {
            let (Some(own), Some(ordered)) = (self.orders.get_mut(&order), books.orders.get(&order)) else {
                continue;
            };
            if own.moved().is_some_and(|moved| moved > ordered.amount) {
                own.take(format, true, amount);
            }
        }
        Ok(())
    }

    async fn take_differences(&mut self, conn: &impl ConnectionTrait, books: &Books) -> Result<(), Error> {
        let all: Vec<amount_difference::Model> = amount_differences(conn, None).await?;
        let mut by_order: BTreeMap<Uuid, Vec<amount_difference::Model>> = BTreeMap::new();
        for row in all.into_iter().filter(|row| books.orders.contains_key(&row.order_id)) {
            let own = self.orders.entry(row.order_id).or_default();
            if row.status == DifferenceStatus::Unbooked {
                own.unbooked = true;
                continue;
            }
            // What stands for a line that agreed with its order is told by that line.
            if let Some(format) = row.format.filter(|_| row.line_id.is_some()) {
                own.take(format, row.returned, row.moved);
            }
            if weighs(&row) {
                own.differs += row.amount;
            }
            by_order.entry(row.order_id).or_default().push(row);
        }
        for (id, rows) in by_order {
            if let (Some(own), Some(order)) = (self.orders.get_mut(&id), books.orders.get(&id)) {
                own.made_good = made_good_untold(order.amount, state(order.status), &rows);
            }
        }
        Ok(())
    }

    /// What the bank says of the orders of a file.
    pub(super) fn of_file<'b>(&self, file: Uuid, orders: impl Iterator<Item = (&'b Uuid, &'b Order)>) -> BankAmounts {
        let batch = self.batches.get(&file);
        let mut amounts = BankAmounts {
            paid: 0,
            came_back: 0,
            silent: 0,
            batch_debit: batch.map_or(0, Batch::debited),
            batch_credit: batch.map_or(0, Batch::came_back),
        };
        for (id, order) in orders {
            let told = self.orders.get(id);
            amounts.came_back += told.map_or(0, Told::came_back);
            if state(order.status).is_paid() {
                match told.and_then(Told::moved) {
                    Some(moved) => amounts.paid += moved,
                    None if batch.is_none_or(|own| own.debits.is_empty()) => amounts.silent += order.amount,
                    None => {}
                }
            }
        }
        amounts
    }

    /// Where what the bank moved is not what was ordered, and no booked difference says so.
    pub(super) fn differences(&self, books: &Books, names: &BTreeMap<Uuid, String>) -> Vec<Difference> {
        let mut found = Vec::new();
        for (id, order) in &books.orders {
            let Some(told) = self.orders.get(id) else { continue };
            let stands = state(order.status);
            if told.unbooked {
                continue;
            }
            if stands == State::Returned {
                // A second credit, or a debit after the return: neither moves the order, and both are money.
                let kept = told.kept(order.amount);
                if !told.explains(kept) {
                    let booked = told.differs + told.made_good;
                    found.push(difference(OpenState::OrdersBank, order.reference.clone(), booked, kept));
                }
                continue;
            }
            if !stands.is_paid() {
                continue;
            }
            let booked = order.amount + told.differs + told.made_good;
            // Of what came back and was debited again, the lines tell of both ways, or of the last one alone.
            let beyond = |moved: i64| moved - order.amount;
            let agrees = |moved: i64| told.explains(beyond(moved)) || told.explains(beyond(moved) - told.came_back());
            if let Some(moved) = told.moved().filter(|moved| !agrees(*moved)) {
                found.push(difference(
                    OpenState::OrdersBank,
                    order.reference.clone(),
                    booked,
                    moved,
                ));
            }
        }
        for (file, batch) in &self.batches {
            let own = books.orders.values().filter(|order| order.file == Some(*file));
            let accepted = own.filter(|order| state(order.status) != State::Rejected);
            let accepted: i64 = accepted.map(|order| order.amount).sum();
            let accepted = accepted - batch.given_back;
            let name = names.get(file).cloned().unwrap_or_else(|| file.simple().to_string());
            let differs = batch.differs(accepted).filter(|_| !batch.debits.is_empty());
            if let Some((owed, moved)) = differs {
                found.push(difference(OpenState::OrdersBank, name, owed, moved));
            }
        }
        found.extend(self.of_statements(books));
        found
    }

    /// Statements whose lines are not what they say they are, and what was paid and stands in none of them.
    fn of_statements(&self, books: &Books) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut stated: BTreeSet<Uuid> = BTreeSet::new();
        for own in &self.statements {
            let totals = &own.totals;
            let legs = [
                (totals.debits, totals.listed_debits),
                (totals.credits, totals.listed_credits),
                (totals.growth, totals.listed_credits - totals.listed_debits),
            ];
            for (said, listed) in legs {
                if let Some(said) = said.filter(|said| *said != listed) {
                    found.push(difference(OpenState::BankStatement, own.name.clone(), said, listed));
                }
            }
            stated.extend(own.files.iter().filter(|file| !self.batches.contains_key(file)));
        }
        for (id, order) in &books.orders {
            let covered = order.file.is_some_and(|file| stated.contains(&file));
            let in_one = self.orders.get(id).is_some_and(|told| told.stated.is_some());
            if covered && !in_one && state(order.status).is_paid() {
                found.push(difference(
                    OpenState::BankStatement,
                    order.reference.clone(),
                    order.amount,
                    0,
                ));
            }
        }
        found
    }
}

fn difference(legs: OpenState, subject: String, one: i64, other: i64) -> Difference {
    Difference {
        legs: legs.code().to_owned(),
        subject,
        one,
        other,
    }
}

/// What was matched, or came back, of the orders of these runs, and further debits of one report.
async fn lines(conn: &impl ConnectionTrait, books: &Books) -> Result<Vec<LineRow>, Error> {
    use bank_report_line::Column as L;
    let orders = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(payment_order::Column::PayRunId.is_in(books.runs.keys().copied()))
        .to_owned();
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let moved = Condition::all()
        .add(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        .add(crate::reconciliation::as_read());
    let rows = bank_report_line::Entity::find()
        .select_only()
        .columns([L::OrderId, L::Amount, L::StatusCode, L::Outcome])
        .column(bank_report::Column::Format)
        .column(L::BankReportId)
        .join(JoinType::InnerJoin, report.into())
        .filter(L::OrderId.in_subquery(orders))
        .filter(Condition::any().add(moved).add(debits_unexplained()))
        .filter(bank_report::Column::Format.ne(ReportFormat::Camt029))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows)
}

/// The statements that name orders, where they say something of the whole of themselves.
async fn statements(
    conn: &impl ConnectionTrait,
    mut named: BTreeMap<Uuid, BTreeSet<Uuid>>,
) -> Result<Vec<Statement>, Error> {
    let reports: Vec<Uuid> = named.keys().copied().collect();
    let totals = statement_total::Entity::find()
        .filter(statement_total::Column::BankReportId.is_in(reports.iter().copied()))
        .all(conn)
        .await?;
    let names: Vec<(Uuid, String)> = bank_report::Entity::find()
        .select_only()
        .columns([bank_report::Column::Id, bank_report::Column::FileName])
        .filter(bank_report::Column::Id.is_in(reports))
        .into_tuple()
        .all(conn)
        .await?;
    let names: BTreeMap<Uuid, String> = names.into_iter().collect();
    let all = totals.into_iter().map(|totals| Statement {
        name: names.get(&totals.bank_report_id).cloned().unwrap_or_default(),
        files: named.remove(&totals.bank_report_id).unwrap_or_default(),
        totals,
    });
    Ok(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_twice_or_was_debited_again_is_not_even() {
        use ReportFormat::{Camt053, Camt054, Pain002, PostResult};
        for (lines, kept) in [
            (vec![], 0),
            (vec![(Pain002, false, 100), (Camt054, true, 100)], 0),
            // A statement tells once more what notifications told.
            (
                vec![
                    (Camt054, false, 100),
                    (Camt054, true, 100),
                    (Camt053, false, 100),
                    (Camt053, true, 100),
                ],
                0,
            ),
            (vec![(Camt053, false, 100), (Camt054, true, 100)], 0),
            // The notification of the first debit comes late.
            (
                vec![(Pain002, false, 100), (Camt054, true, 100), (Camt054, false, 100)],
                0,
            ),
            (vec![(Camt054, true, 100), (Camt054, true, 100)], -100),
            (
                vec![(Camt054, false, 100), (Camt054, true, 100), (Camt054, false, 100)],
                100,
            ),
            // Each list of the post office tells of everybody.
            (vec![(PostResult, true, 100), (PostResult, true, 100)], 0),
        ] {
            let mut told = Told::default();
            for (format, returned, amount) in &lines {
                told.take(*format, *returned, *amount);
            }
            assert_eq!(told.kept(100), kept, "{lines:?}");
        }
    }
}
