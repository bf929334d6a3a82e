//! The lines of a rule, each with its clauses and how its amount is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Draft, Placed};
use crate::case_file::{AreaType, Benefit, Setting};
use crate::law::clause::{Clause, Refusal, both};
use crate::law::condition::{Condition, Counted};
use crate::law::finding::FindingCode;
use crate::law::instrument::{Amount, Issuer, Undetermined};
use crate::law::release::{AmountOf, Pays, Variant};

/// Where a group stands when amounts are equal: by issuer, then by number.
type Place<'a> = (Issuer, Vec<(u64, String)>, &'a str);

/// The order in which equal amounts win: central groups by number, provincial ones last.
pub(super) fn ranks(rules: &[Placed<'_>]) -> BTreeMap<String, u16> {
    let mut order: Vec<Place<'_>> = Vec::new();
    for placed in rules {
        let group = placed.rule.group.as_str();
        if !order.iter().any(|(_, _, known)| *known == group) {
            order.push((placed.instrument.issuer, natural(group), group));
        }
    }
    order.sort();
    order
        .into_iter()
        .zip(0u16..)
        .map(|((_, _, group), rank)| (group.to_owned(), rank))
        .collect()
}

fn natural(text: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = vec![(0, String::new())];
    for letter in text.chars() {
        let Some(last) = parts.last_mut() else { break };
        match letter.to_digit(10) {
            Some(digit) if last.1.is_empty() => last.0 = last.0.saturating_mul(10).saturating_add(digit.into()),
            Some(digit) => parts.push((digit.into(), String::new())),
            None => last.1.push(letter),
        }
    }
    parts
}

/// One line of a rule before its conditions are compiled.
struct Line {
    extra: Vec<Condition>,
    amount: AmountOf,
    pays: Pays,
    below: String,
}

fn lines(draft: &mut Draft, placed: &Placed<'_>) -> Result<Vec<Line>, Refusal> {
    let vocabulary = &mut draft.release.vocabulary;
    let simple = |coefficient, of: &[String]| AmountOf {
        coefficient,
        of: of.to_vec(),
        undetermined: None,
    };
    let mut pays = Pays::Once;
    let mut extra = Vec::new();
    if let Some(cared) = placed.rule.for_each {
        pays = Pays::ForEach {
            count: vocabulary.count(Counted::Cared(cared))?,
        };
        extra.push(Condition::Count {
            of: Counted::Cared(cared),
            from: Some(1),
            below: None,
        });
    }
    let line = |more: Option<Condition>, amount: AmountOf, pays: Pays, below: String| {
        let mut extra = extra.clone();
        extra.extend(more);
        Line {
            extra,
            amount,
            pays,
            below,
        }
    };
    Ok(match &placed.rule.amount {
        Amount::Times { coefficient, of } => {
            vec![line(None, simple(Some(coefficient.0), of), pays, "/amount".into())]
        }
        Amount::ByAge { of, brackets } => brackets
            .iter()
            .enumerate()
            .map(|(index, bracket)| {
                let below = format!("/amount/by_age/brackets/{index}");
                line(
                    Some(Condition::Age(bracket.age)),
                    simple(Some(bracket.coefficient.0), of),
                    pays,
                    below,
                )
            })
            .collect(),
        Amount::PerChild {
            coefficient,
            of,
            children,
            at_most,
        } => {
            let counted = Counted::Children(*children);
            let pays = Pays::PerChild {
                count: vocabulary.count(counted)?,
                at_most: at_most.unwrap_or(u8::MAX),
            };
            let one = Condition::Count {
                of: counted,
                from: Some(1),
                below: None,
            };
            vec![line(Some(one), simple(Some(coefficient.0), of), pays, "/amount".into())]
        }
        Amount::Fixed { of } => vec![line(None, simple(None, of), pays, "/amount".into())],
        Amount::FixedByArea { urban, rural } => [(AreaType::Urban, urban, "urban"), (AreaType::Rural, rural, "rural")]
            .into_iter()
            .map(|(area, key, name)| {
                let of = std::slice::from_ref(key);
                line(
                    Some(Condition::Area(area)),
                    simple(None, of),
                    pays,
                    format!("/amount/fixed_by_area/{name}"),
                )
            })
            .collect(),
    })
}

pub(super) fn variants(draft: &mut Draft, (rule, placed): (usize, &Placed<'_>), ranks: &BTreeMap<String, u16>) {
    if let Err((below, refusal)) = try_variants(draft, (rule, placed), ranks) {
        draft.refuse(placed, &below, refusal);
    }
}

fn try_variants(
    draft: &mut Draft,
    (index, placed): (usize, &Placed<'_>),
    ranks: &BTreeMap<String, u16>,
) -> Result<(), (String, Refusal)> {
    let at = |below: &str| {
        let below = below.to_owned();
        move |refusal| (below, refusal)
    };
    let rule = placed.rule;
    let lines = lines(draft, placed).map_err(at("/amount"))?;
    let vocabulary = &mut draft.release.vocabulary;
    let mut base = vocabulary.clauses(&rule.when, true).map_err(at("/when"))?;
    if rule.setting == Setting::Facility && rule.benefit != Benefit::Funeral {
        let inside = vocabulary
            .clauses(&Condition::Setting(Setting::Facility), true)
            .map_err(at("/setting"))?;
        base = both(&base, &inside).map_err(at("/when"))?;
    }
    if !base.iter().any(|clause| vocabulary.possible(clause)) {
        draft.find(
            placed.instrument,
            format!("{}/when", placed.pointer),
            FindingCode::Contradiction,
            String::new(),
        );
        return Ok(());
    }
    let mut determined = base.clone();
    let mut open: Vec<(Vec<Clause>, &Undetermined)> = Vec::new();
    for (position, unknown) in rule.undetermined.iter().enumerate() {
        let pointer = format!("/undetermined/{position}/when");
        let vocabulary = &mut draft.release.vocabulary;
        let inside = vocabulary.clauses(&unknown.when, true).map_err(at(&pointer))?;
        let outside = vocabulary.clauses(&unknown.when, false).map_err(at(&pointer))?;
        open.push((both(&base, &inside).map_err(at(&pointer))?, unknown));
        determined = both(&determined, &outside).map_err(at(&pointer))?;
    }
    for line in &lines {
        let reason = placed.unknown.clone();
        push_variant(draft, (index, placed), ranks, &determined, line, reason).map_err(at(&line.below))?;
    }
    for (clauses, unknown) in open {
        let reason: Arc<str> = (*unknown.reason).into();
        match &unknown.taken_as {
            Some(key) => {
                let amount = AmountOf {
                    coefficient: None,
                    of: vec![key.clone()],
                    undetermined: None,
                };
                let line = Line {
                    extra: Vec::new(),
                    amount,
                    pays: Pays::Once,
                    below: "/undetermined".into(),
                };
                push_variant(draft, (index, placed), ranks, &clauses, &line, Some(reason))
                    .map_err(at("/undetermined"))?;
            }
            None => {
                for line in &lines {
                    let reason = Some(Arc::clone(&reason));
                    push_variant(draft, (index, placed), ranks, &clauses, line, reason).map_err(at("/undetermined"))?;
                }
            }
        }
    }
    Ok(())
}

fn push_variant(
    draft: &mut Draft,
    (index, placed): (usize, &Placed<'_>),
    ranks: &BTreeMap<String, u16>,
    base: &[Clause],
    line: &Line,
    reason: Option<Arc<str>>,
) -> Result<(), Refusal> {
    let rule = placed.rule;
    let mut clauses = base.to_vec();
    for condition in &line.extra {
        let more = draft.release.vocabulary.clauses(condition, true)?;
        clauses = both(&clauses, &more)?;
    }
    clauses.retain(|clause| draft.release.vocabulary.possible(clause));
    if clauses.is_empty() {
        let pointer = format!("{}{}", placed.pointer, line.below);
        draft.find(placed.instrument, pointer, FindingCode::Contradiction, String::new());
        return Ok(());
    }
    let mut in_place_of = 0;
    for group in &rule.in_place_of {
        in_place_of |= draft.release.vocabulary.group(group)?;
    }
    let highest_of = match &rule.highest_of {
        None => 0,
        Some(name) => {
            let sets = &mut draft.release.sets;
            let index = sets.iter().position(|known| known == name).unwrap_or_else(|| {
                sets.push(name.clone());
                sets.len() - 1
            });
            u8::try_from(index + 1).map_err(|_out_of_range| Refusal::TooComplex)?
        }
    };
    let amount = AmountOf {
        undetermined: reason,
        ..line.amount.clone()
    };
    draft.release.variants.push(Variant {
        rule: index,
        benefit: rule.benefit,
        group: (*rule.group).into(),
        group_bit: draft.release.vocabulary.group(&rule.group)?,
        rank: ranks.get(&rule.group).copied().unwrap_or(u16::MAX),
        provision: Arc::clone(&placed.provision),
        issuer: placed.instrument.issuer,
        setting: rule.setting,
        need: clauses.iter().fold(u128::MAX, |need, clause| need & clause.set),
        clauses,
        from: placed.from,
        to: placed.to,
        pays: line.pays,
        highest_of,
        in_place_of,
        amount,
    });
    Ok(())
}
