//! One matter that two people decide, on a page of its own: what is known of it, and the form that is next. The first of them
//! proposes, and another decides; what is refused stands beside the form that asked for it.

use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use serde_json::json;
use service::Error;
use service::proposal::DecideProposal;
use uuid::Uuid;

use super::layout::{self, Here};
use super::second_person::{Typed, command, typed};
use super::visit::{Clerk, Refusal, Visit, to};

/// What two people decide.
pub(super) trait Matter: Sized + 'static {
    /// Where the list of its kind is; its own page is below that.
    const LIST: &'static str;
    /// The list's name.
    const NAME: &'static str;
    /// Where its page stands among the others.
    const HERE: Here;

    /// As it is now, for one who may see it.
    async fn read(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Error>;

    /// The heading of its page.
    fn title(&self) -> String;

    /// What is known of it.
    fn facts(&self) -> Markup;

    /// The form that is next: to propose, or to decide by somebody else.
    fn next_step(&self, clerk: &Clerk, fields: &Typed, wrong: Option<&Error>) -> Markup;

    /// The first person's form was sent.
    async fn proposed(visit: &Visit, clerk: &Clerk, id: Uuid, fields: &Typed) -> Result<(), Error>;

    /// The second person's form was sent.
    async fn decided(visit: &Visit, clerk: &Clerk, id: Uuid, verdict: DecideProposal) -> Result<(), Error>;
}

/// Its page.
pub(super) async fn show<M: Matter>(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            shown::<M>(visit, &clerk, visit.id()?, &Typed::new(), None).await
        })
        .await
}

async fn shown<M: Matter>(
    visit: &Visit,
    clerk: &Clerk,
    id: Uuid,
    fields: &Typed,
    wrong: Option<&Error>,
) -> Result<HttpResponse, Refusal> {
    let own = M::read(visit, clerk, id).await?;
    let title = own.title();
    let body = html! {
        p.trail { a href=(M::LIST) { (M::NAME) } }
        div.head { h1 { (title) } }
        (own.facts())
        (own.next_step(clerk, fields, wrong))
    };
    let place = (M::HERE, title.as_str());
    Ok(layout::page_beside(visit, clerk, place, wrong, &body))
}

/// The first person's form.
pub(super) async fn propose<M: Matter>(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            let done = M::proposed(visit, &clerk, id, &fields).await;
            let page = format!("{}/{id}", M::LIST);
            answered::<M>(visit, &clerk, id, &fields, (done, page.as_str())).await
        })
        .await
}

/// The second person's form.
pub(super) async fn decide<M: Matter>(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            let done = match verdict(&fields) {
                Ok(verdict) => M::decided(visit, &clerk, id, verdict).await,
                Err(error) => Err(error),
            };
            answered::<M>(visit, &clerk, id, &fields, (done, M::LIST)).await
        })
        .await
}

/// What the second person's form says.
fn verdict(fields: &Typed) -> Result<DecideProposal, Error> {
    command(json!({
        "proposal_id": typed(fields, "proposal"),
        "decision": typed(fields, "decision"),
        "note": typed(fields, "note"),
    }))
}

/// Leads on where it was done, and back to the form with what is wrong where that can be put right.
async fn answered<M: Matter>(
    visit: &Visit,
    clerk: &Clerk,
    id: Uuid,
    fields: &Typed,
    (done, next): (Result<(), Error>, &str),
) -> Result<HttpResponse, Refusal> {
    match done {
        Ok(()) => Ok(to(next)),
        Err(error) if layout::is_told_beside(&error) => shown::<M>(visit, clerk, id, fields, Some(&error)).await,
        Err(error) => Err(error.into()),
    }
}

/// Nothing is left to do.
pub(super) fn over(text: &str, wrong: Option<&Error>) -> Markup {
    html! {
        section.sheet { @if let Some(wrong) = wrong { (layout::wrong(wrong)) } p { (text) } }
    }
}
