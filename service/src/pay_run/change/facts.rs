//! What is read to judge the changes of a run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::Month;
use domain::case_file::Jurisdiction;
use domain::law::ParameterValue;
use entity::enums::LineKind;
use entity::{determination, entitlement, held_payment, pay_run, payment_line};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::fate::{Life, lived, lives_of, papers, stays};
use super::{Basis, Case, Fate, Part, Standards, Step};
use crate::app::App;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::law;
use crate::pay_run::digest::counted;
use crate::pay_run::draw::benefits;
use crate::pay_run::snapshot;

/// People or ids in one statement.
const AT_ONCE: usize = 5_000;
/// The standards that amounts are multiples of; the highest of a list applies.
const STANDARDS: [[&str; 2]; 2] = [
    ["standard.central", "standard.community"],
    ["standard.central", "standard.facility"],
];

type Held = Vec<(Uuid, String, String)>;

/// Everything of a run by which changes are judged.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    before: BTreeMap<Uuid, Vec<Part>>,
    now: BTreeMap<Uuid, Vec<Part>>,
    held: BTreeMap<Uuid, Held>,
    held_before: BTreeMap<Uuid, Held>,
    fates: BTreeMap<Uuid, Fate>,
    lives: BTreeMap<Uuid, Life>,
    bases: BTreeMap<Uuid, Basis>,
    heads: BTreeMap<Uuid, Uuid>,
    standards: Standards,
    law: Option<String>,
}

impl Facts {
    /// Reads them. Records count as they were known when the run was submitted; those of a draft as they are now.
    pub(crate) async fn load(app: &App, run: &pay_run::Model) -> Result<Self, Error> {
        let conn = app.db.read();
        let month = crate::pay_run::cover_month(run)?;
        let earlier = snapshot::earlier(conn, month.previous()).await?;
        let ids: Vec<Uuid> = earlier.iter().map(|own| own.id).collect();
        // What the run does not pay is none of its changes, whichever run paid it the month before.
        let benefits = benefits(run)?;
        let before = if earlier.is_empty() {
            opening(app, month.previous(), benefits.as_ref()).await?
        } else {
            parts(app, &ids, benefits.as_ref()).await?
        };
        let siblings = snapshot::earlier(conn, month).await?.into_iter().map(|own| own.id);
        let siblings: Vec<Uuid> = siblings.filter(|id| *id != run.id).collect();
        let mut facts = Self {
            before: not_in(before, &parts(app, &siblings, None).await?),
            now: parts(app, &[run.id], None).await?,
            held: held(app, &[run.id], month).await?,
            held_before: held(app, &ids, month.previous()).await?,
            ..Self::default()
        };
        let known_at = run.submitted_at.unwrap_or_else(|| app.clock.now());
        let release_before = earlier.iter().map(|own| own.release_number).max();
        let releases = (release_before.unwrap_or(run.release_number), run.release_number);
        facts.read_standards(app, month, releases).await?;
        facts.read_fates(app, month, known_at).await?;
        facts.read_bases(app, known_at).await?;
        Ok(facts)
    }

