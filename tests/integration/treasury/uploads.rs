//! How a clerk has an answer file read: strictly or leniently, and as the table of which bank.

use domain::Vnd;
use domain::bank::BankProfiles;
use domain::bank_report::synthetic::{Answer as BankAnswer, write_result_csv};
use serde_json::{json, to_value};
use service::Role;

use super::desk::{Browser, seal};
use super::resolutions::{decide, proposal, told};
use super::window::Window;
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, camt054, pain002};

#[test]
fn a_clerk_chooses_how_strictly_a_file_is_read_and_sees_what_was_tolerated() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let form = clerk.get("/treasury/reports").await;
        for told in [
            "bảng kết quả của ngân hàng (CSV, XLSX)",
            "camt.029",
            "type=\"checkbox\" name=\"mode\" value=\"lenient\" accesskey=\"m\"",
            "name=\"bank\"",
        ] {
            assert!(form.text.contains(told), "{told} is missing: {}", form.text);
        }
        assert!(!form.text.contains("checked"), "to be lenient is ticked on purpose");
        let seal = seal(&form);
        let plain = pain002("A1", &[answer(&order, "ACSC", None)]);
        let marked = [b"\xef\xbb\xbf".as_slice(), &plain].concat();

        let strict: &[(&str, &str)] = &[("mode", "strict")];
        for how in [strict, &[]] {
            let refused = clerk.upload_as(Some(&seal), "co-bom.xml", &marked, how).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            for told in ["Không đọc được tệp ngân hàng", "đang đọc chặt", "name=\"file\""] {
                assert!(refused.text.contains(told), "{told} is missing: {}", refused.text);
            }
        }
        let odd = clerk
            .upload_as(Some(&seal), "co-bom.xml", &marked, &[("mode", "sloppy")])
            .await;
        assert_eq!(odd.status, 422, "{}", odd.text);
        let lenient = [("mode", "lenient"), ("bank", "")];
        let sent = clerk.upload_as(Some(&seal), "co-bom.xml", &marked, &lenient).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        town.idle().await;
        let page = clerk.get(sent.header("location")).await;
        for told in [
            "<dt>Cách đọc</dt><dd>Đọc rộng</dd>",
            "<dt>Đọc theo mẫu</dt><dd>AGRIBANK</dd>",
            "Dấu thứ tự byte (BOM) ở đầu tệp",
            "1 dòng khớp",
        ] {
            assert!(page.text.contains(told), "{told} is missing: {}", page.text);
        }

        let nameless = String::from_utf8(plain.clone())
            .unwrap()
            .replace("<MsgId>A1</MsgId>", "");
        let sent = clerk
            .upload_as(Some(&seal), "khong-ma.xml", nameless.as_bytes(), &lenient)
            .await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = clerk.get(sent.header("location")).await;
        for told in [
            "Thiếu phần tử mà lược đồ của thông điệp bắt buộc: <code>CstmrPmtStsRpt/GrpHdr/MsgId</code>, ở dòng ",
            ", byte ",
        ] {
            assert!(page.text.contains(told), "{told} is missing: {}", page.text);
        }

        let sent = clerk.upload(Some(&seal), "sach.xml", &plain).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let page = clerk.get(sent.header("location")).await;
        assert!(
            page.text.contains("Đọc chặt") && page.text.contains("Không có gì"),
            "{}",
            page.text
        );
    });
}

#[test]
fn to_be_lenient_is_a_tick_that_the_keyboard_reaches() {
    each_engine(async |house| {
        let key = house.key(Role::Treasury, None).await;
        let window = Window::open().await;
        window.enter(&house.base, &key).await;
        window.follow("/treasury/reports").await;
        window.shows("#mode").await;
        window.tab_to("own.id", "mode").await;
        assert_eq!(
            window.focused("own.checked").await,
            "false",
            "strict unless somebody ticks it"
        );
        window.press([' ']).await;
        assert_eq!(window.focused("own.checked").await, "true");
        window.close().await;
    });
}

