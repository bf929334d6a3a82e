//! Changing who a person is.

use chrono::NaiveDate;
use entity::enums::Sex;
use entity::person;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::pay_run;
use crate::person::amend::{self, Touches};
use crate::person::view::PersonView;
use crate::person::{check, create, read};

/// The identity of a person, whole: what is left out is taken away.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdatePerson {
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
    /// Died. A death ends payment after its month.
    #[serde(default)]
    pub death_date: Option<NaiveDate>,
    /// Leave this person out of lists.
    #[serde(default)]
    pub protected: bool,
}

/// Replaces the identity of a person.
pub async fn update(
    app: &App,
    actor: &Actor,
    person_id: Uuid,
    expected_version: i64,
    command: UpdatePerson,
) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryWrite)?;
    let UpdatePerson {
        citizen_id,
        full_name,
        birth_date,
        sex,
        death_date,
        protected,
    } = command;
    let today = app.clock.today();
    let mut faults = Vec::new();
    let identity = check::identity(
        citizen_id.as_deref(),
        &full_name,
        &birth_date,
        death_date,
        today,
        &mut faults,
    );
    app.db
        .write(async |txn| {
            let before = open(txn, &scope, (person_id, expected_version), death_date).await?;
            let Some(identity) = identity.clone().filter(|_| faults.is_empty()) else {
                return Err(Error::invalid(faults.clone()));
            };
            if let Some(citizen_id) = &identity.citizen_id {
                let same = person::Entity::find().filter(person::Column::CitizenId.eq(citizen_id));
                if same.filter(person::Column::Id.ne(person_id)).count(txn.conn()).await? > 0 {
                    return Err(create::taken());
                }
            }
            let after = person::Model {
                citizen_id: identity.citizen_id,
                full_name: identity.full_name,
                search_key: identity.search_key,
                birth_date: identity.birth_date,
                birth_year_only: identity.birth_year_only,
                sex,
                death_date: identity.death_date,
                protected,
                ..before.clone()
            };
            let facts = |row: &person::Model| (row.birth_date, row.birth_year_only, row.sex, row.death_date);
            let touches = if facts(&before) == facts(&after) {
                Touches::RecordOnly
            } else {
                Touches::Right
            };
            let detail = json!({ "fields": changed(&before, &after), "death_date": after.death_date });
            let row = amend::close(app, txn, actor, after, touches, ("person.update", detail)).await?;
            if before.death_date != row.death_date {
                // What was approved for the account of who has died goes to the heirs, if to anybody.
                pay_run::void_misdirected(app, txn, pay_run::Because::Death, person_id).await?;
            }
            read::view(txn.conn(), row).await
        })
        .await
}

/// The person, locked; where a death changes, so are the runs that may have to be built again, and these come first.
async fn open(
    txn: &Txn,
    scope: &Scope,
    (id, expected_version): (Uuid, i64),
    death_date: Option<NaiveDate>,
) -> Result<person::Model, Error> {
    let standing = amend::find(txn.conn(), scope, id).await?;
    if standing.death_date != death_date {
        pay_run::lock_paying(txn).await?;
    }
    amend::open(txn, scope, id, expected_version).await
}

/// The names of the fields that differ; the audit trail keeps no names of people.
fn changed(before: &person::Model, after: &person::Model) -> Vec<&'static str> {
    let fields = [
        ("citizen_id", before.citizen_id != after.citizen_id),
        ("full_name", before.full_name != after.full_name),
        (
            "birth_date",
            (before.birth_date, before.birth_year_only) != (after.birth_date, after.birth_year_only),
        ),
        ("sex", before.sex != after.sex),
        ("death_date", before.death_date != after.death_date),
        ("protected", before.protected != after.protected),
    ];
    fields
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| name)
        .collect()
}
