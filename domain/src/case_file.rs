//! The case file: everything about one person that determination looks at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

mod parse;
mod problem;
mod strict_json;

pub use parse::Refused;
pub use problem::{CaseProblem, CaseProblemCode, Language};

/// Sex as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Whose law applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Jurisdiction {
    /// Central law alone.
    Central,
    /// Central law and that of Quảng Ninh, province `22`.
    QuangNinh,
}

/// A date of birth, or a year alone, which counts from 1 January and is flagged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BirthDate {
    /// The day, or 1 January of the year.
    pub day: NaiveDate,
    /// Only the year is known.
    pub year_only: bool,
}

/// The type of an area, on which some amounts depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaType {
    /// Phường, thị trấn.
    Urban,
    /// Xã.
    Rural,
    /// Đặc khu: neither, until the province decides.
    Special,
}

/// Where a person lives: an area of the province by its code, or under central law a type alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The code of a commune-level area, as valid on the day.
    Area(String),
    /// A type of area (central law alone).
    Type(AreaType),
}

/// In the community or in a facility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// At home or taken in.
    Community,
    /// In a social-assistance facility.
    Facility,
}

/// A stay at one place; both days are included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Residence {
    /// Where.
    pub place: Place,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
    /// Community or facility.
    pub setting: Setting,
}

/// The benefits there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// Trợ cấp xã hội hằng tháng (NĐ 20/2021 Art 6).
    MonthlyAllowance,
    /// Hỗ trợ kinh phí chăm sóc (NĐ 20/2021 Art 20).
    CareSupport,
    /// Trợ cấp nuôi dưỡng trong cơ sở (NĐ 20/2021 Art 25).
    FacilityCare,
    /// Hỗ trợ chi phí mai táng (NĐ 20/2021 Art 11, 25(3)).
    Funeral,
    /// Trợ cấp hưu trí xã hội (NĐ 176/2025).
    SocialPension,
}

impl Benefit {
    /// Every benefit.
    pub const ALL: &'static [Self] = &[
        Self::MonthlyAllowance,
        Self::CareSupport,
        Self::FacilityCare,
        Self::Funeral,
        Self::SocialPension,
    ];

    /// The code in case files, law and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::MonthlyAllowance => "monthly_allowance",
            Self::CareSupport => "care_support",
            Self::FacilityCare => "facility_care",
            Self::Funeral => "funeral",
            Self::SocialPension => "social_pension",
        }
    }

    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::MonthlyAllowance => ("Trợ cấp xã hội hằng tháng", "Monthly social allowance"),
            Self::CareSupport => ("Hỗ trợ kinh phí chăm sóc", "Care support"),
            Self::FacilityCare => ("Trợ cấp nuôi dưỡng hằng tháng trong cơ sở", "Facility care"),
            Self::Funeral => ("Hỗ trợ chi phí mai táng", "Funeral support"),
            Self::SocialPension => ("Trợ cấp hưu trí xã hội", "Social pension"),
        }
    }
}

/// That a benefit was asked for, and when it was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Which benefit.
    pub benefit: Benefit,
    /// The day it was filed; limits nothing.
    #[serde(default)]
    pub filed_on: Option<NaiveDate>,
    /// The day the decision was signed; pending if none.
    #[serde(default)]
    pub decided_on: Option<NaiveDate>,
}

