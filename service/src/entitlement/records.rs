//! What differs between two states of a person's records, in words.

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::{Benefit, CaseFile, Claim, Language, Place, Residence};
use domain::evidence::Evidence;
use entity::enums::EvidenceChange;
use serde::Serialize;
use utoipa::ToSchema;

use crate::entitlement::explain::both;
use crate::entitlement::trace::Sources;
use crate::error::Text;
use crate::print;

/// Whether a record came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordChange {
    /// It counts now.
    Added,
    /// It counts no more.
    Removed,
}

impl RecordChange {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Added, Self::Removed];

    /// The code, and its label in Vietnamese and English.
    pub const fn term(self) -> (&'static str, (&'static str, &'static str)) {
        match self {
            Self::Added => ("added", ("Hồ sơ ghi nhận", "Recorded")),
            Self::Removed => ("removed", ("Hồ sơ không còn", "No longer on record")),
        }
    }
}

/// A record that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordCause {
    /// Whether it came or went.
    pub change: RecordChange,
    /// `residence`, `decision`, `application`, `birth_date`, `death_date`, or the kind of evidence.
    #[schema(example = "disability")]
    pub kind: String,
    /// What it says.
    pub text: Text,
    /// The paper it rests on.
    pub document: Option<String>,
    /// Whether the record was wrong, or life changed.
    #[schema(value_type = Option<String>, example = "circumstances")]
    pub nature: Option<EvidenceChange>,
    /// When it was recorded.
    pub recorded_at: Option<DateTime<Utc>>,
}

/// The records that differ: first what counts no more, then what counts now.
pub(super) fn differences(before: &CaseFile, after: &CaseFile, sources: &Sources) -> Vec<RecordCause> {
    let mut all = one_way(after, before, sources, RecordChange::Removed);
    all.extend(one_way(before, after, sources, RecordChange::Added));
    all
}

/// What `to` has and `from` has not.
fn one_way(from: &CaseFile, to: &CaseFile, sources: &Sources, change: RecordChange) -> Vec<RecordCause> {
    let mut all = Vec::new();
    let plain = |kind: &str, text: Text| RecordCause {
        change,
        kind: kind.to_owned(),
        text,
        document: None,
        nature: None,
        recorded_at: None,
    };
    if from.birth_date != to.birth_date {
        let day = to.birth_date.day;
        all.push(plain(
            "birth_date",
            both(|language| dated("Ngày sinh", "Born", day, language)),
        ));
    }
    if let Some(day) = to.death_date.filter(|_| from.death_date != to.death_date) {
        all.push(plain(
            "death_date",
            both(|language| dated("Chết ngày", "Died", day, language)),
        ));
    }
    for residence in to.residences.iter().filter(|own| !from.residences.contains(own)) {
        all.push(plain("residence", both(|language| stay(residence, sources, language))));
    }
    for evidence in to.evidence.iter().filter(|own| !from.evidence.contains(own)) {
        let value = evidence.value.to_json();
        let row = sources.evidence.iter().rfind(|row| {
            row.kind == evidence.kind.code()
                && row.value == value
                && (row.from_date, row.to_date) == (evidence.from, evidence.to)
        });
        all.push(RecordCause {
            document: row.and_then(|row| row.document.clone()),
            nature: row.map(|row| row.change),
            recorded_at: row.map(|row| row.recorded_at),
            ..plain(evidence.kind.code(), both(|language| fact(evidence, language)))
        });
    }
    let known = from.claims.as_deref().unwrap_or_default();
    for claim in to.claims.iter().flatten().filter(|own| !known.contains(own)) {
        let kind = if claim.decided_on.is_some() {
            "decision"
        } else {
            "application"
        };
        all.push(plain(kind, both(|language| asked(claim, language))));
    }
    all
}

fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Vietnamese => print::date(day),
        Language::English => day.to_string(),
    }
}

fn dated(vi: &str, en: &str, on: NaiveDate, language: Language) -> String {
    format!("{} {}", language.of((vi, en)), day(on, language))
}

fn span(from: NaiveDate, to: Option<NaiveDate>, language: Language) -> String {
    let from = day(from, language);
    let to = to.map(|to| day(to, language));
    match (language, to) {
        (Language::Vietnamese, Some(to)) => format!("từ {from} đến {to}"),
        (Language::Vietnamese, None) => format!("từ {from}"),
        (Language::English, Some(to)) => format!("from {from} to {to}"),
        (Language::English, None) => format!("from {from}"),
    }
}

fn stay(own: &Residence, sources: &Sources, language: Language) -> String {
    let place = match &own.place {
        Place::Area(code) => sources
            .areas
            .commune(code, own.from)
            .map_or_else(|| code.clone(), |area| area.name.clone()),
        Place::Type(_) => String::new(),
    };
    let label = language.of(("Nơi cư trú", "Residence"));
    format!("{label}: {place}, {}", span(own.from, own.to, language))
}

fn fact(own: &Evidence, language: Language) -> String {
    format!(
        "{}: {}, {}",
        language.of(own.kind.label()),
        own.value.said(language),
        span(own.from, own.to, language)
    )
}

fn asked(own: &Claim, language: Language) -> String {
    let benefit: Benefit = own.benefit;
    let name = language.of(benefit.label());
    match (own.decided_on, own.filed_on) {
        (Some(signed), _) => format!(
            "{}: {name}, {} {}",
            language.of(("Quyết định", "Decision")),
            language.of(("ký ngày", "signed on")),
            day(signed, language)
        ),
        (None, Some(filed)) => format!(
            "{}: {name}, {} {}",
            language.of(("Đơn đề nghị", "Application")),
            language.of(("nộp ngày", "filed on")),
            day(filed, language)
        ),
        (None, None) => format!("{}: {name}", language.of(("Đơn đề nghị", "Application"))),
    }
}
