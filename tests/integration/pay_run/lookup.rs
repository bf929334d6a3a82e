//! An order is found by whatever somebody holds of it, and tells what became of it.

use serde_json::{Value, json};
use service::Role;
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{House, each_engine};
use crate::overpayment::town::{AREA, LAN, Town};

/// The other person of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);
/// An area in which nothing stands.
const ELSEWHERE: &str = "06658@1900-01";

async fn get(house: &House, key: &str, path: &str) -> Value {
    let answer = house.call("GET", path).key(key).send().await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// The ids of a list, sorted.
async fn ids(house: &House, key: &str, path: &str) -> Vec<String> {
    let page = get(house, key, path).await;
    let items = page["items"].as_array().unwrap().iter();
    let mut ids: Vec<String> = items.map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap().to_owned()
}

/// The order that pays a person in a run.
async fn order_of(house: &House, key: &str, run: Uuid, person: Uuid) -> Value {
    let path = format!("/v1/payment-orders?pay_run_id={run}&person_id={person}");
    let page = get(house, key, &path).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    page["items"][0].clone()
}

#[test]
fn an_order_is_found_by_its_reference_uetr_account_state_person_and_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let september = town.pay("2024-09").await;
        // What comes back of September comes too late for October.
        let october = town.pay("2024-10").await;
        town.answers(september, |order| {
            let own = order.account_number == "022190001234";
            Some(if own { "not_collected" } else { "paid" })
        })
        .await;
        let treasury = house.key(Role::Treasury, None).await;
        let (own, other) = (
            order_of(house, &treasury, september, LAN).await,
            order_of(house, &treasury, september, SECOND).await,
        );
        let later = order_of(house, &treasury, october, LAN).await;
        let (id, other_id, later_id) = (text(&own, "id"), text(&other, "id"), text(&later, "id"));
        let found = async |query: &str| ids(house, &treasury, &format!("/v1/payment-orders?{query}")).await;
        for query in [
            format!("reference={}", text(&own, "reference")),
            format!("uetr={}", text(&own, "uetr")),
            "status=returned".to_owned(),
            format!("account=022190001234&pay_run_id={september}"),
        ] {
            assert_eq!(found(&query).await, std::slice::from_ref(&id), "{query}");
        }
        let mut both = [id.clone(), later_id.clone()];
        both.sort();
        assert_eq!(found("account=022190001234").await, both);
        assert_eq!(found(&format!("person_id={LAN}")).await, both);
        assert_eq!(found("status=credited").await, [other_id]);
        let none: [String; 0] = [];
        assert_eq!(found("reference=AS0").await, none);
        assert_eq!(found(&format!("person_id={LAN}&status=credited")).await, none);

        for wrong in ["status=gone", "uetr=1", "payee=1"] {
            let path = format!("/v1/payment-orders?{wrong}");
            let answer = house.call("GET", &path).key(&treasury).send().await;
            assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
        }
        let path = "/v1/payment-orders?status=extracted&limit=1";
        let page = get(house, &treasury, path).await;
        let cursor = text(&page, "next");
        let path = format!("/v1/payment-orders?status=credited&cursor={cursor}");
        let refused = house.call("GET", &path).key(&treasury).send().await;
        refused.problem("invalid-cursor");
        town.close().await;
    });
}

