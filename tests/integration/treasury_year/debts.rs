//! What was paid too much, from what brings it to light to what runs keep back of the person's money: a condition that was
//! recorded too high is put right, and the case it makes is carried on by two people.

use domain::Month;
use proptest::prelude::*;
use serde_json::{Value, json};
use service::law::{self, SignInstrument};
use service::overpayment::{self, CaseView, ListOverpayments, OverpaymentMonthView};
use service::person;
use service::{Code, Error};
use uuid::Uuid;

use super::history::pick;
use super::town::Town;
use crate::overpayment::newcomer::newcomer;
use crate::reconciliation::bank::of;

/// One thing that is done; a number says with which of several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Debt {
    /// The condition of the debtor is put right: lower than it was recorded, or as it was after all.
    Lower,
    /// A case takes its next step; with an odd number every step that it can take.
    Step(u8),
    /// It is agreed that the next month keeps back what is to be paid back.
    KeepBack(u8),
    /// A part of it is paid back in cash.
    Repay(u8),
    /// An appeal is filed, or one that is open is resolved: dismissed, upheld or varied, by the number.
    Contest(u8),
    /// What is left is forgiven; with an odd number it can't be had.
    GiveUp(u8),
    /// A case of which everything is paid back is closed.
    Done(u8),
}

pub(super) fn debt() -> impl Strategy<Value = Debt> {
    prop_oneof![
        1 => Just(Debt::Lower),
        3 => any::<u8>().prop_map(Debt::Step),
        2 => any::<u8>().prop_map(Debt::KeepBack),
        1 => any::<u8>().prop_map(Debt::Repay),
        1 => any::<u8>().prop_map(Debt::Contest),
        1 => any::<u8>().prop_map(Debt::GiveUp),
        1 => any::<u8>().prop_map(Debt::Done),
    ]
}

/// Whose condition is recorded too high.
const DEBTOR: Uuid = Uuid::from_u128(0x51);
/// What is asked back of a case, đồng: a fifth of what the debtor is paid a month by right.
const ASKED: i64 = 150_000;
/// The states in which what is to be paid back is asked for.
const ASKED_FOR: [&str; 2] = ["enforceable", "recovering"];
/// What is paid back in cash at most, đồng.
const IN_CASH: i64 = 50_000;
/// A case takes no more steps than these to be enforceable.
const STEPS: usize = 8;

/// The debtor, as a predecessor paid them.
pub(super) fn debtor() -> Value {
    let mut own = newcomer(DEBTOR, "022190001234", "06652");
    own["person"]["evidence"][0]["value"] = json!("particularly_severe");
    own
}

/// Each month of a case with so much to be paid back.
fn months(case: &CaseView, amount: impl Fn(&OverpaymentMonthView) -> i64) -> Value {
    let own = case.months.iter().map(|month| {
        json!({"entitlement_id": month.entitlement_id, "component": month.component,
            "cover_month": month.cover_month, "amount": amount(month), "reason": "Ghi nhầm mức độ khuyết tật"})
    });
    json!({"months": own.collect::<Vec<_>>()})
}

impl Town {
    /// Does it.
    pub(super) async fn debt(&self, debt: Debt) -> Result<(), Error> {
        match debt {
            Debt::Lower => self.lower().await,
            Debt::Step(which) => {
                let steps = if which.is_multiple_of(2) { 1 } else { STEPS };
                for _ in 0..steps {
                    self.case_goes_on(which).await?;
                }
                Ok(())
            }
            Debt::KeepBack(which) => self.keep_back(which).await,
            Debt::Repay(which) => self.repay(which).await,
            Debt::Contest(which) => self.contest(which).await,
            Debt::GiveUp(which) => self.give_up(which).await,
            Debt::Done(which) => self.is_done(which).await,
        }
    }

