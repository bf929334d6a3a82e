//! Simulations over HTTP: what they say, that publication does what they said, and drafts side by side.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use serde_json::{Value, json};
use service::{App, Role, job, law};

use super::instrument::{Office, act, check, draft, newest_simulation, resolution, send};
use crate::harness::{Answer, House, each_engine, texts};
use crate::overpayment::town::{AREA, LAN, Town};

/// A resolution that sets the community standard from a day on.
fn standard(number: &str, from: &str, value: i64) -> Value {
    let mut body = resolution(number, from);
    body["provisions"][0]["parameters"][0]["value"] = json!(value);
    body
}

async fn checked(house: &House, office: &Office, body: &Value) -> String {
    let (path, _) = draft(house, office, body).await;
    check(house, office, &path).await;
    path
}

async fn ask(house: &House, office: &Office, path: &str, query: &str) -> Answer {
    let path = format!("{path}/simulate{query}");
    send(house, &office.preparer, "POST", &path, "*", None).await
}

async fn told(house: &House, key: &str, path: &str) -> Value {
    newest_simulation(house, key, path).await
}

/// Drafts, checks and simulates; the path and the result.
pub(super) async fn simulated(town: &Town<'_>, office: &Office, body: &Value) -> (String, Value) {
    let path = checked(town.house, office, body).await;
    assert_eq!(ask(town.house, office, &path, "").await.status, 202);
    town.idle().await;
    let told = told(town.house, &office.preparer, &path).await;
    assert_eq!((&told["status"], &told["percent"]), (&json!("done"), &json!(100)));
    (path, told["result"].clone())
}

/// A line of a table by one of its keys.
fn line<'v>(table: &'v Value, key: &str, value: &str) -> &'v Value {
    let mut lines = table.as_array().unwrap().iter();
    lines.find(|line| line[key] == value).unwrap()
}

/// The names of a workbook's sheets, and how many charts it has: the archive names each of its parts openly.
fn sheets(bytes: &[u8]) -> (Vec<String>, usize) {
    let book = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    let chart = |number: usize| format!("xl/charts/chart{number}.xml").into_bytes();
    let has = |name: Vec<u8>| bytes.windows(name.len()).any(|part| part == name);
    let charts = (1..).take_while(|number| has(chart(*number))).count();
    (book.sheet_names(), charts)
}

fn people_and_funds_have_names(book: &[u8]) {
    let (people, funds) = (texts(book, "Ví dụ"), texts(book, "Nguồn kinh phí"));
    let own = people.iter().find(|row| row[7] == LAN.to_string()).unwrap();
    assert_eq!(own[1], "Phạm Thị Lan", "{people:?}");
    assert!(!funds.concat().concat().contains("social_assistance"), "{funds:?}");
}

async fn workbook(house: &House, key: &str, path: &str) -> (Vec<String>, usize) {
    sheets(&download(house, key, path).await)
}

async fn download(house: &House, key: &str, path: &str) -> Vec<u8> {
    let found = reqwest::Client::new()
        .get(format!("{}{path}", house.base))
        .bearer_auth(key)
        .send()
        .await
        .unwrap();
    assert_eq!(found.status(), 200, "{path}");
    found.bytes().await.unwrap().to_vec()
}

