//! What two people decided of lines, returns, recalls, bank profiles, silences and reports.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::{
    BatchEntryKind, LineOutcome, LineStatus, OrderStatus, ProposalStatus, ReportFormat, ReportStatus, ResolutionKind,
};
use entity::{
    amount_difference, bank_profile, bank_profile_proposal, bank_report, bank_report_line, bank_silence, batch_entry,
    payment_line, payment_order, payment_order_event, posting, recall, recall_answer, report_set_aside,
    return_cancellation, suspense_resolution, suspense_resolution_order,
};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::bank_report::{Finding, line_subject, subject};
use crate::error::Error;
use crate::proposal::{ProposalView, Proposed};
use crate::verify::Check;

/// Lines that are asked for at once.
const CHUNK: usize = 10_000;

/// Who decided is somebody else than who proposed; a closed line, and a cancelled return, has its decision.
pub(super) async fn by_two_people(app: &App) -> Result<Check, Error> {
    let mut check = Check::new(
        "decisions: lines, returns, recalls, bank profiles, silences and reports were decided by another person",
    );
    let conn = app.db.read();
    let resolutions = suspense_resolution::Entity::find().all(conn).await?;
    let cancellations = return_cancellation::Entity::find().all(conn).await?;
    let recalls = recall::Entity::find().all(conn).await?;
    let profiles = bank_profile_proposal::Entity::find().all(conn).await?;
    let silences = bank_silence::Entity::find().all(conn).await?;
    let asides = report_set_aside::Entity::find().all(conn).await?;
    let letters = recall_answer::Entity::find().all(conn).await?;
    let proposals = [
        parts(&resolutions, |row| row.id),
        parts(&cancellations, |row| row.id),
        parts(&recalls, |row| row.id),
        parts(&profiles, |row| row.id),
        parts(&silences, |row| row.id),
        parts(&asides, |row| row.id),
        parts(&letters, |row| row.id),
    ];
    for (id, own) in proposals.into_iter().flatten() {
        let holds = match own.status {
            ProposalStatus::Proposed | ProposalStatus::Withdrawn => own.decided_by.is_none(),
            ProposalStatus::Accepted | ProposalStatus::Refused => {
                own.decided_by.is_some_and(|other| other != own.proposed_by)
            }
        };
        check.look(holds, || format!("proposal {id} was not decided by another person"));
    }
    in_force(app, &mut check, &profiles).await?;
    let accepted: BTreeMap<Uuid, Option<Uuid>> = resolutions
        .iter()
        .filter(|row| row.status == ProposalStatus::Accepted)
        .map(|row| (row.line_id, row.decided_by))
        .collect();
    let alone = [Finding::PersonDeceased, Finding::Blocked, Finding::UnknownStatus].map(Finding::code);
    let closed = bank_report_line::Entity::find()
        .filter(bank_report_line::Column::ResolvedAt.is_not_null())
        .all(conn)
        .await?;
    for line in closed {
        let by_two = accepted
            .get(&line.id)
            .is_some_and(|decided| *decided == line.resolved_by);
        let by_itself = line.note.as_deref().is_some_and(|note| alone.contains(&note));
        let with_report = line.outcome == LineOutcome::SetAside
            && asides.iter().any(|row| {
                row.status == ProposalStatus::Accepted
                    && row.bank_report_id == line.bank_report_id
                    && row.decided_by == line.resolved_by
            });
        check.look(by_two || by_itself || with_report, || {
            format!("line {} was closed by one person", line.id)
        });
    }
    whole_files(app, &mut check, &resolutions).await?;
    whole_returns(app, &mut check, &resolutions).await?;
    returns(app, &mut check, &cancellations).await?;
    ended(app, &mut check, &silences).await?;
    set_aside(app, &mut check, &asides).await?;
    Ok(check)
}

/// What two people decided of a second debit over a whole file is kept order by order: the debit settled those that it
/// pays, once each, and what it took of the others is booked beside them.
async fn whole_files(app: &App, check: &mut Check, rows: &[suspense_resolution::Model]) -> Result<(), Error> {
    use payment_order_event::Column as E;
    use suspense_resolution_order::Column as P;
    let conn = app.db.read();
    let of_files = rows.iter().filter(|row| {
        let accepted = row.status == ProposalStatus::Accepted && row.kind == ResolutionKind::AcceptedAsPaid;
        accepted && row.order_id.is_none()
    });
    for row in of_files {
        let parts = suspense_resolution_order::Entity::find()
            .filter(P::ResolutionId.eq(row.id))
            .all(conn)
            .await?;
        let orders = |paid: bool| -> Vec<Uuid> {
            let own = parts.iter().filter(|part| part.paid == paid);
            own.map(|part| part.order_id).collect()
        };
        let mut paid = orders(true);
        let mut settled: Vec<Uuid> = payment_order_event::Entity::find()
            .select_only()
            .column(E::OrderId)
            .filter(E::Source.eq(line_subject(row.line_id)))
            .filter(E::ToStatus.eq(OrderStatus::Settled))
            .filter(E::OrderId.in_subquery(parts_of(row.id)))
            .into_tuple()
            .all(conn)
            .await?;
        paid.sort_unstable();
        settled.sort_unstable();
        check.look(!parts.is_empty() && paid == settled, || {
            format!(
                "the debit {} pays other orders of its file than was decided",
                row.line_id
            )
        });
        let booked: Vec<Uuid> = amount_difference::Entity::find()
            .select_only()
            .column(amount_difference::Column::OrderId)
            .filter(amount_difference::Column::LineId.eq(row.line_id))
            .into_tuple()
            .all(conn)
            .await?;
        let missing: Vec<Uuid> = orders(false).into_iter().filter(|own| !booked.contains(own)).collect();
        check.look(missing.is_empty(), || {
            format!(
                "what the debit {} took of orders that it does not pay is in no book: {missing:?}",
                row.line_id
            )
        });
    }
    Ok(())
}

