//! Every operation of the document against callers who may not: without a credential, in another role, of another area.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use service::{Permission, Role};

use super::documents::operations;
use super::permissions::{OPERATIONS, Reach};
use super::seeds::{self, Seeds};
use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::Town;

/// An area in which nothing stands.
const ELSEWHERE: &str = "06658@1900-01";
/// A version that nothing has.
const STALE: &str = "\"999999\"";
/// What stands in no town that is paid in cash by the post alone, or not of the oldest instrument.
const NOT_IN_THIS_TOWN: &[&str] = &[
    "list_held_payments",
    "get_payment_file_manifest",
    "get_payment_file_signature",
    "get_simulation",
    "get_simulation_workbook",
    "compare_scenarios",
    "get_scenario_workbook",
];

/// An operation, ready to be tried.
struct Operation {
    id: String,
    method: String,
    path: String,
    body: Option<(String, String)>,
    roles: Option<BTreeSet<Role>>,
    reach: Reach,
}

impl Operation {
    /// Every operation of the document, with the ids of what stands in the town.
    fn all(seeds: &Seeds) -> Vec<Self> {
        let told = operations();
        let known: BTreeSet<&str> = OPERATIONS.iter().map(|(id, ..)| *id).collect();
        let served: BTreeSet<&str> = told
            .iter()
            .map(|(.., body)| body["operationId"].as_str().unwrap())
            .collect();
        assert_eq!(known, served, "permissions.rs names every operation, and no other");
        told.into_iter()
            .map(|(method, path, told)| Self::of(method, &path, &told, seeds))
            .collect()
    }

    fn of(method: String, path: &str, told: &Value, seeds: &Seeds) -> Self {
        let id = told["operationId"].as_str().unwrap().to_owned();
        let (_, permissions, reach) = OPERATIONS.iter().find(|(known, ..)| *known == id).unwrap();
        let roles = permissions.map(|permissions| match permissions {
            [] => Role::ALL.iter().copied().collect(),
            some => some.iter().flat_map(|one| one.roles()).copied().collect(),
        });
        let body = told.get("requestBody").map(|body| {
            let (kind, content) = body["content"].as_object().unwrap().iter().next().unwrap();
            let mut example = content["example"].clone();
            seeds.put_into(&mut example);
            let text = example.as_str().map_or_else(|| example.to_string(), ToOwned::to_owned);
            (kind.clone(), text)
        });
        Self {
            path: with_query(&seeds.fill(path), told),
            id,
            method,
            body,
            roles,
            reach: *reach,
        }
    }

    async fn call(&self, house: &House, key: Option<&str>, once: &str) -> Answer {
        let mut call = house
            .call(&self.method, &self.path)
            .if_match(STALE)
            .once(&format!("{}:{once}", self.id));
        if let Some(key) = key {
            call = call.key(key);
        }
        if let Some((kind, body)) = &self.body {
            call = call.body(kind, body.clone());
        }
        call.send().await
    }

    /// A role that may.
    fn role(&self) -> Option<Role> {
        self.roles.as_ref().and_then(|roles| roles.first().copied())
    }

    fn told(&self) -> String {
        format!("{} ({} {})", self.id, self.method, self.path)
    }
}

