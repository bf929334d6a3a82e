//! Many people at once: each row is checked by itself, good rows are stored, and the report says what is wrong with the
//! others.

mod check;
mod rows;
mod store;

use chrono::NaiveDate;
use domain::case_file::Benefit;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, FieldError};
use crate::person::create::CreatePerson;
use crate::person::payee::ProposePayee;

use check::Import;

/// How many people one transaction takes.
const CHUNK: usize = 4_000;

/// Registers many people.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportPersons {
    /// The takeover from a predecessor system: decisions and accounts are taken as they stand there. Administrators alone.
    #[serde(default)]
    pub opening: bool,
    /// The people.
    pub persons: Vec<NewPerson>,
}

/// One person of an import.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// The id to store the person under; a person who is there already is left as it is.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// The person.
    pub person: CreatePerson,
    /// The household the person belongs to.
    #[serde(default)]
    pub household: Option<Membership>,
    /// Applications that wait for a decision.
    #[serde(default)]
    pub pending: Vec<NewApplication>,
    /// Decisions taken over; in an opening import alone.
    #[serde(default)]
    pub decisions: Vec<NewDecision>,
    /// Who receives the money; outside an opening import these wait for confirmation.
    #[serde(default)]
    pub payees: Vec<ProposePayee>,
}

/// A household of an import and what the person is in it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The id of the household, the same on every row of its members.
    pub household_id: Uuid,
    /// The code of the commune, as valid today.
    #[schema(example = "06652")]
    pub area: String,
    /// Where in the commune.
    #[schema(example = "Tổ 3, khu 2", max_length = 300)]
    pub address: String,
    /// Relation to the head of the household.
    #[schema(example = "head", max_length = 60)]
    pub relation: String,
}

/// An application of an import.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Which benefit.
    #[schema(value_type = String, example = "monthly_allowance")]
    pub benefit: Benefit,
    /// When it was handed in; today if left out.
    #[serde(default)]
    pub filed_on: Option<NaiveDate>,
}

impl From<(Benefit, Option<NaiveDate>)> for NewApplication {
    fn from((benefit, filed_on): (Benefit, Option<NaiveDate>)) -> Self {
        Self { benefit, filed_on }
    }
}

/// A decision that grants a benefit, taken over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDecision {
    /// Which benefit.
    #[schema(value_type = String, example = "monthly_allowance")]
    pub benefit: Benefit,
    /// When it was asked for; the day of the decision if left out.
    #[serde(default)]
    pub filed_on: Option<NaiveDate>,
    /// The number of the decision.
    #[schema(example = "1234/QĐ-UBND", max_length = 60)]
    pub number: String,
    /// When it was signed.
    #[schema(example = "2022-06-05")]
    pub signed_on: NaiveDate,
}

/// What became of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportReport {
    /// Rows stored.
    pub accepted: u64,
    /// Rows whose person was there already, by id.
    pub unchanged: u64,
    /// Rows refused, with everything wrong with them.
    pub rows: Vec<RowReport>,
}

/// A refused row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowReport {
    /// Its position in the import, from 0.
    pub row: usize,
    /// What is wrong; pointers are within the row.
    pub errors: Vec<FieldError>,
}

/// Registers many people; each is stored whole or not at all. Nobody is reassessed one by one: before a decision nothing
/// can be owed, and an opening import is followed by a run over everybody.
pub async fn import(app: &App, actor: &Actor, command: ImportPersons) -> Result<ImportReport, Error> {
    let permission = if command.opening {
        Permission::AccessManage
    } else {
        Permission::RegistryWrite
    };
    let scope = actor.require(permission)?;
    let mut import = Import::prepare(app, actor, scope, command.opening).await?;
    let mut report = ImportReport::default();
    for (number, chunk) in command.persons.chunks(CHUNK).enumerate() {
        let checked = import.check(chunk, number * CHUNK, &mut report);
        let stored = app.db.write(async |txn| import.store(txn, &checked).await).await?;
        report.accepted += u64::try_from(stored.accepted).map_err(Error::internal)?;
        report.unchanged += u64::try_from(stored.unchanged).map_err(Error::internal)?;
        report.rows.extend(stored.refused);
    }
    report.rows.sort_by_key(|row| row.row);
    Ok(report)
}
