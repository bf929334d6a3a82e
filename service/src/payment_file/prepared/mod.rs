//! The lists of a submitted run, and the lines of its files for banks, written before anybody approves it: most of what they
//! say is frozen, but for the dates that workbooks and messages carry; of the rest the lists keep their
//! [grounds](super::grounds), and what carries [orders](of_orders) what these were. They are kept under a seal and used once,
//! when the run's files are built; where there are none, none that can be read, or none that would be written the same, the
//! files are written then.

mod kept;
mod of_orders;

use std::time::Duration;

use entity::enums::{FileKind, PayRunKind, PayRunStatus};
use entity::{pay_run, pay_run_plan, payment_file, prepared_list};
use sea_orm::sea_query::{ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::job::{self, Job, JobContext, Queue};
use crate::payment_file::grounds::{self, Grounds};
use crate::payment_file::prepared::kept::{joined, keep, readable};
pub(super) use crate::payment_file::prepared::of_orders::{bank_lines, cash_list, cash_paper};
use crate::payment_file::{render, treasury_list};
use crate::sheet::draft::Draft;

/// Lists of the whole run.
pub(super) const OF_RUN: [FileKind; 2] = [FileKind::TreasuryList, FileKind::ChangeList];
/// Lists of cash.
const OF_CASH: [FileKind; 2] = [FileKind::PostList, FileKind::PostPaper];
/// Whose lines are prepared.
const OF_BANKS: [FileKind; 1] = [FileKind::Pain001];
/// What approvals and releases read of a run: the engine plans that by how many rows there are.
const READ_NEXT: [&str; 3] = ["payment_line", "payment_order", "payee_account"];

/// Prepares the lists of a run, and the lines of its files for banks.
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
        if let Err(error) = app.db.settle(&READ_NEXT).await {
            // What comes next is slower, and no less right.
            tracing::warn!(pay_run = %run.id, "the database was not settled: {error}");
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
            .await
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

fn is_prepared(kind: FileKind) -> bool {
    OF_RUN.contains(&kind) || OF_CASH.contains(&kind) || OF_BANKS.contains(&kind)
}

/// Removes what was prepared of a file that is built, and of files that its run does not have after all.
pub(super) async fn used(txn: &Txn, file: &payment_file::Model) -> Result<(), Error> {
    use prepared_list::Column as C;
    if !is_prepared(file.kind) {
        return Ok(());
    }
    let files = Query::select()
        .column(payment_file::Column::Id)
        .from(payment_file::Entity)
        .and_where(payment_file::Column::PayRunId.eq(file.pay_run_id))
        .to_owned();
    let own = C::FileId.eq(file.id).or(C::FileId.not_in_subquery(files));
    prepared_list::Entity::delete_many()
        .filter(C::PayRunId.eq(file.pay_run_id))
        .filter(own)
        .exec(txn.conn())
        .await?;
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
        let own = files.into_iter().filter(|file| is_prepared(file.kind));
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

/// Each list with the bytes that are kept of it.
type Written = Vec<(payment_file::Model, Vec<u8>)>;

async fn drafts(app: &App, run: &pay_run::Model, files: Vec<payment_file::Model>) -> Result<Written, Error> {
    let (of_run, of_orders): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| OF_RUN.contains(&file.kind));
    let (of_banks, of_cash) = of_orders.into_iter().partition(|file| OF_BANKS.contains(&file.kind));
    let mut written = of_orders::write_bank_lines(app, run, of_banks).await?;
    written.extend(of_orders::write_cash_lists(app, run, of_cash).await?);
    written.extend(lists(app, run, of_run).await?);
    Ok(written)
}

async fn lists(app: &App, run: &pay_run::Model, files: Vec<payment_file::Model>) -> Result<Written, Error> {
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
pub(super) async fn list(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    looked: &mut Looked,
) -> Result<Option<Draft>, Error> {
    let Some((grounds, list)) = readable(app, run, file).await else {
        return Ok(None);
    };
    let (Ok(grounds), Ok(draft)) = (serde_json::from_slice(&grounds), Draft::from_bytes(&list)) else {
        return Ok(None);
    };
    let holds = file.kind != FileKind::TreasuryList || treasury_list::fits(run, file, &draft);
    Ok((holds && looked.stand(app, run, grounds).await?).then_some(draft))
}
