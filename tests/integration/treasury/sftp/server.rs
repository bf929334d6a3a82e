//! An SFTP server inside the test's process, which keeps its files in memory and can misbehave.

use std::collections::BTreeMap;
use std::future::pending;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::keys::key::safe_rng;
use russh::keys::{Algorithm, HashAlg, PrivateKey};
use russh::server::{self, Auth, ChannelOpenHandle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use service::delivery::{Login, Sftp, SftpSettings};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::drawer::Drawer;

/// The login of the tests.
const USER: &str = "ansinh";
/// Its password.
pub(super) const PASSWORD: &str = "Mat-Khau-Rieng";
/// Longer than anything takes that is answered.
const LONG: Duration = Duration::from_secs(60);

/// How the server behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    /// As it should.
    #[default]
    Honest,
    /// It ends each connection at once.
    Away,
    /// It takes connections and never says a word.
    Mute,
    /// It lets nobody in.
    RefusesLogin,
    /// The line is cut while the file itself is written.
    CutsTheUpload,
    /// Its disk is full when the file itself is written.
    DiskFull,
    /// It refuses every rename.
    RefusesTheRename,
    /// The line is cut when the rename of the file arrives, before it is done.
    CutsBeforeTheRename,
    /// The line is cut once the rename of the file is done, before it is answered.
    CutsAfterTheRename,
    /// The same, and it is away from then on.
    CutsAfterTheRenameAndIsAway,
    /// It renames the file and never answers.
    RenamesInSilence,
    /// Somebody else puts other bytes under the file's name just before the rename.
    IsOvertaken,
    /// It tells of each file that it is longer than it is.
    TellsAnotherSize,
    /// It tells of each file that it is as long as no file can be.
    TellsNoSize,
    /// Its listings never end.
    ListsForEver,
    /// Its listings never end and hold nothing.
    ListsNothingForEver,
    /// Each acknowledgement is a link.
    LinksAcknowledgements,
}

/// What the connections share.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) files: Mutex<BTreeMap<String, Vec<u8>>>,
    mood: Mutex<Mood>,
    /// How often a file, no manifest, was begun.
    pub(super) begun: AtomicUsize,
    /// How often a name or none was told of a listing, and how often a span of a file was read.
    pub(super) listed: AtomicUsize,
    pub(super) read: AtomicUsize,
    client_key: Mutex<Option<String>>,
    /// Each connection there was, and what cuts it.
    connections: Mutex<Vec<(Arc<Notify>, JoinHandle<()>)>>,
}

impl State {
    pub(super) fn mood(&self) -> Mood {
        *self.mood.lock().unwrap()
    }

    pub(super) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

/// A server.
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    /// Its host keys as `known_hosts` has them.
    pub(super) host_keys: Vec<String>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// A server with a new Ed25519 host key.
    pub(super) async fn start() -> Self {
        Self::with_keys(vec![ed25519()]).await
    }

    /// A server with these host keys.
    pub(super) async fn with_keys(keys: Vec<PrivateKey>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host_keys = keys
            .iter()
            .map(|key| {
                format!(
                    "[127.0.0.1]:{} {}",
                    address.port(),
                    key.public_key().to_openssh().unwrap()
                )
            })
            .collect();
        let config = server::Config {
            keys,
            auth_rejection_time: Duration::ZERO,
            ..server::Config::default()
        };
        let state = Arc::new(State::default());
        let accepting = tokio::spawn(accept(listener, Arc::new(config), Arc::clone(&state)));
        Self {
            address,
            state,
            host_keys,
            accepting,
        }
    }

    /// The same server in another mood.
    pub(super) fn is(&self, mood: Mood) {
        self.state.set(mood);
    }

    /// The settings that lead there, by password.
    pub(super) fn settings(&self) -> SftpSettings {
        SftpSettings {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            user: USER.to_owned(),
            login: Login::Password(PASSWORD.to_owned()),
            host_keys: self.host_keys.clone(),
            folder: "in".to_owned(),
            acknowledgements: Some("out".to_owned()),
            connect: LONG,
            answer: LONG,
            idle: LONG,
        }
    }

    /// The way there.
    pub(super) fn road(&self) -> Arc<Sftp> {
        Arc::new(Sftp::open(self.settings()).unwrap())
    }

