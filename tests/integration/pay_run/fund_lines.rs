//! Programs that draw on lines of a fund's estimate: a line is never overspent, what is sent back is there again, and the
//! lines change by two people.

use futures::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::{ProblemCode, fund, pay_run};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{each_engine, opens_fund, pays_from, sets_fund_lines};
use crate::overpayment::deduct::recovering;
use crate::overpayment::newcomer::{carer, newcomer};
use crate::overpayment::town::{LAN, Town};

const CARER: Uuid = Uuid::from_u128(0x53);
/// What the allowances of both come to, đồng a month.
const ALLOWANCES: i64 = 1_500_000;

/// The program of a benefit draws on a line of the fund of monthly benefits.
pub(super) async fn draws_on(desk: &Desk<'_>, benefit: &str, line: &str) {
    let programs = desk.get("/v1/programs?limit=200").await;
    let mut programs = programs["items"].as_array().unwrap().iter();
    let own = programs.find(|own| own["benefit"] == benefit).unwrap();
    let id = own["id"].as_str().unwrap().parse().unwrap();
    let fund = json!({"fund_code": "social_assistance", "fund_line": line, "reason": "QĐ 45/QĐ-UBND"});
    pays_from(&desk.town.house.app, id, serde_json::from_value(fund).unwrap()).await;
}

pub(super) fn line(code: &str, amount: i64) -> Value {
    json!({"code": code, "chapter": "423", "name": format!("Dòng {code}"), "amount": amount})
}

