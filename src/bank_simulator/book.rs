//! What the simulator remembers from one start to the next, in one file that is always whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use domain::bank_simulator::{AnswerFile, Behaviour, Receipt, Simulator};
use serde::{Deserialize, Serialize};

use super::Fault;
use super::letter::Letter;
use super::parcel::Parcel;
use crate::play::files::put;

/// The layout of the file.
const VERSION: u32 = 1;
/// The file in a folder.
const NAME: &str = "bank-simulator.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pages {
    version: u32,
    simulator: Simulator,
    /// Files that were taken and acknowledged, by SHA-256.
    settled: BTreeMap<String, String>,
    /// Answers that were sent, by name.
    sent: BTreeSet<String>,
    /// Files that were lost in a folder, by SHA-256, with when they had been put down.
    #[serde(default)]
    lost: BTreeMap<String, String>,
}

/// The open state.
pub(super) struct Book {
    pages: Pages,
    path: PathBuf,
    /// Held while the simulator runs: two of them would send everything twice.
    _lock: File,
}

impl Book {
    /// Opens the state, or begins one.
    pub(super) fn open(path: &Path, behaviour: Option<&str>, seed: Option<u64>) -> Result<Self, Fault> {
        let path = if path.is_dir() {
            path.join(NAME)
        } else {
            path.to_owned()
        };
        let lock = locked(&path)?;
        let wanted = wanted(behaviour, seed)?;
        let pages = match fs::read(&path) {
            Ok(bytes) => known(&path, &bytes, wanted.as_ref())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let behaviour = wanted.unwrap_or_else(Behaviour::ordinary);
                let simulator = Simulator::new(behaviour).map_err(|fault| nonsense(&fault))?;
                Pages {
                    version: VERSION,
                    simulator,
                    settled: BTreeMap::new(),
                    sent: BTreeSet::new(),
                    lost: BTreeMap::new(),
                }
            }
            Err(error) => return Err(unreadable(&path, &error)),
        };
        Ok(Self {
            pages,
            path,
            _lock: lock,
        })
    }

    /// The bank.
    pub(super) const fn simulator(&self) -> &Simulator {
        &self.pages.simulator
    }

    /// Was this content taken and acknowledged?
    pub(super) fn is_settled(&self, sha256: &str) -> bool {
        self.pages.settled.contains_key(sha256)
    }

    /// Gives a file to the bank, on the day it was made: answers do not depend on when the simulator was started.
    pub(super) fn take(&mut self, parcel: &Parcel, today: NaiveDate) -> Result<Receipt, Fault> {
        let receipt = self
            .pages
            .simulator
            .receive(parcel.file.clone(), parcel.made_on.min(today));
        if receipt == Receipt::Taken {
            self.save()?;
        }
        Ok(receipt)
    }

    /// Gives a request to recall to the bank, on the day it was made; none where its file is still to come.
    pub(super) fn take_recall(&mut self, letter: &Letter, today: NaiveDate) -> Result<Option<Receipt>, Fault> {
        let request = letter.request.clone();
        let made_on = request.made_on.min(today);
        let receipt = self.pages.simulator.recall(request, made_on);
        if receipt == Some(Receipt::Taken) {
            self.save()?;
        }
        Ok(receipt)
    }

    /// Is a file lost on its way through a folder? It is until it is put down anew.
    pub(super) fn loses(&mut self, parcel: &Parcel) -> Result<bool, Fault> {
        let Some(put_down) = &parcel.put_down else {
            return Ok(false);
        };
        if let Some(lost) = self.pages.lost.get(&parcel.sha256) {
            return Ok(lost == put_down);
        }
        if !self.pages.simulator.behaviour().loses(&parcel.sha256) {
            return Ok(false);
        }
        self.pages.lost.insert(parcel.sha256.clone(), put_down.clone());
        self.save()?;
        Ok(true)
    }

    /// Notes that a file needs no more looking at.
    pub(super) fn settle(&mut self, parcel: &Parcel) -> Result<(), Fault> {
        self.pages.settled.insert(parcel.sha256.clone(), parcel.name.clone());
        self.save()
    }

    /// The answers due until a day that were not sent.
    pub(super) fn due(&self, today: NaiveDate) -> Vec<AnswerFile> {
        let mut due = self.pages.simulator.answers_between(NaiveDate::MIN, today);
        due.retain(|answer| !self.pages.sent.contains(&answer.name));
        due
    }

    /// Notes that an answer was sent.
    pub(super) fn sent(&mut self, answer: &AnswerFile) -> Result<(), Fault> {
        self.pages.sent.insert(answer.name.clone());
        self.save()
    }

    fn save(&self) -> Result<(), Fault> {
        let text = serde_json::to_vec(&self.pages).map_err(|error| Fault::Run(error.to_string()))?;
        let folder = self.path.parent().filter(|own| !own.as_os_str().is_empty());
        let name = self.path.file_name().and_then(|own| own.to_str()).unwrap_or(NAME);
        put(folder.unwrap_or(Path::new(".")), name, &text)
            .map_err(|error| Fault::run(format!("Không ghi được {}", self.path.display()), error))
    }
}

