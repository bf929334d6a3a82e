//! Runs that were built before somebody else was to receive a person's money: their lines name an account that is no longer
//! that of the person's payee.

use chrono::NaiveDate;
use entity::enums::{Build, LineStatus};
use entity::{entitlement, pay_run, payment_line, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::pay_run::because::Because;
use crate::pay_run::payees::Payees;
use crate::pay_run::unreleased;
use crate::person::People;

/// A line that is not released, and who it is for.
type Row = (Uuid, Uuid, Uuid, Option<String>, Option<NaiveDate>);

/// What is looked at, and what of it is wrong.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Lines.
    pub(crate) lines: u64,
    /// Those whose account is not that of who may receive the money on the day of payment.
    pub(crate) wrong: Vec<Uuid>,
}

/// The lines of a run that is not released, of these people, against who may receive their money on its day of payment.
pub(crate) async fn look(
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
    people: impl Into<People>,
) -> Result<Looked, Error> {
    use payment_line::Column as L;
    let people = people.into();
    let right = payment_line::Entity::belongs_to(entitlement::Entity)
        .from(L::EntitlementId)
        .to(entitlement::Column::Id);
    let whose = payment_line::Entity::belongs_to(person::Entity)
        .from(L::PersonId)
        .to(person::Column::Id);
    let rows: Vec<Row> = payment_line::Entity::find()
        .select_only()
        .columns([L::Id, L::PersonId, L::PayeeAccountId])
        .column(entitlement::Column::Benefit)
        .column(person::Column::DeathDate)
        .join(JoinType::LeftJoin, right.into())
        .join(JoinType::LeftJoin, whose.into())
        .filter(L::PayRunId.eq(run.id))
        .filter(people.hold(L::PersonId))
        .filter(L::Status.eq(LineStatus::Draft))
        .into_tuple()
        .all(conn)
        .await?;
    let mut looked = Looked::default();
    if rows.is_empty() {
        return Ok(looked);
    }
    let payees = Payees::load(conn, people, run.pay_date).await?;
    for (line, person_id, account, benefit, died) in rows {
        looked.lines += 1;
        let own = payees.account(person_id, benefit.as_deref(), died.is_some());
        if own.ok() != Some(account) {
            looked.wrong.push(line);
        }
    }
    Ok(looked)
}

/// Sends the runs back to draft that are not released and have a line of this person for an account that is not the
/// person's any more, or may have one; whoever paid before is not paid by them again.
pub(crate) async fn void_misdirected(app: &App, txn: &Txn, because: Because<'_>, person_id: Uuid) -> Result<(), Error> {
    let mut concerned = Vec::new();
    for run in unreleased::lock(txn, &unreleased::PAYING).await? {
        let wrong = match run.build {
            // It may have read who received the money before, and stores it later.
            Build::Running => true,
            // It is built again before it goes anywhere.
            Build::Pending => false,
            Build::Failed | Build::Done => {
                let own = look(txn.conn(), &run, People::Only(vec![person_id])).await?;
                !own.wrong.is_empty()
            }
        };
        if wrong {
            concerned.push(run);
        }
    }
    unreleased::void(app, txn, because, concerned).await
}
