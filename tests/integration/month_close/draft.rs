//! Whoever signs a month second has read what is signed: each thing that is open, and the reports as drafts.

use std::io::Cursor;

use calamine::{Reader, Xlsx};
use sea_orm::ConnectionTrait;
use serde_json::json;
use service::month_close::{self, CloseMonth, MonthCloseView, OpenItemView};
use service::{ProblemCode, Role};

use super::report::text_of;
use crate::harness::each_engine;
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, camt054, month, pain002};

/// What each part of a draft says.
const DRAFT: &str = "BẢN DỰ THẢO, CHỜ NGƯỜI THỨ HAI KÝ";
/// What it says where the month has changed.
const CHANGED: &str = "Số liệu đã thay đổi từ khi lập";

/// One person prepares the close of a month.
async fn prepared(town: &BankTown<'_>, cover: &str) -> MonthCloseView {
    let note = CloseMonth {
        note: "Đã đối chiếu".to_owned(),
    };
    month_close::close(town.app(), &town.preparer, month(cover), note)
        .await
        .unwrap()
}

/// The close as the second person reads it.
async fn read(town: &BankTown<'_>, cover: &str) -> MonthCloseView {
    month_close::get(town.app(), &town.approver, month(cover))
        .await
        .unwrap()
}

/// What is open, as the second person reads it, one to a page.
async fn open(town: &BankTown<'_>, cover: &str) -> Vec<OpenItemView> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = month_close::open_items(town.app(), &town.approver, month(cover), Some(1), cursor.as_deref())
            .await
            .unwrap();
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

/// The kinds of what is open.
fn kinds(items: &[OpenItemView]) -> Vec<String> {
    let each = items
        .iter()
        .map(|own| json!(own.item.kind).as_str().unwrap().to_owned());
    let mut kinds: Vec<String> = each.collect();
    kinds.sort();
    kinds
}

/// The workbook that the second person fetches: its name, and the texts of its sheets.
async fn workbook(town: &BankTown<'_>, cover: &str) -> (String, Vec<String>) {
    let (name, bytes) = month_close::workbook(town.app(), &town.approver, month(cover))
        .await
        .unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    let sheets = names.iter().map(|sheet| {
        let range = book.worksheet_range(sheet).unwrap();
        let cells = range.rows().flatten().map(ToString::to_string);
        cells.collect::<Vec<_>>().join("\n")
    });
    let sheets = sheets.collect();
    (name, sheets)
}

/// The paper that the second person fetches: its name and its words.
async fn paper(town: &BankTown<'_>, cover: &str) -> (String, String) {
    let (name, bytes) = month_close::paper(town.app(), &town.approver, month(cover))
        .await
        .unwrap();
    (name, text_of(&bytes))
}

#[test]
fn the_second_person_reads_every_item_and_the_reports_before_signing() {
    each_engine(async |house| {
        let (town, _) = BankTown::half_answered(house).await;
        let (app, september) = (town.app(), month("2024-09"));
        let none = month_close::workbook(app, &town.approver, september).await.unwrap_err();
        assert_eq!(none.code, ProblemCode::NotFound, "nobody has prepared it");

        let prepared = prepared(&town, "2024-09").await;
        assert!(!prepared.changed_since_prepared);
        assert_eq!(read(&town, "2024-09").await, prepared);
        let before = open(&town, "2024-09").await;
        assert_eq!(kinds(&before), ["in_flight", "in_flight", "suspense", "to_reissue"]);
        let ages: Vec<i64> = before.iter().map(|own| own.age_days).collect();
        assert!(ages.contains(&15) && ages.contains(&8), "{ages:?}");

        // Both reports are drafts of the digest that is to be signed, on every sheet and page, and list each item.
        let (name, sheets) = workbook(&town, "2024-09").await;
        assert_eq!((name.as_str(), sheets.len()), ("month-close-2024-09-draft.xlsx", 8));
        for sheet in &sheets {
            assert!(sheet.contains(DRAFT) && !sheet.contains(CHANGED), "{sheet}");
        }
        let (name, words) = paper(&town, "2024-09").await;
        assert_eq!(name, "month-close-2024-09-draft.pdf");
        for told in [
            DRAFT,
            "THÁNG 09/2024 (DỰ THẢO)",
            "Lập ngày 20 tháng 9 năm 2024, chưa khóa sổ",
            "Bản dự thảo, chờ người thứ hai ký. Trang 1/",
        ] {
            assert!(words.contains(told), "{told} in {words}");
        }
        assert!(!words.contains(CHANGED), "{words}");
        let digest = format!("Mã đối chiếu: {}", prepared.digest);
        assert!(sheets[0].contains(&digest) && words.contains(&digest), "{words}");
        let together = words.replace(' ', "");
        for own in &before {
            let reference = own.item.reference.as_deref().unwrap();
            assert!(sheets[5].contains(reference), "{reference} in {}", sheets[5]);
            assert!(together.contains(reference), "{reference} in {words}");
        }

        // Whoever has read half of the list when it is signed reads on where it ended.
        let half = month_close::open_items(app, &town.approver, september, Some(2), None)
            .await
            .unwrap();
        let closed = month_close::confirm(app, &town.approver, september, prepared.version)
            .await
            .unwrap();
        assert_eq!(closed.digest, prepared.digest);
        assert_eq!(open(&town, "2024-09").await, before, "what is kept is what was read");
        let rest = month_close::open_items(app, &town.approver, september, None, half.next.as_deref())
            .await
            .unwrap();
        assert_eq!([half.items, rest.items].concat(), before);
        let (name, sheets) = workbook(&town, "2024-09").await;
        assert_eq!(name, "month-close-2024-09.xlsx");
        assert!(!sheets.concat().contains("DỰ THẢO"), "{sheets:?}");
        let (name, words) = paper(&town, "2024-09").await;
        assert_eq!(name, "month-close-2024-09.pdf");
        assert!(!words.to_uppercase().contains("DỰ THẢO"), "{words}");
        town.holds().await;
    });
}

#[test]
fn a_change_after_the_first_signature_is_told_wherever_the_second_person_looks() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let (app, september) = (town.app(), month("2024-09"));
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-20T02:00:00Z").await;
        let prepared_one = prepared(&town, "2024-09").await;
        assert_eq!(kinds(&open(&town, "2024-09").await), ["in_flight"; 3]);
        let first = month_close::open_items(app, &town.approver, september, Some(1), None)
            .await
            .unwrap();

        let key = house.key(Role::Approver, None).await;
        let get = |path: &str| house.call("GET", path).key(&key);
        let seen = get("/v1/month-closes/2024-09").send().await;
        assert_eq!(seen.json()["changed_since_prepared"], json!(false));

        // The bank speaks before the other person signs.
        let told = [
            answer(&orders[0], "ACCC", None),
            answer(&orders[1], "RJCT", Some("AC04")),
        ];
        town.bring(pain002("A1", &told)).await;
        let now = read(&town, "2024-09").await;
        assert!(now.changed_since_prepared);
        assert_eq!(
            (&now.digest, now.version),
            (&prepared_one.digest, prepared_one.version),
            "what was prepared stays as it was"
        );
        // A list reckons no month anew: it tells what was prepared.
        let list = month_close::list(app, &town.treasury).await.unwrap();
        assert_eq!((list.len(), &list[0].digest), (1, &now.digest));
        assert!(!list[0].changed_since_prepared, "{list:?}");
        assert_eq!(kinds(&open(&town, "2024-09").await), ["in_flight", "to_reissue"]);
        let torn = month_close::open_items(app, &town.approver, september, Some(1), first.next.as_deref()).await;
        assert_eq!(
            torn.unwrap_err().code,
            ProblemCode::InvalidCursor,
            "no page of the one content continues the other"
        );
        let (_, sheets) = workbook(&town, "2024-09").await;
        for sheet in &sheets {
            assert!(sheet.contains(DRAFT) && sheet.contains(CHANGED), "{sheet}");
        }
        let digest = format!("Mã đối chiếu khi lập: {}; hiện nay: ", prepared_one.digest);
        assert!(sheets[0].contains(&digest), "{}", sheets[0]);
        let (_, words) = paper(&town, "2024-09").await;
        assert!(words.contains(DRAFT) && words.contains(CHANGED), "{words}");
        let refused = month_close::confirm(app, &town.approver, september, prepared_one.version).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::ContentChanged);

        // Whoever asks whether it is still what they hold is told so too.
        let again = get("/v1/month-closes/2024-09").header("If-None-Match", seen.header("etag"));
        let again = again.send().await;
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!(again.json()["changed_since_prepared"], json!(true));
        let items = get("/v1/month-closes/2024-09/open-items").send().await.json();
        assert_eq!(items["items"].as_array().unwrap().len(), 2, "{items}");

        // Prepared again, it can be signed.
        let again = prepared(&town, "2024-09").await;
        assert!(!again.changed_since_prepared);
        let before = open(&town, "2024-09").await;
        let closed = month_close::confirm(app, &town.approver, september, again.version)
            .await
            .unwrap();
        assert!(!closed.changed_since_prepared);
        assert_eq!(open(&town, "2024-09").await, before);
        // What comes later changes nothing that was signed.
        town.bring(pain002("A2", &[answer(&orders[2], "ACCC", None)])).await;
        assert_eq!(read(&town, "2024-09").await, closed);
        assert_eq!(open(&town, "2024-09").await, before);
        town.holds().await;
    });
}

