//! The storm of 7/9/2024: one commune's request, verified, approved and paid on the fast track.

use std::path::Path;

use domain::relief::{Circumstances, Loss};
use serde_json::json;
use service::relief_event::{self, DeclareEvent};
use service::relief_request::{self, NewClaim, SubmitRequest};
use service::{App, Code, Error, Role, person};

use crate::play::office::Office;
use crate::play::{advance, files, wait};

const EVENT: &str = "bao-so-3-2024";
const LOSSES: [Loss; 6] = [
    Loss::HouseDamaged,
    Loss::SevereInjury,
    Loss::HouseLost,
    Loss::Relocation,
    Loss::Hunger,
    Loss::HouseDamaged,
];

/// What was paid after the storm.
pub(crate) struct Paid {
    /// How many claims.
    pub(crate) claims: i64,
    /// Đồng.
    pub(crate) total: i64,
}

/// Declares the event, files the request and pays it; the files go to `relief/<event>` below `out`.
pub(crate) async fn storm(app: &App, office: &Office, out: &Path) -> Result<Paid, Error> {
    let (caseworker, verifier, approver) = (
        office.of(Role::Caseworker)?,
        office.of(Role::ReliefVerifier)?,
        office.of(Role::Approver)?,
    );
    advance(app, "2024-09-07T18:00:00+07:00").await?;
    let known = relief_event::list(app, verifier)
        .await?
        .into_iter()
        .find(|event| event.code == EVENT);
    let event = match known {
        Some(event) => event,
        None => {
            let body = json!({
                "code": EVENT, "name": "Bão số 3 (Yagi)", "kind": "storm", "happened_on": "2024-09-07",
            });
            let declare: DeclareEvent = serde_json::from_value(body)?;
            relief_event::declare(app, verifier, declare).await?
        }
    };
    let mut request = match relief_request::list(app, caseworker, Some(1), None).await?.items.pop() {
        Some(request) => request,
        None => relief_request::submit(app, caseworker, request_of(app, office, event.id).await?).await?,
    };
    if request.status.code() == "submitted" {
        request = relief_request::verify(app, verifier, request.id, request.version).await?;
    }
    if request.status.code() == "verified" {
        request = relief_request::approve(app, approver, request.id, request.version).await?;
    }
    let pay_run = request
        .pay_run_id
        .ok_or_else(|| Error::internal("the request was not paid"))?;
    wait::until_idle(app).await?;
    files::write(app, office, pay_run, &out.join("relief").join(EVENT)).await?;
    let claims = relief_request::claims(app, caseworker, request.id).await?;
    Ok(Paid {
        claims: i64::try_from(claims.len()).unwrap_or(i64::MAX),
        total: request.total,
    })
}

/// A commune's first people, each with a loss.
async fn request_of(app: &App, office: &Office, event: uuid::Uuid) -> Result<SubmitRequest, Error> {
    let caseworker = office.of(Role::Caseworker)?;
    let first = person::list(app, caseworker, serde_json::from_value(json!({"limit": 1}))?).await?;
    let area_id = first
        .items
        .first()
        .map(|own| own.area_id.clone())
        .ok_or_else(Error::not_found)?;
    let wanted = json!({"area": area_id, "limit": 50});
    let neighbours = person::list(app, caseworker, serde_json::from_value(wanted)?).await?;
    let here = neighbours.items.into_iter().filter(|own| own.area_id == area_id);
    let living = here.filter(|own| own.death_date.is_none());
    let claims = living.zip(LOSSES).map(|(own, loss)| NewClaim {
        person_id: own.id,
        loss,
        circumstances: Circumstances {
            in_need: true,
            members: 4,
            months: 1,
        },
    });
    Ok(SubmitRequest {
        relief_event_id: event,
        area_id: area_id.clone(),
        reference: "15/TTr-UBND".to_owned(),
        claims: claims.collect(),
        fund_code: None,
    })
}
