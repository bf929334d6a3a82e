//! The cash list as the post office reads it: the workbook itself, by the names of its columns.

use std::io::Cursor;

use calamine::{Data, DataType, Reader, Xlsx};
use domain::Vnd;
use domain::bank_simulator::{BankFile, BankOrder};
use domain::payment_file::Manifest;

const REFERENCE: &str = "Mã lệnh chi";
const AMOUNT: &str = "Số tiền";

/// Reads a cash list; the words say what is wrong with it.
pub(super) fn read(manifest: &Manifest, bytes: &[u8]) -> Result<BankFile, String> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let sheet = book
        .worksheet_range_at(0)
        .ok_or("no sheet")?
        .map_err(|error| error.to_string())?;
    let mut rows = sheet.rows();
    let place = |row: &[Data], name: &str| {
        row.iter()
            .position(|cell| cell.get_string().map(str::trim) == Some(name))
    };
    let (reference, amount) = rows
        .find_map(|row| Some((place(row, REFERENCE)?, place(row, AMOUNT)?)))
        .ok_or_else(|| format!("no columns {REFERENCE}, {AMOUNT}"))?;
    let mut orders = Vec::new();
    for row in rows {
        // Below the orders stands their sum, which has no number in front.
        if row.first().is_none_or(|cell| cell.as_i64().is_none()) {
            break;
        }
        let name = row
            .get(reference)
            .and_then(|cell| cell.get_string())
            .unwrap_or_default();
        let dong = row.get(amount).and_then(|cell| cell.as_i64()).filter(|dong| *dong > 0);
        let amount = dong.and_then(|dong| Vnd::new(dong).ok());
        match (name, amount) {
            ("", _) | (_, None) => return Err(format!("row {}: no reference or no amount", orders.len() + 1)),
            (name, Some(amount)) => orders.push(BankOrder {
                reference: name.to_owned(),
                uetr: None,
                amount,
                account: None,
            }),
        }
    }
    // A list bears no id of its own: run and name are unique for ever, and short names are easier on the eye.
    let id = format!("CASH-{}", manifest.sha256.get(..16).unwrap_or(&manifest.sha256));
    Ok(BankFile::cash(id, manifest.execution_date, orders))
}
