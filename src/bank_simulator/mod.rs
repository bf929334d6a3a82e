//! `ansinh bank-simulator`: plays the bank and the post office against a drop folder or the API. What it decides is
//! [`domain::bank_simulator`]; here are its doors, its memory and what a person sees of it.

mod answered;
mod api;
mod book;
mod folder;
mod letter;
pub(crate) mod parcel;
mod profiles;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use chrono::NaiveDate;
use domain::bank_simulator::{AnswerFile, Behaviour, Receipt};
use service::clock::Clock;
use sha2::{Digest, Sha256};

use api::Api;
use book::Book;
use folder::Folder;
use letter::Letter;
use parcel::Parcel;
use report::Pass;

use crate::play::wait::bar;

const EXAMPLES: &str = "\
Examples:
  Beside `ansinh serve` or `ansinh demo`, with the key of the role treasury that the demo prints:
    ansinh bank-simulator --api http://127.0.0.1:8080 --key KEY --behaviour ordinary
  Beside a demo with the banks that answered it: what they said is known, and what they say later comes in:
    ansinh bank-simulator --api http://127.0.0.1:8080 --key KEY --behaviour answers/behaviour.json
  The same where a person acknowledges the files in a frontend, on a day of the sandbox:
    ansinh bank-simulator --api http://127.0.0.1:8080 --key KEY --acknowledged-only --date 2024-09-18
  Over folders, once: files with their manifests in, answers out:
    ansinh bank-simulator --inbox out/2024-09 --outbox answers --behaviour bad --seed 7 --once
  With a behaviour of your own, shares in parts per thousand:
    echo '{\"rejects\": 20, \"late_returns\": 10, \"duplicates\": 50}' > bank.json
    ansinh bank-simulator --inbox in --outbox out --behaviour bank.json
  Recalls: a camt055-*.xml of the API or the desk, put into the inbox; over the API they are fetched. The bank answers by
  camt.029, and what it grants comes back as a return. A bank that refuses all of them, after two days:
    echo '{\"recalls_refused\": 1000, \"recall_days\": 2}' > bank.json
  Beside each file that it takes from the inbox it puts NAME.ack, the file's SHA-256: the inbox may be ANSINH_DROP_FOLDER.
  A bank of which one file in ten is lost, until it is put down anew, and one in ten acknowledged with another hash:
    echo '{\"lost_deliveries\": 100, \"wrong_acknowledgements\": 100}' > bank.json
  With a bank that takes tables by a layout of its own:
    ansinh bank-simulator --inbox in --outbox out --profiles profiles.json

The state file remembers which files were taken and which answers were sent, so the program may be stopped and started
at any time: an answer is never made differently the second time. Exit status 2: what was given makes no sense.";

/// What `ansinh bank-simulator` takes.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The API to act over, such as http://127.0.0.1:8080.
    #[arg(long, value_name = "URL", required_unless_present = "inbox", requires = "key")]
    api: Option<String>,
    /// A credential of the role treasury.
    #[arg(long, env = "ANSINH_BANK_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<String>,
    /// A folder in which payment files appear, each beside its manifest; folders below it count too.
    #[arg(long, value_name = "DIR", conflicts_with = "api", requires = "outbox")]
    inbox: Option<PathBuf>,
    /// Where answers go; each appears whole, by a rename.
    #[arg(long, value_name = "DIR", conflicts_with = "api", requires = "inbox")]
    outbox: Option<PathBuf>,
    /// What is remembered: a file, or a folder for it.
    #[arg(long, value_name = "FILE", default_value = "bank-simulator.json")]
    state: PathBuf,
    /// How the bank behaves: good, ordinary, bad, worst, or a file (JSON). Decided at the first start of a state;
    /// ordinary if not given.
    #[arg(long, value_name = "PRESET|FILE")]
    behaviour: Option<String>,
    /// The seed of its chances, in the place of the behaviour's own.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// What banks take and answer with, where that is a table: JSON with the code of each bank and what differs from the
    /// default profile, as a proposal to `/v1/bank-profiles/{bank}` holds it. Without it: the API's profiles, or over
    /// folders those of the program.
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// The bank's day: answers due until then are sent. Today by the machine's clock if not given, so that a sandbox
    /// that stands in the past gets all its answers at once; give its day to get them as they fall due.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<NaiveDate>,
    /// Look once and end; exit status 1 if anything could not be taken or sent.
    #[arg(long)]
    once: bool,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..), value_name = "SECONDS")]
    every: u64,
    /// Leave acknowledging to a person: take only files that somebody has acknowledged.
    #[arg(long, conflicts_with = "inbox")]
    acknowledged_only: bool,
}

/// Why the simulator ends or a look fails.
#[derive(Debug)]
pub(crate) enum Fault {
    /// What was given makes no sense: exit status 2.
    Input(String),
    /// Something failed: exit status 1.
    Run(String),
}

impl Fault {
    fn input(vi: impl std::fmt::Display, en: impl std::fmt::Display) -> Self {
        Self::Input(format!("{vi} ({en})"))
    }

    fn run(vi: impl std::fmt::Display, en: impl std::fmt::Display) -> Self {
        Self::Run(format!("{vi} ({en})"))
    }
}

/// Plays the bank until Ctrl-C, or once.
pub(crate) async fn run(options: &Options) -> ExitCode {
    match play(options).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(Fault::Input(text)) => {
            eprintln!("{text}");
            ExitCode::from(2)
        }
        Err(Fault::Run(text)) => {
            eprintln!("{text}");
            ExitCode::from(1)
        }
    }
}

/// Where files come from and answers go.
enum Door {
    Api(Api),
    Folder(Folder),
}

