//! The letter that answers the recall of an order that is paid: what two people say that it says.

use maud::{Markup, html};
use serde_json::json;
use service::payment_order::{self, DeskRecall};
use service::proposal::DecideProposal;
use service::reconciliation::{self, ProposeRecallAnswer};
use service::{Code, Error};
use uuid::Uuid;

use super::layout::{self, Here};
use super::matter::{Matter, over};
use super::second_person::{Ask, Typed, Waits, command, first_person, second_person, typed};
use super::visit::{Clerk, Visit};
use super::words;

/// Where the list of recalls is.
const LIST: &str = "/treasury/recalls";

impl Matter for DeskRecall {
    const LIST: &'static str = LIST;
    const NAME: &'static str = "Thu hồi";
    const HERE: Here = Here::Recalls;

    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error> {
        payment_order::desk_recall(visit.app(), &clerk.actor, id).await
    }

    fn title(&self) -> String {
        format!("Trả lời thu hồi lệnh chi {}", self.reference)
    }

    fn facts(&self) -> Markup {
        html! {
            section.sheet.facts aria-label="Thông tin đề nghị thu hồi" {
                dl {
                    dt { "Mã lệnh chi" } dd { code { (self.reference) } }
                    @if let Some(bank) = &self.bank_code { dt { "Ngân hàng" } dd { (bank) } }
                    dt { "Số tiền (đồng)" } dd.figure { (words::number(self.amount)) }
                    dt { "Lệnh chi đang" } dd {
                        (layout::badge(&self.order_status.code(), &words::label("payment_order_status", &self.order_status)))
                    }
                    dt { "Lý do thu hồi" } dd { (words::label("recall_reason", &self.recall.reason)) }
                    @if let Some(message) = &self.recall.message_id { dt { "Mã đề nghị thu hồi" } dd { code { (message) } } }
                    @if let Some(letter) = &self.letter { dt { "Văn bản của ngân hàng" } dd { (letter.letter) } }
                }
            }
        }
    }

    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup {
        match &self.letter {
            // Where the money has come back meanwhile only a refusal goes through.
            Some(own) if self.may_decide || clerk.actor.user_id == Some(own.proposal.proposed_by) => {
                let waits = Waits {
                    id: own.id,
                    way: words::label("recall_answer", &own.answer),
                    said: &own.proposal,
                    by: "một người duyệt khác",
                    decide: format!("{LIST}/{}/answer/decide", self.recall.id),
                };
                second_person(&waits, clerk, fields, wrong)
            }
            Some(_) => over("Văn bản trả lời đang chờ một người duyệt quyết định.", wrong),
            None if self.waits_for_letter => proposal(self, &clerk.seal, fields, wrong),
            None => over("Đề nghị thu hồi này không chờ văn bản trả lời nào.", wrong),
        }
    }

    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error> {
        let wish: ProposeRecallAnswer = command(json!({
            "answer": typed(fields, "answer"),
            "letter": typed(fields, "letter"),
            "note": typed(fields, "note"),
        }))?;
        reconciliation::propose_recall_answer(visit.app(), &clerk.actor, id, wish).await?;
        Ok(())
    }

    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error> {
        reconciliation::decide_recall_answer(visit.app(), &clerk.actor, id, verdict).await?;
        Ok(())
    }
}

/// The form of the first person.
fn proposal(own: &DeskRecall, seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let ask = Ask {
        title: "Ghi văn bản trả lời",
        how: "Một người duyệt khác sẽ quyết định. Lệnh chi đã chi nên văn bản chỉ trả lời đề nghị thu hồi: đồng ý thì chờ bút toán tiền về, từ chối thì tiền ở nguyên chỗ người nhận.",
        choice: Some(("answer", "Ngân hàng trả lời")),
        terms: words::terms("recall_answer")
            .filter(|term| term.code != "pending")
            .collect(),
        more: html! {
            label for="letter" { "Số, ngày văn bản của ngân hàng" }
            input #letter name="letter" value=(typed(fields, "letter")) required maxlength="200" autocomplete="off";
        },
        propose: format!("{LIST}/{}/answer/propose", own.recall.id),
    };
    first_person(&ask, seal, fields, wrong)
}
