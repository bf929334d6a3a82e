//! Building a file after release: its size and hash are kept, and every later writing must match them.

use std::time::Duration;

use entity::enums::FileStatus;
use entity::payment_file;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::job::run::Counts;
use crate::job::{self, Job, JobContext, Queue};

/// Builds one file of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BuildFile {
    /// The job run.
    pub run: Uuid,
    /// The chunk; its payload is the file's id.
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
        let id: Uuid = serde_json::from_value(payload)?;
        let file = payment_file::Entity::find_by_id(id)
            .one(app.db.read())
            .await?
            .ok_or_else(Error::not_found)?;
        let bytes = super::render(app, &file).await?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let size = i64::try_from(bytes.len()).map_err(Error::internal)?;
        app.db
            .write(async |txn| {
                let built = payment_file::Entity::update_many()
                    .col_expr(payment_file::Column::Sha256, Expr::value(sha256.clone()))
                    .col_expr(payment_file::Column::Size, Expr::value(size))
                    .col_expr(payment_file::Column::Status, Expr::value(FileStatus::Built))
                    .col_expr(
                        payment_file::Column::Version,
                        Expr::col(payment_file::Column::Version).add(1),
                    )
                    .filter(payment_file::Column::Id.eq(id))
                    .filter(payment_file::Column::Status.eq(FileStatus::Pending))
                    .exec(txn.conn())
                    .await?;
                // Built once, it goes out at once where there is a channel.
                if let (1, Some(transport)) = (built.rows_affected, &app.delivery) {
                    let file = payment_file::Model {
                        sha256: Some(sha256),
                        ..file
                    };
                    crate::delivery::queue(app, txn, &context.actor(), transport.as_ref(), &file).await?;
                }
                let counts = Counts {
                    changed: 1,
                    ..Counts::default()
                };
                job::run::chunk_done(txn, context, self.run, self.position, counts).await?;
                Ok(())
            })
            .await
    }
}
