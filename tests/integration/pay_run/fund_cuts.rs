//! Less money for a fund: what the finance office cuts, and what goes back to its source at the end of a year. Two people
//! decide it, and nothing that is held, on its way or paid is ever taken.

use futures::future::join;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::proposal::{DecideProposal, Decision};
use service::{ProblemCode, Role, fund, pay_run, treasury_proposal};

use super::desk::Desk;
use super::fund_lines::{drawn, draws_on, line};
use crate::harness::{Answer, decides_day, each_engine, sets_fund_lines};
use crate::overpayment::town::Town;

/// What the two people of the town get in a month, đồng.
const TOTAL: i64 = 1_500_000;

fn cut(amount: i64) -> Value {
    json!({"reduction": {"kind": "cut", "amount": amount, "number": "31/QĐ-STC", "signed_on": "2024-08-15"},
        "note": "Thông báo của Sở Tài chính"})
}

/// The same with the lines as they stand afterwards.
fn cut_of(amount: i64, lines: Value) -> Value {
    let mut body = cut(amount);
    body["reduction"]["lines"] = lines;
    body
}

/// The first fund of the town.
async fn own(desk: &Desk<'_>) -> String {
    let funds = desk.get("/v1/funds").await;
    funds["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn proposes(desk: &Desk<'_>, fund: &str, body: Value) -> Answer {
    let (of, to) = (
        format!("/v1/funds/{fund}/lines"),
        format!("/v1/funds/{fund}/reductions/propose"),
    );
    desk.tries(&desk.preparer, ("POST", &to), &of, Some(body)).await
}

async fn proposed(desk: &Desk<'_>, fund: &str, body: Value) -> Value {
    let answer = proposes(desk, fund, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()
}

async fn decides(desk: &Desk<'_>, key: &str, proposal: &Value, decision: &str) -> Answer {
    let of = format!("/v1/treasury-proposals/{}", proposal["id"].as_str().unwrap());
    let body = json!({"proposal_id": proposal["id"], "decision": decision, "note": "Đã đối chiếu"});
    desk.tries(key, ("POST", &format!("{of}/decide")), &of, Some(body))
        .await
}

/// Where the one thing is that is wrong, what it is called, and what is said of it.
fn fault(answer: &Answer) -> (String, String, String) {
    let mut faults = answer.problem("invalid");
    assert_eq!(faults.len(), 1, "{answer:?}");
    let (pointer, code) = faults.remove(0);
    let told = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
    (pointer, code, told)
}

#[test]
fn a_fund_is_cut_by_two_people_and_keeps_what_runs_hold() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        let wrong =
            json!({"reduction": {"kind": "cut", "amount": 0, "number": " ", "signed_on": "2030-01-01"}, "note": "x"});
        let wrong = proposes(&desk, &id, wrong).await.problem("invalid");
        let wrong: Vec<&str> = wrong.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(
            wrong,
            ["/reduction/amount", "/reduction/number", "/reduction/signed_on"]
        );
        let (pointer, code, told) = fault(&proposes(&desk, &id, cut(8_500_001)).await);
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/reduction/amount", "above_what_is_free")
        );
        assert!(told.contains("8.500.000"), "{told}");

        // Nothing is taken by one person, nor of what was refused or taken back.
        let first = proposed(&desk, &id, cut(5_000_000)).await;
        assert_eq!(
            (&first["kind"], &first["body"], &first["base"]["estimate"]),
            (
                &json!("fund_reduction"),
                &cut(5_000_000)["reduction"],
                &json!(10_000_000)
            )
        );
        proposes(&desk, &id, cut(1)).await.problem("already-exists");
        let same = town.other_key(&desk.preparer, Role::Approver).await;
        decides(&desk, &same, &first, "accept").await.problem("same-person");
        assert_eq!(decides(&desk, &desk.approver, &first, "refuse").await.status, 200);
        let second = proposed(&desk, &id, cut(5_000_000)).await;
        let of = format!("/v1/treasury-proposals/{}", second["id"].as_str().unwrap());
        let back = desk
            .tries(&desk.preparer, ("POST", &format!("{of}/withdraw")), &of, None)
            .await;
        assert_eq!(back.status, 200, "{back:?}");
        assert_eq!(desk.fund().await, (8_500_000, TOTAL, 0));

        let third = proposed(&desk, &id, cut(5_000_000)).await;
        desk.accepts(&third).await;
        assert_eq!(desk.fund().await, (3_500_000, TOTAL, 0));
        assert_eq!(desk.get("/v1/funds").await["items"][0]["reduced"], json!(5_000_000));
        assert_eq!(
            desk.get(&format!("/v1/funds/{id}/lines")).await["estimate"],
            json!(5_000_000)
        );
        let foreseen = desk.get(&format!("/v1/funds/{id}/forecast")).await;
        assert_eq!(foreseen["unspent"], json!(5_000_000));
        let postings = desk.get(&format!("/v1/funds/{id}/postings?limit=200")).await;
        let third = third["id"].as_str().unwrap().replace('-', "");
        let step: Vec<(&Value, &Value)> = postings["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|own| own["batch"] == format!("fund_reduction:{third}"))
            .map(|own| (&own["account"], &own["amount"]))
            .collect();
        assert_eq!(
            step,
            [
                (&json!("available"), &json!(-5_000_000)),
                (&json!("source"), &json!(5_000_000))
            ]
        );
        let auditor = house.key(Role::Auditor, None).await;
        let trail = house.call("GET", "/v1/audit-events?action=fund.reduce").key(&auditor);
        let trail = trail.send().await.json();
        assert_eq!(trail["items"][0]["detail"]["number"], json!("31/QĐ-STC"), "{trail}");

        // All that is free may go; what the run holds is paid.
        let rest = proposed(&desk, &id, cut(3_500_000)).await;
        desk.accepts(&rest).await;
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        town.arrives(run).await;
        assert_eq!((desk.fund().await, town.paid().await), ((0, 0, 0), TOTAL));
        town.close().await;
    });
}

