//! Entitlements: what each person is owed, as decision periods that are superseded and never overwritten.

pub mod bulk;
mod explain;
mod list;
pub mod periods;

pub use explain::explain;
pub use list::{EntitlementView, PeriodView, list};

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
