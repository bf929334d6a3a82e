//! What changed between two determinations of an entitlement, and why: which release of law, which record. The engine
//! answers it: the earlier records under the later law tell what the law alone did.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::Month;
use domain::case_file::Language;
use domain::determination::Determiner;
use domain::law::citation;
use entity::{determination, determination_period, instrument};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::entitlement::explain::both;
use crate::entitlement::records::{self, RecordCause};
use crate::entitlement::trace::{Sources, Subject, Traced, head, subject, traced};
use crate::entitlement::{narrate, periods};
use crate::error::{Error, ProblemCode, Text};
use crate::law;

/// A determination of an entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeterminationView {
    /// Its number within the entitlement, from 1.
    #[schema(example = 2)]
    pub sequence: i32,
    /// The release it was determined under first.
    pub release: i32,
    /// The state of the records it was determined on.
    pub evidence_rev: i64,
    /// Whether it was taken over from the predecessor.
    pub opening: bool,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// When the next one took its place.
    pub superseded_at: Option<DateTime<Utc>>,
}

impl From<&determination::Model> for DeterminationView {
    fn from(row: &determination::Model) -> Self {
        Self {
            sequence: row.sequence,
            release: row.first_release,
            evidence_rev: row.evidence_rev,
            opening: row.opening,
            recorded_at: row.recorded_at,
            superseded_at: row.superseded_at,
        }
    }
}

/// What caused a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// There was nothing before.
    First,
    /// Law alone.
    Law,
    /// The person's records alone.
    Records,
    /// Both.
    LawAndRecords,
    /// The earlier state of the records is not kept.
    Unknown,
}

impl Cause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::First,
        Self::Law,
        Self::Records,
        Self::LawAndRecords,
        Self::Unknown,
    ];

    /// The code, and its label in Vietnamese and English.
    pub const fn term(self) -> (&'static str, (&'static str, &'static str)) {
        match self {
            Self::First => ("first", ("Xác định lần đầu", "Determined for the first time")),
            Self::Law => ("law", ("Văn bản pháp luật", "Law")),
            Self::Records => ("records", ("Hồ sơ thay đổi", "Records")),
            Self::LawAndRecords => ("law_and_records", ("Văn bản và hồ sơ", "Law and records")),
            Self::Unknown => (
                "unknown",
                (
                    "Hồ sơ đã thay đổi; trạng thái trước không còn được lưu",
                    "The record changed; its earlier state is not kept",
                ),
            ),
        }
    }
}

/// A release that changed what is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LawCause {
    /// The release.
    pub release: i32,
    /// The instrument whose publication made it.
    pub instrument_id: Uuid,
    /// Its number.
    #[schema(example = "NĐ 76/2024/NĐ-CP")]
    pub instrument: String,
    /// Its title, in Vietnamese.
    pub title: String,
    /// Its provisions that the new level rests on, as each language cites them.
    pub provisions: Vec<Text>,
}

/// What is due in some months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LevelView {
    /// Đồng a month; 0 where the law is silent.
    pub amount: i64,
    /// The group.
    #[schema(example = "5.6")]
    pub group: String,
    /// The provision, as each language cites it.
    pub provision: Text,
    /// The month in which it falls due, where that is another.
    pub due: Option<String>,
    /// Why the law does not say, where it does not.
    pub undetermined: Option<String>,
}

/// Months whose level changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeView {
    /// First month.
    #[schema(example = "2024-09")]
    pub from: String,
    /// Last month; open if none.
    pub to: Option<String>,
    /// Component within the benefit: the day of birth of the person cared for, with a number (`/2`) where several were
    /// born on it; empty for one's own.
    pub component: String,
    /// Before; none: nothing was due.
    pub before: Option<LevelView>,
    /// After; none: nothing is due.
    pub after: Option<LevelView>,
    /// After less before, đồng a month.
    pub difference: i64,
}

