//! A pay run from draft to released files, by three officers.

use chrono::Datelike;
use domain::Month;
use service::page::MAX_LIMIT;
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::{App, Code, Error, Role};

use crate::demo::office::Office;
use crate::demo::wait;

/// Takes the regular run of a month, from wherever an interrupted demo left it.
pub(super) async fn take(app: &App, office: &Office, month: Month, pay_day: u32) -> Result<PayRunView, Error> {
    let (preparer, approver, releaser) = (
        office.of(Role::Preparer)?,
        office.of(Role::Approver)?,
        office.of(Role::Releaser)?,
    );
    let what = format!("Chi trả {month}");
    let mut run = match find(app, office, month).await? {
        Some(run) => run,
        None => {
            let pay_date = month
                .first_day()
                .with_day(pay_day)
                .ok_or_else(|| Error::internal("no such day"))?;
            pay_run::create(app, preparer, CreatePayRun::regular(month, pay_date)).await?
        }
    };
    loop {
        let next = match (run.status.code().as_str(), run.build.code().as_str()) {
            ("draft", "pending") => pay_run::build(app, preparer, run.id, run.version).await.map(drop),
            ("draft", "running") => {
                wait::for_run(
                    app,
                    &format!("pay_run_build:{}:{}", run.id.simple(), run.revision),
                    &what,
                )
                .await?;
                wait::until_idle(app).await
            }
            ("draft", _) => pay_run::submit(app, preparer, run.id, run.version).await.map(drop),
            ("submitted", _) => pay_run::approve(app, approver, run.id, run.version).await.map(drop),
            ("approved", _) => pay_run::release(app, releaser, run.id, run.version).await.map(drop),
            _ => break,
        };
        next?;
        run = pay_run::get(app, preparer, run.id).await?;
    }
    wait::for_run(
        app,
        &format!("payment_file_build:{}", run.id.simple()),
        &format!("Lập tệp {month}"),
    )
    .await?;
    wait::until_idle(app).await?;
    pay_run::get(app, preparer, run.id).await
}

/// The run of a month that stands.
pub(super) async fn find(app: &App, office: &Office, month: Month) -> Result<Option<PayRunView>, Error> {
    let runs = pay_run::list(app, office.of(Role::Preparer)?, Some(MAX_LIMIT), None).await?;
    let month = month.to_string();
    let gone = |run: &PayRunView| matches!(run.status.code().as_str(), "rejected" | "cancelled");
    Ok(runs
        .items
        .into_iter()
        .find(|run| run.cover_month == month && run.kind.code() == "regular" && !gone(run)))
}
