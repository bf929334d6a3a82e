//! Every way in which an operation can fail, from one closed table.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both sentences.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            vi: vi.into(),
            en: en.into(),
        }
    }
}

macro_rules! problem_codes {
    ($($name:ident = $code:literal, $status:literal, $vi:literal, $en:literal;)+) => {
        /// The code of a problem; with `/problems/` before it, its `type` (RFC 9457).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemCode { $(#[doc = $en] $name,)+ }

        impl ProblemCode {
            /// Every code, in the order of this table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 { match self { $(Self::$name => $status,)+ } }

            /// The fixed title, Vietnamese and English.
            pub const fn title(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

problem_codes! {
    InvalidJson = "invalid-json", 400, "Nội dung không phải JSON hợp lệ", "The body is not valid JSON";
    InvalidRequest = "invalid-request", 400, "Yêu cầu không hợp lệ", "The request is not valid";
    UnknownFilter = "unknown-filter", 400, "Bộ lọc không tồn tại", "There is no such filter";
    InvalidCursor = "invalid-cursor", 400, "Con trỏ trang không hợp lệ", "The page cursor is not valid";
    IdempotencyKeyMissing = "idempotency-key-missing", 400, "Thiếu Idempotency-Key", "The Idempotency-Key is missing";
    Unauthenticated = "unauthenticated", 401, "Chưa xác thực", "Not authenticated";
    Forbidden = "forbidden", 403, "Không có quyền", "Not permitted";
    SamePerson = "same-person", 403, "Người lập, người duyệt, người chuyển phải là ba người khác nhau", "Maker, checker and releaser must be different people";
    SandboxOnly = "sandbox-only", 403, "Chỉ có trong môi trường thử", "Only in a sandbox";
    NotFound = "not-found", 404, "Không tìm thấy", "Not found";
    MethodNotAllowed = "method-not-allowed", 405, "Phương thức không được phép", "The method is not allowed";
    NotAcceptable = "not-acceptable", 406, "Không có định dạng được yêu cầu", "The requested format is not available";
    Conflict = "conflict", 409, "Xung đột với dữ liệu hiện có", "In conflict with what is stored";
    IllegalTransition = "illegal-transition", 409, "Trạng thái hiện tại không cho phép thao tác", "The present state does not allow this";
    AlreadyExists = "already-exists", 409, "Đã tồn tại", "It exists already";
    ReportReadOtherwise = "report-read-otherwise", 409, "Tệp này đã được nạp và đọc theo cách khác", "The same file was received and read otherwise";
    IdempotencyInProgress = "idempotency-in-progress", 409, "Yêu cầu cùng khóa đang được xử lý", "A request with this key is still running";
    ReassessmentUnfinished = "reassessment-unfinished", 409, "Việc tính lại chưa xong", "A reassessment is not finished";
    FundExhausted = "fund-exhausted", 409, "Nguồn kinh phí không đủ", "The fund does not suffice";
    ContentChanged = "content-changed", 409, "Nội dung đã thay đổi sau khi trình", "The content changed after it was submitted";
    LawUnknown = "law-unknown", 409, "Pháp luật chưa quy định", "The law does not say";
    NotEnforceable = "not-enforceable", 409, "Quyết định thu hồi chưa có hiệu lực thi hành", "The decision to recover is not enforceable";
    CertificateNotValid = "certificate-not-valid", 409, "Chứng thư số ký tệp không có hiệu lực", "The certificate that signs files is not valid";
    Stale = "stale", 412, "Bản đã đọc không còn mới", "The version you read is stale";
    TooLarge = "too-large", 413, "Nội dung quá lớn", "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", 415, "Kiểu nội dung không được hỗ trợ", "The media type is not supported";
    Invalid = "invalid", 422, "Dữ liệu không hợp lệ", "The content is not valid";
    IdempotencyKeyReused = "idempotency-key-reused", 422, "Khóa đã dùng cho yêu cầu khác", "The key was used for another request";
    UnreadableBankFile = "unreadable-bank-file", 422, "Không đọc được tệp ngân hàng", "The bank file can't be read";
    InstrumentFaulty = "instrument-faulty", 422, "Văn bản còn lỗi", "The instrument has faults";
    PreconditionRequired = "precondition-required", 428, "Thiếu If-Match", "If-Match is required";
    TooManyRequests = "too-many-requests", 429, "Quá nhiều yêu cầu", "Too many requests";
    Internal = "internal", 500, "Lỗi hệ thống", "Internal error";
    Unavailable = "unavailable", 503, "Tạm thời không phục vụ được", "Temporarily unavailable";
}

/// One thing wrong with one place of the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the place.
    pub pointer: String,
    /// Stable code of what is wrong.
    pub code: String,
    /// What is wrong, for a person.
    pub message: Text,
}

impl FieldError {
    /// One thing wrong at `pointer`.
    pub fn new(
        pointer: impl Into<String>,
        code: impl Into<String>,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message: Text::new(vi, en),
        }
    }
}

/// A failed operation.
#[derive(Debug)]
pub struct Error {
    /// What kind of failure.
    pub code: ProblemCode,
    /// What happened this time.
    pub detail: Option<Text>,
    /// The places at fault.
    pub fields: Vec<FieldError>,
    /// The cause, for the log alone.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure without further words.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            fields: Vec::new(),
            source: None,
        }
    }

    /// A failure with words for this case.
    pub fn because(code: ProblemCode, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            detail: Some(Text::new(vi, en)),
            ..Self::new(code)
        }
    }

    /// Content with faults.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self {
            fields,
            ..Self::new(ProblemCode::Invalid)
        }
    }

    /// Content with one fault.
    pub fn field(
        pointer: impl Into<String>,
        code: impl Into<String>,
        vi: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self::invalid(vec![FieldError::new(pointer, code, vi, en)])
    }

    /// Nothing there, or nothing this caller may know of.
    pub const fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    /// A failure of our own; the cause is logged, never shown.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(ProblemCode::Internal)
        }
    }

    /// The same refusal once more, where it was kept for later.
    pub fn again(&self) -> Self {
        Self {
            code: self.code,
            detail: self.detail.clone(),
            fields: self.fields.clone(),
            source: None,
        }
    }

    /// May the same request succeed later?
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.code,
            ProblemCode::Internal
                | ProblemCode::Unavailable
                | ProblemCode::IdempotencyInProgress
                | ProblemCode::TooManyRequests
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.code())?;
        if let Some(detail) = &self.detail {
            write!(f, ": {}", detail.en)?;
        }
        for field in &self.fields {
            write!(f, "; {} {}: {}", field.pointer, field.code, field.message.en)?;
        }
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}

