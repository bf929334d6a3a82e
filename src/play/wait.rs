//! Waiting for the worker, with a bar that shows how far it is.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use service::job::run::RunState;
use service::job::{self, JobState};
use service::{App, Error, ProblemCode};

const LOOK: Duration = Duration::from_millis(10);

/// A bar over so many units.
pub(crate) fn bar(what: &str, units: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:32} {bar:36.cyan/blue} {human_pos:>9}/{human_len:9} {elapsed:>4}");
    let bar = ProgressBar::new(units);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Waits for a job run by its natural key.
pub(crate) async fn for_run(app: &App, natural_key: &str, what: &str) -> Result<(), Error> {
    let shown = bar(what, 0);
    loop {
        if let Some(run) = job::run::of_natural_key(app, natural_key).await? {
            shown.set_length(u64::try_from(run.total).unwrap_or(0));
            shown.set_position(u64::try_from(run.done).unwrap_or(0));
            match run.status {
                RunState::Done => break,
                RunState::Running => {}
                other => return Err(Error::internal(format!("{what}: the run is {other:?}"))),
            }
        }
        dead(app).await?;
        tokio::time::sleep(LOOK).await;
    }
    shown.finish_and_clear();
    Ok(())
}

/// Waits until no job is queued or running.
pub(crate) async fn until_idle(app: &App) -> Result<(), Error> {
    loop {
        let counts = job::open_counts(app).await?;
        let open: i64 = counts
            .iter()
            .filter(|((_, state), _)| matches!(state, JobState::Queued | JobState::Running))
            .map(|(_, count)| count)
            .sum();
        dead(app).await?;
        if open == 0 {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn dead(app: &App) -> Result<(), Error> {
    let counts = job::open_counts(app).await?;
    let dead: i64 = counts
        .iter()
        .filter(|((_, state), _)| *state == JobState::Dead)
        .map(|(_, count)| count)
        .sum();
    if dead == 0 {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Internal,
        format!("{dead} công việc thất bại"),
        format!("{dead} jobs are dead"),
    ))
}
