//! The OpenAPI document: what the handlers declare, completed by what holds for all of them.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::App;
use actix_web::http::header::HeaderValue;
use serde_json::{Map, Value, json};
use service::ProblemCode;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::auth::OPEN;
use crate::etag::IfMatch;
use crate::once::{IDEMPOTENCY_KEY, Once};
use crate::problem::PROBLEM_JSON;
use crate::{example, routes};

/// The resources, in the order of the docs page.
const TAGS: &[(&str, &str)] = &[
    (
        "access",
        "Ai đang gọi, người dùng, khóa truy cập. Who calls, users, credentials.",
    ),
    (
        "area",
        "Đơn vị hành chính theo thời gian. Administrative units with their dates.",
    ),
    (
        "person",
        "Đối tượng: nơi ở, bằng chứng, tài khoản nhận tiền. People, residences, evidence, payees.",
    ),
    ("household", "Hộ gia đình. Households and their members."),
    ("program", "Chương trình trợ giúp. Programs and enrollments."),
    ("application", "Hồ sơ và quyết định. Applications and decisions."),
    (
        "instrument",
        "Văn bản pháp luật: soạn, kiểm tra, mô phỏng, ban hành. Law as data.",
    ),
    ("release", "Bản phát hành pháp luật. Immutable legal releases."),
    ("parameter", "Mức chuẩn và tham số. Standards and other parameters."),
    ("calculation", "Tính thử, không lưu. The calculator; it stores nothing."),
    (
        "job_run",
        "Việc dài: tiến độ, tạm dừng, tiếp tục, hủy. Long work and its progress.",
    ),
    ("job", "Việc nền. Single background jobs."),
    ("pay_run", "Đợt chi trả. Pay runs."),
    ("pay_calendar", "Lịch chi trả. The calendar of payments."),
    ("approval_tier", "Mức duyệt. How many people approve what."),
    (
        "treasury_proposal",
        "Đề nghị về nguồn kinh phí, mức duyệt, lịch chi trả: một người đề nghị, người khác quyết định. What takes a second person.",
    ),
    ("payment_file", "Tệp chi trả. Payment files."),
    (
        "bank_report",
        "Kết quả từ ngân hàng, bưu điện. Answers of banks and the post office.",
    ),
    (
        "bank_profile",
        "Mẫu tệp của từng ngân hàng: định dạng, cột, giới hạn. What each bank takes.",
    ),
    ("reconciliation", "Đối soát. What could not be matched."),
    (
        "payment_order",
        "Lệnh chi: hủy khoản trả về, thu hồi, không có trả lời. Returns that are not paid again, recalls, silence.",
    ),
    (
        "registry_finding",
        "Thông tin của ngân hàng về người hưởng cần xác minh. What banks say about people.",
    ),
    (
        "month_close",
        "Khóa sổ tháng, đối chiếu ba bên. The close of a month with its three-way tie.",
    ),
    (
        "reminder",
        "Nhắc việc: chốt danh sách, quyết toán, lệnh chi chưa có kết quả, bất biến. What somebody has to look at.",
    ),
    (
        "overpayment",
        "Chi thừa: nguyên nhân, thông báo, quyết định, khiếu nại, hoàn trả. What was paid too much.",
    ),
    ("fund", "Nguồn kinh phí và bút toán. Funds and their postings."),
    ("relief_event", "Thiên tai, sự cố. Disasters and accidents."),
    ("relief_request", "Đề nghị cứu trợ. Requests for emergency relief."),
    ("audit", "Nhật ký. The audit trail."),
    ("sandbox", "Môi trường thử: đồng hồ. The sandbox and its clock."),
    ("vocabulary", "Danh mục với nhãn. Closed sets with labels."),
    ("operation", "Vận hành. Probes and numbers."),
];

