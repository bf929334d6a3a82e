//! What a person is due, over the whole life: a pure function of a case file and a release of law.

mod calculation;
mod choose;
mod explain;
mod facts;
mod law_at;
mod life;
mod months;
mod periods;
mod settings;
mod spells;
mod suspension;

use std::sync::Arc;

pub use self::calculation::{
    Calculation, CalculationError, CalculationProblem, Component, MonthDue, MonthUndetermined, expand,
};
pub(crate) use self::explain::dong;
pub use self::explain::{Considered, Explained, Explanation, Fact, Reason, Used, open_reason, parameter_label};

use serde::{Deserialize, Serialize};

use self::life::Life;
use crate::case_file::{Benefit, CaseFile};
use crate::law::Release;
use crate::{Month, Vnd};

/// Why money of a period falls due when it does.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In each month itself.
    #[default]
    Regular,
    /// Later than the month it is for.
    Arrears,
    /// Once.
    OneOff,
}

impl Kind {
    /// The code in output and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Arrears => "arrears",
            Self::OneOff => "one_off",
        }
    }
}

/// A stretch of months with one amount.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The benefit.
    pub benefit: Benefit,
    /// Empty, or a stable key of the person cared for.
    pub component: String,
    /// First month it is for.
    pub from: Month,
    /// Last month it is for; open if none.
    pub to: Option<Month>,
    /// Regular, arrears or once.
    pub kind: Kind,
    /// The month in which all of it falls due; none for each month in itself.
    pub due: Option<Month>,
    /// The group.
    pub group: Arc<str>,
    /// Đồng for each month.
    pub amount: Vnd,
    /// The provision, as it is cited.
    pub provision: Arc<str>,
}

/// A stretch of months for which the law does not say what is due; nothing is paid and it is listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Undetermined {
    /// The benefit.
    pub benefit: Benefit,
    /// First month.
    pub from: Month,
    /// Last month; open if none.
    pub to: Option<Month>,
    /// A stable word for the reason.
    pub reason: Arc<str>,
}

/// Everything a person is due, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Determination {
    /// By benefit, component and month.
    pub periods: Vec<Period>,
    /// From January 2015 on, by benefit and month.
    pub undetermined: Vec<Undetermined>,
    /// The months before, for which no standard is known, by benefit and month.
    pub before_2015: Vec<Undetermined>,
}

/// Determines a whole life, from the first month to the open end. For many people keep a [`Determiner`].
pub fn determine(case: &CaseFile, release: &Release) -> Determination {
    Determiner::new(release).determine(case)
}

/// What falls due to a person in each month from `from` to `to`, both included.
pub fn calculate(case: &CaseFile, release: &Release, from: Month, to: Month) -> Calculation {
    expand(case, &determine(case, release), from, to)
}

/// Determines one person after another under one release, keeping its buffers.
#[derive(Debug)]
pub struct Determiner<'r> {
    life: Life<'r>,
}

impl<'r> Determiner<'r> {
    /// For a release.
    pub fn new(release: &'r Release) -> Self {
        Self {
            life: Life::new(release),
        }
    }

    /// Determines a whole life, from the first month to the open end.
    pub fn determine(&mut self, case: &CaseFile) -> Determination {
        self.life.live(case);
        periods::determination(&self.life, case)
    }

    /// What falls due in each month from `from` to `to`, both included.
    pub fn calculate(&mut self, case: &CaseFile, from: Month, to: Month) -> Calculation {
        let determination = self.determine(case);
        expand(case, &determination, from, to)
    }

    /// Determines a whole life and says how each amount came about: both are read off the same stretches of months.
    pub fn traced(&mut self, case: &CaseFile) -> (Determination, Explanation) {
        let determination = self.determine(case);
        let trace = explain::whole(&self.life, case);
        (determination, trace)
    }

    /// What falls due in a window, with how each amount came about.
    pub fn explained(&mut self, case: &CaseFile, from: Month, to: Month) -> Explained {
        let calculation = self.calculate(case, from, to);
        Explained {
            calculation,
            trace: explain::explain(&mut self.life, case, from, to),
        }
    }
}
