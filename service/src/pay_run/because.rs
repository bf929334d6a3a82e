//! Why the house itself sent a run back to draft, as its maker is told and the audit trail keeps.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::pay_run::label;

/// What changed below a run that had not left the house.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Because<'r> {
    /// Somebody's right was determined anew.
    Reassessment,
    /// What is owed to people it makes up for is another amount by now, or nothing.
    OwedOtherwise,
    /// A case that it keeps back for went on, and leaves less for it to keep back, or nothing.
    OverpaymentCase(Uuid),
    /// Another run was released that pays what it would pay a second time.
    OtherRun(&'r entity::pay_run::Model),
    /// A finding of the registry is about somebody it pays.
    RegistryFinding,
    /// A bank debited what it had refused or sent back, or a whole file of it, and nobody can say yet what of it came back.
    BankDebit,
    /// Two people cancelled what it would pay again.
    ReturnCancellation,
    /// Somebody it pays has another payee, or another account.
    Payee,
    /// Somebody it pays has died.
    Death,
}

impl Because<'_> {
    /// As the audit trail names it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Reassessment => "reassessment",
            Self::OwedOtherwise => "owed otherwise",
            Self::OverpaymentCase(_) => "overpayment case",
            Self::OtherRun(_) => "another run of the month",
            Self::RegistryFinding => "registry finding",
            Self::BankDebit => "bank debit",
            Self::ReturnCancellation => "return cancellation",
            Self::Payee => "payee",
            Self::Death => "death",
        }
    }

    /// What it is about, for the audit trail.
    pub(super) fn about(self) -> Value {
        match self {
            Self::OverpaymentCase(case) => json!({"because": self.code(), "case": case}),
            Self::OtherRun(run) => json!({"because": self.code(), "pay_run": run.id}),
            _ => json!({"because": self.code()}),
        }
    }

    /// What the maker reads in the place of a reason: what happened, and what to do. It names no person.
    pub(super) fn told(self) -> String {
        let happened = match self {
            Self::Reassessment => "Quyền hưởng của người trong danh sách đã được xác định lại".to_owned(),
            Self::OwedOtherwise => {
                "Khoản truy lĩnh còn phải chi đã thay đổi so với danh sách, do một đợt khác đã được chi".to_owned()
            }
            Self::OverpaymentCase(case) => {
                format!("Hồ sơ chi thừa {case} đã thay đổi: số khấu trừ trong danh sách không còn đúng với số phải thu")
            }
            Self::OtherRun(run) => format!("Đợt chi trả {} đã chi khoản có trong danh sách này", label(run).vi),
            Self::RegistryFinding => "Có thông tin cần xác minh về người trong danh sách".to_owned(),
            Self::BankDebit => {
                "Ngân hàng, bưu điện báo đã chi khoản đã bị từ chối hoặc trả lại, chưa có kết luận".to_owned()
            }
            Self::ReturnCancellation => "Khoản bị trả lại mà danh sách chi lại đã được hủy".to_owned(),
            Self::Payee => "Người nhận hoặc tài khoản nhận của một người trong danh sách đã thay đổi".to_owned(),
            Self::Death => "Một người trong danh sách đã chết".to_owned(),
        };
        format!("{happened}; hãy lập lại danh sách rồi trình lại")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maker_reads_which_case_it_is_and_what_to_do() {
        let case = Uuid::from_u128(7);
        let because = Because::OverpaymentCase(case);
        assert!(because.told().contains(&case.to_string()));
        assert!(because.told().ends_with("hãy lập lại danh sách rồi trình lại"));
        assert_eq!(because.about()["case"], json!(case));
    }
}
