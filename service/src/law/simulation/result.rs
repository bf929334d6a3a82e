//! What a simulation says.

use std::collections::BTreeMap;

use domain::Month;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::budget::Budget;
use super::count::{Line as Counted, Part, add_months};
use super::frame::{Frame, ReplayedMonths, place};
use crate::error::Text;
use crate::law::check::FindingView;

/// A person whose money changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Example {
    /// The person.
    pub person_id: Uuid,
    /// Where the person lives.
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// The groups now.
    #[schema(example = "5.6")]
    pub groups_now: String,
    /// The groups under the draft.
    #[schema(example = "5.6")]
    pub groups_draft: String,
    /// Đồng now, in the month of comparison.
    pub now: i64,
    /// Đồng under the draft.
    pub draft: i64,
}

impl Example {
    pub(super) fn moved(&self) -> i64 {
        (self.draft - self.now).abs()
    }
}

/// People whose money changes in one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SimulatedChange)]
pub struct Change {
    /// How many.
    pub people: i64,
    /// By how many đồng a month in all.
    pub dong: i64,
    /// Those who change most.
    pub examples: Vec<Example>,
}

/// Money of months already paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Owed {
    /// How many people.
    pub people: i64,
    /// Đồng in all.
    pub dong: i64,
}

/// A line of a table. What the table is not cut by is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// The month; in a table without it, the month of comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// The area.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "06652@1900-01")]
    pub area_id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hạ Long")]
    pub area: Option<String>,
    /// The benefit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "monthly_allowance")]
    pub benefit: Option<String>,
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "5.6")]
    pub group: Option<String>,
    /// People with money now.
    pub heads_now: i64,
    /// People with money under the draft.
    pub heads_draft: i64,
    /// Đồng now.
    pub now: i64,
    /// Đồng under the draft.
    pub draft: i64,
}

impl From<Counted> for Line {
    fn from(line: Counted) -> Self {
        Self {
            heads_now: line.heads_now,
            heads_draft: line.heads_draft,
            now: line.now,
            draft: line.draft,
            ..Self::default()
        }
    }
}

/// A month already paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaidMonth {
    /// The month.
    pub month: Month,
    /// Đồng owed in addition under the draft.
    pub arrears: i64,
    /// Đồng paid that would not have been due under the draft.
    pub potential_overpayments: i64,
}

/// The past two years, had the draft come then. Everybody is determined on today's records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replay {
    /// Which months.
    pub months: ReplayedMonths,
    /// Month by month.
    pub by_month: Vec<Line>,
    /// Đồng in all by the law as it was.
    pub now: i64,
    /// Đồng in all under the draft.
    pub draft: i64,
}

/// The result of a simulation. Money is whole đồng. A month's money is what its rules bring; what is made up for
/// months already paid stands apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimulationResult {
    /// The first month that the draft touches.
    pub first_month: Month,
    /// The month in which people, areas and groups are compared.
    pub compared_in: Month,
    /// The last month whose money is paid already.
    pub paid_through: Option<Month>,
    /// How many people were determined.
    pub people: i64,
    /// Every counted month.
    pub by_month: Vec<Line>,
    /// By area.
    pub by_area: Vec<Line>,
    /// By benefit and group.
    pub by_group: Vec<Line>,
    /// By area, group and month, twelve months long; lines of nothing are left out.
    pub cells: Vec<Line>,
    /// More than now.
    pub gainers: Change,
    /// Less than now, but something.
    pub losers: Change,
    /// Nothing now, something under the draft.
    pub entrants: Change,
    /// Something now, nothing under the draft.
    pub leavers: Change,
    /// The same.
    pub unchanged: i64,
    /// People for whom the law in force leaves a month of effect open.
    pub undetermined_now: i64,
    /// The same under the draft.
    pub undetermined_draft: i64,
    /// What months already paid owe in addition.
    pub arrears: Owed,
    /// What months already paid were paid too much.
    pub potential_overpayments: Owed,
    /// Both, month by month.
    pub paid_months: Vec<PaidMonth>,
    /// Twelve months from the month of comparison.
    pub twelve_months: Line,
    /// The fiscal year against its fund; none of a sample or for callers who may not read funds.
    pub budget: Option<Budget>,
    /// The past two years under the draft.
    pub replay: Option<Replay>,
    /// Why there is no replay.
    pub replay_refused: Option<Text>,
    /// What the check found when the simulation ended; a signature binds to it too.
    #[serde(default)]
    pub findings: Vec<FindingView>,
}

