//! What the registry says of people whose money changed: lives, stays and papers.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::{evidence, person, residence};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Fate, RunOut};
use crate::app::App;
use crate::error::Error;

/// People in one statement.
const AT_ONCE: usize = 5_000;

/// Birth and death of a person: of these the registry keeps what it knows now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub(crate) birth: NaiveDate,
    /// Only the year of birth is known.
    pub(crate) year_only: bool,
    pub(crate) died: Option<NaiveDate>,
}

/// The lives of some people.
pub(crate) async fn lives_of(app: &App, people: &[Uuid]) -> Result<BTreeMap<Uuid, Life>, Error> {
    use person::Column as P;
    let mut lives = BTreeMap::new();
    for chunk in people.chunks(AT_ONCE) {
        let rows: Vec<(Uuid, NaiveDate, bool, Option<NaiveDate>)> = person::Entity::find()
            .select_only()
            .columns([P::Id, P::BirthDate, P::BirthYearOnly, P::DeathDate])
            .filter(P::Id.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(app.db.read())
            .await?;
        lives.extend(rows.into_iter().map(|(id, birth, year_only, died)| {
            let life = Life { birth, year_only, died };
            (id, life)
        }));
    }
    Ok(lives)
}

/// Deaths, and birthdays between two days.
pub(super) fn lived(
    lives: &BTreeMap<Uuid, Life>,
    (first, last): (NaiveDate, NaiveDate),
    fates: &mut BTreeMap<Uuid, Fate>,
) {
    for (id, life) in lives {
        let fate = fates.entry(*id).or_default();
        fate.died = life.died;
        let years = (first.year()..=last.year()).map(|year| (year, birthday(life.birth, year)));
        let mut days = years.filter_map(|(year, day)| Some((day?, year - life.birth.year())));
        fate.birthday = days.find(|(day, age)| !life.year_only && *age > 0 && (first..=last).contains(day));
    }
}

/// The birthday in a year; that of a leap day is the day after where the year has none.
fn birthday(birth: NaiveDate, year: i32) -> Option<NaiveDate> {
    birth.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
}

/// People whose last stay in the province has ended.
pub(super) async fn stays(
    app: &App,
    people: &[Uuid],
    (last, known_at): (NaiveDate, DateTime<Utc>),
    fates: &mut BTreeMap<Uuid, Fate>,
) -> Result<(), Error> {
    use residence::Column as R;
    let rows: Vec<(Uuid, Option<NaiveDate>)> = residence::Entity::find()
        .select_only()
        .columns([R::PersonId, R::ToDate])
        .filter(R::PersonId.is_in(people.iter().copied()))
        .filter(R::RecordedAt.lte(known_at))
        .filter(
            Condition::any()
                .add(R::SupersededAt.is_null())
                .add(R::SupersededAt.gt(known_at)),
        )
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut until: BTreeMap<Uuid, NaiveDate> = BTreeMap::new();
    for (person, to) in rows {
        let day = to.unwrap_or(NaiveDate::MAX);
        until
            .entry(person)
            .and_modify(|own| *own = day.max(*own))
            .or_insert(day);
    }
    for (person, day) in until {
        if day <= last {
            fates.entry(person).or_default().left = Some(day);
        }
    }
    Ok(())
}

/// Evidence that ended in two months and was not renewed.
pub(super) async fn papers(
    app: &App,
    people: &[Uuid],
    ((first, last), known_at): ((NaiveDate, NaiveDate), DateTime<Utc>),
    fates: &mut BTreeMap<Uuid, Fate>,
) -> Result<(), Error> {
    use evidence::Column as E;
    let mut rows: Vec<(Uuid, String, Option<NaiveDate>)> = evidence::Entity::find()
        .select_only()
        .columns([E::PersonId, E::Kind, E::ToDate])
        .filter(E::PersonId.is_in(people.iter().copied()))
        .filter(E::RecordedAt.lte(known_at))
        .filter(
            Condition::any()
                .add(E::SupersededAt.is_null())
                .add(E::SupersededAt.gt(known_at)),
        )
        .into_tuple()
        .all(app.db.read())
        .await?;
    rows.sort_unstable();
    let mut until: BTreeMap<(Uuid, String), NaiveDate> = BTreeMap::new();
    for (person, kind, to) in rows {
        let day = to.unwrap_or(NaiveDate::MAX);
        until
            .entry((person, kind))
            .and_modify(|own| *own = day.max(*own))
            .or_insert(day);
    }
    // The last to end is why.
    for ((person, kind), on) in until {
        if !(first..=last).contains(&on) {
            continue;
        }
        let fate = fates.entry(person).or_default();
        if fate.run_out.as_ref().is_none_or(|own| own.on < on) {
            fate.run_out = Some(RunOut { kind, on });
        }
    }
    Ok(())
}
