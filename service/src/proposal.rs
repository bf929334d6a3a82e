//! What one person proposes and another decides: the part that every such table, view and verb has alike. What is
//! proposed, of what, and what follows stands with each of them.

use chrono::{DateTime, Utc};
use entity::enums::ProposalStatus;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::approval::{self, Part};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// The longest note, in characters.
const LONGEST_NOTE: usize = 1_000;

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

/// Who proposed something and why, and what another person decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProposalView {
    /// What the first person says.
    pub note: String,
    /// `proposed`, `accepted` or `refused`; `withdrawn` where its author may take it back and did.
    #[schema(value_type = String, example = "proposed")]
    pub status: ProposalStatus,
    /// Who proposed it.
    pub proposed_by: Uuid,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When it was decided or withdrawn.
    pub decided_at: Option<DateTime<Utc>>,
    /// What the second person says.
    pub decision_note: Option<String>,
}

/// The proposal that was read is the one that stands.
///
/// # Errors
/// `stale`.
fn expect(stands_at: i64, read_at: i64) -> Result<(), Error> {
    if stands_at == read_at {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Stale,
        format!("Đề nghị đã ở phiên bản {stands_at}"),
        format!("the proposal is at version {stands_at}"),
    ))
}

impl ProposalView {
    /// What a person proposes now.
    pub(crate) fn made(app: &App, actor: &Actor, note: &str) -> Result<Self, Error> {
        let proposed_by = actor.person()?;
        Ok(Self {
            note: said(note)?,
            status: ProposalStatus::Proposed,
            proposed_by,
            proposed_at: app.clock.now(),
            decided_by: None,
            decided_at: None,
            decision_note: None,
        })
    }

    /// Refuses where it does not wait for a decision.
    fn require_waiting(&self) -> Result<(), Error> {
        if self.status == ProposalStatus::Proposed {
            return Ok(());
        }
        Err(Error::because(
            ProblemCode::IllegalTransition,
            "Đề nghị này không còn chờ quyết định",
            "the proposal does not wait for a decision",
        ))
    }
}

/// What a person decides now.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    status: ProposalStatus,
    person: Uuid,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Why.
    pub(crate) note: String,
}

impl Verdict {
    /// What the caller says.
    pub(crate) fn of(app: &App, actor: &Actor, command: &DecideProposal) -> Result<Self, Error> {
        let person = actor.person()?;
        Ok(Self {
            status: match command.decision {
                Decision::Accept => ProposalStatus::Accepted,
                Decision::Refuse => ProposalStatus::Refused,
            },
            person,
            at: app.clock.now(),
            note: said(&command.note)?,
        })
    }

    /// Who decides.
    pub(crate) const fn person(&self) -> Uuid {
        self.person
    }
}

/// A row of a table of proposals.
pub(crate) trait Proposed {
    /// Its part that all of them have.
    fn proposal(&self) -> ProposalView;

    /// Writes that part into the row.
    fn put_proposal(&mut self, proposal: ProposalView);

    /// Decides it. The database refuses the proposer too.
    ///
    /// # Errors
    /// `illegal-transition` where it does not wait; `same-person` for the proposer.
    fn decide(&mut self, verdict: &Verdict) -> Result<(), Error> {
        let before = self.proposal();
        before.require_waiting()?;
        if before.proposed_by == verdict.person {
            return Err(approval::own_proposal());
        }
        self.put_proposal(ProposalView {
            status: verdict.status,
            decided_by: Some(verdict.person),
            decided_at: Some(verdict.at),
            decision_note: Some(verdict.note.clone()),
            ..before
        });
        Ok(())
    }

    /// Its author takes it back.
    ///
    /// # Errors
    /// `illegal-transition` where it does not wait; `forbidden` for anybody else.
    fn withdraw(&mut self, person: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
        let before = self.proposal();
        if before.proposed_by != person {
            return Err(Error::because(
                ProblemCode::Forbidden,
                "Chỉ người đề nghị được rút đề nghị",
                "only who proposed it may withdraw it",
            ));
        }
        before.require_waiting()?;
        self.put_proposal(ProposalView {
            status: ProposalStatus::Withdrawn,
            decided_at: Some(at),
            ..before
        });
        Ok(())
    }
}

