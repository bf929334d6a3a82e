//! What people do with what is left: lines in suspense, and the close of a month.

use domain::Month;
use serde_json::json;
use service::Error;
use service::month_close::{self, CloseMonth};
use service::reconciliation::{self, SuspenseLineView};

use super::month::{CLOSE, day};
use super::town::Town;

impl Town {
    /// Every line that waits for a person is looked at.
    pub(crate) async fn clear_suspense(&self) {
        loop {
            let treasury = &self.officers.treasury;
            let page = reconciliation::suspense(&self.app, treasury, Some(200), None)
                .await
                .unwrap();
            if page.items.is_empty() {
                return;
            }
            for row in &page.items {
                self.resolve(row).await.unwrap();
            }
        }
    }

    /// Two people look at a line: the bank's next answer says what is true, so nothing follows from this one.
    pub(crate) async fn resolve(&self, row: &SuspenseLineView) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let finding = row.line.finding.as_deref().unwrap_or_default();
        let note = format!("Đã đối chiếu với sổ của ngân hàng: {finding}");
        let proposal = serde_json::from_value(json!({"resolution": "bank_resends", "note": note})).unwrap();
        let proposed = reconciliation::propose(&self.app, treasury, row.line.id, proposal).await?;
        let decision = json!({"proposal_id": proposed.id, "decision": "accept", "note": note});
        let decision = serde_json::from_value(decision).unwrap();
        reconciliation::decide(&self.app, approver, row.line.id, decision)
            .await
            .map(drop)
    }

    /// The close of a month: what is paid, what came back and what is open, đồng for đồng with the bank.
    pub(crate) async fn close(&self, month: Month) {
        self.books_agree(day(month, CLOSE)).await;
        let command = CloseMonth {
            note: "Đã đối chiếu với sao kê ngân hàng".to_owned(),
        };
        let prepared = month_close::close(&self.app, &self.officers.preparer, month, command)
            .await
            .unwrap();
        assert!(prepared.ties, "{prepared:?}");
        month_close::confirm(&self.app, &self.officers.approver, month, prepared.version)
            .await
            .unwrap();
    }
}
