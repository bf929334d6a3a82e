//! The cash list as the simulated post office reads it: whole workbooks, and sound ones around a sheet and shared texts of
//! the fuzzer's.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::cash_list(bytes);
    ansinh_fuzz::cash_list(&ansinh_fuzz::workbook("Danh sách", bytes));
});
