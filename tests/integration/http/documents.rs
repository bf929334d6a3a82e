//! The document, its page, the probes.

use std::collections::BTreeSet;

use serde_json::Value;
use service::Role;

use crate::harness::{House, each_engine};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every operation as (method, path, description).
pub(super) fn operations() -> Vec<(String, String, Value)> {
    let document = api::openapi();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            operations.push((method.to_ascii_uppercase(), path.clone(), operation.clone()));
        }
    }
    operations
}

#[test]
fn the_committed_document_is_what_the_program_serves() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    if std::env::var_os("ANSINH_WRITE_OPENAPI").is_some() {
        std::fs::write(path, api::openapi_text()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == api::openapi_text(),
        "openapi/openapi.json is old: run `ansinh openapi > openapi/openapi.json`"
    );
}

/// Lists that are always short enough for one page.
const WHOLE: &[&str] = &[
    "/v1/bank-profiles",
    "/v1/bank-reports/{id}/set-aside",
    "/v1/entitlements/{id}/determinations",
    "/v1/funds",
    "/v1/funds/{id}/reservations",
    "/v1/instruments",
    "/v1/instruments/{id}/findings",
    "/v1/instruments/{id}/simulations",
    "/v1/month-closes",
    "/v1/parameters",
    "/v1/pay-runs/{id}/files",
    "/v1/payment-files/{id}/deliveries",
    "/v1/recalls/{id}/answers",
    "/v1/recalls/{id}/deliveries",
    "/v1/reconciliation/amount-differences",
    "/v1/payment-orders/{id}/bank-silence",
    "/v1/payment-orders/{id}/cancel-return",
    "/v1/persons/{id}/entitlements",
    "/v1/persons/{id}/evidence",
    "/v1/persons/{id}/payee-accounts",
    "/v1/releases",
    "/v1/relief-events",
    "/v1/relief-requests/{id}/claims",
    "/v1/signing-keys",
];

#[test]
fn each_operation_is_told_whole() {
    let mut ids = BTreeSet::new();
    let document = api::openapi();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    for (method, path, operation) in operations() {
        let told = format!("{method} {path}");
        assert!(
            ids.insert(operation["operationId"].to_string()),
            "{told}: its id is used twice"
        );
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{told} has no summary"
        );
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        assert!(tags.contains(tag), "{told}: no tag {tag}");
        let guarded = path.starts_with("/v1/");
        assert_eq!(operation["responses"].get("401").is_some(), guarded, "{told}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            for body in response["content"]
                .as_object()
                .into_iter()
                .flat_map(|content| content.values())
            {
                assert!(
                    body.get("example").or(body.get("examples")).is_some(),
                    "{told} {status} has no example"
                );
            }
        }
        let body = operation.get("requestBody");
        assert!(
            body.is_none_or(|body| body["content"].is_object()),
            "{told}: a body of no kind"
        );
        if let Some(content) = operation["requestBody"]["content"].as_object() {
            assert!(
                content.values().all(|body| body.get("example").is_some()),
                "{told} has no example of its body"
            );
        }
        let once = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|p| p["name"] == "Idempotency-Key");
        let listed = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let cursor = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|p| p["name"] == "cursor");
        let bare = operation["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "array";
        assert!(!bare, "{told}: a list comes as a page");
        let whole = WHOLE.contains(&path.as_str());
        let page = method == "GET" && listed.is_some_and(|name| name.contains("/Page_"));
        assert_eq!(cursor, page && !whole, "{told}: a page has a cursor");
        let stores = method == "POST" && path != "/v1/calculations";
        assert_eq!(
            once, stores,
            "{told}: every POST that stores something takes an Idempotency-Key"
        );
    }
}

#[test]
fn the_docs_page_needs_nothing_from_elsewhere() {
    each_engine(async |house| {
        assert_eq!(house.call("GET", "/docs").send().await.header("location"), "/docs/");
        let page = house.call("GET", "/docs/").send().await;
        assert_eq!(page.status, 200);
        assert!(!page.text.contains("src=\"http") && !page.text.contains("href=\"http"));
        for asset in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
            assert_eq!(
                house.call("GET", &format!("/docs/{asset}")).send().await.status,
                200,
                "{asset}"
            );
        }
        // Nobody else is asked whether the document is valid.
        let settings = house.call("GET", "/docs/swagger-initializer.js").send().await;
        assert!(
            settings.text.contains("\"validatorUrl\": \"none\""),
            "{}",
            settings.text
        );
        let document = house.call("GET", "/openapi.json").send().await;
        assert_eq!(document.json(), api::openapi());
    });
}

#[test]
fn probes_tell_of_health_readiness_and_numbers() {
    each_engine(async |house| {
        assert_eq!(house.call("GET", "/healthz").send().await.json()["status"], "ok");
        assert_eq!(house.call("GET", "/readyz").send().await.json()["ready"], true);
        let key = house.key(Role::Administrator, None).await;
        house.call("GET", "/v1/me").key(&key).send().await;
        let numbers = house.call("GET", "/metrics").send().await.text;
        let line = r#"ansinh_http_request_duration_seconds_count{method="GET",route="/v1/me",status="200"} 1"#;
        assert!(numbers.lines().any(|found| found == line), "{numbers}");
    });
}

