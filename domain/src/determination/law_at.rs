//! What the facts of a stretch meet under the law of an epoch.

use super::facts::{Stay, Stretch};
use crate::law::release::{Epoch, Release};

/// The bits that depend on the month: the type of the area and the limits of pensions.
pub(super) fn bits(stretch: &Stretch, stays: &[Stay], epoch: &Epoch, side: usize) -> u128 {
    let mut bits = stretch.bits;
    if let Some(stay) = stretch.stay.and_then(|place| stays.get(place)) {
        bits |= stay.area[epoch.area_epoch];
    }
    for (bit, limit) in &epoch.pension[side] {
        let below = match (stretch.pension, limit) {
            (None, _) => true,
            (Some(sum), Some(limit)) => sum < *limit,
            (Some(_), None) => false,
        };
        if below {
            bits |= bit;
        }
    }
    bits
}

/// The active variants whose conditions hold, as bits by their place.
pub(super) fn matched(release: &Release, epoch: &Epoch, side: usize, bits: u128) -> u128 {
    let mut met = 0u128;
    let mut groups = 0u64;
    let mut bit = 1u128;
    let all = epoch.of_benefit[side].iter().fold(0u128, |all, mask| all | mask);
    for index in &epoch.active {
        if let Some(variant) = release.variants.get(usize::from(*index))
            && bits & variant.need == variant.need
            && all & bit != 0
            && variant.clauses.iter().any(|clause| clause.holds(bits, groups))
        {
            met |= bit;
            groups |= variant.group_bit;
        }
        bit <<= 1;
    }
    met
}
