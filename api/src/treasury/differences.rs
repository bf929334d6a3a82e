//! What banks moved more or less than was ordered: the list, and what two people make of one.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::json;
use service::proposal::DecideProposal;
use service::reconciliation::{self, AmountDifferenceView, ProposeSettlement, SettlementView};
use service::{Code, Error};
use uuid::Uuid;

use super::layout::{self, Here};
use super::second_person::{Typed, Waits, command, described, second_person, typed};
use super::visit::{Clerk, Refusal, Visit, to};
use super::words;

/// Where the list is.
const LIST: &str = "/treasury/differences";

/// How many of those that are settled the list shows, the latest first.
const SETTLED: usize = 200;

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let all = reconciliation::differences(visit.app(), &clerk.actor).await?;
            let body = body(&all);
            let title = "Chênh lệch số tiền";
            Ok(layout::page(visit, Some(&clerk), Here::Differences, title, &body))
        })
        .await
}

fn is_open(own: &AmountDifferenceView) -> bool {
    own.status.code() == "open"
}

fn body(all: &[AmountDifferenceView]) -> Markup {
    let open: Vec<&AmountDifferenceView> = all.iter().filter(|own| is_open(own)).collect();
    let over: Vec<&AmountDifferenceView> = all.iter().rev().filter(|own| !is_open(own)).take(SETTLED).collect();
    html! {
        div.head { h1 { "Chênh lệch số tiền" } }
        p.quiet { "Ngân hàng đã chuyển hoặc hoàn nhiều hơn, ít hơn lệnh chi. Một người đề nghị cách xử lý, một người khác quyết định; đến lúc đó số chênh lệch còn treo." }
        section.sheet #open {
            h2 { "Chờ xử lý" }
            @if open.is_empty() { p.empty { "Không còn chênh lệch nào chờ xử lý." } }
            @else { (table(&open)) }
        }
        @if !over.is_empty() {
            section.sheet #over {
                h2 { "Đã xử lý" }
                (table(&over))
            }
        }
    }
}

fn table(rows: &[&AmountDifferenceView]) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "Mã lệnh chi" }
                th.number scope="col" { "Lệnh chi (đồng)" }
                th.number scope="col" { "Ngân hàng chuyển (đồng)" }
                th.number scope="col" { "Chênh lệch (đồng)" }
                th scope="col" { "Từ ngày" }
                th scope="col" { "Trạng thái" }
                th scope="col" { "Xử lý" }
            } }
            tbody { @for own in rows { (row(own)) } }
        }
    }
}

fn row(own: &AmountDifferenceView) -> Markup {
    html! {
        tr {
            td data-label="Mã lệnh chi" { code { (own.reference) } }
            td.number data-label="Lệnh chi" { (words::number(own.ordered)) }
            td.number data-label="Ngân hàng chuyển" { (moved(own)) }
            td.number data-label="Chênh lệch" { (words::number(own.amount)) }
            td data-label="Từ ngày" { (words::time(own.opened_at)) }
            td data-label="Trạng thái" { (state(own)) }
            td data-label="Xử lý" {
                @if own.settled_by.is_empty() {
                    a href={ (LIST) "/" (own.id) } {
                        @if !is_open(own) { "Xem" } @else if own.proposal.is_some() { "Chờ quyết định" } @else { "Đề nghị" }
                    }
                } @else {
                    a href={ (LIST) "/" (own.id) } { (own.settled_by.join(", ")) }
                }
            }
        }
    }
}

fn moved(own: &AmountDifferenceView) -> Markup {
    html! { (words::number(own.moved)) @if own.returned { small { "hoàn về" } } }
}

fn state(own: &AmountDifferenceView) -> Markup {
    layout::badge(&own.status.code(), &words::label("difference_status", &own.status))
}

/// One difference with the form that is next.
pub(super) async fn show(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            shown(visit, &clerk, visit.id()?, &Typed::new(), None).await
        })
        .await
}

async fn shown(
    visit: &Visit,
    clerk: &Clerk,
    id: Uuid,
    fields: &Typed,
    wrong: Option<&Error>,
) -> Result<HttpResponse, Refusal> {
    let own = reconciliation::difference(visit.app(), &clerk.actor, id).await?;
    let title = format!("Chênh lệch của lệnh chi {}", own.reference);
    let body = html! {
        p.trail { a href=(LIST) { "Chênh lệch số tiền" } }
        div.head { h1 { (title) } }
        (facts(&own))
        (next_step(&own, clerk, fields, wrong))
    };
    let place = (Here::Differences, title.as_str());
    Ok(layout::page_beside(visit, clerk, place, wrong, &body))
}

