//! What a simulated bank does with one order, and what it says of it on which day.

mod accounts;
mod cash;
mod contrary;
mod silent;
mod twice;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sums::{halves, other_sum, wrong};
use super::{BankFile, BankOrder, Behaviour};
use crate::Vnd;
use crate::bank_report::synthetic::Answer;

pub(super) use twice::second_debit;

/// Days from the execution to the answer.
const ANSWER: u32 = 1;
/// Days from the execution to the answer of the post office, which waits for people to come.
const POST_ANSWER: u32 = 7;
/// Days from the answer to a return.
const RETURN: u32 = 3;
/// Days from the answer to the second part, the correction, the debit of what was called a duplicate, or what contradicts
/// the answer.
const SECOND: u32 = 2;
/// Days from the answer to the confirmation of the whole of what came in parts, or to the return of a second debit.
const THIRD: u32 = 4;
/// Days a blocked order is held.
const HELD: u32 = 5;
/// Days from the execution to the one debit over a batch, after the refused lines are known.
const BATCH: u32 = 2;

const REJECTS: &[&str] = &["AC01", "AC04", "AC06", "AG01", "BE01", "RC01"];
const RETURNS: &[&str] = &["AC01", "AC04", "AC06"];

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Paid.
    Paid,
    /// Refused; no money moves.
    Rejected,
    /// Debited, and back after three days.
    Returned,
    /// Debited, and back after weeks.
    ReturnedLate,
    /// Debited, and back because the holder has died.
    Deceased,
    /// Held, then paid.
    HeldThenPaid,
    /// Held, then refused.
    HeldThenRejected,
    /// Paid in two parts.
    InParts,
    /// Paid, and first told with a wrong amount.
    WrongAmount,
    /// Paid, and first told with another account than was ordered.
    WrongAccount,
    /// Paid with another sum than was ordered, and told so.
    WrongSum,
    /// Paid, and first refused as a duplicate.
    CalledDuplicate,
    /// Paid, and told by the statement alone.
    Lost,
    /// Cash that nobody came for.
    NotCollected,
    /// Refused for lack of money (`AM04`), and debited two days later all the same.
    RefusedThenDebited,
    /// Debited, and refused two days later (`AC06`); the money stays with the payee.
    DebitedThenRefused,
    /// Paid or never carried out, and nothing is ever said of it.
    Silent,
    /// Debited, debited once more, and the second debit given back.
    DebitedTwice,
}

/// Where the money of an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// Not moved yet.
    InFlight,
    /// Taken from our account, with the payee or on the way.
    Paid,
    /// Never taken: the order is over.
    NotMoved,
    /// Taken and back on our account.
    CameBack,
}

/// On which paper something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Paper {
    Status,
    Notification,
    Statement,
    Post,
}

/// A line of an answer and the day it is due.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    pub(super) due: NaiveDate,
    pub(super) paper: Paper,
    pub(super) answer: Answer,
}

/// One order from its file to its end.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) fate: Fate,
    /// Where the money goes, in order.
    pub(super) moves: Vec<(NaiveDate, Money)>,
    /// What is told of that beyond doubt, in order.
    pub(super) told: Vec<(NaiveDate, Money)>,
    pub(super) sayings: Vec<Saying>,
    /// What is moved where anything is.
    pub(super) sum: Vnd,
}

/// A lot from 0 to 999, the same for the same seed, purpose and key.
pub(super) fn lot(seed: u64, purpose: &str, key: &str) -> u32 {
    let hash = Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(purpose)
        .chain_update([0])
        .chain_update(key)
        .finalize();
    let number = hash
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    u32::try_from(number % 1_000).unwrap_or(0)
}

/// So many days later.
pub(super) fn later(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(day)
}

/// The day a file is carried out: the one it names, or the day it came where that is later.
pub(super) fn base(file: &BankFile, received_on: NaiveDate) -> NaiveDate {
    file.execution_date.max(received_on)
}

/// Is the file answered with the refused lines and one debit?
pub(super) fn is_batch_only(behaviour: &Behaviour, file: &BankFile) -> bool {
    // A table of results has a row for each order, never one for all.
    !file.is_cash() && file.table.is_none() && lot(behaviour.seed, "batch", &file.id) < behaviour.batch_only_debit
}

/// The days on which one debit over a batch is told: the notification, and the statement if there is one.
pub(super) fn batch_days(behaviour: &Behaviour, base: NaiveDate) -> (NaiveDate, Option<NaiveDate>) {
    let statement = (behaviour.statement_after_days > BATCH).then(|| later(base, behaviour.statement_after_days));
    (later(base, BATCH), statement)
}

