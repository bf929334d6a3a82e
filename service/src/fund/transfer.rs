//! More money for a fund: a supplementary allotment from its source, or a transfer from another fund. One person
//! proposes, another approves; then it is posted, balanced in each fund.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::Vnd;
use entity::enums::{Act, TransferKind, TransferStatus};
use entity::{fund, fund_transfer};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::approval;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::line;
use crate::fund::posting::{Account, Move, lock, post};
use crate::page::{Page, Window};
use crate::pay_run::check_reason;

/// Proposes more money for a fund.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeTransfer {
    /// The fund that gives it; none: the source of the fund itself.
    #[serde(default)]
    #[schema(example = json!(null))]
    pub from_fund_id: Option<Uuid>,
    /// The fund that gets it.
    pub to_fund_id: Uuid,
    /// Đồng, above 0.
    #[schema(value_type = i64, example = 5000000000_i64)]
    pub amount: Vnd,
    /// The decision it rests on.
    #[schema(example = "QĐ 120/QĐ-UBND: bổ sung dự toán năm 2024", max_length = 1000)]
    pub reason: String,
}

/// More money for a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TransferView {
    /// Id.
    pub id: Uuid,
    /// Supplement or transfer.
    #[schema(value_type = String, example = "supplement")]
    pub kind: TransferKind,
    /// The fund that gives it.
    #[schema(example = json!(null))]
    pub from_fund_id: Option<Uuid>,
    /// The fund that gets it.
    pub to_fund_id: Uuid,
    /// Đồng.
    #[schema(example = 5000000000_i64)]
    pub amount: i64,
    /// The decision it rests on.
    pub reason: String,
    /// Where it stands.
    #[schema(value_type = String, example = "proposed")]
    pub status: TransferStatus,
    /// Who proposed it.
    pub proposed_by: Uuid,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was turned down.
    pub note: Option<String>,
    /// Version, for If-Match.
    pub version: i64,
}

fn view(row: fund_transfer::Model) -> TransferView {
    TransferView {
        id: row.id,
        kind: row.kind,
        from_fund_id: row.from_fund_id,
        to_fund_id: row.to_fund_id,
        amount: row.amount,
        reason: row.reason,
        status: row.status,
        proposed_by: row.proposed_by,
        proposed_at: row.proposed_at,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        note: row.note,
        version: row.version,
    }
}

/// How the subjects of transfers begin, and the steps that post them.
pub(super) const SUBJECT: &str = "fund_transfer:";

fn subject(id: Uuid) -> String {
    format!("{SUBJECT}{}", id.simple())
}

/// Proposes more money for a fund; nothing moves yet.
pub async fn propose(app: &App, actor: &Actor, command: ProposeTransfer) -> Result<TransferView, Error> {
    actor.require_province(Permission::FundManage)?;
    let proposed_by = actor.person()?;
    check_reason("/reason", &command.reason)?;
    if command.amount.dong() <= 0 {
        return Err(Error::field(
            "/amount",
            "out_of_range",
            "Số tiền phải lớn hơn 0",
            "an amount is above 0",
        ));
    }
    if command.from_fund_id == Some(command.to_fund_id) {
        return Err(Error::field(
            "/from_fund_id",
            "same_fund",
            "Hai nguồn phải khác nhau",
            "the two funds must differ",
        ));
    }
    let id = app.ids.next();
    let row = app
        .db
        .write(async |txn| {
            for (pointer, fund_id) in [
                ("/from_fund_id", command.from_fund_id),
                ("/to_fund_id", Some(command.to_fund_id)),
            ] {
                let Some(fund_id) = fund_id else { continue };
                if fund::Entity::find_by_id(fund_id).one(txn.conn()).await?.is_none() {
                    return Err(Error::field(
                        pointer,
                        "unknown_fund",
                        "Không có nguồn kinh phí này",
                        "there is no such fund",
                    ));
                }
            }
            let mut row = fund_transfer::Model {
                id,
                kind: if command.from_fund_id.is_some() {
                    TransferKind::Transfer
                } else {
                    TransferKind::Supplement
                },
                from_fund_id: command.from_fund_id,
                to_fund_id: command.to_fund_id,
                amount: command.amount.dong(),
                reason: command.reason.clone(),
                status: TransferStatus::Proposed,
                revision: 1,
                digest: String::new(),
                proposed_by,
                proposed_at: app.clock.now(),
                decided_by: None,
                decided_at: None,
                note: None,
                version: 1,
            };
            row.digest = digest(&row);
            txn.insert_all::<fund_transfer::Entity>(vec![row.clone()]).await?;
            approval::sign(app, txn, &subject(id), 1, Act::Make, proposed_by, &row.digest).await?;
            note(app, txn, actor, "fund_transfer.propose", &row);
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Approves what another person proposed: it is posted. Refused where the giving fund has not so much left.
pub async fn approve_transfer(app: &App, actor: &Actor, id: Uuid, version: i64) -> Result<TransferView, Error> {
    actor.require_province(Permission::FundApprove)?;
    let approver = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let row = proposed(txn, id, version).await?;
            if row.digest != digest(&row) {
                return Err(Error::new(ProblemCode::ContentChanged));
            }
            approval::sign(
                app,
                txn,
                &subject(id),
                row.revision,
                Act::Approve,
                approver,
                &row.digest,
            )
            .await?;
            move_money(app, txn, &row).await?;
            let approved = fund_transfer::Model {
                status: TransferStatus::Approved,
                decided_by: Some(approver),
                decided_at: Some(app.clock.now()),
                version: row.version + 1,
                ..row
            };
            note(app, txn, actor, "fund_transfer.approve", &approved);
            save(txn, approved).await
        })
        .await?;
    Ok(view(row))
}

/// Turns down what was proposed.
pub async fn reject_transfer(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    reason: &str,
) -> Result<TransferView, Error> {
    actor.require_province(Permission::FundApprove)?;
    let approver = actor.person()?;
    check_reason("/reason", reason)?;
    let row = app
        .db
        .write(async |txn| {
            let row = proposed(txn, id, version).await?;
            let rejected = fund_transfer::Model {
                status: TransferStatus::Rejected,
                decided_by: Some(approver),
                decided_at: Some(app.clock.now()),
                note: Some(reason.to_owned()),
                version: row.version + 1,
                ..row
            };
            note(app, txn, actor, "fund_transfer.reject", &rejected);
            save(txn, rejected).await
        })
        .await?;
    Ok(view(row))
}

/// One of them.
pub async fn transfer(app: &App, actor: &Actor, id: Uuid) -> Result<TransferView, Error> {
    actor.require_province(Permission::FundRead)?;
    let row = fund_transfer::Entity::find_by_id(id).one(app.db.read()).await?;
    row.map(view).ok_or_else(Error::not_found)
}

/// All of them, the newest first.
pub async fn transfers(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<TransferView>, Error> {
    use fund_transfer::Column as C;
    actor.require_province(Permission::FundRead)?;
    let window = Window::<Uuid>::of(app, "fund_transfers", &(), limit, cursor)?;
    let mut query = fund_transfer::Entity::find().order_by_desc(C::Id).limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(C::Id.lt(after));
    }
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| row.id)?.map(view))
}

