//! An entitlement explained to the person, down to article, value of law, fact and the paper it rests on.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use domain::case_file::Language;
use domain::determination::{Considered, Reason, open_reason, parameter_label};
use domain::law::{Confidence, citation, group_said};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::entitlement::list::{PeriodView, period};
use crate::entitlement::trace::{Sources, Subject, Traced, Why, head, subject, traced};
use crate::error::{Error, Text};
use crate::print;

/// An entitlement explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplanationView {
    /// The whole in Vietnamese.
    pub vi: String,
    /// The whole in English.
    pub en: String,
    /// The entitlement.
    pub entitlement_id: Uuid,
    /// The benefit.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// The number of the determination within the entitlement.
    pub sequence: i32,
    /// The release it was determined under.
    pub release: i32,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Whether the engine, asked again, gives the very periods that are stored. It does not where a record was changed
    /// whose earlier state is not kept, such as a date of birth; the periods then stand without reasons.
    pub explained: bool,
    /// The periods with their reasons.
    pub periods: Vec<ExplainedPeriod>,
}

/// A period and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExplainedPeriod {
    /// The period.
    #[serde(flatten)]
    pub period: PeriodView,
    /// Why, by month.
    pub reasons: Vec<ReasonView>,
}

/// Why a benefit has its level in some months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonView {
    /// First month.
    #[schema(example = "2024-09")]
    pub from: String,
    /// Last month; open if none.
    pub to: Option<String>,
    /// The day whose facts counted.
    pub facts_on: NaiveDate,
    /// Those facts.
    pub facts: Vec<FactView>,
    /// The values of law.
    pub values: Vec<ValueView>,
    /// What is paid; what would have won, where the law is silent.
    pub paid: Vec<RightView>,
    /// What was looked at and is not paid.
    pub rejected: Vec<RightView>,
    /// The same in plain words.
    pub text: Text,
}

/// A fact that counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FactView {
    /// `age`, `area`, `setting`, or the kind of evidence.
    #[schema(example = "disability")]
    pub kind: String,
    /// What kind of fact it is.
    pub label: Text,
    /// Its value.
    #[schema(example = "severe")]
    pub value: String,
    /// Its value as people say it.
    pub said: Text,
    /// Since when; none for an age.
    pub from: Option<NaiveDate>,
    /// The paper it rests on.
    pub document: Option<String>,
}

/// A value of law that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValueView {
    /// The parameter.
    #[schema(example = "standard.community")]
    pub key: String,
    /// Its name.
    pub label: Text,
    /// Its value; none where it is declared unknown.
    pub value: Option<i64>,
    /// The provision that sets it, as each language cites it.
    pub provision: Text,
    /// How sure the catalogue is of it.
    #[schema(value_type = Option<String>)]
    pub confidence: Option<Confidence>,
}

/// A right that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RightView {
    /// The benefit.
    #[schema(example = "monthly_allowance")]
    pub benefit: String,
    /// Component within the benefit: the day of birth of the person cared for, with a number (`/2`) where several were
    /// born on it; empty for one's own.
    pub component: String,
    /// The group.
    #[schema(example = "5.6")]
    pub group: String,
    /// Đồng a month.
    pub amount: i64,
    /// The coefficient, where there is one.
    #[schema(value_type = Option<String>, example = "1.5")]
    pub coefficient: Option<String>,
    /// The provision, as each language cites it.
    pub provision: Text,
    /// Why it is not paid.
    pub reason: Option<String>,
}

/// The explanation of what stands.
pub async fn explain(app: &App, actor: &Actor, id: Uuid) -> Result<ExplanationView, Error> {
    let subject = subject(app, actor, id).await?;
    let conn = app.db.read();
    let traced = traced(app, &subject, head(conn, id, None).await?).await?;
    let sources = Sources::load(conn, subject.person.id).await?;
    let periods = explained(&traced, &sources)?;
    Ok(ExplanationView {
        vi: whole(&subject, &traced, &periods, Language::Vietnamese),
        en: whole(&subject, &traced, &periods, Language::English),
        entitlement_id: id,
        benefit: subject.benefit.code().to_owned(),
        sequence: traced.head.sequence,
        release: traced.head.first_release,
        recorded_at: traced.head.recorded_at,
        explained: traced.why.is_some(),
        periods,
    })
}

/// The periods of a determination with their reasons.
pub(super) fn explained(traced: &Traced, sources: &Sources) -> Result<Vec<ExplainedPeriod>, Error> {
    let rows = traced.rows.iter().map(|row| {
        let reasons = traced.why.iter().flat_map(|why| {
            let reasons = traced.reasons(row).into_iter();
            reasons.map(|own| reason(own, why, sources))
        });
        Ok(ExplainedPeriod {
            period: period(row)?,
            reasons: reasons.collect(),
        })
    });
    rows.collect()
}

/// A text in both languages.
pub(super) fn both(text: impl Fn(Language) -> String) -> Text {
    Text::new(text(Language::Vietnamese), text(Language::English))
}

