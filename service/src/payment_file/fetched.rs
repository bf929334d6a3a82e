//! That somebody of the treasury can hold a file: they fetched it, or it left the house for them. Until then nobody
//! acknowledges it: the hash that is shown beside a file says nothing of bytes that nobody took.

use entity::{delivery, payment_file, payment_file_fetch};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::delivery::DeliveryProblem;
use crate::error::{Error, ProblemCode};
use crate::rows;

/// Notes that these bytes were given to somebody who may acknowledge them, once for each credential. Of others, such as
/// auditors, nothing is noted: what they read the treasury does not hold.
pub(super) async fn note(app: &App, actor: &Actor, file: &payment_file::Model) -> Result<(), Error> {
    if actor.is_system() || actor.require_province(Permission::FileAcknowledge).is_err() {
        return Ok(());
    }
    let known = payment_file_fetch::Entity::find_by_id((file.id, actor.client_id));
    if known.one(app.db.read()).await?.is_some() {
        return Ok(());
    }
    let row = payment_file_fetch::Model {
        file_id: file.id,
        client_id: actor.client_id,
        user_id: actor.user_id,
        fetched_at: app.clock.now(),
    };
    app.db
        .write(async |txn| {
            // The same person may fetch it twice at the same time.
            if rows::insert_new::<payment_file_fetch::Entity>(txn, vec![row.clone()]).await? == 0 {
                return Ok(());
            }
            txn.audit(Event::new(
                row.fetched_at,
                actor,
                "payment_file.fetch",
                super::subject(file.id),
                json!({"sha256": file.sha256, "client": actor.client_id}),
            ));
            Ok(())
        })
        .await
}

/// Did somebody of the treasury fetch the file, or may it have arrived where it was sent? A delivery of which nothing left,
/// or that found other bytes in its place, brought nobody anything.
pub(crate) async fn may_be_held(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<bool, Error> {
    Ok(is_fetched(conn, file).await? || may_have_left(conn, file, &[DeliveryProblem::OtherBytes]).await?)
}

/// Did somebody of the treasury fetch the file?
pub(super) async fn is_fetched(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<bool, Error> {
    let fetched = payment_file_fetch::Entity::find()
        .filter(payment_file_fetch::Column::FileId.eq(file.id))
        .count(conn)
        .await?;
    Ok(fetched > 0)
}

/// Did a delivery of the file begin that did not end with one of these problems?
pub(super) async fn may_have_left(
    conn: &impl ConnectionTrait,
    file: &payment_file::Model,
    but: &[DeliveryProblem],
) -> Result<bool, Error> {
    use delivery::Column as D;
    let others = Condition::any()
        .add(D::Error.is_null())
        .add(D::Error.is_not_in(but.iter().map(|problem| problem.code())));
    let left = delivery::Entity::find()
        .filter(D::FileId.eq(file.id))
        .filter(D::BeganAt.is_not_null())
        .filter(others)
        .count(conn)
        .await?;
    Ok(left > 0)
}

/// Refuses the acknowledgement of a file that nobody of the treasury can hold.
pub(super) async fn require_held(conn: &impl ConnectionTrait, file: &payment_file::Model) -> Result<(), Error> {
    if may_be_held(conn, file).await? {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Conflict,
        format!(
            "Chưa ai của kho bạc tải tệp {} và tệp cũng chưa được giao. Hãy tải tệp, tính mã băm của tệp đã tải rồi xác nhận",
            file.name
        ),
        format!(
            "nobody of the treasury has fetched the file {}, and it was not delivered: fetch it, hash what arrived, then acknowledge",
            file.name
        ),
    ))
}
