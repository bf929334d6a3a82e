//! Adults of working age.

use super::Someone;

/// The adults of the town.
pub(super) const PEOPLE: &[Someone] = &[
    Someone {
        name: "Khuyết tật nặng",
        birth: "1980-05-01",
        area: "06652",
        setting: "community",
        evidence: &[("disability", "\"severe\"", "2012-09-20", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6 | 2015-01..2016-12 |   450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6 | 2017-01..2021-06 |   525.000 | NĐ 28/2012 Art 16     | 1,5 × 350.000
            5.6 | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 360.000
            5.6 | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 450.000
            5.6 | 2023-01..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 500.000
            5.6 | 2024-10..        | 1.050.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 700.000
        ",
        unknown: None,
    },
    // 60 on 8/8/2021: the bracket and the new standard in one month.
    Someone {
        name: "Khuyết tật nặng đến 60 tuổi",
        birth: "1961-08-08",
        area: "06652",
        setting: "community",
        evidence: &[("disability", "\"severe\"", "2012-09-20", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6 | 2015-01..2016-12 |   450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6 | 2017-01..2021-06 |   525.000 | NĐ 28/2012 Art 16     | 1,5 × 350.000
            5.6 | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 360.000
            5.6 | 2021-08..2022-12 |   900.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 450.000
            5.6 | 2023-01..2024-09 | 1.000.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 500.000
            5.6 | 2024-10..        | 1.400.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 700.000
        ",
        unknown: None,
    },
    Someone {
        name: "Người lớn nhiễm HIV",
        birth: "1988-12-01",
        area: "06652",
        setting: "community",
        evidence: &[
            ("hiv", "true", "2013-01-01", None),
            ("poverty", "\"poor\"", "2013-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.8 | 2015-01..2016-12 |   450.000 | NĐ 136/2013 Art 6     | 1,5 × 300.000
            5.8 | 2017-01..2021-06 |   525.000 | NĐ 136/2013 Art 6     | 1,5 × 350.000
            5.8 | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 360.000
            5.8 | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 450.000
            5.8 | 2023-01..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 500.000
            5.8 | 2024-10..        | 1.050.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 700.000
        ",
        unknown: None,
    },
    // Three children, of whom two count before 7/2021. The first is 16 on 20/5/2024, which counts in May; the second on
    // 2/8/2026, which by then counts in the month after (NĐ 147/2025 Art 5(2)(d)).
    Someone {
        name: "Đơn thân nghèo ba con",
        birth: "1985-01-20",
        area: "06652",
        setting: "community",
        evidence: &[
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("single_parent", "true", "2013-01-01", None),
            ("raising_child", "{\"birth_date\": \"2008-05-20\"}", "2013-01-01", None),
            ("raising_child", "{\"birth_date\": \"2010-08-02\"}", "2013-01-01", None),
            ("raising_child", "{\"birth_date\": \"2012-11-11\"}", "2013-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.4 | 2015-01..2016-12 |   600.000 | NĐ 136/2013 Art 6     | 2 × 300.000
            5.4 | 2017-01..2021-06 |   700.000 | NĐ 136/2013 Art 6     | 2 × 350.000
            5.4 | 2021-07          | 1.080.000 | NĐ 20/2021 Art 6(1)(d) | 3 × 360.000
            5.4 | 2021-08..2022-12 | 1.350.000 | NĐ 20/2021 Art 6(1)(d) | 3 × 450.000
            5.4 | 2023-01..2024-04 | 1.500.000 | NĐ 20/2021 Art 6(1)(d) | 3 × 500.000
            5.4 | 2024-05..2024-09 | 1.000.000 | NĐ 20/2021 Art 6(1)(d) | 2 × 500.000
            5.4 | 2024-10..2026-08 | 1.400.000 | NĐ 20/2021 Art 6(1)(d) | 2 × 700.000
            5.4 | 2026-09..        |   700.000 | NĐ 20/2021 Art 6(1)(d) | 1 × 700.000
        ",
        unknown: None,
    },
    // Near-poor parents come in with NĐ 20/2021.
    Someone {
        name: "Đơn thân cận nghèo",
        birth: "1990-04-04",
        area: "06652",
        setting: "community",
        evidence: &[
            ("poverty", "\"near_poor\"", "2019-01-01", None),
            ("single_parent", "true", "2016-01-01", None),
            ("raising_child", "{\"birth_date\": \"2015-03-01\"}", "2015-03-01", None),
        ],
        granted: &[("monthly_allowance", "2021-07-12")],
        died: None,
        law: "
            5.4 | 2021-07          | 360.000 | NĐ 20/2021 Art 6(1)(d) | 1 × 360.000
            5.4 | 2021-08..2022-12 | 450.000 | NĐ 20/2021 Art 6(1)(d) | 1 × 450.000
            5.4 | 2023-01..2024-09 | 500.000 | NĐ 20/2021 Art 6(1)(d) | 1 × 500.000
            5.4 | 2024-10..        | 700.000 | NĐ 20/2021 Art 6(1)(d) | 1 × 700.000
        ",
        unknown: None,
    },
    // Both, by Art 6(2): the parent's and the disabled person's. The child is 16 on 10/1/2025.
    Someone {
        name: "Đơn thân nghèo khuyết tật nặng",
        birth: "1983-06-06",
        area: "06652",
        setting: "community",
        evidence: &[
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("single_parent", "true", "2013-01-01", None),
            ("raising_child", "{\"birth_date\": \"2009-01-10\"}", "2013-01-01", None),
            ("disability", "\"severe\"", "2012-09-20", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.4 + 5.6 | 2015-01..2016-12 |   750.000 | NĐ 136/2013 Art 6; NĐ 28/2012 Art 16            | (1 + 1,5) × 300.000
            5.4 + 5.6 | 2017-01..2021-06 |   875.000 | NĐ 136/2013 Art 6; NĐ 28/2012 Art 16            | (1 + 1,5) × 350.000
            5.4 + 5.6 | 2021-07          |   900.000 | NĐ 20/2021 Art 6(1)(d); NĐ 20/2021 Art 6(1)(e)  | (1 + 1,5) × 360.000
            5.4 + 5.6 | 2021-08..2022-12 | 1.125.000 | NĐ 20/2021 Art 6(1)(d); NĐ 20/2021 Art 6(1)(e)  | (1 + 1,5) × 450.000
            5.4 + 5.6 | 2023-01..2024-09 | 1.250.000 | NĐ 20/2021 Art 6(1)(d); NĐ 20/2021 Art 6(1)(e)  | (1 + 1,5) × 500.000
            5.4 + 5.6 | 2024-10..2024-12 | 1.750.000 | NĐ 20/2021 Art 6(1)(d); NĐ 20/2021 Art 6(1)(e)  | (1 + 1,5) × 700.000
            5.6       | 2025-01..        | 1.050.000 | NĐ 20/2021 Art 6(1)(e)                          | 1,5 × 700.000
        ",
        unknown: None,
    },
    Someone {
        name: "Nặng hộ nghèo không lao động được ở phường",
        birth: "1975-02-02",
        area: "06652",
        setting: "community",
        evidence: &[
            ("disability", "\"severe\"", "2012-09-20", None),
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("unable_to_work", "true", "2014-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6                    | 2015-01..2016-12 |   450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6                    | 2017-01..2021-06 |   525.000 | NĐ 28/2012 Art 16     | 1,5 × 350.000
            5.6                    | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 360.000
            5.6                    | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 450.000
            qn_poor_unable_to_work | 2023-01..        | 2.000.000 | NQ 08/2022            | urban
        ",
        unknown: None,
    },
    // A town that became part of a special zone on 1/7/2025, for which the resolution names no amount.
    Someone {
        name: "Nặng hộ nghèo không lao động được ở Cái Rồng",
        birth: "1976-02-02",
        area: "06994",
        setting: "community",
        evidence: &[
            ("disability", "\"severe\"", "2012-09-20", None),
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("unable_to_work", "true", "2014-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6                    | 2015-01..2016-12 |   450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6                    | 2017-01..2021-06 |   525.000 | NĐ 28/2012 Art 16     | 1,5 × 350.000
            5.6                    | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 360.000
            5.6                    | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 450.000
            qn_poor_unable_to_work | 2023-01..2025-06 | 2.000.000 | NQ 08/2022            | urban until the reform
        ",
        unknown: Some(("2025-07", "area_type_special_without_rule")),
    },
    Someone {
        name: "Người lớn trong cơ sở",
        birth: "1970-03-03",
        area: "06652",
        setting: "facility",
        evidence: &[("disability", "\"particularly_severe\"", "2012-09-20", None)],
        granted: &[("facility_care", "2014-12-15")],
        died: None,
        law: "
            136/26   | 2015-01..2016-12 | 1.200.000 | NĐ 136/2013 Art 26     | 3,0 × 400.000
            136/26   | 2017-01..2021-06 | 1.500.000 | NĐ 136/2013 Art 26     | 3,0 × 500.000
            25(1)(b) | 2021-07..2022-12 | 2.000.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 500.000
            25(1)(b) | 2023-01..2024-09 | 2.600.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 650.000
            25(1)(b) | 2024-10..        | 2.800.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 700.000
        ",
        unknown: None,
    },
    Someone {
        name: "Nặng hộ nghèo không lao động được ở xã",
        birth: "1977-02-02",
        area: "07033",
        setting: "community",
        evidence: &[
            ("disability", "\"severe\"", "2012-09-20", None),
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("unable_to_work", "true", "2014-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6                    | 2015-01..2016-12 |   450.000 | NĐ 28/2012 Art 16     | 1,5 × 300.000
            5.6                    | 2017-01..2021-06 |   525.000 | NĐ 28/2012 Art 16     | 1,5 × 350.000
            5.6                    | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 360.000
            5.6                    | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(e) | 1,5 × 450.000
            qn_poor_unable_to_work | 2023-01..        | 1.500.000 | NQ 08/2022            | rural, before and after the reform
        ",
        unknown: None,
    },
    // Only severe and particularly severe disability are listed (Art 5(6)).
    Someone {
        name: "Khuyết tật nhẹ",
        birth: "1982-05-01",
        area: "06652",
        setting: "community",
        evidence: &[("disability", "\"mild\"", "2012-09-20", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "",
        unknown: None,
    },
];
