//! The drop folder: a directory, often a mounted share, from which the other side takes its files.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use entity::enums::DeliveryChannel;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::transport::{
    ACKNOWLEDGEMENT_MAX, Lost, Parcel, Seen, Transport, acknowledgement_name, hash_in, is_part_of, part_name,
};
use crate::error::{Error, ProblemCode};

/// A drop folder.
#[derive(Clone, Debug)]
pub struct DropFolder {
    folder: PathBuf,
}

impl DropFolder {
    /// The drop folder at this path.
    ///
    /// # Errors
    /// `invalid-request` where there is no such directory.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        if folder.is_dir() {
            return Ok(Self {
                folder: folder.to_owned(),
            });
        }
        let shown = folder.display();
        Err(Error::because(
            ProblemCode::InvalidRequest,
            format!("Không có thư mục giao tệp {shown}"),
            format!("there is no drop folder {shown}"),
        ))
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
        let (folder, parcel) = (self.folder.clone(), parcel.clone());
        async move {
            let sending = tokio::task::spawn_blocking(move || send(&folder, &parcel));
            sending
                .await
                .unwrap_or_else(|error| Err(Lost::Unknown(error.to_string())))
        }
        .boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        let (path, sha256) = (self.folder.join(name), sha256.to_owned());
        let folder = self.folder.clone();
        off_the_loop(move || {
            // A share that is not mounted is no empty folder.
            fs::metadata(&folder).map_err(|error| error.to_string())?;
            Ok(read(&path)?.map_or(Seen::Absent, |bytes| Seen::of(&bytes, &sha256)))
        })
    }

    fn acknowledgement<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        let path = self.folder.join(acknowledgement_name(name));
        off_the_loop(move || match File::open(&path) {
            Ok(file) => {
                let mut bytes = Vec::new();
                file.take(ACKNOWLEDGEMENT_MAX)
                    .read_to_end(&mut bytes)
                    .map_err(|error| error.to_string())?;
                Ok(hash_in(&bytes))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        })
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        let folder = self.folder.clone();
        off_the_loop(move || {
            let probe = folder.join(part_name("probe"));
            let put = write(&probe, b"").and_then(|()| fs::remove_file(&probe));
            put.map_err(|error| error.to_string())
        })
    }
}

fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> BoxFuture<'static, Result<T, String>> {
    async move {
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(|error| Err(error.to_string()))
    }
    .boxed()
}

fn send(folder: &Path, parcel: &Parcel) -> Result<(), Lost> {
    for piece in parcel.pieces() {
        put(folder, piece.name, piece.bytes).map_err(|lost| piece.lost(lost))?;
    }
    Ok(())
}

/// Puts down one file whole, never over another: written beside its place, synced, then linked to its name.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Lost> {
    let target = folder.join(name);
    let not_left = |error: std::io::Error| Lost::NotLeft(error.to_string());
    if let Some(there) = read(&target).map_err(Lost::NotLeft)? {
        return already(&there, bytes, name);
    }
    clear_parts(folder, name).map_err(not_left)?;
    let part = folder.join(part_name(name));
    write(&part, bytes).map_err(not_left)?;
    let placed = place(&part, &target);
    let _ = fs::remove_file(&part);
    match placed {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let there = read(&target).map_err(Lost::Unknown)?.unwrap_or_default();
            return already(&there, bytes, name);
        }
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(not_left(error)),
        Err(error) => return Err(Lost::Unknown(error.to_string())),
    }
    // The name itself must outlive a power cut.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Lost::Unknown(error.to_string()))
}

/// A link fails where the name is taken, which a rename does not. A share without links gets a rename, after a look.
fn place(part: &Path, target: &Path) -> std::io::Result<()> {
    match fs::hard_link(part, target) {
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied) => {
            if target.try_exists()? {
                return Err(ErrorKind::AlreadyExists.into());
            }
            fs::rename(part, target)
        }
        placed => placed,
    }
}

fn already(there: &[u8], bytes: &[u8], name: &str) -> Result<(), Lost> {
    if there == bytes {
        Ok(())
    } else {
        Err(Lost::other_bytes(name, u64::try_from(there.len()).unwrap_or(u64::MAX)))
    }
}

/// What writers that died left behind. One that is alive fails to place its part, and tries again.
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

fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel(bytes: &[u8]) -> Parcel {
        Parcel {
            name: "a.xml".to_owned(),
            bytes: bytes.to_vec(),
            manifest: Some(("a.manifest.json".to_owned(), b"{}".to_vec())),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_parcel_lies_there_whole_with_nothing_beside_it_and_twice_is_once() {
        let folder = tempfile::TempDir::new().unwrap();
        // What a writer that died left behind.
        fs::write(folder.path().join("a.xml.0192.part"), b"ha").unwrap();
        for _ in 0..2 {
            send(folder.path(), &parcel(b"half and half")).unwrap();
            assert_eq!(names(folder.path()), ["a.manifest.json", "a.xml"]);
            assert_eq!(fs::read(folder.path().join("a.xml")).unwrap(), b"half and half");
        }
    }

    #[test]
    fn other_bytes_are_never_overwritten() {
        let folder = tempfile::TempDir::new().unwrap();
        fs::write(folder.path().join("a.xml"), b"others").unwrap();
        let refused = send(folder.path(), &parcel(b"ours"));
        assert!(matches!(refused, Err(Lost::Refused(_))), "{refused:?}");
        assert_eq!(fs::read(folder.path().join("a.xml")).unwrap(), b"others");
    }

    #[test]
    fn without_its_folder_nothing_leaves() {
        let folder = tempfile::TempDir::new().unwrap();
        let gone = folder.path().join("gone");
        assert!(matches!(send(&gone, &parcel(b"ours")), Err(Lost::NotLeft(_))));
        assert!(DropFolder::open(&gone).is_err());
    }

    #[test]
    fn a_taken_name_is_not_placed_over() {
        let folder = tempfile::TempDir::new().unwrap();
        let (part, target) = (folder.path().join("x.part"), folder.path().join("x"));
        fs::write(&part, b"1").unwrap();
        fs::write(&target, b"2").unwrap();
        assert_eq!(place(&part, &target).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"2");
    }
}
