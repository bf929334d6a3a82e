//! A finding opens in the transaction that reconciles the line that says so.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{FindingKind, FindingStatus, PayeeRelation};
use entity::{payee, payment_line, person, registry_finding};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::registry_finding::subject;

/// Opens a finding for each person whom an order pays, told by the line beside it. The same news again opens nothing;
/// a death that is on record already is no news. Runs that are not released and pay these people are sent back to draft.
pub(crate) async fn open(app: &App, txn: &Txn, actor: &Actor, orders: &BTreeMap<Uuid, Uuid>) -> Result<(), Error> {
    use payment_line::Column as L;
    if orders.is_empty() {
        return Ok(());
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
    if found.is_empty() {
        return Ok(());
    }
    for row in &found {
        let detail = json!({"person": row.person_id, "kind": row.kind, "order": row.order_id, "line": row.line_id});
        txn.audit(Event::new(
            row.opened_at,
            actor,
            "registry_finding.open",
            subject(row.id),
            detail,
        ));
    }
    let people: Vec<Uuid> = found.iter().map(|row| row.person_id).collect();
    txn.insert_all::<registry_finding::Entity>(found).await?;
    crate::pay_run::void_paying(app, txn, "registry finding", &people).await
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
