//! How many people must approve what: tiers by amount, as data. No threshold is built in: where none is set, one person
//! approves. The amount of a pay run is that of all runs of its month, kind and fund together (`pay_run::tier`).

mod set;

use entity::approval_tier;
use entity::enums::TierSubject;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::actor::{Actor, Grant, Role};
use crate::error::{Error, ProblemCode};
use crate::vocabulary;

pub use set::{NewTier, ProposeTiers, TierView, TiersView, get, propose};
pub(crate) use set::{Tiers, accept};

/// What an amount asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tier {
    /// So many different people.
    pub(crate) approvals: i32,
    /// Each of them in this role.
    pub(crate) role: String,
}

impl Tier {
    fn one() -> Self {
        Self {
            approvals: 1,
            role: Role::Approver.code().to_owned(),
        }
    }
}

/// The tier of an amount: of the newest set, or of the one that stood when a subject was submitted.
pub(crate) async fn of(
    conn: &impl ConnectionTrait,
    subject: TierSubject,
    amount: i64,
    submitted_at: Option<chrono::DateTime<chrono::Utc>>,
) -> Result<Tier, Error> {
    use approval_tier::Column as C;
    let mut newest = approval_tier::Entity::find().order_by_desc(C::Version);
    if let Some(at) = submitted_at {
        newest = newest.filter(C::SetAt.lte(at));
    }
    let Some(newest) = newest.one(conn).await? else {
        return Ok(Tier::one());
    };
    let found = approval_tier::Entity::find()
        .filter(C::Version.eq(newest.version))
        .filter(C::Subject.eq(subject))
        .filter(C::FromAmount.lte(amount))
        .order_by_desc(C::FromAmount)
        .one(conn)
        .await?;
    Ok(found.map_or_else(Tier::one, |row| Tier {
        approvals: row.approvals,
        role: row.role,
    }))
}

/// Holds the credential the role that a tier asks for, where what it approves is? In an area that is, or for the whole
/// province where there is none.
///
/// # Errors
/// `forbidden`.
pub(crate) fn require_role(actor: &Actor, role: &str, area: Option<&str>) -> Result<(), Error> {
    let reaches = |grant: &Grant| match (&grant.areas, area) {
        (None, _) => true,
        (Some(granted), Some(area)) => granted.contains(area),
        (Some(_), None) => false,
    };
    if actor
        .grants
        .iter()
        .any(|grant| grant.role.code() == role && reaches(grant))
    {
        return Ok(());
    }
    let called = vocabulary::role(role);
    Err(Error::because(
        ProblemCode::Forbidden,
        match area {
            None => format!("Mức tiền này cần người duyệt có vai trò “{called}” cho toàn tỉnh"),
            Some(area) => format!("Mức tiền này cần người duyệt có vai trò “{called}” cho địa bàn {area}"),
        },
        match area {
            None => format!("this amount needs approvers in the role {role} for the whole province"),
            Some(area) => format!("this amount needs approvers in the role {role} for {area}"),
        },
    ))
}
