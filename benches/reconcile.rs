//! The treasury's two hot roads: from approval to all files on disk, and a result file of 131,072 lines reconciled, both
//! while others read, beside the floor of the same rows put in and changed by plain statements. A file is written once, when it
//! is built; fetching it reads the bytes that are kept and checks their hash.
//!
//! `cargo bench --bench reconcile` measures the embedded engine; with `ANSINH_TEST_POSTGRES` (and `ANSINH_TEST_REDIS`)
//! PostgreSQL too. `ANSINH_BENCH_PEOPLE` says how many people (44,000), `ANSINH_BENCH_ENGINE` which engine alone,
//! `ANSINH_BENCH_LINES` how many result lines (131,072); with `ANSINH_BENCH_READS=none` nobody reads meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a measurement: it may stop at the first fault, and rates are floats"
)]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::bank_report::synthetic::{Answer, AnswerHeader, write_pain002};
use domain::{Month, Vnd};
use futures::{StreamExt, TryStreamExt};
use service::pay_run::{self, CreatePayRun};
use service::payment_order::{self, OrderView};
use service::{Actor, App, Error, Role, bank_report, fund, installation, payment_file};
use support::{Office, determine, each_engine, idle, officer, open, take_over};
use uuid::Uuid;

/// Files that one client fetches at a time, as a browser does.
const AT_ONCE: usize = 4;

/// Statuses an order goes through, in the order in which banks tell them.
const STATUSES: &[&str] = &["ACTC", "ACSP", "ACSC", "ACCC"];

fn main() {
    each_engine(async |folder: &Path, url: Option<&str>, people| measure(folder, url, people).await);
}

async fn measure(folder: &Path, url: Option<&str>, people: usize) -> Result<(), Error> {
    let lines = std::env::var("ANSINH_BENCH_LINES").map_or(131_072, |text| text.parse().unwrap());
    let (app, worker) = open(folder, url).await?;
    let office = Office::open(&app).await?;
    let treasury = officer(&app, Role::Treasury).await?;
    take_over(&app, people).await?;
    installation::set_first_month(&app, Month::new(2024, 9).unwrap()).await?;
    determine(&app).await?;
    let run = files_on_disk(&app, &office, &treasury, &folder.join("files")).await?;
    reconcile(&app, &office, &treasury, run, lines).await?;
    worker.stop().await;
    app.db.close().await
}

/// A run of September; what is measured begins with the approval and ends with the last file on disk. Before it, told
/// apart, the run is submitted, and what is frozen then is prepared while people look at it.
async fn files_on_disk(app: &App, office: &Office, treasury: &Actor, folder: &Path) -> Result<Uuid, Error> {
    let month = Month::new(2024, 9).unwrap();
    let command = CreatePayRun::regular(month, month.first_day());
    let run = pay_run::create(app, &office.preparer, command).await?;
    idle(app).await?;
    let run = pay_run::get(app, &office.preparer, run.id).await?;
    let begun = Instant::now();
    let run = pay_run::submit(app, &office.preparer, run.id, run.version).await?;
    let submitted = begun.elapsed();
    idle(app).await?;
    let prepared = begun.elapsed() - submitted;
    std::fs::create_dir_all(folder).unwrap();
    // What was written of the lists goes to its place before anybody approves.
    app.db.write(async |_| Ok(())).await?;
    let begun = Instant::now();
    let work = async {
        let run = pay_run::approve(app, &office.approver, run.id, run.version).await?;
        let approved = begun.elapsed();
        let run = pay_run::release(app, &office.releaser, run.id, run.version).await?;
        let released = begun.elapsed();
        idle(app).await?;
        Ok::<_, Error>((run, approved, released, begun.elapsed()))
    };
    let ((run, approved, released, built), read) = while_others_read(app, office, treasury, run.id, work).await?;
    let files = payment_file::list(app, treasury, run.id).await?;
    let fetched = futures::stream::iter(&files).map(async |file| {
        let (name, content) = payment_file::content(app, treasury, file.id).await?;
        std::fs::write(folder.join(name), &content).unwrap();
        Ok::<_, Error>(content.len())
    });
    let sizes: Vec<usize> = fetched.buffer_unordered(AT_ONCE).try_collect().await?;
    let bytes: usize = sizes.iter().sum();
    let written = begun.elapsed();
    println!(
        "  {} lines, {} files, {} MB",
        run.line_count,
        files.len(),
        bytes / 1_000_000
    );
    for (what, passed) in [
        ("before: submitted", submitted),
        ("before: lists prepared", prepared),
        ("approved", approved),
        ("released", released - approved),
        ("files built", built - released),
        ("files fetched and written", written - built),
        ("approval to all files on disk", written),
    ] {
        println!("  {what:32} {:>8.2} s", passed.as_secs_f64());
    }
    tell(read, "while approved, released and built");
    Ok(run.id)
}

