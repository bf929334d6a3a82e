//! The reports of a closed month.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use serde_json::json;
use service::{month_close, pay_run, payment_order};

use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, camt054, month, pain002};

/// September closed with one of everything; October with what came late.
async fn two_months(town: &BankTown<'_>) {
    town.now("2024-09-05T02:00:00Z").await;
    let september = town.pay("2024-09").await;
    let orders = town.orders(september).await;
    let told = [
        answer(&orders[0], "ACCC", None),
        answer(&orders[1], "ACSC", None),
        answer(&orders[2], "RJCT", Some("AC04")),
        answer(&orders[3], "BLCK", None),
    ];
    town.bring(pain002("A1", &told)).await;
    town.now("2024-09-20T02:00:00Z").await;
    town.close_month("2024-09").await;
    town.bring(camt054("A2", &[answer(&orders[1], "BOOK", Some("AC06"))]))
        .await;
    town.now("2024-10-05T02:00:00Z").await;
    town.pay("2024-10").await;
    town.now("2024-10-20T02:00:00Z").await;
    town.close_month("2024-10").await;
}

#[test]
fn the_treasury_reads_paid_unpaid_and_carried_over_in_a_workbook_and_on_paper() {
    each_engine(async |house| {
        let town = BankTown::open(house, 5).await;
        let app = town.app();
        two_months(&town).await;
        let keep = std::env::var("ANSINH_KEEP_REPORTS").ok();
        for cover in ["2024-09", "2024-10"] {
            let workbook = month_close::workbook(app, &town.treasury, month(cover)).await.unwrap();
            let paper = month_close::paper(app, &town.treasury, month(cover)).await.unwrap();
            town.now("2024-12-01T02:00:00Z").await;
            assert_eq!(
                month_close::workbook(app, &town.treasury, month(cover)).await.unwrap(),
                workbook
            );
            assert_eq!(
                month_close::paper(app, &town.treasury, month(cover)).await.unwrap(),
                paper
            );
            if let Some(folder) = &keep {
                for (name, bytes) in [&workbook, &paper] {
                    std::fs::write(format!("{folder}/{name}"), bytes).unwrap();
                }
            }
        }
        let (_, bytes) = month_close::workbook(app, &town.treasury, month("2024-09"))
            .await
            .unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let expected = [
            "Tổng hợp",
            "Đối chiếu tệp",
            "Theo xã",
            "Theo nhóm",
            "Chưa chi",
            "Còn treo",
            "Điều chỉnh",
            "Lệch số tiền",
        ];
        assert_eq!(book.sheet_names(), expected);
        let sheet = |book: &mut Xlsx<Cursor<Vec<u8>>>, name: &str| -> Vec<Vec<String>> {
            let range = book.worksheet_range(name).unwrap();
            range
                .rows()
                .map(|row| row.iter().map(ToString::to_string).collect())
                .collect()
        };
        let total = |rows: &[Vec<String>]| -> Vec<String> {
            rows.iter()
                .find(|row| row.contains(&"Tổng cộng".to_owned()))
                .unwrap()
                .clone()
        };
        let sums = total(&sheet(&mut book, "Tổng hợp"));
        assert_eq!(
            sums[4..],
            ["5", "3750000", "0", "3750000", "1500000", "1500000", "750000", "0", "0"]
        );
        // The fund by its name, its code and its source.
        let funds = sheet(&mut book, "Tổng hợp");
        let named = funds
            .iter()
            .any(|row| row[0] == "Trợ cấp (mã social_assistance), Ngân sách tỉnh");
        assert!(named, "{funds:?}");
        for name in ["Theo xã", "Theo nhóm"] {
            let sums = total(&sheet(&mut book, name));
            assert_eq!(
                sums[1..],
                ["5", "3750000", "1500000", "1500000", "750000", "0"],
                "{name}"
            );
        }
        // Files of two runs may have the same name.
        let files = sheet(&mut book, "Đối chiếu tệp");
        let named = files.iter().any(|row| row[1] == "hằng tháng, tháng 09/2024, số 1");
        assert!(named, "{files:?}");
        let groups = sheet(&mut book, "Theo nhóm");
        let named = groups
            .iter()
            .any(|row| row[0] == "Nhóm 5.6: Người khuyết tật đặc biệt nặng và nặng");
        assert!(named, "{groups:?}");
        let first = sheet(&mut book, "Tổng hợp");
        assert_eq!(first[0][0], "BÁO CÁO KHÓA SỔ CHI TRẢ TRỢ GIÚP XÃ HỘI THÁNG 09/2024");
        let words = first.iter().flatten().find(|cell| cell.contains("Bằng chữ")).unwrap();
        assert!(words.contains("Ba triệu bảy trăm năm mươi nghìn đồng"), "{words}");
        let open = sheet(&mut book, "Còn treo");
        assert_eq!(
            open.iter().filter(|row| row[0] == "Đang ở ngân hàng, bưu điện").count(),
            2
        );
        let heading = open.iter().find(|row| row[0] == "Loại").unwrap();
        let column = |name: &str| heading.iter().position(|cell| cell == name).unwrap();
        // Whoever is unpaid can be found: whose money, where it was to go, which commune, and why, with the bank's code.
        let orders = payment_order_targets(&town, &open, column("Mã lệnh chi")).await;
        assert_eq!(orders.len(), 3);
        for (row, holder, account) in orders {
            assert_eq!(
                (&row[column("Chủ tài khoản")], &row[column("Số tài khoản")]),
                (&holder, &account)
            );
            assert!(!row[column("Xã, phường")].is_empty() && !row[column("Ngân hàng, bưu điện")].is_empty());
        }
        let back = open.iter().find(|row| row[0] == "Chờ chi lại").unwrap();
        assert_eq!(back[column("Lý do")], "Sửa thông tin tài khoản (AC04)");
        for row in &open[1..] {
            let state = &row[column("Trạng thái")];
            assert!(
                !state.contains('_') && state != "rejected" && state != "extracted",
                "{state}"
            );
        }
        // The paper that is signed lists the same, each with its age on the day of the close.
        let (_, bytes) = month_close::paper(app, &town.treasury, month("2024-09")).await.unwrap();
        // What stands in a cell may be broken over two lines, but for a reference, which is read aloud and compared.
        let lines = text_of(&bytes);
        let paper = lines.replace(' ', "");
        let rows = open.iter().skip_while(|row| row[0] != "Loại").skip(1);
        let mut listed = 0;
        for row in rows.filter(|row| !row[column("Mã lệnh chi")].is_empty()) {
            listed += 1;
            let reference = &row[column("Mã lệnh chi")];
            assert!(lines.contains(reference.as_str()), "{reference} is broken in {lines}");
            let place = paper.find(reference.as_str());
            let told = &paper[place.unwrap_or_else(|| panic!("{reference} in {paper}"))..];
            for name in ["Số ngày", "Trạng thái", "Chủ tài khoản", "Số tài khoản"] {
                let cell = row[column(name)].replace(' ', "");
                assert!(told.contains(&cell), "{name} {cell} in {told}");
            }
        }
        assert_eq!(listed, 4, "{open:?}");

        let (_, bytes) = month_close::workbook(app, &town.treasury, month("2024-10"))
            .await
            .unwrap();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let late = sheet(&mut book, "Điều chỉnh");
        assert_eq!(late.iter().filter(|row| row[0] == "09/2024").count(), 2);
        let held = sheet(&mut book, "Chưa chi");
        assert!(held.iter().any(|row| row[0].contains("AC04")), "{held:?}");

        let (_, bytes) = month_close::paper(app, &town.treasury, month("2024-10")).await.unwrap();
        let text = text_of(&bytes);
        for part in [
            "Đơn vị: Sở quản lý trợ giúp xã hội tỉnh Quảng Ninh",
            "BÁO CÁO KHÓA SỔ CHI TRẢ TRỢ GIÚP XÃ HỘI THÁNG 10/2024",
            "Khóa sổ ngày 20 tháng 10 năm 2024",
            "khớp nhau đến từng đồng",
            "VII. Thay đổi của các tháng đã khóa sổ trước đó",
            "Kế toán trưởng",
            "Kho bạc Nhà nước",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let key = house.key(service::Role::Auditor, None).await;
        for (kind, path) in [
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "report.xlsx",
            ),
            ("application/pdf", "report.pdf"),
        ] {
            let path = format!("/v1/month-closes/2024-09/{path}");
            assert_eq!(house.call("GET", &path).key(&key).download().await.0, kind);
        }
        let items = house
            .call("GET", "/v1/month-closes/2024-09/open-items")
            .key(&key)
            .send()
            .await
            .json();
        assert_eq!(items["items"].as_array().unwrap().len(), 4, "{items}");
        assert_eq!(items["items"][0]["age_days"], json!(15));
    });
}

/// Open rows of orders, each with the holder and the account of its order.
async fn payment_order_targets(
    town: &BankTown<'_>,
    open: &[Vec<String>],
    reference: usize,
) -> Vec<(Vec<String>, String, String)> {
    let app = town.app();
    let mut targets = Vec::new();
    for run in pay_run::list(app, &town.treasury, None, None).await.unwrap().items {
        let orders = payment_order::list(app, &town.treasury, run.id, Some(200), None)
            .await
            .unwrap();
        for order in orders.items {
            let waits = |row: &&Vec<String>| row[reference] == order.reference && row[0] != "Dòng kết quả chờ xử lý";
            if let Some(row) = open.iter().find(waits) {
                targets.push((row.clone(), order.holder_name.clone(), order.account_number.clone()));
            }
        }
    }
    targets
}

/// The words on the pages, in order.
pub(crate) fn text_of(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    let text = document.extract_text(&pages).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
