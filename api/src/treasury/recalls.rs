//! Recalls: what the banks are asked to stop or send back, and how far it has come. One person proposes, another decides;
//! then the message goes out as payment files do, or is fetched here.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::json;
use service::delivery::{self, RecallDeliveryView};
use service::page::Page;
use service::payment_order::{self, DeskRecall, LetterSent, RecallsWanted};
use service::proposal::DecideProposal;
use service::{Code, Error};

use super::layout::{self, Here};
use super::resolution::named;
use super::second_person::{Typed, command, typed};
use super::visit::{Clerk, Refusal, Visit, to};
use super::words;
use crate::answer::{PDF, media_type};

/// Where the list is.
const LIST: &str = "/treasury/recalls";

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            shown(visit, &clerk, &Typed::new(), None).await
        })
        .await
}

async fn shown(visit: &Visit, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Result<HttpResponse, Refusal> {
    let done = visit.query("done").is_some();
    let which = if done { RecallsWanted::Over } else { RecallsWanted::Open };
    let cursor = visit.query("cursor");
    let page = payment_order::desk_recalls(visit.app(), &clerk.actor, which, cursor.as_deref()).await?;
    let title = if done {
        "Thu hồi đã xong"
    } else {
        "Thu hồi đang mở"
    };
    let body = html! {
        (body(&page, title, done, &clerk.seal))
        @if !done { (proposal(&clerk.seal, fields, wrong)) }
    };
    Ok(layout::page_beside(visit, clerk, (Here::Recalls, title), wrong, &body))
}

/// The form of the first person.
fn proposal(seal: &str, fields: &Typed, wrong: Option<&Error>) -> Markup {
    let chosen = typed(fields, "reason");
    html! {
        section.sheet.confirm {
            h2 { "Đề nghị thu hồi một lệnh chi" }
            p #how { "Chỉ thu hồi được lệnh chi đã ra khỏi đơn vị; tiền mặt thì khi bưu điện chưa báo đã trả. Một người duyệt khác sẽ quyết định." }
            @if let Some(wrong) = wrong { (layout::wrong(wrong)) }
            form.fields method="post" action=(LIST) {
                (layout::seal(seal))
                label for="order" { "Mã lệnh chi" }
                input #order name="order" value=(typed(fields, "order")) accesskey="x" required autocomplete="off"
                    autocapitalize="characters" spellcheck="false" maxlength="100"
                    aria-describedby=(if wrong.is_some() { "how wrong" } else { "how" }) autofocus[wrong.is_some()];
                label for="reason" { "Lý do" }
                select #reason name="reason" required {
                    @for term in words::terms("recall_reason") {
                        option value=(term.code) selected[term.code == chosen] { (term.label.vi) }
                    }
                }
                label for="note" { "Ghi chú, gửi cả cho ngân hàng, bưu điện" }
                input #note name="note" value=(typed(fields, "note")) required maxlength="1000" autocomplete="off";
                button.main type="submit" { "Gửi đề nghị" }
            }
        }
    }
}

fn body(page: &Page<DeskRecall>, title: &str, done: bool, seal: &str) -> Markup {
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
            "Đề nghị thu hồi đã được hai người chấp thuận thì có thông điệp camt.055, gửi ngân hàng qua kênh giao hoặc tải về; ngân hàng trả lời bằng camt.029, nạp ở trang Kết quả ngân hàng. "
            "Tiền về là một bút toán riêng. "
            "Ngân hàng nhận bảng kê và bưu điện thì nhận công văn đề nghị thu hồi, in ở đây để ký, đóng dấu, gửi xong thì ghi ngày gửi; văn bản trả lời do hai người ghi nhận, không phải chờ đủ số ngày."
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
                        th scope="col" { "Trả lời" }
                        th scope="col" { "Thông điệp, công văn" }
                    } }
                    tbody { @for own in &page.items { (row(own, seal)) } }
                }
            }
        }
        (layout::next(path, page.next.as_deref()))
    }
}

