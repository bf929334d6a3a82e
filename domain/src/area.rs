//! The areas of the province with their dates. Codes are re-used by reforms, so an area is a code and a validity:
//! `06652@1900-01` (phường Hà Phong) and `06652@2025-07` (phường Hà Tu) are two areas.
//!
//! Three epochs: the table of 2023, open to the past; that of 1/11/2024 (NQ 1199/NQ-UBTVQH15); that of 1/7/2025
//! (NQ 1679/NQ-UBTVQH15), when the districts ended. A unit that an epoch leaves untouched stays the same area.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::NaiveDate;

use crate::Month;
use crate::case_file::AreaType;

/// Level in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Tỉnh.
    Province,
    /// Huyện, thị xã, thành phố (until 6/2025).
    District,
    /// Xã, phường, thị trấn, đặc khu.
    Commune,
}

impl Level {
    /// The code in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }
}

/// An administrative unit during one validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// `<code>@<first month>`, with `1900-01` for areas open to the past.
    pub id: String,
    /// The code of the General Statistics Office.
    pub code: String,
    /// The full name.
    pub name: String,
    /// Level in the tree.
    pub level: Level,
    /// The kind in Vietnamese (`phường`, `xã`, ...).
    pub kind: String,
    /// Urban, rural or special; communes only.
    pub area_type: Option<AreaType>,
    /// The id of the area above.
    pub parent_id: Option<String>,
    /// First day (1 January 1900 stands for the open past).
    pub valid_from: NaiveDate,
    /// Last day; open if none.
    pub valid_to: Option<NaiveDate>,
}

impl Area {
    /// Whether the area exists on a day.
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        (self.valid_from <= day || self.is_open_to_the_past()) && self.valid_to.is_none_or(|to| day <= to)
    }

    fn is_open_to_the_past(&self) -> bool {
        self.valid_from == epoch_days()[0]
    }
}

/// What became of an area that a reform ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The id of the area that ended.
    pub old_id: String,
    /// The id of an area that took it over, wholly or in part.
    pub new_id: String,
    /// Whether it took over the whole.
    pub whole: bool,
    /// Whether a person of the old area counts as living here where nothing better is known.
    pub is_default: bool,
}

/// All areas and successions.
#[derive(Debug)]
pub struct AreaTable {
    areas: Vec<Area>,
    by_id: BTreeMap<String, usize>,
    successions: Vec<Succession>,
    defaults: BTreeMap<String, usize>,
}

const UNITS: [&str; 3] = [
    include_str!("../catalogue/areas/admin_units_2023.csv"),
    include_str!("../catalogue/areas/admin_units_2025-01.csv"),
    include_str!("../catalogue/areas/admin_units_2025.csv"),
];
const SUCCESSORS_2024: &str = include_str!("../catalogue/areas/admin_units_successors_2024-11.csv");
const SUCCESSORS_2025: &str = include_str!("../catalogue/areas/admin_units_successors.csv");

/// The first days of the three epochs; the first stands for the open past.
pub fn epoch_days() -> [NaiveDate; 3] {
    let day = |year, month| NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(NaiveDate::MIN);
    [day(1900, 1), day(2024, 11), day(2025, 7)]
}

/// The number (0 to 2) of the epoch a day lies in.
pub fn epoch_of(day: NaiveDate) -> usize {
    let days = epoch_days();
    usize::from(day >= days[1]) + usize::from(day >= days[2])
}

/// The area table of the catalogue.
pub fn table() -> &'static AreaTable {
    static TABLE: OnceLock<AreaTable> = OnceLock::new();
    TABLE.get_or_init(AreaTable::from_catalogue)
}

struct Unit {
    code: String,
    name: String,
    level: Level,
    parent: String,
    kind: String,
    area_type: Option<AreaType>,
}

fn records(text: &str) -> impl Iterator<Item = csv::StringRecord> + '_ {
    csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .filter_map(Result::ok)
}

fn cell(record: &csv::StringRecord, column: usize) -> String {
    record.get(column).unwrap_or_default().to_owned()
}

