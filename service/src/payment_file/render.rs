//! Writing a file's bytes from its approved run.

use std::collections::BTreeMap;
use std::slice;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::Vnd;
use domain::payment_file::{
    AccountHashTotal, Channel, FileError, FileHeader, FileTerms, Instruction, around_lines, check_file, check_header,
    execution_date, require_size, write_file,
};
use entity::enums::FileKind;
use entity::{instrument, pay_run, payment_file, release};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::payment_file::beside::lists_of;
use crate::payment_file::cash::Cash;
use crate::payment_file::content::{self, Packed};
use crate::payment_file::order::{self, FileOrder};
use crate::payment_file::rows::{self, RunRows};
use crate::payment_file::{change_list, figures, instruction, post_list, post_paper, prepared, terms, treasury_list};
use crate::sheet::draft::Draft;

/// What is left to do of a file once everything is read: no database, all computing.
type Writing = Box<dyn FnOnce() -> Result<Vec<u8>, Error> + Send>;

/// The same until it is ready to be kept.
type Packing = Box<dyn FnOnce() -> Result<Packed, Error> + Send>;

/// The same of a list without its date.
type Drafting = Box<dyn FnOnce() -> Result<Draft, Error> + Send>;

/// The bytes of a file, from the lines and orders of its run.
pub(crate) async fn render(app: &App, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let writing = Sources::of(app, file.pay_run_id).await?.writing(app, file).await?;
    tokio::task::spawn_blocking(writing).await.map_err(Error::internal)?
}

/// Files of one run, ready to be kept: what several of them show is read once, and they are written side by side.
pub(super) async fn pack(
    app: &App,
    files: Vec<payment_file::Model>,
) -> Result<Vec<(payment_file::Model, Packed)>, Error> {
    let Some(first) = files.first() else {
        return Ok(Vec::new());
    };
    let mut sources = Sources::of(app, first.pay_run_id).await?;
    let mut packings = Vec::with_capacity(files.len());
    for file in &files {
        if file.pay_run_id != first.pay_run_id {
            return Err(Error::internal("the files are not of one run"));
        }
        packings.push(tokio::task::spawn_blocking(sources.packing(app, file).await?));
    }
    drop(sources);
    let mut packed = Vec::with_capacity(files.len());
    for (file, packing) in files.into_iter().zip(packings) {
        packed.push((file, packing.await.map_err(Error::internal)??));
    }
    Ok(packed)
}

/// What files of one run are written from, read at most once.
struct Sources {
    run: Arc<pay_run::Model>,
    rows: Option<Arc<RunRows>>,
    /// By the file the orders stand in.
    cash: BTreeMap<Uuid, Arc<Cash>>,
    looked: prepared::Looked,
}

impl Sources {
    async fn of(app: &App, run: Uuid) -> Result<Self, Error> {
        Ok(Self {
            run: Arc::new(crate::pay_run::find(app.db.read(), run).await?),
            rows: None,
            cash: BTreeMap::new(),
            looked: prepared::Looked::default(),
        })
    }

    /// Reads what the file is written from, or what of it is prepared.
    async fn packing(&mut self, app: &App, file: &payment_file::Model) -> Result<Packing, Error> {
        if file.kind == FileKind::Pain001
            && let Some(lines) = prepared::bank_lines(app, &self.run, file).await?
        {
            let terms = terms::of_file(file)?;
            let (header, file) = (header(app, &self.run, file, &terms)?, file.clone());
            return Ok(Box::new(move || around(&file, (&header, &terms), &lines)));
        }
        let (writing, name) = (self.writing(app, file).await?, file.name.clone());
        Ok(Box::new(move || content::pack(&name, &writing()?)))
    }