/// One person's case file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// The caller's name for it.
    pub id: String,
    /// Whose law applies.
    pub jurisdiction: Jurisdiction,
    /// Born.
    pub birth_date: BirthDate,
    /// Sex as registered.
    pub sex: Sex,
    /// Died; that day still counts.
    pub death_date: Option<NaiveDate>,
    /// Stays.
    pub residences: Vec<Residence>,
    /// Facts.
    pub evidence: Vec<Evidence>,
    /// What was asked for; none: every benefit but the social pension counts as decided on the day its conditions
    /// were first met.
    pub claims: Option<Vec<Claim>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"id":"a1","jurisdiction":"22","birth_date":"1990-05-01","sex":"female","death_date":null,
        "residences":[{"area":"06652","from":"2018-01-01","to":null,"setting":"community"}],
        "evidence":[{"kind":"disability","value":"severe","from":"2022-03-20","to":null}],
        "claims":[{"benefit":"monthly_allowance","filed_on":"2022-03-25","decided_on":"2022-06-05"}]}"#;

    #[test]
    fn the_example_of_the_specification_is_read() {
        let case = CaseFile::parse(WHOLE).unwrap();
        assert_eq!(case.id, "a1");
        assert_eq!(case.claims.unwrap().len(), 1);
        assert_eq!(case.evidence[0].kind, crate::evidence::EvidenceKind::Disability);
        let value: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
        assert_eq!(CaseFile::from_value(&value).unwrap().evidence, case.evidence);
    }

    #[test]
    fn a_year_alone_counts_from_the_first_of_january() {
        let case = CaseFile::parse(&WHOLE.replace("1990-05-01", "1943")).unwrap();
        assert!(case.birth_date.year_only);
        assert_eq!(case.birth_date.day, NaiveDate::from_ymd_opt(1943, 1, 1).unwrap());
    }

    #[test]
    fn whatever_is_wrong_is_refused_where_it_stands() {
        let evidence = |entries: &str| {
            WHOLE.replace(
                r#"{"kind":"disability","value":"severe","from":"2022-03-20","to":null}"#,
                entries,
            )
        };
        let table = [
            ("{".to_owned(), "", "invalid_json"),
            ("[]".to_owned(), "", "wrong_type"),
            (WHOLE.replace("\"id\"", "\"ID\""), "/ID", "unknown_field"),
            (
                WHOLE.replace("\"death_date\":null", "\"sex\":\"male\""),
                "/sex",
                "duplicate_field",
            ),
            (WHOLE.replace("1990-05-01", "1990-02-30"), "/birth_date", "invalid_date"),
            (WHOLE.replace("\"1990-05-01\"", "1990"), "/birth_date", "wrong_type"),
            (
                WHOLE.replace("\"22\"", "\"01\""),
                "/jurisdiction",
                "unknown_jurisdiction",
            ),
            (WHOLE.replace("06652", "99999"), "/residences/0/area", "unknown_area"),
            (WHOLE.replace("06652", "193"), "/residences/0/area", "unknown_area"),
            (
                WHOLE.replace("\"area\":\"06652\"", "\"area_type\":\"urban\""),
                "/residences/0/area_type",
                "area_type_with_province",
            ),
            (
                WHOLE.replace("\"to\":null,\"setting\"", "\"to\":\"2017-12-31\",\"setting\""),
                "/residences/0/to",
                "to_before_from",
            ),
            (
                WHOLE.replace("community", "home"),
                "/residences/0/setting",
                "unknown_setting",
            ),
            (
                WHOLE.replace("disability", "wealth"),
                "/evidence/0/kind",
                "unknown_evidence_kind",
            ),
            (WHOLE.replace("severe", "light"), "/evidence/0/value", "unknown_value"),
            (
                WHOLE.replace("monthly_allowance", "gift"),
                "/claims/0/benefit",
                "unknown_benefit",
            ),
            (
                evidence(r#"{"kind":"pension","value":9007199254740992,"from":"2022-01-01"}"#),
                "/evidence/0/value",
                "amount_too_large",
            ),
            (
                evidence(r#"{"kind":"pension","value":1.5,"from":"2022-01-01"}"#),
                "/evidence/0/value",
                "wrong_type",
            ),
            (
                evidence(r#"{"kind":"hiv","value":false,"from":"2022-01-01"}"#),
                "/evidence/0/value",
                "unknown_value",
            ),
            (
                evidence(
                    r#"{"kind":"raising_child","value":{"birth_date":"2020-01-01","name":"A"},"from":"2022-01-01"}"#,
                ),
                "/evidence/0/value/name",
                "unknown_field",
            ),
            (
                evidence(concat!(
                    r#"{"kind":"poverty","value":"poor","from":"2022-01-01","to":"2022-06-30"},"#,
                    r#"{"kind":"poverty","value":"near_poor","from":"2022-06-30"}"#
                )),
                "/evidence/1",
                "contradicting_evidence",
            ),
        ];
        for (text, pointer, code) in table {
            let refused = CaseFile::parse(&text).unwrap_err();
            let found = refused
                .problems
                .iter()
                .any(|p| p.pointer == pointer && p.code.code() == code);
            assert!(found, "{text}\nexpected {code} at {pointer}, got {refused:?}");
        }
    }

    #[test]
    fn several_pensions_and_equal_facts_may_overlap() {
        let text = WHOLE.replace(
            r#""evidence":["#,
            r#""evidence":[{"kind":"pension","value":9007199254740991,"from":"2020-01-01"},
               {"kind":"pension","value":300000,"from":"2020-01-01"},
               {"kind":"disability","value":"severe","from":"2022-01-20","to":"2022-12-31"},"#,
        );
        assert_eq!(CaseFile::parse(&text).unwrap().evidence.len(), 4);
    }
}
