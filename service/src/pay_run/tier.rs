//! How many people must approve a run, and in which role: by the money of a month, not of one run.
//!
//! A month may be paid by several runs: by areas or channels, or a part of it ahead or later by runs of arrears. Each of them
//! would fall into a lower tier than the whole, so a run is looked at together with other runs of its fund that wait for their
//! approval or release, or have left the house: from the đồng on with which they reach a tier, that tier is asked for, in
//! whichever run it stands. Drafts are not counted: they are looked at when they are submitted themselves, with this one.
//!
//! The rule: **to the money of a month belong its regular runs, the runs of arrears that are paid in it or named for it, and
//! whatever runs of arrears pay of what somebody left out of its regular runs.** A regular run counts with its month. A run of
//! arrears counts with the other runs of arrears that are paid in the same month or named for it; and where it pays what was
//! left out of the regular run of a month, with that month too: the larger amount is asked. So who leaves people out of a run,
//! or pays ahead what it would have made up for, needs no fewer approvals than who pays all of it in one.
//!
//! What a month owes for another reason is not held against a run of arrears: nobody chose to keep it out of the regular run,
//! such as a rise that was decided since, or an account that was not known. Reissues are counted with each other alone: what
//! came back and is paid again was approved once as part of its month. The month that they and runs of arrears are called by
//! is the word of their maker; it does not keep them apart where they are paid in the same month.

use domain::Month;
use entity::enums::{PayRunKind, PayRunStatus, TierSubject};
use entity::{audit_event, held_payment, pay_run, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::Value;
use uuid::Uuid;

use crate::actor::Actor;
use crate::approval_tier::{self, Tier};
use crate::error::{Error, ProblemCode};
use crate::pay_run::SIGNED;
use crate::pay_run::held_words::EXCLUDED;
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
    match run.kind {
        PayRunKind::Regular => with_month(conn, run, super::cover_month(run)?).await,
        PayRunKind::ArrearsOnly => {
            let mut amount = with(conn, run, its_like(run)).await?;
            for month in left_out_of(conn, run).await? {
                amount = amount.max(with_month(conn, run, month).await?);
            }
            Ok(amount)
        }
        PayRunKind::Relief | PayRunKind::Reissue => with(conn, run, its_like(run)).await,
    }
}

/// The sum of a run and of those others of its fund that were submitted and fit, đồng.
async fn with(conn: &impl ConnectionTrait, run: &pay_run::Model, fit: Condition) -> Result<i64, Error> {
    use pay_run::Column as C;
    let others: Option<Option<i64>> = pay_run::Entity::find()
        .select_only()
        .expr(Expr::cust("CAST(SUM(total) AS BIGINT)"))
        .filter(C::Id.ne(run.id))
        .filter(C::FundCode.eq(run.fund_code.as_str()))
        .filter(C::Status.is_in(SIGNED))
        .filter(fit)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(run.total + others.flatten().unwrap_or(0))
}

/// The sum of a run and the money of a month, đồng. Each month is due by itself, even where two are paid on one day.
async fn with_month(conn: &impl ConnectionTrait, run: &pay_run::Model, month: Month) -> Result<i64, Error> {
    use pay_run::Column as C;
    let regular = Condition::all()
        .add(C::Kind.eq(PayRunKind::Regular))
        .add(C::CoverMonth.eq(month.yyyymm()));
    let of_month = Condition::any()
        .add(C::CoverMonth.eq(month.yyyymm()))
        .add(C::PayDate.between(month.first_day(), month.last_day()))
        .add(C::Id.is_in(paying_what_was_left_out(conn, run, month).await?));
    let arrears = Condition::all().add(C::Kind.eq(PayRunKind::ArrearsOnly)).add(of_month);
    with(conn, run, Condition::any().add(regular).add(arrears)).await
}

/// Runs of the same kind that are paid in the same month, or named for it.
fn its_like(run: &pay_run::Model) -> Condition {
    use pay_run::Column as C;
    let paid = Month::of(run.pay_date);
    let same_month = Condition::any()
        .add(C::CoverMonth.eq(run.cover_month))
        .add(C::PayDate.between(paid.first_day(), paid.last_day()));
    Condition::all().add(C::Kind.eq(run.kind)).add(same_month)
}

/// What somebody left out of regular runs of a run's fund, with the lines of any run that pay it. It counts once the run that
/// left it out is submitted, which the run itself may be about to be.
fn left_out(run: &pay_run::Model) -> Select<held_payment::Entity> {
    use held_payment::Column as H;
    use pay_run::Column as C;
    let of_run = held_payment::Entity::belongs_to(pay_run::Entity)
        .from(H::PayRunId)
        .to(C::Id);
    let lines = held_payment::Entity::belongs_to(payment_line::Entity)
        .from(H::EntitlementId)
        .to(payment_line::Column::EntitlementId);
    held_payment::Entity::find()
        .select_only()
        .distinct()
        .join(JoinType::InnerJoin, of_run.into())
        .join(JoinType::InnerJoin, lines.into())
        .filter(H::Reason.eq(EXCLUDED))
        .filter(C::Kind.eq(PayRunKind::Regular))
        .filter(C::FundCode.eq(run.fund_code.as_str()))
        .filter(Condition::any().add(C::Status.is_in(SIGNED)).add(C::Id.eq(run.id)))
        .filter(Expr::cust(
            "payment_line.component = held_payment.component AND payment_line.cover_month = held_payment.cover_month",
        ))
}

/// The months whose regular runs left out what a run pays.
async fn left_out_of(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<Vec<Month>, Error> {
    let months: Vec<i32> = left_out(run)
        .column(pay_run::Column::CoverMonth)
        .filter(payment_line::Column::PayRunId.eq(run.id))
        .into_tuple()
        .all(conn)
        .await?;
    let months = months.into_iter();
    months
        .map(|number| Month::from_yyyymm(number).map_err(Error::internal))
        .collect()
}

/// The runs that pay what the regular runs of a month left out.
async fn paying_what_was_left_out(
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
    month: Month,
) -> Result<Vec<Uuid>, Error> {
    let runs = left_out(run)
        .column(payment_line::Column::PayRunId)
        .filter(pay_run::Column::CoverMonth.eq(month.yyyymm()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(runs)
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
            "Đợt chi này cần người duyệt có vai trò “{}” cho toàn tỉnh: mức duyệt tính theo {} đồng, là tổng các đợt chi \
             của tháng từ cùng nguồn được tính chung (riêng đợt này {} đồng)",
            vocabulary::role(role),
            print::dong(amount),
            print::dong(own)
        ),
        format!(
            "this run needs approvers in the role {role} for the whole province: its tier is chosen by {amount} đồng, the \
             sum of the runs of its fund that count together for the month ({own} đồng of it are this run's)"
        ),
    ))
}
