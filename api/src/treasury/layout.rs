//! What every page of the desk has around it.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use service::{Error, ProblemCode};

use super::visit::{Clerk, SEAL, Visit};

const STYLE: &str = include_str!("desk.css");
const SCRIPT: &str = include_str!("desk.js");

/// Where a page stands among the others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    Files,
    Reports,
    Suspense,
    Recalls,
    Ageing,
    Differences,
    Silences,
    Elsewhere,
}

/// The pages one can go to: where, under which key, and what for.
const PLACES: &[(Here, &str, &str, &str)] = &[
    (Here::Files, "/treasury/files", "1", "Tệp chi trả"),
    (Here::Reports, "/treasury/reports", "2", "Kết quả ngân hàng"),
    (Here::Suspense, "/treasury/suspense", "3", "Dòng chờ xử lý"),
    (Here::Recalls, "/treasury/recalls", "4", "Thu hồi"),
    (Here::Ageing, "/treasury/ageing", "5", "Còn treo"),
    (Here::Differences, "/treasury/differences", "6", "Chênh lệch"),
    (Here::Silences, "/treasury/silences", "7", "Chưa có kết quả"),
];

/// A page for a clerk, or for nobody yet.
pub(super) fn page(visit: &Visit, clerk: Option<&Clerk>, here: Here, title: &str, body: &Markup) -> HttpResponse {
    sent(
        &visit.nonce,
        StatusCode::OK,
        &framed(&visit.nonce, clerk, here, title, body),
    )
}

/// The same with another status.
pub(super) fn page_as(status: StatusCode, visit: &Visit, title: &str, body: &Markup) -> HttpResponse {
    sent(
        &visit.nonce,
        status,
        &framed(&visit.nonce, None, Here::Elsewhere, title, body),
    )
}

/// A page with what was refused beside the form that asked for it.
pub(super) fn page_beside(
    visit: &Visit,
    clerk: &Clerk,
    (here, title): (Here, &str),
    wrong: Option<&Error>,
    body: &Markup,
) -> HttpResponse {
    let mut response = page(visit, Some(clerk), here, title, body);
    if let Some(status) = wrong.and_then(|wrong| StatusCode::from_u16(wrong.code.status()).ok()) {
        *response.status_mut() = status;
    }
    response
}

/// Can what was refused be put right in the form that asked for it, or by the one who reads it?
pub(super) const fn is_told_beside(error: &Error) -> bool {
    matches!(
        error.code,
        ProblemCode::Invalid
            | ProblemCode::IllegalTransition
            | ProblemCode::AlreadyExists
            | ProblemCode::Conflict
            | ProblemCode::SamePerson
            | ProblemCode::FundExhausted
            | ProblemCode::UnreadableBankFile
            | ProblemCode::ReportReadOtherwise
    )
}

/// What was refused, to stand beside its form.
pub(super) fn wrong(error: &Error) -> Markup {
    let (title, _) = error.code.title();
    html! {
        div.wrong #wrong role="alert" {
            p { strong { (title) } @if let Some(detail) = &error.detail { ": " (detail.vi) } }
            @if !error.fields.is_empty() {
                ul { @for field in &error.fields { li { (field.message.vi) } } }
            }
        }
    }
}

/// A part of a page, to be put into it.
pub(super) fn part(visit: &Visit, body: &Markup) -> HttpResponse {
    sent(&visit.nonce, StatusCode::OK, body)
}

/// The page of a request that was refused.
pub(super) fn refused(visit: &Visit, clerk: Option<&Clerk>, error: &Error) -> HttpResponse {
    refusal(&visit.nonce, clerk, error)
}

/// The page of a refusal, where no visit could be made of the request either.
pub(super) fn refusal(nonce: &str, clerk: Option<&Clerk>, error: &Error) -> HttpResponse {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let ours = status.is_server_error();
    if ours {
        tracing::error!(error = %error, "a page of the treasury desk failed");
    }
    let (title, _) = error.code.title();
    let body = html! {
        section.sheet role="alert" {
            h1 { (title) }
            @if let Some(detail) = error.detail.as_ref().filter(|_| !ours) { p { (detail.vi) } }
            @if !error.fields.is_empty() {
                ul { @for field in &error.fields { li { (field.message.vi) } } }
            }
            p.quiet { "Chưa có gì thay đổi." }
            p { a.button href=(super::FILES) { "Về danh sách tệp" } }
        }
    };
    sent(nonce, status, &framed(nonce, clerk, Here::Elsewhere, title, &body))
}

fn framed(nonce: &str, clerk: Option<&Clerk>, here: Here, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="vi" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Quầy kho bạc · An Sinh" }
                style nonce=(nonce) { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#content" { "Đến nội dung chính" }
                header.top {
                    a.brand href=(super::FILES) {
                        span.mark aria-hidden="true" { "AS" }
                        span { strong { "An Sinh" } span.place { "Quầy kho bạc" } }
                    }
                    @if let Some(clerk) = clerk {
                        nav aria-label="Các trang" {
                            ul {
                                @for (place, path, key, name) in PLACES {
                                    li {
                                        a href=(path) accesskey=(key) aria-current=[(*place == here).then_some("page")] {
                                            (name) kbd aria-hidden="true" { (key) }
                                        }
                                    }
                                }
                            }
                        }
                        form.who method="post" action="/treasury/sign-out" {
                            (seal(&clerk.seal))
                            span { (clerk.actor.name) }
                            button.plain accesskey="0" { "Đăng xuất" }
                        }
                    }
                }
                main #content tabindex="-1" { (body) }
                footer { "An Sinh · mọi thao tác được ghi vào nhật ký · phím tắt: Alt (Alt+Shift) cùng số hoặc chữ trong khung" }
                script nonce=(nonce) { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The hidden field that proves that a form is ours.
pub(super) fn seal(seal: &str) -> Markup {
    html! { input type="hidden" name=(SEAL) value=(seal); }
}

/// The state of something, told by its word and its colour.
pub(super) fn badge(code: &str, label: &str) -> Markup {
    html! { span class={ "badge s-" (code) } { (label) } }
}

/// The way to the next page of a list.
pub(super) fn next(path: &str, cursor: Option<&str>) -> Markup {
    html! {
        @if let Some(cursor) = cursor {
            p.next { a.button href={ (path) "cursor=" (cursor) } rel="next" accesskey="n" { "Trang sau" kbd aria-hidden="true" { "n" } } }
        }
    }
}

/// Only what stands in the page itself is run or shown, and nothing frames it.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

fn sent(nonce: &str, status: StatusCode, body: &Markup) -> HttpResponse {
    guarded(nonce, &mut HttpResponse::build(status))
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_LANGUAGE, "vi"))
        .body(body.0.clone())
}

/// A file to be saved, kept nowhere on its way.
pub(super) fn download(visit: &Visit, name: &str, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    guarded(&visit.nonce, &mut HttpResponse::Ok())
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

fn guarded<'a>(nonce: &str, response: &'a mut HttpResponseBuilder) -> &'a mut HttpResponseBuilder {
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, policy(nonce)))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A page that holds a seal beside what a stranger may have written is not compressed.
        .insert_header((header::CONTENT_ENCODING, "identity"))
}
