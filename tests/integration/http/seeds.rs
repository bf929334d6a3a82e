//! A town in which something of every resource stands.

use std::collections::BTreeMap;

use domain::Vnd;
use domain::bank_report::synthetic::{Answer, write_post_results};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::month_close::{self, CloseMonth};
use service::{Role, bank_report};

use crate::harness::{House, opens_fund};
use crate::overpayment::town::{AREA, LAN, Town};

/// An id that nothing has, for what nothing stands of.
const NOTHING: &str = "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e";

/// The day on which the town stands.
const TODAY: &str = "2024-09-20";

fn is_to_come(value: &Value) -> bool {
    value.as_str().is_some_and(|day| day > TODAY)
}

/// Ids by resource, and by the name of a second id in a path.
pub(super) struct Seeds(BTreeMap<&'static str, String>);

impl Seeds {
    /// A path with its ids filled in.
    pub(super) fn fill(&self, path: &str) -> String {
        let mut filled: Vec<String> = Vec::new();
        for part in path.split('/') {
            let resource = filled.last().cloned().unwrap_or_default();
            filled.push(match part {
                "{id}" => self.of(&resource),
                _ => match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) => self.of(name),
                    None => part.to_owned(),
                },
            });
        }
        filled.join("/")
    }

    /// Puts another id in the place of a resource's.
    pub(super) fn set(&mut self, resource: &'static str, id: impl ToString) {
        self.0.insert(resource, id.to_string());
    }

    /// The id of a resource.
    pub(super) fn of(&self, name: &str) -> String {
        self.0.get(name).map_or_else(|| NOTHING.to_owned(), Clone::clone)
    }

    /// An example made valid here: it names what stands, and says nothing of days to come.
    pub(super) fn put_into(&self, body: &mut Value) {
        match body {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    match name.as_str() {
                        "person_id" => *value = json!(LAN),
                        "relief_event_id" => *value = json!(self.of("relief-events")),
                        "value" => *value = json!("severe"),
                        "death_date" | "to" if *value == "2024-09-23" => *value = Value::Null,
                        _ if name.ends_with("_on") && is_to_come(value) => {
                            *value = json!(TODAY);
                        }
                        _ => self.put_into(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.put_into(item)),
            _ => {}
        }
    }
}

/// One resource after another.
struct Sower<'h> {
    house: &'h House,
    ids: BTreeMap<&'static str, String>,
}

impl Sower<'_> {
    /// The id of the first row of a list.
    async fn first(&mut self, name: &'static str, key: &str, path: &str) {
        let answer = self.house.call("GET", path).key(key).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let listed = answer.json();
        let id = listed["items"][0]["id"].as_str().map(ToOwned::to_owned);
        self.ids.insert(name, id.unwrap_or_else(|| panic!("{path} is empty")));
    }

    /// The id of something new.
    async fn make(&mut self, name: &'static str, key: &str, path: &str, tag: &str, body: Value) -> Value {
        let post = self.house.call("POST", path).key(key).once(&format!("seed {name}"));
        let answer = post.if_match(tag).json(&body).send().await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
        let made = answer.json();
        self.ids
            .insert(name, made["id"].as_str().unwrap_or_default().to_owned());
        made
    }
}

