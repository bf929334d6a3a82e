//! The rules of the catalogue: fixed holidays, lunar ones, and what is decided every year.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{Days, NaiveDate, NaiveTime, Weekday};
use serde::Deserialize;

use super::{Day, Standing};

const CATALOGUE: &str = include_str!("../../catalogue/calendar.json");

/// A fault in the embedded catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("catalogue/calendar.json: {0}")]
pub struct CalendarError(pub(super) String);

/// The rules of the catalogue.
#[derive(Clone, Debug)]
pub struct Rules {
    catalogue: Catalogue,
    cut_off: NaiveTime,
    lunar: BTreeMap<i32, LunarYear>,
}

#[derive(Clone, Debug, Deserialize)]
struct Catalogue {
    cycle: Cycle,
    assumed: Assumed,
    weekly_rest: WeeklyRest,
    compensation: Sourced,
    fixed: Vec<Fixed>,
    adjacent: Adjacent,
    tet: Tet,
    hung_kings: HungKings,
    lunar: Lunar,
}

#[derive(Clone, Debug, Deserialize)]
struct Cycle {
    list_closes_before_day: u32,
    settlement_by_day: u32,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Assumed {
    pay_day: u32,
    cut_off: String,
    pay_date_within_days: u64,
    note: String,
}

#[derive(Clone, Debug, Deserialize)]
struct WeeklyRest {
    days: Vec<String>,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Sourced {
    source: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct DayOfYear {
    month: u32,
    day: u32,
}

impl DayOfYear {
    fn of(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Fixed {
    #[serde(flatten)]
    on: DayOfYear,
    name: String,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Adjacent {
    #[serde(flatten)]
    on: DayOfYear,
    from_year: i32,
    name: String,
    source: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Tet {
    name: String,
    source: String,
    undecided_before: u64,
    undecided_after: u64,
    undecided_source: String,
    earliest: DayOfYear,
    latest: DayOfYear,
}

#[derive(Clone, Debug, Deserialize)]
struct HungKings {
    name: String,
    source: String,
    earliest: DayOfYear,
    latest: DayOfYear,
}

#[derive(Clone, Debug, Deserialize)]
struct Lunar {
    source: String,
    years: Vec<LunarYear>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct LunarYear {
    year: i32,
    tet: NaiveDate,
    hung_kings: NaiveDate,
}

/// The days of a year that are not as their weekday says.
type Marks = BTreeMap<NaiveDate, Day>;

impl Rules {
    /// The rules of the embedded catalogue.
    pub fn embedded() -> Result<&'static Self, &'static CalendarError> {
        static RULES: LazyLock<Result<Rules, CalendarError>> = LazyLock::new(|| Rules::parse(CATALOGUE));
        RULES.as_ref()
    }

    fn parse(text: &str) -> Result<Self, CalendarError> {
        let catalogue: Catalogue = serde_json::from_str(text).map_err(|error| CalendarError(error.to_string()))?;
        let named = |name: &String| name.parse::<Weekday>().is_ok();
        if !catalogue.weekly_rest.days.iter().all(named) {
            return Err(CalendarError("a weekly rest day of no name".to_owned()));
        }
        let cut_off = super::time(&catalogue.assumed.cut_off)?;
        let lunar = catalogue.lunar.years.iter().map(|row| (row.year, *row)).collect();
        Ok(Self {
            catalogue,
            cut_off,
            lunar,
        })
    }

    /// The list of the next month closes before this day of the month.
    pub const fn list_closes_before_day(&self) -> u32 {
        self.catalogue.cycle.list_closes_before_day
    }

    /// The settlement is reported by this day of the month.
    pub const fn settlement_by_day(&self) -> u32 {
        self.catalogue.cycle.settlement_by_day
    }

    /// Where the two days come from.
    pub fn cycle_source(&self) -> &str {
        &self.catalogue.cycle.source
    }

    /// The day of the month on which is paid where nothing else is said; assumed.
    pub const fn pay_day(&self) -> u32 {
        self.catalogue.assumed.pay_day
    }

    /// From this time of the day on banks execute the day after; assumed.
    pub const fn cut_off(&self) -> NaiveTime {
        self.cut_off
    }

    /// How many days ahead a run may name its pay date; assumed, against a mistyped year.
    pub const fn pay_date_within_days(&self) -> u64 {
        self.catalogue.assumed.pay_date_within_days
    }

    /// What is assumed, and why.
    pub fn assumed_note(&self) -> &str {
        &self.catalogue.assumed.note
    }

    /// Do banks rest on this day of the week?
    pub fn rests_on(&self, weekday: Weekday) -> bool {
        let mut days = self.catalogue.weekly_rest.days.iter();
        days.any(|name| super::is_weekday(weekday, name))
    }

    /// Where the weekly rest days come from.
    pub fn rest_source(&self) -> &str {
        &self.catalogue.weekly_rest.source
    }

    /// Are the lunar holidays of a year known?
    pub fn knows_lunar(&self, year: i32) -> bool {
        self.lunar.contains_key(&year)
    }

    /// The days of a year that are not as their weekday says: holidays, days that make up for them, undecided days.
    pub fn marks(&self, year: i32) -> Marks {
        let mut marks = Marks::new();
        let own = &self.catalogue;
        for fixed in &own.fixed {
            if let Some(day) = fixed.on.of(year) {
                marks.insert(day, closed(&fixed.name, &fixed.source));
            }
        }
        if let Some(lunar) = self.lunar.get(&year) {
            let source = |law: &str| format!("{law}; {}", own.lunar.source);
            marks.insert(lunar.tet, closed(&own.tet.name, &source(&own.tet.source)));
            marks.insert(
                lunar.hung_kings,
                closed(&own.hung_kings.name, &source(&own.hung_kings.source)),
            );
        }
        self.compensate(&mut marks);
        self.undecided(year, &mut marks);
        marks
    }

    /// A holiday on a weekly rest day is made up for on the next working day.
    fn compensate(&self, marks: &mut Marks) {
        let on_rest: Vec<(NaiveDate, String)> = marks
            .iter()
            .filter(|(day, _)| self.rests_on(weekday(**day)))
            .map(|(day, mark)| (*day, format!("Nghỉ bù {}", mark.name)))
            .collect();
        for (day, name) in on_rest {
            if let Some(free) = self.next_free(day, marks) {
                marks.insert(free, closed(&name, &self.catalogue.compensation.source));
            }
        }
    }

    fn undecided(&self, year: i32, marks: &mut Marks) {
        let own = &self.catalogue;
        let adjacent = &own.adjacent;
        let feast = adjacent.on.of(year).filter(|_| year >= adjacent.from_year);
        let beside = feast
            .into_iter()
            .flat_map(|day| [day.pred_opt(), day.succ_opt()])
            .flatten();
        let open: Vec<NaiveDate> = beside.filter_map(|day| self.this_or_next_free(day, marks)).collect();
        for day in open {
            marks.insert(day, undecided(&adjacent.name, &adjacent.source));
        }
        let (tet, kings) = (&own.tet, &own.hung_kings);
        let known = self.lunar.get(&year);
        let unknown = |from: DayOfYear, to: DayOfYear| Some((from.of(year)?, to.of(year)?));
        let around = match known {
            Some(lunar) => Some((lunar.tet, lunar.tet)),
            None => unknown(tet.earliest, tet.latest),
        };
        if let Some((first, last)) = around {
            let first = first.checked_sub_days(Days::new(tet.undecided_before)).unwrap_or(first);
            let last = last.checked_add_days(Days::new(tet.undecided_after)).unwrap_or(last);
            self.mark_undecided(marks, (first, last), &tet.name, &tet.undecided_source);
        }
        if known.is_none()
            && let Some(range) = unknown(kings.earliest, kings.latest)
        {
            self.mark_undecided(marks, range, &kings.name, &own.lunar.source);
        }
    }

    fn mark_undecided(&self, marks: &mut Marks, (first, last): (NaiveDate, NaiveDate), name: &str, source: &str) {
        for day in first.iter_days().take_while(|day| *day <= last) {
            if !self.rests_on(weekday(day)) {
                marks.entry(day).or_insert_with(|| undecided(name, source));
            }
        }
    }

    /// The day, or where it is no free working day the first one after it.
    fn this_or_next_free(&self, day: NaiveDate, marks: &Marks) -> Option<NaiveDate> {
        let free = !self.rests_on(weekday(day)) && !marks.contains_key(&day);
        if free { Some(day) } else { self.next_free(day, marks) }
    }

    /// The first working day after a day that is nothing else yet.
    fn next_free(&self, day: NaiveDate, marks: &Marks) -> Option<NaiveDate> {
        let mut later = day.iter_days().skip(1).take(30);
        later.find(|day| !self.rests_on(weekday(*day)) && !marks.contains_key(day))
    }
}

fn weekday(day: NaiveDate) -> Weekday {
    chrono::Datelike::weekday(&day)
}

fn closed(name: &str, source: &str) -> Day {
    Day {
        standing: Standing::Closed,
        name: name.to_owned(),
        source: source.to_owned(),
    }
}

fn undecided(name: &str, source: &str) -> Day {
    Day {
        standing: Standing::Undecided,
        name: name.to_owned(),
        source: source.to_owned(),
    }
}
