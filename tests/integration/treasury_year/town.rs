//! A town of a synthetic province, its officers, and the bank that pays its people.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use domain::bank::{BankProfile, BankProfiles};
use domain::bank_simulator::{AnswerFile, BankFile, BankOrder, Behaviour, Receipt, Simulator, TableHead};
use domain::{Month, Vnd, province};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::bank_profile::ProposeProfile;
use service::bank_report::{BankReportView, Reading, ReadingMode};
use service::fund::{self, OpenFund};
use service::job::{self, JobState};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::payment_file::{FileView, SignatureView};
use service::payment_order::{self, OrderView};
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::proposal::{DecideProposal, Decision};
use service::reassessment::{self, Parameters};
use service::{Actor, App, Code, Error, Role, bank_profile, bank_report, installation, law, payment_file};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::harness::opens_fund;

/// Who works in the town.
#[derive(Clone, Debug)]
pub(crate) struct Officers {
    pub(crate) preparer: Actor,
    pub(crate) approver: Actor,
    /// Another approver, where an amount asks for two.
    pub(crate) second: Actor,
    pub(crate) releaser: Actor,
    pub(crate) treasury: Actor,
    pub(crate) caseworker: Actor,
    pub(crate) decider: Actor,
    /// Who resolves what is appealed against that decision.
    pub(super) reviewer: Actor,
    /// Who verifies what communes ask for after a storm.
    pub(crate) verifier: Actor,
    /// Who keep the profiles of banks.
    pub(crate) keepers: [Actor; 2],
}

/// The town and its bank.
pub(crate) struct Town {
    pub(crate) app: App,
    pub(crate) officers: Officers,
    pub(crate) bank: Simulator,
    /// Answers that were brought in, by name.
    pub(crate) brought: BTreeSet<String>,
    /// SHA-256 of every file as it was first fetched.
    pub(crate) fetched: BTreeMap<Uuid, String>,
    /// The signature over every file as it was first asked for.
    pub(super) signed: BTreeMap<Uuid, SignatureView>,
}

/// What the fund of a year holds for monthly benefits, đồng.
const BENEFITS: i64 = 3_000_000_000;
/// What the fund for emergency relief holds, đồng.
const RELIEF: i64 = 1_000_000_000;
/// What the fund of donations holds, from which programs may be paid, đồng.
const DONATED: i64 = 500_000_000;
/// Its code.
pub(super) const DONATIONS: &str = "donations";
/// How the name of a report begins that is read as another bank's.
pub(super) const MISREAD: &str = "misread-";
/// What the funds of the town hold together, đồng.
pub(crate) const FUNDS: i64 = 3 * BENEFITS + RELIEF + DONATED;

impl Officers {
    async fn hire(app: &App) -> Self {
        Self {
            preparer: officer(app, Role::Preparer).await,
            approver: officer(app, Role::Approver).await,
            second: officer(app, Role::Approver).await,
            releaser: officer(app, Role::Releaser).await,
            treasury: officer(app, Role::Treasury).await,
            caseworker: officer(app, Role::Caseworker).await,
            decider: officer(app, Role::DecisionMaker).await,
            reviewer: officer(app, Role::DecisionMaker).await,
            verifier: officer(app, Role::ReliefVerifier).await,
            keepers: [
                officer(app, Role::Administrator).await,
                officer(app, Role::Administrator).await,
            ],
        }
    }
}

async fn officer(app: &App, role: Role) -> Actor {
    let founder = Actor::system("tests");
    let name = format!("Cán bộ {}", role.code());
    let user = access::create_user(
        app,
        &founder,
        CreateUser {
            name: name.clone(),
            staff_number: None,
        },
    )
    .await
    .unwrap();
    let client = CreateClient {
        name,
        user_id: Some(user.id),
        grants: vec![NewGrant { role, area_id: None }],
    };
    let key = access::create_client(app, &founder, client).await.unwrap().key;
    access::authenticate(app, &key).await.unwrap()
}

impl Town {
    /// So many people taken over on 20/8/2024, September to be paid first.
    pub(crate) async fn open(app: &App, people: usize, behaviour: Behaviour) -> Self {
        Self::open_with(app, people, Vec::new(), behaviour).await
    }

    /// The same, with these people beside them.
    pub(super) async fn open_with(app: &App, people: usize, more: Vec<Value>, behaviour: Behaviour) -> Self {
        let officers = Officers::hire(app).await;
        take_over(app, people, more).await;
        let town = Self::with(app.clone(), officers, behaviour);
        town.drain().await;
        town
    }

    /// A town that is there already, with a bank that knows nothing of it.
    pub(crate) fn with(app: App, officers: Officers, behaviour: Behaviour) -> Self {
        Self {
            app,
            officers,
            bank: Simulator::new(behaviour).unwrap(),
            brought: BTreeSet::new(),
            fetched: BTreeMap::new(),
            signed: BTreeMap::new(),
        }
    }

