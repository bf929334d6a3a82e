//! Which funds a request for relief may ask for: its money is reserved when it is filed, by whoever files it.

use entity::enums::{FundSource, ProgramKind, ProgramStatus};
use entity::{fund, program};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::actor::{Actor, Permission};
use crate::error::{Error, FieldError};
use crate::program::unknown_fund;
use crate::relief_request::FUND;

/// What is wrong with asking for this fund: it has to be that of emergency relief, one that an active program of relief
/// names, or donations. Who may not read funds is not told which there are.
pub(super) async fn fault(conn: &impl ConnectionTrait, actor: &Actor, code: &str) -> Result<Option<FieldError>, Error> {
    if code == FUND || named(conn, code).await? || donated(conn, code).await? {
        return Ok(None);
    }
    let (vi, en) = (
        "Nguồn này không dùng cho cứu trợ; chỉ dùng nguồn cứu trợ khẩn cấp, nguồn của chương trình cứu trợ hoặc nguồn đóng góp",
        "relief is not paid from this fund: only from that of emergency relief, of a program of relief, or from donations",
    );
    if actor.require_province(Permission::FundRead).is_err() {
        return Ok(Some(FieldError::new("/fund_code", "unknown_fund", vi, en)));
    }
    let unknown = unknown_fund(conn, code).await?;
    Ok(Some(unknown.unwrap_or_else(|| {
        FieldError::new("/fund_code", "not_for_relief", vi, en)
    })))
}

/// Does an active program of relief name it?
async fn named(conn: &impl ConnectionTrait, code: &str) -> Result<bool, Error> {
    let programs = program::Entity::find()
        .filter(program::Column::FundCode.eq(code))
        .filter(program::Column::Kind.eq(ProgramKind::Relief))
        .filter(program::Column::Status.eq(ProgramStatus::Active));
    Ok(programs.count(conn).await? > 0)
}

/// Is it donated, in every year of it?
async fn donated(conn: &impl ConnectionTrait, code: &str) -> Result<bool, Error> {
    let years = fund::Entity::find()
        .filter(fund::Column::Code.eq(code))
        .all(conn)
        .await?;
    Ok(!years.is_empty() && years.iter().all(|year| year.source == FundSource::Donation))
}
