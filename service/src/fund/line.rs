//! The lines of a fund's estimate under the codes of the state budget: chương, loại, khoản, mục. The codes are data; a
//! fund may have none. A line with a code of its own may be named by programs, which then draw on it and on no more than
//! it has. All lines are replaced at once, by two people.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::Vnd;
use entity::enums::TreasuryKind;
use entity::treasury_proposal as treasury_proposal_row;
use entity::{fund, fund_line};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::line_check::check;
use crate::fund::{draw, estimate};
use crate::print;
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// A line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundLine {
    /// By which programs name it, the same every year and once in a fund: 1 to 40 small letters, digits and `_`.
    #[serde(default)]
    #[schema(example = "monthly", pattern = "^[a-z0-9_]{1,40}$")]
    pub code: Option<String>,
    /// Chương.
    #[serde(default)]
    #[schema(example = "423")]
    pub chapter: Option<String>,
    /// Loại.
    #[serde(default)]
    #[schema(example = "370")]
    pub category: Option<String>,
    /// Khoản.
    #[serde(default)]
    #[schema(example = "398")]
    pub clause: Option<String>,
    /// Mục or tiểu mục.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub item: Option<String>,
    /// What it is for.
    #[schema(example = "Trợ cấp xã hội hằng tháng")]
    pub name: String,
    /// Its part of the estimate, đồng.
    #[schema(value_type = i64, example = 1000000)]
    pub amount: Vnd,
}

/// Proposes all lines of a fund at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeFundLines {
    /// In their order; together no more than the estimate, and none below what is drawn on it already.
    pub lines: Vec<FundLine>,
    /// Why, with the decision it rests on; it is kept.
    #[schema(example = "QĐ 45/QĐ-UBND: phân bổ dự toán năm 2024", max_length = 1000)]
    pub note: String,
}

/// What is proposed of the lines of a fund.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// All of them.
    pub(crate) lines: Vec<FundLine>,
}

/// What runs have drawn on a line, and requests for relief hold of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineDrawnView {
    /// The code of the line.
    #[schema(example = "monthly")]
    pub code: String,
    /// Đồng, of a run from its submission on, of relief from the filing of its request on.
    #[schema(example = 500000)]
    pub drawn: i64,
    /// What is left of it, đồng.
    #[schema(example = 500000)]
    pub left: i64,
}

/// The lines of a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FundLinesView {
    /// The fund.
    pub fund_id: Uuid,
    /// Version of the fund, for If-Match.
    pub version: i64,
    /// The estimate with all that was added to it, less what was taken from it, đồng.
    pub estimate: i64,
    /// In their order.
    pub lines: Vec<FundLine>,
    /// What is drawn on those that have a code, in their order.
    pub drawn: Vec<LineDrawnView>,
}

/// The lines of a fund.
pub async fn lines(app: &App, actor: &Actor, fund_id: Uuid) -> Result<FundLinesView, Error> {
    actor.require_province(Permission::FundRead)?;
    let fund = fund::Entity::find_by_id(fund_id).one(app.db.read()).await?;
    view(app.db.read(), &fund.ok_or_else(Error::not_found)?).await
}

