//! Households and who belongs to them, with dates.

mod change;
mod read;

pub use change::{AddMember, CreateHousehold, EndMember, add_member, create, end_member};
pub use read::{HouseholdView, ListHouseholds, MemberView, get, list};

use entity::household;
use sea_orm::sea_query::Expr;

use crate::actor::Scope;

/// The condition that keeps a query of households inside a scope.
fn within(scope: &Scope) -> sea_orm::Condition {
    scope.condition(Expr::col((household::Entity, household::Column::AreaId)))
}
