//! Orders by the set: made at submission, standing from approval on, moved on with their history.

use std::collections::BTreeMap;

use domain::ids;
use domain::payment_order::{Event, State};
use entity::enums::OrderStatus;
use entity::{pay_run, pay_run_step, payment_order};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use crate::app::App;
use crate::approval;
use crate::db::Txn;
use crate::error::Error;
use crate::pay_run::digest::SignedLine;
use crate::payment_order::roll_up;

/// One order for each payee account of a run, or for each beneficiary of it as its lines were [rolled up](roll_up), over
/// its lines less what is kept back of them, sorted by reference. The ids that stand in files are derived here, once.
pub(crate) fn orders(app: &App, run: &pay_run::Model, lines: &[SignedLine]) -> Vec<payment_order::Model> {
    let secret = app.secret.ids();
    let run_key = crate::pay_run::natural_key(run);
    let mut by_id: BTreeMap<Uuid, payment_order::Model> = BTreeMap::new();
    for signed in lines {
        let SignedLine { line, account, .. } = signed;
        let Some(id) = line.order_id else { continue };
        let order = by_id.entry(id).or_insert_with(|| {
            let beneficiary = roll_up::beneficiary(secret, &run_key, signed);
            let key = roll_up::key(&run_key, &account.account_key, beneficiary);
            payment_order::Model {
                id,
                pay_run_id: run.id,
                payee_account_id: account.id,
                reference: ids::reference(secret, "payment_order", &key),
                uetr: ids::uetr(secret, &key),
                channel: account.channel,
                bank_code: account.bank_code.clone(),
                account_number: account.account_number.clone(),
                name: account.bank_name().to_owned(),
                holder_name: account.holder_name.clone(),
                amount: 0,
                line_count: 0,
                area_id: line.area_id.clone(),
                file_id: None,
                reissue_of: None,
                status: OrderStatus::Approved,
                reason: None,
                bank_reference: None,
                version: 1,
                beneficiary_code: beneficiary.map(|person| ids::beneficiary_code(secret, person)),
                beneficiary_name: None,
                purpose: None,
            }
        });
        order.amount += line.amount - signed.deducted();
        order.line_count += 1;
        order.area_id = Ord::min(&order.area_id, &line.area_id).clone();
    }
    let mut orders: Vec<_> = by_id.into_values().collect();
    orders.sort_by(|a, b| a.reference.as_bytes().cmp(b.reference.as_bytes()));
    orders
}

/// Names the order that each order of a run replaces, where it pays again what came back; of several the first by id.
pub(crate) async fn link_reissues(txn: &Txn, run: Uuid, orders: &mut [payment_order::Model]) -> Result<(), Error> {
    let conn = txn.conn();
    let rows = conn
        .query_all_raw(Statement::from_sql_and_values(
            conn.get_database_backend(),
            "SELECT again.order_id AS again_id, old.order_id AS old_id FROM payment_line AS again JOIN payment_line AS old \
             ON old.entitlement_id = again.entitlement_id AND old.component = again.component \
             AND old.cover_month = again.cover_month AND old.sequence = again.sequence - 1 AND old.status = 'returned' \
             AND old.determination_id IS NOT DISTINCT FROM again.determination_id \
             WHERE again.pay_run_id = $1 AND again.kind = 'reissue'",
            [run.into()],
        ))
        .await?;
    let mut replaced: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    for row in rows {
        let (again, old): (Uuid, Uuid) = (row.try_get("", "again_id")?, row.try_get("", "old_id")?);
        let first = replaced.entry(again).or_insert(old);
        *first = Ord::min(old, *first);
    }
    for order in orders {
        order.reissue_of = replaced.get(&order.id).copied();
    }
    Ok(())
}

/// Stores new orders.
pub(crate) async fn insert(txn: &Txn, mut orders: Vec<payment_order::Model>) -> Result<(), Error> {
    // In the order of the indexes that begin with the id: these only grow at their end.
    orders.sort_unstable_by_key(|order| order.id);
    txn.insert_all::<payment_order::Entity>(orders).await
}

/// Begins the history of the orders of a run, at its approval: a step of all of them, told once. A run that was sent back
/// to draft after its approval makes the same orders again: their history goes on.
pub(crate) async fn begin(app: &App, txn: &Txn, run: &pay_run::Model) -> Result<(), Error> {
    // Only orders that were approved before have a history, and looking for one of so many takes a while.
    let latest = if approval::given_before(txn.conn(), &crate::pay_run::subject(run.id), run.revision).await? {
        last_own(txn, run.id).await?
    } else {
        None
    };
    let from = latest.map(|_| OrderStatus::Approved);
    step(app, txn, run.id, (latest.unwrap_or(0) + 1, from, OrderStatus::Approved)).await
}

