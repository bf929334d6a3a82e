//! Case files from the registry, by the set: one statement and one row for any number of people.
//!
//! This is the hot path of reassessment. The engine packs the people with their stays, facts and claims into one text,
//! because the cost of reading lies in the number of rows and columns; a text holds some two million people. Fields,
//! entries, lists and people are parted by the separators U+001F to U+001C of ASCII: none stands in a date, a code or the
//! text of a JSON value, which escapes control characters.

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::{Benefit, BirthDate, CaseFile, Claim, Jurisdiction, Place, Residence, Setting, Sex};
use domain::evidence::{Evidence, EvidenceKind, EvidenceValue};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::error::Error;
use crate::person::value;
use crate::person::{People, PersonRange};

/// One person's case file as the registry holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedCase {
    /// Whose.
    pub person_id: Uuid,
    /// The state of the evidence it was built from.
    pub evidence_rev: i64,
    /// The present area, by its id.
    pub area_id: String,
    /// The case file.
    pub case_file: CaseFile,
}

const FIELD: char = '\u{1f}';
const ENTRY: char = '\u{1e}';
const LIST: char = '\u{1d}';
const PERSON: char = '\u{1c}';

/// Which state of the records counts.
#[derive(Clone, Copy, Debug)]
enum Known {
    /// What is known now.
    Now,
    /// What was known at an instant.
    At(DateTime<Utc>),
}

/// The case files of a range of people, by id.
pub async fn load_range(conn: &impl ConnectionTrait, people: PersonRange) -> Result<Vec<LoadedCase>, Error> {
    load_people(conn, &people.into()).await
}

/// A person whose case file can't be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Who.
    pub person_id: Uuid,
    /// Why.
    pub reason: String,
}

/// The case files of people, by id, and the people whose records can't be read: one of them stops no other.
pub async fn load_readable(
    conn: &impl ConnectionTrait,
    people: &People,
) -> Result<(Vec<LoadedCase>, Vec<Unreadable>), Error> {
    let (condition, values) = among(people);
    let Some(packed) = packed(conn, &condition, values, Known::Now).await? else {
        return Ok((Vec::new(), Vec::new()));
    };
    let (mut cases, mut unreadable) = (Vec::new(), Vec::new());
    for person in packed.split(PERSON) {
        match case(person) {
            Ok(case) => cases.push(case),
            Err(error) => {
                let id = person.split(FIELD).next().unwrap_or_default();
                unreadable.push(Unreadable {
                    person_id: Uuid::try_parse(id).map_err(Error::internal)?,
                    reason: error
                        .source
                        .as_ref()
                        .map_or_else(|| error.to_string(), ToString::to_string),
                });
            }
        }
    }
    cases.sort_unstable_by_key(|case| case.person_id);
    Ok((cases, unreadable))
}

/// The case files of people, by id.
pub async fn load_people(conn: &impl ConnectionTrait, people: &People) -> Result<Vec<LoadedCase>, Error> {
    let (condition, values) = among(people);
    load(conn, &condition, values, Known::Now).await
}

/// Is a person one of these? As the statement asks, with the values of its places.
fn among(people: &People) -> (String, Vec<Value>) {
    match people {
        People::Range(range) => (
            "p.id BETWEEN $1 AND $2".to_owned(),
            vec![range.first.into(), range.last.into()],
        ),
        People::Only(ids) => {
            let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
            let ids = ids.iter().map(|id| (*id).into()).collect();
            (format!("p.id IN ({})", places.join(", ")), ids)
        }
    }
}

/// The case file of one person.
pub async fn load_one(conn: &impl ConnectionTrait, person_id: Uuid) -> Result<LoadedCase, Error> {
    load_range(conn, PersonRange::one(person_id))
        .await?
        .pop()
        .ok_or_else(Error::not_found)
}

/// The case file of one person as it was known at an instant.
pub async fn load_known_at(
    conn: &impl ConnectionTrait,
    person_id: Uuid,
    known_at: DateTime<Utc>,
) -> Result<LoadedCase, Error> {
    let cases = load(conn, "p.id = $1", vec![person_id.into()], Known::At(known_at)).await?;
    cases.into_iter().next().ok_or_else(Error::not_found)
}

