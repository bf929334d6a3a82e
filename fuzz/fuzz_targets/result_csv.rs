//! Result tables of banks as CSV.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    let head = "\u{feff}Mã lệnh;Số tài khoản;Số tiền (VND);Trạng thái;Lý do;Số giao dịch\n";
    ansinh_fuzz::inside(head, bytes, "\n");
});
