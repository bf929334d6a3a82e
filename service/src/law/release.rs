//! Releases: the law as published up to a number, compiled once and never changed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::Month;
use domain::law::{Instrument, Release, Severity};
use entity::enums::InstrumentStatus;
use entity::{instrument, release as release_row};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::law::view::{RepealedBy, Repeals};

/// The releases compiled so far.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    published: Arc<Mutex<BTreeMap<i32, Arc<Release>>>>,
    drafts: Arc<Mutex<BTreeMap<DraftKey, Arc<Release>>>>,
}

/// A release of a draft: the release below it, the hash of its body, what it corrects, and by how many months its dates
/// are moved back.
type DraftKey = (i32, String, Option<Uuid>, u32);

/// How many drafts stay compiled. Each lives for the length of a simulation or of an afternoon of calculations.
const DRAFTS: usize = 16;

/// The number of the newest release.
pub async fn latest(app: &App) -> Result<i32, Error> {
    newest(app.db.read()).await
}

/// The number of the newest release as a connection sees it: inside a transaction, as it stands there.
pub(super) async fn newest(conn: &impl ConnectionTrait) -> Result<i32, Error> {
    let number: Option<i32> = release_row::Entity::find()
        .select_only()
        .column(release_row::Column::Number)
        .order_by_desc(release_row::Column::Number)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(number.unwrap_or(0))
}

/// A release, compiled once in this process.
pub async fn release(app: &App, number: i32) -> Result<Arc<Release>, Error> {
    let known = |cache: &Cache| {
        cache
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&number)
            .cloned()
    };
    if let Some(release) = known(&app.law) {
        return Ok(release);
    }
    let instruments = published(app.db.read(), number).await?;
    let release = Arc::new(compile(number, &instruments)?);
    app.law
        .published
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(number, Arc::clone(&release));
    Ok(release)
}

/// The law as it would be if a draft were published now, for those who may read law.
pub(crate) async fn draft_release(app: &App, actor: &Actor, id: Uuid) -> Result<Arc<Release>, Error> {
    actor.require(Permission::LawRead)?;
    let row = super::find(app.db.read(), id).await?;
    if matches!(row.status, InstrumentStatus::Published | InstrumentStatus::Withdrawn) {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Văn bản không còn là dự thảo; hãy nêu bản phát hành",
            "the instrument is no draft any more; name a release",
        ));
    }
    under_draft(app, latest(app).await?, &row, 0).await
}

/// The release that publishing a draft on top of `number` would make, its dates moved back by so many months.
pub(super) async fn under_draft(
    app: &App,
    number: i32,
    row: &instrument::Model,
    moved_by: u32,
) -> Result<Arc<Release>, Error> {
    let key: DraftKey = (number, row.body_hash.clone(), row.corrects, moved_by);
    let drafts = &app.law.drafts;
    if let Some(known) = drafts.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(Arc::clone(known));
    }
    let mut standing = standing(app.db.read(), number).await?;
    put(&mut standing, row, super::simulation::moved(row, moved_by)?);
    let instruments: Vec<Instrument> = standing.into_iter().map(|(_, own)| own).collect();
    let compiled = Arc::new(compile(number + 1, &instruments)?);
    let mut drafts = drafts.lock().unwrap_or_else(PoisonError::into_inner);
    if drafts.len() >= DRAFTS {
        drafts.clear();
    }
    drafts.insert(key, Arc::clone(&compiled));
    Ok(compiled)
}

/// The instruments of a release, in order of publication.
pub(crate) async fn published(conn: &impl ConnectionTrait, number: i32) -> Result<Vec<Instrument>, Error> {
    Ok(standing(conn, number).await?.into_iter().map(|(_, own)| own).collect())
}

/// The same with the rows they were published as: a correction stands in the place of what it corrects.
async fn standing(conn: &impl ConnectionTrait, number: i32) -> Result<Vec<(Uuid, Instrument)>, Error> {
    let rows = instrument::Entity::find()
        .filter(instrument::Column::ReleaseNumber.lte(number))
        .order_by_asc(instrument::Column::ReleaseNumber)
        .all(conn)
        .await?;
    let mut standing = Vec::with_capacity(rows.len());
    for row in &rows {
        place(&mut standing, row)?;
    }
    Ok(standing)
}

/// Puts an instrument at the end, or in the place of the one it corrects; gives the place.
fn place(standing: &mut Vec<(Uuid, Instrument)>, row: &instrument::Model) -> Result<usize, Error> {
    Ok(put(standing, row, body(row)?))
}

