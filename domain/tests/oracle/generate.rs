//! Random, nasty case files: every date is drawn near a date at which something happens.

mod evidence;

use chrono::{Datelike, Days, NaiveDate};
use domain::Month;
use domain::case_file::{AreaType, Benefit, BirthDate, CaseFile, Claim, Jurisdiction, Place, Residence, Setting, Sex};
use domain::evidence::{Evidence, EvidenceValue};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::facts::birthday;
use super::law;

/// A case file, the window of months to look at and the release to look at them with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) case: CaseFile,
    pub(crate) from: Month,
    pub(crate) to: Month,
    pub(crate) release: u32,
}

struct Draw {
    rng: ChaCha8Rng,
    birth: NaiveDate,
    /// All dates in the months from here, so that they meet.
    crowd: Option<NaiveDate>,
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date")
}

/// The question of a seed. The release is any before the newest, which every case file is asked of anyway.
pub(crate) fn question(seed: u64) -> Question {
    let mut draw = Draw {
        rng: ChaCha8Rng::seed_from_u64(seed),
        birth: day(2000, 1, 1),
        crowd: None,
    };
    if draw.one_in(2) {
        draw.crowd = Some(draw.pick(&[
            day(2014, 10, 1),
            day(2021, 4, 1),
            day(2022, 11, 1),
            day(2025, 3, 1),
            day(2025, 4, 1),
            day(2025, 6, 1),
            day(2026, 4, 1),
        ]));
    }
    let jurisdiction = if draw.one_in(3) {
        Jurisdiction::Central
    } else {
        Jurisdiction::QuangNinh
    };
    let (birth_date, era) = draw.birth_date();
    draw.birth = birth_date.day;
    let residences = draw.residences(jurisdiction);
    let mut evidence = Vec::new();
    draw.evidence(era, &mut evidence);
    let death_date = if draw.one_in(3) {
        Some(draw.date().max(birth_date.day))
    } else {
        None
    };
    let claims = draw.claims(&evidence);
    let (from, to) = draw.window();
    let sex = if draw.one_in(2) { Sex::Male } else { Sex::Female };
    let case = CaseFile {
        id: format!("s{seed}"),
        jurisdiction,
        birth_date,
        sex,
        death_date,
        residences,
        evidence,
        claims,
    };
    // drawn last: the case file of a seed does not hang on it
    let release = draw.rng.random_range(0..law::NEWEST);
    Question {
        case,
        from,
        to,
        release,
    }
}

impl Draw {
    fn one_in(&mut self, n: u32) -> bool {
        self.rng.random_range(0..n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.random_range(0..from.len())]
    }

    /// A date of consequence, or any other.
    fn date(&mut self) -> NaiveDate {
        if let Some(first) = self.crowd {
            let any = first + Days::new(self.rng.random_range(0..230));
            return match self.rng.random_range(0..6) {
                0 => Month::of(any).first_day(),
                1 => Month::of(any).last_day(),
                _ => any,
            };
        }
        let turns = [
            day(2015, 1, 1),
            day(2021, 7, 1),
            day(2021, 8, 1),
            day(2023, 1, 1),
            day(2024, 7, 1),
            day(2024, 11, 1),
            day(2025, 7, 1),
            day(2025, 7, 1),
            day(2026, 7, 1),
        ];
        let any = day(2013, 6, 1) + Days::new(self.rng.random_range(0..5_200));
        match self.rng.random_range(0..10) {
            0 => self.pick(&turns),
            1 => self.pick(&turns) - Days::new(1),
            2 | 3 => {
                let near = self.pick(&turns);
                near - Days::new(45) + Days::new(self.rng.random_range(0..90))
            }
            4 => {
                let age = self.pick(&[3, 4, 16, 22, 60, 70, 75, 80]);
                let turn = birthday(self.birth, age);
                if (2013..=2027).contains(&turn.year()) {
                    turn - Days::new(2) + Days::new(self.rng.random_range(0..4))
                } else {
                    any
                }
            }
            5 => Month::of(any).first_day(),
            6 => Month::of(any).last_day(),
            _ => any,
        }
    }

    fn after(&mut self, from: NaiveDate) -> Option<NaiveDate> {
        match self.rng.random_range(0..8) {
            0..4 => None,
            4 => Some(from + Days::new(self.rng.random_range(0..70))),
            _ => Some(self.date()).filter(|to| *to >= from),
        }
    }

    /// The birth date and the age at the middle of the years looked at.
    fn birth_date(&mut self) -> (BirthDate, i32) {
        let around = self.pick(&[1, 3, 4, 10, 15, 17, 22, 30, 40, 59, 60, 68, 70, 74, 75, 76, 79, 80, 81]);
        let middle = self.pick(&[2016, 2020, 2021, 2022, 2023, 2024, 2025, 2025, 2026]);
        let year: i32 = middle - around;
        let leap = year - year.rem_euclid(4);
        if let (Some(_), true) = (self.crowd, self.one_in(2)) {
            // a bracket is reached in the crowd
            let age = self.pick(&[0, 3, 4, 16, 22, 60, 70, 75, 80]);
            let turn = self.date();
            let month = turn.month();
            let born = day(
                turn.year() - age,
                month,
                if month == 2 { turn.day().min(28) } else { turn.day() },
            );
            return (
                BirthDate {
                    day: born,
                    year_only: false,
                },
                age,
            );
        }
        let date = match self.rng.random_range(0..7) {
            0 => day(if leap == 1900 { 1904 } else { leap }, 2, 29),
            1 => day(year, self.rng.random_range(1..=12), 1),
            2 => Month::of(day(year, self.rng.random_range(1..=12), 1)).last_day(),
            3 => day(year, self.pick(&[6, 7]), self.rng.random_range(1..=30)),
            _ => day(year, 1, 1) + Days::new(self.rng.random_range(0..365)),
        };
        let year_only = self.one_in(12);
        let date = if year_only { day(date.year(), 1, 1) } else { date };
        (BirthDate { day: date, year_only }, around)
    }

