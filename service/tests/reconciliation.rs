//! Bank answers as the treasury brings them: nothing is lost, nothing counts twice, and one bad line stops no other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeZone, Utc};
use domain::Vnd;
use domain::bank_report::synthetic::{Answer, AnswerHeader, write_camt054, write_pain002, write_post_results};
use entity::enums::*;
use entity::{
    bank_report, entitlement, instrument, job, pay_run, payee_account, payment_file, payment_line, payment_order,
    payment_order_event, person, release,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;
use service::access::{CreateClient, CreateUser, NewGrant};
use service::bank_report::BankReportView;
use service::fund::{FundView, OpenFund};
use service::installation::{FirstStart, Opening, open};
use service::reconciliation::{ResolveLine, SuspenseLineView, resolve, suspense};
use service::{Actor, App, Error, ProblemCode, Role, access, fund, law, reference, verify};
use tempfile::TempDir;
use uuid::Uuid;

const AMOUNT: i64 = 16_777_217;

struct House {
    app: App,
    preparer: Actor,
    approver: Actor,
    releaser: Actor,
    treasury: Actor,
    _folder: TempDir,
}

async fn house() -> House {
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
    for fiscal_year in [2023, 2024] {
        let command = OpenFund {
            code: "social_assistance".into(),
            fiscal_year,
            source: FundSource::Provincial,
            name: "Trợ cấp xã hội".into(),
            amount: Vnd::new(1_000_000_000_000).unwrap(),
        };
        fund::open(&app, &preparer, command).await.unwrap();
    }
    House {
        approver: actor(&app, "Duyệt", Role::Approver).await,
        releaser: actor(&app, "Chuyển", Role::Releaser).await,
        treasury: actor(&app, "Kho bạc", Role::Treasury).await,
        preparer,
        app,
        _folder: folder,
    }
}

async fn actor(app: &App, name: &str, role: Role) -> Actor {
    let installer = Actor::system("test");
    let user = access::create_user(app, &installer, CreateUser { name: name.into() })
        .await
        .unwrap();
    let command = CreateClient {
        name: name.into(),
        user_id: Some(user.id),
        grants: vec![NewGrant { role, area_id: None }],
    };
    let created = access::create_client(app, &installer, command).await.unwrap();
    access::authenticate(app, &created.key).await.unwrap()
}

async fn some_release(app: &App) -> i32 {
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

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn person_row(app: &App, number: u128) -> person::Model {
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

fn account_row(app: &App, number: u128, channel: Channel) -> payee_account::Model {
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
    async fn released(&self, kind: PayRunKind, month: i32, channel: Channel, people: u128) -> Uuid {
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
            let order_id = Some(app.ids.next());
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
                    payee_account_id: Uuid::from_u128(0x3000 + number),
                    area_id: "06652@1900-01".into(),
                    order_id,
                    status: LineStatus::Draft,
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

    async fn orders(&self, run: Uuid) -> Vec<payment_order::Model> {
        payment_order::Entity::find()
            .filter(payment_order::Column::PayRunId.eq(run))
            .order_by_asc(payment_order::Column::Reference)
            .all(self.app.db.read())
            .await
            .unwrap()
    }

    async fn file_of(&self, run: Uuid) -> payment_file::Model {
        payment_file::Entity::find()
            .filter(payment_file::Column::PayRunId.eq(run))
            .filter(payment_file::Column::Kind.eq(FileKind::Pain001))
            .one(self.app.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    async fn bring(&self, bytes: Vec<u8>) -> BankReportView {
        let report = self.upload(bytes).await.unwrap();
        service::job::drain(&self.app, service::job::KINDS).await.unwrap();
        service::bank_report::get(&self.app, &self.treasury, report.id)
            .await
            .unwrap()
    }

    async fn upload(&self, bytes: Vec<u8>) -> Result<BankReportView, Error> {
        service::bank_report::upload(&self.app, &self.treasury, "answer.xml", bytes).await
    }

    async fn fund(&self, year: i32) -> FundView {
        let funds = fund::list(&self.app, &self.preparer).await.unwrap();
        funds.into_iter().find(|fund| fund.fiscal_year == year).unwrap()
    }

    async fn status(&self, run: Uuid) -> PayRunStatus {
        pay_run::Entity::find_by_id(run)
            .one(self.app.db.read())
            .await
            .unwrap()
            .unwrap()
            .status
    }

    async fn waiting(&self) -> Vec<SuspenseLineView> {
        suspense(&self.app, &self.treasury, None, None).await.unwrap().items
    }

    async fn events(&self) -> u64 {
        payment_order_event::Entity::find()
            .count(self.app.db.read())
            .await
            .unwrap()
    }

    /// Everything that the answers touched still ties together.
    async fn ties(&self) {
        for check in verify::all(&self.app).await.unwrap() {
            let rights = check.name.starts_with("rights") || check.name.starts_with("determinations");
            assert!(rights || check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}

fn answer(order: &payment_order::Model, status: &str, reason: Option<&str>) -> Answer {
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

fn header(message_id: &str) -> AnswerHeader {
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

fn pain002(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

fn camt054(message_id: &str, answers: &[Answer]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_camt054(&mut bytes, &header(message_id), answers).unwrap();
    bytes
}

fn findings(lines: &[SuspenseLineView]) -> BTreeMap<String, LineOutcome> {
    let each = lines
        .iter()
        .map(|own| (own.line.finding.clone().unwrap(), own.line.outcome));
    each.collect()
}

fn statuses(orders: &[payment_order::Model]) -> Vec<OrderStatus> {
    orders.iter().map(|order| order.status).collect()
}

#[tokio::test]
async fn an_unknown_reference_a_wrong_amount_a_duplicate_and_a_return_stop_no_other_line() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 6)
        .await;
    let orders = house.orders(run).await;
    let mut answers: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    answers[0].amount = Vnd::new(orders[0].amount - 1).unwrap();
    answers.push(Answer {
        reference: "NOBODY".into(),
        uetr: None,
        ..answers[1].clone()
    });
    answers.push(answers[2].clone());
    let first = house.bring(pain002("A1", &answers)).await;
    assert_eq!(
        (first.status, first.line_count, first.matched, first.suspense),
        (ReportStatus::Reconciled, 8, 5, 3)
    );
    house
        .bring(camt054("A2", &[answer(&orders[3], "BOOK", Some("AC04"))]))
        .await;

    use OrderStatus::{Extracted, Returned, Settled};
    let now = house.orders(run).await;
    assert_eq!(
        statuses(&now),
        [Extracted, Settled, Settled, Returned, Settled, Settled]
    );
    assert_eq!((now[3].reason.as_deref(), now[3].version), (Some("AC04"), 4));
    assert_eq!(now[1].bank_reference, Some(format!("FT{}", now[1].account_number)));
    let expected = [
        ("amount_differs", LineOutcome::AmountDiffers),
        ("duplicate_line", LineOutcome::Duplicate),
        ("unknown_reference", LineOutcome::UnknownReference),
    ];
    assert_eq!(
        findings(&house.waiting().await),
        expected.map(|(code, outcome)| (code.to_owned(), outcome)).into()
    );
    // The lines of an order are of two fiscal years, and each year's money moves in its own fund.
    for year in [2023, 2024] {
        let fund = house.fund(year).await;
        assert_eq!(
            (fund.in_transit, fund.paid, fund.to_reissue),
            (AMOUNT, 4 * AMOUNT, AMOUNT)
        );
    }
    assert_eq!(house.status(run).await, PayRunStatus::Settling);
    house.ties().await;

    house.bring(pain002("A3", &[answer(&orders[0], "ACCC", None)])).await;
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    // A return can come after the month is closed.
    house
        .bring(camt054("A4", &[answer(&orders[1], "BOOK", Some("AC06"))]))
        .await;
    assert_eq!(house.fund(2024).await.to_reissue, 2 * AMOUNT);
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;
}

#[tokio::test]
async fn the_same_file_twice_and_the_same_lines_in_another_order_change_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    let mut answers: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    answers[1].status = "RJCT".into();
    answers[1].reason = Some("AC01".into());
    let bytes = pain002("A1", &answers);
    let first = house.bring(bytes.clone()).await;
    let (events, fund) = (house.events().await, house.fund(2024).await);
    assert_eq!(house.upload(bytes).await.unwrap(), first);
    answers.reverse();
    let again = house.bring(pain002("A2", &answers)).await;
    assert_ne!(again.id, first.id);
    assert_eq!((again.matched, again.suspense), (3, 0));
    assert_eq!(house.events().await, events);
    assert_eq!(house.fund(2024).await.to_reissue, fund.to_reissue);
    assert_eq!(house.fund(2024).await.paid, 2 * AMOUNT);
    house.ties().await;
}

#[tokio::test]
async fn answers_out_of_order_end_in_the_same_state() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    let settled = |order| pain002(&format!("S{}", order == &orders[0]), &[answer(order, "ACSC", None)]);
    let returned = |order| {
        camt054(
            &format!("R{}", order == &orders[0]),
            &[answer(order, "BOOK", Some("AC04"))],
        )
    };
    house.bring(settled(&orders[0])).await;
    house.bring(returned(&orders[0])).await;
    house.bring(returned(&orders[1])).await;
    let late = house.bring(settled(&orders[1])).await;
    assert_eq!((late.matched, late.suspense), (1, 0));
    let now = house.orders(run).await;
    assert_eq!(statuses(&now), [OrderStatus::Returned, OrderStatus::Returned]);
    assert_eq!(
        (now[0].reason.as_deref(), now[1].reason.as_deref()),
        (Some("AC04"), Some("AC04"))
    );
    let fund = house.fund(2023).await;
    assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, 0, 2 * AMOUNT));
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;
}

#[tokio::test]
async fn a_refusal_after_the_debit_and_a_refusal_as_duplicate_move_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    house.bring(pain002("A1", &[answer(&orders[0], "ACSC", None)])).await;
    let refusals = [
        answer(&orders[0], "RJCT", Some("AC01")),
        answer(&orders[1], "RJCT", Some("DU04")),
        answer(&orders[2], "BLCK", None),
    ];
    house.bring(pain002("A2", &refusals)).await;
    use OrderStatus::{Extracted, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Settled, Extracted, Extracted]);
    let expected = [
        ("blocked", LineOutcome::Pending),
        ("duplicate_reason", LineOutcome::Duplicate),
        ("late_answer", LineOutcome::Late),
    ];
    assert_eq!(
        findings(&house.waiting().await),
        expected.map(|(code, outcome)| (code.to_owned(), outcome)).into()
    );
    assert_eq!(house.fund(2024).await.to_reissue, 0);
    house.ties().await;
}

#[tokio::test]
async fn a_truncated_or_foreign_file_stores_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    let whole = pain002(
        "A1",
        &[answer(&orders[0], "ACSC", None), answer(&orders[1], "ACSC", None)],
    );
    let files: [(Vec<u8>, &str); 4] = [
        (whole[..whole.len() - 40].to_vec(), "report_truncated"),
        (b"PK\x03\x04 no report".to_vec(), "report_not_recognised"),
        (Vec::new(), "report_empty"),
        (
            b"<Document xmlns=\"urn:x\"><Other/></Document>".to_vec(),
            "report_unknown_message",
        ),
    ];
    for (bytes, code) in files {
        let error = house.upload(bytes).await.unwrap_err();
        assert_eq!(error.code, ProblemCode::UnreadableBankFile);
        assert_eq!(error.fields[0].code, code);
    }
    let conn = house.app.db.read();
    assert_eq!(bank_report::Entity::find().count(conn).await.unwrap(), 0);
    let jobs = job::Entity::find().filter(job::Column::Kind.eq("reconcile_report"));
    assert_eq!(jobs.count(conn).await.unwrap(), 0);
    let refused = service::bank_report::upload(&house.app, &house.preparer, "a.xml", whole)
        .await
        .unwrap_err();
    assert_eq!(refused.code, ProblemCode::Forbidden);
}

#[tokio::test]
async fn cash_not_collected_is_paid_again_and_its_money_is_counted_once() {
    let house = house().await;
    let run = house.released(PayRunKind::Regular, 202_409, Channel::PostCash, 3).await;
    let orders = house.orders(run).await;
    let results = ["paid", "not_collected", "not_collected"];
    let answers: Vec<Answer> = orders
        .iter()
        .zip(results)
        .map(|(order, result)| answer(order, result, None))
        .collect();
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, day("2024-09-18"), &answers).unwrap();
    let report = house.bring(bytes).await;
    assert_eq!(
        (report.format, report.matched, report.suspense),
        (ReportFormat::PostResult, 3, 0)
    );
    let now = house.orders(run).await;
    assert_eq!(
        statuses(&now),
        [OrderStatus::Credited, OrderStatus::Returned, OrderStatus::Returned]
    );
    assert_eq!(now[1].reason.as_deref(), Some("not_collected"));
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;

    let before = house.fund(2024).await;
    house.released(PayRunKind::Reissue, 202_409, Channel::PostCash, 3).await;
    let after = house.fund(2024).await;
    assert_eq!((before.to_reissue, after.to_reissue), (2 * AMOUNT, 0));
    assert_eq!(after.available, before.available + 2 * AMOUNT - 3 * AMOUNT);
    house.ties().await;
}

#[tokio::test]
async fn what_a_report_says_of_a_whole_file_holds_for_each_order_it_does_not_list() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    let file = house.file_of(run).await;
    let of_file = |message_id: &str, group: Option<&str>| AnswerHeader {
        original_message_id: file.message_id.clone().unwrap(),
        group_status: group.map(str::to_owned),
        ..header(message_id)
    };
    let mut bytes = Vec::new();
    write_pain002(
        &mut bytes,
        &of_file("A1", Some("PART")),
        &[answer(&orders[1], "RJCT", Some("AC01"))],
    )
    .unwrap();
    house.bring(bytes).await;
    use OrderStatus::{Accepted, Rejected, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Accepted, Rejected, Accepted]);
    assert_eq!(house.status(run).await, PayRunStatus::Settling);
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &of_file("A2", Some("ACSC")), &[]).unwrap();
    house.bring(bytes).await;
    assert_eq!(statuses(&house.orders(run).await), [Settled, Rejected, Settled]);
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    let fund = house.fund(2024).await;
    assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, 2 * AMOUNT, AMOUNT));
    house.ties().await;
}

