//! What is read to judge the changes of a run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::Month;
use domain::case_file::Jurisdiction;
use domain::law::ParameterValue;
use entity::{determination, pay_run};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::fate::{Life, lived, lives_of, papers, stays};
use super::money::{Held, Parts, explained, held, parts};
use super::{Basis, Case, Fate, Part, Standards, Step, same};
use crate::app::App;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::law;
use crate::pay_run::snapshot;

/// People or ids in one statement.
const AT_ONCE: usize = 5_000;
/// The standards that amounts are multiples of; the highest of a list applies.
const STANDARDS: [[&str; 2]; 2] = [
    ["standard.central", "standard.community"],
    ["standard.central", "standard.facility"],
];

/// Everything of a run by which changes are judged.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    before: Parts,
    elsewhere: Parts,
    now: Parts,
    held: BTreeMap<Uuid, Held>,
    held_before: BTreeMap<Uuid, Held>,
    fates: BTreeMap<Uuid, Fate>,
    lives: BTreeMap<Uuid, Life>,
    bases: BTreeMap<Uuid, Basis>,
    heads: BTreeMap<Uuid, Uuid>,
    due: BTreeSet<(Uuid, String)>,
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
        let (before, elsewhere) = explained(app, run, (month.previous(), &ids)).await?;
        let mut facts = Self {
            before,
            elsewhere,
            now: parts(app, &[run.id], None, None).await?,
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
        facts.read_due(app, month).await?;
        Ok(facts)
    }

    /// Everything that differs of a person's regular money.
    pub(crate) fn steps(&self, person: &Uuid) -> Vec<Step> {
        fn of<'f, T>(all: &'f BTreeMap<Uuid, Vec<T>>, person: &Uuid) -> &'f [T] {
            all.get(person).map(Vec::as_slice).unwrap_or_default()
        }
        let case = Case {
            before: of(&self.before, person),
            elsewhere: of(&self.elsewhere, person),
            now: of(&self.now, person),
            held: of(&self.held, person),
            held_before: of(&self.held_before, person),
            fate: self.fates.get(person),
            bases: &self.bases,
            heads: &self.heads,
            due: &self.due,
            standards: &self.standards,
        };
        case.steps()
    }

    /// A person's regular money of the month before that the run's lists explain, đồng.
    pub(crate) fn before(&self, person: &Uuid) -> i64 {
        let parts = self.before.get(person).into_iter().flatten();
        parts.map(|part| part.amount).sum()
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
                match now.iter().find(|own| same(own, part)) {
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

    /// Reads what is due of the money that the run pays no more.
    async fn read_due(&mut self, app: &App, month: Month) -> Result<(), Error> {
        let mut rights: BTreeMap<Uuid, Uuid> = BTreeMap::new();
        for (person, before) in &self.before {
            let now = self.now.get(person).map(Vec::as_slice).unwrap_or_default();
            let gone = before.iter().filter(|part| !now.iter().any(|own| same(part, own)));
            rights.extend(gone.filter_map(|part| Some((*self.heads.get(&part.entitlement_id)?, part.entitlement_id))));
        }
        let heads: Vec<Uuid> = rights.keys().copied().collect();
        for (head, rows) in bulk::periods(app.db.read(), &heads).await? {
            let Some(right) = rights.get(&head) else { continue };
            for owed in periods::owed(&rows)? {
                if !owed.one_off && owed.falls_due(month) == Some(month) {
                    self.due.insert((*right, owed.component));
                }
            }
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

/// A provision as it is cited.
fn cited(value: &ParameterValue) -> String {
    format!("{} {}", value.cite, value.article).trim_end().to_owned()
}
