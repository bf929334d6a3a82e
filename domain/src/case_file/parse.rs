//! From JSON to a case file, refusing whatever is not exactly as specified and saying where.

mod evidence;
mod residence;

use chrono::NaiveDate;

use super::problem::{CaseProblem, CaseProblemCode as Code};
use super::strict_json::Json;
use super::{Benefit, BirthDate, CaseFile, Claim, Jurisdiction, Sex};

const LONGEST_ID: usize = 200;
const MOST_ENTRIES: usize = 1_000;
/// Problems that are told; a document can have millions, and nobody mends by the hundredth.
const MOST_PROBLEMS: usize = 100;

/// A case file that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The caller's name for the case, where it could be read.
    pub id: Option<String>,
    /// What is wrong, in the order of the document; never empty, and a hundred things at most.
    pub problems: Vec<CaseProblem>,
}

impl CaseFile {
    /// Reads one case file of JSON text.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        match Json::read(text) {
            Ok(json) => read(&json),
            Err(_) => {
                let problem = CaseProblem {
                    pointer: String::new(),
                    code: Code::InvalidJson,
                };
                Err(Refused {
                    id: None,
                    problems: vec![problem],
                })
            }
        }
    }

    /// Reads one case file from a JSON value.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, Refused> {
        read(&Json::of(value))
    }
}

fn read(json: &Json<'_>) -> Result<CaseFile, Refused> {
    let mut reader = Reader {
        pointer: String::new(),
        problems: Vec::new(),
    };
    let id = match json {
        Json::Object(fields) => fields
            .iter()
            .find(|(name, _)| name == "id")
            .and_then(|(_, id)| id.as_text())
            .map(str::to_owned),
        _ => None,
    };
    match reader.case_file(json) {
        Some(case) if reader.problems.is_empty() => Ok(case),
        _ => Err(Refused {
            id,
            problems: reader.problems,
        }),
    }
}

struct Reader {
    pointer: String,
    problems: Vec<CaseProblem>,
}

/// The fields of one object, each taken at most once.
struct Fields<'j, 'a> {
    values: Vec<(&'static str, &'j Json<'a>)>,
}

impl<'j, 'a> Fields<'j, 'a> {
    /// The field, where it is there and not null.
    fn get(&self, name: &str) -> Option<&'j Json<'a>> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
            .filter(|v| **v != Json::Null)
    }
}

