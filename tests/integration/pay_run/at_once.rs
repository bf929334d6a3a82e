//! A run that is opened while what it rests on changes: the law, or which fund pays a program. Whoever comes first, each
//! month is paid once, under one law and from one fund.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::json;
use service::month_close::{self, CloseMonth};
use service::pay_run::{self, CreatePayRun};
use service::program::{self, ListPrograms, ProgramView, SetProgramFund};
use service::{Actor, App, Code, Error, ProblemCode, Role, access, law, treasury_proposal};
use uuid::Uuid;

use super::run_funds::{BUDGET, CARER, DONATIONS, town};
use crate::harness::{House, each_engine, pays_from};
use crate::overpayment::town::Town;
use crate::reconciliation::bank::of;

/// How many of a kind, each a person.
const OF_A_KIND: usize = 22;

async fn people(house: &House, role: Role) -> Vec<Actor> {
    let mut people = Vec::new();
    for _ in 0..OF_A_KIND {
        let key = house.key(role, None).await;
        people.push(access::authenticate(&house.app, &key).await.unwrap());
    }
    people
}

/// What somebody tried, with the run it made.
type Tried<'a> = LocalBoxFuture<'a, (&'static str, Result<Option<Uuid>, Error>)>;

/// What had its effect. Who was too late or too early is told so, and by no failure.
async fn won(all: Vec<Tried<'_>>) -> Vec<(&'static str, Option<Uuid>)> {
    let mut won = Vec::new();
    for (step, done) in join_all(all).await {
        match done {
            Ok(run) => won.push((step, run)),
            Err(refused) => assert!(
                !matches!(refused.code, ProblemCode::Internal | ProblemCode::Unavailable),
                "{step}: {refused}"
            ),
        }
    }
    won
}

fn count(won: &[(&'static str, Option<Uuid>)], step: &str) -> usize {
    won.iter().filter(|own| own.0 == step).count()
}

/// The run that a step made.
fn made(won: &[(&'static str, Option<Uuid>)], step: &str) -> Option<Uuid> {
    won.iter().find(|own| own.0 == step)?.1
}

/// Opens the regular run of a month on a fund.
fn opens<'a>(app: &'a App, actor: &'a Actor, cover: &'static str, fund: &'static str) -> Tried<'a> {
    let opened = async move {
        let body = json!({"cover_month": cover, "pay_date": format!("{cover}-05"), "fund_code": fund});
        let command: CreatePayRun = of(body);
        (fund, pay_run::create(app, actor, command).await.map(|run| Some(run.id)))
    };
    opened.boxed_local()
}

/// Submits a run; one that the change has made old is built again first. Then it is approved and released.
async fn signs(town: &Town<'_>, run: Uuid) {
    if let Err(refused) = town.submit(run).await {
        assert_eq!(refused.code, ProblemCode::IllegalTransition, "{refused}");
        town.rebuild(run).await;
        town.submit(run).await.unwrap();
    }
    town.approve(run).await.unwrap();
    town.release(run).await.unwrap();
}

/// How often runs pay each month of the carer: by right, component and month.
async fn months(town: &Town<'_>, runs: &[Uuid]) -> BTreeMap<(Uuid, String, i32), usize> {
    let mut months = BTreeMap::new();
    for run in runs {
        let page = pay_run::lines(&town.house.app, &town.officers[0], *run, Some(200), None)
            .await
            .unwrap();
        for line in page.items.into_iter().filter(|line| line.person_id == CARER) {
            let key = (line.entitlement_id, line.component, line.cover_month.yyyymm());
            *months.entry(key).or_insert(0) += 1;
        }
    }
    months
}

/// The active program of care support.
async fn care(town: &Town<'_>) -> ProgramView {
    let all = program::list(&town.house.app, &town.officers[0], ListPrograms::default())
        .await
        .unwrap();
    all.items.into_iter().find(|own| own.code == "care_support").unwrap()
}

fn from(fund: &str) -> SetProgramFund {
    SetProgramFund {
        fund_code: fund.to_owned(),
        fund_line: None,
        reason: "QĐ 45/QĐ-UBND".to_owned(),
    }
}

#[test]
fn a_run_that_is_opened_while_a_law_is_published_is_paid_under_that_law() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let app = &house.app;
        let (preparers, releasers) = (people(house, Role::Preparer).await, people(house, Role::Releaser).await);
        // Once the publication is asked for first, once the run.
        let rounds = [
            ("1/2024/NQ-TH", 600_000, "2024-09", 202_409, false),
            ("2/2024/NQ-TH", 700_000, "2024-10", 202_410, true),
        ];
        for (number, standard, cover, month, run_first) in rounds {
            let parameters = [("standard.community", json!(standard), "vnd_per_month")];
            let body = town.resolution(number, "2024-08-01", &parameters, false);
            let draft = law::draft(app, &town.officers[0], body).await.unwrap().id;
            let (version, read) = town.approve_law(draft).await;
            let before = law::latest(app).await.unwrap();
            let mut all: Vec<Tried<'_>> = Vec::new();
            for (preparer, releaser) in preparers.iter().zip(&releasers) {
                let published = async move {
                    let done = law::publish(app, releaser, draft, version, read).await;
                    ("publish", done.map(|_| None))
                };
                let mut two = [published.boxed_local(), opens(app, preparer, cover, BUDGET)];
                if run_first {
                    two.reverse();
                }
                all.extend(two);
            }
            let won = won(all).await;
            assert_eq!(count(&won, "publish"), 1);
            assert!(count(&won, BUDGET) <= 1, "{won:?}");
            town.idle().await;
            town.holds().await;
            // Where everybody came while people were reassessed, it is opened now.
            let run = match made(&won, BUDGET) {
                Some(run) => run,
                None => town.build(cover).await.id,
            };
            signs(&town, run).await;
            assert_eq!(town.run(run).await.release, before + 1);
            let own = town.lines(run).await;
            let regular: Vec<(i32, i64)> = own
                .iter()
                .filter(|line| line.kind.code() == "regular")
                .map(|line| (line.cover_month.yyyymm(), line.amount))
                .collect();
            assert_eq!(regular, [(month, standard * 3 / 2)], "as the new law says");
            town.holds().await;
            town.arrives(run).await;
        }
        // Each rise was made up for once.
        let november = town.next_run("2024-11").await;
        assert_eq!(november, [("regular".to_owned(), 202_411, 1_050_000)]);
        town.close().await;
    });
}

#[test]
fn a_program_that_is_opened_while_runs_are_is_paid_from_one_fund() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let app = &house.app;
        let first = care(&town).await;
        program::close(app, &town.officers[0], first.id, first.version)
            .await
            .unwrap();
        let draft = json!({"code": "care_support_two", "name": {"vi": "Chăm sóc", "en": "Care"},
            "kind": "monthly_cash", "benefit": "care_support", "legal_basis": "NQ 08/2022",
            "responsible_unit": "Sở", "fund_code": DONATIONS, "from": "2024-01-01"});
        let draft = program::create(app, &town.officers[0], of(draft)).await.unwrap().id;
        pays_from(app, draft, from(DONATIONS)).await;
        let version = program::get(app, &town.officers[0], draft).await.unwrap().version;
        let preparers = people(house, Role::Preparer).await;
        let mut all: Vec<Tried<'_>> = Vec::new();
        for preparer in &preparers {
            let activated = async move {
                let done = program::activate(app, preparer, draft, version).await;
                ("activate", done.map(|_| None))
            };
            all.push(activated.boxed_local());
            all.push(opens(app, preparer, "2024-09", BUDGET));
            all.push(opens(app, preparer, "2024-09", DONATIONS));
        }
        let won = won(all).await;
        town.idle().await;
        town.holds().await;
        let activated = count(&won, "activate") == 1;
        assert_eq!(count(&won, BUDGET), 1);
        assert!(count(&won, "activate") <= 1 && count(&won, DONATIONS) <= usize::from(activated));
        let budget = made(&won, BUDGET).unwrap();
        let all = town.run(budget).await.benefits;
        let pays_care = all.is_empty() || all.contains(&"care_support".to_owned());
        assert_eq!(pays_care, !activated, "one of the two funds: {all:?}");
        let mut runs = vec![budget];
        if activated {
            let donated = match made(&won, DONATIONS) {
                Some(run) => run,
                None => opened(&town, "2024-09", DONATIONS).await,
            };
            runs.push(donated);
        }
        paid_once(&town, &runs).await;
        town.close().await;
    });
}

