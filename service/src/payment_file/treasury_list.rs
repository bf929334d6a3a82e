//! The treasury's beneficiary list in the shape of Mẫu 09 (NĐ 11/2020/NĐ-CP): who gets how much on which account, a row
//! for each account of a person, the total in words, and in part II each change against the month before.
//!
//! NĐ 347/2025/NĐ-CP replaces NĐ 11/2020 from 1/1/2026. Which number its form has, and whether the columns are the same, is
//! not known here: the shape stays that of Mẫu 09 until somebody has the form, and the list itself names no number.
//!
//! Part II compares regular money with regular money. Its sum of the month before is the column `Trợ cấp tháng` of the list
//! before, or of the lists together that it follows; with the differences and with what is beside the regular money it comes
//! to what this list pays. Arrears, reissues, what is paid once and what is kept back belong to their list alone: none of
//! it is carried into the list after it.

use std::collections::BTreeSet;

use domain::payment_file::AccountHashTotal;
use domain::{Vnd, words};
use entity::enums::{Channel, FileKind, LineKind, PayRunKind};
use entity::{pay_run, payment_file};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entitlement::is_confidential;
use crate::error::Error;
use crate::pay_run::digest::{Account, SignedLine};
use crate::payment_file::change_list::{Change, MEANING};
use crate::payment_file::render::approved_at;
use crate::payment_file::rows::{Named, Paid, RunRows};
use crate::print;
use crate::sheet::draft::Draft;
use crate::sheet::list::{Done, Sheet, Style};
use crate::sheet::{Cell, ColumnSpec};

/// The unit that the list names where no setting names another.
pub const DEFAULT_UNIT: &str = "Sở quản lý trợ giúp xã hội tỉnh Quảng Ninh";

const COLUMNS: &[ColumnSpec] = &[
    ("STT", 7.0),
    ("Họ và tên", 28.0),
    ("Số định danh", 15.0),
    ("Xã, phường", 22.0),
    ("Nhóm đối tượng", 16.0),
    ("Chủ tài khoản", 28.0),
    ("Số tài khoản người hưởng", 22.0),
    ("Tên ngân hàng", 16.0),
    ("Trợ cấp tháng", 15.0),
    ("Truy lĩnh, chi lại", 15.0),
    ("Chi một lần", 15.0),
    ("Thu hồi, giảm trừ", 15.0),
    ("Tổng số", 16.0),
    ("Ghi chú", 26.0),
];

const CHANGES: &[ColumnSpec] = &[
    ("STT", 7.0),
    ("Họ và tên", 28.0),
    ("Số định danh", 15.0),
    ("Xã, phường", 22.0),
    ("Tháng trước", 15.0),
    ("Tháng này", 15.0),
    ("Chênh lệch", 15.0),
    ("Khoản khác", 15.0),
    ("Tổng số", 16.0),
    ("Lý do", 60.0),
];

/// What stands above the rows of a list beside its sums, kept with the file when it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Told {
    /// The unit that pays.
    unit: String,
    /// Whose money it is, where that is known.
    source: Option<String>,
}

impl Told {
    pub(super) fn of(unit: &str, source: Option<String>) -> Self {
        Self {
            unit: unit.to_owned(),
            source,
        }
    }

    /// What a list was planned with. Those planned before the unit was kept have the source alone, and the unit that all
    /// lists named then.
    pub(super) fn read(terms: Option<&str>) -> Self {
        terms
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_else(|| Self::of(DEFAULT_UNIT, terms.map(str::to_owned)))
    }

    /// The same with whose money it is by now.
    pub(super) fn drawn_on(self, source: Option<String>) -> Self {
        Self { source, ..self }
    }

    /// As it is kept.
    pub(super) fn kept(&self) -> Result<String, Error> {
        Ok(serde_json::to_string(self)?)
    }
}

/// What the list comes to: its rows, their sum and the total over their accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Totals {
    rows: i64,
    sum: i64,
    accounts: String,
}

impl Totals {
    /// By the signed lines of a run.
    pub(super) fn of(lines: &[SignedLine]) -> Result<Self, Error> {
        let mut rows: BTreeSet<(Uuid, &str)> = BTreeSet::new();
        let mut sum = 0;
        for signed in lines {
            rows.insert((signed.line.person_id, signed.account.account_key.as_str()));
            sum += signed.line.amount - signed.deducted();
        }
        let mut accounts = AccountHashTotal::default();
        for (_, account) in &rows {
            accounts.add(account);
        }
        Ok(Self {
            rows: i64::try_from(rows.len()).map_err(Error::internal)?,
            sum,
            accounts: accounts.to_string(),
        })
    }

