//! The installation: first start, its secret, its first month, the sandbox clock.

use std::path::Path;

use chrono::{DateTime, Utc};
use domain::Month;
use entity::{audit_head, installation};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, PaginatorTrait, QuerySelect};
use sha2::{Digest, Sha256};

use crate::app::{App, Secret};
use crate::audit::GENESIS;
use crate::clock::Clock;
use crate::db::{Db, Txn};
use crate::error::Error;
use crate::ids::Ids;
use crate::rows;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// `postgres://...`; none for the embedded engine in `folder`.
    pub database_url: Option<&'a str>,
    /// Where the embedded database lies.
    pub folder: &'a Path,
    /// A sandbox: its clock stands where it was set.
    pub sandbox: bool,
    /// Used where the database is new: the clock's first instant and the secret. None: the machine's clock and a
    /// random secret.
    pub first_start: Option<FirstStart>,
}

/// A repeatable first start.
#[derive(Clone, Debug)]
pub struct FirstStart {
    /// Where the sandbox clock stands at first.
    pub now: DateTime<Utc>,
    /// The secret.
    pub secret: Vec<u8>,
    /// Seed of the row ids.
    pub seed: u64,
}

/// Connects and brings the schema up to date; nothing else is stored.
pub async fn migrate(opening: &Opening<'_>) -> Result<Db, Error> {
    let db = match opening.database_url {
        Some(url) => Db::connect(url).await?,
        None => Db::embedded(opening.folder).await?,
    };
    migration::run(db.owner()).await?;
    Ok(db)
}

/// The embedded database in its folder.
const EMBEDDED: &str = "ansinh.sqlite";

/// The URL of the embedded database in a folder.
pub(crate) fn embedded_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join(EMBEDDED).display())
}

/// Is there a database to look at? Makes none, neither the file nor a table.
pub async fn is_there(opening: &Opening<'_>) -> Result<bool, Error> {
    let Some(url) = opening.database_url else {
        return Ok(opening.folder.join(EMBEDDED).is_file());
    };
    let db = Db::connect(url).await?;
    let empty = migration::is_empty(db.owner()).await;
    db.close().await?;
    Ok(!empty?)
}

/// Has this database had its first start? A worker waits for it: the first start decides secret, law and clock.
pub async fn is_started(db: &Db) -> Result<bool, Error> {
    // The law is installed last, be all of it still to come.
    Ok(entity::instrument::Entity::find().count(db.read()).await? > 0)
}

/// Opens the database, migrated, with its installation row, and gives the running installation.
pub async fn open(opening: Opening<'_>) -> Result<App, Error> {
    let db = migrate(&opening).await?;
    let clock = match &opening.first_start {
        Some(first) if opening.sandbox => Clock::set_to(first.now),
        _ => Clock::System,
    };
    // A sequence begins once: on a database that is there already it would repeat itself.
    let started = is_started(&db).await?;
    let ids = match &opening.first_start {
        Some(first) if !started => Ids::seeded(first.seed),
        _ => Ids::System,
    };
    let fresh = installation::Model {
        id: 1,
        secret: opening
            .first_start
            .as_ref()
            .map_or_else(random_secret, |first| first.secret.clone()),
        created_at: clock.now(),
        first_month: None,
        sandbox: opening.sandbox,
        sandbox_now: opening.sandbox.then(|| clock.now()),
        seed_key: None,
        demo_step: 0,
    };
    let row = db
        .write(async |txn| {
            rows::insert_new::<installation::Entity>(txn, vec![fresh.clone()]).await?;
            let head = audit_head::Model {
                id: 1,
                seq: 0,
                hash: GENESIS.to_owned(),
            };
            rows::insert_new::<audit_head::Entity>(txn, vec![head]).await?;
            installation::Entity::find_by_id(1)
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)
        })
        .await?;
    let app = App {
        db,
        clock: if row.sandbox {
            Clock::set_to(row.sandbox_now.unwrap_or(row.created_at))
        } else {
            Clock::System
        },
        ids,
        secret: Secret::new(row.secret)?,
        law: crate::law::Cache::default(),
        sandbox: row.sandbox,
        chunk_people: crate::reassessment::CHUNK_PEOPLE,
        remind_after: crate::reminder::RemindAfter::default(),
        delivery: None,
        signing: None,
        unit: crate::payment_file::DEFAULT_UNIT.to_owned(),
        watch: crate::reconciliation::Watch::default(),
        drafts: crate::month_close::Drafts::default(),
    };
    crate::reference::seed(&app).await?;
    crate::law::install(&app).await?;
    Ok(app)
}

