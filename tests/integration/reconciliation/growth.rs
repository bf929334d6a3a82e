//! Four times the lines are four times the work of the database: reports of the same shape are received and reconciled in
//! towns of which each has four times the people of the one before.
//!
//! Work is what an engine counts itself, the same whatever else a machine does: instructions of SQLite's virtual machine on
//! the one connection that writes, rows that PostgreSQL reads from tables and indexes. What goes over its own lines again
//! and again in the program, and not in the database, is not seen here, nor are rows that PostgreSQL keeps in memory once
//! it has read them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::ServerOptions;
use domain::bank_report::synthetic::Answer;
use sea_orm::{ConnectionTrait, Statement};
use service::db::Db;
use service::payment_order::{self, OrderView};
use uuid::Uuid;

use super::bank::{BankTown, answer, camt054, pain002};
use crate::harness::House;

/// People of the smallest town.
const FEW: u128 = 25;
/// The most that four times the lines may take, times what one takes; what compares each line with each takes sixteen.
const MOST: i64 = 6;
/// Instructions between two calls of the one who counts them.
const STEPS: i32 = 10;
/// How often a report of several lines an order speaks of each.
const TIMES: usize = 4;

/// A session of PostgreSQL tells what it has read when it is idle next, and not some time later.
const TELL: &str = "SELECT pg_stat_force_next_flush()";
/// PostgreSQL is to look up each row by its index, on every connection from now on.
const BY_INDEX: &str = "DO $$ DECLARE own text; BEGIN
     FOREACH own IN ARRAY ARRAY['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin'] LOOP
         EXECUTE format('ALTER DATABASE %I SET %I = off', current_database(), own);
     END LOOP; END $$";
const ROWS_READ: &str = "SELECT CAST((SELECT COALESCE(SUM(seq_tup_read), 0) FROM pg_stat_user_tables) \
     + (SELECT COALESCE(SUM(idx_tup_read), 0) FROM pg_stat_user_indexes) AS BIGINT) AS number";
/// What compares each order with each.
const EACH_WITH_EACH: &str = "SELECT COUNT(*) AS number FROM payment_order a \
     WHERE (SELECT COUNT(*) FROM payment_order b WHERE b.amount < a.amount) > 0";

/// Who asks an engine how much it has done.
struct Meter<'h> {
    house: &'h House,
    /// Calls by SQLite.
    calls: Arc<AtomicI64>,
}

impl<'h> Meter<'h> {
    async fn on(house: &'h House) -> Self {
        let calls = Arc::new(AtomicI64::new(0));
        if house.app.db.is_sqlite() {
            let pool = house.app.db.owner().get_sqlite_connection_pool();
            let mut writer = pool.acquire().await.unwrap();
            let counted = Arc::clone(&calls);
            let mut handle = writer.lock_handle().await.unwrap();
            handle.set_progress_handler(STEPS, move || {
                counted.fetch_add(1, Ordering::Relaxed);
                true
            });
        }
        Self { house, calls }
    }

    /// What was done so far.
    async fn stands(&self) -> i64 {
        let db = &self.house.app.db;
        if db.is_sqlite() {
            return self.calls.load(Ordering::Relaxed);
        }
        db.read().execute_unprepared(TELL).await.unwrap();
        db.owner().execute_unprepared(TELL).await.unwrap();
        number(self.house, ROWS_READ).await
    }
}

/// PostgreSQL reads by an index what has one, be its table ever so small: else it depends on when it last counted rows,
/// and on how many rows it takes for enough to read a whole table. One connection reads and one writes, so that nobody
/// tells later what was read before.
async fn reads_by_index(house: &mut House, server: &str) {
    let db = &house.app.db;
    db.owner().execute_unprepared(BY_INDEX).await.unwrap();
    let asked = Statement::from_string(db.owner().get_database_backend(), "SELECT current_database()");
    let row = db.owner().query_one_raw(asked).await.unwrap().unwrap();
    let name: String = row.try_get_by_index(0).unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    house.app.db = Db::connect_with(&format!("{base}/{name}"), 2).await.unwrap();
}

/// The number that a query gives, asked on the connection that writes.
async fn number(house: &House, sql: &str) -> i64 {
    let owner = house.app.db.owner();
    let statement = Statement::from_string(owner.get_database_backend(), sql);
    let row = owner.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "number").unwrap()
}

