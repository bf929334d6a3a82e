//! How each amount came about: the facts that counted, the values of law, what was paid and what was rejected, in data
//! and in plain Vietnamese and English.

mod facts;
mod text;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use self::facts::facts;
pub(crate) use self::text::dong;
use self::text::text;
pub use self::text::{open_reason, parameter_label};
use super::calculation::Calculation;
use super::choose::{Judged, Line};
use super::life::Life;
use super::months::Span;
use super::periods::component;
use super::spells::matched_of;
use crate::Month;
use crate::case_file::{Benefit, CaseFile, Language};
use crate::law::Confidence;

/// A fact that held on the day that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// `age`, `area`, `setting`, or the kind of evidence.
    pub kind: &'static str,
    /// Its value.
    pub value: String,
    /// Since when; none for an age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Its place in the evidence of the case file; none for what is not evidence.
    #[serde(skip)]
    pub evidence: Option<usize>,
    #[serde(skip)]
    label: (&'static str, &'static str),
    /// Its value as people say it, in Vietnamese and English.
    #[serde(skip)]
    said: (String, String),
}

impl Fact {
    /// Its value as people say it; an area by its code.
    pub fn said(&self, language: Language) -> &str {
        language.of((&self.said.0, &self.said.1))
    }

    /// What kind of fact it is, in Vietnamese and English.
    pub const fn label(&self) -> (&'static str, &'static str) {
        self.label
    }
}

/// A value of law that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// The parameter.
    pub key: String,
    /// Its value; none where it is declared unknown.
    pub value: Option<i64>,
    /// The instrument and article, as cited.
    pub provision: String,
    /// How sure the catalogue is of it; none for an unknown.
    pub confidence: Option<Confidence>,
}

/// A right that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// The benefit.
    pub benefit: Benefit,
    /// Empty, or a stable key of the person cared for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub component: String,
    /// The group.
    pub group: String,
    /// Đồng a month; for an amount the law leaves open, what it is taken as.
    pub amount: i64,
    /// The coefficient, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coefficient: Option<Decimal>,
    /// The provision, as cited.
    pub provision: String,
    /// Why it is not paid: `not_the_highest` or the reason of the law's silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why a benefit has its level in some months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The benefit.
    pub benefit: Benefit,
    /// First month it is for.
    pub from: Month,
    /// Last month it is for; open if none.
    pub to: Option<Month>,
    /// The month in which it falls due, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Month>,
    /// The day whose facts counted.
    pub facts_on: NaiveDate,
    /// Those facts.
    pub facts: Vec<Fact>,
    /// The values of law.
    pub parameters: Vec<Used>,
    /// What is paid; what would have won, where the month is undetermined.
    pub paid: Vec<Considered>,
    /// What is not.
    pub rejected: Vec<Considered>,
    /// Why nothing is determined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undetermined: Option<String>,
    /// The same in plain Vietnamese.
    pub vi: String,
    /// The same in plain English.
    pub en: String,
}

impl Reason {
    /// The reason in plain words, each fact as `said` says it.
    pub fn text(&self, language: Language, said: &dyn Fn(&Fact) -> String) -> String {
        text(self, language, said)
    }
}

/// The reasons, by benefit and month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Explanation {
    /// One for each stretch of months.
    pub reasons: Vec<Reason>,
}

/// A calculation with its explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// What falls due.
    #[serde(flatten)]
    pub calculation: Calculation,
    /// Why.
    pub trace: Explanation,
}

impl Explanation {
    /// The whole text in a language.
    pub fn render(&self, language: Language) -> String {
        let texts = self
            .reasons
            .iter()
            .map(|reason| language.of((reason.vi.as_str(), reason.en.as_str())));
        texts.collect::<Vec<_>>().join("\n\n")
    }
}

/// Explains what falls due, or is undetermined, in a window of months.
pub(super) fn explain(life: &mut Life<'_>, case: &CaseFile, from: Month, to: Month) -> Explanation {
    life.live(case);
    reasons(life, case, |span| match span.due {
        Some(due) => from <= due && due <= to,
        None => span.from <= to && span.to.is_none_or(|last| from <= last),
    })
}

