//! What became of orders that a bank says nothing of, said by people who die at each await of it and say it again.

use serde_json::json;
use service::reconciliation::{decide_silence, propose_silence};

use super::repeated::{id, lived_twice};
use crate::reconciliation::bank::{accept, answer, of, pain002};

#[test]
fn what_two_people_say_of_silent_orders_moves_them_once_whoever_dies() {
    lived_twice(3, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        desk.hears("upload status", &pain002("A1", &[answer(&orders[2], "ACCC", None)]))
            .await;
        town.now("2024-09-20T02:00:00Z").await;
        for (order, outcome) in [(orders[0].id, "not_executed"), (orders[1].id, "paid")] {
            let proposed = desk.sends("propose silence", &town.treasury, async |app, actor| {
                let said = json!({"outcome": outcome, "letter": "CV 215/NHNo-QN", "note": "Ngân hàng trả lời"});
                propose_silence(app, actor, order, of(said)).await
            });
            let proposed = id(&proposed.await);
            desk.sends("decide silence", &town.approver, async |app, actor| {
                decide_silence(app, actor, order, accept(proposed)).await
            })
            .await;
        }
        desk.works("after silence").await;
        assert_eq!(town.statuses(run).await, ["rejected", "settled", "credited"]);
    });
}
