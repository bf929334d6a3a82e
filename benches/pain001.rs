//! 1,000,000 lines of pain.001.001.09 into a file, beside a floor: the same elements by a bare quick-xml writer, with no
//! rule checked, nothing hashed and nothing counted. Run with `cargo bench -p domain --bench pain001`.
#![allow(
    clippy::unwrap_used,
    clippy::as_conversions,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a measurement: it may stop at the first fault, and lines a second are a float"
)]

use std::convert::Infallible;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use domain::Vnd;
use domain::bank::{BankProfiles, BankTable};
use domain::ids::{Secret, uetr};
use domain::payment_file::{Debtor, FileHeader, Instruction, Purpose, Route, write_pain001};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

const LINES: u64 = 1_000_000;

fn main() {
    let bank = BankTable::embedded().unwrap().by_code("AGRIBANK").unwrap().address();
    let uetr = uetr(&Secret::new(&[7; 32]).unwrap(), "bench");
    let lines = || {
        (0..LINES).map(|i| Instruction {
            reference: format!("AS-{i:026}"),
            uetr,
            amount: Vnd::new(500_000).unwrap(),
            route: Route::Bank(bank.clone()),
            account: format!("8000205{i:06}"),
            name: "NGUYEN THI HOA".to_owned(),
            beneficiary: None,
            purpose: Purpose::SocialBenefit,
            remittance: "TRO CAP XA HOI THANG 09/2024".to_owned(),
        })
    };
    let folder = tempdir();

    let floor = time(|| {
        let mut xml = Writer::new(BufWriter::with_capacity(
            64 * 1024,
            File::create(folder.join("floor.xml")).unwrap(),
        ));
        open(&mut xml, "Document");
        for line in lines() {
            bare(&mut xml, &line);
        }
        close(&mut xml, "Document");
        xml.into_inner().flush().unwrap();
    });
    let header = FileHeader {
        message_id: "AS-1".into(),
        payment_information_id: "AS-2".into(),
        created_at: "2024-09-01T01:00:00Z".parse().unwrap(),
        execution_date: "2024-09-05".parse().unwrap(),
        count: LINES,
        sum: Vnd::new(500_000_000_000).unwrap(),
        initiating_party: "SO Y TE QUANG NINH".into(),
        debtor: Debtor {
            name: "SO Y TE QUANG NINH".into(),
            account: "3713".into(),
            bank: bank.clone(),
        },
    };
    let mut bytes = 0;
    let ours = time(|| {
        let out = File::create(folder.join("ours.xml")).unwrap();
        let profile = BankProfiles::embedded().unwrap().default_profile();
        bytes = write_pain001(out, &header, profile, lines().map(Ok::<_, Infallible>))
            .unwrap()
            .bytes;
    });
    std::fs::remove_dir_all(&folder).unwrap();

    let rate = |seconds: f64| LINES as f64 / seconds;
    println!(
        "pain001 floor (bare quick-xml): {floor:.2} s, {:.0} lines/s",
        rate(floor)
    );
    println!(
        "pain001 written: {ours:.2} s, {:.0} lines/s, {bytes} bytes, {:.2} of the floor",
        rate(ours),
        ours / floor
    );
    println!("pain001 peak memory: {}", peak_memory());
}

fn tempdir() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("ansinh-pain001-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Seconds on the processor where the system tells, else on the clock: others may be at work on the machine.
fn time(work: impl FnOnce()) -> f64 {
    let (start, busy) = (Instant::now(), on_processor());
    work();
    match (busy, on_processor()) {
        (Some(before), Some(after)) => after - before,
        _ => start.elapsed().as_secs_f64(),
    }
}

fn on_processor() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<u64>().ok()? as f64 / 1e9)
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or(" not known here")
        .trim()
        .to_owned()
}

type Out = Writer<BufWriter<File>>;

fn open(xml: &mut Out, name: &str) {
    xml.write_event(Event::Start(BytesStart::new(name))).unwrap();
}

fn close(xml: &mut Out, name: &str) {
    xml.write_event(Event::End(BytesEnd::new(name))).unwrap();
}

fn leaf(xml: &mut Out, names: &[&str], text: &str) {
    names.iter().for_each(|name| open(xml, name));
    xml.write_event(Event::Text(BytesText::new(text))).unwrap();
    names.iter().rev().for_each(|name| close(xml, name));
}

fn bare(xml: &mut Out, line: &Instruction) {
    open(xml, "CdtTrfTxInf");
    open(xml, "PmtId");
    leaf(xml, &["EndToEndId"], &line.reference);
    leaf(xml, &["UETR"], &line.uetr.to_string());
    close(xml, "PmtId");
    open(xml, "Amt");
    let mut amount = BytesStart::new("InstdAmt");
    amount.push_attribute(("Ccy", "VND"));
    xml.write_event(Event::Start(amount)).unwrap();
    xml.write_event(Event::Text(BytesText::new(&line.amount.dong().to_string())))
        .unwrap();
    close(xml, "InstdAmt");
    close(xml, "Amt");
    leaf(xml, &["CdtrAgt", "FinInstnId", "BICFI"], "VBAAVNVX");
    leaf(xml, &["Cdtr", "Nm"], &line.name);
    leaf(xml, &["CdtrAcct", "Id", "Othr", "Id"], &line.account);
    leaf(xml, &["Purp", "Cd"], line.purpose.code());
    leaf(xml, &["RmtInf", "Ustrd"], &line.remittance);
    close(xml, "CdtTrfTxInf");
}
