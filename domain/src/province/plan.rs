//! The make-up of the province: which kinds of households there are, in which order, and who sits where.

use super::dice::{Dice, Purpose};

/// A kind of household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ElderlyAlone,
    ElderlyCouple,
    TurningEighty,
    ElderlyWithoutSupporter,
    ElderlyTakenIn,
    ElderlyInDifficultArea,
    DisabledAdult,
    DisabledElderly,
    DisabledChild,
    ParticularlySevereWithCarer,
    ParticularlySevere,
    DisabledMother,
    DisabledCouple,
    CertificateWithoutDecision,
    SingleParent,
    SingleParentDisabled,
    Orphan,
    OrphanSiblings,
    FosterChild,
    OrphanStudent,
    HivAdult,
    HivChild,
    PoorUnableToWork,
    SmallChildInDifficultArea,
    FacilityResident,
}

/// Kind, households of a thousand, people in each. The biggest group are those of 80 and more; the shares are set so
/// that the bill comes near 300 billion đồng for 2023 and 44,000 people, as the province reported.
const MAKE_UP: &[(Kind, usize, usize)] = &[
    (Kind::ElderlyAlone, 666, 1),
    (Kind::ElderlyCouple, 40, 2),
    (Kind::TurningEighty, 3, 1),
    (Kind::ElderlyWithoutSupporter, 14, 1),
    (Kind::ElderlyTakenIn, 1, 2),
    (Kind::ElderlyInDifficultArea, 3, 1),
    (Kind::DisabledAdult, 76, 1),
    (Kind::DisabledElderly, 39, 1),
    (Kind::DisabledChild, 22, 1),
    (Kind::ParticularlySevereWithCarer, 22, 2),
    (Kind::ParticularlySevere, 9, 1),
    (Kind::DisabledMother, 2, 1),
    (Kind::DisabledCouple, 1, 2),
    (Kind::CertificateWithoutDecision, 3, 1),
    (Kind::SingleParent, 58, 1),
    (Kind::SingleParentDisabled, 2, 1),
    (Kind::Orphan, 10, 1),
    (Kind::OrphanSiblings, 4, 2),
    (Kind::FosterChild, 3, 2),
    (Kind::OrphanStudent, 5, 1),
    (Kind::HivAdult, 4, 1),
    (Kind::HivChild, 1, 1),
    (Kind::PoorUnableToWork, 5, 1),
    (Kind::SmallChildInDifficultArea, 2, 1),
    (Kind::FacilityResident, 5, 1),
];

/// Households in a block.
pub(super) const BLOCK: usize = 1_000;
/// A step coprime to the block, near the golden section of it, so that any stretch of the province has every kind in
/// about its share.
const STEP: usize = 617;

/// The order of the kinds in one block, the same in every block.
#[derive(Debug)]
pub(super) struct Plan {
    /// Kind and the place of its first person within the block.
    households: Vec<(Kind, usize)>,
    /// People in a block.
    people: usize,
}

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        let start = usize::try_from(Dice::new(seed, Purpose::Plan, 0).below(1_000)).unwrap_or(0);
        let deck: Vec<(Kind, usize)> = MAKE_UP
            .iter()
            .flat_map(|(kind, households, size)| std::iter::repeat_n((*kind, *size), *households))
            .collect();
        let mut households = Vec::with_capacity(BLOCK);
        let mut people = 0;
        for at in 0..BLOCK {
            if let Some((kind, size)) = deck.get((start + at * STEP) % BLOCK) {
                households.push((*kind, people));
                people += size;
            }
        }
        Self { households, people }
    }

    /// A household's kind and the index of its first person.
    pub(super) fn household(&self, index: usize) -> Option<(Kind, usize)> {
        let (kind, first) = self.households.get(index % BLOCK)?;
        Some((*kind, index / BLOCK * self.people + first))
    }

    /// The household in which a person lives.
    pub(super) fn household_of(&self, person: usize) -> usize {
        let within = person % self.people;
        let after = self.households.partition_point(|(_, first)| *first <= within);
        person / self.people * BLOCK + after.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_make_up_fills_a_block_and_everyone_is_found_in_their_household() {
        assert_eq!(
            MAKE_UP.iter().map(|(_, households, _)| households).sum::<usize>(),
            BLOCK
        );
        let plan = Plan::new(7);
        for household in 0..2 * BLOCK + 10 {
            let (_, first) = plan.household(household).unwrap();
            let (_, next) = plan.household(household + 1).unwrap();
            assert!((first..next).all(|person| plan.household_of(person) == household));
        }
    }
}
