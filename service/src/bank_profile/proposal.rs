//! Changing a profile: one person proposes the new terms, another decides, and only then do they hold.

use domain::bank::{BankProfile, BankProfiles};
use entity::enums::ProposalStatus;
use entity::{bank_profile, bank_profile_proposal};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_profile::difference::{ProfileChange, differences};
use crate::bank_profile::fault::refused;
use crate::bank_profile::view::require_bank;
use crate::bank_profile::{Current, DEFAULT, current, subject};
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, Versioned, proposed};

/// Proposes a profile in the place of a bank's, of the post office's (`POST`), or of the default.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeProfile {
    /// What differs from the default profile of today, or from the post office's own, in the shape of the catalogue's `bank_profiles.json`.
    #[schema(value_type = Object, example = json!({
        "format": "csv", "max_lines": 2000, "max_name": 70, "same_account": "split",
        "table": {"delimiter": ";", "encoding": "utf8_bom", "columns": [
            {"heading": "STT", "field": "number", "width": 7},
            {"heading": "Mã lệnh", "field": "reference", "width": 32},
            {"heading": "Tên người thụ hưởng", "field": "name", "width": 30},
            {"heading": "Số tài khoản", "field": "account", "width": 20},
            {"heading": "Số tiền", "field": "amount", "width": 16}]},
        "note": "Theo mẫu ngân hàng gửi ngày 12/8/2024"}))]
    pub profile: Value,
    /// Why; it is kept.
    #[schema(example = "Ngân hàng đổi mẫu tệp từ tháng 9/2024", max_length = 1000)]
    pub note: String,
}

/// A change of what a bank takes: the whole new terms, and what of them differs from those in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProfileProposalView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The bank's code; `default` for every bank without a profile of its own.
    #[schema(example = "AGRIBANK")]
    pub bank: String,
    /// The version that it replaces; 0 is the profile in the program.
    pub base_version: i64,
    /// The whole profile proposed.
    #[schema(value_type = Object)]
    pub profile: Value,
    /// What differs from the profile that was in force when it was proposed.
    pub changes: Vec<ProfileChange>,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// Version of the proposal, for If-Match.
    pub version: i64,
}

fn view(row: bank_profile_proposal::Model) -> Result<ProfileProposalView, Error> {
    let (before, profile): (Value, Value) = (serde_json::from_str(&row.base)?, serde_json::from_str(&row.profile)?);
    Ok(ProfileProposalView {
        proposal: row.proposal(),
        id: row.id,
        bank: row.bank,
        base_version: row.base_version,
        changes: differences(&before, &profile),
        profile,
        version: row.version,
    })
}

/// Which proposals.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListProfileProposals {
    /// Of this bank, or of `default`.
    #[param(example = "AGRIBANK")]
    #[serde(default)]
    pub bank: Option<String>,
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

/// The version of a bank's own profile, and the profile that holds for it.
fn in_force<'c>(current: &'c Current, bank: &str) -> (i64, &'c BankProfile) {
    let version = current.rows.get(bank).map_or(0, |row| row.version);
    let profile = if bank == DEFAULT {
        current.profiles.default_profile()
    } else {
        current.profiles.of(bank)
    };
    (version, profile)
}

/// Proposes a profile: the first of two people. It is read now, what it leaves out is today's default, and nothing
/// else is decided about.
///
/// # Errors
/// `invalid` with the place of each fault; `stale` where another version was read; `already-exists` where a proposal for
/// the bank is open.
pub async fn propose(
    app: &App,
    actor: &Actor,
    bank: &str,
    version: i64,
    command: ProposeProfile,
) -> Result<ProfileProposalView, Error> {
    actor.require_province(Permission::BankProfileManage)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    require_bank(bank)?;
    let row = app
        .db
        .write(async |txn| {
            let now = current(txn.conn()).await?;
            let (found, held) = in_force(&now, bank);
            if found != version {
                return Err(Error::because(
                    ProblemCode::Stale,
                    format!("Mẫu của ngân hàng đã ở phiên bản {found}"),
                    format!("the profile is at version {found}"),
                ));
            }
            none_open(txn.conn(), bank).await?;
            let read = if bank == BankProfiles::POST {
                now.profiles.read_post(&command.profile)
            } else {
                now.profiles.read(&command.profile)
            };
            let profile = read.map_err(refused)?;
            let row = proposed!(bank_profile_proposal, proposal.clone(), {
                id: app.ids.next(),
                bank: bank.to_owned(),
                base_version: found,
                base: serde_json::to_string(held)?,
                profile: serde_json::to_string(&profile)?,
                version: 1,
            });
            txn.insert_all::<bank_profile_proposal::Entity>(vec![row.clone()])
                .await?;
            let detail = json!({"proposal": row.id, "base_version": found, "sha256": sha256(&row.profile),
                "debtor_changed": !profile.pays_as(held), "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "bank_profile.propose",
                subject(bank),
                detail,
            ));
            Ok(row)
        })
        .await?;
    view(row)
}

/// Refuses a second proposal for a bank; an index of the database does so too.
async fn none_open(conn: &impl ConnectionTrait, bank: &str) -> Result<(), Error> {
    use bank_profile_proposal::Column as C;
    let open = bank_profile_proposal::Entity::find()
        .filter(C::Bank.eq(bank))
        .filter(C::Status.eq(ProposalStatus::Proposed))
        .one(conn)
        .await?;
    match open {
        None => Ok(()),
        Some(open) => Err(Error::because(
            ProblemCode::AlreadyExists,
            format!("Mẫu của ngân hàng này đang có đề nghị {} chờ quyết định", open.id),
            format!("the proposal {} for this bank waits for a decision", open.id),
        )),
    }
}

