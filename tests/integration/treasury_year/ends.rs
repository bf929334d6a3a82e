//! What the told histories come to, beside what is done in them.

use super::town::Town;

/// What has to be come to beside the acts, each with its count.
pub(super) const ENDS: &[(&str, &str)] = &[
    (
        "something is kept back of an order that arrives",
        "SELECT COUNT(*) AS number FROM overpayment_deduction WHERE status = 'settled'",
    ),
    (
        "a refused order is found paid",
        "SELECT COUNT(*) AS number FROM suspense_resolution s JOIN bank_report_line l ON l.id = s.line_id \
         JOIN payment_order o ON o.id = l.order_id WHERE s.kind = 'accepted_as_paid' AND s.status = 'accepted' \
         AND l.note = 'late_answer' AND o.status = 'settled'",
    ),
    (
        "a refused order was paid again, and its bank owes what it debited",
        "SELECT COUNT(*) AS number FROM amount_difference d JOIN payment_order o ON o.id = d.order_id \
         WHERE d.amount = o.amount AND o.status = 'rejected'",
    ),
    (
        "an order of which its bank says nothing was paid",
        "SELECT COUNT(*) AS number FROM bank_silence WHERE status = 'accepted' AND outcome = 'paid'",
    ),
    (
        "an order of which its bank says nothing was never carried out",
        "SELECT COUNT(*) AS number FROM bank_silence WHERE status = 'accepted' AND outcome = 'not_executed'",
    ),
];

/// How often a town came to each of them.
pub(super) async fn ends(town: &Town) -> Vec<(&'static str, i64)> {
    let mut ends = Vec::new();
    for (what, sql) in ENDS {
        ends.push((*what, town.number(sql).await));
    }
    ends
}
