//! A determination with the trace of its amounts. The engine is asked again, on the records and the release that the
//! determination was made from, and only an answer with the very same periods explains it: an explanation that disagrees
//! with its amounts does not exist.

use domain::case_file::{Benefit, CaseFile, Language};
use domain::determination::{Determiner, Fact, Reason};
use entity::enums::PeriodKind;
use entity::{determination, determination_period, entitlement, evidence, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::entitlement::periods::{self, Rows};
use crate::entitlement::{benefit, bulk};
use crate::error::Error;
use crate::law;
use crate::person::{case_file, find_in_scope};

/// Whose entitlement, and to what.
pub(super) struct Subject {
    pub(super) benefit: Benefit,
    pub(super) person: person::Model,
}

/// The entitlement inside the caller's areas; 404 otherwise.
pub(super) async fn subject(app: &App, actor: &Actor, id: Uuid) -> Result<Subject, Error> {
    let scope = actor.require(Permission::RegistryRead)?;
    let conn = app.db.read();
    let own = entitlement::Entity::find_by_id(id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Subject {
        benefit: benefit(&own.benefit).ok_or_else(|| Error::internal("a benefit that is not known"))?,
        person: find_in_scope(conn, &scope, own.person_id).await?,
    })
}

/// A determination of an entitlement by its number; the one that stands if none is named.
pub(super) async fn head(
    conn: &impl ConnectionTrait,
    id: Uuid,
    sequence: Option<i32>,
) -> Result<determination::Model, Error> {
    let of_it = determination::Entity::find().filter(determination::Column::EntitlementId.eq(id));
    let meant = match sequence {
        Some(sequence) => of_it.filter(determination::Column::Sequence.eq(sequence)),
        None => of_it.filter(determination::Column::SupersededAt.is_null()),
    };
    meant.one(conn).await?.ok_or_else(Error::not_found)
}

/// A determination, and why.
pub(super) struct Traced {
    pub(super) head: determination::Model,
    pub(super) rows: Rows,
    pub(super) why: Option<Why>,
}

/// What a determination was made from, and its reasons.
pub(super) struct Why {
    pub(super) case: CaseFile,
    reasons: Vec<Reason>,
}

impl Traced {
    /// The reasons of a stored period.
    pub(super) fn reasons<'t>(&'t self, row: &determination_period::Model) -> Vec<&'t Reason> {
        let open = row.kind == PeriodKind::Undetermined;
        let meant = |reason: &&Reason| {
            let apart = row.to_month.is_some_and(|to| to < reason.from.yyyymm())
                || reason.to.is_some_and(|to| to.yyyymm() < row.from_month);
            let same = if open {
                reason.undetermined == row.reason
            } else {
                reason.due.map(domain::Month::yyyymm) == row.due_month
                    && reason.undetermined.is_none()
                    && reason.paid.iter().any(|paid| paid.component == row.component)
            };
            !apart && same
        };
        let all = self.why.iter().flat_map(|why| &why.reasons);
        all.filter(meant).collect()
    }
}

/// A determination with its trace.
pub(super) async fn traced(app: &App, subject: &Subject, head: determination::Model) -> Result<Traced, Error> {
    let conn = app.db.read();
    let rows = bulk::periods(conn, &[head.id])
        .await?
        .remove(&head.id)
        .unwrap_or_default();
    let release = law::release(app, head.first_release).await?;
    let mut determiner = Determiner::new(&release);
    // The records as they stood; where an instant was shared with a later change, the present ones.
    let known = case_file::load_known_at(conn, subject.person.id, head.recorded_at).await?;
    let now = case_file::load_one(conn, subject.person.id).await?;
    let mut why = None;
    for case in [known.case_file, now.case_file] {
        let (determination, trace) = determiner.traced(&case);
        let own = periods::of_benefit(&determination, subject.benefit);
        if periods::content_hash(&own) == head.content_hash {
            let of_benefit = |reason: &Reason| reason.benefit == subject.benefit;
            let reasons = trace.reasons.into_iter().filter(of_benefit).collect();
            why = Some(Why { case, reasons });
            break;
        }
    }
    Ok(Traced { head, rows, why })
}

/// Where facts come from: the papers they rest on, and the names of areas.
pub(super) struct Sources {
    pub(super) evidence: Vec<evidence::Model>,
    pub(super) areas: Directory,
}

impl Sources {
    pub(super) async fn load(conn: &impl ConnectionTrait, person_id: Uuid) -> Result<Self, Error> {
        let rows = evidence::Entity::find()
            .filter(evidence::Column::PersonId.eq(person_id))
            .order_by_asc(evidence::Column::RecordedAt)
            .order_by_asc(evidence::Column::Id)
            .all(conn)
            .await?;
        Ok(Self {
            evidence: rows,
            areas: Directory::load(conn).await?,
        })
    }

    /// The paper a fact rests on.
    pub(super) fn document(&self, case: &CaseFile, fact: &Fact) -> Option<&str> {
        let own = case.evidence.get(fact.evidence?)?;
        let value = own.value.to_json();
        let row = self.evidence.iter().rfind(|row| {
            row.kind == own.kind.code() && row.value == value && row.from_date == own.from && row.to_date == own.to
        });
        row.and_then(|row| row.document.as_deref())
    }

    /// A fact's value as people say it, without its paper.
    pub(super) fn value(&self, fact: &Fact, language: Language) -> String {
        let since = fact.from.filter(|_| fact.kind == "area");
        let area = since.and_then(|from| self.areas.commune(&fact.value, from));
        area.map_or_else(|| fact.said(language).to_owned(), |area| area.name.clone())
    }

    /// A fact's value with the paper it rests on.
    pub(super) fn said(&self, case: &CaseFile, fact: &Fact, language: Language) -> String {
        let value = self.value(fact, language);
        match self.document(case, fact) {
            Some(document) => format!("{value} ({} {document})", language.of(("theo", "by"))),
            None => value,
        }
    }
}