const ABOUT: &str = "Trợ giúp xã hội của tỉnh: hồ sơ, pháp luật dưới dạng dữ liệu, chi trả, đối soát, cứu trợ khẩn cấp.\n\n\
    Social assistance of a province: registry, law as data, payments, reconciliation, emergency relief.\n\n\
    - `Authorization: Bearer <key>` everywhere under `/v1`; the calculator opens without one too, a little each minute.\n\
    - Amounts are whole đồng as JSON integers up to 9,007,199,254,740,991. Months are `2024-09`, dates `2024-09-23`.\n\
    - What answers GET answers HEAD, with the same headers. By a HEAD nobody has fetched a file.\n\
    - Every POST that creates or changes something takes an `Idempotency-Key` and may be sent again.\n\
    - Changes and approvals take the `ETag` you read as `If-Match`.\n\
    - Lists are pages: follow `next`, or the `Link` header. Long work answers 202 with the `Location` of its progress.\n\
    - Reading, changing and sending files in have budgets of their own per credential. `RateLimit` tells what is left and \
      `RateLimit-Policy` the budgets; whoever calls copes with both absent, and waits on 429 as long as `Retry-After` says.\n\
    - Errors are `application/problem+json`, in Vietnamese or English by `Accept-Language`; `type` leads to a page.";

#[derive(OpenApi)]
#[openapi(components(schemas(crate::problem::Document<'_>, crate::problem::Fault<'_>)))]
struct Base;

/// The document, with sorted keys: the same bytes every time.
pub fn openapi() -> Value {
    let (_, collected) = App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .configure(routes)
        .split_for_parts();
    let mut document = serde_json::to_value(&collected).unwrap_or_default();
    document["info"] = json!({
        "title": "An Sinh",
        "version": env!("CARGO_PKG_VERSION"),
        "description": ABOUT,
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
    });
    document["tags"] = TAGS
        .iter()
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect();
    document["servers"] = json!([{"url": "/", "description": "This server"}]);
    document["components"]["securitySchemes"] = json!({"key": {
        "type": "http", "scheme": "bearer",
        "description": "A key made by an administrator (`POST /v1/clients`), shown once.",
    }});
    let schemas = document["components"]["schemas"].clone();
    let mut responses = Map::new();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths.iter_mut() {
            let Some(operations) = item.as_object_mut() else {
                continue;
            };
            for (method, operation) in operations.iter_mut().filter(|(_, operation)| operation.is_object()) {
                complete(path, method, operation, &mut responses);
                example::fill(operation, &schemas);
            }
        }
    }
    document["components"]["responses"] = Value::Object(responses);
    sorted(document)
}

/// The document as it is served and committed.
pub fn openapi_text() -> String {
    let mut text = serde_json::to_string_pretty(&openapi()).unwrap_or_default();
    text.push('\n');
    text
}

/// Adds to an operation who may call it and every problem it can have.
fn complete(path: &str, method: &str, operation: &mut Value, responses: &mut Map<String, Value>) {
    operation["security"] = if OPEN.contains(&path) {
        json!([{"key": []}, {}])
    } else if path.starts_with("/v1/") {
        json!([{"key": []}])
    } else {
        json!([])
    };
    let mut by_status: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for code in problems(path, method, operation) {
        by_status.entry(code.status()).or_default().insert(code.code());
    }
    for (status, codes) in by_status {
        let name = codes.iter().copied().collect::<Vec<_>>().join("_or_");
        responses
            .entry(name.clone())
            .or_insert_with(|| problem_response(&codes));
        operation["responses"][status.to_string()] = json!({"$ref": format!("#/components/responses/{name}")});
    }
}

