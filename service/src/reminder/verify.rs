//! Every night the installation looks at its own invariants.

use std::time::Duration;

use chrono::NaiveDate;
use entity::enums::ReminderKind;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;
use crate::job::{Job, JobContext, Queue};
use crate::reminder::store::{self, Detail, EXAMPLES, Found};
use crate::verify::{self, Check};

/// Looks at every invariant, as `ansinh verify` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyInvariants {
    /// The day of the schedule that asked for it.
    pub slot: NaiveDate,
}

impl Job for VerifyInvariants {
    const KIND: &'static str = "verify_invariants";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_secs(2 * 3_600);
    const MAX_ATTEMPTS: i32 = 3;

    fn natural_key(&self) -> String {
        format!("schedule:verify_invariants:{}", self.slot)
    }

    async fn run(&self, app: &App, ctx: &JobContext) -> Result<(), Error> {
        let mut broken = faulty(app).await?;
        if !broken.is_empty() {
            // Others write meanwhile, and a check reads more than once: what is really broken is broken twice.
            let again = faulty(app).await?;
            broken.retain_mut(|check| {
                let other = again.iter().find(|other| other.name == check.name);
                check
                    .faults
                    .retain(|fault| other.is_some_and(|other| other.faults.contains(fault)));
                !check.holds()
            });
        }
        for check in &broken {
            tracing::error!(
                faults = check.faults.len(),
                "an invariant does not hold: {}",
                check.name
            );
        }
        let found = broken.into_iter().map(told).collect::<Result<Vec<_>, _>>()?;
        app.db
            .write(async |txn| {
                store::keep(app, txn, &[ReminderKind::InvariantBroken], found.clone()).await?;
                ctx.finish_in(txn).await
            })
            .await
    }
}

async fn faulty(app: &App) -> Result<Vec<Check>, Error> {
    let mut checks = verify::all(app).await?;
    checks.retain(|check| !check.holds());
    Ok(checks)
}

fn told(check: Check) -> Result<Found, Error> {
    Ok(Found {
        kind: ReminderKind::InvariantBroken,
        subject: format!("invariant:{}", check.name),
        due_on: None,
        detail: Detail {
            name: check.name.to_owned(),
            items: i64::try_from(check.faults.len()).map_err(Error::internal)?,
            examples: check.faults.into_iter().take(EXAMPLES).collect(),
            ..Detail::default()
        },
    })
}