impl Reader {
    fn refuse<T>(&mut self, code: Code) -> Option<T> {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(CaseProblem {
                pointer: self.pointer.clone(),
                code,
            });
        }
        None
    }

    fn at<T>(&mut self, token: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
        let result = read(self);
        self.pointer.truncate(length);
        result
    }

    fn at_index<T>(&mut self, index: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&index.to_string());
        let result = read(self);
        self.pointer.truncate(length);
        result
    }

    fn fields<'j, 'a>(&mut self, json: &'j Json<'a>, known: &[&'static str]) -> Option<Fields<'j, 'a>> {
        let Json::Object(object) = json else {
            return self.refuse(Code::WrongType);
        };
        let mut values = Vec::with_capacity(object.len());
        for (name, value) in object {
            match known.iter().find(|known| **known == name) {
                None => {
                    self.at(name, |r| r.refuse::<()>(Code::UnknownField));
                }
                Some(known) if values.iter().any(|(taken, _)| taken == known) => {
                    self.at(name, |r| r.refuse::<()>(Code::DuplicateField));
                }
                Some(known) => values.push((*known, value)),
            }
        }
        Some(Fields { values })
    }

    fn required<'j, 'a, T>(
        &mut self,
        fields: &Fields<'j, 'a>,
        name: &str,
        read: impl FnOnce(&mut Self, &'j Json<'a>) -> Option<T>,
    ) -> Option<T> {
        match fields.get(name) {
            Some(value) => self.at(name, |r| read(r, value)),
            None => self.at(name, |r| r.refuse(Code::MissingField)),
        }
    }

    /// The outer option is none where the field was refused, the inner where it is absent or null.
    fn optional<'j, 'a, T>(
        &mut self,
        fields: &Fields<'j, 'a>,
        name: &str,
        read: impl FnOnce(&mut Self, &'j Json<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match fields.get(name) {
            Some(value) => self.at(name, |r| read(r, value)).map(Some),
            None => Some(None),
        }
    }

    fn list<'j, 'a, T>(
        &mut self,
        json: &'j Json<'a>,
        mut read: impl FnMut(&mut Self, &'j Json<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Json::List(items) = json else {
            return self.refuse(Code::WrongType);
        };
        if items.len() > MOST_ENTRIES {
            return self.refuse(Code::TooManyEntries);
        }
        let mut list = Vec::with_capacity(items.len());
        let mut whole = true;
        for (index, item) in items.iter().enumerate() {
            match self.at_index(index, |r| read(r, item)) {
                Some(value) => list.push(value),
                None => whole = false,
            }
        }
        whole.then_some(list)
    }

    fn text(&mut self, json: &Json<'_>, longest: usize) -> Option<String> {
        match json.as_text() {
            None => self.refuse(Code::WrongType),
            Some(text) if text.trim().is_empty() => self.refuse(Code::Empty),
            Some(text) if text.chars().count() > longest => self.refuse(Code::TooLong),
            Some(text) => Some(text.to_owned()),
        }
    }

    fn word<T: Copy>(&mut self, json: &Json<'_>, words: &[(&str, T)], unknown: Code) -> Option<T> {
        match json.as_text() {
            None => self.refuse(Code::WrongType),
            Some(text) => match words.iter().find(|(word, _)| *word == text) {
                Some((_, value)) => Some(*value),
                None => self.refuse(unknown),
            },
        }
    }

    fn date(&mut self, json: &Json<'_>) -> Option<NaiveDate> {
        match json.as_text() {
            None => self.refuse(Code::WrongType),
            Some(text) => match day_of(text) {
                Some(day) => Some(day),
                None => self.refuse(Code::InvalidDate),
            },
        }
    }

    fn span(&mut self, fields: &Fields<'_, '_>) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let from = self.required(fields, "from", Self::date);
        let to = self.optional(fields, "to", Self::date);
        let (from, to) = (from?, to?);
        if to.is_some_and(|to| to < from) {
            return self.at("to", |r| r.refuse(Code::ToBeforeFrom));
        }
        Some((from, to))
    }

    fn case_file(&mut self, json: &Json<'_>) -> Option<CaseFile> {
        let fields = self.fields(
            json,
            &[
                "id",
                "jurisdiction",
                "birth_date",
                "sex",
                "death_date",
                "residences",
                "evidence",
                "claims",
            ],
        )?;
        let id = self.required(&fields, "id", |r, json| r.text(json, LONGEST_ID));
        let jurisdiction = self.required(&fields, "jurisdiction", |r, json| {
            let words = [("22", Jurisdiction::QuangNinh), ("central", Jurisdiction::Central)];
            r.word(json, &words, Code::UnknownJurisdiction)
        });
        let birth_date = self.required(&fields, "birth_date", Self::birth_date);
        let sex = self.required(&fields, "sex", |r, json| {
            r.word(
                json,
                &[("female", Sex::Female), ("male", Sex::Male)],
                Code::UnknownValue,
            )
        });
        let death_date = self.optional(&fields, "death_date", Self::date);
        if let (Some(born), Some(Some(died))) = (birth_date, death_date)
            && died < born.day
        {
            self.at("death_date", |r| r.refuse::<()>(Code::DeathBeforeBirth));
        }
        let residences = self.optional(&fields, "residences", |r, json| {
            let residences = r.list(json, |r, item| r.residence(item, jurisdiction))?;
            r.no_overlap(&residences);
            Some(residences)
        });
        let evidence = self.optional(&fields, "evidence", |r, json| {
            let evidence = r.list(json, Self::evidence)?;
            r.no_contradiction(&evidence);
            Some(evidence)
        });
        let claims = self.optional(&fields, "claims", |r, json| r.list(json, Self::claim));
        Some(CaseFile {
            id: id?,
            jurisdiction: jurisdiction?,
            birth_date: birth_date?,
            sex: sex?,
            death_date: death_date?,
            residences: residences?.unwrap_or_default(),
            evidence: evidence?.unwrap_or_default(),
            claims: claims?,
        })
    }

    fn birth_date(&mut self, json: &Json<'_>) -> Option<BirthDate> {
        let text = match json.as_text() {
            Some(text) => text,
            None => return self.refuse(Code::WrongType),
        };
        let year_only = text.len() == 4;
        let day = if year_only {
            day_of(&format!("{text}-01-01"))
        } else {
            day_of(text)
        };
        match day {
            Some(day) => Some(BirthDate { day, year_only }),
            None => self.refuse(Code::InvalidDate),
        }
    }

    fn claim(&mut self, json: &Json<'_>) -> Option<Claim> {
        let fields = self.fields(json, &["benefit", "filed_on", "decided_on"])?;
        let benefit = self.required(&fields, "benefit", |r, json| match json.as_text() {
            None => r.refuse(Code::WrongType),
            Some(text) => match Benefit::ALL.iter().find(|benefit| benefit.code() == text) {
                Some(benefit) => Some(*benefit),
                None => r.refuse(Code::UnknownBenefit),
            },
        });
        let filed_on = self.optional(&fields, "filed_on", Self::date);
        let decided_on = self.optional(&fields, "decided_on", Self::date);
        Some(Claim {
            benefit: benefit?,
            filed_on: filed_on?,
            decided_on: decided_on?,
        })
    }
}

fn overlap(a: (NaiveDate, Option<NaiveDate>), b: (NaiveDate, Option<NaiveDate>)) -> bool {
    a.1.is_none_or(|end| b.0 <= end) && b.1.is_none_or(|end| a.0 <= end)
}

/// A day of the calendar written `2024-09-30`, and nothing else.
fn day_of(text: &str) -> Option<NaiveDate> {
    let digits = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = text.as_bytes().get(range)?;
        part.iter().try_fold(0u32, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = digits(0..4)
        .filter(|year| *year > 0)
        .and_then(|year| i32::try_from(year).ok())?;
    NaiveDate::from_ymd_opt(year, digits(5..7)?, digits(8..10)?)
}
