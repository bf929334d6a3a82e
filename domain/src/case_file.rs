//! The case file: everything about one person that determination looks at.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
