//! A Redis of one's own, to be flushed and killed.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpSocket;

use crate::harness::until;

/// The server.
pub(super) struct Redis {
    port: u16,
    /// Bound to its port, where it never listens: nobody else is given the port while Redis is gone.
    _held: TcpSocket,
    child: Child,
    folder: TempDir,
}

impl Redis {
    /// On a free port, keeping nothing on disk.
    pub(super) fn start() -> Self {
        let held = TcpSocket::new_v4().unwrap();
        // Redis binds its port in the same way, and so is let beside it.
        held.set_reuseaddr(true).unwrap();
        held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = held.local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let child = spawn(port, &folder);
        Self {
            port,
            _held: held,
            child,
            folder,
        }
    }

    /// Its address.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// How many ids of reassessments wait for a worker.
    pub(super) fn waiting(&self) -> u64 {
        let mut connection = self.connection();
        let keys: Vec<String> = redis::cmd("KEYS")
            .arg("*:reassessment:active")
            .query(&mut connection)
            .unwrap();
        let length = |key: &String| redis::cmd("LLEN").arg(key).query::<u64>(&mut connection).unwrap();
        keys.iter().map(length).sum()
    }

    /// Forgets everything.
    pub(super) fn flush(&self) {
        redis::cmd("FLUSHALL").exec(&mut self.connection()).unwrap();
    }

    /// Ends it as `kill -9` does.
    pub(super) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty, where it was.
    pub(super) fn restart(&mut self) {
        self.child = spawn(self.port, &self.folder);
    }

    fn connection(&self) -> redis::Connection {
        redis::Client::open(self.url()).unwrap().get_connection().unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, folder: &TempDir) -> Child {
    let child = Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
        ])
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is there: tests/run brings it");
    until("Redis answers", || TcpStream::connect(("127.0.0.1", port)).ok());
    child
}
