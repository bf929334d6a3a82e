//! The people of the town, one for each group and each turn of the law, with what the law gives them.
//!
//! The amounts were worked out by hand from the articles, never from the program. A line of a person's law reads
//! `group | months | đồng a month | article | how`; a line for each component of a month. What it rests on:
//!
//! | from | central standard | Quảng Ninh, community | higher | Quảng Ninh, facility |
//! |---|---|---|---|---|
//! | 1/2015 | 270.000 (NĐ 136/2013 Art 4(1)) | 300.000 | 300.000 | 400.000 |
//! | 1/2017 | | 350.000 | 350.000 | 500.000 |
//! | 7/2021 | 360.000 (NĐ 20/2021 Art 4(2)) | | 360.000 | |
//! | 8/2021 | | 450.000 (NQ 21/2021) | 450.000 | |
//! | 1/2023 | | 500.000 (NQ 08/2022) | 500.000 | 650.000 |
//! | 7/2024 | 500.000 (NĐ 76/2024) | | 500.000 | |
//! | 10/2024 | | 700.000 (NQ of 23/9/2024) | 700.000 | 700.000 |
//! | 7/2026 | 540.000 (NĐ 335/2026) | | 700.000 | |

mod adults;
mod carers;
mod children;
mod elderly;

use std::collections::BTreeMap;

use domain::Month;

/// Somebody of the town.
pub(super) struct Someone {
    /// The name, by which the tests speak of them.
    pub(super) name: &'static str,
    /// Born.
    pub(super) birth: &'static str,
    /// The commune of 2015 in which they live, and have lived since 2010 or birth.
    pub(super) area: &'static str,
    /// `community` or `facility`.
    pub(super) setting: &'static str,
    /// Kind, value as JSON, first day, last day; known from the beginning.
    pub(super) evidence: &'static [(&'static str, &'static str, &'static str, Option<&'static str>)],
    /// Benefits granted, and the days on which the decisions were signed.
    pub(super) granted: &'static [(&'static str, &'static str)],
    /// Died, and the death was recorded on the same day.
    pub(super) died: Option<&'static str>,
    /// What the law gives.
    pub(super) law: &'static str,
    /// Months for which the law does not say what is due.
    pub(super) unknown: Option<(&'static str, &'static str)>,
}

/// Everybody.
pub(super) fn all() -> Vec<&'static Someone> {
    [children::PEOPLE, adults::PEOPLE, elderly::PEOPLE, carers::PEOPLE]
        .into_iter()
        .flatten()
        .collect()
}

/// What is due for one component of a month: group, đồng, article.
pub(super) type Due = (String, i64, String);

impl Someone {
    /// What the law gives for each month up to the last one given, sorted.
    pub(super) fn due(&self, last: Month) -> BTreeMap<Month, Vec<Due>> {
        let mut months: BTreeMap<Month, Vec<Due>> = BTreeMap::new();
        for line in self.law.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let fields: Vec<&str> = line.split('|').map(str::trim).collect();
            let [group, span, amount, article, _how] = fields[..] else {
                panic!("{}: {line}", self.name);
            };
            let (from, to) = span.split_once("..").unwrap_or((span, span));
            let to = if to.is_empty() { last } else { month(to).min(last) };
            for month in month(from).through(to) {
                let due = (
                    group.to_owned(),
                    amount.replace('.', "").parse().unwrap(),
                    article.to_owned(),
                );
                months.entry(month).or_default().push(due);
            }
        }
        months.values_mut().for_each(|due| due.sort());
        months
    }
}

/// A month as text gives it.
pub(super) fn month(text: &str) -> Month {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
