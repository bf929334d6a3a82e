//! What the lists for people show: lines with names, orders with accounts, and last month beside this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::case_file::Language;
use domain::law::group_said;
use domain::name::{place_key, sort_key};
use entity::enums::{LineKind, PayRunKind};
use entity::{area, held_payment, pay_run, pay_run_person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::change::{Facts, Life, Step, Telling};
use crate::pay_run::digest::{Account, Line, signed_lines};

/// A person as lists show them.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) full_name: String,
    pub(super) citizen_id: String,
    pub(super) birth_year: String,
    pub(super) area: String,
    pub(super) protected: bool,
}

/// A line with its account.
#[derive(Clone, Debug)]
pub(super) struct PaidLine {
    pub(super) line: Line,
    pub(super) account: Arc<Account>,
    /// What is kept back of it for overpayments, đồng.
    pub(super) deducted: i64,
}

/// Everything of one person in one run, or of it what goes to one account.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid {
    pub(super) lines: Vec<PaidLine>,
    /// What is kept back of the lines for overpayments, đồng.
    pub(super) deducted: i64,
}

impl Paid {
    fn add(&mut self, own: PaidLine) {
        self.deducted += own.deducted;
        self.lines.push(own);
    }

    pub(super) fn sum(&self, kinds: &[LineKind]) -> i64 {
        let own = self.lines.iter().filter(|own| kinds.contains(&own.line.kind));
        own.map(|own| own.line.amount).sum()
    }

    /// All lines, before anything is kept back, đồng.
    pub(super) fn gross(&self) -> i64 {
        self.lines.iter().map(|own| own.line.amount).sum()
    }

    /// The same by account, in the order of the accounts' keys.
    pub(super) fn by_account(&self) -> Vec<(Arc<Account>, Self)> {
        let mut accounts: BTreeMap<&str, (Arc<Account>, Self)> = BTreeMap::new();
        for own in &self.lines {
            let (_, paid) = accounts
                .entry(own.account.account_key.as_str())
                .or_insert_with(|| (Arc::clone(&own.account), Self::default()));
            paid.add(own.clone());
        }
        accounts.into_values().collect()
    }

    pub(super) fn groups(&self) -> String {
        let groups: BTreeSet<&str> = self.lines.iter().map(|own| own.line.group_code.as_str()).collect();
        let said = groups.into_iter().map(|group| group_said(group, Language::Vietnamese));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// A run as lists show it, people sorted by commune and name.
pub(super) struct RunRows {
    pub(super) people: BTreeMap<Uuid, Named>,
    pub(super) order: Vec<Uuid>,
    pub(super) paid: BTreeMap<Uuid, Paid>,
    pub(super) held: BTreeMap<Uuid, Vec<held_payment::Model>>,
    /// Regular money of the month before that the run's lists explain, by person, đồng.
    pub(super) before: BTreeMap<Uuid, i64>,
    /// What differs of it.
    pub(super) steps: BTreeMap<Uuid, Vec<Step>>,
    pub(super) telling: Telling,
    /// The lives that changes were judged by.
    pub(super) lives: BTreeMap<Uuid, Life>,
}

/// Loads a run for its lists; `law` is what a changed amount rests on where no standard says more.
pub(super) async fn load(app: &App, run: &pay_run::Model, law: String) -> Result<RunRows, Error> {
    let (signed, held, people) =
        tokio::try_join!(signed_lines(app.db.read(), run.id), held(app, run), snapshot(app, run))?;
    let mut paid: BTreeMap<Uuid, Paid> = BTreeMap::new();
    for signed in signed {
        let deducted = signed.deducted();
        paid.entry(signed.line.person_id).or_default().add(PaidLine {
            line: signed.line,
            account: signed.account,
            deducted,
        });
    }
    let Changes {
        before,
        steps,
        telling,
        lives,
    } = changes(app, run, &people, law).await?;
    let mut order: Vec<Uuid> = people.keys().copied().collect();
    let key = |id: &Uuid| {
        people
            .get(id)
            .map(|own| (place_key(&own.area), sort_key(&own.full_name), own.citizen_id.clone()))
    };
    order.sort_by_cached_key(|id| (key(id), *id));
    Ok(RunRows {
        people,
        order,
        paid,
        held,
        before,
        steps,
        telling,
        lives,
    })
}

/// What people's regular money was, what differs of it, what that is told with, and the lives it was judged by.
#[derive(Default)]
struct Changes {
    before: BTreeMap<Uuid, i64>,
    steps: BTreeMap<Uuid, Vec<Step>>,
    telling: Telling,
    lives: BTreeMap<Uuid, Life>,
}

/// What differs of each person's regular money; only regular runs have a month before.
async fn changes(
    app: &App,
    run: &pay_run::Model,
    people: &BTreeMap<Uuid, Named>,
    law: String,
) -> Result<Changes, Error> {
    if run.kind != PayRunKind::Regular {
        return Ok(Changes::default());
    }
    let facts = Facts::load(app, run).await?;
    let before = people.keys().map(|id| (*id, facts.before(id))).collect();
    let all = people.keys().map(|id| (*id, facts.steps(id)));
    let steps: BTreeMap<Uuid, Vec<Step>> = all.filter(|(_, steps)| !steps.is_empty()).collect();
    let law = facts.law().map_or(law, str::to_owned);
    let telling = Telling::load(app, law, &steps).await?;
    Ok(Changes {
        before,
        steps,
        telling,
        lives: facts.into_lives(),
    })
}

/// What the run holds, by person.
async fn held(app: &App, run: &pay_run::Model) -> Result<BTreeMap<Uuid, Vec<held_payment::Model>>, Error> {
    let rows = held_payment::Entity::find()
        .filter(held_payment::Column::PayRunId.eq(run.id))
        .all(app.db.read())
        .await?;
    let mut held: BTreeMap<Uuid, Vec<held_payment::Model>> = BTreeMap::new();
    for row in rows {
        held.entry(row.person_id).or_default().push(row);
    }
    for rows in held.values_mut() {
        rows.sort_by(|a, b| {
            (a.cover_month, &a.reason, a.entitlement_id).cmp(&(b.cover_month, &b.reason, b.entitlement_id))
        });
    }
    Ok(held)
}

/// People as they were when the run was built.
async fn snapshot(app: &App, run: &pay_run::Model) -> Result<BTreeMap<Uuid, Named>, Error> {
    let conn = app.db.read();
    let areas: BTreeMap<String, String> = area::Entity::find()
        .select_only()
        .columns([area::Column::Id, area::Column::Name])
        .into_tuple::<(String, String)>()
        .all(conn)
        .await?
        .into_iter()
        .collect();
    let rows: Vec<(Uuid, String, String, i32, String, bool)> = pay_run_person::Entity::find()
        .select_only()
        .columns([
            pay_run_person::Column::PersonId,
            pay_run_person::Column::FullName,
            pay_run_person::Column::CitizenId,
            pay_run_person::Column::BirthYear,
            pay_run_person::Column::AreaId,
            pay_run_person::Column::Protected,
        ])
        .filter(pay_run_person::Column::PayRunId.eq(run.id))
        .into_tuple()
        .all(conn)
        .await?;
    let people = rows.into_iter().map(|row| {
        let (person_id, full_name, citizen_id, birth_year, area_id, protected) = row;
        let named = Named {
            full_name,
            citizen_id,
            birth_year: birth_year.to_string(),
            area: areas.get(&area_id).cloned().unwrap_or(area_id),
            protected,
        };
        (person_id, named)
    });
    Ok(people.collect())
}
