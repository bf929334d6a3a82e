//! Law: instruments from draft to publication, the releases they make, and what a draft would change.

mod approve;
mod check;
mod compare;
mod correct;
mod draft;
mod history;
mod install;
mod parameter;
mod publish;
mod release;
mod simulation;
mod since;
mod text;
mod view;

pub(crate) use approve::signature;
pub use approve::{SignInstrument, approve, submit, withdraw};
pub use check::{FindingView, check, list_findings};
pub use compare::{ComparedVersion, Comparison, changes, compare_versions, release_difference};
pub use correct::{Correct, correct};
pub use domain::law::{Difference, Instrument, schema, schema_text};
pub(crate) use draft::hash;
pub use draft::{draft, edit};
pub use install::install;
pub(crate) use parameter::parameter_on;
pub use parameter::{ParameterView, parameters};
pub use publish::{Published, publish};
pub use release::{Cache, ReleaseView, latest, release, releases};
pub(crate) use release::{draft_release, lowering_makes_debt, published};
pub use simulation::{
    Budget, BudgetMonth, Change, Example, Line, Owed, PaidMonth, Replay, ReplayedMonths, Scenario, ScenarioLine,
    Scenarios, Side, Simulate, SimulateChunk, SimulationResult, SimulationSummary, SimulationView, scenario_workbook,
    scenarios, simulate, simulation, simulations, workbook,
};
pub use text::{attach_text, text};
pub use view::{InstrumentView, RepealedBy, get, list};

use entity::enums::InstrumentStatus;
use entity::instrument;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::vocabulary;

/// The subject of an instrument in approvals and the audit trail; triggers of the database know it too.
pub(crate) fn subject(id: Uuid) -> String {
    format!("instrument:{}", id.simple())
}

async fn find(conn: &impl ConnectionTrait, id: Uuid) -> Result<instrument::Model, Error> {
    instrument::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

async fn for_update(txn: &Txn, id: Uuid) -> Result<instrument::Model, Error> {
    let row = instrument::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?;
    row.ok_or_else(Error::not_found)
}

fn expect(row: &instrument::Model, version: i64, allowed: &[InstrumentStatus]) -> Result<(), Error> {
    if row.version != version {
        return Err(Error::because(
            ProblemCode::Stale,
            format!("Văn bản đã ở phiên bản {}", row.version),
            format!("the instrument is at version {}", row.version),
        ));
    }
    if allowed.contains(&row.status) {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        format!(
            "Văn bản đang ở trạng thái “{}”",
            vocabulary::said("instrument_status", &row.status)
        ),
        format!("the instrument is {}", row.status.code()),
    ))
}
