//! Which files a run has, and which order stands in which: planned at submission, and standing from approval on.

use std::collections::BTreeSet;

use domain::ids;
use domain::payment_file::{
    AccountHashTotal, Channel, FARTHEST_DAYS, Fault, FaultCode, FilePart, FileTerms, check_file, check_header, split,
};
use entity::enums::{FileKind, FileStatus, PayRunKind};
use entity::{pay_run, payment_file, payment_order};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode, Text};
use crate::pay_run::digest::SignedLine;
use crate::pay_run::sealed::Sums;
use crate::payment_file::figures::Figures;
use crate::payment_file::terms::{self, Terms, beyond_limit, unsplittable};
use crate::payment_file::treasury_list::{Told, Totals};
use crate::payment_file::{instruction, render, told};
use crate::{bank_profile, pay_calendar};

/// Files that order payments.
const SENT: [FileKind; 3] = [FileKind::Pain001, FileKind::PaymentTable, FileKind::PostList];

/// The files of a run, and its orders with the file each stands in. On which day each is executed is said once they stand
/// ([`at_approval`]).
///
/// # Errors
/// `conflict` where a bank would refuse a file, by its profile or by the rules of all files: the run can't be approved
/// as it is.
pub(crate) async fn plan(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    lines: &[SignedLine],
    mut orders: Vec<payment_order::Model>,
) -> Result<(Vec<payment_file::Model>, Vec<payment_order::Model>), Error> {
    let current = bank_profile::current(txn.conn()).await?;
    let calendar = pay_calendar::load(txn.conn()).await?;
    let terms = Terms::now(&current, &orders, crate::pay_run::fund_code(run))?;
    told::complete(txn, run, lines, &terms, &mut orders).await?;
    let instructions = orders
        .iter()
        .map(|order| instruction::of(run, order.into(), terms.of(order)?))
        .collect::<Result<Vec<_>, _>>()?;
    let parts = split(instructions, &current.profiles).map_err(|error| unsplittable(&error, &orders, &terms))?;
    let mut files = Vec::new();
    let mut placed: Vec<(String, Uuid)> = Vec::with_capacity(orders.len());
    let mut papers = Vec::new();
    for part in parts {
        let of_part = terms.of_file(part.bank_code.as_deref())?;
        let file = payment(app, run, &part, of_part, files.len())?;
        let on_its_day = terms::approved(of_part.clone(), &calendar, run);
        require_sendable(app, run, &file, &on_its_day, &part)?;
        placed.extend(part.instructions.into_iter().map(|line| (line.reference, file.id)));
        if file.kind == FileKind::PostList {
            papers.push((paper_name(&file.name), file.order_count, file.sum));
        }
        files.push(file);
    }
    placed.sort_unstable();
    for order in &mut orders {
        let at = placed.binary_search_by(|(reference, _)| reference.as_str().cmp(&order.reference));
        order.file_id = at.ok().and_then(|at| placed.get(at)).map(|(_, file)| *file);
    }
    let figures = Figures::of(txn, run, &Sums::of(lines), &files).await?;
    let list = row(app, run, FileKind::TreasuryList, "treasury-list.xlsx", files.len())?;
    files.push(payment_file::Model {
        terms: Some(Told::of(&app.unit, figures.sources()).kept()?),
        ..Totals::of(lines)?.planned(list)
    });
    // The communes filed the relief themselves.
    if run.kind != PayRunKind::Relief {
        files.push(row(app, run, FileKind::ChangeList, "change-list.xlsx", files.len())?);
    }
    for (name, order_count, sum) in papers {
        files.push(payment_file::Model {
            order_count,
            sum,
            ..row(app, run, FileKind::PostPaper, &name, files.len())?
        });
    }
    let own = row(
        app,
        run,
        FileKind::TreasuryFigures,
        "treasury-figures.xlsx",
        files.len(),
    )?;
    files.push(with_figures(own, &figures)?);
    Ok((files, orders))
}

fn with_figures(file: payment_file::Model, figures: &Figures) -> Result<payment_file::Model, Error> {
    Ok(payment_file::Model {
        order_count: figures.orders,
        sum: figures.sum,
        terms: Some(serde_json::to_string(figures)?),
        ..file
    })
}

/// Would the planned files of a run be planned the same now, and may they be sent on the day it is approved?
pub(crate) async fn holds(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    files: &[payment_file::Model],
) -> Result<bool, Error> {
    let current = bank_profile::current(txn.conn()).await?;
    let calendar = pay_calendar::load(txn.conn()).await?;
    let fund = crate::pay_run::fund_code(run);
    let mut named = BTreeSet::new();
    for file in files.iter().filter(|file| SENT.contains(&file.kind)) {
        let terms = terms::now(&current, file.bank_code.as_deref(), fund)?;
        // Planned by a release that did not keep the id of its batch, it is planned anew.
        if file.batch_id.is_none() || file.terms != Some(serde_json::to_string(&terms)?) {
            return Ok(false);
        }
        if told::names(&terms) {
            named.insert(file.id);
        }
        let header = render::header(app, run, file, &terms::approved(terms, &calendar, run))?;
        if !check_header(&header).is_empty() {
            return Ok(false);
        }
    }
    Ok(named.is_empty() || told::names_hold(txn.conn(), run.id, named).await?)
}

