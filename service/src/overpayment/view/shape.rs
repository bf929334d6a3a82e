//! Cases as the API shows them.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use entity::enums::{AppealOutcome, CaseStatus, DeductionStatus, OverpaymentCause, RecoveryKind};
use entity::{
    overpayment_appeal, overpayment_deduction, overpayment_event, overpayment_instalment, overpayment_month,
    overpayment_recovery,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A case, in short. All amounts in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseSummary {
    /// Its id.
    pub id: Uuid,
    /// Who was paid too much.
    pub person_id: Uuid,
    /// What brought it to light: `release:<number>` or `evidence:<revision>`.
    #[schema(example = "evidence:4")]
    pub event: String,
    /// Where it stands, of the set `overpayment_case_status` of the vocabulary.
    #[schema(value_type = String, example = "recovering")]
    pub status: CaseStatus,
    /// Why, once it is known, of the set `overpayment_cause` of the vocabulary.
    #[schema(value_type = Option<String>, example = "citizen_omission")]
    pub cause: Option<OverpaymentCause>,
    /// Paid too much, đồng.
    #[schema(example = 1_500_000)]
    pub detected: i64,
    /// To be paid back, đồng; none before the decision.
    #[schema(example = 600_000)]
    pub decided: Option<i64>,
    /// Paid back, đồng.
    #[schema(example = 100_000)]
    pub recovered: i64,
    /// Still to be paid back, đồng; nothing before the decision stands and after the end.
    #[schema(example = 500_000)]
    pub open: i64,
    /// The version for `If-Match`.
    pub version: i64,
    /// Detected at.
    pub created_at: DateTime<Utc>,
}

/// One month of a case, in đồng.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverpaymentMonthView {
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// The benefit, of the set `benefit` of the vocabulary.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// Component within the benefit: the day of birth of the person cared for, with a number (`/2`) where several were
    /// born on it; empty for one's own.
    #[schema(example = "")]
    pub component: String,
    /// The month.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// Paid too much, đồng.
    #[schema(example = 750_000)]
    pub detected: i64,
    /// Proposed to be paid back, đồng; none before a proposal.
    #[schema(example = 750_000)]
    pub proposed: Option<i64>,
    /// To be paid back, đồng; none before the decision.
    #[schema(example = 300_000)]
    pub decided: Option<i64>,
    /// Why this much.
    pub reason: Option<String>,
    /// Paid back, đồng.
    #[schema(example = 0)]
    pub recovered: i64,
}

/// A step in the life of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OverpaymentStepView {
    /// Its number; the version it made.
    pub sequence: i64,
    /// What was done.
    #[schema(example = "classify")]
    pub action: String,
    /// The state before.
    #[schema(value_type = Option<String>, example = "detected")]
    pub from: Option<CaseStatus>,
    /// The state after.
    #[schema(value_type = String, example = "classified")]
    pub to: CaseStatus,
    /// The reason or proof that was given.
    pub reason: Option<String>,
    /// Who.
    pub actor: String,
    /// What else was recorded; under `paper` what the notice or the decision told, as it is printed.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// An appeal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealView {
    /// Its id.
    pub id: Uuid,
    /// When it was filed.
    pub filed_on: NaiveDate,
    /// What the person says.
    pub grounds: String,
    /// What became of it; none while it is open.
    #[schema(value_type = Option<String>, example = "dismissed")]
    pub outcome: Option<AppealOutcome>,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// An instalment of the plan in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InstalmentView {
    /// When it is due.
    #[schema(example = "2025-01")]
    pub due_month: String,
    /// Đồng.
    pub amount: i64,
    /// What was paid of it, the oldest instalment first, đồng.
    pub paid: i64,
}

/// Money that moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryView {
    /// `repayment`, `refund` or `deduction`.
    #[schema(value_type = String, example = "repayment")]
    pub kind: RecoveryKind,
    /// The month it counts for.
    #[schema(example = "2024-09")]
    pub cover_month: String,
    /// Đồng; below 0 for a refund, and for a deduction that was undone.
    pub amount: i64,
    /// When.
    pub received_on: NaiveDate,
    /// The receipt, or the pay run.
    pub reference: String,
}

