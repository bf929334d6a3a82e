//! A new release and the people it can touch: those alone are reassessed, and several releases come in order.

use chrono::NaiveDate;
use domain::case_file::Jurisdiction;
use domain::province;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::access;
use service::job::{self, run};
use service::law::SignInstrument;
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::reassessment::{self, Parameters};
use service::{Actor, App, Role, entitlement, installation, law};
use uuid::Uuid;

use crate::harness::{House, each_engine};

const PEOPLE: usize = 600;

struct Town<'h> {
    app: &'h App,
    preparer: Actor,
    approver: Actor,
    releaser: Actor,
    administrator: Actor,
}

impl<'h> Town<'h> {
    async fn open(house: &'h House) -> Self {
        Self::open_with(house, Vec::new()).await
    }

    /// The town with more people than the generated ones.
    async fn open_with(house: &'h House, more: Vec<Value>) -> Self {
        let app = &house.app;
        let persons = province::generate(PEOPLE, 1).map(|own| synthetic::new_person(&own).unwrap());
        let more = more.into_iter().map(|own| serde_json::from_value(own).unwrap());
        let import = ImportPersons {
            opening: true,
            persons: persons.chain(more).collect(),
        };
        let report = bulk::import(app, &Actor::system("tests"), import).await.unwrap();
        assert_eq!(report.rows, []);
        installation::set_first_month(app, "2024-09".parse().unwrap())
            .await
            .unwrap();
        let parameters = Parameters {
            release: law::latest(app).await.unwrap(),
            opening: true,
        };
        let started = app
            .db
            .write(async |txn| reassessment::start(app, txn, parameters.clone(), "tests").await);
        started.await.unwrap();
        job::drain(app, job::KINDS).await.unwrap();
        let officer = async |role| access::authenticate(app, &house.key(role, None).await).await.unwrap();
        Self {
            app,
            preparer: officer(Role::Preparer).await,
            approver: officer(Role::Approver).await,
            releaser: officer(Role::Releaser).await,
            administrator: officer(Role::Administrator).await,
        }
    }

    /// Publishes one rule for a group of its own and gives the reassessment, of which nothing is done yet; nor does the
    /// one that is under way get further meanwhile.
    async fn publish(&self, number: u32, kind: &str, coefficient: i64, under_way: Option<Uuid>) -> Uuid {
        let group = format!("qn_test_{number}");
        let app = self.app;
        let law = domain::law::published_by(app.clock.today());
        let law = domain::law::Release::compile(1, law).unwrap();
        let standards = ["standard.central", "standard.community"];
        let standard = law
            .highest(&standards, Jurisdiction::QuangNinh, app.clock.today())
            .unwrap();
        let name = format!("{number}/2024/NQ-TH");
        let body = json!({
            "number": name, "cite": name, "title": "Văn bản kiểm thử", "issuer": "provincial",
            "issued_on": app.clock.today(), "in_force_from": "2024-09-01",
            "provisions": [{"article": "Điều 1", "rules": [{
                "source": "kiểm thử", "confidence": "high", "benefit": "monthly_allowance", "group": group, "from": "2024-09-01",
                "setting": "community", "when": {"all": [{"age": {"below": 16}}, {"evidence": {"kind": kind}}]},
                "amount": {"times": {"coefficient": coefficient.to_string(), "of": standards}}}]}],
            "cases": [{
                "name": "Trẻ em thuộc nhóm kiểm thử", "month": "2025-01",
                "case": {"birth_date": "2015-03-01", "sex": "female", "jurisdiction": "22", "death_date": null,
                    "residences": [{"area": "06652", "from": "2015-03-01", "to": null, "setting": "community"}],
                    "evidence": [{"kind": kind, "value": true, "from": "2020-01-01", "to": null}]},
                "expect": [{"benefit": "monthly_allowance", "group": group, "amount": standard.dong() * coefficient}]}],
        });
        self.take(body, under_way).await
    }

