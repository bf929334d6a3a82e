//! What lenient reading takes, each with words for a person.

use serde::{Deserialize, Serialize};

worded! {
    /// What was not quite right with a file and was read all the same.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Tolerance {
        /// A byte-order mark.
        ByteOrderMark = "byte_order_mark", "Dấu thứ tự byte (BOM) ở đầu tệp", "A byte-order mark in front";
        /// No namespace.
        NoNamespace = "no_namespace", "Thông điệp không khai không gian tên", "The message declares no namespace";
        /// The namespace of a national profile, not of ISO.
        ForeignNamespace = "foreign_namespace", "Không gian tên của một mẫu quốc gia, không phải của ISO", "The namespace of a national profile, not of ISO";
        /// A version that is not on our list.
        OtherVersion = "other_version", "Phiên bản thông điệp ngoài danh sách", "A version of the message that is not on the list";
        /// A table's heading spelled otherwise than in the layout.
        HeadingSpelling = "heading_spelling", "Tiêu đề cột viết khác mẫu", "A heading spelled otherwise than in the layout";
        /// A status word spelled otherwise than in the layout.
        StatusSpelling = "status_spelling", "Chữ trạng thái viết khác mẫu", "A status spelled otherwise than in the layout";
        /// A CSV with another delimiter than the layout's.
        Delimiter = "delimiter", "Dấu phân cách khác mẫu", "Another delimiter than the layout's";
        /// The table stands in another sheet than the layout says.
        SheetName = "sheet_name", "Bảng nằm ở trang tính khác mẫu", "The table stands in another sheet than the layout says";
        /// Rows below the lines that are none: totals, signatures.
        NoteRow = "note_row", "Có dòng ghi chú, cộng hoặc chữ ký dưới bảng", "Notes, totals or signatures below the table";
        /// A namespace that the profile of the bank does not list.
        UnlistedNamespace = "unlisted_namespace", "Không gian tên không có trong mẫu của ngân hàng", "A namespace that the profile of the bank does not list";
        /// A CSV in another encoding than the layout's.
        Encoding = "encoding", "Bảng mã ký tự khác mẫu", "Another encoding than the layout's";
        /// An element that must stand by the schema of the message does not, or is empty.
        ElementMissing = "element_missing", "Thiếu phần tử mà lược đồ của thông điệp bắt buộc", "An element that the schema of the message asks for is missing";
        /// An element that may stand once by the schema of the message stands again.
        ElementRepeated = "element_repeated", "Phần tử chỉ được có một lần mà lặp lại", "An element that may stand once stands again";
        /// An element that the schema of the message does not have at its place.
        ElementUnknown = "element_unknown", "Có phần tử không có trong lược đồ của thông điệp", "An element that the schema of the message does not have";
        /// An element that the schema of the message has elsewhere in the order of its place.
        ElementMisplaced = "element_misplaced", "Phần tử đứng sai thứ tự của lược đồ", "An element does not stand in the order of the schema";
        /// An element beside another of which the schema of the message has one at a time.
        ElementExcluded = "element_excluded", "Phần tử đứng cùng một phần tử khác trong khi lược đồ chỉ cho chọn một", "An element stands beside another of which the schema has one at a time";
        /// An attribute that the schema of the message does not have.
        AttributeUnknown = "attribute_unknown", "Có thuộc tính không có trong lược đồ của thông điệp", "An attribute that the schema of the message does not have";
        /// An attribute that must stand by the schema of the message does not.
        AttributeMissing = "attribute_missing", "Thiếu thuộc tính mà lược đồ của thông điệp bắt buộc", "An attribute that the schema of the message asks for is missing";
        /// A value that is not of the type that the schema of the message has: too long, no such code, no number, no day.
        ValueInvalid = "value_invalid", "Giá trị không đúng kiểu mà lược đồ của thông điệp quy định", "A value is not of the type that the schema of the message has";
    }
}
