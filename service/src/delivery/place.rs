//! Giving a file that was written beside its place its name there, never over another.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Why it was not placed.
#[derive(Debug)]
pub(super) struct Refusal {
    /// Was it a rename, and not a link?
    pub(super) renamed: bool,
    /// What the system said.
    pub(super) error: Error,
}

impl Refusal {
    /// Does the error itself prove that the name was not given? That the name is taken or the part gone is also what a
    /// share answers to a request that it has carried out before.
    pub(super) fn is_proof(&self) -> bool {
        !self.renamed
            && matches!(
                self.error.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem
            )
    }
}

/// A link fails where the name is taken, which a rename does not. A share without links gets a rename, after a look.
pub(super) fn at(part: &Path, target: &Path) -> Result<(), Refusal> {
    let refused = |renamed| move |error| Refusal { renamed, error };
    match fs::hard_link(part, target) {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            match fs::symlink_metadata(target) {
                Ok(_) => Err(refused(true)(ErrorKind::AlreadyExists.into())),
                Err(error) if error.kind() == ErrorKind::NotFound => fs::rename(part, target).map_err(refused(true)),
                Err(error) => Err(refused(true)(error)),
            }
        }
        placed => placed.map_err(refused(false)),
    }
}
