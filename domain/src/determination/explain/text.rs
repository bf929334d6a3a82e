//! A reason in plain Vietnamese and English.

use std::fmt::Write;

use super::{Considered, Reason};
use crate::Month;
use crate::case_file::Language;

/// An amount with dots, as Vietnamese is written, or commas.
fn dong(amount: i64, language: Language) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mark = language.of((".", ","));
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    format!("{text} đồng")
}

fn month(month: Month, language: Language) -> String {
    match language {
        Language::Vietnamese => format!("{}/{}", month.number(), month.year()),
        Language::English => month.to_string(),
    }
}

pub(super) fn text(reason: &Reason, language: Language) -> String {
    let vi = language == Language::Vietnamese;
    let mut text = language.of(reason.benefit.label()).to_owned();
    let first = month(reason.from, language);
    let last = reason.to.map(|to| month(to, language));
    let months = match (last, vi) {
        (Some(last), _) if last == first => language.of((", tháng ", ", ")).to_owned() + &first,
        (Some(last), true) => format!(", từ tháng {first} đến tháng {last}"),
        (Some(last), false) => format!(", from {first} to {last}"),
        (None, true) => format!(", từ tháng {first} trở đi"),
        (None, false) => format!(", from {first} on"),
    };
    text.push_str(&months);
    if let Some(due) = reason.due.filter(|due| Some(*due) != reason.to || reason.from != *due) {
        let due = month(due, language);
        text.push_str(&if vi {
            format!(" (chi trong tháng {due})")
        } else {
            format!(" (due in {due})")
        });
    }
    let day = if vi {
        reason.facts_on.format("%d/%m/%Y").to_string()
    } else {
        reason.facts_on.to_string()
    };
    let facts = reason
        .facts
        .iter()
        .map(|fact| format!("{}: {}", language.of(fact.label).to_lowercase(), fact.value));
    let facts = facts.collect::<Vec<_>>().join("; ");
    text.push_str(&if vi {
        format!(".\nCăn cứ tại ngày {day}: {facts}.")
    } else {
        format!(".\nFacts on {day}: {facts}.")
    });
    for used in &reason.parameters {
        let value = used.value.map_or_else(
            || language.of(("chưa biết", "not known")).to_owned(),
            |v| dong(v, language),
        );
        line(
            &mut text,
            language.of(("Mức áp dụng", "Value of law")),
            &format!("{} = {value} ({})", used.key, used.provision),
        );
    }
    if let Some(why) = &reason.undetermined {
        line(
            &mut text,
            language.of(("Chưa xác định được, chưa chi", "Not determined, held")),
            why,
        );
    }
    let row = |right: &Considered| {
        let coefficient = right
            .coefficient
            .map(|c| format!(", {} {c}", language.of(("hệ số", "coefficient"))));
        let group = language.of(("nhóm", "group"));
        format!(
            "{} ({group} {}{}, {})",
            dong(right.amount, language),
            right.group,
            coefficient.unwrap_or_default(),
            right.provision
        )
    };
    if reason.undetermined.is_none() {
        for right in &reason.paid {
            line(&mut text, language.of(("Được hưởng", "Paid")), &row(right));
        }
    }
    for right in &reason.rejected {
        let label = (
            "Không hưởng vì không phải mức cao nhất",
            "Not paid because it is not the highest",
        );
        line(&mut text, language.of(label), &row(right));
    }
    text
}

fn line(text: &mut String, label: &str, rest: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{label}: {rest}.");
}
