//! Many people at once: each row is checked by itself, good rows are stored, and the report says what is wrong with the
//! others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::Benefit;
use entity::enums::{Act, ApplicationStatus, DecisionOutcome, EnrollmentStatus, PayeeStatus, ProgramStatus};
use entity::{
    application, approval_act, decision, enrollment, evidence, payee, payee_account, person, program, residence,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::area::Directory;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError};
use crate::person::create::{Checked, CreatePerson};
use crate::person::payee::ProposePayee;
use crate::person::{account, payee as payees};

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
    /// Decisions taken over; in an opening import alone.
    #[serde(default)]
    pub decisions: Vec<NewDecision>,
    /// Who receives the money; outside an opening import these wait for confirmation.
    #[serde(default)]
    pub payees: Vec<ProposePayee>,
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

/// What all rows of an import share.
struct Import<'a> {
    app: &'a App,
    actor: &'a Actor,
    scope: Scope,
    opening: bool,
    areas: Directory,
    banks: BTreeMap<String, String>,
    programs: BTreeMap<String, Uuid>,
    seen: BTreeSet<String>,
}

/// A row without faults of its own.
struct Good<'a> {
    row: usize,
    new: &'a NewPerson,
    person: Checked,
    accounts: Vec<payee_account::Model>,
}

#[derive(Default)]
struct Stored {
    accepted: usize,
    unchanged: usize,
    refused: Vec<RowReport>,
}

/// The rows of a chunk, by table, in the order in which they are inserted.
#[derive(Default)]
struct Tables {
    persons: Vec<person::Model>,
    residences: Vec<residence::Model>,
    evidence: Vec<evidence::Model>,
    applications: Vec<application::Model>,
    decisions: Vec<decision::Model>,
    enrollments: Vec<enrollment::Model>,
    accounts: Vec<payee_account::Model>,
    payees: Vec<payee::Model>,
    acts: Vec<approval_act::Model>,
}

impl<'a> Import<'a> {
    async fn prepare(app: &'a App, actor: &'a Actor, scope: Scope, opening: bool) -> Result<Self, Error> {
        let conn = app.db.read();
        let programs = program::Entity::find().filter(program::Column::Status.eq(ProgramStatus::Active));
        let programs = programs
            .all(conn)
            .await?
            .into_iter()
            .filter_map(|row| Some((row.benefit?, row.id)));
        let programs = programs.collect();
        let (areas, banks) = (Directory::load(conn).await?, account::banks(conn).await?);
        Ok(Self {
            app,
            actor,
            scope,
            opening,
            areas,
            banks,
            programs,
            seen: BTreeSet::new(),
        })
    }