/// Proposes other lines of a fund: the first of two people. Those it has stay until another accepts it.
///
/// # Errors
/// `invalid` with the place of each fault; `stale` where another version was read; `already-exists` where a proposal waits.
pub async fn propose_lines(
    app: &App,
    actor: &Actor,
    fund_id: Uuid,
    version: i64,
    command: ProposeFundLines,
) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::FundManage)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let body = Lines { lines: command.lines };
    check(&body.lines)?;
    app.db
        .write(async |txn| {
            let fund = fund::Entity::find_by_id(fund_id).one(txn.conn()).await?;
            let fund = fund.ok_or_else(Error::not_found)?;
            require_version(&fund, version)?;
            let before = view(txn.conn(), &fund).await?;
            fits(&before, &body.lines)?;
            let draft = Draft {
                kind: TreasuryKind::FundLines,
                subject: subject(&fund),
                base: base(&before),
                body: serde_json::to_value(&body)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// Replaces the lines of a fund by those that a second person accepts.
pub(crate) async fn accept_lines(
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let said: Lines = serde_json::from_str(&own.body)?;
    check(&said.lines)?;
    let fund = locked(txn, own, SUBJECT).await?;
    let before = view(txn.conn(), &fund).await?;
    treasury_proposal::unchanged(own, &base(&before))?;
    fits(&before, &said.lines)?;
    replace(txn, fund.id, &said.lines, own.id).await?;
    let detail = json!({"before": before.lines, "after": said.lines, "proposal": own.id,
        "proposed_by": own.proposed_by});
    let about = format!("fund:{}", fund.id.simple());
    changed(txn, fund).await?;
    txn.audit(Event::new(at, actor, "fund.set_lines", about, detail));
    Ok(())
}

/// Refuses who has read another version of a fund.
pub(super) fn require_version(fund: &fund::Model, version: i64) -> Result<(), Error> {
    if fund.version == version {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Stale,
        format!("Nguồn kinh phí đã ở phiên bản {}", fund.version),
        format!("the fund is at version {}", fund.version),
    ))
}

/// The fund that the subject of a proposal names after such a beginning, locked as who draws on its lines locks it.
pub(super) async fn locked(txn: &Txn, own: &treasury_proposal_row::Model, begins: &str) -> Result<fund::Model, Error> {
    let (code, year) = named(own, begins).ok_or_else(Error::not_found)?;
    let funds = crate::fund::lock(txn, &BTreeSet::from([code])).await?;
    let fund = funds.into_iter().find(|fund| fund.fiscal_year == year);
    fund.ok_or_else(Error::not_found)
}

/// Code and fiscal year of the fund that the subject of a proposal names.
pub(super) fn named<'p>(own: &'p treasury_proposal_row::Model, begins: &str) -> Option<(&'p str, i32)> {
    let (code, year) = own.subject.strip_prefix(begins)?.rsplit_once(':')?;
    Some((code, year.parse().ok()?))
}

/// Puts the lines that were accepted in the place of those a fund has, which is locked.
pub(super) async fn replace(txn: &Txn, fund: Uuid, lines: &[FundLine], proposal: Uuid) -> Result<(), Error> {
    fund_line::Entity::delete_many()
        .filter(fund_line::Column::FundId.eq(fund))
        .exec(txn.conn())
        .await?;
    let rows = (0..).zip(lines).map(|(position, line)| fund_line::Model {
        fund_id: fund,
        position,
        chapter: line.chapter.clone(),
        category: line.category.clone(),
        clause: line.clause.clone(),
        item: line.item.clone(),
        name: line.name.clone(),
        amount: line.amount.dong(),
        code: line.code.clone(),
        proposal_id: Some(proposal),
    });
    txn.insert_all::<fund_line::Entity>(rows.collect()).await
}

/// The lines of a fund are others now: whoever has read it reads it again.
pub(super) async fn changed(txn: &Txn, fund: fund::Model) -> Result<(), Error> {
    let changed = fund::Model {
        version: fund.version + 1,
        ..fund
    };
    changed.into_active_model().reset_all().update(txn.conn()).await?;
    Ok(())
}

const SUBJECT: &str = "fund_lines:";

/// What proposals of the lines are about; a trigger of the database knows it too.
fn subject(fund: &fund::Model) -> String {
    format!("{SUBJECT}{}:{}", fund.code, fund.fiscal_year)
}

/// What both people compare with.
fn base(standing: &FundLinesView) -> Value {
    json!({"version": standing.version, "lines": standing.lines})
}

/// Together no more than the estimate, and none less than what is drawn on it.
fn fits(standing: &FundLinesView, lines: &[FundLine]) -> Result<(), Error> {
    // As wide as many amounts need.
    let sum: i128 = lines.iter().map(|line| i128::from(line.amount.dong())).sum();
    if sum > i128::from(standing.estimate) {
        return Err(Error::field(
            "/lines",
            "above_the_estimate",
            format!("Tổng các dòng {sum} đồng vượt dự toán {} đồng", standing.estimate),
            format!("lines of {sum} đồng exceed the estimate of {}", standing.estimate),
        ));
    }
    for own in standing.drawn.iter().filter(|own| own.drawn > 0) {
        let next = lines.iter().find(|line| line.code.as_ref() == Some(&own.code));
        if next.is_none_or(|line| line.amount.dong() < own.drawn) {
            return Err(Error::field(
                "/lines",
                "below_what_is_drawn",
                format!(
                    "Dòng {} đã chi {} đồng: không được ít hơn",
                    own.code,
                    print::dong(own.drawn)
                ),
                format!(
                    "{} đồng are drawn on the line {}: it can't have less",
                    own.drawn, own.code
                ),
            ));
        }
    }
    Ok(())
}

/// Refuses to take money away from a fund that its lines still have: they are lowered first.
pub(super) async fn require_covered(conn: &impl ConnectionTrait, fund: &fund::Model, taken: i64) -> Result<(), Error> {
    covered(fund, &view(conn, fund).await?, None, taken)
}

/// The same of a fund as it stands, or with these lines in the place of those it has.
pub(super) fn covered(
    fund: &fund::Model,
    standing: &FundLinesView,
    lines: Option<&[FundLine]>,
    taken: i64,
) -> Result<(), Error> {
    let rest = i128::from(standing.estimate) - i128::from(taken);
    let mut sum = 0_i128;
    for (line, place) in lines.unwrap_or(&standing.lines).iter().zip(1..) {
        sum += i128::from(line.amount.dong());
        if sum > rest {
            let (name, amount) = (&line.name, line.amount.dong());
            return Err(Error::because(
                ProblemCode::Conflict,
                format!(
                    "Nguồn {} năm {} còn dự toán {rest} đồng, không đủ cho dòng {place} ({name}, {amount} đồng); hãy giảm dòng này trước",
                    fund.code, fund.fiscal_year
                ),
                format!(
                    "an estimate of {rest} đồng of {} of {} does not cover the line {place} ({name}, {amount} đồng): lower it first",
                    fund.code, fund.fiscal_year
                ),
            ));
        }
    }
    Ok(())
}

/// The lines of a fund as they stand.
pub(super) async fn view(conn: &impl ConnectionTrait, fund: &fund::Model) -> Result<FundLinesView, Error> {
    let rows = fund_line::Entity::find()
        .filter(fund_line::Column::FundId.eq(fund.id))
        .order_by_asc(fund_line::Column::Position)
        .all(conn)
        .await?;
    let sums = draw::by_line(conn, fund.id).await?;
    let mut lines = Vec::with_capacity(rows.len());
    let mut drawn = Vec::new();
    for row in rows {
        if let Some(code) = &row.code {
            let sum = sums.get(code).copied().unwrap_or(0);
            drawn.push(LineDrawnView {
                code: code.clone(),
                drawn: sum,
                left: row.amount - sum,
            });
        }
        lines.push(FundLine {
            code: row.code,
            chapter: row.chapter,
            category: row.category,
            clause: row.clause,
            item: row.item,
            name: row.name,
            amount: Vnd::new(row.amount).map_err(Error::internal)?,
        });
    }
    Ok(FundLinesView {
        fund_id: fund.id,
        version: fund.version,
        estimate: estimate::of(conn, fund.id).await?,
        lines,
        drawn,
    })
}
