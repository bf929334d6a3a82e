//! Profiles of banks.
#![no_main]

use domain::bank::{BankProfile, BankProfiles};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(profile) = text.parse().map_err(drop).and_then(|value| {
        BankProfiles::embedded()
            .map_err(drop)
            .and_then(|all| all.read(&value).map_err(drop))
    }) {
        let profile: BankProfile = profile;
        assert!(profile.faults().is_empty());
    }
});
