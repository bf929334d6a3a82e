//! The instruments that come with the program, one file each, in order of publication.

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::instrument::Instrument;
use super::release::Release;

pub(super) const FILES: &[&str] = &[
    include_str!("../../catalogue/law/001-nd-28-2012.json"),
    include_str!("../../catalogue/law/002-nd-136-2013.json"),
    include_str!("../../catalogue/law/003-qn-truoc-2017.json"),
    include_str!("../../catalogue/law/004-nq-47-2016.json"),
    include_str!("../../catalogue/law/005-nq-309-2020.json"),
    include_str!("../../catalogue/law/006-nd-20-2021.json"),
    include_str!("../../catalogue/law/007-tt-02-2021.json"),
    include_str!("../../catalogue/law/008-nq-21-2021.json"),
    include_str!("../../catalogue/law/009-nq-08-2022.json"),
    include_str!("../../catalogue/law/010-nq-13-2023.json"),
    include_str!("../../catalogue/law/011-luat-41-2024.json"),
    include_str!("../../catalogue/law/012-nd-76-2024.json"),
    include_str!("../../catalogue/law/013-nq-2024-09-23.json"),
    include_str!("../../catalogue/law/014-nd-147-2025.json"),
    include_str!("../../catalogue/law/015-nd-176-2025.json"),
    include_str!("../../catalogue/law/016-qn-huu-tri-2025.json"),
    include_str!("../../catalogue/law/017-nq-83-2025.json"),
    include_str!("../../catalogue/law/018-nd-335-2026.json"),
];

/// Every instrument of the catalogue, in order of publication: the n-th makes release n.
pub fn catalogue() -> &'static [Instrument] {
    static CATALOGUE: OnceLock<Vec<Instrument>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        FILES
            .iter()
            .filter_map(|text| Instrument::from_json(text).ok())
            .collect()
    })
}

/// The instruments of the catalogue issued by a day, in order of publication.
pub fn published_by(day: NaiveDate) -> &'static [Instrument] {
    let all = catalogue();
    &all[..all.partition_point(|instrument| instrument.issued_on <= day)]
}

/// The release with the whole catalogue.
pub fn latest() -> &'static Release {
    static LATEST: OnceLock<Release> = OnceLock::new();
    LATEST.get_or_init(|| {
        let number = u32::try_from(catalogue().len()).unwrap_or(u32::MAX);
        Release::compile(number, catalogue()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{FindingCode, Severity};

    #[test]
    fn every_file_is_an_instrument_and_they_stand_in_order_of_publication() {
        for text in FILES {
            if let Err(finding) = Instrument::from_json(text) {
                panic!("{finding:?}\n{text}");
            }
        }
        assert_eq!(catalogue().len(), FILES.len());
        assert!(catalogue().is_sorted_by_key(|instrument| instrument.issued_on));
    }

    #[test]
    fn every_release_of_the_catalogue_compiles() {
        for count in 0..=catalogue().len() {
            let release = Release::compile(u32::try_from(count).unwrap(), &catalogue()[..count]);
            if let Err(findings) = release {
                panic!("release {count}: {findings:#?}");
            }
        }
        let warnings = latest().warnings();
        assert!(warnings.iter().all(|finding| finding.severity == Severity::Warning));
        assert!(
            warnings
                .iter()
                .any(|w| w.instrument == "NQ 47/2016/NQ-HĐND" && w.detail.contains("2021-07"))
        );
    }

    #[test]
    fn every_file_holds_by_its_own_cases_when_it_is_published() {
        let mut tried = 0;
        for (place, own) in catalogue().iter().enumerate() {
            let findings = crate::law::check(&catalogue()[..place], own);
            let bare = findings.iter().filter(|f| f.code == FindingCode::RuleWithoutCase);
            let bare: Vec<_> = bare.map(|finding| &finding.detail).collect();
            assert!(bare.is_empty(), "{}: no case of {bare:?}", own.number);
            let errors: Vec<_> = findings.iter().filter(|f| f.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", own.number);
            tried += own.cases.len();
        }
        assert!(tried >= 60, "only {tried} cases");
    }

    #[test]
    fn an_instrument_survives_its_json() {
        for instrument in catalogue() {
            let text = serde_json::to_string(instrument).unwrap();
            assert_eq!(&Instrument::from_json(&text).unwrap(), instrument);
        }
    }
}
