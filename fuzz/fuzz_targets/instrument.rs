//! Instruments.
#![no_main]

use domain::law::Instrument;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Instrument::from_json(text);
});