fn fate(behaviour: &Behaviour, file: &BankFile, reference: &str) -> Fate {
    let b = behaviour;
    // A row of a table tells the whole of its order: it has no words for money that went once more.
    let twice = if file.table.is_some() { 0 } else { b.debits_twice };
    let transfer = [
        (Fate::Rejected, b.rejects),
        (Fate::Returned, b.returns),
        (Fate::ReturnedLate, b.late_returns),
        (Fate::Deceased, b.deceased),
        (Fate::HeldThenPaid, b.blocked / 2),
        (Fate::HeldThenRejected, b.blocked - b.blocked / 2),
        (Fate::InParts, b.partial),
        (Fate::WrongAmount, b.wrong_amounts),
        (Fate::CalledDuplicate, b.duplicate_rejects),
        (Fate::Lost, b.lost_answers),
        (Fate::WrongSum, b.wrong_sums),
        (Fate::RefusedThenDebited, b.refused_then_debited),
        (Fate::DebitedThenRefused, b.debited_then_refused),
        (Fate::WrongAccount, b.wrong_accounts),
        (Fate::Silent, b.silent),
        (Fate::DebitedTwice, twice),
    ];
    let cash = [
        (Fate::NotCollected, b.not_collected),
        (Fate::WrongAmount, b.wrong_amounts),
        (Fate::Lost, b.lost_answers),
        (Fate::WrongSum, b.wrong_sums),
    ];
    let shares: &[(Fate, u32)] = if file.is_cash() { &cash } else { &transfer };
    let mut place = lot(b.seed, "fate", reference);
    for (fate, share) in shares {
        match place.checked_sub(*share) {
            Some(rest) => place = rest,
            None => return *fate,
        }
    }
    Fate::Paid
}

/// What the bank does with an order and says of it.
pub(super) fn course(behaviour: &Behaviour, file: &BankFile, received_on: NaiveDate, order: &BankOrder) -> Course {
    let base = base(file, received_on);
    let delayed = lot(behaviour.seed, "delay", &order.reference) < behaviour.delays;
    let batch_only = is_batch_only(behaviour, file);
    let delay = if delayed && !batch_only {
        behaviour.delay_days
    } else {
        0
    };
    let usual = if file.is_cash() { POST_ANSWER } else { ANSWER };
    let mut story = Story {
        behaviour,
        order,
        of_2009: file.is_of_2009(),
        base,
        answer: later(base, usual + delay),
        course: Course {
            fate: fate(behaviour, file, &order.reference),
            moves: Vec::new(),
            told: Vec::new(),
            sayings: Vec::new(),
            sum: order.amount,
        },
    };
    match (file.is_cash(), batch_only) {
        (true, _) => story.cash(),
        (false, true) => story.in_batch(),
        (false, false) => story.transfer(),
    }
    story.course
}

struct Story<'a> {
    behaviour: &'a Behaviour,
    order: &'a BankOrder,
    /// The bank answers by pain.002.001.03, which knows neither `ACCC` nor `BLCK`.
    of_2009: bool,
    base: NaiveDate,
    answer: NaiveDate,
    course: Course,
}

