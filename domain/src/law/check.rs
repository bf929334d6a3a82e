//! What can be seen in an instrument by itself: dates, words, numbers, brackets.

mod cases;
mod clash;
mod dates;
#[cfg(test)]
mod tests;

pub use self::clash::{changed_since, clashes};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::condition::{AgeBracket, Condition, Counted};
use super::finding::{Finding, FindingCode, Severity};
use super::instrument::{Amount, BenefitRule, Instrument, Number, Provision, months_of};
use super::release::Release;
use crate::Vnd;
use crate::evidence::Shape;

/// Everything found in a draft against the instruments published before it; nothing of severity error means that it
/// can be published.
pub fn check(published: &[Instrument], draft: &Instrument) -> Vec<Finding> {
    let mut all = published.to_vec();
    all.push(draft.clone());
    check_in(published, &all, published.len())
}

/// Everything found in the instrument at a place among those it would be published with, against those that stand now.
pub fn check_in(standing: &[Instrument], instruments: &[Instrument], place: usize) -> Vec<Finding> {
    let Some(draft) = instruments.get(place) else {
        return Vec::new();
    };
    let number = u32::try_from(instruments.len()).unwrap_or(u32::MAX);
    let mut findings = match Release::compile(number, instruments) {
        Ok(release) => {
            let mut findings = release.warnings().to_vec();
            findings.extend(cases::run(&release, draft));
            findings.extend(cases::changed(&release, standing, draft));
            findings.extend(cases::rules_without(Some(&release), draft));
            findings
        }
        Err(mut findings) => {
            findings.extend(cases::rules_without(None, draft));
            findings
        }
    };
    findings.retain(|f| f.instrument == draft.number || f.severity == Severity::Error);
    findings.sort();
    findings
}

struct Checker<'i> {
    instrument: &'i Instrument,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn find(&mut self, pointer: impl Into<String>, code: FindingCode, detail: impl Into<String>) {
        self.findings.push(Finding {
            instrument: self.instrument.number.clone(),
            pointer: pointer.into(),
            severity: Severity::Error,
            code,
            detail: detail.into(),
        });
    }
}

pub(super) fn shape(instrument: &Instrument, earlier: &[Instrument]) -> Vec<Finding> {
    let mut checker = Checker {
        instrument,
        findings: Vec::new(),
    };
    for (field, text) in [
        ("number", &instrument.number),
        ("cite", &instrument.cite),
        ("title", &instrument.title),
    ] {
        if text.trim().is_empty() {
            checker.find(format!("/{field}"), FindingCode::Empty, "");
        }
    }
    if earlier.iter().any(|other| other.number == instrument.number) {
        checker.find("/number", FindingCode::DuplicateInstrument, instrument.number.clone());
    }
    for (index, provision) in instrument.provisions.iter().enumerate() {
        checker.provision(provision, &format!("/provisions/{index}"));
    }
    checker.others(earlier);
    checker.effects_once();
    checker.parameters_once();
    checker.brackets_across_rules();
    checker.findings
}

