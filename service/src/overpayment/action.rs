//! Everything that can be done with a case: from which states, and by whom.

use entity::enums::CaseStatus;

use crate::actor::Permission;
use crate::code::Code;
use crate::error::{Error, ProblemCode};
use crate::vocabulary;

macro_rules! actions {
    ($($name:ident = $code:literal, $permission:ident, [$($from:ident),*];)+) => {
        /// A step on the road of a case.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Action { $($name,)+ }

        impl Action {
            /// Every action, in the order of the road.
            pub(super) const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its code in the history and in `allowed_actions`.
            pub(super) const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// Its name in the audit trail.
            pub(super) const fn audited(self) -> &'static str { match self { $(Self::$name => concat!("overpayment.", $code),)+ } }

            /// What it needs.
            pub(super) const fn permission(self) -> Permission { match self { $(Self::$name => Permission::$permission,)+ } }

            /// The states in which it is possible.
            pub(super) const fn from(self) -> &'static [CaseStatus] { match self { $(Self::$name => &[$(CaseStatus::$from),*],)+ } }
        }
    };
}

actions! {
    Classify = "classify", OverpaymentPrepare, [Detected, Classified];
    ServeNotice = "serve_notice", OverpaymentPrepare, [Classified];
    Hear = "hear", OverpaymentPrepare, [NoticeServed];
    Propose = "propose", OverpaymentPrepare, [Heard, Proposed];
    Decide = "decide", OverpaymentDecide, [Proposed];
    ServeDecision = "serve_decision", OverpaymentPrepare, [Decided];
    Appeal = "appeal", OverpaymentPrepare, [Decided, Enforceable, Recovering];
    ResolveAppeal = "resolve_appeal", OverpaymentDecide, [Appealed];
    MakeEnforceable = "make_enforceable", OverpaymentDecide, [Decided];
    Plan = "plan", OverpaymentPrepare, [Enforceable, Recovering];
    RecordRepayment = "record_repayment", OverpaymentPrepare, [Enforceable, Recovering];
    Settle = "settle", OverpaymentPrepare, [Enforceable, Recovering];
    Waive = "waive", OverpaymentDecide, [Decided, Enforceable, Recovering];
    WriteOff = "write_off", OverpaymentDecide, [Enforceable, Recovering];
}

impl Action {
    /// Does it post money that is paid back or given back?
    pub(super) const fn moves_money(self) -> bool {
        matches!(self, Self::RecordRepayment | Self::ResolveAppeal)
    }

    /// Refuses a case in another state. Money asked for before the decision stands has a code of its own.
    pub(super) fn expect(self, status: CaseStatus) -> Result<(), Error> {
        if self.from().contains(&status) {
            return Ok(());
        }
        let code = match self {
            Self::Plan | Self::RecordRepayment | Self::Settle => ProblemCode::NotEnforceable,
            _ => ProblemCode::IllegalTransition,
        };
        Err(Error::because(
            code,
            format!(
                "Hồ sơ chi thừa đang ở trạng thái “{}”",
                vocabulary::said("overpayment_case_status", &status)
            ),
            format!("the case is {}", status.code()),
        ))
    }
}
