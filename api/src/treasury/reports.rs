//! The banks' answers: the list, and taking in another one.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpResponse, web};
use futures::StreamExt;
use maud::{Markup, html};
use service::bank_report::{self, BankReportView};
use service::page::Page;
use service::{Code, Error, ProblemCode};

use super::layout::{self, Here};
use super::visit::{Refusal, SEAL, Visit, to};
use super::words;

/// The most bytes of a seal.
const SEAL_LIMIT: usize = 200;

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let cursor = visit.query("cursor");
            let page = bank_report::list(visit.app(), &clerk.actor, None, cursor.as_deref()).await?;
            let body = body(&page, &clerk.seal);
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Reports,
                "Kết quả ngân hàng",
                &body,
            ))
        })
        .await
}

fn body(page: &Page<BankReportView>, seal: &str) -> Markup {
    html! {
        div.head { h1 { "Kết quả ngân hàng" } }
        section.sheet {
            h2 { "Nạp tệp kết quả" }
            form.upload method="post" action="/treasury/reports" enctype="multipart/form-data" {
                // First, so that nothing of a file is read for a form that is not ours.
                (layout::seal(seal))
                div {
                    label for="file" { "Tệp của ngân hàng hoặc bưu điện" }
                    input #file type="file" name="file" required accesskey="u" aria-describedby="kinds";
                    p.quiet #kinds { "pain.002, camt.053, camt.054 hoặc kết quả chi trả của bưu điện; loại tệp được nhận ra theo nội dung. Nạp lại cùng một tệp không thay đổi gì." }
                }
                button.main type="submit" { "Nạp và đối soát" }
            }
        }
        section.sheet {
            h2 { "Đã nhận" }
            @if page.items.is_empty() { p.empty { "Chưa nhận tệp kết quả nào." } }
            @else {
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
        (layout::next("/treasury/reports?", page.next.as_deref()))
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
            }
        }
    }
}

/// Takes in a file.
pub(super) async fn upload(visit: Visit, payload: web::Payload) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, content) = uploaded(visit, payload).await?;
            let report = bank_report::upload(visit.app(), &clerk.actor, &name, content).await?;
            Ok(to(&format!("/treasury/reports/{}", report.id)))
        })
        .await
}

/// The name and the bytes of the file in the form; nothing of it is kept before the form's seal is known to be ours.
async fn uploaded(visit: &Visit, payload: web::Payload) -> Result<(String, Vec<u8>), Refusal> {
    let mut form = Multipart::new(visit.headers(), payload);
    let (mut sealed, mut file) = (false, None);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(broken)?;
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            SEAL => {
                let seal = read(&mut field, SEAL_LIMIT).await?;
                visit.check_seal(visit.session(), &String::from_utf8_lossy(&seal))?;
                sealed = true;
            }
            "file" if sealed => {
                let disposition = field.content_disposition();
                let file_name = disposition
                    .and_then(|own| own.get_filename())
                    .unwrap_or_default()
                    .to_owned();
                file = Some((file_name, read(&mut field, visit.upload_limit()).await?));
            }
            // A field before the seal, or one that nobody asked for.
            _ => drop(field.bytes(0).await),
        }
    }
    if !sealed {
        visit.check_seal(visit.session(), "")?;
    }
    let file = file.filter(|(name, content)| !name.is_empty() || !content.is_empty());
    file.ok_or_else(|| {
        let none = Error::field("/file", "missing", "Chưa chọn tệp", "no file was chosen");
        Refusal::Failed(Box::new(none))
    })
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
