//! The names by which answers speak of the files of released runs: the message's (MsgId), and its one batch's (PmtInfId).

use std::collections::{BTreeMap, BTreeSet};

use domain::ids;
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::RELEASED;

/// A file, and what an answer may call it.
pub(crate) struct NamedFile {
    /// Which.
    pub(crate) id: Uuid,
    /// The code of the bank that it is for, as it was planned.
    pub(crate) bank: Option<String>,
    /// MsgId.
    pub(crate) message: Option<String>,
    /// PmtInfId.
    pub(crate) batch: String,
}

impl NamedFile {
    /// Is it one of these?
    pub(crate) fn is_named(&self, names: &BTreeSet<&str>) -> bool {
        names.contains(self.batch.as_str()) || self.message.as_deref().is_some_and(|own| names.contains(own))
    }
}

/// PmtInfId that a file of a run is planned with.
pub(crate) fn batch_id(app: &App, run: &pay_run::Model, file: &str) -> String {
    let key = format!("{}:{file}", super::natural_key(run));
    ids::reference(app.secret.ids(), "payment_information", &key)
}

/// PmtInfId of a file of a run: as it is kept with the file, or derived as it was before it was kept.
pub(crate) fn batch_of(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> String {
    match &file.batch_id {
        Some(own) => own.clone(),
        None => batch_id(app, run, &file.name),
    }
}

/// The files of these runs that have a message.
pub(crate) async fn names_in(
    app: &App,
    conn: &impl ConnectionTrait,
    runs: &BTreeMap<Uuid, pay_run::Model>,
) -> Result<Vec<NamedFile>, Error> {
    let rows = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.is_in(runs.keys().copied()))
        .filter(payment_file::Column::MessageId.is_not_null())
        .all(conn)
        .await?;
    let named = rows.into_iter().filter_map(|file| {
        let run = runs.get(&file.pay_run_id)?;
        Some(NamedFile {
            batch: batch_of(app, run, &file),
            id: file.id,
            bank: file.bank_code,
            message: file.message_id,
        })
    });
    Ok(named.collect())
}

/// The files of every run that was released.
pub(crate) async fn names_of_files(app: &App, conn: &impl ConnectionTrait) -> Result<Vec<NamedFile>, Error> {
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in(RELEASED))
        .all(conn)
        .await?;
    names_in(app, conn, &runs.into_iter().map(|run| (run.id, run)).collect()).await
}
