//! What runs of some areas or one channel hold: it is told with the reason, waits for a later month, and is paid once.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::pay_run;
use service::registry_finding;
use uuid::Uuid;

use super::desk::Desk;
use super::right_payee::{payee, receives};
use super::turn::{comes_back, is_cancelled};
use crate::harness::{House, each_engine};
use crate::overpayment::newcomer::newcomer;
use crate::overpayment::town::{LAN, Town};
use crate::reconciliation::bank::{BankTown, answer, of, pain002, person};

/// Somebody of another commune.
const SECOND: Uuid = Uuid::from_u128(0x52);
/// Somebody who has no account.
const THIRD: Uuid = Uuid::from_u128(0x53);

/// Kind, person and month of a line.
type Line = (String, Uuid, i32);

fn line(kind: &str, person: Uuid, month: i32) -> Line {
    (kind.to_owned(), person, month)
}

async fn lines(desk: &Desk<'_>, run: Uuid) -> Vec<Line> {
    let lines = desk.lines(run).await.into_iter();
    lines.map(|(kind, person, month, _)| (kind, person, month)).collect()
}

/// Person, month and reason of what a run holds.
async fn held(house: &House, reader: &service::Actor, run: Uuid) -> Vec<(Uuid, i32, String)> {
    let held = pay_run::held(&house.app, reader, run, None, None).await.unwrap();
    let held = held.items.into_iter();
    held.map(|own| (own.person_id, own.cover_month.yyyymm(), own.reason))
        .collect()
}

/// A regular run of one commune.
fn of_area(cover: &str, area: &str) -> Value {
    json!({"cover_month": cover, "pay_date": format!("{cover}-05"), "areas": [area]})
}

/// A regular run of one channel.
fn of_channel(cover: &str, channel: &str) -> Value {
    json!({"cover_month": cover, "pay_date": format!("{cover}-05"), "channel": channel})
}

fn waiting(day: &str) -> Value {
    json!({"kind": "arrears_only", "cover_month": "2024-09", "pay_date": day})
}

/// Two people in two communes; the run of the first one's leaves her out, and is released.
async fn left_out(house: &House) -> Town<'_> {
    let people = [(LAN, "022190001234", "06652"), (SECOND, "022190001235", "06658")];
    let town = Town::of_people(house, 1_000_000_000, &people).await;
    release_without(&town).await;
    town
}

async fn release_without(town: &Town<'_>) {
    let desk = Desk::of(town).await;
    let own = desk.opens(of_area("2024-09", "06652")).await.id;
    let why = json!({"person_id": LAN, "reason": "Chờ xác minh nơi cư trú"});
    desk.takes(&desk.preparer, own, "exclusions", Some(why)).await;
    assert_eq!(lines(&desk, own).await, []);
    town.sign(own).await;
    town.holds().await;
}

#[test]
fn what_a_commune_held_is_made_up_for_by_its_next_run_and_by_no_other() {
    each_engine(async |house| {
        let town = left_out(house).await;
        let desk = Desk::of(&town).await;
        let october = desk.opens(of_area("2024-10", "06652")).await.id;
        assert_eq!(
            lines(&desk, october).await,
            [line("arrears", LAN, 202_409), line("regular", LAN, 202_410)]
        );
        // The rest of September leaves her to the run that has her.
        let rest = town.build("2024-09").await.id;
        assert_eq!(lines(&desk, rest).await, [line("regular", SECOND, 202_409)]);
        town.sign(october).await;
        town.holds().await;
        town.rebuild(rest).await;
        assert_eq!(lines(&desk, rest).await, [line("regular", SECOND, 202_409)]);
        town.sign(rest).await;
        town.holds().await;
        let rest = town.build("2024-10").await.id;
        assert_eq!(lines(&desk, rest).await, [line("regular", SECOND, 202_410)]);
        town.sign(rest).await;
        assert_eq!(desk.opens(waiting("2024-10-10")).await.line_count, 0, "nothing waits");
        town.close().await;
    });
}

#[test]
fn what_a_commune_held_under_an_earlier_version_is_owed_once_the_schema_is_brought_up_to_date() {
    each_engine(async |house| {
        let town = left_out(house).await;
        let owner = house.app.db.owner();
        // As such a version left it: with nothing that waits, and nobody who would see to it.
        for undone in [
            "DELETE FROM arrears",
            "DELETE FROM job WHERE kind = 'carry_over_held'",
            "DELETE FROM seaql_migrations WHERE version = 'm0071_held_before'",
        ] {
            owner.execute_unprepared(undone).await.unwrap();
        }
        migration::run(owner).await.unwrap();
        town.idle().await;
        let desk = Desk::of(&town).await;
        let october = desk.opens(of_area("2024-10", "06652")).await.id;
        assert_eq!(
            lines(&desk, october).await,
            [line("arrears", LAN, 202_409), line("regular", LAN, 202_410)]
        );
        town.sign(october).await;
        town.close().await;
    });
}

#[test]
fn what_a_commune_held_is_paid_with_the_rest_of_its_month_and_then_waits_no_longer() {
    each_engine(async |house| {
        let town = left_out(house).await;
        let desk = Desk::of(&town).await;
        let rest = town.build("2024-09").await.id;
        let both = [line("regular", LAN, 202_409), line("regular", SECOND, 202_409)];
        assert_eq!(lines(&desk, rest).await, both);
        let other = desk.opens(waiting("2024-09-25")).await;
        assert_eq!(other.line_count, 0, "the rest of the month has it");
        town.sign(rest).await;
        town.holds().await;
        let october = town.build("2024-10").await.id;
        let both = [line("regular", LAN, 202_410), line("regular", SECOND, 202_410)];
        assert_eq!(lines(&desk, october).await, both);
        town.sign(october).await;
        town.close().await;
    });
}

