//! Requests to recall an order, as the simulated bank reads them.
#![no_main]

use domain::bank_simulator::RecallRequest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = RecallRequest::read(bytes);
});