fn row(own: &DeskRecall, seal: &str) -> Markup {
    let recall = &own.recall;
    html! {
        tr {
            th scope="row" {
                code { (own.reference) }
                small {
                    @if let Some(bank) = &own.bank_code { (bank) ", " } @else { "Bưu điện, " }
                    (words::label("payment_order_status", &own.order_status))
                }
            }
            td.number data-label="Số tiền" { (words::number(own.amount)) }
            td data-label="Lý do" { (words::label("recall_reason", &recall.reason)) small { (recall.proposal.note) } }
            td data-label="Đề nghị" {
                (layout::badge(&recall.proposal.status.code(), &words::label("proposal_status", &recall.proposal.status)))
                small { (words::time(recall.proposal.proposed_at)) }
                @if own.can_be_decided { (decision(own, seal)) }
            }
            td data-label="Trả lời" {
                @match &recall.answer {
                    Some(answer) => {
                        (layout::badge(&answer.code(), &answered(own, answer)))
                        @if let Some(reason) = &recall.answer_reason { " " code { (reason) } }
                        @if let Some(at) = recall.answered_at { small { (words::time(at)) } }
                    },
                    None => span.quiet { "chưa" },
                }
                @if own.can_be_answered {
                    p { a href={ "/treasury/silences/" (recall.order_id) } { "Ghi văn bản trả lời" } }
                }
                @if own.letter.is_some() || own.waits_for_letter {
                    p { a href={ (LIST) "/" (recall.id) } {
                        @if own.letter.is_some() { "Văn bản trả lời chờ quyết định" } @else { "Ghi văn bản trả lời" }
                    } }
                }
            }
            td data-label="Thông điệp, công văn" {
                @match &recall.message_id {
                    Some(message) => {
                        @if !own.by_letter { a href={ "/treasury/recalls/" (recall.id) "/content" } { "Tải camt.055" } " " }
                        a href={ "/treasury/recalls/" (recall.id) "/letter.pdf" } { "In công văn" }
                        small { code { (message) } }
                        (letter_told(own, seal))
                        @if let Some(delivery) = &own.delivery { (sent(delivery)) }
                        (acts(own, seal))
                    },
                    None => span.quiet { "chưa có" },
                }
            }
        }
    }
}

/// What a receiver answers, in words: a letter says what became of the order itself, unless a bank had paid it.
fn answered(own: &DeskRecall, answer: &impl Code) -> String {
    let stopped = own.by_letter && (own.bank_code.is_none() || own.order_status.code() == "rejected");
    match answer.code().as_str() {
        "accepted" if stopped => "Đã dừng, không chi".to_owned(),
        "refused" if own.by_letter => "Đã chi, không thu hồi được".to_owned(),
        _ => words::label("recall_answer", answer),
    }
}

/// The form of the second person.
fn decision(own: &DeskRecall, seal: &str) -> Markup {
    let (id, note) = (own.recall.id, format!("note-{}", own.recall.id));
    html! {
        form.fields method="post" action={ (LIST) "/" (id) "/decide" } {
            (layout::seal(seal))
            label for=(note) { "Ghi chú của người quyết định" }
            input id=(note) name="note" required maxlength="1000" autocomplete="off";
            div.actions {
                button.main type="submit" name="decision" value="accept" { "Chấp nhận" }
                button type="submit" name="decision" value="refuse" { "Không chấp nhận" }
            }
        }
    }
}