    /// Everything that differs of a person's regular money.
    pub(crate) fn steps(&self, person: &Uuid) -> Vec<Step> {
        fn of<'f, T>(all: &'f BTreeMap<Uuid, Vec<T>>, person: &Uuid) -> &'f [T] {
            all.get(person).map(Vec::as_slice).unwrap_or_default()
        }
        let case = Case {
            before: of(&self.before, person),
            now: of(&self.now, person),
            held: of(&self.held, person),
            held_before: of(&self.held_before, person),
            fate: self.fates.get(person),
            bases: &self.bases,
            heads: &self.heads,
            standards: &self.standards,
        };
        case.steps()
    }

    /// The provision that moved a standard between the two months.
    pub(crate) fn law(&self) -> Option<&str> {
        self.law.as_deref()
    }

    /// The lives that were read, of whom the registry was asked.
    pub(crate) fn into_lives(self) -> BTreeMap<Uuid, Life> {
        self.lives
    }

    /// The components whose amounts differ or that are not paid any more, and the people whom the registry is asked of:
    /// those whose money stops, and those whose amount is another one by the same determination.
    fn differing(&self) -> (Vec<&Part>, BTreeSet<Uuid>) {
        let mut parts: Vec<&Part> = Vec::new();
        let mut people = BTreeSet::new();
        for (person, before) in &self.before {
            let now = self.now.get(person).map(Vec::as_slice).unwrap_or_default();
            for part in before {
                let same = now
                    .iter()
                    .find(|own| own.entitlement_id == part.entitlement_id && own.component == part.component);
                match same {
                    Some(own) if own.amount == part.amount => {}
                    // The law says it all.
                    Some(own) if own.group == part.group && self.standards.explain(part.amount, own.amount) => {}
                    Some(own) => {
                        if own.determination == part.determination {
                            people.insert(*person);
                        }
                        parts.extend([part, own]);
                    }
                    None => {
                        people.insert(*person);
                        parts.push(part);
                        parts.extend(now);
                    }
                }
            }
        }
        (parts, people)
    }

    async fn read_fates(&mut self, app: &App, month: Month, known_at: DateTime<Utc>) -> Result<(), Error> {
        let (_, asked) = self.differing();
        let asked: Vec<Uuid> = asked.into_iter().collect();
        let months = (month.previous().first_day(), month.last_day());
        for people in asked.chunks(AT_ONCE) {
            let mut fates: BTreeMap<Uuid, Fate> = BTreeMap::new();
            let lives = lives_of(app, people).await?;
            lived(&lives, months, &mut fates);
            self.lives.extend(lives);
            stays(app, people, (months.1, known_at), &mut fates).await?;
            papers(app, people, (months, known_at), &mut fates).await?;
            self.fates.extend(fates);
        }
        Ok(())
    }

    async fn read_bases(&mut self, app: &App, known_at: DateTime<Utc>) -> Result<(), Error> {
        let (rights, mut ids) = {
            let (parts, _) = self.differing();
            let rights: BTreeSet<Uuid> = parts.iter().map(|part| part.entitlement_id).collect();
            let ids: BTreeSet<Uuid> = parts.iter().filter_map(|part| part.determination).collect();
            (rights, ids)
        };
        let rights: Vec<Uuid> = rights.into_iter().collect();
        for chunk in rights.chunks(AT_ONCE) {
            self.heads.extend(heads(app, chunk, known_at).await?);
        }
        ids.extend(self.heads.values().copied());
        let ids: Vec<Uuid> = ids.into_iter().collect();
        for chunk in ids.chunks(AT_ONCE) {
            let rows: Vec<(Uuid, i32, i64)> = determination::Entity::find()
                .select_only()
                .columns([
                    determination::Column::Id,
                    determination::Column::FirstRelease,
                    determination::Column::EvidenceRev,
                ])
                .filter(determination::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(app.db.read())
                .await?;
            let bases = rows
                .into_iter()
                .map(|(id, release, evidence)| (id, Basis { release, evidence }));
            self.bases.extend(bases);
        }
        Ok(())
    }

    async fn read_standards(&mut self, app: &App, month: Month, (before, now): (i32, i32)) -> Result<(), Error> {
        let (old, new) = (law::release(app, before).await?, law::release(app, now).await?);
        let (was_on, is_on) = (month.previous().first_day(), month.first_day());
        for keys in STANDARDS {
            let was = old.highest(&keys, Jurisdiction::QuangNinh, was_on);
            let is = new.highest(&keys, Jurisdiction::QuangNinh, is_on);
            let Some((was, is)) = was.zip(is) else { continue };
            if was != is && self.law.is_none() {
                let mut values = keys
                    .iter()
                    .filter_map(|key| new.effective(key, Jurisdiction::QuangNinh, month));
                self.law = values.find(|value| value.money() == Some(is)).map(cited);
            }
            self.standards.both.push((was.dong(), is.dong()));
        }
        for key in new.parameter_keys().filter(|key| !key.starts_with("standard.")) {
            let was = old.effective(key, Jurisdiction::QuangNinh, month.previous());
            let Some(is) = new.effective(key, Jurisdiction::QuangNinh, month) else {
                continue;
            };
            let pair = was.and_then(ParameterValue::money).zip(is.money());
            if let Some((was, amount)) = pair.filter(|(was, amount)| was != amount) {
                self.law.get_or_insert_with(|| cited(is));
                self.standards.others.push((was.dong(), amount.dong()));
            }
        }
        self.standards.both.sort_unstable();
        self.standards.both.dedup();
        Ok(())
    }
}

/// The determinations that some rights stood on at an instant, by right.
async fn heads(app: &App, rights: &[Uuid], known_at: DateTime<Utc>) -> Result<Vec<(Uuid, Uuid)>, Error> {
    use determination::Column as D;
    let rows = determination::Entity::find()
        .select_only()
        .columns([D::EntitlementId, D::Id])
        .filter(D::EntitlementId.is_in(rights.iter().copied()))
        .filter(D::RecordedAt.lte(known_at))
        .filter(
            Condition::any()
                .add(D::SupersededAt.is_null())
                .add(D::SupersededAt.gt(known_at)),
        )
        .order_by_asc(D::Sequence)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows)
}

/// What other runs of the month do not pay: what they pay is none of this run's changes.
fn not_in(mut all: BTreeMap<Uuid, Vec<Part>>, others: &BTreeMap<Uuid, Vec<Part>>) -> BTreeMap<Uuid, Vec<Part>> {
    for (person, other) in others {
        if let Some(own) = all.get_mut(person) {
            own.retain(|part| {
                !other
                    .iter()
                    .any(|paid| paid.entitlement_id == part.entitlement_id && paid.component == part.component)
            });
        }
    }
    all
}

