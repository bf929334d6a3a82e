//! The treasury's beneficiary list in the shape of Mẫu 09 (NĐ 11/2020/NĐ-CP): who gets how much on which account, the
//! total in words, and in part II each change against the month before.

use domain::{Vnd, words};
use entity::enums::{Channel, LineKind};
use entity::pay_run;

use crate::entitlement::is_confidential;
use crate::error::Error;
use crate::payment_file::rows::{Paid, RunRows};
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook};

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
    ("Lý do", 60.0),
];

/// The workbook.
pub(super) fn write(run: &pay_run::Model, rows: &RunRows, law: &str) -> Result<Vec<u8>, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let title = format!(
        "BẢNG THANH TOÁN CHO ĐỐI TƯỢNG THỤ HƯỞNG TRỢ GIÚP XÃ HỘI THÁNG {:02}/{}",
        month.number(),
        month.year()
    );
    let mut book = workbook(&title, run.approved_at.unwrap_or(run.created_at))?;
    let look = Look::new();
    let paid_out = run.total - run.deducted;
    let total = Vnd::new(paid_out).map_err(Error::internal)?;
    let mut notes = vec![
        "Đơn vị: Sở quản lý trợ giúp xã hội tỉnh Quảng Ninh. Phần I: danh sách chi trả".to_owned(),
        format!("Tổng số tiền: {paid_out} đồng"),
        format!("Bằng chữ: {}", words::in_words(total)),
    ];
    if run.deducted > 0 {
        notes.push(format!(
            "Trong đó: tổng mức hưởng {} đồng, thu hồi khoản chi thừa {} đồng theo quyết định có hiệu lực",
            run.total, run.deducted
        ));
    }
    let sheet = book.add_worksheet_with_low_memory()?.set_name("I. Danh sách")?;
    let mut at = start(sheet, &look, &title, &notes, COLUMNS)?;
    let mut number = 0;
    let mut sums = [0_i64; 5];
    for id in &rows.order {
        let (Some(person), Some(paid)) = (rows.people.get(id), rows.paid.get(id)) else {
            continue;
        };
        number += 1;
        let amounts = [
            paid.sum(&[LineKind::Regular]),
            paid.sum(&[LineKind::Arrears, LineKind::Reissue]),
            paid.sum(&[LineKind::OneOff]),
            paid.deducted,
            paid.gross() - paid.deducted,
        ];
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            *sum += amount;
        }
        let groups = if confidential(paid) || person.protected {
            "x".to_owned()
        } else {
            paid.groups()
        };
        let account = paid.lines.first().map(|(_, account)| account);
        let bank = account.map_or("", |own| match own.channel {
            Channel::PostCash => "Bưu điện",
            Channel::BankTransfer => own.bank_code.as_deref().unwrap_or(""),
        });
        let holder = account.map_or("", |own| own.holder_name.as_str());
        let cells = [
            Cell::Money(number),
            Cell::Text(&person.full_name),
            Cell::Text(&person.citizen_id),
            Cell::Text(&person.area),
            Cell::Text(&groups),
            Cell::Text(holder),
            Cell::Text(account.map_or("", |own| own.account_number.as_str())),
            Cell::Text(bank),
            Cell::Money(amounts[0]),
            Cell::Money(amounts[1]),
            Cell::Money(amounts[2]),
            Cell::Money(amounts[3]),
            Cell::Money(amounts[4]),
            Cell::Text(if holder == person.full_name { "" } else { "Nhận thay" }),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    let mut closing: Vec<Cell<'_>> = vec![Cell::Text(""), Cell::Text("Tổng cộng")];
    closing.extend((2..8).map(|_| Cell::Text("")));
    closing.extend(sums.map(Cell::Money));
    closing.push(Cell::Text(""));
    row(sheet, at, &look.total, &look.total_money, &closing)?;
    let signatures = ["Người lập bảng", "Kế toán", "Thủ trưởng đơn vị", "Kho bạc Nhà nước"];
    for (column, who) in [1, 4, 7, 10].into_iter().zip(signatures) {
        sheet.write_with_format(at + 2, column, who, &look.note)?;
    }
    changes(&mut book, &look, rows, law)?;
    Ok(book.save_to_buffer()?)
}

