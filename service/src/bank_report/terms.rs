//! By whose terms a report is read: the profile of the bank it comes from, which messages that lists, and how strictly.

use std::collections::BTreeSet;

use domain::bank::{BankProfiles, BankTable, ReadingMode};
use domain::bank_report::{Format, NamedLayout, Refusal, Report, ReportHeader, Tolerance};
use entity::payment_order;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::refused::refused;
use super::upload::Reading;
use crate::app::App;
use crate::bank_profile::{self, Current};
use crate::error::Error;
use crate::pay_run;

/// References in one statement: below both engines' limits of bind parameters.
const IDS: usize = 10_000;

/// The terms of one report.
pub(super) struct Terms {
    /// The bank that it comes from, or `POST`; none where it does not say, or speaks of several banks.
    pub(super) bank: Option<String>,
    /// The profile that holds for it: the bank's own, or `default`, or `POST`; of several banks the strictest.
    pub(super) profile: String,
    /// The version of the profile; 0 is the one in the program.
    pub(super) version: i64,
    /// Is whatever needs tolerance refused?
    pub(super) strict: bool,
    answers: Vec<String>,
}

impl Terms {
    /// The terms by which a report is read. Whoever brings it may say whose it is and how to read it; else the report
    /// itself and the profile do.
    pub(super) async fn of(
        app: &App,
        current: &Current,
        (report, layouts): (&Report, &[NamedLayout]),
        reading: &Reading,
    ) -> Result<Self, Error> {
        let banks = match &reading.bank {
            Some(bank) => BTreeSet::from([bank.clone()]),
            None => banks(app, current, report, layouts).await?,
        };
        if banks.len() < 2 {
            return Ok(Self::of_bank(current, reading, banks.into_iter().next()));
        }
        // What one of them would refuse is refused.
        let each = banks
            .into_iter()
            .map(|bank| Self::of_bank(current, reading, Some(bank)));
        let strictest = each.min_by_key(|own| (!own.strict, report.header.clone().hold_against(&own.answers)));
        Ok(Self {
            bank: None,
            ..strictest.unwrap_or_else(|| Self::of_bank(current, reading, None))
        })
    }

    /// The terms of one bank, or those of none.
    fn of_bank(current: &Current, reading: &Reading, bank: Option<String>) -> Self {
        let of_post = bank.as_deref() == Some(BankProfiles::POST);
        let own = bank.as_deref();
        let profile = own.map_or_else(|| current.profiles.default_profile(), |bank| current.profiles.of(bank));
        let named = own.filter(|bank| current.profiles.own().any(|(code, _)| code == *bank));
        Self {
            profile: match named {
                Some(bank) => bank.to_owned(),
                None if of_post => BankProfiles::POST.to_owned(),
                None => bank_profile::DEFAULT.to_owned(),
            },
            version: current.version(own.unwrap_or_default()),
            strict: reading.mode.unwrap_or(profile.reading) == ReadingMode::Strict,
            answers: profile.answers.clone(),
            bank,
        }
    }

    /// Notes what has to be tolerated, or refuses it.
    ///
    /// # Errors
    /// `unreadable-bank-file`, in strict reading alone: a namespace that the profile does not list, or anything else
    /// that is not as it should be.
    pub(super) fn hold(&self, header: &mut ReportHeader) -> Result<(), Error> {
        let listed = header.hold_against(&self.answers);
        if !self.strict || header.tolerated.is_empty() {
            return Ok(());
        }
        let profile = &self.profile;
        if !listed {
            let namespace = header.namespace.as_deref().unwrap_or_default();
            let vi = format!("Mẫu {profile} không nhận thông điệp trong không gian tên {namespace}");
            let en = format!("the profile {profile} takes no message in the namespace {namespace}");
            return Err(refused(Refusal::NamespaceUnlisted, vi, en));
        }
        let (vi, en): (Vec<String>, Vec<String>) = header.tolerated.iter().map(|what| told(header, *what)).unzip();
        let (vi, en) = (vi.join("; "), en.join("; "));
        let vi = format!("Đọc chặt theo mẫu {profile}; tệp cần được châm chước: {vi}");
        let en = format!("read strictly by the profile {profile}, and the file needs tolerance: {en}");
        Err(refused(Refusal::NotStrict, vi, en))
    }
}

/// What would have to be tolerated, in words: with the element and its place where it is one that is not as the schema
/// has it.
fn told(header: &ReportHeader, what: Tolerance) -> (String, String) {
    let (vi, en) = what.label();
    match header.schema_faults.iter().find(|fault| fault.what == what) {
        Some(own) => (
            format!("{vi}: {}, ở dòng {}, byte {}", own.element, own.line, own.offset),
            format!("{en}: {}, at line {}, byte {}", own.element, own.line, own.offset),
        ),
        None => (vi.to_owned(), en.to_owned()),
    }
}