#[test]
fn of_a_cut_and_a_run_that_want_the_same_money_at_once_one_gets_it() {
    each_engine(async |house| {
        let town = Town::with_fund(house, TOTAL).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        let run = town.build("2024-09").await;
        // One đồng less, and the run can't be paid.
        let proposal = proposed(&desk, &id, cut(1)).await;
        let proposal_id = proposal["id"].as_str().unwrap().parse().unwrap();
        let accept = DecideProposal {
            proposal_id,
            decision: Decision::Accept,
            note: "Đã đối chiếu".to_owned(),
        };
        let (app, officers) = (&house.app, &town.officers);
        let version = proposal["version"].as_i64().unwrap();
        let (submitted, accepted) = join(
            pay_run::submit(app, &officers[0], run.id, run.version),
            treasury_proposal::decide(app, &officers[1], proposal_id, version, accept),
        )
        .await;
        let stands = desk.fund().await;
        match (submitted, accepted) {
            (Ok(_), Err(refused)) => {
                assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
                assert!(refused.to_string().contains("0 đồng of"), "{refused}");
                assert_eq!(stands, (0, TOTAL, 0));
                let waits = desk.get("/v1/treasury-proposals?status=proposed").await;
                assert_eq!(waits["items"][0]["id"], proposal["id"], "it may still be refused");
            }
            (Err(refused), Ok(_)) => {
                assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
                assert_eq!(stands, (TOTAL - 1, 0, 0));
            }
            other => panic!("one of both: {other:?}"),
        }
        town.close().await;
    });
}

#[test]
fn money_that_was_free_when_a_cut_was_proposed_and_is_held_since_stays() {
    each_engine(async |house| {
        let town = Town::with_fund(house, TOTAL).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        let proposal = proposed(&desk, &id, cut(1)).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        let refused = decides(&desk, &desk.approver, &proposal, "accept").await;
        refused.problem("fund-exhausted");
        let told = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("chỉ còn 0 đồng"), "{told}");
        assert_eq!(desk.fund().await, (0, TOTAL, 0));
        // Sent back, it is free again.
        town.approve(run).await.unwrap();
        let why = json!({"reason": "Xem lại danh sách"});
        desk.takes(&desk.releaser, run, "reject", Some(why)).await;
        desk.accepts(&proposal).await;
        assert_eq!(desk.fund().await, (TOTAL - 1, 0, 0));
        assert_eq!(town.submit(run).await.unwrap_err().code, ProblemCode::FundExhausted);
        town.close().await;
    });
}

