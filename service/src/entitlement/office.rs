//! Who signs: since 1 July 2025 the chairman of the commune-level People's Committee (NĐ 147/2025 Art 5(1)), before that
//! the chairman of the district's.

use chrono::NaiveDate;
use domain::case_file::{CaseFile, Place};
use entity::area;

use crate::area::Directory;
use crate::entitlement::paper::lower;

/// The body that issues a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Office {
    /// `ỦY BAN NHÂN DÂN`, and on a line of its own `PHƯỜNG HÀ TU`.
    pub(crate) body: String,
    /// The same inside a sentence: `Ủy ban nhân dân phường Hà Tu`.
    pub(crate) named: String,
    /// `Hà Tu`, before the date.
    pub(crate) place: String,
}

/// The body of where a person lived on a day; the province's where that is not known.
pub(super) fn of(case: &CaseFile, areas: &Directory, day: NaiveDate) -> Office {
    let holds = |from: NaiveDate, to: Option<NaiveDate>| from <= day && to.is_none_or(|to| day <= to);
    let stay = case.residences.iter().rev().find(|stay| holds(stay.from, stay.to));
    let commune = stay.and_then(|stay| match &stay.place {
        Place::Area(code) => areas.present(code, stay.from, day),
        Place::Type(_) => None,
    });
    at(commune, areas, day)
}

/// The body of somebody who lived in a commune on a day; the province's where that is not known.
pub(crate) fn at(commune: Option<&area::Model>, areas: &Directory, day: NaiveDate) -> Office {
    let own = commune.and_then(|commune| {
        if communes_decide(day) {
            return Some(commune);
        }
        commune.parent_id.as_deref().and_then(|parent| areas.get(parent))
    });
    let name = own.map_or("Tỉnh Quảng Ninh", |area| area.name.as_str());
    Office {
        body: format!("ỦY BAN NHÂN DÂN\n{}", name.to_uppercase()),
        named: format!("Ủy ban nhân dân {}", lower(name)),
        place: bare(name).to_owned(),
    }
}

fn communes_decide(day: NaiveDate) -> bool {
    NaiveDate::from_ymd_opt(2025, 7, 1).is_some_and(|first| first <= day)
}

/// A name without its kind of unit, as the place before a date is written.
fn bare(name: &str) -> &str {
    let kinds = [
        "Phường ",
        "Xã ",
        "Đặc khu ",
        "Thị trấn ",
        "Thành phố ",
        "Thị xã ",
        "Huyện ",
        "Tỉnh ",
    ];
    kinds.iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}
