//! Money that is approved goes to who may receive it: another payee or a death sends what would pay the one before back to
//! be built again.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{Actor, access, pay_run, payment_order, person, verify};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::{LAN, Town};

const SECOND: Uuid = Uuid::from_u128(0x52);
/// The numbers that people show at the post office.
const LAN_NUMBER: &str = "022190001234";
const SECOND_NUMBER: &str = "022190001235";
const GUARDIAN: &str = "022190009999";
const HEIR: &str = "022190008888";

/// The numbers under which a run is paid out, with the money of each.
async fn paid_to(town: &Town<'_>, run: Uuid) -> Vec<(String, i64)> {
    let orders = payment_order::list(&town.house.app, &town.officers[3], run, None, None)
        .await
        .unwrap();
    let orders = orders.items.into_iter();
    let mut paid: Vec<_> = orders.map(|order| (order.account_number, order.amount)).collect();
    paid.sort();
    paid
}

fn to(numbers: &[&str]) -> Vec<(String, i64)> {
    let mut paid: Vec<_> = numbers.iter().map(|number| ((*number).to_owned(), 750_000)).collect();
    paid.sort();
    paid
}

async fn status(town: &Town<'_>, run: Uuid) -> Value {
    json!(town.run(run).await.status)
}

/// Why the money of the person of the tests is held in a run.
async fn held(town: &Town<'_>, run: Uuid) -> Vec<String> {
    let held = pay_run::held(&town.house.app, &town.officers[0], run, None, None).await;
    let own = held.unwrap().items.into_iter().filter(|own| own.person_id == LAN);
    own.map(|own| own.reason).collect()
}

/// Somebody is to receive money from a day on; a second person confirms it.
pub(super) async fn receives(town: &Town<'_>, who: Uuid, payee: Value) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, who).await.unwrap();
    let own = person::propose_payee(
        app,
        caseworker,
        who,
        own.version,
        serde_json::from_value(payee).unwrap(),
    )
    .await
    .unwrap();
    let proposed = own
        .payees
        .iter()
        .find(|payee| json!(payee.status) == "proposed")
        .unwrap();
    let decider = access::authenticate(app, &town.deciders[0]).await.unwrap();
    person::confirm_payee(app, &decider, who, proposed.id, own.version)
        .await
        .unwrap();
    town.idle().await;
}

pub(super) fn payee(relation: &str, number: &str, benefit: Option<&str>) -> Value {
    json!({"relation": relation, "from": "2024-08-01", "benefit": benefit, "account": {"channel": "post_cash",
        "account_number": number, "holder_name": "Trần Văn Hùng", "post_office": "Bưu cục Hà Phong"}})
}

/// A day of death is recorded of the person of the tests, or taken back.
async fn dies(town: &Town<'_>, on: Option<&str>) {
    let (app, caseworker): (_, &Actor) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, LAN).await.unwrap();
    let told = json!({"full_name": own.full_name, "birth_date": own.birth_date, "sex": own.sex, "death_date": on});
    person::update(app, caseworker, LAN, own.version, serde_json::from_value(told).unwrap())
        .await
        .unwrap();
    town.idle().await;
}

