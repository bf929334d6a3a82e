//! What a bank is told of each payment beside account and amount: whose money it is in the end, and for which purpose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case_file::Benefit;
use crate::payment_file::Purpose;

/// Kinds of pay runs that may have a purpose of their own.
const RUN_KINDS: [&str; 4] = ["regular", "arrears_only", "relief", "reissue"];

/// The key of orders that pay several months, or arrears, in one amount.
pub(super) const SEVERAL_MONTHS: &str = "several_months";

/// What is said of the beneficiary where the account is another's (UltmtCdtr).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UltimateCreditor {
    /// Nothing: whose money a guardian receives is nobody's business at the bank. The content names the beneficiary by a
    /// code alone, and only where each has an order of their own.
    #[default]
    None,
    /// The name, in the profile's style, where an order is one beneficiary's.
    Name,
}

impl UltimateCreditor {
    /// Is nothing said?
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// What no order could ever be of.
pub(super) fn faults(purposes: &BTreeMap<String, Purpose>, found: &mut impl FnMut(&str, &'static str)) {
    for key in purposes.keys() {
        let benefit = Benefit::ALL.iter().any(|benefit| benefit.code() == key);
        if !benefit && key != SEVERAL_MONTHS && !RUN_KINDS.contains(&key.as_str()) {
            let key = key.replace('~', "~0").replace('/', "~1");
            found(&format!("/purposes/{key}"), "unknown_key");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::BankProfiles;

    #[test]
    fn what_pays_several_months_in_one_amount_says_so_whatever_it_pays() {
        let own = serde_json::json!({"purposes": {"social_pension": "PENS", "several_months": "SPSP"}});
        let profile = BankProfiles::embedded().unwrap().read(&own).unwrap();
        let pension = Some("social_pension");
        for (benefit, several, purpose) in [
            (pension, false, Some(Purpose::Pension)),
            (pension, true, Some(Purpose::SeveralMonths)),
            (None, true, Some(Purpose::SeveralMonths)),
            (None, false, None),
        ] {
            assert_eq!(profile.purpose("regular", benefit, several), purpose);
        }
    }
}
