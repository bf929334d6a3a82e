//! A comparison in plain Vietnamese and English.

use std::fmt::Write;

use domain::case_file::Language;
use domain::determination::open_reason;

use crate::entitlement::compare::{Cause, ChangeView, ComparisonView, LawCause, LevelView};
use crate::entitlement::discreet::{CONFIDENTIAL_KINDS, is_confidential};
use crate::entitlement::explain::spoken_month;
use crate::entitlement::records::RecordCause;
use crate::entitlement::trace::Subject;
use crate::error::Text;
use crate::print;

/// The whole comparison.
pub(super) fn comparison(subject: &Subject, view: &ComparisonView, language: Language) -> String {
    let mut text = format!(
        "{}\n\n{}: {}\n{}: {}\n\n{}:\n",
        language.of(("THAY ĐỔI MỨC HƯỞNG", "CHANGE OF AMOUNTS")),
        language.of(("Người hưởng", "Beneficiary")),
        subject.person.full_name,
        language.of(("Chế độ", "Benefit")),
        language.of(subject.benefit.label()),
        language.of(("Thay đổi", "Changes")),
    );
    if view.changes.is_empty() {
        text.push_str(language.of(("- Không có tháng nào thay đổi\n", "- No month changed\n")));
    }
    for own in &view.changes {
        // Writing to a String never fails.
        let _ = writeln!(text, "- {}", change(own, language));
    }
    let _ = writeln!(text, "\n{}:", language.of(("Lý do", "Why")));
    for own in reasons(view, language) {
        let _ = writeln!(text, "- {own}");
    }
    text
}

/// The causes, one sentence each.
pub(super) fn reasons(view: &ComparisonView, language: Language) -> Vec<String> {
    let mut all: Vec<String> = view.law.iter().map(|own| law(own, language)).collect();
    all.extend(view.records.iter().map(|own| record(own, language)));
    if matches!(view.cause, Cause::First | Cause::Unknown) {
        all.push(language.of(view.cause.term().1).to_owned());
    }
    all
}

/// The causes as papers print them, in Vietnamese: nothing that the law keeps confidential.
pub(super) fn reasons_in_public(view: &ComparisonView) -> Vec<String> {
    let mut view = view.clone();
    let levels = view.changes.iter().flat_map(|own| [&own.before, &own.after]);
    if levels.flatten().any(|level| is_confidential(&level.group)) {
        view.law.iter_mut().for_each(|own| own.provisions.clear());
    }
    for own in &mut view.records {
        if CONFIDENTIAL_KINDS.contains(&own.kind.as_str()) {
            own.text = Text::new("thông tin được bảo mật", "confidential");
            own.document = None;
        }
    }
    reasons(&view, Language::Vietnamese)
}

const fn of(text: &Text, language: Language) -> &str {
    match language {
        Language::Vietnamese => text.vi.as_str(),
        Language::English => text.en.as_str(),
    }
}

fn law(own: &LawCause, language: Language) -> String {
    let provisions: Vec<&str> = own.provisions.iter().map(|cited| of(cited, language)).collect();
    let cited = if provisions.is_empty() {
        String::new()
    } else {
        format!(": {}", provisions.join("; "))
    };
    format!(
        "{} {} ({}){cited}",
        language.of(("Văn bản", "Instrument")),
        own.instrument,
        own.title
    )
}

fn record(own: &RecordCause, language: Language) -> String {
    let change = language.of(own.change.term().1);
    let document = own.document.as_ref().map_or_else(String::new, |document| {
        format!(" ({} {document})", language.of(("theo", "by")))
    });
    format!("{change}: {}{document}", of(&own.text, language))
}

fn change(own: &ChangeView, language: Language) -> String {
    let from = spoken_month(&own.from, language);
    let to = own.to.as_deref().map(|to| spoken_month(to, language));
    let months = match (language, to) {
        (Language::Vietnamese, Some(to)) => format!("Từ tháng {from} đến tháng {to}"),
        (Language::Vietnamese, None) => format!("Từ tháng {from} trở đi"),
        (Language::English, Some(to)) => format!("From {from} to {to}"),
        (Language::English, None) => format!("From {from} on"),
    };
    let (before, after) = (
        level(own.before.as_ref(), language),
        level(own.after.as_ref(), language),
    );
    let sign = if own.difference > 0 { "+" } else { "" };
    format!(
        "{months}: {before} -> {after} ({sign}{} đồng/{})",
        print::dong(own.difference),
        language.of(("tháng", "month"))
    )
}

/// A level in words.
fn level(own: Option<&LevelView>, language: Language) -> String {
    match own {
        None => language.of(("không hưởng", "nothing")).to_owned(),
        Some(own) => match &own.undetermined {
            Some(reason) => format!(
                "{} ({})",
                language.of(("chưa xác định được", "the law does not say")),
                language.of(open_reason(reason))
            ),
            None => format!("{} đồng", print::dong(own.amount)),
        },
    }
}