/// The funds are locked as every posting locks them, so that transfers against each other don't wait in a circle.
async fn move_money(app: &App, txn: &Txn, row: &fund_transfer::Model) -> Result<(), Error> {
    let ids: BTreeSet<Uuid> = row.from_fund_id.into_iter().chain([row.to_fund_id]).collect();
    let funds = fund::Entity::find()
        .filter(fund::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(fund::Column::Id)
        .all(txn.conn())
        .await?;
    if funds.len() < ids.len() {
        return Err(Error::not_found());
    }
    lock(txn, &funds.iter().map(|fund| fund.code.as_str()).collect()).await?;
    for fund in funds {
        let gives = row.from_fund_id == Some(fund.id);
        if gives {
            line::require_covered(txn.conn(), &fund, row.amount).await?;
        }
        let (from, to, step) = if gives {
            (Account::Available, Account::Source, "out")
        } else {
            (Account::Source, Account::Available, "in")
        };
        let money = Move {
            fiscal_year: fund.fiscal_year,
            from,
            to,
            amount: row.amount,
        };
        post(app, txn, &fund.code, &format!("{}:{step}", subject(row.id)), &[money]).await?;
    }
    Ok(())
}

/// What was proposed, locked, at the version that was read.
async fn proposed(txn: &Txn, id: Uuid, version: i64) -> Result<fund_transfer::Model, Error> {
    let row = fund_transfer::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    if row.version != version {
        return Err(Error::because(
            ProblemCode::Stale,
            format!("Đề nghị đã ở phiên bản {}", row.version),
            format!("the transfer is at version {}", row.version),
        ));
    }
    if row.status == TransferStatus::Proposed {
        return Ok(row);
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Đề nghị đã được quyết định",
        "the transfer is decided already",
    ))
}

/// What is signed.
fn digest(row: &fund_transfer::Model) -> String {
    let content = json!({"id": row.id, "kind": row.kind, "from": row.from_fund_id, "to": row.to_fund_id,
        "amount": row.amount, "reason": row.reason});
    hex::encode(Sha256::digest(content.to_string().as_bytes()))
}

fn note(app: &App, txn: &Txn, actor: &Actor, action: &'static str, row: &fund_transfer::Model) {
    let detail = json!({"kind": row.kind, "from": row.from_fund_id, "to": row.to_fund_id, "amount": row.amount,
        "reason": row.reason, "note": row.note, "digest": row.digest});
    txn.audit(Event::new(app.clock.now(), actor, action, subject(row.id), detail));
}

async fn save(txn: &Txn, row: fund_transfer::Model) -> Result<fund_transfer::Model, Error> {
    row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    Ok(row)
}
