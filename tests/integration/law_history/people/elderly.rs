//! Elderly people.

use super::Someone;

/// The elderly of the town.
pub(super) const PEOPLE: &[Someone] = &[
    // 80 on 15/6/2020; died on 9/3/2025, and the month of death is paid (Art 8(2)). The funeral rests on the central
    // standard of the day.
    Someone {
        name: "Cụ nghèo không người phụng dưỡng",
        birth: "1940-06-15",
        area: "06652",
        setting: "community",
        evidence: &[
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("no_supporter", "true", "2010-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: Some("2025-03-09"),
        law: "
            5.5a | 2015-01..2016-12 |    450.000 | NĐ 136/2013 Art 6     | 1,5 × 300.000
            5.5a | 2017-01..2020-05 |    525.000 | NĐ 136/2013 Art 6     | 1,5 × 350.000
            5.5a | 2020-06..2021-06 |    700.000 | NĐ 136/2013 Art 6     | 2,0 × 350.000
            5.5a | 2021-07          |    720.000 | NĐ 20/2021 Art 6(1)(đ) | 2,0 × 360.000
            5.5a | 2021-08..2022-12 |    900.000 | NĐ 20/2021 Art 6(1)(đ) | 2,0 × 450.000
            5.5a | 2023-01..2024-09 |  1.000.000 | NĐ 20/2021 Art 6(1)(đ) | 2,0 × 500.000
            5.5a | 2024-10..2025-03 |  1.400.000 | NĐ 20/2021 Art 6(1)(đ) | 2,0 × 700.000
            11   | 2025-03          | 10.000.000 | NĐ 20/2021 Art 11      | 20 × 500.000
        ",
        unknown: None,
    },
    // 75 on 10/4/2022, decided in June: from the month of the birthday. The group ends on 30/6/2025 (NĐ 176/2025); the
    // social pension starts in the month of its own decision.
    Someone {
        name: "Cụ 75 tuổi vùng khó khăn",
        birth: "1947-04-10",
        area: "07033",
        setting: "community",
        evidence: &[
            ("poverty", "\"near_poor\"", "2021-01-01", None),
            ("difficult_area", "true", "2021-01-01", None),
        ],
        granted: &[("monthly_allowance", "2022-06-15"), ("social_pension", "2025-08-11")],
        died: None,
        law: "
            5.5b | 2022-04..2022-12 | 450.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 450.000
            5.5b | 2023-01..2024-09 | 500.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 500.000
            5.5b | 2024-10..2025-06 | 700.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 700.000
            sp   | 2025-08..        | 700.000 | NĐ 176/2025 Art 3      | Quảng Ninh 700.000 over 500.000 and 540.000
        ",
        unknown: None,
    },
    // 80 on 20/2/2019, decided in April.
    Someone {
        name: "Cụ 80 tuổi không lương hưu",
        birth: "1939-02-20",
        area: "06652",
        setting: "community",
        evidence: &[],
        granted: &[("monthly_allowance", "2019-04-15"), ("social_pension", "2025-07-04")],
        died: None,
        law: "
            5.5c | 2019-02..2021-06 | 350.000 | NĐ 136/2013 Art 6     | 1,0 × 350.000
            5.5c | 2021-07          | 360.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 360.000
            5.5c | 2021-08..2022-12 | 450.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 450.000
            5.5c | 2023-01..2024-09 | 500.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 500.000
            5.5c | 2024-10..2025-06 | 700.000 | NĐ 20/2021 Art 6(1)(đ) | 1,0 × 700.000
            sp   | 2025-07..        | 700.000 | NĐ 176/2025 Art 3      | Quảng Ninh 700.000 over 500.000 and 540.000
        ",
        unknown: None,
    },
    Someone {
        name: "Cụ được nhận chăm sóc tại cộng đồng",
        birth: "1950-01-01",
        area: "06652",
        setting: "community",
        evidence: &[
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("no_supporter", "true", "2010-01-01", None),
            ("cared_in_community", "true", "2014-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.5d | 2015-01..2016-12 |   900.000 | NĐ 136/2013 Art 6     | 3,0 × 300.000
            5.5d | 2017-01..2021-06 | 1.050.000 | NĐ 136/2013 Art 6     | 3,0 × 350.000
            5.5d | 2021-07          | 1.080.000 | NĐ 20/2021 Art 6(1)(đ) | 3,0 × 360.000
            5.5d | 2021-08..2022-12 | 1.350.000 | NĐ 20/2021 Art 6(1)(đ) | 3,0 × 450.000
            5.5d | 2023-01..2024-09 | 1.500.000 | NĐ 20/2021 Art 6(1)(đ) | 3,0 × 500.000
            5.5d | 2024-10..        | 2.100.000 | NĐ 20/2021 Art 6(1)(đ) | 3,0 × 700.000
        ",
        unknown: None,
    },
    // 70 to 75 and near-poor (Luật 41/2024 Art 21).
    Someone {
        name: "Cụ 74 tuổi cận nghèo",
        birth: "1951-03-03",
        area: "06652",
        setting: "community",
        evidence: &[("poverty", "\"near_poor\"", "2024-01-01", None)],
        granted: &[("social_pension", "2025-09-10")],
        died: None,
        law: "
            sp | 2025-09.. | 700.000 | NĐ 176/2025 Art 3 | Quảng Ninh 700.000 over 500.000 and 540.000
        ",
        unknown: None,
    },
    // Died in July 2026: the funeral was paid at 500.000 and is counted at 540.000 from 1/7/2026 on.
    Someone {
        name: "Cụ khuyết tật mất tháng 7/2026",
        birth: "1955-05-05",
        area: "06652",
        setting: "community",
        evidence: &[("disability", "\"severe\"", "2013-03-01", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: Some("2026-07-06"),
        law: "
            5.6 | 2015-01..2015-04 |    450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6 | 2015-05..2016-12 |    600.000 | NĐ 28/2012 Art 16     | 2,0 × 300.000
            5.6 | 2017-01..2021-06 |    700.000 | NĐ 28/2012 Art 16     | 2,0 × 350.000
            5.6 | 2021-07          |    720.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 360.000
            5.6 | 2021-08..2022-12 |    900.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 450.000
            5.6 | 2023-01..2024-09 |  1.000.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 500.000
            5.6 | 2024-10..2026-07 |  1.400.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 700.000
            11  | 2026-07          | 10.800.000 | NĐ 20/2021 Art 11      | 20 × 540.000
        ",
        unknown: None,
    },
    // Died in the facility on 15/3/2024.
    Someone {
        name: "Cụ trong cơ sở",
        birth: "1950-06-06",
        area: "06652",
        setting: "facility",
        evidence: &[("no_supporter", "true", "2010-01-01", None)],
        granted: &[("facility_care", "2014-12-15")],
        died: Some("2024-03-15"),
        law: "
            136/26   | 2015-01..2016-12 |  1.600.000 | NĐ 136/2013 Art 26     | 4,0 × 400.000
            136/26   | 2017-01..2021-06 |  2.000.000 | NĐ 136/2013 Art 26     | 4,0 × 500.000
            25(1)(b) | 2021-07..2022-12 |  2.000.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 500.000
            25(1)(b) | 2023-01..2024-03 |  2.600.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 650.000
            25(3)    | 2024-03          | 18.000.000 | NĐ 20/2021 Art 25(3)    | 50 × 360.000
        ",
        unknown: None,
    },
];