#[test]
fn a_simulation_tells_heads_money_examples_fund_and_the_past_two_years() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        // Two people of group 5.6 at 1.5 times 500,000.
        let (path, result) = simulated(&town, &office, &standard("NQ 1/2024", "2024-10-01", 640_000)).await;
        assert_eq!(
            (&result["first_month"], &result["people"]),
            (&json!("2024-10"), &json!(2))
        );
        let october =
            json!({"month": "2024-10", "heads_now": 2, "heads_draft": 2, "now": 1_500_000, "draft": 1_920_000});
        assert_eq!(line(&result["by_month"], "month", "2024-10"), &october);
        assert_eq!(line(&result["by_month"], "month", "2024-09")["draft"], 1_500_000);
        let area = line(&result["by_area"], "area_id", AREA);
        assert_eq!((&area["draft"], area["area"].is_string()), (&json!(1_920_000), true));
        assert_eq!(line(&result["by_group"], "group", "5.6")["draft"], 1_920_000);
        let cells = result["cells"].as_array().unwrap();
        assert_eq!(cells.len(), 12, "one area, one group, twelve months");
        assert_eq!(line(&result["cells"], "month", "2025-09")["draft"], 1_920_000);
        assert_eq!(
            (&result["gainers"]["people"], &result["gainers"]["dong"]),
            (&json!(2), &json!(420_000))
        );
        let example = &result["gainers"]["examples"][0];
        assert_eq!(
            (
                &example["person_id"],
                &example["groups_now"],
                &example["now"],
                &example["draft"]
            ),
            (&json!(LAN), &json!("5.6"), &json!(750_000), &json!(960_000))
        );
        for none in ["losers", "entrants", "leavers", "arrears", "potential_overpayments"] {
            assert_eq!(result[none]["people"], 0, "{none}");
        }
        let budget = &result["budget"];
        assert_eq!(
            (&budget["code"], &budget["fiscal_year"]),
            (&json!("social_assistance"), &json!(2024))
        );
        assert_eq!(
            budget["year_draft"].as_i64().unwrap() - budget["year_now"].as_i64().unwrap(),
            3 * 420_000
        );
        let months = budget["months"].as_array().unwrap();
        assert_eq!((months.len(), &months[0]["month"]), (4, &json!("2024-09")));
        assert_eq!(months[3]["left_draft"], 1_000_000_000 - 1_500_000 - 3 * 1_920_000);
        assert_eq!(budget["runs_out_draft"], Value::Null);

        // Two years ago the standard was 450,000, from 2023 on 500,000.
        let replay = &result["replay"];
        assert_eq!(
            (
                &replay["months"]["from"],
                &replay["months"]["to"],
                &replay["months"]["moved_by"]
            ),
            (&json!("2022-08"), &json!("2024-07"), &json!(26))
        );
        assert_eq!(line(&replay["by_month"], "month", "2022-12")["now"], 1_350_000);
        assert_eq!(line(&replay["by_month"], "month", "2023-01")["now"], 1_500_000);
        assert_eq!(replay["draft"], 24 * 1_920_000);

        let (names, charts) = workbook(house, &office.approver, &format!("{path}/simulation.xlsx")).await;
        for name in [
            "Tổng hợp",
            "Theo tháng",
            "Chi tiết",
            "Ví dụ",
            "Nguồn kinh phí",
            "24 tháng qua",
        ] {
            assert!(names.iter().any(|own| own == name), "{name} in {names:?}");
        }
        assert!(charts >= 5, "{charts} charts");
        let book = download(house, &office.approver, &format!("{path}/simulation.xlsx")).await;
        people_and_funds_have_names(&book);
        town.close().await;
    });
}

#[test]
fn a_simulation_shows_no_fund_to_who_may_not_read_funds() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        let (path, _) = simulated(&town, &office, &standard("NQ 1/2024", "2024-10-01", 640_000)).await;
        let key = house.key(Role::Caseworker, None).await;
        let result = told(house, &key, &path).await["result"].clone();
        assert_eq!(
            (&result["gainers"]["people"], &result["budget"]),
            (&json!(2), &Value::Null)
        );
        let (names, _) = workbook(house, &key, &format!("{path}/simulation.xlsx")).await;
        assert!(!names.iter().any(|name| name == "Nguồn kinh phí"), "{names:?}");
        town.close().await;
    });
}

