//! Several drafts side by side: their newest simulations in one answer and one workbook.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::SimulationStatus;
use entity::{instrument, simulation};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::result::{Line, Owed, SimulationResult};
use super::side_by_side::scenario_book;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};

/// How many drafts may stand side by side.
const MOST: usize = 6;

/// One draft in the comparison.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Scenario {
    /// The draft.
    pub instrument_id: Uuid,
    /// Its number.
    #[schema(example = "NQ 99/2030")]
    pub number: String,
    /// Its title.
    pub title: String,
    /// The simulation that speaks for it.
    pub simulation_id: Uuid,
    /// The revision that was simulated.
    pub revision: i64,
    /// Was that the text as it reads now?
    pub current: bool,
    /// The first month that it touches.
    pub first_month: Month,
    /// The month in which people, areas and groups are compared.
    pub compared_in: Month,
    /// People who receive more.
    pub gainers: i64,
    /// People who receive less.
    pub losers: i64,
    /// People who receive something anew.
    pub entrants: i64,
    /// People who receive nothing any more.
    pub leavers: i64,
    /// People for whom it leaves a month of effect open.
    pub undetermined: i64,
    /// What months already paid owe in addition.
    pub arrears: Owed,
    /// What months already paid were paid too much.
    pub potential_overpayments: Owed,
    /// Twelve months from the month of comparison.
    pub twelve_months: Line,
    /// The fiscal year.
    pub fiscal_year: Option<i32>,
    /// Đồng of the fiscal year by the law in force; null without a fund, or for callers who may not read funds.
    pub year_now: Option<i64>,
    /// Đồng of the fiscal year under the draft.
    pub year_draft: Option<i64>,
    /// The first month that the fund can't pay under the draft.
    pub runs_out: Option<Month>,
    /// Đồng of the past two years, had it come then, against what they were.
    pub replayed: Option<i64>,
}

/// What one draft comes to in a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Side {
    /// People with money now.
    pub heads_now: i64,
    /// People with money under the draft.
    pub heads_draft: i64,
    /// Đồng now.
    pub now: i64,
    /// Đồng under the draft.
    pub draft: i64,
}

/// A line with one side for each draft, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioLine {
    /// The month, in the table of months.
    pub month: Option<Month>,
    /// The area, in the table of areas.
    pub area_id: Option<String>,
    /// Its name.
    pub area: Option<String>,
    /// The benefit, in the table of groups.
    pub benefit: Option<String>,
    /// The group.
    pub group: Option<String>,
    /// One for each draft; null where its simulation does not count the line.
    pub sides: Vec<Option<Side>>,
}

/// Several drafts side by side, each against the same law in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Scenarios {
    /// The release in force that all were compared with.
    pub base_release: Option<i32>,
    /// One person of so many was determined; everybody if null.
    pub sample: Option<i64>,
    /// The drafts, in the order they were asked for.
    pub scenarios: Vec<Scenario>,
    /// Month by month.
    pub by_month: Vec<ScenarioLine>,
    /// By area, each draft in its own month of comparison.
    pub by_area: Vec<ScenarioLine>,
    /// By benefit and group.
    pub by_group: Vec<ScenarioLine>,
}

/// A draft with its newest simulation.
struct Told {
    own: instrument::Model,
    row: simulation::Model,
    result: SimulationResult,
}

/// The newest simulations of several drafts side by side.
pub async fn scenarios(app: &App, actor: &Actor, drafts: &[Uuid]) -> Result<Scenarios, Error> {
    actor.require_province(Permission::LawRead)?;
    let distinct: BTreeSet<&Uuid> = drafts.iter().collect();
    if !(2..=MOST).contains(&drafts.len()) || distinct.len() != drafts.len() {
        return Err(Error::because(
            ProblemCode::InvalidRequest,
            format!("Cần 2 đến {MOST} văn bản khác nhau"),
            format!("2 to {MOST} different instruments are needed"),
        ));
    }
    let mut told = Vec::with_capacity(drafts.len());
    for id in drafts {
        told.push(newest(app, actor, *id).await?);
    }
    let same =
        |of: fn(&Told) -> (Option<i32>, Option<i64>)| told.iter().all(|one| Some(of(one)) == told.first().map(of));
    if !same(|one| (one.row.base_release, one.row.sample)) {
        return Err(Error::because(
            ProblemCode::Conflict,
            "Các mô phỏng không cùng một bản phát hành hoặc cùng một mẫu; hãy mô phỏng lại",
            "the simulations were not made against one release or of the same people; simulate again",
        ));
    }
    let first = told.first().map(|one| (one.row.base_release, one.row.sample));
    let (base_release, sample) = first.unwrap_or_default();
    Ok(Scenarios {
        base_release,
        sample,
        by_month: by_month(&told),
        by_area: table(&told, |result| &result.by_area),
        by_group: table(&told, |result| &result.by_group),
        scenarios: told.iter().map(scenario).collect(),
    })
}

