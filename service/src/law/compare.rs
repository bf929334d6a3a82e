//! What an instrument says otherwise than another version, and what it changes in the law in force.

use domain::law::{self, ClauseChange, Difference};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};

/// One of two versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ComparedVersion {
    /// The instrument.
    pub instrument_id: Uuid,
    /// Its number.
    #[schema(example = "NQ 08/2022/NQ-HĐND")]
    pub number: String,
    /// The revision.
    pub revision: i64,
}

/// Two versions side by side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Comparison {
    /// The earlier.
    pub before: ComparedVersion,
    /// The later.
    pub after: ComparedVersion,
    /// What the later says otherwise, clause by clause.
    pub clauses: Vec<ClauseChange>,
}

/// Compares an instrument with another (`with`), or with an earlier revision of itself; with neither, with what it
/// corrects or with its revision before.
pub async fn compare_versions(
    app: &App,
    actor: &Actor,
    id: Uuid,
    with: Option<Uuid>,
    revision: Option<i64>,
) -> Result<Comparison, Error> {
    actor.require(Permission::LawRead)?;
    let conn = app.db.read();
    let row = super::find(conn, id).await?;
    let (other, revision) = match (with, revision) {
        (None, Some(revision)) => (row.clone(), revision),
        (Some(with), revision) => {
            let other = super::find(conn, with).await?;
            let newest = other.revision;
            (other, revision.unwrap_or(newest))
        }
        (None, None) => match row.corrects {
            Some(corrected) => {
                let other = super::find(conn, corrected).await?;
                let newest = other.revision;
                (other, newest)
            }
            None => (row.clone(), row.revision - 1),
        },
    };
    let earlier = read(&super::history::body(conn, &other, revision).await?)?;
    let later = read(&row.body)?;
    Ok(Comparison {
        before: ComparedVersion {
            instrument_id: other.id,
            number: other.number,
            revision,
        },
        after: ComparedVersion {
            instrument_id: row.id,
            number: row.number,
            revision: row.revision,
        },
        clauses: law::compare(&earlier, &later),
    })
}

/// What a draft would change in the law in force: values and rules, month by month.
pub async fn changes(app: &App, actor: &Actor, id: Uuid) -> Result<Difference, Error> {
    actor.require(Permission::LawRead)?;
    let row = super::find(app.db.read(), id).await?;
    let number = super::latest(app).await?;
    if row.release_number.is_some() {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Văn bản đã ban hành; hãy so sánh các bản phát hành",
            "the instrument is published; compare the releases",
        ));
    }
    let before = super::release::published(app.db.read(), number).await?;
    let (after, _) = super::release::with_draft(app.db.read(), number, &row).await?;
    between(&before, &after)
}

/// What release `number` changes against release `from`, the one before it if none is named.
pub async fn release_difference(app: &App, actor: &Actor, number: i32, from: Option<i32>) -> Result<Difference, Error> {
    actor.require(Permission::LawRead)?;
    let from = from.unwrap_or(number - 1);
    let latest = super::latest(app).await?;
    if number < 1 || number > latest || from < 0 || from > latest {
        return Err(Error::not_found());
    }
    let before = super::release::published(app.db.read(), from).await?;
    let after = super::release::published(app.db.read(), number).await?;
    between(&before, &after)
}

fn between(before: &[law::Instrument], after: &[law::Instrument]) -> Result<Difference, Error> {
    law::difference(before, after).map_err(|findings| Error {
        fields: findings.iter().map(super::check::field).collect(),
        ..Error::new(ProblemCode::InstrumentFaulty)
    })
}

fn read(body: &serde_json::Value) -> Result<law::Instrument, Error> {
    law::Instrument::from_value(body).map_err(|finding| Error::internal(format!("{finding:?}")))
}
