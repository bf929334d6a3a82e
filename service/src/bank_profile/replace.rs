//! Replacing a profile.

use domain::bank::ProfileFault;
use entity::bank_profile;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_profile::view::{BankProfileView, require_bank, view};
use crate::bank_profile::{DEFAULT, current, subject};
use crate::error::{Error, FieldError, ProblemCode};

/// Puts a profile in the place of a bank's, or of the default: a new version, beside the old ones. The body names what
/// differs from the default profile of today. It holds for files planned from now on; those planned before stay as
/// they are.
///
/// # Errors
/// `invalid` with the place of each fault; `stale` where another version was read.
pub async fn put(app: &App, actor: &Actor, bank: &str, version: i64, own: Value) -> Result<BankProfileView, Error> {
    actor.require_province(Permission::BankProfileManage)?;
    let person = actor.person()?;
    require_bank(bank)?;
    app.db
        .write(async |txn| {
            let before = current(txn.conn()).await?;
            let found = before.rows.get(bank).map_or(0, |row| row.version);
            if found != version {
                return Err(Error::because(
                    ProblemCode::Stale,
                    format!("Mẫu của ngân hàng đã ở phiên bản {found}"),
                    format!("the profile is at version {found}"),
                ));
            }
            let profile = before.profiles.read(&own).map_err(refused)?;
            let text = serde_json::to_string(&profile)?;
            let at = app.clock.now();
            let row = bank_profile::Model {
                bank: bank.to_owned(),
                version: found + 1,
                changed_by: Some(person),
                changed_at: at,
                profile: text,
            };
            let sha256 = hex::encode(Sha256::digest(row.profile.as_bytes()));
            let debtor_changed = profile.debtor != before.profiles.of(bank).debtor;
            let detail = json!({"version": row.version, "format": profile.format.name(), "sha256": sha256,
                "debtor_changed": debtor_changed});
            txn.insert_all::<bank_profile::Entity>(vec![row]).await?;
            txn.audit(Event::new(at, actor, "bank_profile.put", subject(bank), detail));
            let after = current(txn.conn()).await?;
            let code = (bank != DEFAULT).then_some(bank);
            let held = code.map_or(after.profiles.default_profile(), |code| after.profiles.of(code));
            view(&after, bank, held)
        })
        .await
}

fn refused(faults: Vec<ProfileFault>) -> Error {
    let fields = faults.into_iter().map(|fault| {
        let vi = format!("Mẫu không dùng được: {}", fault.code);
        let en = format!("the profile can't be used: {}", fault.code);
        FieldError::new(fault.pointer, fault.code, vi, en)
    });
    Error::invalid(fields.collect())
}
