//! The accounts that pay: one for the bank's files, or another for the money of some funds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::BankTable;
use crate::name::is_swift_safe;
use crate::payment_file::is_sbv_code;

/// Longest code of a fund.
const FUND_CODE_MAX: usize = 40;

/// The account that pays, as profiles name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payer {
    /// Name, in the safe set of SWIFT.
    pub name: String,
    /// Account number.
    pub account: String,
    /// Code of the account's bank.
    pub bank: String,
    /// The code of that bank at the State Bank, where files name banks by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sbv_code: Option<String>,
}

impl Payer {
    /// Everything that would keep a file from being paid from it.
    pub(super) fn faults(&self, at: &str, found: &mut impl FnMut(&str, &'static str)) {
        if self.name.trim().is_empty() || !is_swift_safe(&self.name) || self.name.len() > 140 {
            found(&format!("{at}/name"), "charset");
        }
        let account = &self.account;
        if !(1..=34).contains(&account.len()) || !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            found(&format!("{at}/account"), "charset");
        }
        if BankTable::embedded().is_ok_and(|table| table.current(&self.bank).is_none()) {
            found(&format!("{at}/bank"), "unknown_bank");
        }
        if self.sbv_code.as_deref().is_some_and(|code| !is_sbv_code(code)) {
            found(&format!("{at}/sbv_code"), "sbv_code");
        }
    }
}

/// The same of the accounts of funds, each under the code of a fund.
pub(super) fn of_funds(accounts: &BTreeMap<String, Payer>, found: &mut impl FnMut(&str, &'static str)) {
    for (fund, payer) in accounts {
        let at = format!("/debtor_accounts/{}", fund.replace('~', "~0").replace('/', "~1"));
        if fund.trim().is_empty() || fund.chars().count() > FUND_CODE_MAX {
            found(&at, "fund_code");
        }
        payer.faults(&at, found);
    }
}
