//! An installation for the tests, and what they ask of it.

use chrono::{NaiveDate, TimeZone, Utc};
use domain::Vnd;
use domain::bank_report::synthetic::{Answer, AnswerHeader, write_camt054, write_pain002};
use entity::enums::*;
use entity::{
    entitlement, instrument, pay_run, payee_account, payment_file, payment_line, payment_order, payment_order_history,
    person, release,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use service::access::{CreateClient, CreateUser, NewGrant};
use service::bank_report::BankReportView;
use service::fund::{FundView, OpenFund, ProposeFund};
use service::installation::{FirstStart, Opening, open};
use service::proposal::{DecideProposal, Decision};
use service::reconciliation::{SuspenseLineView, suspense};
use service::{Actor, App, Code, Error, Role, access, fund, law, reference, treasury_proposal, verify};
use std::collections::BTreeMap;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const AMOUNT: i64 = 16_777_217;

pub(crate) struct House {
    pub(crate) app: App,
    pub(crate) preparer: Actor,
    pub(crate) approver: Actor,
    pub(crate) releaser: Actor,
    pub(crate) treasury: Actor,
    _folder: TempDir,
}

pub(crate) async fn house() -> House {
    let folder = TempDir::new().unwrap();
    let first = FirstStart {
        now: Utc.with_ymd_and_hms(2024, 8, 20, 2, 0, 0).unwrap(),
        secret: vec![7; 32],
        seed: 1,
    };
    let opening = Opening {
        database_url: None,
        folder: folder.path(),
        sandbox: true,
        first_start: Some(first),
    };
    let app = open(opening).await.unwrap();
    reference::seed(&app).await.unwrap();
    let preparer = actor(&app, "Lập", Role::Preparer).await;
    let approver = actor(&app, "Duyệt", Role::Approver).await;
    for fiscal_year in [2023, 2024] {
        let fund = OpenFund {
            code: "social_assistance".into(),
            fiscal_year,
            source: FundSource::Provincial,
            name: "Trợ cấp xã hội".into(),
            amount: Vnd::new(1_000_000_000_000).unwrap(),
        };
        let note = "kiểm thử".to_owned();
        let command = ProposeFund {
            fund,
            note: note.clone(),
        };
        let proposed = fund::propose_opening(&app, &preparer, command).await.unwrap();
        let accept = DecideProposal {
            proposal_id: proposed.id,
            decision: Decision::Accept,
            note,
        };
        treasury_proposal::decide(&app, &approver, proposed.id, proposed.version, accept)
            .await
            .unwrap();
    }
    House {
        approver,
        releaser: actor(&app, "Chuyển", Role::Releaser).await,
        treasury: actor(&app, "Kho bạc", Role::Treasury).await,
        preparer,
        app,
        _folder: folder,
    }
}

pub(crate) async fn actor(app: &App, name: &str, role: Role) -> Actor {
    let installer = Actor::system("test");
    let command = CreateUser {
        name: name.into(),
        staff_number: None,
    };
    let user = access::create_user(app, &installer, command).await.unwrap();
    let command = CreateClient {
        name: name.into(),
        user_id: Some(user.id),
        grants: vec![NewGrant { role, area_id: None }],
    };
    let created = access::create_client(app, &installer, command).await.unwrap();
    access::authenticate(app, &created.key).await.unwrap()
}

pub(crate) async fn some_release(app: &App) -> i32 {
    let number = law::latest(app).await.unwrap();
    let conn = app.db.read();
    if release::Entity::find_by_id(number).one(conn).await.unwrap().is_none() {
        let at = app.clock.now();
        let drafted = instrument::Model {
            id: Uuid::from_u128(9),
            number: "1/2024/NQ-HĐND".into(),
            title: "Nghị quyết".into(),
            issuer: Issuer::Provincial,
            issued_on: day("2024-01-01"),
            in_force_from: day("2024-01-01"),
            status: InstrumentStatus::Draft,
            body: json!({}),
            body_hash: String::new(),
            revision: 1,
            version: 1,
            catalogue_order: None,
            release_number: None,
            drafted_by: None,
            created_at: at,
            updated_at: at,
            text_sha256: None,
            corrects: None,
            correction_reason: None,
            signed_digest: None,
            base_release: None,
            corrected_hash: None,
        };
        let published = release::Model {
            number,
            instrument_id: drafted.id,
            published_at: at,
            published_by: None,
            reach_back_month: 202_401,
            digest: String::new(),
        };
        let write = app.db.write(async |txn| {
            txn.insert_all::<instrument::Entity>(vec![drafted]).await?;
            txn.insert_all::<release::Entity>(vec![published]).await
        });
        write.await.unwrap();
    }
    number
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn person_row(app: &App, number: u128) -> person::Model {
    person::Model {
        id: Uuid::from_u128(0x1000 + number),
        citizen_id: None,
        full_name: format!("Nguyễn Văn {number}"),
        search_key: format!("nguyen van {number}"),
        birth_date: day("1950-01-01"),
        birth_year_only: false,
        sex: Sex::Male,
        death_date: None,
        area_id: "06652@1900-01".into(),
        protected: false,
        evidence_rev: 1,
        version: 1,
        created_at: app.clock.now(),
    }
}

pub(crate) fn account_row(app: &App, number: u128, channel: Channel) -> payee_account::Model {
    let bank = channel == Channel::BankTransfer;
    let account_number = format!("10{number:08}");
    payee_account::Model {
        id: Uuid::from_u128(0x3000 + number),
        channel,
        bank_code: bank.then(|| "AGRIBANK".to_owned()),
        account_key: format!("{}:{account_number}", if bank { "970405" } else { "post" }),
        account_number,
        holder_name: format!("Nguyễn Văn {number}"),
        holder_citizen_id: None,
        post_office: None,
        version: 1,
        created_at: app.clock.now(),
    }
}

impl House {
    /// A released run for people of a channel: each has an order of two lines, of the month and of December before.
    pub(crate) async fn released(&self, kind: PayRunKind, month: i32, channel: Channel, people: u128) -> Uuid {
        let app = &self.app;
        let release = some_release(app).await;
        let id = app.ids.next();
        let line_kind = |kind| {
            if kind == PayRunKind::Reissue {
                LineKind::Reissue
            } else {
                LineKind::Regular
            }
        };
        let mut lines = Vec::new();
        for number in 0..people {
            // As lines are written: one order for everybody on an account.
            let account = Uuid::from_u128(0x3000 + number);
            let key = format!("{}:{month}:1:{}", kind.code(), account.simple());
            let order_id = Some(domain::ids::uuid8(app.secret.ids(), "payment_order", &key));
            for cover_month in [month, 202_312] {
                lines.push(payment_line::Model {
                    id: app.ids.next(),
                    pay_run_id: id,
                    entitlement_id: Uuid::from_u128(0x2000 + number),
                    person_id: Uuid::from_u128(0x1000 + number),
                    component: "community".into(),
                    kind: line_kind(kind),
                    cover_month,
                    sequence: if kind == PayRunKind::Reissue { 2 } else { 1 },
                    group_code: "elderly_80".into(),
                    amount: AMOUNT,
                    provision: "20/2021/NĐ-CP, Điều 6".into(),
                    determination_id: None,
                    payee_account_id: account,
                    area_id: "06652@1900-01".into(),
                    order_id,
                    status: LineStatus::Draft,
                    fiscal_year: None,
                });
            }
        }
        let run = pay_run::Model {
            id,
            kind,
            cover_month: month,
            sequence: 1,
            pay_date: day("2024-09-05"),
            release_number: release,
            evidence_watermark: 0,
            status: PayRunStatus::Draft,
            build: Build::Done,
            revision: 1,
            line_count: i64::try_from(lines.len()).unwrap(),
            total: lines.iter().map(|line| line.amount).sum(),
            digest: None,
            made_by: None,
            submitted_at: None,
            approved_at: None,
            released_at: None,
            relief_event_id: None,
            fund_id: None,
            version: 1,
            created_at: app.clock.now(),
            deducted: 0,
            build_revision: 1,
            approvals: 1,
            approval_role: "approver".to_owned(),
            areas: None,
            channel: None,
            rejected_reason: None,
            execution_date: None,
            fund_code: "social_assistance".to_owned(),
            benefits: None,
        };
        let first = person::Entity::find_by_id(Uuid::from_u128(0x1000))
            .one(app.db.read())
            .await
            .unwrap()
            .is_none();
        let write = app.db.write(async |txn| {
            if first {
                let people_rows = (0..people).map(|number| person_row(app, number)).collect();
                let accounts = (0..people).map(|number| account_row(app, number, channel)).collect();
                let rights = (0..people).map(|number| entitlement::Model {
                    id: Uuid::from_u128(0x2000 + number),
                    person_id: Uuid::from_u128(0x1000 + number),
                    benefit: "monthly_assistance".into(),
                });
                txn.insert_all::<person::Entity>(people_rows).await?;
                txn.insert_all::<payee_account::Entity>(accounts).await?;
                txn.insert_all::<entitlement::Entity>(rights.collect()).await?;
            }
            txn.insert_all::<pay_run::Entity>(vec![run]).await?;
            txn.insert_all::<payment_line::Entity>(lines).await
        });
        write.await.unwrap();
        service::pay_run::submit(app, &self.preparer, id, 1).await.unwrap();
        service::pay_run::approve(app, &self.approver, id, 2).await.unwrap();
        service::pay_run::release(app, &self.releaser, id, 3).await.unwrap();
        id
    }

    pub(crate) async fn orders(&self, run: Uuid) -> Vec<payment_order::Model> {
        payment_order::Entity::find()
            .filter(payment_order::Column::PayRunId.eq(run))
            .order_by_asc(payment_order::Column::Reference)
            .all(self.app.db.read())
            .await
            .unwrap()
    }

    pub(crate) async fn file_of(&self, run: Uuid) -> payment_file::Model {
        payment_file::Entity::find()
            .filter(payment_file::Column::PayRunId.eq(run))
            .filter(payment_file::Column::Kind.eq(FileKind::Pain001))
            .one(self.app.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn bring(&self, bytes: Vec<u8>) -> BankReportView {
        let report = self.upload(bytes).await.unwrap();
        service::job::drain(&self.app, service::job::KINDS).await.unwrap();
        service::bank_report::get(&self.app, &self.treasury, report.id)
            .await
            .unwrap()
    }

    pub(crate) async fn upload(&self, bytes: Vec<u8>) -> Result<BankReportView, Error> {
        service::bank_report::upload(&self.app, &self.treasury, "answer.xml", bytes).await
    }

    pub(crate) async fn fund(&self, year: i32) -> FundView {
        let funds = fund::list(&self.app, &self.preparer).await.unwrap();
        funds.into_iter().find(|fund| fund.fiscal_year == year).unwrap()
    }

    pub(crate) async fn status(&self, run: Uuid) -> PayRunStatus {
        pay_run::Entity::find_by_id(run)
            .one(self.app.db.read())
            .await
            .unwrap()
            .unwrap()
            .status
    }

    pub(crate) async fn waiting(&self) -> Vec<SuspenseLineView> {
        suspense(&self.app, &self.treasury, None, None).await.unwrap().items
    }

    pub(crate) async fn events(&self) -> u64 {
        payment_order_history::Entity::find()
            .count(self.app.db.read())
            .await
            .unwrap()
    }

    /// Everything that the answers touched still ties together.
    pub(crate) async fn ties(&self) {
        for check in verify::all(&self.app).await.unwrap() {
            let rights = check.name.starts_with("rights") || check.name.starts_with("determinations");
            assert!(rights || check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}

pub(crate) fn answer(order: &payment_order::Model, status: &str, reason: Option<&str>) -> Answer {
    Answer {
        reference: order.reference.clone(),
        uetr: Some(order.uetr),
        amount: Vnd::new(order.amount).unwrap(),
        status: status.into(),
        reason: reason.map(str::to_owned),
        account: Some(order.account_number.clone()),
        bank_reference: Some(format!("FT{}", order.account_number)),
    }
}

pub(crate) fn header(message_id: &str) -> AnswerHeader {
    AnswerHeader {
        message_id: message_id.into(),
        created_at: Utc.with_ymd_and_hms(2024, 9, 18, 2, 0, 0).unwrap(),
        original_message_id: "M1".into(),
        original_message: "pain.001.001.09".into(),
        payment_information_id: "P1".into(),
        group_status: None,
        account: "1002".into(),
        one_debit: false,
    }
}

pub(crate) fn pain002(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

pub(crate) fn camt054(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_camt054(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

pub(crate) fn findings(lines: &[SuspenseLineView]) -> BTreeMap<String, LineOutcome> {
    let each = lines
        .iter()
        .map(|own| (own.line.finding.clone().unwrap(), own.line.outcome));
    each.collect()
}

pub(crate) fn statuses(orders: &[payment_order::Model]) -> Vec<OrderStatus> {
    orders.iter().map(|order| order.status).collect()
}
