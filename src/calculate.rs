//! `ansinh calculate`: case files in, what falls due out, one line each, in the order of the input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use domain::Month;
use domain::case_file::{CaseFile, CaseProblem, CaseProblemCode, Language, Refused};
use domain::determination::{CalculationError, Determiner};
use domain::law::{Release, catalogue, latest};

/// Lines handed to a thread at once.
const BLOCK: usize = 256;
/// Blocks that may wait for one thread, so that memory stays flat.
const WAITING: usize = 4;

/// What `ansinh calculate` takes.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// A file with one case file (JSON) a line; `-` is standard input.
    #[arg(long, value_name = "FILE", default_value = "-")]
    people: String,
    /// The first month, as 2022-01.
    #[arg(long)]
    from: Month,
    /// The last month, included.
    #[arg(long)]
    to: Month,
    /// The release of the built-in law; the latest if none.
    #[arg(long, value_name = "N")]
    release: Option<usize>,
    /// How many threads work.
    #[arg(long, value_name = "J", default_value = "1")]
    jobs: NonZeroUsize,
    /// Adds how each amount came about.
    #[arg(long)]
    explain: bool,
    /// The language of messages and explanations: vi or en.
    #[arg(long, default_value = "vi", value_parser = language)]
    language: Language,
}

fn language(text: &str) -> Result<Language, String> {
    match text {
        "vi" => Ok(Language::Vietnamese),
        "en" => Ok(Language::English),
        _ => Err("vi | en".to_owned()),
    }
}

/// Calculates; exit status 2 if any line was refused, 1 if nothing could be read or written.
pub(crate) fn run(options: &Options) -> ExitCode {
    match try_run(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(text) => {
            eprintln!("{text}");
            ExitCode::from(1)
        }
    }
}

fn try_run(options: &Options) -> Result<bool, String> {
    if options.to < options.from {
        return Err("Tháng cuối trước tháng đầu (--to lies before --from)".to_owned());
    }
    let release = release(options.release)?;
    let input: Box<dyn BufRead + Send> = match options.people.as_str() {
        "-" => Box::new(BufReader::new(io::stdin())),
        path => Box::new(BufReader::new(
            File::open(path).map_err(|error| format!("{path}: {error}"))?,
        )),
    };
    stream(options, &release, input, io::stdout().lock())
}

fn release(number: Option<usize>) -> Result<Release, String> {
    let Some(number) = number else {
        return Ok(latest().clone());
    };
    let instruments = catalogue().get(..number).filter(|_| number > 0);
    let instruments = instruments.ok_or_else(|| {
        format!(
            "Có các bản pháp luật 1 đến {0} (there are releases 1 to {0})",
            catalogue().len()
        )
    })?;
    let index = u32::try_from(number).unwrap_or(u32::MAX);
    Release::compile(index, instruments).map_err(|findings| {
        findings
            .iter()
            .map(|finding| finding.message(Language::Vietnamese))
            .collect::<Vec<_>>()
            .join("\n")
    })
}

/// What a thread gives back for a block: the lines, and whether all were good.
type Answer = (Vec<u8>, bool);

fn stream(
    options: &Options,
    release: &Release,
    input: Box<dyn BufRead + Send>,
    output: impl Write,
) -> Result<bool, String> {
    let mut output = BufWriter::with_capacity(1 << 16, output);
    thread::scope(|scope| {
        let mut inboxes = Vec::new();
        let mut answers: Vec<Receiver<Answer>> = Vec::new();
        for _ in 0..options.jobs.get() {
            let (inbox, blocks) = sync_channel::<Vec<Vec<u8>>>(WAITING);
            let (answer, results) = sync_channel::<Answer>(WAITING);
            scope.spawn(move || work(options, release, &blocks, &answer));
            inboxes.push(inbox);
            answers.push(results);
        }
        let reading = scope.spawn(move || read(input, &inboxes));
        let mut good = true;
        // Blocks go round the threads in turn, so taking the answers in the same turn keeps the order of the input.
        for results in answers.iter().cycle() {
            let Ok((lines, block_good)) = results.recv() else { break };
            good &= block_good;
            if let Err(error) = output.write_all(&lines) {
                drop(answers);
                return if error.kind() == ErrorKind::BrokenPipe {
                    Ok(good)
                } else {
                    Err(error.to_string())
                };
            }
        }
        let written = output.flush();
        match reading.join() {
            Ok(Ok(())) => written.map(|()| good).map_err(|error| error.to_string()),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("Lỗi khi đọc (reading failed)".to_owned()),
        }
    })
}

fn read(mut input: Box<dyn BufRead + Send>, inboxes: &[SyncSender<Vec<Vec<u8>>>]) -> io::Result<()> {
    let mut turn = inboxes.iter().cycle();
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        let mut ended = false;
        while block.len() < BLOCK {
            let mut line = Vec::new();
            if input.read_until(b'\n', &mut line)? == 0 {
                ended = true;
                break;
            }
            if !line.trim_ascii().is_empty() {
                block.push(line);
            }
        }
        if !block.is_empty() && turn.next().is_some_and(|inbox| inbox.send(block).is_err()) {
            return Ok(());
        }
        if ended {
            return Ok(());
        }
    }
}

fn work(options: &Options, release: &Release, blocks: &Receiver<Vec<Vec<u8>>>, answers: &SyncSender<Answer>) {
    let mut determiner = Determiner::new(release);
    for block in blocks {
        let mut lines = Vec::with_capacity(block.len() * 512);
        let mut good = true;
        for line in block {
            good &= calculate(options, &mut determiner, &line, &mut lines);
        }
        if answers.send((lines, good)).is_err() {
            return;
        }
    }
}

fn calculate(options: &Options, determiner: &mut Determiner<'_>, line: &[u8], out: &mut Vec<u8>) -> bool {
    let read = std::str::from_utf8(line)
        .map_err(|_not_utf8| not_text())
        .and_then(CaseFile::parse);
    let written = match &read {
        Ok(case) if options.explain => {
            serde_json::to_writer(&mut *out, &determiner.explained(case, options.from, options.to))
        }
        Ok(case) => serde_json::to_writer(&mut *out, &determiner.calculate(case, options.from, options.to)),
        Err(refused) => serde_json::to_writer(&mut *out, &CalculationError::of(refused, options.language)),
    };
    out.push(b'\n');
    written.is_ok() && read.is_ok()
}

fn not_text() -> Refused {
    let problem = CaseProblem {
        pointer: String::new(),
        code: CaseProblemCode::InvalidJson,
    };
    Refused {
        id: None,
        problems: vec![problem],
    }
}
