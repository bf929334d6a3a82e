//! Papers of a case: the notice that opens the hearing and the decision (NĐ 30/2020/NĐ-CP, Phụ lục I). What the law does
//! not say of a period or a limit is told as not regulated, never filled in.

mod decision;
mod notice;
mod told;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Vnd;
use domain::case_file::Language;
use domain::law::citation;
use domain::words::in_words;
use entity::enums::{CaseStatus, OverpaymentCause};
use entity::{overpayment_case, overpayment_event, person};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

pub use decision::decision;
pub use notice::notice;
pub(super) use told::{FIELD, Told};

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::area::Directory;
use crate::clock::in_vietnam;
use crate::entitlement::{self, Office, office_at};
use crate::error::{Error, ProblemCode};
use crate::overpayment::law::Rule;
use crate::overpayment::{months_of, scoped};
use crate::person::find_in_scope;
use crate::print;
use crate::vocabulary;

/// What is not regulated.
const UNKNOWN: &str = "chưa có quy định";

/// A case that papers are printed of.
struct Subject {
    row: overpayment_case::Model,
    person: person::Model,
    history: Vec<overpayment_event::Model>,
    areas: Directory,
}

impl Subject {
    /// The case inside the caller's areas; 404 otherwise.
    async fn load(app: &App, actor: &Actor, id: Uuid) -> Result<Self, Error> {
        let scope = actor.require(Permission::OverpaymentRead)?;
        let conn = app.db.read();
        let row = scoped(&scope)
            .filter(overpayment_case::Column::Id.eq(id))
            .one(conn)
            .await?
            .ok_or_else(Error::not_found)?;
        let history = overpayment_event::Entity::find()
            .filter(overpayment_event::Column::CaseId.eq(id))
            .order_by_asc(overpayment_event::Column::Sequence)
            .all(conn)
            .await?;
        Ok(Self {
            person: find_in_scope(conn, &scope, row.person_id).await?,
            row,
            history,
            areas: Directory::load(conn).await?,
        })
    }

    /// The last step of a kind.
    fn last(&self, action: &str) -> Option<&overpayment_event::Model> {
        last(&self.history, action)
    }

    /// The content that a step kept; as things stand where none did.
    async fn told(&self, app: &App, kept: Option<&overpayment_event::Model>, on: NaiveDate) -> Result<Told, Error> {
        match kept.and_then(Told::kept) {
            Some(told) => Ok(told),
            None => {
                let months = months_of(app.db.read(), &[self.row.id]).await?;
                Told::now(app, &self.row, &months, on).await
            }
        }
    }

    /// The body that issues a paper, and the person with home.
    fn issued(&self, told: &Told, on: NaiveDate) -> (Office, String) {
        let home = self.areas.get(&told.area);
        let commune = home.and_then(|area| self.areas.present(&area.code, area.valid_from, on));
        let office = office_at(commune, &self.areas, on);
        (office, entitlement::named(&self.person, commune, on))
    }

    /// The person as a paper of a day speaks of one.
    fn called(&self, on: NaiveDate) -> String {
        entitlement::called(&self.person, on)
    }

    /// To whom a paper goes: the family of who has died.
    fn receiver(&self, on: NaiveDate) -> String {
        let family = self.person.death_date.is_some_and(|day| day <= on);
        format!("{}{}", if family { "gia đình " } else { "" }, self.called(on))
    }

    /// The cause, with the reason that was given for it; a right whose facts no paper names keeps its reason too.
    fn cause(&self, told: &Told) -> String {
        let cause = self.row.cause.map_or_else(String::new, label);
        let reason = self.last("classify").and_then(|event| event.reason.as_deref());
        match reason.filter(|_| !told.is_confidential()) {
            Some(reason) => format!("{cause}: {}", reason.trim_end_matches('.')),
            None => format!("{cause} (theo hồ sơ)"),
        }
    }
}

/// The last step of a kind.
fn last<'h>(history: &'h [overpayment_event::Model], action: &str) -> Option<&'h overpayment_event::Model> {
    history.iter().rfind(|event| event.action == action)
}

/// Whether the history of a case has a notice to print: it was served, or its cause makes it one to be served.
fn has_notice(history: &[overpayment_event::Model]) -> bool {
    let classified = last(history, "classify").is_some_and(|event| event.to_status == CaseStatus::Classified);
    classified || last(history, "serve_notice").is_some()
}

/// The papers that can be printed of a case with this history, by the name of their file.
pub(super) fn printable(history: &[overpayment_event::Model]) -> Vec<String> {
    let decided = last(history, "decide").is_some();
    let all = [("notice.pdf", has_notice(history)), ("decision.pdf", decided)];
    all.into_iter()
        .filter(|(_, there)| *there)
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// What people are shown for a cause.
fn label(cause: OverpaymentCause) -> String {
    vocabulary::said("overpayment_cause", &cause)
}

/// A paper that does not exist in the state of the case.
fn not_yet(vi: &str, en: &str) -> Error {
    Error::because(ProblemCode::Conflict, vi, en)
}

fn day_of(instant: DateTime<Utc>) -> NaiveDate {
    in_vietnam(instant).date_naive()
}

/// `4.500.000 đồng (Bằng chữ: Bốn triệu năm trăm nghìn đồng)`.
fn spelt(amount: i64) -> Result<String, Error> {
    let words = in_words(Vnd::new(amount).map_err(Error::internal)?);
    Ok(format!("{} đồng (Bằng chữ: {words})", print::dong(amount)))
}

/// A number of law as it is written: `20`, `12,5`.
fn number(value: Decimal) -> String {
    value.normalize().to_string().replace('.', ",")
}

/// ` (theo Điều 1 NQ ...)`.
fn by(rule: &Rule) -> String {
    format!(" (theo {})", citation(&rule.provision, Language::Vietnamese))
}

/// `10 ngày (theo ...)`, or that it is not regulated.
fn days(rule: Option<&Rule>) -> String {
    rule.map_or_else(
        || UNKNOWN.to_owned(),
        |rule| format!("{} ngày{}", number(rule.value), by(rule)),
    )
}

/// Name of a benefit inside a sentence.
fn benefit(code: &str) -> String {
    entitlement::benefit(code).map_or_else(|| code.to_owned(), |own| own.label().0.to_owned())
}
