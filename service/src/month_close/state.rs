//! The states of what is open that are those of no table, in words.

macro_rules! states {
    ($($name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// A state of what is open: which legs do not agree, what a bank moved otherwise, what a month lacks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum OpenState { $(#[doc = $en] $name,)+ }

        impl OpenState {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// In words, Vietnamese and English.
            pub const fn label(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

states! {
    LinesOrders = "lines_orders", "Danh sách chi và lệnh chi không khớp", "Lines and orders do not agree";
    OrdersFiles = "orders_files", "Lệnh chi và tệp chi không khớp", "Orders and files do not agree";
    OrdersAnswers = "orders_answers", "Lệnh chi và kết quả chi trả không khớp", "Orders and answers do not agree";
    OrdersBank = "orders_bank", "Lệnh chi và số tiền đã chuyển, đã chi không khớp", "Orders and what the bank moved do not agree";
    BankStatement = "bank_statement", "Báo nợ và sao kê của ngân hàng không khớp", "Notices and statements of the bank do not agree";
    ShortMoved = "short_moved", "Chuyển, chi thiếu hoặc hoàn thừa", "Moved too little, or given back too much";
    OverMoved = "over_moved", "Chuyển, chi thừa hoặc hoàn thiếu", "Moved too much, or given back too little";
    NoWholeRun = "no_whole_run", "Chưa có đợt chi cho toàn tỉnh", "No run for everybody";
    AllChannels = "all_channels", "Chưa có đợt chi nào", "No run at all";
    Unanswered = "unanswered", "Chưa có trả lời", "Not answered";
    LetterUnsent = "letter_unsent", "Chưa gửi công văn", "The letter has not left";
}

impl OpenState {
    /// The state of a code.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.code() == code)
    }
}
