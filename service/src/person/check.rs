//! What content must satisfy before it becomes a record. Each fault says where it stands.

use chrono::NaiveDate;
use domain::case_file::{CaseProblemCode, Place, Residence, Setting};
use domain::citizen_id::CitizenId;
use domain::evidence::Evidence;
use entity::enums;

use crate::area::{self, Directory};
use crate::error::FieldError;
use crate::person::value;
use crate::person::view::{NewEvidence, NewResidence};

/// The identity of a person, checked.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) citizen_id: Option<String>,
    pub(crate) full_name: String,
    pub(crate) search_key: String,
    pub(crate) birth_date: NaiveDate,
    pub(crate) birth_year_only: bool,
    pub(crate) death_date: Option<NaiveDate>,
}

/// Reads who a person is; `today` bounds the dates.
pub(crate) fn identity(
    citizen_id: Option<&str>,
    full_name: &str,
    birth_date: &str,
    death_date: Option<NaiveDate>,
    today: NaiveDate,
    faults: &mut Vec<FieldError>,
) -> Option<Identity> {
    let before = faults.len();
    let citizen_id = citizen_id.and_then(|text| self::citizen_id(text, "/citizen_id", faults));
    let name = self::name(full_name, "/full_name", faults);
    let Some((birth, birth_year_only)) = value::birth_date(birth_date) else {
        let (vi, en) = (
            "Ngày sinh viết 1990-05-01, hoặc chỉ năm 1943",
            "A birth date is 1990-05-01, or a year alone, 1943",
        );
        faults.push(FieldError::new("/birth_date", "date", vi, en));
        return None;
    };
    if birth > today || birth < NaiveDate::from_ymd_opt(1880, 1, 1).unwrap_or(NaiveDate::MIN) {
        let (vi, en) = ("Ngày sinh không hợp lý", "The birth date is out of bounds");
        faults.push(FieldError::new("/birth_date", "date_bounds", vi, en));
    }
    if death_date.is_some_and(|death| death < birth || death > today) {
        let (vi, en) = (
            "Ngày mất phải sau ngày sinh và không ở tương lai",
            "A death is after the birth and not in the future",
        );
        faults.push(FieldError::new("/death_date", "date_bounds", vi, en));
    }
    let full_name = name?;
    let search_key = domain::name::search_key(&full_name);
    (faults.len() == before).then_some(Identity {
        citizen_id,
        full_name,
        search_key,
        birth_date: birth,
        birth_year_only,
        death_date,
    })
}

/// Reads a citizen id: its twelve digits.
pub(crate) fn citizen_id(text: &str, pointer: &str, faults: &mut Vec<FieldError>) -> Option<String> {
    match CitizenId::parse(text) {
        Ok(id) => Some(id.into()),
        Err(error) => {
            let vi = "Số định danh gồm đúng 12 chữ số, kể cả số 0 ở đầu";
            faults.push(FieldError::new(pointer, error.code(), vi, error.to_string()));
            None
        }
    }
}

/// Reads a name, as it is kept.
pub(crate) fn name(text: &str, pointer: &str, faults: &mut Vec<FieldError>) -> Option<String> {
    match domain::name::clean(text) {
        Ok(name) => Some(name),
        Err(error) => {
            let vi = format!("Tên cần có chữ cái và tối đa {} ký tự", domain::name::NAME_MAX);
            faults.push(FieldError::new(pointer, error.code(), vi, error.to_string()));
            None
        }
    }
}

/// Reads a fact.
pub(crate) fn fact(new: &NewEvidence, pointer: &str, faults: &mut Vec<FieldError>) -> Option<Evidence> {
    let read = value::read(new.kind, &new.value);
    if read.is_none() {
        let (vi, en) = (
            "Giá trị không đúng với loại hồ sơ",
            "The value does not fit the kind of evidence",
        );
        faults.push(FieldError::new(format!("{pointer}/value"), "evidence_value", vi, en));
    }
    span(new.from, new.to, pointer, faults);
    if new
        .document
        .as_ref()
        .is_some_and(|document| document.chars().count() > 200)
    {
        let (vi, en) = (
            "Tên giấy tờ tối đa 200 ký tự",
            "A document is named in at most 200 characters",
        );
        faults.push(FieldError::new(
            format!("{pointer}/document"),
            "document_length",
            vi,
            en,
        ));
    }
    Some(Evidence {
        kind: new.kind,
        value: read?,
        from: new.from,
        to: new.to,
    })
}

