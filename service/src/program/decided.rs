//! What two people decided of the fund that pays a program.

use entity::enums::{ProgramKind, ProposalStatus, TreasuryKind};
use entity::{program, treasury_proposal};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Error, ProblemCode};
use crate::program::change::SetProgramFund;
use crate::relief_request;

/// What the subjects of such proposals have in common; triggers of the database know it too.
const SUBJECT: &str = "program_fund:";

/// The subject of proposals about a program's fund.
pub(crate) fn fund_subject(program: Uuid) -> String {
    format!("{SUBJECT}{}", program.simple())
}

/// The program that a proposal is about.
pub(super) fn program_of(own: &treasury_proposal::Model) -> Result<Uuid, Error> {
    let id = own.subject.strip_prefix(SUBJECT).unwrap_or_default();
    id.parse().map_err(Error::internal)
}

/// What both people compare with.
pub(super) fn base(row: &program::Model) -> Value {
    json!({"fund_code": row.fund_code, "fund_line": row.fund_line, "status": row.status})
}

/// Do the newest of these accepted proposals of one program say what it is paid from?
pub(crate) fn newest_say(accepted: &[&treasury_proposal::Model], row: &program::Model) -> Result<bool, Error> {
    let newest = accepted.iter().filter_map(|own| own.decided_at).max();
    for own in accepted.iter().filter(|own| own.decided_at == newest) {
        let said: SetProgramFund = serde_json::from_str(&own.body)?;
        if (&said.fund_code, &said.fund_line) == (&row.fund_code, &row.fund_line) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses to open a draft by one person alone where that would move money to another fund: that of a benefit from the
/// one that pays it now, that of relief from the one of emergency relief.
///
/// # Errors
/// `conflict` where nobody has accepted that this fund pays the program.
pub(super) async fn require(conn: &impl ConnectionTrait, row: &program::Model, now: Option<&str>) -> Result<(), Error> {
    use treasury_proposal::Column as C;
    let usual = match row.kind {
        ProgramKind::Relief => Some(relief_request::FUND),
        _ => now,
    };
    if usual.is_none_or(|fund| fund == row.fund_code) {
        return Ok(());
    }
    let accepted = treasury_proposal::Entity::find()
        .filter(C::Kind.eq(TreasuryKind::ProgramFund))
        .filter(C::Subject.eq(fund_subject(row.id)))
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .all(conn)
        .await?;
    if newest_say(&accepted.iter().collect::<Vec<_>>(), row)? {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::Conflict,
        format!(
            "Nguồn {} chưa được người thứ hai chấp nhận cho chương trình này; hãy đề nghị nguồn trước khi mở",
            row.fund_code
        ),
        format!(
            "no second person has accepted that {} pays this program: propose its fund before it is opened",
            row.fund_code
        ),
    ))
}
