//! Law as data: instruments, their check, and the release compiled from those published.

mod affected;
mod catalogue;
mod check;
mod citation;
pub(crate) mod clause;
mod compile;
mod condition;
mod difference;
pub(crate) mod epoch;
mod finding;
mod group;
mod instrument;
mod moved;
pub(crate) mod release;
mod schema;

pub use affected::{Affected, Traits};
pub use catalogue::{catalogue, latest, published_by};
pub use check::{changed_since, check, check_in, clashes};
pub use citation::citation;
pub use condition::{AgeBracket, Cared, Children, Condition, Counted};
pub use difference::{
    Change, ClauseChange, Difference, FieldChange, InstrumentChange, Label, ParameterChange, RuleChange, SaidValue,
    compare, difference,
};
pub use finding::{Finding, FindingCode, Severity};
pub use group::{TOGETHER, UNNAMED, group_name, group_said, is_numbered};
pub use instrument::{
    Amount, BenefitRule, Bracket, Confidence, DeclaredUnknown, EffectRule, ExpectedComponent, ExpectedUndetermined,
    FirstLevel, Instrument, Issuer, LaterLevel, Number, Parameter, Provision, RuleCase, RuleEnd, Together, TogetherEnd,
    Undetermined, Unit,
};
pub use moved::{moved_back, room_to_move};
pub use release::{ParameterValue, Release, RuleDependence};
pub use schema::{schema, schema_text};
