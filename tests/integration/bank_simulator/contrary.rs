//! Months with a bank that refuses what it debits, and debits what it refuses.

use domain::bank_simulator::Behaviour;

use crate::harness::each_engine;
use crate::treasury_year::town::Town;

/// People in the town.
const PEOPLE: usize = 60;

#[test]
fn what_a_bank_refuses_and_debits_is_paid_once_and_closed_to_the_last_dong() {
    each_engine(async |house| {
        let behaviour = Behaviour {
            refused_then_debited: 400,
            debited_then_refused: 400,
            ..Behaviour::good()
        };
        let mut town = Town::open(&house.app, PEOPLE, behaviour).await;
        // Each month is closed only where lines, files and bank agree.
        town.month("2024-09".parse().unwrap(), 0).await;
        town.month("2024-10".parse().unwrap(), 1).await;
        for (status, what) in [
            ("RJCT", "a refusal after the debit"),
            ("BOOK", "a debit after the refusal"),
        ] {
            let sql = format!(
                "SELECT COUNT(*) AS number FROM bank_report_line WHERE note = 'late_answer' AND status_code = '{status}'"
            );
            assert!(town.number(&sql).await > 0, "no line was {what}");
        }
        let again = "SELECT COUNT(*) AS number FROM payment_line WHERE kind = 'reissue'";
        assert_eq!(town.number(again).await, 0, "what was debited is paid again");
        town.nothing_is_lost().await;
    });
}
