//! Making, opening and closing programs.

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::Benefit;
use entity::enums::{ProgramKind, ProgramStatus, TreasuryKind};
use entity::{program, treasury_proposal as treasury_proposal_row};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode, Text};
use crate::fund;
use crate::installation;
use crate::pay_run::check_reason;
use crate::program::decided;
use crate::program::funds::{FundOfBenefit, require_between_months, require_one_relief_line, unknown_fund};
use crate::program::list::ProgramView;
use crate::proposal::ProposalView;
use crate::treasury_proposal::{self, Draft, TreasuryProposalView};

/// Makes a program, as a draft.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProgram {
    /// A short code of small letters, digits and `_`, unique.
    #[schema(example = "lunar_new_year_gift", pattern = "^[a-z][a-z0-9_]{2,39}$")]
    pub code: String,
    /// Its name.
    pub name: Text,
    /// What it gives.
    #[schema(value_type = String, pattern = "^(monthly_cash|one_off_cash|relief|facility_care|service)$", example = "one_off_cash")]
    pub kind: ProgramKind,
    /// The benefit it gives, where the law engine determines it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "monthly_allowance")]
    pub benefit: Option<Benefit>,
    /// The law it rests on.
    #[schema(example = "NQ 21/2021/NQ-HĐND", max_length = 500)]
    pub legal_basis: String,
    /// Who is responsible.
    #[schema(max_length = 200)]
    pub responsible_unit: String,
    /// The fund it is paid from, by its code: one that is opened, or `social_assistance` or `emergency_relief`, which every
    /// installation starts with.
    #[schema(example = "social_assistance", max_length = 40)]
    pub fund_code: String,
    /// The line of the fund's estimate that it draws on, by its code: what a run pays of its benefit is no more than that
    /// line has, and so is what requests for relief hold of it and are paid. None: the fund as a whole.
    #[serde(default)]
    #[schema(example = json!(null), max_length = 40)]
    pub fund_line: Option<String>,
    /// First day.
    #[schema(example = "2025-01-01")]
    pub from: NaiveDate,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
}

/// Makes a program, as a draft.
pub async fn create(app: &App, actor: &Actor, command: CreateProgram) -> Result<ProgramView, Error> {
    actor.require_province(Permission::ProgramWrite)?;
    let mut faults = faults(&command);
    faults.extend(unknown_fund(app.db.read(), &command.fund_code).await?);
    faults.extend(line_fault(
        command.fund_line.as_deref(),
        draws(command.kind, command.benefit.is_some()),
    ));
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let row = program::Model {
        id: app.ids.next(),
        code: command.code,
        name_vi: command.name.vi,
        name_en: command.name.en,
        kind: command.kind,
        benefit: command.benefit.map(|benefit| benefit.code().to_owned()),
        legal_basis: command.legal_basis,
        responsible_unit: command.responsible_unit,
        fund_code: command.fund_code,
        from_date: command.from,
        to_date: command.to,
        status: ProgramStatus::Draft,
        version: 1,
        fund_line: command.fund_line,
    };
    app.db
        .write(async |txn| {
            let same = program::Entity::find().filter(program::Column::Code.eq(&row.code));
            if same.count(txn.conn()).await? > 0 {
                return Err(Error::new(ProblemCode::AlreadyExists));
            }
            txn.insert_all::<program::Entity>(vec![row.clone()]).await?;
            let detail = json!({ "code": row.code, "legal_basis": row.legal_basis });
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "program.create",
                subject(row.id),
                detail,
            ));
            Ok(())
        })
        .await?;
    Ok(row.into())
}

/// Opens a draft; a benefit has one active program at a time. Where that would move its money to another fund, two people
/// have to have said so before: see [`propose_fund`].
pub async fn activate(app: &App, actor: &Actor, program_id: Uuid, expected_version: i64) -> Result<ProgramView, Error> {
    change(
        app,
        actor,
        program_id,
        expected_version,
        (ProgramStatus::Draft, ProgramStatus::Active),
    )
    .await
}

/// Closes an active program: nobody is enrolled any more; rights that stand are not touched.
pub async fn close(app: &App, actor: &Actor, program_id: Uuid, expected_version: i64) -> Result<ProgramView, Error> {
    change(
        app,
        actor,
        program_id,
        expected_version,
        (ProgramStatus::Active, ProgramStatus::Closed),
    )
    .await
}