/// Opens a run that nobody opened in the race.
async fn opened(town: &Town<'_>, cover: &'static str, fund: &'static str) -> Uuid {
    let (_, run) = opens(&town.house.app, &town.officers[0], cover, fund).await;
    town.idle().await;
    run.unwrap().unwrap()
}

/// The runs are paid, and with them each part of the carer's month once: the allowance, and the care of two.
async fn paid_once(town: &Town<'_>, runs: &[Uuid]) {
    for run in runs {
        signs(town, *run).await;
        town.arrives(*run).await;
    }
    let months = months(town, runs).await;
    assert_eq!(months.len(), 3, "{months:?}");
    assert!(months.values().all(|often| *often == 1), "{months:?}");
    town.holds().await;
}

#[test]
fn a_program_goes_over_while_its_month_is_closed_and_the_next_is_opened() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let app = &house.app;
        let september = town.pay("2024-09").await;
        town.arrives(september).await;
        let note = || CloseMonth { note: String::new() };
        let prepared = month_close::close(app, &town.officers[0], "2024-09".parse().unwrap(), note())
            .await
            .unwrap();
        let care = care(&town).await;
        let proposed = program::propose_fund(app, &town.officers[0], care.id, care.version, from(DONATIONS))
            .await
            .unwrap();
        let (preparers, approvers) = (people(house, Role::Preparer).await, people(house, Role::Approver).await);
        let mut all: Vec<Tried<'_>> = Vec::new();
        for (preparer, approver) in preparers.iter().zip(&approvers) {
            let (id, version, read) = (proposed.id, proposed.version, prepared.version);
            let accepted = async move {
                let accept = of(json!({"proposal_id": id, "decision": "accept", "note": "Đã đối chiếu"}));
                let done = treasury_proposal::decide(app, approver, id, version, accept).await;
                ("go over", done.map(|_| None))
            };
            let closed = async move {
                let done = month_close::confirm(app, approver, "2024-09".parse().unwrap(), read).await;
                ("close", done.map(|_| None))
            };
            all.push(accepted.boxed_local());
            all.push(closed.boxed_local());
            all.push(opens(app, preparer, "2024-10", BUDGET));
        }
        let won = won(all).await;
        town.idle().await;
        town.holds().await;
        assert_eq!((count(&won, "close"), count(&won, BUDGET)), (1, 1), "{won:?}");
        let went_over = count(&won, "go over") == 1;
        assert!(count(&won, "go over") <= 1);
        let october = made(&won, BUDGET).unwrap();
        let all = town.run(october).await.benefits;
        let pays_care = all.is_empty() || all.contains(&"care_support".to_owned());
        assert_eq!(pays_care, !went_over, "between two months, or not at all: {all:?}");
        let mut runs = vec![october];
        if went_over {
            runs.push(opened(&town, "2024-10", DONATIONS).await);
        }
        paid_once(&town, &runs).await;
        // What was closed stands, and the next month ties from whichever funds it was paid.
        let closes = month_close::list(app, &town.officers[0]).await.unwrap();
        assert_eq!((closes.len(), closes[0].ties, closes[0].open.len()), (1, true, 0));
        let prepared = month_close::close(app, &town.officers[0], "2024-10".parse().unwrap(), note())
            .await
            .unwrap();
        let closed = month_close::confirm(app, &approvers[0], "2024-10".parse().unwrap(), prepared.version)
            .await
            .unwrap();
        assert!(closed.ties, "{closed:?}");
        town.close().await;
    });
}
