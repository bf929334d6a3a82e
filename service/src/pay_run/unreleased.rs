//! A change below a run that has not left the house voids it: it goes back to draft and must be built again.

use entity::enums::{Build, PayRunKind, PayRunStatus};
use entity::pay_run;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account};
use crate::pay_run::digest;
use crate::pay_run::submit::{moves, save};

/// Voids every regular run that is built but not released, whatever was signed on it.
pub async fn void_unreleased(app: &App, txn: &Txn) -> Result<(), Error> {
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::Status.is_in(open))
        .filter(pay_run::Column::Build.ne(Build::Pending))
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    for run in runs {
        let held_in = match run.status {
            PayRunStatus::Submitted => Some(Account::Reserved),
            PayRunStatus::Approved => Some(Account::Committed),
            _ => None,
        };
        if let Some(account) = held_in {
            let lines = digest::signed_lines(txn.conn(), run.id).await?;
            let batch = format!("pay_run:{}:void:{}", run.id.simple(), run.revision);
            fund::post(
                app,
                txn,
                super::fund_code(&run),
                &batch,
                &moves(&lines, account, Account::Available),
            )
            .await?;
        }
        let detail = json!({"status": run.status, "revision": run.revision});
        let system = Actor::system("reassessment");
        txn.audit(Event::new(
            app.clock.now(),
            &system,
            "pay_run.void",
            super::subject(run.id),
            detail,
        ));
        let voided = pay_run::Model {
            status: PayRunStatus::Draft,
            build: Build::Pending,
            digest: None,
            submitted_at: None,
            approved_at: None,
            version: run.version + 1,
            ..run
        };
        save(txn, voided).await?;
    }
    Ok(())
}
