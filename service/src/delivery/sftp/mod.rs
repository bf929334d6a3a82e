//! SFTP: a server of the treasury or a bank, reached over SSH.
//!
//! - The host key is pinned in the settings. Another one is refused with what was shown; nobody is asked.
//! - A file is written under a name of its own beside its place, made durable where the server can (`fsync@openssh.com`),
//!   measured, and renamed. The plain rename of SFTP 3 refuses a name that is taken, which is what is wanted here;
//!   `posix-rename@openssh.com` would overwrite and is never used.
//! - Until the rename was asked for, nothing has left. Where its answer is lost, the outcome is unknown.
//! - One connection is kept for the next use, until it has been idle for as long as is set.

mod host_key;
mod put;
mod session;
mod settings;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use entity::enums::DeliveryChannel;
use futures::FutureExt;
use futures::future::BoxFuture;

use host_key::HostKeys;
use session::{Fault, Session};
use settings::Credential;
use tokio::net::TcpStream;

use super::glance::Glance;
use super::transport::{
    ACKNOWLEDGEMENT_MAX, LOOK, Lost, Parcel, Seen, Transport, acknowledgement_name, hash_in, in_time, part_name,
};
use crate::error::Error;

pub use settings::{Login, SftpSettings};

/// For how long it is told again whether the server was there: it is not called for each probe of readiness.
const GLANCE_KEPT: Duration = Duration::from_secs(60);

/// An SFTP server.
pub struct Sftp {
    settings: SftpSettings,
    host_keys: HostKeys,
    credential: Credential,
    kept: Mutex<Option<Session>>,
    glance: Glance,
}

/// Without its secrets.
impl fmt::Debug for Sftp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sftp").field(&self.told()).finish()
    }
}

impl Sftp {
    /// The server of these settings. It is not called yet.
    ///
    /// # Errors
    /// `invalid-request` where a pinned host key or the private key can't be read.
    pub fn open(settings: SftpSettings) -> Result<Self, Error> {
        Ok(Self {
            host_keys: HostKeys::read(&settings.host_keys)?,
            credential: Credential::read(&settings.login)?,
            settings,
            kept: Mutex::new(None),
            glance: Glance::kept_for(GLANCE_KEPT),
        })
    }

    /// A connection: the kept one where it still answers, a new one otherwise.
    async fn session(&self) -> Result<Session, Fault> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(kept) = kept
            && kept.answers().await
        {
            return Ok(kept);
        }
        Session::open(&self.settings, &self.host_keys, &self.credential).await
    }

    /// Keeps a connection that is well for the next use.
    fn keep(&self, session: Session) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(session);
    }

    async fn leave(&self, parcel: &Parcel) -> Result<(), Lost> {
        let session = self.session().await.map_err(put::not_left)?;
        put::parcel(&session, &self.settings.folder, parcel).await?;
        self.keep(session);
        Ok(())
    }

    async fn seen(&self, name: &str, sha256: &str) -> Result<Seen, Fault> {
        let (session, folder) = (self.session().await?, &self.settings.folder);
        let (seen, _) = put::seen(&session, &join(folder, name), sha256, None).await?;
        if seen == Seen::Absent {
            session.must_hold(folder).await?;
        }
        self.keep(session);
        Ok(seen)
    }

    async fn acknowledged(&self, name: &str) -> Result<Option<String>, Fault> {
        let (session, folder) = (self.session().await?, self.settings.acknowledgements());
        let path = join(folder, &acknowledgement_name(name));
        if session.is_link(&path).await? {
            self.keep(session);
            return Ok(None);
        }
        let bytes = session.beginning(&path, ACKNOWLEDGEMENT_MAX).await?;
        if bytes.is_none() {
            session.must_hold(folder).await?;
        }
        self.keep(session);
        Ok(bytes.as_deref().and_then(hash_in))
    }

    async fn probe(&self) -> Result<(), Fault> {
        let session = self.session().await?;
        let path = join(&self.settings.folder, &part_name("probe"));
        session.write_new(&path, b"").await?;
        session.remove(&path).await?;
        self.keep(session);
        Ok(())
    }
}

impl Transport for Sftp {
    fn channel(&self) -> DeliveryChannel {
        DeliveryChannel::Sftp
    }

    fn told(&self) -> String {
        let own = &self.settings;
        format!("sftp {}@{}:{} {}", own.user, own.host, own.port, own.folder)
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>> {
        self.leave(parcel).boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        answered(self.seen(name, sha256)).boxed()
    }

    fn acknowledgement<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        answered(self.acknowledged(name)).boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        answered(self.probe()).boxed()
    }

    /// Does the server take connections? Nobody signs in.
    fn glance(&self) -> BoxFuture<'_, Result<(), String>> {
        let look = async {
            let address = (self.settings.host.as_str(), self.settings.port);
            let reached = TcpStream::connect(address).await;
            reached.map(drop).map_err(|error| error.to_string())
        };
        self.glance.of(look).boxed()
    }
}

/// Ends a look that takes too long: each answer may come in time, and the last one never.
async fn answered<T>(look: impl Future<Output = Result<T, Fault>>) -> Result<T, String> {
    in_time(LOOK, async move { look.await.map_err(|fault| fault.to_string()) }).await
}

/// The path of a name in a folder of the server; a folder without a leading `/` begins where the login lands.
fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder if folder.ends_with('/') => format!("{folder}{name}"),
        folder => format!("{folder}/{name}"),
    }
}
