//! Making, opening and closing programs.

use chrono::NaiveDate;
use domain::case_file::Benefit;
use entity::enums::{ProgramKind, ProgramStatus};
use entity::program;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode, Text};
use crate::fund;
use crate::pay_run::check_reason;
use crate::program::funds::{FundOfBenefit, require_between_months, unknown_fund};
use crate::program::list::ProgramView;

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
    /// line has. None: the fund as a whole.
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
    faults.extend(line_fault(command.fund_line.as_deref(), command.benefit.is_some()));
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

/// Opens a draft; a benefit has one active program at a time.
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
            if let (ProgramStatus::Active, Some(benefit)) = (to, &row.benefit) {
                let funds = FundOfBenefit::load(txn.conn()).await?;
                goes_over(txn, benefit, funds.fund(benefit), &row.fund_code).await?;
            }
            row.status = to;
            row.version += 1;
            if to == ProgramStatus::Closed && row.to_date.is_none() {
                row.to_date = Some(app.clock.today().max(row.from_date));
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
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetProgramFund {
    /// The fund it is paid from, by its code.
    #[schema(example = "social_assistance", max_length = 40)]
    pub fund_code: String,
    /// The line of the fund's estimate that it draws on, by its code: what a run pays of its benefit is no more than that
    /// line has. None: the fund as a whole.
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
/// # Errors
/// `conflict` in the middle of a month: see `require_between_months`.
pub async fn set_fund(
    app: &App,
    actor: &Actor,
    program_id: Uuid,
    expected_version: i64,
    command: SetProgramFund,
) -> Result<ProgramView, Error> {
    actor.require_province(Permission::ProgramWrite)?;
    check_reason("/reason", &command.reason)?;
    if let Some(fault) = unknown_fund(app.db.read(), &command.fund_code).await? {
        return Err(Error::invalid(vec![fault]));
    }
    app.db
        .write(async |txn| {
            let found = program::Entity::find_by_id(program_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let mut row = found.ok_or_else(Error::not_found)?;
            if row.version != expected_version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if row.status == ProgramStatus::Closed {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            if let (ProgramStatus::Active, Some(benefit)) = (row.status, &row.benefit) {
                goes_over(txn, benefit, &row.fund_code, &command.fund_code).await?;
            }
            if let Some(fault) = line_fault(command.fund_line.as_deref(), row.benefit.is_some()) {
                return Err(Error::invalid(vec![fault]));
            }
            let detail = json!({ "code": row.code, "before": row.fund_code, "after": command.fund_code,
                "line_before": row.fund_line, "line_after": command.fund_line, "reason": command.reason });
            row.fund_code = command.fund_code.clone();
            row.fund_line.clone_from(&command.fund_line);
            row.version += 1;
            program::Entity::update(row.clone().into_active_model().reset_all())
                .exec(txn.conn())
                .await?;
            let event = Event::new(app.clock.now(), actor, "program.set_fund", subject(row.id), detail);
            txn.audit(event);
            Ok(row.into())
        })
        .await
}

/// A benefit goes over from one fund to another, between two months alone.
async fn goes_over(txn: &Txn, benefit: &str, from: &str, to: &str) -> Result<(), Error> {
    if from == to {
        return Ok(());
    }
    require_between_months(txn, benefit, to).await
}

fn subject(id: Uuid) -> String {
    format!("program:{}", id.simple())
}

/// What is wrong with the line that a program names. Only what the law engine determines is paid by runs that know their
/// benefit.
fn line_fault(line: Option<&str>, has_benefit: bool) -> Option<FieldError> {
    let line = line?;
    let (code, vi, en) = if !fund::is_line_code(line) {
        (
            "code",
            "Mã dòng gồm 1 đến 40 chữ thường, chữ số và _",
            "the code of a line has 1 to 40 small letters, digits and _",
        )
    } else if !has_benefit {
        (
            "no_benefit",
            "Chỉ chương trình có trợ cấp mới chi theo dòng dự toán",
            "only a program of a benefit draws on a line",
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
