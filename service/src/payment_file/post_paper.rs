//! The post office's cash list to be printed: each commune on pages of its own, with a place for each signature. It says
//! the same as the workbook, in the same order and with the same numbers.

use chrono::{DateTime, Utc};
use domain::{Month, Vnd, words};
use entity::pay_run;

use crate::error::Error;
use crate::payment_file::cash::{Cash, receiver};
use crate::print::{self, Align, Column, Face, Margins, Numbering, Paper, Style, Table};

const COLUMNS: &[Column] = &[
    Column::new("STT", 1.5, Align::Right),
    Column::new("Họ và tên người nhận", 6.3, Align::Left),
    Column::new("Số giấy tờ", 3.5, Align::Left),
    Column::new("Số tiền (đồng)", 3.2, Align::Right),
    // A reference is read aloud and compared: it stands in one line.
    Column::new("Mã lệnh chi", 9.9, Align::Left),
    Column::new("Ký nhận", 5.6, Align::Left),
    Column::new("Ghi chú", 3.5, Align::Left),
];

/// Enough of a row for a signature.
const ROW: f32 = 24.0;

/// An order as the list prints it.
#[derive(Clone, Copy, Debug)]
struct Row<'o> {
    area: &'o str,
    holder: &'o str,
    paper: &'o str,
    reference: &'o str,
    amount: i64,
}

/// The paper, of the date on which its run was submitted; orders stand as its workbook has them.
pub(super) fn write(run: &pay_run::Model, cash: &Cash) -> Result<Vec<u8>, Error> {
    let orders = cash.looked_up();
    let holders: Vec<String> = orders
        .iter()
        .map(|(_, order)| receiver(order.holder_name.clone(), order))
        .collect();
    let rows = orders.iter().zip(&holders).map(|((area, order), holder)| Row {
        area,
        holder,
        paper: &order.account_number,
        reference: &order.reference,
        amount: order.amount,
    });
    let at = run.submitted_at.or(run.approved_at).unwrap_or(run.created_at);
    let heading = Heading {
        title: title(crate::pay_run::cover_month(run)?),
        run: format!("Đợt chi: {}", crate::pay_run::label(run).vi),
    };
    print_list(&heading, at, &rows.collect::<Vec<_>>())
}

/// What stands above each commune: a month may have several runs, whose lists look alike but for the second line.
struct Heading {
    title: String,
    run: String,
}

fn title(month: Month) -> String {
    format!("DANH SÁCH CHI TRẢ TIỀN MẶT QUA BƯU ĐIỆN THÁNG {}", print::month(month))
}

