//! With what files are planned, and what each remembers of it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Vnd;
use domain::bank::{BankProfiles, BankTable};
use domain::calendar::Calendar;
use domain::payment_file::{FileTerms, SplitError};
use entity::enums::{Channel, FileKind};
use entity::{pay_run, payment_file, payment_order};
use serde::Deserialize;

use crate::error::{Error, ProblemCode, Text};
use crate::{bank_profile, print};

/// The terms of every bank that orders pay to, and of cash.
pub(super) struct Terms {
    of_bank: BTreeMap<String, FileTerms>,
    of_cash: FileTerms,
}

impl Terms {
    /// The terms that hold now for these orders, drawn on a fund.
    pub(super) fn now(
        current: &bank_profile::Current,
        orders: &[payment_order::Model],
        fund: &str,
    ) -> Result<Self, Error> {
        let mut of_bank = BTreeMap::new();
        for code in orders.iter().filter_map(bank_of) {
            if !of_bank.contains_key(code) {
                of_bank.insert(code.to_owned(), now(current, Some(code), fund)?);
            }
        }
        Ok(Self {
            of_bank,
            of_cash: now(current, None, fund)?,
        })
    }

    /// The terms of an order.
    pub(super) fn of(&self, order: &payment_order::Model) -> Result<&FileTerms, Error> {
        match bank_of(order) {
            Some(code) => self.of_bank.get(code).ok_or_else(Error::not_found),
            None => Ok(&self.of_cash),
        }
    }

    /// The terms of a file by the code of its bank today.
    pub(super) fn of_file(&self, bank_code: Option<&str>) -> Result<&FileTerms, Error> {
        let Some(code) = bank_code else {
            return Ok(&self.of_cash);
        };
        let mut own = self.of_bank.values();
        own.find(|terms| terms.bank.as_ref().is_some_and(|bank| bank.code == code))
            .ok_or_else(Error::not_found)
    }
}

/// The terms that hold now for a bank, or for cash, drawn on a fund. The day of execution is known at approval
/// ([`approved`]).
pub(super) fn now(current: &bank_profile::Current, bank_code: Option<&str>, fund: &str) -> Result<FileTerms, Error> {
    let Some(code) = bank_code else {
        let (post, version) = (
            current.profiles.of(BankProfiles::POST),
            current.version(BankProfiles::POST),
        );
        let terms = FileTerms::of(post, version, None);
        return terms.and_then(|terms| terms.paid_from(fund)).map_err(Error::internal);
    };
    let table = BankTable::embedded().map_err(Error::internal)?;
    // A merged bank's orders go to the bank that took it over, by that bank's profile.
    let bank = table.current(code).ok_or_else(|| {
        Error::because(
            ProblemCode::Conflict,
            format!("Không có ngân hàng {code}"),
            format!("there is no bank {code}"),
        )
    })?;
    let profile = current.profiles.of(&bank.code);
    let terms = FileTerms::of(profile, current.version(&bank.code), Some(bank.address()));
    terms.and_then(|terms| terms.paid_from(fund)).map_err(Error::internal)
}

/// Terms as they stand from the approval of their run on: with the day on which a bank with such a cut-off executes. It is
/// kept with the file: no later profile and no later holiday moves it.
pub(super) fn approved(terms: FileTerms, calendar: &Calendar<'_>, run: &pay_run::Model) -> FileTerms {
    // Lists of cash go by no bank's cut-off.
    let cut_off = terms.bank.as_ref().and(terms.profile.cut_off);
    let day = match (cut_off, run.approved_at) {
        (Some(cut_off), Some(at)) => Some(calendar.execution_date_by(cut_off.time(), run.pay_date, at)),
        _ => run.execution_date,
    };
    terms.on(day)
}

fn bank_of(order: &payment_order::Model) -> Option<&str> {
    match order.channel {
        Channel::BankTransfer => order.bank_code.as_deref(),
        Channel::PostCash => None,
    }
}

/// Lists of cash that were planned before the post office had a profile: only who pays is said.
fn cash(debtor: domain::bank::Payer) -> Result<FileTerms, Error> {
    let mut profile = BankProfiles::embedded()
        .map_err(Error::internal)?
        .default_profile()
        .clone();
    profile.debtor = debtor;
    FileTerms::of(&profile, 0, None).map_err(Error::internal)
}

/// What a file was planned with. Those planned before that was kept had the profiles in the program.
pub(crate) fn of_file(file: &payment_file::Model) -> Result<FileTerms, Error> {
    if let Some(text) = &file.terms {
        return Ok(serde_json::from_str(text)?);
    }
    let profiles = BankProfiles::embedded().map_err(Error::internal)?;
    let Some(code) = &file.bank_code else {
        return cash(profiles.default_profile().debtor.clone());
    };
    let table = BankTable::embedded().map_err(Error::internal)?;
    let bank = table.current(code).ok_or_else(Error::not_found)?;
    FileTerms::of(profiles.of(code), 0, Some(bank.address())).map_err(Error::internal)
}

/// What a file that orders payments was planned with of days: it is not read for the rest.
#[derive(Deserialize)]
struct Planned {
    #[serde(default)]
    execution_date: Option<NaiveDate>,
}

/// The day on which a file asks its bank or the post to execute; none for lists that order nothing, and for files planned
/// before each kept its own: their run says it.
pub(crate) fn execution_date(file: &payment_file::Model) -> Option<NaiveDate> {
    let orders = matches!(
        file.kind,
        FileKind::Pain001 | FileKind::PaymentTable | FileKind::PostList
    );
    let text = file.terms.as_deref().filter(|_| orders)?;
    serde_json::from_str::<Planned>(text).ok()?.execution_date
}

/// Why orders fit no file of their bank; of one that is more than a whole file may be, which it is and how much that is.
pub(super) fn unsplittable(error: &SplitError, orders: &[payment_order::Model], terms: &Terms) -> Error {
    let told = match error {
        SplitError::LineTooLarge(reference) => too_large(reference, orders, terms),
        _ => None,
    };
    let told = told.unwrap_or_else(|| Text::new(error.vi(), error.to_string()));
    Error::because(
        ProblemCode::Conflict,
        format!("Không chia được thành tệp chi theo mẫu của ngân hàng: {}", told.vi),
        format!("the orders fit no file of their bank: {}", told.en),
    )
}

fn too_large(reference: &str, orders: &[payment_order::Model], terms: &Terms) -> Option<Text> {
    let order = orders.iter().find(|order| order.reference == reference)?;
    let most = terms.of(order).ok()?.profile.max_file_amount?;
    let amount = Vnd::new(order.amount).ok()?;
    (amount > most).then(|| beyond_limit(reference, &order.name, amount, most))
}

/// That one order is more than its bank takes: which, whose, how much, and how much it may be.
pub(super) fn beyond_limit(reference: &str, name: &str, amount: Vnd, most: Vnd) -> Text {
    let (sum, limit) = (print::dong(amount.dong()), print::dong(most.dong()));
    Text::new(
        format!("lệnh {reference} chi cho {name} là {sum} đồng, vượt hạn mức {limit} đồng"),
        format!("the order {reference} to {name} is {sum} đồng, above the limit of {limit} đồng"),
    )
}
