//! What is true of a person on one day.

use chrono::{Datelike, NaiveDate};
use domain::Month;
use domain::case_file::{AreaType, CaseFile, Place, Residence, Setting};
use domain::evidence::{CaredPerson, Evidence, EvidenceKind, EvidenceValue, RaisedChild};

use super::law;

/// The day on which somebody born on `birth` reaches the age; 29 February is reached on 1 March in other years.
pub(crate) fn birthday(birth: NaiveDate, age: i32) -> NaiveDate {
    let year = birth.year() + age;
    NaiveDate::from_ymd_opt(year, birth.month(), birth.day())
        .unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 3, 1).expect("1 March"))
}

/// Is the age on the day at least `from` and under `below`?
pub(crate) fn aged(birth: NaiveDate, day: NaiveDate, from: i32, below: i32) -> bool {
    birthday(birth, from) <= day && day < birthday(birth, below)
}

fn lasts(from: NaiveDate, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from <= day && to.is_none_or(|to| day <= to)
}

/// A person on a day.
#[derive(Clone, Copy)]
pub(crate) struct Facts<'a> {
    /// Whose.
    pub(crate) case: &'a CaseFile,
    /// When.
    pub(crate) day: NaiveDate,
}

impl<'a> Facts<'a> {
    pub(crate) fn entries(self, kind: EvidenceKind) -> impl Iterator<Item = &'a Evidence> {
        self.case
            .evidence
            .iter()
            .filter(move |e| e.kind == kind && lasts(e.from, e.to, self.day))
    }

    /// Since which day the fact has held without a break, whatever its value.
    pub(crate) fn unbroken_since(self, kind: EvidenceKind) -> Option<NaiveDate> {
        let mut since = self.entries(kind).map(|e| e.from).min()?;
        while let Some(eve) = since.pred_opt() {
            match (Facts { day: eve, ..self }).entries(kind).map(|e| e.from).min() {
                Some(earlier) => since = earlier,
                None => break,
            }
        }
        Some(since)
    }

    pub(crate) fn has(self, kind: EvidenceKind) -> bool {
        self.entries(kind).next().is_some()
    }

    pub(crate) fn is(self, kind: EvidenceKind, words: &[&str]) -> bool {
        self.entries(kind)
            .any(|e| matches!(&e.value, EvidenceValue::Word(word) if words.contains(&word.as_str())))
    }

    /// The day of death counts.
    pub(crate) fn alive(self) -> bool {
        self.case.birth_date.day <= self.day && self.case.death_date.is_none_or(|death| self.day <= death)
    }

    pub(crate) fn aged(self, from: i32, below: i32) -> bool {
        aged(self.case.birth_date.day, self.day, from, below)
    }

    /// The stay that counts: of two at once the one begun last.
    pub(crate) fn stay(self) -> Option<&'a Residence> {
        if !self.alive() {
            return None;
        }
        self.case
            .residences
            .iter()
            .filter(|r| lasts(r.from, r.to, self.day))
            .max_by_key(|r| r.from)
    }

    /// The type in `month` of the area lived in on the day: a reform is law and counts from its first day.
    pub(crate) fn area_type(self, month: Month) -> Option<AreaType> {
        let stay = self.stay()?;
        match &stay.place {
            Place::Type(area) => Some(*area),
            Place::Area(code) => law::area_type(code, Month::of(stay.from), month),
        }
    }

    /// Đồng of pension a month, all entries together; none without an entry.
    pub(crate) fn pension(self) -> Option<i64> {
        let amounts: Vec<i64> = self
            .entries(EvidenceKind::Pension)
            .map(|e| {
                if let EvidenceValue::Amount(amount) = e.value {
                    amount.dong()
                } else {
                    0
                }
            })
            .collect();
        if amounts.is_empty() {
            None
        } else {
            Some(amounts.iter().sum())
        }
    }

    fn children(self) -> impl Iterator<Item = RaisedChild> {
        self.entries(EvidenceKind::RaisingChild).filter_map(|e| {
            if let EvidenceValue::Child(child) = e.value {
                Some(child)
            } else {
                None
            }
        })
    }

    /// Children under 16, or from 16 to 22 while studying (NĐ 20/2021 Art 5(4)).
    pub(crate) fn dependent_children(self) -> i64 {
        let mut count = 0;
        for child in self.children() {
            let minor = aged(child.birth_date, self.day, 0, 16);
            let student =
                aged(child.birth_date, self.day, 16, 22) && child.studying_until.is_some_and(|last| self.day <= last);
            if minor || student {
                count += 1;
            }
        }
        count
    }

    /// Children under 36 months (NĐ 20/2021 Art 20(2)(a)).
    pub(crate) fn infants(self) -> usize {
        self.children()
            .filter(|child| aged(child.birth_date, self.day, 0, 3))
            .count()
    }

    pub(crate) fn cared_for(self) -> impl Iterator<Item = CaredPerson> {
        self.entries(EvidenceKind::CaringFor).filter_map(|e| {
            if let EvidenceValue::Cared(cared) = e.value {
                Some(cared)
            } else {
                None
            }
        })
    }
}

/// What a month is lived in: entering or leaving keeps the old setting for the month; a first stay in a facility, or
/// a return straight into one, is not yet care in its own month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MonthSetting {
    Community,
    Facility,
    Arriving,
    Nowhere,
}

pub(crate) fn month_setting(case: &CaseFile, month: Month) -> MonthSetting {
    let before = Facts {
        case,
        day: month.previous().last_day(),
    };
    let mut day = month.first_day();
    if let (Some(old), Some(_)) = (before.stay(), (Facts { case, day }).stay()) {
        return match old.setting {
            Setting::Community => MonthSetting::Community,
            Setting::Facility => MonthSetting::Facility,
        };
    }
    while day <= month.last_day() {
        if let Some(stay) = (Facts { case, day }).stay() {
            return match stay.setting {
                Setting::Community => MonthSetting::Community,
                Setting::Facility => MonthSetting::Arriving,
            };
        }
        day = day.succ_opt().expect("a following day");
    }
    MonthSetting::Nowhere
}

/// Is every day of the month covered by entries of the kind?
pub(crate) fn whole_month(case: &CaseFile, kind: EvidenceKind, month: Month) -> bool {
    let entries: Vec<&Evidence> = case.evidence.iter().filter(|entry| entry.kind == kind).collect();
    if entries.is_empty() {
        return false;
    }
    let covered = |day: NaiveDate| entries.iter().any(|entry| lasts(entry.from, entry.to, day));
    month
        .first_day()
        .iter_days()
        .take_while(|day| *day <= month.last_day())
        .all(covered)
}
