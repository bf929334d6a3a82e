//! `ansinh year`: a year of months on a synthetic province, with banks that misbehave in every way they can, each month
//! closed by two people, and at the end the account of every đồng.

mod account;
mod bank;
mod books;
mod desk;
mod findings;
mod inbox;
mod month;
mod payees;
mod plan;
mod recall;
mod road;
mod silence;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use domain::Month;
use domain::bank_simulator::Behaviour;
use service::{App, Error, Role, installation};

use crate::play::office::Office;
use crate::play::{begun, first_start, wait};
use crate::serve;
use crate::settings::Storage;

use bank::Bank;
use inbox::Inbox;
use plan::{Plan, Step};
use road::Road;

/// The step after the last.
const DONE: i32 = 1_000_000;
/// Of all orders, really moved with another sum, parts per thousand.
const WRONG_SUMS: u32 = 30;
/// Of the transfers, answered with another account first, parts per thousand.
const WRONG_ACCOUNTS: u32 = 15;
/// Of the transfers, debited twice, parts per thousand.
const DEBITED_TWICE: u32 = 40;
/// Of the files with one debit, debited twice, parts per thousand.
const FILES_DEBITED_TWICE: u32 = 400;
/// Of the transfers, never answered by their bank, parts per thousand.
const SILENT: u32 = 10;
/// Of the files, lost by their bank, parts per thousand.
const LOST: u32 = 100;
/// Of the files, acknowledged with another hash first, parts per thousand.
const MISREAD: u32 = 100;
/// Two people approve each run of this year.
const SECOND: &[(Role, &str)] = &[(Role::Approver, "Ngô Thị Thanh, người duyệt thứ hai")];

const EXAMPLES: &str = "\
Examples:
  A year of 2,000 people on the embedded database, with the worst banks there are:
    ansinh year --data year --out year-out
  Again, with banks as every month has them; the same seed gives the same year:
    ansinh year --people 500 --months 6 --calm --seed 7 --data calm --out calm-out
  On a year that was played already it plays nothing and recounts everything.

It may be stopped and started at any time. Exit status 1: a đồng has no place, and it says which.
`ansinh serve --data year` serves the year that was played.";

/// What `ansinh year` takes.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// How many people the province has, at least 1.
    #[arg(long, default_value_t = 2_000, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) people: usize,
    /// How many months are paid and closed, September 2024 first.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..=12))]
    pub(crate) months: u8,
    /// Seed of the province and of the banks' chances: the same seed gives the same year.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the files go: `<cover month>/<fund>/<name>`, `relief/<event>/<name>` and `answers/<day>/<name>`, the reports of a
    /// closed month in `<cover month>/`; `drop/` is the drop folder over which they reach the banks.
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Banks as every month has them, with few faults, instead of the worst.
    #[arg(long)]
    pub(crate) calm: bool,
    /// Leave the jobs to workers started beside it (PostgreSQL and Redis).
    #[arg(long)]
    pub(crate) remote_worker: bool,
}

impl Options {
    fn behaviour(&self) -> Behaviour {
        let behaviour = if self.calm {
            Behaviour::ordinary()
        } else {
            // What no preset does, because it ends by what people do alone: they are here.
            Behaviour {
                wrong_sums: WRONG_SUMS,
                wrong_accounts: WRONG_ACCOUNTS,
                debits_twice: DEBITED_TWICE,
                files_debited_twice: FILES_DEBITED_TWICE,
                silent: SILENT,
                lost_deliveries: LOST,
                wrong_acknowledgements: MISREAD,
                ..Behaviour::worst()
            }
        };
        Behaviour {
            seed: self.seed,
            ..behaviour
        }
    }
}

/// A year that is being played.
struct Year<'a> {
    app: &'a App,
    options: &'a Options,
    office: Office,
    bank: Bank,
    plan: Plan,
}

/// Plays the year, or what is left of it, and accounts for every đồng.
pub(crate) async fn run(storage: &Storage, options: &Options) -> Result<ExitCode, Error> {
    let told = format!(
        "year people={} months={} seed={} calm={}",
        options.people, options.months, options.seed, options.calm
    );
    let mut app = storage.open(Some(first_start(&told, options.seed)?)).await?;
    // Workers started beside it and a channel that is set have ways of their own: the banks are brought their files then.
    let road = if options.remote_worker || app.delivery.is_some() {
        None
    } else {
        Some(Road::open(&options.out)?)
    };
    if let Some(road) = &road {
        app.delivery = Some(Arc::new(road.clone()));
    }
    let done = begun(&app, &told).await?;
    let worker = if options.remote_worker || done == DONE {
        None
    } else {
        Some(serve::start_worker(storage, &app, false).await?)
    };
    let inbox = road.map(|road| Inbox::new(&road, &options.out, options.behaviour()));
    let ended = play(&app, options, inbox, (&told, done)).await;
    if let Some(worker) = worker {
        worker.stop().await;
    }
    app.db.close().await?;
    ended
}

async fn play(app: &App, options: &Options, inbox: Option<Inbox>, (key, done): (&str, i32)) -> Result<ExitCode, Error> {
    let plan = Plan::new(Month::new(2024, 9).map_err(Error::internal)?, options.months)?;
    let office = Office::open(app, SECOND).await?;
    let bank = Bank::open(app, &office, options.behaviour(), (inbox, plan.resent_on())).await?;
    let mut year = Year {
        app,
        options,
        office,
        bank,
        plan,
    };
    if done == 0 {
        // The data is this year's from the first person on.
        installation::set_demo_state(app, key, 0).await?;
    }
    if done == DONE {
        say!("Năm này đã chạy xong trên dữ liệu này; chỉ tính lại. (played already, and counted again)");
    }
    table::print_head();
    for (step, number) in year.plan.steps().into_iter().zip(1..) {
        if number > done {
            year.take(step).await?;
            installation::set_demo_state(app, key, number).await?;
        }
        if let Step::Close(month) = step {
            table::print_row(app, &year.office, month).await?;
        }
    }
    if done != DONE {
        installation::set_demo_state(app, key, DONE).await?;
    }
    let account = account::count(&year).await?;
    Ok(account.print())
}

impl Year<'_> {
    /// Takes one step; taken again after an interruption it comes to the same end.
    async fn take(&mut self, step: Step) -> Result<(), Error> {
        match step {
            Step::TakeOver => self.take_over().await,
            Step::Pay(month) => self.pay(month).await,
            Step::Storm => self.storm().await,
            Step::Answers(month) => self.answers(month).await,
            Step::Close(month) => self.close(month).await,
            Step::Law => self.law().await,
            Step::Late => self.late().await,
        }?;
        wait::until_idle(self.app).await
    }
}
