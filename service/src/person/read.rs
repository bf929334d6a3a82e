//! Looking people up.

use std::collections::BTreeSet;

use entity::{evidence, person, residence};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::person::view::{EvidenceView, PersonSummary, PersonView, ResidenceView, spelled_birth};
use crate::person::{amend, check, payee};

/// Which people to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPersons {
    /// A part of the name; marks and case don't matter.
    #[param(example = "pham thi")]
    pub name: Option<String>,
    /// The citizen id, whole.
    #[param(example = "022190001234")]
    pub citizen_id: Option<String>,
    /// Living in this area or below it: an area id, or a code in all its epochs.
    #[param(example = "06652")]
    pub area: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// One person, with the stays, facts and payees that stand.
pub async fn get(app: &App, actor: &Actor, person_id: Uuid) -> Result<PersonView, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let row = amend::find(app.db.read(), &scope, person_id).await?;
    view(app.db.read(), row).await
}

/// Lists people inside the caller's scope. Protected people are found by their exact citizen id alone.
pub async fn list(app: &App, actor: &Actor, command: ListPersons) -> Result<Page<PersonSummary>, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let ListPersons {
        name,
        citizen_id,
        area,
        limit,
        cursor,
    } = command;
    let window = Window::<Uuid>::of(app, "persons", &(&name, &citizen_id, &area), limit, cursor.as_deref())?;
    let conn = app.db.read();
    let mut query = person::Entity::find().filter(amend::within(&scope));
    if let Some(name) = &name {
        let key = domain::name::search_key(name);
        if key.is_empty() {
            let (vi, en) = ("Tên cần tìm không có chữ nào", "The name to look for has no letters");
            return Err(Error::field("/name", "empty_name", vi, en));
        }
        query = query.filter(person::Column::SearchKey.contains(&key));
    }
    match &citizen_id {
        Some(citizen_id) => query = query.filter(person::Column::CitizenId.eq(citizen_id)),
        None => query = query.filter(person::Column::Protected.eq(false)),
    }
    if let Some(area) = &area {
        let ids: BTreeSet<String> = Directory::load(conn).await?.matching(area)?;
        query = query.filter(person::Column::AreaId.is_in(ids));
    }
    if let Some(after) = window.after {
        query = query.filter(person::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(person::Column::Id)
        .limit(window.fetch())
        .all(conn)
        .await?;
    Ok(window.page(rows, |row| row.id)?.map(PersonSummary::from))
}

/// The person with everything that stands.
pub(crate) async fn view(conn: &impl ConnectionTrait, row: person::Model) -> Result<PersonView, Error> {
    let stays = residence::Entity::find()
        .filter(residence::Column::PersonId.eq(row.id))
        .filter(residence::Column::SupersededAt.is_null())
        .order_by_asc(residence::Column::FromDate)
        .order_by_asc(residence::Column::Id)
        .all(conn)
        .await?;
    let mut facts = evidence::Entity::find()
        .filter(evidence::Column::PersonId.eq(row.id))
        .filter(evidence::Column::SupersededAt.is_null())
        .all(conn)
        .await?;
    facts.sort_by(|a, b| (&a.kind, a.from_date, a.id).cmp(&(&b.kind, b.from_date, b.id)));
    Ok(PersonView {
        birth_date: spelled_birth(&row),
        residences: stays.into_iter().map(ResidenceView::from).collect(),
        evidence: facts.into_iter().map(EvidenceView::from).collect(),
        payees: payee::standing(conn, row.id).await?,
        warnings: check::warnings(row.citizen_id.as_deref(), row.birth_date, row.sex),
        id: row.id,
        citizen_id: row.citizen_id,
        full_name: row.full_name,
        sex: row.sex,
        death_date: row.death_date,
        area_id: row.area_id,
        protected: row.protected,
        evidence_rev: row.evidence_rev,
        version: row.version,
        created_at: row.created_at,
    })
}
