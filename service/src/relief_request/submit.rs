//! Filing a request: amounts come from the law, duplicates are refused, the fund is reserved.

use chrono::TimeDelta;
use domain::relief::{Circumstances, Loss, relief};
use entity::enums::{Act, ReliefClaimKind, ReliefClaimStatus, ReliefEventStatus, ReliefRequestStatus};
use entity::{area, person, relief_claim, relief_event, relief_request};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::fund::{self, Account, Move};
use crate::pay_run::Payees;
use crate::pay_run::held_reason;
use crate::person::PersonRange;
use crate::relief_request::again::{self, Earlier};
use crate::relief_request::hold::recipient;
use crate::relief_request::view::{RequestView, view};
use crate::relief_request::{FUND, digest, fund_choice, subject};
use crate::{approval, law, program};

/// Hours within which a submitted request must be decided.
const SLA_HOURS: i64 = 24;

/// Files a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// The event.
    pub relief_event_id: Uuid,
    /// The commune that asks (area id).
    #[schema(example = "06652@1900-01")]
    pub area_id: String,
    /// The commune's own number for it: the same number twice is the same request.
    #[schema(example = "15/TTr-UBND")]
    pub reference: String,
    /// The losses.
    pub claims: Vec<NewClaim>,
    /// The fund that is asked to pay them, by its code: one of donations, or that of an active program of relief; none:
    /// `emergency_relief`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = json!(null), max_length = 40)]
    pub fund_code: Option<String>,
}

/// One loss.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    /// The person struck, who or whose household receives the money.
    pub person_id: Uuid,
    /// What was lost.
    #[schema(value_type = String, example = "house_damaged")]
    pub loss: Loss,
    /// In need, and for hunger how many for how long.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub circumstances: Circumstances,
}

