//! A preview, what is left out of a run, and the proof of a line.

use serde_json::{Value, json};
use service::pay_run;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::{LAN, Town};

/// Sums of a preview: key, lines and total.
fn sums(preview: &Value, by: &str) -> Vec<(String, i64, i64)> {
    let sums = preview[by].as_array().unwrap().iter();
    sums.map(|sum| {
        (
            sum["key"].as_str().unwrap().to_owned(),
            sum["lines"].as_i64().unwrap(),
            sum["total"].as_i64().unwrap(),
        )
    })
    .collect()
}

#[test]
fn what_is_left_out_is_held_with_who_and_why_and_owed_still() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await;
        let (id, path) = (run.id, format!("/v1/pay-runs/{}", run.id));
        let own = town.lines(id).await[0].clone();
        let both = json!({"person_id": LAN, "line_id": own.id, "reason": "?"});
        let refused = desk
            .tries(
                &desk.preparer,
                ("POST", &format!("{path}/exclusions")),
                &path,
                Some(both),
            )
            .await;
        assert_eq!(
            refused.problem("invalid"),
            [("/person_id".to_owned(), "one_of_two".to_owned())]
        );
        let stranger = json!({"person_id": Uuid::from_u128(0x99), "reason": "Không có"});
        let refused = desk
            .tries(
                &desk.preparer,
                ("POST", &format!("{path}/exclusions")),
                &path,
                Some(stranger),
            )
            .await;
        assert_eq!(
            refused.problem("invalid"),
            [("/person_id".to_owned(), "not_in_run".to_owned())]
        );

        let why = json!({"line_id": own.id, "reason": "Chờ xác minh nơi cư trú"});
        let without = desk.takes(&desk.preparer, id, "exclusions", Some(why.clone())).await;
        assert_eq!(
            (&without["line_count"], &without["total"]),
            (&json!(1), &json!(750_000))
        );
        assert_eq!(town.lines(id).await.len(), 0);
        let held = desk.get(&format!("{path}/held")).await["items"].clone();
        assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
        assert_eq!(
            (&held[0]["reason"], &held[0]["amount"], &held[0]["exclusion"]["reason"]),
            (&json!("excluded"), &json!(750_000), &json!("Chờ xác minh nơi cư trú"))
        );
        assert!(held[0]["exclusion"]["excluded_by"].is_string());
        assert_eq!(held[0]["cover_month"], "2024-09", "months are written alike everywhere");
        assert_eq!(held[0]["component"], own.component.as_str(), "as its line was");
        let exclusion = held[0]["exclusion"]["id"].as_str().unwrap();

        // Taken in again, the run is what it was.
        let back = format!("{path}/exclusions/{exclusion}");
        let with = desk.tries(&desk.preparer, ("DELETE", &back), &path, None).await;
        assert_eq!((with.status, &with.json()["total"]), (200, &json!(1_500_000)));
        assert_eq!(town.lines(id).await[0].id, own.id);
        let lines = desk.get(&format!("{path}/lines")).await;
        assert_eq!(lines["items"][0]["cover_month"], "2024-09");
        // Left out for good, it stays out when the lines are built again, and waits for the next month.
        desk.takes(
            &desk.preparer,
            id,
            "exclusions",
            Some(json!({"person_id": LAN, "reason": "Chờ xác minh"})),
        )
        .await;
        let run = town.rebuild(id).await;
        assert_eq!(run.line_count, 1);
        town.sign(id).await;
        town.arrives(id).await;
        town.holds().await;
        town.now("2024-09-20T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let mut own: Vec<(i32, i64)> = town
            .lines(october.id)
            .await
            .iter()
            .map(|line| (line.cover_month.yyyymm(), line.amount))
            .collect();
        own.sort_unstable();
        assert_eq!(own, [(202_409, 750_000), (202_410, 750_000)]);
        let late = pay_run::exclude(
            &house.app,
            &town.officers[0],
            id,
            town.run(id).await.version,
            serde_json::from_value(why).unwrap(),
        );
        assert!(late.await.is_err(), "a released run leaves nothing out");
        town.close().await;
    });
}

#[test]
fn a_preview_adds_up_from_every_side_and_says_what_changed() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        let preview = desk.get(&format!("/v1/pay-runs/{run}/preview")).await;
        for by in [
            "by_benefit",
            "by_group",
            "by_area",
            "by_channel",
            "by_bank",
            "by_fund_year",
            "by_kind",
        ] {
            let sums = sums(&preview, by);
            assert_eq!(
                sums.iter().map(|sum| (sum.1, sum.2)).collect::<Vec<_>>(),
                [(2, 1_500_000)],
                "{by}: {sums:?}"
            );
        }
        assert_eq!(sums(&preview, "by_benefit")[0].0, "monthly_allowance");
        assert_eq!(
            (&preview["unchanged"], &preview["changes"]),
            (&json!(2), &json!([])),
            "as the predecessor paid"
        );

        town.now("2024-09-20T02:00:00Z").await;
        town.publish(
            "1/2024/NQ-TH",
            &[("standard.community", json!(600_000), "vnd_per_month")],
            false,
        )
        .await;
        let october = town.build("2024-10").await;
        desk.takes(
            &desk.preparer,
            october.id,
            "exclusions",
            Some(json!({"person_id": LAN, "reason": "Chờ xác minh"})),
        )
        .await;
        let preview = desk.get(&format!("/v1/pay-runs/{}/preview", october.id)).await;
        assert_eq!(sums(&preview, "by_fund_year"), [("2024".to_owned(), 3, 1_200_000)]);
        assert_eq!(
            sums(&preview, "by_kind"),
            [("arrears".to_owned(), 2, 300_000), ("regular".to_owned(), 1, 900_000)]
        );
        assert_eq!(
            preview["changes"],
            json!([
                {"change": "gone", "reason": "excluded", "people": 1, "difference": -750_000},
                {"change": "raised", "reason": "rate", "people": 1, "difference": 150_000},
            ])
        );
        assert_eq!(
            preview["held"],
            json!([{"reason": "excluded", "payments": 3, "total": 1_200_000}])
        );
        town.close().await;
    });
}

#[test]
fn one_line_is_proven_without_the_others() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await;
        let line = town.lines(run.id).await[0].id;
        let path = format!("/v1/pay-runs/{}/lines/{line}/proof", run.id);
        let early = house.call("GET", &path).key(&desk.preparer).send().await;
        early.problem("illegal-transition");
        town.sign(run.id).await;
        let proof = desk.get(&path).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let leaf = text(&proof["leaf"]);
        assert!(leaf.contains("\"amount\":750000"), "{leaf}");
        let climb = |leaf: &str| {
            let mut hash = Sha256::new().chain_update([0]).chain_update(leaf).finalize().to_vec();
            assert!(!proof["siblings"].as_array().unwrap().is_empty());
            for sibling in proof["siblings"].as_array().unwrap() {
                let other = hex::decode(text(&sibling["hash"])).unwrap();
                let (left, right) = if sibling["side"] == "left" {
                    (other, hash)
                } else {
                    (hash, other)
                };
                hash = Sha256::new()
                    .chain_update([1])
                    .chain_update(left)
                    .chain_update(right)
                    .finalize()
                    .to_vec();
            }
            hex::encode(hash)
        };
        let digest = town.run(run.id).await.digest.unwrap();
        assert_eq!((climb(&leaf), text(&proof["digest"])), (digest.clone(), digest.clone()));
        assert_ne!(climb(&leaf.replace("750000", "750001")), digest);
        town.arrives(run.id).await;
        town.close().await;
    });
}
