//! A pay run from draft to released files, by three officers, or four where two have to approve; and all runs.

use service::page::MAX_LIMIT;
use service::pay_run::{self, CreatePayRun, ListPayRuns, PayRunView};
use service::{App, Code, Error, Role};

use crate::play::office::Office;
use crate::play::{pages, wait};

/// The fund of a run that names none.
const BUDGET: &str = "social_assistance";

/// Takes a run, from wherever an interrupted story left it, until its files are built. One without a line is cancelled:
/// there is nothing to sign.
pub(crate) async fn take(app: &App, office: &Office, command: CreatePayRun) -> Result<PayRunView, Error> {
    let (preparer, releaser) = (office.of(Role::Preparer)?, office.of(Role::Releaser)?);
    let month = command.cover_month;
    let what = format!("Chi trả {month}");
    let mut run = match find(app, office, &command).await? {
        Some(run) => run,
        None => pay_run::create(app, preparer, command).await?,
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
            ("draft", _) if run.line_count == 0 => {
                return pay_run::cancel(app, preparer, run.id, run.version, "Không có khoản nào phải chi").await;
            }
            ("draft", _) => pay_run::submit(app, preparer, run.id, run.version).await.map(drop),
            ("submitted", _) => {
                let approver = office.nth(Role::Approver, run.approvals_given)?;
                pay_run::approve(app, approver, run.id, run.version).await.map(drop)
            }
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

/// Every run, in the order of their release.
pub(crate) async fn runs(app: &App, office: &Office) -> Result<Vec<PayRunView>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let mut runs =
        pages::all(async |cursor| pay_run::list(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await).await?;
    runs.sort_by_key(|run| (run.released_at, run.id));
    Ok(runs)
}

/// The run of this kind, month and fund that stands.
async fn find(app: &App, office: &Office, command: &CreatePayRun) -> Result<Option<PayRunView>, Error> {
    let wanted = ListPayRuns {
        month: Some(command.cover_month),
        kind: Some(command.kind),
        fund_code: Some(command.fund_code.clone().unwrap_or_else(|| BUDGET.to_owned())),
        limit: Some(MAX_LIMIT),
        ..ListPayRuns::default()
    };
    let runs = pay_run::search(app, office.of(Role::Preparer)?, wanted).await?;
    let gone = |run: &PayRunView| matches!(run.status.code().as_str(), "rejected" | "cancelled");
    Ok(runs.items.into_iter().find(|run| !gone(run)))
}
