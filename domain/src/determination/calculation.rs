//! The calculator's answer: what falls due in each month of a window.

use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{Determination, Kind, Undetermined};
use crate::case_file::{Benefit, CaseFile, Language, Refused};
use crate::{Month, Vnd};

/// An amount that falls due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// The benefit.
    pub benefit: Benefit,
    /// Regular, arrears or once.
    pub kind: Kind,
    /// The month it is for.
    pub for_month: Month,
    /// The group.
    pub group: Arc<str>,
    /// Đồng.
    pub amount: Vnd,
    /// The provision, as it is cited.
    pub provision: Arc<str>,
}

impl Serialize for Component {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Component", 6)?;
        fields.serialize_field("benefit", &self.benefit)?;
        fields.serialize_field("group", &*self.group)?;
        fields.serialize_field("amount", &self.amount)?;
        fields.serialize_field("kind", &self.kind)?;
        fields.serialize_field("for_month", &self.for_month)?;
        fields.serialize_field("provision", &*self.provision)?;
        fields.end()
    }
}

/// What falls due in one month.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MonthDue {
    /// The month.
    pub month: Month,
    /// The sum of the components.
    pub total: Vnd,
    /// The components, sorted.
    pub components: Vec<Component>,
}

/// A month for which the law does not say what is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MonthUndetermined {
    /// The month.
    pub month: Month,
    /// The benefit.
    pub benefit: Benefit,
    /// A stable word for the reason.
    pub reason: Arc<str>,
}

impl Serialize for MonthUndetermined {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("MonthUndetermined", 3)?;
        fields.serialize_field("month", &self.month)?;
        fields.serialize_field("benefit", &self.benefit)?;
        fields.serialize_field("reason", &*self.reason)?;
        fields.end()
    }
}

/// The calculator's answer for one person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Calculation {
    /// The caller's name for the case.
    pub id: String,
    /// Months with money.
    pub months: Vec<MonthDue>,
    /// Months that the law leaves open.
    pub undetermined: Vec<MonthUndetermined>,
    /// `year` where only the year of birth is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date_precision: Option<&'static str>,
}

/// The line of a case file that was refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CalculationError {
    /// The caller's name for the case, where it could be read.
    pub id: Option<String>,
    /// What is wrong first.
    pub error: CalculationProblem,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CalculationProblem {
    /// A stable code.
    pub code: &'static str,
    /// Where, as a JSON Pointer.
    pub pointer: String,
    /// In the language asked for.
    pub message: &'static str,
}

impl CalculationError {
    /// The line for a refused case file.
    pub fn of(refused: &Refused, language: Language) -> Self {
        let (code, pointer, message) = match refused.problems.first() {
            Some(problem) => (problem.code.code(), problem.pointer.clone(), problem.message(language)),
            None => ("invalid_json", String::new(), ""),
        };
        Self {
            id: refused.id.clone(),
            error: CalculationProblem { code, pointer, message },
        }
    }
}

/// Expands a determination over the months of a window, both ends included.
pub fn expand(case: &CaseFile, determination: &Determination, from: Month, to: Month) -> Calculation {
    let mut due: Vec<(Month, Component)> = Vec::new();
    for period in &determination.periods {
        let component = |for_month: Month| Component {
            benefit: period.benefit,
            kind: period.kind,
            for_month,
            group: Arc::clone(&period.group),
            amount: period.amount,
            provision: Arc::clone(&period.provision),
        };
        match period.due {
            None => {
                let last = period.to.map_or(to, |last| last.min(to));
                due.extend(
                    period
                        .from
                        .max(from)
                        .through(last)
                        .map(|month| (month, component(month))),
                );
            }
            Some(month) if from <= month && month <= to => {
                let last = period.to.unwrap_or(period.from);
                due.extend(period.from.through(last).map(|for_month| (month, component(for_month))));
            }
            Some(_) => {}
        }
    }
    due.sort_unstable();
    let mut months: Vec<MonthDue> = Vec::new();
    for (month, component) in due {
        match months.last_mut() {
            Some(last) if last.month == month => last.components.push(component),
            _ => months.push(MonthDue {
                month,
                total: Vnd::ZERO,
                components: vec![component],
            }),
        }
    }
    for month in &mut months {
        month.total = month.components.iter().map(|component| component.amount).sum();
    }
    let holes = determination.before_2015.iter().chain(&determination.undetermined);
    let mut undetermined: Vec<MonthUndetermined> = holes
        .flat_map(|hole: &Undetermined| {
            let last = hole.to.map_or(to, |last| last.min(to));
            hole.from.max(from).through(last).map(|month| MonthUndetermined {
                month,
                benefit: hole.benefit,
                reason: Arc::clone(&hole.reason),
            })
        })
        .collect();
    undetermined.sort_unstable();
    Calculation {
        id: case.id.clone(),
        months,
        undetermined,
        birth_date_precision: case.birth_date.year_only.then_some("year"),
    }
}
