//! The document, its page, and a page for every kind of problem.

use std::fmt::Write;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use service::{Error, ProblemCode};

use crate::extract::Path;
use crate::problem::Problem;

/// The document as text, made once.
#[derive(Clone, Debug)]
pub(crate) struct DocumentText(pub(crate) Arc<str>);

/// The OpenAPI 3.1 document.
#[get("/openapi.json")]
pub(crate) async fn get_document(document: web::Data<DocumentText>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.to_string())
}

/// The docs page.
#[get("/docs")]
pub(crate) async fn to_docs() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// The front door.
#[get("/")]
pub(crate) async fn front() -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, "/docs/"))
        .finish()
}

/// Every kind of problem.
#[utoipa::path(tag = "operation", responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
#[get("/problems")]
pub(crate) async fn list_problems() -> HttpResponse {
    let mut body = String::from("<h1>Các lỗi / Problems</h1><table>");
    for code in ProblemCode::ALL {
        let (vi, en) = code.title();
        let (code, status) = (code.code(), code.status());
        _ = write!(
            body,
            "<tr><td>{status}<td><a href=\"/problems/{code}\">{code}</a><td>{vi}<td>{en}"
        );
    }
    body.push_str("</table>");
    page("Các lỗi", &body)
}

/// What a kind of problem means and what to do about it.
#[utoipa::path(tag = "operation", responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
#[get("/problems/{code}")]
pub(crate) async fn get_problem(code: Path<String>) -> Result<HttpResponse, Problem> {
    let code = ProblemCode::ALL
        .iter()
        .find(|known| known.code() == *code)
        .ok_or_else(Error::not_found)?;
    let (vi, en) = code.title();
    let (advice_vi, advice_en) = advice(*code);
    let retry = if Error::new(*code).is_retryable() {
        (
            "Có thể gửi lại nguyên yêu cầu sau ít giây.",
            "The same request may be sent again after some seconds.",
        )
    } else {
        (
            "Gửi lại nguyên yêu cầu sẽ nhận lại lỗi này.",
            "The same request sent again will fail again.",
        )
    };
    let body = format!(
        "<h1>{vi}</h1><p>{advice_vi}</p><p>{}</p><h1 lang=\"en\">{en}</h1><p lang=\"en\">{advice_en}</p>\
         <p lang=\"en\">{}</p><p><code>{}</code>, HTTP {}</p>",
        retry.0,
        retry.1,
        code.code(),
        code.status(),
    );
    Ok(page(vi, &body))
}

fn page(title: &str, body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"vi\"><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font:16px/1.5 sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}}td{{padding:.2rem .8rem}}</style>\
         {body}</html>\n"
    ))
}

