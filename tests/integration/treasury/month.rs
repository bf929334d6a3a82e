//! What the desk shows of a month: the digest with its signatures, the signature of a file, the reports of the close.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payment_file::verify_ed25519;
use service::{Role, month_close, pay_run, payment_file};

use super::desk::{Browser, links};
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, camt054, month, pain002};

#[test]
fn a_clerk_sees_who_signed_the_digest_and_fetches_the_reports_of_a_closed_month() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let digest = pay_run::get(town.app(), &town.treasury, run)
            .await
            .unwrap()
            .digest
            .unwrap();
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let list = clerk.get("/treasury/files").await;
        let file = links(&list, "/treasury/files/").remove(0);
        for page in [&list, &clerk.get(&file).await] {
            let ends = format!("{} … {}", &digest[..8], &digest[56..]);
            for told in [
                digest.as_str(),
                ends.as_str(),
                "đã duyệt 1/1",
                "Lập: Cán bộ preparer, 05/09/2024 09:00",
                "Duyệt: Cán bộ approver, 05/09/2024 09:00",
                "Chuyển chi: Cán bộ releaser, 05/09/2024 09:00",
            ] {
                assert!(page.text.contains(told), "{told} is missing: {}", page.text);
            }
            assert!(!page.text.contains("ký trên mã khác"), "{}", page.text);
        }
        assert!(!list.text.contains("/treasury/closes/"), "nothing is closed yet");

        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACCC", None)).collect();
        town.bring(pain002("A1", &told)).await;
        let note = month_close::CloseMonth { note: String::new() };
        month_close::close(town.app(), &town.preparer, month("2024-09"), note)
            .await
            .unwrap();
        let path = "/treasury/closes/2024-09/report";
        // What one person has prepared is read as a draft before another signs.
        let waits = clerk.get("/treasury/files").await.text;
        for told in [
            "Đã lập, chờ xác nhận",
            "Bản dự thảo: ",
            "href=\"/treasury/closes/2024-09/report.xlsx\"",
            "href=\"/treasury/closes/2024-09/report.pdf\"",
        ] {
            assert!(waits.contains(told), "{told} is missing: {waits}");
        }
        let (_, draft) = month_close::paper(town.app(), &town.treasury, month("2024-09"))
            .await
            .unwrap();
        assert_eq!(clerk.download(&format!("{path}.pdf")).await, draft);
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("AC04"))]))
            .await;
        // The draft says what stands now, and that it is no longer what was prepared.
        let (_, changed) = month_close::paper(town.app(), &town.treasury, month("2024-09"))
            .await
            .unwrap();
        assert_ne!(changed, draft);
        assert_eq!(clerk.download(&format!("{path}.pdf")).await, changed);
        town.close_month("2024-09").await;
        let list = clerk.get("/treasury/files?done=1").await;
        assert!(!list.text.contains("Bản dự thảo"), "{}", list.text);
        for ending in ["xlsx", "pdf"] {
            assert!(
                list.text.contains(&format!("href=\"{path}.{ending}\"")),
                "{}",
                list.text
            );
        }
        let (_, workbook) = month_close::workbook(town.app(), &town.treasury, month("2024-09"))
            .await
            .unwrap();
        let (_, paper) = month_close::paper(town.app(), &town.treasury, month("2024-09"))
            .await
            .unwrap();
        assert_eq!(clerk.download(&format!("{path}.xlsx")).await, workbook);
        assert_eq!(clerk.download(&format!("{path}.pdf")).await, paper);
        let nowhere = clerk.get("/treasury/closes/2024-13/report.pdf").await;
        assert_eq!(nowhere.status, 404, "{}", nowhere.text);
    });
}

#[test]
fn the_signature_is_fetched_beside_file_and_manifest_and_holds_for_the_manifest() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (app, treasury) = (town.app(), &town.treasury);
        let files = payment_file::list(app, treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let path = format!("/treasury/files/{}", file.id);
        let page = clerk.get(&path).await;
        assert!(
            page.text.contains(&format!("href=\"{path}/signature\"")),
            "{}",
            page.text
        );
        assert!(page.text.contains("Tải chữ ký"), "{}", page.text);

        let signature = clerk.download(&format!("{path}/signature")).await;
        let (name, bytes) = payment_file::signature_file(app, treasury, file.id).await.unwrap();
        assert_eq!(signature, bytes);
        let stem = file.name.rsplit_once('.').unwrap().0;
        assert_eq!(name, format!("{stem}.manifest.json.sig"));
        // To the byte as the manifest is fetched beside it.
        let manifest = clerk.download(&format!("{path}/manifest")).await;
        let keys = payment_file::signing_keys(app, treasury).await.unwrap();
        let key = STANDARD.decode(&keys[0].public_key).unwrap();
        assert!(verify_ed25519(&key, &manifest, &signature));

        // A list that orders nothing has its manifest and its signature too.
        let list = files.iter().find(|file| file.message_id.is_none()).unwrap();
        let path = format!("/treasury/files/{}", list.id);
        let manifest = clerk.download(&format!("{path}/manifest")).await;
        let signature = clerk.download(&format!("{path}/signature")).await;
        assert!(verify_ed25519(&key, &manifest, &signature));
    });
}
