//! Sixty-four at once who want different things of one run, or of one fund: one of them gets it, and the money is where
//! that one has put it.

use std::collections::BTreeSet;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::json;
use service::pay_run::{self, PayRunView};
use service::{Actor, Error, ProblemCode, Role, access, relief_event, relief_request};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{House, each_engine, opens_fund};
use crate::overpayment::town::{LAN, Town};
use crate::reconciliation::bank::{BankTown, of, person};

/// How many of a kind; four kinds are at the run at once.
const OF_A_KIND: usize = 16;

/// What the two people of the town get in a month, đồng.
const TOTAL: i64 = 1_500_000;

async fn people(house: &House, role: Role) -> Vec<Actor> {
    let mut people = Vec::new();
    for _ in 0..OF_A_KIND {
        let key = house.key(role, None).await;
        people.push(access::authenticate(&house.app, &key).await.unwrap());
    }
    people
}

type Tried<'a> = LocalBoxFuture<'a, Result<PayRunView, Error>>;

/// Approvers, releasers, and others of both.
struct Crowd<'h> {
    house: &'h House,
    approvers: Vec<Actor>,
    releasers: Vec<Actor>,
}

impl<'h> Crowd<'h> {
    async fn of(house: &'h House) -> Self {
        Self {
            house,
            approvers: people(house, Role::Approver).await,
            releasers: people(house, Role::Releaser).await,
        }
    }

    /// All of them at a run as they read it: approvals, releases, rejections and cancellations, one of each in turn.
    fn all_at(&self, run: Uuid, version: i64) -> Vec<Tried<'_>> {
        let app = &self.house.app;
        let mut all: Vec<Tried<'_>> = Vec::new();
        for (approver, releaser) in self.approvers.iter().zip(&self.releasers) {
            all.push(pay_run::approve(app, approver, run, version).boxed_local());
            all.push(pay_run::release(app, releaser, run, version).boxed_local());
            all.push(pay_run::reject(app, releaser, run, version, "Chờ đối chiếu").boxed_local());
            all.push(pay_run::cancel(app, approver, run, version, "Lập nhầm").boxed_local());
        }
        all
    }

    /// One of all has the effect; the others are told that somebody was faster, or that it isn't theirs to do now.
    async fn one_gets_it(&self, run: Uuid, version: i64) -> PayRunView {
        let done = join_all(self.all_at(run, version)).await;
        for refused in done.iter().filter_map(|done| done.as_ref().err()) {
            let told = matches!(
                refused.code,
                ProblemCode::Stale | ProblemCode::IllegalTransition | ProblemCode::Forbidden
            );
            assert!(told, "{refused}");
        }
        let mut won: Vec<PayRunView> = done.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1, "{won:#?}");
        won.remove(0)
    }
}

/// `[available, reserved, committed, in transit]` of the fund.
async fn fund(desk: &Desk<'_>) -> [i64; 4] {
    let fund = desk.get("/v1/funds").await["items"][0].clone();
    ["available", "reserved", "committed", "in_transit"].map(|account| fund[account].as_i64().unwrap())
}

/// Where the money of a run stands.
fn stands(status: &str) -> [i64; 4] {
    match status {
        "submitted" => [0, TOTAL, 0, 0],
        "approved" => [0, 0, TOTAL, 0],
        "released" => [0, 0, 0, TOTAL],
        _ => [TOTAL, 0, 0, 0],
    }
}

