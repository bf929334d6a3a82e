//! Money that came back: its lines are paid again in the next run, on an account that can receive it.

use std::collections::{BTreeMap, BTreeSet};

use domain::payment_order::{ReasonKind, reason_kind};
use entity::enums::{LineKind, LineStatus, OrderStatus, ProposalStatus, ResolutionKind};
use entity::{entitlement, pay_run, payment_line, payment_order, payment_order_event, suspense_resolution};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::error::Error;
use crate::pay_run::line::{Due, Held};
use crate::pay_run::recalled::{Recalled, recalled};
use crate::person::PersonRange;
use crate::reconciliation::{self, FoundBack};

/// Orders in one statement.
const IDS: usize = 10_000;

/// Where an amount came back from.
#[derive(Clone, Debug)]
pub(super) struct Returned {
    account: Uuid,
    reason: String,
    /// A debit over its file waits for people.
    debit_open: bool,
    /// A line that says that it was debited waits for people.
    line_open: bool,
    /// Two people found, as it came back or since, that the money of what was called a duplicate is with us.
    decided: bool,
    /// What two people had asked the bank to send back, and why.
    recalled: Recalled,
}

impl Returned {
    /// Is it paid again to this account? Otherwise, why not yet.
    pub(super) fn onto(&self, account: Uuid) -> Result<Uuid, Held> {
        if self.debit_open {
            return Err(Held::DebitOpen);
        }
        if self.line_open {
            return Err(Held::LineOpen);
        }
        if let Some(code) = self.recalled.bars() {
            return Err(Held::Recalled(code));
        }
        if !self.decided && reason_kind(&self.reason) == ReasonKind::Duplicate {
            return Err(Held::CalledDuplicate);
        }
        if self.account == account && self.recalled.needs_another_account(&self.reason) {
            return Err(Held::SameAccount(self.reason.clone()));
        }
        Ok(account)
    }
}

/// Does money that came back for this reason need another account, confirmed by two people, before it is paid again? Not
/// where the account was not at fault: our limits, our file, a time-out, cash that was not collected, what was never
/// executed, and what two people took for returned although the bank called it a duplicate. A reason that nobody knows may
/// be the account's.
pub(crate) fn needs_another_account(reason: &str) -> bool {
    if matches!(reason, "not_collected" | reconciliation::NOT_EXECUTED) {
        return false;
    }
    match reason_kind(reason) {
        ReasonKind::Money | ReasonKind::Ours | ReasonKind::Retry | ReasonKind::Duplicate => false,
        ReasonKind::FixAccount
        | ReasonKind::AccountBlocked
        | ReasonKind::PersonDeceased
        | ReasonKind::Text
        | ReasonKind::Other => true,
    }
}

#[derive(Debug, FromQueryResult)]
struct ReturnedRow {
    person_id: Uuid,
    entitlement_id: Uuid,
    determination_id: Option<Uuid>,
    benefit: String,
    component: String,
    cover_month: i32,
    sequence: i32,
    group_code: String,
    amount: i64,
    provision: String,
    payee_account_id: Uuid,
    fiscal_year: Option<i32>,
    reason: Option<String>,
    file_id: Option<Uuid>,
    order_id: Option<Uuid>,
}

/// What is known of the orders that lines came back with.
struct Orders {
    /// The files with a debit that waits for people.
    open: BTreeSet<Uuid>,
    /// Those with a line that waits and says that they were debited.
    claimed: BTreeSet<Uuid>,
    /// Those called duplicates of which two people found that their money is with us.
    decided: BTreeSet<Uuid>,
    recalled: BTreeMap<Uuid, Recalled>,
}

impl Orders {
    async fn of(conn: &impl ConnectionTrait, rows: &[ReturnedRow]) -> Result<Self, Error> {
        let orders: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.order_id).collect();
        let orders: Vec<Uuid> = orders.into_iter().collect();
        Ok(Self {
            open: if rows.is_empty() {
                BTreeSet::new()
            } else {
                reconciliation::unexplained_files(conn).await?
            },
            claimed: reconciliation::claimed(conn, &orders).await?,
            decided: decided_of(conn, rows).await?,
            recalled: recalled(conn, &orders).await?,
        })
    }
}

impl ReturnedRow {
    fn due(self, known: &Orders) -> Due {
        let holds = |orders: &BTreeSet<Uuid>| self.order_id.is_some_and(|order| orders.contains(&order));
        let (line_open, decided) = (holds(&known.claimed), holds(&known.decided));
        let recalled = self.order_id.and_then(|order| known.recalled.get(&order)).copied();
        Due {
            person_id: self.person_id,
            entitlement_id: self.entitlement_id,
            determination_id: self.determination_id,
            benefit: self.benefit,
            component: self.component,
            kind: LineKind::Reissue,
            cover_month: self.cover_month,
            sequence: self.sequence + 1,
            group_code: self.group_code,
            amount: self.amount,
            provision: self.provision,
            undetermined: None,
            returned: Some(Returned {
                account: self.payee_account_id,
                reason: self.reason.unwrap_or_default(),
                debit_open: self.file_id.is_some_and(|file| known.open.contains(&file)),
                line_open,
                decided,
                recalled: recalled.unwrap_or_default(),
            }),
            // What came back waits where it was paid from.
            fiscal_year: self.fiscal_year,
        }
    }
}

