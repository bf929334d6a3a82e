//! The treasury's report of a month as a paper to be signed.

use std::collections::BTreeMap;

use domain::{Vnd, words};
use entity::enums::{Channel, Standing};

use crate::error::Error;
use crate::month_close::report::Report;
use crate::month_close::view::Share;
use crate::month_close::workbook::{channel, kind, standing, verdict};
use crate::month_close::{moved_amount, open_paper, open_sheet};
use crate::print::{self, Align, Column, Face, Margins, Numbering, Paper, Style, Table};

const BY_FUND: &[Column] = &[
    Column::new("Nguồn kinh phí", 4.4, Align::Left),
    Column::new("Năm", 1.2, Align::Right),
    Column::new("Hình thức, ngân hàng", 3.0, Align::Left),
    Column::new("Số dòng", 1.6, Align::Right),
    Column::new("Phải chi", 3.4, Align::Right),
    Column::new("Đã chi", 3.4, Align::Right),
    Column::new("Chưa có kết quả", 3.2, Align::Right),
    Column::new("Chuyển kỳ sau", 3.0, Align::Right),
    Column::new("Đã hủy", 2.6, Align::Right),
];

const BY_FILE: &[Column] = &[
    Column::new("Tệp chi trả", 6.0, Align::Left),
    Column::new("Số lệnh", 1.6, Align::Right),
    Column::new("Danh sách chi", 3.2, Align::Right),
    Column::new("Tệp", 3.2, Align::Right),
    Column::new("Ngân hàng đã chi", 3.2, Align::Right),
    Column::new("Ngân hàng trả về", 3.2, Align::Right),
    Column::new("Chưa có kết quả", 3.2, Align::Right),
];

const SHARES: &[Column] = &[
    Column::new("STT", 1.0, Align::Right),
    Column::new("Tên", 6.0, Align::Left),
    Column::new("Số dòng", 1.6, Align::Right),
    Column::new("Phải chi", 3.2, Align::Right),
    Column::new("Đã chi", 3.2, Align::Right),
    Column::new("Chưa có kết quả", 3.2, Align::Right),
    Column::new("Chuyển kỳ sau", 3.2, Align::Right),
    Column::new("Đã hủy", 2.6, Align::Right),
];

const OPEN: &[Column] = &[
    Column::new("Loại", 6.0, Align::Left),
    Column::new("Số khoản", 2.0, Align::Right),
    Column::new("Số tiền", 4.0, Align::Right),
    Column::new("Lâu nhất từ ngày", 3.0, Align::Right),
];

const HELD: &[Column] = &[
    Column::new("Lý do chưa đưa vào danh sách chi", 10.0, Align::Left),
    Column::new("Số khoản", 2.0, Align::Right),
    Column::new("Số tiền", 4.0, Align::Right),
];

const CORRECTIONS: &[Column] = &[
    Column::new("Tháng", 2.0, Align::Left),
    Column::new("Trạng thái", 6.0, Align::Left),
    Column::new("Số lệnh chi", 2.0, Align::Right),
    Column::new("Tăng, giảm", 4.0, Align::Right),
];

/// The least height of a row.
const ROW: f32 = 16.0;

fn heading(paper: &mut Paper, text: &str) {
    paper.need(70.0);
    paper.space(8.0);
    paper.paragraph(Style::plain(11.0, Align::Left, 3.0), &[(Face::Bold, text)]);
}

/// The paper.
pub(super) fn write(report: &Report) -> Result<Vec<u8>, Error> {
    let title = report.title("BÁO CÁO KHÓA SỔ CHI TRẢ TRỢ GIÚP XÃ HỘI");
    let mut paper = Paper::sideways(Margins::LIST)?;
    paper.paragraph(Style::plain(11.0, Align::Left, 4.0), &[(Face::Bold, &report.unit())]);
    paper.paragraph(Style::plain(13.0, Align::Centre, 2.0), &[(Face::Bold, &title)]);
    for mark in report.marks() {
        paper.paragraph(Style::plain(11.0, Align::Centre, 2.0), &[(Face::Bold, &mark)]);
    }
    paper.paragraph(Style::plain(11.0, Align::Centre, 6.0), &[(Face::Italic, &report.day())]);
    totals(&mut paper, report)?;
    by_fund(&mut paper, report);
    by_file(&mut paper, report);
    shares(&mut paper, "III. Theo xã, phường, đặc khu", &report.sums.areas);
    shares(&mut paper, "IV. Theo nhóm đối tượng", &report.sums.groups);
    unpaid(&mut paper, report);
    corrections(&mut paper, report);
    moved_amounts(&mut paper, report);
    signatures(&mut paper);
    let numbering = if report.is_draft() {
        Numbering::OfDraft
    } else {
        Numbering::OfTotal
    };
    paper.finish(&title, report.at(), numbering)
}

