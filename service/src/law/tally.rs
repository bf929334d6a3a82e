//! Counting what a draft changes, person by person.

use std::collections::BTreeMap;

use domain::Month;
use domain::determination::Determination;
use serde::{Deserialize, Serialize};

/// Money and heads of one month, area or group, now and under the draft.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// People with money now.
    pub heads_now: i64,
    /// People with money under the draft.
    pub heads_draft: i64,
    /// Đồng now.
    pub now: i64,
    /// Đồng under the draft.
    pub draft: i64,
}

impl Line {
    fn add(&mut self, now: i64, draft: i64) {
        self.heads_now += i64::from(now > 0);
        self.heads_draft += i64::from(draft > 0);
        self.now += now;
        self.draft += draft;
    }
}

/// One person as an example of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Example {
    /// The person.
    pub person_id: uuid::Uuid,
    /// Đồng now in the first month of effect.
    pub now: i64,
    /// Đồng under the draft.
    pub draft: i64,
}

/// People whose money changes in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    /// How many.
    pub people: i64,
    /// By how many đồng a month in all.
    pub dong: i64,
    /// A few of them.
    pub examples: Vec<Example>,
}

const EXAMPLES: usize = 5;

impl Change {
    fn add(&mut self, person_id: uuid::Uuid, now: i64, draft: i64) {
        self.people += 1;
        self.dong += draft - now;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example { person_id, now, draft });
        }
    }
}

/// The result of a simulation. Money is đồng.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Tally {
    /// The first month of effect, by which people are compared.
    pub first_month: String,
    /// How many people were determined.
    pub people: i64,
    /// Twelve months from the first.
    pub by_month: BTreeMap<String, Line>,
    /// The first month, by area.
    pub by_area: BTreeMap<String, Line>,
    /// The first month, by benefit and group.
    pub by_group: BTreeMap<String, Line>,
    /// More than now.
    pub gainers: Change,
    /// Less than now, but something.
    pub losers: Change,
    /// Nothing now, something under the draft.
    pub entrants: Change,
    /// Something now, nothing under the draft.
    pub leavers: Change,
    /// The same.
    pub unchanged: i64,
    /// People for whom the law does not say, under the draft.
    pub undetermined: i64,
    /// Months before the first month of a run still to come, owed under the draft and not now.
    pub arrears: i64,
    /// The reverse.
    pub potential_overpayments: i64,
}

/// Regular money of a month by benefit and group.
fn of_month(determination: &Determination, month: Month) -> BTreeMap<String, i64> {
    let mut amounts = BTreeMap::new();
    for period in &determination.periods {
        let inside = period.from <= month && period.to.is_none_or(|to| month <= to);
        if inside && period.due.is_none_or(|due| due == month) {
            let key = format!("{} {}", period.benefit.code(), period.group);
            *amounts.entry(key).or_insert(0) += period.amount.dong();
        }
    }
    amounts
}

fn total(determination: &Determination, month: Month) -> i64 {
    of_month(determination, month).values().sum()
}

impl Tally {
    /// An empty tally for a draft that takes effect in `first`.
    pub(super) fn new(first: Month) -> Self {
        Self {
            first_month: first.to_string(),
            ..Self::default()
        }
    }

    /// Counts a person. `taken` is the last month whose money was paid already.
    pub(super) fn add(
        &mut self,
        person_id: uuid::Uuid,
        area: &str,
        (now, draft): (&Determination, &Determination),
        first: Month,
        taken: Month,
    ) {
        self.people += 1;
        for month in first.through(first.plus(11)) {
            self.by_month
                .entry(month.to_string())
                .or_default()
                .add(total(now, month), total(draft, month));
        }
        let (groups_now, groups_draft) = (of_month(now, first), of_month(draft, first));
        let (before, after) = (groups_now.values().sum(), groups_draft.values().sum());
        self.by_area.entry(area.to_owned()).or_default().add(before, after);
        for group in groups_now
            .keys()
            .chain(groups_draft.keys().filter(|group| !groups_now.contains_key(*group)))
        {
            let of = |amounts: &BTreeMap<String, i64>| amounts.get(group).copied().unwrap_or(0);
            self.by_group
                .entry(group.clone())
                .or_default()
                .add(of(&groups_now), of(&groups_draft));
        }
        match (before, after) {
            (before, after) if before == after => self.unchanged += 1,
            (0, _) => self.entrants.add(person_id, before, after),
            (_, 0) => self.leavers.add(person_id, before, after),
            (before, after) if after > before => self.gainers.add(person_id, before, after),
            _ => self.losers.add(person_id, before, after),
        }
        self.undetermined += i64::from(!draft.undetermined.is_empty());
        for month in first.through(taken) {
            let difference = total(draft, month) - total(now, month);
            if difference > 0 {
                self.arrears += difference;
            } else {
                self.potential_overpayments -= difference;
            }
        }
    }
}
