//! Signatures: who made, checked, approved and released what content. The database refuses a second signature of one
//! person on one revision.

use entity::approval_act;
use entity::enums::Act;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, SqlErr,
};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// Signs the digest of a subject's revision.
pub async fn sign(
    app: &App,
    txn: &Txn,
    subject: &str,
    revision: i64,
    act: Act,
    user_id: Uuid,
    digest: &str,
) -> Result<(), Error> {
    let row = approval_act::Model {
        id: app.ids.next(),
        subject: subject.to_owned(),
        revision,
        act,
        user_id,
        digest: digest.to_owned(),
        at: app.clock.now(),
    };
    let inserted = approval_act::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(txn.conn())
        .await;
    match inserted {
        Ok(1) => Ok(()),
        Ok(_) => Err(Error::new(ProblemCode::SamePerson)),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
            Err(Error::new(ProblemCode::SamePerson))
        }
        Err(error) => Err(error.into()),
    }
}

/// How many people approved a subject's revision.
pub(crate) async fn given(conn: &impl ConnectionTrait, subject: &str, revision: i64) -> Result<i32, Error> {
    let count = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(subject))
        .filter(approval_act::Column::Revision.eq(revision))
        .filter(approval_act::Column::Act.eq(Act::Approve))
        .count(conn)
        .await?;
    i32::try_from(count).map_err(Error::internal)
}
