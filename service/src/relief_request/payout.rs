//! The relief pay run of an approved request: lines, orders and files on the fast track.

use std::collections::BTreeSet;

use entity::enums::{Act, Build, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{approval_act, pay_run, payment_line, relief_claim, relief_event, relief_request};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Role};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account, Move};
use crate::pay_run::digest::{SignedLine, digest, signed_lines};
use crate::pay_run::sealed::Sums;
use crate::pay_run::{release, seal_files, subject};
use crate::payment_order::hash::Moment;
use crate::payment_order::roll_up::{self, RollUp};
use crate::relief_request::hold::Split;
use crate::relief_request::{again, shown};
use crate::{approval, law, pay_calendar, payment_file, payment_order};

/// Makes, signs and releases the run of a request, in the transaction of its last approval.
pub(super) async fn pay(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    request: &relief_request::Model,
    approver: Uuid,
) -> Result<Uuid, Error> {
    let event = relief_event::Entity::find_by_id(request.relief_event_id)
        .one(txn.conn())
        .await?;
    let event = event.ok_or_else(Error::not_found)?;
    let month = domain::Month::of(event.happened_on);
    one_at_a_time(txn, month).await?;
    let earlier = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Relief))
        .filter(pay_run::Column::CoverMonth.eq(month.yyyymm()))
        .count(txn.conn())
        .await?;
    let at = app.clock.now();
    // However late the last approval came: no file asks for a day on which banks are closed, or take nothing any more.
    let calendar = pay_calendar::load(txn.conn()).await?;
    let split = Split::load(txn, request.id, app.clock.today()).await?;
    again::require_unclaimed(txn, &split.paid).await?;
    let signatures = signatures(txn, request, approver).await?;
    let checked = signatures
        .iter()
        .filter(|(act, _)| matches!(act, Act::Check | Act::Approve));
    let run = pay_run::Model {
        sequence: i32::try_from(earlier + 1).map_err(Error::internal)?,
        release_number: law::latest(app).await?,
        total: split.total(),
        approvals: i32::try_from(checked.count()).map_err(Error::internal)?,
        execution_date: Some(calendar.execution_date(app.clock.today(), at)),
        ..run_of(app, request, &event)
    };
    txn.insert_all::<pay_run::Entity>(vec![run.clone()]).await?;
    txn.insert_all::<payment_line::Entity>(lines(app, txn, &split.paid, request, &run).await?)
        .await?;
    shown::keep(txn, &split.paid, request, &run).await?;
    split.store(app, txn, &run, request).await?;
    let signed = signed_lines(txn.conn(), run.id).await?;
    let content = digest(&signed)?;
    for (act, user) in signatures {
        approval::sign(app, txn, &subject(run.id), 1, act, user, &content).await?;
    }
    commit_money(app, txn, request, &run, &split).await?;
    let approved = pay_run::Model {
        status: PayRunStatus::Approved,
        approved_at: Some(at),
        line_count: i64::try_from(signed.len()).map_err(Error::internal)?,
        digest: Some(content.clone()),
        version: 2,
        ..run
    };
    let sums = orders_and_files(app, txn, &split, &approved, &signed).await?;
    let released = release_at_once(app, txn, actor, approved, &sums).await?;
    let detail = json!({"request": request.id, "digest": content, "held": split.held_total()});
    txn.audit(Event::new(at, actor, "pay_run.release", subject(released.id), detail));
    Ok(released.id)
}

/// The run of a request as it is opened, before it is known what it pays and when.
fn run_of(app: &App, request: &relief_request::Model, event: &relief_event::Model) -> pay_run::Model {
    pay_run::Model {
        id: domain::ids::uuid8(app.secret.ids(), "pay_run", &format!("relief:{}", request.id.simple())),
        kind: PayRunKind::Relief,
        cover_month: domain::Month::of(event.happened_on).yyyymm(),
        sequence: 1,
        pay_date: app.clock.today(),
        release_number: 0,
        evidence_watermark: 0,
        status: PayRunStatus::Draft,
        build: Build::Done,
        revision: 1,
        line_count: 0,
        total: 0,
        digest: None,
        made_by: request.submitted_by,
        submitted_at: request.submitted_at,
        approved_at: None,
        released_at: None,
        relief_event_id: Some(event.id),
        fund_id: None,
        version: 1,
        created_at: app.clock.now(),
        deducted: 0,
        build_revision: 1,
        approvals: 0,
        approval_role: Role::Approver.code().to_owned(),
        areas: None,
        channel: None,
        rejected_reason: None,
        execution_date: None,
        fund_code: request.fund_code.clone(),
        benefits: None,
    }
}

/// Commits what the run pays, and takes it along as far as its release does. What is held is reserved no more: filed again,
/// it is reserved again.
async fn commit_money(
    app: &App,
    txn: &Txn,
    request: &relief_request::Model,
    run: &pay_run::Model,
    split: &Split,
) -> Result<(), Error> {
    let year = fund::fiscal_year(run.cover_month, None);
    let steps = [
        (Account::Reserved, Account::Committed, split.total()),
        (Account::Committed, Account::InTransit, split.total()),
        (Account::Reserved, Account::Available, split.held_total()),
    ];
    let moves = steps.map(|(from, to, amount)| Move {
        fiscal_year: year,
        from,
        to,
        amount,
    });
    let batch = format!("pay_run:{}:relief", run.id.simple());
    fund::post(app, txn, &run.fund_code, &batch, &moves).await?;
    fund::draw_relief(txn, request.id, run.id, split.total()).await
}

