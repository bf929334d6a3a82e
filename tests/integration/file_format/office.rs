//! People with accounts at several banks, paid month by month.

use domain::bank_report::synthetic::Answer;
use domain::{Month, Vnd};
use serde_json::{Value, json};
use service::bank_report::{self, BankReportView, Reading, ReportLineView};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::payment_file::{self, FileView};
use service::payment_order::{self, OrderView};
use service::person::bulk;
use service::reassessment::{self, Parameters};
use service::{Actor, App, Error, Role, access, installation, job, law, verify};
use uuid::Uuid;

use crate::harness::{House, decides_day, opens_fund};
use crate::reconciliation::bank::of;

/// What each person receives a month, đồng.
pub(super) const AMOUNT: i64 = 750_000;

/// The officers of an installation, and its people.
pub(super) struct Office<'h> {
    pub(super) house: &'h House,
    pub(super) preparer: Actor,
    pub(super) approver: Actor,
    pub(super) releaser: Actor,
    pub(super) treasury: Actor,
}

impl<'h> Office<'h> {
    /// One person for each account, `(bank, account number)`, to be paid from 9/2024.
    pub(super) async fn open(house: &'h House, accounts: &[(&str, &str)]) -> Self {
        let people = (0x51_u128..).zip(accounts);
        Self::of_people(house, people.map(|(id, account)| disabled(id, *account)).collect()).await
    }

    /// These people, to be paid from 9/2024.
    pub(super) async fn of_people(house: &'h House, people: Vec<Value>) -> Self {
        let mut actors = Vec::new();
        for role in [Role::Preparer, Role::Approver, Role::Releaser, Role::Treasury] {
            let key = house.key(role, None).await;
            actors.push(access::authenticate(&house.app, &key).await.unwrap());
        }
        let [preparer, approver, releaser, treasury] = actors.try_into().unwrap();
        let office = Self {
            house,
            preparer,
            approver,
            releaser,
            treasury,
        };
        office.take_over(people).await;
        office
    }

    pub(super) fn app(&self) -> &App {
        &self.house.app
    }

    async fn take_over(&self, people: Vec<Value>) {
        let (app, founder) = (self.app(), Actor::system("tests"));
        let money = json!({"code": "social_assistance", "fiscal_year": 2024, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(app, of(money)).await;
        let report = bulk::import(app, &founder, of(json!({"opening": true, "persons": people})))
            .await
            .unwrap();
        assert_eq!(report.rows, []);
        installation::set_first_month(app, month("2024-09")).await.unwrap();
        let early = json!({"kind": "pay_early", "cover_months": ["2024-10", "2024-11"], "reason": "kiểm thử"});
        decides_day(app, "2024-09-30", of(early)).await;
        let parameters = Parameters {
            release: law::latest(app).await.unwrap(),
            opening: true,
        };
        app.db
            .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await)
            .await
            .unwrap();
        self.work().await;
    }

    /// Does what is queued.
    pub(super) async fn work(&self) {
        job::drain(self.app(), job::KINDS).await.unwrap();
    }

    /// The regular run of a month, submitted.
    pub(super) async fn submitted(&self, cover: &str) -> PayRunView {
        let command = CreatePayRun::regular(month(cover), month(cover).first_day().max(self.app().clock.today()));
        let run = pay_run::create(self.app(), &self.preparer, command).await.unwrap();
        self.work().await;
        let run = pay_run::get(self.app(), &self.preparer, run.id).await.unwrap();
        pay_run::submit(self.app(), &self.preparer, run.id, run.version)
            .await
            .unwrap()
    }

    /// Approves a run.
    pub(super) async fn approve(&self, run: &PayRunView) -> Result<PayRunView, Error> {
        pay_run::approve(self.app(), &self.approver, run.id, run.version).await
    }

    /// The regular run of a month, released, with its files.
    pub(super) async fn pay(&self, cover: &str) -> Uuid {
        let run = self.submitted(cover).await;
        let run = self.approve(&run).await.unwrap();
        pay_run::release(self.app(), &self.releaser, run.id, run.version)
            .await
            .unwrap();
        self.work().await;
        run.id
    }

    /// The files of a run.
    pub(super) async fn files(&self, run: Uuid) -> Vec<FileView> {
        payment_file::list(self.app(), &self.treasury, run).await.unwrap()
    }

    /// The file of this name, and its bytes.
    pub(super) async fn file(&self, run: Uuid, name: &str) -> (FileView, Vec<u8>) {
        let files = self.files(run).await;
        let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let file = files
            .iter()
            .find(|file| file.name == name)
            .unwrap_or_else(|| panic!("{name} in {names:?}"));
        let (_, bytes) = payment_file::content(self.app(), &self.treasury, file.id)
            .await
            .unwrap();
        (file.clone(), bytes)
    }

    /// The orders of a run to a bank, by account.
    pub(super) async fn orders(&self, run: Uuid, bank: &str) -> Vec<OrderView> {
        let page = payment_order::list(self.app(), &self.treasury, run, Some(200), None)
            .await
            .unwrap();
        let mut orders: Vec<OrderView> = page
            .items
            .into_iter()
            .filter(|order| order.bank_code.as_deref() == Some(bank))
            .collect();
        orders.sort_by(|a, b| a.account_number.cmp(&b.account_number));
        orders
    }

    /// Brings an answer and lets it be reconciled.
    pub(super) async fn bring(&self, bytes: Vec<u8>, reading: Reading) -> Result<BankReportView, Error> {
        let report = bank_report::upload_as(self.app(), &self.treasury, "answer", bytes, reading).await?;
        self.work().await;
        bank_report::get(self.app(), &self.treasury, report.id).await
    }

    /// The lines of a report, as they came out.
    pub(super) async fn lines(&self, report: Uuid) -> Vec<ReportLineView> {
        let page = bank_report::lines(self.app(), &self.treasury, report, None, Some(200), None)
            .await
            .unwrap();
        page.items
    }

    /// Everything still ties together, files included.
    pub(super) async fn ties(&self) {
        for check in verify::all(self.app()).await.unwrap() {
            assert!(check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}

/// Somebody severely disabled with an account.
pub(super) fn disabled(id: u128, (bank, account): (&str, &str)) -> Value {
    json!({
        "id": Uuid::from_u128(id),
        "person": {
            "full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
            "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20"}],
        },
        "decisions": [{"benefit": "monthly_allowance", "number": "12/QĐ", "signed_on": "2022-06-05"}],
        "payees": [{"relation": "oneself", "from": "2022-06-05", "account": {"channel": "bank_transfer",
            "bank_code": bank, "account_number": account, "holder_name": "Phạm Thị Lan"}}],
    })
}

/// An answer to an order, in the words of its bank.
pub(super) fn answer(order: &OrderView, status: &str, reason: Option<&str>) -> Answer {
    Answer {
        reference: order.reference.clone(),
        uetr: None,
        amount: Vnd::new(order.amount).unwrap(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        account: Some(order.account_number.clone()),
        bank_reference: None,
    }
}

/// The code of a value of a closed set.
pub(super) fn code(value: &impl serde::Serialize) -> String {
    json!(value).as_str().unwrap().to_owned()
}

fn month(text: &str) -> Month {
    text.parse().unwrap()
}