    /// Sorts the rows of a chunk into good ones and reported ones.
    fn check<'n>(&mut self, chunk: &'n [NewPerson], first: usize, report: &mut ImportReport) -> Vec<Good<'n>> {
        let (today, now) = (self.app.clock.today(), self.app.clock.now());
        let mut good = Vec::with_capacity(chunk.len());
        for (offset, new) in chunk.iter().enumerate() {
            let mut faults = Vec::new();
            let person = Checked::of(&self.areas, &new.person, today, &mut faults);
            for fault in &mut faults {
                fault.pointer.insert_str(0, "/person");
            }
            self.check_decisions(new, today, &mut faults);
            let mut accounts = Vec::with_capacity(new.payees.len());
            for (position, payee) in new.payees.iter().enumerate() {
                let pointer = format!("/payees/{position}/account");
                let made = (self.app.ids.next(), now);
                accounts.extend(account::checked(
                    &self.banks,
                    &payee.account,
                    &pointer,
                    made,
                    &mut faults,
                ));
            }
            if let Some(person) = &person
                && !self.scope.covers(&person.area_id)
            {
                let (vi, en) = ("Ngoài địa bàn được giao", "Outside the areas of the caller");
                faults.push(FieldError::new("/person/residences", "not-found", vi, en));
            }
            if let Some(citizen_id) = &new.person.citizen_id
                && faults.is_empty()
                && !self.seen.insert(citizen_id.clone())
            {
                let (vi, en) = (
                    "Số định danh lặp lại trong tệp",
                    "The citizen id stands in an earlier row",
                );
                faults.push(FieldError::new("/person/citizen_id", "citizen_id_repeated", vi, en));
            }
            let row = first + offset;
            match person {
                Some(person) if faults.is_empty() => good.push(Good {
                    row,
                    new,
                    person,
                    accounts,
                }),
                _ => report.rows.push(RowReport { row, errors: faults }),
            }
        }
        good
    }

    fn check_decisions(&self, new: &NewPerson, today: NaiveDate, faults: &mut Vec<FieldError>) {
        for (position, decision) in new.decisions.iter().enumerate() {
            let mut fault = |field: &str, code: &str, vi: &str, en: &str| {
                faults.push(FieldError::new(format!("/decisions/{position}{field}"), code, vi, en));
            };
            if !self.opening {
                fault(
                    "",
                    "decision_unsigned",
                    "Quyết định phải được ký trong hệ thống",
                    "Decisions are signed here, one by one",
                );
            }
            if decision.signed_on > today {
                fault(
                    "/signed_on",
                    "date_bounds",
                    "Ngày ký ở tương lai",
                    "It is signed in the future",
                );
            }
            if decision.number.trim().is_empty() || decision.number.chars().count() > 60 {
                fault(
                    "/number",
                    "decision_number",
                    "Số quyết định từ 1 đến 60 ký tự",
                    "A decision number has 1 to 60 characters",
                );
            }
            if !self.programs.contains_key(decision.benefit.code()) {
                fault(
                    "/benefit",
                    "program_closed",
                    "Chương trình không hoạt động",
                    "No active program gives this benefit",
                );
            }
        }
    }

    /// Stores the good rows that don't collide with what is there.
    async fn store(&self, txn: &Txn, rows: &[Good<'_>]) -> Result<Stored, Error> {
        let mut stored = Stored::default();
        let known = self.known(txn, rows).await?;
        let mut accounts = known.accounts;
        let mut tables = Tables::default();
        for good in rows {
            if good.new.id.is_some_and(|id| known.ids.contains(&id)) {
                stored.unchanged += 1;
                continue;
            }
            let mut errors = Vec::new();
            if good
                .new
                .person
                .citizen_id
                .as_ref()
                .is_some_and(|id| known.citizen_ids.contains(id))
            {
                let (vi, en) = (
                    "Số định danh đã có trong hồ sơ khác",
                    "The citizen id belongs to another record",
                );
                errors.push(FieldError::new("/person/citizen_id", "citizen_id_taken", vi, en));
            }
            for (position, wanted) in good.accounts.iter().enumerate() {
                let standing = accounts.get(&wanted.account_key);
                if standing.is_some_and(|standing| !account::same_holder(standing, wanted)) {
                    errors.push(account::holder_differs(&format!("/payees/{position}/account")));
                }
            }
            if errors.is_empty() {
                self.add(good, &mut accounts, &mut tables)?;
                stored.accepted += 1;
            } else {
                stored.refused.push(RowReport { row: good.row, errors });
            }
        }
        if stored.accepted > 0 {
            let detail =
                json!({ "persons": stored.accepted, "opening": self.opening, "decisions": tables.decisions.len() });
            txn.audit(Event::new(
                self.app.clock.now(),
                self.actor,
                "person.import",
                "person:import",
                detail,
            ));
        }
        tables.insert(txn).await?;
        Ok(stored)
    }

    async fn known(&self, txn: &Txn, rows: &[Good<'_>]) -> Result<Known, Error> {
        let mut known = Known::default();
        let citizen_ids: Vec<&str> = rows
            .iter()
            .filter_map(|good| good.new.person.citizen_id.as_deref())
            .collect();
        for chunk in citizen_ids.chunks(10_000) {
            let query = person::Entity::find().select_only().column(person::Column::CitizenId);
            let query = query.filter(person::Column::CitizenId.is_in(chunk.iter().copied()));
            known
                .citizen_ids
                .extend(query.into_tuple::<String>().all(txn.conn()).await?);
        }
        let ids: Vec<Uuid> = rows.iter().filter_map(|good| good.new.id).collect();
        for chunk in ids.chunks(10_000) {
            let query = person::Entity::find().select_only().column(person::Column::Id);
            let query = query.filter(person::Column::Id.is_in(chunk.iter().copied()));
            known.ids.extend(query.into_tuple::<Uuid>().all(txn.conn()).await?);
        }
        let keys: BTreeSet<&str> = rows
            .iter()
            .flat_map(|good| &good.accounts)
            .map(|account| account.account_key.as_str())
            .collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        for chunk in keys.chunks(10_000) {
            let query = payee_account::Entity::find();
            let found = query
                .filter(payee_account::Column::AccountKey.is_in(chunk.iter().copied()))
                .all(txn.conn())
                .await?;
            known
                .accounts
                .extend(found.into_iter().map(|row| (row.account_key.clone(), row)));
        }
        Ok(known)
    }

    fn add(
        &self,
        good: &Good<'_>,
        accounts: &mut BTreeMap<String, payee_account::Model>,
        tables: &mut Tables,
    ) -> Result<(), Error> {
        let now = self.app.clock.now();
        let person_id = good.new.id.unwrap_or_else(|| self.app.ids.next());
        let rows = good.person.rows(self.app, person_id, &good.new.person, now);
        tables.persons.push(rows.person);
        tables.residences.extend(rows.residences);
        tables.evidence.extend(rows.evidence);
        for decision in &good.new.decisions {
            self.add_decision(person_id, decision, now, tables)?;
        }
        for (new, wanted) in good.new.payees.iter().zip(&good.accounts) {
            let account = accounts.entry(wanted.account_key.clone()).or_insert_with(|| {
                tables.accounts.push(wanted.clone());
                wanted.clone()
            });
            let row = payee::Model {
                id: self.app.ids.next(),
                person_id,
                benefit: new.benefit.map(|benefit| benefit.code().to_owned()),
                payee_account_id: account.id,
                relation: new.relation,
                from_date: new.from,
                to_date: None,
                status: if self.opening {
                    PayeeStatus::Active
                } else {
                    PayeeStatus::Proposed
                },
                recorded_at: now,
                superseded_at: None,
            };
            if let Some(user_id) = self.actor.user_id.filter(|_| !self.opening) {
                tables
                    .acts
                    .push(payees::act(self.app, &row, account, (Act::Make, user_id)));
            }
            tables.payees.push(row);
        }
        Ok(())
    }

    fn add_decision(
        &self,
        person_id: Uuid,
        new: &NewDecision,
        now: DateTime<Utc>,
        tables: &mut Tables,
    ) -> Result<(), Error> {
        let benefit = new.benefit.code().to_owned();
        let program_id = *self.programs.get(&benefit).ok_or_else(Error::not_found)?;
        let (application_id, decision_id) = (self.app.ids.next(), self.app.ids.next());
        tables.applications.push(application::Model {
            id: application_id,
            person_id,
            benefit: benefit.clone(),
            filed_on: new.filed_on.unwrap_or(new.signed_on),
            status: ApplicationStatus::Granted,
            version: 1,
            created_at: now,
        });
        tables.decisions.push(decision::Model {
            id: decision_id,
            application_id: Some(application_id),
            person_id,
            benefit,
            number: new.number.trim().to_owned(),
            signed_on: new.signed_on,
            outcome: DecisionOutcome::Granted,
            note: None,
            recorded_at: now,
            superseded_at: None,
        });
        tables.enrollments.push(enrollment::Model {
            id: self.app.ids.next(),
            program_id,
            person_id,
            decision_id,
            from_date: new.signed_on,
            to_date: None,
            status: EnrollmentStatus::Active,
        });
        Ok(())
    }
}

/// What is there already of what a chunk brings.
#[derive(Default)]
struct Known {
    ids: BTreeSet<Uuid>,
    citizen_ids: BTreeSet<String>,
    accounts: BTreeMap<String, payee_account::Model>,
}

impl Tables {
    async fn insert(self, txn: &Txn) -> Result<(), Error> {
        txn.insert_all::<person::Entity>(self.persons).await?;
        txn.insert_all::<residence::Entity>(self.residences).await?;
        txn.insert_all::<evidence::Entity>(self.evidence).await?;
        txn.insert_all::<application::Entity>(self.applications).await?;
        txn.insert_all::<decision::Entity>(self.decisions).await?;
        txn.insert_all::<enrollment::Entity>(self.enrollments).await?;
        txn.insert_all::<payee_account::Entity>(self.accounts).await?;
        txn.insert_all::<payee::Entity>(self.payees).await?;
        txn.insert_all::<approval_act::Entity>(self.acts).await
    }
}
