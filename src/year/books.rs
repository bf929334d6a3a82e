//! The banks' own books beside ours: both have the same orders for the same sums, each stands where its money is, and what
//! the banks moved is what our paid accounts say.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank_simulator::{Entry, Money};
use service::fund::Account as Place;
use service::{Code, Error, Role, reconciliation};

use super::Year;
use super::account::{FundAccount, Posted};
use crate::play::bank::unacknowledged;
use crate::play::pay_run::runs;

/// What is posted to paid accounts beside orders, đồng; below nothing where it leaves them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beside {
    /// Paid back by people, or given back to them. What runs keep back is not among it: the line is posted in full and
    /// leaves again what its order does not pay.
    recovered: i64,
    /// Moved too little by banks.
    short: i64,
}

impl Beside {
    /// Of the postings of a fund.
    pub(super) fn of(postings: &[Posted]) -> Self {
        let mut beside = Self::default();
        for (step, _, amount) in postings.iter().filter(|(_, place, _)| *place == Place::Paid) {
            if step.starts_with("amount_difference:") {
                beside.short += amount;
            } else if step.starts_with("overpayment_case:") && !step.contains(":deduction:") {
                beside.recovered += amount;
            }
        }
        beside
    }
}

/// The paid sum of the banks' own books beside our paid accounts, đồng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BankTie {
    /// How many orders the banks have.
    pub(super) orders: usize,
    /// What they moved of the orders that are paid.
    pub(super) moved: i64,
    /// What our paid accounts were posted.
    pub(super) paid: i64,
    /// What left those again because people paid it back.
    pub(super) recovered: i64,
    /// What left those because banks had moved it too little, and nobody made it good.
    pub(super) short: i64,
    /// What banks moved more than ordered, less what they moved less, as two people settled it.
    pub(super) otherwise: i64,
}

impl BankTie {
    /// Of all funds, by what the banks did and what two people settled.
    pub(super) fn of(funds: &[FundAccount], ledger: &BTreeMap<String, Entry>, settled: &BTreeMap<String, i64>) -> Self {
        let paid = ledger.values().filter(|entry| entry.money == Money::Paid);
        let is_paid = |reference: &str| ledger.get(reference).is_some_and(|entry| entry.money == Money::Paid);
        Self {
            orders: ledger.len(),
            moved: paid.map(|entry| entry.sum.dong()).sum(),
            paid: funds.iter().map(|fund| fund.at(Place::Paid)).sum(),
            recovered: -funds.iter().map(|fund| fund.beside.recovered).sum::<i64>(),
            short: -funds.iter().map(|fund| fund.beside.short).sum::<i64>(),
            otherwise: settled
                .iter()
                .filter(|(reference, _)| is_paid(reference))
                .map(|(_, own)| own)
                .sum(),
        }
    }

    /// What our books say that the banks moved.
    fn booked(&self) -> i64 {
        self.paid + self.recovered + self.short + self.otherwise
    }

    /// What is off.
    pub(super) fn fault(&self) -> Option<String> {
        (self.moved != self.booked()).then(|| {
            format!(
                "ngân hàng đã chi {}, sổ đã chi {} (paid by the banks, paid by the books)",
                self.moved,
                self.booked()
            )
        })
    }
}

/// What two people settled of what banks moved otherwise than ordered, by the order's reference, đồng; and what is open.
pub(super) async fn differences(year: &Year<'_>) -> Result<(BTreeMap<String, i64>, Vec<String>), Error> {
    let treasury = year.office.of(Role::Treasury)?;
    let (mut settled, mut open) = (BTreeMap::new(), Vec::new());
    for own in reconciliation::differences(year.app, treasury).await? {
        match own.status.code().as_str() {
            "open" => open.push(format!("{}: chi lệch chưa xử lý (a difference is open)", own.reference)),
            "made_good" | "written_off" => *settled.entry(own.reference).or_insert(0) += own.amount,
            _ => {}
        }
    }
    Ok((settled, open))
}

/// What waits for somebody: files that no bank has acknowledged, and lines of banks.
pub(super) async fn waiting(year: &Year<'_>) -> Result<Vec<String>, Error> {
    let files = unacknowledged(year.app, &year.office).await?.into_iter();
    let mut told: Vec<String> = files
        .map(|file| {
            format!(
                "{}: ngân hàng chưa xác nhận tệp (no bank has acknowledged it)",
                file.name
            )
        })
        .collect();
    told.extend(year.waiting().await?.into_iter().map(|row| {
        let finding = row.line.finding.unwrap_or_default();
        format!("dòng {}: còn chờ, {finding} (a line waits)", row.line.id)
    }));
    Ok(told)
}

