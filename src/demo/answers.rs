//! The answers of the banks and the post office of the demo: those of the simulator, with the refusals, returns and late
//! answers that every month has.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use domain::bank_simulator::{AnswerFile, Behaviour, Money};
use service::{App, Error};

use crate::demo::Options;
use crate::play::bank::Bank;
use crate::play::office::Office;
use crate::play::{files, wait};

/// Where the banks' behaviour is written, for whoever wants to go on with the same banks by `ansinh bank-simulator`.
const BEHAVIOUR: &str = "behaviour.json";
/// Each of what may happen to a transfer would happen to so many people, were all paid by transfer; two in three are.
const FEW: usize = 8;
/// The largest share that a small province raises one to, parts per thousand.
const MOST: u32 = 100;
/// Shares are parts of it.
const ALL: usize = 1_000;

/// The banks of the demo, and how they behave as a file among the answers.
pub(super) async fn open(app: &App, office: &Office, options: &Options) -> Result<Bank, Error> {
    let behaviour = behaviour(options.people, options.seed);
    files::put(&options.answers, BEHAVIOUR, &serde_json::to_vec_pretty(&behaviour)?)?;
    Bank::open(app, office, behaviour).await
}

/// Banks as every month has them. In a small province shares of a thousand might never come up, and its story is to show
/// refusals, returns and a death too: the fewer the people, the larger the shares.
fn behaviour(people: usize, seed: u64) -> Behaviour {
    let ordinary = Behaviour::ordinary();
    let least = u32::try_from((FEW * ALL).div_ceil(people.max(1))).map_or(MOST, |share| share.min(MOST));
    Behaviour {
        seed,
        rejects: ordinary.rejects.max(least),
        returns: ordinary.returns.max(least),
        late_returns: ordinary.late_returns.max(least),
        deceased: ordinary.deceased.max(least),
        ..ordinary
    }
}

/// Gives the banks the files that they do not have, and brings in, day after day, what they answer until `today`. Waits
/// until it is reconciled, and gives how many orders the answers so far speak of beyond doubt.
pub(super) async fn receive(
    app: &App,
    office: &Office,
    bank: &mut Bank,
    today: NaiveDate,
    folder: &Path,
) -> Result<i64, Error> {
    // Brought in before an interruption.
    wait::until_idle(app).await?;
    bank.collect(app, office, None).await?;
    let due = bank.due(today);
    let shown = wait::bar(&format!("Trả lời đến {today}"), u64::try_from(due.len()).unwrap_or(0));
    let mut days: BTreeMap<NaiveDate, Vec<AnswerFile>> = BTreeMap::new();
    for answer in due {
        days.entry(answer.due).or_default().push(answer);
    }
    // What banks say on one day is of different orders, and may be reconciled side by side.
    for answers in days.into_values() {
        for answer in answers {
            bank.bring(app, office, answer, folder).await?;
            shown.inc(1);
        }
        wait::until_idle(app).await?;
    }
    shown.finish_and_clear();
    let told = bank.ledger(today).into_values();
    let told = told.filter(|entry| entry.told != Money::InFlight).count();
    Ok(i64::try_from(told).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_province_of_any_size_sees_refusals_returns_and_a_death() {
        let province = behaviour(44_000, 3);
        assert_eq!(
            province,
            Behaviour {
                seed: 3,
                ..Behaviour::ordinary()
            }
        );
        for people in [0, 1, 10, 100, 600, 2_000, 44_000, 3_500_000] {
            let own = behaviour(people, 1);
            own.check().unwrap();
            let transfers = people * 3 / 5;
            for share in [own.rejects, own.returns, own.late_returns, own.deceased] {
                let orders = transfers * usize::try_from(share).unwrap() / ALL;
                assert!(people < 100 || orders >= 4, "{people} people: {own:?}");
            }
        }
    }
}
