//! Where the people of the synthetic province live: the communes of 2023, weighted by the size of their districts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::dice::Dice;
use super::home::REGISTRY_FROM;
use super::names::People;
use crate::area::{self, Level};
use crate::case_file::AreaType;

/// A commune of the table of 2023.
#[derive(Clone, Debug)]
pub(super) struct Commune {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) district: String,
    district_code: String,
    pub(super) urban: bool,
}

/// Share of the people and shares of the peoples by district, of a hundred and in round figures: Kinh, Dao, Tày,
/// Sán Chỉ, Sán Dìu.
const DISTRICTS: &[(&str, u32, [u32; 5])] = &[
    ("193", 240, [93, 4, 1, 0, 2]),
    ("194", 85, [94, 5, 1, 0, 0]),
    ("195", 140, [95, 1, 1, 0, 3]),
    ("196", 95, [96, 4, 0, 0, 0]),
    ("198", 25, [4, 26, 46, 24, 0]),
    ("199", 40, [50, 20, 14, 10, 6]),
    ("200", 33, [66, 26, 3, 5, 0]),
    ("201", 47, [74, 22, 3, 1, 0]),
    ("202", 18, [20, 44, 18, 16, 2]),
    ("203", 36, [82, 3, 1, 0, 14]),
    ("205", 130, [96, 1, 2, 0, 1]),
    ("206", 106, [99, 0, 0, 0, 1]),
    ("207", 5, [98, 0, 0, 0, 2]),
];

/// Districts with especially difficult villages in this synthetic province.
const MOUNTAINS: &[&str] = &["198", "199", "202"];

const HAMLETS: &[&str] = &[
    "thôn 1",
    "thôn 2",
    "thôn 3",
    "thôn 4",
    "thôn 5",
    "thôn Đông",
    "thôn Trung",
    "thôn Nam",
    "thôn Bắc",
    "thôn Đồng Mậu",
    "thôn Đình",
    "thôn Thượng",
    "thôn Hạ",
    "thôn Đông Thành",
    "thôn Hải Đông",
    "thôn Cái Gian",
    "thôn Tân Tiến",
];
const MOUNTAIN_HAMLETS: &[&str] = &[
    "thôn Khe Cát",
    "thôn Khe Vằn",
    "thôn Nà Làng",
    "thôn Nà Bắp",
    "thôn Khe Mọi",
    "bản Cáu",
    "bản Pạt",
    "thôn Pắc Pò",
    "thôn Nà Ếch",
    "thôn Đồng Cậm",
    "thôn Khe Lánh",
    "thôn Sú Cáu",
    "thôn Nà Tiếng",
    "bản Sen",
    "thôn Lục Ngù",
];

struct Places {
    communes: Vec<Commune>,
    /// District code to the communes' places in the list above, a phường or thị trấn thrice.
    drawn: BTreeMap<String, Vec<usize>>,
}

static PLACES: LazyLock<Places> = LazyLock::new(|| {
    let table = area::table();
    let of_2023 = table
        .areas()
        .iter()
        .filter(|area| area.level == Level::Commune && area.exists_on(REGISTRY_FROM));
    let communes: Vec<Commune> = of_2023
        .map(|commune| {
            let district = commune.parent_id.as_deref().and_then(|id| table.by_id(id));
            Commune {
                code: commune.code.clone(),
                name: commune.name.clone(),
                district: district.map(|district| district.name.clone()).unwrap_or_default(),
                district_code: district.map(|district| district.code.clone()).unwrap_or_default(),
                urban: commune.area_type == Some(AreaType::Urban),
            }
        })
        .collect();
    let mut drawn: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, commune) in communes.iter().enumerate() {
        let weight = if commune.urban { 3 } else { 1 };
        drawn
            .entry(commune.district_code.clone())
            .or_default()
            .extend(std::iter::repeat_n(at, weight));
    }
    Places { communes, drawn }
});

