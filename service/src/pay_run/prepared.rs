//! The orders and files of a submitted run, made before anybody approves it.
//!
//! What is submitted is frozen, so its orders are known. They are stored with the submission, out of everybody's sight
//! ([`payment_order::made`]) and without a history; approval finds them unchanged and lets them stand. They hold for the
//! signed digest alone, under the profiles that banks have at approval. Where they do not hold they are made anew. What
//! stands then is [sealed](super::approved): nothing else is released.

use domain::ids;
use entity::enums::LineKind;
use entity::{pay_run, pay_run_plan, payment_file as file, payment_order as order};
use sea_orm::EntityTrait;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::pay_run::approved;
use crate::pay_run::build::clear_orders;
use crate::pay_run::digest::{self, SignedLine};
use crate::pay_run::sealed::Sums;
use crate::payment_order::hash::{self, Hashes, Moment};
use crate::{pay_calendar, payment_file, payment_order};

/// Makes the orders of a run that is being submitted, and plans its files as if it were approved at once.
pub(super) async fn make(app: &App, txn: &Txn, run: &pay_run::Model, lines: &[SignedLine]) -> Result<(), Error> {
    let Some(digest) = run.digest.clone() else {
        return Ok(());
    };
    let at = app.clock.now();
    let calendar = pay_calendar::load(txn.conn()).await?;
    let at_once = pay_run::Model {
        approved_at: Some(at),
        execution_date: Some(calendar.execution_date(run.pay_date, at)),
        ..run.clone()
    };
    clear_orders(txn, run.id).await?;
    let (files, orders) = match plan(app, txn, &at_once, lines).await {
        // A bank would refuse it: whoever approves is told.
        Err(error) if error.code == ProblemCode::Conflict => return Ok(()),
        planned => planned?,
    };
    store(app, txn, (run, &digest), &files, orders).await?;
    Ok(())
}

/// Lets the prepared orders of an approved run stand; made anew where they do not hold. `stored` is over them.
/// Gives the run's files, and the seal that its approval binds to.
pub(super) async fn take(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    (sums, stored): (&Sums, Hashes),
) -> Result<(Vec<file::Model>, String), Error> {
    let (planned, orders) = match holding(app, txn, run, &stored.all).await? {
        Some(files) => (files, stored),
        None => anew(app, txn, run).await?,
    };
    let mut files = payment_file::at_approval(txn, run, sums, planned).await?;
    approved::seal_files(app, &orders, &mut files);
    let seal = approved::seal(app, txn, run, &orders.all, &files).await?;
    Ok((files, seal))
}

/// Makes the orders of a run from its signed lines, and plans its files; with the hashes of the orders.
async fn anew(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(Vec<file::Model>, Hashes), Error> {
    let (lines, digest) = digest::as_signed(txn.conn(), run).await?;
    clear_orders(txn, run.id).await?;
    let (files, orders) = plan(app, txn, run, &lines).await?;
    let stored = store(app, txn, (run, &digest), &files, orders).await?;
    Ok((files, stored))
}

/// Stores orders and the plan they are of; gives their hashes.
async fn store(
    app: &App,
    txn: &Txn,
    (run, digest): (&pay_run::Model, &str),
    files: &[file::Model],
    orders: Vec<order::Model>,
) -> Result<Hashes, Error> {
    let order_count = i64::try_from(orders.len()).map_err(Error::internal)?;
    payment_order::bulk::insert(txn, orders).await?;
    let files = serde_json::to_string(files)?;
    let stored = hash::hashes(txn.conn(), (run.id, run.line_count), Moment::Waiting).await?;
    let plan = pay_run_plan::Model {
        pay_run_id: run.id,
        revision: run.revision,
        order_count,
        orders: seal(app, run, digest, (&stored.all, &files)),
        digest: digest.to_owned(),
        files,
        approved: None,
    };
    txn.insert_all::<pay_run_plan::Entity>(vec![plan]).await?;
    Ok(stored)
}

/// The planned files of a run whose prepared orders are what they were when its maker signed; `stored` is over these.
async fn holding(app: &App, txn: &Txn, run: &pay_run::Model, stored: &str) -> Result<Option<Vec<file::Model>>, Error> {
    let plan = pay_run_plan::Entity::find_by_id(run.id).one(txn.conn()).await?;
    let Some(plan) = plan.filter(|own| own.revision == run.revision && Some(&own.digest) == run.digest.as_ref()) else {
        return Ok(None);
    };
    // Whatever an earlier release wrote, or somebody altered, is made anew.
    let Ok(files) = serde_json::from_str::<Vec<file::Model>>(&plan.files) else {
        return Ok(None);
    };
    if !payment_file::holds(app, txn, run, &files).await? {
        return Ok(None);
    }
    let holds = seal(app, run, &plan.digest, (stored, &plan.files)) == plan.orders;
    Ok(holds.then_some(files))
}

/// What nobody makes who does not know the secret of the installation: over the run as its maker signed it, its orders as
/// they stand and its files as they were planned.
fn seal(app: &App, run: &pay_run::Model, digest: &str, (orders, files): (&str, &str)) -> String {
    let files = hex::encode(Sha256::digest(files));
    let key = format!("{}:{}:{digest}:{orders}:{files}", run.id.simple(), run.revision);
    ids::uuid8(app.secret.ids(), "pay_run_plan", &key).simple().to_string()
}

async fn plan(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    lines: &[SignedLine],
) -> Result<(Vec<file::Model>, Vec<order::Model>), Error> {
    let orders = payment_order::bulk::orders(app, run, lines);
    let (files, mut orders) = payment_file::plan(app, txn, run, lines, orders).await?;
    if Sums::of(lines).has(&[LineKind::Reissue]) {
        payment_order::bulk::link_reissues(txn, run.id, &mut orders).await?;
    }
    Ok((files, orders))
}
