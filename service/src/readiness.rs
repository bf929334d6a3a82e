//! Is the installation there, and what are its numbers: for probes and metrics.

use std::collections::BTreeMap;

use entity::enums::DeliveryChannel;
use entity::{job, pay_run};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QuerySelect};

use crate::app::App;
use crate::error::{Error, Text};

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The database answers.
    pub database: bool,
    /// Its tables are those of this program.
    pub migrations: bool,
    /// What an operator should know of the certificate that signs files: that it has expired, or soon will.
    pub signing_certificate: Option<Text>,
    /// What an operator should know of where files are delivered: that it is not there.
    pub delivery_target: Option<Text>,
}

/// Asks the database.
pub async fn of(app: &App) -> Standing {
    let database = app.db.read().execute_unprepared("SELECT 1").await.is_ok();
    let pending = if database {
        migration::pending(app.db.owner()).await.ok()
    } else {
        None
    };
    Standing {
        database,
        migrations: pending.is_some_and(|pending| pending.is_empty()),
        signing_certificate: app.signing.as_ref().and_then(|own| own.warning(app.clock.now())),
        delivery_target: delivery_target(app).await,
    }
}

/// Files wait until their target is there, and nothing else does: it is a warning. Where it is and what it says is for
/// operators alone.
async fn delivery_target(app: &App) -> Option<Text> {
    let transport = app.delivery.as_ref()?;
    transport.glance().await.err()?;
    Some(match transport.channel() {
        DeliveryChannel::Sftp => Text::new(
            "Không kết nối được máy chủ SFTP nhận tệp; `ansinh doctor` cho biết lý do",
            "the SFTP server that receives files can't be reached; `ansinh doctor` says why",
        ),
        DeliveryChannel::DropFolder | DeliveryChannel::Download => Text::new(
            "Không vào được thư mục giao tệp; `ansinh doctor` cho biết lý do",
            "the folder in which files are delivered is not there; `ansinh doctor` says why",
        ),
    })
}

/// Numbers as gauges: name, what it is, and a value per set of labels.
pub type Gauges = Vec<(&'static str, &'static str, BTreeMap<String, i64>)>;

/// Jobs by queue and status, pay runs by kind and status.
pub async fn gauges(app: &App) -> Result<Gauges, Error> {
    let jobs: Vec<(job::Queue, job::JobStatus, i64)> = job::Entity::find()
        .select_only()
        .columns([job::Column::Queue, job::Column::Status])
        .column_as(job::Column::Id.count(), "number")
        .group_by(job::Column::Queue)
        .group_by(job::Column::Status)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let runs: Vec<(pay_run::PayRunKind, pay_run::PayRunStatus, i64)> = pay_run::Entity::find()
        .select_only()
        .columns([pay_run::Column::Kind, pay_run::Column::Status])
        .column_as(pay_run::Column::Id.count(), "number")
        .group_by(pay_run::Column::Kind)
        .group_by(pay_run::Column::Status)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let jobs = jobs.into_iter().map(|(queue, status, number)| {
        (
            format!("queue=\"{}\",status=\"{}\"", queue.to_value(), status.to_value()),
            number,
        )
    });
    let runs = runs.into_iter().map(|(kind, status, number)| {
        (
            format!("kind=\"{}\",status=\"{}\"", kind.to_value(), status.to_value()),
            number,
        )
    });
    Ok(vec![
        ("ansinh_jobs", "Jobs by queue and status.", jobs.collect()),
        ("ansinh_pay_runs", "Pay runs by kind and status.", runs.collect()),
    ])
}
