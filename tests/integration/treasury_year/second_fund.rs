//! A second fund: programs go over to it and back between two months, and runs of their own are paid from it.

use domain::Month;
use serde_json::json;
use service::Error;
use service::{pay_run, program, treasury_proposal};
use uuid::Uuid;

use super::history::{next_month, open_run, pick};
use super::town::{DONATIONS, Town};

/// The fund of monthly benefits.
const BUDGET: &str = "social_assistance";
/// The benefits whose programs go over: that of most people, and that of some of them.
const BENEFITS: [&str; 2] = ["care_support", "monthly_allowance"];

impl Town {
    /// Two people let the program of a benefit go over to the donations, or back where it draws on them. In the middle of a
    /// month it is refused; what a crash left proposed is decided the next time.
    pub(super) async fn goes_over(&self, which: u8) -> Result<(), Error> {
        let (app, preparer, approver) = (&self.app, &self.officers.preparer, &self.officers.approver);
        let waiting = "SELECT id FROM treasury_proposal WHERE kind = 'program_fund' AND status = 'proposed'";
        let proposed = match self.rows(waiting).await.first() {
            Some(row) => treasury_proposal::get(app, preparer, row.try_get("", "id").unwrap()).await?,
            None => {
                let Some(benefit) = pick(&BENEFITS, which) else {
                    return Ok(());
                };
                let sql = format!(
                    "SELECT id, version, fund_code FROM program WHERE benefit = '{benefit}' AND status = 'active'"
                );
                let rows = self.rows(&sql).await;
                let Some(row) = rows.first() else { return Ok(()) };
                let (id, version): (Uuid, i64) = (row.try_get("", "id").unwrap(), row.try_get("", "version").unwrap());
                let fund: String = row.try_get("", "fund_code").unwrap();
                let to = if fund == DONATIONS { BUDGET } else { DONATIONS };
                let command = serde_json::from_value(json!({"fund_code": to, "reason": "QĐ 45/QĐ-UBND"})).unwrap();
                program::propose_fund(app, preparer, id, version, command).await?
            }
        };
        // Every third time the second person does not agree.
        let decision = if which % 3 == 2 { "refuse" } else { "accept" };
        let said = json!({"proposal_id": proposed.id, "decision": decision, "note": "Đã kiểm tra"});
        let said = serde_json::from_value(said).unwrap();
        treasury_proposal::decide(app, approver, proposed.id, proposed.version, said)
            .await
            .map(drop)
    }

    /// Opens a run on the donations: of the month that the budget pays next or one before it, or of what came back.
    pub(super) async fn donated(&self, which: u8) -> Result<(), Error> {
        // A run of nothing would stand in the way of the next month.
        let drawn =
            format!("SELECT COUNT(*) AS number FROM program WHERE fund_code = '{DONATIONS}' AND status = 'active'");
        let back = format!(
            "SELECT COUNT(*) AS number FROM payment_line l JOIN pay_run r ON r.id = l.pay_run_id \
             WHERE l.status = 'returned' AND r.fund_code = '{DONATIONS}'"
        );
        if open_run(self).await?.is_some() {
            return Ok(());
        }
        let today = self.app.clock.today();
        let command = if which % 3 == 2 && self.number(&back).await > 0 {
            json!({"kind": "reissue", "cover_month": Month::of(today), "pay_date": today, "fund_code": DONATIONS})
        } else if self.number(&drawn).await > 0 {
            let first: Month = "2024-09".parse().unwrap();
            let last = next_month(self).await?.unwrap_or_else(|| Month::of(today));
            let months: Vec<Month> = first.through(last).collect();
            let Some(month) = pick(&months, which) else {
                return Ok(());
            };
            json!({"cover_month": month, "pay_date": today.max(month.first_day()), "fund_code": DONATIONS})
        } else {
            return Ok(());
        };
        let command = serde_json::from_value(command).unwrap();
        pay_run::create(&self.app, &self.officers.preparer, command)
            .await
            .map(drop)
    }
}
