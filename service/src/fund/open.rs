//! Opening a fund for a fiscal year, and reading funds.

use chrono::{DateTime, Utc};
use entity::enums::FundSource;
use entity::{fund, fund_balance, posting};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::Error;
use crate::fund::posting::{Account, Move, post};
use crate::page::{Page, Window};

/// Opens a fund.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenFund {
    /// The fund's code, the same every year.
    #[schema(example = "social_assistance")]
    pub code: String,
    /// Fiscal year.
    #[schema(example = 2024)]
    pub fiscal_year: i32,
    /// Whose money: `central`, `provincial`, `commune` or `donation`.
    #[schema(value_type = String, example = "provincial")]
    pub source: FundSource,
    /// Name.
    pub name: String,
    /// The estimate allotted to it, đồng.
    #[schema(value_type = i64, example = 300000000000_i64)]
    pub amount: domain::Vnd,
}

/// A fund and where its money stands, đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FundView {
    /// Id.
    pub id: Uuid,
    /// Code.
    pub code: String,
    /// Fiscal year.
    pub fiscal_year: i32,
    /// Whose money.
    #[schema(value_type = String)]
    pub source: FundSource,
    /// Name.
    pub name: String,
    /// Not yet spoken for.
    pub available: i64,
    /// Held for submitted runs.
    pub reserved: i64,
    /// Held for approved runs.
    pub committed: i64,
    /// Sent, not yet reported.
    pub in_transit: i64,
    /// Reported as paid.
    pub paid: i64,
    /// Returned, awaiting reissue.
    pub to_reissue: i64,
}

/// One posting.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PostingView {
    /// The step it belongs to.
    pub batch: String,
    /// Its place in the step.
    pub position: i32,
    /// The account.
    #[schema(value_type = String)]
    pub account: Account,
    /// Đồng, signed.
    pub amount: i64,
    /// When.
    pub at: DateTime<Utc>,
}

const ACCOUNTS: [Account; 7] = [
    Account::Source,
    Account::Available,
    Account::Reserved,
    Account::Committed,
    Account::InTransit,
    Account::Paid,
    Account::ToReissue,
];

/// Opens a fund with its estimate.
pub async fn open(app: &App, actor: &Actor, command: OpenFund) -> Result<FundView, Error> {
    actor.require_province(Permission::FundManage)?;
    let id = app.ids.next();
    app.db
        .write(async |txn| {
            let row = fund::Model {
                id,
                code: command.code.clone(),
                fiscal_year: command.fiscal_year,
                source: command.source,
                name: command.name.clone(),
                version: 1,
            };
            txn.insert_all::<fund::Entity>(vec![row]).await?;
            let balances = ACCOUNTS.map(|account| fund_balance::Model {
                fund_id: id,
                account,
                amount: 0,
            });
            txn.insert_all::<fund_balance::Entity>(balances.to_vec()).await?;
            let estimate = Move {
                fiscal_year: command.fiscal_year,
                from: Account::Source,
                to: Account::Available,
                amount: command.amount.dong(),
            };
            post(
                app,
                txn,
                &command.code,
                &format!("fund:{}:open", id.simple()),
                &[estimate],
            )
            .await?;
            let detail = json!({"code": command.code, "fiscal_year": command.fiscal_year, "amount": command.amount});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "fund.open",
                format!("fund:{}", id.simple()),
                detail,
            ));
            Ok(())
        })
        .await?;
    let funds = list(app, actor).await?;
    funds
        .into_iter()
        .find(|fund| fund.id == id)
        .ok_or_else(Error::not_found)
}

/// Every fund, by code and year. Funds are the province's: they have no part that is an area's.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<FundView>, Error> {
    actor.require_province(Permission::FundRead)?;
    let mut funds = fund::Entity::find().all(app.db.read()).await?;
    funds.sort_by(|a, b| (&a.code, a.fiscal_year).cmp(&(&b.code, b.fiscal_year)));
    let balances = fund_balance::Entity::find().all(app.db.read()).await?;
    let views = funds.into_iter().map(|fund| {
        let of = |account| {
            let mut own = balances.iter().filter(|balance| balance.fund_id == fund.id);
            own.find(|balance| balance.account == account)
                .map_or(0, |balance| balance.amount)
        };
        FundView {
            id: fund.id,
            available: of(Account::Available),
            reserved: of(Account::Reserved),
            committed: of(Account::Committed),
            in_transit: of(Account::InTransit),
            paid: of(Account::Paid),
            to_reissue: of(Account::ToReissue),
            code: fund.code,
            fiscal_year: fund.fiscal_year,
            source: fund.source,
            name: fund.name,
        }
    });
    Ok(views.collect())
}

/// The postings of a fund, oldest first.
pub async fn postings(
    app: &App,
    actor: &Actor,
    fund_id: Uuid,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<PostingView>, Error> {
    use posting::Column as C;
    actor.require_province(Permission::FundRead)?;
    fund::Entity::find_by_id(fund_id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let window = Window::<(DateTime<Utc>, String, i32)>::of(app, "postings", &fund_id, limit, cursor)?;
    let mut query = posting::Entity::find()
        .filter(C::FundId.eq(fund_id))
        .order_by_asc(C::At)
        .order_by_asc(C::Batch)
        .order_by_asc(C::Position)
        .limit(window.fetch());
    if let Some((at, batch, position)) = &window.after {
        let same_time = Condition::all().add(C::At.eq(*at)).add(C::Batch.gt(batch));
        let same_batch = Condition::all()
            .add(C::At.eq(*at))
            .add(C::Batch.eq(batch))
            .add(C::Position.gt(*position));
        query = query.filter(Condition::any().add(C::At.gt(*at)).add(same_time).add(same_batch));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| (row.at, row.batch.clone(), row.position))?;
    Ok(page.map(|row| PostingView {
        batch: row.batch,
        position: row.position,
        account: row.account,
        amount: row.amount,
        at: row.at,
    }))
}

/// The province's own budget as a source.
pub const fn provincial() -> FundSource {
    FundSource::Provincial
}
