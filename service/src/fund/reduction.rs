//! Less money for a fund, by a decision of the finance office: its estimate is cut, or what nobody needs of it goes back to
//! its source at the end of the year. One person proposes, another accepts; then it is posted from what is free to the
//! source. What is reserved, committed, on its way, paid or waits to be paid again stays, and so does what is drawn on a
//! line.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Vnd;
use entity::enums::{ReductionKind, TreasuryKind};
use entity::treasury_proposal as treasury_proposal_row;
use entity::{fund, fund_balance};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::line::{self, FundLine, FundLinesView};
use crate::fund::posting::{Account, Move, post};
use crate::print;
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// The most characters of the number of a decision.
const LONGEST_NUMBER: usize = 60;

/// Money that is taken from a fund and given to nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// `cut`: the estimate is lowered; `given_back`: what is not spent is cancelled or goes back to its source.
    #[schema(value_type = String, pattern = "^(cut|given_back)$", example = "cut")]
    pub kind: ReductionKind,
    /// Đồng, above 0 and no more than the fund has free.
    #[schema(value_type = i64, example = 5000000000_i64)]
    pub amount: Vnd,
    /// The number of the decision it rests on.
    #[schema(example = "31/QĐ-STC", max_length = 60)]
    pub number: String,
    /// The day that was signed, not in the future.
    #[schema(example = "2024-08-20")]
    pub signed_on: NaiveDate,
    /// All lines of the fund in their order as they stand afterwards, each with no more than it has and no less than is
    /// drawn on it; left out, they stay as they are, and what is left of the estimate must cover them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<FundLine>>,
}

/// Proposes less money for a fund.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeReduction {
    /// What is taken, and by which decision.
    pub reduction: Reduction,
    /// Why; it is kept.
    #[schema(
        example = "Điều chỉnh giảm dự toán theo thông báo của Sở Tài chính",
        max_length = 1000
    )]
    pub note: String,
}

/// How the subjects of such proposals begin, which a trigger of the database knows too, and the steps that post them.
pub(crate) const SUBJECT: &str = "fund_reduction:";

/// What proposals of less money for a fund are about.
fn subject(fund: &fund::Model) -> String {
    format!("{SUBJECT}{}:{}", fund.code, fund.fiscal_year)
}

/// The step that posts what was accepted; a trigger of the database knows it too.
pub(super) fn step(proposal: Uuid) -> String {
    format!("{SUBJECT}{}", proposal.simple())
}