    /// An instrument of the tests says how money is asked back: no law of the land is known to.
    pub(super) async fn rules_recovery(&self) {
        let parameter = |(key, value, unit): (&str, Value, &str)| {
            json!({"key": key, "from": "2024-08-01", "value": value, "unit": unit, "source": "kiểm thử",
                "confidence": "high"})
        };
        let parameters = [
            ("recovery.minimum_amount", json!(100_000), "vnd"),
            ("recovery.limitation_months", json!(36), "months"),
            ("recovery.response_days", json!(10), "days"),
            ("recovery.appeal_days", json!(1), "days"),
            ("recovery.instalment_cap", json!("20"), "percent"),
            ("recovery.protected_minimum", json!(500_000), "vnd_per_month"),
        ];
        let body = json!({
            "number": "1/2024/NQ-TH", "cite": "1/2024/NQ-TH", "title": "Văn bản kiểm thử", "issuer": "provincial",
            "issued_on": self.app.clock.today(), "in_force_from": "2024-08-01",
            "provisions": [{"article": "Điều 1", "parameters": parameters.map(parameter)}],
        });
        let (app, preparer, approver) = (&self.app, &self.officers.preparer, &self.officers.approver);
        let id = law::draft(app, preparer, body).await.unwrap().id;
        law::check(app, preparer, id).await.unwrap();
        law::simulate(app, preparer, id, None).await.unwrap();
        self.drain().await;
        let version = law::get(app, preparer, id).await.unwrap().version;
        let seen = law::simulation(app, approver, id, None).await.unwrap();
        let read = SignInstrument {
            simulation: seen.summary.id,
        };
        let submitted = law::submit(app, preparer, id, version, Some(read)).await.unwrap();
        let approved = law::approve(app, approver, id, submitted.version, read).await.unwrap();
        law::publish(app, &self.officers.releaser, id, approved.version, read)
            .await
            .unwrap();
        self.drain().await;
    }

    async fn lower(&self) -> Result<(), Error> {
        let caseworker = &self.officers.caseworker;
        let own = person::get(&self.app, caseworker, DEBTOR).await?;
        let Some(fact) = own.evidence.iter().find(|fact| fact.kind == "disability") else {
            return Ok(());
        };
        let value = if fact.value == "severe" {
            "particularly_severe"
        } else {
            "severe"
        };
        let command = of(json!({"value": value, "from": fact.from, "to": fact.to}));
        person::correct_evidence(&self.app, caseworker, DEBTOR, fact.id, own.version, command)
            .await
            .map(drop)
    }