#[test]
fn a_payee_whom_two_people_replace_is_not_paid_by_what_was_approved_before() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        assert_eq!(paid_to(&town, run).await, to(&[LAN_NUMBER, SECOND_NUMBER]));
        town.guardian("2024-08-01", GUARDIAN).await;
        let voided = town.run(run).await;
        assert_eq!(
            (json!(voided.status), json!(voided.build)),
            (json!("draft"), json!("pending"))
        );
        town.holds().await;
        town.rebuild(run).await;
        town.sign(run).await;
        assert_eq!(paid_to(&town, run).await, to(&[GUARDIAN, SECOND_NUMBER]));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_reissue_that_was_submitted_does_not_go_to_who_is_replaced() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = town.pay("2024-09").await;
        town.answers(september, |_| Some("not_collected")).await;
        let again = json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25"});
        let run = desk.opens(again).await.id;
        town.submit(run).await.unwrap();
        town.guardian("2024-08-01", GUARDIAN).await;
        assert_eq!(status(&town, run).await, "draft");
        town.rebuild(run).await;
        town.sign(run).await;
        assert_eq!(paid_to(&town, run).await, to(&[GUARDIAN, SECOND_NUMBER]));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_payee_who_is_replaced_while_a_run_is_built_is_not_paid_by_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = desk.begins("regular", "2024-09").await;
        town.guardian("2024-08-01", GUARDIAN).await;
        town.holds().await;
        if json!(town.run(run).await.build) == "pending" {
            town.rebuild(run).await;
        }
        town.sign(run).await;
        assert_eq!(paid_to(&town, run).await, to(&[GUARDIAN, SECOND_NUMBER]));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_payee_who_changes_nothing_of_a_run_leaves_its_signatures() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        // After its day of payment, for another benefit, and for somebody after a death that has not come.
        town.guardian("2024-12-01", GUARDIAN).await;
        receives(&town, LAN, payee("authorised", GUARDIAN, Some("care_support"))).await;
        receives(&town, SECOND, payee("heir", HEIR, Some("funeral"))).await;
        assert_eq!(status(&town, run).await, "approved");
        town.release(run).await.unwrap();
        assert_eq!(paid_to(&town, run).await, to(&[LAN_NUMBER, SECOND_NUMBER]));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn until_the_first_day_of_a_successor_the_payee_before_is_paid() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.guardian("2024-09-30", GUARDIAN).await;
        let september = town.build("2024-09").await.id;
        assert_eq!(held(&town, september).await, Vec::<String>::new());
        town.sign(september).await;
        assert_eq!(paid_to(&town, september).await, to(&[LAN_NUMBER, SECOND_NUMBER]));
        town.arrives(september).await;
        town.now("2024-09-30T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        assert_eq!(
            paid_to(&town, october).await,
            to(&[GUARDIAN, SECOND_NUMBER]),
            "from that day on the successor"
        );
        town.close().await;
    });
}

#[test]
fn who_follows_before_another_was_to_follow_replaces_both_from_then_on() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.guardian("2024-12-01", GUARDIAN).await;
        town.guardian("2024-10-01", HEIR).await;
        let (app, caseworker) = (&house.app, &town.officers[4]);
        let standing = person::list_payees(app, caseworker, LAN).await.unwrap();
        let spans: Vec<_> = standing
            .iter()
            .map(|own| {
                (
                    own.account.account_number.clone(),
                    own.from.to_string(),
                    own.to.map(|to| to.to_string()),
                )
            })
            .collect();
        let span = |number: &str, from: &str, to: Option<&str>| {
            (number.to_owned(), from.to_owned(), to.map(ToOwned::to_owned))
        };
        let expected = [
            span(LAN_NUMBER, "2022-06-05", Some("2024-09-30")),
            span(HEIR, "2024-10-01", None),
        ];
        assert_eq!(spans, expected);
        town.close().await;
    });
}

#[test]
fn a_death_on_record_stops_what_was_approved_for_the_dead_and_heirs_are_paid() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = town.pay("2024-09").await;
        town.answers(september, |_| Some("not_collected")).await;
        town.now("2024-09-20T02:00:00Z").await;
        let again = json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25"});
        let run = desk.opens(again).await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        dies(&town, Some("2024-09-18")).await;
        assert_eq!(
            status(&town, run).await,
            "draft",
            "September is still owed, and not to the dead"
        );
        town.rebuild(run).await;
        assert_eq!(held(&town, run).await, ["no_heir_account"]);
        town.holds().await;

        receives(&town, LAN, payee("heir", HEIR, None)).await;
        town.rebuild(run).await;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        assert_eq!(paid_to(&town, run).await, to(&[HEIR, SECOND_NUMBER]));
        // It was somebody else who died: heirs receive nothing of who lives.
        dies(&town, None).await;
        assert_eq!(status(&town, run).await, "draft");
        town.guardian("2024-08-01", GUARDIAN).await;
        town.rebuild(run).await;
        town.sign(run).await;
        assert_eq!(paid_to(&town, run).await, to(&[GUARDIAN, SECOND_NUMBER]));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn verify_finds_what_is_approved_for_who_may_not_receive_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        let faults = async || {
            let checks = verify::all(&house.app).await.unwrap();
            let own = checks
                .iter()
                .find(|own| own.name.contains("the person's payee"))
                .unwrap();
            assert_eq!(own.looked_at, 2);
            own.faults.clone()
        };
        assert_eq!(faults().await, Vec::<String>::new());
        let id = if house.app.db.is_sqlite() {
            format!("x'{}'", LAN.simple())
        } else {
            format!("'{LAN}'")
        };
        let death = async |value: &str| {
            let sql = format!("UPDATE person SET death_date = {value} WHERE id = {id}");
            house.app.db.owner().execute_unprepared(&sql).await.unwrap();
        };
        death("'2024-08-25'").await;
        let told = faults().await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("run {run}: line ")), "{told:?}");
        death("NULL").await;
        town.close().await;
    });
}
