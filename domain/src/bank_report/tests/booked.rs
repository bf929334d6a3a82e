//! What a bank booked: how much, in which direction, and whether its transactions are all of it.

use super::*;

const BOOKED: &str = "<Sts><Cd>BOOK</Cd></Sts>";

fn amount(dong: &str) -> String {
    format!("<Amt Ccy=\"VND\">{dong}</Amt>")
}

/// An entry over some transactions.
fn entry(dong: &str, direction: &str, inside: &str) -> String {
    let direction = match direction {
        "" => String::new(),
        direction => format!("<CdtDbtInd>{direction}</CdtDbtInd>"),
    };
    format!(
        "<Ntry>{}{direction}{BOOKED}<AcctSvcrRef>FT9</AcctSvcrRef><NtryDtls>{inside}</NtryDtls></Ntry>",
        amount(dong)
    )
}

/// A transaction of an order.
fn details(reference: &str, inside: &str) -> String {
    format!("<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>{inside}</TxDtls>")
}

fn of(reference: &str, dong: &str) -> String {
    details(reference, &amount(dong))
}

/// The same entries as a notification and as a statement.
fn both(entries: &str) -> [Vec<ReportLine>; 2] {
    let roots = [
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054.001.08"),
        ("BkToCstmrStmt", "Stmt", "camt.053.001.04"),
    ];
    roots.map(|(root, part, name)| {
        let text = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{name}\"><{root}><{part}>{entries}</{part}></{root}></Document>"
        );
        read_text(&text).unwrap().lines
    })
}

/// Kind, đồng and fault of each line.
type Lines = Vec<(LineKind, Option<i64>, Option<LineFault>)>;

fn lines(entries: &str) -> Lines {
    let [notified, stated] = both(entries).map(|lines| {
        let all = lines.iter().zip(1..);
        let all = all.map(|(line, place)| {
            assert_eq!(line.position, place);
            (line.kind, line.amount.map(Vnd::dong), line.fault)
        });
        all.collect::<Lines>()
    });
    assert_eq!(notified, stated);
    notified
}

/// What was ordered, beside what moved.
fn ordered(dong: &str, moved: &str) -> String {
    format!("<AmtDtls><InstdAmt>{}</InstdAmt>{moved}</AmtDtls>", amount(dong))
}

