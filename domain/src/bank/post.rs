//! What the profile of the post office may say: it gets its orders as a list of cash, a workbook that it fills in and sends
//! back.

use super::{BankProfile, ColumnField, FileFormat, ProfileFault, SameAccount};

/// What a list of cash shows.
const SHOWN: [ColumnField; 9] = [
    ColumnField::Number,
    ColumnField::Reference,
    ColumnField::Account,
    ColumnField::Name,
    ColumnField::AsciiName,
    ColumnField::Area,
    ColumnField::Amount,
    ColumnField::Currency,
    ColumnField::Blank,
];

/// Everything of a profile that a list of cash can't be, beside the faults of all profiles.
pub(super) fn of_post(profile: &BankProfile) -> Vec<ProfileFault> {
    let mut faults = Vec::new();
    let mut found = |pointer: &str, code| faults.push(ProfileFault::at(pointer, code));
    // A workbook to be signed is not measured, and the post office has no cut-off.
    for (said, pointer) in [
        (profile.format != FileFormat::Xlsx, "/format"),
        (profile.max_bytes.is_some(), "/max_bytes"),
        (profile.cut_off.is_some(), "/cut_off"),
        (profile.same_account != SameAccount::Merge, "/same_account"),
    ] {
        if said {
            found(pointer, "not_for_post");
        }
    }
    let Some(table) = &profile.table else {
        return faults;
    };
    if !table.header_rows.is_empty() {
        found("/table/header_rows", "not_for_post");
    }
    for (place, column) in table.columns.iter().enumerate() {
        if !SHOWN.contains(&column.field) {
            found(&format!("/table/columns/{place}/field"), "not_for_post");
        }
    }
    let of = |field| table.columns.iter().any(|column| column.field == field);
    if !of(ColumnField::Reference) || !(of(ColumnField::Name) || of(ColumnField::AsciiName)) {
        found("/table/columns", "missing");
    }
    match &profile.result {
        None => found("/result", "missing"),
        // The list comes back with these columns filled in.
        Some(result) => {
            let headings = |wanted: &str| table.columns.iter().any(|column| column.heading == wanted);
            if !result.columns.needed().all(headings) {
                found("/result/columns", "not_in_table");
            }
        }
    }
    faults
}

/// What only a list of cash shows, in the profile of a bank.
pub(super) fn of_bank(profile: &BankProfile) -> Vec<ProfileFault> {
    let columns = profile.table.iter().flat_map(|table| table.columns.iter().enumerate());
    columns
        .filter(|(_, column)| column.field == ColumnField::Area)
        .map(|(place, _)| ProfileFault::at(format!("/table/columns/{place}/field"), "for_post_only"))
        .collect()
}
