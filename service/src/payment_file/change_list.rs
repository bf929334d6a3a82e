//! The communes' own list: who is new, changed or gone, and who is not paid and why.

use entity::enums::LineKind;
use entity::pay_run;
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::change::held_reason;
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
    ("Thay đổi", 60.0),
];

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
    let mut changed = Sheet::start((0, "Biến động"), &title, &[], CHANGED)?;
    for id in &rows.order {
        let Some(person) = rows.people.get(id) else { continue };
        let before = rows.before.get(id).copied().unwrap_or(0);
        let Some(reason) = reason(rows, id) else {
            continue;
        };
        let now = rows.paid.get(id).map_or(0, Paid::gross);
        let cells = [
            Cell::Text(&person.area),
            Cell::Text(&person.full_name),
            Cell::Text(&person.birth_year),
            Cell::Money(before),
            Cell::Money(now),
            Cell::Text(&reason),
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

/// Why a person's money differs from last month's; none where it does not.
pub(super) fn reason(rows: &RunRows, id: &Uuid) -> Option<String> {
    let nothing = Paid::default();
    let paid = rows.paid.get(id).unwrap_or(&nothing);
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