    /// Takes an instrument from its draft to its publication and gives the reassessment, of which nothing is done yet.
    async fn take(&self, body: Value, under_way: Option<Uuid>) -> Uuid {
        let app = self.app;
        let draft = law::draft(app, &self.preparer, body).await.unwrap();
        law::check(app, &self.preparer, draft.id).await.unwrap();
        law::simulate(app, &self.preparer, draft.id, None).await.unwrap();
        if let Some(under_way) = under_way {
            run::pause(app, &self.administrator, under_way).await.unwrap();
        }
        job::drain(app, job::KINDS).await.unwrap();
        let version = async || law::get(app, &self.preparer, draft.id).await.unwrap().version;
        law::submit(app, &self.preparer, draft.id, version().await, None)
            .await
            .unwrap();
        let seen = law::simulation(app, &self.approver, draft.id, None).await.unwrap();
        let read = SignInstrument {
            simulation: seen.summary.id,
        };
        law::approve(app, &self.approver, draft.id, version().await, read)
            .await
            .unwrap();
        let published = law::publish(app, &self.releaser, draft.id, version().await, read).await;
        if let Some(under_way) = under_way {
            run::resume(app, &self.administrator, under_way).await.unwrap();
        }
        published.unwrap().job_run
    }

    async fn run(&self, id: Uuid) -> Value {
        serde_json::to_value(run::view(self.app, &self.administrator, id).await.unwrap()).unwrap()
    }

