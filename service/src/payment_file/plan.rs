//! Which files a run has, and which order stands in which: decided once, at approval.

use std::collections::BTreeMap;

use domain::bank::BankProfiles;
use domain::ids;
use domain::payment_file::{AccountHashTotal, Channel, FilePart, split};
use entity::enums::{FileKind, FileStatus, PayRunKind};
use entity::{pay_run, payment_file, payment_order};

use crate::app::App;
use crate::error::Error;
use crate::payment_file::instruction;

/// The files of a run, and its orders with the file each stands in.
pub(crate) fn plan(
    app: &App,
    run: &pay_run::Model,
    mut orders: Vec<payment_order::Model>,
) -> Result<(Vec<payment_file::Model>, Vec<payment_order::Model>), Error> {
    let instructions = orders
        .iter()
        .map(|order| instruction::of(run, order))
        .collect::<Result<Vec<_>, _>>()?;
    let parts = split(instructions, BankProfiles::embedded().map_err(Error::internal)?).map_err(Error::internal)?;
    let mut files = Vec::new();
    let mut file_of = BTreeMap::new();
    let mut papers = Vec::new();
    for part in parts {
        let file = payment(app, run, &part, files.len())?;
        file_of.extend(part.instructions.iter().map(|line| (line.reference.clone(), file.id)));
        if file.kind == FileKind::PostList {
            papers.push((paper_name(&file.name), file.order_count, file.sum));
        }
        files.push(file);
    }
    for order in &mut orders {
        order.file_id = file_of.get(&order.reference).copied();
    }
    if run.kind != PayRunKind::Relief {
        for (kind, name) in [
            (FileKind::TreasuryList, "treasury-list.xlsx"),
            (FileKind::ChangeList, "change-list.xlsx"),
        ] {
            files.push(row(app, run, kind, name, files.len())?);
        }
    }
    for (name, order_count, sum) in papers {
        files.push(payment_file::Model {
            order_count,
            sum,
            ..row(app, run, FileKind::PostPaper, &name, files.len())?
        });
    }
    Ok((files, orders))
}

const WORKBOOK: &str = ".xlsx";
const PAPER: &str = ".pdf";

/// The printable list beside a workbook of the post.
fn paper_name(workbook: &str) -> String {
    format!("{}{PAPER}", workbook.strip_suffix(WORKBOOK).unwrap_or(workbook))
}

/// The workbook beside a printable list of the post: orders stand in one file, and both lists print them.
pub(super) fn workbook_name(paper: &str) -> String {
    format!("{}{WORKBOOK}", paper.strip_suffix(PAPER).unwrap_or(paper))
}

fn payment(app: &App, run: &pay_run::Model, part: &FilePart, position: usize) -> Result<payment_file::Model, Error> {
    let (kind, name) = match part.channel {
        Channel::BankTransfer => (FileKind::Pain001, format!("pain001-{}.xml", part.key())),
        Channel::PostCash => (FileKind::PostList, format!("cash-list-{}.xlsx", part.key())),
    };
    let mut accounts = AccountHashTotal::default();
    for line in &part.instructions {
        accounts.add(&line.account_key());
    }
    let key = format!("{}:{name}", crate::pay_run::natural_key(run));
    Ok(payment_file::Model {
        bank_code: part.bank_code.clone(),
        message_id: Some(ids::reference(app.secret.ids(), "payment_file", &key)),
        order_count: i64::try_from(part.instructions.len()).map_err(Error::internal)?,
        sum: part.sum.dong(),
        account_hash_total: accounts.to_string(),
        ..row(app, run, kind, &name, position)?
    })
}

fn row(
    app: &App,
    run: &pay_run::Model,
    kind: FileKind,
    name: &str,
    position: usize,
) -> Result<payment_file::Model, Error> {
    let key = format!("{}:{name}", crate::pay_run::natural_key(run));
    Ok(payment_file::Model {
        id: ids::uuid8(app.secret.ids(), "payment_file", &key),
        pay_run_id: run.id,
        name: name.to_owned(),
        kind,
        bank_code: None,
        message_id: None,
        order_count: 0,
        sum: 0,
        account_hash_total: "0".to_owned(),
        sha256: None,
        size: None,
        status: FileStatus::Pending,
        acknowledged_by: None,
        acknowledged_at: None,
        position: i32::try_from(position).map_err(Error::internal)?,
        version: 1,
        created_at: app.clock.now(),
    })
}
