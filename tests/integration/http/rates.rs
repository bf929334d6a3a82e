//! How often a credential may ask: budgets apart for reading, writing and files, told with each answer.

use api::{Budgets, ServerOptions};
use serde_json::json;
use service::Role;

use crate::harness::{Answer, House, each_engine_with, standing};

/// What is told of the budget that a request drew on: its name and how many requests are left.
fn left(answer: &Answer) -> (&str, u32) {
    let told = answer.header("ratelimit");
    let (name, told) = told.split_once(";r=").unwrap_or_else(|| panic!("{answer:?}"));
    let (left, seconds) = told.split_once(";t=").unwrap_or_else(|| panic!("{answer:?}"));
    assert!(seconds.parse::<u32>().unwrap() <= 60, "{answer:?}");
    (name, left.parse().unwrap())
}

fn open(budgets: Budgets, test: impl AsyncFn(&House)) {
    let options = ServerOptions {
        budgets,
        stopwatch: standing,
        ..ServerOptions::default()
    };
    each_engine_with(&options, test);
}

#[test]
fn reading_writing_and_files_have_budgets_of_their_own_and_each_answer_tells_what_is_left() {
    let budgets = Budgets {
        reads: 3,
        writes: 2,
        uploads: 1,
    };
    open(budgets, async |house| {
        let key = house.key(Role::Treasury, None).await;
        let read = async || house.call("GET", "/v1/me").key(&key).send().await;
        let first = read().await;
        assert_eq!((first.status, left(&first)), (200, ("\"reads\"", 2)));
        assert_eq!(
            first.header("ratelimit-policy"),
            "\"reads\";q=3;w=60, \"writes\";q=2;w=60, \"uploads\";q=1;w=60"
        );
        assert_eq!(left(&read().await).1, 1);
        // What is not found was asked for all the same; an address that does not exist was not.
        let missing = house.call("GET", "/v1/pay-runs/0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e");
        assert_eq!(left(&missing.key(&key).send().await).1, 0);
        let nowhere = house.call("GET", "/v1/nowhere").key(&key).send().await;
        assert_eq!((nowhere.status, nowhere.header("ratelimit")), (404, ""));
        let refused = read().await;
        refused.problem("too-many-requests");
        assert_eq!((refused.status, left(&refused)), (429, ("\"reads\"", 0)));
        assert_eq!(refused.header("retry-after"), "60");

        // Who may read no more may still bring a file in, and change something.
        let upload = async |name: &str| {
            let call = house.call("POST", &format!("/v1/bank-reports?file_name={name}.xml"));
            let call = call.key(&key).once(name);
            call.body("application/octet-stream", "xin chào").send().await
        };
        let first = upload("one").await;
        first.problem("unreadable-bank-file");
        assert_eq!(left(&first), ("\"uploads\"", 0));
        upload("two").await.problem("too-many-requests");
        let write = async |key: &str, once: &str| {
            let call = house.call("POST", "/v1/pay-runs").key(key).once(once);
            call.json(&json!({"kind": "nothing"})).send().await
        };
        for (once, expected) in [("a", 1), ("b", 0)] {
            let answer = write(&key, once).await;
            assert!(answer.status != 429, "{answer:?}");
            assert_eq!(
                left(&answer),
                ("\"writes\"", expected),
                "a refusal of the content counts too"
            );
        }
        write(&key, "c").await.problem("too-many-requests");
        // Each credential has its own, and nobody's key draws on none.
        let other = house.key(Role::Treasury, None).await;
        assert_eq!(left(&write(&other, "a").await), ("\"writes\"", 1));
        let nobody = house.call("GET", "/v1/me").send().await;
        nobody.problem("unauthenticated");
        assert_eq!(nobody.header("ratelimit"), "");
        // The probes stay open to whoever watches over the program.
        let probe = house.call("GET", "/healthz").send().await;
        assert_eq!((probe.status, probe.header("ratelimit")), (200, ""));
    });
}

#[test]
fn who_calculates_without_a_key_is_told_of_the_budget_of_its_address() {
    open(Budgets::default(), async |house| {
        let call = house.call("POST", "/v1/calculations?from=2024-08&to=2024-08");
        let answer = call.json(&json!({})).send().await;
        assert_eq!(left(&answer), ("\"calculations\"", 59), "{answer:?}");
        assert_eq!(answer.header("ratelimit-policy"), "\"calculations\";q=60;w=60");
    });
}
