//! Opening a fund for a fiscal year by two people, and reading funds.

use chrono::{DateTime, Utc};
use entity::enums::{FundSource, TreasuryKind};
use entity::treasury_proposal as treasury_proposal_row;
use entity::{fund, fund_balance, posting};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::estimate;
use crate::fund::posting::{Account, Move, post};
use crate::page::{Page, Window};
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// A fund to be opened.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenFund {
    /// The fund's code, the same every year: small letters, digits and `_`.
    #[schema(example = "social_assistance", pattern = "^[a-z][a-z0-9_]{0,39}$")]
    pub code: String,
    /// Fiscal year.
    #[schema(example = 2024)]
    pub fiscal_year: i32,
    /// Whose money: `central`, `provincial`, `commune` or `donation`.
    #[schema(value_type = String, example = "provincial")]
    pub source: FundSource,
    /// Name.
    #[schema(example = "Trợ giúp xã hội 2024")]
    pub name: String,
    /// The estimate allotted to it, đồng.
    #[schema(value_type = i64, example = 300000000000_i64)]
    pub amount: domain::Vnd,
}

/// Proposes to open a fund.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeFund {
    /// The fund with its estimate.
    pub fund: OpenFund,
    /// Why, with the decision it rests on; it is kept.
    #[schema(example = "QĐ 45/QĐ-UBND: giao dự toán năm 2024", max_length = 1000)]
    pub note: String,
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
    /// Moved too little by banks, or given back too much.
    pub short_moved: i64,
    /// Moved too much by banks, or given back too little: owed to the fund.
    pub over_moved: i64,
    /// Written off by two people of either.
    pub written_off: i64,
    /// What it has less than it was given: its estimate was cut, or money was given back to its source by two people.
    pub reduced: i64,
    /// The proposal by which two people opened it; none for funds of before two were needed.
    pub proposal_id: Option<Uuid>,
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

const ACCOUNTS: [Account; 10] = [
    Account::Source,
    Account::Available,
    Account::Reserved,
    Account::Committed,
    Account::InTransit,
    Account::Paid,
    Account::ToReissue,
    Account::ShortMoved,
    Account::OverMoved,
    Account::WrittenOff,
];

/// Proposes to open a fund: the first of two people. There is no fund and no đồng of it before another accepts it.
///
/// # Errors
/// `invalid` with the place of each fault; `already-exists` where the fund is open already, or a proposal of it waits.
pub async fn propose_opening(app: &App, actor: &Actor, command: ProposeFund) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::FundManage)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let fund = command.fund;
    check(&fund)?;
    app.db
        .write(async |txn| {
            let base = base(txn.conn(), &fund).await?;
            if base != no_fund() {
                return Err(Error::because(
                    ProblemCode::AlreadyExists,
                    format!("Nguồn kinh phí {} năm {} đã mở", fund.code, fund.fiscal_year),
                    format!("the fund {} of {} is open already", fund.code, fund.fiscal_year),
                ));
            }
            let draft = Draft {
                kind: TreasuryKind::Fund,
                subject: format!("fund:{}:{}", fund.code, fund.fiscal_year),
                base,
                body: serde_json::to_value(&fund)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// Opens the fund that a second person accepts, with its estimate.
pub(crate) async fn accept(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let said: OpenFund = serde_json::from_str(&own.body)?;
    check(&said)?;
    treasury_proposal::unchanged(own, &base(txn.conn(), &said).await?)?;
    let id = app.ids.next();
    let row = fund::Model {
        id,
        code: said.code.clone(),
        fiscal_year: said.fiscal_year,
        source: said.source,
        name: said.name.clone(),
        version: 1,
        proposal_id: Some(own.id),
    };
    txn.insert_all::<fund::Entity>(vec![row]).await?;
    let balances = ACCOUNTS.map(|account| fund_balance::Model {
        fund_id: id,
        account,
        amount: 0,
    });
    txn.insert_all::<fund_balance::Entity>(balances.to_vec()).await?;
    let estimate = Move {
        fiscal_year: said.fiscal_year,
        from: Account::Source,
        to: Account::Available,
        amount: said.amount.dong(),
    };
    post(app, txn, &said.code, &opening(id), &[estimate]).await?;
    let detail = json!({"code": said.code, "fiscal_year": said.fiscal_year, "amount": said.amount,
        "proposal": own.id, "proposed_by": own.proposed_by});
    txn.audit(Event::new(
        at,
        actor,
        "fund.open",
        format!("fund:{}", id.simple()),
        detail,
    ));
    Ok(())
}

/// The step that gives a fund its estimate.
pub(crate) fn opening(id: Uuid) -> String {
    format!("fund:{}:open", id.simple())
}

/// What holds of a fund that is to be opened: nothing, or which one there is.
async fn base(conn: &impl ConnectionTrait, said: &OpenFund) -> Result<Value, Error> {
    let there = fund::Entity::find()
        .filter(fund::Column::Code.eq(&said.code))
        .filter(fund::Column::FiscalYear.eq(said.fiscal_year))
        .one(conn)
        .await?;
    Ok(there.map_or_else(no_fund, |fund| json!({"fund": fund.id})))
}

fn no_fund() -> Value {
    json!({"fund": null})
}

/// Programs, runs and requests name a fund by its code to the letter: one that only looks like another is none.
fn is_code(code: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=40).contains(&code.len())
        && code.bytes().all(letters)
        && code.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
}

fn check(fund: &OpenFund) -> Result<(), Error> {
    let mut faults = Vec::new();
    if fund.name.trim().is_empty() {
        let (vi, en) = ("Không được để trống", "it may not be empty");
        faults.push(FieldError::new("/fund/name", "required", vi, en));
    }
    if !is_code(&fund.code) {
        let (vi, en) = (
            "Mã gồm 1 đến 40 chữ thường, chữ số và _, bắt đầu bằng chữ",
            "a code has 1 to 40 small letters, digits and _, and begins with a letter",
        );
        faults.push(FieldError::new("/fund/code", "code", vi, en));
    }
    if fund.amount.dong() < 0 {
        faults.push(FieldError::new(
            "/fund/amount",
            "out_of_range",
            "Số tiền không được âm",
            "an amount is not negative",
        ));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// Every fund, by code and year. Funds are the province's: they have no part that is an area's.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<FundView>, Error> {
    actor.require_province(Permission::FundRead)?;
    let mut funds = fund::Entity::find().all(app.db.read()).await?;
    funds.sort_by(|a, b| (&a.code, a.fiscal_year).cmp(&(&b.code, b.fiscal_year)));
    let balances = fund_balance::Entity::find().all(app.db.read()).await?;
    let reduced = estimate::reduced(app.db.read()).await?;
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
            short_moved: of(Account::ShortMoved),
            over_moved: of(Account::OverMoved),
            written_off: of(Account::WrittenOff),
            reduced: reduced.get(&fund.id).copied().unwrap_or(0),
            code: fund.code,
            fiscal_year: fund.fiscal_year,
            source: fund.source,
            name: fund.name,
            proposal_id: fund.proposal_id,
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
