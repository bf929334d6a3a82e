//! What a run keeps beside its counts.

use chrono::{DateTime, Utc};
use entity::job_run;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Text};
use crate::job::Envelope;

/// Kept in the run's `parameters`; `result` belongs to the starter alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// What the starter gave.
    pub(super) given: Value,
    /// The job that follows.
    pub(super) then: Option<Envelope>,
    /// No part needs another. Runs that were started earlier keep it under its older name.
    #[serde(default, alias = "apart")]
    pub(super) independent: bool,
    /// The run that must end first.
    #[serde(default)]
    pub(super) waits_for: Option<Uuid>,
    /// Why it is paused, or which of its parts can't be done.
    #[serde(default)]
    pub(super) reason: Option<Text>,
    /// Failures a person has seen and let pass by resuming.
    #[serde(default)]
    pub(super) forgiven: i64,
    /// Since when its speed is measured: the start or the last resumption.
    #[serde(default)]
    pub(super) since: Option<DateTime<Utc>>,
    /// The units that were done then.
    #[serde(default)]
    pub(super) since_done: i64,
}

impl Notes {
    /// The notes of a run.
    pub(super) fn read(run: &job_run::Model) -> Result<Self, Error> {
        Ok(serde_json::from_value(run.parameters.clone())?)
    }
}
