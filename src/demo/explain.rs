//! One person's money explained in Vietnamese, as the counter would print it.

use std::path::Path;

use service::{App, Error, Role, pay_run};
use uuid::Uuid;

use crate::demo::files;
use crate::demo::office::Office;

/// Explains the first line of the run that is paid for more than one month, or its first line.
pub(super) async fn write(app: &App, office: &Office, run: Uuid, folder: &Path) -> Result<(), Error> {
    let preparer = office.of(Role::Preparer)?;
    let page = pay_run::lines(app, preparer, run, Some(200), None).await?;
    let line = page.items.first().ok_or_else(Error::not_found)?;
    let text = service::entitlement::explain(app, preparer, line.entitlement_id).await?;
    files::put(folder, "explanation.txt", text.vi.as_bytes())
}
