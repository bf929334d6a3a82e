//! Counting against the calculator, person by person, and parts that add up in any order.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::Month;
use domain::case_file::{CaseFile, Place};
use domain::determination::{Determination, Determiner};
use domain::law::{Release, catalogue, moved_back};
use domain::province::{self, SyntheticPerson};
use proptest::prelude::*;

use super::budget;
use super::count::{Judged, Part};
use super::frame::{Frame, ReplayedMonths};
use super::result::{Replay, SimulationResult};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// The law before the resolution of 23/9/2024, with it, and with it two years earlier.
fn laws() -> [Release; 3] {
    let all = catalogue();
    let place = all.iter().position(|own| own.cite == "NQ 23/9/2024").unwrap();
    let with = |own| {
        let mut instruments = all[..place].to_vec();
        instruments.push(own);
        Release::compile(2, &instruments).unwrap()
    };
    [
        Release::compile(1, &all[..place]).unwrap(),
        with(all[place].clone()),
        with(moved_back(&all[place], 24)),
    ]
}

struct Town {
    people: Vec<SyntheticPerson>,
    determined: Vec<[Determination; 3]>,
    laws: [Release; 3],
}

fn town(people: usize) -> Town {
    let laws = laws();
    let people: Vec<SyntheticPerson> = province::generate(people, 7).collect();
    let mut all = [0, 1, 2].map(|law: usize| Determiner::new(&laws[law]));
    let determined = people
        .iter()
        .map(|own| [0, 1, 2].map(|law: usize| all[law].determine(&own.case_file)))
        .collect();
    drop(all);
    Town {
        people,
        determined,
        laws,
    }
}

fn shared() -> &'static Town {
    static TOWN: OnceLock<Town> = OnceLock::new();
    TOWN.get_or_init(|| town(300))
}

fn area(case: &CaseFile) -> &str {
    match &case.residences.last().unwrap().place {
        Place::Area(code) => code,
        Place::Type(_) => "",
    }
}

impl Town {
    fn count(&self, frame: &Frame, replay: &ReplayedMonths, which: impl Iterator<Item = usize>) -> Part {
        let mut part = Part::default();
        for place in which {
            let [now, draft, replayed] = &self.determined[place];
            let judged = Judged {
                person_id: self.people[place].id,
                area_id: area(&self.people[place].case_file),
                now,
                draft,
                replayed: Some(replayed),
            };
            part.count(frame, Some(replay), &judged);
        }
        part
    }

    /// What the calculator says falls due in each month for that month, person by person.
    fn calculated(&self, law: usize, (from, to): (Month, Month)) -> Vec<BTreeMap<Month, i64>> {
        let mut determiner = Determiner::new(&self.laws[law]);
        let cases = self.people.iter().map(|own| &own.case_file);
        cases
            .map(|case| {
                let months = determiner.calculate(case, from, to).months;
                let months = months.into_iter().map(|due| {
                    let own = due
                        .components
                        .iter()
                        .filter(|component| component.for_month == due.month);
                    (due.month, own.map(|component| component.amount.dong()).sum())
                });
                months.collect()
            })
            .collect()
    }
}

fn replayed() -> ReplayedMonths {
    ReplayedMonths {
        from: month("2022-09"),
        to: month("2024-08"),
        moved_by: 24,
        in_effect_from: month("2022-10"),
    }
}

#[test]
fn heads_and_money_are_what_the_calculator_gives_each_person() {
    let town = shared();
    let frame = Frame::of(month("2024-10"), Some(month("2024-09")), month("2024-09"));
    let part = town.count(&frame, &replayed(), 0..town.people.len());
    let stretch = (frame.from, frame.to);
    let (now, draft) = (town.calculated(0, stretch), town.calculated(1, stretch));
    let result = SimulationResult::of(&frame, part.clone(), &BTreeMap::new());
    assert_eq!(result.by_month.len(), 21);
    for line in &result.by_month {
        let own = line.month.unwrap();
        let of = |all: &[BTreeMap<Month, i64>]| -> (i64, i64) {
            let paid = all.iter().map(|person| person.get(&own).copied().unwrap_or(0));
            paid.fold((0, 0), |sum, dong| (sum.0 + i64::from(dong > 0), sum.1 + dong))
        };
        assert_eq!((line.heads_now, line.now), of(&now), "{own}");
        assert_eq!((line.heads_draft, line.draft), of(&draft), "{own}");
    }
    let first = |all: &BTreeMap<Month, i64>| all.get(&frame.compared).copied().unwrap_or(0);
    let more = now
        .iter()
        .zip(&draft)
        .filter(|(now, draft)| first(draft) > first(now) && first(now) > 0);
    assert_eq!(result.gainers.people, i64::try_from(more.count()).unwrap());
    assert!(result.gainers.people > 50);
    let examples = &result.gainers.examples;
    assert_eq!(examples.len(), 5);
    let largest = now
        .iter()
        .zip(&draft)
        .map(|(now, draft)| first(draft) - first(now))
        .max();
    assert_eq!(
        Some(examples[0].draft - examples[0].now),
        largest,
        "who gains most stands first"
    );
    assert_eq!(
        result.arrears.people + result.potential_overpayments.people,
        0,
        "nothing paid is touched"
    );

    // The cells are the months of the areas: one group in one area and month is one line.
    for line in &result.by_month {
        let cells = result.cells.iter().filter(|cell| cell.month == line.month);
        let sums = cells.fold((0, 0), |sum, cell| (sum.0 + cell.now, sum.1 + cell.draft));
        if line.month >= Some(frame.compared) {
            assert_eq!(sums, (line.now, line.draft), "{:?}", line.month);
        }
    }
    let by_area: i64 = result.by_area.iter().map(|line| line.draft).sum();
    let by_group: i64 = result.by_group.iter().map(|line| line.draft).sum();
    assert_eq!(
        (by_area, by_group),
        (result.month(frame.compared).1, result.month(frame.compared).1)
    );

    let replay = Replay::of(replayed(), &part.replay);
    let stretch = (month("2022-09"), month("2024-08"));
    let total = |law| -> i64 { town.calculated(law, stretch).iter().flat_map(BTreeMap::values).sum() };
    assert_eq!((replay.now, replay.draft), (total(0), total(2)));
    assert!(replay.draft > replay.now, "two years at the new standard cost more");
    assert_eq!(
        replay.by_month[0].now, replay.by_month[0].draft,
        "before the moved draft nothing differs"
    );
}

