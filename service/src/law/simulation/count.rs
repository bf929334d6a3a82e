//! Counting what a draft changes, person by person, in parts that add up whatever their order.

use std::collections::BTreeMap;

use domain::Month;
use domain::case_file::Benefit;
use domain::determination::Determination;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::frame::{Frame, ReplayedMonths, length, place};
use super::result::{Change, Example, Owed};

/// How many examples of each kind of change are kept: those that change most.
const EXAMPLES: usize = 5;

/// Heads and đồng, now and under the draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[i64; 4]", into = "[i64; 4]")]
pub(super) struct Line {
    pub(super) heads_now: i64,
    pub(super) heads_draft: i64,
    pub(super) now: i64,
    pub(super) draft: i64,
}

impl From<[i64; 4]> for Line {
    fn from([heads_now, heads_draft, now, draft]: [i64; 4]) -> Self {
        Self {
            heads_now,
            heads_draft,
            now,
            draft,
        }
    }
}

impl From<Line> for [i64; 4] {
    fn from(line: Line) -> Self {
        [line.heads_now, line.heads_draft, line.now, line.draft]
    }
}

impl Line {
    /// One person's money.
    fn of(now: i64, draft: i64) -> Self {
        Self {
            heads_now: i64::from(now > 0),
            heads_draft: i64::from(draft > 0),
            now,
            draft,
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.heads_now += other.heads_now;
        self.heads_draft += other.heads_draft;
        self.now += other.now;
        self.draft += other.draft;
    }
}

/// Adds a row of months to another; the first is as long as the second then.
pub(super) fn add_months(sum: &mut Vec<Line>, row: &[Line]) {
    if sum.len() < row.len() {
        sum.resize(row.len(), Line::default());
    }
    for (sum, line) in sum.iter_mut().zip(row) {
        sum.add(*line);
    }
}

/// An area: every counted month, and the twelve months that are cut by group too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AreaCount {
    pub(super) months: Vec<Line>,
    pub(super) groups: BTreeMap<String, BTreeMap<String, Vec<Line>>>,
}

/// What was counted of some people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) people: i64,
    pub(super) areas: BTreeMap<String, AreaCount>,
    pub(super) gainers: Change,
    pub(super) losers: Change,
    pub(super) entrants: Change,
    pub(super) leavers: Change,
    pub(super) unchanged: i64,
    pub(super) undetermined_now: i64,
    pub(super) undetermined_draft: i64,
    pub(super) arrears: Owed,
    pub(super) potential_overpayments: Owed,
    /// By month already paid: owed in addition, and paid too much.
    pub(super) paid_months: BTreeMap<Month, (i64, i64)>,
    pub(super) replay: Vec<Line>,
}

/// A person with what the law makes of it.
pub(super) struct Judged<'d> {
    pub(super) person_id: Uuid,
    pub(super) area_id: &'d str,
    pub(super) now: &'d Determination,
    pub(super) draft: &'d Determination,
    /// Under the draft as though it had come earlier.
    pub(super) replayed: Option<&'d Determination>,
}

