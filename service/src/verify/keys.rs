//! Who signed what, and whose keys they signed it with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entity::enums::{Act, ProposalStatus};
use entity::{application, approval_act, key_issue, payee};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::application::subject as subject_of_application;
use crate::approval::{Part, gave_either, giver_at};
use crate::error::Error;
use crate::person;
use crate::proposal::{ProposalView, Proposed};
use crate::verify::Check;

/// Subjects that are asked for at once.
const CHUNK: usize = 500;

/// Of those who signed, or proposed and decided, one thing, nobody had given another the key that was in force then.
pub(super) async fn nobody_signs_beside_a_giver(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("signatures: nobody signs beside a person whom they gave the key");
    let conn = app.db.read();
    let issues = key_issue::Entity::find()
        .filter(key_issue::Column::UserId.is_not_null())
        .all(conn)
        .await?;
    let given = issues.iter().filter(|issue| issue.issued_by != issue.user_id);
    let givers: BTreeSet<Uuid> = given.filter_map(|issue| issue.issued_by).collect();
    for (subject, parts) in signed_by(conn, &givers).await? {
        let pairs = parts
            .iter()
            .any(|one| parts.iter().any(|other| gave_either(&issues, *one, *other)));
        check.look(!pairs, || format!("{subject}: one signer gave another the key"));
    }
    for (subject, is_giver) in decided_of_systems(conn).await? {
        check.look(!is_giver, || {
            format!("{subject}: who decided it gave the key to the system that proposed it")
        });
    }
    for (subject, own) in decided(conn).await? {
        let (Some(person), Some(at)) = (own.decided_by, own.decided_at) else {
            continue;
        };
        let proposed = Part {
            person: own.proposed_by,
            at: own.proposed_at,
        };
        check.look(!gave_either(&issues, proposed, Part { person, at }), || {
            format!("{subject}: one of the two gave the other the key")
        });
    }
    Ok(check)
}

/// What these people signed, by subject and revision, with everybody who signed it.
async fn signed_by(conn: &impl ConnectionTrait, people: &BTreeSet<Uuid>) -> Result<BTreeMap<String, Vec<Part>>, Error> {
    let own = approval_act::Entity::find()
        .filter(approval_act::Column::UserId.is_in(people.iter().copied()))
        .all(conn)
        .await?;
    let subjects: BTreeSet<String> = own.into_iter().map(|act| act.subject).collect();
    let subjects: Vec<String> = subjects.into_iter().collect();
    let mut signed: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for chunk in subjects.chunks(CHUNK) {
        let acts = approval_act::Entity::find()
            .filter(approval_act::Column::Subject.is_in(chunk.iter().map(String::as_str)))
            .all(conn)
            .await?;
        for act in acts {
            let subject = format!("{} revision {}", act.subject, act.revision);
            signed.entry(subject).or_default().push(Part::of(&act));
        }
    }
    Ok(signed)
}

/// The payees that another system proposed, and the applications that it filed, which a person decided: had that person
/// given the system its key?
async fn decided_of_systems(conn: &impl ConnectionTrait) -> Result<Vec<(String, bool)>, Error> {
    let payees = payee::Entity::find()
        .filter(payee::Column::ProposingClient.is_not_null())
        .all(conn)
        .await?;
    let applications = application::Entity::find()
        .filter(application::Column::FilingClient.is_not_null())
        .all(conn)
        .await?;
    let payees = payees
        .into_iter()
        .filter_map(|row| Some((person::payee_subject(row.id), (row.proposing_client?, row.recorded_at))));
    let applications = applications
        .into_iter()
        .filter_map(|row| Some((subject_of_application(row.id), (row.filing_client?, row.created_at))));
    let proposed: BTreeMap<String, (Uuid, DateTime<Utc>)> = payees.chain(applications).collect();
    if proposed.is_empty() {
        return Ok(Vec::new());
    }
    let issues = key_issue::Entity::find()
        .filter(key_issue::Column::UserId.is_null())
        .all(conn)
        .await?;
    let subjects: Vec<&str> = proposed.keys().map(String::as_str).collect();
    let mut found = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let acts = approval_act::Entity::find()
            .filter(approval_act::Column::Subject.is_in(chunk.iter().copied()))
            .filter(approval_act::Column::Act.ne(Act::Make))
            .all(conn)
            .await?;
        for act in acts {
            let of = proposed.get(&act.subject).copied();
            let giver = of.and_then(|(client, at)| giver_at(&issues, client, at));
            found.push((act.subject, giver == Some(act.user_id)));
        }
    }
    Ok(found)
}

/// Every proposal that was decided.
async fn decided(conn: &impl ConnectionTrait) -> Result<Vec<(String, ProposalView)>, Error> {
    let mut all = Vec::new();
    macro_rules! read {
        ($($table:ident)+) => { $(
            for row in entity::$table::Entity::find().all(conn).await? {
                all.push((format!("{} {}", stringify!($table), row.id), row.proposal()));
            }
        )+ };
    }
    read!(
        suspense_resolution return_cancellation recall bank_profile_proposal treasury_proposal difference_settlement
        bank_silence report_set_aside recall_answer
    );
    all.retain(|(_, own)| matches!(own.status, ProposalStatus::Accepted | ProposalStatus::Refused));
    Ok(all)
}
