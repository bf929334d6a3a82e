//! Evidence: dated facts about a person. The list of kinds stands here, once.

mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use self::words::word_label;
use crate::Vnd;

/// What shape the value of a kind of evidence has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `true`.
    Flag,
    /// `true`, or a short text that names the sub-case.
    FlagOrText,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Đồng a month.
    Amount,
    /// [`RaisedChild`].
    Child,
    /// [`CaredPerson`].
    Cared,
}

macro_rules! evidence_kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $shape:expr, overlaps: $overlaps:literal, $vi:literal, $en:literal;)+) => {
        /// A kind of evidence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EvidenceKind { $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+ }

        impl EvidenceKind {
            /// Every kind, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The kind's code in case files, law and tables.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The shape of its value.
            pub const fn shape(self) -> Shape { match self { $(Self::$name => $shape,)+ } }

            /// May two entries overlap in time, each counting?
            pub const fn overlaps(self) -> bool { match self { $(Self::$name => $overlaps,)+ } }

            /// The label, Vietnamese and English.
            pub const fn label(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

// Written out, because the derived one can't read names that come out of a macro.
impl utoipa::PartialSchema for EvidenceKind {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(Self::ALL.iter().map(|kind| kind.code())))
            .description(Some("A kind of evidence."))
            .into()
    }
}

impl utoipa::ToSchema for EvidenceKind {}

evidence_kinds! {
    /// Degree of disability; it begins on the day of the certificate (Luật 51/2010 Art 3(2)).
    Disability = "disability", Shape::Word(&["mild", "severe", "particularly_severe"]), overlaps: false, "Mức độ khuyết tật", "Degree of disability";
    /// Poverty status of the household.
    Poverty = "poverty", Shape::Word(&["poor", "near_poor", "difficult"]), overlaps: false, "Hộ nghèo, cận nghèo, khó khăn", "Poverty of the household";
    /// Child without a nurturer, group 5.1 (NĐ 20/2021 Art 5(1)).
    NoCaregiver = "no_caregiver", Shape::FlagOrText, overlaps: false, "Không có người nuôi dưỡng", "Without a caregiver";
    /// HIV; confidential (NĐ 20/2021 Art 8(1)(b)).
    Hiv = "hiv", Shape::Flag, overlaps: false, "Nhiễm HIV", "HIV";
    /// In school, vocational training, college or a first degree.
    Studying = "studying", Shape::Flag, overlaps: false, "Đang đi học", "Studying";
    /// Nobody is obliged to support the person, or that person is on a monthly allowance.
    NoSupporter = "no_supporter", Shape::Flag, overlaps: false, "Không có người phụng dưỡng", "Nobody obliged to support";
    /// Fit for a facility, taken in by someone in the community (NĐ 20/2021 Art 5(5)(d)).
    CaredInCommunity = "cared_in_community", Shape::Flag, overlaps: false, "Được nhận chăm sóc tại cộng đồng", "Cared for in the community";
    /// Pension or monthly social-insurance allowance, đồng a month.
    Pension = "pension", Shape::Amount, overlaps: true, "Lương hưu, trợ cấp BHXH hằng tháng", "Pension or social-insurance allowance";
    /// Raising children alone (NĐ 20/2021 Art 5(4)).
    SingleParent = "single_parent", Shape::Flag, overlaps: false, "Đơn thân nuôi con", "Single parent";
    /// A child being raised; one entry a child.
    RaisingChild = "raising_child", Shape::Child, overlaps: true, "Đang nuôi con", "Raising a child";
    /// Pregnant (NĐ 20/2021 Art 20(2)(a)).
    Pregnant = "pregnant", Shape::Flag, overlaps: false, "Đang mang thai", "Pregnant";
    /// Caring for someone; stands in the carer's own case file.
    CaringFor = "caring_for", Shape::Cared, overlaps: true, "Đang chăm sóc", "Caring for someone";
    /// The couple's one share of care support is already paid to the spouse (NĐ 20/2021 Art 20(2)(a)).
    SpouseHasCareSupport = "spouse_has_care_support", Shape::Flag, overlaps: false, "Vợ hoặc chồng đã hưởng hỗ trợ chăm sóc", "Spouse has the care support";
    /// Unable to work, for the fixed amounts of Quảng Ninh (NQ 08/2022).
    UnableToWork = "unable_to_work", Shape::Flag, overlaps: false, "Không có khả năng lao động", "Unable to work";
    /// Lives in an especially difficult ethnic-minority or mountainous commune or village (QĐ 33/2020/QĐ-TTg).
    DifficultArea = "difficult_area", Shape::Flag, overlaps: false, "Vùng đặc biệt khó khăn", "Especially difficult area";
    /// In detention; the entry spans the days detained (TT 02/2021 Art 2(3)(c)).
    Detained = "detained", Shape::Flag, overlaps: false, "Bị tạm giam", "Detained";
    /// Money not collected; the entry spans those months (TT 02/2021 Art 2(3)(a)).
    Uncollected = "uncollected", Shape::Flag, overlaps: false, "Không nhận tiền", "Not collected";
}

/// A child being raised: counts under 16, or from 16 to 22 while studying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RaisedChild {
    /// Day of birth.
    pub birth_date: NaiveDate,
    /// Last day in school, where studying past 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub studying_until: Option<NaiveDate>,
}

/// Why a person is cared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CareCondition {
    /// A child of group 5.1.
    NoCaregiver,
    /// Particularly severe disability.
    ParticularlySevere,
    /// An elderly person of group 5.5d.
    #[serde(rename = "elderly_5_5d")]
    Elderly55d,
}

/// How the person cared for came to the carer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CareRelation {
    /// Of the carer's own family.
    OwnFamily,
    /// Taken in.
    TakenIn,
}

/// A person cared for, as a fact of the carer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaredPerson {
    /// Day of birth of the person cared for.
    pub birth_date: NaiveDate,
    /// Why cared for.
    pub condition: CareCondition,
    /// Own family or taken in.
    pub relation: CareRelation,
}

/// The value of a piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceValue {
    /// The fact holds.
    True,
    /// One of the kind's words, or the sub-case of [`Shape::FlagOrText`].
    Word(String),
    /// Đồng a month.
    Amount(Vnd),
    /// A child being raised.
    Child(RaisedChild),
    /// A person cared for.
    Cared(CaredPerson),
}

impl EvidenceValue {
    /// The value as case files and tables write it.
    pub fn to_json(&self) -> serde_json::Value {
        let written = match self {
            Self::True => Ok(serde_json::Value::Bool(true)),
            Self::Word(word) => Ok(serde_json::Value::String(word.clone())),
            Self::Amount(amount) => Ok(serde_json::Value::from(amount.dong())),
            Self::Child(child) => serde_json::to_value(child),
            Self::Cared(cared) => serde_json::to_value(cared),
        };
        written.unwrap_or_default()
    }
}

/// One dated fact; both days are included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// What kind of fact.
    pub kind: EvidenceKind,
    /// Its value, of the kind's [`Shape`].
    pub value: EvidenceValue,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day on which it holds; open if none.
    pub to: Option<NaiveDate>,
}
