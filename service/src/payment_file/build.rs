//! Building files after release: their bytes are written once, and kept with their size and hash.

use std::time::Duration;

use entity::enums::{FileKind, FileStatus};
use entity::payment_file;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, Text};
use crate::job::run::{Chunk, Counts};
use crate::job::{self, Job, JobContext, Queue};
use crate::payment_file::content::{self, Packed};
use crate::payment_file::plan::workbook_name;
use crate::payment_file::{prepared, render};

/// Builds the files of a chunk of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BuildFile {
    /// The job run.
    pub run: Uuid,
    /// The chunk; its payload is the ids of its files.
    pub position: i32,
}

impl Job for BuildFile {
    const KIND: &'static str = "build_payment_file";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);

    fn natural_key(&self) -> String {
        format!("build_payment_file:{}:{}", self.run.simple(), self.position)
    }

    fn run_id(&self) -> Option<Uuid> {
        Some(self.run)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let Some(payload) = job::run::chunk(app, self.run, self.position).await? else {
            return Ok(());
        };
        let Files(ids) = serde_json::from_value(payload)?;
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let file = payment_file::Entity::find_by_id(id).one(app.db.read()).await?;
            files.push(file.ok_or_else(Error::not_found)?);
        }
        let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        let packed = render::pack(app, files).await;
        let packed = packed.map_err(|error| of_files(error, &names))?;
        app.db
            .write(async |txn| {
                let counts = Counts {
                    changed: i64::try_from(packed.len()).map_err(Error::internal)?,
                    ..Counts::default()
                };
                for (file, own) in packed {
                    prepared::used(txn, &file).await?;
                    keep(app, txn, &context.actor(), file, own).await?;
                }
                job::run::chunk_done(txn, context, self.run, self.position, counts).await?;
                Ok(())
            })
            .await
    }
}

/// Names the files that could not be written: the run of jobs says which they are.
fn of_files(error: Error, names: &[String]) -> Error {
    let names = names.join(", ");
    let detail = match &error.detail {
        Some(own) => Text::new(format!("{names}: {}", own.vi), format!("{names}: {}", own.en)),
        None => Text::new(names.clone(), names),
    };
    Error {
        detail: Some(detail),
        ..error
    }
}

/// Keeps the bytes of a file and makes it built, unless it is already.
async fn keep(app: &App, txn: &Txn, actor: &Actor, file: payment_file::Model, packed: Packed) -> Result<(), Error> {
    let pending = payment_file::Entity::find_by_id(file.id)
        .filter(payment_file::Column::Status.eq(FileStatus::Pending))
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    if pending.is_none() {
        return Ok(());
    }
    let (sha256, size) = (packed.sha256.clone(), packed.size);
    content::store(txn, file.id, packed).await?;
    payment_file::Entity::update_many()
        .col_expr(payment_file::Column::Sha256, Expr::value(sha256.clone()))
        .col_expr(payment_file::Column::Size, Expr::value(size))
        .col_expr(payment_file::Column::Status, Expr::value(FileStatus::Built))
        .col_expr(
            payment_file::Column::Version,
            Expr::col(payment_file::Column::Version).add(1),
        )
        .filter(payment_file::Column::Id.eq(file.id))
        .exec(txn.conn())
        .await?;
    // Built once, it goes out at once where there is a channel.
    if let Some(transport) = &app.delivery
        && !super::is_withdrawn(txn.conn(), &file).await?
    {
        let file = payment_file::Model {
            sha256: Some(sha256),
            ..file
        };
        crate::delivery::queue(app, txn, actor, transport.as_ref(), &file).await?;
    }
    Ok(())
}

/// The files of a chunk; of runs released before files shared one, a single id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Payload")]
struct Files(Vec<Uuid>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Payload {
    One(Uuid),
    Several(Vec<Uuid>),
}

impl From<Payload> for Files {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::One(id) => Self(vec![id]),
            Payload::Several(ids) => Self(ids),
        }
    }
}

/// The chunks of a run's files: those that are written from the same rows share one, and the largest goes first. None is
/// written from what another chunk writes: one that fails holds up no other.
pub(crate) fn chunks(files: &[(Uuid, FileKind, String)]) -> Vec<Chunk> {
    let lists = files.iter().filter(|(_, kind, _)| prepared::OF_RUN.contains(kind));
    let lists = lists.map(|(id, ..)| *id);
    let mut groups: Vec<Vec<Uuid>> = vec![lists.collect()];
    for (id, kind, name) in files {
        match kind {
            FileKind::TreasuryList | FileKind::ChangeList | FileKind::PostPaper => {}
            FileKind::PostList => {
                let papers = files
                    .iter()
                    .filter(|(_, own, paper)| *own == FileKind::PostPaper && workbook_name(paper) == *name);
                groups.push(std::iter::once(*id).chain(papers.map(|(id, ..)| *id)).collect());
            }
            FileKind::Pain001 | FileKind::PaymentTable | FileKind::TreasuryFigures => groups.push(vec![*id]),
        }
    }
    groups.retain(|group| !group.is_empty());
    let chunks = groups.into_iter().map(|group| Chunk {
        units: i64::try_from(group.len()).unwrap_or(i64::MAX),
        payload: json!(group),
    });
    chunks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_from_the_same_rows_share_a_chunk_and_none_is_left_out() {
        let kinds = [
            (FileKind::Pain001, "pain001-AGRIBANK-1.xml"),
            (FileKind::PostList, "cash-list-POST-1.xlsx"),
            (FileKind::PostList, "cash-list-POST-2.xlsx"),
            (FileKind::TreasuryList, "treasury-list.xlsx"),
            (FileKind::ChangeList, "change-list.xlsx"),
            (FileKind::PostPaper, "cash-list-POST-1.pdf"),
            (FileKind::PostPaper, "cash-list-POST-2.pdf"),
            (FileKind::TreasuryFigures, "treasury-figures.xlsx"),
        ];
        let id = |number: usize| Uuid::from_u128(u128::try_from(number).unwrap());
        let files: Vec<_> = (0..)
            .zip(kinds)
            .map(|(number, (kind, name))| (id(number), kind, name.to_owned()))
            .collect();
        let groups: Vec<Vec<Uuid>> = chunks(&files)
            .into_iter()
            .map(|chunk| {
                let Files(ids) = serde_json::from_value(chunk.payload).unwrap();
                assert_eq!(chunk.units, i64::try_from(ids.len()).unwrap());
                ids
            })
            .collect();
        let expected: [&[usize]; 5] = [&[3, 4], &[0], &[1, 5], &[2, 6], &[7]];
        let expected: Vec<Vec<Uuid>> = expected
            .iter()
            .map(|group| group.iter().map(|number| id(*number)).collect())
            .collect();
        assert_eq!(groups, expected);
    }

    #[test]
    fn a_chunk_of_an_earlier_release_is_one_file() {
        let id = Uuid::from_u128(7);
        assert_eq!(serde_json::from_value::<Files>(json!(id)).unwrap(), Files(vec![id]));
    }
}