/// Decides a proposal: the second of two people. Accepted, it is the bank's new version, beside the old ones, and holds
/// for files planned from now on; those planned before stay as they are.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait; `stale` where it is at another version, or
/// where the profile in force is not the one that it was proposed against.
pub async fn decide(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    command: DecideProposal,
) -> Result<ProfileProposalView, Error> {
    actor.require_province(Permission::BankProfileDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let row = app
        .db
        .write(async |txn| {
            let mut row = locked(txn, id).await?;
            row.decide_at(version, &command, &verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            let now = current(txn.conn()).await?;
            if row.status == ProposalStatus::Accepted {
                unchanged(&now, &row)?;
            }
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail = json!({"proposal": row.id, "decision": row.status.code(), "note": verdict.note});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "bank_profile.decide",
                subject(&row.bank),
                detail,
            ));
            if row.status == ProposalStatus::Accepted {
                put(txn, actor, &now, &row, &verdict).await?;
            }
            Ok(row)
        })
        .await?;
    view(row)
}

/// Takes a proposal back: its author alone may.
///
/// # Errors
/// `forbidden` for anybody else; `illegal-transition` where it does not wait; `stale`.
pub async fn withdraw(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<ProfileProposalView, Error> {
    actor.require_province(Permission::BankProfileManage)?;
    let person = actor.person()?;
    let at = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let mut row = locked(txn, id).await?;
            row.withdraw_at(version, person, at)?;
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail = json!({"proposal": row.id});
            txn.audit(Event::new(
                at,
                actor,
                "bank_profile.withdraw",
                subject(&row.bank),
                detail,
            ));
            Ok(row)
        })
        .await?;
    view(row)
}

/// What is proposed for a bank may rest on the default that another decision changes.
async fn locked(txn: &Txn, id: Uuid) -> Result<bank_profile_proposal::Model, Error> {
    use bank_profile_proposal::Column as C;
    proposal::locked::<bank_profile_proposal::Entity>(txn, (C::Id, C::Status), id).await
}

/// What is in force must be what both people compared with: the bank's version, and the default where the bank has no
/// profile of its own.
fn unchanged(now: &Current, row: &bank_profile_proposal::Model) -> Result<(), Error> {
    let (version, held) = in_force(now, &row.bank);
    // Compared as profiles: one that was written by an older program lacks the fields that came later.
    let base: BankProfile = serde_json::from_str(&row.base)?;
    if version == row.base_version && *held == base {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Stale,
        "Mẫu đang áp dụng đã thay đổi sau khi đề nghị; hãy đề nghị lại",
        "the profile in force has changed since this was proposed; propose it again",
    ))
}

/// Puts accepted terms into force.
async fn put(
    txn: &Txn,
    actor: &Actor,
    before: &Current,
    row: &bank_profile_proposal::Model,
    verdict: &Verdict,
) -> Result<(), Error> {
    let profile: BankProfile = serde_json::from_str(&row.profile)?;
    let made = bank_profile::Model {
        bank: row.bank.clone(),
        version: row.base_version + 1,
        profile: row.profile.clone(),
        changed_by: Some(row.proposed_by),
        changed_at: verdict.at,
        proposal_id: Some(row.id),
    };
    let (_, held) = in_force(before, &row.bank);
    let detail = json!({"version": made.version, "format": profile.format.name(), "sha256": sha256(&made.profile),
        "debtor_changed": !profile.pays_as(held), "proposal": row.id, "proposed_by": row.proposed_by});
    txn.insert_all::<bank_profile::Entity>(vec![made]).await?;
    txn.audit(Event::new(
        verdict.at,
        actor,
        "bank_profile.put",
        subject(&row.bank),
        detail,
    ));
    Ok(())
}

/// One proposal.
pub async fn get_proposal(app: &App, actor: &Actor, id: Uuid) -> Result<ProfileProposalView, Error> {
    actor.require_province(Permission::BankProfileRead)?;
    let row = bank_profile_proposal::Entity::find_by_id(id).one(app.db.read()).await?;
    view(row.ok_or_else(Error::not_found)?)
}

/// Proposals, the newest first.
pub async fn list_proposals(
    app: &App,
    actor: &Actor,
    filter: ListProfileProposals,
) -> Result<Page<ProfileProposalView>, Error> {
    use bank_profile_proposal::Column as C;
    actor.require_province(Permission::BankProfileRead)?;
    let filters = (&filter.bank, filter.status);
    let window = Window::<Uuid>::of(
        app,
        "bank_profile_proposals",
        &filters,
        filter.limit,
        filter.cursor.as_deref(),
    )?;
    let mut query = bank_profile_proposal::Entity::find()
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some(bank) = &filter.bank {
        query = query.filter(C::Bank.eq(bank));
    }
    if let Some(status) = filter.status {
        query = query.filter(C::Status.eq(status));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.lt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.id)?;
    let items: Result<Vec<ProfileProposalView>, Error> = page.items.into_iter().map(view).collect();
    Ok(Page {
        items: items?,
        next: page.next,
    })
}

fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
