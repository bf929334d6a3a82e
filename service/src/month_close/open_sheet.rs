//! What a month leaves open, in words, and its sheet: whose money it is, where it was to go and why it did not
//! arrive.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{Channel, OpenKind};
use entity::payment_order;
use rust_xlsxwriter::Workbook;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::clock::in_vietnam;
use crate::delivery::DeliveryProblem;
use crate::error::Error;
use crate::month_close::report::Report;
use crate::month_close::state::OpenState;
use crate::month_close::view::OpenItem;
use crate::month_close::workbook::kind;
use crate::month_close::{open_item, tie};
use crate::pay_run::change::bank_reason;
use crate::print;
use crate::sheet::{self, Cell, ColumnSpec, Look, row, start};
use crate::vocabulary;

/// The title of what is open now.
pub(super) const AGED: &str = "CÁC KHOẢN CÒN TREO THEO TUỔI";

/// Orders in one statement.
const AT_ONCE: usize = 5_000;

const OPEN: &[ColumnSpec] = &[
    ("Loại", 30.0),
    ("Mã lệnh chi", 48.0),
    ("Số tiền", 16.0),
    ("Từ ngày", 12.0),
    ("Số ngày", 10.0),
    ("Trạng thái", 30.0),
    ("Lý do", 44.0),
    ("Chủ tài khoản", 28.0),
    ("Số tài khoản", 22.0),
    ("Ngân hàng, bưu điện", 18.0),
    ("Xã, phường", 24.0),
];

/// Where an order was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    holder: String,
    account: String,
    place: String,
    area: String,
}

impl Target {
    fn texts(&self) -> [&str; 4] {
        [&self.holder, &self.account, &self.place, &self.area]
    }
}

/// Who is asked about what is open, by order.
#[derive(Clone, Debug, Default)]
pub(super) struct Targets {
    orders: BTreeMap<Uuid, Target>,
    /// The names of areas.
    areas: BTreeMap<String, String>,
}

impl Targets {
    /// Those of the orders of some items.
    pub(super) async fn load(conn: &impl ConnectionTrait, items: &[OpenItem]) -> Result<Self, Error> {
        use payment_order::Column as O;
        let mut ids: Vec<Uuid> = items.iter().filter_map(|item| item.order_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let areas = tie::names(conn).await?;
        let mut targets = BTreeMap::new();
        for chunk in ids.chunks(AT_ONCE) {
            let rows: Vec<(Uuid, String, String, Channel, Option<String>, String)> = payment_order::Entity::find()
                .select_only()
                .columns([
                    O::Id,
                    O::HolderName,
                    O::AccountNumber,
                    O::Channel,
                    O::BankCode,
                    O::AreaId,
                ])
                .filter(O::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(conn)
                .await?;
            for (id, holder, account, channel, bank, area) in rows {
                let place = match channel {
                    Channel::PostCash => "Bưu điện".to_owned(),
                    Channel::BankTransfer => bank.unwrap_or_default(),
                };
                let area = areas.get(&area).cloned().unwrap_or(area);
                let target = Target {
                    holder,
                    account,
                    place,
                    area,
                };
                targets.insert(id, target);
            }
        }
        Ok(Self { orders: targets, areas })
    }
}

/// What is open in Vietnamese words: its kind, its state, and why it is open; the last may be empty.
pub fn open_item_words(item: &OpenItem) -> [String; 3] {
    [kind(item.kind), state(item), reason(item)]
}

/// The state of what is open, in words.
fn state(item: &OpenItem) -> String {
    if let Some(own) = OpenState::from_code(&item.state) {
        return own.label().0.to_owned();
    }
    let set = match item.kind {
        OpenKind::Unreleased => "pay_run_status",
        OpenKind::InFlight | OpenKind::Unknown | OpenKind::BankSilent | OpenKind::ToReissue => "payment_order_status",
        OpenKind::Suspense => "bank_report_outcome",
        OpenKind::FileUnacknowledged | OpenKind::FileUnknown => "payment_file_status",
        OpenKind::RecallUnanswered => "recall_answer",
        OpenKind::DeathReported => "finding_kind",
        OpenKind::MonthNotCompleted => "channel",
        // All of theirs are told above.
        OpenKind::Difference | OpenKind::AmountDifference => return kind(item.kind),
    };
    vocabulary::vietnamese(set, &item.state).to_owned()
}

/// Why it is open: what was found of a line, what went wrong with a delivery, why an order is recalled, or the reason of a
/// bank with its code.
fn reason(item: &OpenItem) -> String {
    let Some(code) = item.reason.as_deref() else {
        return String::new();
    };
    match (item.kind, Finding::from_code(code)) {
        (OpenKind::Suspense, Some(finding)) => finding.text().vi,
        (OpenKind::Suspense, None) => code.to_owned(),
        (OpenKind::FileUnacknowledged | OpenKind::FileUnknown, _) => {
            DeliveryProblem::from_code(code).map_or_else(|| code.to_owned(), |problem| problem.text().vi)
        }
        (OpenKind::RecallUnanswered, _) => vocabulary::vietnamese("recall_reason", code).to_owned(),
        _ => bank_reason(code),
    }
}

/// One thing that is open, as reports tell it.
pub(super) struct OpenRow<'c> {
    pub(super) item: &'c OpenItem,
    pub(super) reference: &'c str,
    /// The day since when it is open.
    pub(super) since: String,
    /// For how many days it was, on the day of the close.
    pub(super) age: i64,
    pub(super) state: String,
    pub(super) reason: String,
    /// Who was to be paid; empty where there is no order.
    pub(super) holder: &'c str,
    pub(super) account: &'c str,
    /// The bank or the post office.
    pub(super) place: &'c str,
    pub(super) area: &'c str,
}

/// Everything that is open, by kind and the oldest first.
pub(super) fn rows(report: &Report) -> impl Iterator<Item = OpenRow<'_>> {
    told(&report.items, &report.targets, report.on)
}