impl Door {
    fn open(options: &Options) -> Result<Self, Fault> {
        let profiles = profiles::open(options.profiles.as_deref())?;
        match (&options.api, &options.key, &options.inbox, &options.outbox) {
            (Some(url), Some(key), ..) => {
                let profiles = (profiles, options.profiles.is_some());
                Ok(Self::Api(Api::new(
                    (url.as_str(), key.as_str()),
                    options.acknowledged_only,
                    profiles,
                )?))
            }
            (None, _, Some(inbox), Some(outbox)) => Ok(Self::Folder(Folder::open(inbox, outbox, profiles)?)),
            _ => Err(Fault::input(
                "Hãy chọn --api với --key, hoặc --inbox với --outbox",
                "choose --api with --key, or --inbox with --outbox",
            )),
        }
    }

    /// The files that are there and not in the book, and what is wrong with others.
    async fn collect(&self, book: &Book, pass: &mut Pass) -> Result<Vec<Parcel>, Fault> {
        match self {
            Self::Api(api) => api.collect(book, pass).await,
            Self::Folder(folder) => folder.collect(book, pass),
        }
    }

    /// The requests to recall orders.
    async fn recalls(&self, book: &Book, pass: &mut Pass) -> Result<Vec<Letter>, Fault> {
        match self {
            Self::Api(api) => api.recalls(book, pass).await,
            Self::Folder(folder) => folder.recalls(pass),
        }
    }

    /// Says that a file arrived whole; in a folder, of which the bank may say so with another hash first.
    async fn acknowledge(&self, parcel: &Parcel, behaviour: &Behaviour) -> Result<(), Fault> {
        match (self, &parcel.place) {
            (Self::Api(api), _) => api.acknowledge(parcel).await,
            (Self::Folder(_), Some(place)) if behaviour.acknowledges_wrongly(&parcel.sha256) => {
                folder::acknowledge(place, &hex::encode(Sha256::digest(&parcel.sha256)))
            }
            (Self::Folder(_), Some(place)) => folder::acknowledge(place, &parcel.sha256),
            (Self::Folder(_), None) => Ok(()),
        }
    }

    /// Sends an answer, which may be `odd` in its form; gives the report it became, where the door has reports.
    async fn send(&self, answer: &AnswerFile, odd: bool) -> Result<Option<String>, Fault> {
        match self {
            Self::Api(api) => api.upload(answer, odd).await.map(Some),
            Self::Folder(folder) => folder.put(answer).map(|()| None),
        }
    }
}

async fn play(options: &Options) -> Result<bool, Fault> {
    let mut book = Book::open(&options.state, options.behaviour.as_deref(), options.seed)?;
    let door = Door::open(options)?;
    loop {
        let today = options.date.unwrap_or_else(|| Clock::System.today());
        let mut pass = Pass::default();
        let looked = tokio::select! {
            looked = look(&mut book, &door, today, &mut pass) => Some(looked),
            _ = tokio::signal::ctrl_c() => None,
        };
        pass.print(&book, today, options.once);
        let well = pass.refused.is_empty();
        match looked {
            // What was done until then is in the book.
            None => return Ok(true),
            Some(Err(Fault::Run(text))) if !options.once => eprintln!("{text}"),
            Some(Err(fault)) => return Err(fault),
            Some(Ok(())) if options.once => return Ok(well),
            Some(Ok(())) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(options.every)) => {}
            _ = tokio::signal::ctrl_c() => return Ok(true),
        }
    }
}

/// One look: takes what is there, sends what is due. Each step is in the book before the next, or may be taken again.
async fn look(book: &mut Book, door: &Door, today: NaiveDate, pass: &mut Pass) -> Result<(), Fault> {
    if let Door::Api(api) = door {
        api.check_role().await?;
    }
    let parcels = door.collect(book, pass).await?;
    let shown = bar("Nhận tệp chi", u64::try_from(parcels.len()).unwrap_or(0));
    for parcel in parcels {
        if book.loses(&parcel)? {
            pass.lost.push(parcel.name);
            shown.inc(1);
            continue;
        }
        match book.take(&parcel, today)? {
            Receipt::Taken | Receipt::Known => {
                door.acknowledge(&parcel, book.simulator().behaviour()).await?;
                book.settle(&parcel)?;
                pass.taken.push(parcel.row());
            }
            Receipt::Clash => pass.refuse(&parcel.name, "mã tệp đã dùng cho tệp khác", "another file has its id"),
        }
        shown.inc(1);
    }
    shown.finish_and_clear();
    // After the files, which they speak of.
    for letter in door.recalls(book, pass).await? {
        match book.take_recall(&letter, today)? {
            Some(Receipt::Taken) => {
                folder::acknowledge_letter(&letter)?;
                pass.recalls.push(letter.name);
            }
            Some(Receipt::Clash) => pass.refuse(
                &letter.name,
                "mã đề nghị đã dùng cho đề nghị khác",
                "another recall has its id",
            ),
            // Somebody took the acknowledgement away, or it was never written.
            Some(Receipt::Known) => folder::acknowledge_letter(&letter)?,
            // It waits for its file.
            None => {}
        }
    }
    let due = book.due(today);
    // Strict reading, the default, would refuse what such a bank sends.
    let odd = book.simulator().behaviour().namespace_variants > 0;
    let shown = bar("Gửi trả lời", u64::try_from(due.len()).unwrap_or(0));
    for answer in due {
        let report = door.send(&answer, odd).await?;
        book.sent(&answer)?;
        pass.sent.push((answer.name, report));
        shown.inc(1);
    }
    shown.finish_and_clear();
    if let Door::Api(api) = door {
        api.outcomes(pass).await?;
    }
    Ok(())
}