/// 256 bits from the machine's randomness: each UUIDv7 carries 74 random bits.
fn random_secret() -> Vec<u8> {
    let mut hash = Sha256::new();
    for _ in 0..8 {
        hash.update(Ids::System.next());
    }
    hash.finalize().to_vec()
}

impl App {
    /// Brings the standing clock of a sandbox up to where the database says it stands, so that several processes agree.
    pub async fn sync_clock(&self) -> Result<(), Error> {
        let seen = self.clock.now();
        if self.sandbox
            && let Some(row) = installation::Entity::find_by_id(1).one(self.db.read()).await?
            && let Some(now) = row.sandbox_now
        {
            // Not over a clock that was set since: what was read may be older than that.
            self.clock.set_from(seen, now);
        }
        Ok(())
    }

    /// Sets the sandbox clock for every process.
    pub async fn set_clock(&self, now: DateTime<Utc>) -> Result<(), Error> {
        if !self.sandbox {
            return Err(Error::new(crate::ProblemCode::SandboxOnly));
        }
        self.db
            .write(async |txn| {
                let change = installation::ActiveModel {
                    id: Set(1),
                    sandbox_now: Set(Some(now)),
                    ..Default::default()
                };
                change.update(txn.conn()).await?;
                Ok(())
            })
            .await?;
        self.clock.set(now);
        Ok(())
    }

    /// The first cover month this installation pays; what fell due earlier was settled by its predecessor.
    pub async fn first_month(&self) -> Result<Option<Month>, Error> {
        let row = installation::Entity::find_by_id(1).one(self.db.read()).await?;
        let number = row.and_then(|row| row.first_month);
        number
            .map(|number| Month::from_yyyymm(number).map_err(Error::internal))
            .transpose()
    }
}

/// How far a demo has come on this database.
#[derive(Clone, Debug)]
pub struct DemoState {
    /// Which demo.
    pub key: Option<String>,
    /// The last step that was completed.
    pub step: i32,
    /// Is nobody registered yet?
    pub pristine: bool,
}

/// How far a demo has come.
pub async fn demo_state(app: &App) -> Result<DemoState, Error> {
    let row = installation::Entity::find_by_id(1)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let people = entity::person::Entity::find().count(app.db.read()).await?;
    Ok(DemoState {
        key: row.seed_key,
        step: row.demo_step,
        pristine: people == 0,
    })
}

/// Notes how far a demo has come.
pub async fn set_demo_state(app: &App, key: &str, step: i32) -> Result<(), Error> {
    change(
        app,
        installation::ActiveModel {
            seed_key: Set(Some(key.to_owned())),
            demo_step: Set(step),
            ..row_one()
        },
    )
    .await
}

/// Whoever opens a pay run, or decides which fund pays a program, comes one after the other until the transaction ends:
/// runs are numbered, and what each is for follows from the programs, rows of which there may be none yet to lock. Locked
/// before any program and any run.
pub(crate) async fn one_opening_at_a_time(txn: &Txn) -> Result<(), Error> {
    installation::Entity::find_by_id(1)
        .lock(LockType::NoKeyUpdate)
        .one(txn.conn())
        .await?;
    Ok(())
}

/// Sets the first cover month this installation pays.
pub async fn set_first_month(app: &App, month: Month) -> Result<(), Error> {
    change(
        app,
        installation::ActiveModel {
            first_month: Set(Some(month.yyyymm())),
            ..row_one()
        },
    )
    .await
}

fn row_one() -> installation::ActiveModel {
    installation::ActiveModel {
        id: Set(1),
        ..Default::default()
    }
}

async fn change(app: &App, change: installation::ActiveModel) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            change.clone().update(txn.conn()).await?;
            Ok(())
        })
        .await
}
