//! Every list with a cursor, page by page: no row twice, none lost, and no other list's cursor.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::reminder::RemindOfDays;
use service::{Role, fund, job, person};
use uuid::Uuid;

use super::documents::operations;
use super::permissions::OPERATIONS;
use super::seeds::{self, Seeds};
use crate::harness::{House, each_engine};
use crate::overpayment::town::{AREA, Town};

/// The other person of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);

/// A list of the document that has pages.
struct List {
    id: String,
    path: String,
    key: String,
}

impl List {
    async fn page(&self, house: &House, query: &str) -> Value {
        let path = format!("{}?{query}", self.path);
        let answer = house.call("GET", &path).key(&self.key).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let page = answer.json();
        let link = page["next"].as_str().map_or_else(String::new, |next| {
            let limit = query.split('&').find(|pair| pair.starts_with("limit=")).unwrap();
            format!("<{}?{limit}&cursor={next}>; rel=\"next\"", self.path)
        });
        assert_eq!(answer.header("link"), link, "{}", self.id);
        page
    }

    async fn refuses(&self, house: &House, cursor: &str) {
        let path = format!("{}?cursor={cursor}", self.path);
        let answer = house.call("GET", &path).key(&self.key).send().await;
        assert_eq!(answer.status, 400, "{path}: {answer:?}");
        answer.problem("invalid-cursor");
    }
}

/// Every list with a cursor, from the document.
async fn lists(house: &House, seeds: &Seeds) -> Vec<List> {
    let mut lists = Vec::new();
    for (_, path, told) in operations() {
        let parameters = told["parameters"].as_array().cloned().unwrap_or_default();
        if !parameters.iter().any(|parameter| parameter["name"] == "cursor") {
            continue;
        }
        let id = told["operationId"].as_str().unwrap().to_owned();
        let (_, permissions, _) = OPERATIONS.iter().find(|(known, ..)| *known == id).unwrap();
        let role = permissions
            .and_then(|all| all.first())
            .map_or(Role::Auditor, |one| one.roles()[0]);
        let key = house.key(role, None).await;
        let path = seeds.fill(&path);
        lists.push(List { id, path, key });
    }
    lists
}

