//! What a person looks like from outside, and the pieces of content that several operations share.

use chrono::{DateTime, NaiveDate, Utc};
use domain::evidence::EvidenceKind;
use entity::enums::{EvidenceChange, Setting, Sex};
use entity::{evidence, person, residence};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::person::payee::PayeeView;

/// A stay at one place; both days are included.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResidence {
    /// The code of the commune, as valid on the first day.
    #[schema(example = "06652")]
    pub area: String,
    /// First day.
    #[schema(example = "2018-01-01")]
    pub from: NaiveDate,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// At home or taken in, or in a social-assistance facility.
    #[schema(value_type = String, pattern = "^(community|facility)$", example = "community")]
    pub setting: Setting,
}

/// A dated fact; both days are included. Kinds and values: `GET /v1/vocabulary`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEvidence {
    /// What kind of fact.
    #[schema(value_type = String, example = "disability")]
    pub kind: EvidenceKind,
    /// Its value, in the shape of its kind.
    #[schema(value_type = Value, example = json!("severe"))]
    pub value: Value,
    /// First day on which it holds; of a disability the day of the certificate.
    #[schema(example = "2022-03-20")]
    pub from: NaiveDate,
    /// Last day on which it holds; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The paper it rests on.
    #[serde(default)]
    #[schema(example = "Giấy xác nhận khuyết tật số 15/2022", max_length = 200)]
    pub document: Option<String>,
}

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonSummary {
    /// Its id.
    pub id: Uuid,
    /// The twelve digits of the citizen id, where known.
    #[schema(example = "022190001234")]
    pub citizen_id: Option<String>,
    /// Full name.
    #[schema(example = "Phạm Thị Lan")]
    pub full_name: String,
    /// Born: a day, or a year alone where no more is known.
    #[schema(example = "1990-05-01")]
    pub birth_date: String,
    /// Sex as registered.
    #[schema(value_type = String, pattern = "^(female|male)$", example = "female")]
    pub sex: Sex,
    /// Died.
    pub death_date: Option<NaiveDate>,
    /// The commune of present residence, by area id.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
}

/// A person, with the stays, facts and payees that stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonView {
    /// Its id.
    pub id: Uuid,
    /// The twelve digits of the citizen id, where known.
    #[schema(example = "022190001234")]
    pub citizen_id: Option<String>,
    /// Full name.
    #[schema(example = "Phạm Thị Lan")]
    pub full_name: String,
    /// Born: a day, or a year alone where no more is known.
    #[schema(example = "1990-05-01")]
    pub birth_date: String,
    /// Sex as registered.
    #[schema(value_type = String, pattern = "^(female|male)$", example = "female")]
    pub sex: Sex,
    /// Died.
    pub death_date: Option<NaiveDate>,
    /// The commune of present residence, by area id.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// Left out of lists; found by id and by exact citizen id alone.
    pub protected: bool,
    /// Grows with each change that can touch what the person is owed.
    pub evidence_rev: i64,
    /// The version for `If-Match`.
    pub version: i64,
    /// Registered at.
    pub created_at: DateTime<Utc>,
    /// Stays, oldest first.
    pub residences: Vec<ResidenceView>,
    /// Facts, by kind and first day.
    pub evidence: Vec<EvidenceView>,
    /// Who receives the money, accounts that wait for confirmation included.
    pub payees: Vec<PayeeView>,
    /// Things a person should look at, that were accepted all the same.
    pub warnings: Vec<crate::error::FieldError>,
}

/// A stay of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResidenceView {
    /// Its id.
    pub id: Uuid,
    /// The code of the commune, as valid on the first day.
    #[schema(example = "06652")]
    pub area: String,
    /// Community or facility.
    #[schema(value_type = String, pattern = "^(community|facility)$", example = "community")]
    pub setting: Setting,
    /// First day.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
    /// Known since.
    pub recorded_at: DateTime<Utc>,
}

/// A fact about a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Its id; a correction has another.
    pub id: Uuid,
    /// What kind of fact.
    #[schema(example = "disability")]
    pub kind: String,
    /// Its value.
    #[schema(value_type = Value, example = json!("severe"))]
    pub value: Value,
    /// First day on which it holds.
    pub from: NaiveDate,
    /// Last day; open if none.
    pub to: Option<NaiveDate>,
    /// Did it correct what was wrong from the start, or tell of new circumstances?
    #[schema(value_type = String, pattern = "^(correction|circumstances)$", example = "circumstances")]
    pub change: EvidenceChange,
    /// The paper it rests on.
    pub document: Option<String>,
    /// Known since.
    pub recorded_at: DateTime<Utc>,
}

/// A fact as it was recorded, whether it stands or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvidenceRecord {
    /// The fact.
    #[serde(flatten)]
    pub evidence: EvidenceView,
    /// Believed until then; null while it stands.
    pub superseded_at: Option<DateTime<Utc>>,
}

impl From<evidence::Model> for EvidenceRecord {
    fn from(row: evidence::Model) -> Self {
        Self {
            superseded_at: row.superseded_at,
            evidence: row.into(),
        }
    }
}

impl From<person::Model> for PersonSummary {
    fn from(row: person::Model) -> Self {
        Self {
            birth_date: spelled_birth(&row),
            id: row.id,
            citizen_id: row.citizen_id,
            full_name: row.full_name,
            sex: row.sex,
            death_date: row.death_date,
            area_id: row.area_id,
        }
    }
}

impl From<residence::Model> for ResidenceView {
    fn from(row: residence::Model) -> Self {
        let residence::Model {
            id,
            area_code,
            setting,
            from_date,
            to_date,
            recorded_at,
            ..
        } = row;
        Self {
            id,
            area: area_code,
            setting,
            from: from_date,
            to: to_date,
            recorded_at,
        }
    }
}

impl From<evidence::Model> for EvidenceView {
    fn from(row: evidence::Model) -> Self {
        let evidence::Model {
            id,
            kind,
            value,
            from_date,
            to_date,
            change,
            document,
            recorded_at,
            ..
        } = row;
        Self {
            id,
            kind,
            value,
            from: from_date,
            to: to_date,
            change,
            document,
            recorded_at,
        }
    }
}

/// The birth date as it was given: a day, or a year alone.
pub(crate) fn spelled_birth(row: &person::Model) -> String {
    if row.birth_year_only {
        row.birth_date.format("%Y").to_string()
    } else {
        row.birth_date.to_string()
    }
}