#[test]
fn of_all_who_approve_release_send_back_and_cancel_one_run_at_once_one_gets_it() {
    each_engine(async |house| {
        let town = Town::with_fund(house, TOTAL).await;
        let desk = Desk::of(&town).await;
        let crowd = Crowd::of(house).await;
        // A submitted run: releases come too early, and a releaser sends nothing of it back.
        let run = town.build("2024-09").await.id;
        let submitted = town.submit(run).await.unwrap();
        let won = crowd.one_gets_it(run, submitted.version).await;
        let status = json!(won.status).as_str().unwrap().to_owned();
        assert!(matches!(status.as_str(), "approved" | "cancelled"), "{status}");
        assert_eq!(fund(&desk).await, stands(&status));
        town.holds().await;

        // An approved run.
        let run = if status == "approved" {
            run
        } else {
            let again = town.build("2024-09").await.id;
            town.submit(again).await.unwrap();
            again
        };
        let approved = match town.approve(run).await {
            Ok(approved) => approved,
            Err(_) => town.run(run).await,
        };
        let won = crowd.one_gets_it(run, approved.version).await;
        town.idle().await;
        let status = json!(won.status).as_str().unwrap().to_owned();
        assert!(
            matches!(status.as_str(), "released" | "draft" | "cancelled"),
            "{status}"
        );
        assert_eq!(fund(&desk).await, stands(&status));
        town.close().await;
    });
}

