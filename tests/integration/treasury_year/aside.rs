//! Runs beside the regular ones for everybody, and banks that change what they take: arrears alone, one area or one
//! channel, relief after a storm, a second fund, another profile in
//! the middle of a month. What a crash left half done is gone on with
//! the next time.

use domain::Month;
use domain::bank::{BankProfile, BankProfiles};
use proptest::prelude::*;
use serde_json::json;
use service::bank_profile::{self, ProfileProposalView, ProposeProfile};
use service::pay_run;
use service::relief_event;
use service::relief_request;
use service::{Error, bank_report};
use uuid::Uuid;

use super::history::{next_month, open_run, pick};
use super::town::Town;
use crate::reconciliation::bank::of;

/// One thing that is done; a number says with which of several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    /// What waits is paid now.
    Arrears,
    /// The next month is paid for one channel, or one area.
    Part(u8),
    /// A commune asks for relief for one person; it is verified and approved, now and then turned down.
    Relief(u8),
    /// Two people change what a bank takes.
    Profile(u8),
    /// Who proposed that takes it back.
    ProfileBack(u8),
    /// A program goes over to the fund of donations, or back.
    GoesOver(u8),
    /// A month is paid from the donations, or what came back to them is.
    Donated(u8),
    /// An answer is brought in and read as its bank's profile says: nothing odd in it is tolerated unless the profile does.
    Strictly(u8),
}

pub(super) fn side() -> impl Strategy<Value = Side> {
    prop_oneof![
        2 => Just(Side::Arrears),
        2 => any::<u8>().prop_map(Side::Part),
        3 => any::<u8>().prop_map(Side::Relief),
        2 => any::<u8>().prop_map(Side::Profile),
        1 => any::<u8>().prop_map(Side::ProfileBack),
        1 => any::<u8>().prop_map(Side::GoesOver),
        2 => any::<u8>().prop_map(Side::Donated),
        1 => any::<u8>().prop_map(Side::Strictly),
    ]
}

impl Town {
    /// Does it.
    pub(super) async fn aside(&mut self, side: Side) -> Result<(), Error> {
        match side {
            Side::Arrears => self.arrears().await,
            Side::Part(which) => self.part(which).await,
            Side::Relief(which) => self.relief(which).await,
            Side::Profile(which) => self.profile(which).await,
            Side::ProfileBack(which) => self.profile_back(which).await,
            Side::GoesOver(which) => self.goes_over(which).await,
            Side::Donated(which) => self.donated(which).await,
            Side::Strictly(which) => self.strictly(which).await,
        }
    }