/// Two determinations compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparisonView {
    /// The whole in Vietnamese.
    pub vi: String,
    /// The whole in English.
    pub en: String,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// The benefit.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// The earlier; none where the later is the first.
    pub before: Option<DeterminationView>,
    /// The later.
    pub after: DeterminationView,
    /// What caused it.
    pub cause: Cause,
    /// The releases that did.
    pub law: Vec<LawCause>,
    /// The records that did.
    pub records: Vec<RecordCause>,
    /// The months whose level changed.
    pub changes: Vec<ChangeView>,
}

/// Two determinations with all that explains them.
pub(super) struct Compared {
    pub(super) subject: Subject,
    pub(super) sources: Sources,
    pub(super) after: Traced,
    pub(super) view: ComparisonView,
}

/// The determinations of an entitlement, the newest first.
pub async fn determinations(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<DeterminationView>, Error> {
    subject(app, actor, id).await?;
    let rows = determination::Entity::find()
        .filter(determination::Column::EntitlementId.eq(id))
        .order_by_desc(determination::Column::Sequence)
        .all(app.db.read())
        .await?;
    Ok(rows.iter().map(DeterminationView::from).collect())
}

/// Compares two determinations: `after` is the one that stands, `before` the one it followed, unless numbers are given.
pub async fn compare(
    app: &App,
    actor: &Actor,
    id: Uuid,
    (before, after): (Option<i32>, Option<i32>),
) -> Result<ComparisonView, Error> {
    Ok(compared(app, actor, id, (before, after)).await?.view)
}

pub(super) async fn compared(
    app: &App,
    actor: &Actor,
    id: Uuid,
    (before, after): (Option<i32>, Option<i32>),
) -> Result<Compared, Error> {
    let subject = subject(app, actor, id).await?;
    let conn = app.db.read();
    let later = head(conn, id, after).await?;
    let number = before.unwrap_or(later.sequence - 1);
    if number >= later.sequence {
        let (vi, en) = (
            "Lần xác định trước phải trước lần xác định sau",
            "the earlier determination must come before the later",
        );
        return Err(Error::because(ProblemCode::InvalidRequest, vi, en));
    }
    let after = traced(app, &subject, later).await?;
    let before = match number {
        0 => None,
        number => Some(traced(app, &subject, head(conn, id, Some(number)).await?).await?),
    };
    let sources = Sources::load(conn, subject.person.id).await?;
    let (cause, law, records) = causes(app, &subject, before.as_ref(), &after, &sources).await?;
    let changes = changes(before.as_ref().map_or(&[], |own| &own.rows), &after.rows)?;
    let mut view = ComparisonView {
        vi: String::new(),
        en: String::new(),
        entitlement_id: id,
        benefit: subject.benefit.code().to_owned(),
        before: before.as_ref().map(|own| (&own.head).into()),
        after: (&after.head).into(),
        cause,
        law,
        records,
        changes,
    };
    view.vi = narrate::comparison(&subject, &view, Language::Vietnamese);
    view.en = narrate::comparison(&subject, &view, Language::English);
    Ok(Compared {
        subject,
        sources,
        after,
        view,
    })
}

type Causes = (Cause, Vec<LawCause>, Vec<RecordCause>);

/// What did it: each release in turn on the earlier records, then whatever those leave to the records.
async fn causes(
    app: &App,
    subject: &Subject,
    before: Option<&Traced>,
    after: &Traced,
    sources: &Sources,
) -> Result<Causes, Error> {
    let Some(before) = before else {
        return Ok((Cause::First, Vec::new(), Vec::new()));
    };
    let (Some(then), Some(now)) = (&before.why, &after.why) else {
        return Ok((Cause::Unknown, Vec::new(), Vec::new()));
    };
    let mut law = Vec::new();
    let mut hash = before.head.content_hash.clone();
    for number in before.head.first_release + 1..=after.head.first_release {
        let release = law::release(app, number).await?;
        let determination = Determiner::new(&release).determine(&then.case);
        let next = periods::content_hash(&periods::of_benefit(&determination, subject.benefit));
        if next != hash {
            law.push(law_cause(app, number, after).await?);
            hash = next;
        }
    }
    let records = if hash == after.head.content_hash {
        Vec::new()
    } else {
        records::differences(&then.case, &now.case, sources)
    };
    let cause = match (law.is_empty(), records.is_empty()) {
        (false, true) => Cause::Law,
        (true, false) => Cause::Records,
        (false, false) => Cause::LawAndRecords,
        (true, true) => Cause::Unknown,
    };
    Ok((cause, law, records))
}

async fn law_cause(app: &App, number: i32, after: &Traced) -> Result<LawCause, Error> {
    let row = instrument::Entity::find()
        .filter(instrument::Column::ReleaseNumber.eq(number))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let cite = row.body.get("cite").and_then(|cite| cite.as_str()).unwrap_or_default();
    let reasons = after.rows.iter().flat_map(|row| after.reasons(row));
    let cited: BTreeSet<&str> = reasons
        .flat_map(|reason| {
            let values = reason.parameters.iter().map(|used| used.provision.as_str());
            values.chain(reason.paid.iter().map(|paid| paid.provision.as_str()))
        })
        .filter(|provision| of_instrument(provision, cite))
        .collect();
    let provisions = cited
        .into_iter()
        .map(|cited| both(|language| citation(cited, language)));
    Ok(LawCause {
        release: number,
        instrument_id: row.id,
        instrument: row.number.clone(),
        title: row.title.clone(),
        provisions: provisions.collect(),
    })
}

/// Whether a provision is one of an instrument, as both are cited.
pub(super) fn of_instrument(provision: &str, cite: &str) -> bool {
    let rest = provision.strip_prefix(cite);
    !cite.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The months whose level differs, cut where either side begins or ends.
pub(super) fn changes(
    before: &[determination_period::Model],
    after: &[determination_period::Model],
) -> Result<Vec<ChangeView>, Error> {
    let all = || before.iter().chain(after);
    let month = |number| Month::from_yyyymm(number).map_err(Error::internal);
    let mut starts = BTreeSet::new();
    for row in all() {
        starts.insert(month(row.from_month)?);
        if let Some(to) = row.to_month {
            starts.insert(month(to)?.next());
        }
    }
    let starts: Vec<Month> = starts.into_iter().collect();
    let components: BTreeSet<&str> = all().map(|row| row.component.as_str()).collect();
    let mut changes: Vec<ChangeView> = Vec::new();
    for component in components {
        for (at, from) in starts.iter().enumerate() {
            let to = starts.get(at + 1).map(|next| next.previous());
            let (was, is) = (level(before, component, *from)?, level(after, component, *from)?);
            if was == is {
                continue;
            }
            let amount = |level: &Option<LevelView>| level.as_ref().map_or(0, |level| level.amount);
            let change = ChangeView {
                from: from.to_string(),
                to: to.map(|to| to.to_string()),
                component: component.to_owned(),
                difference: amount(&is) - amount(&was),
                before: was,
                after: is,
            };
            let joins = |last: &&mut ChangeView| {
                last.to.as_ref() == Some(&from.previous().to_string())
                    && (&last.component, &last.before, &last.after)
                        == (&change.component, &change.before, &change.after)
            };
            match changes.last_mut().filter(joins) {
                Some(last) => last.to = change.to,
                None => changes.push(change),
            }
        }
    }
    Ok(changes)
}

fn level(rows: &[determination_period::Model], component: &str, month: Month) -> Result<Option<LevelView>, Error> {
    let number = month.yyyymm();
    let row = rows.iter().find(|row| {
        row.component == component && row.from_month <= number && row.to_month.is_none_or(|to| number <= to)
    });
    let view = |row: &determination_period::Model| {
        let due = row
            .due_month
            .map(Month::from_yyyymm)
            .transpose()
            .map_err(Error::internal)?;
        Ok(LevelView {
            amount: row.amount,
            group: row.group_code.clone(),
            provision: both(|language| citation(&row.provision, language)),
            due: due.map(|due| due.to_string()),
            undetermined: row.reason.clone(),
        })
    };
    row.map(view).transpose()
}
