//! What banks answered, and where orders stand.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank::BankProfiles;
use domain::bank_report::NamedLayout;
use domain::payment_order::{Event, State};
use entity::enums::{LineOutcome, OrderStatus, ProposalStatus, ReportFormat, ResolutionKind};
use entity::{bank_report, bank_report_line, payment_order, suspense_resolution};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::bank_report::told;
use crate::error::Error;
use crate::reconciliation::{as_read, orders_found_paid, state};
use crate::verify::Check;

/// A line, its report, what it came to and its status, its order, its format, and where the order stands.
type Row = (
    Uuid,
    Uuid,
    LineOutcome,
    String,
    Option<Uuid>,
    ReportFormat,
    Option<OrderStatus>,
);

/// Each line that was matched or returned is old news to its order: the order stands where the answer put it, or where
/// a later one did.
pub(super) async fn orders_stand_where_answers_say(app: &App) -> Result<Check, Error> {
    use bank_report_line::Column as L;
    let mut check = Check::new("bank reports: every matched line is explained by the state of its order");
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let order = bank_report_line::Entity::belongs_to(payment_order::Entity)
        .from(L::OrderId)
        .to(payment_order::Column::Id);
    let rows: Vec<Row> = bank_report_line::Entity::find()
        .select_only()
        .columns([L::Id, L::BankReportId, L::Outcome, L::StatusCode, L::OrderId])
        .column(bank_report::Column::Format)
        .column(payment_order::Column::Status)
        .join(JoinType::InnerJoin, report.into())
        .join(JoinType::LeftJoin, order.into())
        .filter(L::OrderId.is_not_null())
        .filter(L::Outcome.is_in([LineOutcome::Matched, LineOutcome::Returned]))
        // What people made of a line is what they say of it, and not what the bank does.
        .filter(as_read())
        // An answer to a recall says nothing of where the order stands.
        .filter(bank_report::Column::Format.ne(ReportFormat::Camt029))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let layouts = layouts(app).await?;
    let overruled = overruled(app).await?;
    for (line, report, outcome, code, id, format, order) in rows {
        let layout = layouts.get(&report);
        let event = told(format, &code, outcome, layout);
        let of_post = format == ReportFormat::PostResult || layout.is_some_and(|own| own.bank == BankProfiles::POST);
        let holds = match (order.map(state), event) {
            // Refused after the whole file was debited: the refund is the later news.
            (Some(State::Returned), Some(Event::Reject)) => true,
            // Stopped by letter, and not collected either.
            (Some(State::Rejected), Some(Event::Return)) if of_post => true,
            // Debited all the same, or once more after it came back, as two people found.
            (Some(State::Settled | State::Credited), Some(Event::Reject | Event::Return)) => {
                id.is_some_and(|order| overruled.contains(&order))
            }
            (Some(state), Some(event)) => state.advance(event) == Ok(state),
            _ => false,
        };
        check.look(holds, || {
            format!("line {line} says {code}, its order stands at {order:?}")
        });
    }
    Ok(check)
}

/// A line of which nobody could tell what it comes to waits for people, and has an end once they have looked at it.
pub(super) async fn lines_have_an_end(app: &App) -> Result<Check, Error> {
    use bank_report_line::Column as L;
    let mut check = Check::new("bank reports: no line is pending that waits for nobody");
    let nobody = Condition::any().add(L::Note.is_null()).add(L::ResolvedAt.is_not_null());
    let lines: Vec<(Uuid, String)> = bank_report_line::Entity::find()
        .select_only()
        .columns([L::Id, L::StatusCode])
        .filter(L::Outcome.eq(LineOutcome::Pending))
        .filter(nobody)
        .into_tuple()
        .all(app.db.read())
        .await?;
    check.look(lines.is_empty(), || {
        format!("lines without an end that nobody has to look at: {lines:?}")
    });
    Ok(check)
}

/// The orders of which two people decided that they are paid.
async fn overruled(app: &App) -> Result<BTreeSet<Uuid>, Error> {
    use suspense_resolution::Column as C;
    let paid = [
        ResolutionKind::AcceptedAsPaid,
        ResolutionKind::MatchedToOrder,
        ResolutionKind::AmountExplained,
    ];
    let orders: Vec<Uuid> = suspense_resolution::Entity::find()
        .select_only()
        .column(C::OrderId)
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .filter(C::Kind.is_in(paid))
        .filter(C::OrderId.is_not_null())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let with_their_file = orders_found_paid(app.db.read()).await?;
    Ok(orders.into_iter().chain(with_their_file).collect())
}

/// The layouts of the reports that are tables.
async fn layouts(app: &App) -> Result<BTreeMap<Uuid, NamedLayout>, Error> {
    let rows: Vec<(Uuid, Option<String>)> = bank_report::Entity::find()
        .select_only()
        .columns([bank_report::Column::Id, bank_report::Column::Layout])
        .filter(bank_report::Column::Layout.is_not_null())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut layouts = BTreeMap::new();
    for (id, text) in rows {
        if let Some(text) = text {
            layouts.insert(id, serde_json::from_str(&text)?);
        }
    }
    Ok(layouts)
}