/// Makes the orders of the approved run, and plans and seals its files; gives the sums of its lines.
async fn orders_and_files(
    app: &App,
    txn: &Txn,
    split: &Split,
    approved: &pay_run::Model,
    signed: &[SignedLine],
) -> Result<Sums, Error> {
    let orders = payment_order::bulk::orders(app, approved, signed);
    let (files, mut orders) = payment_file::plan(app, txn, approved, signed, orders).await?;
    let sums = Sums::of(signed);
    let mut files = payment_file::at_approval(txn, approved, &sums, files).await?;
    again::link(txn, &split.paid, signed, &mut orders).await?;
    payment_order::bulk::insert(txn, orders).await?;
    let of_run = (approved.id, approved.line_count);
    let orders = payment_order::hash::hashes(txn.conn(), of_run, Moment::Waiting).await?;
    seal_files(app, &orders, &mut files);
    payment_order::bulk::begin(app, txn, approved).await?;
    txn.insert_all::<entity::payment_file::Entity>(files).await?;
    Ok(sums)
}

/// Releases the run at the moment of its approval.
async fn release_at_once(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    approved: pay_run::Model,
    sums: &Sums,
) -> Result<pay_run::Model, Error> {
    approved
        .clone()
        .into_active_model()
        .reset_all()
        .update(txn.conn())
        .await?;
    release::move_on(app, txn, approved.id).await?;
    release::replace(txn, approved.id, sums).await?;
    release::start_files(txn, &approved, actor).await?;
    let released = pay_run::Model {
        status: PayRunStatus::Released,
        released_at: approved.approved_at,
        version: 3,
        ..approved
    };
    released
        .clone()
        .into_active_model()
        .reset_all()
        .update(txn.conn())
        .await?;
    Ok(released)
}

/// Runs are numbered within their month: of the requests that are approved at the same time, for whichever events of the
/// month, each waits for the one before, and is paid under the next number.
async fn one_at_a_time(txn: &Txn, month: domain::Month) -> Result<(), Error> {
    let _locked: Vec<Uuid> = relief_event::Entity::find()
        .select_only()
        .column(relief_event::Column::Id)
        .filter(relief_event::Column::HappenedOn.between(month.first_day(), month.last_day()))
        .order_by_asc(relief_event::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(())
}

/// Submitter, verifier, approvers and last approver of the request, as the run's maker, checkers and releaser.
async fn signatures(txn: &Txn, request: &relief_request::Model, approver: Uuid) -> Result<Vec<(Act, Uuid)>, Error> {
    let acts = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(super::subject(request.id)))
        .filter(approval_act::Column::Revision.eq(request.revision))
        .filter(approval_act::Column::Act.is_in([Act::Make, Act::Check, Act::Approve]))
        .all(txn.conn())
        .await?;
    let mut signatures: Vec<(Act, Uuid)> = acts.into_iter().map(|act| (act.act, act.user_id)).collect();
    signatures.push((Act::Release, approver));
    Ok(signatures)
}

async fn lines(
    app: &App,
    txn: &Txn,
    claims: &[relief_claim::Model],
    request: &relief_request::Model,
    run: &pay_run::Model,
) -> Result<Vec<payment_line::Model>, Error> {
    let run_key = crate::pay_run::natural_key(run);
    let mut lines = Vec::new();
    let accounts: BTreeSet<Uuid> = claims.iter().filter_map(|claim| claim.payee_account_id).collect();
    let roll_up = RollUp::now(txn.conn()).await?;
    let mut apart = roll_up.apart(txn.conn(), &accounts).await?;
    let paid = claims.iter().filter_map(|claim| {
        let amount = claim.amount + claim.top_up;
        let account = claim.payee_account_id.filter(|_| amount > 0)?;
        Some((account, claim.person_id.unwrap_or(claim.id), amount))
    });
    let paid: Vec<(Uuid, Uuid, i64)> = paid.collect();
    apart.extend(roll_up.beyond_on(txn.conn(), &paid).await?);
    for claim in claims {
        // Rice alone is no money.
        let (Some(account), true) = (claim.payee_account_id, claim.amount + claim.top_up > 0) else {
            continue;
        };
        let secret = app.secret.ids();
        let person_id = claim.person_id.unwrap_or(claim.id);
        lines.push(payment_line::Model {
            id: domain::ids::uuid8(secret, "payment_line", &format!("{run_key}:{}", claim.id.simple())),
            pay_run_id: run.id,
            entitlement_id: claim.id,
            person_id,
            component: String::new(),
            kind: LineKind::Relief,
            cover_month: run.cover_month,
            sequence: 1,
            group_code: String::new(),
            amount: claim.amount + claim.top_up,
            provision: claim.provision.clone(),
            determination_id: None,
            payee_account_id: account,
            area_id: request.area_id.clone(),
            order_id: Some(roll_up::order_id(
                secret,
                &run_key,
                account,
                apart.contains(&account).then_some(person_id),
            )),
            status: LineStatus::Draft,
            fiscal_year: None,
        });
    }
    Ok(lines)
}
