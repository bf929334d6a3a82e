//! What banks moved more or less than was ordered: the list, and what two people make of one.

use actix_web::HttpResponse;
use maud::{Markup, html};
use serde_json::json;
use service::proposal::DecideProposal;
use service::reconciliation::{self, AmountDifferenceView, ProposeSettlement, SettlementView};
use service::{Code, Error};
use uuid::Uuid;

use super::layout::{self, Here};
use super::matter::{Matter, over};
use super::second_person::{ANOTHER, Ask, Typed, Waits, command, first_person, second_person, typed};
use super::visit::{Clerk, Visit};
use super::words;

/// Where the list is.
const LIST: &str = "/treasury/differences";

/// Its name.
const NAME: &str = "Chênh lệch số tiền";

/// How many of those that are settled the list shows, the latest first.
const SETTLED: usize = 200;

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let all = reconciliation::differences(visit.app(), &clerk.actor).await?;
            let body = body(&all);
            Ok(layout::page(visit, Some(&clerk), Here::Differences, NAME, &body))
        })
        .await
}

fn is_open(own: &AmountDifferenceView) -> bool {
    own.status.code() == "open"
}

fn body(all: &[AmountDifferenceView]) -> Markup {
    let open: Vec<&AmountDifferenceView> = all.iter().filter(|own| is_open(own)).collect();
    let settled: Vec<&AmountDifferenceView> = all.iter().rev().filter(|own| !is_open(own)).take(SETTLED).collect();
    html! {
        div.head { h1 { (NAME) } }
        p.quiet { "Ngân hàng đã chuyển hoặc hoàn nhiều hơn, ít hơn lệnh chi. Một người đề nghị cách xử lý, một người khác quyết định; đến lúc đó số chênh lệch còn treo." }
        section.sheet #open {
            h2 { "Chờ xử lý" }
            @if open.is_empty() { p.empty { "Không còn chênh lệch nào chờ xử lý." } }
            @else { (table(&open)) }
        }
        @if !settled.is_empty() {
            section.sheet #over {
                h2 { "Đã xử lý" }
                (table(&settled))
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

impl Matter for AmountDifferenceView {
    const LIST: &'static str = LIST;
    const NAME: &'static str = NAME;
    const HERE: Here = Here::Differences;

    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error> {
        reconciliation::difference(visit.app(), &clerk.actor, id).await
    }

    fn title(&self) -> String {
        format!("Chênh lệch của lệnh chi {}", self.reference)
    }

    fn facts(&self) -> Markup {
        facts(self)
    }

    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
        next_step(self, clerk, fields, wrong)
    }

    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error> {
        let wish: ProposeSettlement = command(json!({
            "settlement": typed(fields, "settlement"),
            "note": typed(fields, "note"),
        }))?;
        reconciliation::propose_settlement(visit.app(), &clerk.actor, id, wish).await?;
        Ok(())
    }

    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error> {
        reconciliation::decide_settlement(visit.app(), &clerk.actor, id, verdict).await?;
        Ok(())
    }
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
                by: ANOTHER,
                decide: format!("{LIST}/{}/decide", own.id),
            };
            second_person(&waits, clerk, fields, wrong)
        }
        None if is_open(own) => proposal(own, &clerk.seal, fields, wrong),
        None => over("Chênh lệch này không còn chờ xử lý.", wrong),
    }
}

/// The form of the first person.
fn proposal(own: &AmountDifferenceView, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let ask = Ask {
        title: "Đề nghị cách xử lý",
        how: "Một người khác sẽ quyết định. Xóa chênh lệch thì nguồn kinh phí chịu số tiền này.",
        choice: Some(("settlement", "Cách xử lý")),
        terms: words::terms("difference_settlement").collect(),
        more: html! {},
        propose: format!("{LIST}/{}/propose", own.id),
    };
    first_person(&ask, seal, fields, wrong)
}
