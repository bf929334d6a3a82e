//! The account of every đồng: what the funds were given is where the postings say, months tie, banks agree, and every
//! invariant holds; or it is named what is off.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use domain::Month;
use domain::bank_simulator::{Entry, Money};
use service::fund::{self, Account as Place, FundView};
use service::page::MAX_LIMIT;
use service::{Code, Error, ProblemCode, Role, month_close, reconciliation, verify};

use super::Year;
use super::table;
use crate::play::pay_run::runs;

/// The places of a fund's money, in the order of its way.
pub(super) const PLACES: [Place; 9] = [
    Place::Available,
    Place::Reserved,
    Place::Committed,
    Place::InTransit,
    Place::Paid,
    Place::ToReissue,
    Place::ShortMoved,
    Place::OverMoved,
    Place::WrittenOff,
];
/// At most so many of what is off are printed.
const SHOWN: usize = 20;

/// One fund of one year, đồng.
pub(super) struct FundAccount {
    /// Its code and year, as a person reads them.
    pub(super) name: String,
    /// What it was given, less what went back to its source.
    pub(super) opened: i64,
    /// What its balances say, by place.
    pub(super) stands: [i64; PLACES.len()],
    /// What its postings add up to, by place.
    posted: [i64; PLACES.len()],
    /// Steps whose postings are not balanced.
    unbalanced: Vec<String>,
}

/// A posting: its step, its place, đồng.
type Posted = (String, Place, i64);

impl FundAccount {
    fn of(name: String, stands: [i64; PLACES.len()], postings: &[Posted]) -> Self {
        let sum = |place: Place| {
            let own = postings.iter().filter(|(_, own, _)| *own == place);
            own.map(|(_, _, amount)| amount).sum::<i64>()
        };
        let mut steps: BTreeMap<&str, i64> = BTreeMap::new();
        for (step, _, amount) in postings {
            *steps.entry(step).or_insert(0) += amount;
        }
        let odd = steps.into_iter().filter(|(_, sum)| *sum != 0);
        Self {
            name,
            opened: -sum(Place::Source),
            stands,
            posted: PLACES.map(sum),
            unbalanced: odd.map(|(step, sum)| format!("{step}: {sum}")).collect(),
        }
    }

    /// What all places hold together.
    pub(super) fn whole(&self) -> i64 {
        self.stands.iter().sum()
    }

    /// What is off.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.opened != self.whole() {
            faults.push(format!(
                "{}: được giao {}, tìm thấy {} (given, found)",
                self.name,
                self.opened,
                self.whole()
            ));
        }
        for ((place, stands), posted) in PLACES.iter().zip(self.stands).zip(self.posted) {
            if stands != posted {
                faults.push(format!(
                    "{}, {place:?}: số dư {stands}, bút toán {posted} (balance, postings)",
                    self.name
                ));
            }
        }
        let odd = self.unbalanced.iter();
        faults.extend(odd.map(|step| format!("{}: bút toán không cân, {step} (not balanced)", self.name)));
        faults
    }
}

/// The whole account.
pub(super) struct Account {
    /// Each fund.
    pub(super) funds: Vec<FundAccount>,
    /// How many months are closed.
    pub(super) closed: usize,
    /// How many months there are.
    pub(super) months: usize,
    /// How many orders the banks have, and what of them they paid by their own books, đồng.
    pub(super) bank: (usize, i64),
    /// How many invariants were looked at.
    pub(super) invariants: usize,
    /// What is off.
    pub(super) faults: Vec<String>,
}

impl Account {
    /// Prints it; the status to end with.
    pub(super) fn print(&self) -> ExitCode {
        table::print_account(self);
        if self.faults.is_empty() {
            println!("\nMọi đồng đều có chỗ. (every đồng has its place)");
            return ExitCode::SUCCESS;
        }
        println!("\nKhông phải mọi đồng đều có chỗ: {} điều sai lệch", self.faults.len());
        println!("(not every đồng has its place: this is off)");
        for fault in self.faults.iter().take(SHOWN) {
            println!("  {fault}");
        }
        if self.faults.len() > SHOWN {
            println!("  … và {} điều nữa (and more)", self.faults.len() - SHOWN);
        }
        ExitCode::from(1)
    }
}

