//! The law as plain tables: what the articles say, number by number.

use domain::Month;
use domain::case_file::{AreaType, Jurisdiction};

/// `yyyymm` of the month from which something holds.
pub(crate) const ND_20: i32 = 202_107;
/// NĐ 147/2025 and NĐ 176/2025.
pub(crate) const ND_147: i32 = 202_507;
/// The first month with a standard (NĐ 136/2013 Art 4(1)).
pub(crate) const FIRST_STANDARD: i32 = 201_501;
/// NQ 08/2022: the fixed amounts.
pub(crate) const NQ_08: i32 = 202_301;
/// The months on whose first day some condition of eligibility changes.
pub(crate) const CONDITIONS_CHANGE: [(i32, u32); 3] = [(2021, 7), (2025, 7), (2026, 7)];

fn dated(month: Month, steps: &[(i32, i64)]) -> i64 {
    let mut amount = 0;
    for (from, value) in steps {
        if month.yyyymm() >= *from {
            amount = *value;
        }
    }
    amount
}

/// Central standard: NĐ 136/2013 Art 4(1), NĐ 20/2021 Art 4(2), NĐ 76/2024 Art 1, NĐ 335/2026 Art 4.
pub(crate) fn central_standard(month: Month) -> i64 {
    dated(
        month,
        &[(0, 270_000), (202_107, 360_000), (202_407, 500_000), (202_607, 540_000)],
    )
}

/// Community standard, never below the central one (NĐ 20/2021 Art 4(3)(a)).
pub(crate) fn community_standard(law: Jurisdiction, month: Month) -> i64 {
    let central = central_standard(month);
    match law {
        Jurisdiction::Central => central,
        Jurisdiction::QuangNinh => central.max(dated(
            month,
            &[
                (0, 300_000),
                (201_701, 350_000),
                (202_108, 450_000),
                (202_301, 500_000),
                (202_410, 700_000),
            ],
        )),
    }
}

/// Facility standard.
pub(crate) fn facility_standard(law: Jurisdiction, month: Month) -> i64 {
    let central = central_standard(month);
    match law {
        Jurisdiction::Central => central,
        Jurisdiction::QuangNinh => central.max(dated(
            month,
            &[(0, 400_000), (201_701, 500_000), (202_301, 650_000), (202_410, 700_000)],
        )),
    }
}

/// Social pension: NĐ 176/2025 Art 3, NĐ 335/2026, and the level of the province.
pub(crate) fn social_pension(law: Jurisdiction, month: Month) -> i64 {
    let central = dated(month, &[(202_507, 500_000), (202_607, 540_000)]);
    match law {
        Jurisdiction::Central => central,
        Jurisdiction::QuangNinh => central.max(dated(month, &[(202_507, 700_000)])),
    }
}

/// NQ 08/2022: rural 1.5, urban 2 million; in a special area the rule is not known, and 2 million stands for it.
pub(crate) fn fixed_amount(area: AreaType) -> i64 {
    match area {
        AreaType::Rural => 1_500_000,
        AreaType::Urban | AreaType::Special => 2_000_000,
    }
}

/// Where the provision of a group stands.
pub(crate) fn provision(group: &str, month: Month) -> &'static str {
    let old = month.yyyymm() < ND_20;
    match group {
        "5.6" if old => "NĐ 28/2012 Art 16",
        "28/17" => "NĐ 28/2012 Art 17",
        "136/26" => "NĐ 136/2013 Art 26",
        _ if old => "NĐ 136/2013 Art 6",
        "5.1" => "NĐ 20/2021 Art 6(1)(a)",
        "5.2" => "NĐ 20/2021 Art 6(1)(b)",
        "5.3" => "NĐ 20/2021 Art 6(1)(c)",
        "5.4" => "NĐ 20/2021 Art 6(1)(d)",
        "5.5a" | "5.5b" | "5.5c" | "5.5d" => "NĐ 20/2021 Art 6(1)(đ)",
        "5.6" => "NĐ 20/2021 Art 6(1)(e)",
        "5.7" | "5.8" => "NĐ 20/2021 Art 6(1)(g)",
        "20(1)(a)" => "NĐ 20/2021 Art 20(1)(a)",
        "20(1)(b)" => "NĐ 20/2021 Art 20(1)(b)",
        "20(2)(a)" => "NĐ 20/2021 Art 20(2)(a)",
        "20(2)(c)" => "NĐ 20/2021 Art 20(2)(c)",
        "20(2)(d)" => "NĐ 20/2021 Art 20(2)(d)",
        "25(1)(a)" => "NĐ 20/2021 Art 25(1)(a)",
        "25(1)(b)" => "NĐ 20/2021 Art 25(1)(b)",
        "25(3)" => "NĐ 20/2021 Art 25(3)",
        "11" => "NĐ 20/2021 Art 11",
        "sp" => "NĐ 176/2025",
        "qn_poor_unable_to_work" => "NQ 08/2022",
        _ => "?",
    }
}

