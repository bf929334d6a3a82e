//! Writing what a run gives to the treasury, the post office and the communes into the folder a person looks at.

use std::path::Path;

use domain::payment_file::Manifest;
use service::payment_file::{self, FileView};
use service::{App, Error, Role};
use uuid::Uuid;

use crate::play::office::Office;

/// Writes every file of a run, and beside each that orders payments its manifest: who adds these up has the run's money
/// once. Those of the other lists are had over the API.
pub(crate) async fn write(app: &App, office: &Office, pay_run: Uuid, folder: &Path) -> Result<Vec<FileView>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let files = payment_file::list(app, treasury, pay_run).await?;
    for file in &files {
        let (name, bytes) = payment_file::content(app, treasury, file.id).await?;
        put(folder, &name, &bytes)?;
        if file.message_id.is_some() {
            let manifest = payment_file::manifest(app, treasury, file.id).await?;
            put(folder, &Manifest::file_name(&name), manifest.to_json()?.as_bytes())?;
        }
    }
    Ok(files)
}

/// Writes a file under another name first, so that nobody reads half of it.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(Error::internal)?;
    let (half, whole) = (folder.join(format!(".{name}.part")), folder.join(name));
    std::fs::write(&half, bytes).map_err(Error::internal)?;
    std::fs::rename(half, whole).map_err(Error::internal)
}
