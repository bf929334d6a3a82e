//! Four times the input is four times the work: each reader of what others wrote is given the same shape once, four and
//! sixteen times as long.
//!
//! Work is counted in what a reader asks of its allocator, times and bytes: the same on every machine, whatever else it
//! does, which a clock is not. A reader that copies what it has kept so far for each line, or keeps a text said once for
//! all of them, is found here. One that goes over it again and again without a copy is not: `-timeout` of the fuzz targets
//! finds that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

use std::alloc::System;
use std::hint::black_box;
use std::io::{Cursor, Write};

use domain::Vnd;
use domain::bank::{BankProfiles, FileFormat, ResultLayout};
use domain::bank_report::synthetic::{
    Answer, AnswerHeader, Style, result_xlsx, write_account_report, write_camt029, write_pain002, write_post_results,
    write_result, write_result_csv,
};
use domain::bank_report::{NamedLayout, Options, read};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use uuid::Uuid;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Lines of the smallest input: enough that what is asked for once does not matter.
const FEW: usize = 500;
/// The most that four times the input may take, times what one takes.
const MOST: usize = 5;

fn profiles() -> BankProfiles {
    BankProfiles::embedded().unwrap().clone()
}

fn layout(bank: &str) -> ResultLayout {
    profiles().of(bank).result.clone().unwrap()
}

/// Reading with every table that the program knows.
fn options() -> Options {
    let all = profiles();
    let of_banks = all.own().filter_map(|(bank, own)| Some((bank, own.result.as_ref()?)));
    let of_post = all.post_result().map(|own| (BankProfiles::POST, own));
    let layouts = of_banks.chain(of_post).map(|(bank, layout)| NamedLayout {
        bank: bank.to_owned(),
        layout: layout.clone(),
    });
    Options {
        layouts: layouts.collect(),
        ..Options::default()
    }
}

fn answers(number: usize, status: &str) -> Vec<Answer> {
    let answer = |number: usize| Answer {
        reference: format!("AS-{number:026}"),
        uetr: Some(Uuid::from_u128(
            0x1111_1111_1111_4111_8111_0000_0000_0000 + u128::try_from(number).unwrap(),
        )),
        amount: Vnd::new(750_000).unwrap(),
        status: status.to_owned(),
        reason: None,
        account: Some(format!("80112051{number:08}")),
        bank_reference: Some(format!("FT{number:014}")),
    };
    (0..number).map(answer).collect()
}

fn header(one_debit: bool) -> AnswerHeader {
    AnswerHeader {
        message_id: "A1".to_owned(),
        created_at: "2024-09-18T02:00:00Z".parse().unwrap(),
        original_message_id: "M1".to_owned(),
        original_message: "pain.001.001.09".to_owned(),
        payment_information_id: "P1".to_owned(),
        group_status: None,
        account: "102010000000001".to_owned(),
        one_debit,
    }
}

fn pain002(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_pain002(&mut bytes, &header(false), &answers(number, "ACSC")).unwrap();
    bytes
}

fn account(number: usize, statement: bool, one_debit: bool) -> Vec<u8> {
    let style = Style {
        statement,
        ..Style::default()
    };
    let mut bytes = Vec::new();
    write_account_report(&mut bytes, &header(one_debit), &answers(number, "BOOK"), &[], &style).unwrap();
    bytes
}

fn camt029(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_camt029(&mut bytes, &header(false), &answers(number, "RJCR")).unwrap();
    bytes
}

fn post_csv(number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let day = "2024-09-18".parse().unwrap();
    write_post_results(&mut bytes, day, &answers(number, "paid")).unwrap();
    bytes
}

/// The word of a layout for an order that was paid, or any other.
fn word(layout: &ResultLayout) -> String {
    layout.statuses.keys().next().cloned().unwrap()
}

fn result_csv(number: usize) -> Vec<u8> {
    let layout = layout("KLB");
    let mut bytes = Vec::new();
    write_result_csv(&mut bytes, &layout, &answers(number, &word(&layout))).unwrap();
    bytes
}

fn workbook(layout: &ResultLayout, number: usize) -> Vec<u8> {
    result_xlsx(layout, &answers(number, &word(layout))).unwrap()
}

/// The cash list as the post office sends it back. Its layout has the day of payment, and a table without a column of its
/// layout is no table of it: it is written with a day, which the tables of banks do without.
fn post_workbook(number: usize) -> Vec<u8> {
    let layout = profiles().post_result().unwrap().clone();
    let day = "2024-09-18".parse().unwrap();
    write_result(FileFormat::Xlsx, &layout, day, &answers(number, &word(&layout))).unwrap()
}

