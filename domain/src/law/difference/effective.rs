//! What two sets of published instruments come to: values and rules in force, month by month.

use std::collections::BTreeSet;

use super::{Change, Difference, InstrumentChange, ParameterChange, RuleChange, SaidValue, compare, fields};
use crate::Month;
use crate::law::compile::{RuleSpan, spans};
use crate::law::finding::Finding;
use crate::law::instrument::{Instrument, Issuer, Number};
use crate::law::release::{ParameterValue, Release, issuer_index};
use crate::timeline::Timeline;

/// What the later set of instruments changes; refused where one of them does not compile.
pub fn difference(before: &[Instrument], after: &[Instrument]) -> Result<Difference, Vec<Finding>> {
    let compiled = |all: &[Instrument]| Release::compile(u32::try_from(all.len()).unwrap_or(u32::MAX), all);
    let (old, new) = (compiled(before)?, compiled(after)?);
    Ok(Difference {
        instruments: instruments(before, after),
        parameters: parameters(&old, &new),
        rules: rules(&spans(before), &spans(after)),
    })
}

fn instruments(before: &[Instrument], after: &[Instrument]) -> Vec<InstrumentChange> {
    let named = |all: &'_ [Instrument], number: &str| all.iter().position(|own| own.number == number);
    let mut changes = Vec::new();
    for own in after {
        let old = named(before, &own.number).and_then(|place| before.get(place));
        let clauses = match old {
            Some(old) => compare(old, own),
            None => compare(&nothing(own), own),
        };
        let change = if old.is_some() { Change::Changed } else { Change::Added };
        if old.is_none() || !clauses.is_empty() {
            changes.push(InstrumentChange {
                number: own.number.clone(),
                change,
                clauses,
            });
        }
    }
    for old in before.iter().filter(|old| named(after, &old.number).is_none()) {
        changes.push(InstrumentChange {
            number: old.number.clone(),
            change: Change::Removed,
            clauses: compare(old, &nothing(old)),
        });
    }
    changes
}

/// An instrument with the same head that says nothing.
fn nothing(own: &Instrument) -> Instrument {
    Instrument {
        provisions: Vec::new(),
        cases: Vec::new(),
        ..own.clone()
    }
}

fn parameters(old: &Release, new: &Release) -> Vec<ParameterChange> {
    let keys: BTreeSet<&str> = old.parameter_keys().chain(new.parameter_keys()).collect();
    let none = Timeline::default();
    let mut changes = Vec::new();
    for key in keys {
        for issuer in [Issuer::Central, Issuer::Provincial] {
            let of = |release: &Release| {
                release
                    .parameters
                    .get(key)
                    .map(|both| both[issuer_index(issuer)].clone())
                    .unwrap_or_else(|| none.clone())
            };
            changes.extend(stretches(key, issuer, &of(old), &of(new)));
        }
    }
    changes
}

fn stretches(
    key: &str,
    issuer: Issuer,
    old: &Timeline<ParameterValue>,
    new: &Timeline<ParameterValue>,
) -> Vec<ParameterChange> {
    let mut starts: BTreeSet<Option<Month>> = BTreeSet::from([None]);
    for piece in old.pieces().iter().chain(new.pieces()) {
        starts.insert(piece.from);
        starts.extend(piece.to.map(|to| Some(to.next())));
    }
    let starts: Vec<Option<Month>> = starts.into_iter().collect();
    let mut changes: Vec<ParameterChange> = Vec::new();
    for (index, from) in starts.iter().enumerate() {
        let next = starts.get(index + 1).copied().flatten();
        let inside = from.or(next.map(Month::previous)).unwrap_or(Month::MIN);
        let (before, after) = (old.at(inside).map(said), new.at(inside).map(said));
        if before == after {
            continue;
        }
        let to = next.map(Month::previous);
        match changes.last_mut() {
            Some(last) if last.to.map(Month::next) == *from && (&last.before, &last.after) == (&before, &after) => {
                last.to = to;
            }
            _ => changes.push(ParameterChange {
                key: key.to_owned(),
                issuer,
                from: *from,
                to,
                before,
                after,
            }),
        }
    }
    changes
}

fn said(value: &ParameterValue) -> SaidValue {
    SaidValue {
        value: value.value.map(Number),
        unit: value.unit,
        provision: format!("{} {}", value.cite, value.article).trim_end().to_owned(),
        reason: value.reason.as_ref().map(ToString::to_string),
    }
}

fn rules(before: &[RuleSpan<'_>], after: &[RuleSpan<'_>]) -> Vec<RuleChange> {
    let mut earlier: Vec<&RuleSpan<'_>> = before.iter().collect();
    let mut changes = Vec::new();
    let said = |change, span: &RuleSpan<'_>, to_before, to_after| RuleChange {
        change,
        benefit: span.rule.benefit,
        group: span.rule.group.clone(),
        provision: span.provision.to_string(),
        from: span.from,
        to_before,
        to_after,
        fields: Vec::new(),
    };
    for span in after {
        let same = |other: &&RuleSpan<'_>| {
            (
                other.instrument,
                other.rule.benefit,
                &other.rule.group,
                other.rule.setting,
                other.rule.from,
            ) == (
                span.instrument,
                span.rule.benefit,
                &span.rule.group,
                span.rule.setting,
                span.rule.from,
            )
        };
        let Some(place) = earlier.iter().position(same) else {
            changes.push(said(Change::Added, span, None, span.to));
            continue;
        };
        let old = earlier.remove(place);
        let value = |span: &RuleSpan<'_>| serde_json::to_value(span.rule).unwrap_or_default();
        let mut differ = Vec::new();
        fields(&value(old), &value(span), "", &mut differ);
        let ends = span.to.is_some() && old.to.is_none_or(|to| span.to < Some(to));
        if !differ.is_empty() || old.to != span.to {
            let change = if differ.is_empty() && ends {
                Change::Ended
            } else {
                Change::Changed
            };
            changes.push(RuleChange {
                fields: differ,
                ..said(change, span, old.to, span.to)
            });
        }
    }
    changes.extend(
        earlier
            .into_iter()
            .map(|span| said(Change::Removed, span, span.to, None)),
    );
    changes
}
