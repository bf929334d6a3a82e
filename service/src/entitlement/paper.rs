//! What the printed decision and the printed notice share.

use chrono::NaiveDate;
use domain::case_file::{Language, Place};
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

/// The person as papers name one: born when, which number, living where.
pub(super) fn identity(subject: &Subject, traced: &Traced, sources: &Sources) -> String {
    let stay = traced.why.as_ref().and_then(|why| why.case.residences.last());
    let home = stay.and_then(|stay| match &stay.place {
        Place::Area(code) => sources.areas.commune(code, stay.from),
        Place::Type(_) => None,
    });
    named(&subject.person, home)
}

/// A person as papers name one, with where one lives.
pub(crate) fn named(person: &person::Model, home: Option<&area::Model>) -> String {
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
    format!("{} {}, {born}{number}{home}", title(person), person.full_name)
}

/// Receivers and signer.
pub(super) fn closing(first: &str, subject: &Subject) -> Closing {
    closing_for(first, &subject.person)
}

/// Receivers and signer of a paper about a person.
pub(crate) fn closing_for(first: &str, person: &person::Model) -> Closing {
    Closing {
        receivers: vec![
            format!("{first};"),
            format!("{} {};", title(person), person.full_name),
            "Cơ quan chi trả;".to_owned(),
            "Lưu: VT, hồ sơ.".to_owned(),
        ],
        signer: vec!["CHỦ TỊCH".to_owned()],
    }
}

/// Ông or bà, as registered.
pub(super) fn title_of(subject: &Subject) -> &'static str {
    title(&subject.person)
}

/// Ông or bà, as registered.
pub(crate) const fn title(person: &person::Model) -> &'static str {
    match person.sex {
        entity::enums::Sex::Male => "ông",
        entity::enums::Sex::Female => "bà",
    }
}

/// With a small first letter.
pub(super) fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
