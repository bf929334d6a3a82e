//! What reaches the registry while the story goes on: decisions, deaths, moves, new accounts, changed facts.

use chrono::{Days, NaiveDate};
use domain::case_file::{Benefit, Place};
use domain::province::{Change, Destination, Event, PayeeAccount, later_events};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use service::person::PersonView;
use service::{App, Code, Error, ProblemCode, Role, application, installation, person};

use crate::demo::Options;
use crate::play::office::Office;
use crate::play::{advance, wait};

/// Steps of the story that count events begin here.
const FIRST: i32 = 10;

/// Registers every event that arrives up to a day and was not registered before; gives how many.
pub(super) async fn until(app: &App, office: &Office, options: &Options, key: &str, last: &str) -> Result<i64, Error> {
    let last: NaiveDate = last.parse().map_err(Error::internal)?;
    let events = later_events(options.seed, options.people);
    let done = installation::demo_state(app).await?.step;
    let mut told = 0;
    for (event, step) in events
        .iter()
        .zip(FIRST..)
        .take_while(|(event, _)| event.arrives_on <= last)
    {
        if step <= done {
            continue;
        }
        advance(app, &format!("{}T10:00:00+07:00", event.arrives_on)).await?;
        register(app, office, event).await?;
        installation::set_demo_state(app, key, step).await?;
        told += 1;
    }
    wait::until_idle(app).await?;
    Ok(told)
}

/// A command of a verb, in the words of the API.
fn command<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    serde_json::from_value(body).map_err(Error::internal)
}

async fn register(app: &App, office: &Office, event: &Event) -> Result<(), Error> {
    let caseworker = office.of(Role::Caseworker)?;
    let own = person::get(app, caseworker, event.person).await?;
    let done = match &event.change {
        Change::Decided(decision) => {
            decided(
                app,
                office,
                &own,
                decision.benefit,
                &decision.number,
                decision.signed_on,
            )
            .await
        }
        Change::Died { on } => {
            let body = json!({
                "citizen_id": own.citizen_id,
                "full_name": own.full_name,
                "birth_date": own.birth_date,
                "sex": own.sex,
                "death_date": on,
                "protected": own.protected,
            });
            person::update(app, caseworker, own.id, own.version, command(body)?)
                .await
                .map(drop)
        }
        Change::Moved { residence, .. } => {
            let Place::Area(area) = &residence.place else {
                return Ok(());
            };
            let body = json!({"area": area, "from": residence.from, "setting": residence.setting});
            person::move_person(app, caseworker, own.id, own.version, command(body)?)
                .await
                .map(drop)
        }
        Change::AccountChanged { payee } => account_changed(app, office, &own, payee, event.arrives_on).await,
        Change::EvidenceChanged { evidence } => evidence_changed(app, office, own, evidence).await,
    };
    match done {
        // Registered before an interruption.
        Err(error) if matches!(error.code, ProblemCode::AlreadyExists | ProblemCode::IllegalTransition) => Ok(()),
        done => done,
    }
}

async fn decided(
    app: &App,
    office: &Office,
    own: &PersonView,
    benefit: Benefit,
    number: &str,
    signed_on: NaiveDate,
) -> Result<(), Error> {
    let signer = office.of(Role::DecisionMaker)?;
    let wanted = json!({"person_id": own.id, "status": "pending"});
    let pending = application::list(app, signer, command(wanted)?).await?;
    let Some(pending) = pending
        .items
        .into_iter()
        .find(|pending| pending.benefit == benefit.code())
    else {
        return Ok(());
    };
    let body = json!({"outcome": "granted", "number": number, "signed_on": signed_on});
    application::decide(app, signer, pending.id, pending.version, command(body)?)
        .await
        .map(drop)
}

async fn account_changed(
    app: &App,
    office: &Office,
    own: &PersonView,
    payee: &PayeeAccount,
    from: NaiveDate,
) -> Result<(), Error> {
    let (caseworker, signer) = (office.of(Role::Caseworker)?, office.of(Role::DecisionMaker)?);
    let account = match &payee.destination {
        Destination::BankTransfer { bank, account } => json!({
            "channel": "bank_transfer", "bank_code": bank, "account_number": account, "holder_name": payee.holder_name,
        }),
        Destination::PostCash { post_office } => json!({
            "channel": "post_cash", "account_number": own.citizen_id, "holder_name": payee.holder_name,
            "holder_citizen_id": own.citizen_id, "post_office": post_office,
        }),
    };
    let relation = match payee.relation.code() {
        "own" => "oneself",
        other => other,
    };
    let body = json!({"relation": relation, "from": from, "account": account});
    let proposed = person::propose_payee(app, caseworker, own.id, own.version, command(body)?).await?;
    let payees = person::list_payees(app, caseworker, own.id).await?;
    let Some(waiting) = payees.iter().find(|payee| payee.status.code() == "proposed") else {
        return Ok(());
    };
    person::confirm_payee(app, signer, own.id, waiting.id, proposed.version)
        .await
        .map(drop)
}

async fn evidence_changed(
    app: &App,
    office: &Office,
    own: PersonView,
    evidence: &domain::evidence::Evidence,
) -> Result<(), Error> {
    let caseworker = office.of(Role::Caseworker)?;
    let eve = evidence.from.checked_sub_days(Days::new(1)).unwrap_or(evidence.from);
    let mut version = own.version;
    let same = |known: &&person::EvidenceView| known.kind == evidence.kind.code() && known.to.is_none();
    if let Some(known) = own.evidence.iter().find(same) {
        if known.from == evidence.from {
            return Ok(());
        }
        let body = json!({"to": eve, "change": "circumstances"});
        version = person::end_evidence(app, caseworker, own.id, known.id, version, command(body)?)
            .await?
            .version;
    }
    let body = json!({
        "kind": evidence.kind,
        "value": evidence.value.to_json(),
        "from": evidence.from,
        "to": evidence.to,
        "change": "circumstances",
    });
    person::add_evidence(app, caseworker, own.id, version, command(body)?)
        .await
        .map(drop)
}
