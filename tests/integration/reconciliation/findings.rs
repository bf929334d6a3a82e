//! A bank says that somebody has died.

use serde_json::json;
use service::registry_finding::{self, ListFindings, RegistryFindingView};
use service::{ProblemCode, pay_run, person as people, reconciliation};

use super::bank::{AMOUNT, BankTown, answer, of, pain002, person};
use crate::harness::each_engine;

async fn findings(town: &BankTown<'_>, status: &str) -> Vec<RegistryFindingView> {
    let filter: ListFindings = of(json!({"status": status}));
    let mut listed = registry_finding::list(town.app(), &town.caseworker, filter)
        .await
        .unwrap()
        .items;
    listed.sort_by_key(|own| own.person_id);
    listed
}

#[test]
fn a_reported_death_holds_payments_until_somebody_has_looked() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let (app, caseworker) = (town.app(), &town.caseworker);
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        // October is built before the bank says so.
        let october = town.build("2024-10").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "RJCT", Some("MD07")),
            answer(&orders[2], "ACCC", None),
        ];
        town.bring(pain002("A1", &told)).await;
        town.bring(pain002("A2", &told[..1])).await;
        let open = findings(&town, "open").await;
        let whose: Vec<_> = open.iter().map(|own| (own.person_id, json!(own.kind))).collect();
        let kind = json!("reported_deceased");
        assert_eq!(whose, [(person(0), kind.clone()), (person(1), kind)], "once for each");
        let voided = pay_run::get(app, &town.preparer, october).await.unwrap();
        assert_eq!(
            (json!(voided.status), json!(voided.build)),
            (json!("draft"), json!("pending"))
        );

        town.rebuild(october).await;
        let held: Vec<_> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(held, vec!["reported_deceased"; 4], "September and October of both");
        assert_eq!(town.lines(october, person(2)).await.len(), 1);

        // One has died, of the other the bank was wrong.
        let early = json!({"death_date": "1980-01-01", "note": "Giấy chứng tử"});
        let early = registry_finding::confirm(app, caseworker, open[0].id, open[0].version, of(early)).await;
        assert_eq!(early.unwrap_err().code, ProblemCode::Invalid);
        let death = json!({"death_date": "2024-08-28", "note": "Giấy chứng tử số 41/2024"});
        registry_finding::confirm(app, caseworker, open[0].id, open[0].version, of(death.clone()))
            .await
            .unwrap();
        let twice = registry_finding::confirm(app, caseworker, open[0].id, open[0].version + 1, of(death)).await;
        assert_eq!(twice.unwrap_err().code, ProblemCode::IllegalTransition);
        let alive = json!({"note": "Đã gặp trực tiếp"});
        registry_finding::dismiss(app, caseworker, open[1].id, open[1].version, of(alive))
            .await
            .unwrap();
        town.idle().await;
        let dead = people::get(app, caseworker, person(0)).await.unwrap();
        assert_eq!(json!(dead.death_date), "2024-08-28");
        assert_eq!(findings(&town, "open").await, []);
        // The lines that said so are closed with the findings; nobody else has to.
        let left = reconciliation::suspense(app, &town.treasury, None, None).await.unwrap();
        assert_eq!(left.items, []);
        // Said once more, of the one who has died and of the one who lives: it was looked into, and waits for nobody.
        let again = town.bring(pain002("A3", &told[..2])).await;
        assert_eq!((again.matched, again.suspense), (2, 0));
        assert_eq!(town.suspense().await, []);
        assert_eq!(findings(&town, "open").await, []);

        town.rebuild(october).await;
        let held: Vec<_> = town
            .held(october)
            .await
            .into_iter()
            .map(|own| (own.person_id, own.reason))
            .collect();
        assert!(held.iter().all(|(_, reason)| reason != "reported_deceased"), "{held:?}");
        let september: Vec<_> = held.iter().filter(|(own, _)| *own == person(1)).collect();
        assert_eq!(
            september,
            [&(person(1), "returned_md07".to_owned())],
            "on the same account"
        );
        let paid = town.lines(october, person(1)).await;
        assert_eq!((paid.len(), paid[0].amount), (1, AMOUNT), "October goes on");
        assert_eq!(town.lines(october, person(0)).await.len(), 0);
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_draft_that_holds_for_a_finding_is_built_again_once_it_was_looked_into() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, caseworker) = (town.app(), &town.caseworker);
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(pain002("A1", &told)).await;
        let october = town.build("2024-10").await;
        let preview = pay_run::preview(app, &town.preparer, october).await.unwrap();
        assert!(!preview.needs_build);
        assert_eq!(preview.held[0].reason, "reported_deceased");

        let open = findings(&town, "open").await;
        let alive = json!({"note": "Đã gặp trực tiếp"});
        registry_finding::dismiss(app, caseworker, open[0].id, open[0].version, of(alive))
            .await
            .unwrap();
        let draft = pay_run::get(app, &town.preparer, october).await.unwrap();
        assert_eq!(
            (json!(draft.status), json!(draft.build)),
            (json!("draft"), json!("pending"))
        );
        assert!(
            pay_run::preview(app, &town.preparer, october)
                .await
                .unwrap()
                .needs_build
        );
        let early = pay_run::submit(app, &town.preparer, october, draft.version).await;
        assert_eq!(early.unwrap_err().code, ProblemCode::IllegalTransition);

        town.rebuild(october).await;
        assert!(
            !pay_run::preview(app, &town.preparer, october)
                .await
                .unwrap()
                .needs_build
        );
        let paid = town.lines(october, person(0)).await;
        assert_eq!((paid.len(), paid[0].amount), (1, AMOUNT));
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_death_that_the_registry_knew_before_the_bank_waits_for_nobody() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, caseworker) = (town.app(), &town.caseworker);
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let orders = town.orders(run).await;
        let own = people::get(app, caseworker, person(0)).await.unwrap();
        let known = json!(own);
        let death = json!({"citizen_id": known["citizen_id"], "full_name": known["full_name"],
            "birth_date": known["birth_date"], "sex": known["sex"], "death_date": "2024-09-10"});
        people::update(app, caseworker, person(0), own.version, of(death))
            .await
            .unwrap();
        town.idle().await;
        let report = town
            .bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("MD07"))]))
            .await;
        assert_eq!((report.matched, report.suspense), (1, 0));
        assert_eq!(town.suspense().await, []);
        assert_eq!(findings(&town, "open").await, []);
        assert_eq!(
            town.statuses(run).await.iter().filter(|own| *own == "rejected").count(),
            1
        );
        town.holds().await;
    });
}