#[test]
fn what_was_booked_counts_and_not_what_was_ordered() {
    let moved = |dong: &str| format!("<TxAmt>{}</TxAmt>", amount(dong));
    for (direction, more, kind) in [
        ("CRDT", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", LineKind::Return),
        ("DBIT", "", LineKind::Debit),
    ] {
        for inside in [
            ordered("500000", &moved("495000")),
            amount("495000") + &ordered("500000", ""),
            amount("495000") + &ordered("500000", &moved("500000")),
            // Alone in its entry, and silent on what moved: that is what the entry says.
            ordered("500000", ""),
            String::new(),
        ] {
            let text = entry("495000", direction, &details("AS-1", &(inside + more)));
            assert_eq!(lines(&text), [(kind, Some(495_000), None)], "{text}");
        }
    }
    // Among others there is nothing else to go by.
    let two = details("AS-1", &ordered("500000", "")) + &details("AS-2", &ordered("250000", ""));
    assert_eq!(
        lines(&entry("750000", "DBIT", &two)),
        [
            (LineKind::Debit, Some(500_000), None),
            (LineKind::Debit, Some(250_000), None)
        ]
    );
    // What was ordered in another currency says nothing of what was booked.
    let foreign = "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">20</Amt></InstdAmt></AmtDtls>";
    let text = entry("495000", "DBIT", &details("AS-1", &(amount("495000") + foreign)));
    assert_eq!(lines(&text), [(LineKind::Debit, Some(495_000), None)]);
}

#[test]
fn a_direction_that_is_none_of_the_standard_is_a_fault_and_moves_nothing() {
    let fault = Some(LineFault::Direction);
    for direction in ["", "XXXX", "dbit", "CREDIT"] {
        for (inside, kind) in [
            (of("AS-1", "500000"), LineKind::Debit),
            (details("AS-1", ""), LineKind::Debit),
            (
                details("AS-1", "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),
                LineKind::Return,
            ),
            (details("AS-1", "<CdtDbtInd>DBIT</CdtDbtInd>"), LineKind::Debit),
            ("<Btch><PmtInfId>P</PmtInfId></Btch>".to_owned(), LineKind::BatchDebit),
        ] {
            let text = entry("500000", direction, &inside);
            assert_eq!(lines(&text), [(kind, Some(500_000), fault)], "{text}");
            assert!(both(&text).iter().all(|lines| lines[0].event().is_none()));
        }
    }
    // A transaction that says something else than its entry has to be one of the two as well.
    let text = entry(
        "500000",
        "DBIT",
        &details("AS-1", &(amount("500000") + "<CdtDbtInd>YES</CdtDbtInd>")),
    );
    assert_eq!(lines(&text), [(LineKind::Debit, Some(500_000), fault)]);
}

#[test]
fn what_an_entry_moved_beside_its_transactions_is_a_line_of_its_own_at_the_end() {
    let rest = Some(LineFault::EntryDiffers);
    let two = of("AS-1", "600000") + &of("AS-2", "300000");
    for (moved, direction, kind, dong) in [
        ("1000000", "DBIT", LineKind::Debit, 100_000),
        ("850000", "DBIT", LineKind::Credit, 50_000),
        ("1000000.00", "CRDT", LineKind::Credit, 100_000),
        ("850000", "CRDT", LineKind::Debit, 50_000),
    ] {
        let own = if direction == "DBIT" {
            LineKind::Debit
        } else {
            LineKind::Credit
        };
        // A sound entry follows: no line of it loses its place.
        let text = entry(moved, direction, &two) + &entry("1", "DBIT", &of("AS-3", "1"));
        assert_eq!(
            lines(&text),
            [
                (own, Some(600_000), None),
                (own, Some(300_000), None),
                (LineKind::Debit, Some(1), None),
                (kind, Some(dong), rest),
            ],
            "{text}"
        );
        let [notified, _] = both(&text);
        let last = &notified[3];
        assert_eq!(
            (
                last.event(),
                &last.reference,
                &last.batch,
                last.bank_reference.as_deref()
            ),
            (None, &None, &None, Some("FT9"))
        );
    }
    // One transaction is held against its entry as well: here a fee was taken with it.
    assert_eq!(
        lines(&entry("505000", "DBIT", &of("AS-1", "500000"))),
        [
            (LineKind::Debit, Some(500_000), None),
            (LineKind::Debit, Some(5_000), rest)
        ]
    );
    // Nothing agrees with an amount that can't be read.
    for moved in ["1.000.000", "900000.5", ""] {
        let own = lines(&entry(moved, "DBIT", &two));
        assert_eq!(own[2..], [(LineKind::Debit, None, rest)], "{moved}");
    }
}

#[test]
fn an_entry_that_agrees_or_has_not_moved_or_waits_anyhow_has_no_further_line() {
    let two = of("AS-1", "600000") + &of("AS-2", "300000");
    assert_eq!(lines(&entry("900000", "DBIT", &two)).len(), 2);
    // What comes back inside a debit is less of it.
    let back = details("AS-2", &(amount("300000") + "<CdtDbtInd>CRDT</CdtDbtInd>"));
    assert_eq!(
        lines(&entry("300000", "DBIT", &(of("AS-1", "600000") + &back))).len(),
        2
    );
    for status in ["PDNG", "INFO"] {
        let pending = entry("1000000", "DBIT", &two).replace("BOOK", status);
        assert_eq!(lines(&pending).len(), 2, "{status}");
    }
    let silent = of("AS-1", "600000") + &details("AS-2", "");
    assert_eq!(
        lines(&entry("1000000", "DBIT", &silent)),
        [(LineKind::Debit, Some(600_000), None), (LineKind::Debit, None, None)]
    );
    let foreign = details("AS-2", "<Amt Ccy=\"USD\">12</Amt>");
    let told = lines(&entry("1000000", "DBIT", &(of("AS-1", "600000") + &foreign)));
    assert_eq!(told[1..], [(LineKind::Debit, None, Some(LineFault::Currency))]);
    // Sums beyond any amount are no reason to fall.
    let most = Vnd::MAX.dong().to_string();
    let many: String = (0..3_000).map(|number| of(&format!("AS-{number}"), &most)).collect();
    let told = lines(&entry("1", "CRDT", &many));
    assert_eq!(
        told.last(),
        Some(&(LineKind::Debit, None, Some(LineFault::EntryDiffers)))
    );
}

#[test]
fn rests_count_among_the_lines_a_report_may_have() {
    let text = format!(
        "<Document><BkToCstmrStmt><Stmt>{}</Stmt></BkToCstmrStmt></Document>",
        entry("2", "DBIT", &of("AS-1", "1"))
    );
    let most = |max_lines| Options {
        max_lines,
        ..Options::default()
    };
    assert_eq!(read(text.as_bytes(), &most(2)).unwrap().header.lines, 2);
    assert_eq!(
        read(text.as_bytes(), &most(1)).unwrap_err().refusal,
        Refusal::TooManyLines
    );
}

#[test]
fn only_a_reference_of_the_bank_tells_one_entry_from_another() {
    for (told, expected) in [
        ("<AcctSvcrRef>FT9</AcctSvcrRef>", Some("FT9")),
        ("<NtryRef>1</NtryRef>", None),
        ("<NtryRef>1</NtryRef><AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>", None),
        ("<AcctSvcrRef>NONREF</AcctSvcrRef>", None),
    ] {
        let of_batch = "<Btch><PmtInfId>B1</PmtInfId></Btch>";
        for inside in [of_batch.to_owned(), of("AS-1", "900000")] {
            let entry = entry("900000", "DBIT", &inside).replace("<AcctSvcrRef>FT9</AcctSvcrRef>", told);
            for lines in both(&entry) {
                assert_eq!(lines[0].bank_reference.as_deref(), expected, "{entry}");
            }
        }
    }
}

#[test]
fn an_entry_says_whether_it_takes_another_one_back() {
    for (direction, mark, kind, reversal) in [
        ("DBIT", "true", LineKind::Debit, true),
        ("DBIT", "1", LineKind::Debit, true),
        ("DBIT", "false", LineKind::Debit, false),
        ("CRDT", "true", LineKind::Return, true),
        ("CRDT", "0", LineKind::Credit, false),
    ] {
        let text = entry("500000", direction, &of("AS-1", "500000"));
        let text = text.replace("</CdtDbtInd>", &format!("</CdtDbtInd><RvslInd>{mark}</RvslInd>"));
        for lines in both(&text) {
            let told: Vec<_> = lines.iter().map(|line| (line.kind, line.reversal)).collect();
            assert_eq!(told, [(kind, reversal)], "{text}");
        }
    }
}
