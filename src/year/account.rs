//! The account of every đồng: what the funds were given is where the postings say, months tie, banks agree, and every
//! invariant holds; or it is named what is off.

use std::collections::BTreeMap;
use std::process::ExitCode;

use domain::Month;
use service::fund::{self, Account as Place, FundView};
use service::page::MAX_LIMIT;
use service::{Error, ProblemCode, Role, month_close, verify};

use super::Year;
use super::books::{self, BankTie, Beside};
use super::table;
use crate::play::pages;

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
    /// What was posted to its paid account beside orders: what people paid back, and what banks moved too little.
    pub(super) beside: Beside,
}

/// A posting: its step, its place, đồng.
pub(super) type Posted = (String, Place, i64);

impl FundAccount {
    /// By its balances and its postings.
    pub(super) fn of(name: String, stands: [i64; PLACES.len()], postings: &[Posted]) -> Self {
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
            beside: Beside::of(postings),
        }
    }

    /// What was posted to a place.
    pub(super) fn at(&self, place: Place) -> i64 {
        let own = PLACES.iter().zip(self.posted).find(|(own, _)| **own == place);
        own.map_or(0, |(_, posted)| posted)
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
    /// The banks' own books beside ours.
    pub(super) bank: BankTie,
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
            say!("\nMọi đồng đều có chỗ. (every đồng has its place)");
            return ExitCode::SUCCESS;
        }
        say!("\nKhông phải mọi đồng đều có chỗ: {} điều sai lệch", self.faults.len());
        say!("(not every đồng has its place: this is off)");
        for fault in self.faults.iter().take(SHOWN) {
            say!("  {fault}");
        }
        if self.faults.len() > SHOWN {
            say!("  … và {} điều nữa (and more)", self.faults.len() - SHOWN);
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
    let (settled, open) = books::differences(year).await?;
    faults.extend(open);
    faults.extend(books::disagreements(year, &ledger, &settled).await?);
    faults.extend(books::waiting(year).await?);
    let bank = BankTie::of(&funds, &ledger, &settled);
    faults.extend(bank.fault());
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
    let all =
        pages::all(async |cursor| fund::postings(year.app, auditor, fund.id, Some(MAX_LIMIT), cursor.as_deref()).await)
            .await?;
    let all = all.into_iter().map(|own| (own.batch, own.account, own.amount));
    Ok(all.collect())
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

#[cfg(test)]
mod tests {
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
            bank: BankTie::default(),
            invariants: 1,
            faults,
        };
        let shown = |code: ExitCode| format!("{code:?}");
        assert_eq!(shown(account(Vec::new()).print()), shown(ExitCode::SUCCESS));
        assert_eq!(shown(account(vec!["off".to_owned()]).print()), shown(ExitCode::from(1)));
    }
}
