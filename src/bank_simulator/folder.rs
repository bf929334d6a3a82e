//! The drop folder: files with their manifests in, answers out.

use std::fs;
use std::path::{Path, PathBuf};

use domain::bank::BankProfiles;
use domain::bank_simulator::AnswerFile;
use domain::payment_file::Manifest;
use sha2::{Digest, Sha256};

use super::Fault;
use super::book::Book;
use super::letter::{Letter, is_recall};
use super::parcel::{Parcel, is_table};
use super::report::Pass;
use crate::play::files::put;

const MANIFEST: &str = ".manifest.json";

/// An inbox and an outbox.
pub(super) struct Folder {
    inbox: PathBuf,
    outbox: PathBuf,
    profiles: BankProfiles,
}

impl Folder {
    /// Opens both; the outbox is made where it is missing.
    pub(super) fn open(inbox: &Path, outbox: &Path, profiles: BankProfiles) -> Result<Self, Fault> {
        if !inbox.is_dir() {
            return Err(Fault::input(
                format!("{} không phải thư mục", inbox.display()),
                "--inbox is not a folder",
            ));
        }
        fs::create_dir_all(outbox).map_err(|error| {
            Fault::input(
                format!("{} không phải thư mục ghi được", outbox.display()),
                format!("--outbox can't be written: {error}"),
            )
        })?;
        Ok(Self {
            inbox: inbox.to_owned(),
            outbox: outbox.to_owned(),
            profiles,
        })
    }

    /// The files whose manifests are there. A file without a manifest waits; one that is not what its manifest says is
    /// refused and stays where it is.
    pub(super) fn collect(&self, book: &Book, pass: &mut Pass) -> Result<Vec<Parcel>, Fault> {
        let mut parcels = Vec::new();
        for path in found(&self.inbox, |name| name.ends_with(MANIFEST))? {
            let shown = path.display().to_string();
            let Ok(text) = fs::read(&path) else { continue };
            let manifest = match Manifest::read(&text) {
                Ok(manifest) => manifest,
                Err(error) => {
                    pass.refuse(&shown, "tệp kê khai không đọc được", &error.to_string());
                    continue;
                }
            };
            if !is_for_banks(&manifest.format) {
                continue;
            }
            // Only a plain name: a manifest must not lead out of its folder.
            let name = Path::new(&manifest.file).file_name();
            let Some(name) = name.filter(|own| own.to_str() == Some(manifest.file.as_str())) else {
                pass.refuse(&shown, "tên tệp không hợp lệ", "the name of the file is no plain name");
                continue;
            };
            let place = path.with_file_name(name);
            if book.is_settled(&manifest.sha256) {
                // Somebody took the acknowledgement away, or it was never written.
                if place.exists() && !acknowledgement_of(&place).exists() {
                    acknowledge(&place, &manifest.sha256)?;
                }
                continue;
            }
            // The manifest may be there before its file.
            let Ok(bytes) = fs::read(&place) else {
                continue;
            };
            match Parcel::check(None, &manifest, &bytes, &self.profiles) {
                Ok(mut parcel) => {
                    parcel.put_down = put_down(&place);
                    parcel.place = Some(place);
                    parcels.push(parcel);
                }
                Err((vi, en)) => pass.refuse(&shown, &vi, &en),
            }
        }
        Ok(parcels)
    }

    /// The requests to recall orders. What they ask is in them: one without a manifest is read all the same.
    pub(super) fn recalls(&self, pass: &mut Pass) -> Result<Vec<Letter>, Fault> {
        let mut letters = Vec::new();
        for path in found(&self.inbox, is_recall)? {
            let Ok(bytes) = fs::read(&path) else { continue };
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match Letter::read(&name, &bytes) {
                Ok(letter) => letters.push(Letter {
                    place: Some((path.clone(), hex::encode(Sha256::digest(&bytes)))),
                    ..letter
                }),
                Err((vi, en)) => pass.refuse(&path.display().to_string(), &vi, &en),
            }
        }
        Ok(letters)
    }

    /// Puts an answer into the outbox, whole or not at all.
    pub(super) fn put(&self, answer: &AnswerFile) -> Result<(), Fault> {
        put(&self.outbox, &answer.name, &answer.bytes)
            .map_err(|error| Fault::run(format!("Không ghi được {}", answer.name), error))
    }
}

/// Says beside a file that it arrived whole: its SHA-256, as `sha256sum` writes it.
pub(super) fn acknowledge(place: &Path, sha256: &str) -> Result<(), Fault> {
    let acknowledgement = acknowledgement_of(place);
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = place.parent().unwrap_or(Path::new("."));
    let text = format!("{sha256}  {}\n", name(place));
    put(folder, &name(&acknowledgement), text.as_bytes())
        .map_err(|error| Fault::run(format!("Không ghi được {}", acknowledgement.display()), error))
}

/// Says the same beside a request that is known, where it lies in a folder.
pub(super) fn acknowledge_letter(letter: &Letter) -> Result<(), Fault> {
    match &letter.place {
        Some((place, sha256)) if !acknowledgement_of(place).exists() => acknowledge(place, sha256),
        _ => Ok(()),
    }
}

/// Where the acknowledgement of a file lies: `AS-1.xml.ack` beside `AS-1.xml`.
fn acknowledgement_of(place: &Path) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".ack");
    place.with_file_name(name)
}

/// When a file was put down, to tell one that is put down anew; none where the file system does not say.
fn put_down(place: &Path) -> Option<String> {
    let at = fs::metadata(place).and_then(|own| own.modified()).ok()?;
    let since = at.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_nanos().to_string())
}

/// Does the simulator read files of this form?
pub(super) fn is_for_banks(format: &str) -> bool {
    format.starts_with("pain.001.") || format == "cash_list" || is_table(format)
}

/// The files of such names below a folder, in the order of their paths.
fn found(inbox: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, Fault> {
    let (mut found, mut folders) = (Vec::new(), vec![inbox.to_owned()]);
    while let Some(folder) = folders.pop() {
        let failed = |error: std::io::Error| Fault::run(format!("Không đọc được {}", folder.display()), error);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(path);
            } else if path.file_name().and_then(|own| own.to_str()).is_some_and(&wanted) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