fn put(standing: &mut Vec<(Uuid, Instrument)>, row: &instrument::Model, own: Instrument) -> usize {
    let corrected = |(id, _): &(Uuid, Instrument)| Some(*id) == row.corrects;
    let index = standing.iter().position(corrected);
    match index.and_then(|index| standing.get_mut(index)) {
        Some(slot) => slot.1 = own,
        None => standing.push((row.id, own)),
    }
    index.unwrap_or(standing.len() - 1)
}

/// The instruments that a release with this draft would have, and the draft's place among them.
pub(super) async fn with_draft(
    conn: &impl ConnectionTrait,
    number: i32,
    row: &instrument::Model,
) -> Result<(Vec<Instrument>, usize), Error> {
    let mut standing = standing(conn, number).await?;
    let index = place(&mut standing, row)?;
    Ok((standing.into_iter().map(|(_, own)| own).collect(), index))
}

/// The first month that publishing a draft touches: of a correction also what the wrong text had touched.
pub(super) async fn reach_back(
    conn: &impl ConnectionTrait,
    number: i32,
    row: &instrument::Model,
) -> Result<Option<Month>, Error> {
    let own = body(row)?.reach_back();
    let wrong = standing(conn, number)
        .await?
        .into_iter()
        .find(|(id, _)| Some(*id) == row.corrects)
        .and_then(|(_, wrong)| wrong.reach_back());
    Ok([own, wrong].into_iter().flatten().min())
}

/// What the law in force repeals: the earliest repeal of each instrument counts.
pub(super) async fn repeals(conn: &impl ConnectionTrait) -> Result<Repeals, Error> {
    let mut repeals = Repeals::new();
    for (id, own) in standing(conn, newest(conn).await?).await? {
        let last = own.repeals_from().previous();
        for number in &own.repeals {
            if repeals.get(number).is_some_and(|(_, earlier)| *earlier <= last) {
                continue;
            }
            let by = RepealedBy {
                id,
                number: own.number.clone(),
            };
            repeals.insert(number.clone(), (by, last));
        }
    }
    Ok(repeals)
}

/// The instrument as its row keeps it.
pub(super) fn body(row: &instrument::Model) -> Result<Instrument, Error> {
    Instrument::from_value(&row.body).map_err(|finding| Error::internal(format!("{}: {finding:?}", row.number)))
}

pub(super) fn compile(number: i32, instruments: &[Instrument]) -> Result<Release, Error> {
    let number = u32::try_from(number).map_err(Error::internal)?;
    Release::compile(number, instruments).map_err(|findings| {
        // What only warns stands in published law too and refuses nothing.
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        Error {
            fields: errors.map(super::check::field).collect(),
            ..Error::new(ProblemCode::InstrumentFaulty)
        }
    })
}

/// Whether the instrument of a release makes a debt of months already paid that it lowers.
pub(crate) async fn lowering_makes_debt(conn: &impl ConnectionTrait, number: i32) -> Result<bool, Error> {
    let row = instrument::Entity::find()
        .filter(instrument::Column::ReleaseNumber.eq(number))
        .one(conn)
        .await?;
    row.map_or(Ok(false), |row| Ok(body(&row)?.lowering_makes_debt))
}

/// A release.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReleaseView {
    /// Its number.
    pub number: i32,
    /// The instrument whose publication made it.
    pub instrument_id: Uuid,
    /// That instrument's number.
    pub instrument: String,
    /// When.
    pub published_at: DateTime<Utc>,
    /// The first month it touches.
    #[schema(example = "2024-10")]
    pub reach_back: Option<String>,
    /// Hash of what was published.
    pub digest: String,
}

/// Every release, the newest first.
pub async fn releases(app: &App, actor: &Actor) -> Result<Vec<ReleaseView>, Error> {
    actor.require(Permission::LawRead)?;
    let rows = release_row::Entity::find()
        .find_also_related(instrument::Entity)
        .order_by_desc(release_row::Column::Number)
        .all(app.db.read())
        .await?;
    let views = rows.into_iter().map(|(row, own)| ReleaseView {
        number: row.number,
        instrument_id: row.instrument_id,
        instrument: own.map_or_else(String::new, |own| own.number),
        published_at: row.published_at,
        reach_back: domain::Month::from_yyyymm(row.reach_back_month)
            .ok()
            .map(|month| month.to_string()),
        digest: row.digest,
    });
    Ok(views.collect())
}