/// What two people took for another return of a whole file is a credit over that file that was booked. No order of another
/// file came back in its name, and of no file more came back than was debited.
async fn whole_returns(app: &App, check: &mut Check, rows: &[suspense_resolution::Model]) -> Result<(), Error> {
    use payment_order_event::Column as E;
    let conn = app.db.read();
    let taken = rows.iter().filter(|row| {
        let accepted = row.status == ProposalStatus::Accepted && row.kind == ResolutionKind::AcceptedAsReturned;
        accepted && row.order_id.is_none()
    });
    let taken: BTreeSet<Uuid> = taken.map(|row| row.line_id).collect();
    let mut files = BTreeSet::new();
    for line in &taken {
        let entry = batch_entry::Entity::find_by_id(*line).one(conn).await?;
        let credit = entry.filter(|own| own.booked && own.kind == BatchEntryKind::Credit);
        check.look(credit.is_some(), || {
            format!("line {line} is taken for the return of a file, and no credit over one")
        });
        let Some(credit) = credit else { continue };
        files.insert(credit.file_id);
        let order = payment_order_event::Entity::belongs_to(payment_order::Entity)
            .from(E::OrderId)
            .to(payment_order::Column::Id);
        let moved: Vec<Option<Uuid>> = payment_order_event::Entity::find()
            .select_only()
            .column(payment_order::Column::FileId)
            .distinct()
            .join(JoinType::InnerJoin, order.into())
            .filter(E::Source.eq(line_subject(*line)))
            .into_tuple()
            .all(conn)
            .await?;
        check.look(moved.iter().all(|own| *own == Some(credit.file_id)), || {
            format!("the return {line} moved orders of other files than its own: {moved:?}")
        });
    }
    for file in files {
        let [debited, came_back] = over_file(app, file, &taken).await?;
        check.look(came_back <= debited, || {
            format!("{came_back} came back over the file {file}, of which {debited} was debited")
        });
    }
    Ok(())
}

/// A line over a file, the kind of its report, what moved and how much, and what the line came to.
type EntryRow = (
    Uuid,
    ReportFormat,
    BatchEntryKind,
    i64,
    LineOutcome,
    Option<DateTime<Utc>>,
);

/// What was booked over a file, by the teller who tells of more: debits, and the credits that count or that two people took
/// for good, đồng.
async fn over_file(app: &App, file: Uuid, taken: &BTreeSet<Uuid>) -> Result<[i64; 2], Error> {
    use bank_report_line::Column as L;
    use batch_entry::Column as B;
    let line = batch_entry::Entity::belongs_to(bank_report_line::Entity)
        .from(B::LineId)
        .to(L::Id);
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let rows: Vec<EntryRow> = batch_entry::Entity::find()
        .select_only()
        .column(B::LineId)
        .column(bank_report::Column::Format)
        .columns([B::Kind, B::Amount])
        .columns([L::Outcome, L::ResolvedAt])
        .join(JoinType::InnerJoin, line.into())
        .join(JoinType::InnerJoin, report.into())
        .filter(B::FileId.eq(file))
        .filter(B::Booked.eq(true))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let (mut debits, mut credits) = (BTreeMap::new(), BTreeMap::new());
    for (line, format, kind, amount, outcome, resolved) in rows {
        let counts = taken.contains(&line) || (outcome == LineOutcome::Matched && resolved.is_none());
        match kind {
            BatchEntryKind::Debit => *debits.entry(format).or_insert(0) += amount,
            BatchEntryKind::Credit if counts => *credits.entry(format).or_insert(0) += amount,
            BatchEntryKind::Credit | BatchEntryKind::Refund => {}
        }
    }
    let most = |told: BTreeMap<ReportFormat, i64>| told.into_values().max().unwrap_or(0);
    Ok([most(debits), most(credits)])
}

/// The orders of which a resolution decided.
fn parts_of(resolution: Uuid) -> SelectStatement {
    Query::select()
        .column(suspense_resolution_order::Column::OrderId)
        .from(suspense_resolution_order::Entity)
        .and_where(suspense_resolution_order::Column::ResolutionId.eq(resolution))
        .to_owned()
}