/// An archive of parts; their contents hold much or are many.
fn archive(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A message around something.
fn around(message: &str, root: &str, inside: &str) -> Vec<u8> {
    format!("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{message}\"><{root}>{inside}</{root}></Document>")
        .into_bytes()
}

/// What a file is called in a message, and the file of a size.
type Shape = (&'static str, fn(usize) -> Vec<u8>);

/// What every reader takes.
const TAKEN: &[Shape] = &[
    ("pain.002", pain002),
    ("camt.054", |number| account(number, false, false)),
    ("camt.054, one debit", |number| account(number, false, true)),
    ("camt.053", |number| account(number, true, false)),
    ("camt.029", camt029),
    ("the post office's CSV", post_csv),
    ("a bank's CSV", result_csv),
    ("the post office's workbook", post_workbook),
    ("a bank's workbook", |number| workbook(&layout("PGB"), number)),
];

/// What a stranger may send to make a reader work, whether it takes it or not.
const HOSTILE: &[Shape] = &[
    ("orders without anything", |number| {
        let inside = format!(
            "<OrgnlPmtInfAndSts>{}</OrgnlPmtInfAndSts>",
            "<TxInfAndSts/>".repeat(number)
        );
        around("pain.002.001.10", "CstmrPmtStsRpt", &inside)
    }),
    ("batches without orders", |number| {
        let batch = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId></OrgnlPmtInfAndSts>";
        around("pain.002.001.10", "CstmrPmtStsRpt", &batch.repeat(number))
    }),
    ("an order with reasons without end", |number| {
        let reasons = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>khong</AddtlInf></StsRsnInf>".repeat(number);
        let inside = format!(
            "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId>{reasons}</TxInfAndSts></OrgnlPmtInfAndSts>"
        );
        around("pain.002.001.10", "CstmrPmtStsRpt", &inside)
    }),
    ("entries that moved more than their transactions say", |number| {
        let entry = "<Ntry><Amt Ccy=\"VND\">2</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><NtryDtls><TxDtls><Refs>\
                     <EndToEndId>AS-1</EndToEndId></Refs><Amt Ccy=\"VND\">1</Amt></TxDtls></NtryDtls></Ntry>";
        let inside = format!("<Stmt>{}</Stmt>", entry.repeat(number));
        around("camt.053.001.02", "BkToCstmrStmt", &inside)
    }),
    ("transactions that only say what was ordered", |number| {
        let details =
            "<TxDtls><AmtDtls><InstdAmt><Amt Ccy=\"VND\">1</Amt></InstdAmt></AmtDtls></TxDtls>".repeat(number);
        let inside = format!("<Ntfctn><Ntry><NtryDtls>{details}</NtryDtls></Ntry></Ntfctn>");
        around("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", &inside)
    }),
    ("elements nobody knows", |number| {
        around(
            "camt.054.001.08",
            "BkToCstmrDbtCdtNtfctn",
            &"<Other>x</Other>".repeat(number),
        )
    }),
    ("nesting without end", |number| {
        around("camt.053.001.08", "BkToCstmrStmt", &"<Ntry>".repeat(number))
    }),
    ("a text without end", |number| {
        let inside = format!("<GrpHdr><MsgId>{}</MsgId></GrpHdr>", "A".repeat(16 * number));
        around("camt.029.001.10", "RsltnOfInvstgtn", &inside)
    }),
    ("comments and sections", |number| {
        let inside = "<!-- --><![CDATA[x]]>".repeat(number);
        around("camt.029.001.10", "RsltnOfInvstgtn", &inside)
    }),
    ("attributes without end", |number| {
        let attributes: String = (0..number).map(|number| format!(" a{number}=\"x\"")).collect();
        format!("<Document{attributes}/>").into_bytes()
    }),
    ("rows without a heading", |number| "a;b;c\n".repeat(number).into_bytes()),
    ("a row of columns without end", |number| {
        format!("reference,amount,result,date\n{}\n", "x,".repeat(number)).into_bytes()
    }),
    ("a cell of lines without end", |number| {
        format!(
            "reference,amount,result,date\n\"{}\",1,paid,2024-09-05\n",
            "x\n".repeat(number)
        )
        .into_bytes()
    }),
    ("quotes that never close", |number| {
        format!("reference,amount,result,date\n{}", "\"\"\"".repeat(number)).into_bytes()
    }),
    ("an archive of parts", |number| {
        // Never more than a workbook may have.
        let parts: Vec<_> = (0..number / 16)
            .map(|part| (format!("xl/{part}.xml"), Vec::new()))
            .collect();
        archive(&parts)
    }),
    ("an archive of one part", |number| {
        archive(&[(
            "xl/sharedStrings.xml".to_owned(),
            "<si><t>x</t></si>".repeat(number).into_bytes(),
        )])
    }),
];

/// How often a reader asks its allocator for room, and for how many bytes.
fn asked(bytes: &[u8], options: &Options) -> (bool, [usize; 2]) {
    let region = Region::new(COUNTED);
    let report = black_box(read(black_box(bytes), options));
    let change = region.change();
    let times = change.allocations + change.reallocations;
    (report.is_ok(), [times, change.bytes_allocated])
}

/// The bytes that somebody asks for who keeps, for each line, all that was read before it.
fn copies(number: usize) -> usize {
    let region = Region::new(COUNTED);
    let mut kept: Vec<u64> = Vec::new();
    for _ in 0..number {
        kept.push(1);
        kept = black_box(kept.clone());
    }
    region.change().bytes_allocated
}

/// One test: what another asked for meanwhile would be counted too.
#[test]
fn four_times_the_input_is_four_times_the_work() {
    assert!(copies(4 * FEW) > MOST * copies(FEW), "the measure sees what it is for");
    let options = options();
    for (shapes, taken) in [(TAKEN, true), (HOSTILE, false)] {
        for (what, shape) in shapes {
            let grown: Vec<[usize; 2]> = [FEW, 4 * FEW, 16 * FEW]
                .map(|number| {
                    let (read, asked) = asked(&shape(number), &options);
                    assert!(read || !taken, "{what} of {number} is refused");
                    asked
                })
                .to_vec();
            for (before, after) in grown.iter().zip(grown.iter().skip(1)) {
                for (less, more) in before.iter().zip(after) {
                    assert!(*more <= MOST * *less, "{what}: {grown:?}");
                }
            }
        }
    }
}
