//! What is open of a month that waits for its second person: reckoned for the first page that somebody reads, and kept for
//! those that follow, as long as nobody has changed anything. The whole of a large month is reckoned in seconds, and its
//! list may have hundreds of pages.
//!
//! Each change stands in the audit trail, in its own transaction: where the trail has not grown since, the list is the
//! same. Where it has, the month is reckoned anew, and the cursor says whether the list goes on. Nothing is signed by what
//! is kept here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::month_close;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::audit;
use crate::error::Error;
use crate::month_close::report::Content;
use crate::month_close::view::OpenItem;

/// The list of the month that was reckoned last in this process: few months wait for their second person at a time.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    last: Arc<Mutex<Option<Draft>>>,
}

/// What was open of a prepared month, in the order in which a close keeps it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    close: Uuid,
    /// The last event of the audit trail before it was reckoned.
    seen: i64,
    /// The digest of the month as it was reckoned.
    pub(super) digest: String,
    pub(super) items: Arc<[OpenItem]>,
}

impl Drafts {
    /// What is open of a prepared month now. Only a page that follows another one (`goes_on`) may have been reckoned with
    /// it.
    pub(super) async fn of(
        &self,
        conn: &impl ConnectionTrait,
        row: &month_close::Model,
        goes_on: bool,
    ) -> Result<Draft, Error> {
        // Before the month is read: what is written meanwhile is none of what was seen.
        let seen = audit::head(conn).await?;
        let known = self.lock().clone();
        if let Some(draft) = known.filter(|own| goes_on && (own.close, own.seen) == (row.id, seen)) {
            return Ok(draft);
        }
        let now = Content::of(conn, row).await?;
        let draft = Draft {
            close: row.id,
            seen,
            digest: now.digest,
            items: now.items.into(),
        };
        *self.lock() = Some(draft.clone());
        Ok(draft)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Draft>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
