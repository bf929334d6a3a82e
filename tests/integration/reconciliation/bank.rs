//! A town whose people are paid by a bank, and the bank that answers.

use chrono::{DateTime, Utc};
use domain::bank_report::synthetic::{Answer, AnswerHeader, write_camt029, write_camt054, write_pain002};
use domain::{Month, Vnd};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::bank_report::{self, BankReportView};
use service::fund::{self, FundView};
use service::month_close::{self, CloseMonth, MonthCloseView};
use service::pay_run::{self, CreatePayRun, HeldView, LineView};
use service::payment_file;
use service::payment_order::{self, OrderView};
use service::person::bulk;
use service::proposal::DecideProposal;
use service::reassessment::{self, Parameters};
use service::reconciliation::{self, ResolutionView, SuspenseLineView};
use service::{Actor, App, Error, Role, access, installation, job, law, verify};
use uuid::Uuid;

use crate::harness::{House, opens_fund};

/// What a person of the town gets in a month, đồng.
pub(crate) const AMOUNT: i64 = 750_000;

/// The town.
pub(crate) struct BankTown<'h> {
    pub(crate) house: &'h House,
    pub(crate) preparer: Actor,
    pub(crate) approver: Actor,
    pub(crate) releaser: Actor,
    pub(crate) treasury: Actor,
    /// Another person of the treasury.
    pub(crate) second: Actor,
    pub(crate) caseworker: Actor,
    pub(crate) decider: Actor,
}

/// The id of a person of the town.
pub(crate) fn person(number: u128) -> Uuid {
    Uuid::from_u128(0x100 + number)
}

impl<'h> BankTown<'h> {
    /// So many people taken over on 20/8/2024, September to be paid.
    pub(crate) async fn open(house: &'h House, people: u128) -> Self {
        let account = |number: u128| {
            json!({"channel": "bank_transfer", "bank_code": "AGRIBANK",
                "account_number": format!("80112051{number:05}"), "holder_name": "Phạm Thị Lan"})
        };
        Self::open_for(house, people, account).await
    }

    /// The same, of people who are paid cash at the post office.
    pub(crate) async fn open_at_post(house: &'h House, people: u128) -> Self {
        let account = |number: u128| {
            json!({"channel": "post_cash", "account_number": format!("0221900{number:05}"),
                "holder_name": "Phạm Thị Lan", "post_office": "Bưu cục Hà Phong"})
        };
        Self::open_for(house, people, account).await
    }

    async fn open_for(house: &'h House, people: u128, account: impl Fn(u128) -> Value) -> Self {
        let actor = async |role: Role| {
            let key = house.key(role, None).await;
            access::authenticate(&house.app, &key).await.unwrap()
        };
        let town = Self {
            preparer: actor(Role::Preparer).await,
            approver: actor(Role::Approver).await,
            releaser: actor(Role::Releaser).await,
            treasury: actor(Role::Treasury).await,
            second: actor(Role::Treasury).await,
            caseworker: actor(Role::Caseworker).await,
            decider: actor(Role::DecisionMaker).await,
            house,
        };
        town.take_over((0..people).map(|number| (number, account(number))).collect())
            .await;
        town
    }

    /// September of four people, paid on the 5th. On the 12th their bank says that the first has it, that the second's account
    /// is closed and that the third's money is held; of the fourth it says nothing. Now it is the 20th.
    pub(crate) async fn half_answered(house: &'h House) -> (Self, Vec<OrderView>) {
        let town = Self::open(house, 4).await;
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-12T02:00:00Z").await;
        let told = [
            answer(&orders[0], "ACCC", None),
            answer(&orders[1], "RJCT", Some("AC04")),
            answer(&orders[2], "BLCK", None),
        ];
        town.bring(pain002("A1", &told)).await;
        town.now("2024-09-20T02:00:00Z").await;
        (town, orders)
    }

    pub(crate) fn app(&self) -> &App {
        &self.house.app
    }