/// Orders that do not stand where the banks' own books say, or for another sum; orders that no bank has, and what banks
/// have that nobody ordered.
pub(super) async fn disagreements(
    year: &Year<'_>,
    ledger: &BTreeMap<String, Entry>,
    differs: &BTreeMap<String, i64>,
) -> Result<Vec<String>, Error> {
    let auditor = year.office.of(Role::Auditor)?;
    let mut told = Vec::new();
    let mut ordered = BTreeSet::new();
    for run in runs(year.app, &year.office).await? {
        if run.released_at.is_none() {
            continue;
        }
        for order in year.orders(auditor, run.id).await? {
            let status = order.status.code();
            match ledger.get(&order.reference) {
                None => told.push(format!(
                    "{}: ngân hàng không có lệnh này (no bank has it)",
                    order.reference
                )),
                Some(entry) if !stands(entry, &status) => told.push(format!(
                    "{}: ngân hàng ghi {:?}, sổ ghi {status} (bank and books)",
                    order.reference, entry.money
                )),
                Some(entry) if is_paid(&status) => {
                    let (moved, settled) = (entry.sum.dong(), differs.get(&order.reference).copied().unwrap_or(0));
                    if moved != order.amount + settled {
                        told.push(format!(
                            "{}: ngân hàng chi {moved}, sổ ghi {} và lệch {settled} (sums)",
                            order.reference, order.amount
                        ));
                    }
                }
                Some(_) => {}
            }
            ordered.insert(order.reference);
        }
    }
    let unordered = ledger.keys().filter(|reference| !ordered.contains(*reference));
    told.extend(unordered.map(|reference| format!("{reference}: không ai ra lệnh này (nobody ordered it)")));
    Ok(told)
}

fn is_paid(status: &str) -> bool {
    matches!(status, "settled" | "credited")
}

/// Does an order stand where its money is? As long as the bank has not said so beyond doubt it may stand under way too.
fn stands(entry: &Entry, status: &str) -> bool {
    let under_way = matches!(status, "extracted" | "accepted" | "unknown");
    match entry.told {
        Money::InFlight => under_way || agrees(entry.money, status),
        told => agrees(told, status),
    }
}

/// Does an order stand where this money is?
fn agrees(money: Money, status: &str) -> bool {
    match money {
        Money::Paid => is_paid(status),
        Money::NotMoved => status == "rejected",
        Money::CameBack => status == "returned",
        Money::InFlight => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::Vnd;
    use domain::bank_simulator::Fate;

    use super::*;

    fn fund(postings: &[Posted]) -> FundAccount {
        FundAccount::of("social_assistance 2024".to_owned(), [0; 9], postings)
    }

    #[test]
    fn what_banks_paid_is_what_was_posted_with_what_was_paid_back_and_moved_otherwise() {
        let entry = |reference: &str, amount, sum, money| {
            let entry = Entry {
                file: "f".to_owned(),
                reference: reference.to_owned(),
                amount: Vnd::new(amount).unwrap(),
                sum: Vnd::new(sum).unwrap(),
                fate: Fate::WrongSum,
                money,
                told: money,
            };
            (reference.to_owned(), entry)
        };
        let ledger = BTreeMap::from([
            entry("less", 10, 9, Money::Paid),
            entry("more", 25, 35, Money::Paid),
            entry("back", 40, 40, Money::CameBack),
        ]);
        let settled = BTreeMap::from([("less".to_owned(), -1), ("more".to_owned(), 10), ("back".to_owned(), 7)]);
        let posting = |step: &str, amount| (step.to_owned(), Place::Paid, amount);
        let postings = [
            posting("bank_report:1:run", 39),
            posting("overpayment_case:1:deduction:2:d", -4),
            posting("overpayment_case:1:recovery:3", -5),
            posting("amount_difference:1:open", -1),
        ];
        let tie = BankTie::of(&[fund(&postings)], &ledger, &settled);
        assert_eq!((tie.paid, tie.recovered, tie.short, tie.otherwise), (29, 5, 1, 9));
        assert_eq!((tie.moved, tie.fault()), (44, None));
        let off = BankTie::of(&[fund(&postings[1..])], &ledger, &settled);
        assert!(off.fault().unwrap().contains("44"), "{off:?}");
    }

    #[test]
    fn orders_stand_where_answers_leave_no_doubt() {
        assert!(agrees(Money::Paid, "credited") && !agrees(Money::Paid, "returned"));
        assert!(agrees(Money::CameBack, "returned") && !agrees(Money::NotMoved, "settled"));
        assert!(!agrees(Money::InFlight, "settled"));
        let entry = |money, told| Entry {
            file: "f".to_owned(),
            reference: "r".to_owned(),
            amount: Vnd::new(100).unwrap(),
            sum: Vnd::new(100).unwrap(),
            fate: Fate::Lost,
            money,
            told,
        };
        // Told by nobody yet: under way, or where two people found its money.
        let silent = entry(Money::Paid, Money::InFlight);
        assert!(stands(&silent, "extracted") && stands(&silent, "settled") && !stands(&silent, "returned"));
        let nothing = entry(Money::InFlight, Money::InFlight);
        assert!(stands(&nothing, "accepted") && !stands(&nothing, "credited"));
        assert!(!stands(&entry(Money::Paid, Money::Paid), "extracted"));
    }
}