    /// One of the cases in one of these states.
    async fn case_in(&self, states: &[&str], which: u8) -> Result<Option<CaseView>, Error> {
        let caseworker = &self.officers.caseworker;
        let mut all = overpayment::list(&self.app, caseworker, ListOverpayments::default())
            .await?
            .items;
        all.retain(|own| states.contains(&own.status.code().as_str()));
        match pick(&all, which) {
            Some(own) => overpayment::get(&self.app, caseworker, own.id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The next step from what was detected to a decision that stands: one officer prepares, another decides.
    async fn case_goes_on(&self, which: u8) -> Result<(), Error> {
        let (app, caseworker, decider) = (&self.app, &self.officers.caseworker, &self.officers.decider);
        let states = [
            "detected",
            "classified",
            "notice_served",
            "heard",
            "proposed",
            "decided",
        ];
        let Some(case) = self.case_in(&states, which).await? else {
            return Ok(());
        };
        let (id, version) = (case.summary.id, case.summary.version);
        let delivered = json!({"delivered_on": app.clock.today(), "proof": "Ký nhận"});
        let done = match case.summary.status.code().as_str() {
            "detected" => {
                let cause = json!({"cause": "official_error", "recoverable": true, "reason": "Ghi nhầm mức độ"});
                overpayment::classify(app, caseworker, id, version, of(cause)).await
            }
            "classified" => overpayment::serve_notice(app, caseworker, id, version, of(delivered)).await,
            "notice_served" => {
                let said = json!({"statement": "Đồng ý hoàn trả"});
                overpayment::hear(app, caseworker, id, version, of(said)).await
            }
            "heard" => {
                // Of the last month alone: what a predecessor paid before is not asked back.
                let last = case.months.iter().map(|month| month.cover_month.clone()).max();
                let asked = months(&case, |month| {
                    let is_last = Some(&month.cover_month) == last.as_ref();
                    if is_last { month.detected.min(ASKED) } else { 0 }
                });
                overpayment::propose(app, caseworker, id, version, of(asked)).await
            }
            "proposed" => {
                let asked = months(&case, |month| month.proposed.unwrap_or(0));
                overpayment::decide(app, decider, id, version, of(asked)).await
            }
            _ if case.decision_delivered_on.is_none() => {
                overpayment::serve_decision(app, caseworker, id, version, of(delivered)).await
            }
            _ => overpayment::make_enforceable(app, decider, id, version).await,
        };
        done.map(drop)
    }

    async fn keep_back(&self, which: u8) -> Result<(), Error> {
        let Some(case) = self.case_in(&["enforceable"], which).await? else {
            return Ok(());
        };
        let month = Month::of(self.app.clock.today()).next();
        let plan = json!({"instalments": [{"due_month": month, "amount": case.summary.open}]});
        let (id, version) = (case.summary.id, case.summary.version);
        overpayment::plan(&self.app, &self.officers.caseworker, id, version, of(plan))
            .await
            .map(drop)
    }

    async fn repay(&self, which: u8) -> Result<(), Error> {
        let Some(case) = self.case_in(&ASKED_FOR, which).await? else {
            return Ok(());
        };
        let amount = IN_CASH.min(case.summary.open);
        let receipt = json!({"amount": amount, "received_on": self.app.clock.today(), "reference": "PT-2024-004"});
        let (id, version) = (case.summary.id, case.summary.version);
        overpayment::record_repayment(&self.app, &self.officers.caseworker, id, version, of(receipt))
            .await
            .map(drop)
    }

    async fn contest(&self, which: u8) -> Result<(), Error> {
        let app = &self.app;
        let (caseworker, reviewer) = (&self.officers.caseworker, &self.officers.reviewer);
        if let Some(case) = self.case_in(&["appealed"], which).await? {
            let mut said = match which % 3 {
                0 => json!({"outcome": "dismissed"}),
                1 => json!({"outcome": "upheld"}),
                _ => {
                    let mut varied = months(&case, |month| month.decided.unwrap_or(0) / 2);
                    varied["outcome"] = json!("varied");
                    varied
                }
            };
            said["reason"] = json!("Đã xem xét");
            said["refund_reference"] = json!("PC-2024-118");
            let (id, version) = (case.summary.id, case.summary.version);
            return overpayment::resolve_appeal(app, reviewer, id, version, of(said))
                .await
                .map(drop);
        }
        let states = ["decided", "enforceable", "recovering"];
        let Some(case) = self.case_in(&states, which).await? else {
            return Ok(());
        };
        let said = json!({"filed_on": app.clock.today(), "grounds": "Tôi đã báo"});
        let (id, version) = (case.summary.id, case.summary.version);
        overpayment::appeal(app, caseworker, id, version, of(said))
            .await
            .map(drop)
    }

    async fn give_up(&self, which: u8) -> Result<(), Error> {
        let states = ["decided", "enforceable", "recovering"];
        let Some(case) = self.case_in(&states, which).await? else {
            return Ok(());
        };
        let (app, decider, why) = (&self.app, &self.officers.decider, of(json!({"reason": "Hộ nghèo"})));
        let (id, version) = (case.summary.id, case.summary.version);
        let done = if which.is_multiple_of(2) {
            overpayment::waive(app, decider, id, version, why).await
        } else {
            overpayment::write_off(app, decider, id, version, why).await
        };
        done.map(drop)
    }

    async fn is_done(&self, which: u8) -> Result<(), Error> {
        let Some(case) = self.case_in(&ASKED_FOR, which).await? else {
            return Ok(());
        };
        let (id, version) = (case.summary.id, case.summary.version);
        overpayment::settle(&self.app, &self.officers.caseworker, id, version)
            .await
            .map(drop)
    }
}
