//! A case file cut into stretches of days without any change of fact.

use chrono::{Datelike, NaiveDate};

use crate::area;
use crate::case_file::{CaseFile, Jurisdiction, Place, Setting};
use crate::evidence::{Evidence, EvidenceKind, EvidenceValue};
use crate::law::clause::MOST_COUNTS;
use crate::law::release::{Release, area_index};
use crate::law::{Cared, Children, Counted};

/// Days without a change. `bits` holds everything but the type of the area and the limits of pensions, which depend
/// on the month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) bits: u128,
    /// The sum of the pensions; none without any.
    pub(super) pension: Option<i64>,
    pub(super) counts: [u8; MOST_COUNTS],
    /// The place in [`Facts::stays`]; none outside the province.
    pub(super) stay: Option<usize>,
}

/// A residence, resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stay {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) setting: Setting,
    /// The bit of the type of the area in each epoch of the area table.
    pub(super) area: [u128; 3],
}

/// Days on which someone counts for a count: a child, or the entry of a person cared for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counting {
    pub(super) count: u8,
    pub(super) entry: usize,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
}

#[derive(Clone, Copy, Debug)]
struct Fact {
    from: NaiveDate,
    to: NaiveDate,
    bits: u128,
    pension: Option<i64>,
}

/// The stretches of one person, with buffers kept from person to person.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) stretches: Vec<Stretch>,
    pub(super) stays: Vec<Stay>,
    pub(super) counting: Vec<Counting>,
    facts: Vec<Fact>,
    cuts: Vec<NaiveDate>,
}

/// The day on which someone reaches an age; one born on 29 February reaches it on 1 March in other years.
pub(super) fn birthday(born: NaiveDate, age: u8) -> NaiveDate {
    let year = born.year().saturating_add(age.into());
    NaiveDate::from_ymd_opt(year, born.month(), born.day())
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
        .unwrap_or(NaiveDate::MAX)
}

fn before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(NaiveDate::MIN)
}

fn after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}

impl Facts {
    /// Reads a case file under the bits of a release.
    pub(super) fn read(&mut self, case: &CaseFile, release: &Release) {
        self.stretches.clear();
        self.stays.clear();
        self.counting.clear();
        self.facts.clear();
        self.cuts.clear();
        self.read_stays(case, release);
        let Some(first) = self.stays.first() else { return };
        let last_day = self.stays.iter().map(|stay| stay.to).max().unwrap_or(NaiveDate::MAX);
        let (start, end) = (first.from, last_day);
        for (index, evidence) in case.evidence.iter().enumerate() {
            self.read_evidence(case, release, index, evidence);
        }
        self.cut(case, release, start, end);
        let mut from = start;
        let mut reached = 0;
        let ages = &release.bits.ages;
        while from <= end {
            let next = self
                .cuts
                .iter()
                .copied()
                .find(|cut| *cut > from)
                .unwrap_or(NaiveDate::MAX);
            let to = if next == NaiveDate::MAX {
                end
            } else {
                before(next).min(end)
            };
            while ages
                .get(reached)
                .is_some_and(|age| birthday(case.birth_date.day, *age) <= from)
            {
                reached += 1;
            }
            let by_age = release.bits.by_age.get(reached).copied().unwrap_or(0);
            self.push(release, from, to, by_age);
            if to >= end || to == NaiveDate::MAX {
                break;
            }
            from = after(to);
        }
    }

    fn read_stays(&mut self, case: &CaseFile, release: &Release) {
        let last = case.death_date.unwrap_or(NaiveDate::MAX);
        for residence in &case.residences {
            let from = residence.from.max(case.birth_date.day);
            let to = residence.to.unwrap_or(NaiveDate::MAX).min(last);
            if from > to {
                continue;
            }
            let needs_area = release.bits.has_area && case.jurisdiction == Jurisdiction::QuangNinh;
            let area = match &residence.place {
                Place::Type(area_type) => [release.bits.area[area_index(*area_type)]; 3],
                Place::Area(code) if needs_area => area::table()
                    .types(code, residence.from)
                    .map(|kind| kind.map_or(0, |kind| release.bits.area[area_index(kind)])),
                Place::Area(_) => [0; 3],
            };
            self.stays.push(Stay {
                from,
                to,
                setting: residence.setting,
                area,
            });
        }
        self.stays.sort_by_key(|stay| (stay.from, stay.to));
    }

    fn read_evidence(&mut self, case: &CaseFile, release: &Release, index: usize, evidence: &Evidence) {
        let (from, to) = (evidence.from, evidence.to.unwrap_or(NaiveDate::MAX));
        let bits = &release.bits;
        let mut fact = Fact {
            from,
            to,
            bits: bits.any.get(&evidence.kind).copied().unwrap_or(0),
            pension: None,
        };
        match &evidence.value {
            EvidenceValue::True => {}
            EvidenceValue::Word(word) => {
                let meant = bits
                    .words
                    .iter()
                    .filter(|(kind, text, _)| *kind == evidence.kind && text == word);
                fact.bits |= meant.fold(0, |all, (_, _, bit)| all | bit);
            }
            EvidenceValue::Amount(amount) => fact.pension = Some(amount.dong()),
            EvidenceValue::Child(child) => {
                self.count(
                    release,
                    index,
                    (from.max(child.birth_date), to),
                    |counted| match counted {
                        Counted::Children(children) => {
                            Some(child_days(child.birth_date, child.studying_until, children))
                        }
                        Counted::Cared(_) => None,
                    },
                );
            }
            EvidenceValue::Cared(cared) => {
                self.count(
                    release,
                    index,
                    (from.max(cared.birth_date), to),
                    |counted| match counted {
                        Counted::Cared(meant)
                            if (meant.condition, meant.relation) == (cared.condition, cared.relation) =>
                        {
                            Some((age_days(cared.birth_date, meant), None))
                        }
                        _ => None,
                    },
                );
            }
        }
        for (kind, age, bit) in &bits.began {
            if *kind == evidence.kind && began(case, evidence) < birthday(case.birth_date.day, *age) {
                fact.bits |= bit;
            }
        }
        if fact.bits != 0 || fact.pension.is_some() {
            self.facts.push(fact);
        }
    }