fn reason(own: &Reason, why: &Why, sources: &Sources) -> ReasonView {
    let facts = own.facts.iter().map(|fact| FactView {
        kind: fact.kind.to_owned(),
        label: both(|language| language.of(fact.label()).to_owned()),
        value: fact.value.clone(),
        said: both(|language| sources.value(fact, language)),
        from: fact.from,
        document: sources.document(&why.case, fact).map(str::to_owned),
    });
    let values = own.parameters.iter().map(|used| ValueView {
        key: used.key.clone(),
        label: both(|language| {
            language
                .of(parameter_label(&used.key).unwrap_or((&used.key, &used.key)))
                .to_owned()
        }),
        value: used.value,
        provision: both(|language| citation(&used.provision, language)),
        confidence: used.confidence,
    });
    ReasonView {
        from: own.from.to_string(),
        to: own.to.map(|to| to.to_string()),
        facts_on: own.facts_on,
        facts: facts.collect(),
        values: values.collect(),
        paid: own.paid.iter().map(right).collect(),
        rejected: own.rejected.iter().map(right).collect(),
        text: both(|language| own.text(language, &|fact| sources.said(&why.case, fact, language))),
    }
}

fn right(own: &Considered) -> RightView {
    RightView {
        benefit: own.benefit.code().to_owned(),
        component: own.component.clone(),
        group: own.group.clone(),
        amount: own.amount,
        coefficient: own.coefficient.map(|coefficient| coefficient.to_string()),
        provision: both(|language| citation(&own.provision, language)),
        reason: own.reason.clone(),
    }
}

fn whole(subject: &Subject, traced: &Traced, periods: &[ExplainedPeriod], language: Language) -> String {
    let name = language.of(subject.benefit.label());
    let (head, who) = (&traced.head, &subject.person.full_name);
    let on = crate::clock::in_vietnam(head.recorded_at).date_naive();
    let mut text = match language {
        Language::Vietnamese => format!(
            "GIẢI TRÌNH MỨC HƯỞNG\n\nNgười hưởng: {who}\nChế độ: {name}\nBản pháp luật áp dụng: số {}\nXác định lần thứ \
             {}, ghi nhận ngày {}\n\nMức hưởng:\n",
            head.first_release,
            head.sequence,
            print::date(on)
        ),
        Language::English => format!(
            "EXPLANATION\n\nBeneficiary: {who}\nBenefit: {name}\nRelease of law: {}\nDetermination {}, recorded on {on}\n\n\
             Amounts:\n",
            head.first_release, head.sequence
        ),
    };
    for own in periods {
        // Writing to a String never fails.
        let _ = writeln!(text, "- {}", level(&own.period, language));
    }
    if traced.why.is_none() {
        text.push_str(language.of((
            "\nHồ sơ đã thay đổi sau lần xác định này nên không còn đủ dữ liệu để giải trình từng khoản.\n",
            "\nThe record changed after this determination, so that its amounts cannot be explained one by one.\n",
        )));
        return text;
    }
    text.push_str(language.of(("\nVì sao:\n", "\nWhy:\n")));
    let mut said: Vec<&str> = Vec::new();
    for reason in periods.iter().flat_map(|own| &own.reasons) {
        let own = match language {
            Language::Vietnamese => reason.text.vi.as_str(),
            Language::English => reason.text.en.as_str(),
        };
        if !said.contains(&own) {
            said.push(own);
            let _ = writeln!(text, "\n{own}");
        }
    }
    text
}

/// A period in one line.
pub(super) fn level(own: &PeriodView, language: Language) -> String {
    let amount = print::dong(own.amount);
    let provision = citation(&own.provision, language);
    let month = |written: &str| spoken_month(written, language);
    let from = month(&own.from);
    let to = own.to.as_deref().map(month);
    let due = own.due.as_deref().map(month);
    let open = own.reason.as_deref().map(|code| language.of(open_reason(code)));
    let group = group_said(&own.group, language);
    match language {
        Language::Vietnamese => {
            let until = to.map_or("trở đi".to_owned(), |to| format!("đến tháng {to}"));
            if let Some(reason) = open {
                return format!("Từ tháng {from} {until}: chưa xác định được ({reason}), chưa chi");
            }
            let due = due.map_or_else(String::new, |due| format!(", chi trong tháng {due}"));
            format!("Từ tháng {from} {until}: {amount} đồng/tháng, nhóm {group}, theo {provision}{due}")
        }
        Language::English => {
            let until = to.map_or("on".to_owned(), |to| format!("to {to}"));
            if let Some(reason) = open {
                return format!("From {from} {until}: the law does not say ({reason}), held");
            }
            let due = due.map_or_else(String::new, |due| format!(", due in {due}"));
            format!("From {from} {until}: {amount} đồng a month, group {group}, by {provision}{due}")
        }
    }
}

/// `2024-09` as a language writes it.
pub(super) fn spoken_month(written: &str, language: Language) -> String {
    match (language, written.split_once('-')) {
        (Language::Vietnamese, Some((year, month))) => format!("{month}/{year}"),
        _ => written.to_owned(),
    }
}
