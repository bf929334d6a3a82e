//! Who is determined anew between two runs of one month, or of whom what was paid is put off, is paid each month once.

use serde_json::{Value, json};
use service::payment_order::{decide_cancellation, propose_cancellation};
use service::{access, application, person};
use uuid::Uuid;

use super::desk::Desk;
use super::forecast::{NEW, reaches_back};
use super::right_payee::{payee, receives};
use crate::harness::each_engine;
use crate::overpayment::newcomer::newcomer;
use crate::overpayment::town::{LAN, Town};
use crate::reconciliation::bank::{accept, of};

/// The other person of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);

/// Kind, person, month and đồng of a line.
type Line = (String, Uuid, i32, i64);

fn line(kind: &str, person: Uuid, month: i32, amount: i64) -> Line {
    (kind.to_owned(), person, month, amount)
}

fn month(cover: &str) -> Value {
    json!({"cover_month": cover, "pay_date": format!("{cover}-05")})
}

/// It is recorded that the person of the tests did not collect what was paid between two days.
pub(super) async fn not_collected(town: &Town<'_>, from: &str, to: &str) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, LAN).await.unwrap();
    let fact = of(json!({"kind": "uncollected", "value": true, "from": from, "to": to, "change": "correction"}));
    person::add_evidence(app, caseworker, LAN, own.version, fact)
        .await
        .unwrap();
    town.idle().await;
}

#[test]
fn arrears_that_an_area_was_paid_are_not_paid_again_with_the_rest_of_the_month_after_a_rise() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        // September makes up for July and August.
        reaches_back(&town, ("2024-09-02T02:00:00Z", "2024-07-20", "2024-09-02")).await;
        let desk = Desk::of(&town).await;
        let mut own = month("2024-09");
        own["areas"] = json!(["06652"]);
        let own = desk.opens(own).await.id;
        assert_eq!(
            desk.lines(own).await,
            [
                line("arrears", NEW, 202_407, 750_000),
                line("arrears", NEW, 202_408, 750_000),
                line("regular", LAN, 202_409, 750_000),
                line("regular", NEW, 202_409, 750_000)
            ]
        );
        town.sign(own).await;
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        town.holds().await;
        let rest = desk.opens(month("2024-09")).await.id;
        assert_eq!(
            desk.lines(rest).await,
            [
                line("arrears", LAN, 202_408, 150_000),
                line("arrears", SECOND, 202_408, 150_000),
                line("arrears", NEW, 202_408, 150_000),
                line("regular", SECOND, 202_409, 900_000)
            ],
            "the rise alone, and nothing of July"
        );
        town.sign(rest).await;
        town.holds().await;
        let october = desk.opens(month("2024-10")).await.id;
        assert_eq!(
            desk.lines(october).await,
            [
                line("arrears", LAN, 202_409, 150_000),
                line("arrears", NEW, 202_409, 150_000),
                line("regular", LAN, 202_410, 900_000),
                line("regular", SECOND, 202_410, 900_000),
                line("regular", NEW, 202_410, 900_000)
            ]
        );
        town.sign(october).await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.close().await;
    });
}

#[test]
fn months_that_were_paid_and_are_put_off_afterwards_are_not_paid_again() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        for cover in ["2024-09", "2024-10"] {
            let run = town.pay(cover).await;
            town.arrives(run).await;
        }
        let november = town.build("2024-11").await.id;
        let left_out = json!({"person_id": LAN, "reason": "Chờ xác minh"});
        desk.takes(&desk.preparer, november, "exclusions", Some(left_out)).await;
        town.sign(november).await;
        // By this record all three months fall due with December.
        not_collected(&town, "2024-09-01", "2024-11-30").await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.holds().await;
        let december = town.build("2024-12").await.id;
        assert_eq!(
            desk.lines(december).await,
            [
                line("arrears", LAN, 202_411, 750_000),
                line("regular", LAN, 202_412, 750_000),
                line("regular", SECOND, 202_412, 750_000)
            ],
            "of the three months the one that was not paid"
        );
        town.sign(december).await;
        assert!(town.cases("").await.is_empty());
        town.close().await;
    });
}

