//! Payment tables of banks as workbooks, as the simulated bank reads them: whole ones, and sound ones around a sheet and
//! shared texts of the fuzzer's.
#![no_main]

use std::sync::LazyLock;

use domain::bank::BankProfile;

static PROFILE: LazyLock<BankProfile> = LazyLock::new(|| ansinh_fuzz::profile("PGB"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::payment_table(bytes, &PROFILE);
    ansinh_fuzz::payment_table(&ansinh_fuzz::workbook("Danh sach", bytes), &PROFILE);
});
