//! What can go wrong with a delivery.

use crate::error::Text;

macro_rules! problems {
    ($($name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// What went wrong with a delivery.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum DeliveryProblem { $(#[doc = $en] $name,)+ }

        impl DeliveryProblem {
            /// Every problem.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// In words.
            pub fn text(self) -> Text { match self { $(Self::$name => Text::new($vi, $en),)+ } }
        }
    };
}

problems! {
    Unreachable = "unreachable", "Chưa tới được nơi nhận; chưa byte nào được gửi đi", "The target can't be reached; not a byte has left";
    OtherBytes = "other_bytes", "Ở nơi nhận đã có tệp cùng tên với nội dung khác; không ghi đè", "Another content lies at the target under this name; it is not overwritten";
    OutcomeUnknown = "outcome_unknown", "Không rõ tệp đã tới nơi hay chưa; hãy kiểm tra, không gửi lại bằng mã khác", "Nobody knows whether it arrived: look at the target, never send it under a new id";
    Absent = "absent", "Ở nơi nhận không có tệp: tệp chưa từng tới, hoặc đã được lấy đi; hãy hỏi bên nhận trước khi gửi lại đúng tệp này", "It is not at the target: it never came, or was taken; ask the receiver before sending the same file again";
    WrongAcknowledgement = "wrong_acknowledgement", "Mã băm trong tệp xác nhận không phải của tệp đã gửi", "The acknowledgement holds another hash than that of the file that was sent";
    Unreadable = "unreadable", "Không đọc được nội dung đã lập của tệp; chưa byte nào được gửi đi", "The bytes that the file was built with can't be read; not one has left";
    NotSigned = "not_signed", "Không ký được bản kê khai của tệp; chưa byte nào được gửi đi", "The manifest can't be signed; not a byte has left";
    Withdrawn = "withdrawn", "Tệp đã được rút vì một lệnh chi trong tệp được chi lại bằng lệnh khác; chưa byte nào được gửi đi", "The file was withdrawn, since an order in it is paid again by another; not a byte has left";
    Answered = "answered", "Đã có kết quả của lệnh chi trong tệp: nơi nhận đã có tệp; chưa byte nào được gửi đi", "An order of the file was answered: its receiver has it; not a byte has left";
}

impl DeliveryProblem {
    /// The problem of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|problem| problem.code() == code)
    }
}