impl Checker<'_> {
    fn provision(&mut self, provision: &Provision, pointer: &str) {
        for (index, parameter) in provision.parameters.iter().enumerate() {
            let pointer = format!("{pointer}/parameters/{index}");
            self.span(parameter.from, parameter.to, &pointer);
            if parameter.key.trim().is_empty() {
                self.find(format!("{pointer}/key"), FindingCode::Empty, "");
            }
            let value = parameter.value.0;
            let money = value
                .to_i64()
                .filter(|_| value.fract().is_zero())
                .and_then(|dong| Vnd::new(dong).ok());
            if value < Decimal::ZERO || (parameter.unit.is_money() && money.is_none()) {
                self.find(
                    format!("{pointer}/value"),
                    FindingCode::InvalidNumber,
                    value.to_string(),
                );
            }
        }
        for (index, rule) in provision.rules.iter().enumerate() {
            self.rule(rule, &format!("{pointer}/rules/{index}"));
        }
        for (index, effect) in provision.effects.iter().enumerate() {
            self.span(effect.from, effect.to, &format!("{pointer}/effects/{index}"));
        }
        for (index, together) in provision.together.iter().enumerate() {
            self.span(together.from, together.to, &format!("{pointer}/together/{index}"));
        }
        for (index, unknown) in provision.unknowns.iter().enumerate() {
            self.span(unknown.from, unknown.to, &format!("{pointer}/unknowns/{index}"));
        }
    }

    fn span(&mut self, from: Option<chrono::NaiveDate>, to: Option<chrono::NaiveDate>, pointer: &str) {
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.find(format!("{pointer}/to"), FindingCode::ToBeforeFrom, "");
        } else if months_of(from, to).is_none() {
            self.find(format!("{pointer}/to"), FindingCode::NoMonth, "");
        }
    }

    fn rule(&mut self, rule: &BenefitRule, pointer: &str) {
        self.span(rule.from, rule.to, pointer);
        if rule.group.trim().is_empty() {
            self.find(format!("{pointer}/group"), FindingCode::Empty, "");
        }
        self.condition(&rule.when, &format!("{pointer}/when"));
        for (index, unknown) in rule.undetermined.iter().enumerate() {
            self.condition(&unknown.when, &format!("{pointer}/undetermined/{index}/when"));
        }
        match &rule.amount {
            Amount::Times { coefficient, of } => self.product(*coefficient, of, &format!("{pointer}/amount/times")),
            Amount::PerChild { coefficient, of, .. } => {
                self.product(*coefficient, of, &format!("{pointer}/amount/per_child"));
            }
            Amount::Fixed { of } => self.keys(of, &format!("{pointer}/amount/fixed/of")),
            Amount::ByAge { of, brackets } => {
                let pointer = format!("{pointer}/amount/by_age");
                for (index, bracket) in brackets.iter().enumerate() {
                    self.product(bracket.coefficient, of, &format!("{pointer}/brackets/{index}"));
                    self.bracket(bracket.age, &format!("{pointer}/brackets/{index}/age"));
                }
                let ages: Vec<AgeBracket> = brackets.iter().map(|bracket| bracket.age).collect();
                self.cover(&ages, age_range(&rule.when), &format!("{pointer}/brackets"));
            }
            Amount::FixedByArea { .. } => {
                let special = |condition: &Condition| {
                    let mut found = false;
                    condition.walk("", &mut |_, part| {
                        found |= matches!(part, Condition::Area(crate::case_file::AreaType::Special));
                    });
                    found
                };
                if !rule.undetermined.iter().any(|unknown| special(&unknown.when)) {
                    self.find(
                        format!("{pointer}/amount/fixed_by_area"),
                        FindingCode::SpecialAreaUndeclared,
                        "",
                    );
                }
            }
        }
    }

    fn product(&mut self, coefficient: Number, of: &[String], pointer: &str) {
        if coefficient.0 <= Decimal::ZERO {
            self.find(
                format!("{pointer}/coefficient"),
                FindingCode::InvalidNumber,
                coefficient.0.to_string(),
            );
        }
        self.keys(of, &format!("{pointer}/of"));
    }

    fn keys(&mut self, of: &[String], pointer: &str) {
        if of.is_empty() {
            self.find(pointer, FindingCode::Empty, "");
        }
    }

    fn bracket(&mut self, bracket: AgeBracket, pointer: &str) {
        if bracket.below.is_some_and(|below| below <= bracket.from.unwrap_or(0)) {
            self.find(pointer, FindingCode::EmptyBracket, "");
        }
    }

    /// The brackets follow each other without gap or overlap and reach over the whole range.
    fn cover(&mut self, ages: &[AgeBracket], range: AgeBracket, pointer: &str) {
        let mut sorted = ages.to_vec();
        sorted.sort();
        let mut reached = range.from.unwrap_or(0);
        let mut open = false;
        for bracket in sorted {
            let from = bracket.from.unwrap_or(0);
            if from > reached {
                self.find(pointer, FindingCode::AgeGap, format!("{reached}..{from}"));
            } else if open || (from < reached && bracket.from.unwrap_or(0) > range.from.unwrap_or(0)) {
                self.find(pointer, FindingCode::AgeOverlap, from.to_string());
            }
            match bracket.below {
                Some(below) => reached = reached.max(below),
                None => open = true,
            }
        }
        if !open && range.below.is_none_or(|below| reached < below) {
            let end = range.below.map(|below| below.to_string()).unwrap_or_default();
            self.find(pointer, FindingCode::AgeGap, format!("{reached}..{end}"));
        }
    }

    fn condition(&mut self, condition: &Condition, pointer: &str) {
        let mut seen: Vec<(String, Condition)> = Vec::new();
        condition.walk(pointer, &mut |at, part| seen.push((at.to_owned(), part.clone())));
        for (at, part) in seen {
            match part {
                Condition::Any(parts) if parts.is_empty() => self.find(at, FindingCode::EmptyCondition, ""),
                Condition::Age(bracket) => self.bracket(bracket, &at),
                Condition::Evidence { kind, is } => {
                    let words: &[&str] = match kind.shape() {
                        Shape::Word(words) => words,
                        _ => &[],
                    };
                    for word in is.iter().filter(|word| !words.contains(&word.as_str())) {
                        self.find(format!("{at}/evidence/is"), FindingCode::UnknownValue, word.clone());
                    }
                }
                Condition::Count { of, from, below } => {
                    if below.is_some_and(|below| below <= from.unwrap_or(0)) {
                        self.find(at.clone(), FindingCode::EmptyBracket, "");
                    }
                    if let Counted::Cared(cared) = of
                        && let Some(age) = cared.age
                    {
                        self.bracket(age, &format!("{at}/count/of/cared/age"));
                    }
                }
                Condition::PensionBelow { of } => self.keys(&of, &format!("{at}/pension_below/of")),
                Condition::Group { any_of } if any_of.is_empty() => self.find(at, FindingCode::EmptyCondition, ""),
                _ => {}
            }
        }
    }

    fn parameters_once(&mut self) {
        let mut taken = Vec::new();
        for (index, provision) in self.instrument.provisions.iter().enumerate() {
            for (position, parameter) in provision.parameters.iter().enumerate() {
                let Some(months) = months_of(parameter.from, parameter.to) else {
                    continue;
                };
                let clash = taken
                    .iter()
                    .any(|(key, other)| *key == parameter.key && overlap(*other, months));
                if clash {
                    let pointer = format!("/provisions/{index}/parameters/{position}");
                    self.find(pointer, FindingCode::ParameterTwice, parameter.key.clone());
                }
                taken.push((parameter.key.clone(), months));
            }
        }
    }

    /// Rules that differ in nothing but the age leave no age out between them.
    fn brackets_across_rules(&mut self) {
        let mut families: Vec<(&BenefitRule, Condition, Vec<AgeBracket>, String)> = Vec::new();
        let instrument = self.instrument;
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, rule) in provision.rules.iter().enumerate() {
                let Some((rest, age)) = without_age(&rule.when) else {
                    continue;
                };
                let family = families.iter_mut().find(|(first, other, _, _)| {
                    (first.benefit, &first.group, first.from, first.to)
                        == (rule.benefit, &rule.group, rule.from, rule.to)
                        && *other == rest
                        && first.for_each == rule.for_each
                });
                match family {
                    Some((_, _, ages, _)) => ages.push(age),
                    None => {
                        let pointer = format!("/provisions/{index}/rules/{position}/when");
                        families.push((rule, rest, vec![age], pointer));
                    }
                }
            }
        }
        for (_, _, mut ages, pointer) in families.into_iter().filter(|(_, _, ages, _)| ages.len() > 1) {
            ages.sort();
            for pair in ages.windows(2) {
                if let [first, second] = pair
                    && let (Some(end), Some(start)) = (first.below, second.from)
                    && end < start
                {
                    self.find(pointer.clone(), FindingCode::AgeGap, format!("{end}..{start}"));
                }
            }
        }
    }
}

type Months = (Option<crate::Month>, Option<crate::Month>);

fn overlap(a: Months, b: Months) -> bool {
    let starts_by =
        |from: Option<crate::Month>, to: Option<crate::Month>| from.zip(to).is_none_or(|(from, to)| from <= to);
    starts_by(a.0, b.1) && starts_by(b.0, a.1)
}

/// The ages a condition restricts itself to, at its top.
fn age_range(condition: &Condition) -> AgeBracket {
    without_age(condition).map(|(_, age)| age).unwrap_or_default()
}

fn without_age(condition: &Condition) -> Option<(Condition, AgeBracket)> {
    match condition {
        Condition::Age(age) => Some((Condition::All(Vec::new()), *age)),
        Condition::All(parts) => {
            let age = parts.iter().find_map(|part| match part {
                Condition::Age(age) => Some(*age),
                _ => None,
            })?;
            let rest = parts
                .iter()
                .filter(|part| !matches!(part, Condition::Age(_)))
                .cloned()
                .collect();
            Some((Condition::All(rest), age))
        }
        _ => None,
    }
}
