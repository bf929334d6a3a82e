//! Regular runs of areas, runs of arrears alone and of what came back: beside each other, and never twice.

use std::collections::BTreeMap;

use serde_json::json;
use service::ProblemCode;
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::{AREA, LAN, Town};

/// The other person of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);

/// September is paid; then the standard rises from August on.
async fn with_arrears<'h>(house: &'h crate::harness::House) -> Town<'h> {
    let town = Town::open(house).await;
    let run = town.pay("2024-09").await;
    town.arrives(run).await;
    town.now("2024-09-20T02:00:00Z").await;
    let rise = [("standard.community", json!(600_000), "vnd_per_month")];
    town.publish("1/2024/NQ-TH", &rise, false).await;
    town
}

/// Nobody signs for nothing, and is told so in both languages; the run stays a draft, which can be cancelled.
async fn pays_nothing(town: &Town<'_>, run: Uuid) {
    let refused = town.submit(run).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::IllegalTransition);
    let told = refused.detail.unwrap();
    assert!(
        told.vi.contains("không có khoản nào") && told.en.contains("no lines"),
        "{told:?}"
    );
    assert_eq!(json!(town.run(run).await.status), "draft");
}

#[test]
fn arrears_are_paid_now_beside_an_open_regular_run_and_never_twice() {
    each_engine(async |house| {
        let town = with_arrears(house).await;
        let desk = Desk::of(&town).await;
        let regular = town.build("2024-10").await;
        assert_eq!(
            desk.lines(regular.id).await.len(),
            6,
            "two months of arrears and October, of two people"
        );
        let arrears = json!({"kind": "arrears_only", "cover_month": "2024-09", "pay_date": "2024-09-23"});
        let nothing = desk.opens(arrears.clone()).await;
        assert_eq!(nothing.line_count, 0, "the regular run has them");
        pays_nothing(&town, nothing.id).await;
        desk.takes(
            &desk.preparer,
            regular.id,
            "cancel",
            Some(json!({"reason": "Chi truy lĩnh trước"})),
        )
        .await;

        let now = desk.opens(arrears).await;
        assert_eq!((now.line_count, now.sequence), (4, 2));
        let kinds: Vec<String> = desk.lines(now.id).await.into_iter().map(|line| line.0).collect();
        assert!(kinds.iter().all(|kind| kind == "arrears"), "{kinds:?}");
        let regular = town.build("2024-10").await;
        assert_eq!(
            regular.line_count,
            2,
            "October alone: {:?}",
            desk.lines(regular.id).await
        );
        town.sign(now.id).await;
        assert_eq!(
            town.run(regular.id).await.build,
            regular.build,
            "a released run of arrears changes no other"
        );
        town.sign(regular.id).await;
        town.holds().await;
        let november = town.build("2024-11").await;
        assert_eq!(november.line_count, 2, "nothing waits any more");
        town.close().await;
    });
}

#[test]
fn runs_that_are_built_at_the_same_time_share_what_waits_without_taking_a_line_twice() {
    each_engine(async |house| {
        let town = with_arrears(house).await;
        let desk = Desk::of(&town).await;
        let mut runs = Vec::new();
        for kind in ["arrears_only", "regular", "arrears_only", "arrears_only"] {
            runs.push(desk.begins(kind, "2024-10").await);
        }
        town.idle().await;
        let mut taken: BTreeMap<(Uuid, i32), usize> = BTreeMap::new();
        for run in &runs {
            for (_, person, month, _) in desk.lines(*run).await {
                *taken.entry((person, month)).or_default() += 1;
            }
        }
        let expected = [LAN, SECOND]
            .into_iter()
            .flat_map(|person| [202_408, 202_409, 202_410].map(|month| ((person, month), 1)));
        assert_eq!(
            taken,
            expected.collect(),
            "each amount is in one run, and none is in none"
        );
        for run in runs {
            // Where another run has everything, there is nothing to sign.
            if town.run(run).await.line_count == 0 {
                pays_nothing(&town, run).await;
            } else {
                town.sign(run).await;
            }
        }
        town.close().await;
    });
}

#[test]
fn what_came_back_is_paid_again_by_a_run_of_its_own() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.answers(run, |_| Some("not_collected")).await;
        let desk = Desk::of(&town).await;
        let again = json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25"});
        let reissue = desk.opens(again.clone()).await;
        let lines = desk.lines(reissue.id).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines.iter().all(|line| line.0 == "reissue" && line.3 == 750_000),
            "{lines:?}"
        );
        let october = town.build("2024-10").await;
        assert_eq!(october.line_count, 2, "what came back is in the other run");
        let nothing = desk.opens(again).await;
        assert_eq!(nothing.line_count, 0, "nor is it in a second one");
        pays_nothing(&town, nothing.id).await;
        town.sign(reissue.id).await;
        town.sign(october.id).await;
        town.holds().await;
        town.arrives(reissue.id).await;
        town.close().await;
    });
}

#[test]
fn runs_of_areas_and_one_for_the_rest_pay_everybody_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        let desk = Desk::of(&town).await;
        let of = |areas: serde_json::Value| json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": areas});
        let one = desk.opens(of(json!(["06652"]))).await;
        assert!(one.areas.iter().any(|area| area == AREA), "{:?}", one.areas);
        let lines = desk.lines(one.id).await;
        assert_eq!(lines.iter().map(|line| line.1).collect::<Vec<_>>(), [LAN]);
        let held = desk.get(&format!("/v1/pay-runs/{}/held", one.id)).await;
        assert_eq!(held["items"], json!([]), "who lives elsewhere is not held");
        let clash = desk.tries_to_open(of(json!(["06652", "06658"]))).await;
        clash.problem("already-exists");
        let unknown = desk.tries_to_open(of(json!(["99999"]))).await;
        assert_eq!(
            unknown.problem("invalid"),
            [("/areas/0".to_owned(), "unknown_area".to_owned())]
        );

        town.sign(one.id).await;
        // The month is not taken as a whole: a change of law owes the first nothing twice, and the rest is still to come.
        town.holds().await;
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        town.holds().await;
        let rest = town.build("2024-09").await;
        let lines = desk.lines(rest.id).await;
        let paid: Vec<_> = lines
            .iter()
            .map(|(kind, person, month, _)| (kind.as_str(), *person, *month))
            .collect();
        assert_eq!(
            paid,
            [
                ("arrears", LAN, 202_408),
                ("arrears", SECOND, 202_408),
                ("regular", SECOND, 202_409)
            ]
        );
        town.sign(rest.id).await;
        town.holds().await;
        let late = desk.tries_to_open(of(json!(["06658"]))).await;
        late.problem("already-exists");
        // What the rise owes the first for September is paid in October, once.
        let october = town.build("2024-10").await;
        let own: Vec<_> = desk
            .lines(october.id)
            .await
            .into_iter()
            .filter(|line| line.1 == LAN)
            .collect();
        assert_eq!(own.len(), 2, "{own:?}");
        town.sign(october.id).await;
        town.close().await;
    });
}

#[test]
fn a_run_of_one_channel_leaves_the_other_out() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let of = |channel: &str| json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "channel": channel});
        let bank = desk.opens(of("bank_transfer")).await;
        let post = desk.opens(of("post_cash")).await;
        assert_eq!((bank.line_count, post.line_count), (0, 2));
        town.sign(post.id).await;
        let rest = town.build("2024-09").await;
        assert_eq!(rest.line_count, 0, "everybody is paid");
        town.sign(rest.id).await;
        let october = town.build("2024-10").await;
        assert_eq!(october.line_count, 2);
        town.close().await;
    });
}