/// Đồng of one person by month, in all and by benefit and group.
struct Spread<'d> {
    total: Vec<i64>,
    groups: Vec<((Benefit, &'d str), Vec<i64>)>,
}

impl<'d> Spread<'d> {
    /// What each month brings by the rules of that month; what is made up for later belongs to no month here.
    fn of(determination: &'d Determination, stretch: (Month, Month)) -> Self {
        let months = length(stretch);
        let mut spread = Self {
            total: vec![0; months],
            groups: Vec::new(),
        };
        for period in &determination.periods {
            let mut from = period.from.max(stretch.0);
            let mut to = period.to.map_or(stretch.1, |to| to.min(stretch.1));
            if let Some(due) = period.due {
                // Only what falls due in the month it is for.
                from = from.max(due);
                to = to.min(due);
            }
            let (Some(start), Some(end)) = (place(stretch.0, from), place(stretch.0, to.next())) else {
                continue;
            };
            if start >= end {
                continue;
            }
            let key = (period.benefit, &*period.group);
            let at = spread.groups.iter().position(|(own, _)| *own == key);
            let at = at.unwrap_or_else(|| {
                spread.groups.push((key, vec![0; months]));
                spread.groups.len() - 1
            });
            let dong = period.amount.dong();
            let own = spread.groups.get_mut(at).and_then(|(_, row)| row.get_mut(start..end));
            let all = spread.total.get_mut(start..end);
            for amount in own.into_iter().chain(all).flatten() {
                *amount += dong;
            }
        }
        spread
    }

    fn group(&self, key: (Benefit, &str)) -> Option<&[i64]> {
        let mut own = self.groups.iter().filter(|(own, _)| *own == key);
        own.next().map(|(_, row)| row.as_slice())
    }

    fn names(&self, at: usize) -> String {
        let paid = self
            .groups
            .iter()
            .filter(|(_, row)| row.get(at).is_some_and(|dong| *dong != 0));
        let names: Vec<&str> = paid.map(|((_, group), _)| *group).collect();
        names.join(" + ")
    }
}

fn lines<'a>(now: &'a [i64], draft: &'a [i64]) -> impl Iterator<Item = Line> + 'a {
    now.iter().zip(draft).map(|(now, draft)| Line::of(*now, *draft))
}

impl Part {
    /// Counts a person; true if anything changes for it in the counted months or in those already paid.
    pub(super) fn count(&mut self, frame: &Frame, replay: Option<&ReplayedMonths>, person: &Judged<'_>) -> bool {
        self.people += 1;
        let stretch = (frame.from, frame.to);
        let (now, draft) = (Spread::of(person.now, stretch), Spread::of(person.draft, stretch));
        self.by_area(frame, person.area_id, &now, &draft);
        let mut changed = now.total != draft.total || now.groups != draft.groups;
        self.compare(frame, person, &now, &draft);
        if let Some(paid) = frame.paid()
            && person.now != person.draft
        {
            changed |= self.differences(paid, person);
        }
        let open = |determination: &Determination| {
            let holes = determination.undetermined.iter();
            let mut holes = holes.filter(|hole| hole.from <= frame.to);
            holes.any(|hole| hole.to.is_none_or(|to| to >= frame.compared))
        };
        self.undetermined_now += i64::from(open(person.now));
        self.undetermined_draft += i64::from(open(person.draft));
        if let (Some(replay), Some(replayed)) = (replay, person.replayed) {
            let stretch = (replay.from, replay.to);
            let (now, draft) = (Spread::of(person.now, stretch), Spread::of(replayed, stretch));
            let row: Vec<Line> = lines(&now.total, &draft.total).collect();
            add_months(&mut self.replay, &row);
        }
        changed
    }

    fn by_area(&mut self, frame: &Frame, area_id: &str, now: &Spread<'_>, draft: &Spread<'_>) {
        if now.groups.is_empty() && draft.groups.is_empty() {
            return;
        }
        if !self.areas.contains_key(area_id) {
            self.areas.insert(area_id.to_owned(), AreaCount::default());
        }
        let Some(area) = self.areas.get_mut(area_id) else {
            return;
        };
        let row: Vec<Line> = lines(&now.total, &draft.total).collect();
        add_months(&mut area.months, &row);
        let (skipped, kept) = (place(frame.from, frame.compared).unwrap_or(0), length(frame.cut()));
        let nothing = vec![0; now.total.len()];
        let added = draft.groups.iter().filter(|(key, _)| now.group(*key).is_none());
        for ((benefit, group), _) in now.groups.iter().chain(added) {
            let of = |spread: &Spread<'_>| spread.group((*benefit, group)).map(<[i64]>::to_vec);
            let (before, after) = (of(now), of(draft));
            let row: Vec<Line> = lines(before.as_ref().unwrap_or(&nothing), after.as_ref().unwrap_or(&nothing))
                .skip(skipped)
                .take(kept)
                .collect();
            if row.iter().any(|line| *line != Line::default()) {
                let of_benefit = area.groups.entry(benefit.code().to_owned()).or_default();
                add_months(of_benefit.entry((*group).to_owned()).or_default(), &row);
            }
        }
    }

    /// Puts a person among those who gain, lose, enter, leave or stay, by the month of comparison.
    fn compare(&mut self, frame: &Frame, person: &Judged<'_>, now: &Spread<'_>, draft: &Spread<'_>) {
        let at = place(frame.from, frame.compared).unwrap_or(0);
        let of = |spread: &Spread<'_>| spread.total.get(at).copied().unwrap_or(0);
        let (before, after) = (of(now), of(draft));
        let change = match (before, after) {
            (before, after) if before == after => {
                self.unchanged += 1;
                return;
            }
            (0, _) => &mut self.entrants,
            (_, 0) => &mut self.leavers,
            (before, after) if after > before => &mut self.gainers,
            _ => &mut self.losers,
        };
        change.people += 1;
        change.dong += after - before;
        let moved = (after - before).abs();
        if change.examples.len() < EXAMPLES || change.examples.last().is_some_and(|last| moved >= last.moved()) {
            change.examples.push(Example {
                person_id: person.person_id,
                area_id: person.area_id.to_owned(),
                groups_now: now.names(at),
                groups_draft: draft.names(at),
                now: before,
                draft: after,
            });
            trim(&mut change.examples);
        }
    }

    /// What months already paid owe in addition, and what they were paid too much: by benefit, component and month,
    /// plus and minus kept gross. True if there is any.
    fn differences(&mut self, paid: (Month, Month), person: &Judged<'_>) -> bool {
        let now = fallen_due(person.now, paid);
        let mut rows = fallen_due(person.draft, paid);
        for (key, row) in now {
            let at = rows.iter().position(|(own, _)| *own == key);
            let at = at.unwrap_or_else(|| {
                rows.push((key, vec![0; row.len()]));
                rows.len() - 1
            });
            if let Some((_, draft)) = rows.get_mut(at) {
                for (draft, now) in draft.iter_mut().zip(row) {
                    *draft -= now;
                }
            }
        }
        let (mut plus, mut minus) = (0, 0);
        for (_, row) in &rows {
            for (month, difference) in paid
                .0
                .through(paid.1)
                .zip(row)
                .filter(|(_, difference)| **difference != 0)
            {
                let (added, taken) = (*difference.max(&0), -*difference.min(&0));
                let known = self.paid_months.entry(month).or_default();
                *known = (known.0 + added, known.1 + taken);
                plus += added;
                minus += taken;
            }
        }
        for (owed, dong) in [(&mut self.arrears, plus), (&mut self.potential_overpayments, minus)] {
            owed.people += i64::from(dong > 0);
            owed.dong += dong;
        }
        plus + minus > 0
    }

    /// Adds another part.
    pub(super) fn merge(&mut self, other: Self) {
        self.people += other.people;
        for (area_id, more) in other.areas {
            let area = self.areas.entry(area_id).or_default();
            add_months(&mut area.months, &more.months);
            for (benefit, groups) in more.groups {
                let known = area.groups.entry(benefit).or_default();
                for (group, row) in groups {
                    add_months(known.entry(group).or_default(), &row);
                }
            }
        }
        for (sum, more) in [
            (&mut self.gainers, other.gainers),
            (&mut self.losers, other.losers),
            (&mut self.entrants, other.entrants),
            (&mut self.leavers, other.leavers),
        ] {
            sum.people += more.people;
            sum.dong += more.dong;
            sum.examples.extend(more.examples);
            trim(&mut sum.examples);
        }
        self.unchanged += other.unchanged;
        self.undetermined_now += other.undetermined_now;
        self.undetermined_draft += other.undetermined_draft;
        for (sum, more) in [
            (&mut self.arrears, other.arrears),
            (&mut self.potential_overpayments, other.potential_overpayments),
        ] {
            sum.people += more.people;
            sum.dong += more.dong;
        }
        for (month, (plus, minus)) in other.paid_months {
            let known = self.paid_months.entry(month).or_default();
            *known = (known.0 + plus, known.1 + minus);
        }
        add_months(&mut self.replay, &other.replay);
    }
}

/// The largest changes first; of equal ones those of the lowest ids, whatever was counted first.
fn trim(examples: &mut Vec<Example>) {
    examples.sort_by_key(|example| (-example.moved(), example.person_id));
    examples.truncate(EXAMPLES);
}

type Component<'d> = (Benefit, &'d str);

/// Đồng by benefit, component and month of what has fallen due by the last month of the stretch.
fn fallen_due(determination: &Determination, stretch: (Month, Month)) -> Vec<(Component<'_>, Vec<i64>)> {
    let mut rows: Vec<(Component<'_>, Vec<i64>)> = Vec::new();
    for period in &determination.periods {
        let from = period.from.max(stretch.0);
        let to = period.to.map_or(stretch.1, |to| to.min(stretch.1));
        let late = period.due.is_some_and(|due| due > stretch.1);
        let (Some(start), Some(end)) = (place(stretch.0, from), place(stretch.0, to.next())) else {
            continue;
        };
        if late || start >= end {
            continue;
        }
        let key = (period.benefit, period.component.as_str());
        let at = rows.iter().position(|(own, _)| *own == key);
        let at = at.unwrap_or_else(|| {
            rows.push((key, vec![0; length(stretch)]));
            rows.len() - 1
        });
        let row = rows.get_mut(at).and_then(|(_, row)| row.get_mut(start..end));
        for amount in row.into_iter().flatten() {
            *amount += period.amount.dong();
        }
    }
    rows
}
