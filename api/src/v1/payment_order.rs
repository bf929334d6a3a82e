//! Single orders: looking them up, and what two people decide of them: returns that are not paid again, recalls, orders that
//! a bank says nothing of.

use actix_web::{HttpResponse, get, post};
use service::page::Page;
use service::payment_order::{
    self, CancellationView, LetterSent, ListOrders, OrderDetailView, OrderView, ProposeCancellation, ProposeRecall,
    RecallView,
};
use service::proposal::DecideProposal;
use service::reconciliation::{self, ProposeRecallAnswer, ProposeSilence, RecallAnswerView, SilenceView};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, PDF, attachment};
use crate::auth::Caller;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_payment_orders)
        .service(get_payment_order)
        .service(list_return_cancellations)
        .service(propose_return_cancellation)
        .service(decide_return_cancellation)
        .service(propose_recall)
        .service(list_recalls)
        .service(decide_recall)
        .service(get_recall_content)
        .service(print_recall_letter)
        .service(note_recall_letter_sent)
        .service(list_recall_answers)
        .service(propose_recall_answer)
        .service(decide_recall_answer)
        .service(list_bank_silences)
        .service(propose_bank_silence)
        .service(decide_bank_silence);
}

/// Orders by what somebody holds of them: a reference, a UETR, an account, a person
///
/// Whoever keeps the registry of an area finds those of its people too, but of protected ones: what came back needs another
/// account.
#[utoipa::path(tag = "payment_order", params(ListOrders), responses((status = 200, description = "A page", body = Page<OrderView>)))]
#[get("/payment-orders")]
async fn list_payment_orders(caller: Caller, query: Query<ListOrders>) -> Answered {
    Answer::page(
        &caller,
        &payment_order::search(caller.app(), &caller.actor, query.0).await?,
    )
}

/// One order with the lines that it pays and everything that became of it
#[utoipa::path(tag = "payment_order", responses((status = 200, description = "The order", body = OrderDetailView)))]
#[get("/payment-orders/{id}")]
async fn get_payment_order(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&payment_order::get(caller.app(), &caller.actor, *id).await?)
}

/// The cancellations of an order that came back
#[utoipa::path(tag = "payment_order", responses((status = 200, description = "All of them", body = Page<CancellationView>)))]
#[get("/payment-orders/{id}/cancel-return")]
async fn list_return_cancellations(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(payment_order::cancellations(caller.app(), &caller.actor, *id).await?)
}

/// Proposes that money which came back is not paid again by itself: the first of two people
#[utoipa::path(tag = "payment_order", params(Once), request_body = ProposeCancellation,
    responses((status = 200, description = "Proposed", body = CancellationView)))]