async fn change(
    app: &App,
    actor: &Actor,
    program_id: Uuid,
    expected_version: i64,
    (from, to): (ProgramStatus, ProgramStatus),
) -> Result<ProgramView, Error> {
    actor.require_province(Permission::ProgramWrite)?;
    app.db
        .write(async |txn| {
            installation::one_opening_at_a_time(txn).await?;
            let found = program::Entity::find_by_id(program_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let mut row = found.ok_or_else(Error::not_found)?;
            if row.version != expected_version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if row.status != from {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            if let (ProgramStatus::Active, Some(benefit)) = (to, &row.benefit) {
                let rivals = program::Entity::find()
                    .filter(program::Column::Benefit.eq(benefit))
                    .filter(program::Column::Status.eq(ProgramStatus::Active));
                if rivals.count(txn.conn()).await? > 0 {
                    let (vi, en) = (
                        "Trợ cấp này đã có chương trình đang hoạt động",
                        "The benefit has an active program",
                    );
                    return Err(Error::because(ProblemCode::Conflict, vi, en));
                }
            }
            row.status = to;
            row.version += 1;
            if to == ProgramStatus::Closed {
                // Where several are closed, the one that ended last says what pays: none ends after it was closed.
                let closed = app.clock.today().max(row.from_date);
                row.to_date = Some(row.to_date.map_or(closed, |to| to.min(closed)));
            }
            let before = FundOfBenefit::load(txn.conn()).await?;
            let now = row.benefit.as_deref().map(|benefit| before.fund(benefit));
            if to == ProgramStatus::Active {
                decided::require(txn.conn(), &row, now).await?;
                require_one_relief_line(txn, &row).await?;
            }
            if let (Some(benefit), Some(now)) = (&row.benefit, now) {
                let after = FundOfBenefit::with(txn.conn(), &row).await?;
                goes_over(txn, benefit, now, after.fund(benefit)).await?;
            }
            program::Entity::update(row.clone().into_active_model().reset_all())
                .exec(txn.conn())
                .await?;
            let action = if to == ProgramStatus::Active {
                "program.activate"
            } else {
                "program.close"
            };
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                action,
                subject(row.id),
                json!({ "code": row.code }),
            ));
            Ok(row.into())
        })
        .await
}

/// Another fund for a program.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProgramFund {
    /// The fund it is paid from, by its code.
    #[schema(example = "social_assistance", max_length = 40)]
    pub fund_code: String,
    /// The line of the fund's estimate that it draws on, by its code: what a run pays of its benefit is no more than that
    /// line has, and so is what requests for relief hold of it and are paid. None: the fund as a whole.
    #[serde(default)]
    #[schema(example = json!(null), max_length = 40)]
    pub fund_line: Option<String>,
    /// The decision it rests on.
    #[schema(example = "QĐ 45/QĐ-UBND: chi từ nguồn đóng góp", max_length = 1000)]
    pub reason: String,
}

/// A program is paid from another fund, or from another line of it, from now on: what waits is paid from it too, what came
/// back goes out again from the fund that had paid it. A run that is submitted already draws on the line it was submitted
/// with.
///
/// This is the first of two people: the program stays with its fund until another accepts it.
///
/// # Errors
/// `already-exists` where a proposal about the program waits; `illegal-transition` for one that is closed.
pub async fn propose_fund(
    app: &App,
    actor: &Actor,
    program_id: Uuid,
    expected_version: i64,
    command: SetProgramFund,
) -> Result<TreasuryProposalView, Error> {
    actor.require_province(Permission::FundManage)?;
    check_reason("/reason", &command.reason)?;
    let proposal = ProposalView::made(app, actor, &command.reason)?;
    if let Some(fault) = unknown_fund(app.db.read(), &command.fund_code).await? {
        return Err(Error::invalid(vec![fault]));
    }
    app.db
        .write(async |txn| {
            let row = not_closed(txn, program_id).await?;
            if row.version != expected_version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if let Some(fault) = line_fault(command.fund_line.as_deref(), draws(row.kind, row.benefit.is_some())) {
                return Err(Error::invalid(vec![fault]));
            }
            let draft = Draft {
                kind: TreasuryKind::ProgramFund,
                subject: decided::fund_subject(row.id),
                base: decided::base(&row),
                body: serde_json::to_value(&command)?,
            };
            treasury_proposal::put(app, txn, actor, proposal.clone(), draft).await
        })
        .await
}

