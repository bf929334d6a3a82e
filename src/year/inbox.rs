//! The banks at the drop folder, and the clerk who sees to it that each file reaches them: banks lose some files and
//! acknowledge some with another hash, the road leaves some in doubt, and all of it is asked about and put right.

use std::path::{Path, PathBuf};

use domain::bank::BankProfiles;
use domain::bank_simulator::Behaviour;
use domain::payment_file::Manifest;
use service::delivery::{self, DeliveryView};
use service::payment_file::{self, FileView};
use service::{Actor, App, Code, Error, Role};
use sha2::{Digest, Sha256};

use super::road::Road;
use crate::bank_simulator::parcel::Parcel;
use crate::play::bank::unacknowledged;
use crate::play::files;
use crate::play::office::Office;
use crate::play::wait;

/// After so many rounds a file should long have arrived.
const ROUNDS: usize = 12;
/// What the banks remember of each file, beside the folder they read.
const NOTES: &str = "drop-notes";

/// The banks at the drop folder.
pub(super) struct Inbox {
    folder: PathBuf,
    notes: PathBuf,
    behaviour: Behaviour,
}

impl Inbox {
    /// Banks that read where a road leads, and keep their notes below the folder of the year's files.
    pub(super) fn new(road: &Road, out: &Path, behaviour: Behaviour) -> Self {
        Self {
            folder: road.path().to_owned(),
            notes: out.join(NOTES),
            behaviour,
        }
    }

    /// Sees to it that the banks acknowledge each file that orders payments.
    ///
    /// # Errors
    /// A fault where one does not reach them, however often it is asked about and sent.
    pub(super) async fn bring_over(&self, app: &App, office: &Office) -> Result<(), Error> {
        let treasury = office.of(Role::Treasury)?;
        for _ in 0..ROUNDS {
            let open = unacknowledged(app, office).await?;
            if open.is_empty() {
                return Ok(());
            }
            for file in &open {
                self.see_to(app, treasury, file).await?;
            }
            wait::until_idle(app).await?;
        }
        let open = unacknowledged(app, office).await?;
        match open.first() {
            None => Ok(()),
            Some(file) => Err(Error::internal(format!("{} does not reach its bank", file.name))),
        }
    }

    /// The next step for a file, as its last delivery stands.
    async fn see_to(&self, app: &App, treasury: &Actor, file: &FileView) -> Result<(), Error> {
        let mut all = delivery::of_file(app, treasury, file.id).await?;
        let Some(last) = all.pop() else {
            return delivery::deliver(app, treasury, file.id).await.map(drop);
        };
        match last.status.code().as_str() {
            // The target is looked at before anything is sent again.
            "unknown" => delivery::check(app, treasury, last.id).await.map(drop),
            "failed" => {
                if last.error.as_deref() == Some("wrong_acknowledgement") {
                    // The bank was asked, and takes its word back.
                    let place = self.acknowledgement_of(&last.target_name);
                    if place.exists() {
                        std::fs::remove_file(place).map_err(Error::internal)?;
                    }
                }
                delivery::deliver(app, treasury, file.id).await.map(drop)
            }
            "sent" => {
                if !self.folder.join(&last.target_name).exists() {
                    // The bank was asked and has nothing: the clerk puts the same bytes down anew.
                    let (_, bytes) = payment_file::content(app, treasury, file.id).await?;
                    files::put(&self.folder, &last.target_name, &bytes)?;
                }
                self.take(&last)?;
                delivery::check(app, treasury, last.id).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// What a bank does with a file that lies there: it loses it, or looks at it as any bank does and acknowledges it, with
    /// another hash at first where that is its way.
    fn take(&self, sent: &DeliveryView) -> Result<(), Error> {
        let name = &sent.target_name;
        let place = self.folder.join(name);
        let acknowledgement = self.acknowledgement_of(name);
        if acknowledgement.exists() {
            return Ok(());
        }
        let bytes = std::fs::read(&place).map_err(Error::internal)?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        if self.behaviour.loses(&sha256) && self.first_time(&sha256, "lost")? {
            return std::fs::remove_file(&place).map_err(Error::internal);
        }
        let manifest = std::fs::read(self.folder.join(Manifest::file_name(name))).map_err(Error::internal)?;
        let profiles = BankProfiles::embedded().map_err(Error::internal)?;
        Parcel::check(None, &Manifest::read(&manifest)?, &bytes, profiles)
            .map_err(|(_, why)| Error::internal(format!("{name}: {why}")))?;
        let misread = self.behaviour.acknowledges_wrongly(&sha256) && self.first_time(&sha256, "misread")?;
        let said = if misread {
            hex::encode(Sha256::digest(&sha256))
        } else {
            sha256
        };
        files::put(
            &self.folder,
            &format!("{name}.ack"),
            format!("{said}  {name}\n").as_bytes(),
        )
    }

    /// Is it the first time that this happens to a file? It is noted before it does.
    fn first_time(&self, sha256: &str, what: &str) -> Result<bool, Error> {
        let name = format!("{sha256}.{what}");
        if self.notes.join(&name).exists() {
            return Ok(false);
        }
        files::put(&self.notes, &name, b"")?;
        Ok(true)
    }

    fn acknowledgement_of(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.ack"))
    }
}
