//! Why a person has to look at a line of a report.

use crate::error::Text;

macro_rules! findings {
    ($($name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// Why a person has to look at a line.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Finding { $(#[doc = $en] $name,)+ }

        impl Finding {
            /// Every finding.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// In words.
            pub fn text(self) -> Text { match self { $(Self::$name => Text::new($vi, $en),)+ } }
        }
    };
}

findings! {
    UnknownReference = "unknown_reference", "Không có lệnh chi nào mang mã này", "No order has this reference";
    ReferenceMissing = "reference_missing", "Dòng không có mã lệnh chi", "The line names no order";
    ReferenceConflict = "reference_conflict", "UETR và mã tham chiếu chỉ hai lệnh chi khác nhau", "UETR and reference name different orders";
    BatchUnknown = "batch_unknown", "Không có tệp chi nào mang mã lô này", "No payment file has this batch";
    AmountDiffers = "amount_differs", "Số tiền khác với lệnh chi", "The amount is not that of the order";
    AmountMissing = "amount_missing", "Dòng ghi tiền đã chuyển nhưng không có số tiền", "Money moved, and the line does not say how much";
    AmountUnreadable = "amount_unreadable", "Số tiền không phải số đồng nguyên", "The amount is not a whole number of đồng";
    Partial = "partial", "Chỉ một phần số tiền đã chuyển", "A part of the amount moved";
    DuplicateLine = "duplicate_line", "Dòng lặp lại, hoặc cả tệp bị ghi nợ lần thứ hai", "It is told twice, or the whole file was debited a second time";
    DuplicateReason = "duplicate_reason", "Ngân hàng từ chối hoặc trả về vì cho là lệnh trùng; hãy tìm lệnh đầu tiên, không gửi lại", "The bank refuses it or sends it back as a duplicate: look for the first one, do not send it again";
    LateAnswer = "late_answer", "Trái với điều ngân hàng đã báo trước đó", "It contradicts what the bank said before";
    DebitedAgain = "debited_again", "Lệnh chi đã hoàn trả, dù báo có đã đến hay chưa, nay lại bị ghi nợ; không chi lại cho đến khi có người xem xét", "The order came back, told already or not, and is debited again: it is not paid again before people have looked";
    DebitedTwice = "debited_twice", "Một báo cáo ghi nợ lệnh chi này nhiều lần, bằng các bút toán riêng; cần xem xét lần ghi nợ thêm", "One report debits the order more than once, by entries of their own: people look at the further debit";
    ReturnedAgain = "returned_again", "Tiền của lệnh chi được hoàn trả nhiều lần hơn số lần bị ghi nợ", "The money of the order came back more often than it was debited";
    CollectedAfterAll = "collected_after_all", "Bưu điện đã báo chưa nhận hoặc trả lại, nay lại báo đã trả; không chi lại cho đến khi có người xem xét", "The post office said that it was not collected, and says now that it was handed over: it is not paid again before people have looked";
    NotCollectedAfterAll = "not_collected_after_all", "Bưu điện đã báo trả, nay lại báo chưa nhận hoặc trả lại; lệnh giữ nguyên cho đến khi có người xem xét", "The post office said that it was handed over, and says now that it was not collected: the order stays as it is before people have looked";
    NotSent = "not_sent", "Lệnh chi chưa ra khỏi đơn vị", "The order has not left the house";
    Blocked = "blocked", "Ngân hàng đang giữ lệnh chi", "The bank holds the order";
    UnknownStatus = "unknown_status", "Trạng thái không rõ nghĩa", "The status has no known meaning";
    UnexpectedCredit = "unexpected_credit", "Tiền vào không phải tiền trả lại", "Money came in that is no return";
    LineFaulty = "line_faulty", "Dòng có trường không đọc được", "A field of the line can't be read";
    AccountDiffers = "account_differs", "Số tài khoản khác với lệnh chi", "The account is not that of the order";
    AmbiguousAccount = "ambiguous_account", "Dòng không có mã lệnh chi, và không chỉ một lệnh có tài khoản và số tiền này", "The line names no order, and not just one has this account and amount";
    PersonDeceased = "person_deceased", "Ngân hàng báo chủ tài khoản đã mất; cần xác minh", "The bank says the account holder has died: to be verified";
    BatchDiffers = "batch_differs", "Số ghi nợ cả lô khác với tổng các lệnh ngân hàng đã nhận", "The debit over the file is not the sum of the orders the bank took";
    BatchRefundDue = "batch_refund_due", "Ngân hàng đã ghi nợ cả tệp và chưa hoàn lại tiền của các lệnh bị từ chối", "The whole file is debited, and the refund of the refused orders is missing";
    BatchRefund = "batch_refund", "Tiền hoàn cho cả lô chưa khớp với ghi nợ và các lệnh bị từ chối", "Money came back over the file, and debit and refusals do not explain it yet";
    FileReturnedAgain = "file_returned_again", "Có thể là lần hoàn cả tệp đã báo trước đó, hoặc một lần hoàn khác; chưa tính cho đến khi có người xem xét", "It may tell an earlier return of the file again, or be another one: it counts for nothing before people have looked";
    RecallUnknown = "recall_unknown", "Trả lời cho một đề nghị thu hồi mà đơn vị không gửi", "It answers a recall that was never sent";
    PaidBack = "paid_back", "Ngân hàng trả lại khoản mà người hưởng đã hoàn trả; cần hoàn lại một trong hai", "The bank returns what the person had paid back already: one of the two is to be given back";
    FileUnknown = "file_unknown", "Ngân hàng nói về một tệp hoặc lô mà đơn vị không gửi", "The bank speaks of a file or batch that was never sent";
    FileConflict = "file_conflict", "Mã thông điệp và mã lô chỉ hai tệp chi khác nhau", "Message and batch name different files";
    FileDiffers = "file_differs", "Số lệnh hoặc tổng tiền ngân hàng nhắc lại khác với tệp đã gửi; chưa áp dụng cho lệnh nào", "The number of orders or their sum is not that of the file that was sent: it was applied to no order";
    FileContradicts = "file_contradicts", "Trái với điều đã biết về các lệnh của tệp; những lệnh đó giữ nguyên", "It contradicts what is known of orders of the file, which stay as they are";
    BankReferenceUnclear = "bank_reference_unclear", "Dòng không có mã lệnh chi, và số tham chiếu của ngân hàng cùng số tiền không chỉ đúng một lệnh", "The line names no order, and the bank's reference with the amount tells not just one";
    BankDiffers = "bank_differs", "Báo cáo của một ngân hàng nói về lệnh chi của ngân hàng khác", "The report of one bank speaks of an order of another";
    EntryDiffers = "entry_differs", "Bút toán khác tổng các giao dịch của nó; đây là phần chênh lệch", "The entry is not the sum of its transactions: this is the rest of it";
}

impl Finding {
    /// The finding of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.code() == code)
    }
}
