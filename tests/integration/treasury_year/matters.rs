//! What two people decide beside the runs: sums that banks moved otherwise, funds, their lines and less money for them,
//! tiers, days, deaths that a bank tells of, what it says of whole files, and relief that came back and is filed again.
//! What a crash left proposed is decided the next time, or taken back.

use chrono::Days;
use domain::bank_simulator::Money;
use proptest::prelude::*;
use serde_json::json;
use service::fund::{self, FundView};
use service::reconciliation;
use service::registry_finding::{self, ListFindings};
use service::treasury_proposal::{self, TreasuryProposalView};
use service::{Error, approval_tier, pay_calendar};
use uuid::Uuid;

use super::history::pick;
use super::refusals::verdict;
use super::town::{Officers, Town};
use crate::reconciliation::bank::of;

/// One thing that is done; a number says with which of several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Matter {
    /// What a bank moved otherwise than ordered is settled.
    Settle(u8),
    /// A small fund is opened, from which nothing is paid.
    Fund,
    /// Its estimate is divided.
    Lines(u8),
    /// One person has to approve a run from now on, or two have to.
    Tiers(u8),
    /// Banks are closed on a day soon.
    Day(u8),
    /// A death that a bank told of is recorded, or was not so.
    Finding(u8),
    /// What a bank says of a whole file is looked into.
    WholeFile(u8),
    /// Relief that came back is filed again.
    Again(u8),
    /// Of an order that its bank says nothing of, two people say what became of it by the bank's letter.
    Silence(u8),
    /// A fund gets less money.
    Reduce(u8),
    /// Who proposed something of the treasury's terms takes it back.
    TakeBack(u8),
}

pub(super) fn matter() -> impl Strategy<Value = Matter> {
    prop_oneof![
        2 => any::<u8>().prop_map(Matter::Settle),
        1 => Just(Matter::Fund),
        1 => any::<u8>().prop_map(Matter::Lines),
        1 => any::<u8>().prop_map(Matter::Tiers),
        1 => any::<u8>().prop_map(Matter::Day),
        3 => any::<u8>().prop_map(Matter::Finding),
        2 => any::<u8>().prop_map(Matter::WholeFile),
        2 => any::<u8>().prop_map(Matter::Again),
        3 => any::<u8>().prop_map(Matter::Silence),
        2 => any::<u8>().prop_map(Matter::Reduce),
        1 => any::<u8>().prop_map(Matter::TakeBack),
    ]
}

/// The code of the small funds, one a fiscal year.
const RESERVE: &str = "reserve";
/// What each of them holds, đồng.
pub(super) const RESERVED: i64 = 7_000_000;
/// The fiscal year of the first, and how many there are at most.
const FIRST: i64 = 2023;
const MOST: i64 = 4;
const NOTE: &str = "Đã kiểm tra";

impl Town {
    /// Does it.
    pub(super) async fn matter(&self, matter: Matter) -> Result<(), Error> {
        match matter {
            Matter::Settle(which) => self.settle(which, true).await,
            Matter::Fund => self.open_reserve().await,
            Matter::Lines(which) => self.divide(which).await,
            Matter::Tiers(which) => self.tiers(which).await,
            Matter::Day(which) => self.day(which, true).await,
            Matter::Finding(which) => self.finding(which).await,
            Matter::WholeFile(which) => self.whole_file(which).await,
            Matter::Again(which) => self.relief_again(which).await,
            Matter::Silence(which) => self.silence(which, true).await,
            Matter::Reduce(which) => self.reduce(which, true).await,
            Matter::TakeBack(which) => self.take_back(which).await,
        }
    }

    /// How many small funds were opened.
    pub(super) async fn reserves(&self) -> i64 {
        let sql = format!("SELECT COUNT(*) AS number FROM fund WHERE code = '{RESERVE}'");
        self.number(&sql).await
    }

