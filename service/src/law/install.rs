//! The catalogue of the program on a new installation: what was issued by the clock's day is published, the rest waits
//! as drafts.

use domain::law;
use entity::enums::{InstrumentStatus, Issuer};
use entity::{instrument, release};
use sea_orm::{EntityTrait, PaginatorTrait};

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};

/// Installs the catalogue where there is no law yet.
pub async fn install(app: &App) -> Result<(), Error> {
    if instrument::Entity::find().count(app.db.read()).await? > 0 {
        return Ok(());
    }
    let today = app.clock.today();
    let at = app.clock.now();
    let (mut instruments, mut releases) = (Vec::new(), Vec::new());
    for (own, number) in law::catalogue().iter().zip(1..) {
        let published = own.issued_on <= today;
        let row = row(app, own, published.then_some(number))?;
        if published {
            releases.push(release::Model {
                number,
                instrument_id: row.id,
                published_at: at,
                published_by: None,
                reach_back_month: own.reach_back().map_or(0, domain::Month::yyyymm),
                digest: row.body_hash.clone(),
            });
        }
        instruments.push(row);
    }
    let installed = app
        .db
        .write(async |txn| {
            txn.insert_all::<instrument::Entity>(instruments.clone()).await?;
            txn.insert_all::<release::Entity>(releases.clone()).await?;
            let detail = serde_json::json!({"published": releases.len(), "drafts": instruments.len() - releases.len()});
            txn.audit(Event::new(
                at,
                &Actor::system("installation"),
                "law.install",
                "catalogue",
                detail,
            ));
            Ok(())
        })
        .await;
    match installed {
        // Another process of the same first start was faster.
        Err(error) if error.code == ProblemCode::AlreadyExists => Ok(()),
        done => done,
    }
}

fn row(app: &App, own: &law::Instrument, number: Option<i32>) -> Result<instrument::Model, Error> {
    let body = serde_json::to_value(own)?;
    Ok(instrument::Model {
        id: domain::ids::uuid8(app.secret.ids(), "instrument", &own.number),
        number: own.number.clone(),
        title: own.title.clone(),
        issuer: issuer(own.issuer),
        issued_on: own.issued_on,
        in_force_from: own.in_force_from,
        status: if number.is_some() {
            InstrumentStatus::Published
        } else {
            InstrumentStatus::Draft
        },
        body_hash: super::draft::hash(&body),
        body,
        revision: 1,
        version: 1,
        catalogue_order: number,
        release_number: number,
        drafted_by: None,
        created_at: app.clock.now(),
        updated_at: app.clock.now(),
        text_sha256: None,
        corrects: None,
        correction_reason: None,
        signed_digest: None,
        base_release: None,
        corrected_hash: None,
    })
}

pub(super) const fn issuer(issuer: law::Issuer) -> Issuer {
    match issuer {
        law::Issuer::Central => Issuer::Central,
        law::Issuer::Provincial => Issuer::Provincial,
    }
}