/// A report is set aside where two people decided so, and nowhere else; nothing moved in its name, and none of its lines
/// waits or counts.
async fn set_aside(app: &App, check: &mut Check, rows: &[report_set_aside::Model]) -> Result<(), Error> {
    use bank_report_line::Column as L;
    let conn = app.db.read();
    let aside: BTreeSet<Uuid> = bank_report::Entity::find()
        .select_only()
        .column(bank_report::Column::Id)
        .filter(bank_report::Column::Status.eq(ReportStatus::SetAside))
        .into_tuple::<Uuid>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let accepted = rows.iter().filter(|row| row.status == ProposalStatus::Accepted);
    let accepted: BTreeSet<Uuid> = accepted.map(|row| row.bank_report_id).collect();
    check.look(aside == accepted, || {
        format!("reports set aside {aside:?}, and decided to be {accepted:?}")
    });
    for report in aside {
        let lines: Vec<(Uuid, LineOutcome, Option<DateTime<Utc>>)> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::Id, L::Outcome, L::ResolvedAt])
            .filter(L::BankReportId.eq(report))
            .into_tuple()
            .all(conn)
            .await?;
        let counts = |(_, outcome, resolved): &(Uuid, LineOutcome, Option<DateTime<Utc>>)| {
            resolved.is_none() || matches!(outcome, LineOutcome::Matched | LineOutcome::Returned)
        };
        check.look(!lines.iter().any(counts), || {
            format!("report {report} is set aside, and a line of it counts")
        });
        let postings = posting::Entity::find()
            .filter(posting::Column::Batch.starts_with(format!("{}:", subject(report))))
            .count(conn)
            .await?;
        let mut steps = payment_order_event::Entity::find()
            .filter(payment_order_event::Column::Source.eq(crate::bank_report::subject(report)))
            .count(conn)
            .await?;
        for chunk in lines.chunks(CHUNK) {
            let sources = chunk.iter().map(|(line, ..)| line_subject(*line));
            steps += payment_order_event::Entity::find()
                .filter(payment_order_event::Column::Source.is_in(sources))
                .count(conn)
                .await?;
        }
        check.look(postings + steps == 0, || {
            format!("report {report} is set aside, and moved an order or money")
        });
    }
    Ok(())
}

/// What two people said of an order that its bank says nothing of moved it, and nothing else in their name did.
async fn ended(app: &App, check: &mut Check, silences: &[bank_silence::Model]) -> Result<(), Error> {
    use payment_order_event::Column as E;
    for row in silences {
        let source = format!("bank_silence:{}", row.id.simple());
        let steps = payment_order_event::Entity::find()
            .filter(E::OrderId.eq(row.order_id))
            .filter(E::Source.eq(source))
            .count(app.db.read())
            .await?;
        let holds = (row.status == ProposalStatus::Accepted) == (steps > 0);
        check.look(holds, || {
            format!("order {}: proposal {} moved it in {steps} steps", row.order_id, row.id)
        });
    }
    Ok(())
}

/// Proposals by their ids.
fn parts<T: Proposed>(rows: &[T], id: impl Fn(&T) -> Uuid) -> Vec<(Uuid, ProposalView)> {
    rows.iter().map(|row| (id(row), row.proposal())).collect()
}

/// A profile that came by a proposal has its terms, and another person accepted them.
async fn in_force(app: &App, check: &mut Check, proposals: &[bank_profile_proposal::Model]) -> Result<(), Error> {
    let rows = bank_profile::Entity::find()
        .filter(bank_profile::Column::ProposalId.is_not_null())
        .all(app.db.read())
        .await?;
    for row in rows {
        let own = proposals.iter().find(|own| Some(own.id) == row.proposal_id);
        let holds = own.is_some_and(|own| {
            own.status == ProposalStatus::Accepted && own.bank == row.bank && own.profile == row.profile
        });
        check.look(holds, || {
            format!("profile {} of {} is not what two people decided", row.version, row.bank)
        });
    }
    Ok(())
}

/// The cancelled lines of an order are what was decided, to the last đồng.
async fn returns(app: &App, check: &mut Check, cancellations: &[return_cancellation::Model]) -> Result<(), Error> {
    let accepted = cancellations
        .iter()
        .filter(|row| row.status == ProposalStatus::Accepted);
    for row in accepted {
        let lines: Vec<i64> = payment_line::Entity::find()
            .select_only()
            .column(payment_line::Column::Amount)
            .filter(payment_line::Column::OrderId.eq(row.order_id))
            .filter(payment_line::Column::Status.eq(LineStatus::Cancelled))
            .into_tuple()
            .all(app.db.read())
            .await?;
        let sum: i64 = lines.iter().sum();
        check.look(sum == row.amount, || {
            format!("order {}: {sum} cancelled against {}", row.order_id, row.amount)
        });
    }
    Ok(())
}