/// Did PostgreSQL end the transaction so that another could go on (deadlock_detected, serialization_failure)? Nothing of it
/// is left, and the same request succeeds a moment later.
fn gave_way(error: &sea_orm::DbErr) -> bool {
    use sea_orm::{DbErr, RuntimeErr};
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    let code = cause.as_database_error().and_then(|own| own.code());
    matches!(code.as_deref(), Some("40P01" | "40001"))
}

/// The history of orders. Steps are numbered by what was read, so two that take the same number wrote at the same time: the
/// one that is refused finds the other's step when it comes again.
const HISTORY: &str = "payment_order_event";

impl From<sea_orm::DbErr> for Error {
    /// Constraints become conflicts; who had to give way may come again; everything else is ours.
    fn from(error: sea_orm::DbErr) -> Self {
        use sea_orm::SqlErr::{ForeignKeyConstraintViolation, UniqueConstraintViolation};
        let code = match error.sql_err() {
            Some(UniqueConstraintViolation(told)) if told.contains(HISTORY) => ProblemCode::Unavailable,
            Some(UniqueConstraintViolation(_)) => ProblemCode::AlreadyExists,
            Some(ForeignKeyConstraintViolation(_)) => ProblemCode::Conflict,
            _ => match &error {
                sea_orm::DbErr::RecordNotFound(_) => ProblemCode::NotFound,
                sea_orm::DbErr::ConnectionAcquire(_) | sea_orm::DbErr::Conn(_) => ProblemCode::Unavailable,
                error if gave_way(error) => ProblemCode::Unavailable,
                _ => ProblemCode::Internal,
            },
        };
        Self {
            source: Some(Box::new(error)),
            ..Self::new(code)
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}
