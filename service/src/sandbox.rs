//! The sandbox: a clock that developers of frontends can set.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, SubsecRound, Utc};
use entity::installation;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::clock::in_vietnam;
use crate::error::{Error, ProblemCode};

/// The last year to which the clock can be moved, in Vietnam. From the end of year 9999 on a day is no longer written as
/// year-month-day with four digits, and a clock that never goes back would stay there.
const LAST_YEAR: i32 = 2099;

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
    /// Where it stands from now on: not before where it stood, nor after 2099 in Vietnam.
    #[schema(example = "2024-10-18T01:00:00Z")]
    pub now: DateTime<Utc>,
}

/// Where the clock stands; only in a sandbox.
pub fn clock(app: &App, actor: &Actor) -> Result<ClockView, Error> {
    allowed(app, actor)?;
    Ok(view(app))
}

/// Moves the clock on for every process; only in a sandbox. What was recorded later than now would be neither past nor
/// future: histories are read in the order of their instants, and days that were closed would be open again.
///
/// # Errors
/// `invalid` at `/now`: `clock_too_far` beyond 31 December 2099 in Vietnam, `clock_back` where it would go back.
pub async fn set_clock(app: &App, actor: &Actor, command: SetClock) -> Result<ClockView, Error> {
    allowed(app, actor)?;
    let now = command.now.trunc_subsecs(6);
    require_within(now)?;
    app.db
        .write(async |txn| {
            let row = installation::Entity::find_by_id(1)
                .lock(LockType::NoKeyUpdate)
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            require_not_back(row.sandbox_now.unwrap_or(row.created_at), now)?;
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

fn require_within(now: DateTime<Utc>) -> Result<(), Error> {
    if in_vietnam(now).year() <= LAST_YEAR {
        return Ok(());
    }
    Err(Error::field(
        "/now",
        "clock_too_far",
        format!("Đồng hồ chỉ đi tới hết ngày 31/12/{LAST_YEAR} giờ Việt Nam, vì đã đi tới thì không quay lại được"),
        format!("the clock goes to 31 December {LAST_YEAR} in Vietnam at most, for it never comes back"),
    ))
}

fn require_not_back(stands: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Error> {
    if now >= stands {
        return Ok(());
    }
    let stands = stands.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Err(Error::field(
        "/now",
        "clock_back",
        format!("Đồng hồ đang ở {stands} và chỉ đi tới; muốn bắt đầu sớm hơn, hãy dùng một cơ sở dữ liệu mới"),
        format!("the clock stands at {stands} and only goes on: to begin earlier take a new database"),
    ))
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
