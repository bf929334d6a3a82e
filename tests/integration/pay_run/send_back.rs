//! Sent back with its lines untouched, and cancelled with its money.

use serde_json::json;
use service::ProblemCode;

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn a_run_that_is_sent_back_keeps_its_lines_and_is_signed_anew() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await;
        let lines = town.lines(run.id).await;
        let submitted = desk.takes(&desk.preparer, run.id, "submit", None).await;
        assert_eq!(desk.fund().await, (8_500_000, 1_500_000, 0));
        let path = format!("/v1/pay-runs/{}", run.id);
        let silent = desk
            .tries(
                &desk.approver,
                ("POST", &format!("{path}/reject")),
                &path,
                Some(json!({"reason": " "})),
            )
            .await;
        assert_eq!(
            silent.problem("invalid"),
            [("/reason".to_owned(), "required".to_owned())]
        );
        let reason = json!({"reason": "Sai số tài khoản ở ba dòng"});
        let returned = desk.takes(&desk.approver, run.id, "reject", Some(reason)).await;
        assert_eq!(
            (
                &returned["status"],
                &returned["build"],
                &returned["digest"],
                &returned["rejected_reason"]
            ),
            (
                &json!("draft"),
                &json!("done"),
                &json!(null),
                &json!("Sai số tài khoản ở ba dòng")
            )
        );
        assert_eq!(returned["revision"], json!(submitted["revision"].as_i64().unwrap() + 1));
        assert_eq!(
            returned["build_run_id"], submitted["build_run_id"],
            "the lines are those of that build"
        );
        let after = town.lines(run.id).await;
        assert_eq!(
            after.iter().map(|line| (line.id, line.amount)).collect::<Vec<_>>(),
            lines.iter().map(|line| (line.id, line.amount)).collect::<Vec<_>>()
        );
        assert_eq!(desk.fund().await, (10_000_000, 0, 0));
        town.holds().await;

        // What was signed before counts for nothing: the maker signs the same lines again, and so does the approver.
        let again = desk.takes(&desk.preparer, run.id, "submit", None).await;
        assert_eq!(
            (&again["digest"], &again["rejected_reason"]),
            (&submitted["digest"], &json!(null))
        );
        desk.takes(&desk.approver, run.id, "approve", None).await;
        desk.takes(&desk.releaser, run.id, "release", None).await;
        town.arrives(run.id).await;
        town.close().await;
    });
}

