//! What banks are told of an order beside account and amount, where their profiles ask for it: the beneficiary's name, and a
//! purpose. It is kept with the order, so that its file is the same whatever becomes of names and profiles.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank::BankProfile;
use domain::name::{BANK_NAME_SHORT, bank_name};
use domain::payment_file::FileTerms;
use entity::enums::LineKind;
use entity::{entitlement, pay_run, payment_line, payment_order, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::code::Code;
use crate::db::Txn;
use crate::error::Error;
use crate::pay_run::digest::SignedLine;
use crate::payment_file::terms::Terms;

/// Rows of one query.
const ROWS: usize = 5_000;

/// Adds to the planned orders of a run what the profiles of their banks ask for; most ask for nothing.
pub(super) async fn complete(
    txn: &Txn,
    run: &pay_run::Model,
    lines: &[SignedLine],
    terms: &Terms,
    orders: &mut [payment_order::Model],
) -> Result<(), Error> {
    let mut asked: BTreeMap<Uuid, &BankProfile> = BTreeMap::new();
    for order in orders.iter() {
        let own = terms.of(order)?;
        let asks = names(own) || !own.profile.purposes.is_empty();
        if own.bank.is_some() && asks {
            asked.insert(order.id, &own.profile);
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let mut of_order: BTreeMap<Uuid, Payees> = BTreeMap::new();
    for line in lines.iter().map(|signed| &signed.line) {
        if let Some(order) = line.order_id.filter(|order| asked.contains_key(order)) {
            let payees = of_order.entry(order).or_default();
            payees.people.insert(line.person_id);
            payees.rights.insert(line.entitlement_id);
            payees.months.insert(line.cover_month);
            payees.arrears |= line.kind == LineKind::Arrears;
        }
    }
    let naming = |order: &Uuid| asked.get(order).is_some_and(|own| !own.ultimate_creditor.is_none());
    let named = of_order.iter().filter(|(order, _)| naming(order));
    let people: BTreeSet<Uuid> = named.filter_map(|(_, payees)| only(&payees.people)).collect();
    let names = names_of(txn.conn(), people).await?;
    let rights: BTreeSet<Uuid> = of_order
        .values()
        .flat_map(|payees| payees.rights.iter().copied())
        .collect();
    let benefits = benefits(txn.conn(), rights).await?;
    for order in orders {
        let (Some(profile), Some(payees)) = (asked.get(&order.id), of_order.get(&order.id)) else {
            continue;
        };
        let name = only(&payees.people).and_then(|person| names.get(&person));
        order.beneficiary_name = beneficiary(name, &order.holder_name)
            .filter(|_| !profile.ultimate_creditor.is_none())
            .cloned();
        let own: BTreeSet<&str> = payees
            .rights
            .iter()
            .filter_map(|right| benefits.get(right).map(String::as_str))
            .collect();
        let benefit = own.first().copied().filter(|_| own.len() == 1);
        let purpose = profile.purpose(&run.kind.code(), benefit, payees.in_one_amount());
        order.purpose = purpose.map(|purpose| purpose.code().to_owned());
    }
    Ok(())
}

/// Is a bank told by name whose money it is?
pub(super) fn names(terms: &FileTerms) -> bool {
    terms.bank.is_some() && !terms.profile.ultimate_creditor.is_none()
}

/// Do the prepared orders in these files, whose banks are told by name, name whom they would name now? A person who was
/// named may be called otherwise by now or be protected; one who was the holder of the account may be called otherwise too.
pub(super) async fn names_hold(conn: &impl ConnectionTrait, run: Uuid, files: BTreeSet<Uuid>) -> Result<bool, Error> {
    use payment_line::Column as L;
    use payment_order::Column as O;
    type Row = (Uuid, String, Option<String>, Uuid, String, bool);
    let order = payment_line::Entity::belongs_to(payment_order::Entity)
        .from(L::OrderId)
        .to(O::Id);
    let whose = payment_line::Entity::belongs_to(person::Entity)
        .from(L::PersonId)
        .to(person::Column::Id);
    let rows: Vec<Row> = payment_line::Entity::find()
        .select_only()
        .columns([O::Id, O::HolderName, O::BeneficiaryName])
        .columns([person::Column::Id, person::Column::FullName, person::Column::Protected])
        .join(JoinType::InnerJoin, order.into())
        .join(JoinType::InnerJoin, whose.into())
        .filter(L::PayRunId.eq(run))
        .filter(O::FileId.is_in(files))
        .into_tuple()
        .all(conn)
        .await?;
    let mut people: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for (order, .., person, _, _) in &rows {
        people.entry(*order).or_default().insert(*person);
    }
    let holds = rows.iter().all(|(order, holder, said, _, name, protected)| {
        let alone = people.get(order).is_some_and(|own| own.len() == 1);
        let told = Some(name).filter(|_| alone && !protected);
        beneficiary(told, holder) == said.as_ref()
    });
    Ok(holds)
}

/// Whom a bank is told an order is for: who is paid into their own account is named as its holder already.
fn beneficiary<'n>(name: Option<&'n String>, holder: &str) -> Option<&'n String> {
    name.filter(|name| bank_name(name, BANK_NAME_SHORT) != bank_name(holder, BANK_NAME_SHORT))
}

/// Whom an order pays, and what for.
#[derive(Default)]
struct Payees {
    people: BTreeSet<Uuid>,
    rights: BTreeSet<Uuid>,
    /// The months that its lines cover.
    months: BTreeSet<i32>,
    arrears: bool,
}

impl Payees {
    /// Does it pay several months, or arrears, in one amount?
    fn in_one_amount(&self) -> bool {
        self.arrears || self.months.len() > 1
    }
}

/// The one of a set of one.
fn only(set: &BTreeSet<Uuid>) -> Option<Uuid> {
    set.first().copied().filter(|_| set.len() == 1)
}

async fn names_of(conn: &impl ConnectionTrait, people: BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, String>, Error> {
    let people: Vec<Uuid> = people.into_iter().collect();
    let mut names = BTreeMap::new();
    for chunk in people.chunks(ROWS) {
        let rows: Vec<(Uuid, String)> = person::Entity::find()
            .select_only()
            .columns([person::Column::Id, person::Column::FullName])
            .filter(person::Column::Id.is_in(chunk.iter().copied()))
            // Whoever is protected is shown to nobody without need.
            .filter(person::Column::Protected.eq(false))
            .into_tuple()
            .all(conn)
            .await?;
        names.extend(rows);
    }
    Ok(names)
}

async fn benefits(conn: &impl ConnectionTrait, rights: BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, String>, Error> {
    let rights: Vec<Uuid> = rights.into_iter().collect();
    let mut benefits = BTreeMap::new();
    for chunk in rights.chunks(ROWS) {
        let rows: Vec<(Uuid, String)> = entitlement::Entity::find()
            .select_only()
            .columns([entitlement::Column::Id, entitlement::Column::Benefit])
            .filter(entitlement::Column::Id.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(conn)
            .await?;
        benefits.extend(rows);
    }
    Ok(benefits)
}