/// A month paid and reported, an overpayment, an application, a household, a relief request, a line in suspense.
pub(super) async fn sow(town: &Town<'_>) -> Seeds {
    let house = town.house;
    let run = town.pay("2024-09").await;
    town.now("2024-09-20T02:00:00Z").await;
    town.acknowledges_first(run).await;
    town.arrives(run).await;
    stray_answer(town, "AS00000000000000000000").await;
    town.publish_recovery("").await;
    town.disability_ends(Some("2024-07-31")).await;
    let relief = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
        "amount": 1_000_000_000});
    opens_fund(&house.app, serde_json::from_value(relief).unwrap()).await;

    papers(town).await;
    close_month(town, "2024-09").await;
    let caseworker = town.caseworker.as_str();
    let preparer = house.key(Role::Preparer, None).await;
    let verifier = house.key(Role::ReliefVerifier, None).await;
    let auditor = house.key(Role::Auditor, None).await;
    let mut sower = Sower {
        house,
        ids: BTreeMap::from([
            ("persons", LAN.to_string()),
            ("pay-runs", run.to_string()),
            ("number", "1".to_owned()),
            ("month", "2024-09".to_owned()),
            ("bank", "AGRIBANK".to_owned()),
            ("date", "2024-12-26".to_owned()),
            ("line_id", town.lines(run).await[0].id.to_string()),
        ]),
    };
    let person = format!("/v1/persons/{LAN}");
    let read = house.call("GET", &person).key(caseworker).send().await.json();
    for (name, list) in [("evidence_id", "evidence"), ("residence_id", "residences")] {
        sower.ids.insert(name, read[list][0]["id"].as_str().unwrap().to_owned());
    }
    let application = json!({"person_id": LAN, "benefit": "social_pension", "filed_on": "2024-09-01"});
    sower
        .make("applications", caseworker, "/v1/applications", "", application)
        .await;
    let home = json!({"area": "06652", "address": "Tổ 3, khu 2"});
    let home = sower.make("households", caseworker, "/v1/households", "", home).await;
    let members = format!("/v1/households/{}/members", home["id"].as_str().unwrap());
    let member = json!({"person_id": LAN, "relation": "chủ hộ", "from": "2020-01-01"});
    let home_again = sower.make("", caseworker, &members, "\"1\"", member).await;
    let member = home_again["members"][0]["id"].as_str().unwrap();
    sower.ids.insert("member_id", member.to_owned());
    let storm = json!({"code": "bao-so-3", "name": "Bão số 3", "kind": "storm", "happened_on": "2024-09-07",
        "area_ids": []});
    let storm = sower
        .make("relief-events", &verifier, "/v1/relief-events", "", storm)
        .await;
    let request = json!({"relief_event_id": storm["id"], "area_id": AREA, "reference": "15/TTr",
        "claims": [{"person_id": LAN, "loss": "house_lost", "circumstances": {"in_need": true}}]});
    sower
        .make("relief-requests", caseworker, "/v1/relief-requests", "", request)
        .await;
    for (name, path) in [
        ("entitlements", format!("{person}/entitlements")),
        ("payee_id", format!("{person}/payee-accounts")),
        ("overpayments", "/v1/overpayments".to_owned()),
        ("payment-files", format!("/v1/pay-runs/{run}/files")),
        ("payment-orders", format!("/v1/pay-runs/{run}/orders")),
        ("recalls", "/v1/recalls".to_owned()),
        ("registry-findings", "/v1/registry-findings".to_owned()),
        ("suspense", "/v1/reconciliation/suspense".to_owned()),
        ("amount-differences", "/v1/reconciliation/amount-differences".to_owned()),
        ("deliveries", "/v1/deliveries".to_owned()),
        ("bank-reports", "/v1/bank-reports".to_owned()),
        ("programs", "/v1/programs".to_owned()),
        ("instruments", "/v1/instruments".to_owned()),
        ("funds", "/v1/funds".to_owned()),
        ("job-runs", "/v1/job-runs".to_owned()),
        ("jobs", "/v1/jobs".to_owned()),
    ] {
        let key = if matches!(name, "payee_id" | "entitlements" | "registry-findings") {
            caseworker
        } else {
            &auditor
        };
        sower.first(name, key, &path).await;
    }
    let more = json!({"to_fund_id": sower.ids["funds"], "amount": 1_000_000, "reason": "QĐ 120/QĐ-UBND"});
    sower
        .make("fund-transfers", &preparer, "/v1/fund-transfers", "", more)
        .await;
    // Two of them, for two banks: one bank has one open proposal at a time.
    let administrator = house.key(Role::Administrator, None).await;
    for (name, bank) in [("", "VCB"), ("bank-profile-proposals", "AGRIBANK")] {
        let terms = json!({"profile": {"max_lines": 2000, "note": "kiểm thử"}, "note": "Theo mẫu ngân hàng gửi"});
        let path = format!("/v1/bank-profiles/{bank}/propose");
        sower.make(name, &administrator, &path, "\"0\"", terms).await;
    }
    let tiers = json!({"note": "kiểm thử", "tiers": [
        {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"}]});
    let path = "/v1/approval-tiers/propose";
    sower
        .make("treasury-proposals", &administrator, path, "\"0\"", tiers)
        .await;
    enrolled_program(&mut sower, &preparer).await;
    Seeds(sower.ids)
}

/// A recall of each order, a finding about each person and what a line told of each order, as a bank would have brought
/// them about.
async fn papers(town: &Town<'_>) {
    let conn = town.house.app.db.owner();
    let at = "(SELECT MIN(received_at) FROM bank_report)";
    let user = "(SELECT id FROM user_account LIMIT 1)";
    for insert in [
        format!(
            "INSERT INTO recall (id, order_id, sequence, reason, note, status, proposed_by, proposed_at)
             SELECT id, id, 1, 'CUST', 'kiểm thử', 'proposed', {user}, {at} FROM payment_order"
        ),
        format!(
            "INSERT INTO registry_finding (id, person_id, kind, order_id, line_id, payee_account_id, status, note, opened_at,
               decided_by, decided_at, version)
             SELECT id, person_id, 'reported_deceased', order_id, (SELECT id FROM bank_report_line LIMIT 1), payee_account_id,
               'dismissed', 'kiểm thử', {at}, {user}, {at}, 1 FROM payment_line"
        ),
        format!(
            "INSERT INTO amount_difference (id, order_id, returned, moved, amount, contra, fund_code, status, opened_at)
             SELECT id, id, FALSE, amount, 0, 'paid', 'social_assistance', 'noted', {at} FROM payment_order"
        ),
    ] {
        conn.execute_unprepared(&insert).await.unwrap();
    }
}

/// Two people close a month.
pub(super) async fn close_month(town: &Town<'_>, month: &str) {
    let (app, month) = (&town.house.app, month.parse().unwrap());
    let note = CloseMonth { note: String::new() };
    let prepared = month_close::close(app, &town.officers[0], month, note).await.unwrap();
    month_close::confirm(app, &town.officers[1], month, prepared.version)
        .await
        .unwrap();
}

/// The program that people of the town are enrolled in.
async fn enrolled_program(sower: &mut Sower<'_>, key: &str) {
    let programs = sower
        .house
        .call("GET", "/v1/programs?limit=200")
        .key(key)
        .send()
        .await
        .json();
    for program in programs["items"].as_array().unwrap() {
        let id = program["id"].as_str().unwrap();
        let numbers = sower
            .house
            .call("GET", &format!("/v1/programs/{id}/statistics"))
            .key(key)
            .send()
            .await;
        if numbers.json()["enrolled"] != 0 {
            sower.ids.insert("programs", id.to_owned());
            return;
        }
    }
    panic!("nobody is enrolled");
}

/// The post office answers for an order that nobody gave, newest of all reports but with the month's report beside it.
pub(super) async fn stray_answer(town: &Town<'_>, reference: &str) {
    let answer = Answer {
        reference: reference.to_owned(),
        uetr: None,
        amount: Vnd::new(750_000).unwrap(),
        status: "paid".to_owned(),
        reason: None,
        account: None,
        bank_reference: None,
    };
    let app = &town.house.app;
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, app.clock.today(), &[answer]).unwrap();
    bank_report::upload(app, &town.officers[3], "stray.csv", bytes)
        .await
        .unwrap();
    town.idle().await;
}
