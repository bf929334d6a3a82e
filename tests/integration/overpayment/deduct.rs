//! What pay runs keep back of a person's money for a case that is enforceable.

use calamine::Reader;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::overpayment::DeductionView;
use service::{ProblemCode, payment_file, payment_order};

use super::road::Road;
use super::town::Town;
use crate::harness::{House, each_engine};

/// 300,000 đồng are to be paid back out of 900,000 a month, in November and December; October is paid.
pub(crate) async fn recovering(house: &House) -> Town<'_> {
    let town = Town::open(house).await;
    let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
    town.publish("3/2024/NQ-TH", &standard(700_000), false).await;
    let run = town.pay("2024-09").await;
    town.now("2024-09-20T02:00:00Z").await;
    town.arrives(run).await;
    town.publish_recovery("").await;
    town.publish("4/2024/NQ-TH", &standard(600_000), true).await;
    let mut road = Road::of(&town, "detected").await;
    road.reach_decision().await;
    town.now("2024-10-25T02:00:00Z").await;
    let run = town.pay("2024-10").await;
    town.arrives(run).await;
    road.read(&town.caseworker).await;
    road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
    let plan = json!({"instalments": [
        {"due_month": "2024-11", "amount": 180_000},
        {"due_month": "2024-12", "amount": 120_000},
    ]});
    road.takes(&town.caseworker, "plan", plan).await;
    town
}

/// What a run keeps back of the lines of the person of the tests, with the kinds and amounts of the lines.
async fn kept_back(town: &Town<'_>, run: uuid::Uuid) -> Vec<(i64, Vec<i64>)> {
    let lines = town.lines(run).await.into_iter();
    let mut kept: Vec<(i64, Vec<i64>)> = lines
        .map(|line| {
            (
                line.amount,
                line.deductions.iter().map(|own: &DeductionView| own.amount).collect(),
            )
        })
        .collect();
    kept.sort();
    kept
}

async fn order_amount(town: &Town<'_>, run: uuid::Uuid) -> i64 {
    let order = town.lines(run).await[0].order_id;
    let orders = payment_order::list(&town.house.app, &town.officers[0], run, None, None)
        .await
        .unwrap();
    let own = orders.items.into_iter().find(|own| Some(own.id) == order);
    own.unwrap().amount
}

fn standing(case: &Value) -> (String, i64, i64, Vec<String>) {
    let deductions = case["deductions"].as_array().unwrap();
    (
        case["status"].as_str().unwrap().to_owned(),
        case["recovered"].as_i64().unwrap(),
        case["open"].as_i64().unwrap(),
        deductions
            .iter()
            .map(|own| own["status"].as_str().unwrap().to_owned())
            .collect(),
    )
}

#[test]
fn a_run_keeps_back_what_is_due_and_pays_the_rest() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let paid = town.paid().await;
        let before = road.read(&worker).await;
        let november = town.build("2024-11").await;
        assert_eq!(kept_back(&town, november.id).await, [(900_000, vec![180_000])]);
        let read = house.call("GET", road.path()).key(&worker);
        let told = read.header("If-None-Match", road.tag()).send().await;
        assert_eq!(told.status, 200, "it is not as it was read: {told:?}");
        assert_eq!(
            (&told.json()["deductions"][0]["status"], &told.json()["version"]),
            (&json!("draft"), &before["version"])
        );
        assert_eq!(
            (november.total, november.deducted),
            (1_800_000, 180_000),
            "plus and minus stay gross"
        );
        assert_eq!(
            standing(&road.read(&worker).await).1,
            0,
            "nothing is taken before the release"
        );
        town.holds().await;
        town.sign(november.id).await;
        assert_eq!(order_amount(&town, november.id).await, 720_000);
        let case = road.read(&worker).await;
        assert_eq!(
            standing(&case),
            ("recovering".to_owned(), 180_000, 120_000, vec!["taken".to_owned()])
        );
        assert_eq!(case["instalments"][0]["paid"], 180_000);
        town.holds().await;
        // December takes the rest, and nothing twice.
        let december = town.build("2024-12").await;
        assert_eq!(kept_back(&town, december.id).await, [(900_000, vec![120_000])]);
        town.sign(december.id).await;
        road.read(&worker).await;
        let early = road.tries(&worker, "settle", json!(null)).await;
        early.problem("illegal-transition");
        town.arrives(november.id).await;
        town.arrives(december.id).await;
        let case = road.read(&worker).await;
        assert_eq!(standing(&case).3, ["settled", "settled"]);
        // Four lines were paid in full, and out of them the 300,000 came back that were too much for August and September.
        assert_eq!(town.paid().await - paid, 3_600_000 - 300_000);
        road.takes(&worker, "settle", json!(null)).await;
        town.pays_early("2024-10-31", &["2025-01"]).await;
        let january = town.next_run("2025-01").await;
        assert_eq!(january, [("regular".to_owned(), 202_501, 900_000)]);
        town.close().await;
    });
}