    /// The texts of a query's column `text`.
    async fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.rows(sql).await;
        rows.iter().map(|row| row.try_get("", "text").unwrap()).collect()
    }

    async fn arrears(&self) -> Result<(), Error> {
        // An empty run would stand in the way of the next one.
        let waiting = self.number("SELECT COUNT(*) AS number FROM arrears WHERE status = 'pending'");
        if waiting.await == 0 || open_run(self).await?.is_some() {
            return Ok(());
        }
        let today = self.app.clock.today();
        let command = of(json!({"kind": "arrears_only", "cover_month": Month::of(today), "pay_date": today}));
        pay_run::create(&self.app, &self.officers.preparer, command)
            .await
            .map(drop)
    }

    async fn part(&self, which: u8) -> Result<(), Error> {
        let Some(month) = next_month(self).await? else {
            return Ok(());
        };
        let pay_date = month.first_day().max(self.app.clock.today());
        let mut command = json!({"cover_month": month, "pay_date": pay_date});
        match which % 3 {
            0 => command["channel"] = json!("bank_transfer"),
            1 => command["channel"] = json!("post_cash"),
            _ => {
                let areas = "SELECT DISTINCT area_code AS text FROM residence ORDER BY area_code";
                let areas = self.texts(areas).await;
                command["areas"] = json!([pick(&areas, which / 3)]);
            }
        }
        pay_run::create(&self.app, &self.officers.preparer, of(command))
            .await
            .map(drop)
    }

    /// Goes on with the request that waits, or files one for somebody.
    async fn relief(&self, which: u8) -> Result<(), Error> {
        let people = self.rows("SELECT id AS person, area_id FROM person ORDER BY id").await;
        let person =
            pick(&people, which).map(|row| (row.try_get("", "person").unwrap(), row.try_get("", "area_id").unwrap()));
        self.relief_for(which % 8 == 7, person).await
    }

    /// Goes on with the request that waits, or files one for this person, of this area. It is verified and approved, or
    /// turned down.
    pub(super) async fn relief_for(&self, refused: bool, person: Option<(Uuid, String)>) -> Result<(), Error> {
        let (app, verifier, approver) = (&self.app, &self.officers.verifier, &self.officers.approver);
        let event = match relief_event::list(app, verifier).await?.first() {
            Some(event) => event.id,
            None => {
                let storm =
                    json!({"code": "bao-so-2", "name": "Bão số 2", "kind": "storm", "happened_on": "2024-08-15"});
                relief_event::declare(app, verifier, of(storm)).await?.id
            }
        };
        let open = self
            .rows("SELECT id FROM relief_request WHERE status IN ('submitted', 'verified') ORDER BY id")
            .await;
        let mut request = match open.first() {
            Some(row) => relief_request::get(app, verifier, row.try_get("", "id").unwrap()).await?,
            None => {
                let Some((person, area)) = person else { return Ok(()) };
                let number = self.number("SELECT COUNT(*) AS number FROM relief_request").await;
                let claim = json!({"person_id": person, "loss": "house_lost", "circumstances": {"in_need": true}});
                let command = json!({"relief_event_id": event, "area_id": area, "reference": format!("{number}/TTr"),
                    "claims": [claim]});
                relief_request::submit(app, &self.officers.caseworker, of(command)).await?
            }
        };
        if refused {
            let refused = relief_request::reject(app, verifier, request.id, request.version, "Chưa đủ căn cứ");
            return refused.await.map(drop);
        }
        if json!(request.status) == "submitted" {
            request = relief_request::verify(app, verifier, request.id, request.version).await?;
        }
        relief_request::approve(app, approver, request.id, request.version)
            .await
            .map(drop)
    }

    /// A bank that took messages takes tables from now on, always in one layout, with so many lines in a file: proposed, or
    /// left so by a crash.
    async fn proposed_profile(&self, which: u8) -> Result<Option<ProfileProposalView>, Error> {
        let (app, [one, _]) = (&self.app, &self.officers.keepers);
        let waiting = self
            .rows("SELECT id FROM bank_profile_proposal WHERE status = 'proposed'")
            .await;
        if let Some(row) = waiting.first() {
            let left = bank_profile::get_proposal(app, one, row.try_get("", "id").unwrap()).await?;
            return Ok(Some(left));
        }
        let embedded = BankProfiles::embedded().unwrap();
        let banks = "SELECT DISTINCT bank_code AS text FROM payee_account \
                     WHERE bank_code IS NOT NULL ORDER BY bank_code";
        let mut banks = self.texts(banks).await;
        banks.retain(|bank| embedded.of(bank).table.is_none());
        let Some(bank) = pick(&banks, which) else {
            return Ok(None);
        };
        let like = if bank.len().is_multiple_of(2) { "KLB" } else { "PGB" };
        let profile = BankProfile {
            max_lines: 2 + u32::from(which % 5),
            ..embedded.of(like).clone()
        };
        let command = ProposeProfile {
            profile: serde_json::to_value(&profile).unwrap(),
            note: "theo công văn của ngân hàng".to_owned(),
        };
        let version = bank_profile::get(app, one, bank).await?.version;
        bank_profile::propose(app, one, bank, version, command).await.map(Some)
    }

    async fn profile_back(&self, which: u8) -> Result<(), Error> {
        let (app, [one, _]) = (&self.app, &self.officers.keepers);
        let Some(proposed) = self.proposed_profile(which).await? else {
            return Ok(());
        };
        bank_profile::withdraw(app, one, proposed.id, proposed.version)
            .await
            .map(drop)
    }

    async fn profile(&self, which: u8) -> Result<(), Error> {
        let (app, [_, other]) = (&self.app, &self.officers.keepers);
        let Some(proposed) = self.proposed_profile(which).await? else {
            return Ok(());
        };
        let decision = json!({"proposal_id": proposed.id, "decision": "accept", "note": "đã đối chiếu"});
        bank_profile::decide(app, other, proposed.id, proposed.version, of(decision))
            .await
            .map(drop)
    }

    async fn strictly(&mut self, which: u8) -> Result<(), Error> {
        let waiting = self.waiting(self.app.clock.today());
        let Some(answer) = pick(&waiting, which) else {
            return Ok(());
        };
        let (treasury, bytes) = (&self.officers.treasury, answer.bytes.clone());
        let report = bank_report::upload(&self.app, treasury, &answer.name, bytes).await?;
        self.is_brought(answer, &report);
        Ok(())
    }
}