#[test]
fn what_is_missing_is_named() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let gone = api::Probe::new("redis", || Box::pin(async { false }));
        let house = House::open(
            None,
            api::ServerOptions {
                probes: vec![gone],
                ..Default::default()
            },
        )
        .await;
        let answer = house.call("GET", "/readyz").send().await;
        assert_eq!(answer.status, 503);
        assert_eq!(
            answer.problem("unavailable"),
            [("/redis".to_owned(), "missing".to_owned())]
        );
        house.close().await;
    });
}

/// Two types of one name share one schema, and one of them is told wrongly.
#[test]
fn every_schema_has_a_name_of_its_own() {
    fn read(folder: &std::path::Path, named: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, named);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for part in text.split("#[derive(").skip(1) {
                    let (derived, rest) = part.split_once(")]").unwrap_or((part, ""));
                    let own = derived.split(',').any(|one| one.trim().ends_with("ToSchema"));
                    let line = rest.lines().find(|line| line.starts_with("pub "));
                    let name = line.and_then(|line| line.split([' ', '<', '{', '(', ';']).nth(2));
                    let (before, _) = rest.split_once("pub ").unwrap_or((rest, ""));
                    let renamed = before
                        .split_once("#[schema(as = ")
                        .and_then(|(_, name)| name.split_once(')'));
                    let name = renamed.map(|(name, _)| name).or(name);
                    named.extend(name.filter(|_| own).map(ToOwned::to_owned));
                }
            }
        }
    }
    let mut named = Vec::new();
    for folder in ["domain/src", "service/src", "api/src"] {
        read(
            &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut named,
        );
    }
    assert!(named.len() > 100, "{named:?}");
    named.sort();
    let twice: Vec<_> = named.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// The attribute of the document takes a number alone: here it is held to the one that names are read by.
#[test]
fn the_longest_name_is_told_as_it_is_taken() {
    let document = api::openapi();
    let mut told = Vec::new();
    for (schema, own) in document["components"]["schemas"].as_object().unwrap() {
        for field in ["full_name", "holder_name"] {
            let longest = &own["properties"][field]["maxLength"];
            told.extend(longest.as_u64().map(|longest| (schema.as_str(), longest)));
        }
    }
    assert!(told.len() >= 3, "{told:?}");
    let longest = u64::try_from(domain::name::NAME_MAX).unwrap();
    assert!(told.iter().all(|(_, own)| *own == longest), "{told:?}");
}

/// What a frontend reads of an overpayment is what the document says of it.
#[test]
fn the_document_tells_the_months_and_steps_of_an_overpayment() {
    let document = api::openapi();
    let schemas = &document["components"]["schemas"];
    let parts = schemas["CaseView"]["allOf"].as_array().unwrap();
    let own = parts.iter().find_map(|part| part.get("properties")).unwrap();
    for (field, known) in [("months", ["detected", "benefit"]), ("history", ["action", "reason"])] {
        let named = own[field]["items"]["$ref"].as_str().unwrap();
        let schema = &schemas[named.rsplit('/').next().unwrap()]["properties"];
        for one in known {
            assert!(schema[one].is_object(), "{field}: {one} in {named}");
        }
    }
}

/// A month is a text such as `2024-09` wherever it is told or asked for, never the number of a table.
#[test]
fn a_month_is_written_alike_everywhere() {
    fn of_month(name: &str) -> bool {
        ["month", "months"].contains(&name) || name.ends_with("_month") || name.ends_with("_months")
    }
    fn is_number(schema: &Value) -> bool {
        let kinds = [&schema["type"], &schema["items"]["type"]];
        kinds.into_iter().any(|kind| {
            let listed = kind.as_array().is_some_and(|all| all.contains(&"integer".into()));
            *kind == "integer" || listed
        })
    }
    fn walk(value: &Value, months: &mut usize, numbers: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let (Some(name), Some(schema)) = (fields.get("name").and_then(Value::as_str), fields.get("schema")) {
                    numbers.extend((of_month(name) && is_number(schema)).then(|| name.to_owned()));
                }
                for (name, own) in fields {
                    if of_month(name) && own.get("type").is_some() {
                        *months += 1;
                        numbers.extend(is_number(own).then(|| name.clone()));
                    }
                    walk(own, months, numbers);
                }
            }
            Value::Array(all) => all.iter().for_each(|own| walk(own, months, numbers)),
            _ => {}
        }
    }
    let (mut months, mut numbers) = (0, Vec::new());
    walk(&api::openapi(), &mut months, &mut numbers);
    assert!(months > 20, "{months}");
    assert_eq!(numbers, Vec::<String>::new());
}
