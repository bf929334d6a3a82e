//! One person's money explained in Vietnamese, with the papers that the counter would print.

use std::path::Path;

use service::{App, Error, Role, entitlement, pay_run};
use uuid::Uuid;

use crate::play::files;
use crate::play::office::Office;

/// How many lines are looked at for one whose right changed.
const LOOKED_AT: usize = 50;

/// Explains the first line of the run whose right was determined more than once, or its first line.
pub(super) async fn write(app: &App, office: &Office, run: Uuid, folder: &Path) -> Result<(), Error> {
    let preparer = office.of(Role::Preparer)?;
    let page = pay_run::lines(app, preparer, run, Some(200), None).await?;
    let mut own = page.items.first().ok_or_else(Error::not_found)?.entitlement_id;
    for line in page.items.iter().take(LOOKED_AT) {
        let determined = entitlement::determinations(app, preparer, line.entitlement_id).await?;
        if determined.len() > 1 {
            own = line.entitlement_id;
            break;
        }
    }
    let told = entitlement::explain(app, preparer, own).await?;
    files::put(folder, "explanation.txt", told.vi.as_bytes())?;
    if told.explained && !told.periods.is_empty() {
        let decision = entitlement::decision(app, preparer, own, None).await?;
        files::put(folder, "decision.pdf", &decision)?;
        let notice = entitlement::notice(app, preparer, own, (None, None)).await?;
        files::put(folder, "change-notice.pdf", &notice)?;
    }
    Ok(())
}
