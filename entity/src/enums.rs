//! Every enumeration of the tables: those that several tables share, and the others by their names.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

pub use crate::amount_difference::DifferenceStatus;
pub use crate::application::ApplicationStatus;
pub use crate::approval_act::Act;
pub use crate::approval_tier::TierSubject;
pub use crate::area::AreaLevel;
pub use crate::area::AreaType;
pub use crate::area_successor::Coverage;
pub use crate::arrears::ArrearsKind;
pub use crate::arrears::ArrearsStatus;
pub use crate::bank_report::ReportFormat;
pub use crate::bank_report::ReportStatus;
pub use crate::bank_report_line::LineOutcome;
pub use crate::bank_silence::SilenceOutcome;
pub use crate::batch_entry::BatchEntryKind;
pub use crate::calendar_day::CalendarDayKind;
pub use crate::client::ClientKind;
pub use crate::decision::DecisionOutcome;
pub use crate::delivery::{DeliveryChannel, DeliveryStatus};
pub use crate::determination_period::PeriodKind;
pub use crate::difference_settlement::SettlementKind;
pub use crate::enrollment::EnrollmentStatus;
pub use crate::evidence::EvidenceChange;
pub use crate::fund::FundSource;
pub use crate::fund_transfer::TransferKind;
pub use crate::fund_transfer::TransferStatus;
pub use crate::instrument::InstrumentStatus;
pub use crate::instrument::Issuer;
pub use crate::job::JobStatus;
pub use crate::job::Queue;
pub use crate::job_chunk::ChunkStatus;
pub use crate::job_run::JobRunStatus;
pub use crate::month_close::CloseStatus;
pub use crate::month_close_item::OpenKind;
pub use crate::month_close_order::Standing;
pub use crate::overpayment::OverpaymentStatus;
pub use crate::overpayment_appeal::AppealOutcome;
pub use crate::overpayment_case::CaseStatus;
pub use crate::overpayment_case::OverpaymentCause;
pub use crate::overpayment_deduction::DeductionStatus;
pub use crate::overpayment_recovery::RecoveryKind;
pub use crate::pay_run::Build;
pub use crate::pay_run::PayRunKind;
pub use crate::pay_run::PayRunStatus;
pub use crate::payee::PayeeRelation;
pub use crate::payee::PayeeStatus;
pub use crate::payment_file::FileKind;
pub use crate::payment_file::FileStatus;
pub use crate::payment_line::LineKind;
pub use crate::payment_line::LineStatus;
pub use crate::payment_order::OrderStatus;
pub use crate::person::Sex;
pub use crate::program::ProgramKind;
pub use crate::program::ProgramStatus;
pub use crate::reassessment_outcome::ReassessmentResult;
pub use crate::recall::RecallAnswer;
pub use crate::recall::RecallReason;
pub use crate::registry_finding::FindingKind;
pub use crate::registry_finding::FindingStatus;
pub use crate::relief_claim::ReliefClaimKind;
pub use crate::relief_claim::ReliefClaimStatus;
pub use crate::relief_event::ReliefEventKind;
pub use crate::relief_event::ReliefEventStatus;
pub use crate::relief_request::ReliefRequestStatus;
pub use crate::reminder::ReminderKind;
pub use crate::residence::Setting;
pub use crate::simulation::SimulationStatus;
pub use crate::suspense_resolution::ResolutionKind;
pub use crate::treasury_proposal::ReductionKind;
pub use crate::treasury_proposal::TreasuryKind;

/// How money reaches a payee.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// To a bank account.
    BankTransfer,
    /// Cash at a post office.
    PostCash,
}

/// The accounts every fund has; postings move money between them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FundAccount {
    /// Where the money comes from; the only balance that may be negative.
    Source,
    /// Free to be reserved.
    Available,
    /// Held for a submitted run.
    Reserved,
    /// Promised by an approved run.
    Committed,
    /// In files given to the treasury.
    InTransit,
    /// Credited to payees.
    Paid,
    /// Came back, waits for a new order.
    ToReissue,
    /// Moved too little by a bank, or given back too much: not the fund's to keep.
    ShortMoved,
    /// Moved too much by a bank, or given back too little: owed to the fund.
    OverMoved,
    /// What two people wrote off of either.
    WrittenOff,
}

/// The state of what one person proposes and another decides.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ProposalStatus {
    /// By the first person.
    Proposed,
    /// The second person agrees; it has its effect.
    Accepted,
    /// The second person does not.
    Refused,
    /// The first person took it back.
    Withdrawn,
}

#[cfg(test)]
mod tests {
    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    fn spelled_alike<E: ActiveEnum<Value = String> + Iterable + Serialize>() {
        for value in E::iter() {
            assert_eq!(
                serde_json::to_value(&value).unwrap(),
                serde_json::Value::String(value.to_value())
            );
        }
    }

    #[test]
    fn a_value_is_spelled_alike_in_tables_and_in_json() {
        macro_rules! each {
            ($($name:ident)*) => { $(spelled_alike::<$name>();)* };
        }
        each!(
            ApplicationStatus Act AreaLevel AreaType Coverage ArrearsKind ArrearsStatus ReportFormat
            ReportStatus LineOutcome ClientKind DecisionOutcome PeriodKind EnrollmentStatus EvidenceChange
            FundSource InstrumentStatus Issuer JobStatus Queue ChunkStatus JobRunStatus OverpaymentStatus AppealOutcome
            CaseStatus OverpaymentCause RecoveryKind Build
            PayRunKind PayRunStatus PayeeRelation PayeeStatus FileKind FileStatus LineKind LineStatus
            OrderStatus Sex ProgramKind ProgramStatus ReassessmentResult ReliefClaimKind ReliefClaimStatus
            ReliefEventKind ReliefEventStatus ReliefRequestStatus Setting SimulationStatus Channel FundAccount
            CloseStatus OpenKind Standing RecallAnswer RecallReason FindingKind FindingStatus ResolutionKind ProposalStatus
            DeliveryChannel DeliveryStatus
            TierSubject CalendarDayKind TransferKind TransferStatus TreasuryKind ReductionKind ReminderKind DifferenceStatus
            SettlementKind SilenceOutcome
        );
        assert_eq!(FileKind::Pain001.to_value(), "pain001");
        assert_eq!(PayeeRelation::Oneself.to_value(), "oneself");
    }
}