/// The cells of the treasury's list of a run, row by row.
async fn treasury_list(town: &Town<'_>, run: uuid::Uuid) -> Vec<Vec<String>> {
    let (app, treasury) = (&town.house.app, &town.officers[3]);
    let files = payment_file::list(app, treasury, run).await.unwrap();
    let list = files.iter().find(|file| file.name == "treasury-list.xlsx").unwrap();
    let (_, bytes) = payment_file::content(app, treasury, list.id).await.unwrap();
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let mut rows = Vec::new();
    for (_, sheet) in book.worksheets() {
        rows.extend(sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()));
    }
    rows
}

#[test]
fn the_treasury_reads_what_is_kept_back_and_why() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let run = town.pay("2024-11").await;
        let rows = treasury_list(&town, run).await;
        let has = |row: &Vec<String>, texts: &[&str]| texts.iter().all(|text| row.iter().any(|cell| cell == text));
        let own = |texts: &[&str]| rows.iter().any(|row| has(row, texts));
        assert!(own(&["Thu hồi, giảm trừ", "Tổng số"]), "{rows:?}");
        assert!(own(&["022190001234", "900000", "180000", "720000"]), "{rows:?}");
        assert!(
            own(&["022190001235", "900000", "0"]),
            "the other person is paid in full"
        );
        assert!(own(&["Tổng cộng", "1800000", "180000", "1620000"]));
        let told = |part: &str| rows.iter().flatten().any(|cell| cell.contains(part));
        assert!(told("Tổng số tiền: 1.620.000 đồng"));
        assert!(told("Thu hồi 180.000 đồng chi thừa, thực nhận 720.000 đồng"));
        town.close().await;
    });
}

#[test]
fn an_appeal_stops_a_run_that_is_not_released() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let appeal = json!({"filed_on": "2024-10-25", "grounds": "Tôi đã báo"});
        let dismissed = json!({"outcome": "dismissed", "reason": "Không có căn cứ"});
        let run = town.build("2024-11").await;
        // Between building and submission.
        road.takes(&worker, "appeal", appeal.clone()).await;
        let refused = town.submit(run.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition, "it must be built again");
        let run = town.rebuild(run.id).await;
        assert_eq!(kept_back(&town, run.id).await, [(900_000, vec![])]);
        assert_eq!(run.deducted, 0);
        // Dismissed: the next build keeps back again.
        road.takes(&town.deciders[1], "resolve-appeal", dismissed).await;
        let run = town.rebuild(run.id).await;
        assert_eq!(run.deducted, 180_000);
        // Between approval and release, with the money committed.
        town.submit(run.id).await.unwrap();
        town.approve(run.id).await.unwrap();
        road.takes(&worker, "appeal", appeal).await;
        let run = town.run(run.id).await;
        assert_eq!(json!(run.status), "draft");
        assert_eq!(
            town.release(run.id).await.unwrap_err().code,
            ProblemCode::IllegalTransition
        );
        town.holds().await;
        let run = town.rebuild(run.id).await;
        town.sign(run.id).await;
        assert_eq!(order_amount(&town, run.id).await, 900_000);
        assert_eq!(standing(&road.read(&worker).await).1, 0);
        town.close().await;
    });
}

