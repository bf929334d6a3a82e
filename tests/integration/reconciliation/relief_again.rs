//! Relief that came back is filed again by the commune and paid once, from the money that came back.

use futures::future::join_all;
use serde_json::{Value, json};
use service::fund::{self, FundView};
use service::payment_order::{self, OrderView, decide_cancellation, propose_cancellation};
use service::relief_event::{self, DeclareEvent, EventView};
use service::relief_request::{self, RequestView, SubmitRequest};
use service::{Actor, App, Error, ProblemCode, Role, access, pay_run, program};
use uuid::Uuid;

use super::bank::{BankTown, accept, answer, of, pain002, person};
use crate::harness::{House, each_engine, opens_fund, pays_from};
use crate::overpayment::town::{LAN, Town};

/// By law for a house that was lost, đồng.
pub(super) const HOUSE: i64 = 40_000_000;

/// A storm, and a fund that has just enough for one house.
pub(super) struct Storm<'h> {
    pub(super) app: &'h App,
    event: Uuid,
    preparer: Actor,
    caseworker: Actor,
    pub(super) verifier: Actor,
    pub(super) approver: Actor,
}

impl<'h> Storm<'h> {
    pub(super) async fn strike(house: &'h House) -> Self {
        let app = &house.app;
        let actor = async |role: Role| {
            let key = house.key(role, None).await;
            access::authenticate(app, &key).await.unwrap()
        };
        let (preparer, verifier) = (actor(Role::Preparer).await, actor(Role::ReliefVerifier).await);
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": HOUSE});
        opens_fund(app, of(money)).await;
        let storm: DeclareEvent = of(json!({"code": "bao-so-3", "name": "Bão số 3", "kind": "storm",
            "happened_on": "2024-09-07"}));
        Self {
            app,
            event: relief_event::declare(app, &verifier, storm).await.unwrap().id,
            preparer,
            caseworker: actor(Role::Caseworker).await,
            verifier,
            approver: actor(Role::Approver).await,
        }
    }

    pub(super) async fn files(&self, reference: &str, victim: Uuid) -> Result<RequestView, Error> {
        self.files_for(reference, victim, None).await
    }

    async fn files_for(&self, reference: &str, victim: Uuid, fund: Option<&str>) -> Result<RequestView, Error> {
        let request: SubmitRequest = of(json!({"relief_event_id": self.event, "area_id": "06652@1900-01",
            "reference": reference, "fund_code": fund,
            "claims": [{"person_id": victim, "loss": "house_lost", "circumstances": {"in_need": true}}]}));
        relief_request::submit(self.app, &self.caseworker, request).await
    }

    /// Moves the event on.
    async fn moves(&self, version: i64, to: &str) -> Result<EventView, Error> {
        relief_event::advance(self.app, &self.verifier, self.event, version, of(json!(to))).await
    }

    /// Verified and approved, a request is paid by this run.
    pub(super) async fn pays(&self, request: &RequestView) -> Uuid {
        let verified = relief_request::verify(self.app, &self.verifier, request.id, request.version)
            .await
            .unwrap();
        let approved = relief_request::approve(self.app, &self.approver, request.id, verified.version)
            .await
            .unwrap();
        approved.pay_run_id.unwrap()
    }

    async fn rejects(&self, request: &RequestView) {
        relief_request::reject(self.app, &self.verifier, request.id, request.version, "Chưa đủ căn cứ")
            .await
            .unwrap();
    }

    /// The code with which a filing is refused.
    pub(super) async fn refuses(&self, reference: &str, victim: Uuid) -> String {
        let refused = self.files(reference, victim).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Invalid);
        refused.fields[0].code.clone()
    }

    pub(super) async fn order(&self, run: Uuid) -> OrderView {
        let orders = payment_order::list(self.app, &self.preparer, run, None, None).await;
        orders.unwrap().items.remove(0)
    }

    pub(super) async fn line(&self, run: Uuid) -> Value {
        let lines = pay_run::lines(self.app, &self.preparer, run, None, None).await.unwrap();
        json!(lines.items[0].status)
    }

    /// What the fund has available, reserved, in transit, paid and to be paid again.
    pub(super) async fn fund(&self) -> [i64; 5] {
        self.fund_of("emergency_relief").await
    }

    async fn fund_of(&self, code: &str) -> [i64; 5] {
        let funds = fund::list(self.app, &self.preparer).await.unwrap();
        let own = funds.iter().find(|fund| fund.code == code).unwrap();
        let FundView {
            available,
            reserved,
            in_transit,
            paid,
            to_reissue,
            ..
        } = own;
        [*available, *reserved, *in_transit, *paid, *to_reissue]
    }
}

