//! How many people must approve a run, and in which role: by the money of a month, not of one run.
//!
//! A month may be paid by several runs, by areas or channels. Each of them would fall into a lower tier than the whole, so a
//! run is looked at together with all other runs of its kind, fund and month that wait for their approval or release, or
//! have left the house: from the đồng on with which they reach a tier, that tier is asked for, in whichever run it stands.
//! Drafts are not counted: they are looked at when they are submitted themselves, with this one.
//!
//! Kinds are kept apart: what came back and is paid again was approved once as part of its month, and the reissue of a
//! single order is not the month over again. It is counted with the other reissues of the month alone, and so are runs of
//! arrears with each other. The cover month of these two is a name that their maker chooses; it does not keep them apart
//! where they are paid in the same month.

use domain::Month;
use entity::enums::{PayRunKind, PayRunStatus, TierSubject};
use entity::{audit_event, pay_run};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::actor::Actor;
use crate::approval_tier::{self, Tier};
use crate::error::{Error, ProblemCode};
use crate::pay_run::SIGNED;
use crate::{print, vocabulary};

/// The tier of a run that is submitted, with the amount that it was chosen by. The run's fund is locked: of two runs that
/// are submitted at once, the second sees the first.
pub(super) async fn of(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<(Tier, i64), Error> {
    let amount = amount(conn, run).await?;
    let tier = approval_tier::of(conn, TierSubject::PayRun, amount, None).await?;
    Ok((tier, amount))
}

/// The sum of a run and of those that count beside it, đồng.
async fn amount(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<i64, Error> {
    use pay_run::Column as C;
    let others: Option<Option<i64>> = pay_run::Entity::find()
        .select_only()
        .expr(Expr::cust("CAST(SUM(total) AS BIGINT)"))
        .filter(C::Id.ne(run.id))
        .filter(C::Kind.eq(run.kind))
        .filter(C::FundCode.eq(run.fund_code.as_str()))
        .filter(C::Status.is_in(SIGNED))
        .filter(same_month(run))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(run.total + others.flatten().unwrap_or(0))
}

/// Runs of the month of a run.
fn same_month(run: &pay_run::Model) -> Condition {
    use pay_run::Column as C;
    let same = Condition::any().add(C::CoverMonth.eq(run.cover_month));
    match run.kind {
        // Each month is due by itself, even where two are paid on one day.
        PayRunKind::Regular => same,
        PayRunKind::ArrearsOnly | PayRunKind::Relief | PayRunKind::Reissue => {
            let paid = Month::of(run.pay_date);
            same.add(C::PayDate.between(paid.first_day(), paid.last_day()))
        }
    }
}

/// The amount that chooses the tier of a run, đồng: of a draft as things stand, later as it was when it was submitted.
pub(super) async fn told(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<i64, Error> {
    if run.status == PayRunStatus::Draft {
        return amount(conn, run).await;
    }
    let last = audit_event::Entity::find()
        .filter(audit_event::Column::Subject.eq(super::subject(run.id)))
        .filter(audit_event::Column::Action.eq("pay_run.submit"))
        .order_by_desc(audit_event::Column::Seq)
        .one(conn)
        .await?;
    let kept = last.and_then(|event| event.detail.get("tier_amount").and_then(Value::as_i64));
    // Relief has tiers of its own, and runs of earlier versions were looked at alone.
    Ok(kept.unwrap_or(run.total))
}

/// Refuses who does not hold the role that the tier of a run asks for, and says which amount chose it.
///
/// # Errors
/// `forbidden`.
pub(super) async fn require_role(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    run: &pay_run::Model,
) -> Result<(), Error> {
    let role = &run.approval_role;
    if approval_tier::require_role(actor, role, None).is_ok() {
        return Ok(());
    }
    let (own, amount) = (run.total, told(conn, run).await?);
    Err(Error::because(
        ProblemCode::Forbidden,
        format!(
            "Đợt chi này cần người duyệt có vai trò “{}” cho toàn tỉnh: mức duyệt tính theo {} đồng, là tổng các đợt cùng \
             loại, cùng nguồn, cùng tháng (riêng đợt này {} đồng)",
            vocabulary::role(role),
            print::dong(amount),
            print::dong(own)
        ),
        format!(
            "this run needs approvers in the role {role} for the whole province: its tier is chosen by {amount} đồng, the \
             sum of all runs of its kind, fund and month ({own} đồng of it are this run's)"
        ),
    ))
}
