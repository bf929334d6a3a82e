//! What can be wrong with a case file, from one closed list, each with a message in both languages.

use serde::Serialize;

/// The language of a text a person reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The text of the pair (Vietnamese, English) in this language.
    pub const fn of<'a>(self, pair: (&'a str, &'a str)) -> &'a str {
        match self {
            Self::Vietnamese => pair.0,
            Self::English => pair.1,
        }
    }
}

macro_rules! problem_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// Why a case file is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        pub enum CaseProblemCode { $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+ }

        impl CaseProblemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The message, Vietnamese and English.
            pub const fn message(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

problem_codes! {
    /// Not JSON at all.
    InvalidJson = "invalid_json", "Không phải JSON hợp lệ.", "Not valid JSON.";
    /// A field the structure does not have.
    UnknownField = "unknown_field", "Trường không có trong cấu trúc hồ sơ.", "The case file has no such field.";
    /// A field given twice.
    DuplicateField = "duplicate_field", "Trường được ghi hai lần.", "The field is given twice.";
    /// A field that must be there.
    MissingField = "missing_field", "Thiếu trường bắt buộc.", "A required field is missing.";
    /// Another JSON type than expected.
    WrongType = "wrong_type", "Giá trị sai kiểu dữ liệu.", "The value has the wrong type.";
    /// A date that no calendar has, or in another shape than `2024-09-30`.
    InvalidDate = "invalid_date", "Ngày không có thật hoặc không theo dạng NĂM-THÁNG-NGÀY.", "Not a day of the calendar written YEAR-MONTH-DAY.";
    /// A word outside the closed list.
    UnknownValue = "unknown_value", "Giá trị không nằm trong danh mục.", "The value is not in the list.";
    /// A kind of evidence that does not exist.
    UnknownEvidenceKind = "unknown_evidence_kind", "Không có loại căn cứ này.", "There is no such kind of evidence.";
    /// A benefit that does not exist.
    UnknownBenefit = "unknown_benefit", "Không có chế độ này.", "There is no such benefit.";
    /// A setting other than community or facility.
    UnknownSetting = "unknown_setting", "Nơi chăm sóc phải là cộng đồng (community) hoặc cơ sở (facility).", "The setting is community or facility.";
    /// A jurisdiction other than `22` and `central`.
    UnknownJurisdiction = "unknown_jurisdiction", "Chỉ có pháp luật của tỉnh \"22\" hoặc của trung ương (\"central\").", "The jurisdiction is \"22\" or \"central\".";
    /// An empty text.
    Empty = "empty", "Không được để trống.", "Must not be empty.";
    /// A text beyond its length.
    TooLong = "too_long", "Văn bản quá dài.", "The text is too long.";
    /// The last day lies before the first.
    ToBeforeFrom = "to_before_from", "Ngày cuối trước ngày đầu.", "The last day lies before the first.";
    /// Death before birth.
    DeathBeforeBirth = "death_before_birth", "Ngày mất trước ngày sinh.", "The day of death lies before the day of birth.";
    /// Two entries of one kind with different values on one day.
    ContradictingEvidence = "contradicting_evidence", "Hai căn cứ cùng loại, khác giá trị, trùng thời gian.", "Two entries of one kind with different values overlap.";
    /// Two different residences on one day.
    OverlappingResidences = "overlapping_residences", "Hai nơi cư trú khác nhau trùng thời gian.", "Two different residences overlap.";
    /// A code that no commune bears on the first day of the stay.
    UnknownArea = "unknown_area", "Không có đơn vị hành chính cấp xã mang mã này vào ngày bắt đầu.", "No commune bears this code on the first day.";
    /// A type of area in place of a code, with a province.
    AreaTypeWithProvince = "area_type_with_province", "Với tỉnh phải ghi mã đơn vị hành chính, không ghi loại.", "With a province the area is a code, not a type.";
    /// Both a code and a type of area.
    AreaAndAreaType = "area_and_area_type", "Chỉ ghi mã hoặc loại đơn vị hành chính.", "Give an area or a type of area, not both.";
    /// An amount beyond 2^53 - 1.
    AmountTooLarge = "amount_too_large", "Số tiền vượt 9.007.199.254.740.991 đồng.", "The amount is beyond 9,007,199,254,740,991 đồng.";
    /// An amount below zero.
    AmountNegative = "amount_negative", "Số tiền không được âm.", "The amount must not be negative.";
    /// More entries than one person can have.
    TooManyEntries = "too_many_entries", "Quá nhiều mục.", "Too many entries.";
}

/// One thing wrong with a case file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseProblem {
    /// Where, as a JSON Pointer (RFC 6901); the empty text is the whole document.
    pub pointer: String,
    /// What.
    pub code: CaseProblemCode,
}

impl CaseProblem {
    /// The message in a language.
    pub fn message(&self, language: Language) -> &'static str {
        language.of(self.code.message())
    }
}