fn changes(book: &mut rust_xlsxwriter::Workbook, look: &Look, rows: &RunRows, law: &str) -> Result<(), Error> {
    let sheet = book.add_worksheet_with_low_memory()?.set_name("II. Thay đổi")?;
    let notes = vec!["Phần II: giải trình từng thay đổi so với tháng trước".to_owned()];
    let mut at = start(sheet, look, "THUYẾT MINH THAY ĐỔI SO VỚI THÁNG TRƯỚC", &notes, CHANGES)?;
    let mut number = 0;
    for id in &rows.order {
        let Some(person) = rows.people.get(id) else { continue };
        let before = rows.before.get(id).copied().unwrap_or(0);
        let paid = rows.paid.get(id);
        let now = paid.map_or(0, Paid::gross);
        let Some(reason) = reason(rows, id, before, law) else {
            continue;
        };
        number += 1;
        let cells = [
            Cell::Money(number),
            Cell::Text(&person.full_name),
            Cell::Text(&person.citizen_id),
            Cell::Text(&person.area),
            Cell::Money(before),
            Cell::Money(now),
            Cell::Money(now - before),
            Cell::Text(&reason),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    Ok(())
}

fn confidential(paid: &Paid) -> bool {
    paid.lines.iter().any(|(line, _)| is_confidential(&line.group_code))
}

/// Why a person's money differs from last month's; none where it does not.
pub(super) fn reason(rows: &RunRows, id: &uuid::Uuid, before: i64, law: &str) -> Option<String> {
    let nothing = Paid::default();
    let paid = rows.paid.get(id).unwrap_or(&nothing);
    let regular = paid.sum(&[LineKind::Regular]);
    let mut reasons = Vec::new();
    if before == 0 && regular > 0 {
        reasons.push("Mới hưởng trợ cấp".to_owned());
    } else if before > 0 && regular == 0 {
        let held = rows.held.get(id).and_then(|held| held.first());
        reasons.push(held.map_or("Thôi hưởng trợ cấp".to_owned(), |held| {
            format!("Chưa chi: {}", held_reason(&held.reason))
        }));
    } else if regular != before {
        let (rises, to) = if regular > before {
            ("Tăng", "lên")
        } else {
            ("Giảm", "xuống")
        };
        reasons.push(format!(
            "{rises} mức trợ cấp từ {before} {to} {regular} đồng theo {law}"
        ));
    }
    let back: Vec<String> = months(paid, LineKind::Arrears);
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
            paid.deducted,
            paid.gross() - paid.deducted
        ));
    }
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

fn months(paid: &Paid, kind: LineKind) -> Vec<String> {
    let own = paid.lines.iter().filter(|(line, _)| line.kind == kind);
    own.map(|(line, _)| format!("{:02}/{}", line.cover_month % 100, line.cover_month / 100))
        .collect()
}

/// Why an amount is held, in Vietnamese.
pub(crate) fn held_reason(code: &str) -> String {
    match code {
        "no_payee_account" => "chưa có tài khoản hoặc người nhận".to_owned(),
        "reported_deceased" => "ngân hàng báo người hưởng đã mất, chờ xác minh".to_owned(),
        "payee_reported_deceased" => "ngân hàng báo người nhận thay đã mất, chờ đổi người nhận".to_owned(),
        "excluded" => "người lập danh sách để lại".to_owned(),
        "batch_debit_open" => "ngân hàng đã ghi nợ cả tệp, chờ rõ tiền của lệnh bị từ chối".to_owned(),
        "no_heir_account" => "người hưởng đã mất, chưa có người nhận thay".to_owned(),
        "area_type_special_without_rule" => "đặc khu: chưa có quy định mức thành thị hay nông thôn".to_owned(),
        "small_pension_without_rule" => "lương hưu thấp hơn trợ cấp: chưa có quy định chi phần chênh lệch".to_owned(),
        other => match other.strip_prefix("returned_") {
            Some(reason) => format!("ngân hàng trả về ({}), chờ sửa tài khoản", reason.to_uppercase()),
            None => other.to_owned(),
        },
    }
}
