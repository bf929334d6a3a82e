//! Entitlements: what each person is owed, as decision periods that are superseded and never overwritten.

mod basis;
pub mod bulk;
mod compare;
mod decision;
mod discreet;
mod explain;
mod list;
mod narrate;
mod notice;
mod office;
mod paper;
pub mod periods;
mod records;
mod trace;

pub use compare::{Cause, ChangeView, ComparisonView, DeterminationView, LawCause, LevelView, compare, determinations};
pub use decision::decision;
pub(crate) use discreet::{is_confidential, is_confidential_kind};
pub use explain::{ExplainedPeriod, ExplanationView, FactView, ReasonView, RightView, ValueView, explain};
pub use list::{EntitlementView, PeriodView, list};
pub use notice::notice;
pub(crate) use office::{Office, at as office_at};
pub(crate) use paper::{CENTRED, called, closing_for, named};
pub use records::{RecordCause, RecordChange};

use domain::case_file::Benefit;
use uuid::Uuid;

use crate::app::App;

/// The benefit of a code.
pub fn benefit(code: &str) -> Option<Benefit> {
    Benefit::ALL.iter().copied().find(|benefit| benefit.code() == code)
}

/// The permanent id of a person's entitlement to a benefit, the same on every machine.
pub fn id(app: &App, person_id: Uuid, benefit: Benefit) -> Uuid {
    domain::ids::uuid8(
        app.secret.ids(),
        "entitlement",
        &format!("{}:{}", person_id.simple(), benefit.code()),
    )
}