/// Planned files as they stand from the approval of their run on: with its time, with the day on which each is executed,
/// and with the figures of its day.
pub(crate) async fn at_approval(
    txn: &Txn,
    run: &pay_run::Model,
    sums: &Sums,
    files: Vec<payment_file::Model>,
) -> Result<Vec<payment_file::Model>, Error> {
    let figures = Figures::of(txn, run, sums, &files).await?;
    let calendar = pay_calendar::load(txn.conn()).await?;
    let mut standing = Vec::with_capacity(files.len());
    for mut file in files {
        file.created_at = run.approved_at.unwrap_or(file.created_at);
        standing.push(match file.kind {
            FileKind::TreasuryFigures => with_figures(file, &figures)?,
            FileKind::TreasuryList => payment_file::Model {
                terms: Some(Told::read(file.terms.as_deref()).drawn_on(figures.sources()).kept()?),
                ..file
            },
            kind if SENT.contains(&kind) => {
                let terms = terms::approved(terms::of_file(&file)?, &calendar, run);
                payment_file::Model {
                    terms: Some(serde_json::to_string(&terms)?),
                    ..file
                }
            }
            _ => file,
        });
    }
    Ok(standing)
}

/// A file that a bank or the post would refuse is not approved.
fn require_sendable(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    terms: &FileTerms,
    part: &FilePart,
) -> Result<(), Error> {
    let header = render::header(app, run, file, terms)?;
    let faults = check_file(&header, &terms.profile, part.channel, &part.instructions);
    let Some(first) = faults.first() else { return Ok(()) };
    let told = told_of(first, terms, part);
    let (vi, en) = (
        format!("Tệp {} sẽ bị từ chối: {}", file.name, told.vi),
        format!("the file {} would be refused: {}", file.name, told.en),
    );
    let fields = faults.iter().take(20).map(|fault| {
        let Text { vi, en } = told_of(fault, terms, part);
        FieldError::new(format!("/files/{}", file.name), fault.code.code(), vi, en)
    });
    Err(Error {
        fields: fields.collect(),
        ..Error::because(ProblemCode::Conflict, vi, en)
    })
}

/// What is wrong with a file or a line, in words.
fn told_of(fault: &Fault, terms: &FileTerms, part: &FilePart) -> Text {
    let line = part.instructions.iter().find(|line| line.reference == fault.reference);
    let beyond = terms.profile.max_line_amount.zip(line);
    let beyond = beyond.filter(|(most, line)| line.amount > *most);
    match (fault.code, beyond) {
        // What several people get together is never beyond the limit: this is one person's.
        (FaultCode::AmountOutOfRange, Some((most, line))) => {
            beyond_limit(&line.reference, &line.name, line.amount, most)
        }
        (FaultCode::DateTooFar, _) => Text::new(
            format!("{fault}: ngày đề nghị thực hiện sau ngày duyệt quá {FARTHEST_DAYS} ngày"),
            format!("{fault}: the day of execution is more than {FARTHEST_DAYS} days after the approval"),
        ),
        (FaultCode::NotInEncoding, _) => Text::new(
            format!("{fault}: tên có chữ mà bảng mã của tệp không viết được"),
            format!("{fault}: a letter of the name can't be written in the encoding of the file"),
        ),
        _ => Text::new(fault.to_string(), fault.to_string()),
    }
}

const WORKBOOK: &str = ".xlsx";
const PAPER: &str = ".pdf";

/// The printable list beside a workbook of the post.
pub(super) fn paper_name(workbook: &str) -> String {
    format!("{}{PAPER}", workbook.strip_suffix(WORKBOOK).unwrap_or(workbook))
}

/// The workbook beside a printable list of the post: orders stand in one file, and both lists print them.
pub(super) fn workbook_name(paper: &str) -> String {
    format!("{}{WORKBOOK}", paper.strip_suffix(PAPER).unwrap_or(paper))
}

fn payment(
    app: &App,
    run: &pay_run::Model,
    part: &FilePart,
    terms: &FileTerms,
    position: usize,
) -> Result<payment_file::Model, Error> {
    let format = terms.profile.format;
    let (kind, name) = match (part.channel, format.message()) {
        (Channel::BankTransfer, Some(_)) => (FileKind::Pain001, format!("pain001-{}.xml", part.key())),
        (Channel::BankTransfer, None) => {
            let name = format!("orders-{}.{}", part.key(), format.extension());
            (FileKind::PaymentTable, name)
        }
        (Channel::PostCash, _) => (FileKind::PostList, format!("cash-list-{}.xlsx", part.key())),
    };
    let mut accounts = AccountHashTotal::default();
    for line in &part.instructions {
        accounts.add(&line.account_key());
    }
    let key = format!("{}:{name}", crate::pay_run::natural_key(run));
    Ok(payment_file::Model {
        bank_code: part.bank_code.clone(),
        message_id: Some(ids::reference(app.secret.ids(), "payment_file", &key)),
        batch_id: Some(crate::pay_run::batch_id(app, run, &name)),
        order_count: i64::try_from(part.instructions.len()).map_err(Error::internal)?,
        sum: part.sum.dong(),
        account_hash_total: accounts.to_string(),
        terms: Some(serde_json::to_string(terms)?),
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
        account_hash_total: String::new(),
        sha256: None,
        size: None,
        status: FileStatus::Pending,
        acknowledged_by: None,
        acknowledged_at: None,
        position: i32::try_from(position).map_err(Error::internal)?,
        version: 1,
        created_at: app.clock.now(),
        terms: None,
        seal: None,
        batch_id: None,
    })
}