/// Counts every đồng, from the postings on.
pub(super) async fn count(year: &Year<'_>) -> Result<Account, Error> {
    let auditor = year.office.of(Role::Auditor)?;
    let mut funds = Vec::new();
    for fund in fund::list(year.app, auditor).await? {
        let postings = postings(year, &fund).await?;
        let stands = [
            fund.available,
            fund.reserved,
            fund.committed,
            fund.in_transit,
            fund.paid,
            fund.to_reissue,
            fund.short_moved,
            fund.over_moved,
            fund.written_off,
        ];
        let name = format!("{} {}", fund.code, fund.fiscal_year);
        funds.push(FundAccount::of(name, stands, &postings));
    }
    let mut faults: Vec<String> = funds.iter().flat_map(FundAccount::faults).collect();
    let months = year.plan.months();
    let mut closed = 0;
    for month in &months {
        match month_close::get(year.app, auditor, *month).await {
            Ok(own) if own.closed_at.is_some() => closed += 1,
            Err(error) if error.code != ProblemCode::NotFound => return Err(error),
            _ => faults.push(format!("{month}: chưa khóa sổ (not closed)")),
        }
        faults.extend(untied(year, *month).await?);
    }
    let ledger = year.bank.ledger(year.app.clock.today());
    faults.extend(disagreements(year, &ledger).await?);
    let paid = ledger.values().filter(|entry| entry.money == Money::Paid);
    let bank = (ledger.len(), paid.map(|entry| entry.amount.dong()).sum());
    let checks = verify::all(year.app).await?;
    for check in checks.iter().filter(|check| !check.holds()) {
        let all = check.faults.iter();
        faults.extend(all.map(|fault| format!("{}: {fault}", check.name)));
    }
    Ok(Account {
        funds,
        closed,
        months: months.len(),
        bank,
        invariants: checks.len(),
        faults,
    })
}

async fn postings(year: &Year<'_>, fund: &FundView) -> Result<Vec<Posted>, Error> {
    let auditor = year.office.of(Role::Auditor)?;
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = fund::postings(year.app, auditor, fund.id, Some(MAX_LIMIT), cursor.as_deref()).await?;
        let items = page.items.into_iter();
        all.extend(items.map(|own| (own.batch, own.account, own.amount)));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(all),
        }
    }
}

/// Where pay runs, files and answers of a month do not agree now.
async fn untied(year: &Year<'_>, month: Month) -> Result<Vec<String>, Error> {
    let auditor = year.office.of(Role::Auditor)?;
    let tie = month_close::tie(year.app, auditor, month).await?;
    let told = tie.sums.differences.iter().map(|own| {
        format!(
            "{month}, {}: {} là {} và {} (legs differ)",
            own.legs, own.subject, own.one, own.other
        )
    });
    Ok(told.collect())
}

/// Orders that do not stand where the banks' own books say, or for another sum; orders that no bank has, and what banks
/// have that nobody ordered.
async fn disagreements(year: &Year<'_>, ledger: &BTreeMap<String, Entry>) -> Result<Vec<String>, Error> {
    let auditor = year.office.of(Role::Auditor)?;
    let treasury = year.office.of(Role::Treasury)?;
    let (mut told, mut differs) = (Vec::new(), BTreeMap::new());
    for own in reconciliation::differences(year.app, treasury).await? {
        match own.status.code().as_str() {
            "open" => told.push(format!("{}: chi lệch chưa xử lý (a difference is open)", own.reference)),
            "made_good" | "written_off" => *differs.entry(own.reference).or_insert(0) += own.amount,
            _ => {}
        }
    }
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

    fn postings() -> Vec<Posted> {
        let posting = |step: &str, place, amount| (step.to_owned(), place, amount);
        vec![
            posting("open", Place::Source, -100),
            posting("open", Place::Available, 100),
            posting("pay", Place::Available, -30),
            posting("pay", Place::Paid, 30),
        ]
    }

    fn fund(paid: i64, postings: &[Posted]) -> FundAccount {
        FundAccount::of(
            "social_assistance 2024".to_owned(),
            [70, 0, 0, 0, paid, 0, 0, 0, 0],
            postings,
        )
    }

    #[test]
    fn what_was_given_is_where_the_postings_say() {
        let account = fund(30, &postings());
        assert_eq!((account.opened, account.whole()), (100, 100));
        assert!(account.faults().is_empty(), "{:?}", account.faults());
    }

    #[test]
    fn a_tampered_posting_or_balance_is_named() {
        let mut tampered = postings();
        tampered[3].2 = 31;
        let faults = fund(30, &tampered).faults();
        assert!(faults.iter().any(|fault| fault.contains("pay: 1")), "{faults:?}");
        assert!(faults.iter().any(|fault| fault.contains("Paid")), "{faults:?}");
        let faults = fund(29, &postings()).faults();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }

    #[test]
    fn with_a_fault_it_ends_with_1() {
        let account = |faults: Vec<String>| Account {
            funds: vec![fund(30, &postings())],
            closed: 1,
            months: 1,
            bank: (1, 30),
            invariants: 1,
            faults,
        };
        let shown = |code: ExitCode| format!("{code:?}");
        assert_eq!(shown(account(Vec::new()).print()), shown(ExitCode::SUCCESS));
        assert_eq!(shown(account(vec!["off".to_owned()]).print()), shown(ExitCode::from(1)));
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
