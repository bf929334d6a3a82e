//! The treasury's report of a month as a workbook: what was paid, what was not, what is carried over.

use domain::{Vnd, words};
use entity::enums::{Channel, OpenKind, Standing};
use rust_xlsxwriter::Workbook;

use crate::error::Error;
use crate::month_close::report::Report;
use crate::month_close::view::{BankAmounts, Share};
use crate::month_close::{moved_amount, open_sheet};
use crate::print;
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook};
use crate::vocabulary;

const BY_FUND: &[ColumnSpec] = &[
    ("Nguồn kinh phí", 46.0),
    ("Năm ngân sách", 12.0),
    ("Hình thức chi", 18.0),
    ("Ngân hàng", 16.0),
    ("Số dòng", 10.0),
    ("Tổng mức hưởng", 18.0),
    ("Thu hồi, giảm trừ", 16.0),
    ("Phải chi", 18.0),
    ("Đã chi", 18.0),
    ("Chưa có kết quả", 18.0),
    ("Chờ chi lại", 16.0),
    ("Đã chi lại", 16.0),
    ("Đã hủy", 14.0),
];

const BY_FILE: &[ColumnSpec] = &[
    ("Tệp chi trả", 36.0),
    ("Đợt chi", 34.0),
    ("Ngân hàng nhận tệp", 16.0),
    ("Số lệnh chi", 12.0),
    ("Số lệnh trong tệp", 12.0),
    ("Danh sách chi", 18.0),
    ("Lệnh chi", 18.0),
    ("Tệp", 18.0),
    ("Ngân hàng báo đã chi", 18.0),
    ("Ngân hàng báo trả về", 18.0),
    ("Chưa có kết quả", 18.0),
    ("Ngân hàng ghi đã chuyển", 18.0),
    ("Ngân hàng ghi đã hoàn", 18.0),
];

/// Of a month that was closed before the amounts of banks were summed.
const NO_AMOUNTS: BankAmounts = BankAmounts {
    paid: 0,
    came_back: 0,
    silent: 0,
    batch_debit: 0,
    batch_credit: 0,
};

const SHARES: &[ColumnSpec] = &[
    ("Tên", 40.0),
    ("Số dòng", 10.0),
    ("Phải chi", 18.0),
    ("Đã chi", 18.0),
    ("Chưa có kết quả", 18.0),
    ("Chuyển kỳ sau", 18.0),
    ("Đã hủy", 16.0),
];

const HELD: &[ColumnSpec] = &[
    ("Lý do chưa đưa vào danh sách chi", 60.0),
    ("Số khoản", 12.0),
    ("Số tiền", 18.0),
];

const CORRECTIONS: &[ColumnSpec] = &[
    ("Tháng đã khóa sổ", 16.0),
    ("Mã lệnh chi", 48.0),
    ("Trạng thái", 34.0),
    ("Tăng, giảm", 18.0),
];

/// The workbook.
pub(super) fn write(report: &Report) -> Result<Vec<u8>, Error> {
    let title = report.title("BÁO CÁO KHÓA SỔ CHI TRẢ TRỢ GIÚP XÃ HỘI");
    let mut book = workbook(&title, report.at())?;
    let look = Look::new();
    by_fund(&mut book, &look, &title, report)?;
    by_file(&mut book, &look, report)?;
    for (name, heading, shares) in [
        ("Theo xã", "CHI TRẢ THEO XÃ, PHƯỜNG", &report.sums.areas),
        ("Theo nhóm", "CHI TRẢ THEO NHÓM ĐỐI TƯỢNG", &report.sums.groups),
    ] {
        let marks = report.marks();
        by_share(&mut book, &look, (name, &report.title(heading), &marks), shares)?;
    }
    held(&mut book, &look, report)?;
    open_sheet::write(&mut book, &look, report)?;
    corrections(&mut book, &look, report)?;
    moved_amount::write(&mut book, &look, report)?;
    Ok(book.save_to_buffer()?)
}

pub(super) const fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::BankTransfer => "Chuyển khoản",
        Channel::PostCash => "Bưu điện",
    }
}

/// Where something stands, in words.
pub(super) fn standing(standing: Standing) -> String {
    vocabulary::said("standing", &standing)
}

/// What is open, in words.
pub(super) fn kind(kind: OpenKind) -> String {
    vocabulary::said("open_kind", &kind)
}