#[test]
fn sixty_four_who_try_until_a_run_has_ended_move_its_money_one_way_at_a_time() {
    each_engine(async |house| {
        let town = Town::with_fund(house, TOTAL).await;
        let desk = Desk::of(&town).await;
        let crowd = Crowd::of(house).await;
        let run = town.build("2024-09").await.id;
        let app = &house.app;
        let preparers = people(house, Role::Preparer).await;
        // Each reads the run and takes its own step where it can, as long as there is a step to take.
        let steps = ["submit", "approve", "reject", "release"];
        let clients = steps
            .iter()
            .flat_map(|step| (0..OF_A_KIND).map(move |number| (*step, number)));
        let clients = clients.map(async |(step, number)| {
            let (mut won, mut tries) = (0, 0);
            loop {
                let read = pay_run::get(app, &preparers[number], run).await.unwrap();
                if json!(read.status) == "released" || tries == 400 {
                    return (step, won);
                }
                tries += 1;
                let (id, version) = (read.id, read.version);
                let done = match step {
                    "submit" => pay_run::submit(app, &preparers[number], id, version).await,
                    "approve" => pay_run::approve(app, &crowd.approvers[number], id, version).await,
                    // Now and then, so that it comes to an end.
                    "reject" if tries % 64 != number + 1 => continue,
                    "reject" => pay_run::reject(app, &crowd.releasers[number], id, version, "Chờ đối chiếu").await,
                    _ => pay_run::release(app, &crowd.releasers[number], id, version).await,
                };
                match done {
                    Ok(_) => won += 1,
                    Err(error) => {
                        let told = matches!(
                            error.code,
                            ProblemCode::Stale
                                | ProblemCode::IllegalTransition
                                | ProblemCode::Forbidden
                                | ProblemCode::SamePerson
                        );
                        assert!(told, "{error}");
                    }
                }
            }
        });
        let told: Vec<(&str, usize)> = join_all(clients).await;
        town.idle().await;
        let of = |step: &str| -> usize { told.iter().filter(|own| own.0 == step).map(|own| own.1).sum() };
        assert_eq!(json!(town.run(run).await.status), "released");
        assert_eq!(of("release"), 1);
        assert_eq!(
            of("submit"),
            of("reject") + 1,
            "each submission was sent back, but the last"
        );
        assert_eq!(
            of("approve"),
            of("reject") + 1,
            "only what was approved is sent back by a releaser"
        );
        assert_eq!(fund(&desk).await, stands("released"));
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn of_two_runs_that_sixty_four_submit_against_one_fund_one_is_paid() {
    each_engine(async |house| {
        let second = Uuid::from_u128(0x52);
        let two = [(LAN, "022190001234", "06652"), (second, "022190001235", "06658")];
        // Enough for one of the two, and all but one đồng for the other.
        let amount = TOTAL - 1;
        let town = Town::of_people(house, amount, &two).await;
        let desk = Desk::of(&town).await;
        let mut runs = Vec::new();
        for area in ["06652", "06658"] {
            let body = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": [area]});
            runs.push(desk.opens(body).await.id);
        }
        let mut preparers = people(house, Role::Preparer).await;
        preparers.extend(people(house, Role::Preparer).await);
        let app = &house.app;
        let race = async || -> Vec<Uuid> {
            let read = [town.run(runs[0]).await, town.run(runs[1]).await];
            let all = preparers.iter().flat_map(|preparer| {
                read.iter()
                    .map(move |run| pay_run::submit(app, preparer, run.id, run.version))
            });
            let done = join_all(all).await;
            for refused in done.iter().filter_map(|done| done.as_ref().err()) {
                let told = matches!(
                    refused.code,
                    ProblemCode::FundExhausted | ProblemCode::Stale | ProblemCode::IllegalTransition
                );
                assert!(told, "{refused}");
            }
            done.into_iter().filter_map(Result::ok).map(|run| run.id).collect()
        };
        let won = race().await;
        assert_eq!(won.len(), 1);
        assert_eq!(fund(&desk).await, [amount - TOTAL / 2, TOTAL / 2, 0, 0]);
        // Sent back, its money is free again, and either may have it; released, there is none for the other.
        let version = town.run(won[0]).await.version;
        pay_run::reject(app, &town.officers[1], won[0], version, "Chờ đối chiếu")
            .await
            .unwrap();
        assert_eq!(fund(&desk).await, [amount, 0, 0, 0]);
        let won = race().await;
        assert_eq!(won.len(), 1);
        town.approve(won[0]).await.unwrap();
        assert!(race().await.is_empty());
        town.release(won[0]).await.unwrap();
        assert!(race().await.is_empty());
        assert_eq!(fund(&desk).await, [amount - TOTAL / 2, 0, 0, TOTAL / 2]);
        town.arrives(won[0]).await;
        town.close().await;
    });
}

#[test]
fn requests_for_relief_that_are_approved_at_once_are_all_paid_each_by_its_own_run() {
    each_engine(async |house| {
        let town = BankTown::open(house, 16).await;
        let app = &house.app;
        let key = house.key(Role::ReliefVerifier, None).await;
        let verifier = access::authenticate(app, &key).await.unwrap();
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 16 * 40_000_000_i64});
        opens_fund(app, of(money)).await;
        let mut events = Vec::new();
        for (code, day) in [("bao-so-2", "2024-08-15"), ("lu-quet", "2024-08-17")] {
            let event = json!({"code": code, "name": code, "kind": "storm", "happened_on": day});
            events.push(relief_event::declare(app, &verifier, of(event)).await.unwrap().id);
        }
        let mut verified = Vec::new();
        for number in 0..16_u128 {
            let claim = json!({"person_id": person(number), "loss": "house_lost", "circumstances": {"in_need": true}});
            let event = events[usize::from(number % 2 == 1)];
            let request = json!({"relief_event_id": event, "area_id": "06652@1900-01",
                "reference": format!("{number}/TTr"), "claims": [claim]});
            let filed = relief_request::submit(app, &town.caseworker, of(request))
                .await
                .unwrap();
            let own = relief_request::verify(app, &verifier, filed.id, filed.version).await;
            verified.push(own.unwrap());
        }
        let approvers = people(house, Role::Approver).await;
        // Each request by two at once: one of them has the effect.
        let all = verified.iter().zip(&approvers).flat_map(|(request, approver)| {
            [approver, &town.approver].map(|who| relief_request::approve(app, who, request.id, request.version))
        });
        let mut runs = BTreeSet::new();
        for done in join_all(all).await {
            match done {
                Ok(approved) => assert!(runs.insert(approved.pay_run_id.unwrap())),
                Err(refused) => assert!(
                    matches!(refused.code, ProblemCode::Stale | ProblemCode::IllegalTransition),
                    "{refused}"
                ),
            }
        }
        assert_eq!(runs.len(), 16);
        town.idle().await;
        for run in runs {
            assert_eq!(town.statuses(run).await, ["extracted"]);
        }
        town.holds().await;
    });
}
