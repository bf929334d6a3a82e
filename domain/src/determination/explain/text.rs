//! A reason in plain Vietnamese and English.

use std::fmt::Write;

use super::{Considered, Fact, Reason};
use crate::Month;
use crate::case_file::Language;
use crate::law::{citation, group_said};

/// An amount with dots, as Vietnamese is written, or commas.
pub(crate) fn dong(amount: i64, language: Language) -> String {
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

/// Why the law leaves a right open, as people say it. Instruments name the reason by a word of their own: one that nobody
/// knows here is said in general.
pub fn open_reason(code: &str) -> (&'static str, &'static str) {
    match code {
        "area_type_special_without_rule" => (
            "đặc khu: chưa có quy định mức thành thị hay nông thôn",
            "a special zone: no rule says whether urban or rural rates hold",
        ),
        "small_pension_without_rule" => (
            "lương hưu thấp hơn trợ cấp: chưa có quy định chi phần chênh lệch",
            "a pension below the allowance: no rule says that the difference is paid",
        ),
        "text_not_seen" => (
            "chưa có toàn văn của văn bản",
            "the text of the instrument is not at hand",
        ),
        "amounts_not_found" => ("chưa tìm thấy mức tiền", "the amounts were not found"),
        "groups_truncated" => (
            "danh sách nhóm đối tượng chưa đầy đủ",
            "the list of groups is not complete",
        ),
        "groups_not_listed" => ("chưa có danh sách nhóm đối tượng", "the groups are not listed"),
        "no_standard_before_2015" => (
            "chưa tìm thấy mức chuẩn trước năm 2015",
            "the standard of before 2015 was not found",
        ),
        "no_recovery_rule" => ("chưa có quy định về thu hồi", "no rule on recovery"),
        _ => ("chưa xác định được theo quy định", "the rules leave it open"),
    }
}

/// A parameter as people say it.
pub fn parameter_label(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "standard.central" => ("mức chuẩn của trung ương", "the central standard"),
        "standard.community" => (
            "mức chuẩn của tỉnh tại cộng đồng",
            "the provincial standard in the community",
        ),
        "standard.facility" => (
            "mức chuẩn của tỉnh trong cơ sở",
            "the provincial standard in facilities",
        ),
        "fixed.poor_unable_to_work.urban" => (
            "mức cho hộ nghèo không có khả năng lao động ở thành thị",
            "the amount for the poor unable to work, urban",
        ),
        "fixed.poor_unable_to_work.rural" => (
            "mức cho hộ nghèo không có khả năng lao động ở nông thôn",
            "the amount for the poor unable to work, rural",
        ),
        "social_pension" => ("mức trợ cấp hưu trí xã hội", "the social pension"),
        _ => return None,
    })
}

pub(super) fn text(reason: &Reason, language: Language, said: &dyn Fn(&Fact) -> String) -> String {
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
        .map(|fact| format!("{}: {}", language.of(fact.label).to_lowercase(), said(fact)));
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
            &format!(
                "{} = {value} ({})",
                language.of(parameter_label(&used.key).unwrap_or((&used.key, &used.key))),
                citation(&used.provision, language)
            ),
        );
    }
    if let Some(why) = &reason.undetermined {
        line(
            &mut text,
            language.of(("Chưa xác định được, chưa chi", "Not determined, held")),
            language.of(open_reason(why)),
        );
    }
    let row = |right: &Considered| {
        let coefficient = right.coefficient.map(|own| {
            let written = own.to_string().replace('.', language.of((",", ".")));
            format!(", {} {written}", language.of(("hệ số", "coefficient")))
        });
        let group = language.of(("nhóm", "group"));
        format!(
            "{} ({group} {}{}, {})",
            dong(right.amount, language),
            group_said(&right.group, language),
            coefficient.unwrap_or_default(),
            citation(&right.provision, language)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::catalogue;

    #[test]
    fn what_the_catalogue_leaves_open_has_words_of_its_own() {
        let general = open_reason("");
        for provision in catalogue().iter().flat_map(|own| &own.provisions) {
            let unknown = provision.unknowns.iter().map(|own| &own.reason);
            let open = provision.rules.iter().flat_map(|rule| &rule.undetermined);
            for reason in unknown.chain(open.map(|own| &own.reason)) {
                assert_ne!(open_reason(reason), general, "{reason}");
            }
        }
    }
}