/// What is drawn on the lines of the fund, and what is left of each.
pub(super) async fn drawn(desk: &Desk<'_>, fund: &str) -> Vec<(String, i64, i64)> {
    let lines = desk.get(&format!("/v1/funds/{fund}/lines")).await;
    let of = |line: &Value| {
        let number = |name: &str| line[name].as_i64().unwrap();
        (
            line["code"].as_str().unwrap().to_owned(),
            number("drawn"),
            number("left"),
        )
    };
    lines["drawn"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn a_program_draws_on_the_line_it_names_and_on_no_more_than_that_has() {
    each_engine(async |house| {
        let people = vec![
            newcomer(LAN, "022190001234", "06652"),
            carer(CARER, "022190001235", "06652"),
        ];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        let path = id.to_string();
        let sets = async |lines: Value| sets_fund_lines(&house.app, id, lines).await;
        sets(json!([line("allowance", ALLOWANCES - 1), line("care", 900_000_000)])).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        draws_on(&desk, "care_support", "care").await;

        let run = town.build("2024-09").await;
        let refused = town.submit(run.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
        let free = |left: i64| ("allowance".to_owned(), 0, left);
        assert_eq!(
            drawn(&desk, &path).await[0],
            free(ALLOWANCES - 1),
            "nothing is kept of it"
        );

        sets(json!([line("allowance", ALLOWANCES), line("care", 900_000_000)])).await;
        town.submit(run.id).await.unwrap();
        let lines = drawn(&desk, &path).await;
        assert_eq!(lines[0], ("allowance".to_owned(), ALLOWANCES, 0));
        assert_eq!(lines[1].1, run.total - ALLOWANCES, "each benefit on its own line");
        town.approve(run.id).await.unwrap();
        let why = json!({"reason": "Xem lại danh sách"});
        desk.takes(&desk.releaser, run.id, "reject", Some(why)).await;
        assert_eq!(drawn(&desk, &path).await[0], free(ALLOWANCES));
        town.sign(run.id).await;
        assert_eq!(drawn(&desk, &path).await[0].2, 0);

        let next = town.build("2024-10").await;
        let refused = town.submit(next.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
        assert!(refused.to_string().contains("allowance"), "{refused}");
        // The database refuses it too, whoever asks.
        let sql = format!(
            "INSERT INTO fund_line_draw (pay_run_id, fund_id, benefit, line_code, amount, gross, deducted)
             SELECT run.id, whole.id, 'monthly_allowance', 'allowance', 1, 1, 0 FROM pay_run AS run, fund AS whole
             WHERE run.cover_month = {}",
            202_410
        );
        let error = house.app.db.owner().execute_unprepared(&sql).await.unwrap_err();
        assert!(
            error.to_string().contains("refused fund_line_draw: above_estimate"),
            "{error}"
        );

        // A line keeps what is drawn on it, by either road.
        let of = format!("/v1/funds/{path}/lines");
        let less = json!({"lines": [line("allowance", ALLOWANCES - 1)], "note": "QĐ 46/QĐ-UBND"});
        let refused = desk
            .tries(&desk.preparer, ("POST", &format!("{of}/propose")), &of, Some(less))
            .await;
        assert_eq!(
            refused.problem("invalid"),
            [("/lines".to_owned(), "below_what_is_drawn".to_owned())]
        );
        town.close().await;
    });
}

#[test]
fn what_was_kept_back_of_money_that_came_back_is_drawn_when_it_is_paid_in_full() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        let path = id.to_string();
        let sets = async |amount: i64| sets_fund_lines(&house.app, id, json!([line("allowance", amount)])).await;
        // Two people get 900,000 in November and in December; of one of these four, 180,000 are kept back in the end.
        let whole = 4 * 900_000 - 180_000;
        sets(whole - 1).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        let november = town.pay("2024-11").await;
        let first = 2 * 900_000 - 180_000;
        assert_eq!(drawn(&desk, &path).await[0].1, first, "what is kept back is not drawn");
        let own = town.lines(november).await[0].order_id;
        town.answers(november, |order| {
            Some(if Some(order.id) == own { "not_collected" } else { "paid" })
        })
        .await;
        // November is paid again in full, and of December 180,000 are kept back.
        let december = town.build("2024-12").await.id;
        let mut lines: Vec<_> = town.lines(december).await;
        lines.sort_by_key(|line| line.cover_month);
        let kept: Vec<usize> = lines.iter().map(|line| line.deductions.len()).collect();
        assert_eq!(kept, [0, 1]);
        let refused = town.submit(december).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
        sets(whole).await;
        town.submit(december).await.unwrap();
        assert_eq!(drawn(&desk, &path).await[0], ("allowance".to_owned(), whole, 0));
        town.approve(december).await.unwrap();
        town.release(december).await.unwrap();
        town.arrives(december).await;
        assert_eq!(
            drawn(&desk, &path).await[0].1,
            whole,
            "each đồng that left is drawn once"
        );
        town.close().await;
    });
}

#[test]
fn a_forecast_names_the_day_on_which_a_line_runs_out_before_its_fund() {
    each_engine(async |house| {
        let people = vec![
            newcomer(LAN, "022190001234", "06652"),
            carer(CARER, "022190001235", "06652"),
        ];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        let path = format!("/v1/funds/{id}/forecast");
        // The allowances have enough for two months and a half.
        let lines = json!([
            line("care", 900_000_000),
            line("allowance", 3_750_000),
            line("other", 1)
        ]);
        sets_fund_lines(&house.app, id, lines).await;
        assert_eq!(desk.get(&path).await["lines"], json!([]), "nobody draws on them");
        draws_on(&desk, "monthly_allowance", "allowance").await;
        draws_on(&desk, "care_support", "care").await;
        let own = |unspent: i64, missing: i64| {
            json!({"code": "allowance", "name": "Dòng allowance", "unspent": unspent, "runs_out_in": "2024-11",
                "runs_out_on": "2024-09-30", "missing": missing})
        };
        let told = desk.get(&path).await;
        assert_eq!(told["runs_out_in"], json!(null), "the fund lasts");
        assert_eq!(told["lines"].as_array().unwrap().len(), 2, "none draws on the third");
        assert_eq!(
            (&told["lines"][0]["code"], &told["lines"][0]["runs_out_in"]),
            (&json!("care"), &json!(null))
        );
        assert_eq!(told["lines"][1], own(3_750_000, 2_250_000));
        // What a run holds that has not left changes nothing of it, and what it pays comes to pass.
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        assert_eq!(desk.get(&path).await["lines"][1], own(3_750_000, 2_250_000));
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        assert_eq!(desk.get(&path).await["lines"][1], own(2_250_000, 2_250_000));
        // A line that the fund does not have pays not even the first month.
        draws_on(&desk, "care_support", "elsewhere").await;
        let missing = desk.get(&path).await["lines"][1].clone();
        assert_eq!(
            (
                &missing["code"],
                &missing["name"],
                &missing["unspent"],
                &missing["runs_out_in"]
            ),
            (&json!("elsewhere"), &json!(null), &json!(0), &json!("2024-10"))
        );
        town.close().await;
    });
}

#[test]
fn a_fund_without_the_line_that_a_program_names_pays_nothing_of_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        // A fund without lines pays as before.
        town.pay("2024-09").await;
        sets_fund_lines(&house.app, id, json!([line("care", 1)])).await;
        let run = town.build("2024-10").await;
        let refused = town.submit(run.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Conflict, "{refused}");
        town.close().await;
    });
}