#[test]
fn a_close_that_grows_late_is_told_anew() {
    each_engine(async |house| {
        let (town, _) = BankTown::half_answered(house).await;
        town.now("2024-09-20T02:00:00Z").await;
        prepared(&town, "2024-09").await;
        let key = house.key(Role::Approver, None).await;
        let get = async |known: &str| {
            let read = house.call("GET", "/v1/month-closes/2024-09").key(&key);
            read.header("If-None-Match", known).send().await
        };
        let seen = get("\"0\"").await;
        assert_eq!(seen.json()["days_late"], json!(0));
        assert_eq!(get(seen.header("etag")).await.status, 304);
        town.now("2024-09-21T02:00:00Z").await;
        let late = get(seen.header("etag")).await;
        assert_eq!(late.status, 200, "{late:?}");
        assert_eq!(
            (&late.json()["days_late"], &late.json()["version"]),
            (&json!(1), &seen.json()["version"])
        );
        town.holds().await;
    });
}

#[test]
fn the_pages_of_one_list_are_reckoned_once_while_nobody_changes_anything() {
    each_engine(async |house| {
        let (town, _) = BankTown::half_answered(house).await;
        let (app, september) = (town.app(), month("2024-09"));
        prepared(&town, "2024-09").await;
        let whole = open(&town, "2024-09").await;
        let page =
            async |cursor: Option<&str>| month_close::open_items(app, &town.approver, september, Some(1), cursor).await;
        let first = page(None).await.unwrap();
        // What nobody does, and no trail tells: reckoned anew, the month would be another one.
        let renamed = "UPDATE area SET name = 'Phường Đổi Tên'";
        app.db.owner().execute_unprepared(renamed).await.unwrap();
        let second = page(first.next.as_deref()).await.unwrap();
        assert_eq!([first.items.as_slice(), second.items.as_slice()].concat(), whole[..2]);
        // Whoever begins anew has it reckoned anew.
        assert_eq!(page(None).await.unwrap().items, first.items);
        let torn = page(first.next.as_deref()).await.unwrap_err();
        assert_eq!(torn.code, ProblemCode::InvalidCursor);
    });
}

#[test]
fn what_a_close_would_carry_of_closed_months_is_read_before_it_is_signed() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, october) = (town.app(), month("2024-10"));
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let paid: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("A1", &paid)).await;
        town.now("2024-09-20T02:00:00Z").await;
        town.close_month("2024-09").await;
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        town.now("2024-10-05T02:00:00Z").await;
        town.pay("2024-10").await;
        town.now("2024-10-20T02:00:00Z").await;
        let prepared = prepared(&town, "2024-10").await;
        let own = prepared.corrections.iter().map(|own| own.amount);
        assert_eq!(own.map(i64::abs).collect::<Vec<_>>(), [AMOUNT; 2]);
        assert_eq!(read(&town, "2024-10").await, prepared);
        let (_, sheets) = workbook(&town, "2024-10").await;
        assert_eq!(sheets[6].matches(&orders[0].reference).count(), 2, "{}", sheets[6]);
        let closed = month_close::confirm(app, &town.approver, october, prepared.version)
            .await
            .unwrap();
        assert_eq!(closed.corrections, prepared.corrections);
        town.holds().await;
    });
}