#[test]
fn where_the_headings_fit_two_banks_a_clerk_says_whose_table_it_is() {
    each_engine(async |house| {
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let profile = BankProfiles::embedded().unwrap().of("KLB").clone();
        // The same headings, and one word more: the tables look alike and do not mean the same.
        let mut alike = to_value(&profile).unwrap();
        alike["result"]["statuses"]["Đang chờ"] = json!("accepted");
        let changed = house.change_profile("VCB", "\"0\"", &alike).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let stray = BankAnswer {
            reference: "AS-00000000000000000000000000".to_owned(),
            uetr: None,
            amount: Vnd::new(750_000).unwrap(),
            status: "Thành công".to_owned(),
            reason: None,
            account: Some("0101".to_owned()),
            bank_reference: None,
        };
        let mut table = Vec::new();
        write_result_csv(&mut table, &profile.result.unwrap(), &[stray]).unwrap();

        let form = clerk.get("/treasury/reports").await;
        assert!(form.text.contains("<option value=\"VCB\">"), "{}", form.text);
        assert!(
            form.text.contains("<option value=\"AGRIBANK\">"),
            "a bank that answers with no table sends messages"
        );
        let seal = seal(&form);
        let unclear = clerk.upload(Some(&seal), "kq.csv", &table).await;
        assert_eq!(unclear.status, 422, "{}", unclear.text);
        assert!(
            unclear.text.contains("hãy chọn ngân hàng của bảng kết quả"),
            "{}",
            unclear.text
        );
        let none = clerk
            .upload_as(Some(&seal), "kq.csv", &table, &[("bank", "AGRIBANK")])
            .await;
        assert_eq!(none.status, 422);
        assert!(none.text.contains("không có bảng kết quả"), "{}", none.text);
        let sent = clerk.upload_as(Some(&seal), "kq.csv", &table, &[("bank", "KLB")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        service::job::drain(&house.app, service::job::KINDS).await.unwrap();
        let page = clerk.get(sent.header("location")).await;
        assert!(page.text.contains("Bảng kết quả của ngân hàng"), "{}", page.text);
    });
}

#[test]
fn a_file_read_as_the_wrong_banks_is_told_and_two_clerks_set_it_right() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let bytes = camt054("D1", &[answer(&order, "BOOK", None)]);
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let colleague = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let upload = async |bank: &str| {
            let seal = seal(&clerk.get("/treasury/reports").await);
            let sent = clerk
                .upload_as(Some(&seal), "camt054.xml", &bytes, &[("bank", bank)])
                .await;
            town.idle().await;
            sent
        };
        let first = upload("VCB").await;
        assert_eq!(first.status, 303, "{}", first.text);
        let report = first.header("location").to_owned();
        let refused = upload("AGRIBANK").await;
        let id = report.rsplit('/').next().unwrap();
        let texts = [
            "Tệp này đã được nạp và đọc theo cách khác",
            id,
            "được đọc là của VCB, lần này được nạp là của AGRIBANK",
            "đề nghị loại bỏ, rồi nạp lại tệp",
        ];
        told(&refused, 409, &texts);

        let page = format!("{report}/set-aside");
        let shown = clerk.get(&report).await;
        told(&shown, 200, &[&format!("href=\"{page}\""), "Loại bỏ báo cáo này"]);
        let form = clerk.get(&page).await;
        told(&form, 200, &["VCB", "Đề nghị loại bỏ"]);
        let propose = async |note: &str| {
            let own = seal(&clerk.get(&page).await);
            let fields = [("_seal", own.as_str()), ("note", note)];
            clerk.post(&format!("{page}/propose"), &fields).await
        };
        told(&propose(" ").await, 422, &["Ghi chú phải có"]);
        let proposed = propose("Chọn nhầm ngân hàng").await;
        assert_eq!((proposed.status, proposed.header("location")), (303, report.as_str()));
        told(
            &clerk.get(&page).await,
            200,
            &["Bạn là người đề nghị", "Chọn nhầm ngân hàng"],
        );
        // What waits is offered in the place of another proposal.
        let waits = colleague.get(&report).await;
        told(&waits, 200, &[&format!("href=\"{page}\""), "Xem đề nghị đang chờ"]);
        assert!(!waits.text.contains("Loại bỏ báo cáo này</a>"), "{}", waits.text);
        let id = proposal(&colleague.get(&page).await);
        let decided = decide(&colleague, &page, &id, "accept", "Đúng là nhầm").await;
        assert_eq!(decided.header("location"), "/treasury/reports", "{}", decided.text);
        told(
            &clerk.get(&report).await,
            200,
            &["đã được loại bỏ", "Loại bỏ cùng báo cáo"],
        );
        told(&clerk.get("/treasury/reports").await, 200, &["Đã loại bỏ"]);

        let anew = upload("AGRIBANK").await;
        assert_eq!(anew.status, 303, "{}", anew.text);
        assert_ne!(anew.header("location"), report);
        assert_eq!(town.statuses(run).await, ["settled"]);
        town.holds().await;
    });
}
