//! People whose account refused their money: some bring a new one, and are paid again to it with the next month.

use std::collections::BTreeSet;

use domain::Month;
use serde_json::json;
use service::payment_order;
use service::{Code, Error, Role, person};
use uuid::Uuid;

use super::Year;
use crate::play::pay_run::runs;
use crate::play::wait;

/// The runs of so many months are looked through: late returns come after five weeks.
const MONTHS_BACK: i32 = 2;
/// Reasons that no new account helps against: nobody came for the cash, the holder has died.
const NO_ACCOUNT_HELPS: [&str; 2] = ["not_collected", "MD07"];

impl Year<'_> {
    /// Every second of the people whose account refused their money brings a new one; the others stay on the list of what
    /// is open.
    pub(super) async fn correct_accounts(&self, month: Month) -> Result<(), Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let months: BTreeSet<String> = month
            .plus(-MONTHS_BACK)
            .through(month)
            .map(|month| month.to_string())
            .collect();
        let mut people = BTreeSet::new();
        for run in runs(self.app, &self.office).await? {
            if run.kind.code() != "regular" || !months.contains(&run.cover_month) {
                continue;
            }
            for order in self.orders(treasury, run.id).await? {
                let refused = matches!(order.status.code().as_str(), "rejected" | "returned");
                let reason = order.reason.as_deref().unwrap_or_default();
                if refused && !NO_ACCOUNT_HELPS.contains(&reason) {
                    let own = payment_order::get(self.app, treasury, order.id).await?;
                    let waits = own.lines.iter().filter(|line| line.status.code() == "returned");
                    people.extend(waits.map(|line| line.person_id));
                }
            }
        }
        for person in people.into_iter().step_by(2) {
            self.correct_account(person).await?;
        }
        wait::until_idle(self.app).await
    }

    /// A person brings a new account: proposed by one officer, confirmed by another.
    async fn correct_account(&self, id: Uuid) -> Result<(), Error> {
        let (caseworker, signer) = (self.office.of(Role::Caseworker)?, self.office.of(Role::DecisionMaker)?);
        let mut payees = person::list_payees(self.app, caseworker, id).await?;
        let mut own = person::get(self.app, caseworker, id).await?;
        if !payees.iter().any(|payee| payee.status.code() == "proposed") {
            let standing = payees
                .iter()
                .rfind(|payee| payee.status.code() == "active" && payee.to.is_none());
            let Some(old) = standing else { return Ok(()) };
            let account = &old.account;
            // A number nobody had: the day, and digits of the person.
            let number = format!(
                "{}{:09}",
                self.app.clock.today().format("%y%m%d"),
                id.as_u128() % 1_000_000_000
            );
            let command = json!({
                "benefit": old.benefit, "relation": old.relation, "from": self.app.clock.today(),
                "account": {"channel": account.channel, "bank_code": account.bank_code, "account_number": number,
                    "holder_name": account.holder_name, "post_office": account.post_office},
            });
            own =
                person::propose_payee(self.app, caseworker, id, own.version, serde_json::from_value(command)?).await?;
            payees = person::list_payees(self.app, caseworker, id).await?;
        }
        let Some(proposed) = payees.iter().find(|payee| payee.status.code() == "proposed") else {
            return Ok(());
        };
        person::confirm_payee(self.app, signer, id, proposed.id, own.version)
            .await
            .map(drop)
    }
}
