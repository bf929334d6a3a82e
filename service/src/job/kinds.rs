//! From the kind in a row to the typed job.

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Job, JobContext};
use crate::app::App;
use crate::error::Error;

/// How a list of jobs is run: `kind`, payload, installation, claim.
type Run = for<'a> fn(&'a str, Value, &'a App, &'a JobContext) -> BoxFuture<'a, Result<(), Error>>;

/// A list of kinds, made by [`job_kinds!`](crate::job_kinds).
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// Their names, in the order of the list.
    pub names: &'static [&'static str],
    /// The longest time a run of this kind may take; none where the kind is not in the list.
    pub timeout: fn(&str) -> Option<Duration>,
    /// Runs the job.
    pub run: Run,
}

/// The typed job of a payload. A payload that is no longer understood is a fault that no retry heals.
#[doc(hidden)]
pub fn read<J: Job>(payload: Value) -> Result<J, Error> {
    serde_json::from_value(payload).map_err(|cause| {
        Error::field(
            "/payload",
            "unreadable",
            format!("Không đọc được nội dung tác vụ: {cause}"),
            format!("the payload is not one of this kind: {cause}"),
        )
    })
}

/// The failure of a kind this program does not know: another version may.
#[doc(hidden)]
pub fn unknown(kind: &str) -> Error {
    Error::internal(format!("this program knows no job of kind {kind}"))
}

/// The explicit list of the jobs a worker can run, as a [`Kinds`].
#[macro_export]
macro_rules! job_kinds {
    ($($job:ty),+ $(,)?) => {{
        fn timeout(kind: &str) -> Option<::std::time::Duration> {
            $(if kind == <$job as $crate::job::Job>::KIND {
                return Some(<$job as $crate::job::Job>::TIMEOUT);
            })+
            None
        }
        fn run<'a>(
            kind: &'a str,
            payload: $crate::job::Payload,
            app: &'a $crate::App,
            ctx: &'a $crate::job::JobContext,
        ) -> $crate::job::Running<'a> {
            $(if kind == <$job as $crate::job::Job>::KIND {
                return Box::pin(async move {
                    let job = $crate::job::read::<$job>(payload)?;
                    $crate::job::Job::run(&job, app, ctx).await
                });
            })+
            Box::pin(async move { Err($crate::job::unknown(kind)) })
        }
        $crate::job::Kinds { names: &[$(<$job as $crate::job::Job>::KIND),+], timeout, run }
    }};
}

/// What a run of a job is.
#[doc(hidden)]
pub type Running<'a> = BoxFuture<'a, Result<(), Error>>;

/// The payload as stored.
#[doc(hidden)]
pub type Payload = Value;