async fn reconcile(app: &App, office: &Office, treasury: &Actor, run: Uuid, lines: usize) -> Result<(), Error> {
    let orders = orders(app, treasury, run).await?;
    let bytes = report(&orders, lines);
    let begun = Instant::now();
    let work = async {
        let report = bank_report::upload(app, treasury, "result.xml", bytes).await?;
        let received = begun.elapsed();
        idle(app).await?;
        Ok::<_, Error>((received, begun.elapsed(), report.id))
    };
    let ((received, reconciled, report), read) = while_others_read(app, office, treasury, run, work).await?;
    let report = bank_report::get(app, treasury, report).await?;
    println!(
        "  {} result lines, {} matched, {} in suspense",
        report.line_count, report.matched, report.suspense
    );
    let units = lines as u64;
    for (what, passed) in [
        ("result lines received", received),
        ("received and reconciled", reconciled),
    ] {
        let seconds = passed.as_secs_f64();
        println!("  {what:32} {seconds:>8.2} s {:>9.0} a second", units as f64 / seconds);
    }
    tell(read, "while reconciled");
    let inserted = support::floor(app, units).await?;
    println!("    floor: {lines} rows inserted    {:>8.2} s", inserted.as_secs_f64());
    let changed = changed_plainly(app, units).await?;
    println!("    floor: {lines} rows changed     {:>8.2} s", changed.as_secs_f64());
    Ok(())
}

/// What some work comes to while others read, and how long each of their reads took.
async fn while_others_read<T>(
    app: &App,
    office: &Office,
    treasury: &Actor,
    run: Uuid,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<(T, Vec<Duration>), Error> {
    let alone = std::env::var("ANSINH_BENCH_READS").is_ok_and(|who| who == "none");
    let over = AtomicBool::new(alone);
    let work = async {
        let done = work.await;
        over.store(true, Ordering::SeqCst);
        done
    };
    let (done, read) = futures::join!(work, reads(app, office, treasury, run, &over));
    Ok((done?, read?))
}

fn tell(mut read: Vec<Duration>, when: &str) {
    read.sort();
    let p95 = read.get(read.len() * 95 / 100).copied().unwrap_or_default();
    println!(
        "  reads {when}: {}, p95 {:.1} ms",
        read.len(),
        p95.as_secs_f64() * 1_000.0
    );
}

/// Reads as frontends make them, one after the other, until the work is over.
async fn reads(
    app: &App,
    office: &Office,
    treasury: &Actor,
    run: Uuid,
    over: &AtomicBool,
) -> Result<Vec<Duration>, Error> {
    let mut took = Vec::new();
    while !over.load(Ordering::SeqCst) {
        for number in 0..3 {
            let begun = Instant::now();
            match number {
                0 => drop(pay_run::get(app, &office.preparer, run).await?),
                1 => drop(payment_order::list(app, treasury, run, Some(50), None).await?),
                _ => drop(fund::list(app, &office.preparer).await?),
            }
            took.push(begun.elapsed());
        }
    }
    Ok(took)
}

async fn orders(app: &App, treasury: &Actor, run: Uuid) -> Result<Vec<OrderView>, Error> {
    let (mut orders, mut cursor) = (Vec::new(), None);
    loop {
        let page = payment_order::list(app, treasury, run, Some(200), cursor.as_deref()).await?;
        orders.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(orders),
        }
    }
}

/// A status report with so many lines: every order once with the first status, then once with the next.
fn report(orders: &[OrderView], lines: usize) -> Vec<u8> {
    let answers: Vec<Answer> = (0..lines)
        .map(|number| {
            let order = &orders[number % orders.len()];
            Answer {
                reference: order.reference.clone(),
                uetr: Some(order.uetr),
                amount: Vnd::new(order.amount).unwrap(),
                status: STATUSES[(number / orders.len()).min(STATUSES.len() - 1)].to_owned(),
                reason: None,
                account: Some(order.account_number.clone()),
                bank_reference: Some(format!("FT{number:010}")),
            }
        })
        .collect();
    let header = AnswerHeader {
        message_id: "BANK-BENCH".to_owned(),
        created_at: "2024-09-06T01:00:00Z".parse().unwrap(),
        original_message_id: "NONE".to_owned(),
        original_message: "pain.001.001.09".to_owned(),
        payment_information_id: "NONE".to_owned(),
        group_status: None,
        account: "102010000000001".to_owned(),
        one_debit: false,
    };
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header, &answers).unwrap();
    bytes
}

/// The same number of rows changed by one plain statement.
async fn changed_plainly(app: &App, rows: u64) -> Result<Duration, Error> {
    use sea_orm::ConnectionTrait;
    let db = app.db.owner();
    db.execute_unprepared("DROP TABLE IF EXISTS changed").await?;
    db.execute_unprepared("CREATE TABLE changed (id BIGINT PRIMARY KEY, state TEXT, version BIGINT)")
        .await?;
    let fill = format!(
        "INSERT INTO changed WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
         SELECT i, 'extracted', 1 FROM n"
    );
    db.execute_unprepared(&fill).await?;
    let begun = Instant::now();
    db.execute_unprepared("UPDATE changed SET state = 'credited', version = version + 1")
        .await?;
    let passed = begun.elapsed();
    db.execute_unprepared("DROP TABLE changed").await?;
    Ok(passed)
}
