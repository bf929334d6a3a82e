//! Keys: made, recognised by their hash, and on record with who gave them.

use entity::{client, key_issue};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::ids::Ids;

/// A new key.
pub(super) struct NewKey {
    /// What the holder is shown, once.
    pub(super) key: String,
    /// What lists show, so that a holder recognises a key.
    pub(super) prefix: String,
    /// What is kept.
    pub(super) hash: String,
}

impl NewKey {
    /// A key from the machine's randomness, also where row ids are repeatable: each UUIDv7 carries 74 random bits.
    pub(super) fn random() -> Self {
        let mut entropy = Sha256::new();
        for _ in 0..8 {
            entropy.update(Ids::System.next());
        }
        let digits = hex::encode(entropy.finalize());
        let (prefix, rest) = digits.split_at(8);
        let (secret, _) = rest.split_at(40);
        let key = format!("ansinh_{prefix}_{secret}");
        let hash = hash(&key);
        Self {
            key,
            prefix: prefix.to_owned(),
            hash,
        }
    }
}

/// The hash under which a key is kept.
pub(crate) fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

/// Notes who gave a credential the key that it has from now on. The credential is locked, or new.
pub(super) async fn note(app: &App, txn: &Txn, actor: &Actor, client: &client::Model) -> Result<(), Error> {
    let before = newest(txn, client.id).await?;
    let row = key_issue::Model {
        client_id: client.id,
        sequence: before.map_or(0, |before| before.sequence) + 1,
        user_id: client.user_id,
        issued_by: giver(txn, actor).await?,
        issued_at: app.clock.now(),
    };
    txn.insert_all::<key_issue::Entity>(vec![row]).await
}

/// Who is shown a key that the actor makes. What another system makes goes to whoever has that system's key: who gave it.
async fn giver(txn: &Txn, actor: &Actor) -> Result<Option<Uuid>, Error> {
    if actor.user_id.is_some() {
        return Ok(actor.user_id);
    }
    let own = newest(txn, actor.client_id).await?;
    Ok(own.and_then(|own| own.issued_by))
}

async fn newest(txn: &Txn, client_id: Uuid) -> Result<Option<key_issue::Model>, Error> {
    let issue = key_issue::Entity::find()
        .filter(key_issue::Column::ClientId.eq(client_id))
        .order_by_desc(key_issue::Column::Sequence)
        .one(txn.conn())
        .await?;
    Ok(issue)
}