/// The sums in digits and words.
fn totals(paper: &mut Paper, report: &Report) -> Result<(), Error> {
    let sums = &report.sums;
    let net: i64 = sums.rows.iter().map(|own| own.net).sum();
    let lines = [
        ("Phải chi", net),
        (
            "Đã chi",
            sums.amount(Standing::Settled) + sums.amount(Standing::Credited),
        ),
        (
            "Chưa có kết quả",
            sums.amount(Standing::InFlight) + sums.amount(Standing::Unknown),
        ),
        (
            "Chuyển kỳ sau (bị từ chối, trả về)",
            sums.amount(Standing::ToReissue) + sums.amount(Standing::Reissued),
        ),
        ("Đã hủy khoản trả về", sums.amount(Standing::Cancelled)),
    ];
    for (label, amount) in lines {
        let spelt = words::in_words(Vnd::new(amount).map_err(Error::internal)?);
        let text = format!(": {} đồng ({spelt}).", print::dong(amount));
        paper.paragraph(
            Style::plain(11.0, Align::Left, 1.0),
            &[(Face::Bold, label), (Face::Regular, &text)],
        );
    }
    let text = format!("{}.", verdict(report));
    paper.paragraph(Style::plain(11.0, Align::Left, 1.0), &[(Face::Regular, &text)]);
    paper.paragraph(
        Style::plain(9.0, Align::Left, 1.0),
        &[(Face::Italic, &report.digests())],
    );
    if !report.note().is_empty() {
        let note = format!("Ghi chú: {}", report.note());
        paper.paragraph(Style::plain(11.0, Align::Left, 1.0), &[(Face::Italic, &note)]);
    }
    Ok(())
}

fn by_fund(paper: &mut Paper, report: &Report) {
    heading(paper, "I. Theo nguồn kinh phí, năm ngân sách và ngân hàng");
    let mut table = Table::begin(paper, BY_FUND, 9.0, ROW);
    let mut totals = [0_i64; 6];
    for own in &report.sums.rows {
        let of = |standing: Standing| {
            let found = own.standings.iter().find(|sum| sum.standing == standing);
            found.map_or(0, |sum| sum.amount)
        };
        let amounts = [
            own.lines,
            own.net,
            of(Standing::Settled) + of(Standing::Credited),
            of(Standing::InFlight) + of(Standing::Unknown),
            of(Standing::ToReissue) + of(Standing::Reissued),
            of(Standing::Cancelled),
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount;
        }
        let place = match (own.channel, &own.bank_code) {
            (Channel::BankTransfer, Some(bank)) => format!("{} {bank}", channel(own.channel)),
            _ => channel(own.channel).to_owned(),
        };
        let year = own.fiscal_year.to_string();
        let [lines, net, paid, unpaid, carried, cancelled] = amounts.map(print::dong);
        let texts = [
            report.funds.of(own),
            &year,
            &place,
            &lines,
            &net,
            &paid,
            &unpaid,
            &carried,
            &cancelled,
        ];
        table.row(paper, Face::Regular, &texts);
    }
    let [lines, net, paid, unpaid, carried, cancelled] = totals.map(print::dong);
    let texts = ["Tổng cộng", "", "", &lines, &net, &paid, &unpaid, &carried, &cancelled];
    table.row(paper, Face::Bold, &texts);
    table.end(paper);
}

fn by_file(paper: &mut Paper, report: &Report) {
    heading(
        paper,
        "II. Đối chiếu ba bên: danh sách chi, tệp chi trả, kết quả của ngân hàng",
    );
    let mut table = Table::begin(paper, BY_FILE, 9.0, ROW);
    let mut totals = [0_i64; 6];
    for own in &report.sums.files {
        let amounts = [
            own.orders,
            own.lines,
            own.filed,
            own.paid,
            own.came_back,
            own.unanswered,
        ];
        for (total, amount) in totals.iter_mut().zip(amounts) {
            *total += amount;
        }
        let [orders, lines, filed, paid, back, unanswered] = amounts.map(print::dong);
        let name = format!("{} ({})", own.name, report.runs.of(own));
        let texts = [name.as_str(), &orders, &lines, &filed, &paid, &back, &unanswered];
        table.row(paper, Face::Regular, &texts);
    }
    let [orders, lines, filed, paid, back, unanswered] = totals.map(print::dong);
    let texts = ["Tổng cộng", &orders, &lines, &filed, &paid, &back, &unanswered];
    table.row(paper, Face::Bold, &texts);
    table.end(paper);
}

