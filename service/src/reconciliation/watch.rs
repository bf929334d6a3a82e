//! How far the reconciliation of a report is, told while its transaction is open.
//!
//! A report is reconciled in one transaction, of which nobody sees anything before its end. What is told meanwhile must
//! neither wait for that transaction nor outlive it:
//!
//! - on PostgreSQL the transaction writes it into the name of its own session (`application_name`, for this transaction
//!   alone), which every other process of the installation reads at once in `pg_stat_activity`. It ends with the
//!   transaction, however that ends, and takes no other connection;
//! - on SQLite, whose one writer is held, it is kept in the memory of the process, which worker and API share there. An API
//!   in a process of its own sees the report waiting until it is reconciled.
//!
//! Nothing is decided by it, and nothing of it is stored: where it is lost, a page shows less for a moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::enums::LineOutcome;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::reader::Reader;

/// Lines between two tellings: whole statements on either engine, and a few steps in the file of a month.
const STRETCH: usize = 10_000;

/// The most bytes that PostgreSQL keeps of the name of a session.
const NAME: usize = 63;

/// The base of the counts in such a name: the largest whose digits are letters and numbers.
const BASE: u32 = 36;

/// What each outcome that a line can be judged to have is called in the name of a session.
const LETTERS: [(char, LineOutcome); 8] = [
    ('P', LineOutcome::Pending),
    ('M', LineOutcome::Matched),
    ('S', LineOutcome::Partial),
    ('A', LineOutcome::AmountDiffers),
    ('U', LineOutcome::UnknownReference),
    ('D', LineOutcome::Duplicate),
    ('L', LineOutcome::Late),
    ('R', LineOutcome::Returned),
];

/// Lines by what came of them.
type Outcomes = BTreeMap<LineOutcome, i64>;

/// How far the reconciliation of a report is. It is all or nothing: these lines count once the report is `reconciled`, and
/// where its worker dies before, they are judged again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportProgress {
    /// How many lines are judged, of the report's `line_count`. Once all are, orders and money follow.
    #[schema(example = 10_000)]
    pub judged: i64,
    /// The same by what came of them; outcomes without a line are left out.
    #[schema(value_type = BTreeMap<String, i64>, example = json!({"matched": 9_990, "amount_differs": 10}))]
    pub outcomes: BTreeMap<LineOutcome, i64>,
}

impl ReportProgress {
    fn of(outcomes: Outcomes) -> Self {
        Self {
            judged: outcomes.values().sum(),
            outcomes,
        }
    }
}

/// Where it is told how far reports are.
#[derive(Clone, Debug)]
pub struct Watch {
    going_on: Arc<Mutex<BTreeMap<Uuid, Outcomes>>>,
    stretch: usize,
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            going_on: Arc::default(),
            stretch: STRETCH,
        }
    }
}

impl Watch {
    /// The same place, told after so many lines each time, at least one.
    #[must_use]
    pub fn in_stretches(&self, lines: usize) -> Self {
        Self {
            going_on: Arc::clone(&self.going_on),
            stretch: lines.max(1),
        }
    }

    /// One report that is begun, of which nothing is judged yet. It is forgotten when the result is dropped.
    pub(super) fn begin(&self, report: Uuid) -> Watched<'_> {
        self.lock().insert(report, Outcomes::new());
        Watched { watch: self, report }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uuid, Outcomes>> {
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far a report is; none where nobody is at it.
    pub(crate) async fn progress(&self, reader: &Reader, report: Uuid) -> Result<Option<ReportProgress>, Error> {
        let backend = reader.get_database_backend();
        if backend != DbBackend::Postgres {
            return Ok(self.lock().get(&report).cloned().map(ReportProgress::of));
        }
        let sql = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() \
                   AND starts_with(application_name, $1)";
        let prefix = prefix(report);
        let statement = Statement::from_sql_and_values(backend, sql, [prefix.clone().into()]);
        for row in reader.query_all_raw(statement).await? {
            let name: String = row.try_get_by_index(0)?;
            if let Some(outcomes) = name.strip_prefix(&prefix).and_then(read) {
                return Ok(Some(ReportProgress::of(outcomes)));
            }
        }
        Ok(None)
    }
}

/// A report that is being reconciled.
pub(super) struct Watched<'w> {
    watch: &'w Watch,
    report: Uuid,
}

