//! What a bank says of a whole file, at the desk: on the report's page, and closed by two clerks.

use super::desk::links;
use super::resolutions::{decide, proposal, propose, told, two_clerks};
use crate::harness::each_engine;
use crate::reconciliation::bank::{AMOUNT, BankTown};
use crate::reconciliation::batch_debits::{batch, entry, names};
use crate::reconciliation::group_statuses::{group, reason, said};

#[test]
fn a_file_refused_as_a_duplicate_is_seen_and_closed_by_two_clerks() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let files = service::payment_file::list(town.app(), &town.treasury, run)
            .await
            .unwrap();
        let message = files.into_iter().find_map(|file| file.message_id).unwrap();
        let size = "<OrgnlNbOfTxs>2</OrgnlNbOfTxs>";
        let refusal = said("G", &(group(&message, size, "RJCT") + &reason("DU01")), "");
        let words = "</Rsn><AddtlInf>DA NHAN TEP NAY</AddtlInf>";
        let refusal = String::from_utf8(refusal)
            .unwrap()
            .replace("</Rsn>", words)
            .into_bytes();
        let report = town.bring(refusal).await;
        let (one, other) = two_clerks(house).await;

        let page = one.get(&format!("/treasury/reports/{}", report.id)).await;
        told(
            &page,
            200,
            &[
                "Về cả tệp",
                message.as_str(),
                "RJCT",
                "DU01",
                "hãy tìm lệnh đầu tiên",
                "DA NHAN TEP NAY",
            ],
        );
        let [line]: [String; 1] = links(&page, "/treasury/suspense/").try_into().unwrap();
        let list = one.get("/treasury/suspense").await;
        told(&list, 200, &["cả tệp", "hãy tìm lệnh đầu tiên"]);
        assert_eq!(links(&list, "/treasury/suspense/"), std::slice::from_ref(&line));

        let form = one.get(&line).await;
        told(
            &form,
            200,
            &["Ngân hàng nói về cả tệp", "value=\"looked_into\"", "DU01"],
        );
        assert!(!form.text.contains("value=\"accepted_as_paid\""), "{}", form.text);
        let wrong = propose(&one, &line, "accepted_as_paid", "", "Đã chi").await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        let note = "Bản gửi lại; bản đầu đã được nhận";
        assert_eq!(propose(&one, &line, "looked_into", "", note).await.status, 303);
        let shown = other.get(&line).await;
        told(&shown, 200, &["Đã xem xét", note]);
        let accepted = decide(&other, &line, &proposal(&shown), "accept", "Đồng ý").await;
        assert_eq!(accepted.status, 303, "{}", accepted.text);
        told(
            &other.get("/treasury/suspense").await,
            200,
            &["Không còn dòng nào chờ xử lý"],
        );
        let page = other.get(&format!("/treasury/reports/{}", report.id)).await;
        told(&page, 200, &["Đã xử lý"]);
        assert_eq!(town.statuses(run).await, ["extracted"; 2]);
        town.holds().await;
    });
}

#[test]
fn the_form_says_when_a_return_of_a_whole_file_names_no_order() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        for (id, direction) in [("D1", "DBIT"), ("C1", "CRDT"), ("D2", "DBIT"), ("C2", "CRDT")] {
            town.bring(entry(id, direction, 2 * AMOUNT, &batch(&name))).await;
        }
        let line = town.waiting("file_returned_again").await.line.id;
        let (one, _) = two_clerks(house).await;
        let form = one.get(&format!("/treasury/suspense/{line}")).await;
        told(&form, 200, &["để trống khi công nhận", "một lần hoàn khác của cả tệp"]);
    });
}
