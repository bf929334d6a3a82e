//! What a person pays back returns to the fund that had paid it.

use serde_json::json;
use service::pay_run::{self, CreatePayRun};
use service::program::{self, ListPrograms, SetProgramFund};
use service::{App, fund};

use super::deduct::recovering;
use super::road::Road;
use super::town::{AREA, LAN, Town};
use crate::harness::{each_engine, opens_fund, pays_from, sets_fund_lines};

/// The estimate of the fund of monthly benefits, đồng.
const ESTIMATE: i64 = 1_000_000_000;

/// What two funds count as paid: of monthly benefits, and of donations.
async fn paid(town: &Town<'_>) -> [i64; 2] {
    let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
    ["social_assistance", "donations"].map(|code| funds.iter().find(|fund| fund.code == code).unwrap().paid)
}

async fn allowance_from_donations(app: &App, town: &Town<'_>) {
    let money = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
        "amount": 10_000_000});
    opens_fund(app, serde_json::from_value(money).unwrap()).await;
    allowance_from(app, town, "donations").await;
}

/// The program of the monthly allowance is paid from a fund from now on.
async fn allowance_from(app: &App, town: &Town<'_>, fund: &str) {
    let preparer = &town.officers[0];
    let programs = program::list(app, preparer, ListPrograms::default()).await.unwrap();
    let allowance = programs
        .items
        .into_iter()
        .find(|own| own.code == "monthly_allowance")
        .unwrap();
    let command = SetProgramFund {
        fund_code: fund.to_owned(),
        fund_line: None,
        reason: "QĐ 45/QĐ-UBND".to_owned(),
    };
    pays_from(app, allowance.id, command).await;
}

#[test]
fn what_is_paid_back_returns_to_the_fund_that_paid_it() {
    each_engine(async |house| {
        let app = &house.app;
        let area = AREA.split('@').next().unwrap();
        let town = Town::of_people(house, 1_000_000_000, &[(LAN, "022190001234", area)]).await;
        allowance_from_donations(app, &town).await;
        let command = CreatePayRun::regular("2024-09".parse().unwrap(), "2024-09-05".parse().unwrap());
        let run = pay_run::create(app, &town.officers[0], command.on_fund("donations"))
            .await
            .unwrap()
            .id;
        town.idle().await;
        town.sign(run).await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        let before = paid(&town).await;
        assert!(before[0] == 0 && before[1] > 0, "{before:?}");

        town.publish_recovery("").await;
        town.disability_ends(Some("2024-08-31")).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        town.now("2024-10-22T02:00:00Z").await;
        let case = road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let open = case["open"].as_i64().unwrap();
        assert_eq!(open, before[1], "September alone was paid from here");
        let received = json!({"amount": open, "received_on": "2024-10-22", "reference": "PT1"});
        road.takes(&town.caseworker, "record-repayment", received).await;
        assert_eq!(paid(&town).await, [0, 0]);
        town.close().await;
    });
}

#[test]
fn a_run_keeps_back_nothing_that_another_fund_had_paid() {
    each_engine(async |house| {
        let app = &house.app;
        let town = recovering(house).await;
        let before = paid_by(&town, "social_assistance").await;
        allowance_from_donations(app, &town).await;
        let command = CreatePayRun::regular("2024-11".parse().unwrap(), "2024-11-05".parse().unwrap());
        let november = pay_run::create(app, &town.officers[0], command.on_fund("donations"))
            .await
            .unwrap()
            .id;
        town.idle().await;
        let run = town.run(november).await;
        assert_eq!(
            (run.total, run.deducted),
            (1_800_000, 0),
            "the budget had paid too much, and not the donations"
        );
        town.sign(november).await;
        town.arrives(november).await;
        assert_eq!(paid_by(&town, "donations").await, 1_800_000, "as much as left it");
        assert_eq!(paid_by(&town, "social_assistance").await, before);
        // Paid from the budget again, the instalment is due again, within the cap.
        allowance_from(app, &town, "social_assistance").await;
        let december = town.build("2024-12").await;
        assert_eq!(december.deducted, 180_000);
        town.sign(december.id).await;
        town.arrives(december.id).await;
        assert_eq!(paid_by(&town, "social_assistance").await - before, 1_800_000 - 180_000);
        town.close().await;
    });
}

async fn paid_by(town: &Town<'_>, code: &str) -> i64 {
    let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
    funds.iter().find(|fund| fund.code == code).unwrap().paid
}