#[test]
fn what_comes_back_is_due_again_within_the_cap() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let run = town.pay("2024-11").await;
        let own = town.lines(run).await[0].order_id;
        town.answers(run, |order| {
            Some(if Some(order.id) == own { "not_collected" } else { "paid" })
        })
        .await;
        let case = road.read(&worker).await;
        assert_eq!(
            standing(&case),
            ("recovering".to_owned(), 0, 300_000, vec!["given_back".to_owned()])
        );
        assert_eq!(case["instalments"][0]["paid"], 0);
        town.holds().await;
        // November is paid again in full; of December no more is kept back than the law allows, although 300,000 are due.
        let december = town.build("2024-12").await;
        assert_eq!(
            kept_back(&town, december.id).await,
            [(900_000, vec![]), (900_000, vec![180_000])]
        );
        town.sign(december.id).await;
        town.arrives(december.id).await;
        town.holds().await;
        // It comes back weeks after it had arrived: that was no payment after all.
        let own = town.lines(december.id).await[0].order_id;
        town.answers(december.id, |order| (Some(order.id) == own).then_some("returned"))
            .await;
        let case = road.read(&worker).await;
        assert_eq!(standing(&case).3, ["given_back", "given_back"]);
        town.close().await;
    });
}

#[test]
fn a_changed_case_is_never_deducted_as_it_was() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let run = town.build("2024-11").await;
        town.submit(run.id).await.unwrap();
        let received = json!({"amount": 250_000, "received_on": "2024-10-25", "reference": "PT1"});
        road.takes(&worker, "record-repayment", received).await;
        let refused = town.approve(run.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        let run = town.rebuild(run.id).await;
        assert_eq!(run.deducted, 0, "the first instalment is met, and more");
        let waive = json!({"reason": "Hoàn cảnh khó khăn"});
        road.takes(&town.deciders[0], "waive", waive).await;
        town.sign(run.id).await;
        let december = town.build("2024-12").await;
        assert_eq!(december.deducted, 0);
        town.close().await;
    });
}

#[test]
fn the_database_keeps_back_for_nothing_that_does_not_stand() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        town.build("2024-11").await;
        let owner = house.app.db.owner();
        let refused = async |sql: &str, rule: &str| {
            let error = owner.execute_unprepared(sql).await.unwrap_err().to_string();
            assert!(error.contains(rule), "{sql}: {error}");
        };
        // Another đồng, another version, another state, all of the line: none of it.
        refused("UPDATE overpayment_deduction SET amount = amount + 1", "immutable").await;
        let again = |what: &str| {
            format!(
                "INSERT INTO overpayment_deduction (id, pay_run_id, line_id, order_id, case_id, case_version, amount, status) \
                 SELECT case_id, pay_run_id, line_id, order_id, case_id, {what} FROM overpayment_deduction"
            )
        };
        refused(&again("case_version - 1, 1, 'draft'"), "not_enforceable").await;
        refused(&again("case_version, 1, 'taken'"), "not_enforceable").await;
        refused(&again("case_version, 720000, 'draft'"), "not_enforceable").await;
        // Not even twice what may be kept back once.
        let twice = owner.execute_unprepared(&again("case_version, 1, 'draft'")).await;
        assert!(twice.unwrap_err().to_string().to_lowercase().contains("unique"));
        let appeal = json!({"filed_on": "2024-10-25", "grounds": "Tôi đã báo"});
        road.takes(&town.caseworker, "appeal", appeal).await;
        refused("UPDATE overpayment_deduction SET status = 'taken'", "not_enforceable").await;
        town.close().await;
    });
}
