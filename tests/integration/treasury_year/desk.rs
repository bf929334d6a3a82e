//! What people do with what is left: lines in suspense, and the close of a month.

use domain::Month;
use service::Error;
use service::reconciliation::{self, ResolveLine, SuspenseLineView};

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

    /// Somebody looks at a line: the bank's next answer says what is true, so nothing follows from this one.
    pub(crate) async fn resolve(&self, row: &SuspenseLineView) -> Result<(), Error> {
        let finding = row.line.finding.as_deref().unwrap_or_default();
        let command = ResolveLine {
            note: format!("Đã đối chiếu với sổ của ngân hàng: {finding}"),
        };
        reconciliation::resolve(&self.app, &self.officers.treasury, row.line.id, command)
            .await
            .map(drop)
    }

    /// The close of a month: what is paid, what came back and what is open, đồng for đồng with the bank.
    pub(crate) async fn close(&self, month: Month) {
        self.books_agree(day(month, CLOSE)).await;
    }
}
