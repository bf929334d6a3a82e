//! Files that carry orders, prepared: the lines of a pain.001, whose header alone waits for the approval, and the lists of
//! cash. They were written from the orders as they were submitted. When they are used the approval of these is asked, and
//! not the table once more: whatever becomes of it since, the file says what was approved.

use entity::enums::FileKind;
use entity::{pay_run, payment_file};
use serde::{Deserialize, Serialize};

use super::Written;
use super::kept::{joined, readable};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::payment_file::cash::{self, Cash};
use crate::payment_file::plan::workbook_name;
use crate::payment_file::{order, post_list, post_paper, render, terms};
use crate::sheet::draft::Draft;

/// What such a file was written from.
#[derive(Debug, Serialize, Deserialize)]
struct Origin {
    /// SHA-256 over the orders, hexadecimal.
    orders: String,
    order_count: i64,
    /// Đồng.
    sum: i64,
    account_hash_total: String,
    /// SHA-256 over what areas are called, hexadecimal; lists of cash say it.
    areas: Option<String>,
}

impl Origin {
    fn of(file: &payment_file::Model, orders: String, areas: Option<String>) -> Self {
        Self {
            orders,
            order_count: file.order_count,
            sum: file.sum,
            account_hash_total: file.account_hash_total.clone(),
            areas,
        }
    }

    /// Are these the orders that were approved of a file, and would they be written the same now?
    async fn stands(&self, app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<bool, Error> {
        let own = (self.order_count, self.sum, &self.account_hash_total);
        if own != (file.order_count, file.sum, &file.account_hash_total) {
            return Ok(false);
        }
        if let Some(areas) = &self.areas
            && *areas != cash::areas(app).await?
        {
            return Ok(false);
        }
        match crate::pay_run::require_orders(app, run, file, &self.orders).await {
            Ok(()) => Ok(true),
            Err(error) if error.code == ProblemCode::ContentChanged => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// The lines of each pain.001, deflated.
pub(super) async fn write_bank_lines(
    app: &App,
    run: &pay_run::Model,
    files: Vec<payment_file::Model>,
) -> Result<Written, Error> {
    let mut written = Vec::with_capacity(files.len());
    for file in files {
        let (orders, hash) = order::of_file(app, file.id).await?;
        let origin = serde_json::to_vec(&Origin::of(&file, hash, None))?;
        let terms = terms::of_file(&file)?;
        let header = render::header(app, &as_if_approved(app, run), &file, &terms)?;
        let (run, own) = (run.clone(), file.clone());
        let writing = tokio::task::spawn_blocking(move || render::lines(&run, &own, (&header, &terms), &orders));
        written.push((file, joined(&origin, &writing.await.map_err(Error::internal)??)?));
    }
    Ok(written)
}

/// A run as it would be if it were approved at once: rules are asked of a header too.
fn as_if_approved(app: &App, run: &pay_run::Model) -> pay_run::Model {
    pay_run::Model {
        approved_at: run.approved_at.or_else(|| Some(app.clock.now())),
        ..run.clone()
    }
}

/// The workbooks of the post office, each with its paper.
pub(super) async fn write_cash_lists(
    app: &App,
    run: &pay_run::Model,
    files: Vec<payment_file::Model>,
) -> Result<Written, Error> {
    let mut written = Vec::with_capacity(files.len());
    for list in files.iter().filter(|file| file.kind == FileKind::PostList) {
        let cash = Cash::planned(app, list.id).await?;
        let origin = Origin::of(list, cash.hash.clone(), Some(cash.areas.clone()));
        let origin = serde_json::to_vec(&origin)?;
        let terms = terms::of_file(list)?;
        let header = render::header(app, &as_if_approved(app, run), list, &terms)?;
        let papers = files.iter().filter(|file| file.kind == FileKind::PostPaper);
        let papers = papers.filter(|paper| workbook_name(&paper.name) == list.name);
        let (run, list, papers) = (run.clone(), list.clone(), papers.cloned().collect::<Vec<_>>());
        let writing = tokio::task::spawn_blocking(move || {
            render::require_sendable(&run, &list, (&header, &terms), &cash)?;
            let draft = post_list::draft(&run, &cash, &terms.profile)?;
            let mut both = vec![(list, joined(&origin, &draft.to_bytes()?)?)];
            for paper in papers {
                let bytes = post_paper::write(&run, &cash)?;
                both.push((paper, joined(&origin, &bytes)?));
            }
            Ok::<_, Error>(both)
        });
        written.extend(writing.await.map_err(Error::internal)??);
    }
    Ok(written)
}

/// The prepared lines of a pain.001, deflated, where they are of the orders that were approved.
pub(in crate::payment_file) async fn bank_lines(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
) -> Result<Option<Vec<u8>>, Error> {
    standing(app, run, (file, file)).await
}

/// The prepared workbook of the post office, where it says what it would say now.
pub(in crate::payment_file) async fn cash_list(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
) -> Result<Option<Draft>, Error> {
    let bytes = standing(app, run, (file, file)).await?;
    let draft = bytes.and_then(|bytes| Draft::from_bytes(&bytes).ok());
    Ok(draft.filter(|draft| (draft.rows, draft.sum) == (file.order_count, file.sum)))
}

/// The same of the paper beside a workbook, as bytes.
pub(in crate::payment_file) async fn cash_paper(
    app: &App,
    run: &pay_run::Model,
    (paper, list): (&payment_file::Model, &payment_file::Model),
) -> Result<Option<Vec<u8>>, Error> {
    standing(app, run, (paper, list)).await
}

/// What is prepared of a file, where it was written from the orders that were approved of the file they stand in. Where no
/// seal of that file says which these are, its orders are read.
async fn standing(
    app: &App,
    run: &pay_run::Model,
    (file, of_orders): (&payment_file::Model, &payment_file::Model),
) -> Result<Option<Vec<u8>>, Error> {
    if of_orders.seal.is_none() {
        return Ok(None);
    }
    let Some((origin, bytes)) = readable(app, run, file).await else {
        return Ok(None);
    };
    let Ok(origin) = serde_json::from_slice::<Origin>(&origin) else {
        return Ok(None);
    };
    Ok(origin.stands(app, run, of_orders).await?.then_some(bytes))
}
