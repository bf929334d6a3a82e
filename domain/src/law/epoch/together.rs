//! Groups that are paid beside each other, with the months in which they are.

use crate::Month;
use crate::law::compile::Draft;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, RuleEnd, months_of};

/// First month, last month, the bit of a group, and the bits of those beside which it is paid.
pub(super) type TogetherMonths = (Option<Month>, Option<Month>, u64, u64);

struct Pair<'i> {
    number: &'i str,
    article: &'i str,
    months: TogetherMonths,
}

/// Every pair that holds in some month, in order of publication.
pub(super) fn together(draft: &mut Draft, instruments: &[Instrument]) -> Vec<TogetherMonths> {
    let mut list: Vec<Pair<'_>> = Vec::new();
    for instrument in instruments {
        let repealed = instrument.repeals_from().previous();
        for pair in list
            .iter_mut()
            .filter(|pair| instrument.repeals.iter().any(|number| number == pair.number))
        {
            pair.end(repealed);
        }
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, together) in provision.together.iter().enumerate() {
                let Some((from, to)) = months_of(together.from, together.to) else {
                    continue;
                };
                let at = |field: &str| format!("/provisions/{index}/together/{position}/{field}");
                let group = mask(draft, instrument, std::slice::from_ref(&together.group), at("group"));
                let beside = mask(draft, instrument, &together.beside, at("beside"));
                list.push(Pair {
                    number: &instrument.number,
                    article: &provision.article,
                    months: (from, to, group, beside),
                });
            }
        }
        ends(draft, instrument, &mut list);
    }
    let lasting = list.into_iter().map(|pair| pair.months);
    lasting
        .filter(|(from, to, ..)| !matches!((from, to), (Some(from), Some(to)) if to < from))
        .collect()
}

impl Pair<'_> {
    fn end(&mut self, last: Month) {
        let to = &mut self.months.1;
        *to = Some(to.map_or(last, |to| to.min(last)));
    }
}

fn mask(draft: &mut Draft, instrument: &Instrument, names: &[String], pointer: String) -> u64 {
    let mut mask = 0;
    for name in names {
        match draft.release.vocabulary.group(name) {
            Ok(bit) => mask |= bit,
            Err(_) => draft.find(instrument, pointer.clone(), FindingCode::UnknownGroup, name.clone()),
        }
    }
    mask
}

/// Ends the pairs that an instrument names.
fn ends(draft: &mut Draft, instrument: &Instrument, list: &mut Vec<Pair<'_>>) {
    for (index, provision) in instrument.provisions.iter().enumerate() {
        for (position, end) in provision.ends.iter().enumerate() {
            for (place, named) in end.together.iter().enumerate() {
                let pointer = format!("/provisions/{index}/ends/{position}/together/{place}");
                let group = mask(
                    draft,
                    instrument,
                    std::slice::from_ref(&named.group),
                    format!("{pointer}/group"),
                );
                let beside = if named.beside.is_empty() {
                    u64::MAX
                } else {
                    mask(draft, instrument, &named.beside, format!("{pointer}/beside"))
                };
                if !end_pairs(list, end, group, beside) {
                    draft.find(instrument, pointer, FindingCode::NothingToEnd, named.group.clone());
                }
            }
        }
    }
}

/// Ends what is meant of each pair; beside the other groups it goes on.
fn end_pairs(list: &mut Vec<Pair<'_>>, end: &RuleEnd, group: u64, beside: u64) -> bool {
    let mut going_on = Vec::new();
    let mut hit = false;
    for pair in list
        .iter_mut()
        .filter(|pair| pair.number == end.instrument && end.means_article(pair.article))
    {
        let (from, to, own, with) = pair.months;
        let ended = with & beside;
        if own != group || ended == 0 {
            continue;
        }
        hit = true;
        if with & !ended != 0 {
            going_on.push(Pair {
                number: pair.number,
                article: pair.article,
                months: (from, to, own, with & !ended),
            });
        }
        pair.months.3 = ended;
        pair.end(Month::of(end.to));
    }
    list.extend(going_on);
    hit
}
