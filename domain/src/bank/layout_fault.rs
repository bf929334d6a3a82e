//! What is wrong with the tables of a profile, by its place.

use std::collections::BTreeSet;

use super::{ColumnField, Encoding, ResultLayout, TableLayout};

/// Everything that would keep a payment table from being written, or its answers from being matched.
pub(super) fn of_table(table: &TableLayout, encoding: Encoding, found: &mut impl FnMut(&str, &'static str)) {
    unwritable(table, encoding, found);
    let of = |field| table.columns.iter().any(|column| column.field == field);
    if !of(ColumnField::Amount) || !of(ColumnField::Account) {
        found("/table/columns", "missing");
    }
    // Without our reference no answer could ever be matched.
    if !of(ColumnField::Reference) && !of(ColumnField::Remittance) {
        found("/table/columns", "reference_missing");
    }
    if table.columns.len() > 100 || table.header_rows.len() > 100 {
        found("/table/columns", "too_many");
    }
    let mut headings = BTreeSet::new();
    for (place, column) in table.columns.iter().enumerate() {
        let pointer = format!("/table/columns/{place}/heading");
        if column.heading.trim().is_empty() || column.heading.chars().count() > 100 {
            found(&pointer, "length");
        } else if !headings.insert(column.heading.trim()) {
            found(&pointer, "twice");
        }
        if !(1..=255).contains(&column.width) {
            found(&format!("/table/columns/{place}/width"), "range");
        }
    }
    // What Excel allows in the name of a sheet.
    let sheet = &table.sheet;
    let forbidden = ['[', ']', ':', '*', '?', '/', '\\', '\''];
    if sheet.trim().is_empty() || sheet.chars().count() > 31 || sheet.contains(forbidden) {
        found("/table/sheet", "sheet_name");
    }
}

/// Headings and rows above them that the encoding has not.
fn unwritable(table: &TableLayout, encoding: Encoding, found: &mut impl FnMut(&str, &'static str)) {
    for (place, column) in table.columns.iter().enumerate() {
        if !encoding.has(&column.heading) {
            found(&format!("/table/columns/{place}/heading"), "not_in_encoding");
        }
    }
    for (place, row) in table.header_rows.iter().enumerate() {
        if !encoding.has(row) {
            found(&format!("/table/header_rows/{place}"), "not_in_encoding");
        }
    }
}

/// Everything that would keep a result table from being read.
pub(super) fn of_result(result: &ResultLayout, found: &mut impl FnMut(&str, &'static str)) {
    if result.columns.needed().any(|heading| heading.trim().is_empty()) {
        found("/result/columns", "missing");
    }
    let columns = &result.columns;
    let own = [&columns.reference, &columns.account, &columns.amount, &columns.status];
    if own.iter().collect::<BTreeSet<_>>().len() < own.len() {
        found("/result/columns", "twice");
    }
    if result.statuses.is_empty() {
        found("/result/statuses", "missing");
    }
    // What can't stand in the table would never be found in it.
    if !result.columns.needed().all(|heading| result.encoding.has(heading)) {
        found("/result/columns", "not_in_encoding");
    }
    if !result.statuses.keys().all(|word| result.encoding.has(word)) {
        found("/result/statuses", "not_in_encoding");
    }
    let alike: BTreeSet<String> = result
        .statuses
        .keys()
        .map(|word| crate::name::search_key(word))
        .collect();
    if alike.len() < result.statuses.len() || result.statuses.keys().any(|word| word.trim().is_empty()) {
        found("/result/statuses", "twice");
    }
    if result.thousands.is_some_and(|sign| !matches!(sign, '.' | ',' | ' ')) {
        found("/result/thousands", "sign");
    }
}
