//! Orders that their bank or the post office says nothing of: the list, and what two people say, by its letter, became of one.

use actix_web::HttpResponse;
use maud::{Markup, html};
use serde_json::json;
use service::page::Page;
use service::proposal::DecideProposal;
use service::reconciliation::{self, ProposeSilence, SilentOrder};
use service::{Code, Error};
use uuid::Uuid;

use super::layout::{self, Here};
use super::matter::{Matter, over};
use super::second_person::{Ask, Typed, Waits, command, first_person, second_person, typed};
use super::visit::{Clerk, Visit};
use super::words;

/// Where the list is.
const LIST: &str = "/treasury/silences";

/// Its name.
const NAME: &str = "Lệnh chi chưa có kết quả";

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let cursor = visit.query("cursor");
            let page = reconciliation::silent_orders(visit.app(), &clerk.actor, cursor.as_deref()).await?;
            let days = visit.app().remind_after.silent;
            let body = body(&page, days);
            Ok(layout::page(visit, Some(&clerk), Here::Silences, NAME, &body))
        })
        .await
}

fn body(page: &Page<SilentOrder>, days: u16) -> Markup {
    html! {
        div.head { h1 { (NAME) } }
        p.quiet {
            "Những lệnh chi đã gửi đi nhưng sau ít nhất " (days) " ngày kể từ ngày thực hiện, ngân hàng hoặc bưu điện vẫn chưa báo kết quả, và những lệnh chi đã được đề nghị thu hồi bằng công văn. "
            "Một người đề nghị theo văn bản của ngân hàng, một người duyệt khác quyết định; đến lúc đó tiền vẫn ở trạng thái đang chuyển."
        }
        section.sheet #silent {
            @if page.items.is_empty() { p.empty { "Không có lệnh chi nào quá hạn mà chưa có kết quả." } }
            @else { (table(&page.items)) }
        }
        (layout::next(&format!("{LIST}?"), page.next.as_deref()))
    }
}

fn table(rows: &[SilentOrder]) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { "Mã lệnh chi" }
                th scope="col" { "Nơi nhận" }
                th scope="col" { "Chủ tài khoản" }
                th.number scope="col" { "Số tiền (đồng)" }
                th.number scope="col" { "Số ngày" }
                th scope="col" { "Lệnh chi đang" }
                th scope="col" { "Xử lý" }
            } }
            tbody { @for own in rows { (row(own)) } }
        }
    }
}

fn row(own: &SilentOrder) -> Markup {
    html! {
        tr {
            td data-label="Mã lệnh chi" { code { (own.reference) } }
            td data-label="Nơi nhận" { (target(own)) }
            td data-label="Chủ tài khoản" { (own.holder_name) }
            td.number data-label="Số tiền" { (words::number(own.amount)) }
            td.number data-label="Số ngày" { (words::number(own.days)) @if let Some(since) = own.since { small { "từ " (words::day(since)) } } }
            td data-label="Lệnh chi đang" { (state(own)) }
            td data-label="Xử lý" {
                a href={ (LIST) "/" (own.order_id) } { @if own.proposal.is_some() { "Chờ quyết định" } @else { "Đề nghị" } }
            }
        }
    }
}

/// The bank with the account, or the post office with its paper.
fn target(own: &SilentOrder) -> Markup {
    html! {
        @match &own.bank_code { Some(bank) => (bank), None => (words::label("channel", &own.channel)) }
        " " code { (own.account_number) }
    }
}

fn state(own: &SilentOrder) -> Markup {
    layout::badge(&own.status.code(), &words::label("payment_order_status", &own.status))
}

impl Matter for SilentOrder {
    const LIST: &'static str = LIST;
    const NAME: &'static str = NAME;
    const HERE: Here = Here::Silences;

    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error> {
        reconciliation::silent_order(visit.app(), &clerk.actor, id).await
    }

    fn title(&self) -> String {
        format!("Lệnh chi {} chưa có kết quả", self.reference)
    }

    fn facts(&self) -> Markup {
        html! {
            section.sheet.facts aria-label="Thông tin lệnh chi" {
                dl {
                    dt { "Mã lệnh chi" } dd { code { (self.reference) } }
                    dt { "Nơi nhận" } dd { (target(self)) }
                    dt { "Chủ tài khoản" } dd { (self.holder_name) }
                    dt { "Số tiền (đồng)" } dd.figure { (words::number(self.amount)) }
                    dt { "Bằng chữ" } dd { (words::in_words(self.amount)) }
                    dt { "Lệnh chi đang" } dd { (state(self)) }
                    @if let Some(since) = self.since {
                        dt { "Chờ kết quả từ ngày" } dd { (words::day(since)) small { (words::number(self.days)) " ngày" } }
                    }
                    @if let Some(proposal) = &self.proposal { dt { "Văn bản của ngân hàng, bưu điện" } dd { (proposal.letter) } }
                }
            }
        }
    }

    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
        match &self.proposal {
            // Whose bank has spoken meanwhile is decided all the same: only a refusal goes through.
            Some(proposal) if self.may_decide || clerk.actor.user_id == Some(proposal.proposal.proposed_by) => {
                let waits = Waits {
                    id: proposal.id,
                    way: words::label("silence_outcome", &proposal.outcome),
                    said: &proposal.proposal,
                    by: "một người duyệt khác",
                    decide: format!("{LIST}/{}/decide", self.order_id),
                };
                second_person(&waits, clerk, fields, wrong)
            }
            Some(proposal) => {
                let outcome = words::label("silence_outcome", &proposal.outcome);
                over(
                    &format!("Đề nghị “{outcome}” đang chờ một người duyệt quyết định."),
                    wrong,
                )
            }
            None if self.is_silent => proposal(self, &clerk.seal, fields, wrong),
            None => over("Lệnh chi này không cần hai người xác nhận kết quả.", wrong),
        }
    }

    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error> {
        let wish: ProposeSilence = command(json!({
            "outcome": typed(fields, "outcome"),
            "letter": typed(fields, "letter"),
            "note": typed(fields, "note"),
        }))?;
        reconciliation::propose_silence(visit.app(), &clerk.actor, id, wish).await?;
        Ok(())
    }

    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error> {
        reconciliation::decide_silence(visit.app(), &clerk.actor, id, verdict).await?;
        Ok(())
    }
}

/// The form of the first person.
fn proposal(own: &SilentOrder, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let ask = Ask {
        title: "Đề nghị cách xử lý",
        how: "Một người duyệt khác sẽ quyết định. Chấp nhận rồi thì lệnh chi kết thúc như văn bản ghi; không thực hiện thì tiền được chi lại, và tệp có lệnh chi này được rút: không giao, không tải nữa, trừ khi nơi nhận đã được đề nghị thu hồi lệnh này bằng công văn.",
        choice: Some(("outcome", "Kết quả theo văn bản")),
        terms: words::terms("silence_outcome").collect(),
        more: html! {
            label for="letter" { "Số, ngày văn bản của ngân hàng, bưu điện" }
            input #letter name="letter" value=(typed(fields, "letter")) required maxlength="200" autocomplete="off";
        },
        propose: format!("{LIST}/{}/propose", own.order_id),
    };
    first_person(&ask, seal, fields, wrong)
}
