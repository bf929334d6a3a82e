//! Signatures: who made, checked, approved and released what content. The database refuses a second signature of one
//! person on one revision, and the signature of two of whom one gave the other the key.

use chrono::{DateTime, Utc};
use entity::enums::Act;
use entity::{approval_act, key_issue};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::rows;

/// A person's part in what several people sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The person.
    pub(crate) person: Uuid,
    /// When the person took it.
    pub(crate) at: DateTime<Utc>,
}

impl Part {
    /// A signature.
    pub(crate) const fn of(act: &approval_act::Model) -> Self {
        Self {
            person: act.user_id,
            at: act.at,
        }
    }
}

/// Signs the digest of a subject's revision.
///
/// # Errors
/// `same-person` where the person signed it already, and where one who signed it gave this person the key, or has one
/// that this person gave.
pub async fn sign(
    app: &App,
    txn: &Txn,
    subject: &str,
    revision: i64,
    act: Act,
    user_id: Uuid,
    digest: &str,
) -> Result<(), Error> {
    let at = app.clock.now();
    let signed = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(subject))
        .filter(approval_act::Column::Revision.eq(revision))
        .all(txn.conn())
        .await?;
    let signed: Vec<Part> = signed.iter().map(Part::of).collect();
    require_own_keys(txn.conn(), Part { person: user_id, at }, &signed).await?;
    let row = approval_act::Model {
        id: app.ids.next(),
        subject: subject.to_owned(),
        revision,
        act,
        user_id,
        digest: digest.to_owned(),
        at,
    };
    match rows::insert_new::<approval_act::Entity>(txn, vec![row]).await? {
        0 => Err(Error::new(ProblemCode::SamePerson)),
        _ => Ok(()),
    }
}

/// How many people approved a subject's revision.
pub(crate) async fn given(conn: &impl ConnectionTrait, subject: &str, revision: i64) -> Result<i32, Error> {
    let count = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(subject))
        .filter(approval_act::Column::Revision.eq(revision))
        .filter(approval_act::Column::Act.eq(Act::Approve))
        .count(conn)
        .await?;
    i32::try_from(count).map_err(Error::internal)
}

/// Did anybody approve a revision of a subject before this one?
pub(crate) async fn given_before(conn: &impl ConnectionTrait, subject: &str, revision: i64) -> Result<bool, Error> {
    let count = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(subject))
        .filter(approval_act::Column::Revision.ne(revision))
        .filter(approval_act::Column::Act.eq(Act::Approve))
        .count(conn)
        .await?;
    Ok(count > 0)
}

/// Nobody decides what they proposed.
pub(crate) fn own_proposal() -> Error {
    Error::because(
        ProblemCode::SamePerson,
        "Người đề nghị không được tự quyết định; cần một người khác",
        "whoever proposes something does not decide it; somebody else has to",
    )
}

/// Refuses a person who takes part with a key from one of the others, and one who gave any of them the key that was in
/// force when they took theirs: whoever gives a key has seen it, and could be both.
///
/// # Errors
/// `same-person`.
pub(crate) async fn require_own_keys(conn: &impl ConnectionTrait, own: Part, others: &[Part]) -> Result<(), Error> {
    if others.iter().all(|other| other.person == own.person) {
        return Ok(());
    }
    let people: Vec<Uuid> = others.iter().map(|other| other.person).chain([own.person]).collect();
    let issues = key_issue::Entity::find()
        .filter(key_issue::Column::UserId.is_in(people))
        .all(conn)
        .await?;
    if !others.iter().any(|other| gave_either(&issues, own, *other)) {
        return Ok(());
    }
    Err(gave_the_key())
}

/// Refuses a person who gave another system the key with which it proposed something then: whoever gives a key has seen
/// it.
///
/// # Errors
/// `same-person`.
pub(crate) async fn require_not_giver(
    conn: &impl ConnectionTrait,
    own: Uuid,
    (client, at): (Uuid, DateTime<Utc>),
) -> Result<(), Error> {
    let issues = key_issue::Entity::find()
        .filter(key_issue::Column::ClientId.eq(client))
        .all(conn)
        .await?;
    match giver_at(&issues, client, at) {
        Some(giver) if giver == own => Err(gave_a_system_its_key()),
        _ => Ok(()),
    }
}

/// Who gave a credential the key that was in force then; none: the installation.
pub(crate) fn giver_at(issues: &[key_issue::Model], client: Uuid, at: DateTime<Utc>) -> Option<Uuid> {
    let until_then = issues
        .iter()
        .filter(|issue| issue.client_id == client && issue.issued_at <= at);
    let in_force = until_then.max_by_key(|issue| issue.sequence)?;
    in_force.issued_by
}

fn gave_the_key() -> Error {
    Error::because(
        ProblemCode::SamePerson,
        "Hai người ký cùng một nội dung mà người này đã cấp khóa truy cập cho người kia; người khác phải ký, hoặc quản trị viên khác \
         cấp lại khóa",
        "one of two who sign the same thing gave the other the key; let somebody else sign, or another administrator give a \
         new key",
    )
}

fn gave_a_system_its_key() -> Error {
    Error::because(
        ProblemCode::SamePerson,
        "Người này đã cấp khóa truy cập cho hệ thống đã đề nghị hoặc nộp hồ sơ; người khác phải quyết định",
        "the system that proposed this has its key from this person: somebody else must decide",
    )
}

/// Did one of two people give the other a key that was in force when the other took part?
pub(crate) fn gave_either(issues: &[key_issue::Model], one: Part, other: Part) -> bool {
    gave(issues, one.person, other) || gave(issues, other.person, one)
}

fn gave(issues: &[key_issue::Model], giver: Uuid, to: Part) -> bool {
    if giver == to.person {
        return false;
    }
    let own = issues.iter().filter(|issue| issue.user_id == Some(to.person));
    let until_then: Vec<&key_issue::Model> = own.filter(|issue| issue.issued_at <= to.at).collect();
    until_then.iter().any(|issue| {
        let mut later = until_then.iter().filter(|next| next.client_id == issue.client_id);
        issue.issued_by == Some(giver) && !later.any(|next| next.sequence > issue.sequence)
    })
}
