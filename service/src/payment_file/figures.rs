//! Figures for the treasury's withdrawal form (C2-02a/NS, giấy rút dự toán): what a run draws on which fund and fiscal
//! year, and what leaves by which channel and bank. They are reckoned at approval, must tie with the files to the last
//! đồng, and are printed as they were reckoned. The form itself is the treasury's; its budget codes are those that the
//! lines of the fund's estimate had at approval, each with what is drawn on it by the programs that name it. What no
//! program names a line for is told, where the fund has several.

use std::collections::BTreeMap;

use domain::{Vnd, words};
use entity::enums::{FileKind, FundSource};
use entity::{fund, fund_line, pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::db::Txn;
use crate::error::Error;
use crate::pay_run::sealed::Sums;
use crate::print;
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook};
use crate::vocabulary;

const YEARS: &[ColumnSpec] = &[
    ("STT", 7.0),
    ("Nguồn kinh phí", 40.0),
    ("Mã nguồn", 24.0),
    ("Năm ngân sách", 14.0),
    ("Tổng mức hưởng", 20.0),
    ("Thu hồi, giảm trừ", 20.0),
    ("Số tiền rút", 20.0),
    ("Chương", 10.0),
    ("Loại", 10.0),
    ("Khoản", 10.0),
    ("Mục, tiểu mục", 14.0),
    ("Nội dung", 40.0),
    ("Ghi chú", 44.0),
];

const FILES: &[ColumnSpec] = &[
    ("STT", 7.0),
    ("Kênh chi", 26.0),
    ("Ngân hàng", 18.0),
    ("Tệp chi", 36.0),
    ("Số lệnh chi", 14.0),
    ("Số tiền", 20.0),
];

/// A line of the estimate under the codes of the state budget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct BudgetLine {
    chapter: Option<String>,
    category: Option<String>,
    clause: Option<String>,
    item: Option<String>,
    name: String,
    amount: i64,
    /// What the run draws on it; none where no program names it, and for figures of before that was kept with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    drawn: Option<Drawn>,
}

/// What a run draws, before and for overpayments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Drawn {
    gross: i64,
    deducted: i64,
}

impl BudgetLine {
    /// Its codes and what it is for.
    fn texts(&self) -> [&str; 5] {
        [
            self.chapter.as_deref().unwrap_or(""),
            self.category.as_deref().unwrap_or(""),
            self.clause.as_deref().unwrap_or(""),
            self.item.as_deref().unwrap_or(""),
            &self.name,
        ]
    }

    fn of(row: fund_line::Model, drawn: &BTreeMap<String, (i64, i64)>) -> Self {
        let own = row.code.as_ref().and_then(|code| drawn.get(code));
        Self {
            drawn: own.map(|&(gross, deducted)| Drawn { gross, deducted }),
            chapter: row.chapter,
            category: row.category,
            clause: row.clause,
            item: row.item,
            name: row.name,
            amount: row.amount,
        }
    }
}

/// What a run draws on one fund of one fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct YearFigures {
    fund: String,
    code: String,
    fiscal_year: i32,
    gross: i64,
    deducted: i64,
    /// None for figures that were reckoned before lines were kept with them.
    #[serde(default)]
    lines: Vec<BudgetLine>,
    /// Whose money it is; none for figures that were reckoned before it was kept with them, or without the fund.
    #[serde(default)]
    source: Option<FundSource>,
}

/// A fund of a year as papers name it.
struct Named {
    name: String,
    source: FundSource,
    lines: Vec<BudgetLine>,
}

/// What leaves in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct FileFigures {
    name: String,
    bank: Option<String>,
    orders: i64,
    sum: i64,
}

/// The figures of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figures {
    years: Vec<YearFigures>,
    files: Vec<FileFigures>,
    pub(super) orders: i64,
    pub(super) sum: i64,
}