    /// Every job that is due has run, and none has failed.
    pub(crate) async fn drain(&self) {
        job::drain(&self.app, job::KINDS).await.unwrap();
        let counts = job::open_counts(&self.app).await.unwrap();
        let of = |wanted: JobState| -> i64 {
            let own = counts.iter().filter(|((_, state), _)| *state == wanted);
            own.map(|(_, count)| count).sum()
        };
        if of(JobState::Dead) > 0 {
            let sql = "SELECT kind || ': ' || COALESCE(last_error, '') AS told FROM job WHERE status = 'dead'";
            let rows = self.rows(sql).await;
            let told: Vec<String> = rows.iter().map(|row| row.try_get("", "told").unwrap()).collect();
            panic!("jobs are dead: {told:#?}");
        }
    }

    /// The clock stands at nine in the morning of a day.
    pub(crate) async fn morning(&self, day: NaiveDate) {
        let now = day.and_hms_opt(2, 0, 0).unwrap().and_utc();
        self.app.set_clock(now).await.unwrap();
    }

    /// Opens the regular run of a month.
    pub(crate) async fn create(&self, month: Month) -> Result<PayRunView, Error> {
        let command = CreatePayRun::regular(
            month,
            month.first_day().with_day(5).unwrap().max(self.app.clock.today()),
        );
        pay_run::create(&self.app, &self.officers.preparer, command).await
    }

    /// A run as it stands.
    pub(crate) async fn run(&self, id: Uuid) -> PayRunView {
        pay_run::get(&self.app, &self.officers.preparer, id).await.unwrap()
    }

    /// Submits, approves and releases a built run; its files are written.
    pub(crate) async fn sign(&self, id: Uuid) {
        let Officers {
            preparer,
            approver,
            releaser,
            ..
        } = &self.officers;
        let version = async || self.run(id).await.version;
        pay_run::submit(&self.app, preparer, id, version().await).await.unwrap();
        pay_run::approve(&self.app, approver, id, version().await)
            .await
            .unwrap();
        pay_run::release(&self.app, releaser, id, version().await)
            .await
            .unwrap();
        self.drain().await;
    }

    /// The files of a run that go to banks and the post office, built.
    pub(crate) async fn files(&self, run: Uuid) -> Vec<FileView> {
        let files = payment_file::list(&self.app, &self.officers.treasury, run)
            .await
            .unwrap();
        let ours = |file: &FileView| matches!(file.kind.code().as_str(), "pain001" | "payment_table" | "post_list");
        files
            .into_iter()
            .filter(|file| ours(file) && file.sha256.is_some())
            .collect()
    }

    /// Fetches a file: its bytes are those of the first time. Gives their SHA-256 too.
    pub(super) async fn fetch(&mut self, file: &FileView) -> Result<(Vec<u8>, String), Error> {
        let (_, bytes) = payment_file::content(&self.app, &self.officers.treasury, file.id).await?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        assert_eq!(Some(&sha256), file.sha256.as_ref(), "{}", file.name);
        let first = self.fetched.entry(file.id).or_insert_with(|| sha256.clone());
        assert_eq!(*first, sha256, "{} is no longer what it was", file.name);
        Ok((bytes, sha256))
    }

    /// Fetches a file, gives it to the bank, and acknowledges it.
    pub(crate) async fn deliver(&mut self, file: &FileView) -> Result<Receipt, Error> {
        let treasury = self.officers.treasury.clone();
        let (bytes, sha256) = self.fetch(file).await?;
        let read = match (file.bank_code.as_deref(), file.kind.code().as_str()) {
            (Some(bank), "payment_table") => self.table(file, bank, &bytes).await?,
            (Some(_), _) => BankFile::read(&bytes).unwrap(),
            (None, _) => self.cash(file).await?,
        };
        let today = self.app.clock.today();
        let receipt = self.bank.receive(read, today);
        let now = payment_file::get(&self.app, &treasury, file.id).await?;
        if now.status.code() != "acknowledged" {
            payment_file::acknowledge(&self.app, &treasury, now.id, now.version, &sha256).await?;
        }
        Ok(receipt)
    }

    /// A table as its bank reads it, by the profile it was agreed on.
    async fn table(&self, file: &FileView, bank: &str, bytes: &[u8]) -> Result<BankFile, Error> {
        let view = bank_profile::get(&self.app, &self.officers.treasury, bank).await?;
        let profile: BankProfile = serde_json::from_value(view.profile).unwrap();
        let manifest = payment_file::manifest(&self.app, &self.officers.treasury, file.id).await?;
        let head = TableHead {
            id: manifest.message_id.unwrap(),
            execution_date: manifest.execution_date,
        };
        Ok(BankFile::read_table(bytes, head, &profile).unwrap())
    }