async fn load(
    conn: &impl ConnectionTrait,
    condition: &str,
    values: Vec<Value>,
    known: Known,
) -> Result<Vec<LoadedCase>, Error> {
    let Some(packed) = packed(conn, condition, values, known).await? else {
        return Ok(Vec::new());
    };
    let mut cases: Vec<LoadedCase> = packed.split(PERSON).map(case).collect::<Result<_, _>>()?;
    cases.sort_unstable_by_key(|case| case.person_id);
    Ok(cases)
}

/// The people as one text; none where there are none.
async fn packed(
    conn: &impl ConnectionTrait,
    condition: &str,
    mut values: Vec<Value>,
    known: Known,
) -> Result<Option<String>, Error> {
    let at = format!("${}", values.len() + 1);
    let known_at = match known {
        Known::Now => None,
        Known::At(instant) => {
            values.push(instant.into());
            Some(at.as_str())
        }
    };
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, packed_sql(backend, condition, known_at), values);
    match conn.query_one_raw(statement).await? {
        Some(row) => Ok(row.try_get_by_index(0)?),
        None => Ok(None),
    }
}

/// The statement that packs people into one text. Both engines read `$1` and `string_agg`.
fn packed_sql(backend: DbBackend, condition: &str, known_at: Option<&str>) -> String {
    let id = if backend == DbBackend::Sqlite {
        "hex(p.id)"
    } else {
        "CAST(p.id AS TEXT)"
    };
    let stands = |table: &str| match known_at {
        None => format!("{table}superseded_at IS NULL"),
        Some(at) => {
            format!("{table}recorded_at <= {at} AND ({table}superseded_at IS NULL OR {table}superseded_at > {at})")
        }
    };
    let waits = known_at.map_or_else(
        || "status = 'pending'".to_owned(),
        |at| {
            format!(
                "created_at <= {at} AND status <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM decision \
                 WHERE decision.application_id = application.id AND decision.recorded_at <= {at})"
            )
        },
    );
    let fields = |columns: &[&str]| columns.join(&format!(" || '{FIELD}' || "));
    let date = |column: &str| format!("CAST({column} AS TEXT)");
    let open_date = |column: &str| format!("COALESCE(CAST({column} AS TEXT), '')");
    let (from, to) = (date("from_date"), open_date("to_date"));
    let person = fields(&[
        id,
        "CAST(p.evidence_rev AS TEXT)",
        "p.area_id",
        &date("p.birth_date"),
        "CASE WHEN p.birth_year_only THEN '1' ELSE '0' END",
        "p.sex",
        &open_date("p.death_date"),
    ]);
    let list =
        |entry: &str, source: &str| format!("COALESCE((SELECT string_agg({entry}, '{ENTRY}') FROM {source}), '')");
    let residences = list(
        &fields(&["area_code", &from, &to, "setting"]),
        &format!("residence WHERE person_id = p.id AND {}", stands("")),
    );
    let evidence = list(
        &fields(&["kind", "CAST(value AS TEXT)", &from, &to]),
        &format!("evidence WHERE person_id = p.id AND {}", stands("")),
    );
    let decided = fields(&["d.benefit", &open_date("a.filed_on"), &date("d.signed_on")]);
    let asked = fields(&["benefit", &date("filed_on"), "''"]);
    let claims = list(
        "claim",
        &format!(
            "(SELECT {decided} AS claim FROM decision d LEFT JOIN application a ON a.id = d.application_id \
             WHERE d.person_id = p.id AND d.outcome = 'granted' AND {} \
             UNION ALL SELECT {asked} FROM application WHERE person_id = p.id AND {waits}) claimed",
            stands("d.")
        ),
    );
    format!(
        "SELECT string_agg({person} || '{LIST}' || {residences} || '{LIST}' || {evidence} || '{LIST}' || {claims}, \
         '{PERSON}') FROM person p WHERE {condition}"
    )
}

