//! One connection to the server, with an end to all waiting.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use futures::stream::{FuturesOrdered, StreamExt};
use russh::client::{self, Handle};
use russh::keys::{HashAlg, PublicKeyOrCertificate};
use russh::{ChannelMsg, Preferred};
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use sha2::{Digest, Sha256};

use super::host_key::HostKeys;
use super::settings::{Credential, SftpSettings};

/// What one request carries, below what every server must take (SFTP 3, section 3).
const SPAN: u32 = 32_000;

/// How many requests are under way at a time.
const AHEAD: usize = 16;

/// The most of what a server says that is kept.
const SAID_MAX: usize = 200;

/// The most answers to the listing of one folder, and the most names that are kept of them: a server that never comes to
/// an end is not listened to for ever.
const LISTING_MAX: usize = 10_000;

/// The connection as the SSH crate knows it.
pub(super) type Connection = Handle<Gate>;

/// Why the server did not do it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    /// There is no connection, or no more of it; what was asked last may have been done.
    #[error("{0}")]
    Cut(String),
    /// The connection had ended before the server could be asked.
    #[error("the connection has ended")]
    Ended,
    /// It answered that it does not.
    #[error("the server says {code}: {said}")]
    Said {
        /// Its code.
        code: StatusCode,
        /// Its words.
        said: String,
    },
}

impl Fault {
    fn is(&self, code: StatusCode) -> bool {
        matches!(self, Self::Said { code: own, .. } if *own == code)
    }

    /// Does this say that there is no such file?
    pub(super) fn is_absent(&self) -> bool {
        self.is(StatusCode::NoSuchFile)
    }
}

impl From<russh::Error> for Fault {
    fn from(error: russh::Error) -> Self {
        Self::Cut(error.to_string())
    }
}

impl From<SftpError> for Fault {
    fn from(error: SftpError) -> Self {
        match error {
            SftpError::Status(status) => Self::Said {
                code: status.status_code,
                said: printable(&status.error_message),
            },
            error => Self::Cut(format!("the connection broke: {error}")),
        }
    }
}

/// What a server said, short and fit for a database.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SAID_MAX).collect()
}

/// Lets only the pinned server in.
pub(super) struct Gate(HostKeys);

impl client::Handler for Gate {
    type Error = Fault;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Fault> {
        let key = shown.public_key();
        if shown.certificate().is_none() && self.0.hold(&key) {
            return Ok(true);
        }
        Err(Fault::Cut(format!(
            "the server shows the host key {} {}, which is not pinned",
            key.algorithm().as_str(),
            key.fingerprint(HashAlg::Sha256)
        )))
    }
}

/// A connection.
pub(super) struct Session {
    sftp: RawSftpSession,
    /// Does the server offer to make a file durable?
    durable: bool,
    answer: Duration,
    /// The connection ends with it.
    connection: Connection,
}

impl Session {
    /// Connects and logs in.
    pub(super) async fn open(
        settings: &SftpSettings,
        host_keys: &HostKeys,
        credential: &Credential,
    ) -> Result<Self, Fault> {
        within(settings.connect, "to connect", connect(settings, host_keys, credential)).await
    }

    /// Does a connection that stood idle still answer?
    pub(super) async fn answers(&self) -> bool {
        self.asked(self.sftp.realpath(".")).await.is_ok()
    }