fn units(text: &str) -> Vec<Unit> {
    records(text)
        .map(|record| Unit {
            code: cell(&record, 0),
            name: cell(&record, 1),
            level: match record.get(2) {
                Some("province") => Level::Province,
                Some("district") => Level::District,
                _ => Level::Commune,
            },
            parent: cell(&record, 3),
            kind: cell(&record, 4),
            area_type: match record.get(5) {
                Some("urban") => Some(AreaType::Urban),
                Some("rural") => Some(AreaType::Rural),
                Some("unspecified") => Some(AreaType::Special),
                _ => None,
            },
        })
        .collect()
}

impl AreaTable {
    fn from_catalogue() -> Self {
        let mut areas: Vec<Area> = Vec::new();
        let mut current: BTreeMap<String, usize> = BTreeMap::new();
        let mut ended: Vec<(usize, usize)> = Vec::new();
        let level_order = [Level::Province, Level::District, Level::Commune];
        for (epoch, (text, first_day)) in UNITS.iter().zip(epoch_days()).enumerate() {
            let mut listed = units(text);
            listed.sort_by_key(|unit| level_order.iter().position(|level| *level == unit.level));
            let mut next: BTreeMap<String, usize> = BTreeMap::new();
            for unit in listed {
                let parent_id = next.get(&unit.parent).map(|index| areas[*index].id.clone());
                let untouched = current.get(&unit.code).copied().filter(|index| {
                    let old = &areas[*index];
                    old.name == unit.name
                        && old.kind == unit.kind
                        && old.parent_id == parent_id
                        && (unit.level == Level::Province || epoch < 2)
                });
                let index = untouched.unwrap_or_else(|| {
                    areas.push(Area {
                        id: format!("{}@{}", unit.code, Month::of(first_day)),
                        code: unit.code.clone(),
                        name: unit.name,
                        level: unit.level,
                        kind: unit.kind,
                        area_type: unit.area_type,
                        parent_id,
                        valid_from: first_day,
                        valid_to: None,
                    });
                    areas.len() - 1
                });
                next.insert(unit.code, index);
            }
            for (code, index) in &current {
                if next.get(code) != Some(index) {
                    areas[*index].valid_to = first_day.pred_opt();
                    ended.push((*index, epoch));
                }
            }
            current = next;
        }
        let mut table = Self {
            areas,
            by_id: BTreeMap::new(),
            successions: Vec::new(),
            defaults: BTreeMap::new(),
        };
        table
            .areas
            .sort_by(|a, b| (&a.code, a.valid_from).cmp(&(&b.code, b.valid_from)));
        table.by_id = table
            .areas
            .iter()
            .enumerate()
            .map(|(index, area)| (area.id.clone(), index))
            .collect();
        table.link();
        table
    }

    fn link(&mut self) {
        let listed_2024: BTreeMap<String, String> = records(SUCCESSORS_2024)
            .map(|record| (cell(&record, 0), cell(&record, 3)))
            .collect();
        let mut successions = Vec::new();
        let days = epoch_days();
        for area in self.areas.iter().filter(|area| area.valid_to == days[1].pred_opt()) {
            let code = listed_2024.get(&area.code).unwrap_or(&area.code);
            if let Some(new) = self.on(code, days[1]) {
                let (old_id, new_id) = (area.id.clone(), new.id.clone());
                successions.push(Succession {
                    old_id,
                    new_id,
                    whole: true,
                    is_default: true,
                });
            }
        }
        for record in records(SUCCESSORS_2025) {
            let (old_code, new_code) = (cell(&record, 0), cell(&record, 5));
            let old = days[2].pred_opt().and_then(|day| self.on(&old_code, day));
            if let (Some(old), Some(new)) = (old, self.on(&new_code, days[2])) {
                successions.push(Succession {
                    old_id: old.id.clone(),
                    new_id: new.id.clone(),
                    whole: record.get(8) == Some("whole"),
                    is_default: record.get(9) == Some("yes"),
                });
            }
        }
        successions.sort_by(|a, b| (&a.old_id, &a.new_id).cmp(&(&b.old_id, &b.new_id)));
        self.defaults = successions
            .iter()
            .filter(|link| link.is_default)
            .filter_map(|link| Some((link.old_id.clone(), *self.by_id.get(&link.new_id)?)))
            .collect();
        self.successions = successions;
    }

    /// Every area, by code and first day.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// Every succession, by old and new id.
    pub fn successions(&self) -> &[Succession] {
        &self.successions
    }