#[test]
fn a_run_that_has_not_left_the_house_is_cancelled_by_who_may() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let why = || Some(json!({"reason": "Lập nhầm tháng"}));
        let draft = town.build("2024-09").await;
        let path = format!("/v1/pay-runs/{}", draft.id);
        let refused = desk
            .tries(&desk.approver, ("POST", &format!("{path}/cancel")), &path, why())
            .await;
        refused.problem("forbidden");
        let cancelled = desk.takes(&desk.preparer, draft.id, "cancel", why()).await;
        assert_eq!(
            (&cancelled["status"], &cancelled["rejected_reason"]),
            (&json!("cancelled"), &json!("Lập nhầm tháng"))
        );

        let run = town.build("2024-09").await;
        desk.takes(&desk.preparer, run.id, "submit", None).await;
        desk.takes(&desk.approver, run.id, "approve", None).await;
        assert_eq!(desk.fund().await, (8_500_000, 0, 1_500_000));
        let path = format!("/v1/pay-runs/{}", run.id);
        let refused = desk
            .tries(&desk.preparer, ("POST", &format!("{path}/cancel")), &path, why())
            .await;
        refused.problem("forbidden");
        desk.takes(&desk.approver, run.id, "cancel", why()).await;
        assert_eq!(desk.fund().await, (10_000_000, 0, 0));
        for list in ["lines", "orders", "held"] {
            assert_eq!(desk.get(&format!("{path}/{list}")).await["items"], json!([]), "{list}");
        }
        town.holds().await;

        let run = town.pay("2024-09").await;
        let paid = town.run(run).await;
        let late = service::pay_run::cancel(&house.app, &town.officers[1], run, paid.version, "Muộn rồi").await;
        assert_eq!(late.unwrap_err().code, ProblemCode::IllegalTransition);
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn an_approved_run_goes_back_loses_one_line_and_is_approved_again() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let path = format!("/v1/pay-runs/{run}");
        let why = || Some(json!({"reason": "Thu hồi một khoản trước khi chuyển kho bạc"}));
        desk.takes(&desk.preparer, run, "submit", None).await;
        let reject = format!("{path}/reject");
        let refused = desk.tries(&desk.releaser, ("POST", &reject), &path, why()).await;
        refused.problem("forbidden");
        let approved = desk.takes(&desk.approver, run, "approve", None).await;
        let orders = desk.get(&format!("{path}/orders")).await["items"].clone();
        assert_eq!(orders.as_array().unwrap().len(), 2);
        assert_eq!(desk.fund().await, (8_500_000, 0, 1_500_000));
        let refused = desk.tries(&desk.preparer, ("POST", &reject), &path, why()).await;
        refused.problem("forbidden");

        let back = desk.takes(&desk.releaser, run, "reject", why()).await;
        assert_eq!(
            (
                &back["status"],
                &back["build"],
                &back["digest"],
                &back["approved_at"],
                &back["line_count"]
            ),
            (&json!("draft"), &json!("done"), &json!(null), &json!(null), &json!(2))
        );
        assert_eq!(desk.fund().await, (10_000_000, 0, 0));
        assert_eq!(desk.get(&format!("{path}/orders")).await["items"], json!([]));
        let files = house
            .call("GET", &format!("{path}/files"))
            .key(&desk.releaser)
            .send()
            .await;
        assert_eq!(files.json()["items"], json!([]));
        town.holds().await;

        // One line is left out, the rest is signed anew and paid; the order that stays is the one it was.
        let own = town.lines(run).await[0].clone();
        let left_out = json!({"line_id": own.id, "reason": "Chờ xác minh nơi cư trú"});
        desk.takes(&desk.preparer, run, "exclusions", Some(left_out)).await;
        desk.takes(&desk.preparer, run, "submit", None).await;
        let again = desk.takes(&desk.approver, run, "approve", None).await;
        assert_ne!(again["digest"], approved["digest"]);
        let left = desk.get(&format!("{path}/orders")).await["items"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1);
        let mut known = orders.as_array().unwrap().iter();
        assert!(known.any(|order| order["reference"] == left[0]["reference"]));
        assert_eq!(desk.fund().await, (9_250_000, 0, 750_000));
        desk.takes(&desk.releaser, run, "release", None).await;
        let late = desk.tries(&desk.approver, ("POST", &reject), &path, why()).await;
        late.problem("illegal-transition");
        assert_eq!(late.json()["detail"], "Đợt chi trả đang ở trạng thái “Đã chuyển chi”");
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn of_a_release_and_a_rejection_at_the_same_time_one_wins() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        let version = town.approve(run).await.unwrap().version;
        let (released, rejected) = tokio::join!(
            service::pay_run::release(&house.app, &town.officers[2], run, version),
            service::pay_run::reject(&house.app, &town.officers[1], run, version, "Chờ đối chiếu"),
        );
        town.idle().await;
        assert_ne!(released.is_ok(), rejected.is_ok());
        let lost = released.as_ref().err().or(rejected.as_ref().err()).unwrap().code;
        assert!(
            matches!(lost, ProblemCode::Stale | ProblemCode::IllegalTransition),
            "{lost:?}"
        );
        let fund = desk.get("/v1/funds").await["items"][0].clone();
        let (status, available, in_transit) = if released.is_ok() {
            ("released", 8_500_000, 1_500_000)
        } else {
            ("draft", 10_000_000, 0)
        };
        assert_eq!(
            (&fund["available"], &fund["in_transit"]),
            (&json!(available), &json!(in_transit))
        );
        assert_eq!(json!(town.run(run).await.status), status);
        town.close().await;
    });
}