fn by_fund(book: &mut Workbook, look: &Look, title: &str, report: &Report) -> Result<(), Error> {
    let sums = &report.sums;
    let net: i64 = sums.rows.iter().map(|own| own.net).sum();
    let paid = sums.amount(Standing::Settled) + sums.amount(Standing::Credited);
    let spelt = |amount: i64| Vnd::new(amount).map(words::in_words).map_err(Error::internal);
    let mut notes = report.marks();
    notes.extend([
        report.unit(),
        report.day(),
        format!("Tổng số phải chi: {} đồng. Bằng chữ: {}", print::dong(net), spelt(net)?),
        format!("Đã chi: {} đồng. Bằng chữ: {}", print::dong(paid), spelt(paid)?),
        verdict(report),
        report.digests(),
    ]);
    let sheet = book.add_worksheet().set_name("Tổng hợp")?;
    let mut at = start(sheet, look, title, &notes, BY_FUND)?;
    let mut totals = [0_i64; 9];
    for own in &sums.rows {
        let of = |standing: Standing| {
            let found = own.standings.iter().find(|sum| sum.standing == standing);
            found.map_or(0, |sum| sum.amount)
        };
        let amounts = [
            own.lines,
            own.gross,
            own.kept_back,
            own.net,
            of(Standing::Settled) + of(Standing::Credited),
            of(Standing::InFlight) + of(Standing::Unknown),
            of(Standing::ToReissue),
            of(Standing::Reissued),
            of(Standing::Cancelled),
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount;
        }
        let year = own.fiscal_year.to_string();
        let mut cells = vec![
            Cell::Text(report.funds.of(own)),
            Cell::Text(&year),
            Cell::Text(channel(own.channel)),
            Cell::Text(own.bank_code.as_deref().unwrap_or("")),
        ];
        cells.extend(amounts.map(Cell::Money));
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    let mut cells = vec![Cell::Text("Tổng cộng"), Cell::Text(""), Cell::Text(""), Cell::Text("")];
    cells.extend(totals.map(Cell::Money));
    row(sheet, at, &look.total, &look.total_money, &cells)?;
    let signatures = ["Người lập", "Kế toán trưởng", "Thủ trưởng đơn vị", "Kho bạc Nhà nước"];
    for (column, who) in [0, 4, 7, 10].into_iter().zip(signatures) {
        sheet.write_with_format(at + 2, column, who, &look.note)?;
    }
    Ok(())
}

/// Whether the three sides agree, in words.
pub(super) fn verdict(report: &Report) -> String {
    if report.sums.differences.is_empty() {
        "Danh sách chi, tệp chi trả và kết quả của ngân hàng khớp nhau đến từng đồng".to_owned()
    } else {
        format!(
            "Còn {} chênh lệch, liệt kê ở phần còn treo",
            report.sums.differences.len()
        )
    }
}

fn by_file(book: &mut Workbook, look: &Look, report: &Report) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Đối chiếu tệp")?;
    let mut at = start(
        sheet,
        look,
        "ĐỐI CHIẾU DANH SÁCH, TỆP VÀ KẾT QUẢ NGÂN HÀNG",
        &report.marks(),
        BY_FILE,
    )?;
    let mut totals = [0_i64; 10];
    for own in &report.sums.files {
        let bank = own.bank.unwrap_or(NO_AMOUNTS);
        let amounts = [
            own.orders,
            own.filed_orders,
            own.lines,
            own.ordered,
            own.filed,
            own.paid,
            own.came_back,
            own.unanswered,
            bank.paid.saturating_add(bank.silent).saturating_add(bank.batch_debit),
            bank.came_back.saturating_add(bank.batch_credit),
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount;
        }
        let mut cells = vec![
            Cell::Text(&own.name),
            Cell::Text(report.runs.of(own)),
            Cell::Text(own.bank_code.as_deref().unwrap_or("")),
        ];
        cells.extend(amounts.map(Cell::Money));
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    let mut cells = vec![Cell::Text("Tổng cộng"), Cell::Text(""), Cell::Text("")];
    cells.extend(totals.map(Cell::Money));
    row(sheet, at, &look.total, &look.total_money, &cells)
}

fn by_share(
    book: &mut Workbook,
    look: &Look,
    (name, title, marks): (&str, &str, &[String]),
    shares: &[Share],
) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name(name)?;
    let mut at = start(sheet, look, title, marks, SHARES)?;
    let mut totals = [0_i64; 6];
    for share in shares {
        let amounts = [
            share.lines,
            share.net,
            share.paid,
            share.unpaid,
            share.carried_over,
            share.cancelled,
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount;
        }
        let mut cells = vec![Cell::Text(&share.name)];
        cells.extend(amounts.map(Cell::Money));
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    let mut cells = vec![Cell::Text("Tổng cộng")];
    cells.extend(totals.map(Cell::Money));
    row(sheet, at, &look.total, &look.total_money, &cells)
}

fn held(book: &mut Workbook, look: &Look, report: &Report) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Chưa chi")?;
    let title = "CÁC KHOẢN TẠM GIỮ, CHƯA ĐƯA VÀO DANH SÁCH CHI";
    let mut at = start(sheet, look, title, &report.marks(), HELD)?;
    for own in &report.sums.held {
        let reason = crate::pay_run::held_reason(&own.reason);
        let cells = [Cell::Text(&reason), Cell::Money(own.items), Cell::Money(own.amount)];
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    let items = report.sums.held.iter().map(|own| own.items).sum();
    let amount = report.sums.held.iter().map(|own| own.amount).sum();
    let cells = [Cell::Text("Tổng cộng"), Cell::Money(items), Cell::Money(amount)];
    row(sheet, at, &look.total, &look.total_money, &cells)
}

fn corrections(book: &mut Workbook, look: &Look, report: &Report) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Điều chỉnh")?;
    let title = "THAY ĐỔI CỦA CÁC THÁNG ĐÃ KHÓA SỔ TRƯỚC ĐÓ";
    let first = start(sheet, look, title, &report.marks(), CORRECTIONS)?;
    for (at, own) in (first..).zip(&report.corrections) {
        let (month, stands) = (print::month(own.month), standing(own.standing));
        let cells = [
            Cell::Text(&month),
            Cell::Text(&own.reference),
            Cell::Text(&stands),
            Cell::Money(own.amount),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
    }
    Ok(())
}
