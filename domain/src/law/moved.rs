//! An instrument as though it had come earlier: what the past would have been under a draft.

use chrono::{Months, NaiveDate};

use super::instrument::Instrument;
use crate::Month;

/// The instrument with every date so many months earlier. Its cases, which speak of its own dates, are left out.
pub fn moved_back(own: &Instrument, months: u32) -> Instrument {
    let mut moved = own.clone();
    moved.cases.clear();
    if months == 0 {
        return moved;
    }
    let back = |day: &mut NaiveDate| *day = earlier(*day, months);
    let back_if = |day: &mut Option<NaiveDate>| *day = day.map(|day| earlier(day, months));
    back(&mut moved.issued_on);
    back(&mut moved.in_force_from);
    for provision in &mut moved.provisions {
        for own in &mut provision.parameters {
            back_if(&mut own.from);
            back_if(&mut own.to);
        }
        for own in &mut provision.rules {
            back_if(&mut own.from);
            back_if(&mut own.to);
        }
        for own in &mut provision.effects {
            back_if(&mut own.from);
            back_if(&mut own.to);
        }
        for own in &mut provision.together {
            back_if(&mut own.from);
            back_if(&mut own.to);
        }
        for own in &mut provision.unknowns {
            back_if(&mut own.from);
            back_if(&mut own.to);
        }
        for own in &mut provision.ends {
            back(&mut own.to);
        }
    }
    moved
}

/// The same day of an earlier month; its last day where the month is too short, or where it was a last day.
fn earlier(day: NaiveDate, months: u32) -> NaiveDate {
    let moved = day.checked_sub_months(Months::new(months)).unwrap_or(day);
    if day == Month::of(day).last_day() {
        Month::of(moved).last_day()
    } else {
        moved
    }
}

/// How many months earlier an instrument could have come: what it amends, repeals or ends parts of was in force by
/// then. None if it builds on nothing.
pub fn room_to_move(own: &Instrument, published: &[Instrument]) -> Option<u32> {
    let ended = own.provisions.iter().flat_map(|provision| &provision.ends);
    let ended = ended.map(|end| &end.instrument);
    let touched: Vec<&String> = own.amends.iter().chain(&own.repeals).chain(ended).collect();
    let standing = published.iter().filter(|other| touched.contains(&&other.number));
    let newest = standing.map(Instrument::repeals_from).max()?;
    let months = Month::of(own.in_force_from).index() - newest.index();
    Some(u32::try_from(months).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case_file::Jurisdiction;
    use crate::law::{Release, catalogue};

    #[test]
    fn every_date_moves_by_whole_months_and_ends_stay_ends() {
        for (day, months, expected) in [
            ("2024-10-01", 24, "2022-10-01"),
            ("2024-09-30", 1, "2024-08-31"),
            ("2024-03-31", 1, "2024-02-29"),
            ("2024-03-30", 1, "2024-02-29"),
        ] {
            let moved = earlier(day.parse().unwrap(), months);
            assert_eq!(moved.to_string(), expected, "{day} - {months}");
        }
    }

    #[test]
    fn the_past_under_a_moved_draft_is_the_future_under_the_draft() {
        let all = catalogue();
        let place = all.iter().position(|own| own.cite == "NQ 23/9/2024").unwrap();
        let (before, draft) = (&all[..place], &all[place]);
        let first = draft.reach_back().unwrap();
        let mut under_draft = before.to_vec();
        under_draft.push(draft.clone());
        let mut under_moved = before.to_vec();
        under_moved.push(moved_back(draft, 12));
        let draft = Release::compile(1, &under_draft).unwrap();
        let moved = Release::compile(1, &under_moved).unwrap();
        let value = |release: &Release, month: Month| {
            release
                .effective("standard.community", Jurisdiction::QuangNinh, month)
                .and_then(|value| value.money())
        };
        assert_eq!(value(&moved, first.plus(-12)), value(&draft, first));
        assert_eq!(
            value(&moved, first.plus(-13)),
            value(&draft, first.plus(-13)),
            "no earlier month moves"
        );
        assert_ne!(value(&moved, first.plus(-12)), value(&draft, first.plus(-12)));
    }

    #[test]
    fn a_draft_does_not_come_before_what_it_amends() {
        let all = catalogue();
        let own = all.iter().find(|own| own.cite == "NQ 23/9/2024").unwrap();
        let amended = all.iter().find(|other| own.amends.contains(&other.number)).unwrap();
        let room = room_to_move(own, all).unwrap();
        assert!(room > 0);
        assert!(moved_back(own, room).in_force_from >= amended.in_force_from);
        assert!(moved_back(own, room + 1).in_force_from < amended.in_force_from);
        let alone = Instrument {
            amends: Vec::new(),
            ..own.clone()
        };
        assert_eq!(room_to_move(&alone, all), None);
    }
}
