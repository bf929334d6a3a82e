//! The calculator: a case file in, what falls due out. It stores nothing and asks for no role, save for what is not law yet.

use std::sync::Arc;

use chrono::Datelike;
use domain::Month;
use domain::case_file::{CaseFile, Language, Refused};
use domain::determination::{self, Determiner};
pub use domain::determination::{Calculation, Explanation};
use domain::law::Release;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::error::{Error, FieldError, ProblemCode};
use crate::law;
use crate::print;

/// The most months of a window: a hundred years.
const LONGEST: i32 = 1_200;

/// What to calculate.
#[derive(Clone, Debug)]
pub struct Calculate {
    /// The case file, as `ansinh calculate` takes it.
    pub case_file: Value,
    /// First month; January of this year if none.
    pub from: Option<Month>,
    /// Last month; December of this year if none.
    pub to: Option<Month>,
    /// The release that counts; the newest if none.
    pub release: Option<i32>,
    /// A draft instead of a release.
    pub instrument: Option<Uuid>,
    /// Whether to explain it, and in which language.
    pub explain: Option<Language>,
}

/// What falls due, and why where it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Calculated {
    /// What falls due.
    #[serde(flatten)]
    pub calculation: Calculation,
    /// How each amount came about, as `ansinh calculate --explain` tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Explanation>,
    /// The same in plain words, in the language asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// Calculates what falls due in each month of the window.
///
/// # Errors
/// Everything wrong with the case file, each with its pointer; `not-found` for a release or a draft that does not exist;
/// `forbidden` for a draft without the permission to read law; `instrument-faulty` for one that can't be law.
pub async fn calculate(app: &App, actor: &Actor, command: Calculate) -> Result<Calculated, Error> {
    let case = CaseFile::from_value(&command.case_file).map_err(|refused| Error::invalid(faults(&refused)))?;
    let year = app.clock.today().year();
    let of_this_year = |month: u32| Month::new(year, month).map_err(Error::internal);
    let from = command.from.map_or_else(|| of_this_year(1), Ok)?;
    let to = command.to.map_or_else(|| of_this_year(12), Ok)?;
    if to < from || to.index() - from.index() >= LONGEST {
        return Err(Error::because(
            ProblemCode::InvalidRequest,
            format!(
                "Từ {} đến {} không phải một khoảng từ 1 đến {LONGEST} tháng",
                print::month(from),
                print::month(to)
            ),
            format!("{from} to {to} is not a window of 1 to {LONGEST} months"),
        ));
    }
    let release = release(app, actor, command.release, command.instrument).await?;
    let Some(language) = command.explain else {
        return Ok(Calculated {
            calculation: determination::calculate(&case, &release, from, to),
            trace: None,
            explanation: None,
        });
    };
    let explained = Determiner::new(&release).explained(&case, from, to);
    Ok(Calculated {
        explanation: Some(explained.trace.render(language)),
        calculation: explained.calculation,
        trace: Some(explained.trace),
    })
}

/// The law that counts.
async fn release(
    app: &App,
    actor: &Actor,
    number: Option<i32>,
    instrument: Option<Uuid>,
) -> Result<Arc<Release>, Error> {
    if let Some(draft) = instrument {
        if number.is_some() {
            return Err(Error::because(
                ProblemCode::InvalidRequest,
                "Chỉ nêu một trong hai: release hoặc instrument",
                "name one of the two: release or instrument",
            ));
        }
        return law::draft_release(app, actor, draft).await;
    }
    let latest = law::latest(app).await?;
    let number = number.unwrap_or(latest);
    if !(1..=latest).contains(&number) {
        return Err(Error::because(
            ProblemCode::NotFound,
            format!("Không có bản phát hành {number}"),
            format!("there is no release {number}"),
        ));
    }
    law::release(app, number).await
}

fn faults(refused: &Refused) -> Vec<FieldError> {
    let problems = refused.problems.iter().map(|problem| {
        let (vi, en) = (
            problem.message(Language::Vietnamese),
            problem.message(Language::English),
        );
        FieldError::new(problem.pointer.clone(), problem.code.code(), vi, en)
    });
    problems.collect()
}
