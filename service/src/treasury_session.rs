//! Signing in at the treasury desk: a browser holds a token in a cookie instead of the key.
//!
//! Of the token only the SHA-256 is kept. A session belongs to the key that opened it: a key that is revoked or changed,
//! a person who is disabled, a role that ends take the session with them.

use chrono::{DateTime, TimeDelta, Utc};
use entity::treasury_session;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::access;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::ids::Ids;

/// A session ends after so many hours: one working day.
pub const HOURS: i64 = 10;

/// A session that was opened.
#[derive(Clone)]
pub struct Opened {
    /// The token, for the cookie alone.
    pub token: String,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened(until {})", self.expires_at)
    }
}

/// Opens a session with the key of a person of the treasury.
///
/// # Errors
/// `unauthenticated` where the key is none; `forbidden` where it is not a treasury clerk's, a person's, for the whole
/// province.
pub async fn open(app: &App, key: &str) -> Result<Opened, Error> {
    let actor = access::authenticate(app, key).await?;
    actor.require_everywhere(Permission::FileAcknowledge)?;
    actor.person()?;
    let token = random();
    let now = app.clock.now();
    let expires_at = now + TimeDelta::hours(HOURS);
    let row = treasury_session::Model {
        token_hash: hash(&token),
        client_id: actor.client_id,
        key_hash: access::key_hash(key),
        opened_at: now,
        expires_at,
        ended_at: None,
    };
    app.db
        .write(async |txn| {
            treasury_session::Entity::delete_many()
                .filter(treasury_session::Column::ExpiresAt.lt(now))
                .exec(txn.conn())
                .await?;
            txn.insert_all::<treasury_session::Entity>(vec![row.clone()]).await?;
            let subject = format!("client:{}", actor.client_id.simple());
            let detail = json!({"expires_at": expires_at});
            txn.audit(Event::new(now, &actor, "treasury_session.open", subject, detail));
            Ok(())
        })
        .await?;
    Ok(Opened { token, expires_at })
}

/// Who a token belongs to, with what the credential may do now.
///
/// # Errors
/// `unauthenticated` where the session is over or never was.
pub async fn actor(app: &App, token: &str) -> Result<Actor, Error> {
    let row = treasury_session::Entity::find_by_id(hash(token))
        .filter(treasury_session::Column::EndedAt.is_null())
        .filter(treasury_session::Column::ExpiresAt.gt(app.clock.now()))
        .one(app.db.read())
        .await?
        .ok_or_else(|| Error::new(ProblemCode::Unauthenticated))?;
    access::actor_of_hash(app, &row.key_hash).await
}

/// Ends a session; one that is over stays so.
pub async fn close(app: &App, token: &str) -> Result<(), Error> {
    let actor = match actor(app, token).await {
        Ok(actor) => actor,
        Err(error) if error.code == ProblemCode::Unauthenticated => return Ok(()),
        Err(error) => return Err(error),
    };
    let now = app.clock.now();
    app.db
        .write(async |txn| {
            treasury_session::Entity::update_many()
                .col_expr(treasury_session::Column::EndedAt, Expr::value(now))
                .filter(treasury_session::Column::TokenHash.eq(hash(token)))
                .filter(treasury_session::Column::EndedAt.is_null())
                .exec(txn.conn())
                .await?;
            let subject = format!("client:{}", actor.client_id.simple());
            txn.audit(Event::new(now, &actor, "treasury_session.close", subject, json!({})));
            Ok(())
        })
        .await
}

/// 256 bits from the machine's randomness, as hexadecimal digits: each UUIDv7 carries 74 random bits.
pub fn random() -> String {
    let mut entropy = Sha256::new();
    for _ in 0..8 {
        entropy.update(Ids::System.next());
    }
    hex::encode(entropy.finalize())
}

/// The seal that a form must bring back: only a page of ours, made for this token, has it.
pub fn seal(app: &App, token: &str) -> Result<String, Error> {
    Ok(hex::encode(mac(app, token)?.finalize().into_bytes()))
}

/// Is it the seal of a form made for this token?
pub fn is_sealed(app: &App, token: &str, seal: &str) -> Result<bool, Error> {
    let Ok(seal) = hex::decode(seal) else { return Ok(false) };
    Ok(mac(app, token)?.verify_slice(&seal).is_ok())
}

fn mac(app: &App, token: &str) -> Result<Hmac<Sha256>, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(app.secret.bytes()).map_err(Error::internal)?;
    mac.update(b"form:");
    mac.update(token.as_bytes());
    Ok(mac)
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
