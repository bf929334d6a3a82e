//! Result tables of banks as workbooks: whole ones, and sound ones around a sheet and shared texts of the fuzzer's.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    ansinh_fuzz::report(&ansinh_fuzz::workbook("data", bytes));
});
