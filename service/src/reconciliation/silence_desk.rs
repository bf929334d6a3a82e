//! Orders that their bank says nothing of, as the treasury desk sees them: those of which two people may say what became
//! of them by now, among them those that were recalled by letter, and those of which one has.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::enums::{Channel, OrderStatus, PayRunStatus, ProposalStatus};
use entity::{bank_silence, pay_run, payment_order};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::recalls::asked_by_letter;
use super::silence::{SilenceView, WAITING, is_long, since, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::payment_order::in_scope;

/// An order of which a bank, or the post office, says nothing.
#[derive(Clone, Debug)]
pub struct SilentOrder {
    /// The order.
    pub order_id: Uuid,
    /// Its reference in files.
    pub reference: String,
    /// Bank transfer or post-office cash.
    pub channel: Channel,
    /// The bank.
    pub bank_code: Option<String>,
    /// The account, or the number of the paper shown at the post office.
    pub account_number: String,
    /// The holder's name.
    pub holder_name: String,
    /// Đồng.
    pub amount: i64,
    /// Where it stands.
    pub status: OrderStatus,
    /// The day from which on the silence counts; none before its run left the house.
    pub since: Option<NaiveDate>,
    /// For how many days, as of today.
    pub days: i64,
    /// Does it wait for its end so long, or was it recalled by letter, so that two people may say what became of it?
    pub is_silent: bool,
    /// What one person says became of it, where another has not decided yet.
    pub proposal: Option<SilenceView>,
    /// May the one who looks decide on such things?
    pub may_decide: bool,
}

/// The orders of which their banks have been silent for long, and those of which a proposal waits, in the caller's areas,
/// by their ids.
pub async fn silent_orders(app: &App, actor: &Actor, cursor: Option<&str>) -> Result<Page<SilentOrder>, Error> {
    use payment_order::Column as C;
    let scope = actor.require(Permission::PayRunRead)?;
    let window = Window::<Uuid>::of(app, "silent_orders", &(), None, cursor)?;
    // A run is over once none of its orders waits.
    let mut runs = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in([PayRunStatus::Released, PayRunStatus::Settling]))
        .all(app.db.read())
        .await?;
    runs.retain(|run| is_long(app, run));
    let waiting = Condition::all()
        .add(C::PayRunId.is_in(runs.iter().map(|run| run.id)))
        .add(C::Status.is_in(WAITING));
    let proposed = Query::select()
        .column(bank_silence::Column::OrderId)
        .from(bank_silence::Entity)
        .and_where(bank_silence::Column::Status.eq(ProposalStatus::Proposed))
        .to_owned();
    let asked = asked_by_letter(app.db.read(), Condition::all()).await?;
    let wanted = Condition::any()
        .add(waiting)
        .add(C::Id.in_subquery(proposed))
        .add(C::Id.is_in(asked));
    let mut query = payment_order::Entity::find()
        .filter(scope.condition(Expr::col(C::AreaId)))
        .filter(wanted)
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(C::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.id)?;
    Ok(Page {
        items: beside_runs(app, actor, page.items).await?,
        next: page.next,
    })
}

/// One order and what is said of its bank's silence.
///
/// # Errors
/// `not-found` for an order outside the caller's areas.
pub async fn silent_order(app: &App, actor: &Actor, order: Uuid) -> Result<SilentOrder, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let order = in_scope(app.db.read(), &scope, order).await?;
    let mut own = beside_runs(app, actor, vec![order]).await?;
    own.pop().ok_or_else(Error::not_found)
}

/// Orders beside their runs and what is proposed of them.
async fn beside_runs(app: &App, actor: &Actor, orders: Vec<payment_order::Model>) -> Result<Vec<SilentOrder>, Error> {
    let runs: BTreeMap<Uuid, pay_run::Model> = pay_run::Entity::find()
        .filter(pay_run::Column::Id.is_in(orders.iter().map(|order| order.pay_run_id)))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|run| (run.id, run))
        .collect();
    // At most one waits for each order.
    let mut proposals: BTreeMap<Uuid, SilenceView> = bank_silence::Entity::find()
        .filter(bank_silence::Column::OrderId.is_in(orders.iter().map(|order| order.id)))
        .filter(bank_silence::Column::Status.eq(ProposalStatus::Proposed))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|row| (row.order_id, view(row)))
        .collect();
    let own = Condition::all().add(payment_order::Column::Id.is_in(orders.iter().map(|order| order.id)));
    let asked = asked_by_letter(app.db.read(), own).await?;
    let may_decide = actor.require(Permission::OrderDecide).is_ok();
    let today = app.clock.today();
    let beside = orders.into_iter().map(|order| {
        let run = runs.get(&order.pay_run_id).ok_or_else(Error::not_found)?;
        let since = run
            .released_at
            .map(|released_at| since(released_at, run.execution_date));
        Ok(SilentOrder {
            since,
            days: since.map_or(0, |day| today.signed_duration_since(day).num_days()),
            is_silent: asked.contains(&order.id) || (WAITING.contains(&order.status) && is_long(app, run)),
            proposal: proposals.remove(&order.id),
            may_decide,
            order_id: order.id,
            reference: order.reference,
            channel: order.channel,
            bank_code: order.bank_code,
            account_number: order.account_number,
            holder_name: order.holder_name,
            amount: order.amount,
            status: order.status,
        })
    });
    beside.collect()
}