    /// A number that the database gives.
    async fn count(&self, sql: &str) -> i64 {
        let conn = self.app.db.owner();
        let statement = Statement::from_string(conn.get_database_backend(), sql);
        let row = conn.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// How many people below 16 at the time hold a fact of a kind, by a question of the test's own.
    async fn holders(&self, kind: &str) -> i64 {
        let sql = format!(
            "SELECT COUNT(DISTINCT p.id) FROM person p JOIN evidence e ON e.person_id = p.id \
             WHERE e.kind = '{kind}' AND p.birth_date >= '2007-01-01'"
        );
        self.count(&sql).await
    }
}

/// A poor child with HIV, of group 5.3, whom the predecessor paid.
fn poor_child(number: u128, poor_until: Option<&str>, death: Option<&str>) -> Value {
    json!({
        "id": Uuid::from_u128(number),
        "person": {
            "full_name": "Phạm Thị Lan", "birth_date": "2015-05-01", "sex": "female", "death_date": death,
            "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}],
            "evidence": [{"kind": "hiv", "value": true, "from": "2020-01-01"},
                {"kind": "poverty", "value": "poor", "from": "2020-01-01", "to": poor_until}],
        },
        "decisions": [{"benefit": "monthly_allowance", "number": "12/QĐ", "signed_on": "2020-06-05"}],
    })
}

/// Who meets the conditions of group 5.3 in a month from June 2024 on, or met them in the year before, by a question of
/// the test's own.
const HOLDERS: &str = "SELECT DISTINCT p.id FROM person p \
     JOIN evidence h ON h.person_id = p.id AND h.kind = 'hiv' AND h.superseded_at IS NULL \
     JOIN evidence w ON w.person_id = p.id AND w.kind = 'poverty' AND w.superseded_at IS NULL \
     WHERE p.birth_date >= '2007-01-01' AND CAST(w.value AS TEXT) LIKE '%poor%' \
       AND CAST(w.value AS TEXT) NOT LIKE '%near%' AND (w.to_date IS NULL OR w.to_date >= '2023-06-01')";

/// The rule of group 5.3 in the decree of 2021, ended with May 2024 and issued anew at twice the coefficients.
fn doubled(today: NaiveDate) -> Value {
    let decree = "NĐ 20/2021/NĐ-CP";
    let catalogue = domain::law::catalogue();
    let old = catalogue.iter().find(|own| own.number == decree).unwrap();
    let mut rules = old.provisions.iter().flat_map(|provision| &provision.rules);
    let mut rule = serde_json::to_value(rules.find(|rule| rule.group == "5.3").unwrap()).unwrap();
    rule["from"] = json!("2024-06-01");
    rule["amount"]["by_age"]["brackets"][0]["coefficient"] = json!("5");
    rule["amount"]["by_age"]["brackets"][1]["coefficient"] = json!("4");
    json!({
        "number": "1/2024/NĐ-TH", "cite": "1/2024/NĐ-TH", "title": "Văn bản kiểm thử", "issuer": "central",
        "issued_on": today, "in_force_from": "2024-06-01", "amends": [decree],
        "provisions": [{"article": "Điều 1", "rules": [rule], "ends": [{"instrument": decree,
            "benefit": "monthly_allowance", "groups": ["5.3"], "to": "2024-05-31", "source": "kiểm thử",
            "confidence": "high"}]}],
        // Four times the 500,000 of NQ 08/2022.
        "cases": [{
            "name": "Trẻ từ 4 tuổi nhiễm HIV thuộc hộ nghèo", "month": "2024-06",
            "case": {"birth_date": "2015-05-01", "sex": "female", "jurisdiction": "22", "death_date": null,
                "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
                "evidence": [{"kind": "hiv", "value": true, "from": "2020-01-01", "to": null},
                    {"kind": "poverty", "value": "poor", "from": "2020-01-01", "to": null}]},
            "expect": [{"benefit": "monthly_allowance", "group": "5.3", "amount": 2_000_000}]}],
    })
}

#[test]
fn another_coefficient_of_one_group_touches_its_holders_and_no_row_of_the_others() {
    each_engine(async |house| {
        // One receives still, one lost the right in July and one died in July: all three inside the reach-back.
        let (still, ended, dead) = (0x701, 0x702, 0x703);
        let town = Town::open_with(
            house,
            vec![
                poor_child(still, None, None),
                poor_child(ended, Some("2024-07-15"), None),
                poor_child(dead, None, Some("2024-07-20")),
            ],
        )
        .await;
        let holders = town.count(&format!("SELECT COUNT(*) FROM ({HOLDERS}) AS own")).await;
        assert!(holders > 3, "holders besides the three: {holders}");
        let others = format!(
            "SELECT COUNT(*) FROM determination d JOIN entitlement e ON e.id = d.entitlement_id \
             WHERE e.person_id NOT IN ({HOLDERS})"
        );
        let before = (
            town.count(&others).await,
            town.count("SELECT COUNT(*) FROM determination").await,
        );
        assert!(before.0 > 100, "several hundred people of other groups");
        let reassessment = town.take(doubled(town.app.clock.today()), None).await;
        job::drain(town.app, job::KINDS).await.unwrap();
        let told = town.run(reassessment).await;
        assert_eq!(
            (&told["status"], &told["total"]),
            (&json!("done"), &json!(holders)),
            "the holders and nobody else: {told}"
        );
        assert_eq!(
            town.count(&others).await,
            before.0,
            "no row for a holder of another group"
        );
        let [changed, held] = ["changed", "held"].map(|outcome| told["counts"][outcome].as_i64().unwrap());
        let new = town.count("SELECT COUNT(*) FROM determination").await - before.1;
        assert!(
            (changed..=changed + held).contains(&new),
            "one row for each who changes: {new}, {told}"
        );
        let of_other_groups = "SELECT COUNT(*) FROM determination d WHERE d.first_release = (SELECT MAX(number) FROM release) \
             AND NOT EXISTS (SELECT 1 FROM determination_period p WHERE p.determination_id = d.id AND p.group_code = '5.3')";
        assert_eq!(town.count(of_other_groups).await, 0);
        for (number, over) in [(still, false), (ended, true), (dead, true)] {
            let rights = entitlement::list(town.app, &town.approver, Uuid::from_u128(number), (None, None), None);
            let rights = serde_json::to_value(rights.await.unwrap()).unwrap();
            let periods = rights.as_array().unwrap().iter();
            let mut periods = periods.flat_map(|own| own["periods"].as_array().unwrap());
            let doubled = periods.find(|own| own["group"] == "5.3" && own["amount"] == 2_000_000);
            let doubled = doubled.unwrap_or_else(|| panic!("{number:x}: {rights}"));
            let ends_then = doubled["to"].as_str().is_some_and(|to| to <= "2024-08");
            assert_eq!(ends_then, over, "{rights}");
        }
        // Nobody was left out: everybody once more, and nothing changes.
        let again = reassessment::repeat(town.app, &town.administrator, reassessment)
            .await
            .unwrap()
            .id;
        job::drain(town.app, job::KINDS).await.unwrap();
        assert_eq!(town.run(again).await["counts"]["changed"], json!(0));
    });
}

#[test]
fn a_rule_for_one_group_reassesses_that_group_and_nobody_else() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let holders = town.holders("hiv").await;
        assert!(holders > 0, "somebody is meant");
        let reassessment = town.publish(1, "hiv", 9, None).await;
        job::drain(town.app, job::KINDS).await.unwrap();
        let told = town.run(reassessment).await;
        assert_eq!(
            (&told["status"], &told["total"]),
            (&json!("done"), &json!(holders)),
            "{told}"
        );
        assert!(told["counts"]["changed"].as_i64() > Some(0), "{told}");
        // Nobody was left out: everybody once more, and nothing changes.
        let again = reassessment::repeat(town.app, &town.administrator, reassessment)
            .await
            .unwrap()
            .id;
        job::drain(town.app, job::KINDS).await.unwrap();
        let told = town.run(again).await;
        assert_eq!(told["total"], json!(PEOPLE));
        assert_eq!(told["counts"]["changed"], json!(0), "{told}");
    });
}

