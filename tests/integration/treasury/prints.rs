//! The lists of the post on paper: each is given out and sent as the list that it prints.

use serde_json::json;
use service::reconciliation::propose_silence;
use service::{delivery, job, payment_file};
use tempfile::TempDir;
use uuid::Uuid;

use super::road::{Fate, Road};
use super::withdrawn::{LONG_AFTER, agreed, by, failed, files, never_executed, refused, try_again};
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, of};

/// Two people say, by the letter of the post office, that the cash of an order was handed over.
async fn handed_over(town: &BankTown<'_>, order: Uuid) {
    let why = json!({"outcome": "paid", "letter": "CV 31/BĐQN ngày 12/09/2024", "note": "Bưu điện đã trả tiền mặt"});
    let said = propose_silence(town.app(), &town.treasury, order, of(why))
        .await
        .unwrap();
    agreed(town, &said).await.unwrap();
}

#[test]
fn the_list_on_paper_is_withdrawn_with_the_list_of_the_post() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        town.now(LONG_AFTER).await;
        refused(never_executed(&town, order).await, "Chưa ai của kho bạc tải tệp");
        // The post pays by the paper alone.
        let paper = files(&town, run, &["post_paper"]).await.remove(0);
        payment_file::content(town.app(), &town.treasury, paper.id)
            .await
            .unwrap();
        let said = never_executed(&town, order).await.unwrap();
        agreed(&town, &said).await.unwrap();
        for file in files(&town, run, &["post_list", "post_paper"]).await {
            assert!(file.withdrawn, "{}", file.name);
            let bytes = payment_file::content(town.app(), &town.treasury, file.id).await;
            refused(bytes, "đã được rút");
        }
        // What orders nothing is still there.
        for file in files(&town, run, &["treasury_list", "treasury_figures", "change_list"]).await {
            assert!(!file.withdrawn, "{}", file.name);
            payment_file::content(town.app(), &town.treasury, file.id)
                .await
                .unwrap();
        }
        town.holds().await;
    });
}

#[test]
fn a_print_is_sent_though_an_order_of_another_list_was_answered() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let one_by_one = json!({"max_lines": 1, "note": "một dòng một bảng kê"});
        let changed = house.change_profile("POST", "\"0\"", &one_by_one).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let run = town.pay("2024-09").await;
        let prints = files(&town, run, &["post_paper"]).await;
        let folder = TempDir::new().unwrap();
        let closed = by(&town, &Road::to(folder.path(), Fate::CannotLeave));
        for print in &prints {
            delivery::deliver(&closed, &town.treasury, print.id).await.unwrap();
        }
        job::drain(&closed, job::KINDS).await.unwrap();

        town.now(LONG_AFTER).await;
        let order = town.orders(run).await.remove(0);
        handed_over(&town, order.id).await;
        try_again(&by(&town, &Road::to(folder.path(), Fate::Arrives))).await;
        let list = payment_file::get(town.app(), &town.treasury, order.file_id.unwrap()).await;
        let beside = list.unwrap().name.replace(".xlsx", ".pdf");
        let (own, other): (Vec<_>, Vec<_>) = prints.iter().partition(|print| print.name == beside);
        assert_eq!((own.len(), other.len()), (1, 1));
        failed(&town, own[0].id, "answered").await;
        let attempts = delivery::of_file(town.app(), &town.treasury, other[0].id)
            .await
            .unwrap();
        let attempts: Vec<_> = attempts.iter().map(|own| json!(own.status)).collect();
        assert_eq!(attempts, [json!("sent")]);
        town.holds().await;
    });
}
