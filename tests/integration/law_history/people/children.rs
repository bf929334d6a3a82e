//! Children, and one who grew up.

use super::Someone;

/// The children of the town.
pub(super) const PEOPLE: &[Someone] = &[
    // Turns 4 on 10/3/2016: from the month in which the condition changes (NĐ 136/2013, as NĐ 20/2021 Art 8(1)(đ)).
    Someone {
        name: "Trẻ không nguồn nuôi dưỡng",
        birth: "2012-03-10",
        area: "06652",
        setting: "community",
        evidence: &[("no_caregiver", "true", "2012-05-01", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.1 | 2015-01..2016-02 |   750.000 | NĐ 136/2013 Art 6     | 2,5 × 300.000
            5.1 | 2016-03..2016-12 |   450.000 | NĐ 136/2013 Art 6     | 1,5 × 300.000
            5.1 | 2017-01..2021-06 |   525.000 | NĐ 136/2013 Art 6     | 1,5 × 350.000
            5.1 | 2021-07          |   540.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 360.000
            5.1 | 2021-08..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 450.000
            5.1 | 2023-01..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 500.000
            5.1 | 2024-10..        | 1.050.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 700.000
        ",
        unknown: None,
    },
    // 16 on 1/9/2019 and still studying, until 30/6/2023; the month in which the right is lost is paid.
    Someone {
        name: "Học sinh trên 16 tuổi",
        birth: "2003-09-01",
        area: "06652",
        setting: "community",
        evidence: &[
            ("no_caregiver", "true", "2010-01-01", None),
            ("studying", "true", "2009-09-01", Some("2023-06-30")),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.1 | 2015-01..2016-12 | 450.000 | NĐ 136/2013 Art 6     | 1,5 × 300.000
            5.1 | 2017-01..2019-08 | 525.000 | NĐ 136/2013 Art 6     | 1,5 × 350.000
            5.2 | 2019-09..2021-06 | 525.000 | NĐ 136/2013 Art 6     | 1,5 × 350.000
            5.2 | 2021-07          | 540.000 | NĐ 20/2021 Art 6(1)(b) | 1,5 × 360.000
            5.2 | 2021-08..2022-12 | 675.000 | NĐ 20/2021 Art 6(1)(b) | 1,5 × 450.000
            5.2 | 2023-01..2023-06 | 750.000 | NĐ 20/2021 Art 6(1)(b) | 1,5 × 500.000
        ",
        unknown: None,
    },
    // Starts in the month of the decision; turns 4 on 15/2/2022.
    Someone {
        name: "Trẻ nhiễm HIV",
        birth: "2018-02-15",
        area: "06652",
        setting: "community",
        evidence: &[
            ("hiv", "true", "2018-06-01", None),
            ("poverty", "\"poor\"", "2018-01-01", None),
        ],
        granted: &[("monthly_allowance", "2018-07-10")],
        died: None,
        law: "
            5.3 | 2018-07..2021-06 |   875.000 | NĐ 136/2013 Art 6     | 2,5 × 350.000
            5.3 | 2021-07          |   900.000 | NĐ 20/2021 Art 6(1)(c) | 2,5 × 360.000
            5.3 | 2021-08..2022-01 | 1.125.000 | NĐ 20/2021 Art 6(1)(c) | 2,5 × 450.000
            5.3 | 2022-02..2022-12 |   900.000 | NĐ 20/2021 Art 6(1)(c) | 2,0 × 450.000
            5.3 | 2023-01..2024-09 | 1.000.000 | NĐ 20/2021 Art 6(1)(c) | 2,0 × 500.000
            5.3 | 2024-10..        | 1.400.000 | NĐ 20/2021 Art 6(1)(c) | 2,0 × 700.000
        ",
        unknown: None,
    },
    // 16 on 5/10/2020.
    Someone {
        name: "Trẻ khuyết tật đặc biệt nặng",
        birth: "2004-10-05",
        area: "06652",
        setting: "community",
        evidence: &[("disability", "\"particularly_severe\"", "2012-09-12", None)],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6 | 2015-01..2016-12 |   750.000 | NĐ 28/2012 Art 16     | 2,5 × 300.000
            5.6 | 2017-01..2020-09 |   875.000 | NĐ 28/2012 Art 16     | 2,5 × 350.000
            5.6 | 2020-10..2021-06 |   700.000 | NĐ 28/2012 Art 16     | 2,0 × 350.000
            5.6 | 2021-07          |   720.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 360.000
            5.6 | 2021-08..2022-12 |   900.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 450.000
            5.6 | 2023-01..2024-09 | 1.000.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 500.000
            5.6 | 2024-10..        | 1.400.000 | NĐ 20/2021 Art 6(1)(e) | 2,0 × 700.000
        ",
        unknown: None,
    },
    // Poor and unable to work in the countryside: the fixed 1.500.000 against the coefficient, the highest only.
    Someone {
        name: "Trẻ đặc biệt nặng hộ nghèo nông thôn",
        birth: "2012-01-15",
        area: "07033",
        setting: "community",
        evidence: &[
            ("disability", "\"particularly_severe\"", "2013-02-01", None),
            ("poverty", "\"poor\"", "2014-01-01", None),
            ("unable_to_work", "true", "2014-01-01", None),
        ],
        granted: &[("monthly_allowance", "2014-12-15")],
        died: None,
        law: "
            5.6                    | 2015-01..2016-12 |   750.000 | NĐ 28/2012 Art 16     | 2,5 × 300.000
            5.6                    | 2017-01..2021-06 |   875.000 | NĐ 28/2012 Art 16     | 2,5 × 350.000
            5.6                    | 2021-07          |   900.000 | NĐ 20/2021 Art 6(1)(e) | 2,5 × 360.000
            5.6                    | 2021-08..2022-12 | 1.125.000 | NĐ 20/2021 Art 6(1)(e) | 2,5 × 450.000
            qn_poor_unable_to_work | 2023-01..2024-09 | 1.500.000 | NQ 08/2022            | 2,5 × 500.000 is less
            5.6                    | 2024-10..        | 1.750.000 | NĐ 20/2021 Art 6(1)(e) | 2,5 × 700.000 is more
        ",
        unknown: None,
    },
    // New with NĐ 20/2021; turns 3 on 3/11/2024, and the month of the last day is paid in full.
    Someone {
        name: "Trẻ dưới 3 tuổi vùng khó khăn",
        birth: "2021-11-03",
        area: "07033",
        setting: "community",
        evidence: &[
            ("poverty", "\"near_poor\"", "2021-11-03", None),
            ("difficult_area", "true", "2021-11-03", None),
        ],
        granted: &[("monthly_allowance", "2022-01-10")],
        died: None,
        law: "
            5.7 | 2022-01..2022-12 |   675.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 450.000
            5.7 | 2023-01..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 500.000
            5.7 | 2024-10..2024-11 | 1.050.000 | NĐ 20/2021 Art 6(1)(g) | 1,5 × 700.000
        ",
        unknown: None,
    },
    // In a facility since 2014; turns 4 on 1/7/2016.
    Someone {
        name: "Trẻ trong cơ sở",
        birth: "2012-07-01",
        area: "06652",
        setting: "facility",
        evidence: &[("no_caregiver", "true", "2012-07-01", None)],
        granted: &[("facility_care", "2014-12-15")],
        died: None,
        law: "
            136/26   | 2015-01..2016-06 | 2.000.000 | NĐ 136/2013 Art 26     | 5,0 × 400.000
            136/26   | 2016-07..2016-12 | 1.600.000 | NĐ 136/2013 Art 26     | 4,0 × 400.000
            136/26   | 2017-01..2021-06 | 2.000.000 | NĐ 136/2013 Art 26     | 4,0 × 500.000
            25(1)(b) | 2021-07..2022-12 | 2.000.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 500.000
            25(1)(b) | 2023-01..2024-09 | 2.600.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 650.000
            25(1)(b) | 2024-10..        | 2.800.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 700.000
        ",
        unknown: None,
    },
    // An orphan of the years of NĐ 20/2021; 4 on 20/8/2024.
    Someone {
        name: "Trẻ mồ côi sinh năm 2020",
        birth: "2020-08-20",
        area: "06652",
        setting: "community",
        evidence: &[("no_caregiver", "\"mồ côi cả cha và mẹ\"", "2020-09-01", None)],
        granted: &[("monthly_allowance", "2021-08-16")],
        died: None,
        law: "
            5.1 | 2021-08..2022-12 | 1.125.000 | NĐ 20/2021 Art 6(1)(a) | 2,5 × 450.000
            5.1 | 2023-01..2024-07 | 1.250.000 | NĐ 20/2021 Art 6(1)(a) | 2,5 × 500.000
            5.1 | 2024-08..2024-09 |   750.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 500.000
            5.1 | 2024-10..        | 1.050.000 | NĐ 20/2021 Art 6(1)(a) | 1,5 × 700.000
        ",
        unknown: None,
    },
    // 4 on 10/2/2024.
    Someone {
        name: "Trẻ sơ sinh trong cơ sở",
        birth: "2020-02-10",
        area: "06652",
        setting: "facility",
        evidence: &[("no_caregiver", "true", "2020-02-10", None)],
        granted: &[("facility_care", "2021-07-20")],
        died: None,
        law: "
            25(1)(a) | 2021-07..2022-12 | 2.500.000 | NĐ 20/2021 Art 25(1)(a) | 5,0 × 500.000
            25(1)(a) | 2023-01..2024-01 | 3.250.000 | NĐ 20/2021 Art 25(1)(a) | 5,0 × 650.000
            25(1)(b) | 2024-02..2024-09 | 2.600.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 650.000
            25(1)(b) | 2024-10..        | 2.800.000 | NĐ 20/2021 Art 25(1)(b) | 4,0 × 700.000
        ",
        unknown: None,
    },
];