#[test]
fn relief_that_nobody_collected_is_filed_again_and_paid_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let first = storm.files("1/TTr", LAN).await.unwrap();
        let run = storm.pays(&first).await;
        town.idle().await;
        assert_eq!(storm.refuses("2/TTr", LAN).await, "duplicate", "it is on its way");
        town.answers(run, |_| Some("not_collected")).await;
        assert_eq!(storm.fund().await, [0, 0, 0, 0, HOUSE]);
        town.holds().await;

        // Two desks at once: one files it, from the money that came back.
        let (one, other) = tokio::join!(storm.files("3/TTr", LAN), storm.files("4/TTr", LAN));
        assert_ne!(one.is_ok(), other.is_ok());
        let filed = one.or(other).unwrap();
        assert_eq!(storm.fund().await, [0, HOUSE, 0, 0, 0]);
        assert_eq!(storm.line(run).await, "reissued");
        assert_eq!(storm.refuses("5/TTr", LAN).await, "duplicate");
        town.holds().await;

        // Turned down, its money is free, and it may be filed once more.
        storm.rejects(&filed).await;
        assert_eq!(storm.fund().await, [HOUSE, 0, 0, 0, 0]);
        town.holds().await;
        let last = storm.files("6/TTr", LAN).await.unwrap();
        let again = storm.pays(&last).await;
        town.idle().await;
        assert_eq!(storm.fund().await, [0, 0, HOUSE, 0, 0]);
        town.answers(again, |_| Some("paid")).await;
        assert_eq!(storm.fund().await, [0, 0, 0, HOUSE, 0]);
        assert_eq!(storm.refuses("7/TTr", LAN).await, "duplicate", "it is paid");

        // No run of what came back has it either.
        let september = town.build("2024-09").await;
        assert_eq!(september.line_count, 2);
        town.close().await;
    });
}

#[test]
fn relief_that_a_bank_returned_is_paid_by_a_new_order_linked_to_the_old() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let first = storm.files("1/TTr", person(0)).await.unwrap();
        let run = storm.pays(&first).await;
        town.idle().await;
        let old = storm.order(run).await;
        town.bring(pain002("R1", &[answer(&old, "RJCT", Some("TM01"))])).await;
        assert_eq!(storm.fund().await, [0, 0, 0, 0, HOUSE]);
        let second = storm.files("2/TTr", person(0)).await.unwrap();
        let again = storm.pays(&second).await;
        town.idle().await;
        let new = storm.order(again).await;
        assert_eq!((new.reissue_of, new.amount), (Some(old.id), HOUSE));
        assert_eq!(storm.line(run).await, "reissued");
        town.holds().await;

        // It comes back once more, and two people cancel it: the money is free, and the claim may be filed all the same.
        town.bring(pain002("R2", &[answer(&new, "RJCT", Some("TM01"))])).await;
        let note = of(json!({"note": "Sai người nhận"}));
        let proposed = propose_cancellation(storm.app, &storm.preparer, new.id, note)
            .await
            .unwrap();
        decide_cancellation(storm.app, &storm.approver, new.id, accept(proposed.id))
            .await
            .unwrap();
        town.idle().await;
        assert_eq!(storm.line(again).await, "cancelled");
        assert_eq!(storm.fund().await, [HOUSE, 0, 0, 0, 0]);
        town.holds().await;
        let third = storm.files("3/TTr", person(0)).await.unwrap();
        let last = storm.pays(&third).await;
        town.idle().await;
        let order = storm.order(last).await;
        town.bring(pain002("R3", &[answer(&order, "ACCC", None)])).await;
        assert_eq!(storm.refuses("4/TTr", person(0)).await, "duplicate");
        town.holds().await;
    });
}

#[test]
fn relief_that_came_back_from_a_bad_account_is_not_sent_there_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let first = storm.files("1/TTr", person(0)).await.unwrap();
        let run = storm.pays(&first).await;
        town.idle().await;
        let old = storm.order(run).await;
        town.bring(pain002("R1", &[answer(&old, "RJCT", Some("AC04"))])).await;
        assert_eq!(storm.refuses("2/TTr", person(0)).await, "same_account");
        assert_eq!(storm.fund().await, [0, 0, 0, 0, HOUSE], "nothing moved");
        assert_eq!(storm.line(run).await, "returned");
        town.holds().await;
    });
}

#[test]
fn a_commune_does_not_tie_up_the_budget_of_the_province() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let before = storm.fund_of("social_assistance").await;
        let refused = storm
            .files_for("1/TTr", LAN, Some("social_assistance"))
            .await
            .unwrap_err();
        let fault = &refused.fields[0];
        assert_eq!(fault.pointer, "/fund_code");
        let told = format!("{:?}", fault.message);
        assert!(
            !told.contains("social_assistance") && !told.contains("emergency_relief"),
            "who may not read funds is told of none: {told}"
        );
        assert_eq!(storm.fund_of("social_assistance").await, before);
        let central = json!({"code": "central_support", "fiscal_year": 2024, "source": "central", "name": "Trung ương",
            "amount": HOUSE});
        opens_fund(storm.app, of(central)).await;
        assert!(storm.files_for("1/TTr", LAN, Some("central_support")).await.is_err());
        town.close().await;
    });
}

