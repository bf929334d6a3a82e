//! What reports call the runs of a month: files of two runs may have the same name.

use std::collections::{BTreeMap, BTreeSet};

use entity::pay_run;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Error;
use crate::month_close::view::FileTie;

/// The runs of some files in words.
#[derive(Clone, Debug, Default)]
pub(super) struct RunNames(BTreeMap<Uuid, String>);

impl RunNames {
    /// Those of some files.
    pub(super) async fn load(conn: &impl ConnectionTrait, files: &[FileTie]) -> Result<Self, Error> {
        let ids: BTreeSet<Uuid> = files.iter().map(|own| own.pay_run_id).collect();
        let runs = pay_run::Entity::find()
            .filter(pay_run::Column::Id.is_in(ids))
            .all(conn)
            .await?;
        let named = runs.iter().map(|run| (run.id, crate::pay_run::label(run).vi));
        Ok(Self(named.collect()))
    }

    /// What the run of a file is called.
    pub(super) fn of(&self, file: &FileTie) -> &str {
        self.0.get(&file.pay_run_id).map_or("", String::as_str)
    }
}
