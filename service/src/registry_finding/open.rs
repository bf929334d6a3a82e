//! A finding opens in the transaction that reconciles the line that says so.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{FindingKind, FindingStatus, PayeeRelation};
use entity::{payee, payment_line, person, registry_finding};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::registry_finding::subject;

/// What a report says of people whom its orders pay, and how much of it is news.
#[derive(Debug, Default)]
pub(crate) struct News {
    found: Vec<registry_finding::Model>,
    /// The orders of which somebody has something to look into.
    waiting: BTreeSet<Uuid>,
}

impl News {
    /// Is there something to look into about this order? Where the registry has looked already, or knew before the bank
    /// did, a line that says so again has nobody to wait for.
    pub(crate) fn waits(&self, order: Uuid) -> bool {
        self.waiting.contains(&order)
    }

    /// Opens a finding for each person of whom it is news. Runs that are not released and pay these people are sent back
    /// to draft.
    pub(crate) async fn open(self, app: &App, txn: &Txn, actor: &Actor) -> Result<(), Error> {
        if self.found.is_empty() {
            return Ok(());
        }
        for row in &self.found {
            let detail = json!({"person": row.person_id, "kind": row.kind, "order": row.order_id, "line": row.line_id});
            txn.audit(Event::new(
                row.opened_at,
                actor,
                "registry_finding.open",
                subject(row.id),
                detail,
            ));
        }
        let people: Vec<Uuid> = self.found.iter().map(|row| row.person_id).collect();
        txn.insert_all::<registry_finding::Entity>(self.found).await?;
        crate::pay_run::void_paying(app, txn, crate::pay_run::Because::RegistryFinding, &people, None).await
    }
}

/// What is news of the people whom these orders pay, each told by the line beside it. The same news again is none, and
/// neither is a death that is on record already.
pub(crate) async fn news(app: &App, txn: &Txn, orders: &BTreeMap<Uuid, Uuid>) -> Result<News, Error> {
    use payment_line::Column as L;
    if orders.is_empty() {
        return Ok(News::default());
    }
    let paid: Vec<(Option<Uuid>, Uuid, Uuid)> = payment_line::Entity::find()
        .select_only()
        .columns([L::OrderId, L::PersonId, L::PayeeAccountId])
        .distinct()
        .filter(L::OrderId.is_in(orders.keys().copied()))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let people: BTreeSet<Uuid> = paid.iter().map(|(_, person, _)| *person).collect();
    let relations = relations(txn, &people).await?;
    let dead = dead(txn, &people).await?;
    let known = known(txn, orders).await?;
    let mut found = Vec::new();
    for (order, person_id, account) in paid {
        let Some((order_id, line_id)) = order.and_then(|order| Some((order, *orders.get(&order)?))) else {
            continue;
        };
        let relations = relations.get(&(person_id, account));
        let own = relations.is_none_or(|all| all.contains(&PayeeRelation::Oneself));
        let kind = if own {
            FindingKind::ReportedDeceased
        } else {
            FindingKind::PayeeReportedDeceased
        };
        if (own && dead.contains(&person_id)) || known.contains(&(person_id, kind, order_id)) {
            continue;
        }
        found.push(registry_finding::Model {
            id: app.ids.next(),
            person_id,
            kind,
            order_id,
            line_id,
            payee_account_id: account,
            status: FindingStatus::Open,
            death_date: None,
            note: None,
            opened_at: app.clock.now(),
            decided_by: None,
            decided_at: None,
            version: 1,
        });
    }
    let mut waiting = still_open(txn, orders).await?;
    waiting.extend(found.iter().map(|row| row.order_id));
    Ok(News { found, waiting })
}

/// Which of these orders have an open finding. It stays open until this transaction ends: whoever looks into it closes
/// the lines of this report too, or was first, and then nothing waits.
async fn still_open(txn: &Txn, orders: &BTreeMap<Uuid, Uuid>) -> Result<BTreeSet<Uuid>, Error> {
    use registry_finding::Column as C;
    let rows: Vec<Uuid> = registry_finding::Entity::find()
        .select_only()
        .column(C::OrderId)
        .filter(C::OrderId.is_in(orders.keys().copied()))
        .filter(C::Status.eq(FindingStatus::Open))
        .order_by_asc(C::Id)
        .lock(LockType::Share)
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(rows.into_iter().collect())
}

/// Which of these orders have a finding that nobody has looked into.
pub(crate) async fn open_of(conn: &impl ConnectionTrait, orders: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, Error> {
    if orders.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<Uuid> = registry_finding::Entity::find()
        .select_only()
        .column(registry_finding::Column::OrderId)
        .filter(registry_finding::Column::OrderId.is_in(orders.iter().copied()))
        .filter(registry_finding::Column::Status.eq(FindingStatus::Open))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// In which relation people stand to the accounts that receive their money, now or before.
async fn relations(
    txn: &Txn,
    people: &BTreeSet<Uuid>,
) -> Result<BTreeMap<(Uuid, Uuid), BTreeSet<PayeeRelation>>, Error> {
    let rows: Vec<(Uuid, Uuid, PayeeRelation)> = payee::Entity::find()
        .select_only()
        .columns([
            payee::Column::PersonId,
            payee::Column::PayeeAccountId,
            payee::Column::Relation,
        ])
        .filter(payee::Column::PersonId.is_in(people.iter().copied()))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let mut relations: BTreeMap<(Uuid, Uuid), BTreeSet<PayeeRelation>> = BTreeMap::new();
    for (person, account, relation) in rows {
        relations.entry((person, account)).or_default().insert(relation);
    }
    Ok(relations)
}

async fn dead(txn: &Txn, people: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, Error> {
    let rows: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.is_in(people.iter().copied()))
        .filter(person::Column::DeathDate.is_not_null())
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(rows.into_iter().collect())
}

async fn known(txn: &Txn, orders: &BTreeMap<Uuid, Uuid>) -> Result<BTreeSet<(Uuid, FindingKind, Uuid)>, Error> {
    let rows = registry_finding::Entity::find()
        .filter(registry_finding::Column::OrderId.is_in(orders.keys().copied()))
        .all(txn.conn())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.person_id, row.kind, row.order_id))
        .collect())
}
