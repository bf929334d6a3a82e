//! Two bodies side by side: clauses are matched by what they are about, wherever they stand.

use serde_json::Value;

use super::{Change, ClauseChange, Label, fields};
use crate::law::instrument::Instrument;

/// A list of a provision: its field, its name, and what tells one clause from another.
type Kind = (&'static str, Label, &'static [&'static str]);

const LISTS: &[Kind] = &[
    ("parameters", label("Tham số", "Parameter"), &["key", "from"]),
    (
        "rules",
        label("Quy định hưởng", "Rule"),
        &["benefit", "group", "setting", "from"],
    ),
    (
        "ends",
        label("Chấm dứt quy định", "End of rules"),
        &["instrument", "benefit", "groups", "parameters", "together", "articles"],
    ),
    ("effects", label("Thời điểm hưởng", "Rule of effect"), &["from"]),
    (
        "together",
        label("Hưởng đồng thời", "Paid together"),
        &["group", "from"],
    ),
    (
        "unknowns",
        label("Điều chưa biết", "Declared unknown"),
        &["subject", "from"],
    ),
];
const HEAD: Label = label("Thông tin văn bản", "Head of the instrument");
const TEXT: Label = label("Lời văn", "Text");
const CASE: Label = label("Trường hợp kiểm tra", "Case");

const fn label(vi: &'static str, en: &'static str) -> Label {
    Label { vi, en }
}

struct Clause {
    label: Label,
    article: String,
    subject: String,
    /// Which of several about the same.
    nth: usize,
    pointer: String,
    value: Value,
}

/// What the later version says otherwise, in its order; what is gone comes last.
pub fn compare(before: &Instrument, after: &Instrument) -> Vec<ClauseChange> {
    let (mut earlier, later) = (clauses(before), clauses(after));
    let mut changes = Vec::new();
    for clause in later {
        let same = |other: &Clause| {
            (other.label.en, &other.subject, other.nth) == (clause.label.en, &clause.subject, clause.nth)
        };
        let Some(place) = earlier.iter().position(same) else {
            changes.push(alone(clause, Change::Added));
            continue;
        };
        let old = earlier.remove(place);
        let mut differ = Vec::new();
        fields(&old.value, &clause.value, "", &mut differ);
        if old.article != clause.article {
            differ.push(super::FieldChange {
                pointer: "/article".to_owned(),
                before: old.article.into(),
                after: clause.article.clone().into(),
            });
        }
        if !differ.is_empty() {
            changes.push(ClauseChange {
                before: Some(old.value),
                fields: differ,
                ..alone(clause, Change::Changed)
            });
        }
    }
    changes.extend(earlier.into_iter().map(|clause| {
        let gone = alone(clause, Change::Removed);
        ClauseChange {
            before: gone.after.clone(),
            after: None,
            ..gone
        }
    }));
    changes
}

fn alone(clause: Clause, change: Change) -> ClauseChange {
    ClauseChange {
        change,
        label: clause.label,
        article: clause.article,
        subject: clause.subject,
        pointer: clause.pointer,
        before: None,
        after: Some(clause.value),
        fields: Vec::new(),
    }
}

fn clauses(instrument: &Instrument) -> Vec<Clause> {
    let body = serde_json::to_value(instrument).unwrap_or_default();
    let mut found: Vec<Clause> = Vec::new();
    let mut push = |label: Label, article: &str, subject: String, pointer: String, value: &Value| {
        let same = |other: &&Clause| (other.label.en, &other.subject) == (label.en, &subject);
        let nth = found.iter().filter(same).count();
        found.push(Clause {
            label,
            article: article.to_owned(),
            subject,
            nth,
            pointer,
            value: value.clone(),
        });
    };
    for (name, value) in body.as_object().into_iter().flatten() {
        if !matches!(name.as_str(), "provisions" | "cases") {
            push(HEAD, "", name.clone(), format!("/{name}"), value);
        }
    }
    for (index, provision) in list(&body, "provisions").iter().enumerate() {
        let article = provision["article"].as_str().unwrap_or_default();
        if let Some(text) = provision.get("text") {
            push(
                TEXT,
                article,
                article.to_owned(),
                format!("/provisions/{index}/text"),
                text,
            );
        }
        for (field, label, names) in LISTS {
            for (position, value) in list(provision, field).iter().enumerate() {
                let pointer = format!("/provisions/{index}/{field}/{position}");
                push(*label, article, subject(value, names), pointer, value);
            }
        }
    }
    for (index, case) in list(&body, "cases").iter().enumerate() {
        push(CASE, "", subject(case, &["name"]), format!("/cases/{index}"), case);
    }
    found
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn subject(value: &Value, names: &[&str]) -> String {
    let words = names.iter().filter_map(|name| match &value[*name] {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let parts = parts
                .iter()
                .filter_map(|part| part.as_str().or_else(|| part["group"].as_str()));
            let parts: Vec<&str> = parts.collect();
            Some(parts.join(", "))
        }
        _ => None,
    });
    words.collect::<Vec<_>>().join(" ")
}