/// What the bank says, beside the order, and who settled it.
fn facts(own: &AmountDifferenceView) -> Markup {
    html! {
        section.sheet.facts aria-label="Thông tin chênh lệch" {
            dl {
                dt { "Mã lệnh chi" } dd { code { (own.reference) } }
                dt { "Lệnh chi (đồng)" } dd.figure { (words::number(own.ordered)) }
                dt { "Ngân hàng chuyển (đồng)" } dd.figure { (moved(own)) }
                dt { "Chênh lệch (đồng)" } dd.figure { (words::number(own.amount)) }
                dt { "Trạng thái" } dd { (state(own)) }
                dt { "Ghi sổ lúc" } dd { (words::time(own.opened_at)) }
                @if let Some(line) = own.line_id {
                    dt { "Dòng kết quả" } dd { a href={ "/treasury/suspense/" (line) } { "Xem dòng" } }
                }
                @if let Some(settled) = &own.settlement { (settled_facts(own, settled)) }
            }
        }
    }
}

fn settled_facts(own: &AmountDifferenceView, settled: &SettlementView) -> Markup {
    let said = &settled.proposal;
    html! {
        dt { "Người đề nghị, người chấp nhận" } dd { (own.settled_by.join(", ")) }
        @if let Some(at) = said.decided_at { dt { "Chấp nhận lúc" } dd { (words::time(at)) } }
        dt { "Ghi chú" } dd { (said.note) @if let Some(note) = &said.decision_note { small { (note) } } }
    }
}

/// The form that is next: to propose, or to decide by somebody else.
fn next_step(own: &AmountDifferenceView, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
    match &own.proposal {
        // What was proposed before another line took its place is decided all the same, and refused.
        Some(proposal) => {
            let waits = Waits {
                id: proposal.id,
                way: words::label("difference_settlement", &proposal.settlement),
                said: &proposal.proposal,
                decide: format!("{LIST}/{}/decide", own.id),
            };
            second_person(&waits, clerk, fields, wrong)
        }
        None if is_open(own) => proposal(own, &clerk.seal, fields, wrong),
        None => html! {
            section.sheet { @if let Some(wrong) = wrong { (layout::wrong(wrong)) } p { "Chênh lệch này không còn chờ xử lý." } }
        },
    }
}

/// The form of the first person.
fn proposal(own: &AmountDifferenceView, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let chosen = typed(fields, "settlement");
    html! {
        section.sheet.confirm {
            h2 { "Đề nghị cách xử lý" }
            p #how { "Một người khác sẽ quyết định. Xóa chênh lệch thì nguồn kinh phí chịu số tiền này." }
            @if let Some(wrong) = wrong { (layout::wrong(wrong)) }
            form.fields method="post" action={ (LIST) "/" (own.id) "/propose" } {
                (layout::seal(seal))
                label for="settlement" { "Cách xử lý" }
                select #settlement name="settlement" accesskey="x" required aria-describedby=(described(wrong, "how")) autofocus[wrong.is_some()] {
                    @for term in words::terms("difference_settlement") {
                        option value=(term.code) selected[term.code == chosen] { (term.label.vi) }
                    }
                }
                label for="note" { "Ghi chú" }
                input #note name="note" value=(typed(fields, "note")) required maxlength="1000" autocomplete="off";
                button.main type="submit" { "Gửi đề nghị" }
            }
        }
    }
}

/// The first person's form.
pub(super) async fn propose(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            match proposed(visit, &clerk, id, &fields).await {
                Ok(_) => Ok(to(&format!("{LIST}/{id}"))),
                Err(error) if layout::is_told_beside(&error) => shown(visit, &clerk, id, &fields, Some(&error)).await,
                Err(error) => Err(error.into()),
            }
        })
        .await
}

async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<SettlementView, Error> {
    let wish: ProposeSettlement = command(json!({
        "settlement": typed(fields, "settlement"),
        "note": typed(fields, "note"),
    }))?;
    reconciliation::propose_settlement(visit.app(), &clerk.actor, id, wish).await
}

/// The second person's form.
pub(super) async fn decide(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            match decided(visit, &clerk, id, &fields).await {
                Ok(_) => Ok(to(LIST)),
                Err(error) if layout::is_told_beside(&error) => shown(visit, &clerk, id, &fields, Some(&error)).await,
                Err(error) => Err(error.into()),
            }
        })
        .await
}

async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<SettlementView, Error> {
    let verdict: DecideProposal = command(json!({
        "proposal_id": typed(fields, "proposal"),
        "decision": typed(fields, "decision"),
        "note": typed(fields, "note"),
    }))?;
    reconciliation::decide_settlement(visit.app(), &clerk.actor, id, verdict).await
}
