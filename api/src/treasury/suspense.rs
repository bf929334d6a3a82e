//! The lines that wait for two people.

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::page::Page;
use service::reconciliation::{self, SuspenseLineView};

use super::layout::{self, Here};
use super::visit::Visit;
use super::words;

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let cursor = visit.query("cursor");
            let page = reconciliation::suspense(visit.app(), &clerk.actor, None, cursor.as_deref()).await?;
            let body = body(&page);
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Suspense,
                "Dòng chờ xử lý",
                &body,
            ))
        })
        .await
}

fn body(page: &Page<SuspenseLineView>) -> Markup {
    html! {
        div.head { h1 { "Dòng chờ xử lý" } }
        p.quiet { "Những dòng kết quả mà máy không tự khớp được. Một người đề nghị cách xử lý, một người khác quyết định; cả hai ghi chú và đều được lưu vết." }
        section.sheet {
            @if page.items.is_empty() { p.empty { "Không còn dòng nào chờ xử lý." } }
            @else {
                table.stack {
                    thead { tr {
                        th scope="col" { "Mã lệnh chi" }
                        th.number scope="col" { "Ngân hàng báo (đồng)" }
                        th.number scope="col" { "Lệnh chi (đồng)" }
                        th scope="col" { "Lệnh chi đang" }
                        th scope="col" { "Vì sao" }
                        th scope="col" { "Tệp kết quả" }
                        th scope="col" { "Xử lý" }
                    } }
                    tbody { @for own in &page.items { (row(own)) } }
                }
            }
        }
        (layout::next("/treasury/suspense?", page.next.as_deref()))
    }
}

fn row(own: &SuspenseLineView) -> Markup {
    let line = &own.line;
    html! {
        tr {
            td data-label="Mã lệnh chi" {
                @match (&line.reference, &own.file) {
                    (Some(reference), _) => code { (reference) },
                    (None, Some(_)) => "cả tệp",
                    (None, None) => span.quiet { "không có" },
                }
            }
            td.number data-label="Ngân hàng báo" { (amount(line.amount)) }
            td.number data-label="Lệnh chi" { (amount(own.order_amount.or(own.batch.map(|sums| sums.accepted)).or(own.file.as_ref().and_then(|file| file.own_sum)))) }
            td data-label="Lệnh chi đang" {
                @match &own.order_status { Some(status) => (words::label("payment_order_status", status)), None => span.quiet { "—" } }
            }
            td data-label="Vì sao" {
                (words::label("bank_report_outcome", &line.outcome))
                @if let Some(text) = &line.finding_text { small.wrong { (text.vi) } }
            }
            td data-label="Tệp kết quả" { a href={ "/treasury/reports/" (line.report_id) } { @if own.file.is_some() { "về cả tệp" } @else { "dòng " (line.position) } } }
            td data-label="Xử lý" {
                a href={ "/treasury/suspense/" (line.id) } {
                    @if own.proposal.is_some() { "Chờ quyết định" } @else { "Đề nghị" }
                }
            }
        }
    }
}

pub(super) fn amount(amount: Option<i64>) -> Markup {
    html! { @match amount { Some(amount) => (words::number(amount)), None => span.quiet { "—" } } }
}
