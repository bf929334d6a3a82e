//! The communes' own list: who is new, changed or gone, and who is not paid and why.

use entity::enums::LineKind;
use entity::pay_run;
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::held_reason;
use crate::payment_file::rows::{Paid, RunRows};
use crate::print;
use crate::sheet::draft::Draft;
use crate::sheet::list::{Sheet, Style};
use crate::sheet::{Cell, ColumnSpec};

const CHANGED: &[ColumnSpec] = &[
    ("Xã, phường", 24.0),
    ("Họ và tên", 30.0),
    ("Năm sinh", 10.0),
    ("Tháng trước", 15.0),
    ("Tháng này", 15.0),
    ("Khoản khác", 15.0),
    ("Thay đổi", 60.0),
];

/// What the columns of money mean.
pub(super) const MEANING: &str = "Tháng trước, Tháng này: trợ cấp tháng của hai tháng. Khoản khác: truy lĩnh, chi \
    lại, chi một lần, trừ thu hồi; chỉ của danh sách này, không tính vào Tháng trước của danh sách sau";

const HELD: &[ColumnSpec] = &[
    ("Xã, phường", 24.0),
    ("Họ và tên", 30.0),
    ("Năm sinh", 10.0),
    ("Tháng", 10.0),
    ("Số tiền", 15.0),
    ("Lý do chưa chi", 60.0),
];

/// The workbook without its date.
pub(super) fn draft(run: &pay_run::Model, rows: &RunRows) -> Result<Draft, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let month = format!("{:02}/{}", month.number(), month.year());
    let title = format!("DANH SÁCH BIẾN ĐỘNG THÁNG {month}");
    let mut changed = Sheet::start((0, "Biến động"), &title, &[MEANING.to_owned()], CHANGED)?;
    for id in &rows.order {
        let Some(person) = rows.people.get(id) else { continue };
        let change = Change::of(rows, id);
        let Some(reason) = &change.reason else {
            continue;
        };
        let cells = [
            Cell::Text(&person.area),
            Cell::Text(&person.full_name),
            Cell::Text(&person.birth_year),
            Cell::Money(change.before),
            Cell::Money(change.now),
            Cell::Money(change.other),
            Cell::Text(reason),
        ];
        changed.row(Style::Plain, &cells)?;
    }
    let title = format!("DANH SÁCH CHƯA CHI THÁNG {month}");
    let mut not_paid = Sheet::start((1, "Chưa chi"), &title, &[], HELD)?;
    for id in &rows.order {
        let (Some(person), Some(held)) = (rows.people.get(id), rows.held.get(id)) else {
            continue;
        };
        for own in held {
            let cells = [
                Cell::Text(&person.area),
                Cell::Text(&person.full_name),
                Cell::Text(&person.birth_year),
                Cell::Text(&format!("{:02}/{}", own.cover_month % 100, own.cover_month / 100)),
                Cell::Money(own.amount),
                Cell::Text(&held_reason(&own.reason)),
            ];
            not_paid.row(Style::Plain, &cells)?;
        }
    }
    Ok(Draft {
        title: format!("Biến động tháng {month}"),
        rows: 0,
        sum: 0,
        sheets: vec![changed.done()?, not_paid.done()?],
    })
}

/// One person's money beside that of the month before, đồng: the regular money of both months, and what a list has beside
/// it. The regular money of one list is what the next one begins with, so that two lists that follow each other tie.
pub(super) struct Change {
    /// Regular money of the month before.
    pub(super) before: i64,
    /// Regular money of the month.
    pub(super) now: i64,
    /// Arrears, reissues and what is paid once, less what is kept back.
    pub(super) other: i64,
    /// Why any of it is not what it was; none where it is, and there is nothing beside.
    pub(super) reason: Option<String>,
}

impl Change {
    pub(super) fn of(rows: &RunRows, id: &Uuid) -> Self {
        let nothing = Paid::default();
        let paid = rows.paid.get(id).unwrap_or(&nothing);
        let before = rows.before.get(id).copied().unwrap_or(0);
        let now = paid.sum(&[LineKind::Regular]);
        // A month paid again after it came back may have been in the month before twice.
        let unnamed = || (now != before).then(|| "Thay đổi so với danh sách tháng trước".to_owned());
        Self {
            before,
            now,
            other: paid.gross() - now - paid.deducted,
            reason: reason(rows, (id, paid)).or_else(unnamed),
        }
    }

    /// The month before, the month, the difference, what is beside it, and what is paid.
    pub(super) const fn figures(&self) -> [i64; 5] {
        [
            self.before,
            self.now,
            self.now - self.before,
            self.other,
            self.now + self.other,
        ]
    }
}

/// Why a person's money differs from last month's, and what else there is; none where there is nothing to tell.
fn reason(rows: &RunRows, (id, paid): (&Uuid, &Paid)) -> Option<String> {
    let discreet = rows.people.get(id).is_none_or(|person| person.protected);
    let steps = rows.steps.get(id).map(Vec::as_slice).unwrap_or_default();
    let mut reasons: Vec<String> = steps.iter().map(|step| rows.telling.of(step, discreet)).collect();
    let back = months(paid, LineKind::Arrears);
    if !back.is_empty() {
        reasons.push(format!("Truy lĩnh tháng {}", back.join(", ")));
    }
    let again = months(paid, LineKind::Reissue);
    if !again.is_empty() {
        reasons.push(format!("Chi lại tháng {} do trả về", again.join(", ")));
    }
    if paid.sum(&[LineKind::OneOff]) > 0 {
        reasons.push("Chi hỗ trợ một lần".to_owned());
    }
    if paid.deducted > 0 {
        reasons.push(format!(
            "Thu hồi {} đồng chi thừa, thực nhận {} đồng",
            print::dong(paid.deducted),
            print::dong(paid.gross() - paid.deducted)
        ));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

fn months(paid: &Paid, kind: LineKind) -> Vec<String> {
    let own = paid.lines.iter().filter(|own| own.line.kind == kind);
    own.map(|own| format!("{:02}/{}", own.line.cover_month % 100, own.line.cover_month / 100))
        .collect()
}
