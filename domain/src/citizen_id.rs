//! The 12-digit citizen number (số định danh cá nhân, số CCCD): NĐ 137/2015/NĐ-CP Art 13, TT 59/2021/TT-BCA Art 4.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::case_file::{BirthDate, Sex};

/// The codes of the 63 provinces in which births were registered; the mergers of 2025 changed no issued number.
const PROVINCES: [u16; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
];

/// A citizen number: 12 digits, kept as text because the first is often 0. It has no check digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CitizenId(String);

/// Why a text is not a citizen number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CitizenIdError {
    /// Eleven digits: a spreadsheet has dropped the leading 0.
    #[error("the citizen number has 11 digits: a spreadsheet has probably dropped the 0 in front")]
    ElevenDigits,
    /// Nine digits: an old identity card (CMND), not valid since 1 January 2025.
    #[error("nine digits are an old identity card, not a citizen number")]
    OldIdentityCard,
    /// Something else than the digits 0 to 9.
    #[error("a citizen number has digits only")]
    NotDigits,
    /// Any other length.
    #[error("a citizen number has 12 digits, not {0}")]
    WrongLength(usize),
}

impl CitizenIdError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ElevenDigits => "citizen_id_eleven_digits",
            Self::OldIdentityCard => "citizen_id_old_card",
            Self::NotDigits => "citizen_id_not_digits",
            Self::WrongLength(_) => "citizen_id_wrong_length",
        }
    }
}

/// A reason to look twice. Never a refusal: the civil status of a person can be corrected, the number stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitizenIdWarning {
    /// The fourth digit says another sex.
    SexDiffers,
    /// The fourth to sixth digits say another year of birth.
    BirthYearDiffers,
    /// The first three digits are between 001 and 096 and no province has them.
    UnknownProvince,
}

impl CitizenIdWarning {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SexDiffers => "citizen_id_sex_differs",
            Self::BirthYearDiffers => "citizen_id_birth_year_differs",
            Self::UnknownProvince => "citizen_id_unknown_province",
        }
    }

    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::SexDiffers => (
                "Số định danh không khớp giới tính",
                "The citizen number says another sex",
            ),
            Self::BirthYearDiffers => (
                "Số định danh không khớp năm sinh",
                "The citizen number says another year of birth",
            ),
            Self::UnknownProvince => (
                "Mã tỉnh trong số định danh không tồn tại",
                "No province has the number's code",
            ),
        }
    }
}

impl CitizenId {
    /// Reads a citizen number; spaces, dots and hyphens between digits are dropped.
    pub fn parse(text: &str) -> Result<Self, CitizenIdError> {
        let digits: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'))
            .collect();
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CitizenIdError::NotDigits);
        }
        match digits.len() {
            12 => Ok(Self(digits)),
            11 => Err(CitizenIdError::ElevenDigits),
            9 => Err(CitizenIdError::OldIdentityCard),
            length => Err(CitizenIdError::WrongLength(length)),
        }
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the birth was registered: the number of a province (22 is Quảng Ninh), or of a country above 96.
    pub fn province(&self) -> u16 {
        self.number(0, 3)
    }

    /// The sex at issue.
    pub fn sex(&self) -> Sex {
        if self.number(3, 4).is_multiple_of(2) {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The year of birth at issue, 1900 to 2399.
    pub fn birth_year(&self) -> u16 {
        1900 + self.number(3, 4) / 2 * 100 + self.number(4, 6)
    }

    /// What does not fit the person; empty if all is well.
    pub fn warnings(&self, birth: BirthDate, sex: Sex) -> Vec<CitizenIdWarning> {
        self.warnings_on(birth.day, sex)
    }

    /// As [`CitizenId::warnings`], for a plain day of birth.
    pub fn warnings_on(&self, birth: NaiveDate, sex: Sex) -> Vec<CitizenIdWarning> {
        let mut found = Vec::new();
        if self.sex() != sex {
            found.push(CitizenIdWarning::SexDiffers);
        }
        if i32::from(self.birth_year()) != birth.year() {
            found.push(CitizenIdWarning::BirthYearDiffers);
        }
        if self.province() <= 96 && !PROVINCES.contains(&self.province()) {
            found.push(CitizenIdWarning::UnknownProvince);
        }
        found
    }

    fn number(&self, from: usize, to: usize) -> u16 {
        self.0.get(from..to).and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }
}

impl FromStr for CitizenId {
    type Err = CitizenIdError;

    fn from_str(text: &str) -> Result<Self, CitizenIdError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for CitizenId {
    type Error = CitizenIdError;

    fn try_from(text: String) -> Result<Self, CitizenIdError> {
        Self::parse(&text)
    }
}

impl From<CitizenId> for String {
    fn from(id: CitizenId) -> Self {
        id.0
    }
}

impl fmt::Display for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_parts_are_read() {
        let man = CitizenId::parse("022 050 123 456").unwrap();
        assert_eq!((man.province(), man.sex(), man.birth_year()), (22, Sex::Male, 1950));
        assert!(man.warnings_on(day("1950-02-01"), Sex::Male).is_empty());
        let girl = CitizenId::parse("022323000001").unwrap();
        assert_eq!((girl.sex(), girl.birth_year()), (Sex::Female, 2023));
    }

    #[test]
    fn mismatches_are_warnings() {
        let id = CitizenId::parse("003199000001").unwrap();
        assert_eq!(
            id.warnings_on(day("1998-12-31"), Sex::Male),
            [
                CitizenIdWarning::SexDiffers,
                CitizenIdWarning::BirthYearDiffers,
                CitizenIdWarning::UnknownProvince
            ]
        );
        let born_abroad = CitizenId::parse("212199000001").unwrap();
        assert!(born_abroad.warnings_on(day("1999-01-01"), Sex::Female).is_empty());
    }

    #[test]
    fn refusals_say_what_went_wrong() {
        for (text, code) in [
            ("22050123456", "citizen_id_eleven_digits"),
            ("100123456", "citizen_id_old_card"),
            ("02205012345x", "citizen_id_not_digits"),
            ("०२२०५०१२३४५६", "citizen_id_not_digits"),
            ("", "citizen_id_wrong_length"),
            ("0220501234567", "citizen_id_wrong_length"),
        ] {
            assert_eq!(CitizenId::parse(text).unwrap_err().code(), code, "{text}");
        }
        assert!(PROVINCES.is_sorted() && serde_json::from_str::<CitizenId>("\"22050123456\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = CitizenId::parse(&text);
        }

        #[test]
        fn twelve_digits_are_kept(text in "[0-9]{12}") {
            let id = CitizenId::parse(&text).unwrap();
            prop_assert_eq!(id.as_str(), &text);
            prop_assert!((1900..2400).contains(&id.birth_year()));
        }
    }
}
