//! Manifests, as whoever receives a file reads them: what is read is written the same again.
#![no_main]

use domain::payment_file::Manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::read(bytes) {
        let written = manifest.to_json().expect("what was read is written");
        assert_eq!(Manifest::read(written.as_bytes()).ok(), Some(manifest.clone()));
        let _ = manifest.signed_bytes();
    }
});
