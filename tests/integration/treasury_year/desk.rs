//! What people do with what is left: lines in suspense, and the close of a month.

use std::collections::BTreeSet;

use domain::Month;
use domain::bank_simulator::Fate;
use serde_json::json;
use service::Error;
use service::month_close::{self, CloseMonth};
use service::page::MAX_LIMIT;
use service::reconciliation::{self, SuspenseLineView};
use uuid::Uuid;

use super::month::{CLOSE, day};
use super::town::Town;

impl Town {
    /// Every line that waits for a person is looked at.
    pub(crate) async fn clear_suspense(&self) {
        loop {
            let rows = self.suspense().await.unwrap();
            if rows.is_empty() {
                return;
            }
            for row in &rows {
                self.resolve(row).await.unwrap();
            }
        }
    }

    /// The lines that wait for a person.
    pub(super) async fn suspense(&self) -> Result<Vec<SuspenseLineView>, Error> {
        let (mut rows, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let treasury = &self.officers.treasury;
            let page = reconciliation::suspense(&self.app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await?;
            rows.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(rows);
            }
        }
    }

    /// The lines that wait for a person, without those over a whole file: nobody has to look at them while the bank has
    /// not told everything, and what people have looked at says nothing any more. Nor has anybody to look at those of a report
    /// that was read as another bank's: it is set aside as a whole.
    pub(super) async fn suspense_of_orders(&self) -> Result<Vec<SuspenseLineView>, Error> {
        let mut rows = self.suspense().await?;
        let over = self
            .rows("SELECT line_id AS id FROM batch_entry WHERE kind <> 'refund'")
            .await;
        let over: BTreeSet<Uuid> = over.iter().map(|row| row.try_get("", "id").unwrap()).collect();
        let misread: BTreeSet<Uuid> = self.misread().await.into_iter().collect();
        rows.retain(|row| !over.contains(&row.line.id) && !misread.contains(&row.line.report_id));
        Ok(rows)
    }

    /// Two people look at a line: the bank's next answer says what is true, so nothing follows from this one. A sum that the
    /// bank really moved is another matter, and so is an order that it refused and debited, or debited twice: no answer will
    /// put it right.
    pub(crate) async fn resolve(&self, row: &SuspenseLineView) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let finding = row.line.finding.as_deref().unwrap_or_default();
        let note = format!("Đã đối chiếu với sổ của ngân hàng: {finding}");
        let decide = async |proposal_id: Uuid| {
            let decision = json!({"proposal_id": proposal_id, "decision": "accept", "note": note});
            let decision = serde_json::from_value(decision).unwrap();
            reconciliation::decide(&self.app, approver, row.line.id, decision)
                .await
                .map(drop)
        };
        // Left proposed by a crash.
        if let Some(left) = &row.proposal {
            return decide(left.id).await;
        }
        let resolution = if self.was_really_moved(row).await {
            "amount_explained"
        } else if self.was_refused_and_debited(row) || self.was_debited_twice(row) || self.takes_second_debit(row).await
        {
            "accepted_as_paid"
        } else {
            "bank_resends"
        };
        let proposal = serde_json::from_value(json!({"resolution": resolution, "note": note})).unwrap();
        let proposed = reconciliation::propose(&self.app, treasury, row.line.id, proposal).await?;
        decide(proposed.id).await
    }

    /// Does the line tell, for the first time, of another sum than ordered that the bank really moved?
    async fn was_really_moved(&self, row: &SuspenseLineView) -> bool {
        let differs = matches!(row.line.finding.as_deref(), Some("amount_differs" | "partial"));
        let (true, Some(order), Some(reference)) = (differs, row.line.order_id, &row.line.reference) else {
            return false;
        };
        let ledger = self.bank.ledger(self.app.clock.today());
        let own = ledger.iter().find(|own| own.reference == *reference);
        if own.is_none_or(|own| own.fate != Fate::WrongSum) {
            return false;
        }
        let all = reconciliation::differences(&self.app, &self.officers.treasury).await;
        all.unwrap().iter().all(|known| known.order_id != order)
    }

    /// Does the line contradict what the bank said of an order that it both refused and debited?
    pub(super) fn was_refused_and_debited(&self, row: &SuspenseLineView) -> bool {
        let (Some("late_answer"), Some(reference)) = (row.line.finding.as_deref(), &row.line.reference) else {
            return false;
        };
        let ledger = self.bank.ledger(self.app.clock.today());
        let own = ledger.iter().find(|own| own.reference == *reference);
        own.is_some_and(|own| matches!(own.fate, Fate::RefusedThenDebited | Fate::DebitedThenRefused))
    }

    /// Does the line tell of the second debit of an order, or of the return of it? The payee has the first.
    fn was_debited_twice(&self, row: &SuspenseLineView) -> bool {
        let finding = row.line.finding.as_deref();
        let told = matches!(finding, Some("late_answer" | "duplicate_reason" | "debited_again"));
        let (true, Some(reference)) = (told, &row.line.reference) else {
            return false;
        };
        let ledger = self.bank.ledger(self.app.clock.today());
        let own = ledger.iter().find(|own| own.reference == *reference);
        own.is_some_and(|own| own.fate == Fate::DebitedTwice)
    }

    /// Is the line a second debit over a whole file that came back?
    pub(super) async fn takes_second_debit(&self, row: &SuspenseLineView) -> bool {
        if row.line.finding.as_deref() != Some("duplicate_line") || row.line.order_id.is_some() {
            return false;
        }
        let sql = "SELECT DISTINCT e.line_id AS id FROM batch_entry e JOIN payment_order o ON o.file_id = e.file_id \
                   WHERE e.kind = 'debit' AND o.status = 'returned'";
        let over = self.rows(sql).await;
        over.iter()
            .any(|own| own.try_get::<Uuid>("", "id").unwrap() == row.line.id)
    }

    /// At the end of a year two people settle what is open: the bank makes good what it moved too little, and the fund bears
    /// what it moved too much.
    pub(crate) async fn settle_differences(&self) {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let all = reconciliation::differences(&self.app, treasury).await.unwrap();
        for own in all.iter().filter(|own| json!(own.status) == "open") {
            let settlement = if own.amount < 0 { "made_good" } else { "written_off" };
            let proposal = json!({"settlement": settlement, "note": "Đã làm việc với ngân hàng"});
            let proposal = serde_json::from_value(proposal).unwrap();
            let proposed = reconciliation::propose_settlement(&self.app, treasury, own.id, proposal)
                .await
                .unwrap();
            let decision = json!({"proposal_id": proposed.id, "decision": "accept", "note": "Đồng ý"});
            let decision = serde_json::from_value(decision).unwrap();
            reconciliation::decide_settlement(&self.app, approver, own.id, decision)
                .await
                .unwrap();
        }
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
