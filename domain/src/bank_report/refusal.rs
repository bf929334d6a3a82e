//! Why a report is refused, and where reading stopped.

use serde::Serialize;

use super::headings::Headings;

worded! {
    /// Why a file is refused as a whole.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
    #[serde(rename_all = "snake_case")]
    Refusal {
        /// Larger than allowed.
        TooLarge = "report_too_large", "Tệp lớn hơn mức cho phép", "The file is larger than allowed";
        /// Nothing in it.
        Empty = "report_empty", "Tệp không có nội dung", "The file is empty";
        /// Not UTF-8.
        NotUtf8 = "report_not_utf8", "Tệp không theo bảng mã UTF-8", "The file is not in UTF-8";
        /// Neither XML nor a result table that we know.
        NotRecognised = "report_not_recognised", "Tệp không phải thông điệp XML cũng không phải bảng kết quả đã biết", "The file is neither an XML message nor a result table that is known";
        /// Not well-formed XML.
        NotWellFormed = "report_not_well_formed", "XML sai cú pháp", "The XML is not well-formed";
        /// It ends too early.
        Truncated = "report_truncated", "Tệp bị cắt cụt", "The file ends too early";
        /// It declares a document type: entities in it could do harm.
        DocumentType = "report_document_type", "Tệp khai báo DOCTYPE, có thể gây hại nên không được nhận", "The file declares a document type, which could do harm";
        /// An entity beyond the five of XML.
        Entity = "report_entity", "Tệp dùng thực thể ngoài năm thực thể của XML", "The file uses an entity beyond the five of XML";
        /// Elements nested too deep.
        TooDeep = "report_too_deep", "Các phần tử lồng nhau quá sâu", "The elements are nested too deep";
        /// More lines than allowed.
        TooManyLines = "report_too_many_lines", "Tệp có quá nhiều dòng", "The file has more lines than allowed";
        /// A message we do not read.
        UnknownMessage = "report_unknown_message", "Không nhận loại thông điệp này", "Messages of this kind are not taken";
        /// Strict reading found something to tolerate.
        NotStrict = "report_not_strict", "Đọc chặt không chấp nhận tệp này", "Strict reading does not take the file";
        /// A column of the result file is missing.
        ColumnMissing = "report_column_missing", "Bảng kết quả thiếu cột", "A column of the result table is missing";
        /// An element with more attributes than any message has.
        TooManyAttributes = "report_too_many_attributes", "Có phần tử mang quá nhiều thuộc tính", "An element has more attributes than any message has";
        /// The headings fit the tables of several banks: it has to be said whose it is.
        LayoutUnclear = "report_layout_unclear", "Tiêu đề cột khớp với bảng của nhiều ngân hàng; cần nêu rõ ngân hàng", "The headings fit the tables of several banks; say which bank it is";
        /// The profile of the bank does not list the namespace; only whoever knows the bank can say so.
        NamespaceUnlisted = "report_namespace_unlisted", "Mẫu của ngân hàng không có không gian tên này", "The profile of the bank does not list the namespace";
    }
}

/// A refused file and the place where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{} at line {line}, byte {offset}", .refusal.code())]
pub struct ReportError {
    /// Why.
    pub refusal: Refusal,
    /// Byte in the file, from 0.
    pub offset: usize,
    /// Line in the file, from 1.
    pub line: usize,
    /// Which headings a table lacks, and which it has, where it is nearly one that is known.
    pub headings: Option<Box<Headings>>,
}

impl ReportError {
    pub(super) fn at(refusal: Refusal, bytes: &[u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        let line = 1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
        Self {
            refusal,
            offset,
            line,
            headings: None,
        }
    }

    /// The same of a table that is nearly one that is known: it lacks headings.
    pub(super) fn lacking(self, headings: Option<Headings>) -> Self {
        let of_a_table = matches!(self.refusal, Refusal::NotRecognised | Refusal::ColumnMissing);
        match headings.filter(|_| of_a_table) {
            Some(headings) => Self {
                refusal: Refusal::ColumnMissing,
                headings: Some(Box::new(headings)),
                ..self
            },
            None => self,
        }
    }
}
