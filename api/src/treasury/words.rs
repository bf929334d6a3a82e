//! How the pages write amounts, times and the words of closed sets.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{Month, Vnd};
use service::Code;
use service::clock::in_vietnam;
use service::vocabulary::{Term, Vocabulary, vocabulary};

static WORDS: LazyLock<Vocabulary> = LazyLock::new(vocabulary);

/// The Vietnamese label of a value of a closed set.
pub(super) fn label(set: &str, value: &impl Code) -> String {
    label_of(set, &value.code()).to_owned()
}

/// The same of a code, which stands for itself where the set does not have it.
fn label_of<'c>(set: &str, code: &'c str) -> &'c str {
    let mut found = terms(set).filter(|term| term.code == code);
    found.next().map_or(code, |term| term.label.vi.as_str())
}

/// The values of a closed set with their labels, in its order.
pub(super) fn terms(set: &str) -> impl Iterator<Item = &'static Term> {
    WORDS.sets.get(set).into_iter().flatten()
}

/// What a clerk can do about a file that can't be read, by the code of its refusal.
pub(super) fn way_out(code: &str) -> Option<&'static str> {
    match code {
        "report_layout_unclear" => {
            Some("Tiêu đề hợp với mẫu của nhiều ngân hàng: hãy chọn ngân hàng của bảng kết quả rồi nạp lại.")
        }
        "report_not_strict" => {
            Some("Tệp cần được châm chước, mà đang đọc chặt: hãy xem lại tệp, hoặc đánh dấu “Đọc rộng” rồi nạp lại.")
        }
        "report_namespace_unlisted" => Some(
            "Mẫu của ngân hàng không có không gian tên này, mà đang đọc chặt: hãy hỏi ngân hàng, hoặc đánh dấu “Đọc rộng” rồi nạp lại.",
        ),
        "other_bank" | "other_mode" => Some(
            "Nếu lần trước đọc sai và báo cáo chưa làm thay đổi lệnh chi nào: mở báo cáo đã lưu, đề nghị loại bỏ, rồi nạp lại tệp.",
        ),
        "report_column_missing" => Some(
            "Hãy xem lại tiêu đề cột của tệp; nếu ngân hàng đã đổi mẫu thì sửa mẫu của ngân hàng trong hệ thống rồi nạp lại.",
        ),
        "report_not_recognised" => Some("Nội dung không phải loại tệp nào mà phần mềm đọc được."),
        "report_unknown_message" => Some("Thông điệp ISO 20022 này không phải tệp kết quả."),
        _ => None,
    }
}

/// What lenient reading tolerated, by its code.
pub(super) fn tolerated(code: &str) -> &str {
    label_of("bank_report_tolerance", code)
}

/// Digits in groups of three, with a point between them: `1.250.000`.
pub(super) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    if number < 0 {
        text.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// An amount in words: `Một triệu hai trăm năm mươi nghìn đồng`.
pub(super) fn in_words(amount: i64) -> String {
    Vnd::new(amount).map_or_else(|_| String::new(), domain::words::in_words)
}

/// A month: `09/2024`.
pub(super) fn month(month: Month) -> String {
    format!("{:02}/{}", month.number(), month.year())
}

/// A day: `05/09/2024`.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// An instant in Vietnam: `05/09/2024 08:30`.
pub(super) fn time(at: DateTime<Utc>) -> String {
    in_vietnam(at).format("%d/%m/%Y %H:%M").to_string()
}

/// A hash in groups of eight digits, as people compare it.
pub(super) fn groups(hash: &str) -> Vec<String> {
    let digits: Vec<char> = hash.chars().collect();
    digits.chunks(8).map(|group| group.iter().collect()).collect()
}

/// Both ends of a hash.
pub(super) fn ends(hash: &str) -> String {
    let groups = groups(hash);
    match (groups.first(), groups.last()) {
        (Some(first), Some(last)) if groups.len() > 2 => format!("{first} … {last}"),
        _ => hash.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_hashes_are_written_in_groups() {
        for (amount, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.000"),
            (-1_234_567, "−1.234.567"),
            (9_007_199_254_740_991, "9.007.199.254.740.991"),
        ] {
            assert_eq!(number(amount), text);
        }
        let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(groups(hash).len(), 8);
        assert_eq!(ends(hash), "9f86d081 … b0f00a08");
        assert_eq!(ends(""), "");
    }
}
