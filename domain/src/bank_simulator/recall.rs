//! What a simulated bank makes of a request to recall an order: it reads camt.055 with a reader of its own, answers by
//! camt.029, and where it grants the request the money comes back as a return.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::course::{Course, course, later, lot};
use super::write::Office;
use super::{AnswerFile, BankOrder, Behaviour, Fate, FileFault, Held, Money};
use crate::Vnd;
use crate::bank_report::synthetic::{Answer, write_account_report, write_camt029};
use crate::bank_report::{Options, Step, Walk, parse_amount};

/// The message that is read.
const MESSAGE: &str = "camt.055.001.09";
const HEAD: &str = "Document/CstmrPmtCxlReq/Assgnmt";
const BATCH: &str = "Document/CstmrPmtCxlReq/Undrlyg/OrgnlPmtInfAndCxl";
const LINE: &str = "Document/CstmrPmtCxlReq/Undrlyg/OrgnlPmtInfAndCxl/TxInf";

/// Days from the answer that grants a recall to the return, at least.
const RETURN: u32 = 3;
/// The reason of a return that was asked for (ExternalReturnReason1Code).
const ASKED_FOR: &str = "FOCR";
/// No such order (ExternalPaymentCancellationRejection1Code).
const NO_ORDER: &str = "NOOR";
/// The money is back already.
const BACK_ALREADY: &str = "ARDT";
/// Why payees and their banks do not give money back: they do not want to, there is none, it may not be done, nobody
/// answers.
const REFUSALS: &[&str] = &["CUST", "AM04", "LEGL", "NOAS"];

/// A request to recall one order, as the bank reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallRequest {
    /// The id of the message.
    pub id: String,
    /// The day it was made.
    pub made_on: NaiveDate,
    /// MsgId of the file that the order stands in.
    pub file: String,
    /// EndToEndId of the order.
    pub reference: String,
    /// UETR of the order; none for files of pain.001.001.03.
    pub uetr: Option<Uuid>,
    /// How much.
    pub amount: Vnd,
}

/// A request that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldRecall {
    pub(super) received_on: NaiveDate,
    pub(super) request: RecallRequest,
}

/// What the bank decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// The money comes back on a day; on none of its own where it comes back anyway.
    Granted(Option<NaiveDate>),
    /// It stays where it is.
    Refused(&'static str),
}

#[derive(Default)]
struct Reading {
    id: Option<String>,
    made_on: Option<NaiveDate>,
    file: Option<String>,
    reference: Option<String>,
    uetr: Option<Uuid>,
    amount: Option<Vnd>,
    lines: u32,
}

impl RecallRequest {
    /// Reads a camt.055.001.09 that recalls one order.
    ///
    /// # Errors
    /// The first fault a bank would refuse the message for.
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let text = std::str::from_utf8(bytes).map_err(|_not_utf8| FileFault::NotUtf8)?;
        let options = Options::default();
        let mut walk = Walk::new(text, &options);
        let mut reading = Reading::default();
        loop {
            match walk.step()? {
                Step::Open if walk.path() == LINE => reading.lines += 1,
                Step::Leaf => reading.leaf(&walk)?,
                Step::End => break,
                Step::Open | Step::Close => {}
            }
        }
        let name = walk.namespace().and_then(|own| own.rsplit(':').next());
        if name != Some(MESSAGE) {
            return Err(FileFault::Recall);
        }
        if reading.lines != 1 {
            return Err(FileFault::Count("TxInf"));
        }
        Ok(Self {
            id: reading.id.ok_or(FileFault::Field("Assgnmt/Id"))?,
            made_on: reading.made_on.ok_or(FileFault::Field("Assgnmt/CreDtTm"))?,
            file: reading.file.ok_or(FileFault::Field("OrgnlMsgId"))?,
            reference: reading.reference.ok_or(FileFault::Field("OrgnlEndToEndId"))?,
            uetr: reading.uetr,
            amount: reading.amount.ok_or(FileFault::Field("OrgnlInstdAmt"))?,
        })
    }
}

impl Reading {
    fn leaf(&mut self, walk: &Walk<'_>) -> Result<(), FileFault> {
        let text = || walk.text().filter(|text| !text.is_empty()).map(str::to_owned);
        let below = |part: &str| walk.path().strip_prefix(part).and_then(|rest| rest.strip_prefix('/'));
        match below(HEAD) {
            Some("Id") => self.id = text(),
            // The day is enough: a bank of this kind answers once a day.
            Some("CreDtTm") => self.made_on = text().and_then(|own| own.get(..10).and_then(|day| day.parse().ok())),
            _ => {}
        }
        if below(BATCH) == Some("OrgnlGrpInf/OrgnlMsgId") {
            self.file = text();
        }
        match below(LINE) {
            Some("OrgnlEndToEndId") => self.reference = text(),
            Some("OrgnlUETR") => {
                let uetr = text().and_then(|own| Uuid::try_parse(&own).ok());
                self.uetr = Some(uetr.ok_or(FileFault::Field("OrgnlUETR"))?);
            }
            Some("OrgnlInstdAmt") => {
                if walk.currency() != Some("VND") {
                    return Err(FileFault::Currency);
                }
                self.amount = text().as_deref().and_then(parse_amount);
            }
            _ => {}
        }
        Ok(())
    }
}

impl HeldRecall {
    /// The day of the answer.
    fn answered_on(&self, behaviour: &Behaviour) -> NaiveDate {
        later(self.received_on, behaviour.recall_days)
    }