/// Explains the whole life that was lived last.
pub(super) fn whole(life: &Life<'_>, case: &CaseFile) -> Explanation {
    reasons(life, case, |_| true)
}

fn reasons(life: &Life<'_>, case: &CaseFile, meant: impl Fn(&Span) -> bool) -> Explanation {
    let spans = life.spans.iter().filter(|span| meant(span));
    Explanation {
        reasons: spans.filter_map(|span| reason(life, case, span)).collect(),
    }
}

fn reason(life: &Life<'_>, case: &CaseFile, span: &Span) -> Option<Reason> {
    let basis = span.basis;
    let stretch = life.facts.stretches.get(basis.stretch)?;
    let epoch = life.release.epochs.get(basis.epoch)?;
    let judged = Judged {
        release: life.release,
        facts: &life.facts,
        stretch,
        epoch,
        side: life.side,
        matched: matched_of(&life.facts, life.release, life.side, basis.stretch, basis.epoch),
        place: basis.place,
        reach: basis.reach,
    };
    let chosen = life.lines.get(span.lines.0..span.lines.1)?;
    let mut candidates = Vec::new();
    if span.benefit != Benefit::Funeral {
        judged.candidates(span.benefit, &mut candidates);
    }
    let unknown = |line: &Line| {
        let reason = line
            .unknown
            .and_then(|index| life.release.reasons.get(usize::from(index)));
        reason.map(|reason| reason.to_string())
    };
    let paid: Vec<Considered> = chosen
        .iter()
        .filter_map(|line| considered(life, case, span.benefit, line, unknown(line)))
        .collect();
    let lower = || Some("not_the_highest".to_owned());
    let left = candidates.iter().filter(|line| !chosen.contains(line));
    let mut rejected: Vec<Considered> = left
        .filter_map(|line| considered(life, case, span.benefit, line, lower()))
        .collect();
    let month = span.from;
    for other in life
        .lost
        .iter()
        .filter(|other| other.benefit != span.benefit && other.covers(month))
    {
        let lines = life.lines.get(other.lines.0..other.lines.1).unwrap_or_default();
        if span.benefit != Benefit::Funeral {
            rejected.extend(
                lines
                    .iter()
                    .filter_map(|line| considered(life, case, other.benefit, line, lower())),
            );
        }
    }
    let mut reason = Reason {
        benefit: span.benefit,
        from: span.from,
        to: span.to,
        due: span.due,
        facts_on: basis.day,
        facts: facts(case, basis.day, basis.place),
        parameters: parameters(life, case, chosen, span.from),
        paid,
        rejected,
        undetermined: chosen.iter().find_map(unknown),
        vi: String::new(),
        en: String::new(),
    };
    reason.vi = reason.text(Language::Vietnamese, &|fact| fact.said(Language::Vietnamese).to_owned());
    reason.en = reason.text(Language::English, &|fact| fact.said(Language::English).to_owned());
    Some(reason)
}

fn considered(
    life: &Life<'_>,
    case: &CaseFile,
    benefit: Benefit,
    line: &Line,
    reason: Option<String>,
) -> Option<Considered> {
    let variant = life.release.variants.get(usize::from(line.variant))?;
    Some(Considered {
        benefit,
        component: component(case, line.entry),
        group: variant.group.to_string(),
        amount: line.amount,
        coefficient: variant.amount.coefficient,
        provision: variant.provision.to_string(),
        reason,
    })
}

fn parameters(life: &Life<'_>, case: &CaseFile, lines: &[Line], month: Month) -> Vec<Used> {
    let mut used: Vec<Used> = Vec::new();
    let variants = lines
        .iter()
        .filter_map(|line| life.release.variants.get(usize::from(line.variant)));
    for key in variants.flat_map(|variant| &variant.amount.of) {
        let Some(value) = life.release.effective(key, case.jurisdiction, month) else {
            continue;
        };
        if used.iter().all(|known| known.key != *key) {
            let provision = format!("{} {}", value.cite, value.article);
            used.push(Used {
                key: key.clone(),
                value: value.money().map(crate::Vnd::dong),
                provision: provision.trim_end().to_owned(),
                confidence: value.confidence,
            });
        }
    }
    used
}
