//! Result tables of banks as workbooks; the corpus should begin with a real one.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::inside("PK\u{3}\u{4}", bytes, "");
    ansinh_fuzz::report(bytes);
});
