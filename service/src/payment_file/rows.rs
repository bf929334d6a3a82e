//! What the lists for people show: lines with names, orders with accounts, and last month beside this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::Month;
use entity::enums::{LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{area, entitlement, held_payment, pay_run, payee_account, payment_line, person};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::pay_run::digest::signed_lines;

/// A person as lists show them.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) full_name: String,
    pub(super) citizen_id: String,
    pub(super) birth_year: String,
    pub(super) area: String,
    pub(super) protected: bool,
}

/// Everything of one person in one run.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid {
    pub(super) lines: Vec<(payment_line::Model, Arc<payee_account::Model>)>,
}

impl Paid {
    pub(super) fn sum(&self, kinds: &[LineKind]) -> i64 {
        self.lines
            .iter()
            .filter(|(line, _)| kinds.contains(&line.kind))
            .map(|(line, _)| line.amount)
            .sum()
    }

    pub(super) fn groups(&self) -> String {
        let groups: BTreeSet<&str> = self.lines.iter().map(|(line, _)| line.group_code.as_str()).collect();
        groups.into_iter().collect::<Vec<_>>().join(", ")
    }
}

/// A run as lists show it, people sorted by commune and name.
pub(super) struct RunRows {
    pub(super) people: BTreeMap<Uuid, Named>,
    pub(super) order: Vec<Uuid>,
    pub(super) paid: BTreeMap<Uuid, Paid>,
    pub(super) held: BTreeMap<Uuid, Vec<held_payment::Model>>,
    /// Regular money of the month before, by person.
    pub(super) before: BTreeMap<Uuid, i64>,
}

/// Loads a run for its lists.
pub(super) async fn load(app: &App, run: &pay_run::Model) -> Result<RunRows, Error> {
    let conn = app.db.read();
    let mut paid: BTreeMap<Uuid, Paid> = BTreeMap::new();
    for signed in signed_lines(conn, run.id).await? {
        paid.entry(signed.line.person_id)
            .or_default()
            .lines
            .push((signed.line, signed.account));
    }
    let mut held: BTreeMap<Uuid, Vec<held_payment::Model>> = BTreeMap::new();
    for row in held_payment::Entity::find()
        .filter(held_payment::Column::PayRunId.eq(run.id))
        .all(conn)
        .await?
    {
        held.entry(row.person_id).or_default().push(row);
    }
    for rows in held.values_mut() {
        rows.sort_by(|a, b| {
            (a.cover_month, &a.reason, a.entitlement_id).cmp(&(b.cover_month, &b.reason, b.entitlement_id))
        });
    }
    let before = amounts_before(app, run).await?;
    let wanted: BTreeSet<Uuid> = paid.keys().chain(held.keys()).chain(before.keys()).copied().collect();
    let people = named(app, &wanted).await?;
    let mut order: Vec<Uuid> = wanted.into_iter().filter(|id| people.contains_key(id)).collect();
    let key = |id: &Uuid| {
        people
            .get(id)
            .map(|own| (own.area.clone(), domain::name::sort_key(&own.full_name)))
    };
    order.sort_by_cached_key(|id| (key(id), *id));
    Ok(RunRows {
        people,
        order,
        paid,
        held,
        before,
    })
}

async fn named(app: &App, wanted: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Named>, Error> {
    let conn = app.db.read();
    let areas: BTreeMap<String, String> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple::<(String, String)>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let ids: Vec<Uuid> = wanted.iter().copied().collect();
    let mut people = BTreeMap::new();
    for chunk in ids.chunks(5_000) {
        let rows = person::Entity::find()
            .filter(person::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        for row in rows {
            let named = Named {
                full_name: row.full_name,
                citizen_id: row.citizen_id.unwrap_or_default(),
                birth_year: row.birth_date.format("%Y").to_string(),
                area: areas.get(&row.area_id).cloned().unwrap_or(row.area_id),
                protected: row.protected,
            };
            people.insert(row.id, named);
        }
    }
    Ok(people)
}

/// The regular money of the month before: what the run of that month paid, or what the predecessor did.
async fn amounts_before(app: &App, run: &pay_run::Model) -> Result<BTreeMap<Uuid, i64>, Error> {
    let conn = app.db.read();
    let month = crate::pay_run::cover_month(run)?.previous();
    let released = [PayRunStatus::Released, PayRunStatus::Settling, PayRunStatus::Closed];
    let earlier = pay_run::Entity::find()
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::CoverMonth.eq(month.yyyymm()))
        .filter(pay_run::Column::Status.is_in(released))
        .one(conn)
        .await?;
    let mut amounts = BTreeMap::new();
    if let Some(earlier) = earlier {
        let rows: Vec<(Uuid, i64)> = payment_line::Entity::find()
            .select_only()
            .columns([payment_line::Column::PersonId, payment_line::Column::Amount])
            .filter(payment_line::Column::PayRunId.eq(earlier.id))
            .filter(payment_line::Column::Kind.eq(LineKind::Regular))
            .filter(payment_line::Column::Status.ne(LineStatus::Cancelled))
            .into_tuple()
            .all(conn)
            .await?;
        for (person, amount) in rows {
            *amounts.entry(person).or_insert(0) += amount;
        }
        return Ok(amounts);
    }
    opening_before(app, month, &mut amounts).await?;
    Ok(amounts)
}

async fn opening_before(app: &App, month: Month, amounts: &mut BTreeMap<Uuid, i64>) -> Result<(), Error> {
    use entity::determination;
    let rows: Vec<(Uuid, Uuid)> = determination::Entity::find()
        .select_only()
        .column(entitlement::Column::PersonId)
        .column(determination::Column::Id)
        .join(
            JoinType::InnerJoin,
            determination::Entity::belongs_to(entitlement::Entity)
                .from(determination::Column::EntitlementId)
                .to(entitlement::Column::Id)
                .into(),
        )
        .filter(determination::Column::Opening.eq(true))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(_, id)| *id).collect();
    let by_id = bulk::periods(app.db.read(), &ids).await?;
    for (person, id) in rows {
        for owed in periods::owed(by_id.get(&id).map(Vec::as_slice).unwrap_or_default())? {
            if !owed.one_off && owed.falls_due(month) == Some(month) {
                *amounts.entry(person).or_insert(0) += owed.amount.dong();
            }
        }
    }
    Ok(())
}