#[tokio::test]
async fn one_debit_over_a_batch_settles_the_orders_the_bank_took() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    house
        .bring(pain002("A1", &[answer(&orders[2], "RJCT", Some("AC01"))]))
        .await;
    let manifest = service::payment_file::manifest(&house.app, &house.treasury, house.file_of(run).await.id);
    let batch = manifest.await.unwrap().payment_information_id.unwrap();
    let debit = |sum: i64, id: &str| {
        format!(
            "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
             <BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>{id}</MsgId></GrpHdr><Ntfctn><Ntry>\
             <Amt Ccy=\"VND\">{sum}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <NtryDtls><Btch><PmtInfId>{batch}</PmtInfId></Btch></NtryDtls>\
             </Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
        )
        .into_bytes()
    };
    let wrong = house.bring(debit(4 * AMOUNT - 1, "D1")).await;
    assert_eq!((wrong.matched, wrong.suspense), (0, 1));
    let right = house.bring(debit(4 * AMOUNT, "D2")).await;
    assert_eq!((right.matched, right.suspense), (1, 0));
    use OrderStatus::{Rejected, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Settled, Settled, Rejected]);
    house.ties().await;
}

#[tokio::test]
async fn a_deceased_holder_is_a_finding_for_a_person_who_resolves_it_once() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    house
        .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
        .await;
    assert_eq!(statuses(&house.orders(run).await)[0], OrderStatus::Rejected);
    let waiting = house.waiting().await;
    assert_eq!(
        findings(&waiting),
        [("person_deceased".to_owned(), LineOutcome::Matched)].into()
    );
    let people = person::Entity::find().filter(person::Column::DeathDate.is_not_null());
    assert_eq!(people.count(house.app.db.read()).await.unwrap(), 0);

    let note = |text: &str| ResolveLine { note: text.into() };
    let line = waiting[0].line.id;
    let empty = resolve(&house.app, &house.treasury, line, note("  "))
        .await
        .unwrap_err();
    assert_eq!(empty.code, ProblemCode::Invalid);
    let resolved = resolve(&house.app, &house.treasury, line, note("Đã báo xã xác minh"))
        .await
        .unwrap();
    assert_eq!(resolved.resolved_by, house.treasury.user_id);
    let twice = resolve(&house.app, &house.treasury, line, note("Lần nữa"))
        .await
        .unwrap_err();
    assert_eq!(twice.code, ProblemCode::IllegalTransition);
    assert!(house.waiting().await.is_empty());
    let report = service::bank_report::get(&house.app, &house.treasury, resolved.report_id)
        .await
        .unwrap();
    assert_eq!(report.suspense, 0);
    house.ties().await;
}
