//! What a profile says of the accounts that are debited and of beneficiaries.

use crate::bank::BankProfiles;
use crate::payment_file::Purpose;

#[test]
fn a_profile_names_accounts_by_fund_and_purposes_and_says_of_beneficiaries_no_more_than_asked() {
    let profiles = BankProfiles::embedded().unwrap();
    let plain = profiles.default_profile();
    assert_eq!(plain.debtor_of("donations"), &plain.debtor);
    assert!(plain.ultimate_creditor.is_none() && plain.purpose("relief", None, true).is_none());
    // What a profile does not say is not written into the terms of its files.
    let text = serde_json::to_string(plain).unwrap();
    for field in ["debtor_accounts", "ultimate_creditor", "purposes"] {
        assert!(!text.contains(field), "{field}");
    }
    let own = serde_json::json!({
        "debtor_accounts": {"donations": {"name": "QUY CUU TRO", "account": "3761", "bank": "VCB"}},
        "ultimate_creditor": "name",
        "purposes": {"social_pension": "PENS", "arrears_only": "SPSP"},
    });
    let profile = profiles.read(&own).unwrap();
    assert_eq!(profile.debtor_of("donations").account, "3761");
    assert_eq!(profile.debtor_of("social_assistance"), &plain.debtor);
    assert!(profile.pays_from("3761") && profile.pays_from(&plain.debtor.account) && !profile.pays_from("1"));
    assert_eq!(
        profile.purpose("arrears_only", Some("social_pension"), true),
        Some(Purpose::Pension)
    );
    assert_eq!(
        profile.purpose("arrears_only", Some("funeral"), true),
        Some(Purpose::SeveralMonths)
    );
    assert_eq!(profile.purpose("regular", None, false), None);
    let cases = [
        (
            serde_json::json!({"debtor_accounts": {"donations": {"name": "QUỸ", "account": "3761", "bank": "VCB"}}}),
            ("/debtor_accounts/donations/name", "charset"),
        ),
        (
            serde_json::json!({"debtor_accounts": {"": {"name": "QUY", "account": "3761", "bank": "VCB"}}}),
            ("/debtor_accounts/", "fund_code"),
        ),
        (
            serde_json::json!({"purposes": {"something": "SSBE"}}),
            ("/purposes/something", "unknown_key"),
        ),
        (
            // No such code in the external code sets.
            serde_json::json!({"purposes": {"regular": "WELF"}}),
            ("/purposes/regular", "unknown_value"),
        ),
        (
            serde_json::json!({"ultimate_creditor": "code"}),
            ("/ultimate_creditor", "unknown_value"),
        ),
    ];
    for (own, (pointer, code)) in cases {
        let faults = profiles.read(&own).unwrap_err();
        let told: Vec<(&str, &str)> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        assert_eq!(told, [(pointer, code)], "{own}");
    }
}
