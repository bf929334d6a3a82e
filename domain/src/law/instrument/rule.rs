//! Who receives what: rules, their amounts, and their ends.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Confidence, Number};
use crate::case_file::{Benefit, Setting};
use crate::law::condition::{AgeBracket, Cared, Children, Condition};

/// Who receives what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BenefitRule {
    /// The benefit.
    pub benefit: Benefit,
    /// The group: `5.5a`.
    pub group: String,
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Where it is paid. A stay in a facility hides what is paid in the community and ends no spell; what is paid in a
    /// facility has the residence there as its condition.
    pub setting: Setting,
    /// The conditions.
    pub when: Condition,
    /// One component for each person cared for like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<Cared>,
    /// How much.
    pub amount: Amount,
    /// Among the rules with one such name only the highest is paid; monthly allowance and social pension are one such
    /// set by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest_of: Option<String>,
    /// Groups in whose place this one stands, so that what is paid beside them is paid beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_place_of: Vec<String>,
    /// Where the law does not say what is due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<Undetermined>,
    /// Where the rule was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A case for which the law gives no amount: it is listed, never paid as nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undetermined {
    /// When.
    pub when: Condition,
    /// A stable word for the reason.
    pub reason: String,
    /// The parameter that stands for the amount when it is asked whether it could win; the rule's own amount if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_as: Option<String>,
}

/// How much a rule gives. `of` names parameters, of which the highest is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// A coefficient times a standard.
    Times {
        /// The coefficient.
        coefficient: Number,
        /// The standards.
        of: Vec<String>,
    },
    /// A coefficient by age, times a standard.
    ByAge {
        /// The standards.
        of: Vec<String>,
        /// The brackets, without a gap.
        brackets: Vec<Bracket>,
    },
    /// A coefficient for each child, times a standard.
    PerChild {
        /// The coefficient for one child.
        coefficient: Number,
        /// The standards.
        of: Vec<String>,
        /// Which children count.
        children: Children,
        /// The most children that count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u8>,
    },
    /// A parameter as it stands.
    Fixed {
        /// The parameters.
        of: Vec<String>,
    },
    /// A parameter by the type of the area; a special area is declared undetermined.
    FixedByArea {
        /// In urban areas.
        urban: String,
        /// In rural areas.
        rural: String,
    },
}

/// One line of a table by age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bracket {
    /// The ages.
    pub age: AgeBracket,
    /// The coefficient.
    pub coefficient: Number,
}

/// Ends what an earlier instrument says. Rules end unless only parameters or pairs are named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEnd {
    /// The number of the instrument of which something ends.
    pub instrument: String,
    /// The benefit of the rules; all if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<Benefit>,
    /// The groups of the rules; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The keys of the parameters whose values end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
    /// The pairs of groups that are paid together no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<TogetherEnd>,
    /// The articles in which all this stands; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub articles: Vec<String>,
    /// The last day.
    pub to: NaiveDate,
    /// Where this was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

impl RuleEnd {
    /// Whether it ends rules: it names some, or names nothing else.
    pub(crate) fn ends_rules(&self) -> bool {
        self.benefit.is_some() || !self.groups.is_empty() || (self.parameters.is_empty() && self.together.is_empty())
    }

    /// Whether it means what stands in an article of its instrument.
    pub(crate) fn means_article(&self, article: &str) -> bool {
        self.articles.is_empty() || self.articles.iter().any(|meant| meant == article)
    }
}

/// Groups that are paid beside another no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TogetherEnd {
    /// The group.
    pub group: String,
    /// The groups beside which it is paid no longer; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}
