//! Those who care for others. Care support rests on the central standard ("khoản 2 Điều 4"), so that they alone feel a
//! rise of it while the standard of the province is higher.

use super::Someone;

/// The carers of the town.
pub(super) const PEOPLE: &[Someone] = &[
    Someone {
        name: "Chăm sóc người nhà đặc biệt nặng",
        birth: "1978-08-08",
        area: "06652",
        setting: "community",
        evidence: &[(
            "caring_for",
            r#"{"birth_date": "1999-09-09", "condition": "particularly_severe", "relation": "own_family"}"#,
            "2012-10-01",
            None,
        )],
        granted: &[("care_support", "2014-12-15")],
        died: None,
        law: "
            28/17    | 2015-01..2021-06 | 270.000 | NĐ 28/2012 Art 17      | 1,0 × 270.000
            20(2)(c) | 2021-07..2024-06 | 360.000 | NĐ 20/2021 Art 20(2)(c) | 1,0 × 360.000
            20(2)(c) | 2024-07..2026-06 | 500.000 | NĐ 20/2021 Art 20(2)(c) | 1,0 × 500.000
            20(2)(c) | 2026-07..        | 540.000 | NĐ 20/2021 Art 20(2)(c) | 1,0 × 540.000
        ",
        unknown: None,
    },
    // One amount for two or more before 7/2021, one for each of them since.
    Someone {
        name: "Nhận chăm sóc hai người đặc biệt nặng",
        birth: "1972-02-08",
        area: "06652",
        setting: "community",
        evidence: &[
            (
                "caring_for",
                r#"{"birth_date": "1970-01-09", "condition": "particularly_severe", "relation": "taken_in"}"#,
                "2012-10-01",
                None,
            ),
            (
                "caring_for",
                r#"{"birth_date": "1974-04-09", "condition": "particularly_severe", "relation": "taken_in"}"#,
                "2012-10-01",
                None,
            ),
        ],
        granted: &[("care_support", "2014-12-15")],
        died: None,
        law: "
            28/17    | 2015-01..2021-06 | 810.000 | NĐ 28/2012 Art 17      | 3,0 × 270.000
            20(2)(d) | 2021-07..2024-06 | 540.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 360.000
            20(2)(d) | 2021-07..2024-06 | 540.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 360.000
            20(2)(d) | 2024-07..2026-06 | 750.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 500.000
            20(2)(d) | 2024-07..2026-06 | 750.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 500.000
            20(2)(d) | 2026-07..        | 810.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 540.000
            20(2)(d) | 2026-07..        | 810.000 | NĐ 20/2021 Art 20(2)(d) | 1,5 × 540.000
        ",
        unknown: None,
    },
    // The child turns 4 on 1/4/2023.
    Someone {
        name: "Nhận nuôi trẻ",
        birth: "1981-01-08",
        area: "06652",
        setting: "community",
        evidence: &[(
            "caring_for",
            r#"{"birth_date": "2019-04-01", "condition": "no_caregiver", "relation": "taken_in"}"#,
            "2021-08-01",
            None,
        )],
        granted: &[("care_support", "2021-09-01")],
        died: None,
        law: "
            20(1)(a) | 2021-09..2023-03 | 900.000 | NĐ 20/2021 Art 20(1)(a) | 2,5 × 360.000
            20(1)(b) | 2023-04..2024-06 | 540.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 360.000
            20(1)(b) | 2024-07..2026-06 | 750.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 500.000
            20(1)(b) | 2026-07..        | 810.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 540.000
        ",
        unknown: None,
    },
    // Her certificate is older than the decision: from the month of the certificate. Beside her own allowance the
    // support for a child under 36 months (Art 20(2)(b)), until 14/5/2026.
    Someone {
        name: "Mẹ khuyết tật nặng nuôi con nhỏ",
        birth: "1992-09-09",
        area: "06652",
        setting: "community",
        evidence: &[
            ("disability", "\"severe\"", "2022-03-20", None),
            ("raising_child", "{\"birth_date\": \"2023-05-15\"}", "2023-05-15", None),
        ],
        granted: &[("monthly_allowance", "2023-06-20"), ("care_support", "2023-06-20")],
        died: None,
        law: "
            5.6      | 2022-03..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(e)  | 1,5 × 450.000
            5.6      | 2023-01..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(e)  | 1,5 × 500.000
            5.6      | 2024-10..        | 1.050.000 | NĐ 20/2021 Art 6(1)(e)  | 1,5 × 700.000
            20(2)(a) | 2023-06..2024-06 |   540.000 | NĐ 20/2021 Art 20(2)(a) | 1,5 × 360.000
            20(2)(a) | 2024-07..2026-05 |   750.000 | NĐ 20/2021 Art 20(2)(a) | 1,5 × 500.000
        ",
        unknown: None,
    },
    // One person, then counted as the child that it is.
    Someone {
        name: "Nhận chăm sóc trẻ đặc biệt nặng",
        birth: "1974-02-08",
        area: "06652",
        setting: "community",
        evidence: &[(
            "caring_for",
            r#"{"birth_date": "2012-05-05", "condition": "particularly_severe", "relation": "taken_in"}"#,
            "2014-01-01",
            None,
        )],
        granted: &[("care_support", "2014-12-15")],
        died: None,
        law: "
            28/17    | 2015-01..2021-06 |   405.000 | NĐ 28/2012 Art 17      | 1,5 × 270.000
            20(2)(d) | 2021-07..2024-06 |   900.000 | NĐ 20/2021 Art 20(2)(d) | 2,5 × 360.000
            20(2)(d) | 2024-07..2026-06 | 1.250.000 | NĐ 20/2021 Art 20(2)(d) | 2,5 × 500.000
            20(2)(d) | 2026-07..        | 1.350.000 | NĐ 20/2021 Art 20(2)(d) | 2,5 × 540.000
        ",
        unknown: None,
    },
    Someone {
        name: "Nhận chăm sóc cụ già",
        birth: "1979-02-08",
        area: "06652",
        setting: "community",
        evidence: &[(
            "caring_for",
            r#"{"birth_date": "1945-01-01", "condition": "elderly_5_5d", "relation": "taken_in"}"#,
            "2021-07-01",
            None,
        )],
        granted: &[("care_support", "2021-07-15")],
        died: None,
        law: "
            20(1)(b) | 2021-07..2024-06 | 540.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 360.000
            20(1)(b) | 2024-07..2026-06 | 750.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 500.000
            20(1)(b) | 2026-07..        | 810.000 | NĐ 20/2021 Art 20(1)(b) | 1,5 × 540.000
        ",
        unknown: None,
    },
    // Twins under 36 months until December 2027.
    Someone {
        name: "Mẹ khuyết tật nặng sinh đôi",
        birth: "1995-09-09",
        area: "06652",
        setting: "community",
        evidence: &[
            ("disability", "\"severe\"", "2024-12-20", None),
            ("raising_child", "{\"birth_date\": \"2024-12-01\"}", "2024-12-01", None),
            ("raising_child", "{\"birth_date\": \"2024-12-01\"}", "2024-12-01", None),
        ],
        granted: &[("monthly_allowance", "2025-01-10"), ("care_support", "2025-01-10")],
        died: None,
        law: "
            5.6      | 2024-12..        | 1.050.000 | NĐ 20/2021 Art 6(1)(e)  | 1,5 × 700.000
            20(2)(a) | 2025-01..2026-06 | 1.000.000 | NĐ 20/2021 Art 20(2)(a) | 2,0 × 500.000
            20(2)(a) | 2026-07..        | 1.080.000 | NĐ 20/2021 Art 20(2)(a) | 2,0 × 540.000
        ",
        unknown: None,
    },
];
