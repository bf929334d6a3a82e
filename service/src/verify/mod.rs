//! Every invariant of the installation, looked at from outside: nothing here trusts what it checks.

mod answers;
mod audit;
mod closes;
mod decisions;
mod deductions;
mod deliveries;
mod differences;
mod keys;
mod law;
mod money;
mod months;
mod orders;
mod payees;
mod recovery;
mod rights;
mod treasury;
mod turns;

use serde::Serialize;

use crate::app::App;
use crate::error::Error;

/// The result of one invariant.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// What must hold.
    pub name: &'static str,
    /// How many things were looked at.
    pub looked_at: u64,
    /// Where it does not hold.
    pub faults: Vec<String>,
}

impl Check {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            looked_at: 0,
            faults: Vec::new(),
        }
    }

    fn look(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        self.looked_at += 1;
        if !holds {
            self.faults.push(fault());
        }
    }

    /// Does it hold everywhere?
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Looks at every invariant.
pub async fn all(app: &App) -> Result<Vec<Check>, Error> {
    Ok(vec![
        audit::chain(app).await?,
        law::instruments_are_what_was_signed(app).await?,
        money::postings_balance(app).await?,
        money::balances_follow_from_postings(app).await?,
        money::lines_tie_to_funds(app).await?,
        orders::runs_are_what_was_signed(app).await?,
        orders::orders_are_what_was_approved(app).await?,
        orders::three_people(app).await?,
        orders::orders_are_the_sum_of_their_lines(app).await?,
        orders::files_are_what_was_sent(app).await?,
        orders::answers_are_what_was_received(app).await?,
        answers::orders_stand_where_answers_say(app).await?,
        answers::lines_have_an_end(app).await?,
        rights::determinations_are_what_was_stored(app).await?,
        rights::should_is_accounted_for(app).await?,
        months::every_month_adds_up(app).await?,
        turns::no_month_is_in_two_runs(app).await?,
        recovery::months_keep_their_order(app).await?,
        recovery::history_leads_to_state(app).await?,
        recovery::different_people(app).await?,
        deductions::follow_their_lines(app).await?,
        deductions::keep_to_the_law(app).await?,
        deductions::never_exceed_what_is_open(app).await?,
        decisions::by_two_people(app).await?,
        treasury::is_what_two_people_decided(app).await?,
        closes::closes_are_what_was_signed(app).await?,
        closes::closes_lead_to_now(app).await?,
        differences::are_booked(app).await?,
        deliveries::carry_what_was_built(app).await?,
        deliveries::unknown_orders_stand_in_unknown_files(app).await?,
        deliveries::carry_what_was_agreed_on(app).await?,
        deliveries::withdrawn_files_stay(app).await?,
        payees::receive_what_is_theirs(app).await?,
        keys::nobody_signs_beside_a_giver(app).await?,
    ])
}
