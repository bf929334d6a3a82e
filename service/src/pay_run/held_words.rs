//! Why an amount that is due is in no list of payments, in words.

use domain::determination::open_reason;

use crate::error::Text;

/// What stands before the reason of a bank that sent an amount back.
const RETURNED: &str = "returned_";

/// The reason of what a person left out.
pub(super) const EXCLUDED: &str = HeldReason::Excluded.code();

macro_rules! held_reasons {
    ($($name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// Why the program or a person holds an amount. What the law leaves open has its own words, and a bank its codes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum HeldReason { $(#[doc = $en] $name,)+ }

        impl HeldReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// In words, Vietnamese and English.
            pub const fn label(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

held_reasons! {
    NoPayee = "no_payee_account", "chưa có tài khoản hoặc người nhận", "no account and nobody to receive it is named";
    NoHeir = "no_heir_account", "người hưởng đã mất, chưa có người nhận thay", "the person has died, and nobody is named to receive it";
    PersonDeceased = "reported_deceased", "ngân hàng báo người hưởng đã mất, chờ xác minh", "a bank says that the person has died: to be looked into";
    PayeeDeceased = "payee_reported_deceased", "ngân hàng báo người nhận thay đã mất, chờ đổi người nhận", "a bank says that the payee has died: another one is to be named";
    PayeeChanged = "payee_changed", "người nhận đã đổi sau khi đề nghị", "another payee was named after the request";
    NoFundYear = "no_fund_year", "nguồn kinh phí chưa mở cho năm của tháng truy lĩnh", "the fund is not open for the year of the month";
    Excluded = "excluded", "người lập danh sách để lại", "left out by whoever made the list";
    CalledDuplicate = "called_duplicate", "ngân hàng trả về vì cho là lệnh trùng, chờ hai người kết luận", "sent back as a duplicate: two people have to say what became of the first one";
    LineOpen = "line_open", "đã báo từ chối hoặc trả về nhưng lại báo đã chi, chờ hai người kết luận", "refused or come back, and told paid all the same: two people have to say what became of it";
    RecalledTwice = "recalled_dupl", "đã thu hồi vì gửi trùng, chỉ chi lại khi hai người hủy khoản trả lại", "recalled as sent twice: paid again only once two people cancel the return";
    RecalledFraud = "recalled_frad", "đã thu hồi vì gian lận, chỉ chi lại khi hai người hủy khoản trả lại", "recalled as a fraud: paid again only once two people cancel the return";
    DebitOpen = "batch_debit_open", "ngân hàng đã ghi nợ cả tệp, chờ rõ tiền của lệnh bị từ chối", "the whole file was debited: the refund of what was refused is waited for";
}

/// The code of what came back to an account that has not been changed since, with the reason of its bank.
pub(super) fn returned(reason: &str) -> String {
    format!("{RETURNED}{}", reason.to_lowercase())
}

/// Why an amount is held, in Vietnamese.
pub(crate) fn held_reason(code: &str) -> String {
    held_text(code).vi
}

/// The same in both languages.
pub(crate) fn held_text(code: &str) -> Text {
    if let Some(own) = HeldReason::ALL.iter().find(|own| own.code() == code) {
        let (vi, en) = own.label();
        return Text::new(vi, en);
    }
    if let Some(reason) = code.strip_prefix(RETURNED) {
        let reason = reason.to_uppercase();
        return Text::new(
            format!("ngân hàng trả về ({reason}), chờ sửa tài khoản"),
            format!("it came back ({reason}): the account is to be put right"),
        );
    }
    let (vi, en) = open_reason(code);
    Text::new(vi, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_is_told_by_its_code() {
        let of = |code: &str| held_text(code).vi;
        for own in HeldReason::ALL {
            assert_eq!(of(own.code()), own.label().0);
        }
        assert_eq!(of(&returned("AC04")), "ngân hàng trả về (AC04), chờ sửa tài khoản");
        assert_eq!(
            of("area_type_special_without_rule"),
            "đặc khu: chưa có quy định mức thành thị hay nông thôn"
        );
        assert_eq!(of("no_rule_found"), "chưa xác định được theo quy định");
    }
}