    /// The list as it is planned, with these totals.
    pub(super) fn planned(self, file: payment_file::Model) -> payment_file::Model {
        payment_file::Model {
            order_count: self.rows,
            sum: self.sum,
            account_hash_total: self.accounts,
            ..file
        }
    }
}

/// Was the list planned before lists had totals? Then it says nothing of them.
pub(super) fn has_no_totals(run: &pay_run::Model, file: &payment_file::Model) -> bool {
    file.kind == FileKind::TreasuryList && file.order_count == 0 && run.total > run.deducted
}

/// The workbook without its date, as its terms tell whose it is. Its rows come to what the run pays, or there is none.
pub(super) fn draft(run: &pay_run::Model, terms: Option<&str>, rows: &RunRows) -> Result<Draft, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let of = match run.kind {
        PayRunKind::Relief => "TRỢ GIÚP XÃ HỘI KHẨN CẤP",
        _ => "TRỢ GIÚP XÃ HỘI",
    };
    let title = format!(
        "BẢNG THANH TOÁN CHO ĐỐI TƯỢNG THỤ HƯỞNG {of} THÁNG {:02}/{}",
        month.number(),
        month.year()
    );
    let heading = heading(run, Told::read(terms))?;
    let (payments, count, sum) = payments((title.as_str(), heading.as_slice()), rows)?;
    let paid_out = run.total - run.deducted;
    if sum != paid_out {
        return Err(Error::internal(format!("the list pays {sum} đồng, the run {paid_out}")));
    }
    Ok(Draft {
        rows: count,
        sum,
        sheets: vec![payments, changes(run, rows)?],
        title,
    })
}

/// Do the rows of a list come to what it was planned with?
pub(super) fn fits(run: &pay_run::Model, file: &payment_file::Model, draft: &Draft) -> bool {
    has_no_totals(run, file) || (draft.rows, draft.sum) == (file.order_count, file.sum)
}

/// The workbook. Its rows come to what the list was planned with, or there is none.
pub(super) fn write(run: &pay_run::Model, file: &payment_file::Model, draft: Draft) -> Result<Vec<u8>, Error> {
    if !fits(run, file, &draft) {
        return Err(Error::internal(format!(
            "the list {} has other totals than planned",
            file.name
        )));
    }
    draft.dated(approved_at(run))
}

/// Part I, with the number and the sum of its rows.
fn payments((title, heading): (&str, &[String]), rows: &RunRows) -> Result<(Done, i64, i64), Error> {
    let mut sheet = Sheet::start((0, "I. Danh sách"), title, heading, COLUMNS)?;
    let mut number = 0;
    let mut sums = [0_i64; 5];
    for id in &rows.order {
        let (Some(person), Some(all)) = (rows.people.get(id), rows.paid.get(id)) else {
            continue;
        };
        for (account, paid) in all.by_account() {
            number += 1;
            let amounts = amounts(&paid);
            add(&mut sums, amounts);
            let groups = if confidential(&paid) || person.protected {
                "x".to_owned()
            } else {
                paid.groups()
            };
            let cells = cells(number, person, &account, &groups, amounts);
            sheet.row(Style::Plain, &cells)?;
        }
    }
    let mut closing: Vec<Cell<'_>> = vec![Cell::Text(""), Cell::Text("Tổng cộng")];
    closing.extend((2..8).map(|_| Cell::Text("")));
    closing.extend(sums.map(Cell::Money));
    closing.push(Cell::Text(""));
    sheet.row(Style::Total, &closing)?;
    sheet.skip(1);
    let signatures = ["Người lập bảng", "Kế toán", "Thủ trưởng đơn vị", "Kho bạc Nhà nước"];
    let places: Vec<(usize, &str)> = [1, 4, 7, 10].into_iter().zip(signatures).collect();
    sheet.notes(&places)?;
    let [.., sum] = sums;
    Ok((sheet.done()?, number, sum))
}

/// What stands above the rows; whose money it is where the list was planned with it.
fn heading(run: &pay_run::Model, told: Told) -> Result<Vec<String>, Error> {
    let paid_out = run.total - run.deducted;
    let total = Vnd::new(paid_out).map_err(Error::internal)?;
    let mut notes = vec![
        format!("Đơn vị: {}. Phần I: danh sách chi trả", told.unit),
        // A month may have several runs, whose lists look alike.
        format!(
            "Đợt chi: {}. Ngày chi: {}",
            crate::pay_run::label(run).vi,
            print::date(run.pay_date)
        ),
        format!("Tổng số tiền: {} đồng", print::dong(paid_out)),
        format!("Bằng chữ: {}", words::in_words(total)),
    ];
    if run.deducted > 0 {
        notes.push(format!(
            "Trong đó: tổng mức hưởng {} đồng, thu hồi khoản chi thừa {} đồng theo quyết định có hiệu lực",
            print::dong(run.total),
            print::dong(run.deducted)
        ));
    }
    notes.extend(told.source);
    Ok(notes)
}

