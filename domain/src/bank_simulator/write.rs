//! From what a bank says of its orders to the files it says it in.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sha2::{Digest, Sha256};

use super::course::{Course, Paper, base, batch_days, course, is_batch_only, later, lot, second_debit};
use super::file::sum;
use super::table;
use super::{AnswerFile, BankOrder, Behaviour, Fate, Held};
use crate::Vnd;
use crate::bank::{FileFormat, ResultLayout};
use crate::bank_report::synthetic::{
    Answer, AnswerHeader, BatchDebit, Dress, StatusVersion, Style, write_account_report, write_post_results,
    write_status_report,
};

/// What one answer file holds.
#[derive(Default)]
struct Content {
    lines: Vec<Answer>,
    batches: Vec<BatchDebit>,
}

/// The answers to one file that are due from one day to another, both included.
pub(super) fn answers(behaviour: &Behaviour, held: &Held, first: NaiveDate, last: NaiveDate) -> Vec<AnswerFile> {
    let office = Office { behaviour, held };
    let mut files = office.about_the_file();
    for ((due, paper), content) in office.papers() {
        files.extend(office.written(due, paper, &content));
    }
    let again: Vec<AnswerFile> = files.iter().filter_map(|file| office.again(file)).collect();
    files.extend(again);
    files.retain(|file| (first..=last).contains(&file.due));
    files
}

/// Where the answers to one file are written.
pub(super) struct Office<'a> {
    pub(super) behaviour: &'a Behaviour,
    pub(super) held: &'a Held,
}