/// The same as XLSX.
pub async fn scenario_workbook(app: &App, actor: &Actor, drafts: &[Uuid]) -> Result<Vec<u8>, Error> {
    let told = scenarios(app, actor, drafts).await?;
    scenario_book(&told, app.clock.now())
}

async fn newest(app: &App, actor: &Actor, id: Uuid) -> Result<Told, Error> {
    let own = crate::law::find(app.db.read(), id).await?;
    let row = super::read::newest(app, id).await?;
    let result = row.result.clone().filter(|_| row.status == SimulationStatus::Done);
    let result = result.and_then(|result| serde_json::from_value::<SimulationResult>(result).ok());
    let Some(mut result) = result else {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            format!("Mô phỏng của {} chưa xong", own.number),
            format!("the simulation of {} is not done", own.number),
        ));
    };
    super::read::keep(actor, &mut result);
    Ok(Told { own, row, result })
}

fn scenario(told: &Told) -> Scenario {
    let Told { own, row, result } = told;
    let budget = result.budget.as_ref();
    Scenario {
        instrument_id: own.id,
        number: own.number.clone(),
        title: own.title.clone(),
        simulation_id: row.id,
        revision: row.revision,
        current: row.body_hash.as_ref() == Some(&own.body_hash),
        first_month: result.first_month,
        compared_in: result.compared_in,
        gainers: result.gainers.people,
        losers: result.losers.people,
        entrants: result.entrants.people,
        leavers: result.leavers.people,
        undetermined: result.undetermined_draft,
        arrears: result.arrears,
        potential_overpayments: result.potential_overpayments,
        twelve_months: result.twelve_months.clone(),
        fiscal_year: budget.map(|budget| budget.fiscal_year),
        year_now: budget.map(|budget| budget.year_now),
        year_draft: budget.map(|budget| budget.year_draft),
        runs_out: budget.and_then(|budget| budget.runs_out_draft),
        replayed: result.replay.as_ref().map(|replay| replay.draft - replay.now),
    }
}

fn side(line: &Line) -> Side {
    Side {
        heads_now: line.heads_now,
        heads_draft: line.heads_draft,
        now: line.now,
        draft: line.draft,
    }
}

/// Every month that a simulation counts. A draft changes nothing before its first month, so that what another
/// simulation counts there stands for it too.
fn by_month(told: &[Told]) -> Vec<ScenarioLine> {
    let mut known: BTreeMap<Month, Side> = BTreeMap::new();
    for line in told.iter().flat_map(|one| &one.result.by_month) {
        if let Some(month) = line.month {
            known.entry(month).or_insert_with(|| Side {
                heads_draft: line.heads_now,
                draft: line.now,
                ..side(line)
            });
        }
    }
    let lines = known.iter().map(|(month, in_force)| {
        let sides = told.iter().map(|one| {
            let counted = one.result.by_month.iter().find(|line| line.month == Some(*month));
            let before = (*month < one.result.first_month).then_some(*in_force);
            counted.map(side).or(before)
        });
        ScenarioLine {
            month: Some(*month),
            area_id: None,
            area: None,
            benefit: None,
            group: None,
            sides: sides.collect(),
        }
    });
    lines.collect()
}

type Keys = (Option<String>, Option<String>, Option<String>, Option<String>);

fn keys(line: &Line) -> Keys {
    let Line {
        area_id,
        area,
        benefit,
        group,
        ..
    } = line.clone();
    (area_id, area, benefit, group)
}

/// A table of each simulation as one; a line that one of them does not have is nothing there.
fn table(told: &[Told], of: impl Fn(&SimulationResult) -> &Vec<Line>) -> Vec<ScenarioLine> {
    let all: BTreeSet<Keys> = told.iter().flat_map(|one| of(&one.result)).map(keys).collect();
    let lines = all.into_iter().map(|own| {
        let sides = told.iter().map(|one| {
            let line = of(&one.result).iter().find(|line| keys(line) == own);
            Some(line.map_or_else(Side::default, side))
        });
        let sides = sides.collect();
        let (area_id, area, benefit, group) = own;
        ScenarioLine {
            month: None,
            area_id,
            area,
            benefit,
            group,
            sides,
        }
    });
    lines.collect()
}