fn case(packed: &str) -> Result<LoadedCase, Error> {
    let mut lists = packed.split(LIST);
    let (Some(person), Some(residences), Some(evidence), Some(claims)) =
        (lists.next(), lists.next(), lists.next(), lists.next())
    else {
        return Err(unreadable("person"));
    };
    let mut fields = person.split(FIELD);
    let mut next = || fields.next().ok_or_else(|| unreadable("person"));
    let person_id = Uuid::try_parse(next()?).map_err(Error::internal)?;
    let evidence_rev = next()?.parse().map_err(Error::internal)?;
    let area_id = next()?.to_owned();
    let birth_date = BirthDate {
        day: date(next()?)?,
        year_only: next()? == "1",
    };
    let sex = if next()? == "female" { Sex::Female } else { Sex::Male };
    let death_date = optional_date(next()?)?;
    let mut residences = entries(residences, residence)?;
    let mut evidence = entries(evidence, fact)?;
    let mut claims = entries(claims, claim)?;
    residences.sort_unstable();
    evidence.sort_unstable();
    claims.sort_unstable();
    let case_file = CaseFile {
        id: person_id.to_string(),
        jurisdiction: Jurisdiction::QuangNinh,
        birth_date,
        sex,
        death_date,
        residences,
        evidence,
        claims: Some(claims),
    };
    Ok(LoadedCase {
        person_id,
        evidence_rev,
        area_id,
        case_file,
    })
}

fn entries<T>(packed: &str, read: impl Fn(&[&str]) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    if packed.is_empty() {
        return Ok(Vec::new());
    }
    let mut fields = Vec::with_capacity(4);
    let mut all = Vec::with_capacity(4);
    for entry in packed.split(ENTRY) {
        fields.clear();
        fields.extend(entry.split(FIELD));
        all.push(read(&fields)?);
    }
    Ok(all)
}

fn residence(fields: &[&str]) -> Result<Residence, Error> {
    let [area, from, to, setting] = fields else {
        return Err(unreadable("residence"));
    };
    Ok(Residence {
        place: Place::Area((*area).to_owned()),
        from: date(from)?,
        to: optional_date(to)?,
        setting: if *setting == "facility" {
            Setting::Facility
        } else {
            Setting::Community
        },
    })
}

fn fact(fields: &[&str]) -> Result<Evidence, Error> {
    let [kind, stored, from, to] = fields else {
        return Err(unreadable("evidence"));
    };
    let kind = EvidenceKind::ALL
        .iter()
        .find(|known| known.code() == *kind)
        .ok_or_else(|| unreadable("evidence kind"))?;
    Ok(Evidence {
        kind: *kind,
        value: stored_value(*kind, stored)?,
        from: date(from)?,
        to: optional_date(to)?,
    })
}

fn claim(fields: &[&str]) -> Result<Claim, Error> {
    let [benefit, filed_on, decided_on] = fields else {
        return Err(unreadable("claim"));
    };
    let known = Benefit::ALL
        .iter()
        .find(|known| known.code() == *benefit)
        .ok_or_else(|| unreadable("benefit"))?;
    Ok(Claim {
        benefit: *known,
        filed_on: optional_date(filed_on)?,
        decided_on: optional_date(decided_on)?,
    })
}

/// The value of a fact from its JSON text; flags and plain words, which nearly all are, need no JSON reader.
fn stored_value(kind: EvidenceKind, stored: &str) -> Result<EvidenceValue, Error> {
    if stored == "true" {
        return Ok(EvidenceValue::True);
    }
    if let Some(word) = stored.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && !word.contains('\\')
    {
        return Ok(EvidenceValue::Word(word.to_owned()));
    }
    let json = serde_json::from_str(stored)?;
    value::read(kind, &json).ok_or_else(|| unreadable("evidence value"))
}

/// `2024-09-30`, as both engines give it.
fn date(text: &str) -> Result<NaiveDate, Error> {
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| {
            digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
        })
    };
    let read = || {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let year = i32::try_from(number(&[*y1, *y2, *y3, *y4])?).ok()?;
        NaiveDate::from_ymd_opt(year, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
    };
    read().ok_or_else(|| unreadable("date"))
}

fn optional_date(text: &str) -> Result<Option<NaiveDate>, Error> {
    if text.is_empty() {
        Ok(None)
    } else {
        date(text).map(Some)
    }
}

fn unreadable(what: &str) -> Error {
    Error::internal(format!("unreadable {what} in the registry"))
}
