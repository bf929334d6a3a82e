//! What two people settle of a sum that a bank moved otherwise, and what a second person turns down, by people who die at
//! each await of it and do it again.

use domain::Vnd;
use domain::bank_report::synthetic::Answer;
use serde_json::{Value, json};
use service::fund::{self, ProposeTransfer};
use service::person;
use service::reconciliation::{decide_settlement, differences, propose_settlement};
use uuid::Uuid;

use super::repeated::{Desk, id, lived_twice, version};
use crate::reconciliation::bank::{AMOUNT, accept, answer, camt054, of, person as somebody, refuse};

/// What is proposed of a difference by one person of the treasury; another says what becomes of it.
async fn settles(desk: &Desk<'_>, difference: Uuid, accepted: bool) {
    let town = &desk.town;
    let proposed = desk.sends("propose settlement", &town.treasury, async |app, actor| {
        let what = json!({"settlement": "made_good", "note": "Đã làm việc với ngân hàng"});
        propose_settlement(app, actor, difference, of(what)).await
    });
    let proposed = id(&proposed.await);
    desk.sends("decide settlement", &town.second, async |app, actor| {
        let said = if accepted { accept(proposed) } else { refuse(proposed) };
        decide_settlement(app, actor, difference, said).await
    })
    .await;
    desk.works("after settlement").await;
}

#[test]
fn a_sum_that_a_bank_moved_otherwise_is_settled_once_whoever_dies() {
    lived_twice(2, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let short = Answer {
            amount: Vnd::new(AMOUNT - 1).unwrap(),
            ..answer(&orders[0], "BOOK", None)
        };
        let debits = [short, answer(&orders[1], "BOOK", None)];
        desk.hears("upload debits", &camt054("A1", &debits)).await;
        let line = town.waiting("partial").await.line.id;
        town.resolve(
            line,
            json!({"resolution": "accepted_as_paid", "note": "Đã gọi ngân hàng"}),
        )
        .await;
        desk.works("after resolution").await;
        let open = differences(desk.app(), &town.treasury).await.unwrap().remove(0);
        assert_eq!((json!(open.status), open.amount), (json!("open"), -1));

        settles(desk, open.id, false).await;
        let fund = town.fund().await;
        assert_eq!((fund.paid, fund.short_moved), (2 * AMOUNT - 1, 1), "one did not agree");
        settles(desk, open.id, true).await;
        let fund = town.fund().await;
        assert_eq!((fund.paid, fund.short_moved), (2 * AMOUNT, 0), "made good, once");
        let ended = differences(desk.app(), &town.treasury).await.unwrap().remove(0);
        assert_eq!((ended.id, json!(ended.status)), (open.id, json!("made_good")));
    });
}

#[test]
fn a_transfer_is_turned_down_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let town = &desk.town;
        let before = town.fund().await;
        let proposed = desk.sends("propose transfer", &town.preparer, async |app, actor| {
            let more = json!({"to_fund_id": before.id, "amount": 7_000_000, "reason": "QĐ bổ sung dự toán"});
            let command: ProposeTransfer = of(more);
            fund::propose(app, actor, command).await
        });
        let proposed = proposed.await;
        let refused = desk.sends("reject transfer", &town.approver, async |app, actor| {
            fund::reject_transfer(app, actor, id(&proposed), version(&proposed), "Chưa có quyết định").await
        });
        assert_eq!(refused.await["status"], "rejected");
        assert_eq!(town.fund().await.available, before.available, "nothing has moved");
    });
}

#[test]
fn an_account_is_turned_down_once_whoever_dies_and_the_old_one_is_paid() {
    lived_twice(1, async |desk| {
        let (town, who) = (&desk.town, somebody(0));
        let own = person::get(desk.app(), &town.caseworker, who).await.unwrap();
        let account = json!({"relation": "oneself", "from": "2024-08-21", "account": {"channel": "bank_transfer",
            "bank_code": "AGRIBANK", "account_number": "8011205199999", "holder_name": "Phạm Thị Lan"}});
        let proposed = desk.sends("propose payee", &town.caseworker, async |app, actor| {
            person::propose_payee(app, actor, who, own.version, of(account.clone())).await
        });
        let read = version(&proposed.await);
        let statuses = async || -> Vec<(Uuid, Value)> {
            let payees = person::list_payees(desk.app(), &town.caseworker, who).await.unwrap();
            payees.iter().map(|payee| (payee.id, json!(payee.status))).collect()
        };
        let waiting = statuses().await;
        let payee = waiting.iter().find(|(_, status)| status == "proposed").unwrap().0;
        desk.sends("reject payee", &town.decider, async |app, actor| {
            person::reject_payee(app, actor, who, payee, read).await
        })
        .await;
        desk.works("after payee").await;
        let live = statuses().await;
        assert!(live.iter().all(|(_, status)| status != "proposed"), "{live:?}");

        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        assert_eq!(orders.len(), 1);
        assert_ne!(orders[0].account_number, "8011205199999");
    });
}