    /// Reads what the file is written from.
    async fn writing(&mut self, app: &App, file: &payment_file::Model) -> Result<Writing, Error> {
        let run = Arc::clone(&self.run);
        let writing: Writing = match file.kind {
            FileKind::Pain001 | FileKind::PaymentTable => to_bank(app, run, file).await?,
            FileKind::PostList => {
                let terms = terms::of_file(file)?;
                let (header, file) = (header(app, &run, file, &terms)?, file.clone());
                match prepared::cash_list(app, &run, &file).await? {
                    Some(draft) => Box::new(move || {
                        require_header(&file, &header)?;
                        draft.dated(approved_at(&run))
                    }),
                    None => {
                        let cash = self.cash(app, &file).await?;
                        Box::new(move || {
                            require_sendable(&run, &file, (&header, &terms), &cash)?;
                            post_list::draft(&run, &cash, &terms.profile)?.dated(approved_at(&run))
                        })
                    }
                }
            }
            FileKind::PostPaper => {
                let list = workbook(app, file).await?;
                match prepared::cash_paper(app, &run, (file, &list)).await? {
                    Some(bytes) => Box::new(move || Ok(bytes)),
                    None => {
                        let cash = self.cash(app, &list).await?;
                        Box::new(move || post_paper::write(&run, &cash))
                    }
                }
            }
            FileKind::TreasuryFigures => {
                let file = file.clone();
                Box::new(move || figures::write(&run, &file))
            }
            FileKind::TreasuryList => {
                let (draft, file) = (self.list(app, file).await?, file.clone());
                Box::new(move || treasury_list::write(&run, &file, draft()?))
            }
            FileKind::ChangeList => {
                let draft = self.list(app, file).await?;
                Box::new(move || draft()?.dated(approved_at(&run)))
            }
        };
        Ok(writing)
    }

    /// A list of the run without its date: as it was prepared, or else written now.
    async fn list(&mut self, app: &App, file: &payment_file::Model) -> Result<Drafting, Error> {
        if let Some(draft) = prepared::list(app, &self.run, file, &mut self.looked).await? {
            return Ok(Box::new(move || Ok(draft)));
        }
        let (run, rows) = (Arc::clone(&self.run), self.rows(app).await?);
        let (kind, terms) = (file.kind, file.terms.clone());
        Ok(Box::new(move || draft(&run, (kind, terms.as_deref()), &rows)))
    }

