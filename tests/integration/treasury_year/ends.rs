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
    (
        "a second debit pays what came back of its file",
        "SELECT COUNT(*) AS number FROM suspense_resolution_order WHERE paid",
    ),
    (
        "a second debit leaves what was paid again",
        "SELECT COUNT(*) AS number FROM suspense_resolution_order WHERE NOT paid",
    ),
    (
        "a bank sends back what it is asked for",
        "SELECT COUNT(*) AS number FROM recall r JOIN payment_order o ON o.id = r.order_id \
         WHERE r.answer = 'accepted' AND o.status = 'returned'",
    ),
    (
        "a report is set aside and read anew",
        "SELECT COUNT(*) AS number FROM bank_report a JOIN bank_report b ON b.sha256 = a.sha256 \
         WHERE a.status = 'set_aside' AND b.status = 'reconciled'",
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