    async fn take_over(&self, people: Vec<(u128, Value)>) {
        let (app, founder) = (self.app(), Actor::system("tests"));
        let fund = json!({"code": "social_assistance", "fiscal_year": 2024, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(app, of(fund)).await;
        let people: Vec<Value> = people
            .into_iter()
            .map(|(number, account)| {
                json!({
                    "id": person(number),
                    "person": {
                        "full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
                        "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}],
                        "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20"}],
                    },
                    "decisions": [{"benefit": "monthly_allowance", "number": "12/QĐ", "signed_on": "2022-06-05"}],
                    "payees": [{"relation": "oneself", "from": "2022-06-05", "account": account}],
                })
            })
            .collect();
        let report = bulk::import(app, &founder, of(json!({"opening": true, "persons": people})))
            .await
            .unwrap();
        assert_eq!(report.rows, []);
        installation::set_first_month(app, month("2024-09")).await.unwrap();
        let parameters = Parameters {
            release: law::latest(app).await.unwrap(),
            opening: true,
        };
        app.db
            .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await)
            .await
            .unwrap();
        self.idle().await;
    }

    /// Runs every job that waits.
    pub(crate) async fn idle(&self) {
        job::drain(self.app(), job::KINDS).await.unwrap();
    }

    /// Moves the clock.
    pub(crate) async fn now(&self, instant: &str) {
        let now = instant.parse::<DateTime<Utc>>().unwrap();
        self.app().set_clock(now).await.unwrap();
    }

    /// The regular run of a month, built.
    pub(crate) async fn build(&self, cover: &str) -> Uuid {
        let command = CreatePayRun::regular(month(cover), month(cover).first_day().max(self.app().clock.today()));
        let run = pay_run::create(self.app(), &self.preparer, command).await.unwrap();
        self.idle().await;
        run.id
    }

    /// Builds a run again that was sent back to draft.
    pub(crate) async fn rebuild(&self, run: Uuid) {
        let run = pay_run::get(self.app(), &self.preparer, run).await.unwrap();
        pay_run::build(self.app(), &self.preparer, run.id, run.version)
            .await
            .unwrap();
        self.idle().await;
    }

    /// The regular run of a month, released.
    pub(crate) async fn pay(&self, cover: &str) -> Uuid {
        let run = self.build(cover).await;
        self.sign(run).await;
        run
    }

    /// Submits, approves and releases a built run, and builds its files.
    pub(crate) async fn sign(&self, run: Uuid) {
        self.release(run).await;
        self.idle().await;
    }

    /// Submits, approves and releases a built run.
    pub(crate) async fn release(&self, run: Uuid) {
        let app = self.app();
        let version = async || pay_run::get(app, &self.preparer, run).await.unwrap().version;
        pay_run::submit(app, &self.preparer, run, version().await)
            .await
            .unwrap();
        pay_run::approve(app, &self.approver, run, version().await)
            .await
            .unwrap();
        pay_run::release(app, &self.releaser, run, version().await)
            .await
            .unwrap();
    }

    /// The treasury fetches every file of a run.
    pub(crate) async fn fetch(&self, run: Uuid) {
        for file in payment_file::list(self.app(), &self.treasury, run).await.unwrap() {
            payment_file::content(self.app(), &self.treasury, file.id)
                .await
                .unwrap();
        }
    }

    /// The treasury fetches the files of a run that order payments, hands them over and acknowledges them.
    pub(crate) async fn acknowledge(&self, run: Uuid) {
        self.fetch(run).await;
        let files = payment_file::list(self.app(), &self.treasury, run).await.unwrap();
        for file in files.iter().filter(|file| file.message_id.is_some()) {
            let hash = file.sha256.as_deref().unwrap();
            let held = payment_file::acknowledge(self.app(), &self.treasury, file.id, file.version, hash);
            held.await.unwrap();
        }
    }

    /// The orders of a run, by the number of their account.
    pub(crate) async fn orders(&self, run: Uuid) -> Vec<OrderView> {
        let page = payment_order::list(self.app(), &self.treasury, run, Some(200), None)
            .await
            .unwrap();
        let mut orders = page.items;
        orders.sort_by(|a, b| a.account_number.cmp(&b.account_number));
        orders
    }

    /// Where the orders of a run stand.
    pub(crate) async fn statuses(&self, run: Uuid) -> Vec<String> {
        let orders = self.orders(run).await.into_iter();
        orders
            .map(|order| json!(order.status).as_str().unwrap().to_owned())
            .collect()
    }

    /// The lines of a person in a run.
    pub(crate) async fn lines(&self, run: Uuid, person: Uuid) -> Vec<LineView> {
        let page = pay_run::lines(self.app(), &self.preparer, run, Some(200), None).await;
        let mut lines = page.unwrap().items;
        lines.retain(|line| line.person_id == person);
        lines
    }

    /// The kinds of the lines of the first person in a run.
    pub(crate) async fn kinds(&self, run: Uuid) -> Vec<Value> {
        let lines = self.lines(run, person(0)).await;
        lines.iter().map(|line| json!(line.kind)).collect()
    }

    /// What a run holds.
    pub(crate) async fn held(&self, run: Uuid) -> Vec<HeldView> {
        let page = pay_run::held(self.app(), &self.preparer, run, Some(200), None).await;
        page.unwrap().items
    }

    /// A file of the bank arrives and is reconciled.
    pub(crate) async fn bring(&self, bytes: Vec<u8>) -> BankReportView {
        let report = bank_report::upload(self.app(), &self.treasury, "answer.xml", bytes)
            .await
            .unwrap();
        self.idle().await;
        bank_report::get(self.app(), &self.treasury, report.id).await.unwrap()
    }

    /// The lines that wait.
    pub(crate) async fn suspense(&self) -> Vec<SuspenseLineView> {
        reconciliation::suspense(self.app(), &self.treasury, Some(200), None)
            .await
            .unwrap()
            .items
    }

    /// The line of a finding.
    pub(crate) async fn waiting(&self, finding: &str) -> SuspenseLineView {
        let lines = self.suspense().await;
        let own = lines.iter().find(|own| own.line.finding.as_deref() == Some(finding));
        own.unwrap_or_else(|| panic!("no {finding} in {lines:#?}")).clone()
    }

    /// One person of the treasury proposes.
    pub(crate) async fn propose(&self, line: Uuid, what: Value) -> Result<ResolutionView, Error> {
        reconciliation::propose(self.app(), &self.treasury, line, of(what)).await
    }

    /// Two people of the treasury resolve a line.
    pub(crate) async fn resolve(&self, line: Uuid, what: Value) {
        let proposed = self.propose(line, what).await.unwrap();
        let decided = reconciliation::decide(self.app(), &self.second, line, accept(proposed.id))
            .await
            .unwrap();
        assert_eq!(decided.proposal.decided_by, self.second.user_id);
    }

    /// The fund of the year.
    pub(crate) async fn fund(&self) -> FundView {
        fund::list(self.app(), &self.preparer).await.unwrap().remove(0)
    }

    /// In transit, paid, to be paid again, đồng.
    pub(crate) async fn stands(&self) -> [i64; 3] {
        let fund = self.fund().await;
        [fund.in_transit, fund.paid, fund.to_reissue]
    }

    /// The tie of September has no difference.
    pub(crate) async fn ties(&self) {
        let tie = month_close::tie(self.app(), &self.preparer, month("2024-09"))
            .await
            .unwrap();
        assert!(tie.ties, "{:?}", tie.sums.differences);
    }

    /// Two people close a month.
    pub(crate) async fn close_month(&self, cover: &str) -> MonthCloseView {
        let (app, month) = (self.app(), month(cover));
        let note = CloseMonth { note: String::new() };
        let prepared = month_close::close(app, &self.preparer, month, note).await.unwrap();
        month_close::confirm(app, &self.approver, month, prepared.version)
            .await
            .unwrap()
    }

    /// Every invariant holds.
    pub(crate) async fn holds(&self) {
        for check in verify::all(self.app()).await.unwrap() {
            assert!(check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}

/// A second person agrees.
pub(crate) fn accept(proposal: Uuid) -> DecideProposal {
    of(json!({"proposal_id": proposal, "decision": "accept", "note": "Đã kiểm tra"}))
}

/// A second person does not.
pub(crate) fn refuse(proposal: Uuid) -> DecideProposal {
    of(json!({"proposal_id": proposal, "decision": "refuse", "note": "Chưa đủ căn cứ"}))
}

/// A month.
pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// A command from JSON.
pub(crate) fn of<T: DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

/// What the bank says of an order.
pub(crate) fn answer(order: &OrderView, status: &str, reason: Option<&str>) -> Answer {
    Answer {
        reference: order.reference.clone(),
        uetr: Some(order.uetr),
        amount: Vnd::new(order.amount).unwrap(),
        status: status.to_owned(),
        reason: reason.map(ToOwned::to_owned),
        account: Some(order.account_number.clone()),
        bank_reference: None,
    }
}

/// What an answer says once.
pub(crate) fn header(message_id: &str) -> AnswerHeader {
    AnswerHeader {
        message_id: message_id.to_owned(),
        created_at: "2024-09-18T02:00:00Z".parse().unwrap(),
        original_message_id: "M1".to_owned(),
        original_message: "pain.001.001.09".to_owned(),
        payment_information_id: "P1".to_owned(),
        group_status: None,
        account: "102010000000001".to_owned(),
        one_debit: false,
    }
}

/// A status report.
pub(crate) fn pain002(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

/// Debits, and credits that came back where there is a reason.
pub(crate) fn camt054(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_camt054(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

/// The answer to recalls.
pub(crate) fn camt029(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_camt029(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}
