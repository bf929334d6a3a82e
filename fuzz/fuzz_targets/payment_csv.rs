//! Payment tables of banks as CSV, as the simulated bank reads them.
#![no_main]

use std::sync::LazyLock;

use domain::bank::BankProfile;

static PROFILE: LazyLock<BankProfile> = LazyLock::new(|| ansinh_fuzz::profile("KLB"));

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::payment_table(bytes, &PROFILE);
    let head = "STT;Mã lệnh;Tên người thụ hưởng;Số tài khoản;Ngân hàng thụ hưởng;Số tiền (VND);Nội dung\r\n";
    ansinh_fuzz::payment_table(&[head.as_bytes(), bytes].concat(), &PROFILE);
});