    fn count(
        &mut self,
        release: &Release,
        entry: usize,
        span: (NaiveDate, NaiveDate),
        days: impl Fn(&Counted) -> Option<Days>,
    ) {
        for (count, counted) in (0u8..).zip(&release.vocabulary.counts) {
            let Some((first, second)) = days(counted) else { continue };
            for (from, to) in std::iter::once(first).chain(second) {
                let (from, to) = (from.max(span.0), to.min(span.1));
                if from <= to {
                    self.counting.push(Counting { count, entry, from, to });
                }
            }
        }
    }

    fn cut(&mut self, case: &CaseFile, release: &Release, start: NaiveDate, end: NaiveDate) {
        let cuts = &mut self.cuts;
        cuts.extend(release.bits.ages.iter().map(|age| birthday(case.birth_date.day, *age)));
        for (from, to) in self
            .facts
            .iter()
            .map(|fact| (fact.from, fact.to))
            .chain(self.counting.iter().map(|counting| (counting.from, counting.to)))
            .chain(self.stays.iter().map(|stay| (stay.from, stay.to)))
        {
            cuts.push(from);
            if to < NaiveDate::MAX {
                cuts.push(after(to));
            }
        }
        cuts.retain(|cut| start < *cut && *cut <= end && *cut < NaiveDate::MAX);
        cuts.sort_unstable();
        cuts.dedup();
    }

    fn push(&mut self, release: &Release, from: NaiveDate, to: NaiveDate, by_age: u128) {
        let covers = |first: NaiveDate, last: NaiveDate| first <= from && from <= last;
        let stay = self.stays.iter().rposition(|stay| covers(stay.from, stay.to));
        let mut stretch = Stretch {
            from,
            to,
            bits: by_age,
            pension: None,
            counts: [0; MOST_COUNTS],
            stay,
        };
        for fact in self.facts.iter().filter(|fact| covers(fact.from, fact.to)) {
            stretch.bits |= fact.bits;
            if let Some(amount) = fact.pension {
                stretch.pension = Some(stretch.pension.unwrap_or(0).saturating_add(amount));
            }
        }
        for counting in self
            .counting
            .iter()
            .filter(|counting| covers(counting.from, counting.to))
        {
            if let Some(number) = stretch.counts.get_mut(usize::from(counting.count)) {
                *number = number.saturating_add(1);
            }
        }
        for (place, least, outside, bit) in &release.bits.counts {
            let number = stretch.counts.get(*place).copied().unwrap_or(0);
            if number >= *least && outside.is_none_or(|outside| number < outside) {
                stretch.bits |= bit;
            }
        }
        if let Some(stay) = stay.and_then(|index| self.stays.get(index)) {
            stretch.bits |= release.bits.setting[usize::from(stay.setting == Setting::Facility)];
        }
        self.stretches.push(stretch);
    }

    /// The place of the stretch of a day, looking from a place on.
    pub(super) fn place_of(&self, day: NaiveDate, from: usize) -> usize {
        let mut place = from;
        while self.stretches.get(place).is_some_and(|stretch| stretch.to < day) && place + 1 < self.stretches.len() {
            place += 1;
        }
        place
    }
}

type Days = ((NaiveDate, NaiveDate), Option<(NaiveDate, NaiveDate)>);

fn child_days(born: NaiveDate, studying_until: Option<NaiveDate>, children: &Children) -> Days {
    let grown = birthday(born, children.below);
    let young = (born, before(grown));
    let studying = children
        .studying_below
        .zip(studying_until)
        .map(|(age, until)| (grown, until.min(before(birthday(born, age)))));
    (young, studying)
}

fn age_days(born: NaiveDate, cared: &Cared) -> (NaiveDate, NaiveDate) {
    let age = cared.age.unwrap_or_default();
    let from = age.from.map_or(born, |from| birthday(born, from));
    let to = age.below.map_or(NaiveDate::MAX, |below| before(birthday(born, below)));
    (from, to)
}

/// The first day of the unbroken run of entries of one kind to which an entry belongs.
fn began(case: &CaseFile, evidence: &Evidence) -> NaiveDate {
    let same = |kind: EvidenceKind| case.evidence.iter().filter(move |other| other.kind == kind);
    let mut start = evidence.from;
    while let Some(earlier) = same(evidence.kind)
        .filter(|other| other.from < start && other.to.is_none_or(|to| after(to) >= start))
        .map(|other| other.from)
        .min()
    {
        start = earlier;
    }
    start
}
