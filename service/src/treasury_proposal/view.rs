//! Reading proposals.

use entity::enums::{ProposalStatus, TreasuryKind};
use entity::treasury_proposal;
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::page::{Page, Window};
use crate::proposal::{ProposalView, Proposed};
use crate::treasury_proposal::reads;

/// What one person proposes of funds, tiers or the calendar, and another decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TreasuryProposalView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// `fund`, `fund_lines`, `fund_reduction`, `program_fund`, `approval_tiers` or `calendar_day`.
    #[schema(value_type = String, example = "fund")]
    pub kind: TreasuryKind,
    /// What it is about; one proposal of a subject is open at a time.
    #[schema(example = "fund:social_assistance:2025")]
    pub subject: String,
    /// What held of it when it was proposed; accepted is it only while that is so.
    #[schema(value_type = Object, example = json!({"fund": null}))]
    pub base: Value,
    /// What would hold: what was proposed, to the letter.
    #[schema(value_type = Object, example = json!({"code": "social_assistance", "fiscal_year": 2025,
        "source": "provincial", "name": "Trợ giúp xã hội 2025", "amount": 300_000_000_000_i64}))]
    pub body: Value,
    /// SHA-256 of what both people decide about.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub digest: String,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// Version of the proposal, for If-Match.
    pub version: i64,
}

pub(super) fn view(row: treasury_proposal::Model) -> Result<TreasuryProposalView, Error> {
    Ok(TreasuryProposalView {
        proposal: row.proposal(),
        id: row.id,
        kind: row.kind,
        base: serde_json::from_str(&row.base)?,
        body: serde_json::from_str(&row.body)?,
        subject: row.subject,
        digest: row.digest,
        version: row.version,
    })
}

/// Which proposals.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTreasuryProposals {
    /// Of this kind: `fund`, `fund_lines`, `fund_reduction`, `program_fund`, `approval_tiers` or `calendar_day`.
    #[param(value_type = Option<String>, example = "fund")]
    #[serde(default)]
    pub kind: Option<TreasuryKind>,
    /// In this state: `proposed`, `accepted`, `refused` or `withdrawn`.
    #[param(value_type = Option<String>, example = "proposed")]
    #[serde(default)]
    pub status: Option<ProposalStatus>,
    /// Rows of the page, 1 to 200; 50 if left out.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

impl ListTreasuryProposals {
    /// What waits for a second person.
    pub fn waiting() -> Self {
        Self {
            status: Some(ProposalStatus::Proposed),
            ..Self::default()
        }
    }
}

/// One proposal, of a kind that the caller reads.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::TreasuryProposalRead)?;
    let row = treasury_proposal::Entity::find_by_id(id).one(app.db.read()).await?;
    let row = row.filter(|row| actor.require_province(reads(row.kind)).is_ok());
    view(row.ok_or_else(Error::not_found)?)
}

/// Proposals of the kinds that the caller reads, the newest first.
pub async fn list(
    app: &App,
    actor: &Actor,
    filter: ListTreasuryProposals,
) -> Result<Page<TreasuryProposalView>, Error> {
    use treasury_proposal::Column as C;
    actor.require_province(Permission::TreasuryProposalRead)?;
    let filters = (filter.kind, filter.status);
    let window = Window::<Uuid>::of(
        app,
        "treasury_proposals",
        &filters,
        filter.limit,
        filter.cursor.as_deref(),
    )?;
    let read = TreasuryKind::iter().filter(|kind| actor.require_province(reads(*kind)).is_ok());
    let mut query = treasury_proposal::Entity::find()
        .filter(C::Kind.is_in(read))
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some(kind) = filter.kind {
        query = query.filter(C::Kind.eq(kind));
    }
    if let Some(status) = filter.status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.lt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.id)?;
    let items: Result<Vec<TreasuryProposalView>, Error> = page.items.into_iter().map(view).collect();
    Ok(Page {
        items: items?,
        next: page.next,
    })
}
