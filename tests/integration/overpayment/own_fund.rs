//! What a person pays back returns to the fund that had paid it.

use serde_json::json;
use service::pay_run::{self, CreatePayRun};
use service::program::{self, ListPrograms, SetProgramFund};
use service::{App, fund};

use super::road::Road;
use super::town::{AREA, LAN, Town};
use crate::harness::{each_engine, opens_fund, pays_from};

/// What two funds count as paid: of monthly benefits, and of donations.
async fn paid(town: &Town<'_>) -> [i64; 2] {
    let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
    ["social_assistance", "donations"].map(|code| funds.iter().find(|fund| fund.code == code).unwrap().paid)
}

async fn allowance_from_donations(app: &App, town: &Town<'_>) {
    let preparer = &town.officers[0];
    let money = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
        "amount": 10_000_000});
    opens_fund(app, serde_json::from_value(money).unwrap()).await;
    let programs = program::list(app, preparer, ListPrograms::default()).await.unwrap();
    let allowance = programs
        .items
        .into_iter()
        .find(|own| own.code == "monthly_allowance")
        .unwrap();
    let command = SetProgramFund {
        fund_code: "donations".to_owned(),
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
