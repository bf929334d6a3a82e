//! What the ageing list tells of files, recalls and deaths stands there alone: a close has no place to keep whose it is.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::month_close::{self, CloseMonth};
use service::payment_order::{decide_recall, propose_recall};
use service::reconciliation::{ListAgeing, ageing};

use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, accept, answer, month, of, pain002};

#[test]
fn a_close_keeps_its_open_items_as_they_were_listed_and_none_of_them_has_a_subject() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let (app, september) = (town.app(), month("2024-09"));
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-12T02:00:00Z").await;
        let told = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "BLCK", None),
        ];
        town.bring(pain002("A1", &told)).await;
        let why = of(json!({"reason": "AC03", "note": "Nhập sai số tài khoản"}));
        let asked = propose_recall(app, &town.treasury, orders[2].id, why).await.unwrap();
        decide_recall(app, &town.approver, asked.id, accept(asked.id))
            .await
            .unwrap();
        let sent = "UPDATE payment_file SET status = 'delivered' WHERE message_id IS NOT NULL";
        app.db.owner().execute_unprepared(sent).await.unwrap();

        let everything: ListAgeing = of(json!({"limit": 200}));
        let everything = ageing(app, &town.treasury, everything).await.unwrap().items;
        let with_subject = everything.iter().filter(|own| own.item.subject_id.is_some());
        let kinds: BTreeSet<String> = with_subject
            .map(|own| json!(own.item.kind).as_str().unwrap().to_owned())
            .collect();
        let expected = ["death_reported", "file_unacknowledged", "recall_unanswered"];
        assert_eq!(kinds, BTreeSet::from(expected.map(str::to_owned)));

        let note = CloseMonth {
            note: "Đã đối chiếu".to_owned(),
        };
        let prepared = month_close::close(app, &town.preparer, september, note).await.unwrap();
        let listed = async || {
            month_close::open_items(app, &town.preparer, september, Some(200), None)
                .await
                .unwrap()
                .items
        };
        let before = listed().await;
        assert!(before.len() >= 4, "{before:?}");
        for own in &before {
            assert_eq!(own.item.subject_id, None, "{own:?}");
        }
        month_close::confirm(app, &town.approver, september, prepared.version)
            .await
            .unwrap();
        assert_eq!(listed().await, before, "nothing of them is lost by the close");
    });
}
