//! What a person sees of one look.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::bank_simulator::Money;

use super::book::Book;
use super::parcel::ParcelRow;
use crate::play::table::grouped;

/// What became of an uploaded answer.
pub(super) struct Outcome {
    pub(super) lines: i64,
    pub(super) matched: i64,
    pub(super) suspense: i64,
    pub(super) reconciled: bool,
}

/// One look: what came in, what went out, what could not be taken.
#[derive(Default)]
pub(super) struct Pass {
    /// Files taken.
    pub(super) taken: Vec<ParcelRow>,
    /// Requests to recall taken, by name.
    pub(super) recalls: Vec<String>,
    /// Answers sent: their name, and the report they became.
    pub(super) sent: Vec<(String, Option<String>)>,
    /// What became of reports, by id.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// Files lost on their way.
    pub(super) lost: Vec<String>,
    /// Files not taken, and why.
    pub(super) refused: Vec<(String, String)>,
}

impl Pass {
    /// Notes that a file is not taken.
    pub(super) fn refuse(&mut self, name: &str, vi: &str, en: &str) {
        let why = if vi == en {
            en.to_owned()
        } else {
            format!("{vi} ({en})")
        };
        self.refused.push((name.to_owned(), why));
    }

    /// Prints the look; one in which nothing happened only where `always`.
    pub(super) fn print(&self, book: &Book, today: NaiveDate, always: bool) {
        for (name, why) in &self.refused {
            eprintln!("{name}: {why}");
        }
        let nothing = self.taken.is_empty() && self.lost.is_empty() && self.recalls.is_empty() && self.sent.is_empty();
        if nothing && !always {
            return;
        }
        say!("\nNgày {today} (the bank's day)");
        self.print_taken();
        self.print_lost();
        self.print_recalls();
        self.print_sent();
        print_ledger(book, today);
    }

    fn print_taken(&self) {
        say!("\nTệp chi đã nhận: {} (payment files taken)", self.taken.len());
        let width = self.taken.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        for row in &self.taken {
            let orders = grouped(i64::try_from(row.orders).unwrap_or(i64::MAX));
            say!(
                "  {:width$}  {:10}  {orders:>9}  {:>18} đ",
                row.name,
                row.bank,
                grouped(row.sum)
            );
        }
    }

    fn print_lost(&self) {
        if self.lost.is_empty() {
            return;
        }
        say!("\nTệp thất lạc trên đường: {} (deliveries lost)", self.lost.len());
        for name in &self.lost {
            say!("  {name}");
        }
    }

    fn print_recalls(&self) {
        if self.recalls.is_empty() {
            return;
        }
        say!("\nĐề nghị thu hồi đã nhận: {} (recalls taken)", self.recalls.len());
        for name in &self.recalls {
            say!("  {name}");
        }
    }

    fn print_sent(&self) {
        say!("\nTrả lời đã gửi: {} (answers sent)", self.sent.len());
        let width = self
            .sent
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        if !self.outcomes.is_empty() {
            say!("  {:width$}  {:>9}  {:>9}  {:>9}", "", "dòng", "khớp", "chờ người");
        }
        for (name, report) in &self.sent {
            match report.as_ref().and_then(|id| self.outcomes.get(id)) {
                Some(out) if out.reconciled => say!(
                    "  {name:width$}  {:>9}  {:>9}  {:>9}",
                    grouped(out.lines),
                    grouped(out.matched),
                    grouped(out.suspense)
                ),
                Some(out) => say!(
                    "  {name:width$}  {:>9}  chưa đối chiếu (not reconciled yet: does a worker run?)",
                    grouped(out.lines)
                ),
                None => say!("  {name}"),
            }
        }
    }
}

/// What the bank really did, for whoever wants to compare.
fn print_ledger(book: &Book, today: NaiveDate) {
    let mut sums: BTreeMap<Money, (i64, i64)> = BTreeMap::new();
    for entry in book.simulator().ledger(today) {
        let (orders, dong) = sums.entry(entry.money).or_default();
        *orders += 1;
        let moved = match entry.money {
            Money::Paid => entry.sum,
            Money::InFlight | Money::NotMoved | Money::CameBack => entry.amount,
        };
        *dong += moved.dong();
    }
    say!("\nSổ của ngân hàng (the bank's own ledger)");
    for (money, (orders, dong)) in sums {
        let name = match money {
            Money::InFlight => "đang đi (in flight)",
            Money::Paid => "đã chi (paid)",
            Money::NotMoved => "bị từ chối (rejected)",
            Money::CameBack => "đã trả lại (came back)",
        };
        say!("  {name:24}  {:>9}  {:>18} đ", grouped(orders), grouped(dong));
    }
}