/// A provision as it is cited.
fn cited(value: &ParameterValue) -> String {
    format!("{} {}", value.cite, value.article).trim_end().to_owned()
}

/// The regular money of some runs, of some benefits or all, by person.
async fn parts(
    app: &App,
    runs: &[Uuid],
    benefits: Option<&BTreeSet<String>>,
) -> Result<BTreeMap<Uuid, Vec<Part>>, Error> {
    use payment_line::Column as L;
    type Row = (Uuid, Uuid, String, String, String, i64, Option<Uuid>, Uuid);
    if runs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<Row> = payment_line::Entity::find()
        .select_only()
        .columns([
            L::PersonId,
            L::EntitlementId,
            L::Component,
            L::GroupCode,
            L::Provision,
            L::Amount,
            L::DeterminationId,
            L::PayeeAccountId,
        ])
        .filter(L::PayRunId.is_in(runs.iter().copied()))
        .apply_if(benefits, |query, own| {
            query.filter(L::EntitlementId.in_subquery(snapshot::rights_to(own.clone())))
        })
        .filter(L::Kind.eq(LineKind::Regular))
        .filter(counted())
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut by_person: BTreeMap<Uuid, Vec<Part>> = BTreeMap::new();
    for (person, entitlement_id, component, group, provision, amount, determination, account) in rows {
        by_person.entry(person).or_default().push(Part {
            entitlement_id,
            component,
            group,
            provision,
            amount,
            determination,
            account: Some(account),
        });
    }
    Ok(sorted(by_person))
}

/// In an order that leans on no id: what is told of two parts stands in one order on every machine.
fn sorted(mut all: BTreeMap<Uuid, Vec<Part>>) -> BTreeMap<Uuid, Vec<Part>> {
    for parts in all.values_mut() {
        parts.sort_by(|a, b| {
            let key = |part: &Part| (part.amount, part.entitlement_id);
            (&a.group, &a.component, &a.provision, key(a)).cmp(&(&b.group, &b.component, &b.provision, key(b)))
        });
    }
    all
}

/// What the predecessor paid in a month, by person.
async fn opening(
    app: &App,
    month: Month,
    benefits: Option<&BTreeSet<String>>,
) -> Result<BTreeMap<Uuid, Vec<Part>>, Error> {
    let conn = app.db.read();
    let right = determination::Entity::belongs_to(entitlement::Entity)
        .from(determination::Column::EntitlementId)
        .to(entitlement::Column::Id);
    let rows: Vec<(Uuid, Uuid, Uuid)> = determination::Entity::find()
        .select_only()
        .column(entitlement::Column::PersonId)
        .columns([determination::Column::EntitlementId, determination::Column::Id])
        .join(JoinType::InnerJoin, right.into())
        .filter(determination::Column::Opening.eq(true))
        .apply_if(benefits, |query, own| {
            query.filter(entitlement::Column::Benefit.is_in(own.iter().cloned()))
        })
        .into_tuple()
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|(.., id)| *id).collect();
    let by_id = bulk::periods(conn, &ids).await?;
    let mut by_person: BTreeMap<Uuid, Vec<Part>> = BTreeMap::new();
    for (person, entitlement_id, id) in rows {
        for owed in periods::owed(by_id.get(&id).map(Vec::as_slice).unwrap_or_default())? {
            if owed.one_off || owed.falls_due(month) != Some(month) {
                continue;
            }
            by_person.entry(person).or_default().push(Part {
                entitlement_id,
                component: owed.component,
                group: owed.group,
                provision: owed.provision,
                amount: owed.amount.dong(),
                determination: Some(id),
                account: None,
            });
        }
    }
    Ok(sorted(by_person))
}

/// What runs hold of a month, by person: right, component and why.
async fn held(app: &App, runs: &[Uuid], month: Month) -> Result<BTreeMap<Uuid, Held>, Error> {
    use held_payment::Column as H;
    if runs.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut rows: Vec<(Uuid, Uuid, String, String)> = held_payment::Entity::find()
        .select_only()
        .columns([H::PersonId, H::EntitlementId, H::Component, H::Reason])
        .filter(H::PayRunId.is_in(runs.iter().copied()))
        .filter(H::CoverMonth.eq(month.yyyymm()))
        .into_tuple()
        .all(app.db.read())
        .await?;
    rows.sort_unstable();
    let mut by_person: BTreeMap<Uuid, Held> = BTreeMap::new();
    for (person, right, component, reason) in rows {
        by_person.entry(person).or_default().push((right, component, reason));
    }
    Ok(by_person)
}
