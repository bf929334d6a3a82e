//! Which fund pays a program: decided by two people, between two months, and what becomes of what it owed before.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{Role, pay_run};

use super::desk::Desk;
use super::run_funds::{BUDGET, CARER, DONATIONS, opens, town};
use crate::harness::{Answer, each_engine, opens_fund};
use crate::overpayment::newcomer::{carer, newcomer};
use crate::overpayment::town::{LAN, Town};

/// The program of care support of the installation.
async fn care_program(desk: &Desk<'_>) -> String {
    let programs = desk.get("/v1/programs?limit=200").await;
    let mut programs = programs["items"].as_array().unwrap().iter();
    let own = programs.find(|own| own["code"] == "care_support").unwrap();
    format!("/v1/programs/{}", own["id"].as_str().unwrap())
}

/// One person proposes to pay the program of care support from another fund.
async fn proposes(desk: &Desk<'_>, fund: &str) -> Answer {
    let path = care_program(desk).await;
    let body = json!({"fund_code": fund, "reason": "QĐ 45/QĐ-UBND"});
    let propose = format!("{path}/fund/propose");
    desk.tries(&desk.preparer, ("POST", &propose), &path, Some(body)).await
}

/// A second person accepts it, if it may be.
async fn accepts(desk: &Desk<'_>, key: &str, proposed: &Value) -> Answer {
    let of = format!("/v1/treasury-proposals/{}", proposed["id"].as_str().unwrap());
    let body = json!({"proposal_id": proposed["id"], "decision": "accept", "note": "Đã đối chiếu"});
    desk.tries(key, ("POST", &format!("{of}/decide")), &of, Some(body))
        .await
}

/// The program of care support is paid from another fund from now on, if it may; what is refused is taken back.
pub(super) async fn goes_over(desk: &Desk<'_>, fund: &str) -> Answer {
    let proposed = proposes(desk, fund).await;
    if proposed.status != 201 {
        return proposed;
    }
    let decided = accepts(desk, &desk.approver, &proposed.json()).await;
    if decided.status != 200 {
        let of = proposed.header("location").to_owned();
        let back = desk
            .tries(&desk.preparer, ("POST", &format!("{of}/withdraw")), &of, None)
            .await;
        assert_eq!(back.status, 200, "{back:?}");
    }
    decided
}

pub(super) async fn went_over(desk: &Desk<'_>, fund: &str) {
    let answer = goes_over(desk, fund).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (200, &json!("accepted")),
        "{answer:?}"
    );
    assert_eq!(desk.get(&care_program(desk).await).await["fund_code"], fund);
}

/// A program of care support beside the one of the installation, drafted.
async fn drafted(desk: &Desk<'_>, code: &str, fund: &str, to: Option<&str>) -> String {
    let draft = json!({"code": code, "name": {"vi": "Chăm sóc", "en": "Care"}, "kind": "monthly_cash",
        "benefit": "care_support", "legal_basis": "NQ 08/2022", "responsible_unit": "Sở", "fund_code": fund,
        "from": "2024-01-01", "to": to});
    let post = desk.town.house.call("POST", "/v1/programs").key(&desk.preparer);
    let made = post.once(code).json(&draft).send().await;
    assert_eq!(made.status, 201, "{made:?}");
    made.header("location").to_owned()
}

/// A step of a program: `activate` or `close`.
async fn steps(desk: &Desk<'_>, program: &str, step: &str) -> Value {
    let path = format!("{program}/{step}");
    let answer = desk.tries(&desk.preparer, ("POST", &path), program, None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn a_run_of_before_pays_every_benefit_whatever_its_program_draws_on_by_now() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        let september = opens(&desk, "2024-09", BUDGET).await;
        assert!(september.benefits.is_empty(), "{september:?}");
        // As it was where a program could name another fund than the one that paid, by whoever made it.
        let of = if house.app.db.is_sqlite() { "" } else { " ON program" };
        let guard = format!("DROP TRIGGER program_fund_two_people{of}");
        let names = "UPDATE program SET fund_code = 'donations' WHERE benefit = 'care_support'".to_owned();
        for sql in [guard, names] {
            house.app.db.owner().execute_unprepared(&sql).await.unwrap();
        }
        let again = town.rebuild(september.id).await;
        assert_eq!((again.line_count, again.total), (september.line_count, september.total));
        town.sign(september.id).await;
        town.close().await;
    });
}

#[test]
fn a_program_that_is_closed_ends_and_says_what_pays_no_longer_than_that() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        let first = care_program(&desk).await;
        let closed = steps(&desk, &first, "close").await;
        assert_eq!(closed["to"], "2024-08-20");
        let second = drafted(&desk, "care_support_two", BUDGET, Some("2030-12-31")).await;
        assert_eq!(steps(&desk, &second, "activate").await["to"], "2030-12-31");
        town.now("2024-08-21T02:00:00Z").await;
        assert_eq!(
            steps(&desk, &second, "close").await["to"],
            "2024-08-21",
            "not the day that was planned"
        );
        town.close().await;
    });
}

