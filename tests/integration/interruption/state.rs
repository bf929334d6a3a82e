//! The end state of an installation, in words that are the same on either engine and in every run: no ids that are made
//! up on the way, no times of the machine.

use std::collections::BTreeMap;

use super::database::Session;

/// What must come out the same: its name, the columns that say it (`#` before an id), and where they come from.
const PARTS: &[(&str, &[&str], &str)] = &[
    (
        "determinations",
        &[
            "p.citizen_id",
            "e.benefit",
            "d.first_release",
            "d.evidence_rev",
            "d.content_hash",
        ],
        "determination d JOIN entitlement e ON e.id = d.entitlement_id JOIN person p ON p.id = e.person_id \
         WHERE d.superseded_at IS NULL",
    ),
    (
        "superseded determinations",
        &[
            "p.citizen_id",
            "e.benefit",
            "d.sequence",
            "d.first_release",
            "d.content_hash",
        ],
        "determination d JOIN entitlement e ON e.id = d.entitlement_id JOIN person p ON p.id = e.person_id \
         WHERE d.superseded_at IS NOT NULL",
    ),
    (
        "determination periods",
        &[
            "p.citizen_id",
            "e.benefit",
            "d.sequence",
            "t.position",
            "t.component",
            "t.kind",
            "t.from_month",
            "t.amount",
        ],
        "determination_period t JOIN determination d ON d.id = t.determination_id \
         JOIN entitlement e ON e.id = d.entitlement_id JOIN person p ON p.id = e.person_id",
    ),
    (
        "arrears",
        &[
            "p.citizen_id",
            "a.component",
            "a.cover_month",
            "a.amount",
            "a.kind",
            "a.status",
            "a.provision",
        ],
        "arrears a JOIN person p ON p.id = a.person_id",
    ),
    (
        "overpayments",
        &[
            "p.citizen_id",
            "o.component",
            "o.cover_month",
            "o.amount",
            "o.cause",
            "o.status",
        ],
        "overpayment o JOIN person p ON p.id = o.person_id",
    ),
    (
        "outcomes of reassessment",
        &["r.natural_key", "p.citizen_id", "o.outcome", "o.reason"],
        "reassessment_outcome o JOIN job_run r ON r.id = o.job_run_id JOIN person p ON p.id = o.person_id",
    ),
    (
        "pay runs",
        &[
            "kind",
            "cover_month",
            "sequence",
            "status",
            "revision",
            "line_count",
            "total",
            "digest",
        ],
        "pay_run",
    ),
    (
        "lines",
        &[
            "r.cover_month",
            "r.kind",
            "#l.id",
            "p.citizen_id",
            "l.component",
            "l.kind",
            "l.cover_month",
            "l.sequence",
            "l.amount",
            "l.status",
        ],
        "payment_line l JOIN pay_run r ON r.id = l.pay_run_id JOIN person p ON p.id = l.person_id",
    ),
    (
        "held payments",
        &[
            "r.cover_month",
            "p.citizen_id",
            "h.component",
            "h.cover_month",
            "h.amount",
            "h.reason",
        ],
        "held_payment h JOIN pay_run r ON r.id = h.pay_run_id JOIN person p ON p.id = h.person_id",
    ),
    (
        "orders",
        &[
            "reference",
            "#uetr",
            "amount",
            "line_count",
            "status",
            "reason",
            "bank_reference",
        ],
        "payment_order",
    ),
    (
        "files",
        &[
            "r.cover_month",
            "f.name",
            "f.sha256",
            "f.size",
            "f.order_count",
            "f.sum",
            "f.status",
            "f.version",
        ],
        "payment_file f JOIN pay_run r ON r.id = f.pay_run_id",
    ),
    (
        "postings",
        &["f.code", "f.fiscal_year", "g.position", "g.account", "g.amount"],
        "posting g JOIN fund f ON f.id = g.fund_id",
    ),
    (
        "balances",
        &["f.code", "f.fiscal_year", "b.account", "b.amount"],
        "fund_balance b JOIN fund f ON f.id = b.fund_id",
    ),
    // A demo that goes on makes new keys for its officers; what the schedule finds depends on the moment.
    (
        "audit",
        &["actor", "action"],
        "audit_event WHERE action NOT IN ('client.rotate_key', 'reminder.raise', 'reminder.end')",
    ),
    (
        "runs of jobs",
        &[
            "kind",
            "status",
            "total",
            "done",
            "changed",
            "unchanged",
            "held",
            "failed",
        ],
        "job_run",
    ),
    // Chunks may be of another size, and the schedule is the machine's.
    (
        "jobs",
        &["kind", "status"],
        "job WHERE kind NOT IN ('reassess_chunk', 'simulate_chunk', 'prune', 'remind_of_days', 'verify_invariants')",
    ),
];

/// The end state, part by part.
#[derive(Debug, PartialEq)]
pub(super) struct State(BTreeMap<&'static str, Vec<String>>);

impl State {
    /// Reads it.
    pub(super) fn of(session: &Session) -> Self {
        let parts = PARTS.iter().map(|(name, columns, from)| {
            let columns: Vec<String> = columns.iter().map(|column| text(session, column)).collect();
            let mut rows = session.rows(&format!(
                "SELECT {} AS \"row\" FROM {from}",
                columns.join(" || ' ' || ")
            ));
            rows.sort_unstable();
            (*name, rows)
        });
        Self(parts.collect())
    }

    /// Fails where the other is not the same, with the first rows that differ.
    #[track_caller]
    pub(super) fn assert_same(&self, other: &Self) {
        self.assert_same_in(other, |_| true);
    }

    /// The same of these parts alone.
    #[track_caller]
    pub(super) fn assert_same_in(&self, other: &Self, compared: impl Fn(&str) -> bool) {
        for (name, rows) in self.0.iter().filter(|(name, _)| compared(name)) {
            // Nobody is paid too much in so small a story.
            assert!(!rows.is_empty() || *name == "overpayments", "no {name} to compare");
            assert_same_rows(name, rows, &other.0[name]);
        }
    }

    /// The same, also where there is little to compare.
    #[track_caller]
    pub(super) fn assert_equal(&self, other: &Self) {
        for (name, rows) in &self.0 {
            assert_same_rows(name, rows, &other.0[name]);
        }
    }
}

#[track_caller]
fn assert_same_rows(name: &str, rows: &[String], others: &[String]) {
    let (missing, extra) = (without(rows, others), without(others, rows));
    assert!(
        rows == others,
        "{name} differ: {} and {} rows; missing {missing:#?}, extra {extra:#?}",
        rows.len(),
        others.len()
    );
}

/// The first rows that are not among the others, or not as often.
fn without<'a>(rows: &'a [String], others: &[String]) -> Vec<&'a String> {
    let mut left = others.to_vec();
    let mut found = rows.iter().filter(|row| match left.iter().position(|own| own == *row) {
        Some(place) => {
            left.swap_remove(place);
            false
        }
        None => true,
    });
    found.by_ref().take(12).collect()
}

/// A column as text; an id as hexadecimal digits, which the engines store in their own ways.
fn text(session: &Session, column: &str) -> String {
    let text = match (column.strip_prefix('#'), session.is_sqlite()) {
        (Some(id), true) => format!("lower(hex({id}))"),
        (Some(id), false) => format!("replace(CAST({id} AS TEXT), '-', '')"),
        (None, _) => format!("CAST({column} AS TEXT)"),
    };
    format!("COALESCE({text}, '-')")
}