/// Reads a stay.
pub(crate) fn stay(areas: &Directory, new: &NewResidence, pointer: &str, faults: &mut Vec<FieldError>) -> Residence {
    if areas.commune(&new.area, new.from).is_none() {
        faults.push(area::unknown(format!("{pointer}/area")));
    }
    span(new.from, new.to, pointer, faults);
    let setting = match new.setting {
        enums::Setting::Community => Setting::Community,
        enums::Setting::Facility => Setting::Facility,
    };
    Residence {
        place: Place::Area(new.area.clone()),
        from: new.from,
        to: new.to,
        setting,
    }
}

/// An end may not lie before its beginning.
pub(crate) fn span(from: NaiveDate, to: Option<NaiveDate>, pointer: &str, faults: &mut Vec<FieldError>) {
    if to.is_some_and(|to| to < from) {
        faults.push(problem(format!("{pointer}/to"), CaseProblemCode::ToBeforeFrom));
    }
}

/// Facts of one kind that overlap and contradict each other; a fault stands at the later entry of the list.
pub(crate) fn contradictions(facts: &[(String, Evidence)], faults: &mut Vec<FieldError>) {
    for (position, (pointer, fact)) in facts.iter().enumerate() {
        let against = facts.iter().take(position).map(|(_, earlier)| earlier);
        let contradicted = |earlier: &Evidence| {
            earlier.kind == fact.kind
                && earlier.value != fact.value
                && overlap((earlier.from, earlier.to), (fact.from, fact.to))
        };
        if !fact.kind.overlaps() && against.into_iter().any(contradicted) {
            faults.push(problem(pointer, CaseProblemCode::ContradictingEvidence));
        }
    }
}

/// Stays that overlap: a person lives at one place.
pub(crate) fn overlaps(stays: &[(String, Residence)], faults: &mut Vec<FieldError>) {
    for (position, (pointer, stay)) in stays.iter().enumerate() {
        let clash = |earlier: &(String, Residence)| overlap((earlier.1.from, earlier.1.to), (stay.from, stay.to));
        if stays.iter().take(position).any(clash) {
            faults.push(problem(pointer, CaseProblemCode::OverlappingResidences));
        }
    }
}

/// A fault in the words of the case file's own rules.
fn problem(pointer: impl Into<String>, code: CaseProblemCode) -> FieldError {
    let (vi, en) = code.message();
    FieldError::new(pointer, code.code(), vi, en)
}

fn overlap(one: (NaiveDate, Option<NaiveDate>), other: (NaiveDate, Option<NaiveDate>)) -> bool {
    one.1.is_none_or(|to| other.0 <= to) && other.1.is_none_or(|to| one.0 <= to)
}

/// The latest stay: where a person lives, or last lived.
pub(crate) fn latest(stays: &[Residence]) -> Option<&Residence> {
    stays
        .iter()
        .max_by_key(|stay| (stay.to.unwrap_or(NaiveDate::MAX), stay.from))
}

/// The id of the present area of somebody with these stays.
pub(crate) fn present_area(areas: &Directory, stays: &[Residence], today: NaiveDate) -> Option<String> {
    let Residence {
        place: Place::Area(code),
        from,
        ..
    } = latest(stays)?
    else {
        return None;
    };
    areas.present(code, *from, today).map(|row| row.id.clone())
}

/// What is odd about an identity and accepted all the same: civil status is corrected after a number was issued.
pub(crate) fn warnings(citizen_id: Option<&str>, birth_date: NaiveDate, sex: enums::Sex) -> Vec<FieldError> {
    let Some(Ok(id)) = citizen_id.map(CitizenId::parse) else {
        return Vec::new();
    };
    let sex = match sex {
        enums::Sex::Female => domain::case_file::Sex::Female,
        enums::Sex::Male => domain::case_file::Sex::Male,
    };
    let differs = id.warnings_on(birth_date, sex).into_iter().map(|warning| {
        let (vi, en) = warning.label();
        FieldError::new("/citizen_id", warning.code(), vi, en)
    });
    differs.collect()
}
