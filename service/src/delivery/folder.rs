//! The drop folder: a directory in a mounted share, from which the other side takes its files.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use entity::enums::DeliveryChannel;
use futures::FutureExt;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};

use super::glance::Glance;
use super::place;
use super::transport::{
    ACKNOWLEDGEMENT_MAX, FILE_MAX, LOOK, Lost, Parcel, Piece, Seen, Transport, acknowledgement_name, hash_in, in_time,
    is_part_of, part_name,
};
use crate::error::{Error, ProblemCode};

/// The longest time for a parcel, below that of its job: a mount that hangs answers nothing, for as long as it likes.
const SEND: Duration = Duration::from_secs(480);

/// How many bytes of a file are read at once.
const SPAN: usize = 64 * 1024;

/// A drop folder.
#[derive(Clone, Debug)]
pub struct DropFolder {
    folder: PathBuf,
    /// The device it is on since it was first there: where the share is not mounted, the same path is on another.
    device: Arc<OnceLock<u64>>,
    glance: Arc<Glance>,
    /// A glance has not come back: the share hangs, and nobody else is sent after it.
    glancing: Arc<AtomicBool>,
}

impl DropFolder {
    /// The drop folder at this path. A folder that is not there yet is warned of, and nothing is sent until it is.
    ///
    /// # Errors
    /// `invalid-request` where something else than a directory has this path.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let shown = folder.display();
        if folder.exists() && !folder.is_dir() {
            return Err(Error::because(
                ProblemCode::InvalidRequest,
                format!("Thiết lập ANSINH_DROP_FOLDER: {shown} không phải thư mục"),
                format!("the setting ANSINH_DROP_FOLDER: {shown} is no folder"),
            ));
        }
        let own = Self {
            folder: folder.to_owned(),
            device: Arc::new(OnceLock::new()),
            glance: Arc::new(Glance::kept_for(Duration::ZERO)),
            glancing: Arc::default(),
        };
        if let Err(why) = own.must_be_there() {
            tracing::warn!("{why}");
        }
        Ok(own)
    }

    /// A share that is not mounted is no empty folder: its path is missing, or on another device than before.
    fn must_be_there(&self) -> Result<(), String> {
        let shown = self.folder.display();
        let there = fs::metadata(&self.folder)
            .map_err(|error| format!("ANSINH_DROP_FOLDER: there is no drop folder {shown}: {error}"))?;
        if !there.is_dir() {
            return Err(format!("ANSINH_DROP_FOLDER: {shown} is no folder"));
        }
        if *self.device.get_or_init(|| there.dev()) == there.dev() {
            return Ok(());
        }
        Err(format!(
            "ANSINH_DROP_FOLDER: {shown} is on another device than before: is its share mounted? After a new mount, start \
             the program again"
        ))
    }

    /// Looks off the loop, where the folder is there, and not for ever.
    fn looked<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Path) -> Result<T, String> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, String>> {
        let own = self.clone();
        let looking = async move {
            let work = move || own.must_be_there().and_then(|()| look(&own.folder));
            tokio::task::spawn_blocking(work)
                .await
                .unwrap_or_else(|error| Err(error.to_string()))
        };
        in_time(LOOK, looking).boxed()
    }

    fn put_down(&self, parcel: &Parcel) -> Result<(), Lost> {
        for piece in parcel.pieces() {
            self.must_be_there().map_err(Lost::NotLeft)?;
            put(&self.folder, &piece).map_err(|lost| piece.lost(lost))?;
        }
        Ok(())
    }
}

impl Transport for DropFolder {
    fn channel(&self) -> DeliveryChannel {
        DeliveryChannel::DropFolder
    }

    fn told(&self) -> String {
        format!("drop folder {}", self.folder.display())
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>> {
        let (own, parcel) = (self.clone(), parcel.clone());
        async move {
            let sending = tokio::task::spawn_blocking(move || own.put_down(&parcel));
            match tokio::time::timeout(SEND, sending).await {
                Ok(sent) => sent.unwrap_or_else(|error| Err(Lost::Unknown(error.to_string()))),
                Err(_elapsed) => Err(Lost::Unknown(format!("waited {} s in vain", SEND.as_secs()))),
            }
        }
        .boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        let (name, sha256) = (name.to_owned(), sha256.to_owned());
        self.looked(move |folder| seen(&folder.join(name), &sha256))
    }

    fn acknowledgement<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        let name = acknowledgement_name(name);
        self.looked(move |folder| acknowledged(&folder.join(name)))
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        self.looked(|folder| {
            let probe = folder.join(part_name("probe"));
            let put = write(&probe, b"").and_then(|()| fs::remove_file(&probe));
            put.map_err(|error| error.to_string())
        })
    }

    fn glance(&self) -> BoxFuture<'_, Result<(), String>> {
        let own = self.clone();
        let look = async move {
            if own.glancing.swap(true, Ordering::SeqCst) {
                return Err("the glance before has not come back".to_owned());
            }
            let work = move || {
                let seen = own.must_be_there();
                own.glancing.store(false, Ordering::SeqCst);
                seen
            };
            let seen = tokio::task::spawn_blocking(work).await;
            seen.unwrap_or_else(|error| Err(error.to_string()))
        };
        self.glance.of(look).boxed()
    }
}