impl Figures {
    /// Reckons the figures of a run from the sums of its signed lines and its planned files.
    ///
    /// # Errors
    /// Lines and files do not tie: the run must not be approved.
    pub(super) async fn of(
        txn: &Txn,
        run: &pay_run::Model,
        sums: &Sums,
        files: &[payment_file::Model],
    ) -> Result<Self, Error> {
        let code = crate::pay_run::fund_code(run);
        let by_year = sums.by_year();
        let mut funds = funds(txn, run, by_year.keys().copied().collect()).await?;
        let years = by_year.into_iter().map(|(fiscal_year, (gross, deducted))| {
            let own = funds.remove(&fiscal_year);
            YearFigures {
                code: code.to_owned(),
                fiscal_year,
                gross,
                deducted,
                source: own.as_ref().map(|fund| fund.source),
                fund: own.as_ref().map(|fund| fund.name.clone()).unwrap_or_default(),
                lines: own.map(|fund| fund.lines).unwrap_or_default(),
            }
        });
        let sent = [FileKind::Pain001, FileKind::PaymentTable, FileKind::PostList];
        let files = files
            .iter()
            .filter(|file| sent.contains(&file.kind))
            .map(|file| FileFigures {
                name: file.name.clone(),
                bank: file.bank_code.clone(),
                orders: file.order_count,
                sum: file.sum,
            });
        let (years, files): (Vec<_>, Vec<_>) = (years.collect(), files.collect());
        let drawn: i64 = years.iter().map(|year| year.gross - year.deducted).sum();
        let sum: i64 = files.iter().map(|file| file.sum).sum();
        if drawn != sum {
            return Err(Error::internal(format!("lines draw {drawn} đồng, the files pay {sum}")));
        }
        Ok(Self {
            orders: files.iter().map(|file| file.orders).sum(),
            years,
            files,
            sum,
        })
    }

    /// Whose money the run pays, in words; none where that was not kept.
    pub(super) fn sources(&self) -> Option<String> {
        let named = self.years.iter().filter_map(|year| {
            let label = vocabulary::label("fund_source", &year.source?.code())?;
            Some(format!(
                "{}, {} (mã {}, năm {})",
                label.vi, year.fund, year.code, year.fiscal_year
            ))
        });
        let named: Vec<String> = named.collect();
        (!named.is_empty()).then(|| format!("Nguồn chi: {}", named.join("; ")))
    }
}

/// The funds of some years, and the lines of their estimates with what the run draws on each.
async fn funds(txn: &Txn, run: &pay_run::Model, years: Vec<i32>) -> Result<BTreeMap<i32, Named>, Error> {
    let own = fund::Entity::find()
        .filter(fund::Column::Code.eq(crate::pay_run::fund_code(run)))
        .filter(fund::Column::FiscalYear.is_in(years))
        .all(txn.conn())
        .await?;
    let mut funds = BTreeMap::new();
    for fund in own {
        let lines = fund_line::Entity::find()
            .filter(fund_line::Column::FundId.eq(fund.id))
            .order_by_asc(fund_line::Column::Position)
            .all(txn.conn())
            .await?;
        let drawn = crate::fund::drawn_by(txn.conn(), run.id, fund.id).await?;
        let named = Named {
            name: fund.name,
            source: fund.source,
            lines: lines.into_iter().map(|line| BudgetLine::of(line, &drawn)).collect(),
        };
        funds.insert(fund.fiscal_year, named);
    }
    Ok(funds)
}

/// The workbook of the figures that a file was planned with.
pub(super) fn write(run: &pay_run::Model, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let text = file
        .terms
        .as_deref()
        .ok_or_else(|| Error::internal("the file has no figures"))?;
    let figures: Figures = serde_json::from_str(text)?;
    let month = crate::pay_run::cover_month(run)?;
    let title = format!(
        "SỐ LIỆU LẬP GIẤY RÚT DỰ TOÁN, CHI TRẢ THÁNG {:02}/{}",
        month.number(),
        month.year()
    );
    let mut book = workbook(&title, run.approved_at.unwrap_or(run.created_at))?;
    let look = Look::new();
    let total = Vnd::new(figures.sum).map_err(Error::internal)?;
    let mut notes = vec![
        format!(
            "Đợt chi: {}. Ngày chi: {}",
            crate::pay_run::label(run).vi,
            print::date(run.pay_date)
        ),
        format!(
            "Số lệnh chi: {}. Tổng số tiền: {} đồng",
            print::dong(figures.orders),
            print::dong(figures.sum)
        ),
        format!("Bằng chữ: {}", words::in_words(total)),
    ];
    notes.extend(figures.sources());
    let sheet = book.add_worksheet().set_name("Nguồn kinh phí")?;
    let mut at = start(sheet, &look, &title, &notes, YEARS)?;
    let (mut gross, mut deducted) = (0, 0);
    for (number, year) in (1..).zip(&figures.years) {
        at = year_rows(sheet, &look, at, (number, year))?;
        gross += year.gross;
        deducted += year.deducted;
    }
    let mut closing = Vec::from(["", "Tổng cộng", "", ""].map(Cell::Text));
    closing.extend([gross, deducted, gross - deducted].map(Cell::Money));
    closing.extend([""; 6].map(Cell::Text));
    row(sheet, at, &look.total, &look.total_money, &closing)?;
    by_channel(&mut book, &look, &title, &notes, &figures)?;
    Ok(book.save_to_buffer()?)
}

