//! The banks' answers: the list, and taking in another one.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpResponse, web};
use futures::StreamExt;
use maud::{Markup, html};
use service::bank_profile;
use service::bank_report::{self, BankReportView, Reading, ReadingMode};
use service::page::Page;
use service::{Code, Error, ProblemCode};

use super::layout::{self, Here};
use super::visit::{Clerk, Refusal, SEAL, Visit, to};
use super::words;

/// The most bytes of a field that is no file.
const FIELD_LIMIT: usize = 200;
/// What would need tolerance is refused.
const STRICT: &str = "strict";
/// What was tolerated is noted in the report.
const LENIENT: &str = "lenient";

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            if visit.query("part").is_some() {
                let page = listed(visit, &clerk).await?;
                return Ok(layout::part(visit, &live(&page, visit.query("cursor").as_deref())));
            }
            shown(visit, &clerk, None).await
        })
        .await
}

/// The page of the list that is asked for.
async fn listed(visit: &Visit, clerk: &Clerk) -> Result<Page<BankReportView>, Refusal> {
    let cursor = visit.query("cursor");
    Ok(bank_report::list(visit.app(), &clerk.actor, None, cursor.as_deref()).await?)
}

async fn shown(visit: &Visit, clerk: &Clerk, wrong: Option<&Error>) -> Result<HttpResponse, Refusal> {
    let page = listed(visit, clerk).await?;
    let banks = bank_profile::banks()?;
    let body = html! {
        div.head { h1 { "Kết quả ngân hàng" } }
        (form(&banks, &clerk.seal, wrong))
        (live(&page, visit.query("cursor").as_deref()))
    };
    let here = (Here::Reports, "Kết quả ngân hàng");
    Ok(layout::page_beside(visit, clerk, here, wrong, &body))
}

/// The part of the page that changes while reports are reconciled; what is being filled in above it stays as it is.
fn live(page: &Page<BankReportView>, cursor: Option<&str>) -> Markup {
    let open = page.items.iter().any(BankReportView::is_open);
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let query = query.finish();
    html! {
        div #live data-open=(if open { "true" } else { "false" }) data-from={ "/treasury/reports?part=1&" (query) } {
            section.sheet {
                h2 { "Đã nhận" }
                @if page.items.is_empty() { p.empty { "Chưa nhận tệp kết quả nào." } }
                @else { (table(page)) }
                @if open {
                    p.reload { a.button href={ "/treasury/reports?" (query) } accesskey="r" { "Xem lại" kbd aria-hidden="true" { "r" } } }
                }
            }
            (layout::next("/treasury/reports?", page.next.as_deref()))
        }
    }
}

fn table(page: &Page<BankReportView>) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "Tệp" }
                th scope="col" { "Nhận lúc" }
                th.number scope="col" { "Số dòng" }
                th.number scope="col" { "Khớp" }
                th.number scope="col" { "Chờ xử lý" }
                th scope="col" { "Trạng thái" }
            } }
            tbody { @for report in &page.items { (row(report)) } }
        }
    }
}

/// The form that takes a file in. Any bank may be said: one without a table of its own answers with messages, and its
/// profile says how they are read.
fn form(banks: &[(String, String)], seal: &str, wrong: Option<&Error>) -> Markup {
    html! {
        section.sheet {
            h2 { "Nạp tệp kết quả" }
            @if let Some(wrong) = wrong {
                (layout::wrong(wrong))
                @for way in wrong.fields.iter().filter_map(|field| words::way_out(&field.code)) { p { (way) } }
            }
            form.upload method="post" action="/treasury/reports" enctype="multipart/form-data" {
                // First, so that nothing of a file is read for a form that is not ours.
                (layout::seal(seal))
                div {
                    label for="file" { "Tệp của ngân hàng hoặc bưu điện" }
                    input #file type="file" name="file" required accesskey="u" aria-describedby="kinds";
                    p.quiet #kinds {
                        "pain.002, camt.053, camt.054, camt.029 (trả lời thu hồi), bảng kết quả của ngân hàng (CSV, XLSX) hoặc kết quả chi trả của bưu điện; "
                        "loại tệp được nhận ra theo nội dung. Nạp lại cùng một tệp không thay đổi gì."
                    }
                    div.choices {
                        div {
                            label for="bank" { "Ngân hàng gửi tệp" }
                            select #bank name="bank" accesskey="b" aria-describedby="banks" {
                                option value="" selected { "Nhận ra theo nội dung" }
                                @for (code, name) in banks { option value=(code) { (name) } }
                            }
                        }
                    }
                    p.quiet #banks { "Chỉ chọn ngân hàng khi nội dung không cho biết, như khi tiêu đề của bảng hợp với mẫu của nhiều ngân hàng. "
                        "Dòng nói về lệnh chi của ngân hàng khác sẽ chờ người xem xét." }
                    label.tick for="mode" {
                        input #mode type="checkbox" name="mode" value=(LENIENT) accesskey="m" aria-describedby="modes";
                        " Đọc rộng tệp này " kbd aria-hidden="true" { "m" }
                    }
                    p.quiet #modes {
                        "Không đánh dấu: đọc theo mẫu của ngân hàng, mặc định là đọc chặt: tệp sai cấu trúc bị từ chối cả tệp, "
                        "dòng có giá trị không đọc được thì riêng dòng đó chờ người xem xét. "
                        "Chỉ đánh dấu khi đã xem tệp và chấp nhận các sai khác; những gì được châm chước sẽ được ghi lại cùng tệp."
                    }
                }
                button.main type="submit" { "Nạp và đối soát" }
            }
        }
    }
}

