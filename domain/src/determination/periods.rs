//! Equal neighbours joined into decision periods.

use std::sync::Arc;

use super::choose::{Line, NOBODY};
use super::life::Life;
use super::months::Span;
use super::{Determination, Kind, Period, Undetermined};
use crate::case_file::{Benefit, CaseFile};
use crate::evidence::EvidenceValue;
use crate::{Month, Vnd};

/// The first month with a standard (NĐ 136/2013 Art 4(1)).
fn first_month() -> Month {
    Month::new(2015, 1).unwrap_or(Month::MIN)
}

/// What the spans of a life come to.
pub(super) fn determination(life: &Life<'_>, case: &CaseFile) -> Determination {
    let mut periods: Vec<Period> = Vec::with_capacity(life.spans.len());
    let mut entries: Vec<usize> = Vec::with_capacity(life.spans.len());
    let mut unknown: Vec<Undetermined> = Vec::new();
    for span in &life.spans {
        if let Some(reason) = span
            .unknown
            .and_then(|index| life.release.reasons.get(usize::from(index)))
        {
            add_unknown(&mut unknown, span, reason);
            continue;
        }
        for line in life.lines.get(span.lines.0..span.lines.1).unwrap_or_default() {
            add(life, case, (&mut periods, &mut entries), span, line);
        }
    }
    periods.sort_unstable();
    unknown.sort_unstable();
    let start = first_month();
    let mut determination = Determination {
        periods,
        ..Determination::default()
    };
    for hole in unknown {
        if hole.from < start {
            let to = Some(hole.to.map_or(start.previous(), |to| to.min(start.previous())));
            determination.before_2015.push(Undetermined { to, ..hole.clone() });
        }
        if hole.to.is_none_or(|to| to >= start) {
            determination.undetermined.push(Undetermined {
                from: hole.from.max(start),
                ..hole
            });
        }
    }
    determination
}

fn add_unknown(unknown: &mut Vec<Undetermined>, span: &Span, reason: &Arc<str>) {
    match unknown.last_mut() {
        Some(last)
            if last.benefit == span.benefit
                && last.reason == *reason
                && last.to.map(Month::next) == Some(span.from) =>
        {
            last.to = span.to;
        }
        _ => unknown.push(Undetermined {
            benefit: span.benefit,
            from: span.from,
            to: span.to,
            reason: Arc::clone(reason),
        }),
    }
}

fn add(
    life: &Life<'_>,
    case: &CaseFile,
    (periods, entries): (&mut Vec<Period>, &mut Vec<usize>),
    span: &Span,
    line: &Line,
) {
    let Some(variant) = life.release.variants.get(usize::from(line.variant)) else {
        return;
    };
    let same = |period: &Period, entry: usize| {
        period.to.is_some_and(|to| to.next() == span.from)
            && period.amount.dong() == line.amount
            && period.due == span.due
            && entry == line.entry
            && period.group == variant.group
            && period.provision == variant.provision
    };
    let tail = periods
        .iter_mut()
        .zip(entries.iter())
        .rev()
        .take_while(|(period, _)| period.benefit == span.benefit);
    for (period, entry) in tail {
        if same(period, *entry) {
            period.to = span.to;
            return;
        }
    }
    periods.push(Period {
        benefit: span.benefit,
        component: component(case, line.entry),
        from: span.from,
        to: span.to,
        kind: match (span.benefit, span.due) {
            (Benefit::Funeral, _) => Kind::OneOff,
            (_, Some(_)) => Kind::Arrears,
            (_, None) => Kind::Regular,
        },
        due: span.due,
        group: Arc::clone(&variant.group),
        amount: Vnd::new(line.amount).unwrap_or(Vnd::MAX),
        provision: Arc::clone(&variant.provision),
    });
    entries.push(line.entry);
}

/// The key of a person cared for: the day of birth, with a number where several born that day are cared for at once. It
/// goes into lines, lists and files, and says nothing of who that person is in the registry.
pub(super) fn component(case: &CaseFile, entry: usize) -> String {
    if entry == NOBODY {
        return String::new();
    }
    let born = |index: usize| match case.evidence.get(index).map(|evidence| &evidence.value) {
        Some(EvidenceValue::Cared(cared)) => Some(cared.birth_date),
        _ => None,
    };
    let Some(birth_date) = born(entry) else {
        return String::new();
    };
    let mut twins: Vec<usize> = (0..case.evidence.len())
        .filter(|index| born(*index) == Some(birth_date))
        .collect();
    twins.sort_by_key(|index| case.evidence.get(*index).map(|evidence| (evidence.from, evidence.to)));
    let mut ends = Vec::new();
    for index in twins {
        let Some(evidence) = case.evidence.get(index) else {
            continue;
        };
        let free = ends
            .iter()
            .position(|end: &Option<chrono::NaiveDate>| end.is_some_and(|end| end < evidence.from));
        let number = free.unwrap_or(ends.len());
        match ends.get_mut(number) {
            Some(end) => *end = evidence.to,
            None => ends.push(evidence.to),
        }
        if index == entry {
            return if number == 0 {
                birth_date.to_string()
            } else {
                format!("{birth_date}/{}", number + 1)
            };
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_of_a_person_cared_for_is_a_day_of_birth_and_no_id() {
        let cared = |born: &str, relation: &str| {
            json!({"kind": "caring_for", "from": "2022-01-01",
                "value": {"birth_date": born, "condition": "particularly_severe", "relation": relation}})
        };
        let case = json!({"id": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e", "jurisdiction": "22",
            "birth_date": "1980-05-01", "sex": "female",
            "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [cared("1950-06-20", "taken_in"), cared("1990-06-20", "own_family"),
                cared("1990-06-20", "taken_in")]});
        let case = CaseFile::from_value(&case).unwrap();
        let mut keys: Vec<String> = (0..case.evidence.len()).map(|entry| component(&case, entry)).collect();
        keys.sort();
        assert_eq!(keys, ["1950-06-20", "1990-06-20", "1990-06-20/2"]);
        assert_eq!(component(&case, NOBODY), "", "one's own");
    }
}
