//! What a receiver writes beside a file: a hash is read as its sixty-four digits, or nothing is.
#![no_main]

use domain::payment_file::acknowledged_hash;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(hash) = acknowledged_hash(bytes) {
        assert_eq!(hash.len(), 64);
        assert_eq!(acknowledged_hash(hash.as_bytes()), Some(hash));
    }
});