    /// The order in its file.
    fn order<'f>(&self, held: &'f Held) -> Option<&'f BankOrder> {
        let request = &self.request;
        let same = |order: &&BankOrder| order.reference == request.reference && order.amount == request.amount;
        held.file.orders.iter().find(same)
    }

    fn decide(&self, behaviour: &Behaviour, held: &Held, granted_before: bool) -> Decision {
        let Some(order) = self.order(held) else {
            return Decision::Refused(NO_ORDER);
        };
        let course = course(behaviour, &held.file, held.received_on, order);
        let answer = self.answered_on(behaviour);
        let mut over = course.moves.iter().filter(|(_, money)| is_over(*money));
        if granted_before || over.clone().any(|(day, _)| *day <= answer) {
            return Decision::Refused(BACK_ALREADY);
        }
        // Nobody gives back a sum that is no order's, nor what the bank says it has refused, or takes twice.
        let other = matches!(
            course.fate,
            Fate::WrongSum | Fate::RefusedThenDebited | Fate::DebitedThenRefused | Fate::DebitedTwice
        );
        if other || lot(behaviour.seed, "recall", &self.request.id) < behaviour.recalls_refused {
            return Decision::Refused(self.refusal(behaviour));
        }
        if over.next().is_some() {
            return Decision::Granted(None);
        }
        let told = last_told(&course).map_or(answer, |day| later(day, 1));
        Decision::Granted(Some(later(answer, RETURN).max(told)))
    }

    fn refusal(&self, behaviour: &Behaviour) -> &'static str {
        let place = usize::try_from(lot(behaviour.seed, "recall refusal", &self.request.id)).unwrap_or(0);
        REFUSALS.get(place % REFUSALS.len().max(1)).copied().unwrap_or("CUST")
    }

    fn answer(&self, order: Option<&BankOrder>, status: &str, reason: Option<&str>) -> Answer {
        Answer {
            reference: self.request.reference.clone(),
            uetr: order.map_or(self.request.uetr, |order| order.uetr),
            amount: self.request.amount,
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            account: order.and_then(|order| order.account.clone()),
            bank_reference: None,
        }
    }

    /// The answer of a day, and the return where there is one.
    fn files(&self, office: &Office<'_>, decision: Decision) -> Vec<AnswerFile> {
        let order = self.order(office.held);
        let due = self.answered_on(office.behaviour);
        let said = match decision {
            Decision::Granted(_) => self.answer(order, "ACCR", None),
            Decision::Refused(reason) => self.answer(order, "RJCR", Some(reason)),
        };
        let mut files = Vec::new();
        let name = format!("camt029-{}-{due}.xml", self.request.id);
        let mut bytes = Vec::new();
        if write_camt029(&mut bytes, &office.header(&name, due), &[said]).is_ok() {
            files.push(office.file(name, due, bytes));
        }
        if let Decision::Granted(Some(back)) = decision {
            let name = format!("camt054-{}-{back}.xml", self.request.id);
            let returned = Answer {
                bank_reference: Some(format!("FT{:03}{}", back.format("%j"), self.request.reference)),
                ..self.answer(order, "BOOK", Some(ASKED_FOR))
            };
            let (header, style) = (office.header(&name, back), office.style(&name));
            let mut bytes = Vec::new();
            if write_account_report(&mut bytes, &header, &[returned], &[], &style).is_ok() {
                files.push(office.file(name, back, bytes));
            }
        }
        files
    }
}

/// Is the money back, or was it never taken?
const fn is_over(money: Money) -> bool {
    matches!(money, Money::CameBack | Money::NotMoved)
}

/// The last day on which something is said of an order.
fn last_told(course: &Course) -> Option<NaiveDate> {
    let told = course.told.iter().map(|(day, _)| *day);
    told.chain(course.sayings.iter().map(|saying| saying.due)).max()
}

/// The decisions over the requests that concern a file, in the order in which they came: an order is given back once.
fn decisions<'r>(
    behaviour: &Behaviour,
    held: &Held,
    recalls: impl IntoIterator<Item = &'r HeldRecall>,
) -> Vec<(&'r HeldRecall, Decision)> {
    let mut own: Vec<&HeldRecall> = recalls
        .into_iter()
        .filter(|recall| recall.request.file == held.file.id)
        .collect();
    own.sort_by(|a, b| (a.received_on, &a.request.id).cmp(&(b.received_on, &b.request.id)));
    let mut granted = BTreeSet::new();
    own.into_iter()
        .map(|recall| {
            let before = granted.contains(recall.request.reference.as_str());
            let decision = recall.decide(behaviour, held, before);
            if matches!(decision, Decision::Granted(_)) {
                granted.insert(recall.request.reference.as_str());
            }
            (recall, decision)
        })
        .collect()
}

/// The answers to the requests that concern a file, whenever they are due.
pub(super) fn answers<'r>(
    behaviour: &Behaviour,
    held: &Held,
    recalls: impl IntoIterator<Item = &'r HeldRecall>,
) -> Vec<AnswerFile> {
    let office = Office { behaviour, held };
    let decided = decisions(behaviour, held, recalls).into_iter();
    decided
        .flat_map(|(recall, decision)| recall.files(&office, decision))
        .collect()
}

/// The orders of a file that are given back because that was asked for, by reference, and on which day.
pub(super) fn given_back<'r>(
    behaviour: &Behaviour,
    held: &Held,
    recalls: impl IntoIterator<Item = &'r HeldRecall>,
) -> Vec<(&'r str, NaiveDate)> {
    let decided = decisions(behaviour, held, recalls).into_iter();
    let given = decided.filter_map(|(recall, decision)| match decision {
        Decision::Granted(Some(back)) => Some((recall.request.reference.as_str(), back)),
        _ => None,
    });
    given.collect()
}
