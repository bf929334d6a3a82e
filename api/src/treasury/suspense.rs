//! The lines that wait for two people.

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::bank_profile;
use service::page::Page;
use service::reconciliation::{self, ListSuspense, SuspenseLineView};
use service::{Code, Error, ProblemCode, Text};
use uuid::Uuid;

use super::layout::{self, Here};
use super::visit::Visit;
use super::words;

/// The code of the post office among the banks.
const POST: &str = "POST";

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let asked = asked(visit)?;
            let runs = reconciliation::suspense_runs(visit.app(), &clerk.actor).await?;
            let page = reconciliation::search_suspense(visit.app(), &clerk.actor, asked.clone()).await?;
            let form = form(&asked, &runs, &bank_profile::banks()?);
            let body = body(&page, &asked, &form);
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

/// Which lines the form asks for; what is left open in it asks for nothing.
fn asked(visit: &Visit) -> Result<ListSuspense, Error> {
    let chosen = |name: &str| visit.query(name).filter(|value| !value.is_empty());
    let unknown = || Error::new(ProblemCode::UnknownFilter);
    let run = chosen("run").map(|run| run.parse::<Uuid>()).transpose();
    let outcome = chosen("outcome").map(|code| serde_json::from_value(serde_json::Value::String(code)));
    Ok(ListSuspense {
        pay_run_id: run.map_err(|_unread| unknown())?,
        bank: chosen("bank"),
        outcome: outcome.transpose().map_err(|_unread| unknown())?,
        limit: None,
        cursor: visit.query("cursor"),
    })
}

/// The query that asks for the same again.
fn again(asked: &ListSuspense) -> String {
    let run = asked.pay_run_id.map(|run| run.to_string());
    let outcome = asked.outcome.map(|outcome| outcome.code());
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("run", &run), ("bank", &asked.bank), ("outcome", &outcome)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { query } else { query + "&" }
}

/// The form that asks for some of the lines.
fn form(asked: &ListSuspense, runs: &[(Uuid, Text)], banks: &[(String, String)]) -> Markup {
    let outcome = asked.outcome.map(|outcome| outcome.code());
    html! {
        form.sheet.upload method="get" action="/treasury/suspense" {
            div.choices {
                div {
                    label for="run" { "Đợt chi" }
                    select #run name="run" {
                        option value="" { "Mọi đợt chi" }
                        @for (id, name) in runs { option value=(id) selected[asked.pay_run_id == Some(*id)] { (name.vi) } }
                    }
                }
                div {
                    label for="bank" { "Ngân hàng" }
                    select #bank name="bank" {
                        option value="" { "Mọi ngân hàng" }
                        option value=(POST) selected[asked.bank.as_deref() == Some(POST)] { "Bưu điện" }
                        @for (code, name) in banks { option value=(code) selected[asked.bank.as_ref() == Some(code)] { (name) } }
                    }
                }
                div {
                    label for="outcome" { "Kết quả đối soát" }
                    select #outcome name="outcome" {
                        option value="" { "Mọi kết quả" }
                        @for term in words::terms("bank_report_outcome") {
                            option value=(term.code) selected[outcome.as_ref() == Some(&term.code)] { (term.label.vi) }
                        }
                    }
                }
            }
            button type="submit" accesskey="l" { "Lọc" kbd aria-hidden="true" { "l" } }
        }
    }
}

fn body(page: &Page<SuspenseLineView>, asked: &ListSuspense, form: &Markup) -> Markup {
    let again = again(asked);
    html! {
        div.head { h1 { "Dòng chờ xử lý" } }
        p.quiet { "Những dòng kết quả mà máy không tự khớp được. Một người đề nghị cách xử lý, một người khác quyết định; cả hai ghi chú và đều được lưu vết." }
        (form)
        section.sheet {
            @if page.items.is_empty() {
                p.empty {
                    @if again.is_empty() { "Không còn dòng nào chờ xử lý." }
                    @else { "Không có dòng nào chờ xử lý hợp với điều kiện lọc. " a href="/treasury/suspense" { "Xem tất cả" } }
                }
            }
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
        (layout::next(&format!("/treasury/suspense?{again}"), page.next.as_deref()))
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