#[test]
fn publication_makes_the_arrears_that_the_simulation_told() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        let (path, result) = simulated(&town, &office, &standard("NQ 1/2024", "2024-09-01", 640_000)).await;
        assert_eq!(result["arrears"], json!({"people": 2, "dong": 420_000}));
        assert_eq!(
            result["paid_months"],
            json!([{"month": "2024-09", "arrears": 420_000, "potential_overpayments": 0}])
        );
        let months = result["budget"]["months"].as_array().unwrap();
        assert_eq!(
            (&months[0]["month"], &months[0]["now"], &months[0]["draft"]),
            (&json!("2024-10"), &json!(1_500_000), &json!(1_920_000 + 420_000))
        );
        for (key, verb) in [
            (&office.preparer, "submit"),
            (&office.approver, "approve"),
            (&office.releaser, "publish"),
        ] {
            let answer = act(house, &office, key, &path, verb).await;
            assert!(answer.status < 300, "{verb}: {answer:?}");
        }
        town.idle().await;
        let mut lines = town.next_run("2024-10").await;
        lines.sort();
        assert_eq!(
            lines,
            [
                ("arrears".to_owned(), 202_409, 210_000),
                ("regular".to_owned(), 202_410, 960_000)
            ]
        );

        // Lowered again for the month that is paid: nothing is owed, 60,000 of each was paid too much.
        let (_, result) = simulated(&town, &office, &standard("NQ 2/2024", "2024-09-01", 600_000)).await;
        assert_eq!(result["arrears"]["dong"], 0);
        assert_eq!(result["potential_overpayments"], json!({"people": 2, "dong": 120_000}));
        assert_eq!(result["losers"]["people"], 2);
        town.close().await;
    });
}

/// The installation with chunks of four people.
fn in_small_chunks(house: &House) -> App {
    App {
        chunk_people: 1,
        ..house.app.clone()
    }
}

#[test]
fn progress_is_that_of_a_run_in_chunks_which_can_be_paused_and_cancelled() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let caseworker = house.key(Role::Caseworker, None).await;
        for number in 0..10 {
            let person = json!({"full_name": format!("Nguyễn Văn {number}"), "birth_date": "1940-05-01", "sex": "male",
                "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}], "evidence": []});
            let call = house
                .call("POST", "/v1/persons")
                .key(&caseworker)
                .once(&format!("p{number}"));
            assert_eq!(call.json(&person).send().await.status, 201);
        }
        job::drain(&house.app, job::KINDS).await.unwrap();
        let path = checked(house, &office, &standard("NQ 1/2024", "2024-10-01", 640_000)).await;
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let preparer = service::access::authenticate(&house.app, &office.preparer)
            .await
            .unwrap();
        let app = in_small_chunks(house);
        let begun = law::simulate(&app, &preparer, id, None).await.unwrap();
        let run = begun.summary.job_run.unwrap();
        let boss = house.key(Role::Administrator, None).await;
        let runs = format!("/v1/job-runs/{run}");
        let shown = house.call("GET", &runs).key(&boss).send().await.json();
        assert_eq!(
            (&shown["kind"], &shown["total"], &shown["done"]),
            (&json!("simulation"), &json!(10), &json!(0))
        );
        let verb = async |verb: &str| {
            house
                .call("POST", &format!("{runs}/{verb}"))
                .key(&boss)
                .once(verb)
                .send()
                .await
        };
        assert_eq!(verb("pause").await.status, 200);
        job::drain(&house.app, job::KINDS).await.unwrap();
        let waiting = told(house, &office.preparer, &path).await;
        assert_eq!(
            (&waiting["status"], &waiting["percent"]),
            (&json!("running"), &json!(0))
        );
        assert_eq!(verb("resume").await.status, 200);
        job::drain(&house.app, job::KINDS).await.unwrap();
        let shown = house.call("GET", &runs).key(&boss).send().await.json();
        assert_eq!((&shown["status"], &shown["done"]), (&json!("done"), &json!(10)));
        let in_chunks = told(house, &office.preparer, &path).await;
        assert_eq!(in_chunks["status"], "done");

        let whole = law::simulate(&house.app, &preparer, id, None).await.unwrap();
        job::drain(&house.app, job::KINDS).await.unwrap();
        let again = told(house, &office.preparer, &path).await;
        assert_eq!(again["id"], json!(whole.summary.id));
        assert_eq!(again["result"], in_chunks["result"], "three chunks or one");

        let cancelled = law::simulate(&app, &preparer, id, None).await.unwrap();
        let path_of_run = format!("/v1/job-runs/{}/cancel", cancelled.summary.job_run.unwrap());
        let ended = house.call("POST", &path_of_run).key(&boss).once("end").send().await;
        assert_eq!(ended.status, 200, "{ended:?}");
        job::drain(&house.app, job::KINDS).await.unwrap();
        assert_eq!(told(house, &office.preparer, &path).await["status"], "failed");
    });
}

