//! Who acts for one area decides nothing of an order that pays people of another area too.

use serde_json::json;
use service::payment_order::{
    self, ProposeCancellation, ProposeRecall, decide_cancellation, propose_cancellation, propose_recall,
};
use service::proposal::DecideProposal;
use service::{Actor, ProblemCode, Role, access};
use uuid::Uuid;

use crate::harness::each_engine;
use crate::overpayment::town::{AREA, LAN, Town};

fn why() -> ProposeCancellation {
    serde_json::from_value(json!({"note": "Chi lại từ đầu"})).unwrap()
}

fn recall() -> ProposeRecall {
    serde_json::from_value(json!({"reason": "CUST", "note": "Người hưởng đã chuyển đi"})).unwrap()
}

fn accept(proposal: Uuid) -> DecideProposal {
    let body = json!({"proposal_id": proposal, "decision": "accept", "note": "Đã kiểm tra"});
    serde_json::from_value(body).unwrap()
}

#[test]
fn an_area_decides_nothing_of_an_order_that_pays_others_too() {
    each_engine(async |house| {
        // One number at the post office for two people, each of another area.
        let people = [
            (LAN, "022190001234", "06652"),
            (Uuid::from_u128(0x52), "022190001234", "06658"),
        ];
        let town = Town::of_people(house, 1_000_000_000, &people).await;
        let run = town.pay("2024-09").await;
        let (app, officers) = (&house.app, &town.officers);
        let orders = payment_order::list(app, &officers[3], run, None, None).await.unwrap();
        assert_eq!(orders.items.len(), 1, "one order for both");
        let order = orders.items[0].id;
        town.answers(run, |_| Some("not_collected")).await;
        let own = async |role: Role| -> Actor {
            let key = house.key(role, Some(AREA)).await;
            access::authenticate(app, &key).await.unwrap()
        };
        let (preparer, approver) = (own(Role::Preparer).await, own(Role::Approver).await);

        // It is seen where it stands, and nothing is proposed or decided of it there.
        assert!(payment_order::get(app, &preparer, order).await.is_ok());
        let refused = propose_cancellation(app, &preparer, order, why()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::NotFound);
        let refused = propose_recall(app, &preparer, order, recall()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::NotFound);
        let proposed = propose_cancellation(app, &officers[0], order, why()).await.unwrap();
        let refused = decide_cancellation(app, &approver, order, accept(proposed.id))
            .await
            .unwrap_err();
        assert_eq!(refused.code, ProblemCode::NotFound);
        let lines = town.lines(run).await;
        assert!(lines.iter().all(|line| json!(line.status) == "returned"), "{lines:?}");
        decide_cancellation(app, &officers[1], order, accept(proposed.id))
            .await
            .unwrap();
        town.idle().await;
        town.close().await;
    });
}
