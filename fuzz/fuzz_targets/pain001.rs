//! Payment messages, as the simulated bank reads them.
#![no_main]

use domain::bank_simulator::BankFile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = BankFile::read(bytes) {
        ansinh_fuzz::distinct(&file);
    }
});