/// Every problem that an operation of this shape can have.
fn problems(path: &str, method: &str, operation: &Value) -> Vec<ProblemCode> {
    use ProblemCode::*;
    let mut codes = vec![Internal, Unavailable];
    if !path.starts_with("/v1/") {
        if path.contains('{') {
            codes.push(NotFound);
        }
        return codes;
    }
    codes.extend([Unauthenticated, Forbidden, UnknownFilter, TooManyRequests]);
    if method == "get" {
        codes.push(NotAcceptable);
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has = |place: &str, name: Option<&str>| {
        parameters
            .iter()
            .any(|p| p["in"] == place && name.is_none_or(|name| p["name"] == name))
    };
    if has("path", None) {
        codes.extend([InvalidRequest, NotFound]);
    }
    if has("query", None) {
        codes.push(InvalidRequest);
    }
    if has("query", Some("cursor")) {
        codes.push(InvalidCursor);
    }
    if has("header", Some(IDEMPOTENCY_KEY)) {
        codes.extend([
            InvalidRequest,
            IdempotencyKeyMissing,
            IdempotencyInProgress,
            IdempotencyKeyReused,
        ]);
    }
    if has("header", Some("If-Match")) {
        codes.extend([PreconditionRequired, Stale, SamePerson]);
    }
    if operation["requestBody"].is_object() {
        codes.extend([TooLarge, UnsupportedMediaType, Invalid]);
        if operation["requestBody"]["content"]["application/json"].is_object() {
            codes.push(InvalidJson);
        }
    }
    if method != "get" && path != "/v1/calculations" {
        codes.extend([Conflict, IllegalTransition, AlreadyExists, NotFound, Invalid]);
        if path.starts_with("/v1/pay-runs") || path.starts_with("/v1/relief-requests") {
            codes.extend([ReassessmentUnfinished, FundExhausted, ContentChanged]);
        }
        if path.starts_with("/v1/instruments") {
            codes.extend([InstrumentFaulty, ReassessmentUnfinished, ContentChanged]);
        }
        if path.starts_with("/v1/overpayments") {
            codes.extend([LawUnknown, NotEnforceable, ReassessmentUnfinished, FundExhausted]);
        }
        if path.starts_with("/v1/treasury-proposals") {
            codes.push(ContentChanged);
        }
        if path.starts_with("/v1/month-closes") {
            codes.extend([ContentChanged, SamePerson]);
        }
        if path.ends_with("/decide") {
            codes.extend([SamePerson, FundExhausted]);
        }
        if path.starts_with("/v1/bank-reports") {
            codes.extend([UnreadableBankFile, ReportReadOtherwise]);
        }
    }
    if path == "/v1/calculations" {
        codes.extend([NotFound, IllegalTransition, InstrumentFaulty]);
    }
    if path.ends_with("/signature") {
        codes.push(CertificateNotValid);
    }
    if path.starts_with("/v1/sandbox") {
        codes.push(SandboxOnly);
    }
    codes
}

fn problem_response(codes: &BTreeSet<&'static str>) -> Value {
    let known: Vec<ProblemCode> = ProblemCode::ALL
        .iter()
        .copied()
        .filter(|code| codes.contains(code.code()))
        .collect();
    let lines: Vec<String> = known
        .iter()
        .map(|code| format!("`{}`: {} / {}", code.code(), code.title().0, code.title().1))
        .collect();
    let examples: Map<String, Value> = known
        .iter()
        .map(|code| {
            let value = json!({
                "type": format!("/problems/{}", code.code()),
                "code": code.code(),
                "title": code.title().0,
                "status": code.status(),
                "instance": "urn:uuid:0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e",
                "retryable": service::Error::new(*code).is_retryable(),
            });
            (code.code().to_owned(), json!({"value": value}))
        })
        .collect();
    json!({
        "description": lines.join("  \n"),
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    })
}

/// Objects with their keys in order, whatever map the JSON library was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let ordered: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, field)| (name, sorted(field))).collect();
            Value::Object(ordered.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain => plain,
    }
}

/// The methods of each path, for `Allow` in a 405.
#[derive(Clone, Debug)]
pub(crate) struct Allowed(BTreeMap<String, HeaderValue>);

impl Allowed {
    /// From the document.
    pub(crate) fn from_document(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let methods = paths.filter_map(|(path, item)| {
            let mut methods: Vec<String> = item
                .as_object()?
                .keys()
                .map(|method| method.to_ascii_uppercase())
                .collect();
            if let Some(get) = methods.iter().position(|method| method == "GET") {
                methods.insert(get + 1, "HEAD".to_owned());
            }
            Some((path.clone(), HeaderValue::from_str(&methods.join(", ")).ok()?))
        });
        Self(methods.collect())
    }

    /// The methods of a path pattern.
    pub(crate) fn of(&self, pattern: &str) -> Option<HeaderValue> {
        self.0.get(pattern).cloned()
    }
}

impl utoipa::IntoParams for Once {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let text = "A key of the caller's own for this request, such as a UUID. Sent again with the same content, the \
                    request is answered as before and has no further effect.";
        vec![header(IDEMPOTENCY_KEY, text, "4c6e7a0e-6e0b-4b0e-9d0a-0f8f3b1f7a11")]
    }
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        vec![header("If-Match", "The `ETag` of the version you read.", "\"3\"")]
    }
}

fn header(name: &str, description: &str, example: &str) -> utoipa::openapi::path::Parameter {
    use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(utoipa::openapi::Required::True)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .example(Some(json!(example)))
        .build()
}