    /// The rows of both lists of the run.
    async fn rows(&mut self, app: &App) -> Result<Arc<RunRows>, Error> {
        if let Some(rows) = &self.rows {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(rows_of(app, &self.run).await?);
        self.rows = Some(Arc::clone(&rows));
        Ok(rows)
    }

    /// The orders of a cash list, for its workbook and its paper.
    async fn cash(&mut self, app: &App, list: &payment_file::Model) -> Result<Arc<Cash>, Error> {
        if let Some(cash) = self.cash.get(&list.id) {
            return Ok(Arc::clone(cash));
        }
        let cash = Arc::new(Cash::approved(app, &self.run, list).await?);
        self.cash.insert(list.id, Arc::clone(&cash));
        Ok(cash)
    }
}

/// The date of workbooks.
pub(super) fn approved_at(run: &pay_run::Model) -> DateTime<Utc> {
    run.approved_at.unwrap_or(run.created_at)
}

/// What both lists of a run are written from.
pub(super) async fn rows_of(app: &App, run: &pay_run::Model) -> Result<RunRows, Error> {
    let law = law_of(app, run).await?;
    rows::load(app, run, law).await
}

/// A list of a run without its date: of this kind, and planned with these terms.
pub(super) fn draft(
    run: &pay_run::Model,
    (kind, terms): (FileKind, Option<&str>),
    rows: &RunRows,
) -> Result<Draft, Error> {
    match kind {
        FileKind::TreasuryList => treasury_list::draft(run, terms, rows),
        FileKind::ChangeList => change_list::draft(run, rows),
        _ => Err(Error::internal("not a list of a run")),
    }
}

/// The workbook that a printable list says the same as.
async fn workbook(app: &App, paper: &payment_file::Model) -> Result<payment_file::Model, Error> {
    let mut lists = lists_of(app.db.read(), slice::from_ref(paper)).await?;
    lists.remove(&paper.id).ok_or_else(Error::not_found)
}

/// The instrument whose publication made the release a run rests on.
async fn law_of(app: &App, run: &pay_run::Model) -> Result<String, Error> {
    let release = release::Entity::find_by_id(run.release_number)
        .one(app.db.read())
        .await?;
    let Some(release) = release else {
        return Ok(String::new());
    };
    let own = instrument::Entity::find_by_id(release.instrument_id)
        .one(app.db.read())
        .await?;
    Ok(own.map_or_else(String::new, |own| own.number))
}

/// A file for a bank: none is built that breaks a rule.
async fn to_bank(app: &App, run: Arc<pay_run::Model>, file: &payment_file::Model) -> Result<Writing, Error> {
    let terms = terms::of_file(file)?;
    let header = header(app, &run, file, &terms)?;
    let (orders, _) = order::approved(app, &run, file).await?;
    let file = file.clone();
    Ok(Box::new(move || for_bank(&run, &file, (&header, &terms), &orders)))
}

fn for_bank(
    run: &pay_run::Model,
    file: &payment_file::Model,
    (header, terms): (&FileHeader, &FileTerms),
    orders: &[FileOrder],
) -> Result<Vec<u8>, Error> {
    let lines = instructions(run, orders.iter().collect(), terms)?;
    let (bytes, own) = write_file(header, &terms.profile, &lines).map_err(|error| unwritable(file, &error))?;
    require_accounts(file, own.account_hash_total)?;
    Ok(bytes)
}

/// The lines alone of a pain.001 under the same rules, deflated: everything but what the header says.
pub(super) fn lines(
    run: &pay_run::Model,
    file: &payment_file::Model,
    (header, terms): (&FileHeader, &FileTerms),
    orders: &[FileOrder],
) -> Result<Vec<u8>, Error> {
    let bytes = for_bank(run, file, (header, terms), orders)?;
    let (head, foot) = around_lines(header, &terms.profile).map_err(|error| unwritable(file, &error.into()))?;
    let lines = bytes.strip_prefix(head.as_slice());
    let lines = lines.and_then(|rest| rest.strip_suffix(foot.as_slice()));
    content::piece(lines.ok_or_else(|| Error::internal("lines stand between header and end"))?)
}

/// The file around such lines.
fn around(
    file: &payment_file::Model,
    (header, terms): (&FileHeader, &FileTerms),
    lines: &[u8],
) -> Result<Packed, Error> {
    let refused = |error: FileError| unwritable(file, &error);
    let (head, foot) = around_lines(header, &terms.profile).map_err(|error| refused(error.into()))?;
    let packed = content::pack_around(&head, lines, &foot)?;
    let bytes = u64::try_from(packed.size).map_err(Error::internal)?;
    require_size(header, &terms.profile, bytes).map_err(refused)?;
    Ok(packed)
}

/// The same rules for what goes to the post office.
pub(super) fn require_sendable(
    run: &pay_run::Model,
    file: &payment_file::Model,
    (header, terms): (&FileHeader, &FileTerms),
    cash: &Cash,
) -> Result<(), Error> {
    let orders = cash.orders.iter().map(|(_, order)| order);
    let lines = instructions(run, orders.collect(), terms)?;
    let faults = check_file(header, &terms.profile, Channel::PostCash, &lines);
    if !faults.is_empty() {
        return Err(unwritable(file, &FileError::Faults(faults)));
    }
    let mut accounts = AccountHashTotal::default();
    for line in &lines {
        accounts.add(&line.account_key());
    }
    require_accounts(file, accounts)
}

/// The rules of a header alone.
fn require_header(file: &payment_file::Model, header: &FileHeader) -> Result<(), Error> {
    let faults = check_header(header);
    if faults.is_empty() {
        return Ok(());
    }
    Err(unwritable(file, &FileError::Faults(faults)))
}

/// A file pays the accounts that it was planned and approved with: its orders are read again after the release.
fn require_accounts(file: &payment_file::Model, accounts: AccountHashTotal) -> Result<(), Error> {
    if accounts.to_string() == file.account_hash_total {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        format!("Tệp {} có tài khoản khác với khi duyệt", file.name),
        format!("the file {} has other accounts than it was approved with", file.name),
    ))
}

fn unwritable(file: &payment_file::Model, error: &FileError) -> Error {
    Error::internal(format!("file {}: {error}", file.name))
}

/// What a file says of each order, in the order of the references.
fn instructions(
    run: &pay_run::Model,
    mut orders: Vec<&FileOrder>,
    terms: &FileTerms,
) -> Result<Vec<Instruction>, Error> {
    orders.sort_unstable_by(|a, b| a.reference.as_bytes().cmp(b.reference.as_bytes()));
    orders
        .into_iter()
        .map(|order| instruction::of(run, order.into(), terms))
        .collect()
}

/// What a payment file says once.
pub(crate) fn header(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    terms: &FileTerms,
) -> Result<FileHeader, Error> {
    let approved_at = run
        .approved_at
        .ok_or_else(|| Error::internal("the run is not approved"))?;
    Ok(FileHeader {
        message_id: file.message_id.clone().unwrap_or_default(),
        payment_information_id: crate::pay_run::batch_of(app, run, file),
        created_at: approved_at,
        execution_date: terms
            .execution_date
            .or(run.execution_date)
            .unwrap_or_else(|| execution_date(run.pay_date, approved_at)),
        count: u64::try_from(file.order_count).map_err(Error::internal)?,
        sum: Vnd::new(file.sum).map_err(Error::internal)?,
        initiating_party: terms.debtor.name.clone(),
        debtor: terms.debtor.clone(),
    })
}