fn row(report: &BankReportView) -> Markup {
    html! {
        tr {
            th scope="row" {
                a.file href={ "/treasury/reports/" (report.id) } { (report.file_name) }
                small { (words::label("bank_report_format", &report.format)) }
            }
            td data-label="Nhận lúc" { (words::time(report.received_at)) }
            td.number data-label="Số dòng" { (words::number(report.line_count)) }
            td.number data-label="Khớp" { (words::number(report.matched)) }
            td.number data-label="Chờ xử lý" { (words::number(report.suspense)) }
            td data-label="Trạng thái" {
                (layout::badge(&report.status.code(), &words::label("bank_report_status", &report.status)))
                @if report.is_open() { (how_far(report)) }
            }
        }
    }
}

/// How many lines are judged of a report that is not reconciled yet; without a value nobody is at it.
fn how_far(report: &BankReportView) -> Markup {
    let judged = report.progress.as_ref().map(|own| own.judged);
    html! {
        progress.judged max=(report.line_count.max(1)) value=[judged] aria-label={ "Số dòng đã đối chiếu của " (report.file_name) } {}
        @if let Some(judged) = judged { small { "đã đối chiếu " (words::number(judged)) " dòng" } }
    }
}

/// The file of a form, and how it is to be read.
#[derive(Default)]
struct Uploaded {
    name: String,
    content: Vec<u8>,
    reading: Reading,
}

/// Takes in a file.
pub(super) async fn upload(visit: Visit, payload: web::Payload) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let Uploaded { name, content, reading } = uploaded(visit, payload).await?;
            match bank_report::upload_as(visit.app(), &clerk.actor, &name, content, reading).await {
                Ok(report) => Ok(to(&format!("/treasury/reports/{}", report.id))),
                Err(error) if layout::is_told_beside(&error) => shown(visit, &clerk, Some(&error)).await,
                Err(error) => Err(error.into()),
            }
        })
        .await
}

/// What the form holds; nothing of it is kept before the form's seal is known to be ours.
async fn uploaded(visit: &Visit, payload: web::Payload) -> Result<Uploaded, Refusal> {
    let mut form = Multipart::new(visit.headers(), payload);
    let (mut sealed, mut uploaded) = (false, Uploaded::default());
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            SEAL => {
                let seal = text(&mut field).await?;
                visit.check_seal(visit.session(), &seal)?;
                sealed = true;
            }
            "file" if sealed => {
                let disposition = field.content_disposition();
                uploaded.name = disposition
                    .and_then(|own| own.get_filename())
                    .unwrap_or_default()
                    .to_owned();
                uploaded.content = read(&mut field, visit.upload_limit()).await?;
            }
            "mode" if sealed => uploaded.reading.mode = mode(&text(&mut field).await?)?,
            "bank" if sealed => {
                let bank = text(&mut field).await?;
                uploaded.reading.bank = (!bank.is_empty()).then_some(bank);
            }
            // A field before the seal, or one that nobody asked for.
            _ => drop(field.bytes(0).await),
        }
    }
    if !sealed {
        visit.check_seal(visit.session(), "")?;
    }
    if uploaded.name.is_empty() && uploaded.content.is_empty() {
        let none = Error::field("/file", "missing", "Chưa chọn tệp", "no file was chosen");
        return Err(Refusal::Failed(Box::new(none)));
    }
    Ok(uploaded)
}

/// How a file is to be read, as the form names it; as the profile of its bank says, if it does not.
fn mode(mode: &str) -> Result<Option<ReadingMode>, Error> {
    match mode {
        STRICT => Ok(Some(ReadingMode::Strict)),
        LENIENT => Ok(Some(ReadingMode::Lenient)),
        "" => Ok(None),
        _ => Err(Error::field(
            "/mode",
            "unknown",
            "Không có cách đọc này",
            "there is no such way to read",
        )),
    }
}

async fn text(field: &mut Field) -> Result<String, Error> {
    Ok(String::from_utf8_lossy(&read(field, FIELD_LIMIT).await?).into_owned())
}

async fn read(field: &mut Field, limit: usize) -> Result<Vec<u8>, Error> {
    match field.bytes(limit).await {
        Ok(Ok(bytes)) => Ok(bytes.to_vec()),
        Ok(Err(error)) => Err(broken(error)),
        Err(_) => Err(Error::new(ProblemCode::TooLarge)),
    }
}

fn broken(error: actix_multipart::MultipartError) -> Error {
    Error::because(
        ProblemCode::InvalidRequest,
        "Biểu mẫu gửi lên bị hỏng hoặc bị cắt",
        format!("the form is broken: {error}"),
    )
}
