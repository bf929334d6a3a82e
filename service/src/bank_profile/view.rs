//! Reading profiles.

use chrono::{DateTime, Utc};
use domain::bank::{BankProfile, BankProfiles, BankTable};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::bank_profile::{Current, DEFAULT, current};
use crate::error::Error;

/// What a bank takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankProfileView {
    /// The bank's code; `POST` for the post office, `default` for every bank without a profile of its own.
    #[schema(example = "KLB")]
    pub bank: String,
    /// Its name.
    #[schema(example = "KienlongBank")]
    pub name: Option<String>,
    /// Version, for If-Match; 0 is the profile in the program.
    pub version: i64,
    /// Did the installation say so, or does it come with the program?
    pub replaced: bool,
    /// Who proposed the last change.
    pub changed_by: Option<Uuid>,
    /// When it came into force.
    pub changed_at: Option<DateTime<Utc>>,
    /// The proposal by which it did; none for the profile in the program.
    pub proposal_id: Option<Uuid>,
    /// Format, limits, columns, names, debtor; the shape of the catalogue's `bank_profiles.json`, whole.
    #[schema(value_type = Object)]
    pub profile: Value,
}

pub(super) fn view(current: &Current, bank: &str, profile: &BankProfile) -> Result<BankProfileView, Error> {
    let row = current.rows.get(bank);
    let table = BankTable::embedded().map_err(Error::internal)?;
    Ok(BankProfileView {
        bank: bank.to_owned(),
        name: if bank == BankProfiles::POST {
            Some("Bưu điện".to_owned())
        } else {
            table.by_code(bank).map(|bank| bank.short_name.clone())
        },
        version: row.map_or(0, |row| row.version),
        replaced: row.is_some(),
        changed_by: row.and_then(|row| row.changed_by),
        changed_at: row.map(|row| row.changed_at),
        proposal_id: row.and_then(|row| row.proposal_id),
        profile: serde_json::to_value(profile)?,
    })
}

/// The default profile, those of banks that have one of their own, and the post office's.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<BankProfileView>, Error> {
    actor.require_province(Permission::BankProfileRead)?;
    let current = current(app.db.read()).await?;
    let mut views = vec![view(&current, DEFAULT, current.profiles.default_profile())?];
    for (bank, profile) in current.profiles.own() {
        views.push(view(&current, bank, profile)?);
    }
    let post = current.profiles.of(BankProfiles::POST);
    views.push(view(&current, BankProfiles::POST, post)?);
    Ok(views)
}

/// The profile that holds for a bank; the default's, at version 0, where it has none of its own.
pub async fn get(app: &App, actor: &Actor, bank: &str) -> Result<BankProfileView, Error> {
    actor.require_province(Permission::BankProfileRead)?;
    let current = current(app.db.read()).await?;
    require_bank(bank)?;
    if bank == DEFAULT {
        return view(&current, DEFAULT, current.profiles.default_profile());
    }
    view(&current, bank, current.profiles.of(bank))
}

/// A bank that is paid to, the post office, or the default: a merged bank has the profile of the one that took it over.
pub(super) fn require_bank(bank: &str) -> Result<(), Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    let known = table.current(bank).is_some_and(|current| current.code == bank);
    if bank == DEFAULT || bank == BankProfiles::POST || known {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Every bank that may answer today, by its code and its name, in the order of names. A merged bank answers as the one that
/// took it over.
///
/// # Errors
/// Where the table of banks in the program can't be read.
pub fn banks() -> Result<Vec<(String, String)>, Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    let answers = |code: &str| table.current(code).is_some_and(|current| current.code == code);
    let mut banks: Vec<(String, String)> = table
        .iter()
        .filter(|bank| answers(&bank.code))
        .map(|bank| (bank.code.clone(), bank.short_name.clone()))
        .collect();
    banks.sort_by(|one, other| (&one.1, &one.0).cmp(&(&other.1, &other.0)));
    Ok(banks)
}
