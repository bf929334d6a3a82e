//! Sorting the rows of an import into good ones and reported ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::enums::ProgramStatus;
use entity::{payee_account, program};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::area::{self, Directory};
use crate::error::{Error, FieldError};
use crate::person::account;
use crate::person::bulk::{ImportReport, NewPerson, RowReport};
use crate::person::create::Checked;

/// What all rows of an import share.
pub(super) struct Import<'a> {
    pub(super) app: &'a App,
    pub(super) actor: &'a Actor,
    scope: Scope,
    pub(super) opening: bool,
    areas: Directory,
    banks: BTreeMap<String, String>,
    pub(super) programs: BTreeMap<String, Uuid>,
    seen: BTreeSet<String>,
}

/// A row without faults of its own.
pub(super) struct Good<'n> {
    pub(super) row: usize,
    pub(super) new: &'n NewPerson,
    pub(super) person: Checked,
    pub(super) household_area: Option<String>,
    pub(super) accounts: Vec<payee_account::Model>,
}

impl<'a> Import<'a> {
    pub(super) async fn prepare(app: &'a App, actor: &'a Actor, scope: Scope, opening: bool) -> Result<Self, Error> {
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

    /// The credential of another system that brings what a person has to decide; none where a person does.
    pub(super) fn system(&self) -> Option<Uuid> {
        (self.actor.user_id.is_none() && !self.opening).then_some(self.actor.client_id)
    }

    /// The good rows of a chunk that begins at `first`; the others go into the report.
    pub(super) fn check<'n>(
        &mut self,
        chunk: &'n [NewPerson],
        first: usize,
        report: &mut ImportReport,
    ) -> Vec<Good<'n>> {
        let mut good = Vec::with_capacity(chunk.len());
        for (offset, new) in chunk.iter().enumerate() {
            let row = first + offset;
            let mut faults = Vec::new();
            match self.check_row(row, new, &mut faults) {
                Some(checked) if faults.is_empty() => good.push(checked),
                _ => report.rows.push(RowReport { row, errors: faults }),
            }
        }
        good
    }

    fn check_row<'n>(&mut self, row: usize, new: &'n NewPerson, faults: &mut Vec<FieldError>) -> Option<Good<'n>> {
        let (today, now) = (self.app.clock.today(), self.app.clock.now());
        let person = Checked::of(&self.areas, &new.person, today, faults);
        for fault in &mut *faults {
            fault.pointer.insert_str(0, "/person");
        }
        self.check_decisions(new, today, faults);
        let household_area = self.check_household(new, today, faults);
        let mut accounts = Vec::with_capacity(new.payees.len());
        for (position, payee) in new.payees.iter().enumerate() {
            let pointer = format!("/payees/{position}/account");
            let made = (self.app.ids.next(), now);
            accounts.extend(account::checked(&self.banks, &payee.account, &pointer, made, faults));
        }
        if person
            .as_ref()
            .is_some_and(|person| !self.scope.covers(&person.area_id))
        {
            faults.push(outside("/person/residences"));
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
        Some(Good {
            row,
            new,
            person: person?,
            household_area,
            accounts,
        })
    }

    fn check_household(&self, new: &NewPerson, today: NaiveDate, faults: &mut Vec<FieldError>) -> Option<String> {
        let household = new.household.as_ref()?;
        let texts = [
            ("address", &household.address, 300),
            ("relation", &household.relation, 60),
        ];
        for (field, text, longest) in texts {
            if text.trim().is_empty() || text.chars().count() > longest {
                let (vi, en) = (
                    format!("Từ 1 đến {longest} ký tự"),
                    format!("1 to {longest} characters"),
                );
                faults.push(FieldError::new(format!("/household/{field}"), "text_length", vi, en));
            }
        }
        match self.areas.commune(&household.area, today) {
            None => faults.push(area::unknown("/household/area")),
            Some(area) if !self.scope.covers(&area.id) => faults.push(outside("/household/area")),
            Some(area) => return Some(area.id.clone()),
        }
        None
    }

    fn check_decisions(&self, new: &NewPerson, today: NaiveDate, faults: &mut Vec<FieldError>) {
        for (position, decision) in new.decisions.iter().enumerate() {
            let mut fault = |field: &str, code: &str, vi: &str, en: &str| {
                faults.push(FieldError::new(format!("/decisions/{position}{field}"), code, vi, en));
            };
            if !self.opening {
                let (vi, en) = (
                    "Quyết định phải được ký trong hệ thống",
                    "Decisions are signed here, one by one",
                );
                fault("", "decision_unsigned", vi, en);
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
                let (vi, en) = (
                    "Số quyết định từ 1 đến 60 ký tự",
                    "A decision number has 1 to 60 characters",
                );
                fault("/number", "decision_number", vi, en);
            }
            if !self.programs.contains_key(decision.benefit.code()) {
                let (vi, en) = ("Chương trình không hoạt động", "No active program gives this benefit");
                fault("/benefit", "program_closed", vi, en);
            }
        }
        for (position, asked) in new.pending.iter().enumerate() {
            if asked.filed_on.is_some_and(|filed_on| filed_on > today) {
                let (vi, en) = ("Ngày nộp ở tương lai", "It is filed in the future");
                faults.push(FieldError::new(
                    format!("/pending/{position}/filed_on"),
                    "date_bounds",
                    vi,
                    en,
                ));
            }
        }
    }
}

fn outside(pointer: &str) -> FieldError {
    FieldError::new(
        pointer,
        "not-found",
        "Ngoài địa bàn được giao",
        "Outside the areas of the caller",
    )
}
