//! Putting a proposal before the second person.

use entity::enums::{ProposalStatus, TreasuryKind};
use entity::treasury_proposal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::proposal::{ProposalView, proposed};
use crate::treasury_proposal::view::view;
use crate::treasury_proposal::{TreasuryProposalView, digest, subject};

/// What a context has read and checked.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// What it is.
    pub(crate) kind: TreasuryKind,
    /// What it is about; one proposal of a subject is open at a time.
    pub(crate) subject: String,
    /// What holds of it now.
    pub(crate) base: Value,
    /// What would hold.
    pub(crate) body: Value,
}

/// Keeps a proposal; nothing comes of it until another person accepts it.
///
/// # Errors
/// `already-exists` where a proposal of the subject is open.
pub(crate) async fn put(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    proposal: ProposalView,
    draft: Draft,
) -> Result<TreasuryProposalView, Error> {
    none_open(txn.conn(), &draft.subject).await?;
    let mut row = proposed!(treasury_proposal, proposal, {
        id: app.ids.next(),
        kind: draft.kind,
        subject: draft.subject,
        base: draft.base.to_string(),
        body: draft.body.to_string(),
        digest: String::new(),
        version: 1,
    });
    row.digest = digest(&row);
    txn.insert_all::<treasury_proposal::Entity>(vec![row.clone()]).await?;
    let detail = json!({"kind": row.kind, "of": row.subject, "before": draft.base, "after": draft.body,
        "note": row.note, "digest": row.digest});
    txn.audit(Event::new(
        row.proposed_at,
        actor,
        "treasury_proposal.propose",
        subject(&row),
        detail,
    ));
    view(row)
}

/// Refuses a second proposal of a subject; an index of the database does so too.
async fn none_open(conn: &impl ConnectionTrait, subject: &str) -> Result<(), Error> {
    use treasury_proposal::Column as C;
    let open = treasury_proposal::Entity::find()
        .filter(C::Subject.eq(subject))
        .filter(C::Status.eq(ProposalStatus::Proposed))
        .one(conn)
        .await?;
    match open {
        None => Ok(()),
        Some(open) => Err(Error::because(
            ProblemCode::AlreadyExists,
            format!("Đang có đề nghị {} về việc này chờ quyết định", open.id),
            format!("the proposal {} about this waits for a decision", open.id),
        )),
    }
}
