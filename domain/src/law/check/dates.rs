//! Dates against other dates: the instruments that are amended or repealed, and rules of effect.

use super::{Checker, overlap};
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, months_of};

impl Checker<'_> {
    /// What is amended or repealed is there, and was in force first.
    pub(super) fn others(&mut self, earlier: &[Instrument]) {
        let instrument = self.instrument;
        for (field, numbers) in [("amends", &instrument.amends), ("repeals", &instrument.repeals)] {
            for (index, number) in numbers.iter().enumerate() {
                let pointer = format!("/{field}/{index}");
                match earlier.iter().find(|other| other.number == *number) {
                    None => self.find(pointer, FindingCode::UnknownInstrument, number.clone()),
                    Some(other) if instrument.in_force_from < other.in_force_from => {
                        let detail = format!("{} < {}", instrument.in_force_from, other.in_force_from);
                        self.find(pointer, FindingCode::InForceBeforeAmended, detail);
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// No month has two rules of effect.
    pub(super) fn effects_once(&mut self) {
        let mut taken = Vec::new();
        for (index, provision) in self.instrument.provisions.iter().enumerate() {
            for (position, effect) in provision.effects.iter().enumerate() {
                let Some(months) = months_of(effect.from, effect.to) else {
                    continue;
                };
                if taken.iter().any(|other| overlap(*other, months)) {
                    let pointer = format!("/provisions/{index}/effects/{position}");
                    self.find(pointer, FindingCode::EffectTwice, "");
                }
                taken.push(months);
            }
        }
    }
}
