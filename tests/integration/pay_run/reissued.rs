//! What came back is paid again from the money that came back, whatever else the fund has left.

use serde_json::{Value, json};
use service::ProblemCode;
use service::payment_order::{self, decide_cancellation, propose_cancellation};

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::Town;

/// What the fund has available, reserved, committed, in transit, paid and to be paid again.
async fn fund(desk: &Desk<'_>) -> [i64; 6] {
    let own = desk.get("/v1/funds").await["items"][0].clone();
    ["available", "reserved", "committed", "in_transit", "paid", "to_reissue"].map(|name| own[name].as_i64().unwrap())
}

fn again() -> Value {
    json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25"})
}

fn why() -> Option<Value> {
    Some(json!({"reason": "Chờ đối chiếu"}))
}

/// September took all that the fund had, and nobody collected it.
async fn nothing_left(house: &crate::harness::House) -> (Town<'_>, uuid::Uuid) {
    let town = Town::with_fund(house, 1_500_000).await;
    let run = town.pay("2024-09").await;
    town.answers(run, |_| Some("not_collected")).await;
    town.holds().await;
    (town, run)
}

#[test]
fn a_fund_that_has_nothing_available_pays_again_what_came_back() {
    each_engine(async |house| {
        let (town, _) = nothing_left(house).await;
        let desk = Desk::of(&town).await;
        assert_eq!(fund(&desk).await, [0, 0, 0, 0, 0, 1_500_000]);
        let run = desk.opens(again()).await.id;
        desk.takes(&desk.preparer, run, "submit", None).await;
        assert_eq!(fund(&desk).await, [0, 1_500_000, 0, 0, 0, 0]);
        town.holds().await;
        desk.takes(&desk.approver, run, "reject", why()).await;
        assert_eq!(fund(&desk).await, [0, 0, 0, 0, 0, 1_500_000], "it waits again");
        desk.takes(&desk.preparer, run, "submit", None).await;
        desk.takes(&desk.approver, run, "approve", None).await;
        assert_eq!(fund(&desk).await, [0, 0, 1_500_000, 0, 0, 0]);
        town.holds().await;
        desk.takes(&desk.approver, run, "cancel", why()).await;
        assert_eq!(fund(&desk).await, [0, 0, 0, 0, 0, 1_500_000]);
        town.holds().await;

        let run = desk.opens(again()).await.id;
        town.sign(run).await;
        assert_eq!(fund(&desk).await, [0, 0, 0, 1_500_000, 0, 0]);
        town.holds().await;
        town.arrives(run).await;
        assert_eq!(fund(&desk).await, [0, 0, 0, 0, 1_500_000, 0]);
        town.close().await;
    });
}

#[test]
fn what_others_pay_is_never_taken_from_what_came_back() {
    each_engine(async |house| {
        let (town, _) = nothing_left(house).await;
        // The month itself finds nothing, though what came back is in the same run.
        let october = town.build("2024-10").await;
        assert_eq!(october.line_count, 4);
        let refused = town.submit(october.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::FundExhausted);
        town.close().await;
    });
}

#[test]
fn a_return_that_two_people_cancel_is_taken_out_of_the_run_that_reserved_it() {
    each_engine(async |house| {
        let (town, september) = nothing_left(house).await;
        let desk = Desk::of(&town).await;
        let run = desk.opens(again()).await.id;
        town.submit(run).await.unwrap();
        let orders = payment_order::list(&house.app, &town.officers[3], september, None, None)
            .await
            .unwrap();
        let order = orders.items[0].id;
        let note = serde_json::from_value(json!({"note": "Chi lại từ đầu"})).unwrap();
        let proposed = propose_cancellation(&house.app, &town.officers[0], order, note)
            .await
            .unwrap();
        let decision = json!({"proposal_id": proposed.id, "decision": "accept", "note": "Đã kiểm tra"});
        let decision = serde_json::from_value(decision).unwrap();
        decide_cancellation(&house.app, &town.officers[1], order, decision)
            .await
            .unwrap();
        town.idle().await;
        assert_eq!(fund(&desk).await, [750_000, 0, 0, 0, 0, 750_000]);
        town.holds().await;
        let rebuilt = town.rebuild(run).await;
        assert_eq!(rebuilt.line_count, 1, "the other line alone");
        town.sign(run).await;
        town.arrives(run).await;
        assert_eq!(fund(&desk).await, [750_000, 0, 0, 0, 750_000, 0]);
        town.close().await;
    });
}

#[test]
fn a_forecast_counts_what_came_back_as_money_and_as_cost() {
    each_engine(async |house| {
        let (town, _) = nothing_left(house).await;
        let desk = Desk::of(&town).await;
        let id = desk.get("/v1/funds").await["items"][0]["id"].clone();
        let path = format!("/v1/funds/{}/forecast", id.as_str().unwrap());
        let told = async || {
            let own = desk.get(&path).await;
            let first = own["months"][0].clone();
            (
                own["unspent"].clone(),
                own["to_reissue"].clone(),
                first["cost"].clone(),
                first["left"].clone(),
            )
        };
        let expected = (json!(1_500_000), json!(1_500_000), json!(3_000_000), json!(-1_500_000));
        assert_eq!(told().await, expected);
        let run = desk.opens(again()).await.id;
        town.submit(run).await.unwrap();
        assert_eq!(
            told().await,
            expected,
            "a run that waits for its signatures changes nothing"
        );
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        assert_eq!(told().await, (json!(0), json!(0), json!(1_500_000), json!(-1_500_000)));
        town.close().await;
    });
}
