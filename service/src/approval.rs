//! Signatures: who made, checked, approved and released what content. The database refuses a second signature of one
//! person on one revision.

use entity::approval_act;
use entity::enums::{Act, ProposalStatus};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, SqlErr,
};
use serde::Deserialize;
use utoipa::ToSchema;
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

/// What a second person says to what a first proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It has its effect.
    Accept,
    /// It has none; something else may be proposed.
    Refuse,
}

/// Decides a proposal: somebody other than the proposer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideProposal {
    /// The proposal that was read.
    pub proposal_id: Uuid,
    /// What is decided.
    pub decision: Decision,
    /// Why; it is kept with the proposal.
    #[schema(example = "Đã kiểm tra với sao kê của ngân hàng", max_length = 1000)]
    pub note: String,
}

impl DecideProposal {
    /// The state of the proposal from here on.
    pub(crate) const fn status(&self) -> ProposalStatus {
        match self.decision {
            Decision::Accept => ProposalStatus::Accepted,
            Decision::Refuse => ProposalStatus::Refused,
        }
    }
}

/// What a person says of a proposal: 1 to 1000 characters.
pub(crate) fn said(note: &str) -> Result<String, Error> {
    let note = note.trim();
    if note.is_empty() || note.chars().count() > 1_000 {
        return Err(Error::field(
            "/note",
            "length",
            "Ghi chú phải có từ 1 đến 1000 ký tự",
            "a note has 1 to 1000 characters",
        ));
    }
    Ok(note.to_owned())
}

/// Refuses the proposer as the one who decides. The database does so too.
pub(crate) fn other_person(proposed_by: Uuid, decides: Uuid) -> Result<(), Error> {
    if proposed_by == decides {
        Err(Error::new(ProblemCode::SamePerson))
    } else {
        Ok(())
    }
}

/// Refuses to decide what was not proposed of this subject.
pub(crate) fn unknown() -> Error {
    Error::field(
        "/proposal_id",
        "unknown",
        "Không có đề nghị này",
        "there is no such proposal",
    )
}

/// Refuses to decide what nobody proposes any more.
pub(crate) fn not_proposed() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Đề nghị này không còn chờ quyết định",
        "the proposal does not wait for a decision",
    )
}

/// Refuses what only an accepted proposal has.
pub(crate) fn not_accepted() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Đề nghị này chưa được chấp thuận",
        "the proposal is not accepted",
    )
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