    pub(super) async fn settle(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let mut open = reconciliation::differences(&self.app, treasury).await?;
        open.retain(|own| json!(own.status) == "open");
        let Some(own) = pick(&open, which) else { return Ok(()) };
        let proposal = match &own.proposal {
            Some(proposed) => proposed.id,
            None => {
                let settlement = if own.amount < 0 { "made_good" } else { "written_off" };
                let said = of(json!({"settlement": settlement, "note": NOTE}));
                let proposed = reconciliation::propose_settlement(&self.app, treasury, own.id, said);
                proposed.await?.id
            }
        };
        reconciliation::decide_settlement(&self.app, approver, own.id, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    /// What waits of a kind of the treasury's terms, left by a crash.
    async fn left(&self, kind: &str) -> Result<Option<TreasuryProposalView>, Error> {
        let sql = format!("SELECT id FROM treasury_proposal WHERE kind = '{kind}' AND status = 'proposed' ORDER BY id");
        match self.rows(&sql).await.first() {
            Some(row) => {
                let id: Uuid = row.try_get("", "id").unwrap();
                treasury_proposal::get(&self.app, &self.officers.approver, id)
                    .await
                    .map(Some)
            }
            None => Ok(None),
        }
    }

    async fn decides(&self, proposed: &TreasuryProposalView, agrees: bool) -> Result<(), Error> {
        let verdict = of(verdict(proposed.id, agrees));
        treasury_proposal::decide(
            &self.app,
            &self.officers.approver,
            proposed.id,
            proposed.version,
            verdict,
        )
        .await
        .map(drop)
    }

    async fn open_reserve(&self) -> Result<(), Error> {
        let preparer = &self.officers.preparer;
        let proposed = match self.left("fund").await? {
            Some(proposed) => proposed,
            None => {
                let number = self.reserves().await;
                if number >= MOST {
                    return Ok(());
                }
                let fund = json!({"code": RESERVE, "fiscal_year": FIRST + number, "source": "donation",
                    "name": "Dự phòng", "amount": RESERVED});
                fund::propose_opening(&self.app, preparer, of(json!({"fund": fund, "note": NOTE}))).await?
            }
        };
        self.decides(&proposed, true).await
    }

    async fn divide(&self, which: u8) -> Result<(), Error> {
        let preparer = &self.officers.preparer;
        let proposed = match self.left("fund_lines").await? {
            Some(proposed) => proposed,
            None => {
                let mut own: Vec<FundView> = fund::list(&self.app, preparer).await?;
                own.retain(|fund| fund.code == RESERVE);
                let Some(fund) = pick(&own, which) else { return Ok(()) };
                let version = fund::lines(&self.app, preparer, fund.id).await?.version;
                let line = json!({"code": "monthly", "chapter": "423", "name": "Hằng tháng",
                    "amount": 1_000_000 + i64::from(which)});
                let said = of(json!({"lines": [line], "note": NOTE}));
                fund::propose_lines(&self.app, preparer, fund.id, version, said).await?
            }
        };
        self.decides(&proposed, true).await
    }

    async fn tiers(&self, which: u8) -> Result<(), Error> {
        let [keeper, _] = &self.officers.keepers;
        let proposed = match self.left("approval_tiers").await? {
            Some(proposed) => proposed,
            None => {
                let version = approval_tier::get(&self.app, keeper).await?.version;
                let tiers = json!({"note": NOTE, "tiers": [
                    {"subject": "pay_run", "from_amount": 0, "approvals": 1 + which % 2, "role": "approver"},
                    {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
                ]});
                approval_tier::propose(&self.app, keeper, version, of(tiers)).await?
            }
        };
        self.decides(&proposed, true).await
    }

    pub(super) async fn day(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let proposed = match self.left("calendar_day").await? {
            Some(proposed) => proposed,
            None => self.proposed_day(which).await?,
        };
        self.decides(&proposed, agrees).await
    }

    async fn proposed_day(&self, which: u8) -> Result<TreasuryProposalView, Error> {
        let day = self.app.clock.today() + Days::new(1 + u64::from(which % 40));
        let said = of(json!({"kind": "holiday", "reason": "Ngân hàng nghỉ giao dịch"}));
        pay_calendar::propose(&self.app, &self.officers.preparer, day, said).await
    }

    /// A little of what a fund has free goes back to its source.
    pub(super) async fn reduce(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let preparer = &self.officers.preparer;
        let proposed = match self.left("fund_reduction").await? {
            Some(proposed) => proposed,
            None => {
                let funds = fund::list(&self.app, preparer).await?;
                let Some(own) = pick(&funds, which) else { return Ok(()) };
                let version = fund::lines(&self.app, preparer, own.id).await?.version;
                let kind = if which.is_multiple_of(2) { "cut" } else { "given_back" };
                let reduction = json!({"kind": kind, "amount": 100_000 + i64::from(which), "number": "31/QĐ-STC",
                    "signed_on": self.app.clock.today()});
                let said = of(json!({"reduction": reduction, "note": NOTE}));
                fund::propose_reduction(&self.app, preparer, own.id, version, said).await?
            }
        };
        self.decides(&proposed, agrees).await
    }

    /// What a crash left proposed, or a day that was meant to be another.
    async fn take_back(&self, which: u8) -> Result<(), Error> {
        let Officers {
            preparer,
            approver,
            keepers: [keeper, _],
            ..
        } = &self.officers;
        let waiting = self
            .ids("SELECT id FROM treasury_proposal WHERE status = 'proposed'")
            .await;
        let proposed = match pick(&waiting, which) {
            Some(id) => treasury_proposal::get(&self.app, approver, *id).await?,
            None => self.proposed_day(which).await?,
        };
        let author = if json!(proposed.kind) == "approval_tiers" {
            keeper
        } else {
            preparer
        };
        treasury_proposal::withdraw(&self.app, author, proposed.id, proposed.version)
            .await
            .map(drop)
    }

    async fn finding(&self, which: u8) -> Result<(), Error> {
        let caseworker = &self.officers.caseworker;
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(&self.app, caseworker, filter).await?.items;
        let Some(own) = pick(&open, which / 2) else {
            return Ok(());
        };
        if which.is_multiple_of(2) {
            let said = of(json!({"death_date": self.app.clock.today(), "note": "Giấy chứng tử"}));
            return registry_finding::confirm(&self.app, caseworker, own.id, own.version, said)
                .await
                .map(drop);
        }
        let said = of(json!({"note": "Đã gặp trực tiếp"}));
        registry_finding::dismiss(&self.app, caseworker, own.id, own.version, said)
            .await
            .map(drop)
    }

    /// Two people close what a bank says of a whole file: no order moves by it.
    async fn whole_file(&self, which: u8) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let mut waiting = self.suspense_of_orders().await?;
        waiting.retain(|row| row.file.is_some());
        let Some(row) = pick(&waiting, which) else {
            return Ok(());
        };
        let proposal = match &row.proposal {
            Some(proposal) => proposal.id,
            None => {
                let said = of(json!({"resolution": "looked_into", "note": "Đã hỏi ngân hàng"}));
                let proposed = reconciliation::propose(&self.app, treasury, row.line.id, said);
                proposed.await?.id
            }
        };
        reconciliation::decide(&self.app, approver, row.line.id, of(verdict(proposal, true)))
            .await
            .map(drop)
    }

    /// The letter says what stands in the bank's own books, once that will not change any more.
    pub(super) async fn silence(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let silent = reconciliation::silent_orders(&self.app, treasury, None).await?.items;
        let mut said = Vec::new();
        for own in silent {
            let outcome = match self.truth(own.order_id, self.app.clock.today()).await {
                (Money::Paid, Money::Paid) => "paid",
                (Money::NotMoved, Money::NotMoved) => "not_executed",
                _ => continue,
            };
            said.push((own, outcome));
        }
        let Some((own, outcome)) = pick(&said, which) else {
            return Ok(());
        };
        let proposal = match &own.proposal {
            Some(proposal) => proposal.id,
            None => {
                let letter = of(json!({"outcome": outcome, "letter": "CV 215/NHNo-QN", "note": NOTE}));
                let proposed = reconciliation::propose_silence(&self.app, treasury, own.order_id, letter);
                proposed.await?.id
            }
        };
        reconciliation::decide_silence(&self.app, approver, own.order_id, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    /// Relief that came back is filed again for whom it was for.
    async fn relief_again(&self, which: u8) -> Result<(), Error> {
        let sql = "SELECT DISTINCT p.id AS person, p.area_id AS area FROM payment_line l \
                   JOIN person p ON p.id = l.person_id WHERE l.kind = 'relief' AND l.status = 'returned' \
                   ORDER BY p.id";
        let back = self.rows(sql).await;
        let Some(row) = pick(&back, which) else { return Ok(()) };
        let whom = (row.try_get("", "person").unwrap(), row.try_get("", "area").unwrap());
        self.relief_for(which % 8 == 7, Some(whom)).await
    }
}
