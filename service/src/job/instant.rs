//! The database's time, on which leases and back-off run: workers' clocks may differ, and a sandbox's clock stands still.

use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::clock::Clock;
use crate::error::Error;

/// The database's instant, as a value. The embedded engine has no clock but this machine's.
pub(super) async fn now(conn: &impl ConnectionTrait) -> Result<DateTime<Utc>, Error> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        return Ok(Clock::System.now());
    }
    let query = Statement::from_string(conn.get_database_backend(), "SELECT clock_timestamp() AS instant");
    let row = conn.query_one_raw(query).await?.ok_or_else(Error::not_found)?;
    Ok(row.try_get::<DateTime<Utc>>("", "instant")?.trunc_subsecs(6))
}

/// The database's instant, `ahead` of now, as an expression: no question to the server beforehand.
pub(super) fn ahead(backend: DbBackend, ahead: Duration) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust(format!(
            "clock_timestamp() + INTERVAL '{} microseconds'",
            ahead.as_micros()
        )),
        _ => Expr::value(Clock::System.now() + delta(ahead)),
    }
}

/// A standard duration as chrono's; centuries are cut off.
pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
