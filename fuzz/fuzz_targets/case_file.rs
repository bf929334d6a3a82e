//! Case files.
#![no_main]

use domain::case_file::CaseFile;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = CaseFile::parse(text);
});