/// Some areas of the province: the code, then the types a stay passes through that begins under the table of 2023,
/// under that of 1/11/2024 and under that of 1/7/2025 (`U` urban, `R` rural, `S` special, `-` no such code then),
/// through the default successors.
pub(crate) const AREAS: [(&str, [&str; 3]); 22] = [
    ("06652", ["UUU", "UU", "U"]), // Phường Hà Phong; from 7/2025 the code of Phường Hà Tu
    ("07093", ["UUU", "UU", "U"]), // Phường Đức Chính; from 7/2025 Phường Đông Triều
    ("06838", ["UUR", "UR", "R"]), // Thị trấn Bình Liêu; from 7/2025 Xã Bình Liêu
    ("06862", ["UUR", "UR", "R"]), // Thị trấn Tiên Yên; from 7/2025 Xã Tiên Yên
    ("06730", ["RRU", "RU", "-"]), // Xã Hải Đông, into Phường Móng Cái 3
    ("07147", ["RRU", "RU", "U"]), // Xã Hiệp Hòa; from 7/2025 a phường
    ("07180", ["RRU", "RU", "U"]), // Xã Liên Hòa; from 7/2025 a phường
    ("06994", ["UUS", "US", "S"]), // Thị trấn Cái Rồng; from 7/2025 Đặc khu Vân Đồn
    ("07192", ["UUS", "US", "S"]), // Thị trấn Cô Tô; from 7/2025 Đặc khu Cô Tô
    ("06997", ["RRS", "RS", "-"]), // Xã Đài Xuyên, into Đặc khu Vân Đồn
    ("07006", ["RRS", "RS", "-"]), // Xã Minh Châu, into Đặc khu Vân Đồn
    ("07081", ["RUU", "UU", "U"]), // Xã Bình Khê; from 11/2024 a phường
    ("07129", ["RUU", "UU", "-"]), // Xã Yên Đức; from 11/2024 a phường
    ("06799", ["RRR", "RR", "R"]), // Xã Cộng Hòa, Xã Hải Hòa
    ("06802", ["RRR", "--", "-"]), // Xã Cẩm Hải, from 11/2024 in Xã Hải Hòa
    ("06991", ["RRR", "--", "-"]), // Xã Minh Cầm, from 11/2024 in Xã Lương Minh
    ("06985", ["RRR", "RR", "R"]), // Xã Lương Mông
    ("07072", ["UUU", "--", "-"]), // Phường Đông Triều, from 11/2024 in Phường Đức Chính
    ("07033", ["RRR", "RR", "-"]), // Xã Kỳ Thượng
    ("06979", ["RRR", "RR", "R"]), // Xã Đạp Thanh
    ("07042", ["RRU", "RU", "-"]), // Xã Đồng Lâm, into Phường Hoành Bồ
    ("06655", ["UUU", "UU", "-"]), // Phường Hà Khẩu, split
];

/// Which table of areas a month reads: 0 until 10/2024, 1 from 11/2024, 2 from 7/2025.
pub(crate) fn epoch(month: Month) -> usize {
    match month.yyyymm() {
        ..202_411 => 0,
        202_411..202_507 => 1,
        _ => 2,
    }
}

/// The type in `month` of a stay that began in `began` under the code; none if no such code existed then.
pub(crate) fn area_type(code: &str, began: Month, month: Month) -> Option<AreaType> {
    let (_, chains) = AREAS.iter().find(|(known, _)| *known == code)?;
    let start = epoch(began);
    let letter = chains[start].chars().nth(epoch(month).saturating_sub(start))?;
    match letter {
        'U' => Some(AreaType::Urban),
        'R' => Some(AreaType::Rural),
        'S' => Some(AreaType::Special),
        _ => None,
    }
}