    /// The area with an id.
    pub fn by_id(&self, id: &str) -> Option<&Area> {
        self.by_id.get(id).and_then(|index| self.areas.get(*index))
    }

    /// The area that bears a code on a day.
    pub fn on(&self, code: &str, day: NaiveDate) -> Option<&Area> {
        let start = self.areas.partition_point(|area| area.code.as_str() < code);
        self.areas[start..]
            .iter()
            .take_while(|area| area.code == code)
            .find(|area| area.exists_on(day))
    }

    /// Where a person of an abolished area counts as living from the next day on.
    pub fn default_successor(&self, area: &Area) -> Option<&Area> {
        self.defaults.get(&area.id).and_then(|index| self.areas.get(*index))
    }

    /// The area in which someone lives on `day` who came to the area `code` on `since` and has not moved: the area
    /// itself, or its default successor. None if the code does not exist on `since`.
    pub fn followed(&self, code: &str, since: NaiveDate, day: NaiveDate) -> Option<&Area> {
        let mut area = self.on(code, since)?;
        while area.valid_to.is_some_and(|to| to < day) {
            area = self.default_successor(area)?;
        }
        Some(area)
    }

    /// The type of the area in which someone lives in each epoch who came to the area `code` on `since` and has not
    /// moved; earlier epochs repeat the first.
    pub fn types(&self, code: &str, since: NaiveDate) -> [Option<AreaType>; 3] {
        let Some(mut area) = self.on(code, since) else {
            return [None; 3];
        };
        let mut types = [area.area_type; 3];
        for (kind, day) in types.iter_mut().zip(epoch_days()) {
            while area.valid_to.is_some_and(|to| to < day) {
                match self.default_successor(area) {
                    Some(successor) => area = successor,
                    None => return types,
                }
            }
            *kind = area.area_type;
        }
        types
    }

    /// The areas right below another on a day.
    pub fn children<'a>(&'a self, parent_id: &'a str, day: NaiveDate) -> impl Iterator<Item = &'a Area> + 'a {
        self.areas
            .iter()
            .filter(move |area| area.parent_id.as_deref() == Some(parent_id) && area.exists_on(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_epoch_has_its_communes_and_each_abolished_area_a_default_successor() {
        let table = table();
        for (on, communes) in [
            ("1990-01-01", 177),
            ("2024-10-31", 177),
            ("2024-11-01", 171),
            ("2025-07-01", 54),
        ] {
            let count = table
                .areas()
                .iter()
                .filter(|a| a.level == Level::Commune && a.exists_on(day(on)))
                .count();
            assert_eq!(count, communes, "{on}");
        }
        for area in table
            .areas()
            .iter()
            .filter(|a| a.level == Level::Commune && a.valid_to.is_some())
        {
            assert!(table.default_successor(area).is_some(), "{}", area.id);
        }
    }

    #[test]
    fn a_reused_code_is_another_area_and_a_type_flips_without_a_move() {
        let table = table();
        assert_eq!(table.on("06652", day("2025-06-30")).unwrap().name, "Phường Hà Phong");
        assert_eq!(table.on("06652", day("2025-07-01")).unwrap().name, "Phường Hà Tu");
        let stay = |on| table.followed("07192", day("2018-01-01"), day(on)).unwrap().area_type;
        assert_eq!(stay("2025-06-30"), Some(AreaType::Urban));
        assert_eq!(stay("2025-07-01"), Some(AreaType::Special));
        assert_eq!(
            table
                .followed("06985", day("2020-01-01"), day("2024-12-01"))
                .unwrap()
                .name,
            "Xã Lương Minh"
        );
        assert!(table.on("06649", day("2025-07-01")).is_none());
    }

    #[test]
    fn the_tree_is_whole_on_every_day() {
        let table = table();
        for on in ["2020-01-01", "2024-12-01", "2026-01-01"] {
            let on = day(on);
            for area in table
                .areas()
                .iter()
                .filter(|a| a.exists_on(on) && a.level != Level::Province)
            {
                let parent = area.parent_id.as_deref().and_then(|id| table.by_id(id)).unwrap();
                assert!(parent.exists_on(on), "{}", area.id);
            }
        }
    }
}