impl Office<'_> {
    fn seed(&self) -> u64 {
        self.behaviour.seed
    }

    /// What is said of the file alone: that it came, and that it came twice.
    fn about_the_file(&self) -> Vec<AnswerFile> {
        let file = &self.held.file;
        if file.is_cash() {
            return Vec::new();
        }
        if let Some((form, layout)) = file.result() {
            return self.refused_tables(form, layout);
        }
        let came = [("receipt", self.held.received_on, "ACTC", None)];
        let twice = self
            .held
            .resent
            .iter()
            .map(|day| ("refusal", *day, "RJCT", Some("DU01")));
        let written = came.into_iter().chain(twice).filter_map(|(what, due, status, reason)| {
            let name = format!("{what}-{}-{due}.xml", file.id);
            let header = AnswerHeader {
                group_status: Some(status.to_owned()),
                ..self.header(&name, due)
            };
            let style = Style {
                group_reason: reason.map(str::to_owned),
                ..self.style(&name)
            };
            let mut bytes = Vec::new();
            write_status_report(&mut bytes, &header, &[], &style).ok()?;
            Some(self.file(name, due, bytes))
        });
        written.collect()
    }

    /// A bank of tables says that a file came twice of each order in it.
    fn refused_tables(&self, form: FileFormat, layout: &ResultLayout) -> Vec<AnswerFile> {
        let file = &self.held.file;
        let tables = self.held.resent.iter().filter_map(|day| {
            let name = format!("refusal-{}-{day}.{}", file.id, form.extension());
            let refused: Vec<Answer> = file.orders.iter().map(table::refused_as_duplicate).collect();
            let bytes = table::written(form, layout, *day, &refused)?;
            Some(self.file(name, *day, bytes))
        });
        tables.collect()
    }

    /// What is said on which day on which paper.
    fn papers(&self) -> BTreeMap<(NaiveDate, Paper), Content> {
        let file = &self.held.file;
        let mut papers: BTreeMap<(NaiveDate, Paper), Content> = BTreeMap::new();
        let mut debited: Vec<&BankOrder> = Vec::new();
        let mut by_itself = false;
        for order in &file.orders {
            let course = course(self.behaviour, file, self.held.received_on, order);
            if course.fate != Fate::Rejected {
                debited.push(order);
            }
            by_itself |= !matches!(course.fate, Fate::Rejected | Fate::Paid);
            self.say(&mut papers, order, course);
        }
        if is_batch_only(self.behaviour, file) && !debited.is_empty() {
            let debit = BatchDebit {
                sum: i64::try_from(sum(debited.iter().copied()))
                    .map_or(Vnd::ZERO, |dong| Vnd::new(dong).unwrap_or(Vnd::ZERO)),
                count: debited.len(),
                back: false,
            };
            let base = base(file, self.held.received_on);
            let (told, again) = batch_days(self.behaviour, base);
            let mut says = |due: NaiveDate, paper: Paper, debit: BatchDebit| {
                papers.entry((due, paper)).or_default().batches.push(debit);
            };
            says(told, Paper::Notification, debit);
            if let Some(again) = again {
                says(again, Paper::Statement, debit);
            }
            if let Some((again, back)) = second_debit(self.behaviour, file, (base, by_itself)) {
                says(again, Paper::Notification, debit);
                says(back, Paper::Notification, BatchDebit { back: true, ..debit });
            }
        }
        papers
    }

    fn say(&self, papers: &mut BTreeMap<(NaiveDate, Paper), Content>, order: &BankOrder, course: Course) {
        for (number, saying) in course.sayings.into_iter().enumerate() {
            let lines = &mut papers.entry((saying.due, saying.paper)).or_default().lines;
            let key = format!("{}:{number}", order.reference);
            if lot(self.seed(), "line twice", &key) < self.behaviour.duplicates {
                lines.push(saying.answer.clone());
            }
            if number == 0 && lot(self.seed(), "stranger", &order.reference) < self.behaviour.unknown_references {
                lines.push(self.stranger(&saying.answer));
            }
            lines.push(saying.answer);
        }
    }

    /// A line that speaks of nobody's order.
    fn stranger(&self, answer: &Answer) -> Answer {
        let code = hash(self.seed(), &["stranger", &answer.reference]);
        // A table may be matched by account and amount where it has no reference of ours.
        let digits: String = code
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(char::from)
            .take(14)
            .collect();
        let nobodys = self.held.file.table.is_some().then_some(digits);
        Answer {
            account: nobodys.or_else(|| answer.account.clone()),
            reference: format!("XX-{}", code.get(..26).unwrap_or(&code).to_uppercase()),
            uetr: None,
            bank_reference: answer.bank_reference.as_ref().map(|own| format!("X{own}")),
            ..answer.clone()
        }
    }

    fn written(&self, due: NaiveDate, paper: Paper, content: &Content) -> Option<AnswerFile> {
        let kind = match paper {
            Paper::Status => "pain002",
            Paper::Notification => "camt054",
            Paper::Statement => "camt053",
            Paper::Post => {
                let name = format!("post-{}-{due}.csv", self.held.file.id);
                let mut bytes = Vec::new();
                write_post_results(&mut bytes, due, &content.lines).ok()?;
                return Some(self.file(name, due, bytes));
            }
        };
        if let Some((form, layout)) = self.held.file.result() {
            let name = format!(
                "{}-{}-{due}.{}",
                table::name(paper),
                self.held.file.id,
                form.extension()
            );
            let layout = table::dressed(layout, self.odd(&name));
            let bytes = table::written(form, &layout, due, &content.lines)?;
            return Some(self.file(name, due, bytes));
        }
        let name = format!("{kind}-{}-{due}.xml", self.held.file.id);
        let (header, style) = (self.header(&name, due), self.style(&name));
        let mut bytes = Vec::new();
        if paper == Paper::Status {
            let header = AnswerHeader {
                group_status: Some("PART".to_owned()),
                ..header
            };
            write_status_report(&mut bytes, &header, &content.lines, &style).ok()?;
        } else {
            let style = Style {
                statement: paper == Paper::Statement,
                ..style
            };
            write_account_report(&mut bytes, &header, &content.lines, &content.batches, &style).ok()?;
        }
        Some(self.file(name, due, bytes))
    }

    /// The same bytes once more, a day later and under another name.
    fn again(&self, file: &AnswerFile) -> Option<AnswerFile> {
        if lot(self.seed(), "file twice", &file.name) >= self.behaviour.duplicates {
            return None;
        }
        Some(AnswerFile {
            name: format!("again-{}", file.name),
            due: later(file.due, 1),
            ..file.clone()
        })
    }

    pub(super) fn file(&self, name: String, due: NaiveDate, bytes: Vec<u8>) -> AnswerFile {
        AnswerFile {
            name,
            due,
            about: self.held.file.id.clone(),
            bytes,
        }
    }

    pub(super) fn header(&self, name: &str, due: NaiveDate) -> AnswerHeader {
        let file = &self.held.file;
        let code = hash(self.seed(), &["message", name]);
        AnswerHeader {
            message_id: format!("BANK-{}", code.get(..26).unwrap_or(&code).to_uppercase()),
            created_at: morning(due),
            original_message_id: file.id.clone(),
            original_message: file.message.clone().unwrap_or_default(),
            payment_information_id: file.payment_information_id.clone(),
            group_status: None,
            account: file.account.clone(),
            one_debit: false,
        }
    }

    /// In which of three odd ways an answer is dressed, if it is.
    fn odd(&self, name: &str) -> Option<u32> {
        let odd = lot(self.seed(), "dress", name) < self.behaviour.namespace_variants;
        odd.then(|| lot(self.seed(), "which dress", name) % 3)
    }

    pub(super) fn style(&self, name: &str) -> Style {
        let dress = match self.odd(name) {
            None => Dress::Iso,
            Some(0) => Dress::National,
            Some(1) => Dress::Bare,
            Some(_) => Dress::Marked,
        };
        Style {
            status: if self.held.file.is_of_2009() {
                StatusVersion::V03
            } else {
                StatusVersion::V10
            },
            account: self.behaviour.camt,
            dress,
            ..Style::default()
        }
    }
}

/// Eight in the morning in Vietnam.
fn morning(day: NaiveDate) -> DateTime<Utc> {
    let one = NaiveTime::from_hms_opt(1, 0, 0).unwrap_or(NaiveTime::MIN);
    day.and_time(one).and_utc()
}

fn hash(seed: u64, parts: &[&str]) -> String {
    let mut hash = Sha256::new_with_prefix(seed.to_be_bytes());
    for part in parts {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}