#[test]
fn money_that_lines_still_have_is_not_transferred_away() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let other =
            json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp", "amount": 500});
        let other = opens_fund(&house.app, serde_json::from_value(other).unwrap()).await.id;
        let funds = fund::list(&house.app, &town.officers[0]).await.unwrap();
        let own = funds.iter().find(|own| own.code == "social_assistance").unwrap().id;
        sets_fund_lines(
            &house.app,
            own,
            json!([line("allowance", 6_000_000), line("care", 3_000_000)]),
        )
        .await;
        let moves = async |amount: i64, once: &str| {
            let body = json!({"from_fund_id": own, "to_fund_id": other, "amount": amount, "reason": "QĐ 120/QĐ-UBND"});
            let post = house.call("POST", "/v1/fund-transfers").key(&desk.preparer).once(once);
            let made = post.json(&body).send().await;
            assert_eq!(made.status, 201, "{made:?}");
            let path = made.header("location").to_owned();
            desk.tries(&desk.approver, ("POST", &format!("{path}/approve")), &path, None)
                .await
        };
        let refused = moves(1_000_001, "one").await;
        refused.problem("conflict");
        assert!(
            refused.json()["detail"].as_str().unwrap().contains("Dòng care"),
            "{refused:?}"
        );
        assert_eq!(moves(1_000_000, "two").await.status, 200);
        town.close().await;
    });
}

#[test]
fn the_lines_of_a_fund_are_set_by_two_people() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        let of = format!("/v1/funds/{id}/lines");
        let body = json!({"lines": [line("allowance", 6_000_000)], "note": "QĐ 45/QĐ-UBND"});
        let proposed = desk
            .tries(&desk.preparer, ("POST", &format!("{of}/propose")), &of, Some(body))
            .await;
        assert_eq!(proposed.status, 201, "{proposed:?}");
        let proposed = proposed.json();
        assert_eq!(desk.get(&of).await["lines"], json!([]), "nobody else has accepted them");
        let same = town.other_key(&desk.preparer, service::Role::Approver).await;
        let path = format!("/v1/treasury-proposals/{}", proposed["id"].as_str().unwrap());
        let accept = json!({"proposal_id": proposed["id"], "decision": "accept", "note": "Đã đối chiếu"});
        desk.tries(&same, ("POST", &format!("{path}/decide")), &path, Some(accept))
            .await
            .problem("same-person");
        desk.accepts(&proposed).await;
        assert_eq!(desk.get(&of).await["lines"][0]["amount"], json!(6_000_000));
        for sql in [
            "UPDATE fund_line SET amount = 7000000",
            "INSERT INTO fund_line (fund_id, position, name, amount) SELECT id, 7, 'Dòng khác', 1 FROM fund",
        ] {
            let error = house.app.db.owner().execute_unprepared(sql).await.expect_err(sql);
            assert!(error.to_string().contains("refused fund_line: "), "{sql}: {error}");
        }
        town.close().await;
    });
}

#[test]
fn runs_that_are_submitted_at_once_never_overspend_a_line() {
    each_engine(async |house| {
        let people = [
            (LAN, "022190001234", "06652"),
            (Uuid::from_u128(0x52), "022190001235", "06658"),
        ];
        let town = Town::of_people(house, 1_000_000_000, &people).await;
        let desk = Desk::of(&town).await;
        let id = fund::list(&house.app, &town.officers[0]).await.unwrap()[0].id;
        // Enough for one of them, and a little.
        let lines = json!([line("allowance", ALLOWANCES - 1), line("care", 1)]);
        sets_fund_lines(&house.app, id, lines).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        let mut runs = Vec::new();
        for (.., code) in people {
            let command = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": [code]});
            let command = serde_json::from_value(command).unwrap();
            let run = pay_run::create(&house.app, &town.officers[0], command).await.unwrap();
            town.idle().await;
            runs.push(town.run(run.id).await);
        }
        let submitted = join_all(
            runs.iter()
                .map(|run| pay_run::submit(&house.app, &town.officers[0], run.id, run.version)),
        )
        .await;
        let refused: Vec<ProblemCode> = submitted
            .iter()
            .filter_map(|done| done.as_ref().err())
            .map(|e| e.code)
            .collect();
        assert_eq!(refused, [ProblemCode::FundExhausted]);
        assert_eq!(
            drawn(&desk, &id.to_string()).await[0],
            ("allowance".to_owned(), ALLOWANCES / 2, ALLOWANCES / 2 - 1)
        );
        town.close().await;
    });
}
