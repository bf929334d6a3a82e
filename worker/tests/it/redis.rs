//! A Redis that is flushed, restarted or gone.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use service::job::JobState;
use tokio::net::TcpSocket;

use crate::{Bench, Does, Errand, begun, open_gate, options, runs_of, until};

/// A Redis of one's own.
struct Server {
    port: u16,
    /// Bound to its port, where it never listens: nobody else is given the port while Redis is gone.
    _held: TcpSocket,
    child: Child,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let held = TcpSocket::new_v4().unwrap();
        // Redis binds its port in the same way, and so is let beside it.
        held.set_reuseaddr(true).unwrap();
        held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = held.local_addr().unwrap().port();
        Self {
            port,
            _held: held,
            child: spawn(port, folder),
        }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn ready(&self) {
        until(async || std::net::TcpStream::connect(("127.0.0.1", self.port)).ok().map(drop)).await;
    }

    /// As `kill -9`.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn restart(&mut self, folder: &Path) {
        self.child = spawn(self.port, folder);
        self.ready().await;
    }

    async fn flush(&self) {
        let client = redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(port: u16, folder: &Path) -> Child {
    Command::new("redis-server")
        .args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
        ])
        .arg(folder)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is there: tests/run brings it")
}

async fn bench() -> (Bench, Server) {
    let bench = Bench::sqlite().await;
    let server = Server::start(bench.folder());
    server.ready().await;
    let url = server.url();
    (bench.with_redis(url), server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_redis_loses_nothing() {
    let (bench, server) = bench().await;
    let one_at_a_time = worker::WorkerOptions {
        concurrency: [1, 1, 1, 1],
        ..options()
    };
    let worker = bench.start(one_at_a_time).await;
    let first = Errand::new(Does::Waits);
    bench.enqueue(&first).await;
    begun(&first.key, 1).await;
    let waiting: Vec<_> = (0..5).map(|_| Errand::new(Does::Nothing)).collect();
    for errand in &waiting {
        bench.enqueue(errand).await;
    }
    server.flush().await;
    open_gate(&first.key);
    for errand in waiting.iter().chain([&first]) {
        bench.until(&errand.key, JobState::Done).await;
    }
    worker.stop().await;
    for errand in waiting.iter().chain([&first]) {
        assert_eq!(runs_of(&errand.key).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_gone_for_a_while_loses_and_repeats_nothing() {
    let (bench, mut server) = bench().await;
    let worker = bench.start(options()).await;
    let running = Errand::new(Does::Waits);
    bench.enqueue(&running).await;
    begun(&running.key, 1).await;
    server.kill();
    let during = Errand::new(Does::Nothing);
    bench.enqueue(&during).await;
    open_gate(&running.key);
    // The job that was running ends without Redis.
    bench.until(&running.key, JobState::Done).await;
    assert_eq!(runs_of(&during.key), []);
    server.restart(bench.folder()).await;
    bench.until(&during.key, JobState::Done).await;
    worker.stop().await;
    assert_eq!((runs_of(&running.key).len(), runs_of(&during.key).len()), (1, 1));
}
