//! The calculator over the API.

use serde_json::json;

use crate::harness::each_engine;

#[test]
fn a_case_file_gives_months_with_their_provisions() {
    each_engine(async |house| {
        let key = house.key_without_role().await;
        let case = json!({
            "id": "a1", "jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
            "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20", "to": null}],
            "claims": [{"benefit": "monthly_allowance", "filed_on": "2022-03-25", "decided_on": "2022-06-05"}],
        });
        let post = |query: &str| house.call("POST", &format!("/v1/calculations{query}")).key(&key);
        let answer = post("?from=2022-06&to=2022-07").json(&case).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let months = answer.json()["months"].clone();
        // Decided in June for a certificate of March: three months of arrears beside the month itself.
        assert_eq!(
            (months[0]["total"].clone(), months[1]["total"].clone()),
            (json!(2_700_000), json!(675_000))
        );
        assert_eq!(months[1]["components"][0]["provision"], "NĐ 20/2021 Art 6(1)(e)");

        let mut broken = case.clone();
        broken["evidence"][0]["to"] = json!("2022-03-01");
        broken["colour"] = json!("red");
        let answer = post("").json(&broken).send().await;
        assert_eq!(answer.status, 422);
        let pointers: Vec<String> = answer
            .problem("invalid")
            .into_iter()
            .map(|(pointer, _)| pointer)
            .collect();
        assert_eq!(pointers, ["/colour", "/evidence/0/to"]);

        post("?from=2022-13")
            .json(&case)
            .send()
            .await
            .problem("invalid-request");
        post("?from=2023-01&to=2022-01")
            .json(&case)
            .send()
            .await
            .problem("invalid-request");
        post("?release=999").json(&case).send().await.problem("not-found");
    });
}
