//! The sandbox: a clock that developers of frontends can set.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use entity::installation;
use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};

/// Where the sandbox clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockView {
    /// The instant.
    #[schema(example = "2024-09-24T01:00:00Z")]
    pub now: DateTime<Utc>,
    /// The day in Vietnam.
    #[schema(example = "2024-09-24")]
    pub today: NaiveDate,
}

/// Moves the sandbox clock.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetClock {
    /// Where it stands from now on.
    #[schema(example = "2024-10-18T01:00:00Z")]
    pub now: DateTime<Utc>,
}

/// Where the clock stands; only in a sandbox.
pub fn clock(app: &App, actor: &Actor) -> Result<ClockView, Error> {
    allowed(app, actor)?;
    Ok(view(app))
}

/// Moves the clock for every process; only in a sandbox.
pub async fn set_clock(app: &App, actor: &Actor, command: SetClock) -> Result<ClockView, Error> {
    allowed(app, actor)?;
    let now = command.now.trunc_subsecs(6);
    app.db
        .write(async |txn| {
            let change = installation::ActiveModel {
                id: Set(1),
                sandbox_now: Set(Some(now)),
                ..Default::default()
            };
            change.update(txn.conn()).await?;
            txn.audit(Event::new(
                now,
                actor,
                "sandbox.set_clock",
                "installation:1",
                json!({"now": now}),
            ));
            Ok(())
        })
        .await?;
    app.clock.set(now);
    Ok(view(app))
}

fn allowed(app: &App, actor: &Actor) -> Result<(), Error> {
    if !app.sandbox {
        return Err(Error::new(ProblemCode::SandboxOnly));
    }
    actor.require_province(Permission::SandboxManage)
}

fn view(app: &App) -> ClockView {
    ClockView {
        now: app.clock.now(),
        today: app.clock.today(),
    }
}
