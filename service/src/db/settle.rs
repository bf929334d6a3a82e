//! What a database does for itself between large works.

use sea_orm::ConnectionTrait;

use crate::db::Db;
use crate::error::Error;

impl Db {
    /// Has what is read and written next go faster: moves what SQLite has logged into its file, as far as no reader is in the
    /// way, and has PostgreSQL count the rows of these tables, by which it plans. For the end of large work that nobody waits
    /// for.
    pub(crate) async fn settle(&self, tables: &[&str]) -> Result<(), Error> {
        if self.open.is_some() {
            return Ok(());
        }
        let sql = if self.is_sqlite() {
            "PRAGMA wal_checkpoint(PASSIVE)".to_owned()
        } else {
            format!("ANALYZE {}", tables.join(", "))
        };
        self.write.execute_unprepared(&sql).await?;
        Ok(())
    }
}
