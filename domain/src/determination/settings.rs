//! Community or facility, month by month: the month of entering or leaving keeps the old setting.

use super::facts::Stay;
use crate::Month;
use crate::case_file::Setting;

/// Where a person counts as living in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Community,
    Facility,
    /// In the month of coming straight into a facility; care starts the month after.
    Entering,
}

impl From<Setting> for Where {
    fn from(setting: Setting) -> Self {
        match setting {
            Setting::Community => Self::Community,
            Setting::Facility => Self::Facility,
        }
    }
}

/// The months from which each setting counts.
pub(super) fn settings(stays: &[Stay], settings: &mut Vec<(Month, Where)>) {
    settings.clear();
    for stay in stays {
        let month = Month::of(stay.from);
        let eve = month.first_day().pred_opt().unwrap_or(stay.from);
        let held_on = |day| stays.iter().any(|other| other.from <= day && day <= other.to);
        let held_before = held_on(eve) && held_on(month.first_day());
        let began_before = stays
            .iter()
            .any(|other| other.from < stay.from && Month::of(other.from) == month);
        if !held_before && !began_before {
            settings.push((
                month,
                if stay.setting == Setting::Facility {
                    Where::Entering
                } else {
                    Where::Community
                },
            ));
        }
        if stay.to >= month.last_day() {
            settings.push((month.next(), stay.setting.into()));
        }
    }
    settings.sort_by_key(|(month, _)| *month);
}