#[test]
fn what_one_run_is_about_to_keep_back_no_other_does() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let november = town.build("2024-11").await;
        assert_eq!(november.deducted, 180_000);
        let december = town.build("2024-12").await;
        assert_eq!(
            december.deducted, 120_000,
            "300,000 are open, and 180,000 wait in November's run"
        );
        town.submit(december.id).await.unwrap();
        let signed = town.approve(december.id).await.unwrap();
        town.sign(november.id).await;
        town.holds().await;
        // The case went on meanwhile, by just what the other run was built beside: what was signed stands.
        let standing = town.run(december.id).await;
        assert_eq!(
            (json!(standing.status), standing.deducted, standing.digest),
            (json!("approved"), 120_000, signed.digest)
        );
        town.release(december.id).await.unwrap();
        let case = Road::of(&town, "recovering").await.read(&town.caseworker).await;
        assert_eq!((&case["recovered"], &case["open"]), (&json!(300_000), &json!(0)));
        town.arrives(november.id).await;
        town.arrives(december.id).await;
        town.close().await;
    });
}

#[test]
fn what_comes_back_of_one_run_leaves_what_another_keeps_back() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let mut road = Road::of(&town, "recovering").await;
        let worker = town.caseworker.clone();
        let november = town.pay("2024-11").await;
        let december = town.build("2024-12").await;
        assert_eq!(december.deducted, 120_000);
        town.submit(december.id).await.unwrap();
        town.approve(december.id).await.unwrap();
        let own = town.lines(november).await[0].order_id;
        town.answers(november, |order| (Some(order.id) == own).then_some("not_collected"))
            .await;
        // 300,000 are open again, and December keeps back 120,000 of them as it was signed.
        assert_eq!(road.read(&worker).await["open"], 300_000);
        assert_eq!(json!(town.run(december.id).await.status), "approved");
        town.holds().await;
        town.release(december.id).await.unwrap();
        assert_eq!(road.read(&worker).await["open"], 180_000);
        town.holds().await;
        // More than what is open is never kept back: what was repaid in money goes back to its maker, who reads why.
        town.pays_early("2024-10-31", &["2025-01"]).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(&house.app, serde_json::from_value(fund).unwrap()).await;
        let january = town.build("2025-01").await;
        assert_eq!(january.deducted, 180_000);
        town.submit(january.id).await.unwrap();
        town.approve(january.id).await.unwrap();
        let received = json!({"amount": 100_000, "received_on": "2024-10-25", "reference": "PT1"});
        let case = road.takes(&worker, "record-repayment", received).await;
        let voided = town.run(january.id).await;
        let why = voided.rejected_reason.unwrap();
        assert_eq!(json!(voided.status), "draft");
        assert!(
            why.contains(case["id"].as_str().unwrap()) && why.contains("lập lại danh sách"),
            "{why}"
        );
        let january = town.rebuild(january.id).await;
        assert_eq!(january.deducted, 80_000);
        town.sign(january.id).await;
        assert_eq!(town.run(january.id).await.rejected_reason, None);
        town.close().await;
    });
}

#[test]
fn what_is_kept_back_leaves_the_estimate_and_its_lines_as_they_were_decided() {
    each_engine(async |house| {
        let app = &house.app;
        let town = recovering(house).await;
        let (preparer, approver) = (&town.officers[0], &town.officers[1]);
        let own = fund::list(app, preparer).await.unwrap()[0].id;
        let split = |monthly: i64, rest: i64| json!([{"name": "Trợ cấp hằng tháng", "amount": monthly}, {"name": "Chi khác", "amount": rest}]);
        // All of the estimate is on its lines.
        sets_fund_lines(app, own, split(ESTIMATE - 200_000_000, 200_000_000)).await;
        let november = town.pay("2024-11").await;
        town.arrives(november).await;
        let case = Road::of(&town, "recovering").await.read(&town.caseworker).await;
        assert_eq!(case["recovered"], 180_000, "it went back to the source");
        let lines = async |id| fund::lines(app, preparer, id).await.unwrap();
        assert_eq!(lines(own).await.estimate, ESTIMATE);

        // Money moves from line to line within what was decided, and not above it.
        sets_fund_lines(app, own, split(ESTIMATE - 100_000_000, 100_000_000)).await;
        let more = json!({"lines": split(ESTIMATE, 1), "note": "QĐ 46/QĐ-UBND"});
        let more = serde_json::from_value(more).unwrap();
        let version = lines(own).await.version;
        let refused = fund::propose_lines(app, preparer, own, version, more)
            .await
            .unwrap_err();
        assert_eq!(refused.fields[0].code, "above_the_estimate");

        // What a line gives up is given to another fund.
        sets_fund_lines(app, own, split(ESTIMATE - 100_000_000, 99_000_000)).await;
        let other =
            json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp", "amount": 500});
        let other = opens_fund(app, serde_json::from_value(other).unwrap()).await.id;
        let gives = json!({"from_fund_id": own, "to_fund_id": other, "amount": 1_000_000, "reason": "QĐ 120/QĐ-UBND"});
        let proposed = fund::propose(app, preparer, serde_json::from_value(gives).unwrap())
            .await
            .unwrap();
        fund::approve_transfer(app, approver, proposed.id, proposed.version)
            .await
            .unwrap();
        assert_eq!(lines(own).await.estimate, ESTIMATE - 1_000_000);
        assert_eq!(lines(other).await.estimate, 1_000_500);
        town.close().await;
    });
}
