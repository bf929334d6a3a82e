//! Emergency relief (NĐ 20/2021 Chapter III): what each kind of loss gives at least. Rice is kilograms, not money.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Vnd;
use crate::money::MoneyError;

/// A kind of loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// A member of the household died.
    Death,
    /// A member of the household is missing.
    Missing,
    /// Severe injury: emergency care and at least three days of treatment (Art 2(2)).
    SevereInjury,
    /// The house collapsed, was swept away or burnt down, and there is no other place to live.
    HouseLost,
    /// The authority ordered the household to leave its house.
    Relocation,
    /// The house is badly damaged and can't be lived in.
    HouseDamaged,
    /// The household goes hungry.
    Hunger,
}

/// What the law looks at beside the kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// Poor, near-poor or in difficult circumstances, which Art 15(1) and (3) ask for.
    #[serde(default)]
    pub in_need: bool,
    /// Members who go hungry, for rice.
    #[serde(default)]
    pub members: u32,
    /// Months without food, at most three a round.
    #[serde(default)]
    pub months: u32,
}

/// What a loss gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Relief {
    /// Đồng.
    pub amount: Vnd,
    /// Rice, grams.
    pub rice_grams: i64,
    /// The provision.
    pub provision: &'static str,
}

/// Why a loss gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRelief {
    /// Art 15(1) and (3) are for poor, near-poor and difficult households.
    #[error("only for poor, near-poor and difficult households")]
    NotInNeed,
    /// Rice is for at least one member and one to three months.
    #[error("rice is for at least one member and for one to three months")]
    NoHunger,
    /// The amount can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Rice for one person and month, grams (Art 12(1): 15 kg).
const RICE_GRAMS: i64 = 15_000;

/// The least a loss gives; `standard` is the central standard on the day of the event. The province may add to it.
pub fn relief(loss: Loss, circumstances: Circumstances, standard: Vnd) -> Result<Relief, NoRelief> {
    let times = |coefficient: i64| standard.times(Decimal::from(coefficient));
    let fixed = |dong: i64| Vnd::new(dong);
    let in_need = if circumstances.in_need {
        Ok(())
    } else {
        Err(NoRelief::NotInNeed)
    };
    let (amount, rice_grams, provision) = match loss {
        Loss::Death | Loss::Missing => (times(50)?, 0, "NĐ 20/2021 Art 14(1)"),
        Loss::SevereInjury => (times(10)?, 0, "NĐ 20/2021 Art 13(1)"),
        Loss::HouseLost => (in_need.and(Ok(fixed(40_000_000)?))?, 0, "NĐ 20/2021 Art 15(1)"),
        Loss::Relocation => (fixed(30_000_000)?, 0, "NĐ 20/2021 Art 15(2)"),
        Loss::HouseDamaged => (in_need.and(Ok(fixed(20_000_000)?))?, 0, "NĐ 20/2021 Art 15(3)"),
        Loss::Hunger if circumstances.members > 0 && (1..=3).contains(&circumstances.months) => {
            let shares = i64::from(circumstances.members) * i64::from(circumstances.months);
            (Vnd::ZERO, RICE_GRAMS * shares, "NĐ 20/2021 Art 12(1)")
        }
        Loss::Hunger => return Err(NoRelief::NoHunger),
    };
    Ok(Relief {
        amount,
        rice_grams,
        provision,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(loss: Loss, in_need: bool) -> Result<i64, NoRelief> {
        let circumstances = Circumstances {
            in_need,
            ..Circumstances::default()
        };
        relief(loss, circumstances, Vnd::new(500_000).unwrap()).map(|relief| relief.amount.dong())
    }

    #[test]
    fn a_death_gives_fifty_standards_as_paid_after_the_boat_of_july_2025() {
        assert_eq!(amount(Loss::Death, false), Ok(25_000_000));
        assert_eq!(amount(Loss::SevereInjury, false), Ok(5_000_000));
    }

    #[test]
    fn houses_are_for_those_in_need_but_an_ordered_relocation_is_for_all() {
        assert_eq!(amount(Loss::HouseLost, true), Ok(40_000_000));
        assert_eq!(amount(Loss::HouseLost, false), Err(NoRelief::NotInNeed));
        assert_eq!(amount(Loss::HouseDamaged, true), Ok(20_000_000));
        assert_eq!(amount(Loss::Relocation, false), Ok(30_000_000));
    }

    #[test]
    fn rice_is_kilograms_and_never_money() {
        let hungry = Circumstances {
            members: 4,
            months: 3,
            in_need: false,
        };
        let rice = relief(Loss::Hunger, hungry, Vnd::new(500_000).unwrap()).unwrap();
        assert_eq!((rice.amount, rice.rice_grams), (Vnd::ZERO, 180_000));
        assert_eq!(
            relief(Loss::Hunger, Circumstances { months: 4, ..hungry }, Vnd::ZERO),
            Err(NoRelief::NoHunger)
        );
    }
}