fn shares(paper: &mut Paper, title: &str, shares: &[Share]) {
    heading(paper, title);
    let mut table = Table::begin(paper, SHARES, 9.0, ROW);
    let mut totals = [0_i64; 6];
    for (share, number) in shares.iter().zip(1_u32..) {
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
        let number = number.to_string();
        let [lines, net, paid, unpaid, carried, cancelled] = amounts.map(print::dong);
        let texts = [
            number.as_str(),
            share.name.as_str(),
            &lines,
            &net,
            &paid,
            &unpaid,
            &carried,
            &cancelled,
        ];
        table.row(paper, Face::Regular, &texts);
    }
    let [lines, net, paid, unpaid, carried, cancelled] = totals.map(print::dong);
    let texts = ["", "Tổng cộng", &lines, &net, &paid, &unpaid, &carried, &cancelled];
    table.row(paper, Face::Bold, &texts);
    table.end(paper);
}

/// What is open, and what was held.
fn unpaid(paper: &mut Paper, report: &Report) {
    heading(paper, "V. Còn treo khi khóa sổ");
    if report.sums.open.is_empty() {
        paper.paragraph(
            Style::plain(11.0, Align::Left, 2.0),
            &[(Face::Regular, "Không còn khoản nào.")],
        );
    } else {
        let mut table = Table::begin(paper, OPEN, 9.0, ROW);
        for own in &report.sums.open {
            let (kind, items, amount) = (kind(own.kind), print::dong(own.items), print::dong(own.amount));
            let texts = [kind.as_str(), &items, &amount, &print::date(own.oldest)];
            table.row(paper, Face::Regular, &texts);
        }
        table.end(paper);
        paper.space(8.0);
        open_paper::table(paper, open_sheet::rows(report));
    }
    if report.sums.held.is_empty() {
        return;
    }
    heading(paper, "VI. Tạm giữ, chưa đưa vào danh sách chi");
    let mut table = Table::begin(paper, HELD, 9.0, ROW);
    for own in &report.sums.held {
        let reason = crate::pay_run::held_reason(&own.reason);
        let texts = [reason.as_str(), &print::dong(own.items), &print::dong(own.amount)];
        table.row(paper, Face::Regular, &texts);
    }
    table.end(paper);
}

/// What changed in months closed before, by month and standing.
fn corrections(paper: &mut Paper, report: &Report) {
    if report.corrections.is_empty() {
        return;
    }
    heading(paper, "VII. Thay đổi của các tháng đã khóa sổ trước đó");
    let mut sums: BTreeMap<(domain::Month, Standing), (i64, i64)> = BTreeMap::new();
    for own in &report.corrections {
        let sum = sums.entry((own.month, own.standing)).or_insert((0, 0));
        sum.0 += 1;
        sum.1 += own.amount;
    }
    let mut table = Table::begin(paper, CORRECTIONS, 9.0, ROW);
    for ((month, place), (orders, amount)) in sums {
        let (month, orders, amount) = (print::month(month), orders.to_string(), print::dong(amount));
        table.row(paper, Face::Regular, &[&month, &standing(place), &orders, &amount]);
    }
    table.end(paper);
}

/// What banks moved more or less than was ordered, whoever settled it.
fn moved_amounts(paper: &mut Paper, report: &Report) {
    if report.sums.amount_differences.is_empty() {
        return;
    }
    heading(paper, "VIII. Ngân hàng, bưu điện chi lệch số tiền so với lệnh chi");
    moved_amount::print(paper, report, ROW);
}

/// Who signs, side by side.
fn signatures(paper: &mut Paper) {
    paper.need(90.0);
    paper.space(10.0);
    let who = ["Người lập", "Kế toán trưởng", "Thủ trưởng đơn vị", "Kho bạc Nhà nước"];
    paper.beside(Style::plain(11.0, Align::Centre, 0.0), Face::Bold, &who);
    paper.beside(
        Style::plain(9.0, Align::Centre, 0.0),
        Face::Italic,
        &["(Ký, ghi rõ họ tên)"; 4],
    );
    paper.space(50.0);
}