impl Watched<'_> {
    /// So many lines are judged and written between two tellings.
    pub(super) const fn stretch(&self) -> usize {
        self.watch.stretch
    }

    /// Lines that were judged since.
    pub(super) fn count(&self, lines: impl Iterator<Item = LineOutcome>) {
        let mut going_on = self.watch.lock();
        let own = going_on.entry(self.report).or_default();
        for outcome in lines {
            *own.entry(outcome).or_insert(0) += 1;
        }
    }

    /// Tells other processes, where there may be some, and lets others of this process have their turn.
    pub(super) async fn tell(&self, txn: &Txn) -> Result<(), Error> {
        if let Some(name) = self.name(txn) {
            let backend = txn.conn().get_database_backend();
            let sql = "SELECT set_config('application_name', $1, true)";
            let statement = Statement::from_sql_and_values(backend, sql, [name.into()]);
            txn.conn().query_one_raw(statement).await?;
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    /// The name that the session has from now on; none on SQLite. One that PostgreSQL would cut short is worse than none.
    fn name(&self, txn: &Txn) -> Option<String> {
        if txn.conn().get_database_backend() != DbBackend::Postgres {
            return None;
        }
        let going_on = self.watch.lock();
        let name = going_on.get(&self.report).map(|own| name(self.report, own));
        name.filter(|name| name.len() <= NAME)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.watch.lock().remove(&self.report);
    }
}

/// What the name of a session begins with while it reconciles a report.
fn prefix(report: Uuid) -> String {
    format!("r{}", URL_SAFE_NO_PAD.encode(report.as_bytes()))
}

/// The name of a session that has come so far.
fn name(report: Uuid, outcomes: &Outcomes) -> String {
    let mut name = prefix(report);
    for (letter, outcome) in LETTERS {
        let lines = outcomes.get(&outcome).copied().unwrap_or(0);
        if lines > 0 {
            name.push(letter);
            name.push_str(&written(lines));
        }
    }
    name
}

/// A count in digits of [`BASE`].
fn written(mut lines: i64) -> String {
    let mut digits = Vec::new();
    while lines > 0 {
        let digit = u32::try_from(lines % i64::from(BASE)).ok();
        digits.extend(digit.and_then(|digit| char::from_digit(digit, BASE)));
        lines /= i64::from(BASE);
    }
    digits.iter().rev().collect()
}

/// What stands behind the prefix of such a name; none where it is something else.
fn read(mut text: &str) -> Option<Outcomes> {
    let mut outcomes = Outcomes::new();
    while let Some(letter) = text.chars().next() {
        let (_, outcome) = LETTERS.iter().find(|(own, _)| *own == letter)?;
        let rest = text.strip_prefix(letter)?;
        let end = rest.find(|own: char| own.is_ascii_uppercase()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at_checked(end)?;
        outcomes.insert(*outcome, i64::from_str_radix(digits, BASE).ok()?);
        text = behind;
    }
    Some(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_name_of_a_session_says_is_read_again() {
        let report = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
        let some = BTreeMap::from([(LineOutcome::Matched, 131_072), (LineOutcome::Late, 1)]);
        for outcomes in [BTreeMap::new(), some] {
            let name = name(report, &outcomes);
            assert_eq!(read(name.strip_prefix(&prefix(report)).unwrap()), Some(outcomes));
        }
        assert_eq!(read("psql"), None);
        assert_eq!(read("M"), None);
    }

    #[test]
    fn more_than_a_million_lines_of_each_outcome_fit_in_the_name_of_a_session() {
        let outcomes: BTreeMap<_, _> = LETTERS.iter().map(|(_, outcome)| (*outcome, 1_679_615)).collect();
        assert_eq!(outcomes.len(), LETTERS.len(), "each outcome has a letter of its own");
        let name = name(Uuid::max(), &outcomes);
        assert!(name.len() <= NAME, "{name}");
        assert_eq!(ReportProgress::of(outcomes).judged, 8 * 1_679_615);
    }

    #[test]
    fn a_report_is_forgotten_when_its_transaction_ends() {
        let watch = Watch::default();
        let watched = watch.in_stretches(0);
        let watched = watched.begin(Uuid::nil());
        assert_eq!(watched.stretch(), 1);
        watched.count([LineOutcome::Matched, LineOutcome::Late].into_iter());
        assert_eq!(watch.lock().len(), 1);
        drop(watched);
        assert!(watch.lock().is_empty());
    }
}