#[test]
fn months_that_the_predecessor_paid_and_that_are_put_off_since_are_not_paid_again() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        // By this record they fall due with September, the first month.
        not_collected(&town, "2024-06-01", "2024-08-31").await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.holds().await;
        let september = town.build("2024-09").await.id;
        assert_eq!(
            desk.lines(september).await,
            [
                line("regular", LAN, 202_409, 750_000),
                line("regular", SECOND, 202_409, 750_000)
            ],
            "the predecessor settled what fell due before"
        );
        town.sign(september).await;
        assert!(town.cases("").await.is_empty());
        town.close().await;
    });
}

#[test]
fn months_that_were_known_to_be_put_off_when_they_were_taken_over_are_made_up_for() {
    each_engine(async |house| {
        let mut lan = newcomer(LAN, "022190001234", "06652");
        let fact = json!({"kind": "uncollected", "value": true, "from": "2024-06-01", "to": "2024-08-31"});
        lan["person"]["evidence"].as_array_mut().unwrap().push(fact);
        let town = Town::of_newcomers(house, 1_000_000_000, vec![lan]).await;
        let desk = Desk::of(&town).await;
        let september = town.build("2024-09").await.id;
        assert_eq!(
            desk.lines(september).await,
            [
                line("arrears", LAN, 202_406, 750_000),
                line("arrears", LAN, 202_407, 750_000),
                line("arrears", LAN, 202_408, 750_000),
                line("regular", LAN, 202_409, 750_000)
            ],
            "the predecessor paid none of them"
        );
        town.sign(september).await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.close().await;
    });
}

/// The person of the tests died, and an heir is named.
async fn dies(town: &Town<'_>, day: &str) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, LAN).await.unwrap();
    let dead = json!({"full_name": own.full_name, "birth_date": own.birth_date, "sex": "female", "death_date": day});
    let dead = serde_json::from_value(dead).unwrap();
    person::update(app, caseworker, LAN, own.version, dead).await.unwrap();
    town.idle().await;
    receives(town, LAN, payee("heir", "022190008888", None)).await;
}

/// An application for the funeral of the person of the tests is granted in October, when it falls due by that.
async fn funeral_is_granted(town: &Town<'_>) {
    town.now("2024-10-01T02:00:00Z").await;
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let asked = of(json!({"person_id": LAN, "benefit": "funeral"}));
    let asked = application::file(app, caseworker, asked).await.unwrap();
    let decider = access::authenticate(app, &town.deciders[0]).await.unwrap();
    let granted = of(json!({"outcome": "granted", "number": "3/QĐ", "signed_on": "2024-10-01"}));
    application::decide(app, &decider, asked.id, asked.version, granted)
        .await
        .unwrap();
    town.idle().await;
}

/// What came back of an order is not paid again by itself, as two people say.
async fn is_cancelled(town: &Town<'_>, order: Uuid) {
    let (app, [preparer, approver, ..]) = (&town.house.app, &town.officers);
    let why = of(json!({"note": "Chi lại từ đầu"}));
    let proposed = propose_cancellation(app, preparer, order, why).await.unwrap();
    decide_cancellation(app, approver, order, accept(proposed.id))
        .await
        .unwrap();
    town.idle().await;
}

/// The person of the tests dies in September, whose run pays the month and the funeral.
async fn funeral_is_paid(town: &Town<'_>, desk: &Desk<'_>) -> Uuid {
    town.now("2024-09-02T02:00:00Z").await;
    dies(town, "2024-09-01").await;
    let september = desk.opens(month("2024-09")).await.id;
    assert_eq!(
        desk.lines(september).await,
        [
            line("one_off", LAN, 202_409, 10_000_000),
            line("regular", LAN, 202_409, 750_000),
            line("regular", SECOND, 202_409, 750_000)
        ]
    );
    town.sign(september).await;
    september
}

#[test]
fn a_funeral_that_was_paid_is_not_paid_again_where_an_application_for_it_is_granted_later() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        funeral_is_paid(&town, &desk).await;
        funeral_is_granted(&town).await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.holds().await;
        let october = desk.opens(month("2024-10")).await.id;
        assert_eq!(
            desk.lines(october).await,
            [line("regular", SECOND, 202_410, 750_000)],
            "it fell due anew and is paid already"
        );
        town.sign(october).await;
        town.close().await;
    });
}

