//! A repeal, from its draft to what one person is due and paid.

use serde_json::{Value, json};

use super::instrument::{Office, act};
use super::simulation::simulated;
use crate::harness::each_engine;
use crate::overpayment::town::{LAN, Town};

/// An instrument of the province that is in force from a day on.
fn instrument(number: &str, from: &str, provisions: Value, repeals: Value) -> Value {
    json!({"number": number, "cite": number, "title": "Văn bản kiểm thử", "issuer": "provincial",
        "issued_on": "2024-08-20", "in_force_from": from, "provisions": provisions, "repeals": repeals})
}

/// Takes an instrument from its draft to its publication; its path.
async fn publish(town: &Town<'_>, office: &Office, body: &Value) -> String {
    let (path, _) = simulated(town, office, body).await;
    for (key, verb) in [
        (&office.preparer, "submit"),
        (&office.approver, "approve"),
        (&office.releaser, "publish"),
    ] {
        let answer = act(town.house, office, key, &path, verb).await;
        assert!(answer.status < 300, "{verb}: {answer:?}");
    }
    town.idle().await;
    path
}

#[test]
fn a_repeal_ends_the_right_and_the_payment_and_is_told_with_the_instrument() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        let get = async |path: &str| {
            let answer = house.call("GET", path).key(&town.caseworker).send().await;
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
            answer.json()
        };
        // Twice as much for the severely disabled, for one month.
        let rule = json!([{"article": "Điều 1", "rules": [{
            "source": "kiểm thử", "confidence": "high", "benefit": "monthly_allowance", "group": "qn_test_1",
            "from": "2024-09-01", "setting": "community",
            "when": {"all": [{"evidence": {"kind": "disability", "is": ["severe"]}}]},
            "amount": {"times": {"coefficient": "3", "of": ["standard.central", "standard.community"]}}}]}]);
        let mut more = instrument("NQ 1/2024", "2024-09-01", rule, json!([]));
        let case = json!({"jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
            "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2020-01-01", "to": null}]});
        more["cases"] = json!([{"name": "Khuyết tật nặng: hệ số 3", "case": case, "month": "2024-09",
            "expect": [{"benefit": "monthly_allowance", "group": "qn_test_1", "amount": 1_500_000}]}]);
        let raised = publish(&town, &office, &more).await;
        let known = house.call("GET", &raised).key(&town.caseworker).send().await;
        let standing = known.json();
        assert_eq!(
            (&standing["repealed_by"], &standing["ended_on"]),
            (&Value::Null, &Value::Null)
        );
        let run = town.pay("2024-09").await;
        let paid: Vec<i64> = town.lines(run).await.iter().map(|line| line.amount).collect();
        assert_eq!(paid, [1_500_000]);
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;

        let end = instrument("NQ 2/2024", "2024-10-01", json!([]), json!(["NQ 1/2024"]));
        let repealing = publish(&town, &office, &end).await;
        let ended = house.call("GET", &raised).key(&town.caseworker);
        let ended = ended.header("If-None-Match", known.header("etag")).send().await;
        assert_eq!(ended.status, 200, "it is not as it was read: {ended:?}");
        let ended = ended.json();
        let by = json!({"id": repealing.rsplit('/').next().unwrap(), "number": "NQ 2/2024"});
        assert_eq!(
            (&ended["status"], &ended["repealed_by"], &ended["ended_on"]),
            (&json!("published"), &by, &json!("2024-09"))
        );
        let own = get(&repealing).await;
        assert_eq!((&own["repealed_by"], &own["ended_on"]), (&Value::Null, &Value::Null));

        let rights = get(&format!("/v1/persons/{LAN}/entitlements?from=2024-09&to=2024-10")).await;
        let items = rights["items"].as_array().unwrap().iter();
        let periods: Vec<&Value> = items.flat_map(|own| own["periods"].as_array().unwrap()).collect();
        let has = |key: &str, month: &str, group: &str, amount: i64| {
            let mut periods = periods.iter();
            periods.any(|own| own[key] == month && own["group"] == group && own["amount"] == amount)
        };
        assert!(has("to", "2024-09", "qn_test_1", 1_500_000), "{rights}");
        assert!(has("from", "2024-10", "5.6", 750_000), "{rights}");
        let lines = town.next_run("2024-10").await;
        assert_eq!(lines, [("regular".to_owned(), 202_410, 750_000)]);
        town.close().await;
    });
}
