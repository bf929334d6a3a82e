//! Case files from the registry, by the set: one statement for any number of people.
//!
//! This is the hot path of reassessment. Each person is one row, its stays, facts and claims packed into text columns by
//! the engine, because the cost of reading lies in the number of rows. Fields are parted by U+001F and entries by
//! U+001E: neither stands in a date, a code or the text of a JSON value, which escapes control characters.

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::{Benefit, BirthDate, CaseFile, Claim, Jurisdiction, Place, Residence, Setting, Sex};
use domain::evidence::{Evidence, EvidenceKind, EvidenceValue};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::Error;
use crate::person::PersonRange;
use crate::person::value;

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
    let bounds = vec![people.first.into(), people.last.into()];
    load(conn, "p.id BETWEEN $1 AND $2", bounds, Known::Now).await
}

/// The case files of some people, by id; people who are not there are left out.
pub async fn load_many(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<LoadedCase>, Error> {
    let mut cases = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(5_000) {
        let places: Vec<String> = (1..=chunk.len()).map(|number| format!("${number}")).collect();
        let condition = format!("p.id IN ({})", places.join(","));
        cases.extend(
            load(
                conn,
                &condition,
                chunk.iter().map(|id| (*id).into()).collect(),
                Known::Now,
            )
            .await?,
        );
    }
    cases.sort_by_key(|case| case.person_id);
    Ok(cases)
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

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    evidence_rev: i64,
    area_id: String,
    birth_date: String,
    birth_year_only: bool,
    sex: String,
    death_date: Option<String>,
    residences: Option<String>,
    evidence: Option<String>,
    claims: Option<String>,
}

async fn load(
    conn: &impl ConnectionTrait,
    condition: &str,
    mut values: Vec<Value>,
    known: Known,
) -> Result<Vec<LoadedCase>, Error> {
    let (standing, filed) = match known {
        Known::Now => ("superseded_at IS NULL".to_owned(), "status = 'pending'".to_owned()),
        Known::At(instant) => {
            values.push(instant.into());
            let at = format!("${}", values.len());
            let undecided = format!(
                "created_at <= {at} AND status <> 'withdrawn' AND NOT EXISTS (SELECT 1 FROM decision \
                 WHERE decision.application_id = application.id AND decision.recorded_at <= {at})"
            );
            (
                format!("recorded_at <= {at} AND (superseded_at IS NULL OR superseded_at > {at})"),
                undecided,
            )
        }
    };
    let sql = format!(
        "SELECT p.id, p.evidence_rev, p.area_id, CAST(p.birth_date AS TEXT) AS birth_date, p.birth_year_only, p.sex, \
         CAST(p.death_date AS TEXT) AS death_date, \
         (SELECT string_agg(area_code || '{FIELD}' || CAST(from_date AS TEXT) || '{FIELD}' || \
           COALESCE(CAST(to_date AS TEXT), '') || '{FIELD}' || setting, '{ENTRY}') \
           FROM residence WHERE person_id = p.id AND {standing}) AS residences, \
         (SELECT string_agg(kind || '{FIELD}' || CAST(value AS TEXT) || '{FIELD}' || CAST(from_date AS TEXT) || '{FIELD}' || \
           COALESCE(CAST(to_date AS TEXT), ''), '{ENTRY}') \
           FROM evidence WHERE person_id = p.id AND {standing}) AS evidence, \
         (SELECT string_agg(claim, '{ENTRY}') FROM ( \
           SELECT d.benefit || '{FIELD}' || COALESCE(CAST(a.filed_on AS TEXT), '') || '{FIELD}' || CAST(d.signed_on AS TEXT) AS claim \
             FROM decision d LEFT JOIN application a ON a.id = d.application_id \
             WHERE d.person_id = p.id AND d.outcome = 'granted' AND d.{standing_decision} \
           UNION ALL SELECT benefit || '{FIELD}' || CAST(filed_on AS TEXT) || '{FIELD}' \
             FROM application WHERE person_id = p.id AND {filed}) claimed) AS claims \
         FROM person p WHERE {condition} ORDER BY p.id",
        standing_decision = standing
            .replace("(superseded_at", "(d.superseded_at")
            .replace("OR superseded_at", "OR d.superseded_at"),
    );
    let backend = conn.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect(backend), sql, values);
    let rows = Row::find_by_statement(statement).all(conn).await?;
    rows.into_iter().map(case).collect()
}

/// Both engines read `$1`.
const fn dialect(backend: DbBackend) -> DbBackend {
    backend
}

fn case(row: Row) -> Result<LoadedCase, Error> {
    let mut residences = entries(row.residences.as_deref(), residence)?;
    let mut evidence = entries(row.evidence.as_deref(), fact)?;
    let mut claims = entries(row.claims.as_deref(), claim)?;
    residences.sort_unstable();
    evidence.sort_unstable();
    claims.sort_unstable();
    let case_file = CaseFile {
        id: row.id.to_string(),
        jurisdiction: Jurisdiction::QuangNinh,
        birth_date: BirthDate {
            day: date(&row.birth_date)?,
            year_only: row.birth_year_only,
        },
        sex: if row.sex == "female" { Sex::Female } else { Sex::Male },
        death_date: row.death_date.as_deref().map(date).transpose()?,
        residences,
        evidence,
        claims: Some(claims),
    };
    Ok(LoadedCase {
        person_id: row.id,
        evidence_rev: row.evidence_rev,
        area_id: row.area_id,
        case_file,
    })
}

fn entries<T>(packed: Option<&str>, read: impl Fn(&[&str]) -> Result<T, Error>) -> Result<Vec<T>, Error> {
    let Some(packed) = packed else { return Ok(Vec::new()) };
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
