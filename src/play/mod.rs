//! What everybody who plays a province needs: its officers, taking it over, the steps that several people take together,
//! the banks that answer, and waiting for the worker. `ansinh demo` and `ansinh year` tell different stories with it.

pub(crate) mod bank;
pub(crate) mod files;
pub(crate) mod law;
pub(crate) mod office;
pub(crate) mod pages;
pub(crate) mod pay_run;
pub(crate) mod relief;
pub(crate) mod table;
pub(crate) mod takeover;
pub(crate) mod wait;

use chrono::{DateTime, FixedOffset};
use service::installation::{self, FirstStart};
use service::proposal::{DecideProposal, Decision};
use service::treasury_proposal::{self, ListTreasuryProposals};
use service::{App, Error, ProblemCode, Role};
use sha2::{Digest, Sha256};

use office::Office;

/// The first start of a story: the clock stands on the morning of 20/8/2024; secret and ids follow from its name and seed.
pub(crate) fn first_start(name: &str, seed: u64) -> Result<FirstStart, Error> {
    let secret = Sha256::digest(format!("ansinh {name}"));
    Ok(FirstStart {
        now: at("2024-08-20T08:00:00+07:00")?.to_utc(),
        secret: secret.to_vec(),
        seed,
    })
}

/// The last step of the story `key` that was completed on this database.
///
/// # Errors
/// `conflict` where the database holds something else: where that is another story, it says by which command one
/// goes on with it.
pub(crate) async fn begun(app: &App, key: &str) -> Result<i32, Error> {
    let state = installation::demo_state(app).await?;
    if state.key.as_deref() == Some(key) || (state.key.is_none() && state.pristine) {
        return Ok(state.step);
    }
    let (vi, en) = state.key.as_deref().map(command_of).map_or_else(
        || {
            (
                "Cơ sở dữ liệu này đã chứa dữ liệu khác; hãy chọn --data khác".to_owned(),
                "this database holds something else; choose another --data".to_owned(),
            )
        },
        |held| {
            (
                format!(
                    "Cơ sở dữ liệu này chứa dữ liệu của `{held}`; hãy chạy lại đúng lệnh đó, hoặc chọn --data khác"
                ),
                format!("this database holds `{held}`; run that again, or choose another --data"),
            )
        },
    );
    Err(Error::because(ProblemCode::Conflict, vi, en))
}

/// The command that tells the story of a key: `demo people=2000 seed=1` is `ansinh demo --people 2000 --seed 1`.
fn command_of(key: &str) -> String {
    let words = key.split(' ').filter_map(|word| match word.split_once('=') {
        None => Some(word.to_owned()),
        Some((name, "true")) => Some(format!("--{name}")),
        Some((_, "false")) => None,
        Some((name, value)) => Some(format!("--{name} {value}")),
    });
    let words: Vec<String> = words.collect();
    format!("ansinh {}", words.join(" "))
}

/// An instant of a story.
pub(crate) fn at(text: &str) -> Result<DateTime<FixedOffset>, Error> {
    DateTime::parse_from_rfc3339(text).map_err(Error::internal)
}

/// Lets the clock of a story go on to an instant, never back. What a step writes bears that instant, so that a story
/// that goes on after an interruption, when the clock is further, writes the same bytes.
pub(crate) async fn advance(app: &App, text: &str) -> Result<DateTime<FixedOffset>, Error> {
    let next = at(text)?;
    if next > app.clock.now() {
        app.set_clock(next.to_utc()).await?;
    }
    Ok(next)
}

/// The approver accepts every proposal about funds, tiers and the calendar that waits for a second person.
pub(crate) async fn accept_waiting(app: &App, office: &Office, note: &str) -> Result<(), Error> {
    let approver = office.of(Role::Approver)?;
    let waiting = treasury_proposal::list(app, approver, ListTreasuryProposals::waiting()).await?;
    for waiting in waiting.items {
        let accept = DecideProposal {
            proposal_id: waiting.id,
            decision: Decision::Accept,
            note: note.to_owned(),
        };
        treasury_proposal::decide(app, approver, waiting.id, waiting.version, accept).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_a_story_is_told_as_one_would_type_it() {
        assert_eq!(
            command_of("demo people=2000 seed=1"),
            "ansinh demo --people 2000 --seed 1"
        );
        let year = "year people=500 months=6 seed=7 calm=";
        let typed = "ansinh year --people 500 --months 6 --seed 7";
        assert_eq!(command_of(&format!("{year}false")), typed);
        assert_eq!(command_of(&format!("{year}true")), format!("{typed} --calm"));
    }
}