/// A year with the codes of its line; of several, each stands on a row of its own below with what is drawn on it, without
/// a number. Gives the next free row.
fn year_rows(
    sheet: &mut rust_xlsxwriter::Worksheet,
    look: &Look,
    mut at: u32,
    (number, year): (i64, &YearFigures),
) -> Result<u32, Error> {
    let fiscal_year = year.fiscal_year.to_string();
    let mut cells = vec![
        Cell::Money(number),
        Cell::Text(&year.fund),
        Cell::Text(&year.code),
        Cell::Text(&fiscal_year),
        Cell::Money(year.gross),
        Cell::Money(year.deducted),
        Cell::Money(year.gross - year.deducted),
    ];
    let named: i64 = year
        .lines
        .iter()
        .filter_map(|line| line.drawn)
        .map(|own| own.gross)
        .sum();
    let several = match year.gross - named {
        0 => "Theo từng dòng dự toán dưới đây".to_owned(),
        _ if named == 0 => format!("Nguồn có {} dòng dự toán: chọn dòng để rút", year.lines.len()),
        rest => format!(
            "Còn {} đồng tổng mức hưởng chưa gắn dòng dự toán: chọn dòng để rút",
            print::dong(rest)
        ),
    };
    let (codes, note) = match year.lines.as_slice() {
        [] => ([""; 5], "Chưa nhập mục lục ngân sách của nguồn"),
        [line] => (line.texts(), ""),
        _ => ([""; 5], several.as_str()),
    };
    cells.extend(codes.map(Cell::Text));
    cells.push(Cell::Text(note));
    row(sheet, at, &look.text, &look.money, &cells)?;
    at += 1;
    if year.lines.len() < 2 {
        return Ok(at);
    }
    for (line, place) in year.lines.iter().zip(1_u32..) {
        let note = format!("Dòng {place}: dự toán {} đồng", print::dong(line.amount));
        let mut cells: Vec<Cell<'_>> = (0..4).map(|_| Cell::Text("")).collect();
        match line.drawn {
            Some(Drawn { gross, deducted }) => {
                cells.extend([gross, deducted, gross - deducted].map(Cell::Money));
            }
            None => cells.extend((0..3).map(|_| Cell::Text(""))),
        }
        cells.extend(line.texts().map(Cell::Text));
        cells.push(Cell::Text(&note));
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    Ok(at)
}

fn by_channel(
    book: &mut rust_xlsxwriter::Workbook,
    look: &Look,
    title: &str,
    notes: &[String],
    figures: &Figures,
) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Kênh chi")?;
    let mut at = start(sheet, look, title, notes, FILES)?;
    let mut sums: BTreeMap<Option<&str>, (i64, i64)> = BTreeMap::new();
    for (number, file) in (1..).zip(&figures.files) {
        let cells = [
            Cell::Money(number),
            Cell::Text(channel(file.bank.as_deref())),
            Cell::Text(file.bank.as_deref().unwrap_or("")),
            Cell::Text(&file.name),
            Cell::Money(file.orders),
            Cell::Money(file.sum),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
        let sum = sums.entry(file.bank.as_deref()).or_default();
        sum.0 += file.orders;
        sum.1 += file.sum;
        at += 1;
    }
    let mut totals: Vec<(String, &str, i64, i64)> = Vec::new();
    for (bank, (orders, sum)) in sums {
        totals.push((format!("Cộng: {}", channel(bank)), bank.unwrap_or(""), orders, sum));
    }
    totals.push(("Tổng cộng".to_owned(), "", figures.orders, figures.sum));
    for (name, bank, orders, sum) in &totals {
        let cells = [
            Cell::Text(""),
            Cell::Text(name),
            Cell::Text(bank),
            Cell::Text(""),
            Cell::Money(*orders),
            Cell::Money(*sum),
        ];
        row(sheet, at, &look.total, &look.total_money, &cells)?;
        at += 1;
    }
    Ok(())
}

/// The channel of a file in words.
fn channel(bank: Option<&str>) -> &'static str {
    match bank {
        Some(_) => "Chuyển khoản ngân hàng",
        None => "Tiền mặt qua bưu điện",
    }
}