    /// From now on a bank takes and answers with tables in the layout of another.
    pub(crate) async fn takes_tables(&self, bank: &str, like: &str) {
        let (one, other) = (
            officer(&self.app, Role::Administrator).await,
            officer(&self.app, Role::Administrator).await,
        );
        let layout = BankProfiles::embedded().unwrap().of(like).clone();
        let proposal = ProposeProfile {
            profile: serde_json::to_value(&layout).unwrap(),
            note: "theo công văn của ngân hàng".to_owned(),
        };
        let proposed = bank_profile::propose(&self.app, &one, bank, 0, proposal).await.unwrap();
        let decision = DecideProposal {
            proposal_id: proposed.id,
            decision: Decision::Accept,
            note: "đã đối chiếu".to_owned(),
        };
        bank_profile::decide(&self.app, &other, proposed.id, proposed.version, decision)
            .await
            .unwrap();
    }

    /// The cash list as the post office reads it.
    async fn cash(&self, file: &FileView) -> Result<BankFile, Error> {
        let run = self.run(file.pay_run_id).await;
        let of_file = self
            .orders(file.pay_run_id)
            .await?
            .into_iter()
            .filter(|order| order.file_id == Some(file.id));
        let orders = of_file.map(|order| BankOrder {
            reference: order.reference,
            uetr: None,
            amount: Vnd::new(order.amount).unwrap(),
            account: None,
        });
        Ok(BankFile::cash(
            format!("CASH-{}", file.id.simple()),
            run.pay_date,
            orders.collect(),
        ))
    }

    /// Every order of a run.
    pub(crate) async fn orders(&self, run: Uuid) -> Result<Vec<OrderView>, Error> {
        let (mut orders, mut cursor) = (Vec::new(), None);
        loop {
            let page =
                payment_order::list(&self.app, &self.officers.treasury, run, Some(200), cursor.as_deref()).await?;
            orders.extend(page.items);
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(orders),
            }
        }
    }

    /// The answers due until a day that were not brought in yet.
    pub(crate) fn waiting(&self, until: NaiveDate) -> Vec<AnswerFile> {
        let mut answers = self.bank.answers_between(NaiveDate::MIN, until);
        answers.retain(|answer| !self.brought.contains(&answer.name));
        answers
    }

    /// Brings an answer in: strictly, unless the bank is one whose files differ from what they should be.
    pub(crate) async fn bring(&mut self, answer: &AnswerFile) -> Result<(), Error> {
        let odd = self.bank.behaviour().namespace_variants > 0;
        let reading = Reading {
            mode: odd.then_some(ReadingMode::Lenient),
            bank: None,
        };
        let (treasury, bytes) = (&self.officers.treasury, answer.bytes.clone());
        let report = bank_report::upload_as(&self.app, treasury, &answer.name, bytes, reading).await?;
        self.is_brought(answer, &report);
        Ok(())
    }

    /// An answer was brought in; not where it is still there as another bank's.
    pub(super) fn is_brought(&mut self, answer: &AnswerFile, report: &BankReportView) {
        if !report.file_name.starts_with(MISREAD) {
            self.brought.insert(answer.name.clone());
        }
    }

    /// The rows of a query.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let conn = self.app.db.owner();
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        conn.query_all_raw(statement)
            .await
            .unwrap_or_else(|error| panic!("{error} in {sql}"))
    }

    /// The one number of a query whose column is `number`, 0 where there is none.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.rows(sql).await;
        rows[0].try_get::<Option<i64>>("", "number").unwrap().unwrap_or(0)
    }
}

async fn take_over(app: &App, people: usize, more: Vec<Value>) {
    let founder = Actor::system("tests");
    let persons = province::generate(people, 7).map(|own| synthetic::new_person(&own).unwrap());
    let more = more.into_iter().map(|own| serde_json::from_value(own).unwrap());
    let command = ImportPersons {
        opening: true,
        persons: persons.chain(more).collect(),
    };
    let report = bulk::import(app, &founder, command).await.unwrap();
    assert!(report.rows.is_empty(), "{:?}", report.rows);
    let own = [2023, 2024, 2025].map(|year| ("social_assistance", year, BENEFITS));
    let others = [("emergency_relief", 2024, RELIEF), (DONATIONS, 2024, DONATED)];
    let all = own.into_iter().chain(others);
    for (code, fiscal_year, amount) in all {
        let open = OpenFund {
            code: code.to_owned(),
            fiscal_year,
            source: fund::provincial(),
            name: format!("Trợ giúp xã hội {fiscal_year}"),
            amount: Vnd::new(amount).unwrap(),
        };
        opens_fund(app, open).await;
    }
    installation::set_first_month(app, "2024-09".parse().unwrap())
        .await
        .unwrap();
    let parameters = Parameters {
        release: law::latest(app).await.unwrap(),
        opening: true,
    };
    app.db
        .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await)
        .await
        .unwrap();
}
