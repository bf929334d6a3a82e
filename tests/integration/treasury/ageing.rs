//! What is open, on the treasury desk and as a workbook.

use service::reminder::RemindOfDays;
use service::{Role, job};

use super::desk::Browser;
use crate::harness::{each_engine, texts};
use crate::month_close::report::text_of;
use crate::reconciliation::bank::BankTown;

/// The rows of a workbook of what is open.
pub(super) fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    texts(bytes, "Còn treo")
}

#[test]
fn a_clerk_sees_what_is_open_and_takes_it_along_as_a_workbook() {
    each_engine(async |house| {
        let (town, orders) = BankTown::half_answered(house).await;

        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let files = browser.get("/treasury/files").await;
        assert!(
            files.text.contains("href=\"/treasury/ageing\""),
            "every page leads to it"
        );
        let page = browser.get("/treasury/ageing").await;
        assert_eq!(page.status, 200);
        for told in [
            orders[1].reference.as_str(),
            orders[3].reference.as_str(),
            "Chờ chi lại",
            "Sửa thông tin tài khoản (AC04)",
        ] {
            assert!(page.text.contains(told), "{told}: {}", page.text);
        }
        assert!(!page.text.contains(&orders[0].reference), "what arrived is not open");
        // Nobody has heard of the last order since the 5th.
        let old = browser.get("/treasury/ageing?older=7").await.text;
        assert!(old.contains(&orders[3].reference), "{old}");
        let old = browser.get("/treasury/ageing?older=30").await.text;
        assert!(old.contains("Không có khoản nào còn treo"), "{old}");
        for list in ["ageing?older=-5", "ageing.xlsx?older=-5", "ageing.pdf?older=some"] {
            let refused = browser.get(&format!("/treasury/{list}")).await;
            assert_eq!(refused.status, 400, "{list}: {}", refused.text);
            assert!(refused.text.contains("Số ngày phải là số nguyên"), "{}", refused.text);
        }

        // What the program found this morning stands below the list.
        let slot = house.app.clock.today();
        house
            .app
            .db
            .write(async |txn| job::enqueue(txn, &RemindOfDays { slot }).await)
            .await
            .unwrap();
        town.idle().await;
        let page = browser.get("/treasury/ageing").await.text;
        for told in [
            "Nhắc việc",
            "chưa có kết quả sau 5 ngày",
            "Đợt hằng tháng, tháng 09/2024, số 1",
            "hạn quyết toán 20/09/2024",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }

        let all = rows(&browser.download("/treasury/ageing.xlsx").await);
        let row = all.iter().find(|row| row[1] == orders[1].reference).unwrap();
        assert_eq!(
            (row[4].as_str(), row[6].as_str()),
            ("8", "Sửa thông tin tài khoản (AC04)")
        );
        assert!(
            !row[7].is_empty() && !row[8].is_empty(),
            "whose money it is and where it was to go: {row:?}"
        );
        let key = house.key(Role::Treasury, None).await;
        let path = "/v1/reconciliation/ageing.xlsx?older_than_days=8";
        let (kind, bytes) = house.call("GET", path).key(&key).download().await;
        assert!(kind.contains("spreadsheetml"), "{kind}");
        let older = rows(&bytes);
        assert!(older.iter().all(|row| row[1] != orders[1].reference));
        assert!(older.iter().any(|row| row[1] == orders[3].reference));
        // On paper it is the same.
        let paper = text_of(&browser.download("/treasury/ageing.pdf?older=7").await);
        for told in [
            "CÁC KHOẢN CÒN TREO THEO TUỔI",
            "Chỉ gồm các khoản treo quá 7 ngày",
            "Chờ chi lại",
        ] {
            assert!(paper.contains(told), "{told} in {paper}");
        }
        let together = paper.replace(' ', "");
        assert!(together.contains(&orders[1].reference) && together.contains(&orders[3].reference));
        assert!(!together.contains(&orders[0].reference), "{paper}");
        let path_of_paper = "/v1/reconciliation/ageing.pdf?older_than_days=8";
        let (kind, bytes) = house.call("GET", path_of_paper).key(&key).download().await;
        assert_eq!(kind, "application/pdf");
        assert!(!text_of(&bytes).replace(' ', "").contains(&orders[1].reference));
        let commune = house.key(Role::Auditor, Some("06658@1900-01")).await;
        assert_eq!(house.call("GET", path_of_paper).key(&commune).send().await.status, 404);
        assert_eq!(house.call("GET", path).key(&commune).send().await.status, 404);
    });
}
