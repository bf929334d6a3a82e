//! Reading the tiers, and replacing them by two people.

use chrono::{DateTime, Utc};
use domain::Vnd;
use entity::approval_tier;
use entity::enums::{TierSubject, TreasuryKind};
use entity::treasury_proposal as treasury_proposal_row;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Role};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// More people than any office has.
const MOST_APPROVALS: i32 = 9;

/// A tier to be set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTier {
    /// `pay_run` or `relief_request`.
    #[schema(value_type = String, example = "pay_run")]
    pub subject: TierSubject,
    /// From so many đồng on. Of pay runs those of all runs of one month, fund and kind are counted together.
    #[schema(value_type = i64, example = 0)]
    pub from_amount: Vnd,
    /// So many different people approve.
    #[schema(example = 1, minimum = 1, maximum = 9)]
    pub approvals: i32,
    /// The role that each of them holds.
    pub role: Role,
}

/// Proposes all tiers at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeTiers {
    /// For each subject one from 0 đồng on, and any above.
    #[schema(example = json!([
        {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"}
    ]))]
    pub tiers: Vec<NewTier>,
    /// Why, with the decision it rests on; it is kept.
    #[schema(example = "QĐ 60/QĐ-UBND: phân cấp phê duyệt chi trả", max_length = 1000)]
    pub note: String,
}

/// What is proposed of the tiers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tiers {
    /// All of them.
    pub(crate) tiers: Vec<NewTier>,
}

/// A tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierView {
    /// What is approved.
    #[schema(value_type = String, example = "pay_run")]
    pub subject: TierSubject,
    /// From so many đồng on. Of pay runs those of all runs of one month, fund and kind are counted together.
    #[schema(example = 0)]
    pub from_amount: i64,
    /// So many different people approve.
    #[schema(example = 1)]
    pub approvals: i32,
    /// The role that each of them holds.
    #[schema(example = "approver")]
    pub role: String,
}

/// The tiers in force for what is submitted from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TiersView {
    /// Version, for If-Match; 0 while none were set.
    #[schema(example = 0)]
    pub version: i64,
    /// By subject and amount.
    pub tiers: Vec<TierView>,
    /// Who proposed them.
    pub set_by: Option<Uuid>,
    /// When another accepted them.
    pub set_at: Option<DateTime<Utc>>,
    /// The proposal by which two people set them; none for those of before two were needed.
    pub proposal_id: Option<Uuid>,
}

/// The tiers. Where none were set, one approver suffices for everything.
pub async fn get(app: &App, actor: &Actor) -> Result<TiersView, Error> {
    actor.require_province(Permission::TierRead)?;
    newest(app.db.read()).await
}

