//! What banks and the post office answer: received once, kept as it came, read whole or refused whole.
//!
//! What an answer does to orders and money is [`crate::reconciliation`].

mod content;
mod files;
mod finding;
mod outcomes;
mod refused;
mod terms;
mod tolerated;
mod two_banks;
mod upload;
mod view;

pub use domain::bank::ReadingMode;
pub use files::ReportFileView;
pub use finding::Finding;
pub use outcomes::outcomes;
pub use tolerated::SchemaFaultView;
pub use upload::{Reading, upload, upload_as};
pub use view::{BankReportView, ReportLineView, get, lines, list};

pub(crate) use content::received;
pub(crate) use files::files_of_lines;
pub(crate) use terms::current_code;
pub(crate) use two_banks::name as name_banks;
pub(crate) use upload::read_again;
pub(crate) use view::{line_view, visible};

use domain::bank_report::NamedLayout;
use domain::payment_order::{Event, status_meaning};
use entity::enums::{LineOutcome, ReportFormat};
use uuid::Uuid;

/// The subject of a report in the audit trail, and the name of its steps.
pub(crate) fn subject(id: Uuid) -> String {
    format!("bank_report:{}", id.simple())
}

/// The subject of a line in the audit trail, and its name in the history of an order.
pub(crate) fn line_subject(id: Uuid) -> String {
    format!("bank_report_line:{}", id.simple())
}

/// What a reconciled line said about its order, from what is stored of it; none where it said nothing.
pub(crate) fn told(
    format: ReportFormat,
    status: &str,
    outcome: LineOutcome,
    layout: Option<&NamedLayout>,
) -> Option<Event> {
    match (outcome, format) {
        (LineOutcome::Returned, _) => Some(Event::Return),
        (LineOutcome::Matched, ReportFormat::Pain002) => status_meaning(status).event(),
        (LineOutcome::Matched, ReportFormat::Camt053 | ReportFormat::Camt054) if status == "BOOK" => {
            Some(Event::Settle)
        }
        (LineOutcome::Matched, ReportFormat::Camt053 | ReportFormat::Camt054) => Some(Event::Accept),
        (LineOutcome::Matched, ReportFormat::PostResult) => Some(Event::Credit),
        // The word means what the layout of the report says.
        (LineOutcome::Matched, ReportFormat::ResultTable) => layout?.layout.event(status),
        _ => None,
    }
}
