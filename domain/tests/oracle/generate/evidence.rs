//! Random facts.

use chrono::Days;
use domain::Vnd;
use domain::evidence::{CareCondition, CareRelation, CaredPerson, Evidence, EvidenceKind, EvidenceValue, RaisedChild};
use rand::RngExt;

use super::{Draw, day};

impl Draw {
    /// One entry, or several one after the other, of a kind whose entries may not contradict each other.
    fn entries(&mut self, kind: EvidenceKind, values: &[&str], into: &mut Vec<Evidence>) {
        let mut from = if self.one_in(3) {
            self.date()
        } else {
            self.pick(&[day(2009, 5, 15), self.birth])
        };
        for _ in 0..self.rng.random_range(1..=3) {
            let to = self.after(from);
            let value = if values.is_empty() {
                EvidenceValue::True
            } else {
                EvidenceValue::Word(self.pick(values).into())
            };
            into.push(Evidence { kind, value, from, to });
            let Some(to) = to else { break };
            let gap = if self.one_in(2) {
                self.rng.random_range(1..90)
            } else {
                0
            };
            from = to + Days::new(1 + gap);
        }
        // the same fact told twice
        if self.one_in(12) {
            let again = into[into.len() - 1].clone();
            let from = again.from + Days::new(self.rng.random_range(0..20));
            into.push(Evidence {
                from,
                to: None,
                ..again
            });
        }
    }

    pub(super) fn evidence(&mut self, age: i32, into: &mut Vec<Evidence>) {
        use EvidenceKind as Kind;
        let rare = |this: &mut Self, n| this.one_in(n);
        if self.one_in(if age <= 3 || (74..=79).contains(&age) { 2 } else { 20 }) {
            // groups 5.5b and 5.7 want two facts at once
            let poverty = EvidenceValue::Word(self.pick(&["poor", "near_poor"]).into());
            into.push(Evidence {
                kind: Kind::Poverty,
                value: poverty,
                from: day(2010, 1, 1),
                to: None,
            });
            let from = if self.one_in(2) { self.date() } else { day(2010, 1, 1) };
            into.push(Evidence {
                kind: Kind::DifficultArea,
                value: EvidenceValue::True,
                from,
                to: self.after(from),
            });
        }
        let poverty: &[&str] = &["poor", "poor", "near_poor", "difficult"];
        let disability: &[&str] = &["severe", "particularly_severe", "mild"];
        if into.is_empty() && rare(self, 2) {
            self.entries(Kind::Poverty, poverty, into);
        }
        if rare(self, 2) {
            self.entries(Kind::Disability, disability, into);
        }
        if age < 26 && rare(self, 2) {
            self.entries(Kind::NoCaregiver, &[], into);
            self.entries(Kind::Studying, &[], into);
        }
        if age >= 59 && rare(self, 2) {
            self.entries(Kind::NoSupporter, &[], into);
            if rare(self, 2) {
                self.entries(Kind::CaredInCommunity, &[], into);
            }
        }
        if rare(self, 4) {
            self.entries(Kind::Hiv, &[], into);
        }
        if rare(self, 2) {
            self.entries(Kind::UnableToWork, &[], into);
        }
        if rare(self, if age <= 4 { 2 } else { 4 }) {
            self.entries(Kind::DifficultArea, &[], into);
        }
        if rare(self, 8) {
            self.entries(Kind::Detained, &[], into);
        }
        if rare(self, 6) {
            self.entries(Kind::Uncollected, &[], into);
        }
        if age >= 55 && rare(self, 4) {
            for _ in 0..self.rng.random_range(1..=2) {
                let from = self.date();
                let to = self.after(from);
                let amount = self.pick(&[
                    200_000, 300_000, 499_999, 500_000, 520_000, 540_000, 699_999, 700_000, 5_000_000,
                ]);
                let value = EvidenceValue::Amount(Vnd::new(amount).expect("an amount"));
                into.push(Evidence {
                    kind: Kind::Pension,
                    value,
                    from,
                    to,
                });
            }
        }
        if age >= 16 {
            self.family(into);
        }
    }

    fn family(&mut self, into: &mut Vec<Evidence>) {
        use EvidenceKind as Kind;
        if self.one_in(3) {
            self.entries(Kind::SingleParent, &[], into);
        }
        if self.one_in(2) {
            for _ in 0..self.rng.random_range(1..=3) {
                let born = self.date() - Days::new(self.pick(&[0, 700, 1_095, 1_096, 2_000, 5_700, 5_844, 7_000]));
                let studying_until = if self.one_in(2) { Some(self.date()) } else { None };
                let from = match self.rng.random_range(0..12) {
                    0 => self.date(),
                    1..4 => self.date().max(born),
                    _ => born,
                };
                let to = self.after(from);
                let value = EvidenceValue::Child(RaisedChild {
                    birth_date: born,
                    studying_until,
                });
                into.push(Evidence {
                    kind: Kind::RaisingChild,
                    value,
                    from,
                    to,
                });
            }
        }
        if self.one_in(5) {
            self.entries(Kind::Pregnant, &[], into);
        }
        if self.one_in(8) {
            self.entries(Kind::SpouseHasCareSupport, &[], into);
        }
        if self.one_in(3) {
            for _ in 0..self.rng.random_range(1..=3) {
                let condition = self.pick(&[
                    CareCondition::NoCaregiver,
                    CareCondition::ParticularlySevere,
                    CareCondition::ParticularlySevere,
                    CareCondition::Elderly55d,
                ]);
                let years = match condition {
                    CareCondition::NoCaregiver => self.pick(&[0, 3, 4, 8, 15, 16]),
                    CareCondition::ParticularlySevere => self.pick(&[1, 8, 15, 16, 40]),
                    CareCondition::Elderly55d => self.pick(&[60, 75, 75]),
                };
                let birth_date = self.date() - Days::new(years * 365 + years / 4);
                let relation = self.pick(&[CareRelation::OwnFamily, CareRelation::TakenIn, CareRelation::TakenIn]);
                let from = if self.one_in(10) {
                    self.date()
                } else {
                    self.date().max(birth_date)
                };
                let to = self.after(from);
                let value = EvidenceValue::Cared(CaredPerson {
                    birth_date,
                    condition,
                    relation,
                });
                into.push(Evidence {
                    kind: Kind::CaringFor,
                    value,
                    from,
                    to,
                });
            }
        }
    }
}
