//! A report that is refused as a whole, in words.

use domain::bank_report::{Refusal, ReportError};

use crate::error::{Error, FieldError, ProblemCode};

/// A report that can't be read, and where reading stopped.
pub(super) fn unreadable(error: ReportError) -> Error {
    let ReportError { refusal, offset, line } = error;
    let (vi, en) = words(refusal);
    refused(
        refusal,
        format!("{vi}; không đọc được từ dòng {line}, byte {offset}"),
        format!("{en}; reading stopped at line {line}, byte {offset}"),
    )
}

/// A report that is refused for what these words say.
pub(super) fn refused(refusal: Refusal, vi: String, en: String) -> Error {
    Error {
        fields: vec![FieldError::new("/content", refusal.code(), vi.clone(), en.clone())],
        ..Error::because(ProblemCode::UnreadableBankFile, vi, en)
    }
}

const fn words(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::TooLarge => ("Tệp lớn hơn mức cho phép", "the file is larger than allowed"),
        Refusal::Empty => ("Tệp không có nội dung", "the file is empty"),
        Refusal::NotUtf8 => ("Tệp không theo bảng mã UTF-8", "the file is not in UTF-8"),
        Refusal::NotRecognised => (
            "Không phải thông điệp XML cũng không phải bảng kết quả đã biết",
            "it is neither an XML message nor a result table that is known",
        ),
        Refusal::NotWellFormed => ("XML sai cú pháp", "the XML is not well-formed"),
        Refusal::Truncated => ("Tệp bị cắt cụt", "the file ends too early"),
        Refusal::DocumentType => (
            "Tệp khai báo DOCTYPE, có thể gây hại nên không được nhận",
            "the file declares a document type, which could do harm",
        ),
        Refusal::Entity => (
            "Tệp dùng thực thể ngoài năm thực thể của XML",
            "the file uses an entity beyond the five of XML",
        ),
        Refusal::TooDeep => ("Các phần tử lồng nhau quá sâu", "its elements are nested too deep"),
        Refusal::TooManyLines => ("Tệp có quá nhiều dòng", "the file has more lines than allowed"),
        Refusal::UnknownMessage => ("Không nhận loại thông điệp này", "messages of this kind are not taken"),
        Refusal::NotStrict => (
            "Đọc chặt không chấp nhận tệp này",
            "strict reading does not take the file",
        ),
        Refusal::ColumnMissing => ("Bảng kết quả thiếu cột", "a column of the result table is missing"),
        Refusal::TooManyAttributes => (
            "Có phần tử mang quá nhiều thuộc tính",
            "an element has more attributes than any message has",
        ),
        Refusal::LayoutUnclear => (
            "Tiêu đề cột khớp với bảng của nhiều ngân hàng; cần nêu rõ ngân hàng",
            "the headings fit the tables of several banks; say which bank it is",
        ),
        Refusal::NamespaceUnlisted => (
            "Mẫu của ngân hàng không có không gian tên này",
            "the profile of the bank does not list the namespace",
        ),
    }
}
