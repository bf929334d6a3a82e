//! The program running beside a test.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take to come about.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);
/// Between two looks.
const BREATH: Duration = Duration::from_millis(5);

/// A running program. It dies with the test.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    _folder: TempDir,
}

impl Process {
    /// Starts it; all that it prints goes into its log.
    pub(crate) fn start(mut command: Command) -> Self {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("log");
        let file = File::create(&log).unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        Self {
            child,
            log,
            _folder: folder,
        }
    }

    /// Ends it as `kill -9` does. It must have been running until then.
    pub(crate) fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "it ended by itself, {ended:?}: {}", self.log());
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends well.
    pub(crate) fn ends_well(mut self) {
        let ended = look_until(|| self.child.try_wait().unwrap());
        let status = ended.unwrap_or_else(|| panic!("it never ended: {}", self.log()));
        assert!(status.success(), "{}", self.log());
    }

    /// What it has printed so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Looks again and again until it has come about, and fails where it never does.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    look_until(look).unwrap_or_else(|| panic!("it never came about that {what}"))
}

/// The same where a look has to be waited for.
pub(crate) async fn until_seen<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "it never came about that {what}");
        tokio::time::sleep(BREATH).await;
    }
}

fn look_until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = look();
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        // A breath between two looks, so that the looking takes no time from what is looked at.
        std::thread::park_timeout(BREATH);
    }
}
