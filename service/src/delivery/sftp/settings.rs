//! Where the server is, and who we are to it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, load_secret_key};

use super::session::{Connection, Fault};
use crate::error::{Error, ProblemCode};

/// An SFTP server and the way in.
#[derive(Clone, Debug)]
pub struct SftpSettings {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The login.
    pub user: String,
    /// What proves it.
    pub login: Login,
    /// The host keys that are trusted, each a SHA-256 fingerprint or a line of `known_hosts`.
    pub host_keys: Vec<String>,
    /// The folder that takes the files.
    pub folder: String,
    /// The folder of the receiver's acknowledgements; none: the same.
    pub acknowledgements: Option<String>,
    /// The longest time until a connection stands, login included.
    pub connect: Duration,
    /// The longest time until one request is answered.
    pub answer: Duration,
    /// How long a connection may stand without a word.
    pub idle: Duration,
}

impl SftpSettings {
    /// The folder of the receiver's acknowledgements.
    pub(super) fn acknowledgements(&self) -> &str {
        self.acknowledgements.as_deref().unwrap_or(&self.folder)
    }
}

/// What proves a login. It never shows.
#[derive(Clone)]
pub enum Login {
    /// A password.
    Password(String),
    /// A private key in a file, in OpenSSH's format.
    Key {
        /// The file.
        file: PathBuf,
        /// What opens it, where it is closed.
        passphrase: Option<String>,
    },
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(_) => f.write_str("Password(..)"),
            Self::Key { file, .. } => f.debug_struct("Key").field("file", file).finish_non_exhaustive(),
        }
    }
}

/// A login ready for use.
pub(super) enum Credential {
    Password(String),
    Key(Arc<PrivateKey>),
}

impl Credential {
    pub(super) fn read(login: &Login) -> Result<Self, Error> {
        Ok(match login {
            Login::Password(password) => Self::Password(password.clone()),
            Login::Key { file, passphrase } => Self::Key(Arc::new(private_key(file, passphrase.as_deref())?)),
        })
    }

    /// Logs in.
    pub(super) async fn show(&self, user: &str, connection: &mut Connection) -> Result<(), Fault> {
        let result = match self {
            Self::Password(password) => connection.authenticate_password(user, password).await?,
            Self::Key(key) => {
                let hash = if key.algorithm().is_rsa() {
                    // A server that does not say what it takes is new enough to take this.
                    let told = connection.best_supported_rsa_hash().await?;
                    told.flatten().or(Some(HashAlg::Sha256))
                } else {
                    None
                };
                let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
                connection.authenticate_publickey(user, key).await?
            }
        };
        if result.success() {
            Ok(())
        } else if connection.is_closed() {
            Err(Fault::Cut(format!("the connection ended during the login of {user}")))
        } else {
            Err(Fault::Cut(format!("the server refuses the login of {user}")))
        }
    }
}

/// The file's key; of what is wrong with it, only what holds no part of it.
fn private_key(file: &Path, passphrase: Option<&str>) -> Result<PrivateKey, Error> {
    load_secret_key(file, passphrase).map_err(|error| {
        let shown = file.display();
        Error::because(
            ProblemCode::InvalidRequest,
            format!("Thiết lập ANSINH_SFTP_KEY: không đọc được khóa riêng SFTP {shown}: {error}"),
            format!("the setting ANSINH_SFTP_KEY: the private key for SFTP {shown} can't be read: {error}"),
        )
    })
}
