//! One line that waits, and what two people make of it: one proposes, another decides.

use maud::{Markup, html};
use serde_json::json;
use service::Error;
use service::payment_order::{self, ListOrders};
use service::proposal::DecideProposal;
use service::reconciliation::{self, CandidateView, ProposeResolution, SuspenseLineView};
use service::vocabulary::Term;
use uuid::Uuid;

use super::layout::Here;
use super::matter::{Matter, over};
use super::second_person::{ANOTHER, Ask, Typed, Waits, command, first_person, second_person, typed};
use super::suspense::amount;
use super::visit::{Clerk, Visit};
use super::{whole_file, words};

/// Where the list is.
const LIST: &str = "/treasury/suspense";

impl Matter for SuspenseLineView {
    const LIST: &'static str = LIST;
    const NAME: &'static str = "Dòng chờ xử lý";
    const HERE: Here = Here::Suspense;

    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error> {
        reconciliation::suspense_line(visit.app(), &clerk.actor, id).await
    }

    fn title(&self) -> String {
        if self.file.is_some() {
            "Ngân hàng nói về cả tệp".to_owned()
        } else {
            format!("Dòng {}", self.line.position)
        }
    }

    fn facts(&self) -> Markup {
        facts(self)
    }

    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
        next_step(self, clerk, fields, wrong)
    }

    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error> {
        let order = match typed(fields, "order") {
            "" => None,
            reference => Some(named(visit, clerk, reference).await?),
        };
        let wish: ProposeResolution = command(json!({
            "resolution": typed(fields, "resolution"),
            "order_id": order,
            "note": typed(fields, "note"),
        }))?;
        reconciliation::propose(visit.app(), &clerk.actor, id, wish).await?;
        Ok(())
    }

    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error> {
        reconciliation::decide(visit.app(), &clerk.actor, id, verdict).await?;
        Ok(())
    }
}

/// What the bank says, beside the order.
fn facts(own: &SuspenseLineView) -> Markup {
    let line = &own.line;
    html! {
        section.sheet.facts aria-label="Thông tin dòng" {
            dl {
                dt { "Tệp kết quả" }
                dd { a href={ "/treasury/reports/" (line.report_id) } { @if own.file.is_some() { "mở" } @else { "dòng " (line.position) } } }
                @match &own.file {
                    Some(file) => (whole_file::facts(file)),
                    None => {
                        dt { "Mã lệnh chi" }
                        dd { @match &line.reference { Some(reference) => code { (reference) }, None => span.quiet { "không có" } } }
                    }
                }
                @if let Some(account) = &line.account { dt { "Tài khoản" } dd { code { (account) } } }
                dt { "Ngân hàng ghi" } dd { code { (line.status) } @if let Some(reason) = &line.reason { " " code { (reason) } } }
                dt { "Ngân hàng báo (đồng)" } dd.figure { (amount(line.amount)) }
                dt { "Lệnh chi (đồng)" } dd.figure { (amount(own.order_amount.or(own.batch.map(|sums| sums.accepted)))) }
                @if let Some(status) = &own.order_status { dt { "Lệnh chi đang" } dd { (words::label("payment_order_status", status)) } }
                dt { "Vì sao" }
                dd {
                    (words::label("bank_report_outcome", &line.outcome))
                    @if let Some(text) = &line.finding_text { small.wrong { (text.vi) } }
                }
                @if !own.candidates.is_empty() { dt { "Có thể là" } dd { (candidates(&own.candidates)) } }
            }
        }
    }
}

/// The orders that a line may speak of.
fn candidates(orders: &[CandidateView]) -> Markup {
    html! {
        ul.plain {
            @for order in orders {
                li {
                    code { (order.reference) } " " (words::number(order.amount)) " đồng, "
                    (words::label("payment_order_status", &order.status))
                }
            }
        }
    }
}

/// The ways out that there are for a line: of a whole file no single order follows, and only what is said of one is just
/// looked into.
fn ways(own: &SuspenseLineView) -> impl Iterator<Item = &'static Term> {
    let of_file = own.file.is_some();
    words::terms("suspense_resolution").filter(move |term| match term.code.as_str() {
        "looked_into" => of_file,
        "not_ours" | "bank_resends" => true,
        _ => !of_file,
    })
}

/// The form that is next: to propose, or to decide by somebody else.
fn next_step(own: &SuspenseLineView, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
    match &own.proposal {
        _ if own.line.resolved_at.is_some() => over("Dòng này đã xử lý xong.", wrong),
        Some(proposal) => {
            let waits = Waits {
                id: proposal.id,
                way: words::label("suspense_resolution", &proposal.resolution),
                said: &proposal.proposal,
                by: ANOTHER,
                decide: format!("{LIST}/{}/decide", own.line.id),
            };
            second_person(&waits, clerk, fields, wrong)
        }
        None => proposal(own, &clerk.seal, fields, wrong),
    }
}

/// The form of the first person.
fn proposal(own: &SuspenseLineView, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let ask = Ask {
        title: "Đề nghị cách xử lý",
        how: "Một người khác sẽ quyết định. Chấp nhận rồi thì lệnh chi và tiền đi theo.",
        choice: Some(("resolution", "Cách xử lý")),
        terms: ways(own).collect(),
        more: html! {
            @if own.line.order_id.is_none() && own.file.is_none() {
                label for="order" {
                    @if own.batch.is_some() { "Mã lệnh chi (để trống khi công nhận lần ghi nợ thứ hai cho cả tệp, hoặc một lần hoàn khác của cả tệp)" }
                    @else { "Mã lệnh chi (chỉ khi gắn với một lệnh chi, hoặc công nhận tiền)" }
                }
                input #order name="order" value=(typed(fields, "order")) autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="100";
            }
        },
        propose: format!("{LIST}/{}/propose", own.line.id),
    };
    first_person(&ask, seal, fields, wrong)
}

/// The order of a reference that was typed.
pub(super) async fn named(visit: &Visit, clerk: &Clerk, reference: &str) -> Result<Uuid, Error> {
    let wanted = ListOrders {
        // However its letters are typed.
        reference: Some(reference.to_uppercase()),
        ..ListOrders::default()
    };
    let mut found = payment_order::search(visit.app(), &clerk.actor, wanted).await?;
    found.items.pop().map(|order| order.id).ok_or_else(|| {
        Error::field(
            "/order",
            "unknown",
            format!("Không có lệnh chi nào mang mã {reference}"),
            "there is no order of this reference",
        )
    })
}
