//! Recalls: what the banks are asked to stop or send back, and how far it has come.

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::Code;
use service::page::Page;
use service::payment_order::{self, DeskRecall, RecallsWanted};

use super::layout::{self, Here};
use super::visit::Visit;
use super::words;
use crate::answer::media_type;

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let done = visit.query("done").is_some();
            let which = if done { RecallsWanted::Over } else { RecallsWanted::Open };
            let cursor = visit.query("cursor");
            let page = payment_order::desk_recalls(visit.app(), &clerk.actor, which, cursor.as_deref()).await?;
            let title = if done {
                "Thu hồi đã xong"
            } else {
                "Thu hồi đang mở"
            };
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Recalls,
                title,
                &body(&page, title, done),
            ))
        })
        .await
}

fn body(page: &Page<DeskRecall>, title: &str, done: bool) -> Markup {
    let path = if done {
        "/treasury/recalls?done=1&"
    } else {
        "/treasury/recalls?"
    };
    html! {
        div.head {
            h1 { (title) }
            nav.tabs aria-label="Trạng thái" {
                a href="/treasury/recalls" accesskey="c" aria-current=[(!done).then_some("true")] { "Đang mở" kbd aria-hidden="true" { "c" } }
                a href="/treasury/recalls?done=1" accesskey="d" aria-current=[done.then_some("true")] { "Đã xong" kbd aria-hidden="true" { "d" } }
            }
        }
        p.quiet {
            "Đề nghị thu hồi đã được hai người chấp thuận thì có thông điệp camt.055 để gửi ngân hàng; ngân hàng trả lời bằng camt.029, nạp ở trang Kết quả ngân hàng. "
            "Tiền về là một bút toán riêng."
        }
        section.sheet {
            @if page.items.is_empty() { p.empty { @if done { "Chưa có đề nghị thu hồi nào đã xong." } @else { "Không có đề nghị thu hồi nào đang mở." } } }
            @else {
                table.stack {
                    thead { tr {
                        th scope="col" { "Lệnh chi" }
                        th.number scope="col" { "Số tiền (đồng)" }
                        th scope="col" { "Lý do" }
                        th scope="col" { "Đề nghị" }
                        th scope="col" { "Ngân hàng trả lời" }
                        th scope="col" { "Thông điệp" }
                    } }
                    tbody { @for own in &page.items { (row(own)) } }
                }
            }
        }
        (layout::next(path, page.next.as_deref()))
    }
}

fn row(own: &DeskRecall) -> Markup {
    let recall = &own.recall;
    html! {
        tr {
            th scope="row" {
                code { (own.reference) }
                small {
                    @if let Some(bank) = &own.bank_code { (bank) ", " }
                    (words::label("payment_order_status", &own.order_status))
                }
            }
            td.number data-label="Số tiền" { (words::number(own.amount)) }
            td data-label="Lý do" { (words::label("recall_reason", &recall.reason)) small { (recall.proposal.note) } }
            td data-label="Đề nghị" {
                (layout::badge(&recall.proposal.status.code(), &words::label("proposal_status", &recall.proposal.status)))
                small { (words::time(recall.proposal.proposed_at)) }
            }
            td data-label="Ngân hàng trả lời" {
                @match &recall.answer {
                    Some(answer) => {
                        (layout::badge(&answer.code(), &words::label("recall_answer", answer)))
                        @if let Some(reason) = &recall.answer_reason { " " code { (reason) } }
                        @if let Some(at) = recall.answered_at { small { (words::time(at)) } }
                    },
                    None => span.quiet { "chưa" },
                }
            }
            td data-label="Thông điệp" {
                @match &recall.message_id {
                    Some(message) => {
                        a href={ "/treasury/recalls/" (recall.id) "/content" } { "Tải camt.055" }
                        small { code { (message) } }
                    },
                    None => span.quiet { "chưa có" },
                }
            }
        }
    }
}

/// The message for the bank.
pub(super) async fn content(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = payment_order::recall_message(visit.app(), &clerk.actor, visit.id()?).await?;
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}