/// What a bank says of orders: each answer is a line.
fn of_each(orders: &[OrderView], status: &str, reason: Option<&str>) -> Vec<Answer> {
    orders.iter().map(|order| answer(order, status, reason)).collect()
}

/// The same several times.
fn again_and_again(answers: Vec<Answer>) -> impl Iterator<Item = Answer> {
    std::iter::repeat_n(answers, TIMES).flatten()
}

/// What a report is called in a message, and the report of orders: its bytes and how many lines they hold.
type Shape = (&'static str, fn(&[OrderView]) -> (Vec<u8>, usize));

/// What a bank says of a run, one after the other.
const SHAPES: &[Shape] = &[
    ("statuses", |orders| {
        let statuses = ["ACTC", "ACSP", "ACSC", "ACCC"];
        let told: Vec<Answer> = statuses
            .iter()
            .flat_map(|status| of_each(orders, status, None))
            .collect();
        (pain002("S1", &told), told.len())
    }),
    ("debits that are told again and again", |orders| {
        let told: Vec<Answer> = again_and_again(of_each(orders, "BOOK", None)).collect();
        (camt054("D1", &told), told.len())
    }),
    ("orders that nobody knows", |orders| {
        let unknown = (0_u128..).zip(again_and_again(of_each(orders, "ACSC", None)));
        let told: Vec<Answer> = unknown
            .map(|(number, answer)| Answer {
                reference: format!("XX-{number:026}"),
                uetr: Some(Uuid::from_u128(0x2222_2222_2222_4222_8222_0000_0000_0000 + number)),
                ..answer
            })
            .collect();
        (pain002("U1", &told), told.len())
    }),
    ("money that comes back", |orders| {
        let told = of_each(orders, "BOOK", Some("AC04"));
        (camt054("R1", &told), told.len())
    }),
];

/// The orders of a run, page by page.
async fn every_order(town: &BankTown<'_>, run: Uuid) -> Vec<OrderView> {
    let (mut orders, mut cursor) = (Vec::new(), None);
    loop {
        let page = payment_order::list(town.app(), &town.treasury, run, Some(200), cursor.as_deref());
        let page = page.await.unwrap();
        orders.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return orders,
        }
    }
}

/// What each shape takes in a town of so many people; before them, what takes the square of it.
async fn taken(server: Option<&str>, people: u128) -> Vec<i64> {
    let mut house = House::open(server, ServerOptions::default()).await;
    if let Some(server) = server {
        reads_by_index(&mut house, server).await;
    }
    let town = BankTown::open(&house, people).await;
    let run = town.pay("2024-09").await;
    let orders = every_order(&town, run).await;
    assert_eq!(orders.len(), usize::try_from(people).unwrap());
    let meter = Meter::on(&house).await;
    let before = meter.stands().await;
    assert_eq!(number(&house, EACH_WITH_EACH).await, 0);
    let mut taken = vec![meter.stands().await - before];
    for (what, shape) in SHAPES {
        let (bytes, lines) = shape(&orders);
        let before = meter.stands().await;
        let report = town.bring(bytes).await;
        taken.push(meter.stands().await - before);
        let read = usize::try_from(report.line_count).unwrap();
        assert_eq!(read, lines, "{what}");
        let ended = usize::try_from(report.matched + report.suspense).unwrap();
        assert!(ended > 0, "{what}: {report:?}");
    }
    town.holds().await;
    house.close().await;
    taken
}

/// Did something take more than its share where there were four times as many?
fn outgrows(grown: &[i64]) -> bool {
    grown.windows(2).any(|step| step[1] > MOST * step[0])
}

#[test]
fn four_times_the_lines_are_four_times_the_work_of_the_database() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let postgres = std::env::var("ANSINH_TEST_POSTGRES").ok();
    for server in std::iter::once(None).chain(postgres.as_deref().map(Some)) {
        let towns = [FEW, 4 * FEW, 16 * FEW].map(|people| runtime.block_on(taken(server, people)));
        let of = |place: usize| towns.each_ref().map(|town| town[place]);
        assert!(outgrows(&of(0)), "the measure sees what it is for: {:?}", of(0));
        for (place, (what, _)) in SHAPES.iter().enumerate() {
            let grown = of(place + 1);
            assert!(grown.iter().all(|own| *own > 0), "{what}: {grown:?} is not counted");
            assert!(!outgrows(&grown), "{what}: {grown:?}");
        }
    }
}