#[post("/payment-orders/{id}/cancel-return")]
async fn propose_return_cancellation(once: Once, id: Path<Uuid>, body: Body<ProposeCancellation>) -> Answered {
    once.run(
        async |app, actor| payment_order::propose_cancellation(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides it: a second person; accepted, the money is free and what is owed is reckoned anew
#[utoipa::path(tag = "payment_order", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = CancellationView)))]
#[post("/payment-orders/{id}/cancel-return/decide")]
async fn decide_return_cancellation(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| payment_order::decide_cancellation(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Proposes to recall an order that has left the house: the first of two people
#[utoipa::path(tag = "payment_order", params(Once), request_body = ProposeRecall,
    responses((status = 200, description = "Proposed", body = RecallView)))]
#[post("/payment-orders/{id}/recall")]
async fn propose_recall(once: Once, id: Path<Uuid>, body: Body<ProposeRecall>) -> Answered {
    once.run(
        async |app, actor| payment_order::propose_recall(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Recalls of orders in the caller's areas
#[utoipa::path(tag = "payment_order", params(PageQuery), responses((status = 200, description = "A page", body = Page<RecallView>)))]
#[get("/recalls")]
async fn list_recalls(caller: Caller, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &payment_order::recalls(caller.app(), &caller.actor, limit, cursor.as_deref()).await?,
    )
}

/// Decides a recall: a second person; accepted, there is a message for the bank
#[utoipa::path(tag = "payment_order", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = RecallView)))]
#[post("/recalls/{id}/decide")]
async fn decide_recall(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| payment_order::decide_recall(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// The message for the bank (camt.055.001.09), the same each time
#[utoipa::path(tag = "payment_order", responses(
    (status = 200, description = "The message", body = Vec<u8>, content_type = "application/xml", example = json!("<Document/>"))))]
#[get("/recalls/{id}/content")]
async fn get_recall_content(caller: Caller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let (name, bytes) = payment_order::recall_message(caller.app(), &caller.actor, *id).await?;
    Ok(attachment(&name, "application/xml", bytes))
}

/// The letter that asks a bank or the post office to stop or send back the order, to be printed and signed
///
/// Of every accepted recall: who takes no messages is asked by it alone, to others it may be sent beside the message. The
/// same bytes each time; once its number is noted, with that number. What answers it is entered as `bank-silence` of the
/// order, at once; of an order that a bank has paid, as `answers` of the recall.
#[utoipa::path(tag = "payment_order", responses((status = 200, description = "PDF", body = Vec<u8>,
    content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/recalls/{id}/letter.pdf")]
async fn print_recall_letter(caller: Caller, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let (name, bytes) = payment_order::recall_letter(caller.app(), &caller.actor, *id).await?;
    Ok(attachment(&name, PDF, bytes))
}

/// Notes on which day the letter of an accepted recall was sent, and by which number
///
/// Until then a recall that is asked by letter alone stands in the ageing list as `letter_unsent`. A day that was mistyped is
/// noted again, and takes the place of the other; the audit trail keeps both.
#[utoipa::path(tag = "payment_order", params(Once), request_body = LetterSent,
    responses((status = 200, description = "Noted", body = RecallView)))]
#[post("/recalls/{id}/letter-sent")]
async fn note_recall_letter_sent(once: Once, id: Path<Uuid>, body: Body<LetterSent>) -> Answered {
    once.run(
        async |app, actor| payment_order::letter_sent(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// What was proposed and decided of the letter that answers the recall of an order that is paid
#[utoipa::path(tag = "payment_order", responses((status = 200, description = "All of it", body = Page<RecallAnswerView>)))]
#[get("/recalls/{id}/answers")]
async fn list_recall_answers(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(reconciliation::recall_answers(caller.app(), &caller.actor, *id).await?)
}

/// Proposes, by the letter of a bank of tables, how it answers the recall of an order that it has paid: the first of two people
#[utoipa::path(tag = "payment_order", params(Once), request_body = ProposeRecallAnswer,
    responses((status = 200, description = "Proposed", body = RecallAnswerView)))]
#[post("/recalls/{id}/answers")]
async fn propose_recall_answer(once: Once, id: Path<Uuid>, body: Body<ProposeRecallAnswer>) -> Answered {
    once.run(
        async |app, actor| reconciliation::propose_recall_answer(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides it: a second person; accepted, the recall is answered, and no money moves
#[utoipa::path(tag = "payment_order", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = RecallAnswerView)))]
#[post("/recalls/{id}/answers/decide")]
async fn decide_recall_answer(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| reconciliation::decide_recall_answer(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// What was proposed and decided of an order that its bank says nothing of
#[utoipa::path(tag = "payment_order", responses((status = 200, description = "All of it", body = Page<SilenceView>)))]
#[get("/payment-orders/{id}/bank-silence")]
async fn list_bank_silences(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(reconciliation::silences(caller.app(), &caller.actor, *id).await?)
}

/// Proposes, by the bank's letter, what became of an order that no report tells the end of: the first of two people
#[utoipa::path(tag = "payment_order", params(Once), request_body = ProposeSilence,
    responses((status = 200, description = "Proposed", body = SilenceView)))]
#[post("/payment-orders/{id}/bank-silence")]
async fn propose_bank_silence(once: Once, id: Path<Uuid>, body: Body<ProposeSilence>) -> Answered {
    once.run(
        async |app, actor| reconciliation::propose_silence(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides it: a second person; accepted, the order ends as the letter says, and its money follows
#[utoipa::path(tag = "payment_order", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = SilenceView)))]
#[post("/payment-orders/{id}/bank-silence/decide")]
async fn decide_bank_silence(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| reconciliation::decide_silence(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}
