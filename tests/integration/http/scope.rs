//! Heads with counts and sums, as somebody sees them who may look at one area alone.

use serde_json::{Value, json};
use service::Role;

use super::seeds;
use crate::harness::{House, each_engine};
use crate::overpayment::town::{AREA, Town};

/// An area in which nothing stands.
const ELSEWHERE: &str = "06658@1900-01";

async fn get(house: &House, key: &str, path: &str) -> Value {
    let answer = house.call("GET", path).key(key).send().await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

async fn count_and_sum(house: &House, key: &str, run: &str) -> (i64, i64) {
    let lines = get(house, key, &format!("/v1/pay-runs/{run}/lines?limit=200")).await;
    let amounts: Vec<i64> = lines["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["amount"].as_i64().unwrap())
        .collect();
    (i64::try_from(amounts.len()).unwrap(), amounts.iter().sum())
}

#[test]
fn a_run_counts_for_an_area_what_is_the_areas() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        // One of the two people lives elsewhere by the time of the run.
        town.second_moves("06658").await;
        let run = town.pay("2024-09").await.to_string();
        let whole = house.key(Role::Auditor, None).await;
        let (inside, elsewhere) = (
            house.key(Role::Auditor, Some(AREA)).await,
            house.key(Role::Auditor, Some("07033@1900-01")).await,
        );
        for (key, expected) in [(&whole, (2, 1_500_000)), (&inside, (1, 750_000)), (&elsewhere, (0, 0))] {
            let head = get(house, key, &format!("/v1/pay-runs/{run}")).await;
            let listed = get(house, key, "/v1/pay-runs").await["items"][0].clone();
            for told in [head, listed] {
                let told = (told["line_count"].as_i64().unwrap(), told["total"].as_i64().unwrap());
                assert_eq!(told, expected);
            }
            assert_eq!(count_and_sum(house, key, &run).await, expected, "as its lines say");
        }
        town.close().await;
    });
}

#[test]
fn a_report_is_there_for_an_area_with_its_own_lines_alone() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        seeds::sow(&town).await;
        let whole = house.key(Role::Auditor, None).await;
        let inside = house.key(Role::Auditor, Some(AREA)).await;
        let outside = house.key(Role::Auditor, Some(ELSEWHERE)).await;
        // The report of the month, and one that speaks of an order that nobody gave.
        let reports = get(house, &whole, "/v1/bank-reports").await;
        let counts = |list: &Value| -> Vec<(i64, i64, i64)> {
            let number = |report: &Value, field: &str| report[field].as_i64().unwrap();
            let reports = list["items"].as_array().unwrap().iter();
            let counts = reports.map(|report| {
                (
                    number(report, "line_count"),
                    number(report, "matched"),
                    number(report, "suspense"),
                )
            });
            let mut counts: Vec<_> = counts.collect();
            counts.sort_unstable();
            counts
        };
        assert_eq!(counts(&reports), [(1, 0, 1), (2, 2, 0)]);
        let own = get(house, &inside, "/v1/bank-reports").await;
        assert_eq!(counts(&own), [(2, 2, 0)]);
        let id = own["items"][0]["id"].as_str().unwrap();
        assert_eq!(
            get(house, &inside, &format!("/v1/bank-reports/{id}")).await,
            own["items"][0]
        );
        assert_eq!(get(house, &outside, "/v1/bank-reports").await["items"], json!([]));
        for path in [format!("/v1/bank-reports/{id}"), format!("/v1/bank-reports/{id}/lines")] {
            let answer = house.call("GET", &path).key(&outside).send().await;
            answer.problem("not-found");
        }
        town.close().await;
    });
}

#[test]
fn a_simulation_counts_the_province_and_is_there_for_the_province() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.publish_recovery("").await;
        let (whole, inside) = (
            house.key(Role::Auditor, None).await,
            house.key(Role::Auditor, Some(AREA)).await,
        );
        let instruments = get(house, &inside, "/v1/instruments").await;
        let own = instruments["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|own| own["number"] == "1/2024/NQ-TH");
        let path = format!("/v1/instruments/{}/simulation", own.unwrap()["id"].as_str().unwrap());
        assert_eq!(get(house, &whole, &path).await["result"]["people"], 2);
        for path in [path.clone(), format!("{path}.xlsx")] {
            assert_eq!(house.call("GET", &path).key(&whole).send().await.status, 200);
            house.call("GET", &path).key(&inside).send().await.problem("not-found");
        }
        town.close().await;
    });
}
