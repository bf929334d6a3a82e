//! Whole đồng. The đồng has no subunit (ISO 4217 gives VND no minor unit), so an amount is an integer and no float
//! ever touches it.

use std::fmt;
use std::iter::Sum;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in whole đồng, at most [`Vnd::MAX`] either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vnd(i64);

/// Why an amount was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Beyond what a JavaScript client reads exactly.
    #[error("the amount is beyond 9,007,199,254,740,991 đồng")]
    TooLarge,
    /// A product that is not a whole number of đồng.
    #[error("the amount is not a whole number of đồng")]
    NotWhole,
}

impl Vnd {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// 2^53 - 1: the largest integer every JSON client reads exactly.
    pub const MAX: Self = Self(9_007_199_254_740_991);

    /// An amount, refused beyond [`Vnd::MAX`].
    pub const fn new(dong: i64) -> Result<Self, MoneyError> {
        if dong > Self::MAX.0 || dong < -Self::MAX.0 {
            Err(MoneyError::TooLarge)
        } else {
            Ok(Self(dong))
        }
    }

    /// The number of đồng.
    pub const fn dong(self) -> i64 {
        self.0
    }

    /// The sum, refused beyond [`Vnd::MAX`].
    pub const fn plus(self, other: Self) -> Result<Self, MoneyError> {
        match self.0.checked_add(other.0) {
            Some(sum) => Self::new(sum),
            None => Err(MoneyError::TooLarge),
        }
    }

    /// The difference, refused beyond [`Vnd::MAX`].
    pub const fn minus(self, other: Self) -> Result<Self, MoneyError> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Self::new(difference),
            None => Err(MoneyError::TooLarge),
        }
    }

    /// The amount times a coefficient of law; a product with a fraction of a đồng is refused, never rounded.
    pub fn times(self, coefficient: Decimal) -> Result<Self, MoneyError> {
        let product = Decimal::from(self.0)
            .checked_mul(coefficient)
            .ok_or(MoneyError::TooLarge)?;
        if !product.fract().is_zero() {
            return Err(MoneyError::NotWhole);
        }
        product.to_i64().ok_or(MoneyError::TooLarge).and_then(Self::new)
    }

    /// The sum of many amounts, refused beyond [`Vnd::MAX`].
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl Sum for Vnd {
    /// Saturates at [`Vnd::MAX`]; use [`Vnd::total`] where the bound can be met.
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |sum, amount| sum.plus(amount).unwrap_or(Self::MAX))
    }
}

impl fmt::Display for Vnd {
    /// Plain digits, as files carry it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Vnd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Vnd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Vnd {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Integer)
            .minimum(Some(0))
            .maximum(Some(Self::MAX.dong()))
            .description(Some("Whole đồng."))
            .examples([500_000])
            .into()
    }
}

impl utoipa::ToSchema for Vnd {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coefficient_never_rounds() {
        let standard = Vnd(350_000);
        assert_eq!(standard.times(Decimal::new(25, 1)), Ok(Vnd(875_000)));
        assert_eq!(Vnd(333).times(Decimal::new(15, 1)), Err(MoneyError::NotWhole));
    }

    #[test]
    fn the_largest_amount_survives_json_and_one_more_is_refused() {
        let largest: Vnd = serde_json::from_str("9007199254740991").unwrap();
        assert_eq!(serde_json::to_string(&largest).unwrap(), "9007199254740991");
        assert!(serde_json::from_str::<Vnd>("9007199254740992").is_err());
        assert!(serde_json::from_str::<Vnd>("500000.5").is_err());
        assert_eq!(serde_json::from_str::<Vnd>("16777217").unwrap().dong(), 16_777_217);
    }
}