fn commune_in(dice: &mut Dice, district: &str) -> &'static Commune {
    let at = PLACES.drawn.get(district).map_or(0, |list| dice.pick(list));
    PLACES.communes.get(at).unwrap_or(&NOWHERE)
}

/// Stands in for an area where the table is empty, which a test rules out.
static NOWHERE: Commune = Commune {
    code: String::new(),
    name: String::new(),
    district: String::new(),
    district_code: String::new(),
    urban: false,
};

/// Any commune, the large districts more often.
pub(super) fn commune(dice: &mut Dice) -> &'static Commune {
    let mut at = dice.below(DISTRICTS.iter().map(|(_, share, _)| share).sum());
    for (code, share, _) in DISTRICTS {
        match at.checked_sub(*share) {
            Some(rest) => at = rest,
            None => return commune_in(dice, code),
        }
    }
    &NOWHERE
}

/// A rural commune of the mountains.
pub(super) fn mountain_commune(dice: &mut Dice) -> &'static Commune {
    let district = dice.pick(MOUNTAINS);
    let rural: Vec<usize> = PLACES
        .communes
        .iter()
        .enumerate()
        .filter_map(|(at, commune)| (commune.district_code == district && !commune.urban).then_some(at))
        .collect();
    let at = dice.pick(&rural);
    PLACES.communes.get(at).unwrap_or(&NOWHERE)
}

/// The commune of a code.
pub(super) fn by_code(code: &str) -> &'static Commune {
    PLACES
        .communes
        .iter()
        .find(|commune| commune.code == code)
        .unwrap_or(&NOWHERE)
}

impl Commune {
    /// To which people a household here belongs.
    pub(super) fn people(&self, dice: &mut Dice) -> People {
        let mut shares = DISTRICTS
            .iter()
            .find(|(code, ..)| *code == self.district_code)
            .map_or([100, 0, 0, 0, 0], |d| d.2);
        if self.urban {
            // Towns are Kinh for the greater part, in the mountains too.
            shares[0] += 100;
        }
        let peoples = [People::Kinh, People::Dao, People::Tay, People::SanChi, People::SanDiu];
        let mut at = dice.below(shares.iter().sum());
        for (people, share) in peoples.into_iter().zip(shares) {
            match at.checked_sub(share) {
                Some(rest) => at = rest,
                None => return people,
            }
        }
        People::Kinh
    }

    /// An address down to the hamlet or the group of houses.
    pub(super) fn address(&self, dice: &mut Dice) -> String {
        let spot = if self.urban {
            format!("tổ {}, khu {}", 1 + dice.below(14), 1 + dice.below(11))
        } else if MOUNTAINS.contains(&self.district_code.as_str()) {
            dice.pick(MOUNTAIN_HAMLETS).to_owned()
        } else {
            dice.pick(HAMLETS).to_owned()
        };
        let mut address = capitalised(&spot);
        for name in [&self.name, &self.district] {
            address.push_str(", ");
            address.push_str(&lower_first(name));
        }
        address
    }

    /// The post office that pays cash here.
    pub(super) fn post_office(&self) -> String {
        if self.urban {
            format!("Bưu cục {}", lower_first(&self.name))
        } else {
            format!("Điểm Bưu điện - Văn hóa {}", lower_first(&self.name))
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_2023_is_whole_and_every_district_has_its_share() {
        assert_eq!(PLACES.communes.len(), 177);
        let weighted: Vec<&str> = DISTRICTS.iter().map(|(code, ..)| *code).collect();
        assert!(PLACES.drawn.keys().eq(weighted.iter()));
        assert_eq!(DISTRICTS.iter().map(|(_, share, _)| share).sum::<u32>(), 1_000);
        assert!(DISTRICTS.iter().all(|(.., peoples)| peoples.iter().sum::<u32>() == 100));
        assert_eq!(by_code("07075").name, "Xã An Sinh");
        assert!(MOUNTAINS.iter().all(|code| PLACES.drawn.contains_key(*code)));
    }
}
