//! What a released run held, or leaves open, becomes arrears of a later one.

use std::time::Duration;

use entity::{determination, determination_period, held_payment, pay_run, payment_line};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::job::{Job, JobContext, Queue};
use crate::pay_run::filter::Filter;
use crate::pay_run::release::in_run;
use crate::pay_run::turn;
use crate::reassessment;

/// After a release: what the run held is owed still, and becomes arrears of a later run. A run of some areas or one channel
/// has taken its month of those whom it holds, and of those whom it paid for earlier months alone: nobody falls between two
/// runs. A run for everybody has taken it as well of those for whom it has no line, since all that the month makes up for had
/// been paid when it was built: that may have come back and been cancelled meanwhile. Of runs that an earlier version
/// released without it, the step `m0071_held_before` of the schema asks for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CarryOver {
    /// The released run.
    pub pay_run: Uuid,
}

impl Job for CarryOver {
    const KIND: &'static str = "carry_over_held";
    const QUEUE: Queue = Queue::Reassessment;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("carry_over_held:{}", self.pay_run.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let mut entitlements: Vec<Uuid> = held_payment::Entity::find()
            .select_only()
            .column(held_payment::Column::EntitlementId)
            .distinct()
            .filter(held_payment::Column::PayRunId.eq(self.pay_run))
            .into_tuple()
            .all(app.db.read())
            .await?;
        let run = super::find(app.db.read(), self.pay_run).await?;
        let whole = Filter::of(&run)?.is_whole();
        if !whole {
            entitlements.extend(making_up_alone(app.db.read(), run.id).await?);
        }
        let more = due_besides(app.db.read(), &run, whole).await?;
        entitlements.extend(turn::not_waiting(app, &more).await?);
        entitlements.sort_unstable();
        entitlements.dedup();
        reassessment::refresh_differences(app, &entitlements, context).await
    }
}

/// The entitlements that a run of some areas or one channel has lines for, but none for its month.
async fn making_up_alone(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<Uuid>, Error> {
    let entitlements = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::EntitlementId)
        .distinct()
        .filter(payment_line::Column::PayRunId.eq(run))
        .filter(
            in_run(
                run,
                "again.kind = 'regular' AND again.entitlement_id = payment_line.entitlement_id",
            )
            .not(),
        )
        .into_tuple()
        .all(conn)
        .await?;
    Ok(entitlements)
}

/// The entitlements of which more falls due in the month of a run than the month itself: what it makes up for, and what is
/// paid once. Of a run of some areas or one channel, those that it has lines for: the run for everybody may have had the
/// rest when this one was built, and pays it then, or leaves it to arrears once it is built anew.
async fn due_besides(conn: &impl ConnectionTrait, run: &pay_run::Model, whole: bool) -> Result<Vec<Uuid>, Error> {
    use determination_period::Column as P;
    let periods = determination::Entity::belongs_to(determination_period::Entity)
        .from(determination::Column::Id)
        .to(P::DeterminationId);
    let own = Query::select()
        .column(payment_line::Column::EntitlementId)
        .from(payment_line::Entity)
        .and_where(payment_line::Column::PayRunId.eq(run.id))
        .to_owned();
    // Said in words and not by a value: SQLite has an index of these alone.
    let once = Condition::all()
        .add(P::DueMonth.is_null())
        .add(Expr::cust("determination_period.kind = 'one_off'"))
        .add(P::FromMonth.eq(run.cover_month));
    let entitlements = determination::Entity::find()
        .select_only()
        .column(determination::Column::EntitlementId)
        .distinct()
        .join(JoinType::InnerJoin, periods.into())
        .filter(determination::Column::SupersededAt.is_null())
        .filter(Condition::any().add(P::DueMonth.eq(run.cover_month)).add(once))
        .apply_if((!whole).then_some(own), |query, own| {
            query.filter(determination::Column::EntitlementId.in_subquery(own))
        })
        .into_tuple()
        .all(conn)
        .await?;
    Ok(entitlements)
}