/// At least two rows of everything that is listed in pages.
async fn sow_more(town: &Town<'_>, seeds: &mut Seeds) {
    let house = town.house;
    let (app, caseworker) = (&house.app, &town.officers[4]);
    let make = async |path: &str, once: &str, body: Value| {
        let post = house.call("POST", path).key(&town.caseworker).once(once).json(&body);
        let answer = post.send().await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
    };
    let application = json!({"person_id": SECOND, "benefit": "social_pension", "filed_on": "2024-09-01"});
    make("/v1/applications", "second", application).await;
    make(
        "/v1/households",
        "second",
        json!({"area": "06652", "address": "Tổ 4, khu 2"}),
    )
    .await;
    let request = json!({"relief_event_id": seeds.of("relief-events"), "area_id": AREA, "reference": "16/TTr",
        "claims": [{"person_id": SECOND, "loss": "house_lost", "circumstances": {"in_need": true}}]});
    make("/v1/relief-requests", "second", request).await;
    seeds::stray_answer(town, "AS00000000000000000001").await;
    let more = json!({"to_fund_id": seeds.of("funds"), "amount": 2_000_000, "reason": "QĐ 121/QĐ-UBND"});
    fund::propose(app, &town.officers[0], serde_json::from_value(more).unwrap())
        .await
        .unwrap();
    let later = town.pay("2024-10").await;
    // Its orders are with the post office, and two answers fit no order.
    seeds::close_month(town, "2024-10").await;
    seeds.set("month", "2024-10");
    town.acknowledges_first(later).await;
    let own = person::get(app, caseworker, SECOND).await.unwrap();
    let ended = json!({"value": "severe", "from": "2022-03-20", "to": "2024-07-31"});
    let ended = serde_json::from_value(ended).unwrap();
    person::correct_evidence(app, caseworker, SECOND, own.evidence[0].id, own.version, ended)
        .await
        .unwrap();
    // Two lists are to be made in January, and orders of October have no answer; then it is September again.
    town.now("2025-01-02T02:00:00Z").await;
    let slot = app.clock.today();
    app.db
        .write(async |txn| job::enqueue(txn, &RemindOfDays { slot }).await)
        .await
        .unwrap();
    town.idle().await;
    town.now("2024-09-20T02:00:00Z").await;
    // As if nobody had named an account: something is held of everybody who is paid.
    let held = "INSERT INTO held_payment (id, pay_run_id, person_id, entitlement_id, component, cover_month, amount, reason, area_id)
        SELECT id, pay_run_id, person_id, entitlement_id, component, cover_month, amount, 'no_payee_account', area_id
        FROM payment_line";
    app.db.owner().execute_unprepared(held).await.unwrap();

    let auditor = house.key(Role::Auditor, None).await;
    let find = async |path: &str, fits: &dyn Fn(&Value) -> bool| {
        let listed = house.call("GET", path).key(&auditor).send().await.json();
        let found = listed["items"].as_array().unwrap().iter().find(|item| fits(item));
        found.unwrap_or_else(|| panic!("{path}"))["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    seeds.set("persons", SECOND);
    seeds.set(
        "funds",
        find("/v1/funds", &|fund| fund["code"] == "social_assistance").await,
    );
    // The takeover changed everybody: a reassessment with outcomes.
    let took_over = find("/v1/job-runs?kind=reassessment", &|run| run["counts"]["changed"] == 2).await;
    seeds.set("job-runs", took_over);
    seeds.set(
        "bank-reports",
        find("/v1/bank-reports", &|report| report["line_count"] == 2).await,
    );
}

#[test]
fn pages_hold_every_row_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let mut seeds = seeds::sow(&town).await;
        sow_more(&town, &mut seeds).await;
        let lists = lists(house, &seeds).await;
        assert!(lists.len() >= 21, "lists of the document: {}", lists.len());
        let mut last_cursor: Option<String> = None;
        for list in &lists {
            let mut whole = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = list.page(house, &format!("limit=200{cursor}")).await;
                whole.extend(page["items"].as_array().unwrap().iter().cloned());
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert!(whole.len() >= 2, "{}: {} rows", list.id, whole.len());
            // The first rows are enough of a long list.
            let wanted = whole.len().min(12);
            let mut seen: Vec<Value> = Vec::new();
            let mut cursor = String::new();
            let mut first_cursor = String::new();
            while seen.len() < wanted {
                let page = list.page(house, &format!("limit=1{cursor}")).await;
                let items = page["items"].as_array().unwrap();
                assert_eq!(items.len(), 1, "{}", list.id);
                seen.extend(items.iter().cloned());
                let next = page["next"].as_str().map(ToOwned::to_owned);
                assert_eq!(
                    next.is_some(),
                    seen.len() < whole.len(),
                    "{}: the last page ends it",
                    list.id
                );
                let Some(next) = next else { break };
                first_cursor.clone_from(&next);
                cursor = format!("&cursor={next}");
            }
            assert_eq!(seen, whole[..wanted], "{}", list.id);
            let twice = seen.iter().enumerate().any(|(at, row)| seen[..at].contains(row));
            assert!(!twice, "{}: {seen:#?}", list.id);

            for broken in ["", "zzz", "00", &first_cursor[2..], &format!("{first_cursor}00")] {
                list.refuses(house, broken).await;
            }
            if let Some(other) = last_cursor.replace(first_cursor) {
                list.refuses(house, &other).await;
            }
        }
        town.close().await;
    });
}

#[test]
fn rows_that_come_meanwhile_hide_and_repeat_none() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let make = async |name: &str| {
            let post = house
                .call("POST", "/v1/users")
                .key(&key)
                .once(name)
                .json(&json!({"name": name, "staff_number": name}));
            assert_eq!(post.send().await.status, 201);
        };
        for name in ["An", "Binh", "Chi", "Dung"] {
            make(name).await;
        }
        let get = async |query: String| {
            let path = format!("/v1/users?limit=2{query}");
            house.call("GET", &path).key(&key).send().await.json()
        };
        let before = house.call("GET", "/v1/users").key(&key).send().await.json();
        let mut seen: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        for name in ["Giang", "Ha", "Khanh", "Lan"] {
            let page = get(cursor).await;
            seen.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
            make(name).await;
        }
        for user in before["items"].as_array().unwrap() {
            assert_eq!(seen.iter().filter(|own| *own == user).count(), 1, "{user}");
        }
    });
}

#[test]
fn a_cursor_fits_its_own_filters_alone() {
    each_engine(async |house| {
        let key = house.key(Role::Auditor, None).await;
        let page = house.call("GET", "/v1/areas?limit=1").key(&key).send().await.json();
        let next = page["next"].as_str().unwrap();
        let with = |filter: &str| {
            let path = format!("/v1/areas?limit=1&cursor={next}{filter}");
            house.call("GET", &path).key(&key).send()
        };
        assert_eq!(with("").await.status, 200);
        with("&as_of=2025-08-01").await.problem("invalid-cursor");
    });
}
