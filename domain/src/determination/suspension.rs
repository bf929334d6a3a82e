//! Whole months in which nothing is paid out: in detention, never made up; three or more not collected in a row, made
//! up in the month after.

use chrono::NaiveDate;

use super::life::cut;
use super::months::Span;
use crate::Month;
use crate::case_file::{Benefit, CaseFile};
use crate::evidence::EvidenceKind;

/// The fewest months in a row that suspend (TT 02/2021 Art 2(3)(a)).
const SHORTEST_RUN: i32 = 3;

/// Suspends what is paid month by month; arrears of a decision and what is not determined stay as they are.
pub(super) fn suspend(case: &CaseFile, spans: &mut Vec<Span>) {
    if !case
        .evidence
        .iter()
        .any(|e| matches!(e.kind, EvidenceKind::Detained | EvidenceKind::Uncollected))
    {
        return;
    }
    let regular = |span: &Span| span.due.is_none() && span.unknown.is_none() && span.benefit != Benefit::Funeral;
    for (from, to) in whole_months(case, EvidenceKind::Detained) {
        cut(spans, regular, from, to, |_| None);
    }
    for (from, to) in whole_months(case, EvidenceKind::Uncollected) {
        match to {
            Some(to) if to.index() - from.index() + 1 < SHORTEST_RUN => {}
            Some(to) => cut(spans, regular, from, Some(to), |span| {
                Some(Span {
                    due: Some(to.next()),
                    ..*span
                })
            }),
            None => cut(spans, regular, from, None, |_| None),
        }
    }
}

/// The runs of calendar months that entries of a kind cover wholly, together.
fn whole_months(case: &CaseFile, kind: EvidenceKind) -> Vec<(Month, Option<Month>)> {
    let mut days: Vec<(NaiveDate, NaiveDate)> = case
        .evidence
        .iter()
        .filter(|evidence| evidence.kind == kind)
        .map(|evidence| (evidence.from, evidence.to.unwrap_or(NaiveDate::MAX)))
        .collect();
    days.sort_unstable();
    let mut joined: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (from, to) in days {
        match joined.last_mut() {
            Some((_, end)) if end.succ_opt().is_none_or(|next| from <= next) => *end = to.max(*end),
            _ => joined.push((from, to)),
        }
    }
    let months = joined.into_iter().map(|(from, to)| {
        let first = Month::of(from);
        let first = if first.first_day() == from { first } else { first.next() };
        let last = (to < NaiveDate::MAX).then(|| {
            let last = Month::of(to);
            if last.last_day() == to { last } else { last.previous() }
        });
        (first, last)
    });
    months
        .filter(|(first, last)| last.is_none_or(|last| *first <= last))
        .collect()
}