fn print_list(heading: &Heading, at: DateTime<Utc>, rows: &[Row<'_>]) -> Result<Vec<u8>, Error> {
    let mut paper = Paper::sideways(Margins::LIST)?;
    let mut number = 0;
    for (place, of_area) in rows.chunk_by(|a, b| a.area == b.area).enumerate() {
        if place > 0 {
            paper.new_page();
        }
        commune(&mut paper, heading, &mut number, of_area)?;
    }
    let all = print::dong(rows.iter().map(|row| row.amount).sum());
    paper.space(10.0);
    let text = format!("Toàn tỉnh: {} lệnh chi, tổng số tiền {all} đồng.", rows.len());
    paper.paragraph(Style::plain(10.0, Align::Left, 0.0), &[(Face::Italic, &text)]);
    paper.finish(&heading.title, at, Numbering::OfTotal)
}

fn commune(paper: &mut Paper, heading: &Heading, number: &mut usize, rows: &[Row<'_>]) -> Result<(), Error> {
    let area = rows.first().map_or("", |row| row.area);
    let sum: i64 = rows.iter().map(|row| row.amount).sum();
    paper.paragraph(Style::plain(13.0, Align::Centre, 2.0), &[(Face::Bold, &heading.title)]);
    paper.paragraph(Style::plain(11.0, Align::Centre, 2.0), &[(Face::Italic, &heading.run)]);
    let count = format!(" Số lệnh chi: {}. Tổng số tiền: {} đồng.", rows.len(), print::dong(sum));
    let head = Style::plain(11.0, Align::Left, 0.0);
    paper.paragraph(head, &[(Face::Bold, &format!("{area}.")), (Face::Regular, &count)]);
    let spelt = format!(
        "Bằng chữ: {}.",
        words::in_words(Vnd::new(sum).map_err(Error::internal)?)
    );
    paper.paragraph(Style::plain(11.0, Align::Left, 4.0), &[(Face::Italic, &spelt)]);
    let mut table = Table::begin(paper, COLUMNS, 10.0, ROW);
    for row in rows {
        *number += 1;
        let (place, amount) = (number.to_string(), print::dong(row.amount));
        table.row(
            paper,
            Face::Regular,
            &[&place, row.holder, row.paper, &amount, row.reference, "", ""],
        );
    }
    table.row(paper, Face::Bold, &["", "Tổng cộng", "", &print::dong(sum), "", "", ""]);
    table.end(paper);
    signatures(paper);
    Ok(())
}

/// Who signs the list, side by side.
fn signatures(paper: &mut Paper) {
    paper.need(80.0);
    paper.space(8.0);
    let who = [
        "Người lập bảng",
        "Kế toán",
        "Thủ trưởng đơn vị",
        "Nhân viên bưu điện chi trả",
    ];
    paper.beside(Style::plain(11.0, Align::Centre, 0.0), Face::Bold, &who);
    paper.beside(
        Style::plain(9.0, Align::Centre, 0.0),
        Face::Italic,
        &["(Ký, ghi rõ họ tên)"; 4],
    );
    paper.space(50.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::text_of;

    /// As wide as a reference is ever likely to be.
    const REFERENCE: &str = "AS-WMWMAHDGKNQRVXYBCEHW2M5WMA";

    fn rows(communes: &[&'static str], each: usize) -> Vec<Row<'static>> {
        let row = |area| Row {
            area,
            holder: "Đặng Thị Ngọc Ẩn",
            paper: "022190001234",
            reference: REFERENCE,
            amount: 750_000,
        };
        communes.iter().flat_map(|area| (0..each).map(|_| row(*area))).collect()
    }

    fn printed(rows: &[Row<'_>]) -> Vec<u8> {
        let heading = Heading {
            title: title(Month::new(2024, 9).unwrap()),
            run: "Đợt chi: hằng tháng, tháng 09/2024, số 1".to_owned(),
        };
        print_list(&heading, DateTime::UNIX_EPOCH, rows).unwrap()
    }

    #[test]
    fn each_commune_has_its_own_pages_totals_and_signatures() {
        let bytes = printed(&rows(&["Phường Hà Phong", "Xã Cẩm Hải"], 40));
        assert_eq!(printed(&rows(&["Phường Hà Phong", "Xã Cẩm Hải"], 40)), bytes);
        let pages = text_of(&bytes);
        let of = |name: &str| pages.iter().position(|page| page.contains(name)).unwrap();
        let (first, second) = (
            of("Phường Hà Phong. Số lệnh chi: 40."),
            of("Xã Cẩm Hải. Số lệnh chi: 40."),
        );
        assert!(first == 0 && second > first);
        for page in &pages {
            assert!(
                page.contains("Ký nhận") || page.contains("Nhân viên bưu điện"),
                "{page}"
            );
        }
        let all = pages.join(" ");
        assert_eq!(all.matches("Đặng Thị Ngọc Ẩn").count(), 80);
        assert_eq!(all.matches(REFERENCE).count(), 80, "each in one line: {all}");
        assert_eq!(all.matches("Bằng chữ: Ba mươi triệu đồng.").count(), 2);
        assert_eq!(all.matches("Nhân viên bưu điện chi trả").count(), 2);
        assert_eq!(
            all.matches("Đợt chi: hằng tháng, tháng 09/2024, số 1").count(),
            2,
            "{all}"
        );
        assert!(
            all.contains("Toàn tỉnh: 80 lệnh chi, tổng số tiền 60.000.000 đồng."),
            "{all}"
        );
    }

    #[test]
    fn a_run_without_cash_prints_a_list_without_rows() {
        assert!(text_of(&printed(&[])).join(" ").contains("Toàn tỉnh: 0 lệnh chi"));
    }
}
