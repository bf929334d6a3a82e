//! The people whom a step of the law can touch, by one indexed question for each set of traits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::evidence::EvidenceKind;
use domain::law::Traits;
use entity::{evidence, person};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use crate::error::Error;

/// Those who have all traits of one of these, by id; people whose entitlement has ended included.
pub(super) async fn people(conn: &impl ConnectionTrait, those: &BTreeSet<Traits>) -> Result<Vec<Uuid>, Error> {
    let mut people = BTreeSet::new();
    for traits in those {
        let found: Vec<Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(condition(traits))
            .into_tuple()
            .all(conn)
            .await?;
        people.extend(found);
    }
    Ok(people.into_iter().collect())
}

fn condition(traits: &Traits) -> Condition {
    let held = traits
        .evidence
        .iter()
        .map(|(kind, words)| holder(*kind, words, traits.since));
    let mut condition = held.fold(Condition::all(), |all, holders| {
        all.add(person::Column::Id.in_subquery(holders))
    });
    let first_day = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1);
    if let Some(day) = traits.born_from.and_then(first_day) {
        condition = condition.add(person::Column::BirthDate.gte(day));
    }
    if let Some(day) = traits.born_to.and_then(|year| first_day(year + 1)) {
        condition = condition.add(person::Column::BirthDate.lt(day));
    }
    if traits.dead {
        condition = condition.add(person::Column::DeathDate.is_not_null());
        condition = condition.add_option(traits.since.map(|since| person::Column::DeathDate.gte(since)));
    }
    condition
}

/// Who holds a fact of a kind with one of these words, from a day on.
fn holder(kind: EvidenceKind, words: &[String], since: Option<NaiveDate>) -> SelectStatement {
    use evidence::Column as C;
    let lasts = since.map(|since| Expr::col(C::ToDate).is_null().or(Expr::col(C::ToDate).gte(since)));
    let says = (!words.is_empty()).then(|| C::Value.is_in(words.iter().map(|word| Value::from(word.as_str()))));
    Query::select()
        .column(C::PersonId)
        .from(evidence::Entity)
        .cond_where(
            Condition::all()
                .add(C::Kind.eq(kind.code()))
                .add(C::SupersededAt.is_null())
                .add_option(lasts)
                .add_option(says),
        )
        .to_owned()
}
