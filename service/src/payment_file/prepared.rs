//! The lists of a submitted run, written before anybody approves it: what they say is frozen, but for the date that the
//! workbooks carry. They are kept under a seal and used once, when the run's files are built; where there are none, or
//! none that hold, the lists are written then.

use std::time::Duration;

use domain::ids;
use entity::enums::{FileKind, PayRunKind, PayRunStatus};
use entity::{pay_run, pay_run_plan, payment_file, prepared_list};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::job::{self, Job, JobContext, Queue};
use crate::payment_file::render;

/// Bytes in one row.
const PART: usize = 1024 * 1024;
/// Rows read or written by one statement.
const AT_ONCE: usize = 4;
/// What is prepared.
const KINDS: [FileKind; 2] = [FileKind::TreasuryList, FileKind::ChangeList];

/// Prepares the lists of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrepareLists {
    /// The submitted run.
    pub pay_run: Uuid,
    /// The revision that was submitted.
    pub revision: i64,
}

impl Job for PrepareLists {
    const KIND: &'static str = "prepare_lists";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);

    fn natural_key(&self) -> String {
        format!("prepare_lists:{}:{}", self.pay_run.simple(), self.revision)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let run = crate::pay_run::find(app.db.read(), self.pay_run).await?;
        let drafts = if self.wants(&run) {
            // What was altered is not prepared: who approves is told.
            match crate::pay_run::require_signed(app.db.read(), &run).await {
                Ok(()) => drafts(app, &run, planned(app, &run).await?).await?,
                Err(error) if error.code == crate::error::ProblemCode::ContentChanged => Vec::new(),
                Err(error) => return Err(error),
            }
        } else {
            Vec::new()
        };
        app.db
            .write(async |txn| {
                let now = pay_run::Entity::find_by_id(run.id)
                    .lock_shared()
                    .one(txn.conn())
                    .await?
                    .ok_or_else(Error::not_found)?;
                if self.wants(&now) && now.digest == run.digest {
                    clear(txn, run.id).await?;
                    for (file, bytes) in drafts {
                        keep(app, txn, &run, &file, &bytes).await?;
                    }
                }
                context.finish_in(txn).await
            })
            .await?;
        app.db.settle().await
    }
}

impl PrepareLists {
    /// Is the run still what it was when it was submitted, and not released yet?
    fn wants(&self, run: &pay_run::Model) -> bool {
        let waiting = [PayRunStatus::Submitted, PayRunStatus::Approved];
        run.revision == self.revision && waiting.contains(&run.status)
    }
}

/// Asks for the lists of a run that is being submitted.
pub(crate) async fn prepare(txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    if run.kind == PayRunKind::Relief {
        return Ok(());
    }
    let (pay_run, revision) = (run.id, run.revision);
    job::enqueue(txn, &PrepareLists { pay_run, revision }).await?;
    Ok(())
}

/// Removes the prepared lists of a run.
pub(crate) async fn clear(txn: &Txn, run: Uuid) -> Result<(), Error> {
    prepared_list::Entity::delete_many()
        .filter(prepared_list::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// The lists as they are planned: at submission, or meanwhile at approval. None where a bank would refuse a file of the run.
async fn planned(app: &App, run: &pay_run::Model) -> Result<Vec<payment_file::Model>, Error> {
    let conn = app.db.read();
    let lists = |files: Vec<payment_file::Model>| {
        let own = files.into_iter().filter(|file| KINDS.contains(&file.kind));
        own.collect::<Vec<_>>()
    };
    let standing = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(run.id))
        .all(conn)
        .await?;
    if !standing.is_empty() {
        return Ok(lists(standing));
    }
    let plan = pay_run_plan::Entity::find_by_id(run.id).one(conn).await?;
    let Some(plan) = plan.filter(|own| own.revision == run.revision) else {
        return Ok(Vec::new());
    };
    Ok(serde_json::from_str(&plan.files).map_or_else(|_| Vec::new(), lists))
}

async fn drafts(
    app: &App,
    run: &pay_run::Model,
    files: Vec<payment_file::Model>,
) -> Result<Vec<(payment_file::Model, Vec<u8>)>, Error> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let (rows, run) = (render::rows_of(app, run).await?, run.clone());
    let writing = tokio::task::spawn_blocking(move || {
        let each = files.into_iter().map(|file| {
            let draft = render::draft(&run, (file.kind, file.terms.as_deref()), &rows)?;
            let bytes = draft.to_bytes()?;
            Ok((file, bytes))
        });
        each.collect()
    });
    writing.await.map_err(Error::internal)?
}

async fn keep(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    file: &payment_file::Model,
    bytes: &[u8],
) -> Result<(), Error> {
    let (kind, seal) = (file.kind, seal(app, run, file, bytes));
    let rows = (0..).zip(bytes.chunks(PART)).map(|(part, bytes)| prepared_list::Model {
        pay_run_id: run.id,
        kind,
        part,
        seal,
        bytes: bytes.to_vec(),
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(AT_ONCE) {
        txn.insert_all::<prepared_list::Entity>(some.to_vec()).await?;
    }
    Ok(())
}

/// The prepared list of a run; none where there is none, or none under its seal.
pub(super) async fn kept(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
) -> Result<Option<Vec<u8>>, Error> {
    use prepared_list::Column as C;
    let (mut bytes, mut sealed) = (Vec::new(), None);
    let limit = u64::try_from(AT_ONCE).map_err(Error::internal)?;
    loop {
        let next = i32::try_from(bytes.len().div_ceil(PART)).map_err(Error::internal)?;
        let parts = prepared_list::Entity::find()
            .filter(C::PayRunId.eq(run.id))
            .filter(C::Kind.eq(file.kind))
            .filter(C::Part.gte(next))
            .order_by_asc(C::Part)
            .limit(limit)
            .all(app.db.read())
            .await?;
        let last = parts.len() < AT_ONCE;
        for own in parts {
            sealed = Some(own.seal);
            bytes.extend(own.bytes);
        }
        if last {
            break;
        }
    }
    Ok((sealed == Some(seal(app, run, file, &bytes))).then_some(bytes))
}

/// Raised with every change of a list's sheets or styles: what an earlier release prepared is then written anew.
const LAYOUT: u32 = 1;

/// What nobody makes who does not know the secret of the installation: over the run as it was signed, what its list was
/// planned with, and the bytes.
fn seal(app: &App, run: &pay_run::Model, file: &payment_file::Model, bytes: &[u8]) -> Uuid {
    let digest = run.digest.as_deref().unwrap_or("");
    let hash = hex::encode(Sha256::digest(bytes));
    let key = format!(
        "{LAYOUT}:{}:{}:{digest}:{}:{hash}:{}",
        run.id.simple(),
        run.revision,
        file.kind.to_value(),
        file.terms.as_deref().unwrap_or("")
    );
    ids::uuid8(app.secret.ids(), "prepared_list", &key)
}