    fn place(&mut self, jurisdiction: Jurisdiction, from: NaiveDate) -> Place {
        if jurisdiction == Jurisdiction::Central {
            return Place::Type(self.pick(&[AreaType::Urban, AreaType::Rural, AreaType::Special]));
        }
        loop {
            let (code, _) = self.pick(&law::AREAS);
            if law::area_type(code, Month::of(from), Month::of(from)).is_some() {
                return Place::Area(code.into());
            }
        }
    }

    fn residences(&mut self, jurisdiction: Jurisdiction) -> Vec<Residence> {
        let mut stays = Vec::new();
        let mut from = if self.one_in(4) {
            self.date()
        } else {
            self.pick(&[day(2008, 3, 1), self.birth])
        };
        let facilities = self.one_in(3);
        for _ in 0..self.rng.random_range(1..=5) {
            let setting = if facilities && self.one_in(2) {
                Setting::Facility
            } else {
                Setting::Community
            };
            let to = if self.one_in(3) {
                None
            } else {
                Some(self.date()).filter(|to| *to >= from)
            };
            stays.push(Residence {
                place: self.place(jurisdiction, from),
                from,
                to,
                setting,
            });
            let Some(to) = to else { break };
            let gap = if self.one_in(4) {
                self.rng.random_range(1..50)
            } else {
                0
            };
            from = to + Days::new(1 + gap);
        }
        stays
    }

    fn claims(&mut self, evidence: &[Evidence]) -> Option<Vec<Claim>> {
        if self.one_in(3) {
            return None;
        }
        let mut claims = Vec::new();
        for benefit in Benefit::ALL {
            let often = match benefit {
                Benefit::MonthlyAllowance => 8,
                Benefit::Funeral => 2,
                _ => 6,
            };
            while self.rng.random_range(0..10) < often && claims.len() < 9 {
                // soon after a fact begins or ends, or at any time
                let near = if evidence.is_empty() {
                    None
                } else {
                    Some(self.rng.random_range(0..evidence.len()))
                };
                let near = near.map(|at| evidence[at].to.unwrap_or(evidence[at].from));
                let decided_on = match (near, self.rng.random_range(0..8)) {
                    (_, 0) => None,
                    (Some(near), 1 | 2) => Some(near + Days::new(self.rng.random_range(0..100))),
                    (_, 3) => Some(day(2010, 1, 1)),
                    _ => Some(self.date()),
                };
                let filed_on = if self.one_in(2) { decided_on } else { None };
                claims.push(Claim {
                    benefit: *benefit,
                    filed_on,
                    decided_on,
                });
                if self.one_in(2) {
                    break;
                }
            }
        }
        Some(claims)
    }

    fn window(&mut self) -> (Month, Month) {
        let month = |year, month| Month::new(year, month).expect("a month");
        match self.rng.random_range(0..6) {
            0 => {
                let from = Month::of(self.date());
                (from, from.plus(self.rng.random_range(0..40)))
            }
            1 => (month(2012, 1), month(2016, 12)),
            2 => (month(2025, 1), month(2027, 12)),
            _ => (month(2013, 1), month(2027, 12)),
        }
    }
}

/// The question as the case file a person would send, in JSON.
pub(crate) fn json(case: &CaseFile) -> serde_json::Value {
    use serde_json::{Value, json};
    let evidence = |entry: &Evidence| {
        let value = match &entry.value {
            EvidenceValue::True => Value::Bool(true),
            EvidenceValue::Word(word) => Value::from(word.as_str()),
            EvidenceValue::Amount(amount) => Value::from(amount.dong()),
            EvidenceValue::Child(child) => {
                json!({"birth_date": child.birth_date, "studying_until": child.studying_until})
            }
            EvidenceValue::Cared(cared) => json!(cared),
        };
        json!({"kind": entry.kind.code(), "value": value, "from": entry.from, "to": entry.to})
    };
    let stay = |stay: &Residence| {
        let (key, place) = match &stay.place {
            Place::Area(code) => ("area", json!(code)),
            Place::Type(area) => ("area_type", json!(area)),
        };
        json!({key: place, "from": stay.from, "to": stay.to, "setting": stay.setting})
    };
    let birth = if case.birth_date.year_only {
        json!(case.birth_date.day.year().to_string())
    } else {
        json!(case.birth_date.day)
    };
    let mut file = json!({
        "id": case.id,
        "jurisdiction": match case.jurisdiction { Jurisdiction::Central => "central", Jurisdiction::QuangNinh => "22" },
        "birth_date": birth,
        "sex": case.sex,
        "death_date": case.death_date,
        "residences": case.residences.iter().map(stay).collect::<Vec<_>>(),
        "evidence": case.evidence.iter().map(evidence).collect::<Vec<_>>(),
    });
    if let (Some(claims), Some(file)) = (&case.claims, file.as_object_mut()) {
        file.insert("claims".into(), json!(claims));
    }
    file
}
