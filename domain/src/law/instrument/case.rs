//! Cases that an instrument carries with it: what its rules give to somebody in a month.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::case_file::Benefit;
use crate::determination::Kind;
use crate::{Month, Vnd};

/// A case: a case file, a month, and everything that falls due in it. While it comes out otherwise the instrument
/// can't be submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleCase {
    /// What is tried, in Vietnamese.
    pub name: String,
    /// The case file, as the calculator reads it; `id` may be left out.
    #[schema(value_type = Object)]
    pub case: Value,
    /// The month in which the money falls due.
    pub month: Month,
    /// All that falls due in it; nothing if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<ExpectedComponent>,
    /// All that the law leaves open in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<ExpectedUndetermined>,
}

/// An amount that falls due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedComponent {
    /// The benefit.
    pub benefit: Benefit,
    /// The group.
    pub group: String,
    /// Đồng.
    pub amount: Vnd,
    /// Regular if left out.
    #[serde(default, skip_serializing_if = "is_regular")]
    pub kind: Kind,
    /// The month it is for; the month of the case if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_month: Option<Month>,
    /// The provision, as it is cited; any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<String>,
}

/// A benefit the law leaves open in the month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedUndetermined {
    /// The benefit.
    pub benefit: Benefit,
    /// The stable word for the reason.
    pub reason: String,
}

fn is_regular(kind: &Kind) -> bool {
    *kind == Kind::Regular
}