    /// The size of a file, in bytes; none where there is no such file.
    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, Fault> {
        match self.asked(self.sftp.stat(path)).await {
            Ok(told) => match told.attrs.size {
                Some(size) => Ok(Some(size)),
                None => Err(Fault::Cut(format!("the server does not tell the size of {path}"))),
            },
            Err(fault) if fault.is_absent() => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// A folder that is not there is no empty folder.
    pub(super) async fn must_hold(&self, folder: &str) -> Result<(), Fault> {
        let folder = if folder.is_empty() { "." } else { folder };
        self.asked(self.sftp.stat(folder)).await.map(|_told| ())
    }

    /// SHA-256 of a file of this size, in hex.
    pub(super) async fn sha256(&self, path: &str, size: u64) -> Result<String, Fault> {
        let handle = self.read(path).await?;
        let mut hash = Sha256::new();
        let ask = |offset, length| self.whole(&handle, offset, length).boxed();
        each(size, ask, |span: Vec<u8>| hash.update(span)).await?;
        self.asked(self.sftp.close(handle)).await?;
        Ok(hex::encode(hash.finalize()))
    }

    /// Is it a link? One leads where the server likes. A server that does not say is believed to have none.
    pub(super) async fn is_link(&self, path: &str) -> Result<bool, Fault> {
        match self.asked(self.sftp.lstat(path)).await {
            Ok(told) => Ok(told.attrs.is_symlink()),
            Err(Fault::Said { .. }) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// The first bytes of a file, this many at most; none where there is no such file.
    pub(super) async fn beginning(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, Fault> {
        let handle = match self.read(path).await {
            Ok(handle) => handle,
            Err(fault) if fault.is_absent() => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let bytes = self.span(&handle, 0, u32::try_from(most).unwrap_or(SPAN)).await?;
        self.asked(self.sftp.close(handle)).await?;
        Ok(Some(bytes))
    }

    /// Writes a file that is not there yet, durable where the server offers it, and looks that it has its size.
    pub(super) async fn write_new(&self, path: &str, bytes: &[u8]) -> Result<(), Fault> {
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
        let opening = self.sftp.open(path, flags, FileAttributes::empty());
        let handle = self.asked(opening).await?.handle;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let ask = |offset, length| self.write(&handle, bytes, offset, length).boxed();
        each(size, ask, |()| {}).await?;
        if self.durable {
            self.asked(self.sftp.fsync(handle.as_str())).await?;
        }
        self.asked(self.sftp.close(handle)).await?;
        let there = self.size(path).await?;
        if there == Some(size) {
            return Ok(());
        }
        let there = there.unwrap_or_default();
        Err(Fault::Cut(format!("{there} of {size} bytes of {path} are there")))
    }

    /// Renames a file. A server of SFTP 3 refuses where the new name is taken.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<(), Fault> {
        self.asked(self.sftp.rename(from, to)).await.map(|_status| ())
    }

    /// Removes a file.
    pub(super) async fn remove(&self, path: &str) -> Result<(), Fault> {
        self.asked(self.sftp.remove(path)).await.map(|_status| ())
    }

    /// The names in a folder that are wanted. An answer without a name ends it, as the end does.
    pub(super) async fn names(&self, folder: &str, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Fault> {
        let folder = if folder.is_empty() { "." } else { folder };
        let handle = self.asked(self.sftp.opendir(folder)).await?.handle;
        let mut names = Vec::new();
        for _ in 0..LISTING_MAX {
            match self.asked(self.sftp.readdir(handle.as_str())).await {
                Ok(some) if some.files.is_empty() => break,
                Ok(some) => {
                    let some = some.files.into_iter().map(|file| file.filename);
                    let room = LISTING_MAX.saturating_sub(names.len());
                    names.extend(some.filter(|name| is_wanted(name)).take(room));
                }
                Err(fault) if fault.is(StatusCode::Eof) => break,
                Err(fault) => return Err(fault),
            }
        }
        self.asked(self.sftp.close(handle)).await?;
        Ok(names)
    }

    async fn read(&self, path: &str) -> Result<String, Fault> {
        let opening = self.sftp.open(path, OpenFlags::READ, FileAttributes::empty());
        Ok(self.asked(opening).await?.handle)
    }

    /// So many bytes from here, fewer where the file ends.
    async fn span(&self, handle: &str, offset: u64, length: u32) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        loop {
            let got = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            let left = length.saturating_sub(got);
            if left == 0 {
                return Ok(bytes);
            }
            let reading = self.sftp.read(handle, offset.saturating_add(u64::from(got)), left);
            match self.asked(reading).await {
                Ok(some) if some.data.is_empty() => return Ok(bytes),
                Ok(some) => bytes.extend(some.data),
                Err(fault) if fault.is(StatusCode::Eof) => return Ok(bytes),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Just so many bytes from here.
    async fn whole(&self, handle: &str, offset: u64, length: u32) -> Result<Vec<u8>, Fault> {
        let bytes = self.span(handle, offset, length).await?;
        if u32::try_from(bytes.len()) == Ok(length) {
            return Ok(bytes);
        }
        Err(Fault::Cut("the file has another size than the server tells".to_owned()))
    }

    async fn write(&self, handle: &str, bytes: &[u8], offset: u64, length: u32) -> Result<(), Fault> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let to = from.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let span = bytes.get(from..to.min(bytes.len())).unwrap_or_default();
        let writing = self.sftp.write(handle, offset, span.to_vec());
        self.asked(writing).await.map(|_status| ())
    }

    /// The answer to one request, which is sent here and not before.
    async fn asked<T>(&self, request: impl Future<Output = Result<T, SftpError>>) -> Result<T, Fault> {
        if self.connection.is_closed() {
            return Err(Fault::Ended);
        }
        let request = async move { request.await.map_err(Fault::from) };
        within(self.answer, "for an answer", request).await
    }
}

/// A file of this size in spans that one request carries: where each begins and how long it is.
fn spans(size: u64) -> impl Iterator<Item = (u64, u32)> {
    (0..size.div_ceil(u64::from(SPAN))).map(move |place| {
        let offset = place.saturating_mul(u64::from(SPAN));
        let length = size.saturating_sub(offset).min(u64::from(SPAN));
        (offset, u32::try_from(length).unwrap_or(SPAN))
    })
}

/// Asks for each span of a file, some of them at a time, and takes the answers in order.
async fn each<'a, T>(
    size: u64,
    ask: impl Fn(u64, u32) -> BoxFuture<'a, Result<T, Fault>>,
    mut take: impl FnMut(T),
) -> Result<(), Fault> {
    let (mut left, mut asked) = (spans(size), FuturesOrdered::new());
    loop {
        while asked.len() < AHEAD
            && let Some((offset, length)) = left.next()
        {
            asked.push_back(ask(offset, length));
        }
        match asked.next().await {
            Some(answer) => take(answer?),
            None => return Ok(()),
        }
    }
}

async fn within<T>(most: Duration, what: &str, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    match tokio::time::timeout(most, work).await {
        Ok(done) => done,
        Err(_elapsed) => Err(Fault::Cut(format!("waited {} ms {what} in vain", most.as_millis()))),
    }
}

async fn connect(settings: &SftpSettings, host_keys: &HostKeys, credential: &Credential) -> Result<Session, Fault> {
    let config = client::Config {
        inactivity_timeout: Some(settings.idle),
        nodelay: true,
        preferred: Preferred {
            key: Cow::Owned(host_keys.algorithms()),
            ..Preferred::DEFAULT
        },
        ..client::Config::default()
    };
    let address = (settings.host.as_str(), settings.port);
    let mut connection = client::connect(Arc::new(config), address, Gate(host_keys.clone())).await?;
    credential.show(&settings.user, &mut connection).await?;
    let mut channel = connection.channel_open_session().await?;
    channel.request_subsystem(true, "sftp").await?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            None | Some(ChannelMsg::Failure) => return Err(Fault::Cut("the server offers no SFTP".to_owned())),
            Some(_) => {}
        }
    }
    let config = russh_sftp::client::Config {
        // Ours is the shorter one.
        request_timeout_secs: settings.answer.as_secs().saturating_add(1),
        ..russh_sftp::client::Config::default()
    };
    let sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
    let version = sftp.init().await?;
    Ok(Session {
        durable: version.extensions.contains_key(russh_sftp::extensions::FSYNC),
        sftp,
        answer: settings.answer,
        connection,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_a_file_once() {
        assert_eq!(spans(0).count(), 0);
        assert_eq!(spans(1).collect::<Vec<_>>(), [(0, 1)]);
        assert_eq!(
            spans(64_001).collect::<Vec<_>>(),
            [(0, SPAN), (32_000, SPAN), (64_000, 1)]
        );
    }

    #[test]
    fn what_a_server_says_is_kept_short_and_printable() {
        assert_eq!(printable("disk\0 full\n"), "disk full");
        assert_eq!(printable(&"x".repeat(1_000)).len(), SAID_MAX);
    }
}