#[test]
fn months_already_paid_come_to_arrears_or_to_overpayments_never_to_both_for_one_component() {
    let town = shared();
    let frame = Frame::of(month("2024-10"), Some(month("2024-12")), month("2024-12"));
    let part = town.count(&frame, &replayed(), 0..town.people.len());
    let stretch = (month("2024-10"), month("2024-12"));
    // Of these months, whenever it fell due within them.
    let total = |law: usize| -> i64 {
        let mut determiner = Determiner::new(&town.laws[law]);
        let cases = town.people.iter().map(|own| &own.case_file);
        let due = cases.flat_map(|case| determiner.calculate(case, stretch.0, stretch.1).months);
        let components = due.flat_map(|due| due.components);
        let own = components.filter(|component| component.for_month >= stretch.0);
        own.map(|component| component.amount.dong()).sum()
    };
    assert_eq!(
        part.arrears.dong - part.potential_overpayments.dong,
        total(1) - total(0)
    );
    assert!(part.arrears.dong > 0 && part.arrears.people > 50);
    let months: Vec<String> = part.paid_months.keys().map(ToString::to_string).collect();
    assert_eq!(months, ["2024-10", "2024-11", "2024-12"]);

    // The reverse of the law is the reverse of the money.
    let mut back = Part::default();
    for (place, [now, draft, _]) in town.determined.iter().enumerate() {
        let judged = Judged {
            person_id: town.people[place].id,
            area_id: "",
            now: draft,
            draft: now,
            replayed: None,
        };
        back.count(&frame, None, &judged);
    }
    assert_eq!(
        (back.arrears, back.potential_overpayments),
        (part.potential_overpayments, part.arrears)
    );
    assert_eq!(
        (back.losers.people, back.leavers.people),
        (part.gainers.people, part.entrants.people)
    );
}

#[test]
fn a_fund_runs_out_in_the_first_month_that_it_cannot_pay() {
    let town = shared();
    let frame = Frame::of(month("2024-08"), Some(month("2024-09")), month("2024-10"));
    let part = town.count(&frame, &replayed(), 0..town.people.len());
    let result = SimulationResult::of(&frame, part, &BTreeMap::new());
    let (now, draft) = result.month(month("2024-11"));
    assert!(draft >= now && now > 0);
    // Enough for October and November by the law in force, and not a đồng more.
    let (october, _) = result.month(month("2024-10"));
    let spent = budget::spend(&frame, &result, october + now + 7, 7);
    assert_eq!((spent.runs_out_now, spent.months.len()), (Some(month("2024-12")), 3));
    assert_eq!(spent.months[1].left_now, 0);
    let poor = budget::spend(&frame, &result, october + 6, 7);
    assert_eq!(
        poor.runs_out_now,
        Some(month("2024-10")),
        "what is pending is paid with the first month"
    );
    let rich = budget::spend(&frame, &result, i64::MAX / 4, 0);
    assert_eq!((rich.runs_out_now, rich.runs_out_draft), (None, None));
    assert_eq!(rich.year_draft - rich.year_now, {
        let year = frame.year();
        let months = year.0.through(year.1).map(|month| result.month(month));
        months.map(|(now, draft)| draft - now).sum::<i64>() + result.arrears.dong
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// However the people are cut into chunks, and in whatever order these end, the sum is the same.
    #[test]
    fn chunks_add_up_in_any_order(seats in prop::collection::vec(0..5_usize, 300), order in Just([0_usize, 1, 2, 3, 4]).prop_shuffle()) {
        let town = shared();
        let frame = Frame::of(month("2024-08"), Some(month("2024-09")), month("2024-09"));
        let whole = town.count(&frame, &replayed(), 0..town.people.len());
        let mut sum = Part::default();
        for chunk in order {
            let part = town.count(&frame, &replayed(), (0..town.people.len()).filter(|place| seats[*place] == chunk));
            // Parts rest in the database between counting and adding.
            sum.merge(serde_json::from_value(serde_json::to_value(part).unwrap()).unwrap());
        }
        prop_assert_eq!(sum, whole);
    }
}
