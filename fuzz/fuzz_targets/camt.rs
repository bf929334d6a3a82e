//! Notifications and statements.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    for (message, root) in [
        ("camt.054.001.08", "BkToCstmrDbtCdtNtfctn"),
        ("camt.053.001.08", "BkToCstmrStmt"),
    ] {
        let head = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{message}\"><{root}><GrpHdr><MsgId>B-3</MsgId>\
             <CreDtTm>2024-09-06T18:00:00+07:00</CreDtTm></GrpHdr>"
        );
        ansinh_fuzz::inside(&head, bytes, &format!("</{root}></Document>"));
    }
});
