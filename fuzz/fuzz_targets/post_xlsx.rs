//! The cash list as the post office sends it back: whole workbooks, and sound ones around a sheet and shared texts of the
//! fuzzer's.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    ansinh_fuzz::report(&ansinh_fuzz::workbook("Danh sách", bytes));
});
