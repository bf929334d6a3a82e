//! What the server does with each request.

use std::collections::{BTreeMap, HashMap};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use russh_sftp::protocol::{
    Attrs, Data, File, FileAttributes, Handle, Name, OpenFlags, Packet, Status, StatusCode, Version,
};
use russh_sftp::server::{Handler, StatusReply};
use tokio::sync::Notify;

use super::server::{Mood, State};

/// The folders there are.
const FOLDERS: [&str; 3] = [".", "in", "out"];

/// The ending of what is being written.
const PART: &str = ".part";

/// One connection's requests.
pub(super) struct Drawer {
    state: Arc<State>,
    cut: Arc<Notify>,
    open: HashMap<String, Open>,
    number: usize,
}

enum Open {
    File(String),
    /// The names of a folder that were not told yet.
    Folder(Vec<String>),
}

/// Is this the file itself, no manifest and no probe?
fn orders(path: &str) -> bool {
    !path.contains(".manifest.") && !path.contains("probe")
}

fn done(id: u32) -> Status {
    Status {
        id,
        status_code: StatusCode::Ok,
        error_message: "Ok".to_owned(),
        language_tag: "en".to_owned(),
    }
}

impl Drawer {
    pub(super) fn new(state: Arc<State>, cut: Arc<Notify>) -> Self {
        Self {
            state,
            cut,
            open: HashMap::new(),
            number: 0,
        }
    }

    /// The line is cut, and nothing is ever answered on it.
    async fn cut(&self) -> Result<Status, StatusReply> {
        self.cut.notify_one();
        pending().await
    }

    fn handle(&mut self, id: u32, open: Open) -> Handle {
        self.number += 1;
        let handle = self.number.to_string();
        self.open.insert(handle.clone(), open);
        Handle { id, handle }
    }

    fn path(&self, handle: &str) -> Result<String, StatusReply> {
        match self.open.get(handle) {
            Some(Open::File(path)) => Ok(path.clone()),
            _ => Err(StatusCode::BadMessage.into()),
        }
    }

    fn files<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        work(&mut self.state.files.lock().unwrap())
    }

    /// As SFTP 3 has it: a name that is taken is never written over.
    fn renamed(&self, id: u32, from: &str, to: &str) -> Result<Status, StatusReply> {
        self.files(|files| {
            if files.contains_key(to) {
                return Err(StatusCode::Failure.into());
            }
            let bytes = files.remove(from).ok_or(StatusCode::NoSuchFile)?;
            files.insert(to.to_owned(), bytes);
            Ok(done(id))
        })
    }
}

impl Handler for Drawer {
    type Error = StatusReply;

    fn unimplemented(&self) -> StatusReply {
        StatusCode::OpUnsupported.into()
    }

    async fn init(&mut self, _version: u32, _extensions: HashMap<String, String>) -> Result<Version, StatusReply> {
        let mut version = Version::new();
        version
            .extensions
            .insert(russh_sftp::extensions::FSYNC.to_owned(), "1".to_owned());
        Ok(version)
    }

    async fn realpath(&mut self, id: u32, _path: String) -> Result<Name, StatusReply> {
        Ok(Name {
            id,
            files: vec![File::dummy("/")],
        })
    }

