//! Lines that wait for people and say that our account was debited: as long as one waits, the money of its order may have
//! gone, and the order is not paid again.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank_report::NamedLayout;
use domain::payment_order::{Event, StatusMeaning, status_meaning};
use entity::enums::ReportFormat;
use entity::{bank_report, bank_report_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::error::Error;
use crate::reconciliation::load::IDS;

/// The word of the post office for money that was handed over.
const HANDED_OVER: &str = "paid";

/// Order, the bank's status and reason, what a person has to look at, the report and its format.
type Row = (Uuid, String, Option<String>, Option<String>, Uuid, ReportFormat);

/// Those of some orders of which an open line claims money.
pub(crate) async fn claimed(conn: &impl ConnectionTrait, orders: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
    use bank_report_line::Column as L;
    let mut rows: Vec<Row> = Vec::new();
    for chunk in orders.chunks(IDS) {
        let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
            .from(L::BankReportId)
            .to(bank_report::Column::Id);
        let own: Vec<Row> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::OrderId, L::StatusCode, L::ReasonCode, L::Note, L::BankReportId])
            .column(bank_report::Column::Format)
            .join(JoinType::InnerJoin, report.into())
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .filter(L::Note.is_not_null())
            .filter(L::ResolvedAt.is_null())
            .into_tuple()
            .all(conn)
            .await?;
        rows.extend(own);
    }
    let layouts = layouts(conn, &rows).await?;
    let claims = rows
        .into_iter()
        .filter(|row| claims(row, layouts.get(&row.4)))
        .map(|row| row.0);
    Ok(claims.collect())
}

/// Does the line say that money left our account? Of an entry nobody can say so where it gives the reason of a return;
/// a state that is told twice in a report is no news.
fn claims((_, status, reason, note, _, format): &Row, layout: Option<&NamedLayout>) -> bool {
    let finding = note.as_deref().and_then(Finding::from_code);
    let twice = finding == Some(Finding::DuplicateLine);
    match format {
        ReportFormat::Camt053 | ReportFormat::Camt054 => {
            let credit = matches!(finding, Some(Finding::UnexpectedCredit | Finding::ReturnedAgain));
            // What takes a return back may give the reason of that return.
            let again = matches!(finding, Some(Finding::DebitedAgain | Finding::DebitedTwice));
            status == "BOOK" && (again || (reason.is_none() && !credit))
        }
        ReportFormat::Pain002 => {
            !twice && matches!(status_meaning(status), StatusMeaning::Settled | StatusMeaning::Credited)
        }
        ReportFormat::PostResult => !twice && status == HANDED_OVER,
        ReportFormat::ResultTable => {
            let event = layout.and_then(|own| own.layout.event(status));
            !twice && matches!(event, Some(Event::Settle | Event::Credit))
        }
        ReportFormat::Camt029 => false,
    }
}

/// The layouts of the reports that are tables.
async fn layouts(conn: &impl ConnectionTrait, rows: &[Row]) -> Result<BTreeMap<Uuid, NamedLayout>, Error> {
    let tables = rows.iter().filter(|row| row.5 == ReportFormat::ResultTable);
    let tables: BTreeSet<Uuid> = tables.map(|row| row.4).collect();
    if tables.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found: Vec<(Uuid, Option<String>)> = bank_report::Entity::find()
        .select_only()
        .columns([bank_report::Column::Id, bank_report::Column::Layout])
        .filter(bank_report::Column::Id.is_in(tables))
        .into_tuple()
        .all(conn)
        .await?;
    let mut layouts = BTreeMap::new();
    for (id, text) in found {
        if let Some(text) = text {
            layouts.insert(id, serde_json::from_str(&text)?);
        }
    }
    Ok(layouts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_claims_money_by_what_it_says_and_not_by_what_it_contradicts() {
        use ReportFormat::{Camt029, Camt054, Pain002, PostResult};
        for (format, status, reason, finding, expected) in [
            (Camt054, "BOOK", None, Finding::LateAnswer, true),
            (Camt054, "BOOK", None, Finding::Partial, true),
            // Told twice in one report, it was debited twice.
            (Camt054, "BOOK", None, Finding::DuplicateLine, true),
            (Camt054, "BOOK", Some("AC04"), Finding::LateAnswer, false),
            (Camt054, "BOOK", None, Finding::UnexpectedCredit, false),
            (Camt054, "BOOK", None, Finding::DebitedAgain, true),
            (Camt054, "BOOK", Some("AC04"), Finding::DebitedAgain, true),
            (Camt054, "BOOK", None, Finding::DebitedTwice, true),
            (Camt054, "BOOK", None, Finding::ReturnedAgain, false),
            (Camt054, "PDNG", None, Finding::LateAnswer, false),
            (Pain002, "ACSC", None, Finding::LateAnswer, true),
            (Pain002, "ACCC", None, Finding::AmountDiffers, true),
            (Pain002, "ACCC", None, Finding::DuplicateLine, false),
            (Pain002, "RJCT", Some("AM04"), Finding::LateAnswer, false),
            (Pain002, "BLCK", None, Finding::Blocked, false),
            (PostResult, "paid", None, Finding::LateAnswer, true),
            (PostResult, "paid", None, Finding::CollectedAfterAll, true),
            (PostResult, "not_collected", None, Finding::NotCollectedAfterAll, false),
            (PostResult, "not_collected", None, Finding::LateAnswer, false),
            (Camt029, "ACCR", None, Finding::RecallUnknown, false),
        ] {
            let row = (
                Uuid::nil(),
                status.to_owned(),
                reason.map(str::to_owned),
                Some(finding.code().to_owned()),
                Uuid::nil(),
                format,
            );
            assert_eq!(claims(&row, None), expected, "{row:?}");
        }
    }
}
