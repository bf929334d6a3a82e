//! The post office's cash list: fetched, filled in, sent back.

use calamine::Data;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};
use service::Role;
use uuid::Uuid;

use crate::harness::{Answer, House, cells, each_engine};
use crate::overpayment::town::Town;

const SHEET: &str = "Danh sách";

/// The treasury's desk.
struct Desk<'t> {
    town: &'t Town<'t>,
    key: String,
}

impl<'t> Desk<'t> {
    async fn of(town: &'t Town<'t>) -> Self {
        let key = town.house.key(Role::Treasury, None).await;
        Self { town, key }
    }

    fn house(&self) -> &House {
        self.town.house
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.house().call("GET", path).key(&self.key).send().await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    /// The one file of a kind, as it is fetched.
    async fn fetch(&self, run: Uuid, kind: &str) -> (String, Vec<u8>) {
        let files = self.get(&format!("/v1/pay-runs/{run}/files")).await;
        let files = files["items"].as_array().unwrap().clone();
        let file = files.iter().find(|file| file["kind"] == kind).unwrap();
        let path = format!("/v1/payment-files/{}/content", file["id"].as_str().unwrap());
        self.house().call("GET", &path).key(&self.key).download().await
    }

    async fn bring(&self, name: &str, query: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("/v1/bank-reports?file_name={name}{query}");
        let call = self.house().call("POST", &path).key(&self.key).once(name);
        let answer = call.body("application/octet-stream", bytes).send().await;
        self.town.idle().await;
        answer
    }

    /// State and reason of every order of a run, by reference.
    async fn orders(&self, run: Uuid) -> Vec<(String, String, Value)> {
        let page = self.get(&format!("/v1/payment-orders?pay_run_id={run}")).await;
        let items = page["items"].as_array().unwrap().iter();
        let mut orders: Vec<_> = items
            .map(|order| {
                let text = |field: &str| order[field].as_str().unwrap().to_owned();
                (text("reference"), text("status"), order["reason"].clone())
            })
            .collect();
        orders.sort_by(|a, b| a.0.cmp(&b.0));
        orders
    }
}

/// The row and the columns of the headings.
fn headings(rows: &[Vec<Data>]) -> (usize, impl Fn(&str) -> usize) {
    let is = |cell: &Data, text: &str| matches!(cell, Data::String(own) if own == text);
    let place = rows
        .iter()
        .position(|row| row.iter().any(|cell| is(cell, "Mã lệnh chi")))
        .unwrap();
    let row = rows[place].clone();
    (place, move |name: &str| {
        row.iter()
            .position(|cell| is(cell, name))
            .unwrap_or_else(|| panic!("no column {name}"))
    })
}

/// The same workbook with a result and a day in the rows of these references, as somebody saves it.
fn filled(bytes: &[u8], results: &[(&str, &str)]) -> Vec<u8> {
    let rows = cells(bytes, SHEET);
    let (head, column) = headings(&rows);
    let (reference, result, paid_on) = (column("Mã lệnh chi"), column("Kết quả"), column("Ngày trả"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name(SHEET).unwrap();
    let date = Format::new().set_num_format("dd/mm/yyyy");
    for (number, row) in (0_u32..).zip(&rows) {
        for (place, cell) in (0_u16..).zip(row) {
            match cell {
                Data::String(text) => {
                    sheet.write_string(number, place, text).unwrap();
                }
                Data::Float(amount) => {
                    sheet.write_number(number, place, *amount).unwrap();
                }
                _ => {}
            }
        }
        let Some(Data::String(own)) = row.get(reference) else {
            continue;
        };
        let Some((_, word)) = results.iter().find(|(reference, _)| reference == own) else {
            continue;
        };
        assert!(usize::try_from(number).unwrap() > head);
        assert!(matches!(row[result], Data::Empty), "the result is for them to fill in");
        assert!(matches!(row[paid_on], Data::Empty), "and so is the day");
        let (result, paid_on) = (u16::try_from(result).unwrap(), u16::try_from(paid_on).unwrap());
        sheet.write_string(number, result, *word).unwrap();
        let day = ExcelDateTime::from_ymd(2024, 9, 5).unwrap();
        sheet.write_datetime_with_format(number, paid_on, &day, &date).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn the_workbook_that_the_post_office_fills_in_is_reconciled() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let desk = Desk::of(&town).await;
        let (_, bytes) = desk.fetch(run, "post_list").await;
        let orders = desk.orders(run).await;
        let references: Vec<&str> = orders.iter().map(|order| order.0.as_str()).collect();

        // Half of it first: what is left empty is not answered yet.
        let half = filled(&bytes, &[(references[0], "Đã trả")]);
        let answer = desk.bring("half.xlsx", "", half).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        assert_eq!(
            (&answer.json()["mode"], &answer.json()["profile"]),
            (&json!("strict"), &json!("POST"))
        );
        let report = desk
            .get(&format!("/v1/bank-reports/{}", answer.json()["id"].as_str().unwrap()))
            .await;
        assert_eq!(
            (&report["line_count"], &report["matched"], &report["suspense"]),
            (&json!(1), &json!(1), &json!(0)),
            "{report}"
        );
        let states = |orders: &[(String, String, Value)]| -> Vec<String> {
            orders.iter().map(|(_, state, _)| state.clone()).collect()
        };
        let after = desk.orders(run).await;
        assert_eq!(after[0].1, "credited");
        assert_eq!(after[1].1, orders[1].1);

        let whole = filled(&bytes, &[(references[0], "Đã trả"), (references[1], "chưa nhận")]);
        // A word that is not written as in our list is read only where somebody says so.
        let refused = desk.bring("whole.xlsx", "&bank=POST", whole.clone()).await;
        assert_eq!(
            refused.problem("unreadable-bank-file"),
            [("/content".to_owned(), "report_not_strict".to_owned())]
        );
        let answer = desk.bring("lenient.xlsx", "&bank=POST&mode=lenient", whole).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let after = desk.orders(run).await;
        assert_eq!(states(&after), ["credited", "returned"]);
        assert_eq!(after[1].2, "not_collected");
        let waiting = desk.get("/v1/reconciliation/suspense").await;
        assert_eq!(waiting["items"].as_array().unwrap().len(), 0, "{waiting}");
        town.close().await;
    });
}

#[test]
fn a_csv_of_the_same_headings_is_reconciled() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let desk = Desk::of(&town).await;
        let (_, bytes) = desk.fetch(run, "post_list").await;
        let orders = desk.orders(run).await;
        let words = ["Trả lại", "Đã trả"];
        let results: Vec<(&str, &str)> = orders.iter().map(|order| order.0.as_str()).zip(words).collect();
        let mut csv = String::new();
        for row in cells(&filled(&bytes, &results), SHEET) {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| match cell {
                    Data::DateTime(_) => "5/9/2024".to_owned(),
                    // One reference is lost: the paper and the amount still name one order.
                    own => own.to_string().replace(',', " ").replace(orders[1].0.as_str(), ""),
                })
                .collect();
            csv.push_str(&cells.join(","));
            csv.push('\n');
        }
        let answer = desk.bring("whole.csv", "", csv.into_bytes()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        let states: Vec<String> = desk.orders(run).await.into_iter().map(|order| order.1).collect();
        assert_eq!(states, ["returned", "credited"]);
        town.close().await;
    });
}

#[test]
fn the_cash_list_is_printed_with_a_place_for_each_signature() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let desk = Desk::of(&town).await;
        let (kind, bytes) = desk.fetch(run, "post_paper").await;
        assert_eq!(kind, "application/pdf");
        assert_eq!(desk.fetch(run, "post_paper").await.1, bytes, "the same bytes each time");
        let document = lopdf::Document::load_mem(&bytes).unwrap();
        let pages: Vec<u32> = document.get_pages().keys().copied().collect();
        let text = document.extract_text(&pages).unwrap();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Ký nhận"), "{text}");
        for (reference, ..) in desk.orders(run).await {
            assert!(text.contains(&reference), "{reference} stands in one line: {text}");
        }
        assert!(text.contains("1.500.000"), "{text}");
        town.close().await;
    });
}