/// The banks that a report may come from. A table is told by its headings; where several banks have the very same table,
/// the orders in its lines tell which of them it is.
async fn banks(
    app: &App,
    current: &Current,
    report: &Report,
    layouts: &[NamedLayout],
) -> Result<BTreeSet<String>, Error> {
    let header = &report.header;
    let Some(fits) = &header.layout else {
        if header.format == Format::PostResult {
            return Ok(BTreeSet::from([BankProfiles::POST.to_owned()]));
        }
        return senders(app, current, report).await;
    };
    let own = layouts.iter().find(|named| named.bank == *fits);
    let same = |named: &&NamedLayout| own.is_some_and(|own| own.layout == named.layout);
    let mut alike: BTreeSet<String> = layouts.iter().filter(same).map(|named| named.bank.clone()).collect();
    alike.insert(fits.clone());
    if alike.len() == 1 {
        return Ok(alike);
    }
    let told = senders(app, current, report).await?;
    let told: BTreeSet<String> = told.intersection(&alike).cloned().collect();
    Ok(if told.is_empty() { alike } else { told })
}

/// The banks of the files that a report speaks of and of the orders in its lines, or else of the account it is about. A
/// status report speaks of the orders of the files that it names.
async fn senders(app: &App, current: &Current, report: &Report) -> Result<BTreeSet<String>, Error> {
    let mut codes = of_files(app, report).await?;
    if codes.is_empty() || report.header.format != Format::Pain002 {
        codes.extend(of_orders(app.db.read(), report).await?);
    }
    let mut today = BTreeSet::new();
    for code in codes {
        today.insert(current_code(code)?);
    }
    if today.is_empty() {
        today.extend(of_account(current, report.header.account.as_deref()));
    }
    Ok(today)
}

/// A merged bank's answers come from the bank that took it over.
pub(crate) fn current_code(code: String) -> Result<String, Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    Ok(table.current(&code).map_or(code, |bank| bank.code.clone()))
}

/// The banks of the files that the report names, by their message or their batch.
async fn of_files(app: &App, report: &Report) -> Result<BTreeSet<String>, Error> {
    let header = &report.header;
    let of_header = header.batches.iter().filter_map(|own| own.batch.as_deref());
    let of_lines = report.lines.iter().filter_map(|line| line.batch.as_deref());
    let named: BTreeSet<&str> = header
        .original_message_id
        .as_deref()
        .into_iter()
        .chain(of_header)
        .chain(of_lines)
        .collect();
    if named.is_empty() {
        return Ok(BTreeSet::new());
    }
    let files = pay_run::names_of_files(app, app.db.read()).await?;
    let own = files.into_iter().filter(|file| file.is_named(&named));
    Ok(own.filter_map(|file| file.bank).collect())
}

/// The banks of the orders that lines name.
async fn of_orders(conn: &impl ConnectionTrait, report: &Report) -> Result<BTreeSet<String>, Error> {
    use payment_order::Column as C;
    let references: BTreeSet<&str> = report
        .lines
        .iter()
        .filter_map(|line| line.reference.as_deref())
        .collect();
    let nameless = report.lines.iter().filter(|line| line.reference.is_none());
    let uetrs: BTreeSet<Uuid> = nameless.filter_map(|line| line.uetr).collect();
    let references: Vec<&str> = references.into_iter().collect();
    let uetrs: Vec<Uuid> = uetrs.into_iter().collect();
    let mut banks = BTreeSet::new();
    let by_reference = references
        .chunks(IDS)
        .map(|chunk| C::Reference.is_in(chunk.iter().copied()));
    let by_uetr = uetrs.chunks(IDS).map(|chunk| C::Uetr.is_in(chunk.iter().copied()));
    let chunks: Vec<Expr> = by_reference.chain(by_uetr).collect();
    for which in chunks {
        let found: Vec<Option<String>> = payment_order::Entity::find()
            .select_only()
            .column(C::BankCode)
            .distinct()
            .filter(which)
            .filter(crate::payment_order::made())
            .into_tuple()
            .all(conn)
            .await?;
        banks.extend(found.into_iter().flatten());
    }
    Ok(banks)
}

/// The one bank whose files are paid from an account that no other pays from.
fn of_account(current: &Current, account: Option<&str>) -> Option<String> {
    let account = account?;
    if current.profiles.default_profile().pays_from(account) {
        return None;
    }
    let mut banks = current
        .profiles
        .own()
        .filter(|(_, profile)| profile.pays_from(account))
        .map(|(code, _)| code.to_owned());
    let first = banks.next()?;
    banks.next().is_none().then_some(first)
}
