//! The lines of a fund's estimate under the codes of the state budget: chương, loại, khoản, mục. The codes are data; a
//! fund may have none.

use domain::Vnd;
use entity::{fund, fund_balance, fund_line};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::posting::Account;

/// The most lines of a fund.
const MOST_LINES: usize = 200;
/// The most characters of a code of the state budget.
const LONGEST_CODE: usize = 10;

/// A line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundLine {
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

/// All lines of a fund at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFundLines {
    /// In their order; together no more than the estimate.
    pub lines: Vec<FundLine>,
}

/// The lines of a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FundLinesView {
    /// The fund.
    pub fund_id: Uuid,
    /// Version of the fund, for If-Match.
    pub version: i64,
    /// The estimate with all that was added to it, đồng.
    pub estimate: i64,
    /// In their order.
    pub lines: Vec<FundLine>,
}

/// The lines of a fund.
pub async fn lines(app: &App, actor: &Actor, fund_id: Uuid) -> Result<FundLinesView, Error> {
    actor.require_province(Permission::FundRead)?;
    let fund = fund::Entity::find_by_id(fund_id).one(app.db.read()).await?;
    view(app.db.read(), &fund.ok_or_else(Error::not_found)?).await
}

/// Replaces the lines of a fund.
pub async fn set_lines(
    app: &App,
    actor: &Actor,
    fund_id: Uuid,
    version: i64,
    command: SetFundLines,
) -> Result<FundLinesView, Error> {
    actor.require_province(Permission::FundManage)?;
    check(&command.lines)?;
    app.db
        .write(async |txn| {
            let fund = fund::Entity::find_by_id(fund_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            if fund.version != version {
                return Err(Error::because(
                    ProblemCode::Stale,
                    format!("Nguồn kinh phí đã ở phiên bản {}", fund.version),
                    format!("the fund is at version {}", fund.version),
                ));
            }
            let before = view(txn.conn(), &fund).await?;
            let sum: i64 = command.lines.iter().map(|line| line.amount.dong()).sum();
            if sum > before.estimate {
                return Err(Error::field(
                    "/lines",
                    "above_the_estimate",
                    format!("Tổng các dòng {sum} đồng vượt dự toán {} đồng", before.estimate),
                    format!("lines of {sum} đồng exceed the estimate of {}", before.estimate),
                ));
            }
            fund_line::Entity::delete_many()
                .filter(fund_line::Column::FundId.eq(fund_id))
                .exec(txn.conn())
                .await?;
            let rows = (0..).zip(&command.lines).map(|(position, line)| fund_line::Model {
                fund_id,
                position,
                chapter: line.chapter.clone(),
                category: line.category.clone(),
                clause: line.clause.clone(),
                item: line.item.clone(),
                name: line.name.clone(),
                amount: line.amount.dong(),
            });
            txn.insert_all::<fund_line::Entity>(rows.collect()).await?;
            let changed = fund::Model {
                version: fund.version + 1,
                ..fund
            };
            changed
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            let detail = json!({"before": before.lines, "after": command.lines});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "fund.set_lines",
                format!("fund:{}", fund_id.simple()),
                detail,
            ));
            view(txn.conn(), &changed).await
        })
        .await
}

async fn view(conn: &impl ConnectionTrait, fund: &fund::Model) -> Result<FundLinesView, Error> {
    let source = fund_balance::Entity::find_by_id((fund.id, Account::Source))
        .one(conn)
        .await?;
    let rows = fund_line::Entity::find()
        .filter(fund_line::Column::FundId.eq(fund.id))
        .order_by_asc(fund_line::Column::Position)
        .all(conn)
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        lines.push(FundLine {
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
        estimate: source.map_or(0, |balance| -balance.amount),
        lines,
    })
}

fn check(lines: &[FundLine]) -> Result<(), Error> {
    if lines.len() > MOST_LINES {
        return Err(Error::field(
            "/lines",
            "too_many",
            format!("Tối đa {MOST_LINES} dòng"),
            format!("at most {MOST_LINES} lines"),
        ));
    }
    let mut faults = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let codes = [
            ("chapter", &line.chapter),
            ("category", &line.category),
            ("clause", &line.clause),
            ("item", &line.item),
        ];
        let is_code =
            |code: &str| (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        for (name, code) in codes {
            if code.as_deref().is_some_and(|code| !is_code(code)) {
                faults.push(FieldError::new(
                    format!("/lines/{place}/{name}"),
                    "not_a_code",
                    "Mã mục lục ngân sách gồm các chữ số",
                    "a code of the state budget consists of digits",
                ));
            }
        }
        if line.name.trim().is_empty() {
            faults.push(FieldError::new(
                format!("/lines/{place}/name"),
                "required",
                "Phải nêu nội dung",
                "a name is needed",
            ));
        }
        if line.amount.dong() < 0 {
            faults.push(FieldError::new(
                format!("/lines/{place}/amount"),
                "out_of_range",
                "Số tiền không được âm",
                "an amount is not negative",
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}