/// What a pay run keeps back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeductionView {
    /// The run.
    pub pay_run_id: Uuid,
    /// The line it is kept back from.
    pub line_id: Uuid,
    /// The case it pays back.
    pub case_id: Uuid,
    /// Đồng.
    #[schema(example = 180_000)]
    pub amount: i64,
    /// Draft, taken, settled or given back.
    #[schema(value_type = String, example = "taken")]
    pub status: DeductionStatus,
}

/// A case with everything about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// The case.
    #[serde(flatten)]
    pub summary: CaseSummary,
    /// When the notice was delivered.
    pub notice_delivered_on: Option<NaiveDate>,
    /// Until when the person may answer.
    pub response_due: Option<NaiveDate>,
    /// What the person said.
    pub statement: Option<String>,
    /// Who proposed.
    pub proposed_by: Option<Uuid>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// The digest of the decision, which signatures bind to.
    pub digest: Option<String>,
    /// When the decision was delivered.
    pub decision_delivered_on: Option<NaiveDate>,
    /// Until when it may be appealed before it is enforceable.
    pub appeal_until: Option<NaiveDate>,
    /// Its months.
    pub months: Vec<OverpaymentMonthView>,
    /// The plan in force.
    pub instalments: Vec<InstalmentView>,
    /// Money that moved.
    pub recoveries: Vec<RecoveryView>,
    /// What pay runs keep back.
    pub deductions: Vec<DeductionView>,
    /// Appeals.
    pub appeals: Vec<AppealView>,
    /// Everything that happened.
    pub history: Vec<OverpaymentStepView>,
    /// The papers that can be printed now: the last parts of their paths below the case.
    #[schema(example = json!(["notice.pdf", "decision.pdf"]))]
    pub papers: Vec<String>,
    /// What the caller may do now. Each is a POST on the path of the case with the same name, spelt with hyphens:
    /// `record_repayment` is `/v1/overpayments/{id}/record-repayment`.
    #[schema(example = json!(["plan", "record_repayment"]))]
    pub allowed_actions: Vec<String>,
}

/// `202409` as `2024-09`.
fn spelled(month: i32) -> String {
    Month::from_yyyymm(month).map_or_else(|_| month.to_string(), |month| month.to_string())
}

pub(super) fn month_view(row: overpayment_month::Model, benefit: String) -> OverpaymentMonthView {
    OverpaymentMonthView {
        entitlement_id: row.entitlement_id,
        benefit,
        component: row.component,
        cover_month: spelled(row.cover_month),
        detected: row.detected,
        proposed: row.proposed,
        decided: row.decided,
        reason: row.reason,
        recovered: row.recovered,
    }
}

pub(super) fn instalments_view(rows: Vec<overpayment_instalment::Model>, mut since_plan: i64) -> Vec<InstalmentView> {
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let paid = row.amount.min(since_plan).max(0);
        since_plan -= paid;
        views.push(InstalmentView {
            due_month: spelled(row.due_month),
            amount: row.amount,
            paid,
        });
    }
    views
}

pub(super) fn recovery_view(row: overpayment_recovery::Model) -> RecoveryView {
    RecoveryView {
        kind: row.kind,
        cover_month: spelled(row.cover_month),
        amount: row.amount,
        received_on: row.received_on,
        reference: row.reference,
    }
}

pub(super) fn appeal_view(row: overpayment_appeal::Model) -> AppealView {
    AppealView {
        id: row.id,
        filed_on: row.filed_on,
        grounds: row.grounds,
        outcome: row.outcome,
        reason: row.reason,
        resolved_at: row.resolved_at,
    }
}

pub(super) fn event_view(row: overpayment_event::Model) -> OverpaymentStepView {
    OverpaymentStepView {
        sequence: row.sequence,
        action: row.action,
        from: row.from_status,
        to: row.to_status,
        reason: row.reason,
        actor: row.actor,
        detail: row.detail,
        at: row.at,
    }
}

pub(super) fn deduction_view(row: overpayment_deduction::Model) -> DeductionView {
    DeductionView {
        pay_run_id: row.pay_run_id,
        line_id: row.line_id,
        case_id: row.case_id,
        amount: row.amount,
        status: row.status,
    }
}
