//! Registering a person.

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::Residence;
use entity::enums::{EvidenceChange, Sex};
use entity::{evidence, person, residence};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::audit::Event;
use crate::error::{Error, FieldError, ProblemCode};
use crate::person::view::{NewEvidence, NewResidence, PersonView};
use crate::person::{amend, check, read};

/// Registers a person.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePerson {
    /// The twelve digits of the citizen id, where there is one.
    #[serde(default)]
    #[schema(example = "022190001234", pattern = "^[0-9]{12}$")]
    pub citizen_id: Option<String>,
    /// Full name.
    #[schema(example = "Phạm Thị Lan", max_length = 140)]
    pub full_name: String,
    /// Born: a day, or a year alone where no more is known.
    #[schema(example = "1990-05-01", pattern = "^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$")]
    pub birth_date: String,
    /// Sex as registered.
    #[schema(value_type = String, pattern = "^(female|male)$", example = "female")]
    pub sex: Sex,
    /// Died.
    #[serde(default)]
    pub death_date: Option<NaiveDate>,
    /// Leave this person out of lists.
    #[serde(default)]
    pub protected: bool,
    /// Stays, at least one.
    #[schema(min_items = 1)]
    pub residences: Vec<NewResidence>,
    /// Facts known already.
    #[serde(default)]
    pub evidence: Vec<NewEvidence>,
}

/// Registers a person. Nothing can be owed before a decision, so nothing is reassessed yet.
pub async fn create(app: &App, actor: &Actor, command: CreatePerson) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let areas = Directory::load(app.db.read()).await?;
    let mut faults = Vec::new();
    let checked = Checked::of(&areas, &command, app.clock.today(), &mut faults);
    let Some(checked) = checked.filter(|_| faults.is_empty()) else {
        return Err(Error::invalid(faults));
    };
    if !scope.covers(&checked.area_id) {
        return Err(Error::not_found());
    }
    let id = app.ids.next();
    let rows = checked.rows(app, id, &command, app.clock.now());
    app.db
        .write(async |txn| {
            if let Some(citizen_id) = &rows.person.citizen_id {
                let same = person::Entity::find().filter(person::Column::CitizenId.eq(citizen_id));
                if same.count(txn.conn()).await? > 0 {
                    return Err(taken());
                }
            }
            let Rows {
                person,
                residences,
                evidence,
            } = rows.clone();
            let detail =
                json!({ "area_id": person.area_id, "residences": residences.len(), "evidence": evidence.len() });
            txn.insert_all::<person::Entity>(vec![person.clone()]).await?;
            txn.insert_all::<residence::Entity>(residences).await?;
            txn.insert_all::<evidence::Entity>(evidence).await?;
            txn.audit(Event::new(
                person.created_at,
                actor,
                "person.create",
                amend::subject(id),
                detail,
            ));
            read::view(txn.conn(), person).await
        })
        .await
}

/// The problem of a citizen id that belongs to another person.
pub(crate) fn taken() -> Error {
    let (vi, en) = (
        "Số định danh đã có trong hồ sơ khác",
        "The citizen id belongs to another record",
    );
    Error {
        fields: vec![FieldError::new("/citizen_id", "citizen_id_taken", vi, en)],
        ..Error::new(ProblemCode::AlreadyExists)
    }
}

/// A person's content without faults.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    identity: check::Identity,
    pub(crate) area_id: String,
}

/// The rows of a new person.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) person: person::Model,
    pub(crate) residences: Vec<residence::Model>,
    pub(crate) evidence: Vec<evidence::Model>,
}

impl Checked {
    /// Checks the content; all faults are told at once.
    pub(crate) fn of(
        areas: &Directory,
        command: &CreatePerson,
        today: NaiveDate,
        faults: &mut Vec<FieldError>,
    ) -> Option<Self> {
        let CreatePerson {
            citizen_id,
            full_name,
            birth_date,
            death_date,
            residences,
            evidence,
            ..
        } = command;
        let identity = check::identity(citizen_id.as_deref(), full_name, birth_date, *death_date, today, faults);
        let pointed = |list: &str, position: usize| format!("/{list}/{position}");
        let mut stays = Vec::with_capacity(residences.len());
        for (position, new) in residences.iter().enumerate() {
            let pointer = pointed("residences", position);
            let stay = check::stay(areas, new, &pointer, faults);
            stays.push((pointer, stay));
        }
        if stays.is_empty() {
            let (vi, en) = ("Cần ít nhất một nơi cư trú", "At least one residence is needed");
            faults.push(FieldError::new("/residences", "residence_missing", vi, en));
        }
        check::overlaps(&stays, faults);
        let mut facts = Vec::with_capacity(evidence.len());
        for (position, new) in evidence.iter().enumerate() {
            let pointer = pointed("evidence", position);
            if let Some(fact) = check::fact(new, &pointer, faults) {
                facts.push((pointer, fact));
            }
        }
        check::contradictions(&facts, faults);
        let stays: Vec<Residence> = stays.into_iter().map(|(_, stay)| stay).collect();
        let area_id = check::present_area(areas, &stays, today)?;
        Some(Self {
            identity: identity?,
            area_id,
        })
    }

    /// The rows to store under this id.
    pub(crate) fn rows(&self, app: &App, id: Uuid, command: &CreatePerson, now: DateTime<Utc>) -> Rows {
        let identity = self.identity.clone();
        let person = person::Model {
            id,
            citizen_id: identity.citizen_id,
            full_name: identity.full_name,
            search_key: identity.search_key,
            birth_date: identity.birth_date,
            birth_year_only: identity.birth_year_only,
            sex: command.sex,
            death_date: identity.death_date,
            area_id: self.area_id.clone(),
            protected: command.protected,
            evidence_rev: 1,
            version: 1,
            created_at: now,
        };
        let stays = command.residences.iter().map(|new| residence::Model {
            id: app.ids.next(),
            person_id: id,
            area_code: new.area.clone(),
            setting: new.setting,
            from_date: new.from,
            to_date: new.to,
            recorded_at: now,
            superseded_at: None,
        });
        let facts = command.evidence.iter().map(|new| evidence::Model {
            id: app.ids.next(),
            person_id: id,
            kind: new.kind.code().to_owned(),
            value: new.value.clone(),
            from_date: new.from,
            to_date: new.to,
            change: EvidenceChange::Circumstances,
            document: new.document.clone(),
            recorded_at: now,
            superseded_at: None,
        });
        Rows {
            person,
            residences: stays.collect(),
            evidence: facts.collect(),
        }
    }
}
