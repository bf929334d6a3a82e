//! What the lists for people show: lines with names, orders with accounts, and last month beside this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use entity::enums::LineKind;
use entity::{area, held_payment, pay_run, pay_run_person, payee_account, payment_line};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
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
    /// What is kept back of the lines for overpayments, đồng.
    pub(super) deducted: i64,
}

impl Paid {
    pub(super) fn sum(&self, kinds: &[LineKind]) -> i64 {
        self.lines
            .iter()
            .filter(|(line, _)| kinds.contains(&line.kind))
            .map(|(line, _)| line.amount)
            .sum()
    }

    /// All lines, before anything is kept back, đồng.
    pub(super) fn gross(&self) -> i64 {
        self.lines.iter().map(|(line, _)| line.amount).sum()
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
        let own = paid.entry(signed.line.person_id).or_default();
        own.deducted += signed.deducted();
        own.lines.push((signed.line, signed.account));
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
    let (people, before) = snapshot(app, run).await?;
    let mut order: Vec<Uuid> = people.keys().copied().collect();
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

/// People as they were when the run was built, and their money of the month before.
async fn snapshot(app: &App, run: &pay_run::Model) -> Result<(BTreeMap<Uuid, Named>, BTreeMap<Uuid, i64>), Error> {
    let conn = app.db.read();
    let areas: BTreeMap<String, String> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple::<(String, String)>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let rows = pay_run_person::Entity::find()
        .filter(pay_run_person::Column::PayRunId.eq(run.id))
        .all(conn)
        .await?;
    let (mut people, mut before) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let named = Named {
            full_name: row.full_name,
            citizen_id: row.citizen_id,
            birth_year: row.birth_year.to_string(),
            area: areas.get(&row.area_id).cloned().unwrap_or(row.area_id),
            protected: row.protected,
        };
        people.insert(row.person_id, named);
        before.insert(row.person_id, row.amount_before);
    }
    Ok((people, before))
}
