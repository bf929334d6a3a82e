//! Work that is dropped in the middle, at every await: it is done or it is not, and whoever comes next is not kept.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures::TryStreamExt;
use sea_orm::{ConnectionTrait, Statement, StreamTrait};
use serde_json::json;
use service::audit::Event;
use service::{Actor, App, Db, Error};
use tempfile::TempDir;

use crate::harness::{House, new_database};

/// More awaits than any piece of this work has.
const MANY: usize = 2_000;

/// An installation, seen through a pool of one connection, whose work is dropped, and through another.
struct Bench {
    app: App,
    few: Db,
    other: Db,
    _folder: TempDir,
}

impl Bench {
    async fn open(postgres: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match postgres {
            Some(server) => Some(new_database(server, None).await),
            None => None,
        };
        let app = House::install(folder.path(), url.as_deref(), true).await;
        let conn = app.db.owner();
        for sql in [
            "CREATE TABLE till (amount BIGINT NOT NULL)",
            "INSERT INTO till (amount) VALUES (0)",
            "CREATE TABLE half (attempt BIGINT NOT NULL)",
        ] {
            conn.execute_unprepared(sql).await.unwrap();
        }
        if url.is_some() {
            // Who waits for a lock that nobody gives back fails, and waits no longer.
            let patience = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = ''10s''', current_database()); END $$";
            conn.execute_unprepared(patience).await.unwrap();
        }
        let again = async || match &url {
            Some(url) => Db::connect_with(url, 1).await.unwrap(),
            None => Db::embedded(folder.path()).await.unwrap(),
        };
        Self {
            few: again().await,
            other: again().await,
            app,
            _folder: folder,
        }
    }

    /// One write of four parts.
    async fn write(&self, attempt: usize) -> Result<(), Error> {
        let half = format!("INSERT INTO half (attempt) VALUES ({attempt})");
        self.few
            .write(async |txn| {
                let conn = txn.conn();
                conn.execute_unprepared("UPDATE till SET amount = amount + 1").await?;
                conn.execute_unprepared(&half).await?;
                let subject = format!("half:{attempt}");
                txn.audit(Event::new(
                    self.app.clock.now(),
                    &Actor::system("tests"),
                    "tests.half",
                    subject,
                    json!({}),
                ));
                conn.execute_unprepared(&half).await?;
                Ok(())
            })
            .await
    }

    /// One number of what is committed.
    async fn number(&self, sql: &str) -> i64 {
        let conn = self.other.read();
        let statement = Statement::from_string(ConnectionTrait::get_database_backend(conn), sql);
        let row = conn.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "number").unwrap()
    }

    /// The dropped work is whole or gone, and others write at once: through its connection, and through another one.
    async fn goes_on(&self, times: i64) {
        let put = "UPDATE till SET amount = amount + 100";
        self.few.owner().execute_unprepared(put).await.unwrap();
        let told = "SELECT 2 * amount - (SELECT count(*) FROM half) AS number FROM till";
        assert_eq!(
            self.number(told).await,
            200 * (2 * times - 1),
            "what was written after a drop is not committed, or a half is"
        );
        self.other
            .write(async |txn| Ok(txn.conn().execute_unprepared(put).await?))
            .await
            .unwrap();
        let torn =
            "SELECT count(*) AS number FROM (SELECT attempt FROM half GROUP BY attempt HAVING count(*) <> 2) AS torn";
        assert_eq!(self.number(torn).await, 0);
    }

    async fn close(self) {
        for db in [self.few, self.other, self.app.db] {
            db.close().await.unwrap();
        }
    }
}

/// Polls the work so often, and drops it; what it gave where it ended before.
async fn dropped_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(given) => Poll::Ready(Some(given)),
        Poll::Pending => {
            left -= 1;
            if left == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

/// Runs a test on each engine that is there.
fn each_bench(test: impl AsyncFn(&Bench)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let postgres = std::env::var("ANSINH_TEST_POSTGRES").ok();
    for server in [None, Some(postgres)]
        .into_iter()
        .filter(|server| *server != Some(None))
    {
        runtime.block_on(async {
            let bench = Bench::open(server.flatten().as_deref()).await;
            test(&bench).await;
            bench.close().await;
        });
    }
}

#[test]
fn a_write_dropped_at_any_await_is_whole_or_gone_and_keeps_nobody() {
    each_bench(async |bench| {
        let mut times = 0;
        // How often a piece of work is polled is a matter of luck: more than one walk through its awaits.
        for round in 0..4 {
            for polls in 1..MANY {
                let ended = dropped_after(polls, bench.write(round * MANY + polls)).await;
                times += 1;
                bench.goes_on(times).await;
                if let Some(result) = ended {
                    result.unwrap();
                    break;
                }
                assert!(polls + 1 < MANY, "the work never ends");
            }
        }
        let events = "SELECT count(*) AS number FROM audit_event WHERE action = 'tests.half'";
        let halves = bench.number("SELECT count(*) AS number FROM half").await;
        assert_eq!(2 * bench.number(events).await, halves);
        assert!(halves >= 8, "what was waited for is there");
    });
}

#[test]
fn a_read_dropped_half_way_keeps_nobody() {
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i FROM n";
    each_bench(async |bench| {
        let reader = bench.few.read();
        let backend = ConnectionTrait::get_database_backend(reader);
        let all = async || -> Result<usize, sea_orm::DbErr> {
            let mut rows = reader.stream_raw(Statement::from_string(backend, sql)).await?;
            let mut count = 0;
            while rows.try_next().await?.is_some() {
                count += 1;
            }
            Ok(count)
        };
        for (times, polls) in (1..).zip(1..40) {
            if let Some(count) = dropped_after(polls, all()).await {
                assert_eq!(count.unwrap(), 3_000);
            }
            bench.goes_on(times).await;
        }
        assert_eq!(all().await.unwrap(), 3_000);
    });
}

#[test]
fn a_transaction_of_a_whole_request_dropped_at_any_await_keeps_nobody() {
    use std::time::Duration;

    use service::idempotency::{self, Answer, Begun, Claim};
    use uuid::Uuid;

    each_bench(async |bench| {
        let app = App {
            db: bench.few.clone(),
            ..bench.app.clone()
        };
        let answer = Answer {
            status: 201,
            content_type: "application/json".to_owned(),
            headers: std::collections::BTreeMap::new(),
            body: "{}".to_owned(),
        };
        // Each time the same request, sent again: it is done once.
        let request = async || -> Result<(), Error> {
            let claim = Claim {
                client_id: Uuid::nil(),
                operation: "POST /tests".to_owned(),
                key: "one".to_owned(),
                fingerprint: "00".to_owned(),
            };
            if let Begun::First(once) = idempotency::begin(&app, claim, Duration::from_secs(10)).await? {
                let put = "INSERT INTO half (attempt) VALUES (1), (1)";
                let till = "UPDATE till SET amount = amount + 1";
                once.app()
                    .db
                    .write(async |txn| {
                        txn.conn().execute_unprepared(put).await?;
                        Ok(txn.conn().execute_unprepared(till).await?)
                    })
                    .await?;
                once.finish(&answer).await?;
            }
            Ok(())
        };
        for (times, polls) in (1..).zip(1..MANY) {
            let ended = dropped_after(polls, request()).await;
            bench.goes_on(times).await;
            if let Some(result) = ended {
                result.unwrap();
                break;
            }
        }
        request().await.unwrap();
        assert_eq!(bench.number("SELECT count(*) AS number FROM half").await, 2);
    });
}