/// The state as an earlier start left it.
fn known(path: &Path, bytes: &[u8], wanted: Option<&Behaviour>) -> Result<Pages, Fault> {
    let pages: Pages = serde_json::from_slice(bytes).map_err(|error| unreadable(path, &error))?;
    if pages.version != VERSION {
        return Err(unreadable(path, &format!("version {}", pages.version)));
    }
    if wanted.is_some_and(|wanted| wanted != pages.simulator.behaviour()) {
        return Err(Fault::input(
            format!(
                "{} đã bắt đầu với cách trả lời khác; hãy chọn --state khác",
                path.display()
            ),
            "the state was begun with another behaviour or seed: choose another --state",
        ));
    }
    Ok(pages)
}

/// What was asked for; none where nothing was.
fn wanted(behaviour: Option<&str>, seed: Option<u64>) -> Result<Option<Behaviour>, Fault> {
    if behaviour.is_none() && seed.is_none() {
        return Ok(None);
    }
    let named = match behaviour {
        None => Behaviour::ordinary(),
        Some(name) if Behaviour::PRESETS.contains(&name) => {
            Behaviour::preset(name).map_err(|fault| nonsense(&fault))?
        }
        Some(file) => {
            let unknown = Behaviour::preset(file)
                .err()
                .map_or_else(String::new, |fault| fault.to_string());
            let text = fs::read_to_string(file).map_err(|error| {
                Fault::input(format!("Không có cách trả lời `{file}`"), format!("{unknown}; {error}"))
            })?;
            serde_json::from_str(&text).map_err(|error| unreadable(Path::new(file), &error))?
        }
    };
    let behaviour = Behaviour {
        seed: seed.unwrap_or(named.seed),
        ..named
    };
    behaviour.check().map_err(|fault| nonsense(&fault))?;
    Ok(Some(behaviour))
}

fn locked(path: &Path) -> Result<File, Fault> {
    if let Some(folder) = path.parent().filter(|own| !own.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|error| unreadable(folder, &error))?;
    }
    let beside = path.with_extension("lock");
    let lock = File::create(&beside).map_err(|error| unreadable(&beside, &error))?;
    lock.try_lock().map_err(|_held| {
        Fault::input(
            format!("{} đang được một tiến trình khác dùng", path.display()),
            "another simulator is using this state",
        )
    })?;
    Ok(lock)
}

fn nonsense(fault: &impl std::fmt::Display) -> Fault {
    Fault::input("Cách trả lời không hợp lệ", fault)
}

fn unreadable(path: &Path, why: &impl std::fmt::Display) -> Fault {
    Fault::input(format!("Không đọc được {}", path.display()), why)
}