/// Whether its letter was sent, and the form in which somebody says so.
fn letter_told(own: &DeskRecall, seal: &str) -> Markup {
    let id = own.recall.id;
    let (day, number) = (format!("sent-{id}"), format!("number-{id}"));
    let sent_on = own.recall.letter_sent_on;
    html! {
        @if own.letter_unsent { p { (layout::badge("queued", "Chưa gửi công văn")) } }
        @if let Some(sent_on) = sent_on {
            p {
                "Đã gửi công văn "
                @if let Some(number) = &own.recall.letter_number { "số " (number) ", " }
                "ngày " (words::day(sent_on))
            }
        }
        @if own.can_note_letter {
            form.fields method="post" action={ (LIST) "/" (id) "/letter-sent" } {
                (layout::seal(seal))
                label for=(day) { "Ngày gửi công văn" }
                input id=(day) name="sent_on" type="date" value=(sent_on.map_or_else(String::new, |on| on.to_string())) required;
                label for=(number) { "Số công văn, nếu có" }
                input id=(number) name="number" value=(own.recall.letter_number.as_deref().unwrap_or_default()) maxlength="60" autocomplete="off";
                button type="submit" { "Ghi đã gửi" }
            }
        }
    }
}

/// How far the message has come.
fn sent(delivery: &RecallDeliveryView) -> Markup {
    let at = delivery
        .acknowledged_at
        .or(delivery.sent_at)
        .unwrap_or(delivery.created_at);
    html! {
        p {
            (layout::badge(&delivery.status.code(), &words::label("delivery_status", &delivery.status)))
            small { (words::time(at)) }
            @if let Some(text) = &delivery.error_text { small.wrong { (text.vi) } }
            @if let Some(detail) = &delivery.detail { small.quiet lang="en" { (detail) } }
        }
    }
}

/// What may be done about its delivery.
fn acts(own: &DeskRecall, seal: &str) -> Markup {
    let acts = [
        (own.can_be_checked, "check", "Kiểm tra ở nơi nhận"),
        (own.can_be_delivered, "deliver", "Gửi qua kênh giao"),
    ];
    html! {
        @for (may, verb, name) in acts {
            @if may {
                form method="post" action={ (LIST) "/" (own.recall.id) "/" (verb) } {
                    (layout::seal(seal))
                    button type="submit" { (name) }
                }
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
            match proposed(visit, &clerk, &fields).await {
                Ok(()) => Ok(to(LIST)),
                Err(error) if layout::is_told_beside(&error) => shown(visit, &clerk, &fields, Some(&error)).await,
                Err(error) => Err(error.into()),
            }
        })
        .await
}

async fn proposed(visit: &Visit, clerk: &Clerk, fields: &Typed) -> Result<(), Error> {
    let order = named(visit, clerk, typed(fields, "order")).await?;
    let wish = command(json!({"reason": typed(fields, "reason"), "note": typed(fields, "note")}))?;
    payment_order::propose_recall(visit.app(), &clerk.actor, order, wish).await?;
    Ok(())
}

/// The second person's form.
pub(super) async fn decide(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            let said =
                json!({"proposal_id": id, "decision": typed(&fields, "decision"), "note": typed(&fields, "note")});
            let verdict: DecideProposal = command(said)?;
            payment_order::decide_recall(visit.app(), &clerk.actor, id, verdict).await?;
            Ok(to(LIST))
        })
        .await
}

/// Notes that the letter was sent.
pub(super) async fn letter_sent(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let number = Some(typed(&fields, "number")).filter(|number| !number.is_empty());
            let said: LetterSent = command(json!({"sent_on": typed(&fields, "sent_on"), "number": number}))?;
            payment_order::letter_sent(visit.app(), &clerk.actor, visit.id()?, said).await?;
            Ok(to(LIST))
        })
        .await
}

/// Sends the message over the channel.
pub(super) async fn deliver(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            visit.sealed(visit.session(), &body)?;
            delivery::deliver_recall(visit.app(), &clerk.actor, visit.id()?).await?;
            Ok(to(LIST))
        })
        .await
}

/// Asks at the target.
pub(super) async fn check(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            visit.sealed(visit.session(), &body)?;
            delivery::check_recall(visit.app(), &clerk.actor, visit.id()?).await?;
            Ok(to(LIST))
        })
        .await
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

/// The letter, to be printed.
pub(super) async fn letter(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = payment_order::recall_letter(visit.app(), &clerk.actor, visit.id()?).await?;
            Ok(layout::download(visit, &name, PDF, bytes))
        })
        .await
}
