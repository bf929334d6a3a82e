//! Answers to recalls.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.029.001.10\"><RsltnOfInvstgtn>";
    ansinh_fuzz::inside(head, bytes, "</RsltnOfInvstgtn></Document>");
});
