//! Who signed what, and whose keys they signed it with.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::ProposalStatus;
use entity::{approval_act, key_issue};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::approval::{Part, gave_either};
use crate::error::Error;
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
    read!(suspense_resolution return_cancellation recall bank_profile_proposal treasury_proposal difference_settlement bank_silence);
    all.retain(|(_, own)| matches!(own.status, ProposalStatus::Accepted | ProposalStatus::Refused));
    Ok(all)
}
