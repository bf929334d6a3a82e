//! The files that wait, and those that were acknowledged.

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::Code;
use service::delivery::{self, DeskFile, Waiting};
use service::page::Page;

use super::layout::{self, Here};
use super::visit::Visit;
use super::words;

/// How many files a page shows.
const ROWS: Option<u32> = Some(100);

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let done = visit.query("done").is_some();
            let which = if done { Waiting::Acknowledged } else { Waiting::Open };
            let cursor = visit.query("cursor");
            let page = delivery::desk(visit.app(), &clerk.actor, which, ROWS, cursor.as_deref()).await?;
            let title = if done {
                "Tệp đã xác nhận"
            } else {
                "Tệp chờ xác nhận"
            };
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Files,
                title,
                &body(&page, title, done),
            ))
        })
        .await
}

fn body(page: &Page<DeskFile>, title: &str, done: bool) -> Markup {
    let path = if done {
        "/treasury/files?done=1&"
    } else {
        "/treasury/files?"
    };
    html! {
        div.head {
            h1 { (title) }
            nav.tabs aria-label="Trạng thái" {
                a href="/treasury/files" accesskey="c" aria-current=[(!done).then_some("true")] { "Chờ xác nhận" kbd aria-hidden="true" { "c" } }
                a href="/treasury/files?done=1" accesskey="d" aria-current=[done.then_some("true")] { "Đã xác nhận" kbd aria-hidden="true" { "d" } }
            }
        }
        @if page.items.is_empty() {
            p.sheet.empty {
                @if done { "Chưa có tệp nào được xác nhận." } @else { "Không có tệp nào chờ xác nhận. Tệp hiện ra ở đây ngay khi đợt chi trả được chuyển chi và lập xong." }
            }
        }
        @for run in page.items.chunk_by(|a, b| a.file.pay_run_id == b.file.pay_run_id) { (of_run(run)) }
        (layout::next(path, page.next.as_deref()))
    }
}

/// The files of one run.
fn of_run(files: &[DeskFile]) -> Markup {
    html! {
        @if let Some(first) = files.first() {
            section.sheet {
                h2 {
                    (run_name(first))
                    small { "ngày chi " (words::day(first.pay_date)) }
                }
                table.stack {
                    thead { tr {
                        th scope="col" { "Tệp" }
                        th scope="col" { "Nơi nhận" }
                        th.number scope="col" { "Số lệnh" }
                        th.number scope="col" { "Số tiền (đồng)" }
                        th scope="col" { "SHA-256 · tổng băm tài khoản" }
                        th scope="col" { "Trạng thái" }
                    } }
                    tbody { @for own in files { (row(own)) } }
                }
            }
        }
    }
}

/// What a run is called.
pub(super) fn run_name(own: &DeskFile) -> String {
    let kind = words::label("pay_run_kind", &own.run_kind);
    format!("{kind} {}", words::month(own.cover_month))
}

fn row(own: &DeskFile) -> Markup {
    let file = &own.file;
    html! {
        tr {
            th scope="row" {
                a.file href={ "/treasury/files/" (file.id) } { (file.name) }
                small { (words::label("payment_file_kind", &file.kind)) }
            }
            td data-label="Nơi nhận" { (own.recipient.vi) }
            td.number data-label="Số lệnh" { (figure(own, file.order_count)) }
            td.number data-label="Số tiền" {
                (figure(own, file.sum))
                @if own.has_totals { small { (words::in_words(file.sum)) } }
            }
            td.hash data-label="SHA-256" {
                @match &file.sha256 {
                    Some(hash) => code title=(hash) { (words::ends(hash)) },
                    None => "—",
                }
                @if own.has_totals { small { code { (file.account_hash_total) } } }
            }
            td data-label="Trạng thái" { (states(own)) }
        }
    }
}

/// A figure of a file; the communes' list has none.
fn figure(own: &DeskFile, value: i64) -> Markup {
    html! { @if own.has_totals { (words::number(value)) } @else { span.quiet { "—" } } }
}

/// Where a file stands, and its delivery.
pub(super) fn states(own: &DeskFile) -> Markup {
    html! {
        (layout::badge(&own.file.status.code(), &words::label("payment_file_status", &own.file.status)))
        @if let Some(last) = &own.delivery {
            small.delivery {
                (words::label("delivery_channel", &last.channel)) ": " (words::label("delivery_status", &last.status))
                @if let Some(text) = &last.error_text { br; strong.wrong { (text.vi) } }
            }
        }
    }
}
