//! Money that is approved goes to who may receive it.

use entity::enums::PayRunStatus;
use entity::pay_run;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::app::App;
use crate::error::Error;
use crate::pay_run::misdirected;
use crate::person::PersonRange;
use crate::verify::Check;

/// Every line that somebody has signed and that has not left is for the account of who may receive the person's money on
/// the day of payment.
pub(super) async fn receive_what_is_theirs(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("runs: what is submitted or approved goes to the account of the person's payee");
    let signed = [PayRunStatus::Submitted, PayRunStatus::Approved];
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in(signed))
        .all(app.db.read())
        .await?;
    for run in runs {
        let looked = misdirected::look(app.db.read(), &run, PersonRange::ALL).await?;
        check.looked_at += looked.lines;
        let faults = looked.wrong.iter().map(|line| format!("run {}: line {line}", run.id));
        check.faults.extend(faults);
    }
    Ok(check)
}
