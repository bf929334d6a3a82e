//! Payment status reports.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ansinh_fuzz::report(bytes);
    let head = "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr>\
                <MsgId>B-1</MsgId><CreDtTm>2024-09-05T18:00:00+07:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>\
                <OrgnlMsgId>AS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>";
    ansinh_fuzz::inside(head, bytes, "</CstmrPmtStsRpt></Document>");
});
