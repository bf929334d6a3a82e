//! What the printed decision and the printed notice share.

use chrono::NaiveDate;
use domain::case_file::{Language, Place};
use entity::enums::Sex;
use entity::{area, person};

use crate::entitlement::discreet::said_facts;
use crate::entitlement::explain::ReasonView;
use crate::entitlement::office::{self, Office};
use crate::entitlement::trace::{Sources, Subject, Traced};
use crate::error::{Error, ProblemCode};
use crate::print::{self, Align, BODY, Closing, Face, Paper, Style};

/// Papers are in Vietnamese.
pub(super) const VI: Language = Language::Vietnamese;

/// A line in the middle.
pub(crate) const CENTRED: Style = Style {
    size: 13.0,
    align: Align::Centre,
    indent: 0.0,
    after: 4.0,
};

/// The body of where the person lived on a day. A paper whose grounds are no longer known is not printed.
pub(super) fn office_of(traced: &Traced, sources: &Sources, day: NaiveDate) -> Result<Office, Error> {
    let why = traced.why.as_ref().ok_or_else(|| {
        Error::because(
            ProblemCode::Conflict,
            "Hồ sơ đã thay đổi sau lần xác định này: không còn đủ căn cứ để in",
            "the record changed after this determination: what it rests on is no longer known",
        )
    })?;
    Ok(office::of(&why.case, &sources.areas, day))
}

/// The facts that counted, with the papers they rest on.
pub(super) fn grounds(paper: &mut Paper, reason: &ReasonView) {
    let facts = said_facts(&reason.facts);
    let text = format!("Căn cứ xác định tại ngày {}: {facts}.", print::date(reason.facts_on));
    paper.paragraph(BODY, &[(Face::Regular, &text)]);
}

/// The person as a paper of a day names one: born when, which number, living where.
pub(super) fn identity(subject: &Subject, traced: &Traced, sources: &Sources, on: NaiveDate) -> String {
    let stay = traced.why.as_ref().and_then(|why| why.case.residences.last());
    let home = stay.and_then(|stay| match &stay.place {
        Place::Area(code) => sources.areas.commune(code, stay.from),
        Place::Type(_) => None,
    });
    named(&subject.person, home, on)
}

/// A person as a paper of a day names one, with where one lives.
pub(crate) fn named(person: &person::Model, home: Option<&area::Model>, on: NaiveDate) -> String {
    let born = if person.birth_year_only {
        format!("sinh năm {}", person.birth_date.format("%Y"))
    } else {
        format!("sinh ngày {}", print::date(person.birth_date))
    };
    let number = person
        .citizen_id
        .as_ref()
        .map_or_else(String::new, |number| format!(", số định danh cá nhân {number}"));
    let home = home.map_or_else(String::new, |area| format!(", cư trú tại {}", area.name));
    format!("{}, {born}{number}{home}", called(person, on))
}

/// Receivers and signer.
pub(super) fn closing(first: &str, subject: &Subject, on: NaiveDate) -> Closing {
    closing_for(first, &subject.person, on)
}

/// Receivers and signer of a paper of a day about a person.
pub(crate) fn closing_for(first: &str, person: &person::Model, on: NaiveDate) -> Closing {
    Closing {
        receivers: vec![
            format!("{first};"),
            format!("{};", called(person, on)),
            "Cơ quan chi trả;".to_owned(),
            "Lưu: VT, hồ sơ.".to_owned(),
        ],
        signer: vec!["CHỦ TỊCH".to_owned()],
    }
}

/// A person as a paper of a day speaks of one: `bà Phạm Thị Lan`, of a child `cháu Phạm Thị Lan`.
pub(crate) fn called(person: &person::Model, on: NaiveDate) -> String {
    format!("{} {}", title(person.sex, person.birth_date, on), person.full_name)
}

/// Who is not 16 yet is a child (Luật Trẻ em 2016, Điều 1).
const GROWN_UP: u32 = 16;
/// At this age a child goes to school, and is `em` there.
const SCHOOL: u32 = 6;

/// Ông or bà, as registered; `cháu` or `em` for who is a child on the day.
fn title(sex: Sex, birth: NaiveDate, on: NaiveDate) -> &'static str {
    match on.years_since(birth).unwrap_or(0) {
        ..SCHOOL => "cháu",
        SCHOOL..GROWN_UP => "em",
        GROWN_UP.. => match sex {
            Sex::Male => "ông",
            Sex::Female => "bà",
        },
    }
}

/// With a small first letter.
pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_called_a_child_until_the_sixteenth_birthday() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let born = day("2020-09-15");
        for (on, she, he) in [
            ("2020-09-14", "cháu", "cháu"),
            ("2024-09-24", "cháu", "cháu"),
            ("2026-09-14", "cháu", "cháu"),
            ("2026-09-15", "em", "em"),
            ("2036-09-14", "em", "em"),
            ("2036-09-15", "bà", "ông"),
        ] {
            let titles = (title(Sex::Female, born, day(on)), title(Sex::Male, born, day(on)));
            assert_eq!(titles, (she, he), "{on}");
        }
    }
}