/// What is open on a day, in its order.
pub(super) fn told<'c>(
    items: &'c [OpenItem],
    targets: &'c Targets,
    on: NaiveDate,
) -> impl Iterator<Item = OpenRow<'c>> {
    items.iter().map(move |item| {
        let target = item.order_id.and_then(|id| targets.orders.get(&id));
        let [holder, account, place, area] = target.map_or([""; 4], Target::texts);
        let named = item.area_id.as_ref().and_then(|id| targets.areas.get(id));
        OpenRow {
            item,
            reference: open_item::called(item),
            since: print::date(item.since),
            age: open_item::age(item, on),
            state: state(item),
            reason: reason(item),
            holder,
            account,
            place,
            area: if area.is_empty() {
                named.map_or("", String::as_str)
            } else {
                area
            },
        }
    })
}

/// The sheet.
pub(super) fn write(book: &mut Workbook, look: &Look, report: &Report) -> Result<(), Error> {
    let title = "CÁC KHOẢN CÒN TREO KHI KHÓA SỔ";
    fill(book, look, (title, report.marks().as_slice()), rows(report))
}

/// A workbook of what is open now, as it is told on a day.
pub(crate) async fn workbook_of(
    conn: &impl ConnectionTrait,
    items: &[OpenItem],
    at: DateTime<Utc>,
    note: String,
) -> Result<Vec<u8>, Error> {
    let targets = Targets::load(conn, items).await?;
    let mut book = sheet::workbook(AGED, at)?;
    let on = in_vietnam(at).date_naive();
    let notes = [format!("Tính đến {}", print::long_date(on)), note];
    fill(
        &mut book,
        &Look::new(),
        (AGED, notes.as_slice()),
        told(items, &targets, on),
    )?;
    Ok(book.save_to_buffer()?)
}

fn fill<'c>(
    book: &mut Workbook,
    look: &Look,
    (title, notes): (&str, &[String]),
    rows: impl Iterator<Item = OpenRow<'c>>,
) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Còn treo")?;
    let first = start(sheet, look, title, notes, OPEN)?;
    for (at, own) in (first..).zip(rows) {
        let kind = kind(own.item.kind);
        let cells = [
            Cell::Text(&kind),
            Cell::Text(own.reference),
            Cell::Money(own.item.amount),
            Cell::Text(&own.since),
            Cell::Money(own.age),
            Cell::Text(&own.state),
            Cell::Text(&own.reason),
            Cell::Text(own.holder),
            Cell::Text(own.account),
            Cell::Text(own.place),
            Cell::Text(own.area),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(kind: OpenKind, state: &str, reason: Option<&str>) -> OpenItem {
        OpenItem {
            kind,
            since: "2024-09-20".parse().unwrap(),
            reference: None,
            pay_run_id: None,
            order_id: None,
            line_id: None,
            area_id: None,
            amount: 1,
            state: state.to_owned(),
            reason: reason.map(str::to_owned),
            subject_id: None,
        }
    }

    #[test]
    fn states_and_reasons_are_said_in_vietnamese_and_codes_of_banks_stay() {
        let returned = open(OpenKind::ToReissue, "returned", Some("AC04"));
        assert_ne!(state(&returned), "returned");
        assert_eq!(reason(&returned), "Sửa thông tin tài khoản (AC04)");
        let stray = open(OpenKind::Suspense, "unknown_reference", Some("unknown_reference"));
        assert_eq!(state(&stray), "Không rõ tham chiếu");
        let told = reason(&stray);
        assert!(!told.is_empty() && !told.contains("unknown_reference"), "{told}");
        for (of, states) in [
            (OpenKind::Difference, &OpenState::ALL[..5]),
            (OpenKind::AmountDifference, &OpenState::ALL[5..7]),
        ] {
            for own in states {
                assert_eq!(state(&open(of, own.code(), None)), own.label().0);
            }
        }
        let mut line = open(OpenKind::Difference, OpenState::LinesOrders.code(), None);
        line.reference = Some(open_item::line_subject(Uuid::nil()));
        assert_eq!(open_item::called(&line), "00000000000000000000000000000000");
        for (lacks, told) in [
            ("no_whole_run", "Chưa có đợt chi cho toàn tỉnh"),
            ("bank_transfer", "Chuyển khoản ngân hàng"),
        ] {
            assert_eq!(state(&open(OpenKind::MonthNotCompleted, lacks, None)), told);
        }
        let lost = open(OpenKind::FileUnknown, "unknown", Some("outcome_unknown"));
        assert_eq!(state(&lost), "Chưa rõ kết quả giao");
        assert!(reason(&lost).contains("hãy kiểm tra"));
        for (answer, told) in [
            ("unanswered", "Chưa có trả lời"),
            ("letter_unsent", "Chưa gửi công văn"),
            ("pending", "Ngân hàng đang xem xét"),
        ] {
            let recalled = open(OpenKind::RecallUnanswered, answer, Some("AC03"));
            assert_eq!(
                (state(&recalled), reason(&recalled)),
                (told.to_owned(), "Sai tài khoản".to_owned())
            );
        }
        let died = open(OpenKind::DeathReported, "reported_deceased", Some("MD07"));
        assert_eq!(state(&died), "Ngân hàng báo người hưởng đã mất");
        assert!(reason(&died).ends_with("(MD07)"));
        let waiting = open(OpenKind::Unreleased, "approved", None);
        assert_ne!(state(&waiting), "approved");
        assert_eq!(reason(&waiting), "");
    }
}
