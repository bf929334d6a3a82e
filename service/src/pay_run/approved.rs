//! What was approved of a run beside its lines: its orders and files as they stood then. Their seal is kept with the plan of
//! the run; its release and `verify` look whether they are still the same.

use domain::ids;
use entity::enums::FileStatus;
use entity::{pay_run, pay_run_plan, payment_file as file};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::payment_order::hash::{self, Hashes, Moment};

/// A step of a run that is refused because the content is not what was signed or approved stands in the audit trail.
pub(super) fn noted<T>(
    app: &App,
    txn: &Txn,
    (actor, step): (&Actor, &str),
    run: &pay_run::Model,
    looked: Result<T, Error>,
) -> Result<T, Error> {
    if let Err(error) = &looked
        && error.code == ProblemCode::ContentChanged
    {
        let detail = json!({"step": step, "revision": run.revision, "digest": run.digest});
        let (at, subject) = (app.clock.now(), super::subject(run.id));
        txn.refuse(Event::new(at, actor, "pay_run.refuse_altered", subject, detail));
    }
    looked
}

/// Keeps the seal over the orders and files of a run as they are approved, and gives it; `orders` is the SHA-256 over the
/// orders.
pub(super) async fn seal(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    orders: &str,
    files: &[file::Model],
) -> Result<String, Error> {
    let seal = over(app, run, orders, files);
    let kept = pay_run_plan::Entity::update_many()
        .col_expr(pay_run_plan::Column::Approved, Expr::value(seal.clone()))
        .filter(pay_run_plan::Column::PayRunId.eq(run.id))
        .exec(txn.conn())
        .await?;
    if kept.rows_affected == 1 {
        Ok(seal)
    } else {
        Err(Error::internal("an approved run has no plan"))
    }
}

/// Seals each file over its orders as they are approved.
pub(crate) fn seal_files(app: &App, orders: &Hashes, files: &mut [file::Model]) {
    for own in files {
        let orders = orders.files.get(&own.id);
        own.seal = orders.map(|orders| over_file(app, own.id, orders));
    }
}

/// What nobody makes who does not know the secret of the installation: over the orders of a file.
fn over_file(app: &App, file: Uuid, orders: &str) -> String {
    let key = format!("{}:{orders}", file.simple());
    ids::uuid8(app.secret.ids(), "payment_file_approved", &key)
        .simple()
        .to_string()
}

/// A file is written from the orders that were approved, whatever became of them since; `orders` is the SHA-256 over them.
///
/// # Errors
/// `content-changed` where account, name, amount or anything else that is fixed of one of them is another by now.
pub(crate) async fn require_orders(
    app: &App,
    run: &pay_run::Model,
    file: &file::Model,
    orders: &str,
) -> Result<(), Error> {
    let stands = match &file.seal {
        Some(seal) => *seal == over_file(app, file.id, orders),
        // Approved before files had seals of their own.
        None => match kept(app.db.read(), run).await? {
            Some(kept) => as_it_stands(app, run).await? == Some(kept),
            None => true,
        },
    };
    if stands {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        format!("Lệnh chi của tệp {} không còn đúng như khi duyệt", file.name),
        format!("the orders of the file {} are not those that were approved", file.name),
    ))
}

/// The orders and files of a run that is to be released are those that were approved; gives their seal.
///
/// # Errors
/// `content-changed` where they are not, and where the run was approved before approval bound to them.
pub(super) async fn require(app: &App, conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<String, Error> {
    let kept = kept(conn, run).await?;
    let now = now(app, conn, run, Moment::Waiting).await?;
    match (kept, now) {
        (Some(kept), Some(now)) if kept == now => Ok(kept),
        _ => Err(Error::because(
            ProblemCode::ContentChanged,
            "Lệnh chi hoặc tệp không còn đúng như khi duyệt; hãy trả lại đợt chi trả để lập và duyệt lại",
            "orders or files are not those that were approved; send the run back and approve it again",
        )),
    }
}

/// The seal that the approval of a run left; none where there is none.
pub(crate) async fn kept(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<Option<String>, Error> {
    let plan = pay_run_plan::Entity::find_by_id(run.id).one(conn).await?;
    Ok(plan
        .filter(|own| own.revision == run.revision)
        .and_then(|own| own.approved))
}

/// The seal as it would be now, whatever became of the orders since.
pub(crate) async fn as_it_stands(app: &App, run: &pay_run::Model) -> Result<Option<String>, Error> {
    now(app, app.db.read(), run, Moment::Any).await
}

/// The seal as it would be now; none where a file was built before its run was released.
async fn now(
    app: &App,
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
    moment: Moment,
) -> Result<Option<String>, Error> {
    let files = file::Entity::find()
        .filter(file::Column::PayRunId.eq(run.id))
        .all(conn)
        .await?;
    let built = |own: &file::Model| own.status != FileStatus::Pending || own.sha256.is_some();
    if moment == Moment::Waiting && files.iter().any(built) {
        return Ok(None);
    }
    let orders = hash::hashes(conn, (run.id, run.line_count), moment).await?;
    Ok(Some(over(app, run, &orders.all, &files)))
}

/// What nobody makes who does not know the secret of the installation: over the signed lines, the time of the approval and
/// the days that files ask for, the orders, and of each file what is fixed by its approval.
fn over(app: &App, run: &pay_run::Model, orders: &str, files: &[file::Model]) -> String {
    let mut rows: Vec<String> = files
        .iter()
        .map(|own| {
            let fixed = json!([
                own.id.simple().to_string(),
                own.name,
                own.kind,
                own.bank_code,
                own.message_id,
                own.order_count,
                own.sum,
                own.account_hash_total,
                own.position,
                own.terms
            ]);
            // What a file approved before did not have changes nothing of the seal over it.
            let batch = own.batch_id.as_ref().map(|id| format!(":{id}")).unwrap_or_default();
            format!("{fixed}{}{batch}", own.seal.as_deref().unwrap_or_default())
        })
        .collect();
    rows.sort_unstable();
    let key = json!([
        run.id.simple().to_string(),
        run.revision,
        run.digest,
        run.approved_at.map(|at| at.timestamp_micros()),
        run.pay_date,
        run.execution_date,
        orders,
        hex::encode(Sha256::digest(rows.join("\n")))
    ]);
    let key = key.to_string();
    ids::uuid8(app.secret.ids(), "pay_run_approved", &key)
        .simple()
        .to_string()
}