#[test]
fn relief_from_donations_draws_on_them_alone_and_comes_back_to_them() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let unknown = storm.files_for("1/TTr", LAN, Some("donations")).await.unwrap_err();
        let fault = &unknown.fields[0];
        assert_eq!(
            (fault.pointer.as_str(), fault.code.as_str()),
            ("/fund_code", "unknown_fund")
        );
        let money = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
            "amount": HOUSE});
        opens_fund(storm.app, of(money)).await;

        let first = storm.files_for("1/TTr", LAN, Some("donations")).await.unwrap();
        assert_eq!(first.fund_code, "donations");
        assert_eq!(storm.fund_of("donations").await, [0, HOUSE, 0, 0, 0]);
        town.holds().await;
        let run = storm.pays(&first).await;
        town.idle().await;
        assert_eq!(town.run(run).await.fund_code, "donations");
        assert_eq!(storm.fund_of("donations").await, [0, 0, HOUSE, 0, 0]);
        assert_eq!(storm.fund().await, [HOUSE, 0, 0, 0, 0], "the usual fund is as it was");
        town.answers(run, |_| Some("not_collected")).await;
        assert_eq!(storm.fund_of("donations").await, [0, 0, 0, 0, HOUSE]);
        town.holds().await;

        // Filed again for the usual fund, what came back is the donors' again.
        let second = storm.files("2/TTr", LAN).await.unwrap();
        assert_eq!(storm.fund_of("donations").await, [HOUSE, 0, 0, 0, 0]);
        assert_eq!(storm.fund().await, [0, HOUSE, 0, 0, 0]);
        let again = storm.pays(&second).await;
        town.idle().await;
        town.answers(again, |_| Some("paid")).await;
        assert_eq!(storm.fund().await, [0, 0, 0, HOUSE, 0]);
        assert_eq!(storm.fund_of("donations").await, [HOUSE, 0, 0, 0, 0]);
        town.close().await;
    });
}

#[test]
fn an_event_moves_on_once_however_many_ask_and_a_closed_one_takes_no_requests() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let storm = Storm::strike(house).await;
        let before = relief_event::get(storm.app, &storm.verifier, storm.event)
            .await
            .unwrap();
        let tries = join_all((0..16).map(|_| storm.moves(before.version, "recovery"))).await;
        assert_eq!(tries.iter().filter(|own| own.is_ok()).count(), 1);
        let refused: Vec<_> = tries.into_iter().filter_map(Result::err).collect();
        assert!(
            refused.iter().all(|error| error.code == ProblemCode::Stale),
            "{refused:?}"
        );
        let moved = relief_event::get(storm.app, &storm.verifier, storm.event)
            .await
            .unwrap();
        assert_eq!(
            (moved.version, json!(moved.status)),
            (before.version + 1, json!("recovery"))
        );
        storm.moves(moved.version, "closed").await.unwrap();
        assert_eq!(storm.refuses("1/TTr", person(0)).await, "unknown");
        town.holds().await;
    });
}

#[test]
fn a_forecast_counts_what_is_asked_for_and_says_that_storms_have_no_rate() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let forecast = async |code: &str| {
            let funds = fund::list(&house.app, &storm.preparer).await.unwrap();
            let own = funds.iter().find(|fund| fund.code == code).unwrap();
            fund::forecast(&house.app, &storm.preparer, own.id).await.unwrap()
        };
        let before = forecast("emergency_relief").await;
        assert_eq!((before.requested, before.reserved, before.free), (0, 0, HOUSE));
        assert_eq!(before.unknown.as_deref(), Some("no_monthly_benefits"));
        assert!(before.unknown_text.is_some() && before.runs_out_in.is_none());
        let filed = storm.files("12/TTr", LAN).await.unwrap();
        let asked = forecast("emergency_relief").await;
        assert_eq!(
            (asked.unspent, asked.requested, asked.reserved, asked.free),
            (HOUSE, HOUSE, HOUSE, 0)
        );
        storm.rejects(&filed).await;
        assert_eq!(forecast("emergency_relief").await.free, HOUSE);

        // Asked of the fund that pays the months, it brings the day nearer on which that runs out.
        let given = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
            "amount": 1_000_000_000});
        opens_fund(&house.app, of(given)).await;
        let programs = program::list(&house.app, &storm.preparer, program::ListPrograms::default()).await;
        let mut programs = programs.unwrap().items.into_iter();
        let own = programs.find(|own| own.code == "monthly_allowance").unwrap();
        let paid_from = json!({"fund_code": "donations", "reason": "QĐ 45/QĐ-UBND"});
        pays_from(&house.app, own.id, of(paid_from)).await;
        let lasts = forecast("donations").await;
        assert_eq!((lasts.unknown, lasts.requested), (None, 0));
        storm.files_for("13/TTr", LAN, Some("donations")).await.unwrap();
        let asked = forecast("donations").await;
        assert_eq!((asked.requested, asked.free), (HOUSE, lasts.free - HOUSE));
        assert_eq!(
            asked.months.last().unwrap().left,
            lasts.months.last().unwrap().left - HOUSE
        );
        town.close().await;
    });
}