    /// Lets a new key in, which is left in this folder, closed by this passphrase.
    pub(super) fn login_by_key(&self, folder: &Path, passphrase: &str) -> Login {
        let key = ed25519();
        let print = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        *self.state.client_key.lock().unwrap() = Some(print);
        let closed = key.encrypt(&mut safe_rng(), passphrase).unwrap();
        let file = folder.join("id_ed25519");
        let text = closed.to_openssh(russh::keys::ssh_key::LineEnding::LF).unwrap();
        std::fs::write(&file, text.as_bytes()).unwrap();
        Login::Key {
            file,
            passphrase: Some(passphrase.to_owned()),
        }
    }

    /// Every file that lies there.
    pub(super) fn lies_there(&self) -> BTreeMap<String, Vec<u8>> {
        self.state.files.lock().unwrap().clone()
    }

    /// Somebody else puts a file there.
    pub(super) fn put(&self, path: &str, bytes: &[u8]) {
        self.state.files.lock().unwrap().insert(path.to_owned(), bytes.to_vec());
    }

    /// Somebody else takes a file away.
    pub(super) fn take(&self, path: &str) {
        self.state.files.lock().unwrap().remove(path).unwrap();
    }

    /// How many connections there were since they were cut.
    pub(super) fn connections(&self) -> usize {
        self.state.connections.lock().unwrap().len()
    }

    /// Cuts every connection there is.
    pub(super) async fn cut(&self) {
        let all = std::mem::take(&mut *self.state.connections.lock().unwrap());
        for (cut, served) in all {
            cut.notify_one();
            served.await.unwrap();
        }
    }

    /// How often a file, no manifest, was begun.
    pub(super) fn begun(&self) -> usize {
        self.state.begun.load(Ordering::SeqCst)
    }

    /// How many answers to listings there were.
    pub(super) fn listed(&self) -> usize {
        self.state.listed.load(Ordering::SeqCst)
    }

    /// How many spans of files were read.
    pub(super) fn read(&self) -> usize {
        self.state.read.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A new key of this kind.
pub(super) fn new_key(kind: Algorithm) -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), kind).unwrap()
}

/// A new Ed25519 key.
pub(super) fn ed25519() -> PrivateKey {
    new_key(Algorithm::Ed25519)
}

/// The RSA key of the tests.
pub(super) fn rsa() -> PrivateKey {
    PrivateKey::from_openssh(include_str!("host_rsa.key")).unwrap()
}

async fn accept(listener: TcpListener, config: Arc<server::Config>, state: Arc<State>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        match state.mood() {
            Mood::Away => drop(socket),
            Mood::Mute => {
                tokio::spawn(async move {
                    let _held = socket;
                    pending::<()>().await;
                });
            }
            _ => {
                let cut = Arc::new(Notify::new());
                let served = serve(socket, Arc::clone(&config), Arc::clone(&state), Arc::clone(&cut));
                let connection = (cut, tokio::spawn(served));
                state.connections.lock().unwrap().push(connection);
            }
        }
    }
}

/// Serves a connection until it ends or is cut, as a cable is cut: without a word.
async fn serve(mut socket: TcpStream, config: Arc<server::Config>, state: Arc<State>, cut: Arc<Notify>) {
    let (mut near, far) = tokio::io::duplex(1 << 16);
    let guest = Guest {
        state,
        cut: Arc::clone(&cut),
        channel: None,
    };
    tokio::spawn(async move {
        if let Ok(session) = server::run_stream(config, far, guest).await {
            let _ = session.await;
        }
    });
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut socket, &mut near) => {}
        () = cut.notified() => {}
    }
}

struct Guest {
    state: Arc<State>,
    cut: Arc<Notify>,
    channel: Option<Channel<Msg>>,
}

impl Guest {
    fn answer(&self, known: bool) -> Auth {
        if known && self.state.mood() != Mood::RefusesLogin {
            Auth::Accept
        } else {
            Auth::reject()
        }
    }
}

impl server::Handler for Guest {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        Ok(self.answer(user == USER && password == PASSWORD))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let shown = key.public_key.fingerprint(HashAlg::Sha256).to_string();
        let known = self.state.client_key.lock().unwrap().as_ref() == Some(&shown);
        Ok(self.answer(user == USER && known))
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channel = Some(channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(id)?;
        let channel = self.channel.take().unwrap();
        let drawer = Drawer::new(Arc::clone(&self.state), Arc::clone(&self.cut));
        russh_sftp::server::run(channel.into_stream(), drawer).await;
        Ok(())
    }
}
