//! The lists of a submitted run, written before anybody approves it: most of what they say is frozen, but for the date that
//! the workbooks carry; of the rest they keep their [grounds](super::grounds). They are kept under a seal and used once, when
//! the run's files are built; where there are none, none that can be read, or none that would be written the same, the lists
//! are written then.

use std::time::Duration;

use domain::ids;
use entity::enums::{FileKind, PayRunKind, PayRunStatus};
use entity::{pay_run, pay_run_plan, payment_file, prepared_list};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::job::{self, Job, JobContext, Queue};
use crate::payment_file::grounds::{self, Grounds};
use crate::payment_file::{render, treasury_list};
use crate::sheet::draft::Draft;

/// Bytes in one row.
const PART: usize = 1024 * 1024;
/// Rows read by one statement.
const AT_ONCE: u64 = 4;
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
        // Each row refers to the run: were they written together, whoever approves would wait for all of them.
        let mut seals = Vec::with_capacity(drafts.len());
        for (file, bytes) in &drafts {
            seals.push(keep(app, &run, file, bytes).await?);
        }
        app.db
            .write(async |txn| {
                let now = pay_run::Entity::find_by_id(run.id)
                    .lock_shared()
                    .one(txn.conn())
                    .await?
                    .ok_or_else(Error::not_found)?;
                // Sent back or released meanwhile, it has lost what was prepared, and what came later is of no use.
                if matches!(now.status, PayRunStatus::Draft | PayRunStatus::Cancelled) {
                    clear(txn, run.id).await?;
                } else if !self.wants(&now) || now.digest != run.digest {
                    forget(txn, run.id, &seals).await?;
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

/// Removes of a run what stands under these seals.
async fn forget(txn: &Txn, run: Uuid, seals: &[Uuid]) -> Result<(), Error> {
    if seals.is_empty() {
        return Ok(());
    }
    prepared_list::Entity::delete_many()
        .filter(prepared_list::Column::PayRunId.eq(run))
        .filter(prepared_list::Column::Seal.is_in(seals.iter().copied()))
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
    let around = grounds::around(app, run).await?;
    let (rows, run) = (render::rows_of(app, run).await?, run.clone());
    let grounds = serde_json::to_vec(&Grounds::of(around, &rows))?;
    let writing = tokio::task::spawn_blocking(move || {
        let each = files.into_iter().map(|file| {
            let draft = render::draft(&run, (file.kind, file.terms.as_deref()), &rows)?;
            Ok((file, joined(&grounds, &draft.to_bytes()?)?))
        });
        each.collect()
    });
    writing.await.map_err(Error::internal)?
}

/// Keeps a list, a row at a time, in the place of an earlier one; gives its seal. Where two write at once, the seal of
/// neither holds.
async fn keep(app: &App, run: &pay_run::Model, file: &payment_file::Model, bytes: &[u8]) -> Result<Uuid, Error> {
    use prepared_list::Column as C;
    let (kind, seal) = (file.kind, seal(app, run, file, bytes));
    app.db
        .write(async |txn| {
            prepared_list::Entity::delete_many()
                .filter(C::PayRunId.eq(run.id))
                .filter(C::Kind.eq(kind))
                .exec(txn.conn())
                .await?;
            Ok(())
        })
        .await?;
    for (part, bytes) in (0..).zip(bytes.chunks(PART)) {
        let row = prepared_list::Model {
            pay_run_id: run.id,
            kind,
            part,
            seal,
            bytes: bytes.to_vec(),
        };
        app.db
            .write(async |txn| {
                prepared_list::Entity::insert(row.into_active_model().reset_all())
                    .on_conflict(OnConflict::new().do_nothing().to_owned())
                    .exec_without_returning(txn.conn())
                    .await?;
                Ok(())
            })
            .await?;
    }
    Ok(seal)
}

/// The grounds that were looked at last, and whether they stand: the lists of a run have the same.
#[derive(Default)]
pub(super) struct Looked(Option<(Grounds, bool)>);

impl Looked {
    async fn stand(&mut self, app: &App, run: &pay_run::Model, grounds: Grounds) -> Result<bool, Error> {
        if let Some((known, stand)) = &self.0
            && *known == grounds
        {
            return Ok(*stand);
        }
        let stand = grounds.stand(app, run).await?;
        self.0 = Some((grounds, stand));
        Ok(stand)
    }
}

/// The prepared list of a run as it would be written now; none where there is none, none under its seal, none that can be
/// read, or where what it was written from is another by now.
pub(super) async fn kept(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    looked: &mut Looked,
) -> Result<Option<Draft>, Error> {
    // Where the database is gone, writing it anew fails too.
    let bytes = sealed(app, run, file).await.unwrap_or_else(|error| {
        tracing::warn!(pay_run = %run.id, "a prepared list can't be read, and is written anew: {error}");
        None
    });
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let Some((grounds, draft)) = apart(&bytes) else {
        return Ok(None);
    };
    let holds = file.kind != FileKind::TreasuryList || treasury_list::fits(run, file, &draft);
    Ok((holds && looked.stand(app, run, grounds).await?).then_some(draft))
}

/// The bytes of a prepared list; none where there are none, or none under its seal.
async fn sealed(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<Option<Vec<u8>>, Error> {
    use prepared_list::Column as C;
    let (mut bytes, mut sealed, mut next) = (Vec::new(), None, 0);
    loop {
        let parts = prepared_list::Entity::find()
            .filter(C::PayRunId.eq(run.id))
            .filter(C::Kind.eq(file.kind))
            .filter(C::Part.gte(next))
            .order_by_asc(C::Part)
            .limit(AT_ONCE)
            .all(app.db.read())
            .await?;
        let last = u64::try_from(parts.len()).map_err(Error::internal)? < AT_ONCE;
        for own in parts {
            if own.part != next {
                return Ok(None);
            }
            next += 1;
            sealed = Some(own.seal);
            bytes.extend(own.bytes);
        }
        if last {
            break;
        }
    }
    Ok((sealed == Some(seal(app, run, file, &bytes))).then_some(bytes))
}

/// Grounds and a list in one: the length of the grounds (4 bytes, little-endian), the grounds as JSON, and the list.
fn joined(grounds: &[u8], list: &[u8]) -> Result<Vec<u8>, Error> {
    let length = u32::try_from(grounds.len()).map_err(Error::internal)?;
    Ok([length.to_le_bytes().as_slice(), grounds, list].concat())
}

/// What [`joined`] put together; none of other bytes.
fn apart(bytes: &[u8]) -> Option<(Grounds, Draft)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (grounds, list) = rest.split_at_checked(length)?;
    Some((serde_json::from_slice(grounds).ok()?, Draft::from_bytes(list).ok()?))
}

/// Raised with every change of a list's sheets or styles, or of how it is kept: what an earlier release prepared is then
/// written anew.
const LAYOUT: u32 = 2;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_is_taken_apart_and_nothing_else_is() {
        let grounds = br#"{"around":"a","people":[],"accounts":[],"read":"b"}"#;
        let draft = Draft {
            title: "Sổ".to_owned(),
            rows: 1,
            sum: 2,
            sheets: Vec::new(),
        };
        let bytes = joined(grounds, &draft.to_bytes().unwrap()).unwrap();
        let (known, list) = apart(&bytes).unwrap();
        assert_eq!(serde_json::to_vec(&known).unwrap(), grounds);
        assert_eq!(list, draft);
        for length in 0..bytes.len() {
            assert!(apart(&bytes[..length]).is_none(), "{length}");
        }
    }
}
