//! The rows of a chunk, table by table.

use chrono::{DateTime, Utc};
use entity::enums::{Act, ApplicationStatus, DecisionOutcome, EnrollmentStatus, PayeeStatus};
use entity::{
    application, approval_act, decision, enrollment, evidence, household, household_member, payee, payee_account,
    person, residence,
};
use uuid::Uuid;

use crate::application::filed;
use crate::db::Txn;
use crate::error::Error;
use crate::person::bulk::NewDecision;
use crate::person::bulk::check::{Good, Import};
use crate::person::bulk::store::Known;
use crate::person::payee::act;

/// Rows by table, in the order in which they are inserted.
#[derive(Default)]
pub(super) struct Tables {
    persons: Vec<person::Model>,
    residences: Vec<residence::Model>,
    evidence: Vec<evidence::Model>,
    households: Vec<household::Model>,
    members: Vec<household_member::Model>,
    applications: Vec<application::Model>,
    decisions: Vec<decision::Model>,
    enrollments: Vec<enrollment::Model>,
    accounts: Vec<payee_account::Model>,
    payees: Vec<payee::Model>,
    acts: Vec<approval_act::Model>,
}

impl Tables {
    /// How many decisions there are.
    pub(super) const fn decisions(&self) -> usize {
        self.decisions.len()
    }

    /// Adds everything of one person.
    pub(super) fn add(&mut self, import: &Import<'_>, good: &Good<'_>, known: &mut Known) -> Result<(), Error> {
        let (app, now) = (import.app, import.app.clock.now());
        let person_id = good.new.id.unwrap_or_else(|| app.ids.next());
        let rows = good.person.rows(app, person_id, &good.new.person, now);
        self.persons.push(rows.person);
        self.residences.extend(rows.residences);
        self.evidence.extend(rows.evidence);
        self.add_membership(import, person_id, good, known);
        for asked in &good.new.pending {
            let filed_on = asked.filed_on.unwrap_or_else(|| app.clock.today());
            let row = application::Model {
                filing_client: import.system(),
                ..filed(app, person_id, asked.benefit, filed_on)
            };
            if let Some(user_id) = import.actor.user_id.filter(|_| !import.opening) {
                self.acts.push(crate::application::made(app, &row, user_id));
            }
            self.applications.push(row);
        }
        for decision in &good.new.decisions {
            self.add_decision(import, person_id, decision, now)?;
        }
        self.add_payees(import, person_id, good, known);
        Ok(())
    }

    fn add_membership(&mut self, import: &Import<'_>, person_id: Uuid, good: &Good<'_>, known: &mut Known) {
        let (Some(household), Some(area_id)) = (&good.new.household, &good.household_area) else {
            return;
        };
        let now = import.app.clock.now();
        if known.households.insert(household.household_id) {
            self.households.push(household::Model {
                id: household.household_id,
                area_id: area_id.clone(),
                address: household.address.trim().to_owned(),
                version: 1,
                created_at: now,
            });
        }
        let since = good.new.person.residences.iter().map(|stay| stay.from).max();
        self.members.push(household_member::Model {
            id: import.app.ids.next(),
            household_id: household.household_id,
            person_id,
            relation: household.relation.trim().to_owned(),
            from_date: since.unwrap_or_else(|| import.app.clock.today()),
            to_date: None,
        });
    }

    fn add_decision(
        &mut self,
        import: &Import<'_>,
        person_id: Uuid,
        new: &NewDecision,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let ids = &import.app.ids;
        let program_id = *import.programs.get(new.benefit.code()).ok_or_else(Error::not_found)?;
        let decision_id = ids.next();
        let mut application = filed(
            import.app,
            person_id,
            new.benefit,
            new.filed_on.unwrap_or(new.signed_on),
        );
        application.status = ApplicationStatus::Granted;
        self.decisions.push(decision::Model {
            id: decision_id,
            application_id: Some(application.id),
            person_id,
            benefit: application.benefit.clone(),
            number: new.number.trim().to_owned(),
            signed_on: new.signed_on,
            outcome: DecisionOutcome::Granted,
            note: None,
            recorded_at: now,
            superseded_at: None,
        });
        self.applications.push(application);
        self.enrollments.push(enrollment::Model {
            id: ids.next(),
            program_id,
            person_id,
            decision_id,
            from_date: new.signed_on,
            to_date: None,
            status: EnrollmentStatus::Active,
        });
        Ok(())
    }

    fn add_payees(&mut self, import: &Import<'_>, person_id: Uuid, good: &Good<'_>, known: &mut Known) {
        let app = import.app;
        for (new, wanted) in good.new.payees.iter().zip(&good.accounts) {
            let account = known.accounts.entry(wanted.account_key.clone()).or_insert_with(|| {
                self.accounts.push(wanted.clone());
                wanted.clone()
            });
            let row = payee::Model {
                id: app.ids.next(),
                person_id,
                benefit: new.benefit.map(|benefit| benefit.code().to_owned()),
                payee_account_id: account.id,
                relation: new.relation,
                from_date: new.from,
                to_date: None,
                status: if import.opening {
                    PayeeStatus::Active
                } else {
                    PayeeStatus::Proposed
                },
                recorded_at: app.clock.now(),
                superseded_at: None,
                proposing_client: import.system(),
            };
            if let Some(user_id) = import.actor.user_id.filter(|_| !import.opening) {
                self.acts.push(act(app, &row, account, (Act::Make, user_id)));
            }
            self.payees.push(row);
        }
    }

    /// Inserts them all.
    pub(super) async fn insert(self, txn: &Txn) -> Result<(), Error> {
        txn.insert_all::<person::Entity>(self.persons).await?;
        txn.insert_all::<residence::Entity>(self.residences).await?;
        txn.insert_all::<evidence::Entity>(self.evidence).await?;
        txn.insert_all::<household::Entity>(self.households).await?;
        txn.insert_all::<household_member::Entity>(self.members).await?;
        txn.insert_all::<application::Entity>(self.applications).await?;
        txn.insert_all::<decision::Entity>(self.decisions).await?;
        txn.insert_all::<enrollment::Entity>(self.enrollments).await?;
        txn.insert_all::<payee_account::Entity>(self.accounts).await?;
        txn.insert_all::<payee::Entity>(self.payees).await?;
        txn.insert_all::<approval_act::Entity>(self.acts).await
    }
}