/// Refuses who decides with a key from the proposer, or gave the proposer the key.
///
/// # Errors
/// `same-person`.
pub(crate) async fn require_own_keys(txn: &Txn, row: &impl Proposed, verdict: &Verdict) -> Result<(), Error> {
    let proposal = row.proposal();
    let decides = Part {
        person: verdict.person,
        at: verdict.at,
    };
    let proposed = Part {
        person: proposal.proposed_by,
        at: proposal.proposed_at,
    };
    approval::require_own_keys(txn.conn(), decides, &[proposed]).await
}

/// The tables that have such rows.
macro_rules! tables {
    ($($table:ident)+) => { $(
        impl Proposed for entity::$table::Model {
            fn proposal(&self) -> ProposalView {
                ProposalView {
                    note: self.note.clone(),
                    status: self.status,
                    proposed_by: self.proposed_by,
                    proposed_at: self.proposed_at,
                    decided_by: self.decided_by,
                    decided_at: self.decided_at,
                    decision_note: self.decision_note.clone(),
                }
            }

            fn put_proposal(&mut self, proposal: ProposalView) {
                self.note = proposal.note;
                self.status = proposal.status;
                self.proposed_by = proposal.proposed_by;
                self.proposed_at = proposal.proposed_at;
                self.decided_by = proposal.decided_by;
                self.decided_at = proposal.decided_at;
                self.decision_note = proposal.decision_note;
            }
        }
    )+ };
}

tables!(
    suspense_resolution return_cancellation recall bank_profile_proposal treasury_proposal difference_settlement bank_silence
    report_set_aside recall_answer
);

/// A proposal that is decided, or taken back, at the version that was read.
pub(crate) trait Versioned: Proposed {
    /// The proposal's own id.
    fn id(&self) -> Uuid;

    /// The version that it stands at.
    fn version(&mut self) -> &mut i64;

    /// Decides it.
    ///
    /// # Errors
    /// What [`Proposed::decide`] refuses; `invalid` where another proposal was read; `stale`.
    fn decide_at(&mut self, read_at: i64, command: &DecideProposal, verdict: &Verdict) -> Result<(), Error> {
        if command.proposal_id != self.id() {
            return Err(unknown());
        }
        expect(*self.version(), read_at)?;
        self.decide(verdict)?;
        *self.version() += 1;
        Ok(())
    }

    /// Its author takes it back.
    ///
    /// # Errors
    /// What [`Proposed::withdraw`] refuses; `stale`.
    fn withdraw_at(&mut self, read_at: i64, person: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
        expect(*self.version(), read_at)?;
        self.withdraw(person, at)?;
        *self.version() += 1;
        Ok(())
    }
}

/// The tables whose proposals have a version.
macro_rules! versioned {
    ($($table:ident)+) => { $(
        impl Versioned for entity::$table::Model {
            fn id(&self) -> Uuid {
                self.id
            }

            fn version(&mut self) -> &mut i64 {
                &mut self.version
            }
        }
    )+ };
}

versioned!(bank_profile_proposal treasury_proposal);

/// A proposal, locked with every other of its table that is open: what is proposed may rest on another that is decided at
/// the same time.
pub(crate) async fn locked<E: EntityTrait>(
    txn: &Txn,
    (id, status): (E::Column, E::Column),
    wanted: Uuid,
) -> Result<E::Model, Error> {
    E::find()
        .filter(status.eq(ProposalStatus::Proposed))
        .order_by_asc(id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    E::find()
        .filter(id.eq(wanted))
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)
}

/// A new row of a table of proposals: the columns that are its own beside those that all of them have.
macro_rules! proposed {
    ($table:ident, $proposal:expr, { $($field:ident: $value:expr),+ $(,)? }) => {{
        let proposal: $crate::proposal::ProposalView = $proposal;
        entity::$table::Model {
            $($field: $value,)+
            note: proposal.note,
            status: proposal.status,
            proposed_by: proposal.proposed_by,
            proposed_at: proposal.proposed_at,
            decided_by: proposal.decided_by,
            decided_at: proposal.decided_at,
            decision_note: proposal.decision_note,
        }
    }};
}

pub(crate) use proposed;

/// What a person says: 1 to 1000 characters.
pub(crate) fn said(note: &str) -> Result<String, Error> {
    let note = note.trim();
    if note.is_empty() || note.chars().count() > LONGEST_NOTE {
        return Err(Error::field(
            "/note",
            "length",
            "Ghi chú phải có từ 1 đến 1000 ký tự",
            "a note has 1 to 1000 characters",
        ));
    }
    Ok(note.to_owned())
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

/// Refuses what only an accepted proposal has.
pub(crate) fn not_accepted() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Đề nghị này chưa được chấp thuận",
        "the proposal is not accepted",
    )
}
