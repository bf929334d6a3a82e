//! By whose terms a report is read: the profile of the bank it comes from, which messages that lists, and how strictly.

use std::collections::BTreeSet;

use domain::bank::{BankProfiles, BankTable, ReadingMode};
use domain::bank_report::{Format, Refusal, Report, ReportHeader};
use entity::{payment_file, payment_order};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use super::upload::Reading;
use crate::bank_profile::{self, Current};
use crate::error::{Error, FieldError, ProblemCode};

/// So many of the names in a report are looked up to find its bank: a report of several banks shows it early.
const LOOKED_UP: usize = 200;

/// The terms of one report.
pub(super) struct Terms {
    /// The bank that it comes from, or `POST`; none where it does not say, or speaks of several banks.
    pub(super) bank: Option<String>,
    /// The profile that holds for it: the bank's own, or `default`, or `POST`.
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
        conn: &impl ConnectionTrait,
        current: &Current,
        report: &Report,
        reading: &Reading,
    ) -> Result<Self, Error> {
        let bank = match reading.bank.as_ref().or(report.header.layout.as_ref()) {
            Some(bank) => Some(bank.clone()),
            None if report.header.format == Format::PostResult => Some(BankProfiles::POST.to_owned()),
            None => sender(conn, current, report).await?,
        };
        let of_post = bank.as_deref() == Some(BankProfiles::POST);
        let own = bank.as_deref().filter(|_| !of_post);
        let profile = own.map_or_else(|| current.profiles.default_profile(), |bank| current.profiles.of(bank));
        let named = own.filter(|bank| current.profiles.own().any(|(code, _)| code == *bank));
        // The post office has no profile of its own, only a table.
        let by_default = if of_post { ReadingMode::Strict } else { profile.reading };
        Ok(Self {
            profile: match named {
                Some(bank) => bank.to_owned(),
                None if of_post => BankProfiles::POST.to_owned(),
                None => bank_profile::DEFAULT.to_owned(),
            },
            version: if of_post {
                0
            } else {
                current.version(own.unwrap_or_default())
            },
            strict: reading.mode.unwrap_or(by_default) == ReadingMode::Strict,
            answers: profile.answers.clone(),
            bank,
        })
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
        let codes: Vec<&str> = header.tolerated.iter().map(|what| what.code()).collect();
        let codes = codes.join(", ");
        let vi = format!("Đọc chặt theo mẫu {profile}; tệp cần được châm chước: {codes}");
        let en = format!("read strictly by the profile {profile}, and the file needs tolerance: {codes}");
        Err(refused(Refusal::NotStrict, vi, en))
    }
}

fn refused(refusal: Refusal, vi: String, en: String) -> Error {
    Error {
        fields: vec![FieldError::new("/content", refusal.code(), vi.clone(), en.clone())],
        ..Error::because(ProblemCode::UnreadableBankFile, vi, en)
    }
}

/// The bank of the files that a report speaks of, or else of the orders in its lines, or else of the account it is about.
/// None where these are several.
async fn sender(conn: &impl ConnectionTrait, current: &Current, report: &Report) -> Result<Option<String>, Error> {
    for banks in [of_files(conn, report).await?, of_orders(conn, report).await?] {
        let mut today = BTreeSet::new();
        for code in banks {
            today.insert(current_code(code)?);
        }
        if today.len() > 1 {
            return Ok(None);
        }
        if let Some(bank) = today.pop_first() {
            return Ok(Some(bank));
        }
    }
    Ok(of_account(current, report.header.account.as_deref()))
}

/// A merged bank's answers come from the bank that took it over.
fn current_code(code: String) -> Result<String, Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    Ok(table.current(&code).map_or(code, |bank| bank.code.clone()))
}

/// The banks of the files that the report names.
async fn of_files(conn: &impl ConnectionTrait, report: &Report) -> Result<Vec<String>, Error> {
    use payment_file::Column as C;
    let batches = report.lines.iter().filter_map(|line| line.batch.as_ref());
    let named: BTreeSet<&String> = report.header.original_message_id.iter().chain(batches).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let banks: Vec<Option<String>> = payment_file::Entity::find()
        .select_only()
        .column(C::BankCode)
        .distinct()
        .filter(C::MessageId.is_in(named.into_iter().take(LOOKED_UP).cloned()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(banks.into_iter().flatten().collect())
}

/// The banks of the orders that the first lines name.
async fn of_orders(conn: &impl ConnectionTrait, report: &Report) -> Result<Vec<String>, Error> {
    use payment_order::Column as C;
    let named: Vec<_> = report
        .lines
        .iter()
        .filter(|line| line.reference.is_some() || line.uetr.is_some())
        .take(LOOKED_UP)
        .collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let references = named.iter().filter_map(|line| line.reference.clone());
    let uetrs = named.iter().filter_map(|line| line.uetr);
    let any = Condition::any()
        .add(C::Reference.is_in(references))
        .add(C::Uetr.is_in(uetrs));
    let banks: Vec<Option<String>> = payment_order::Entity::find()
        .select_only()
        .column(C::BankCode)
        .distinct()
        .filter(any)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(banks.into_iter().flatten().collect())
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
