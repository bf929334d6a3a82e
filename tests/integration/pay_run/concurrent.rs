//! Sixty-four clients at once: one result, no money that is not there, and everything sums to zero.

use futures::future::join_all;
use serde_json::{Value, json};
use service::pay_run::{self, PayRunView};
use service::{Actor, ProblemCode, Role, access};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{each_engine, opens_fund, sets_tiers};
use crate::overpayment::town::Town;

const CLIENTS: usize = 64;

/// Communes of the province in August 2024.
async fn communes(house: &crate::harness::House) -> Vec<String> {
    let key = house.key(Role::Auditor, None).await;
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/areas?as_of=2024-08-20&limit=200{cursor}");
        let page = house.call("GET", &path).key(&key).send().await.json();
        for area in page["items"].as_array().unwrap() {
            if area["level"] == "commune" {
                codes.push(area["code"].as_str().unwrap().to_owned());
            }
        }
        match page["next"].as_str() {
            Some(next) if codes.len() < CLIENTS => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    codes.truncate(CLIENTS);
    assert_eq!(codes.len(), CLIENTS);
    codes
}

#[test]
fn runs_that_are_submitted_at_once_never_overspend_the_fund() {
    each_engine(async |house| {
        let codes = communes(house).await;
        let numbers: Vec<String> = (0..CLIENTS).map(|number| format!("0221900020{number:02}")).collect();
        let people: Vec<(Uuid, &str, &str)> = (0x100_u128..)
            .zip(numbers.iter().zip(&codes))
            .map(|(id, (number, code))| (Uuid::from_u128(id), number.as_str(), code.as_str()))
            .collect();
        // Enough for 40 of the 64, and a little.
        let town = Town::of_people(house, 40 * 750_000 + 749_999, &people).await;
        let mut runs = Vec::new();
        for code in &codes {
            let command = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": [code]});
            let command = serde_json::from_value(command).unwrap();
            runs.push(
                pay_run::create(&house.app, &town.officers[0], command)
                    .await
                    .unwrap()
                    .id,
            );
        }
        town.idle().await;
        let mut built = Vec::new();
        for run in &runs {
            let run = town.run(*run).await;
            assert_eq!(run.line_count, 1);
            built.push(run);
        }
        let submitted = join_all(built.iter().map(|run| submit(&house.app, &town.officers[0], run))).await;
        let good: Vec<&PayRunView> = submitted.iter().filter_map(|done| done.as_ref().ok()).collect();
        assert_eq!(good.len(), 40, "as many as there is money for");
        for refused in submitted.iter().filter_map(|done| done.as_ref().err()) {
            assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
        }
        let desk = Desk::of(&town).await;
        assert_eq!(desk.fund().await, (749_999, 40 * 750_000, 0));
        let approved = good
            .iter()
            .map(|run| pay_run::approve(&house.app, &town.officers[1], run.id, run.version));
        for done in join_all(approved).await {
            done.unwrap();
        }
        assert_eq!(desk.fund().await, (749_999, 0, 40 * 750_000));
        town.holds().await;
        for run in good {
            town.release(run.id).await.unwrap();
        }
        town.close().await;
    });
}

async fn submit(app: &service::App, preparer: &Actor, run: &PayRunView) -> Result<PayRunView, service::Error> {
    pay_run::submit(app, preparer, run.id, run.version).await
}

#[test]
fn racing_approvals_give_one_result() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let three = json!({"note": "kiểm thử", "tiers": [
            {"subject": "pay_run", "from_amount": 0, "approvals": 3, "role": "approver"},
            {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
        ]});
        sets_tiers(&house.app, serde_json::from_value(three).unwrap()).await;
        let run = town.build("2024-09").await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        let mut approvers = Vec::new();
        for _ in 0..CLIENTS {
            let key = house.key(Role::Approver, None).await;
            approvers.push(access::authenticate(&house.app, &key).await.unwrap());
        }
        // Each reads the run and approves what it read, until the run waits for nobody any more.
        let app = &house.app;
        let clients = approvers.iter().map(async |approver| {
            loop {
                let read = pay_run::get(app, approver, run).await.unwrap();
                if json!(read.status) != "submitted" {
                    return false;
                }
                match pay_run::approve(app, approver, run, read.version).await {
                    Ok(_) => return true,
                    Err(error) if matches!(error.code, ProblemCode::Stale | ProblemCode::IllegalTransition) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        let approved: Vec<bool> = join_all(clients).await;
        assert_eq!(approved.iter().filter(|did| **did).count(), 3);
        let standing = town.run(run).await;
        assert_eq!(
            (json!(standing.status), standing.approvals_given),
            (json!("approved"), 3)
        );
        assert_eq!(desk.fund().await.2, 1_500_000, "committed once");
        town.release(run).await.unwrap();
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn money_that_is_given_away_by_sixty_four_at_once_is_given_once() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_500).await;
        let desk = Desk::of(&town).await;
        let other = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp", "amount": 10_500});
        opens_fund(&house.app, serde_json::from_value(other).unwrap()).await;
        let funds = desk.get("/v1/funds").await;
        let id = |place: usize| funds["items"][place]["id"].clone();
        // Half go one way, half the other: nobody waits in a circle.
        let mut steps: Vec<String> = Vec::new();
        for number in 0..CLIENTS {
            let (from, to) = if number % 4 == 0 {
                (id(0), id(1))
            } else {
                (id(1), id(0))
            };
            let body = json!({"from_fund_id": from, "to_fund_id": to, "amount": 1_000, "reason": "QĐ 1/QĐ-UBND"});
            let post = house
                .call("POST", "/v1/fund-transfers")
                .key(&desk.preparer)
                .once(&format!("transfer {number}"));
            let made = post.json(&body).send().await;
            assert_eq!(made.status, 201, "{made:?}");
            steps.push(format!("{}/approve", made.header("location")));
        }
        let calls = steps.iter().enumerate().map(|(number, step)| {
            let post = house.call("POST", step).key(&desk.approver).if_match("\"1\"");
            post.once(&format!("approve {number}")).send()
        });
        let answers = join_all(calls).await;
        let approved = answers.iter().filter(|answer| answer.status == 200).count();
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            answer.problem("fund-exhausted");
        }
        let funds = desk.get("/v1/funds").await;
        let available: Vec<i64> = funds["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fund: &Value| fund["available"].as_i64().unwrap())
            .collect();
        assert_eq!(available.iter().sum::<i64>(), 21_000, "no đồng more and none less");
        assert!(
            available.iter().all(|left| *left >= 0) && approved >= 10,
            "{available:?}"
        );
        town.close().await;
    });
}