/// Puts down one file whole, never over another: written beside its place, synced, then linked to its name.
fn put(folder: &Path, piece: &Piece<'_>) -> Result<(), Lost> {
    let target = folder.join(piece.name);
    let not_left = |error: std::io::Error| Lost::NotLeft(error.to_string());
    match there(&target, piece).map_err(not_left)? {
        There::Nothing => {}
        There::Own => return Ok(()),
        There::Other(length) => return Err(Lost::other_bytes(piece.name, length)),
    }
    clear_parts(folder, piece.name).map_err(not_left)?;
    let part = folder.join(part_name(piece.name));
    write(&part, piece.bytes).map_err(not_left)?;
    let placed = place::at(&part, &target);
    let ended = match placed {
        Ok(()) => Ok(()),
        Err(refusal) => refused(&refusal, &part, &target, piece),
    };
    let _ = fs::remove_file(&part);
    ended?;
    // The name itself must outlive a power cut.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Lost::Unknown(error.to_string()))
}

/// What a placing that was refused comes to. A share may carry a request out, lose the answer, and answer the same
/// request sent again by what the first one left: only what lies there proves anything.
fn refused(refusal: &place::Refusal, part: &Path, target: &Path, piece: &Piece<'_>) -> Result<(), Lost> {
    match there(target, piece) {
        Ok(There::Own) => Ok(()),
        Ok(There::Other(length)) => Err(Lost::other_bytes(piece.name, length)),
        // A rename takes the part away: where the part still is, there was none.
        Ok(There::Nothing) if refusal.renamed && fs::symlink_metadata(part).is_ok() => {
            Err(Lost::NotLeft(refusal.error.to_string()))
        }
        // A link that no reader could have met, for want of room or rights, was not made.
        Ok(There::Nothing) if refusal.is_proof() => Err(Lost::NotLeft(refusal.error.to_string())),
        Ok(There::Nothing) => Err(Lost::Unknown(refusal.error.to_string())),
        Err(blind) => Err(Lost::Unknown(format!("{}; {blind}", refusal.error))),
    }
}

/// What has the name of a piece.
enum There {
    Nothing,
    Own,
    /// With so many bytes.
    Other(u64),
}

/// Another length is another content, and is not read.
fn there(target: &Path, piece: &Piece<'_>) -> std::io::Result<There> {
    let Some(own) = named(target)? else {
        return Ok(There::Nothing);
    };
    if !own.is_file() || own.len() != piece.length() {
        return Ok(There::Other(own.len()));
    }
    let Some(hash) = hash_of(target)? else {
        return Ok(There::Nothing);
    };
    if hash == hex::encode(Sha256::digest(piece.bytes)) {
        Ok(There::Own)
    } else {
        Ok(There::Other(own.len()))
    }
}

/// What has this name, without going where a link leads.
fn named(path: &Path) -> std::io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(own) => Ok(Some(own)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Only an ordinary file is opened: a pipe would never answer.
fn seen(path: &Path, sha256: &str) -> Result<Seen, String> {
    let look = || -> std::io::Result<Seen> {
        let Some(own) = named(path)? else {
            return Ok(Seen::Absent);
        };
        if !own.is_file() || own.len() > FILE_MAX {
            return Ok(Seen::Other);
        }
        Ok(match hash_of(path)? {
            Some(hash) if hash == sha256 => Seen::Same,
            Some(_) => Seen::Other,
            None => Seen::Absent,
        })
    };
    look().map_err(|error| error.to_string())
}

/// SHA-256 of a file, in hex; none where its reader has just taken it. What grows without end is read to the size that
/// is possible.
fn hash_of(path: &Path) -> std::io::Result<Option<String>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut file = file.take(FILE_MAX.saturating_add(1));
    let (mut hash, mut span) = (Sha256::new(), vec![0; SPAN]);
    loop {
        let read = match file.read(&mut span) {
            Ok(0) => return Ok(Some(hex::encode(hash.finalize()))),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(span.get(..read).unwrap_or_default());
    }
}

/// What the receiver wrote. A link, a folder or a pipe of that name is none.
fn acknowledged(path: &Path) -> Result<Option<String>, String> {
    let read = || -> std::io::Result<Option<Vec<u8>>> {
        if !named(path)?.is_some_and(|own| own.is_file()) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(file) => file.take(ACKNOWLEDGEMENT_MAX).read_to_end(&mut bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(bytes))
    };
    let bytes = read().map_err(|error| error.to_string())?;
    Ok(bytes.as_deref().and_then(hash_in))
}

/// What writers that died left behind. One that is alive fails to place its part, and asks what became of it.
fn clear_parts(folder: &Path, name: &str) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_part_of(&entry.file_name().to_string_lossy(), name) {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
