//! Results of the post office.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    ansinh_fuzz::inside("reference,amount,result,date,reason\n", bytes, "\n");
});
