//! The instruments that come with the program, one file each, in order of publication.

use std::sync::OnceLock;

use chrono::NaiveDate;

use super::instrument::Instrument;
use super::release::Release;

const FILES: &[&str] = &[];

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