impl SimulationResult {
    /// The result of everything counted.
    pub(super) fn of(frame: &Frame, counted: Part, names: &BTreeMap<String, String>) -> Self {
        let compared = place(frame.from, frame.compared).unwrap_or(0);
        let mut all = Vec::new();
        let mut groups: BTreeMap<(String, String), Counted> = BTreeMap::new();
        let (mut by_area, mut cells) = (Vec::new(), Vec::new());
        for (area_id, area) in &counted.areas {
            add_months(&mut all, &area.months);
            let named = Line {
                area_id: Some(area_id.clone()),
                area: Some(names.get(area_id).unwrap_or(area_id).clone()),
                ..Line::default()
            };
            let line = area.months.get(compared).copied().unwrap_or_default();
            if line != Counted::default() {
                by_area.push(with_keys(&named, line));
            }
            for (benefit, own) in &area.groups {
                for (group, months) in own {
                    let first = months.first().copied().unwrap_or_default();
                    groups.entry((benefit.clone(), group.clone())).or_default().add(first);
                    let named = Line {
                        benefit: Some(benefit.clone()),
                        group: Some(group.clone()),
                        ..named.clone()
                    };
                    cells.extend(
                        by_month(frame.compared, months, &named).filter(|line| line.now != 0 || line.draft != 0),
                    );
                }
            }
        }
        let mut twelve = Counted::default();
        for line in all.iter().skip(compared).take(12) {
            twelve.now += line.now;
            twelve.draft += line.draft;
        }
        let counted_months = frame
            .from
            .through(frame.to)
            .zip(all.iter().copied().chain(std::iter::repeat(Counted::default())));
        Self {
            first_month: frame.first,
            compared_in: frame.compared,
            paid_through: frame.taken,
            people: counted.people,
            by_month: counted_months
                .map(|(month, line)| Line {
                    month: Some(month),
                    ..line.into()
                })
                .collect(),
            by_area,
            by_group: groups
                .into_iter()
                .map(|((benefit, group), line)| group_line(benefit, group, line))
                .collect(),
            cells,
            gainers: counted.gainers,
            losers: counted.losers,
            entrants: counted.entrants,
            leavers: counted.leavers,
            unchanged: counted.unchanged,
            undetermined_now: counted.undetermined_now,
            undetermined_draft: counted.undetermined_draft,
            arrears: counted.arrears,
            potential_overpayments: counted.potential_overpayments,
            paid_months: counted
                .paid_months
                .into_iter()
                .map(|(month, (arrears, potential_overpayments))| PaidMonth {
                    month,
                    arrears,
                    potential_overpayments,
                })
                .collect(),
            twelve_months: twelve.into(),
            budget: None,
            replay: None,
            replay_refused: None,
            findings: Vec::new(),
        }
    }

    /// The money of a month, now and under the draft.
    pub(super) fn month(&self, month: Month) -> (i64, i64) {
        let line = self.by_month.iter().find(|line| line.month == Some(month));
        line.map_or((0, 0), |line| (line.now, line.draft))
    }
}

impl Replay {
    /// The replay of everything counted.
    pub(super) fn of(months: ReplayedMonths, counted: &[Counted]) -> Self {
        let by_month: Vec<Line> = by_month(months.from, counted, &Line::default()).collect();
        Self {
            months,
            now: by_month.iter().map(|line| line.now).sum(),
            draft: by_month.iter().map(|line| line.draft).sum(),
            by_month,
        }
    }
}

fn with_keys(keys: &Line, line: Counted) -> Line {
    Line {
        heads_now: line.heads_now,
        heads_draft: line.heads_draft,
        now: line.now,
        draft: line.draft,
        ..keys.clone()
    }
}

fn group_line(benefit: String, group: String, line: Counted) -> Line {
    Line {
        benefit: Some(benefit),
        group: Some(group),
        ..line.into()
    }
}

fn by_month<'a>(from: Month, lines: &'a [Counted], keys: &'a Line) -> impl Iterator<Item = Line> + 'a {
    let months = from.through(Month::MAX);
    lines.iter().zip(months).map(|(line, month)| Line {
        month: Some(month),
        ..with_keys(keys, *line)
    })
}