#[test]
fn arrears_of_a_year_that_the_new_fund_never_had_wait_and_nobody_with_them() {
    each_engine(async |house| {
        let people = vec![
            newcomer(LAN, "022190001234", "06652"),
            carer(CARER, "022190001235", "06652"),
        ];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        for cover in ["2024-09", "2024-10", "2024-11"] {
            town.pay(cover).await;
        }
        let december = opens(&desk, "2024-12", BUDGET).await;
        let page = pay_run::lines(&house.app, &town.officers[0], december.id, Some(200), None)
            .await
            .unwrap();
        let left = page.items.iter().find(|line| !line.component.is_empty()).unwrap();
        let left_out = json!({"line_id": left.id, "reason": "Chờ xác minh"});
        desk.takes(&desk.preparer, december.id, "exclusions", Some(left_out))
            .await;
        town.sign(december.id).await;
        town.now("2024-12-20T02:00:00Z").await;
        let donated = |year: i32| {
            json!({"code": DONATIONS, "fiscal_year": year, "source": "donation", "name": "Đóng góp",
                "amount": 100_000_000})
        };
        opens_fund(&house.app, serde_json::from_value(donated(2025)).unwrap()).await;
        went_over(&desk, DONATIONS).await;

        let january = opens(&desk, "2025-01", DONATIONS).await;
        let held = desk.get(&format!("/v1/pay-runs/{}/held", january.id)).await;
        let held = held["items"].as_array().unwrap();
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!(
            (&held[0]["reason"], &held[0]["cover_month"]),
            (&json!("no_fund_year"), &json!("2024-12"))
        );
        assert_eq!(held[0]["component"], left.component.as_str(), "whose care it is for");
        town.sign(january.id).await;
        town.holds().await;
        // Once the fund has the year, it is paid.
        opens_fund(&house.app, serde_json::from_value(donated(2024)).unwrap()).await;
        let waiting = json!({"kind": "arrears_only", "cover_month": "2025-01", "pay_date": "2025-01-10",
            "fund_code": DONATIONS});
        let waiting = desk.opens(waiting).await;
        assert_eq!(waiting.total, left.amount);
        town.sign(waiting.id).await;
        town.close().await;
    });
}

#[test]
fn a_program_goes_over_to_another_fund_by_two_people() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        let program = care_program(&desk).await;
        let proposed = proposes(&desk, DONATIONS).await;
        assert_eq!(proposed.status, 201, "{proposed:?}");
        let proposed = proposed.json();
        assert_eq!(
            (
                &proposed["kind"],
                &proposed["base"]["fund_code"],
                &proposed["body"]["fund_code"]
            ),
            (&json!("program_fund"), &json!(BUDGET), &json!(DONATIONS))
        );
        assert_eq!(
            desk.get(&program).await["fund_code"],
            BUDGET,
            "one person moves nothing"
        );
        proposes(&desk, DONATIONS).await.problem("already-exists");
        let also_approves = town.other_key(&desk.preparer, Role::Approver).await;
        accepts(&desk, &also_approves, &proposed).await.problem("same-person");
        let alone = "UPDATE program SET fund_code = 'donations' WHERE benefit = 'care_support'";
        house.app.db.owner().execute_unprepared(alone).await.unwrap_err();
        let accepted = accepts(&desk, &desk.approver, &proposed).await;
        assert_eq!(accepted.status, 200, "{accepted:?}");
        assert_eq!(desk.get(&program).await["fund_code"], DONATIONS);

        // Nor does one person move it by closing the program and opening another.
        steps(&desk, &program, "close").await;
        let other = drafted(&desk, "care_support_two", BUDGET, None).await;
        let activate = format!("{other}/activate");
        let refused = desk.tries(&desk.preparer, ("POST", &activate), &other, None).await;
        refused.problem("conflict");
        let body = json!({"fund_code": BUDGET, "reason": "QĐ 46/QĐ-UBND"});
        let propose = format!("{other}/fund/propose");
        let proposed = desk.tries(&desk.preparer, ("POST", &propose), &other, Some(body)).await;
        desk.accepts(&proposed.json()).await;
        assert_eq!(steps(&desk, &other, "activate").await["fund_code"], BUDGET);
        town.close().await;
    });
}

#[test]
fn an_open_run_of_a_third_fund_stands_in_the_way_of_nobody() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let third = json!({"code": "central_support", "fiscal_year": 2024, "source": "central", "name": "Trung ương",
            "amount": 1_000_000});
        opens_fund(&house.app, serde_json::from_value(third).unwrap()).await;
        let desk = Desk::of(&town).await;
        went_over(&desk, DONATIONS).await;
        // The allowances' September is open on their fund, and has nothing of care support.
        opens(&desk, "2024-09", BUDGET).await;
        went_over(&desk, "central_support").await;
        goes_over(&desk, BUDGET).await.problem("conflict");
        town.close().await;
    });
}