/// Files and submits a request. A commune files for itself alone; each claim is computed, and one person gets one
/// relief of a kind for one event. What was held, came back or was cancelled may be filed again. Its money is reserved, and
/// held on the line that a program of relief names of the fund's estimate: never more than that has.
pub async fn submit(app: &App, actor: &Actor, command: SubmitRequest) -> Result<RequestView, Error> {
    let scope = actor.require(Permission::ReliefSubmit)?;
    let submitter = actor.person()?;
    if !scope.covers(&command.area_id) {
        return Err(Error::not_found());
    }
    let conn = app.db.read();
    area::Entity::find_by_id(&command.area_id)
        .one(conn)
        .await?
        .ok_or_else(|| {
            Error::field(
                "/area_id",
                "unknown",
                "Không có đơn vị hành chính này",
                "there is no such area",
            )
        })?;
    let fund_code = command.fund_code.clone().unwrap_or_else(|| FUND.to_owned());
    if let Some(fault) = fund_choice::fault(conn, actor, &fund_code).await? {
        return Err(Error::invalid(vec![fault]));
    }
    let event = relief_event::Entity::find_by_id(command.relief_event_id)
        .one(conn)
        .await?;
    let event = open_event(event)?;
    let standard = law::parameter_on(app, "standard.central", event.happened_on)
        .await?
        .ok_or_else(|| {
            Error::because(
                ProblemCode::Conflict,
                "Chưa có mức chuẩn cho ngày này",
                "no standard is known for that day",
            )
        })?;
    let id = domain::ids::uuid8(
        app.secret.ids(),
        "relief_request",
        &format!("{}:{}:{}", event.id.simple(), command.area_id, command.reference),
    );
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (index, claim) in command.claims.iter().enumerate() {
        match new_claim(app, &command, id, index, claim, standard).await? {
            Ok(row) => rows.push(row),
            Err(fault) => faults.push(fault),
        }
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(FieldError::new(
            "/claims",
            "empty",
            "Phải có ít nhất một thiệt hại",
            "at least one loss is needed",
        ));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    rows.sort_by_key(|row| row.id);
    let total: i64 = rows.iter().map(|row| row.amount + row.top_up).sum();
    let request = app
        .db
        .write(async |txn| {
            none_filed_since(txn, &command).await?;
            let line = program::relief_line(txn, &fund_code).await?;
            let at = app.clock.now();
            let request = relief_request::Model {
                id,
                relief_event_id: event.id,
                area_id: command.area_id.clone(),
                reference: command.reference.clone(),
                submitted_by: Some(submitter),
                status: ReliefRequestStatus::Submitted,
                revision: 1,
                total,
                digest: Some(digest(&fund_code, &rows)),
                sla_due_at: at.checked_add_signed(TimeDelta::hours(SLA_HOURS)),
                submitted_at: Some(at),
                verified_at: None,
                approved_at: None,
                pay_run_id: None,
                version: 1,
                created_at: at,
                fund_code: fund_code.clone(),
            };
            let came_back = again::take_over(txn, event.id, &rows).await?;
            txn.insert_all::<relief_request::Entity>(vec![request.clone()]).await?;
            txn.insert_all::<relief_claim::Entity>(rows.clone()).await?;
            approval::sign(
                app,
                txn,
                &subject(id),
                1,
                Act::Make,
                submitter,
                &digest(&fund_code, &rows),
            )
            .await?;
            let year = domain::Month::of(event.happened_on).year();
            let reserved = Move {
                fiscal_year: year,
                from: Account::Available,
                to: Account::Reserved,
                amount: total,
            };
            again::post(app, txn, id, came_back, (fund_code.as_str(), reserved)).await?;
            if let Some(line) = &line {
                fund::hold_for_relief(txn, id, (fund_code.as_str(), year, line.as_str()), total).await?;
            }
            let replaced: Vec<Uuid> = rows.iter().filter_map(|row| row.replaces_line_id).collect();
            let detail = json!({"event": event.code, "claims": rows.len(), "total": total, "replaced_lines": replaced,
                "fund_code": fund_code});
            txn.audit(Event::new(at, actor, "relief_request.submit", subject(id), detail));
            Ok(request)
        })
        .await?;
    Ok(view(request))
}

async fn new_claim(
    app: &App,
    command: &SubmitRequest,
    request: Uuid,
    index: usize,
    claim: &NewClaim,
    standard: domain::Vnd,
) -> Result<Result<relief_claim::Model, FieldError>, Error> {
    let conn = app.db.read();
    let at = |field: &str| format!("/claims/{index}/{field}");
    let victim = person::Entity::find_by_id(claim.person_id).one(conn).await?;
    let Some(victim) = victim.filter(|victim| victim.area_id == command.area_id) else {
        let (vi, en) = (
            "Người này không cư trú tại xã đề nghị",
            "this person does not live in the commune that asks",
        );
        return Ok(Err(FieldError::new(at("person_id"), "unknown", vi, en)));
    };
    let given = match relief(claim.loss, claim.circumstances, standard) {
        Ok(given) => given,
        Err(reason) => {
            let vi = "Không đủ điều kiện theo NĐ 20/2021 Chương III";
            return Ok(Err(FieldError::new(
                at("circumstances"),
                "not_entitled",
                vi,
                reason.to_string(),
            )));
        }
    };
    let earlier = Earlier::load(conn, command.relief_event_id, victim.id, kind(claim.loss)).await?;
    if let Some(reference) = &earlier.stands {
        return Ok(Err(again::duplicate(at("person_id"), reference)));
    }
    let payees = Payees::load(conn, PersonRange::one(victim.id), app.clock.today()).await?;
    let payee_account_id = match recipient(&payees, &victim, kind(claim.loss)) {
        Ok(account) => account,
        Err(reason) => return Ok(Err(nobody(at("person_id"), &reason))),
    };
    if let Some(fault) = earlier.refused_by(conn, payee_account_id, at("person_id")).await? {
        return Ok(Err(fault));
    }
    let key = format!(
        "{}:{}:{}",
        request.simple(),
        victim.id.simple(),
        serde_json::to_string(&claim.loss)?
    );
    Ok(Ok(relief_claim::Model {
        id: domain::ids::uuid8(app.secret.ids(), "relief_claim", &key),
        relief_request_id: request,
        person_id: Some(victim.id),
        household_id: None,
        victim_name: victim.full_name,
        citizen_id: victim.citizen_id,
        kind: kind(claim.loss),
        circumstances: serde_json::to_value(claim.circumstances)?,
        amount: given.amount.dong(),
        rice_grams: given.rice_grams,
        top_up: 0,
        provision: given.provision.to_owned(),
        payee_account_id: Some(payee_account_id),
        duplicate_of: None,
        status: ReliefClaimStatus::Proposed,
        note: None,
        replaces_line_id: earlier.came_back.map(|line| line.id),
    }))
}

/// An event that takes requests.
fn open_event(event: Option<relief_event::Model>) -> Result<relief_event::Model, Error> {
    event
        .filter(|event| event.status != ReliefEventStatus::Closed)
        .ok_or_else(|| {
            Error::field(
                "/relief_event_id",
                "unknown",
                "Không có sự kiện này hoặc đã đóng",
                "there is no such open event",
            )
        })
}

/// Refuses what another clerk filed since it was looked for, and an event that was closed since. The event is locked: who
/// files for it at the same time comes second, and sees what the first one filed.
async fn none_filed_since(txn: &Txn, command: &SubmitRequest) -> Result<(), Error> {
    let event = relief_event::Entity::find_by_id(command.relief_event_id)
        .lock(LockType::NoKeyUpdate)
        .one(txn.conn())
        .await?;
    open_event(event)?;
    let mut faults = Vec::new();
    for (index, claim) in command.claims.iter().enumerate() {
        let earlier = Earlier::load(txn.conn(), command.relief_event_id, claim.person_id, kind(claim.loss)).await?;
        let pointer = format!("/claims/{index}/person_id");
        faults.extend(earlier.stands.map(|reference| again::duplicate(pointer, &reference)));
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// There is nobody who may receive it today.
fn nobody(pointer: String, reason: &str) -> FieldError {
    let en = match reason {
        "no_heir_account" => "the victim has died, and no heir is named who may receive it",
        _ => "there is no payee account",
    };
    FieldError::new(pointer, reason, held_reason(reason), en)
}

const fn kind(loss: Loss) -> ReliefClaimKind {
    match loss {
        Loss::Death => ReliefClaimKind::Death,
        Loss::Missing => ReliefClaimKind::Missing,
        Loss::SevereInjury => ReliefClaimKind::SevereInjury,
        Loss::HouseLost => ReliefClaimKind::HouseLost,
        Loss::Relocation => ReliefClaimKind::Relocation,
        Loss::HouseDamaged => ReliefClaimKind::HouseDamaged,
        Loss::Hunger => ReliefClaimKind::Hunger,
    }
}
