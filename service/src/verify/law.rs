//! Law as it was signed.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Act, InstrumentStatus, SimulationStatus};
use entity::{approval_act, instrument, instrument_revision, simulation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::law::{self, hash};
use crate::verify::Check;

/// Every published body has the hash it was published with; one drafted here was made, approved and published by three
/// people, and the simulation they signed is still what it was.
pub(super) async fn instruments_are_what_was_signed(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("law: every published instrument is what three people signed, with its simulation");
    let published = instrument::Entity::find()
        .filter(instrument::Column::Status.eq(InstrumentStatus::Published))
        .all(app.db.read())
        .await?;
    for row in published {
        check.look(hash(&row.body) == row.body_hash, || {
            format!("instrument {}: another body than its hash says", row.number)
        });
        if row.catalogue_order.is_some() {
            continue;
        }
        let acts = approval_act::Entity::find()
            .filter(approval_act::Column::Subject.eq(law::subject(row.id)))
            .filter(approval_act::Column::Revision.eq(row.revision))
            .all(app.db.read())
            .await?;
        let people: BTreeSet<Uuid> = acts.iter().map(|act| act.user_id).collect();
        let digests: BTreeMap<Act, &String> = acts.iter().map(|act| (act.act, &act.digest)).collect();
        let signed = |act: Act| {
            digests
                .get(&act)
                .is_some_and(|digest| Some(*digest) == row.signed_digest.as_ref())
        };
        let whole =
            people.len() == 3 && digests.contains_key(&Act::Make) && signed(Act::Approve) && signed(Act::Release);
        check.look(whole, || format!("instrument {}: a signature is missing", row.number));
        let drafters = drafters(app, &row).await?;
        let mut signers = acts.iter().filter(|act| act.act != Act::Make);
        let by_others = !signers.any(|act| drafters.contains(&act.user_id));
        check.look(by_others, || {
            format!("instrument {}: approved or published by who drafted it", row.number)
        });
        // Before simulations were bound in, signatures carried the hash of the body alone.
        if row.signed_digest.as_ref() != Some(&row.body_hash) {
            let simulated = is_simulated(app, &row).await?;
            check.look(simulated, || {
                format!(
                    "instrument {}: the simulation that was signed is not on record",
                    row.number
                )
            });
        }
    }
    Ok(check)
}

/// Whoever wrote a body of the instrument, in whatever revision.
async fn drafters(app: &App, row: &instrument::Model) -> Result<BTreeSet<Uuid>, Error> {
    let revisions = instrument_revision::Entity::find()
        .filter(instrument_revision::Column::InstrumentId.eq(row.id))
        .all(app.db.read())
        .await?;
    let drafted = revisions.into_iter().filter_map(|own| own.drafted_by);
    Ok(drafted.chain(row.drafted_by).collect())
}

async fn is_simulated(app: &App, row: &instrument::Model) -> Result<bool, Error> {
    let simulations = simulation::Entity::find()
        .filter(simulation::Column::InstrumentId.eq(row.id))
        .filter(simulation::Column::Revision.eq(row.revision))
        .filter(simulation::Column::Status.eq(SimulationStatus::Done))
        .all(app.db.read())
        .await?;
    Ok(simulations.into_iter().any(|own| {
        let (Some(result), Some(base)) = (&own.result, own.base_release) else {
            return false;
        };
        let digest = hash(result);
        let signature = law::signature(&row.body_hash, base, &digest);
        own.digest == Some(digest) && row.signed_digest == Some(signature)
    }))
}
