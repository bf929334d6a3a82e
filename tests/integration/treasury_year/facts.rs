//! What changes about people while they are paid.

use serde_json::json;
use service::{Error, person};
use uuid::Uuid;

use super::history::pick;
use super::town::Town;

impl Town {
    /// Everybody, by their number.
    pub(super) async fn people(&self) -> Vec<Uuid> {
        let rows = self.rows("SELECT id FROM person ORDER BY citizen_id, id").await;
        rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
    }

    /// The last fact about somebody ends in October, or goes on where it has an end.
    pub(super) async fn change_evidence(&self, which: u8) -> Result<(), Error> {
        let caseworker = &self.officers.caseworker;
        let Some(id) = pick(&self.people().await, which).copied() else {
            return Ok(());
        };
        let own = person::get(&self.app, caseworker, id).await?;
        let Some(fact) = own.evidence.last() else { return Ok(()) };
        let to = if fact.to.is_some() { None } else { Some("2024-10-31") };
        let command = json!({"value": fact.value, "from": fact.from, "to": to});
        let command = serde_json::from_value(command).unwrap();
        person::correct_evidence(&self.app, caseworker, id, fact.id, own.version, command)
            .await
            .map(drop)
    }
}
