//! Release by a third person: the lines go live, the orders leave, the files are built.

use entity::enums::{Act, ArrearsStatus, FileKind, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{arrears, pay_run, payment_file as file, payment_line};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::{self, Account};
use crate::job;
use crate::job::run::NewRun;
use crate::pay_run::carry_over::CarryOver;
use crate::pay_run::sealed::{self, Sums};
use crate::pay_run::submit::{moves, save};
use crate::pay_run::view::{PayRunView, view};
use crate::pay_run::{approved, maker, turn};
use crate::payment_file::{self, BuildFile};
use crate::{approval, overpayment, payment_order, reassessment};

/// Releases an approved run. From here on its lines count as paid until a bank says otherwise. Refused once a bank would not
/// execute its files on the day they ask for: it has passed, banks are closed on it by now, or the cut-off is over.
pub async fn release(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<PayRunView, Error> {
    actor.require_province(Permission::PayRunRelease)?;
    let releaser = actor.person()?;
    let run = app
        .db
        .write(async |txn| {
            super::lock_unreleased_and(txn, id).await?;
            let run = super::for_update(txn, id).await?;
            super::expect(&run, version, PayRunStatus::Approved)?;
            maker::require_other(app, txn, id, releaser).await?;
            super::days::require_executable(app, txn, &run).await?;
            reassessment::require_finished(txn.conn()).await?;
            overpayment::deduction::require_standing(txn, id).await?;
            // What is kept back returns to the funds that had paid too much, and may send runs of others back to draft.
            overpayment::deduction::lock_funds(txn, id).await?;
            turn::settle(app, txn, &run).await?;
            let digest = run.digest.clone().unwrap_or_default();
            let subject = super::subject(id);
            approval::sign(app, txn, &subject, run.revision, Act::Release, releaser, &digest).await?;
            // What was approved is looked at as it was before this transaction, while the same rows move on in it.
            let (stands, moved) = futures::join!(as_approved(app, &run), move_on(app, txn, id));
            let (sums, orders) = approved::noted(app, txn, (actor, "release"), &run, stands)?;
            moved?;
            let batch = format!("pay_run:{}:release:{}", id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&sums, Account::Committed, Account::InTransit),
            )
            .await?;
            require_waiting(txn, id, &sums).await?;
            replace(txn, id, &sums).await?;
            overpayment::deduction::take(app, txn, actor, &run).await?;
            start_files(txn, &run, actor).await?;
            // What a regular run holds waits for a later month, whoever the run is for; what other runs hold still waits
            // where it waited.
            if run.kind == PayRunKind::Regular {
                job::enqueue(txn, &CarryOver { pay_run: id }).await?;
            }
            let at = app.clock.now();
            txn.audit(Event::new(
                at,
                actor,
                "pay_run.release",
                subject,
                json!({"digest": digest, "orders": orders}),
            ));
            let released = pay_run::Model {
                status: PayRunStatus::Released,
                released_at: Some(at),
                version: run.version + 1,
                ..run
            };
            save(txn, released).await
        })
        .await?;
    view(app, &run).await
}

/// The sums of a run whose lines are those that were signed, with the seal over its orders and files, which are those that
/// were approved: all as it was before the transaction that has locked it.
async fn as_approved(app: &App, run: &pay_run::Model) -> Result<(Sums, String), Error> {
    let beside = app.db.beside();
    let signed = sealed::as_signed(&beside, run);
    let (signed, orders) = futures::join!(signed, approved::require(app, &beside, run));
    Ok((signed?.0, orders?))
}

/// The lines of a run count as paid, and its orders have left the house.
pub(crate) async fn move_on(app: &App, txn: &Txn, run: Uuid) -> Result<(), Error> {
    go_live(txn, run).await?;
    payment_order::bulk::extract(app, txn, run).await
}

async fn go_live(txn: &Txn, run: Uuid) -> Result<(), Error> {
    // Where the lines stand together SQLite is to go through them as they stand, and not by an index: hence the sign.
    let own = match sealed::stretch(txn.conn(), run).await? {
        Some((first, last)) => Condition::all()
            .add(Expr::cust(format!("rowid BETWEEN {first} AND {last}")))
            .add(Expr::cust("+pay_run_id").eq(run)),
        None => Condition::all().add(payment_line::Column::PayRunId.eq(run)),
    };
    payment_line::Entity::update_many()
        .col_expr(payment_line::Column::Status, Expr::value(LineStatus::Live))
        .filter(own)
        .filter(payment_line::Column::Status.eq(LineStatus::Draft))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// What the lines of a run make up for, or pay again, is done with. Only what the run has lines for is looked for.
pub(crate) async fn replace(txn: &Txn, run: Uuid, sums: &Sums) -> Result<(), Error> {
    if sums.has(&[LineKind::Arrears, LineKind::OneOff]) {
        take_arrears(txn, run).await?;
    }
    if sums.has(&[LineKind::Reissue]) {
        // A returned line that was paid again is replaced by its reissue.
        payment_line::Entity::update_many()
            .col_expr(payment_line::Column::Status, Expr::value(LineStatus::Reissued))
            .filter(replaced_by(run))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// Arrears that the run makes up for wait no longer.
async fn take_arrears(txn: &Txn, run: Uuid) -> Result<(), Error> {
    arrears::Entity::update_many()
        .col_expr(arrears::Column::Status, Expr::value(ArrearsStatus::Taken))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .filter(in_run(
            run,
            "again.kind IN ('arrears', 'one_off') AND again.entitlement_id = arrears.entitlement_id \
             AND again.component = arrears.component AND again.cover_month = arrears.cover_month \
             AND again.determination_id = arrears.determination_id",
        ))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Has the run a line, named `again`, of which this holds? Both engines write a bound value of their own here; a place
/// inside a text would be one engine's.
pub(super) fn in_run(run: Uuid, holds: &'static str) -> Expr {
    let lines = Query::select()
        .expr(Expr::val(1))
        .from_as(payment_line::Entity, Alias::new("again"))
        .and_where(Expr::col((Alias::new("again"), payment_line::Column::PayRunId)).eq(run))
        .and_where(Expr::cust(holds))
        .to_owned();
    Expr::exists(lines)
}

/// The returned lines that lines of a run pay again.
fn replaced_by(run: Uuid) -> Condition {
    Condition::all()
        .add(payment_line::Column::Status.eq(LineStatus::Returned))
        .add(in_run(
            run,
            "again.kind = 'reissue' AND again.entitlement_id = payment_line.entitlement_id \
             AND again.component = payment_line.component AND again.cover_month = payment_line.cover_month \
             AND again.determination_id IS NOT DISTINCT FROM payment_line.determination_id \
             AND again.sequence = payment_line.sequence + 1",
        ))
}

/// Each line that pays again what came back has what it replaces.
///
/// # Errors
/// `content-changed` where one of them does not wait to be paid again any more.
async fn require_waiting(txn: &Txn, run: Uuid, sums: &Sums) -> Result<(), Error> {
    let again = sums.count(&[LineKind::Reissue]);
    if again == 0 {
        return Ok(());
    }
    let replaced = payment_line::Entity::find()
        .filter(replaced_by(run))
        .count(txn.conn())
        .await?;
    if replaced >= u64::try_from(again).map_err(Error::internal)? {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        "Có khoản chi lại không còn chờ chi; hãy lập lại danh sách",
        "a line that is to be paid again waits no longer; build the run again",
    ))
}

pub(crate) async fn start_files(txn: &Txn, run: &pay_run::Model, actor: &Actor) -> Result<(), Error> {
    let files: Vec<(Uuid, FileKind, String)> = file::Entity::find()
        .select_only()
        .columns([file::Column::Id, file::Column::Kind, file::Column::Name])
        .filter(file::Column::PayRunId.eq(run.id))
        .order_by_asc(file::Column::Position)
        .into_tuple()
        .all(txn.conn())
        .await?;
    let new = NewRun {
        kind: "payment_file_build",
        natural_key: format!("payment_file_build:{}", run.id.simple()),
        subject: super::subject(run.id),
        requested_by: actor.name.clone(),
        parameters: json!({"pay_run": run.id}),
        chunks: payment_file::chunks(&files),
        independent: true,
        then: None,
        after: None,
    };
    job::run::start(txn, new, |run, position| BuildFile { run, position }).await?;
    Ok(())
}