/// What to do, in both languages.
const fn advice(code: ProblemCode) -> (&'static str, &'static str) {
    use ProblemCode::*;
    match code {
        InvalidJson => (
            "Sửa cú pháp JSON ở dòng và cột đã nêu.",
            "Mend the JSON at the line and column given.",
        ),
        InvalidRequest => (
            "Sửa tham số mà errors chỉ ra.",
            "Mend the parameter that errors points to.",
        ),
        UnknownFilter => (
            "Bỏ bộ lọc lạ, tài liệu liệt kê các bộ lọc có thật.",
            "Leave the filter out; the docs list those that exist.",
        ),
        InvalidCursor => (
            "Bắt đầu lại từ trang đầu với cùng bộ lọc.",
            "Begin again at the first page; a cursor fits its own filters only.",
        ),
        IdempotencyKeyMissing => (
            "Thêm Idempotency-Key, ví dụ một UUID mới cho mỗi việc.",
            "Add an Idempotency-Key, such as a new UUID for each thing to do.",
        ),
        Unauthenticated => (
            "Gửi Authorization: Bearer với khóa còn hiệu lực.",
            "Send Authorization: Bearer with a key that is valid.",
        ),
        Forbidden => (
            "Khóa này không có vai trò cần thiết.",
            "This key lacks the role that is needed.",
        ),
        SamePerson => (
            "Một người khác phải làm bước này: người đã lập, sửa hoặc ký thì không, người có khóa do họ cấp hay đã cấp khóa cho họ cũng không.",
            "Another person must take this step: not who made, changed or signed it, nor who has a key from them or gave them theirs.",
        ),
        SandboxOnly => (
            "Chỉ dùng được khi máy chủ chạy với ANSINH_SANDBOX=true.",
            "It works only where the server runs with ANSINH_SANDBOX=true.",
        ),
        NotFound => (
            "Không có, hoặc nằm ngoài địa bàn được giao.",
            "It is not there, or lies outside the areas granted to you.",
        ),
        MethodNotAllowed => ("Xem header Allow.", "See the Allow header."),
        NotAcceptable => ("Bỏ hoặc nới header Accept.", "Leave out or widen the Accept header."),
        Conflict | AlreadyExists => ("Đọc lại dữ liệu hiện có.", "Read again what is stored."),
        ReportReadOtherwise => (
            "Nếu báo cáo đã lưu được đọc sai và chưa làm thay đổi lệnh chi nào, hai người loại bỏ báo cáo đó rồi nạp lại tệp.",
            "If the stored report was read wrongly and moved nothing, two people set it aside; then send the file again.",
        ),
        IllegalTransition => (
            "Đọc lại trạng thái; tài liệu mô tả các bước.",
            "Read the state again; the docs describe the steps.",
        ),
        IdempotencyInProgress => (
            "Chờ rồi gửi lại với cùng khóa.",
            "Wait, then send it again with the same key.",
        ),
        ReassessmentUnfinished => (
            "Chờ việc tính lại xong: /v1/job-runs.",
            "Wait for the reassessment to end: /v1/job-runs.",
        ),
        FundExhausted => (
            "Bổ sung nguồn kinh phí hoặc giảm danh sách.",
            "Add to the fund or shorten the list.",
        ),
        ContentChanged => (
            "Trình lại: nội dung đã khác với bản đã ký.",
            "Submit again: the content differs from what was signed.",
        ),
        LawUnknown => (
            "Ban hành văn bản quy định các tham số mà errors nêu.",
            "Publish an instrument that sets the parameters errors names.",
        ),
        NotEnforceable => (
            "Chờ hết thời hạn khiếu nại hoặc khiếu nại được giải quyết.",
            "Wait until the appeal window is over and no appeal is open.",
        ),
        CertificateNotValid => (
            "Thay chứng thư số và khóa trong thiết lập, rồi khởi động lại.",
            "Set a valid certificate with its key, and start again.",
        ),
        Stale => ("Đọc lại để lấy ETag mới.", "Read it again for the new ETag."),
        PreconditionRequired => (
            "Gửi If-Match với ETag của bản đã đọc.",
            "Send If-Match with the ETag of what you read.",
        ),
        TooLarge => ("Chia nhỏ nội dung.", "Send it in smaller parts."),
        UnsupportedMediaType => (
            "Gửi đúng Content-Type như tài liệu.",
            "Send the Content-Type that the docs name.",
        ),
        Invalid => (
            "Mỗi mục trong errors chỉ một chỗ cần sửa; chưa có gì được lưu.",
            "Each entry of errors points to a place to mend; nothing was stored.",
        ),
        IdempotencyKeyReused => ("Dùng khóa mới cho yêu cầu mới.", "Use a new key for a new request."),
        UnreadableBankFile => (
            "Kiểm tra tệp có bị cắt hay sai định dạng; chưa có gì được lưu.",
            "See whether the file is cut off or of another format; nothing was stored.",
        ),
        InstrumentFaulty => (
            "Sửa các lỗi mà bước kiểm tra nêu ra.",
            "Mend the faults that the check names.",
        ),
        TooManyRequests => (
            "Chờ hết số giây trong Retry-After, hoặc gọi bằng khóa truy cập; RateLimit và RateLimit-Policy, nếu có, cho biết còn bao nhiêu.",
            "Wait as many seconds as Retry-After says, or call with a credential; RateLimit and RateLimit-Policy, where they are there, say how much is left.",
        ),
        Internal => ("Gửi instance cho người vận hành.", "Give instance to the operator."),
        Unavailable => ("Chờ rồi gửi lại.", "Wait and send it again."),
    }
}