/// The lines of a range of people that came back to a fund and were not paid again yet: it pays them again, whatever fund
/// their program draws on by now.
pub(super) async fn returned(conn: &impl ConnectionTrait, people: PersonRange, fund: &str) -> Result<Vec<Due>, Error> {
    use payment_line::Column as L;
    let rows: Vec<ReturnedRow> = payment_line::Entity::find()
        .select_only()
        .columns([L::PersonId, L::EntitlementId, L::DeterminationId])
        .column(entitlement::Column::Benefit)
        .columns([
            L::Component,
            L::CoverMonth,
            L::Sequence,
            L::GroupCode,
            L::Amount,
            L::Provision,
            L::PayeeAccountId,
            L::FiscalYear,
            L::OrderId,
        ])
        .columns([payment_order::Column::Reason, payment_order::Column::FileId])
        .join(
            JoinType::InnerJoin,
            payment_line::Entity::belongs_to(entitlement::Entity)
                .from(L::EntitlementId)
                .to(entitlement::Column::Id)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            payment_line::Entity::belongs_to(payment_order::Entity)
                .from(L::OrderId)
                .to(payment_order::Column::Id)
                .into(),
        )
        .join(
            JoinType::InnerJoin,
            payment_line::Entity::belongs_to(pay_run::Entity)
                .from(L::PayRunId)
                .to(pay_run::Column::Id)
                .into(),
        )
        .filter(pay_run::Column::FundCode.eq(fund))
        .filter(L::PersonId.between(people.first, people.last))
        .filter(L::Status.eq(LineStatus::Returned))
        // Relief is filed again by the commune, and paid by a run of relief.
        .filter(L::Kind.ne(LineKind::Relief))
        .into_model()
        .all(conn)
        .await?;
    let known = Orders::of(conn, &rows).await?;
    let dues = rows.into_iter().map(|row| row.due(&known));
    let mut dues: Vec<Due> = dues.collect();
    // Two lines of one month that both came back are paid again one after the other: a run has one line of a key.
    let key = |due: &Due| (due.entitlement_id, due.component.clone(), due.cover_month);
    dues.sort_by_cached_key(|due| (key(due), due.sequence, due.amount));
    dues.dedup_by_key(|due| key(due));
    Ok(dues)
}

/// Of the orders that a bank called duplicates, those of which two people found that their money is with us: by the
/// decision that ended them, of each or of the whole of their file, or by one since. What they decided before says nothing
/// of it, such as that a difference of the amount is explained.
async fn decided_of(conn: &impl ConnectionTrait, rows: &[ReturnedRow]) -> Result<BTreeSet<Uuid>, Error> {
    use payment_order_event::Column as E;
    use suspense_resolution::Column as C;
    let called = rows.iter().filter(|row| {
        let reason = row.reason.as_deref().unwrap_or_default();
        reason_kind(reason) == ReasonKind::Duplicate
    });
    let called: BTreeMap<Uuid, Option<Uuid>> = called.filter_map(|row| Some((row.order_id?, row.file_id))).collect();
    let mut decided = BTreeSet::new();
    if called.is_empty() {
        return Ok(decided);
    }
    let files: BTreeSet<Uuid> = called.values().flatten().copied().collect();
    let with_files = FoundBack::of(conn, &files).await?;
    let called: Vec<Uuid> = called.into_keys().collect();
    for some in called.chunks(IDS) {
        let ends = payment_order_event::Entity::find()
            .filter(E::OrderId.is_in(some.iter().copied()))
            .filter(E::ToStatus.is_in([OrderStatus::Rejected, OrderStatus::Returned]))
            .order_by_asc(E::Sequence)
            .all(conn)
            .await?;
        // Later ends come later and stay.
        let ends: BTreeMap<Uuid, _> = ends.into_iter().map(|end| (end.order_id, end)).collect();
        let resolutions = suspense_resolution::Entity::find()
            .filter(C::Status.eq(ProposalStatus::Accepted))
            .filter(C::OrderId.is_in(some.iter().copied()))
            .all(conn)
            .await?;
        let counts = resolutions.into_iter().filter(|own| {
            let end = own.order_id.and_then(|order| ends.get(&order));
            end.is_some_and(|end| is_of_the_end(own, end))
        });
        decided.extend(counts.filter_map(|own| own.order_id));
        let found = ends.values().filter(|end| with_files.is_of_the_end(end));
        decided.extend(found.map(|end| end.order_id));
    }
    Ok(decided)
}

/// Was a resolution decided of an order as it ended, or after that?
fn is_of_the_end(own: &suspense_resolution::Model, end: &payment_order_event::Model) -> bool {
    let returned = own.kind == ResolutionKind::AcceptedAsReturned;
    let since = returned && own.decided_at.is_some_and(|at| at >= end.at);
    since || end.source == reconciliation::resolution_subject(own.id)
}