#[test]
fn a_sample_is_quick_to_see_and_stands_behind_no_signature() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        let path = checked(house, &office, &standard("NQ 1/2024", "2024-10-01", 640_000)).await;
        ask(house, &office, &path, "?sample=1").await.problem("invalid-request");
        assert_eq!(ask(house, &office, &path, "?sample=2").await.status, 202);
        town.idle().await;
        let sample = told(house, &office.preparer, &path).await;
        assert_eq!(
            (
                &sample["sample"],
                &sample["result"]["people"],
                &sample["result"]["budget"]
            ),
            (&json!(2), &json!(1), &Value::Null)
        );
        act(house, &office, &office.preparer, &path, "submit")
            .await
            .problem("illegal-transition");
        assert_eq!(ask(house, &office, &path, "").await.status, 202);
        town.idle().await;
        assert_eq!(ask(house, &office, &path, "?sample=2").await.status, 202);
        town.idle().await;
        let signed = act(house, &office, &office.preparer, &path, "submit").await;
        assert_eq!(
            signed.status, 200,
            "the simulation of everybody still stands: {signed:?}"
        );
        town.close().await;
    });
}

#[test]
fn drafts_stand_side_by_side_against_the_same_law() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let office = Office::open(house).await;
        let (one, _) = simulated(&town, &office, &standard("NQ 1/2024", "2024-10-01", 640_000)).await;
        let (two, _) = simulated(&town, &office, &standard("NQ 2/2024", "2024-12-01", 700_000)).await;
        let unsimulated = checked(house, &office, &standard("NQ 3/2024", "2024-12-01", 710_000)).await;
        let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        let compare = async |paths: &[&str]| {
            let ids: Vec<String> = paths.iter().map(|path| id(path)).collect();
            let path = format!("/v1/scenarios?instruments={}", ids.join(","));
            house.call("GET", &path).key(&office.approver).send().await
        };
        let found = compare(&[&one, &two]).await;
        assert_eq!(found.status, 200, "{found:?}");
        let found = found.json();
        let numbers: Vec<&Value> = found["scenarios"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| &own["number"])
            .collect();
        assert_eq!(numbers, ["NQ 1/2024", "NQ 2/2024"]);
        assert_eq!(found["scenarios"][1]["twelve_months"]["draft"], 12 * 2 * 1_050_000);
        let drafts = |month: &str| {
            let sides = &line(&found["by_month"], "month", month)["sides"];
            (sides[0]["draft"].clone(), sides[1]["draft"].clone())
        };
        assert_eq!(drafts("2024-10"), (json!(1_920_000), json!(1_500_000)));
        assert_eq!(drafts("2024-12"), (json!(1_920_000), json!(2_100_000)));
        assert_eq!(line(&found["by_group"], "group", "5.6")["sides"][1]["draft"], 2_100_000);
        assert_eq!(line(&found["by_area"], "area_id", AREA)["sides"][0]["draft"], 1_920_000);
        let path = format!("/v1/scenarios.xlsx?instruments={},{}", id(&one), id(&two));
        let (names, charts) = workbook(house, &office.approver, &path).await;
        assert_eq!((names[0].as_str(), charts), ("Phương án", 3), "{names:?}");

        compare(&[&one]).await.problem("invalid-request");
        compare(&[&one, &one]).await.problem("invalid-request");
        compare(&[&one, &unsimulated]).await.problem("not-found");
        for (key, verb) in [
            (&office.preparer, "submit"),
            (&office.approver, "approve"),
            (&office.releaser, "publish"),
        ] {
            assert!(act(house, &office, key, &one, verb).await.status < 300);
        }
        town.idle().await;
        let (three, _) = simulated(&town, &office, &standard("NQ 4/2024", "2024-12-01", 720_000)).await;
        compare(&[&two, &three]).await.problem("conflict");
        town.close().await;
    });
}