#[test]
fn what_a_commune_held_is_paid_at_once_by_a_run_of_arrears_and_not_by_the_rest_of_its_month() {
    each_engine(async |house| {
        let town = left_out(house).await;
        let desk = Desk::of(&town).await;
        let arrears = desk.opens(waiting("2024-09-25")).await.id;
        assert_eq!(lines(&desk, arrears).await, [line("arrears", LAN, 202_409)]);
        let rest = town.build("2024-09").await.id;
        assert_eq!(lines(&desk, rest).await, [line("regular", SECOND, 202_409)]);
        town.sign(arrears).await;
        town.holds().await;
        town.sign(rest).await;
        town.holds().await;
        let october = town.build("2024-10").await.id;
        let both = [line("regular", LAN, 202_410), line("regular", SECOND, 202_410)];
        assert_eq!(lines(&desk, october).await, both);
        town.close().await;
    });
}

#[test]
fn what_a_commune_paid_and_came_back_and_is_cancelled_is_owed_in_its_next_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        let desk = Desk::of(&town).await;
        let own = desk.opens(of_area("2024-09", "06652")).await.id;
        assert_eq!(lines(&desk, own).await, [line("regular", LAN, 202_409)]);
        comes_back(&town, own).await;
        is_cancelled(&town, own).await;
        let october = desk.opens(of_area("2024-10", "06652")).await.id;
        assert_eq!(
            lines(&desk, october).await,
            [line("arrears", LAN, 202_409), line("regular", LAN, 202_410)]
        );
        town.sign(october).await;
        town.close().await;
    });
}

#[test]
fn a_run_of_one_channel_tells_whom_it_holds_and_its_next_one_makes_up_for_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, preparer) = (town.app(), &town.preparer);
        let opens = async |cover: &str, channel: &str| {
            let run = pay_run::create(app, preparer, of(of_channel(cover, channel)))
                .await
                .unwrap();
            town.idle().await;
            run.id
        };
        let september = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let orders = town.orders(september).await;
        let told = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(pain002("A1", &told)).await;
        let bank = opens("2024-10", "bank_transfer").await;
        let post = opens("2024-10", "post_cash").await;
        let of_first = [202_409, 202_410].map(|month| (person(0), month, "reported_deceased".to_owned()));
        assert_eq!(held(house, preparer, bank).await, of_first, "she is paid by a bank");
        assert_eq!(held(house, preparer, post).await, [], "and not at the post office");
        let preview = pay_run::preview(app, preparer, bank).await.unwrap();
        let sums: Vec<(&str, i64)> = preview
            .held
            .iter()
            .map(|own| (own.reason.as_str(), own.payments))
            .collect();
        assert_eq!(sums, [("reported_deceased", 2)]);
        town.sign(bank).await;
        town.sign(post).await;
        town.holds().await;

        town.now("2024-10-20T02:00:00Z").await;
        let filter = of(json!({"status": "open"}));
        let open = registry_finding::list(app, &town.caseworker, filter)
            .await
            .unwrap()
            .items;
        let alive = of(json!({"note": "Đã gặp trực tiếp"}));
        registry_finding::dismiss(app, &town.caseworker, open[0].id, open[0].version, alive)
            .await
            .unwrap();
        town.idle().await;
        let november = opens("2024-11", "bank_transfer").await;
        let paid = town.lines(november, person(0)).await;
        let mut paid: Vec<(Value, i32)> = paid
            .iter()
            .map(|own| (json!(own.kind), own.cover_month.yyyymm()))
            .filter(|(kind, _)| kind != "reissue")
            .collect();
        paid.sort_by_key(|(_, month)| *month);
        assert_eq!(paid, [(json!("arrears"), 202_410), (json!("regular"), 202_411)]);
        town.sign(november).await;
        town.holds().await;
        // Nobody of October is left for a run for everybody.
        let rest = town.build("2024-10").await;
        for number in 0..2 {
            let again = town.lines(rest, person(number)).await;
            assert!(again.iter().all(|own| json!(own.kind) == "reissue"), "{again:?}");
        }
        town.sign(rest).await;
        town.holds().await;
    });
}

#[test]
fn who_has_no_account_is_told_by_the_runs_of_both_channels_and_owed_once() {
    each_engine(async |house| {
        let mut nobody = newcomer(THIRD, "022190001236", "06652");
        nobody["payees"] = json!([]);
        let people = vec![newcomer(LAN, "022190001234", "06652"), nobody];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        for channel in ["bank_transfer", "post_cash"] {
            let run = desk.opens(of_channel("2024-09", channel)).await.id;
            let told = held(house, &town.officers[0], run).await;
            assert_eq!(told, [(THIRD, 202_409, "no_payee_account".to_owned())], "{channel}");
            town.sign(run).await;
        }
        town.holds().await;
        let tie = desk.get("/v1/month-closes/2024-09/tie").await;
        let items = tie["month_not_completed"].as_array().unwrap().iter();
        let held: Vec<&Value> = items
            .filter(|item| item["state"] == "no_whole_run")
            .map(|item| &item["amount"])
            .collect();
        assert_eq!(held, [&json!(750_000)]);

        receives(&town, THIRD, payee("guardian", "022190009999", None)).await;
        let bank = desk.opens(of_channel("2024-10", "bank_transfer")).await.id;
        let post = desk.opens(of_channel("2024-10", "post_cash")).await.id;
        assert_eq!(lines(&desk, bank).await, []);
        assert_eq!(
            lines(&desk, post).await,
            [
                line("arrears", THIRD, 202_409),
                line("regular", LAN, 202_410),
                line("regular", THIRD, 202_410)
            ]
        );
        town.sign(post).await;
        town.close().await;
    });
}
