//! Pay runs: from what is owed in a month to orders that a bank or the post office carries out.
//!
//! `draft -> submitted -> approved -> released -> settling -> closed`, or cancelled; sent back, a run is a draft again. Maker, checker and
//! releaser are three people; what they sign is a digest of every line.

mod act;
mod approve;
pub(crate) mod approved;
mod because;
mod build;
mod carry_over;
pub(crate) mod change;
mod claimed;
pub(crate) mod coverage;
mod create;
mod cycle;
mod days;
pub(crate) mod digest;
mod draw;
mod dues;
mod exclusion;
mod execution;
mod file_names;
mod filter;
mod held_words;
mod label;
mod line;
mod lines;
mod maker;
pub(crate) mod misdirected;
mod payees;
mod prepare;
mod prepared;
mod preview;
mod preview_fund;
mod proof;
mod recalled;
mod reissue;
pub(crate) mod release;
pub(crate) mod sealed;
mod send_back;
mod share;
mod shared_account;
mod snapshot;
mod submit;
mod tier;
mod turn;
mod unreleased;
mod view;
mod visible;

pub use act::{RunAct, acts};
pub use approve::approve;
pub(crate) use approved::{require_orders, seal_files};
pub(crate) use because::Because;
pub use build::{BuildChunk, FinishBuild};
pub use carry_over::CarryOver;
pub use coverage::{MonthNotCompletedView, UncoveredView};
pub use create::{CreatePayRun, build, create};
pub use cycle::ListClosingView;
pub(crate) use exclusion::check_reason;
pub use exclusion::{ExcludePayment, exclude, include};
pub use execution::BankExecution;
pub(crate) use file_names::{batch_id, batch_of, names_in, names_of_files};
pub(crate) use filter::{partial_runs, whole_runs};
pub use held_words::HeldReason;
pub(crate) use held_words::{held_reason, held_text};
pub(crate) use label::{label, label_of};
pub(crate) use lines::lines_of_order;
pub use lines::{LineView, ListLines, lines, search_lines};
pub(crate) use misdirected::void_misdirected;
pub(crate) use payees::Payees;
pub use preview::{ChangeCount, HeldSum, PreviewView, Sum, preview};
pub use preview_fund::FundYearSum;
pub use proof::{ProofView, SiblingView, proof};
pub(crate) use recalled::recalled;
pub use release::release;
pub(crate) use sealed::{ranges, require_signed};
pub use send_back::{cancel, reject};
pub use shared_account::SharedAccount;
pub(crate) use snapshot::earlier;
pub use submit::submit;
pub use turn::PassedOver;
pub use unreleased::void_unreleased;
pub(crate) use unreleased::{
    Owed, lock_paying, lock_unreleased, lock_unreleased_and, void_deducting, void_drafts_of, void_paying,
    void_paying_otherwise, void_reissuing,
};
pub use view::{ExclusionView, HeldView, ListPayRuns, PayRunView, get, held, list, search};

use domain::Month;
use entity::enums::PayRunStatus;
use entity::pay_run::Model;
use sea_orm::{Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::relief_request::FUND as RELIEF_FUND;
use crate::vocabulary::refused_in_state;

/// The subject of a run in approvals and the audit trail; triggers of the database know it too.
pub(crate) fn subject(id: Uuid) -> String {
    format!("pay_run:{}", id.simple())
}

/// The natural key of a run, from which every id in its files is derived.
pub(crate) fn natural_key(run: &Model) -> String {
    format!("{}:{}:{}", run.kind.code(), run.cover_month, run.sequence)
}

/// The states of a run that has left the house: a bank has its files, or may have them.
pub(crate) const RELEASED: [PayRunStatus; 3] = [PayRunStatus::Released, PayRunStatus::Settling, PayRunStatus::Closed];

/// The states of a run whose lines are frozen under a digest: it was submitted, and was not sent back or cancelled.
pub(crate) const SIGNED: [PayRunStatus; 5] = [
    PayRunStatus::Submitted,
    PayRunStatus::Approved,
    PayRunStatus::Released,
    PayRunStatus::Settling,
    PayRunStatus::Closed,
];

/// The code of the fund that carries monthly benefits.
pub(crate) const REGULAR_FUND: &str = "social_assistance";

/// The codes of the funds that every installation starts with.
pub(crate) const FUNDS: [&str; 2] = [REGULAR_FUND, RELIEF_FUND];

/// The code of the fund that carries a run's lines.
pub(crate) fn fund_code(run: &Model) -> &str {
    &run.fund_code
}

/// The natural key of the job run that builds a revision's lines.
pub(crate) fn build_key(id: Uuid, revision: i64) -> String {
    format!("pay_run_build:{}:{revision}", id.simple())
}

/// The run's cover month.
pub(crate) fn cover_month(run: &Model) -> Result<Month, Error> {
    Month::from_yyyymm(run.cover_month).map_err(Error::internal)
}

/// A run read for a change, locked where the engine locks rows.
pub(crate) async fn for_update(txn: &Txn, id: Uuid) -> Result<Model, Error> {
    let run = entity::pay_run::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    run.ok_or_else(Error::not_found)
}

/// The runs that fit, locked in the order of their ids.
pub(crate) async fn locked_where(txn: &Txn, condition: Condition) -> Result<Vec<Model>, Error> {
    let runs = entity::pay_run::Entity::find()
        .filter(condition)
        .order_by_asc(entity::pay_run::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    Ok(runs)
}

/// A run read.
pub(crate) async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<Model, Error> {
    entity::pay_run::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

/// Refuses a caller who read another version, and a run in another state.
pub(crate) fn expect(run: &Model, version: i64, status: PayRunStatus) -> Result<(), Error> {
    if run.version != version {
        return Err(Error::because(
            ProblemCode::Stale,
            format!("Đợt chi trả đã ở phiên bản {}", run.version),
            format!("the pay run is at version {}", run.version),
        ));
    }
    if run.status == status {
        return Ok(());
    }
    let stands = run.status.code();
    Err(refused_in_state(
        ("Đợt chi trả", "the pay run"),
        "pay_run_status",
        &stands,
    ))
}
