//! Payment status reports.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>";
    ansinh_fuzz::inside(head, bytes, "</CstmrPmtStsRpt></Document>");
});
