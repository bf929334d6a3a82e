//! One month at the treasury: the run, the answers in any order, what people have to look at, and its close.

use chrono::{Datelike, Days, NaiveDate};
use domain::Month;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::json;
use service::{Code, person};
use uuid::Uuid;

use super::town::Town;

/// Days of the month on which the treasury looks for answers, the last on the morning before people look at what is left.
const LOOKS: &[u32] = &[6, 9, 13, 18, DESK];
/// The day on which people look at what is left.
const DESK: u32 = 19;
/// The day on which the month is closed.
pub(super) const CLOSE: u32 = 20;

/// A day of a month.
pub(crate) fn day(month: Month, number: u32) -> NaiveDate {
    month.first_day().with_day(number).unwrap()
}

impl Town {
    /// A month from the list on the 24th of the month before to its close on the 20th.
    pub(crate) async fn month(&mut self, month: Month, seed: u8) {
        self.morning(day(month, 1) - Days::new(8)).await;
        let run = self.create(month).await.unwrap();
        self.drain().await;
        self.sign(run.id).await;
        for file in self.files(run.id).await {
            self.deliver(&file).await.unwrap();
        }
        for number in LOOKS {
            let today = day(month, *number);
            self.morning(today).await;
            self.answers_arrive(today, seed.wrapping_add(u8::try_from(*number).unwrap()))
                .await;
        }
        self.morning(day(month, DESK)).await;
        self.clear_suspense().await;
        self.books_agree(day(month, DESK)).await;
        self.morning(day(month, CLOSE)).await;
        self.answers_arrive(day(month, CLOSE), seed).await;
        self.clear_suspense().await;
        self.correct_accounts().await;
        self.close(month).await;
    }

    /// What is due arrives in any order, some of it twice, and is reconciled in between or only at the end.
    pub(crate) async fn answers_arrive(&mut self, today: NaiveDate, seed: u8) {
        let mut rng = ChaCha8Rng::from_seed([seed; 32]);
        let mut answers = self.waiting(today);
        let again: Vec<_> = answers.iter().step_by(3).cloned().collect();
        answers.extend(again);
        answers.shuffle(&mut rng);
        for (number, answer) in answers.iter().enumerate() {
            self.bring(answer).await.unwrap();
            if number % 2 == 0 {
                self.drain().await;
            }
        }
        self.drain().await;
    }

    /// Of the people whose account refused their money, every second one brings a new account; the others stay on the
    /// list of what is open.
    pub(crate) async fn correct_accounts(&self) {
        let sql = "SELECT DISTINCT l.person_id AS person FROM payment_line l JOIN payment_order o ON o.id = l.order_id \
                   WHERE l.status = 'returned' AND COALESCE(o.reason, '') NOT IN ('not_collected', 'MD07')";
        let mut people: Vec<Uuid> = self
            .rows(sql)
            .await
            .iter()
            .map(|row| row.try_get("", "person").unwrap())
            .collect();
        people.sort_unstable();
        for person in people.into_iter().step_by(2) {
            self.correct_account(person).await.unwrap();
        }
        self.drain().await;
    }

    /// A person brings a new account: proposed by one officer, confirmed by another.
    pub(crate) async fn correct_account(&self, id: Uuid) -> Result<(), service::Error> {
        let (caseworker, decider) = (&self.officers.caseworker, &self.officers.decider);
        let payees = person::list_payees(&self.app, caseworker, id).await?;
        let Some(old) = payees
            .iter()
            .rfind(|payee| payee.status.code() == "active" && payee.to.is_none())
        else {
            return Ok(());
        };
        let account = &old.account;
        // A number nobody had: digits of the clock, and of the person.
        let number = format!("{}{:05}", self.app.clock.now().timestamp(), id.as_u128() % 100_000);
        let command = json!({
            "benefit": old.benefit, "relation": old.relation, "from": self.app.clock.today(),
            "account": {"channel": account.channel, "bank_code": account.bank_code, "account_number": number,
                "holder_name": account.holder_name, "post_office": account.post_office},
        });
        let own = person::get(&self.app, caseworker, id).await?;
        let own = person::propose_payee(
            &self.app,
            caseworker,
            id,
            own.version,
            serde_json::from_value(command).unwrap(),
        )
        .await?;
        let proposed = person::list_payees(&self.app, caseworker, id).await?;
        let Some(proposed) = proposed.iter().find(|payee| payee.status.code() == "proposed") else {
            return Ok(());
        };
        person::confirm_payee(&self.app, decider, id, proposed.id, own.version)
            .await
            .map(drop)
    }
}
