//! What a prepared list was written from that is not frozen with its run: other runs of its month and the month before, the
//! names of areas, the lives of people whose money changed, the accounts that money moved between. Where any of it is
//! another one by the time the file is built, the list is written anew.
//!
//! What a run pays and holds changes only while it is a draft: each change is a new version of it. Submitted, its lines are
//! those of its digest, and stay; one that came back and was cancelled counts still. Records of evidence, residence and
//! determination are read as they were known when the run was submitted.

use std::collections::BTreeMap;

use entity::enums::{PayRunKind, PayRunStatus};
use entity::{area, determination, pay_run};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::change::{Life, Telling, lives_of};
use crate::payment_file::rows::RunRows;

/// What some lists were written from, as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grounds {
    /// SHA-256 over runs and areas, hexadecimal.
    around: String,
    /// Whose lives were read.
    people: Vec<Uuid>,
    /// Which accounts are told of.
    accounts: Vec<Uuid>,
    /// SHA-256 over both as they were read, hexadecimal.
    read: String,
}

impl Grounds {
    /// Of rows that were read after `around`.
    pub(super) fn of(around: String, rows: &RunRows) -> Self {
        Self {
            around,
            people: rows.lives.keys().copied().collect(),
            accounts: rows.telling.accounts().keys().copied().collect(),
            read: read(&rows.lives, rows.telling.accounts()),
        }
    }

    /// Would the same be read now?
    pub(super) async fn stand(&self, app: &App, run: &pay_run::Model) -> Result<bool, Error> {
        if around(app, run).await? != self.around {
            return Ok(false);
        }
        let lives = lives_of(app, &self.people).await?;
        let accounts = Telling::accounts_of(app, &self.accounts).await?;
        Ok(read(&lives, &accounts) == self.read)
    }
}

/// SHA-256 over the areas and over the other runs that the changes of a run are judged by. It is taken before the rows are
/// read: what changes meanwhile makes it another one.
pub(super) async fn around(app: &App, run: &pay_run::Model) -> Result<String, Error> {
    let conn = app.db.read();
    let mut areas: Vec<(String, String)> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple()
        .all(conn)
        .await?;
    areas.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(serde_json::to_vec(&areas)?);
    if run.kind == PayRunKind::Regular {
        let month = crate::pay_run::cover_month(run)?;
        let before = crate::pay_run::earlier(conn, month.previous()).await?;
        if before.is_empty() {
            // The month before is what the predecessor paid.
            let opening = determination::Entity::find().filter(determination::Column::Opening.eq(true));
            hash.update(opening.count(conn).await?.to_be_bytes());
        }
        let mut others = crate::pay_run::earlier(conn, month).await?;
        others.retain(|own| own.id != run.id);
        others.extend(before);
        others.sort_unstable_by_key(|own| own.id);
        for other in &others {
            hash.update(serde_json::to_vec(&paid_by(other))?);
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// What tells that a run pays and holds the same.
fn paid_by(run: &pay_run::Model) -> serde_json::Value {
    let version = (run.status == PayRunStatus::Draft).then_some(run.version);
    json!([
        run.id.simple().to_string(),
        run.cover_month,
        run.revision,
        run.build_revision,
        run.build,
        run.release_number,
        run.digest,
        run.line_count,
        run.total,
        version
    ])
}

/// SHA-256 over lives and accounts, hexadecimal.
fn read(lives: &BTreeMap<Uuid, Life>, accounts: &BTreeMap<Uuid, String>) -> String {
    let mut hash = Sha256::new();
    for (id, life) in lives {
        hash.update(id.as_bytes());
        hash.update(format!("{:?}", (life.birth, life.year_only, life.died)));
    }
    hash.update([0]);
    for (id, shown) in accounts {
        hash.update(id.as_bytes());
        hash.update(shown);
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}
