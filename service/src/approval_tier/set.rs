//! Reading the tiers and replacing them.

use chrono::{DateTime, Utc};
use domain::Vnd;
use entity::approval_tier;
use entity::enums::TierSubject;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Role};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, FieldError, ProblemCode};

/// More people than any office has.
const MOST_APPROVALS: i32 = 9;

/// A tier to be set.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTier {
    /// `pay_run` or `relief_request`.
    #[schema(value_type = String, example = "pay_run")]
    pub subject: TierSubject,
    /// From so many đồng on.
    #[schema(value_type = i64, example = 0)]
    pub from_amount: Vnd,
    /// So many different people approve.
    #[schema(example = 1, minimum = 1, maximum = 9)]
    pub approvals: i32,
    /// The role that each of them holds.
    pub role: Role,
}

/// All tiers at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetTiers {
    /// For each subject one from 0 đồng on, and any above.
    #[schema(example = json!([
        {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"}
    ]))]
    pub tiers: Vec<NewTier>,
}

/// A tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierView {
    /// What is approved.
    #[schema(value_type = String, example = "pay_run")]
    pub subject: TierSubject,
    /// From so many đồng on.
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
    /// Who set them.
    pub set_by: Option<Uuid>,
    /// When.
    pub set_at: Option<DateTime<Utc>>,
}

/// The tiers. Where none were set, one approver suffices for everything.
pub async fn get(app: &App, actor: &Actor) -> Result<TiersView, Error> {
    actor.require_province(Permission::TierRead)?;
    newest(app.db.read()).await
}

/// Replaces the tiers. What is submitted already keeps those under which it was.
pub async fn set(app: &App, actor: &Actor, version: i64, command: SetTiers) -> Result<TiersView, Error> {
    actor.require_province(Permission::TierManage)?;
    check(&command.tiers)?;
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
            let at = app.clock.now();
            let rows = command.tiers.iter().map(|tier| approval_tier::Model {
                id: app.ids.next(),
                version: version + 1,
                subject: tier.subject,
                from_amount: tier.from_amount.dong(),
                approvals: tier.approvals,
                role: tier.role.code().to_owned(),
                set_by: actor.user_id,
                set_at: at,
            });
            txn.insert_all::<approval_tier::Entity>(rows.collect()).await?;
            let detail = json!({"before": before.tiers, "after": command.tiers});
            txn.audit(Event::new(
                at,
                actor,
                "approval_tier.set",
                format!("approval_tier:{}", version + 1),
                detail,
            ));
            newest(txn.conn()).await
        })
        .await
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