#[test]
fn a_funeral_that_the_predecessor_paid_is_not_paid_again_where_an_application_for_it_is_granted_later() {
    each_engine(async |house| {
        let mut lan = newcomer(LAN, "022190001234", "06652");
        lan["person"]["death_date"] = json!("2024-08-10");
        let people = vec![lan, newcomer(SECOND, "022190001235", "06652")];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        receives(&town, LAN, payee("heir", "022190008888", None)).await;
        let september = town.build("2024-09").await.id;
        assert_eq!(desk.lines(september).await, [line("regular", SECOND, 202_409, 750_000)]);
        town.sign(september).await;
        funeral_is_granted(&town).await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.holds().await;
        let october = desk.opens(month("2024-10")).await.id;
        assert_eq!(
            desk.lines(october).await,
            [line("regular", SECOND, 202_410, 750_000)],
            "it fell due anew and was settled before the first month"
        );
        town.sign(october).await;
        assert!(town.cases("").await.is_empty());
        town.close().await;
    });
}

#[test]
fn what_a_run_left_out_as_paid_is_owed_where_that_payment_is_cancelled_before_the_release() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = funeral_is_paid(&town, &desk).await;
        let paid = town.lines(september).await[0].order_id.unwrap();
        funeral_is_granted(&town).await;
        let october = desk.opens(month("2024-10")).await.id;
        assert_eq!(desk.lines(october).await, [line("regular", SECOND, 202_410, 750_000)]);
        town.submit(october).await.unwrap();
        town.approve(october).await.unwrap();
        town.answers(september, |order| (order.id == paid).then_some("not_collected"))
            .await;
        is_cancelled(&town, paid).await;
        assert_eq!(
            json!(town.run(october).await.status),
            "approved",
            "no line of it has changed"
        );
        town.holds().await;
        town.release(october).await.unwrap();
        town.holds().await;
        let november = desk.opens(month("2024-11")).await.id;
        assert_eq!(
            desk.lines(november).await,
            [
                line("arrears", LAN, 202_409, 750_000),
                line("one_off", LAN, 202_409, 10_000_000),
                line("regular", SECOND, 202_411, 750_000)
            ]
        );
        town.sign(november).await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.close().await;
    });
}

#[test]
fn what_the_rest_of_a_month_had_of_somebody_an_area_paid_is_not_lost_when_it_is_built_anew() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        reaches_back(&town, ("2024-09-02T02:00:00Z", "2024-08-20", "2024-09-02")).await;
        let desk = Desk::of(&town).await;
        let mut own = month("2024-09");
        own["areas"] = json!(["06652"]);
        let own = desk.opens(own).await.id;
        let rest = desk.opens(month("2024-09")).await.id;
        assert_eq!(desk.lines(rest).await, [line("regular", SECOND, 202_409, 750_000)]);
        // July is due as well, and the rest of the month is built before the area.
        let (app, caseworker) = (&house.app, &town.officers[4]);
        let new = person::get(app, caseworker, NEW).await.unwrap();
        let right = json!({"value": "severe", "from": "2024-07-20", "to": null});
        let right = serde_json::from_value(right).unwrap();
        person::correct_evidence(app, caseworker, NEW, new.evidence[0].id, new.version, right)
            .await
            .unwrap();
        town.idle().await;
        let with_arrears = [
            line("arrears", NEW, 202_407, 750_000),
            line("arrears", NEW, 202_408, 750_000),
            line("regular", SECOND, 202_409, 750_000),
        ];
        town.rebuild(rest).await;
        assert_eq!(desk.lines(rest).await, with_arrears);
        town.rebuild(own).await;
        assert_eq!(
            desk.lines(own).await,
            [
                line("regular", LAN, 202_409, 750_000),
                line("regular", NEW, 202_409, 750_000)
            ]
        );
        town.sign(own).await;
        town.holds().await;
        let why = json!({"reason": "Lập sai"});
        desk.takes(&desk.preparer, rest, "cancel", Some(why)).await;
        let again = desk.opens(month("2024-09")).await.id;
        assert_eq!(desk.lines(again).await, with_arrears);
        town.sign(again).await;
        town.holds().await;
        assert!(town.cases("").await.is_empty(), "nothing was paid too much");
        town.close().await;
    });
}