#[test]
fn a_cut_lowers_the_lines_it_names_and_none_below_what_is_drawn_on_it() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        let both = |allowance: i64, care: i64| json!([line("allowance", allowance), line("care", care)]);
        sets_fund_lines(&house.app, id.parse().unwrap(), both(6_000_000, 3_000_000)).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();

        let refused = proposes(&desk, &id, cut(2_000_000)).await;
        refused.problem("conflict");
        let told = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(told.contains("Dòng care"), "{told}");
        let below = cut_of(5_500_000, both(TOTAL - 1, 2_000_001));
        let (pointer, code, told) = fault(&proposes(&desk, &id, below).await);
        assert_eq!(
            (pointer.as_str(), code.as_str()),
            ("/reduction/lines/0/amount", "above_what_is_free")
        );
        assert!(told.contains("4.500.000"), "{told}");
        for (lines, place, code) in [
            (both(6_000_000, 3_000_001), "/reduction/lines/1/amount", "not_lowered"),
            (
                json!([line("allowance", 5_000_000), line("other", 3_000_000)]),
                "/reduction/lines/1",
                "other_line",
            ),
            (json!([line("allowance", 5_000_000)]), "/reduction/lines", "other_lines"),
            (both(3_000_000, 3_000_000), "/reduction/lines", "lowered_by_more"),
        ] {
            let refused = fault(&proposes(&desk, &id, cut_of(2_000_000, lines)).await);
            assert_eq!((refused.0.as_str(), refused.1.as_str()), (place, code));
        }

        // Who has read the lines before reads them again.
        let of = format!("/v1/funds/{id}/lines");
        let other = json!({"lines": both(5_000_000, 2_000_000), "note": "QĐ 46/QĐ-UBND"});
        let other = desk
            .tries(&desk.preparer, ("POST", &format!("{of}/propose")), &of, Some(other))
            .await;
        assert_eq!(other.status, 201, "{other:?}");
        let taken = proposed(&desk, &id, cut_of(2_000_000, both(5_000_000, 3_000_000))).await;
        desk.accepts(&taken).await;
        decides(&desk, &desk.approver, &other.json(), "accept")
            .await
            .problem("stale");
        let lines = desk.get(&of).await;
        assert_eq!(
            (&lines["estimate"], &lines["lines"][0]["amount"]),
            (&json!(8_000_000), &json!(5_000_000))
        );
        assert_eq!(
            drawn(&desk, &id).await[0],
            ("allowance".to_owned(), TOTAL, 5_000_000 - TOTAL)
        );
        // The database takes no such step, and no such line, without two people.
        for sql in [
            "INSERT INTO posting (id, batch, position, fund_id, account, amount, at)
             SELECT id, 'fund_reduction:0', 0, id, 'source', 1, (SELECT MIN(at) FROM posting) FROM fund",
            "INSERT INTO fund_line (fund_id, position, name, amount, proposal_id)
             SELECT fund.id, 7, 'Dòng khác', 1, own.id FROM fund, treasury_proposal AS own
             WHERE own.kind = 'fund_reduction'",
        ] {
            let error = house.app.db.owner().execute_unprepared(sql).await.expect_err(sql);
            assert!(error.to_string().contains(": not_approved"), "{sql}: {error}");
        }
        town.close().await;
    });
}

#[test]
fn what_nobody_needs_of_a_year_that_is_closed_goes_back_to_its_source() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        let run = town.pay("2024-09").await;
        town.now("2024-12-20T02:00:00Z").await;
        let rule = json!({"kind": "year_closed", "reason": "Khóa sổ năm ngân sách 2024 (giả định của kiểm thử)"});
        decides_day(&house.app, "2025-01-31", serde_json::from_value(rule).unwrap()).await;
        town.now("2025-02-05T02:00:00Z").await;
        let back = |amount: i64| {
            let reduction = json!({"kind": "given_back", "amount": amount, "number": "12/TB-STC",
                "signed_on": "2025-02-03"});
            json!({"reduction": reduction, "note": "Hủy dự toán còn lại năm 2024"})
        };
        // What is on its way stays with the fund.
        let (_, code, told) = fault(&proposes(&desk, &id, back(10_000_000)).await);
        assert_eq!(code, "above_what_is_free");
        assert!(told.contains("8.500.000"), "{told}");
        let proposal = proposed(&desk, &id, back(8_500_000)).await;
        desk.accepts(&proposal).await;
        let funds = fund::list(&house.app, &town.officers[0]).await.unwrap();
        let stands = [funds[0].available, funds[0].in_transit, funds[0].reduced];
        assert_eq!(stands, [0, TOTAL, 8_500_000]);
        town.arrives(run).await;
        assert_eq!(town.paid().await, TOTAL);
        town.close().await;
    });
}

#[test]
fn who_holds_the_lines_of_a_fund_is_told_of_all_that_changes_in_them() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = own(&desk).await;
        sets_fund_lines(&house.app, id.parse().unwrap(), json!([line("allowance", 6_000_000)])).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        let path = format!("/v1/funds/{id}/lines");
        let since = async |known: &str| {
            let read = house.call("GET", &path).key(&desk.preparer);
            read.header("If-None-Match", known).send().await
        };
        let first = since("\"0\"").await;
        assert_eq!(since(first.header("etag")).await.status, 304, "it stands as it was");

        // Less money, with lines that stay as they are.
        let taken = proposed(&desk, &id, cut(1_000_000)).await;
        assert_eq!(since(first.header("etag")).await.status, 304, "nothing is taken yet");
        desk.accepts(&taken).await;
        let second = since(first.header("etag")).await;
        assert_eq!(second.status, 200, "{second:?}");
        let told = second.json();
        assert_eq!(
            (&told["estimate"], &told["version"]),
            (&json!(9_000_000), &first.json()["version"]),
            "the lines are the same"
        );

        // A run that draws on a line.
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        let third = since(second.header("etag")).await;
        assert_eq!(third.status, 200, "{third:?}");
        assert_eq!(third.json()["drawn"][0]["drawn"], json!(TOTAL));
        assert_eq!(since(third.header("etag")).await.status, 304);
        town.close().await;
    });
}