/// A program goes over to the fund that a second person accepts.
///
/// # Errors
/// `conflict` in the middle of a month: see `require_between_months`. `stale` where it is paid from another fund, or stands
/// otherwise, than when this was proposed.
pub(crate) async fn accept_fund(
    txn: &Txn,
    actor: &Actor,
    own: &treasury_proposal_row::Model,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let command: SetProgramFund = serde_json::from_str(&own.body)?;
    installation::one_opening_at_a_time(txn).await?;
    let mut row = not_closed(txn, decided::program_of(own)?).await?;
    treasury_proposal::unchanged(own, &decided::base(&row))?;
    if let (ProgramStatus::Active, Some(benefit)) = (row.status, &row.benefit) {
        goes_over(txn, benefit, &row.fund_code, &command.fund_code).await?;
    }
    let detail = json!({ "code": row.code, "before": row.fund_code, "after": command.fund_code,
        "line_before": row.fund_line, "line_after": command.fund_line, "reason": command.reason,
        "proposed_by": own.proposed_by });
    row.fund_code = command.fund_code;
    row.fund_line = command.fund_line;
    require_one_relief_line(txn, &row).await?;
    row.version += 1;
    program::Entity::update(row.clone().into_active_model().reset_all())
        .exec(txn.conn())
        .await?;
    txn.audit(Event::new(at, actor, "program.set_fund", subject(row.id), detail));
    Ok(())
}

/// A program that is not closed, locked.
async fn not_closed(txn: &Txn, id: Uuid) -> Result<program::Model, Error> {
    let found = program::Entity::find_by_id(id).lock_exclusive().one(txn.conn()).await?;
    let row = found.ok_or_else(Error::not_found)?;
    if row.status == ProgramStatus::Closed {
        return Err(Error::new(ProblemCode::IllegalTransition));
    }
    Ok(row)
}

/// A benefit goes over from one fund to another, between two months alone.
async fn goes_over(txn: &Txn, benefit: &str, from: &str, to: &str) -> Result<(), Error> {
    if from == to {
        return Ok(());
    }
    require_between_months(txn, benefit, (from, to)).await
}

fn subject(id: Uuid) -> String {
    format!("program:{}", id.simple())
}

/// May a program draw on a line? What the law engine determines is paid by runs that know their benefit, and relief by
/// requests that know their fund.
fn draws(kind: ProgramKind, has_benefit: bool) -> bool {
    has_benefit || kind == ProgramKind::Relief
}

/// What is wrong with the line that a program names.
fn line_fault(line: Option<&str>, draws: bool) -> Option<FieldError> {
    let line = line?;
    let (code, vi, en) = if !fund::is_line_code(line) {
        (
            "code",
            "Mã dòng gồm 1 đến 40 chữ thường, chữ số và _",
            "the code of a line has 1 to 40 small letters, digits and _",
        )
    } else if !draws {
        (
            "no_benefit",
            "Chỉ chương trình có trợ cấp hoặc chương trình cứu trợ mới chi theo dòng dự toán",
            "only a program of a benefit or of relief draws on a line",
        )
    } else {
        return None;
    };
    Some(FieldError::new("/fund_line", code, vi, en))
}

fn faults(command: &CreateProgram) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let code = &command.code;
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let well_formed = (3..=40).contains(&code.len())
        && code.bytes().all(letters)
        && code.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if !well_formed {
        let (vi, en) = (
            "Mã gồm 3 đến 40 chữ thường, chữ số và _",
            "A code has 3 to 40 small letters, digits and _",
        );
        faults.push(FieldError::new("/code", "code", vi, en));
    }
    let texts = [
        ("/name/vi", &command.name.vi, 200),
        ("/name/en", &command.name.en, 200),
        ("/legal_basis", &command.legal_basis, 500),
        ("/responsible_unit", &command.responsible_unit, 200),
    ];
    for (pointer, text, longest) in texts {
        if text.trim().is_empty() || text.chars().count() > longest {
            let (vi, en) = (
                format!("Từ 1 đến {longest} ký tự"),
                format!("1 to {longest} characters"),
            );
            faults.push(FieldError::new(pointer, "text_length", vi, en));
        }
    }
    if command.to.is_some_and(|to| to < command.from) {
        let (vi, en) = ("Ngày kết thúc trước ngày bắt đầu", "It ends before it begins");
        faults.push(FieldError::new("/to", "to_before_from", vi, en));
    }
    faults
}