fn amounts(paid: &Paid) -> [i64; 5] {
    [
        paid.sum(&[LineKind::Regular]),
        paid.sum(&[LineKind::Arrears, LineKind::Reissue]),
        paid.sum(&[LineKind::OneOff, LineKind::Relief]),
        paid.deducted,
        paid.gross() - paid.deducted,
    ]
}

fn cells<'c>(
    number: i64,
    person: &'c Named,
    account: &'c Account,
    groups: &'c str,
    amounts: [i64; 5],
) -> Vec<Cell<'c>> {
    let bank = match account.channel {
        Channel::PostCash => "Bưu điện",
        Channel::BankTransfer => account.bank_code.as_deref().unwrap_or(""),
    };
    let holder = account.holder_name.as_str();
    let mut cells = vec![
        Cell::Money(number),
        Cell::Text(&person.full_name),
        Cell::Text(&person.citizen_id),
        Cell::Text(&person.area),
        Cell::Text(groups),
        Cell::Text(holder),
        Cell::Text(&account.account_number),
        Cell::Text(bank),
    ];
    cells.extend(amounts.map(Cell::Money));
    cells.push(Cell::Text(if holder == person.full_name { "" } else { "Nhận thay" }));
    cells
}

/// Part II: who differs and why, everybody else in one row, and what all of it comes to, which is what the list pays.
/// Relief is paid once, and compares with no month before.
fn changes(run: &pay_run::Model, rows: &RunRows) -> Result<Done, Error> {
    let title = "THUYẾT MINH THAY ĐỔI SO VỚI THÁNG TRƯỚC";
    let mut sheet = Sheet::start((1, "II. Thay đổi"), title, &notes(run.kind), CHANGES)?;
    if run.kind == PayRunKind::Relief {
        return sheet.done();
    }
    let (mut number, mut unchanged) = (0, 0);
    let (mut told, mut others) = ([0; 5], [0; 5]);
    for id in &rows.order {
        let Some(person) = rows.people.get(id) else { continue };
        let change = Change::of(rows, id);
        let figures = change.figures();
        let Some(reason) = &change.reason else {
            unchanged += i64::from(change.now > 0);
            add(&mut others, figures);
            continue;
        };
        number += 1;
        add(&mut told, figures);
        let mut cells = vec![
            Cell::Money(number),
            Cell::Text(&person.full_name),
            Cell::Text(&person.citizen_id),
            Cell::Text(&person.area),
        ];
        cells.extend(figures.map(Cell::Money));
        cells.push(Cell::Text(reason));
        sheet.row(Style::Plain, &cells)?;
    }
    let mut all = told;
    add(&mut all, others);
    let [.., sum] = all;
    let paid_out = run.total - run.deducted;
    if sum != paid_out {
        return Err(Error::internal(format!("part II explains {sum} đồng of {paid_out}")));
    }
    total(&mut sheet, "Cộng các thay đổi", told)?;
    total(&mut sheet, &format!("Không thay đổi: {unchanged} người"), others)?;
    total(&mut sheet, "Tổng cộng", all)?;
    sheet.done()
}

/// What stands above part II.
fn notes(kind: PayRunKind) -> Vec<String> {
    let notes: &[&str] = match kind {
        PayRunKind::Relief => {
            &["Phần II: không áp dụng (chi trợ giúp khẩn cấp một lần, không có tháng trước để so sánh)"]
        }
        PayRunKind::Regular => &["Phần II: giải trình từng thay đổi so với tháng trước", MEANING],
        PayRunKind::ArrearsOnly | PayRunKind::Reissue => &[
            "Phần II: đợt chi này không có trợ cấp tháng để so sánh với tháng trước; từng khoản chi ghi ở cột Khoản khác",
        ],
    };
    notes.iter().map(|&note| note.to_owned()).collect()
}

fn add(sums: &mut [i64; 5], figures: [i64; 5]) {
    for (sum, figure) in sums.iter_mut().zip(figures) {
        *sum += figure;
    }
}

fn total(sheet: &mut Sheet, label: &str, sums: [i64; 5]) -> Result<(), Error> {
    let mut cells = vec![Cell::Text(""), Cell::Text(label), Cell::Text(""), Cell::Text("")];
    cells.extend(sums.map(Cell::Money));
    cells.push(Cell::Text(""));
    sheet.row(Style::Total, &cells)
}

fn confidential(paid: &Paid) -> bool {
    paid.lines.iter().any(|own| is_confidential(&own.line.group_code))
}