impl Story<'_> {
    fn moves(&mut self, on: NaiveDate, money: Money) {
        self.course.moves.push((on, money));
    }

    /// Says something; `tells` where it leaves no doubt.
    fn says(&mut self, due: NaiveDate, (paper, status, reason): (Paper, &str, Option<&str>), tells: Option<Money>) {
        self.says_amount(due, (paper, status, reason), self.order.amount, tells);
    }

    fn says_amount(
        &mut self,
        due: NaiveDate,
        (paper, status, reason): (Paper, &str, Option<&str>),
        amount: Vnd,
        tells: Option<Money>,
    ) {
        let cash = paper == Paper::Post;
        let answer = Answer {
            reference: self.order.reference.clone(),
            uetr: self.order.uetr,
            amount,
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            account: self.order.account.clone(),
            bank_reference: (!cash).then(|| format!("FT{:03}{}", due.format("%j"), self.order.reference)),
        };
        self.course.told.extend(tells.map(|money| (due, money)));
        self.course.sayings.push(Saying { due, paper, answer });
    }

    fn pick(&self, from: &[&'static str]) -> &'static str {
        let place = usize::try_from(lot(self.behaviour.seed, "reason", &self.order.reference)).unwrap_or(0);
        from.get(place % from.len().max(1)).copied().unwrap_or("NARR")
    }

    /// The status of what has arrived.
    fn arrived(&self) -> &'static str {
        let debited = lot(self.behaviour.seed, "debited", &self.order.reference) < self.behaviour.only_debited;
        if debited || self.of_2009 { "ACSC" } else { "ACCC" }
    }

    /// The status of what the bank holds back.
    const fn held(&self) -> &'static str {
        if self.of_2009 { "PDNG" } else { "BLCK" }
    }

    fn returned(&mut self, on: NaiveDate, reason: &'static str) {
        self.moves(on, Money::CameBack);
        self.says(on, (Paper::Notification, "BOOK", Some(reason)), Some(Money::CameBack));
    }

    /// The day of a late return: never before that of an ordinary one.
    fn late(&self) -> NaiveDate {
        later(self.base, self.behaviour.late_returns_after_days).max(later(self.answer, RETURN))
    }

    fn rejected(&mut self, on: NaiveDate, reason: &'static str) {
        self.moves(self.base, Money::NotMoved);
        self.says(on, (Paper::Status, "RJCT", Some(reason)), Some(Money::NotMoved));
    }

    fn transfer(&mut self) {
        let answer = self.answer;
        let (second, third) = (later(answer, SECOND), later(answer, THIRD));
        let arrived = self.arrived();
        match self.course.fate {
            Fate::Rejected => return self.rejected(answer, self.pick(REJECTS)),
            Fate::HeldThenRejected => {
                self.says(answer, (Paper::Status, self.held(), None), None);
                return self.rejected(later(answer, HELD), "AC06");
            }
            Fate::Silent => return self.silent(),
            _ => self.moves(self.base, Money::Paid),
        }
        match self.course.fate {
            Fate::Returned | Fate::ReturnedLate | Fate::Deceased => {
                self.says(answer, (Paper::Status, "ACSC", None), Some(Money::Paid));
                self.comes_back();
            }
            Fate::HeldThenPaid => {
                self.says(answer, (Paper::Status, self.held(), None), None);
                self.says(later(answer, HELD), (Paper::Status, arrived, None), Some(Money::Paid));
            }
            Fate::InParts => {
                let (one, other) = halves(self.order.amount);
                self.says_amount(answer, (Paper::Notification, "BOOK", None), one, None);
                self.says_amount(second, (Paper::Notification, "BOOK", None), other, None);
                self.says(third, (Paper::Status, arrived, None), Some(Money::Paid));
            }
            Fate::WrongAmount => {
                let wrong = wrong(self.order.amount);
                self.says_amount(answer, (Paper::Status, arrived, None), wrong, None);
                self.says(second, (Paper::Status, arrived, None), Some(Money::Paid));
            }
            Fate::WrongAccount => self.wrong_account((answer, second), arrived),
            Fate::WrongSum => self.wrong_sum((answer, second), arrived),
            Fate::RefusedThenDebited => self.refused_then_debited((answer, second)),
            Fate::DebitedThenRefused => self.debited_then_refused((answer, second), arrived),
            Fate::DebitedTwice => self.debited_twice(answer, second, third),
            Fate::CalledDuplicate => {
                self.says(answer, (Paper::Status, "RJCT", Some("AM05")), None);
                self.says(second, (Paper::Notification, "BOOK", None), Some(Money::Paid));
            }
            Fate::Lost => {
                if self.behaviour.statement_after_days > 0 {
                    let statement = later(self.base, self.behaviour.statement_after_days);
                    self.says(statement, (Paper::Statement, "BOOK", None), Some(Money::Paid));
                }
            }
            _ => self.says(answer, (Paper::Status, arrived, None), Some(Money::Paid)),
        }
    }

    /// Another sum is moved, and every paper says so.
    fn wrong_sum(&mut self, (answer, second): (NaiveDate, NaiveDate), arrived: &'static str) {
        let moved = other_sum(self.behaviour.seed, self.order);
        self.course.sum = moved;
        self.says_amount(answer, (Paper::Status, arrived, None), moved, Some(Money::Paid));
        self.says_amount(second, (Paper::Notification, "BOOK", None), moved, None);
        if self.behaviour.statement_after_days > 0 {
            let statement = later(self.base, self.behaviour.statement_after_days);
            self.says_amount(statement, (Paper::Statement, "BOOK", None), moved, None);
        }
    }

    /// What has been debited is given back.
    fn comes_back(&mut self) {
        match self.course.fate {
            Fate::Returned => self.returned(later(self.answer, RETURN), self.pick(RETURNS)),
            Fate::ReturnedLate => self.returned(self.late(), self.pick(RETURNS)),
            Fate::Deceased => self.returned(later(self.answer, RETURN), "MD07"),
            _ => {}
        }
    }

    /// In a file with one debit, lines are told of where they fail.
    fn in_batch(&mut self) {
        match self.course.fate {
            Fate::Rejected => return self.rejected(self.answer, self.pick(REJECTS)),
            Fate::Returned | Fate::ReturnedLate | Fate::Deceased => {}
            _ => self.course.fate = Fate::Paid,
        }
        self.moves(self.base, Money::Paid);
        self.course
            .told
            .push((batch_days(self.behaviour, self.base).0, Money::Paid));
        self.comes_back();
    }
}
