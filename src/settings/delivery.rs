//! How payment files leave the house.

use std::path::Path;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use service::delivery::{DropFolder, Transport};
use service::{Error, ProblemCode};

use super::sftp::SftpServer;

/// The channel of delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Channel {
    /// The treasury fetches files itself.
    None,
    /// Files are put into a folder.
    DropFolder,
    /// Files are left at an SFTP server.
    Sftp,
}

/// How payment files leave the house.
#[derive(Args, Clone, Debug)]
pub(crate) struct Delivery {
    /// How built payment files reach the treasury or the bank: not at all (the treasury downloads them), a drop folder, or
    /// an SFTP server.
    #[arg(
        id = "delivery",
        long = "delivery",
        global = true,
        env = "ANSINH_DELIVERY",
        value_enum,
        default_value = "none"
    )]
    pub(crate) channel: Channel,
    /// The drop folder: a folder inside a mounted share, and never the place where it is mounted, which is a folder too
    /// while the share is away. Each file appears whole, its manifest and signature before it.
    #[arg(long, global = true, env = "ANSINH_DROP_FOLDER", value_name = "DIR")]
    pub(crate) drop_folder: Option<String>,
    #[command(flatten)]
    pub(crate) sftp: SftpServer,
}

impl Delivery {
    /// The transport that is configured, if any; a setting that is missing is named.
    pub(crate) fn transport(&self) -> Result<Option<Arc<dyn Transport>>, Error> {
        Ok(match self.channel {
            Channel::None => None,
            Channel::DropFolder => {
                let folder = set(&self.drop_folder).ok_or_else(|| missing("ANSINH_DROP_FOLDER"))?;
                Some(Arc::new(DropFolder::open(Path::new(folder))?))
            }
            Channel::Sftp => Some(Arc::new(self.sftp.open()?)),
        })
    }
}

/// A setting that is set: an empty one is not, as the environment of many tools has it.
pub(super) fn set(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().filter(|value| !value.trim().is_empty())
}

/// A setting that the channel needs is not set.
pub(super) fn missing(name: &str) -> Error {
    Error::because(
        ProblemCode::InvalidRequest,
        format!("Kênh giao tệp này cần thiết lập {name}"),
        format!("this channel of delivery needs the setting {name}"),
    )
}