/// Proposes less money for a fund: the first of two people. It has all of it until another accepts it.
///
/// # Errors
/// `invalid` with the place of each fault, and how much is free; `conflict` where lines still have it; `stale` where
/// another version of the fund was read; `already-exists` where a proposal waits.
pub async fn propose_reduction(
    app: &App,
    actor: &Actor,
    fund_id: Uuid,
    version: i64,
    command: ProposeReduction,
) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::FundManage)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let said = command.reduction;
    check(&said, app.clock.today())?;
    app.db
        .write(async |txn| {
            let fund = fund::Entity::find_by_id(fund_id).one(txn.conn()).await?;
            let fund = fund.ok_or_else(Error::not_found)?;
            line::require_version(&fund, version)?;
            let before = line::view(txn.conn(), &fund).await?;
            only_lowered(&before, &said)?;
            if let Some(short) = short(txn.conn(), &fund, &before, &said).await? {
                return Err(Error::field(short.pointer, "above_what_is_free", short.vi, short.en));
            }
            line::covered(&fund, &before, said.lines.as_deref(), said.amount.dong())?;
            let draft = Draft {
                kind: TreasuryKind::FundReduction,
                subject: subject(&fund),
                base: base(&before),
                body: serde_json::to_value(&said)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// Takes from a fund what a second person accepts. Whoever reserves of it has locked it too, so that one of both has the
/// money.
///
/// # Errors
/// `fund-exhausted` where so much is not free any more; what is refused of the proposal.
pub(crate) async fn accept_reduction(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let said: Reduction = serde_json::from_str(&own.body)?;
    check(&said, app.clock.today())?;
    let fund = line::locked(txn, own, SUBJECT).await?;
    let before = line::view(txn.conn(), &fund).await?;
    treasury_proposal::unchanged(own, &base(&before))?;
    only_lowered(&before, &said)?;
    if let Some(short) = short(txn.conn(), &fund, &before, &said).await? {
        return Err(Error::because(ProblemCode::FundExhausted, short.vi, short.en));
    }
    line::covered(&fund, &before, said.lines.as_deref(), said.amount.dong())?;
    let taken = Move {
        fiscal_year: fund.fiscal_year,
        from: Account::Available,
        to: Account::Source,
        amount: said.amount.dong(),
    };
    post(app, txn, &fund.code, &step(own.id), &[taken]).await?;
    let detail = json!({"kind": said.kind, "amount": said.amount, "number": said.number, "signed_on": said.signed_on,
        "estimate": before.estimate, "before": before.lines, "after": said.lines, "proposal": own.id,
        "proposed_by": own.proposed_by});
    let about = format!("fund:{}", fund.id.simple());
    if let Some(lines) = &said.lines {
        line::replace(txn, fund.id, lines, own.id).await?;
        line::changed(txn, fund).await?;
    }
    txn.audit(Event::new(at, actor, "fund.reduce", about, detail));
    Ok(())
}

/// What both people compare with.
fn base(standing: &FundLinesView) -> Value {
    json!({"estimate": standing.estimate, "version": standing.version, "lines": standing.lines})
}

fn check(said: &Reduction, today: NaiveDate) -> Result<(), Error> {
    let mut faults = Vec::new();
    if said.amount.dong() <= 0 {
        let (vi, en) = ("Số tiền phải lớn hơn 0", "an amount is above 0");
        faults.push(FieldError::new("/reduction/amount", "out_of_range", vi, en));
    }
    if said.number.trim().is_empty() || said.number.chars().count() > LONGEST_NUMBER {
        let (vi, en) = (
            "Số quyết định từ 1 đến 60 ký tự",
            "a decision number has 1 to 60 characters",
        );
        faults.push(FieldError::new("/reduction/number", "decision_number", vi, en));
    }
    if said.signed_on > today {
        let (vi, en) = ("Ngày ký ở tương lai", "it is signed in the future");
        faults.push(FieldError::new("/reduction/signed_on", "date_bounds", vi, en));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// The lines afterwards are those the fund has, none with more, and together they lose no more than the fund does.
fn only_lowered(before: &FundLinesView, said: &Reduction) -> Result<(), Error> {
    let Some(lines) = &said.lines else { return Ok(()) };
    if lines.len() != before.lines.len() {
        return Err(Error::field(
            "/reduction/lines",
            "other_lines",
            "Phải nêu đủ các dòng của nguồn theo đúng thứ tự",
            "all lines of the fund are given in their order",
        ));
    }
    let mut faults = Vec::new();
    let mut lowered = 0_i128;
    for (place, (old, new)) in before.lines.iter().zip(lines).enumerate() {
        let (has, keeps) = (old.amount.dong(), new.amount.dong());
        let with_its_amount = FundLine {
            amount: old.amount,
            ..new.clone()
        };
        if with_its_amount != *old {
            let (vi, en) = (
                "Chỉ được giảm số tiền của dòng; mã, mục và tên giữ nguyên",
                "a line loses money alone: its codes and its name stay",
            );
            faults.push(FieldError::new(
                format!("/reduction/lines/{place}"),
                "other_line",
                vi,
                en,
            ));
        }
        if keeps > has || keeps < 0 {
            let (vi, en) = (
                format!("Dòng này có {} đồng: chỉ được giảm, không dưới 0", print::dong(has)),
                format!("this line has {has} đồng: it is lowered, to 0 at least"),
            );
            let pointer = format!("/reduction/lines/{place}/amount");
            faults.push(FieldError::new(pointer, "not_lowered", vi, en));
        }
        lowered += i128::from(has) - i128::from(keeps);
    }
    if faults.is_empty() && lowered > i128::from(said.amount.dong()) {
        let (vi, en) = (
            format!("Các dòng giảm {lowered} đồng, nhiều hơn số giảm của nguồn"),
            format!("the lines lose {lowered} đồng, more than the fund does"),
        );
        faults.push(FieldError::new("/reduction/lines", "lowered_by_more", vi, en));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// What a fund or one of its lines lacks.
struct Short {
    pointer: String,
    vi: String,
    en: String,
}

/// Is more taken of the fund or a line than is free?
async fn short(
    conn: &impl ConnectionTrait,
    fund: &fund::Model,
    before: &FundLinesView,
    said: &Reduction,
) -> Result<Option<Short>, Error> {
    let free = free(conn, fund.id).await?;
    let taken = said.amount.dong();
    if taken > free {
        return Ok(Some(Short {
            pointer: "/reduction/amount".to_owned(),
            vi: format!(
                "Nguồn {} năm {} chỉ còn {} đồng chưa giữ chỗ, cam kết, chuyển đi hay chi: không giảm được {} đồng",
                fund.code,
                fund.fiscal_year,
                print::dong(free),
                print::dong(taken)
            ),
            en: format!(
                "{free} đồng of {} of {} are neither reserved, committed, in transit nor paid: {taken} can't be taken",
                fund.code, fund.fiscal_year
            ),
        }));
    }
    let Some(lines) = &said.lines else { return Ok(None) };
    for (place, (old, new)) in before.lines.iter().zip(lines).enumerate() {
        let own = before.drawn.iter().find(|own| new.code.as_ref() == Some(&own.code));
        let Some(own) = own.filter(|own| new.amount.dong() < own.drawn) else {
            continue;
        };
        let taken = old.amount.dong() - new.amount.dong();
        return Ok(Some(Short {
            pointer: format!("/reduction/lines/{place}/amount"),
            vi: format!(
                "Dòng {} chỉ còn {} đồng chưa dùng: không giảm được {} đồng",
                own.code,
                print::dong(own.left),
                print::dong(taken)
            ),
            en: format!(
                "{} đồng of the line {} are free: {taken} can't be taken",
                own.left, own.code
            ),
        }));
    }
    Ok(None)
}

/// What a fund has that nobody holds, đồng.
async fn free(conn: &impl ConnectionTrait, fund: Uuid) -> Result<i64, Error> {
    let balance = fund_balance::Entity::find()
        .filter(fund_balance::Column::FundId.eq(fund))
        .filter(fund_balance::Column::Account.eq(Account::Available))
        .one(conn)
        .await?;
    Ok(balance.map_or(0, |balance| balance.amount))
}
