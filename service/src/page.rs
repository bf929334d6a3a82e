//! Keyset pages: a list goes on after the last row seen, not after a count, so rows that come or go meanwhile neither
//! hide nor repeat others.

use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Error, ProblemCode};

/// Rows of a page where none are asked for.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; null on the last. It fits the same filters only.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other rows.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next: self.next,
        }
    }
}

/// Where a page begins and how long it is.
#[derive(Clone, Debug)]
pub struct Window<K> {
    /// Rows of the page.
    pub limit: usize,
    /// The key of the last row seen; none on the first page.
    pub after: Option<K>,
    key: Vec<u8>,
}

/// What a cursor says, once its seal is checked.
#[derive(Serialize, Deserialize)]
struct Position<K> {
    after: K,
}

const VERSION: u8 = 1;
const SEAL_BYTES: usize = 12;

impl<K: Serialize + DeserializeOwned> Window<K> {
    /// The window that `limit` and `cursor` ask for in the list of this name under these filters. A cursor of another
    /// list, other filters or another installation is no cursor.
    pub fn of(
        app: &App,
        list: &str,
        filters: &impl Serialize,
        limit: Option<u32>,
        cursor: Option<&str>,
    ) -> Result<Self, Error> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if limit == 0 || limit > MAX_LIMIT {
            return Err(Error::because(
                ProblemCode::InvalidRequest,
                format!("limit phải từ 1 đến {MAX_LIMIT}"),
                format!("limit must be between 1 and {MAX_LIMIT}"),
            ));
        }
        let mut key = app.secret.bytes().to_vec();
        key.extend_from_slice(format!("cursor:{list}:{}", serde_json::to_string(filters)?).as_bytes());
        let after = cursor.map(|cursor| open(&key, cursor)).transpose()?;
        let limit = usize::try_from(limit).map_err(Error::internal)?;
        Ok(Self { limit, after, key })
    }

    /// How many rows to fetch: one more than the page, to know whether another follows.
    pub fn fetch(&self) -> u64 {
        u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// The page of the fetched rows; `key_of` gives the key its list is ordered by.
    pub fn page<T>(&self, mut rows: Vec<T>, key_of: impl Fn(&T) -> K) -> Result<Page<T>, Error> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = match rows.last() {
            Some(last) if more => Some(seal(&self.key, &key_of(last))?),
            _ => None,
        };
        Ok(Page { items: rows, next })
    }
}

fn seal<K: Serialize>(key: &[u8], after: &K) -> Result<String, Error> {
    let position = serde_json::to_vec(&Position { after })?;
    let mut bytes = vec![VERSION];
    bytes.extend_from_slice(&mac(key, &position)?);
    bytes.extend_from_slice(&position);
    Ok(hex::encode(bytes))
}

fn open<K: DeserializeOwned>(key: &[u8], cursor: &str) -> Result<K, Error> {
    let refused = || Error::new(ProblemCode::InvalidCursor);
    let Ok(bytes) = hex::decode(cursor) else {
        return Err(refused());
    };
    let Some((&VERSION, sealed)) = bytes.split_first() else {
        return Err(refused());
    };
    let Some((given, position)) = sealed.split_at_checked(SEAL_BYTES) else {
        return Err(refused());
    };
    if given != mac(key, position)? {
        return Err(refused());
    }
    match serde_json::from_slice(position) {
        Ok(Position { after }) => Ok(after),
        Err(_) => Err(refused()),
    }
}

fn mac(key: &[u8], content: &[u8]) -> Result<[u8; SEAL_BYTES], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    mac.update(content);
    let mut bytes = [0; SEAL_BYTES];
    bytes.copy_from_slice(&mac.finalize().into_bytes()[..SEAL_BYTES]);
    Ok(bytes)
}
