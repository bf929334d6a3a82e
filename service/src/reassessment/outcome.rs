//! How the people of a reassessment came out, one by one.

use entity::enums::ReassessmentResult;
use entity::job_chunk::{self, ChunkStatus};
use entity::{job_run, person, reassessment_outcome};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::person::People;
use crate::reassessment::start::RUN_KIND;

/// Which outcomes of a reassessment to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOutcomes {
    /// This outcome alone: `changed`, `unchanged`, `held` or `failed`; left out: all but the unchanged.
    #[param(value_type = Option<String>, example = "held")]
    pub outcome: Option<ReassessmentResult>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// How one person came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeView {
    /// The person.
    pub person_id: Uuid,
    /// Changed, unchanged, held or failed.
    #[schema(value_type = String, example = "held")]
    pub outcome: ReassessmentResult,
    /// What the law does not say, or what could not be read.
    #[schema(example = "area_type_special_without_rule")]
    pub reason: Option<String>,
}

/// The outcomes of a reassessment so far, by person. Long work of another kind has none.
pub async fn outcomes(app: &App, actor: &Actor, run: Uuid, command: ListOutcomes) -> Result<Page<OutcomeView>, Error> {
    actor.require_province(Permission::JobRead)?;
    let found = job_run::Entity::find_by_id(run).one(app.db.read()).await?;
    let reassesses = found.ok_or_else(Error::not_found)?.kind == RUN_KIND;
    let ListOutcomes { outcome, limit, cursor } = command;
    let window = Window::<Uuid>::of(app, "reassessment_outcomes", &(run, outcome), limit, cursor.as_deref())?;
    let rows = if !reassesses {
        Vec::new()
    } else if outcome == Some(ReassessmentResult::Unchanged) {
        unchanged(app, run, &window).await?
    } else {
        recorded(app, run, outcome, &window).await?
    };
    window.page(rows, |row| row.person_id)
}

async fn recorded(
    app: &App,
    run: Uuid,
    outcome: Option<ReassessmentResult>,
    window: &Window<Uuid>,
) -> Result<Vec<OutcomeView>, Error> {
    use reassessment_outcome::Column as C;
    let mut query = reassessment_outcome::Entity::find()
        .filter(C::JobRunId.eq(run))
        .order_by_asc(C::PersonId)
        .limit(window.fetch());
    if let Some(outcome) = outcome {
        query = query.filter(C::Outcome.eq(outcome));
    }
    if let Some(after) = window.after {
        query = query.filter(C::PersonId.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let views = rows.into_iter().map(|row| OutcomeView {
        person_id: row.person_id,
        outcome: row.outcome,
        reason: row.reason,
    });
    Ok(views.collect())
}

/// The unchanged are not recorded: they are the others of the chunks that are done.
async fn unchanged(app: &App, run: Uuid, window: &Window<Uuid>) -> Result<Vec<OutcomeView>, Error> {
    let chunks = job_chunk::Entity::find()
        .filter(job_chunk::Column::JobRunId.eq(run))
        .filter(job_chunk::Column::Status.eq(ChunkStatus::Done))
        .order_by_asc(job_chunk::Column::Position)
        .all(app.db.read())
        .await?;
    let wanted = usize::try_from(window.fetch()).unwrap_or(usize::MAX);
    let mut people: Vec<Uuid> = Vec::new();
    for chunk in chunks {
        let within: People = serde_json::from_value(chunk.payload)?;
        if window.after.is_some_and(|after| within.last() <= after) {
            continue;
        }
        if people.len() >= wanted {
            break;
        }
        let mut query = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(within.hold(person::Column::Id))
            .filter(Expr::exists(recorded_of(run)).not())
            .order_by_asc(person::Column::Id)
            .limit(window.fetch());
        if let Some(after) = window.after {
            query = query.filter(person::Column::Id.gt(after));
        }
        people.extend(query.into_tuple::<Uuid>().all(app.db.read()).await?);
    }
    people.truncate(wanted);
    let views = people.into_iter().map(|person_id| OutcomeView {
        person_id,
        outcome: ReassessmentResult::Unchanged,
        reason: None,
    });
    Ok(views.collect())
}

fn recorded_of(run: Uuid) -> sea_orm::sea_query::SelectStatement {
    use reassessment_outcome::Column as C;
    Query::select()
        .expr(Expr::val(1))
        .from(reassessment_outcome::Entity)
        .and_where(Expr::col((reassessment_outcome::Entity, C::JobRunId)).eq(run))
        .and_where(Expr::col((reassessment_outcome::Entity, C::PersonId)).equals((person::Entity, person::Column::Id)))
        .to_owned()
}
