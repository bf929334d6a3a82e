//! Tables in windows-1258, where any bytes are some text: the decoder alone, results of a bank, and payment tables as the
//! simulated bank reads them. UTF-16 is tried with the same bytes.
#![no_main]

use std::sync::LazyLock;

use domain::bank::{BankProfile, Encoding};

const OWN: Encoding = Encoding::Windows1258;

static PROFILE: LazyLock<BankProfile> = LazyLock::new(|| ansinh_fuzz::profile_in(OWN, "KLB"));
static RESULT: LazyLock<Vec<u8>> =
    LazyLock::new(|| head("Mã lệnh;Số tài khoản;Số tiền (VND);Trạng thái;Lý do;Số giao dịch\n"));
static PAYMENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    head("STT;Mã lệnh;Tên người thụ hưởng;Số tài khoản;Ngân hàng thụ hưởng;Số tiền (VND);Nội dung\r\n")
});

fn head(text: &str) -> Vec<u8> {
    OWN.write(text).expect("every letter of Vietnamese")
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for encoding in [OWN, Encoding::Utf16Le] {
        ansinh_fuzz::decoded(encoding, bytes);
        ansinh_fuzz::report_in(encoding, bytes);
    }
    ansinh_fuzz::report_in(OWN, &[RESULT.as_slice(), bytes].concat());
    ansinh_fuzz::payment_table(bytes, &PROFILE);
    ansinh_fuzz::payment_table(&[PAYMENT.as_slice(), bytes].concat(), &PROFILE);
});