/// Proposes other tiers: the first of two people. Those in force stay until another accepts it.
///
/// # Errors
/// `invalid` with the place of each fault; `stale` where another version was read; `already-exists` where a proposal waits.
pub async fn propose(
    app: &App,
    actor: &Actor,
    version: i64,
    command: ProposeTiers,
) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::TierManage)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let body = Tiers { tiers: command.tiers };
    check(&body.tiers)?;
    app.db
        .write(async |txn| {
            let before = newest(txn.conn()).await?;
            if before.version != version {
                return Err(Error::because(
                    ProblemCode::Stale,
                    format!("Mức duyệt đã ở phiên bản {}", before.version),
                    format!("the tiers are at version {}", before.version),
                ));
            }
            let draft = Draft {
                kind: TreasuryKind::ApprovalTiers,
                subject: "approval_tiers".to_owned(),
                base: base(&before),
                body: serde_json::to_value(&body)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// Replaces the tiers by those that a second person accepts. What is submitted already keeps those under which it was.
pub(crate) async fn accept(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let said: Tiers = serde_json::from_str(&own.body)?;
    check(&said.tiers)?;
    let before = newest(txn.conn()).await?;
    treasury_proposal::unchanged(own, &base(&before))?;
    let version = before.version + 1;
    let rows = said.tiers.iter().map(|tier| approval_tier::Model {
        id: app.ids.next(),
        version,
        subject: tier.subject,
        from_amount: tier.from_amount.dong(),
        approvals: tier.approvals,
        role: tier.role.code().to_owned(),
        set_by: Some(own.proposed_by),
        set_at: at,
        proposal_id: Some(own.id),
    });
    txn.insert_all::<approval_tier::Entity>(rows.collect()).await?;
    let detail = json!({"before": before.tiers, "after": said.tiers, "proposal": own.id,
        "proposed_by": own.proposed_by});
    txn.audit(Event::new(
        at,
        actor,
        "approval_tier.set",
        format!("approval_tier:{version}"),
        detail,
    ));
    Ok(())
}

/// What both people compare with.
fn base(standing: &TiersView) -> Value {
    json!({"version": standing.version, "tiers": standing.tiers})
}

async fn newest(conn: &impl ConnectionTrait) -> Result<TiersView, Error> {
    use approval_tier::Column as C;
    let last = approval_tier::Entity::find()
        .order_by_desc(C::Version)
        .one(conn)
        .await?;
    let Some(last) = last else {
        let one = |subject| TierView {
            subject,
            from_amount: 0,
            approvals: 1,
            role: Role::Approver.code().to_owned(),
        };
        return Ok(TiersView {
            version: 0,
            tiers: vec![one(TierSubject::PayRun), one(TierSubject::ReliefRequest)],
            set_by: None,
            set_at: None,
            proposal_id: None,
        });
    };
    let mut rows = approval_tier::Entity::find()
        .filter(C::Version.eq(last.version))
        .all(conn)
        .await?;
    rows.sort_by_key(|row| (row.subject, row.from_amount));
    let tiers = rows.into_iter().map(|row| TierView {
        subject: row.subject,
        from_amount: row.from_amount,
        approvals: row.approvals,
        role: row.role,
    });
    Ok(TiersView {
        version: last.version,
        tiers: tiers.collect(),
        set_by: last.set_by,
        set_at: Some(last.set_at),
        proposal_id: last.proposal_id,
    })
}

fn check(tiers: &[NewTier]) -> Result<(), Error> {
    let mut faults = Vec::new();
    for (place, tier) in tiers.iter().enumerate() {
        if !(1..=MOST_APPROVALS).contains(&tier.approvals) {
            faults.push(FieldError::new(
                format!("/tiers/{place}/approvals"),
                "out_of_range",
                format!("Số người duyệt từ 1 đến {MOST_APPROVALS}"),
                format!("between 1 and {MOST_APPROVALS} people approve"),
            ));
        }
        if tier.from_amount.dong() < 0 {
            faults.push(FieldError::new(
                format!("/tiers/{place}/from_amount"),
                "out_of_range",
                "Mức tiền không được âm",
                "an amount is not negative",
            ));
        }
        let permission = match tier.subject {
            TierSubject::PayRun => Permission::PayRunApprove,
            TierSubject::ReliefRequest => Permission::ReliefApprove,
        };
        // A role that approves nothing would stop every approval for good.
        if !permission.roles().contains(&tier.role) && tier.role != Role::DecisionMaker {
            faults.push(FieldError::new(
                format!("/tiers/{place}/role"),
                "not_an_approver",
                "Vai trò này không duyệt được",
                "this role approves nothing",
            ));
        }
        let same = |other: &&NewTier| other.subject == tier.subject && other.from_amount == tier.from_amount;
        if tiers.iter().filter(same).count() > 1 {
            faults.push(FieldError::new(
                format!("/tiers/{place}/from_amount"),
                "twice",
                "Mức tiền này đã có",
                "this amount is there twice",
            ));
        }
    }
    for subject in [TierSubject::PayRun, TierSubject::ReliefRequest] {
        let lowest = |tier: &&NewTier| tier.subject == subject && tier.from_amount.dong() == 0;
        if !tiers.iter().any(|tier| lowest(&tier)) {
            faults.push(FieldError::new(
                "/tiers",
                "no_lowest",
                "Mỗi loại phải có mức từ 0 đồng",
                "each subject needs a tier from 0 đồng on",
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}
