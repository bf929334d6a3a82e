//! The SFTP server that takes payment files.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use service::delivery::{Login, Sftp, SftpSettings};
use service::{Error, ProblemCode};

use super::delivery::{missing, set};

/// The SFTP server that takes payment files.
#[derive(Args, Clone)]
pub(crate) struct SftpServer {
    /// The SFTP server of the treasury or the bank: a name or an address.
    #[arg(long, global = true, env = "ANSINH_SFTP_HOST", value_name = "HOST")]
    sftp_host: Option<String>,
    /// Its port.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_PORT",
        default_value_t = 22,
        value_name = "PORT"
    )]
    sftp_port: u16,
    /// The login there.
    #[arg(long, global = true, env = "ANSINH_SFTP_USER", value_name = "USER")]
    sftp_user: Option<String>,
    /// Its host key, pinned: the fingerprint SHA256:... or a line of known_hosts; several separated by semicolons. A
    /// server that shows another key is refused. A bare fingerprint is that of the first kind the server has, of
    /// Ed25519, ECDSA and RSA; a line says its kind.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_HOST_KEY",
        value_delimiter = ';',
        value_name = "KEY"
    )]
    sftp_host_key: Vec<String>,
    /// The private key of the login: a file in OpenSSH's format. Without it the password counts.
    #[arg(long, global = true, env = "ANSINH_SFTP_KEY", value_name = "FILE")]
    sftp_key: Option<String>,
    /// What opens the private key; from the environment or the settings file, where other users can't see it.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_KEY_PASSPHRASE",
        hide_env_values = true,
        hide_default_value = true,
        value_name = "SECRET"
    )]
    sftp_key_passphrase: Option<String>,
    /// The password of the login; from the environment or the settings file, where other users can't see it.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_PASSWORD",
        hide_env_values = true,
        hide_default_value = true,
        value_name = "SECRET"
    )]
    sftp_password: Option<String>,
    /// The folder at the server that takes the files; without a leading / from where the login lands.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_FOLDER",
        default_value = ".",
        value_name = "PATH"
    )]
    sftp_folder: String,
    /// The folder at the server of the acknowledgements <name>.ack; the same one where it is not set.
    #[arg(long, global = true, env = "ANSINH_SFTP_ACK_FOLDER", value_name = "PATH")]
    sftp_ack_folder: Option<String>,
    /// The longest time until a connection stands, login included, in seconds.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_CONNECT_SECONDS",
        default_value_t = 20,
        value_parser = clap::value_parser!(u64).range(1..=300),
        value_name = "SECONDS"
    )]
    sftp_connect_seconds: u64,
    /// The longest time until one request is answered, in seconds.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_ANSWER_SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=300),
        value_name = "SECONDS"
    )]
    sftp_answer_seconds: u64,
    /// How long a connection may stand without a word before it is ended, in seconds: longer than the two times above.
    #[arg(
        long,
        global = true,
        env = "ANSINH_SFTP_IDLE_SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=3600),
        value_name = "SECONDS"
    )]
    sftp_idle_seconds: u64,
}

/// Without its secrets.
impl std::fmt::Debug for SftpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SftpServer")
            .field("host", &self.sftp_host)
            .field("port", &self.sftp_port)
            .field("user", &self.sftp_user)
            .field("folder", &self.sftp_folder)
            .finish_non_exhaustive()
    }
}

impl SftpServer {
    /// The server; a setting that is missing is named.
    pub(crate) fn open(&self) -> Result<Sftp, Error> {
        let needed = |setting, name| set(setting).map(ToOwned::to_owned).ok_or_else(|| missing(name));
        let login = match set(&self.sftp_key) {
            Some(file) => Login::Key {
                file: PathBuf::from(file),
                passphrase: self.sftp_key_passphrase.clone().filter(|secret| !secret.is_empty()),
            },
            None => Login::Password(needed(&self.sftp_password, "ANSINH_SFTP_KEY / ANSINH_SFTP_PASSWORD")?),
        };
        if self.sftp_host_key.iter().all(|key| key.trim().is_empty()) {
            return Err(missing("ANSINH_SFTP_HOST_KEY"));
        }
        if self.sftp_idle_seconds <= self.sftp_answer_seconds.max(self.sftp_connect_seconds) {
            return Err(too_short());
        }
        Sftp::open(SftpSettings {
            host: needed(&self.sftp_host, "ANSINH_SFTP_HOST")?,
            port: self.sftp_port,
            user: needed(&self.sftp_user, "ANSINH_SFTP_USER")?,
            login,
            host_keys: self.sftp_host_key.clone(),
            folder: self.sftp_folder.clone(),
            acknowledgements: set(&self.sftp_ack_folder).map(ToOwned::to_owned),
            connect: Duration::from_secs(self.sftp_connect_seconds),
            answer: Duration::from_secs(self.sftp_answer_seconds),
            idle: Duration::from_secs(self.sftp_idle_seconds),
        })
    }
}

/// A connection that is ended while an answer may still come would cut off each slow answer.
fn too_short() -> Error {
    Error::because(
        ProblemCode::InvalidRequest,
        "Thiết lập ANSINH_SFTP_IDLE_SECONDS phải lớn hơn ANSINH_SFTP_ANSWER_SECONDS và ANSINH_SFTP_CONNECT_SECONDS",
        "the setting ANSINH_SFTP_IDLE_SECONDS must exceed ANSINH_SFTP_ANSWER_SECONDS and ANSINH_SFTP_CONNECT_SECONDS",
    )
}