#[test]
fn an_order_tells_what_it_pays_and_everything_that_became_of_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.answers(run, |_| Some("not_collected")).await;
        let treasury = house.key(Role::Treasury, None).await;
        let listed = order_of(house, &treasury, run, LAN).await;
        let path = format!("/v1/payment-orders/{}", text(&listed, "id"));
        let order = get(house, &treasury, &path).await;
        for (field, told) in listed.as_object().unwrap() {
            assert_eq!(&order[field], told, "{field}");
        }
        let lines = order["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(
            (&lines[0]["person_id"], &lines[0]["amount"], &lines[0]["status"]),
            (&json!(LAN), &json!(750_000), &json!("returned"))
        );
        let events = order["events"].as_array().unwrap();
        let steps: Vec<(&str, &str)> = events
            .iter()
            .map(|event| {
                (
                    event["to_status"].as_str().unwrap(),
                    event["source_kind"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(steps.first(), Some(&("approved", "pay_run")));
        assert_eq!(steps.get(1), Some(&("extracted", "pay_run")));
        assert_eq!(steps.last(), Some(&("returned", "bank_report_line")));
        assert_eq!(events[0]["source_id"], json!(run));
        let last = events.last().unwrap();
        assert_eq!(last["reason"], "not_collected");
        let reports = get(house, &treasury, "/v1/bank-reports").await;
        assert_eq!(last["bank_report_id"], reports["items"][0]["id"]);
        assert_eq!(order["reissued_by"], json!([]));

        // Paid again: the old order knows the new one, and the new one the old.
        let desk = Desk::of(&town).await;
        let again = json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25"});
        let reissue = desk.opens(again).await.id;
        town.sign(reissue).await;
        let again = order_of(house, &treasury, reissue, LAN).await;
        assert_eq!(again["reissue_of"], order["id"]);
        let replaced = get(house, &treasury, &path).await;
        assert_eq!(replaced["reissued_by"], json!([again["id"]]));
        town.close().await;
    });
}

#[test]
fn orders_elsewhere_are_not_there() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        let run = town.pay("2024-09").await;
        let whole = house.key(Role::Auditor, None).await;
        let inside = house.key(Role::Treasury, Some(AREA)).await;
        let (own, other) = (
            order_of(house, &whole, run, LAN).await,
            order_of(house, &whole, run, SECOND).await,
        );
        assert_eq!(ids(house, &inside, "/v1/payment-orders").await, [text(&own, "id")]);
        for query in [
            format!("reference={}", text(&other, "reference")),
            format!("uetr={}", text(&other, "uetr")),
            format!("account={}", text(&other, "account_number")),
            format!("person_id={SECOND}"),
        ] {
            let found = ids(house, &inside, &format!("/v1/payment-orders?{query}")).await;
            assert_eq!(found, Vec::<String>::new(), "{query}");
        }
        let path = format!("/v1/payment-orders/{}", text(&other, "id"));
        let answer = house.call("GET", &path).key(&inside).send().await;
        answer.problem("not-found");
        let elsewhere = house.key(Role::Treasury, Some(ELSEWHERE)).await;
        assert_eq!(ids(house, &elsewhere, "/v1/payment-orders").await, [text(&other, "id")]);
        town.close().await;
    });
}

#[test]
fn runs_are_listed_by_month_state_and_kind_and_lines_by_state_and_person() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let september = town.pay("2024-09").await;
        town.answers(september, |order| {
            (order.account_number == "022190001234").then_some("not_collected")
        })
        .await;
        let october = town.build("2024-10").await.id;
        let treasury = house.key(Role::Treasury, None).await;
        let runs = async |query: &str| ids(house, &treasury, &format!("/v1/pay-runs?{query}")).await;
        assert_eq!(runs("month=2024-09").await, [september.to_string()]);
        assert_eq!(runs("status=draft").await, [october.to_string()]);
        assert_eq!(runs("month=2024-10&kind=regular").await, [october.to_string()]);
        let none: [String; 0] = [];
        assert_eq!(runs("kind=relief").await, none);
        assert_eq!(runs("month=2024-09&status=draft").await, none);
        for wrong in ["month=9", "status=gone", "kind=none"] {
            let path = format!("/v1/pay-runs?{wrong}");
            let answer = house.call("GET", &path).key(&treasury).send().await;
            assert_eq!(answer.status, 400, "{wrong}: {answer:?}");
        }

        let lines = format!("/v1/pay-runs/{september}/lines");
        let returned = get(house, &treasury, &format!("{lines}?status=returned")).await;
        let of = |page: &Value| -> Vec<Value> {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|line| line["person_id"].clone()).collect()
        };
        assert_eq!(of(&returned), [json!(LAN)]);
        let second = get(house, &treasury, &format!("{lines}?person_id={SECOND}")).await;
        assert_eq!(of(&second), [json!(SECOND)]);
        let live = get(house, &treasury, &format!("{lines}?person_id={LAN}&status=live")).await;
        assert_eq!(of(&live), Vec::<Value>::new());
        town.close().await;
    });
}
