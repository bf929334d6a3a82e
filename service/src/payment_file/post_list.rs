//! The post office's cash list: who comes for how much, with a place to sign, and places to fill in what became of it. Sent
//! back filled in, it is read by the post office's result table ([`domain::bank::BankProfiles::post_result`]).

use domain::bank::{BankProfile, BankProfiles, ColumnField, TableLayout};
use domain::name::{BANK_NAME_LONG, bank_name};
use domain::{Vnd, words};
use entity::pay_run;

use crate::error::Error;
use crate::payment_file::cash::{Cash, receiver};
use crate::print;
use crate::sheet::Cell;
use crate::sheet::draft::Draft;
use crate::sheet::list::{Sheet, Style};

/// The workbook without its date, in the columns of the profile that it was planned with; orders stand as
/// people [look them up](Cash::looked_up).
pub(super) fn draft(run: &pay_run::Model, cash: &Cash, profile: &BankProfile) -> Result<Draft, Error> {
    let (profile, layout) = planned(profile)?;
    let month = crate::pay_run::cover_month(run)?;
    let title = format!(
        "DANH SÁCH CHI TRẢ TIỀN MẶT QUA BƯU ĐIỆN THÁNG {:02}/{}",
        month.number(),
        month.year()
    );
    let orders = cash.looked_up();
    let sum: i64 = orders.iter().map(|(_, order)| order.amount).sum();
    let notes = vec![
        // A month may have several runs, whose lists look alike.
        format!(
            "Đợt chi: {}. Số lệnh chi: {}. Tổng số tiền: {} đồng",
            crate::pay_run::label(run).vi,
            orders.len(),
            print::dong(sum)
        ),
        format!("Bằng chữ: {}", words::in_words(Vnd::new(sum).map_err(Error::internal)?)),
    ];
    let columns: Vec<(&str, f64)> = layout
        .columns
        .iter()
        .map(|column| (column.heading.as_str(), f64::from(column.width)))
        .collect();
    let mut sheet = Sheet::start((0, layout.sheet.as_str()), &title, &notes, &columns)?;
    for (number, (area, order)) in (1..).zip(&orders) {
        let name = receiver(profile.name(&order.holder_name), order);
        let ascii = receiver(bank_name(&order.holder_name, BANK_NAME_LONG), order);
        let cells = layout.columns.iter().map(|column| match column.field {
            ColumnField::Number => Cell::Money(number),
            ColumnField::Reference => Cell::Text(&order.reference),
            ColumnField::Area => Cell::Text(area),
            ColumnField::Name => Cell::Text(&name),
            ColumnField::AsciiName => Cell::Text(&ascii),
            ColumnField::Account => Cell::Text(&order.account_number),
            ColumnField::Amount => Cell::Money(order.amount),
            ColumnField::Currency => Cell::Text("VND"),
            _ => Cell::Text(""),
        });
        sheet.row(Style::Plain, &cells.collect::<Vec<_>>())?;
    }
    if layout.total_row {
        let name = |field| matches!(field, ColumnField::Name | ColumnField::AsciiName);
        let named = layout.columns.iter().position(|column| name(column.field));
        let closing = layout
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| match column.field {
                ColumnField::Amount => Cell::Money(sum),
                _ if Some(place) == named => Cell::Text("Tổng cộng"),
                _ => Cell::Text(""),
            });
        sheet.row(Style::Total, &closing.collect::<Vec<_>>())?;
    }
    Ok(Draft {
        rows: i64::try_from(orders.len()).map_err(Error::internal)?,
        sum,
        sheets: vec![sheet.done()?],
        title,
    })
}

/// The profile of a list, and its columns. One planned before the post office had a profile has those in the program.
fn planned(profile: &BankProfile) -> Result<(&BankProfile, &TableLayout), Error> {
    if let Some(own) = &profile.table {
        return Ok((profile, own));
    }
    let profiles = BankProfiles::embedded().map_err(Error::internal)?;
    let post = profiles.of(BankProfiles::POST);
    let own = post.table.as_ref();
    Ok((
        post,
        own.ok_or_else(|| Error::internal("the program has no list of cash"))?,
    ))
}
