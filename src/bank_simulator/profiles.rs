//! What banks take, where the simulator is told so by a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::bank::BankProfiles;
use serde_json::Value;

use super::Fault;

/// The profiles of the program, with those of a file in their place.
pub(super) fn open(path: Option<&Path>) -> Result<BankProfiles, Fault> {
    let embedded = BankProfiles::embedded().map_err(|error| Fault::Run(error.to_string()))?;
    let mut profiles = embedded.clone();
    let Some(path) = path else { return Ok(profiles) };
    let wrong = |why: String| {
        Fault::input(
            format!("{}: không đọc được mẫu của ngân hàng", path.display()),
            format!("--profiles: {why}"),
        )
    };
    let text = fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let own: BTreeMap<String, Value> = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    for (bank, own) in own {
        let read = if bank == BankProfiles::POST {
            embedded.read_post(&own)
        } else {
            embedded.read(&own)
        };
        let profile = read.map_err(|faults| {
            let told: Vec<String> = faults
                .iter()
                .map(|fault| format!("/{bank}{}: {}", fault.pointer, fault.code))
                .collect();
            wrong(told.join(", "))
        })?;
        profiles.replace((bank != "default").then_some(bank.as_str()), profile);
    }
    Ok(profiles)
}
