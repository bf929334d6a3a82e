//! What is left of a transaction that is given up: that it was refused, where the audit trail is to know.

use std::sync::{Arc, PoisonError};

use crate::audit;
use crate::db::{Db, Txn};
use crate::error::Error;
use crate::reader::Reader;

impl Txn {
    /// Notes that what is asked for is refused, where the audit trail is to know: it is chained in a transaction of its own
    /// where this one is given up, and forgotten where it commits.
    pub fn refuse(&self, event: audit::Event) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }
}

impl Db {
    /// Gives up what was written through an [opened](Db::opened) database.
    pub(crate) async fn give_up_opened(self) {
        let Self {
            read,
            open,
            write,
            committed,
        } = self;
        drop(read);
        let Some(txn) = open.and_then(Arc::into_inner) else {
            return;
        };
        let outside = Self {
            read: Reader::pool(write.clone()),
            write,
            open: None,
            committed,
        };
        outside.give_up(txn).await;
    }

    /// Gives a transaction up: what it noted of being refused is all that is left of it.
    pub(super) async fn give_up(&self, txn: Txn) {
        let Txn {
            transaction, refusals, ..
        } = txn;
        let refusals = refusals.into_inner().unwrap_or_else(PoisonError::into_inner);
        if refusals.is_empty() {
            // Dropped, it is rolled back.
            return;
        }
        let kept = async {
            transaction.rollback().await?;
            let txn = self.begin().await?;
            for refusal in refusals {
                txn.audit(refusal);
            }
            self.commit(txn).await
        };
        let kept: Result<(), Error> = kept.await;
        if let Err(error) = kept {
            tracing::error!("a refusal could not be kept in the audit trail: {error}");
        }
    }
}
