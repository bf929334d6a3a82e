//! The condition tree: typed JSON, not a language. `{"all": [{"age": {"below": 16}}, {"evidence": {"kind": "hiv"}}]}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::case_file::{AreaType, Setting};
use crate::evidence::{CareCondition, CareRelation, EvidenceKind};

/// Ages from a birthday on, below another: `from <= age < below`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeBracket {
    /// The lowest age; from birth if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u8>,
    /// The first age outside; open if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<u8>,
}

/// Which of the children being raised count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Children {
    /// Children below this age count.
    pub below: u8,
    /// And those below this age while studying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub studying_below: Option<u8>,
}

/// Which of the persons cared for count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cared {
    /// Why cared for.
    pub condition: CareCondition,
    /// Own family or taken in.
    pub relation: CareRelation,
    /// Of which age; any if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<AgeBracket>,
}

/// Whose number is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Children being raised.
    Children(Children),
    /// Persons cared for.
    Cared(Cared),
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// All of these.
    #[schema(no_recursion)]
    All(Vec<Condition>),
    /// At least one of these.
    #[schema(no_recursion)]
    Any(Vec<Condition>),
    /// Not this.
    #[schema(no_recursion)]
    Not(Box<Condition>),
    /// The person's age.
    Age(AgeBracket),
    /// A piece of evidence holds.
    Evidence {
        /// Its kind.
        kind: EvidenceKind,
        /// One of these words; any value if empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        is: Vec<String>,
    },
    /// A piece of evidence holds that began before the person reached an age.
    Began {
        /// Its kind.
        kind: EvidenceKind,
        /// The age.
        before_age: u8,
    },
    /// The type of the area of residence.
    Area(AreaType),
    /// Where the person lives.
    Setting(Setting),
    /// How many there are: `from <= number < below`.
    Count {
        /// Of whom.
        of: Counted,
        /// The least number; none for no bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<u8>,
        /// The first number outside; none for no bound.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<u8>,
    },
    /// The sum of the pensions lies below the highest of these parameters; true without any pension.
    PensionBelow {
        /// The parameters.
        of: Vec<String>,
    },
    /// The person meets the conditions of one of these groups of the monthly allowance.
    Group {
        /// The groups.
        any_of: Vec<String>,
    },
}

impl Condition {
    /// Calls `visit` for this condition and all below it, with the pointer of each below `pointer`.
    pub(crate) fn walk<'c>(&'c self, pointer: &str, visit: &mut impl FnMut(&str, &'c Self)) {
        visit(pointer, self);
        match self {
            Self::All(parts) => walk_list(parts, &format!("{pointer}/all"), visit),
            Self::Any(parts) => walk_list(parts, &format!("{pointer}/any"), visit),
            Self::Not(part) => part.walk(&format!("{pointer}/not"), visit),
            _ => {}
        }
    }
}

fn walk_list<'c>(parts: &'c [Condition], pointer: &str, visit: &mut impl FnMut(&str, &'c Condition)) {
    for (index, part) in parts.iter().enumerate() {
        part.walk(&format!("{pointer}/{index}"), visit);
    }
}