/// The last number that the orders of a run have in their own histories.
async fn last_own(txn: &Txn, run: Uuid) -> Result<Option<i32>, Error> {
    let conn = txn.conn();
    let sql = "SELECT MAX(e.sequence) AS latest FROM payment_order AS o JOIN payment_order_event AS e ON e.order_id = o.id \
               WHERE o.pay_run_id = $1";
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [run.into()]);
    let row = conn.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(None), |row| row.try_get("", "latest"))?)
}

/// Marks every order of a run as having left the house.
pub(crate) async fn extract(app: &App, txn: &Txn, run: Uuid) -> Result<(), Error> {
    let latest: Option<i32> = pay_run_step::Entity::find()
        .select_only()
        .column(pay_run_step::Column::Sequence)
        .filter(pay_run_step::Column::PayRunId.eq(run))
        .order_by_desc(pay_run_step::Column::Sequence)
        .into_tuple()
        .one(txn.conn())
        .await?;
    // What an earlier release of the program approved has a step of its own for each order.
    let latest = match latest {
        Some(latest) => latest,
        None => last_own(txn, run).await?.unwrap_or(0),
    };
    let from = Some(OrderStatus::Approved);
    step(app, txn, run, (latest + 1, from, OrderStatus::Extracted)).await?;
    payment_order::Entity::update_many()
        .col_expr(payment_order::Column::Status, Expr::value(OrderStatus::Extracted))
        .col_expr(
            payment_order::Column::Version,
            Expr::col(payment_order::Column::Version).add(1),
        )
        .filter(payment_order::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}

async fn step(
    app: &App,
    txn: &Txn,
    run: Uuid,
    (sequence, from_status, to_status): (i32, Option<OrderStatus>, OrderStatus),
) -> Result<(), Error> {
    let step = pay_run_step::Model {
        pay_run_id: run,
        sequence,
        from_status,
        to_status,
        source: crate::pay_run::subject(run),
        at: app.clock.now(),
    };
    txn.insert_all::<pay_run_step::Entity>(vec![step]).await
}

/// The steps of a run become its orders' own: they are about to go, and what is made again in their place is not in all of
/// them.
pub(crate) async fn keep_history(txn: &Txn, run: Uuid) -> Result<(), Error> {
    let conn = txn.conn();
    let sql = "INSERT INTO payment_order_event (order_id, sequence, from_status, to_status, reason, source, at) \
               SELECT o.id, s.sequence, s.from_status, s.to_status, NULL, s.source, s.at \
               FROM pay_run_step AS s JOIN payment_order AS o ON o.pay_run_id = s.pay_run_id WHERE s.pay_run_id = $1";
    conn.execute_raw(Statement::from_sql_and_values(
        conn.get_database_backend(),
        sql,
        [run.into()],
    ))
    .await?;
    pay_run_step::Entity::delete_many()
        .filter(pay_run_step::Column::PayRunId.eq(run))
        .exec(conn)
        .await?;
    Ok(())
}

/// The delivery of a file was lost, or confirmed after all: the orders of it that have no later news move with it. The
/// caller has the [run and the file](crate::payment_file::locked_with_run) in hand.
pub(crate) async fn redeliver(app: &App, txn: &Txn, file: Uuid, event: Event, source: &str) -> Result<(), Error> {
    for from in [State::Extracted, State::Unknown] {
        let to = from.advance(event).map_err(Error::internal)?;
        if to == from {
            continue;
        }
        let (from, to) = (status(from)?, status(to)?);
        let (old, new) = (from.to_value(), to.to_value());
        txn.conn()
            .execute_raw(Statement::from_sql_and_values(
                txn.conn().get_database_backend(),
                format!(
                    "INSERT INTO payment_order_event (order_id, sequence, from_status, to_status, reason, source, at) \
                     SELECT id, (SELECT MAX(sequence) + 1 FROM payment_order_history WHERE order_id = payment_order.id), \
                     '{old}', '{new}', NULL, $1, $2 FROM payment_order WHERE file_id = $3 AND status = '{old}'"
                ),
                [source.into(), app.clock.now().into(), file.into()],
            ))
            .await?;
        payment_order::Entity::update_many()
            .col_expr(payment_order::Column::Status, Expr::value(to))
            .col_expr(
                payment_order::Column::Version,
                Expr::col(payment_order::Column::Version).add(1),
            )
            .filter(payment_order::Column::FileId.eq(file))
            .filter(payment_order::Column::Status.eq(from))
            .exec(txn.conn())
            .await?;
        // An order moves once by one event.
        break;
    }
    Ok(())
}

/// The status of a state: they have the same codes.
fn status(state: State) -> Result<OrderStatus, Error> {
    Ok(OrderStatus::try_from_value(&state.code().to_owned())?)
}
