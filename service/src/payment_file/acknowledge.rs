//! That a file arrived whole, said by somebody who holds it.

use entity::enums::FileStatus;
use entity::payment_file;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::view::{FileView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::delivery;
use crate::error::{Error, ProblemCode};

/// Hexadecimal digits of SHA-256.
const DIGITS: usize = 64;
/// Digits that are compared at either end where a person reads a hash out.
const END: usize = 8;

/// The treasury acknowledges a file by its hash: what it holds is what was sent.
///
/// # Errors
/// `invalid` where it is not the hash of the file; `conflict` where nobody of the treasury has fetched the file and it was
/// not delivered either: nobody holds what is acknowledged; `illegal-transition` where it was acknowledged before, or
/// withdrawn.
pub async fn acknowledge(app: &App, actor: &Actor, id: Uuid, version: i64, sha256: &str) -> Result<FileView, Error> {
    by(app, actor, id, version, sha256, |own| own == sha256).await
}

/// The same as a person reads it out: all 64 digits, or the first and the last 8, spaces, dots and hyphens between them
/// or not.
pub async fn acknowledge_read_out(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    digits: &str,
) -> Result<FileView, Error> {
    by(app, actor, id, version, digits, |own| is_read_out(own, digits)).await
}

/// May it be acknowledged in the state it is in?
pub(crate) const fn can_be_acknowledged(file: &payment_file::Model) -> bool {
    matches!(
        file.status,
        FileStatus::Built | FileStatus::Delivered | FileStatus::Unknown
    )
}

async fn by(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: i64,
    given: &str,
    is_it: impl Fn(&str) -> bool,
) -> Result<FileView, Error> {
    actor.require_province(Permission::FileAcknowledge)?;
    let user = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let file = super::locked_with_run(txn, id).await?;
            if file.version != version {
                return Err(Error::new(ProblemCode::Stale));
            }
            if !file.sha256.as_deref().is_some_and(&is_it) {
                return Err(Error::field(
                    "/sha256",
                    "differs",
                    "Không phải mã băm của tệp đã gửi",
                    "not the hash of the file that was sent",
                ));
            }
            if !can_be_acknowledged(&file) {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            super::require_given_out(txn.conn(), &file).await?;
            super::fetched::require_held(txn.conn(), &file).await?;
            let at = app.clock.now();
            txn.audit(Event::new(
                at,
                actor,
                "payment_file.acknowledge",
                super::subject(id),
                json!({"sha256": file.sha256, "given": given}),
            ));
            delivery::acknowledged(app, txn, actor, &file).await?;
            let changed = payment_file::Model {
                status: FileStatus::Acknowledged,
                acknowledged_by: Some(user),
                acknowledged_at: Some(at),
                version: file.version + 1,
                ..file
            };
            changed
                .clone()
                .into_active_model()
                .reset_all()
                .update(txn.conn())
                .await?;
            Ok(changed)
        })
        .await?;
    Ok(view(row, app.clock.today(), false))
}

/// Are these digits the hash, or both its ends?
fn is_read_out(own: &str, given: &str) -> bool {
    let between = |letter: char| letter.is_whitespace() || matches!(letter, '.' | '…' | '-' | '–' | ':');
    let digits: String = given
        .chars()
        .filter(|letter| !between(*letter))
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    match digits.len() {
        DIGITS => digits == own,
        length if length == 2 * END => {
            let ends = own.get(..END).zip(own.get(DIGITS - END..));
            ends.is_some_and(|(first, last)| digits == format!("{first}{last}"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_out_whole_or_by_both_its_ends() {
        let own = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for given in [
            own,
            "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08\n",
            "9f86d081…b0f00a08",
            "9f86 d081 - b0f0 0a08",
            "9f86d081b0f00a08",
        ] {
            assert!(is_read_out(own, given), "{given}");
        }
        for given in [
            "",
            "9f86d081",
            "b0f00a08",
            "9f86d081b0f00a09",
            "9f86d082…b0f00a08",
            "9f86d081/b0f00a08",
            "0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "9f86d081 884c7d65 9a2feaa0",
        ] {
            assert!(!is_read_out(own, given), "{given}");
        }
    }
}
