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
    Absent = "absent", "Ở nơi nhận không có tệp; có thể gửi lại đúng tệp này", "It is not at the target; the same file may be sent again";
    WrongAcknowledgement = "wrong_acknowledgement", "Mã băm trong tệp xác nhận không phải của tệp đã gửi", "The acknowledgement holds another hash than that of the file that was sent";
}

impl DeliveryProblem {
    /// The problem of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|problem| problem.code() == code)
    }
}
