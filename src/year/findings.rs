//! What banks say of the deaths of people: the commune looks into each report. One in three has died; of the others the
//! bank was wrong, and their money goes on.

use chrono::{Datelike, NaiveDate};
use serde_json::json;
use service::page::MAX_LIMIT;
use service::registry_finding::{self, ListFindings, RegistryFindingView};
use service::{Code, Error, Role, person};

use super::Year;
use crate::play::wait;

/// One in so many has died.
const ONE_IN: u128 = 3;
/// The day of the month of a death: what is paid early in it was still due.
const DAY: u32 = 2;

impl Year<'_> {
    /// Each open report is confirmed or dismissed.
    pub(super) async fn look_into_findings(&self) -> Result<(), Error> {
        let caseworker = self.office.of(Role::Caseworker)?;
        let open: ListFindings = serde_json::from_value(json!({"status": "open", "limit": MAX_LIMIT}))?;
        loop {
            let page = registry_finding::list(self.app, caseworker, open.clone()).await?;
            if page.items.is_empty() {
                return wait::until_idle(self.app).await;
            }
            for finding in &page.items {
                self.look_into(finding).await?;
            }
        }
    }

    async fn look_into(&self, finding: &RegistryFindingView) -> Result<(), Error> {
        let caseworker = self.office.of(Role::Caseworker)?;
        let (id, version) = (finding.id, finding.version);
        let known = person::get(self.app, caseworker, finding.person_id).await?.death_date;
        let has_died = finding.kind.code() == "reported_deceased" && finding.person_id.as_u128().is_multiple_of(ONE_IN);
        if let (None, false) = (known, has_died) {
            let alive = serde_json::from_value(json!({"note": "Đã gặp trực tiếp, ngân hàng nhầm người"}))?;
            return registry_finding::dismiss(self.app, caseworker, id, version, alive)
                .await
                .map(drop);
        }
        let day = known.or_else(|| day_of_death(self.app.clock.today()));
        let death = serde_json::from_value(json!({"death_date": day, "note": "Giấy chứng tử"}))?;
        registry_finding::confirm(self.app, caseworker, id, version, death)
            .await
            .map(drop)
    }
}

fn day_of_death(today: NaiveDate) -> Option<NaiveDate> {
    today.with_day(DAY)
}