    async fn stat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        let size = if FOLDERS.contains(&path.as_str()) {
            Some(0)
        } else {
            self.files(|files| files.get(&path).map(Vec::len))
        };
        let size = u64::try_from(size.ok_or(StatusCode::NoSuchFile)?).unwrap();
        let size = match self.state.mood() {
            Mood::TellsAnotherSize if !path.ends_with(PART) => size + 100_000,
            Mood::TellsNoSize if !path.ends_with(PART) => u64::MAX,
            _ => size,
        };
        Ok(Attrs {
            id,
            attrs: FileAttributes {
                size: Some(size),
                ..FileAttributes::default()
            },
        })
    }

    async fn lstat(&mut self, id: u32, path: String) -> Result<Attrs, StatusReply> {
        if !self.files(|files| files.contains_key(&path)) {
            return Err(StatusCode::NoSuchFile.into());
        }
        let mut attrs = FileAttributes::default();
        if self.state.mood() == Mood::LinksAcknowledgements && path.ends_with(".ack") {
            attrs.set_symlink(true);
        } else {
            attrs.set_regular(true);
        }
        Ok(Attrs { id, attrs })
    }

    async fn open(
        &mut self,
        id: u32,
        path: String,
        flags: OpenFlags,
        _attrs: FileAttributes,
    ) -> Result<Handle, StatusReply> {
        let there = self.files(|files| files.contains_key(&path));
        if flags.contains(OpenFlags::CREATE) {
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            if !FOLDERS.contains(&folder) {
                return Err(StatusCode::NoSuchFile.into());
            }
            if there && flags.contains(OpenFlags::EXCLUDE) {
                return Err(StatusCode::Failure.with_message("it exists"));
            }
            if orders(&path) {
                self.state.begun.fetch_add(1, Ordering::SeqCst);
            }
            self.files(|files| files.insert(path.clone(), Vec::new()));
        } else if !there {
            return Err(StatusCode::NoSuchFile.into());
        }
        Ok(self.handle(id, Open::File(path)))
    }

    async fn close(&mut self, id: u32, handle: String) -> Result<Status, StatusReply> {
        self.open.remove(&handle).ok_or(StatusCode::BadMessage)?;
        Ok(done(id))
    }

    async fn read(&mut self, id: u32, handle: String, offset: u64, len: u32) -> Result<Data, StatusReply> {
        let path = self.path(&handle)?;
        self.state.read.fetch_add(1, Ordering::SeqCst);
        self.files(|files| {
            let bytes = files.get(&path).ok_or(StatusCode::NoSuchFile)?;
            let from = usize::try_from(offset).unwrap();
            let to = bytes.len().min(from + usize::try_from(len).unwrap());
            match bytes.get(from..to) {
                Some(data) if !data.is_empty() => Ok(Data {
                    id,
                    data: data.to_vec(),
                }),
                _ => Err(StatusCode::Eof.into()),
            }
        })
    }

    async fn write(&mut self, id: u32, handle: String, offset: u64, data: Vec<u8>) -> Result<Status, StatusReply> {
        let path = self.path(&handle)?;
        match self.state.mood() {
            Mood::CutsTheUpload if orders(&path) => return self.cut().await,
            Mood::DiskFull if orders(&path) => return Err(StatusCode::Failure.with_message("the disk is full")),
            _ => {}
        }
        self.files(|files| {
            let bytes = files.get_mut(&path).ok_or(StatusCode::NoSuchFile)?;
            let from = usize::try_from(offset).unwrap();
            let to = from + data.len();
            if bytes.len() < to {
                bytes.resize(to, 0);
            }
            bytes[from..to].copy_from_slice(&data);
            Ok(done(id))
        })
    }

    async fn extended(&mut self, id: u32, request: String, _data: Vec<u8>) -> Result<Packet, StatusReply> {
        if request == russh_sftp::extensions::FSYNC {
            return Ok(Packet::Status(done(id)));
        }
        Err(StatusCode::OpUnsupported.into())
    }

    async fn opendir(&mut self, id: u32, path: String) -> Result<Handle, StatusReply> {
        if !FOLDERS.contains(&path.as_str()) {
            return Err(StatusCode::NoSuchFile.into());
        }
        let begins = format!("{path}/");
        let names = self.files(|files| {
            let names = files.keys().filter_map(|path| path.strip_prefix(&begins));
            names.map(str::to_owned).collect()
        });
        Ok(self.handle(id, Open::Folder(names)))
    }

    async fn readdir(&mut self, id: u32, handle: String) -> Result<Name, StatusReply> {
        let Some(Open::Folder(names)) = self.open.get_mut(&handle) else {
            return Err(StatusCode::BadMessage.into());
        };
        let listed = self.state.listed.fetch_add(1, Ordering::SeqCst);
        // One at a time, so that a reader who stops early is found out.
        let name = match self.state.mood() {
            Mood::ListsForEver => format!("another-{listed}.xml"),
            Mood::ListsNothingForEver => return Ok(Name { id, files: Vec::new() }),
            _ => names.pop().ok_or(StatusCode::Eof)?,
        };
        Ok(Name {
            id,
            files: vec![File::new(name, FileAttributes::default())],
        })
    }

    async fn remove(&mut self, id: u32, path: String) -> Result<Status, StatusReply> {
        self.files(|files| files.remove(&path)).ok_or(StatusCode::NoSuchFile)?;
        Ok(done(id))
    }

    async fn rename(&mut self, id: u32, from: String, to: String) -> Result<Status, StatusReply> {
        let mood = self.state.mood();
        if !orders(&to) {
            return self.renamed(id, &from, &to);
        }
        match mood {
            Mood::RefusesTheRename => Err(StatusCode::PermissionDenied.into()),
            Mood::CutsBeforeTheRename => self.cut().await,
            Mood::CutsAfterTheRename | Mood::CutsAfterTheRenameAndIsAway => {
                self.renamed(id, &from, &to).unwrap();
                if mood == Mood::CutsAfterTheRenameAndIsAway {
                    self.state.set(Mood::Away);
                }
                self.cut().await
            }
            Mood::RenamesInSilence => {
                self.renamed(id, &from, &to).unwrap();
                pending().await
            }
            Mood::IsOvertaken => {
                self.files(|files| files.insert(to.clone(), b"somebody else's".to_vec()));
                self.renamed(id, &from, &to)
            }
            _ => self.renamed(id, &from, &to),
        }
    }
}
