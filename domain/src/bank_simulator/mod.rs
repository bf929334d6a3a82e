//! A bank and a post office that are simulated: they take payment files and answer as real ones do, on the days they
//! choose, with every fault a [`Behaviour`] asks for. Pure: the same files, days and behaviour give the same bytes.
//!
//! The [`Simulator`] keeps a [ledger](Simulator::ledger) of what it really did with each order, which no answer has to
//! agree with at any moment, so that tests and reconciliation can be compared with it.

mod behaviour;
mod cash;
mod course;
mod file;
mod recall;
#[cfg(test)]
mod recall_tests;
mod sums;
mod table;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
mod write;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::Vnd;
use recall::HeldRecall;

pub use behaviour::{Behaviour, BehaviourFault};
pub use course::{Fate, Money};
pub use file::{BankFile, BankOrder, FileFault};
pub use recall::RecallRequest;
pub use table::{TableForm, TableHead};

/// What happened to a file that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Receipt {
    /// Taken.
    Taken,
    /// The very same was taken before; nothing changes.
    Known,
    /// Another file has this id; it is not taken.
    Clash,
}

/// An answer file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFile {
    /// Its name, unique for ever.
    pub name: String,
    /// The day the bank sends it.
    pub due: NaiveDate,
    /// The id of the file it answers.
    pub about: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What really became of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The id of its file.
    pub file: String,
    /// Its reference.
    pub reference: String,
    /// Its amount, as ordered.
    pub amount: Vnd,
    /// What the bank moves for it, if it moves anything.
    pub sum: Vnd,
    /// What the bank has in mind for it.
    pub fate: Fate,
    /// Where the money is.
    pub money: Money,
    /// Where the answers due so far say beyond doubt that it is; [`Money::InFlight`] where they do not.
    pub told: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    received_on: NaiveDate,
    file: BankFile,
    /// Days on which the same file was sent again.
    #[serde(default)]
    resent: Vec<NaiveDate>,
}

/// A simulated bank, post office included. Its JSON is its whole state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulator {
    behaviour: Behaviour,
    files: BTreeMap<String, Held>,
    /// What it was asked to recall, by the id of the request.
    #[serde(default)]
    recalls: BTreeMap<String, HeldRecall>,
}

impl Simulator {
    /// A bank without files.
    ///
    /// # Errors
    /// A behaviour that makes no sense.
    pub fn new(behaviour: Behaviour) -> Result<Self, BehaviourFault> {
        behaviour.check()?;
        Ok(Self {
            behaviour,
            files: BTreeMap::new(),
            recalls: BTreeMap::new(),
        })
    }

    /// How it behaves.
    pub const fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    /// Takes a file on a day. The day counts: what is received later is answered later.
    pub fn receive(&mut self, file: BankFile, on: NaiveDate) -> Receipt {
        match self.files.get(&file.id) {
            Some(known) if known.file.is_same(&file) => Receipt::Known,
            Some(_) => Receipt::Clash,
            None => {
                let held = Held {
                    received_on: on,
                    file,
                    resent: Vec::new(),
                };
                self.files.insert(held.file.id.clone(), held);
                Receipt::Taken
            }
        }
    }

    /// A file that is known was sent once more: a bank refuses it as a duplicate (`DU01`) and pays nothing twice.
    pub fn resend(&mut self, id: &str, on: NaiveDate) {
        if let Some(held) = self.files.get_mut(id)
            && !held.resent.contains(&on)
        {
            held.resent.push(on);
        }
    }

    /// Takes a request to recall an order on a day; none where it does not know the file, so that the request waits.
    pub fn recall(&mut self, request: RecallRequest, on: NaiveDate) -> Option<Receipt> {
        if !self.knows(&request.file) {
            return None;
        }
        let receipt = match self.recalls.get(&request.id) {
            Some(known) if known.request == request => Receipt::Known,
            Some(_) => Receipt::Clash,
            None => {
                let held = HeldRecall {
                    received_on: on,
                    request,
                };
                self.recalls.insert(held.request.id.clone(), held);
                Receipt::Taken
            }
        };
        Some(receipt)
    }

    /// Does it know a request to recall of this id?
    pub fn knows_recall(&self, id: &str) -> bool {
        self.recalls.contains_key(id)
    }

    /// Does it know a file of this id?
    pub fn knows(&self, id: &str) -> bool {
        self.files.contains_key(id)
    }

    /// The answer files due on a day, by name.
    pub fn answers(&self, day: NaiveDate) -> Vec<AnswerFile> {
        self.answers_between(day, day)
    }

    /// The answer files due from one day to another, both included, by day and name.
    pub fn answers_between(&self, first: NaiveDate, last: NaiveDate) -> Vec<AnswerFile> {
        let mut answers: Vec<AnswerFile> = self
            .files
            .values()
            .flat_map(|held| write::answers(&self.behaviour, held, first, last))
            .collect();
        let recalled = self.files.values().flat_map(|held| self.recall_answers(held));
        answers.extend(recalled.filter(|answer| (first..=last).contains(&answer.due)));
        answers.sort_by(|a, b| (a.due, &a.name).cmp(&(b.due, &b.name)));
        answers
    }

    /// The answers to what was asked of the orders of a file.
    fn recall_answers(&self, held: &Held) -> Vec<AnswerFile> {
        // Most days nothing is recalled, and nothing has to be looked through.
        if self.recalls.is_empty() {
            return Vec::new();
        }
        recall::answers(&self.behaviour, held, self.recalls.values())
    }

    /// What it really did with each order up to a day, by file and reference.
    pub fn ledger(&self, until: NaiveDate) -> Vec<Entry> {
        let stand = |steps: &[(NaiveDate, Money)]| {
            let past = steps.iter().filter(|(day, _)| *day <= until);
            past.max_by_key(|(day, _)| *day)
                .map_or(Money::InFlight, |(_, money)| *money)
        };
        let of_file = |held: &Held| -> Vec<Entry> {
            let given_back: BTreeMap<&str, NaiveDate> =
                recall::given_back(&self.behaviour, held, self.recalls.values())
                    .into_iter()
                    .collect();
            let entries = held.file.orders.iter().map(|order| {
                let mut course = course::course(&self.behaviour, &held.file, held.received_on, order);
                if let Some(day) = given_back.get(order.reference.as_str()) {
                    course.moves.push((*day, Money::CameBack));
                    course.told.push((*day, Money::CameBack));
                }
                Entry {
                    file: held.file.id.clone(),
                    reference: order.reference.clone(),
                    amount: order.amount,
                    sum: course.sum,
                    fate: course.fate,
                    money: stand(&course.moves),
                    told: stand(&course.told),
                }
            });
            entries.collect()
        };
        self.files.values().flat_map(of_file).collect()
    }
}