/// The query parameters that an operation needs.
fn with_query(path: &str, told: &Value) -> String {
    let needed = told["parameters"].as_array().into_iter().flatten();
    let needed = needed.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let pairs: Vec<String> = needed
        .map(|parameter| {
            format!(
                "{}={}",
                parameter["name"].as_str().unwrap(),
                parameter["example"].as_str().unwrap()
            )
        })
        .collect();
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

/// How many rows each table has. Whatever is changed leaves a row in the audit trail too.
async fn rows(house: &House) -> BTreeMap<String, i64> {
    let conn = house.app.db.owner();
    let backend = conn.get_database_backend();
    let names = if backend == DbBackend::Sqlite {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    } else {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"
    };
    let mut counts = BTreeMap::new();
    for row in conn
        .query_all_raw(Statement::from_string(backend, names))
        .await
        .unwrap()
    {
        let name: String = row.try_get("", "name").unwrap();
        let count = format!("SELECT COUNT(*) AS n FROM \"{name}\"");
        let row = conn
            .query_one_raw(Statement::from_string(backend, count))
            .await
            .unwrap();
        counts.insert(name, row.unwrap().try_get("", "n").unwrap());
    }
    counts
}

/// A credential of each role, for the whole province or one area.
async fn keys(house: &House, area: Option<&str>) -> BTreeMap<Role, String> {
    let mut keys = BTreeMap::new();
    for role in Role::ALL {
        keys.insert(*role, house.key(*role, area).await);
    }
    keys
}

async fn refuses_strangers_and_other_roles(house: &House, operation: &Operation, keys: &BTreeMap<Role, String>) {
    let told = operation.told();
    let answer = operation.call(house, None, "nobody").await;
    let Some(roles) = &operation.roles else {
        assert!(!matches!(answer.status, 401 | 403 | 405), "{told}: {answer:?}");
        return;
    };
    assert_eq!(answer.status, 401, "{told}: {answer:?}");
    answer.problem("unauthenticated");
    for (role, key) in keys.iter().filter(|(role, _)| !roles.contains(role)) {
        let answer = operation.call(house, Some(key), "other role").await;
        assert_eq!(answer.status, 403, "{told} as {role:?}: {answer:?}");
        answer.problem("forbidden");
        let detail = answer.json()["detail"].as_str().unwrap_or_default().to_owned();
        let lacked = |one: &Permission| !one.roles().contains(role) && detail.contains(&format!("{} (", one.code()));
        assert!(Permission::ALL.iter().any(lacked), "{told} as {role:?}: {detail}");
    }
}

async fn keeps_to_its_area(house: &House, operation: &Operation, elsewhere: &BTreeMap<Role, String>) {
    let (told, Some(role)) = (operation.told(), operation.role()) else {
        return;
    };
    if operation.reach == Reach::Whole {
        return;
    }
    let answer = operation.call(house, Some(&elsewhere[&role]), "other area").await;
    match operation.reach {
        Reach::Whole => {}
        Reach::Absent => {
            assert_eq!(answer.status, 404, "{told} from elsewhere: {answer:?}");
            answer.problem("not-found");
        }
        Reach::Empty => assert_eq!(answer.json()["items"], json!([]), "{told}"),
        Reach::Uncounted => assert_eq!(answer.json()["enrolled"], 0, "{told}"),
        Reach::Refused => {
            assert_eq!(answer.status, 403, "{told} from elsewhere: {answer:?}");
            answer.problem("forbidden");
        }
    }
}

/// Whoever has the role for the whole province comes through: the refusals above were about the role and the area.
async fn lets_in_who_may(house: &House, operation: &Operation, keys: &BTreeMap<Role, String>) {
    let (told, Some(role)) = (operation.told(), operation.role()) else {
        return;
    };
    let answer = operation.call(house, Some(&keys[&role]), "who may").await;
    assert!(
        !matches!(answer.status, 401 | 403 | 405 | 500..),
        "{told} as {role:?}: {answer:?}"
    );
    if NOT_IN_THIS_TOWN.contains(&operation.id.as_str()) {
        return;
    }
    match operation.reach {
        Reach::Whole | Reach::Refused => {}
        Reach::Absent => assert_ne!(answer.status, 404, "{told} as {role:?}: {answer:?}"),
        Reach::Empty => assert_ne!(answer.json()["items"], json!([]), "{told} as {role:?}"),
        Reach::Uncounted => assert_ne!(answer.json()["enrolled"], 0, "{told} as {role:?}"),
    }
}

/// The same request as a HEAD, and what GET answers to it: by whoever may.
async fn answers_head(house: &House, operation: &Operation, keys: &BTreeMap<Role, String>) {
    let (told, key) = (operation.told(), operation.role().map(|role| &keys[&role]));
    let asks = async |method: &str| {
        let call = house.call(method, &operation.path);
        let call = if let Some(key) = key { call.key(key) } else { call };
        call.send().await
    };
    let (head, get) = (asks("HEAD").await, asks("GET").await);
    assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{told}: {head:?}");
    // What the numbers count has changed meanwhile.
    if operation.id == "get_metrics" {
        assert_eq!(head.header("content-type"), get.header("content-type"));
    } else {
        assert_eq!(head.lasting_headers(), get.lasting_headers(), "{told}");
    }
}

#[test]
fn every_get_answers_head_with_its_headers_and_leaves_nothing_behind() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let seeds = seeds::sow(&town).await;
        let keys = keys(house, None).await;
        town.idle().await;
        // A signature is kept from the first time that it is read.
        let lasting = async || {
            let mut counts = rows(house).await;
            counts.remove("payment_file_signature");
            counts
        };
        let before = lasting().await;
        let operations = Operation::all(&seeds);
        let (reads, others): (Vec<_>, Vec<_>) = operations.iter().partition(|own| own.method == "GET");
        assert!(reads.len() > 100, "{}", reads.len());
        for operation in &reads {
            answers_head(house, operation, &keys).await;
        }
        let bare = |own: &Operation| own.path.split('?').next().unwrap_or_default().to_owned();
        let read: BTreeSet<String> = reads.iter().map(|own| bare(own)).collect();
        for operation in others.iter().filter(|own| !read.contains(&bare(own))) {
            let answer = house
                .call("HEAD", &operation.path)
                .key(&keys[&Role::Auditor])
                .send()
                .await;
            assert_eq!(answer.status, 405, "{}", operation.told());
            assert!(!answer.header("allow").contains("HEAD"), "{}", operation.told());
        }
        assert_eq!(lasting().await, before, "reading left something behind");
        town.close().await;
    });
}

#[test]
fn every_operation_keeps_out_strangers_other_roles_and_other_areas() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let seeds = seeds::sow(&town).await;
        let (whole, elsewhere) = (keys(house, None).await, keys(house, Some(ELSEWHERE)).await);
        let operations = Operation::all(&seeds);
        let before = rows(house).await;
        for operation in &operations {
            refuses_strangers_and_other_roles(house, operation, &whole).await;
            keeps_to_its_area(house, operation, &elsewhere).await;
        }
        assert_eq!(rows(house).await, before, "a refused request left something behind");
        for operation in &operations {
            lets_in_who_may(house, operation, &whole).await;
        }
        town.idle().await;
        town.close().await;
    });
}