#[test]
fn releases_published_in_a_row_are_reassessed_one_after_the_other() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let first = town.publish(1, "hiv", 9, None).await;
        let second = town.publish(2, "no_caregiver", 8, Some(first)).await;
        let third = town.publish(3, "hiv", 10, Some(first)).await;
        let waiting = town.run(second).await;
        assert_eq!(waiting["status"], "paused");
        assert_eq!(waiting["reason"]["en"], "Waits for the run before it");
        // Nobody lets it go on before its turn.
        let refused = run::resume(town.app, &town.administrator, second).await.unwrap_err();
        assert_eq!(refused.code.code(), "illegal-transition");
        job::drain(town.app, job::KINDS).await.unwrap();
        let mut ended = Vec::new();
        for id in [first, second, third] {
            let told = town.run(id).await;
            assert_eq!(told["status"], "done", "{told}");
            assert!(told["counts"]["changed"].as_i64() > Some(0), "{told}");
            ended.push(told["finished_at"].as_str().unwrap().to_owned());
        }
        assert!(ended.is_sorted(), "{ended:?}");
        let again = reassessment::repeat(town.app, &town.administrator, third)
            .await
            .unwrap()
            .id;
        job::drain(town.app, job::KINDS).await.unwrap();
        assert_eq!(
            town.run(again).await["counts"]["changed"],
            json!(0),
            "all stand on the newest release"
        );
    });
}

#[test]
fn the_end_of_a_run_by_hand_lets_the_next_one_go_on() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let first = town.publish(1, "hiv", 9, None).await;
        let second = town.publish(2, "no_caregiver", 8, Some(first)).await;
        run::cancel(town.app, &town.administrator, first).await.unwrap();
        job::drain(town.app, job::KINDS).await.unwrap();
        assert_eq!(town.run(first).await["done"], 0);
        assert_eq!(town.run(second).await["status"], "done");
        // A later release looks at everybody, because the cancelled one left people behind.
        let third = town.publish(3, "no_caregiver", 9, None).await;
        assert_eq!(town.run(third).await["total"], json!(PEOPLE));
    });
}
