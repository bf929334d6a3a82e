//! How workbooks of simulations name months, groups, areas and people.

use std::collections::BTreeMap;

use domain::Month;
use domain::name::place_key;
use entity::person;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::result::{Line, SimulationResult};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::entitlement::{benefit, is_confidential};
use crate::error::Error;
use crate::month_close::group_label;
use crate::print;

/// The names of areas, by id.
pub(super) type AreaNames = BTreeMap<String, String>;

/// The names of people, by id.
pub(super) type PersonNames = BTreeMap<Uuid, String>;

/// The names of the people that a simulation shows, for who may read the registry; whoever is protected is shown to nobody
/// without need.
pub(super) async fn people(app: &App, actor: &Actor, result: &SimulationResult) -> Result<PersonNames, Error> {
    if actor.require_province(Permission::RegistryRead).is_err() {
        return Ok(PersonNames::new());
    }
    let changes = [&result.gainers, &result.losers, &result.entrants, &result.leavers];
    let shown = changes.into_iter().flat_map(|change| &change.examples);
    let names: Vec<(Uuid, String)> = person::Entity::find()
        .select_only()
        .columns([person::Column::Id, person::Column::FullName])
        .filter(person::Column::Id.is_in(shown.map(|example| example.person_id)))
        .filter(person::Column::Protected.eq(false))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(names.into_iter().collect())
}

/// A month that may be left out: `10/2024`.
pub(super) fn month(month: Option<Month>) -> String {
    month.map(print::month).unwrap_or_default()
}

/// A group of a benefit. A table of the whole province tells of nobody: what the law keeps confidential has its number.
pub(super) fn group(code: Option<&str>, group: Option<&str>) -> String {
    let group = match group.unwrap_or_default() {
        own if is_confidential(own) => format!("Nhóm {own}"),
        own => group_label(own),
    };
    match code.and_then(benefit) {
        Some(own) => format!("{}: {group}", own.label().0),
        None => group,
    }
}

/// The groups of one person: what the law keeps confidential is not named.
pub(super) fn groups(of_person: &str) -> String {
    if of_person.is_empty() {
        return String::new();
    }
    group_label(of_person)
}

/// Lines in the order of the alphabet of their areas; lines of one area stay as they stand.
pub(super) fn by_place(lines: &mut [Line]) {
    lines.sort_by_cached_key(|line| line.area.as_deref().map(|name| (place_key(name), line.area_id.clone())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_groups_and_areas_are_named_for_people() {
        assert_eq!(month("2026-10".parse().ok()), "10/2026");
        assert_eq!(month(None), "");
        assert_eq!(
            group(Some("monthly_allowance"), Some("5.6")),
            format!(
                "{}: Nhóm 5.6: Người khuyết tật đặc biệt nặng và nặng",
                benefit("monthly_allowance").unwrap().label().0
            )
        );
        assert!(group(Some("monthly_allowance"), Some("5.8")).ends_with(": Nhóm 5.8"));
        assert_eq!(groups("5.4 + 5.8"), "Nhóm được giữ kín theo luật");
        assert_eq!(groups(""), "");
        let line = |area: &str| Line {
            area: Some(area.to_owned()),
            area_id: Some(area.to_owned()),
            ..Line::default()
        };
        let mut lines = [
            line("Xã Đầm Hà"),
            line("Phường Đông Mai"),
            line("Phường Hà An"),
            line("Phường Cửa Ông"),
        ];
        by_place(&mut lines);
        let names: Vec<&str> = lines.iter().filter_map(|line| line.area.as_deref()).collect();
        assert_eq!(
            names,
            ["Phường Cửa Ông", "Phường Đông Mai", "Phường Hà An", "Xã Đầm Hà"]
        );
    }
}
