//! The terms of the treasury, findings about people and what becomes of a parcel, decided by people who die at each await
//! of it and do it again.

use std::sync::Arc;

use domain::bank::BankProfiles;
use serde_json::{Value, json};
use service::bank_profile::{self, ProposeProfile};
use service::delivery::Transport;
use service::registry_finding::{self, ListFindings, RegistryFindingView};
use service::{Actor, App, Code, Role, approval_tier, delivery, fund, job, pay_calendar, pay_run, payment_file};
use service::{payment_order, person, treasury_proposal};
use uuid::Uuid;

use super::paperwork::Fog;
use super::repeated::{Desk, id, lived_twice, version};
use super::verbs::september;
use crate::reconciliation::bank::{accept, answer, of, pain002, person as somebody, refuse};

impl Desk<'_> {
    /// Another person decides a proposal about the treasury's terms; gives its state.
    async fn decides(&self, what: &str, proposed: &Value, accepted: bool) -> Value {
        let proposal = id(proposed);
        let decided = self.sends(what, &self.town.approver, async |app, actor| {
            let said = if accepted { accept(proposal) } else { refuse(proposal) };
            treasury_proposal::decide(app, actor, proposal, version(proposed), said).await
        });
        decided.await["status"].clone()
    }

    /// Who proposed it takes it back.
    async fn takes_back(&self, what: &str, proposed: &Value, author: &Actor) {
        let taken = self.sends(what, author, async |app, actor| {
            treasury_proposal::withdraw(app, actor, id(proposed), version(proposed)).await
        });
        assert_eq!(taken.await["status"], "withdrawn");
    }
}

/// What the donations of the year hold, đồng; none while there is no such fund.
async fn donations(desk: &Desk<'_>) -> Option<(Uuid, i64)> {
    let funds = fund::list(desk.app(), &desk.town.preparer).await.unwrap();
    let own = funds.into_iter().find(|fund| fund.code == "donations");
    own.map(|fund| (fund.id, fund.available))
}

#[test]
fn a_fund_and_its_lines_are_proposed_taken_back_refused_and_accepted_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let town = &desk.town;
        let opens = async || {
            let proposed = desk.sends("propose fund", &town.preparer, async |app, actor| {
                let fund = json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Ủng hộ",
                    "amount": 5_000_000});
                fund::propose_opening(app, actor, of(json!({"fund": fund, "note": "QĐ 45"}))).await
            });
            proposed.await
        };
        desk.takes_back("withdraw fund", &opens().await, &town.preparer).await;
        assert_eq!(desk.decides("refuse fund", &opens().await, false).await, "refused");
        assert_eq!(donations(desk).await, None, "nobody has accepted it");
        assert_eq!(desk.decides("accept fund", &opens().await, true).await, "accepted");
        let (own, available) = donations(desk).await.unwrap();
        assert_eq!(available, 5_000_000, "its estimate, once");

        let divides = async |amount: i64| {
            let read = fund::lines(desk.app(), &town.preparer, own).await.unwrap().version;
            let proposed = desk.sends("propose lines", &town.preparer, async |app, actor| {
                let line = json!({"code": "monthly", "chapter": "423", "name": "Hằng tháng", "amount": amount});
                fund::propose_lines(app, actor, own, read, of(json!({"lines": [line], "note": "QĐ 46"}))).await
            });
            proposed.await
        };
        desk.takes_back("withdraw lines", &divides(1_000_000).await, &town.preparer)
            .await;
        let lines = divides(2_000_000).await;
        assert_eq!(desk.decides("refuse lines", &lines, false).await, "refused");
        let lines = divides(3_000_000).await;
        assert_eq!(desk.decides("accept lines", &lines, true).await, "accepted");
        let lines = fund::lines(desk.app(), &town.preparer, own).await.unwrap().lines;
        let amounts: Vec<i64> = lines.iter().map(|line| line.amount.dong()).collect();
        assert_eq!(amounts, [3_000_000]);
    });
}

#[test]
fn tiers_and_days_are_proposed_taken_back_refused_and_accepted_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let (town, keeper) = (&desk.town, &desk.officer(Role::Administrator).await);
        let gates = async || {
            let proposed = desk.sends("propose tiers", keeper, async |app, actor| {
                let tiers = json!({"note": "QĐ 60", "tiers": [
                    {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
                    {"subject": "pay_run", "from_amount": 1_000_000, "approvals": 2, "role": "approver"},
                    {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
                ]});
                approval_tier::propose(app, actor, 0, of(tiers)).await
            });
            proposed.await
        };
        desk.takes_back("withdraw tiers", &gates().await, keeper).await;
        assert_eq!(desk.decides("refuse tiers", &gates().await, false).await, "refused");
        let held = approval_tier::get(desk.app(), keeper).await.unwrap();
        assert_eq!(held.version, 0, "nobody has accepted any");
        assert_eq!(desk.decides("accept tiers", &gates().await, true).await, "accepted");
        let held = approval_tier::get(desk.app(), keeper).await.unwrap();
        assert_eq!((held.version, held.tiers.len()), (1, 3));

        let rests = async || {
            let proposed = desk.sends("propose day", &town.preparer, async |app, actor| {
                let day = "2024-09-03".parse().unwrap();
                let said = json!({"kind": "holiday", "reason": "Nghỉ Quốc khánh ngày liền kề"});
                pay_calendar::propose(app, actor, day, of(said)).await
            });
            proposed.await
        };
        desk.takes_back("withdraw day", &rests().await, &town.preparer).await;
        assert_eq!(desk.decides("refuse day", &rests().await, false).await, "refused");
        assert_eq!(desk.decides("accept day", &rests().await, true).await, "accepted");
        let year = pay_calendar::year(desk.app(), &town.preparer, Some(2024))
            .await
            .unwrap();
        let day = year
            .days
            .iter()
            .find(|day| day.day.to_string() == "2024-09-03")
            .unwrap();
        assert_eq!(json!(day.standing), "closed");
    });
}

#[test]
fn a_profile_is_taken_back_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let keeper = &desk.officer(Role::Administrator).await;
        let layout = BankProfiles::embedded().unwrap().of("KLB").clone();
        let proposed = desk.sends("propose profile", keeper, async |app, actor| {
            let command = ProposeProfile {
                profile: serde_json::to_value(&layout).unwrap(),
                note: "theo công văn của ngân hàng".to_owned(),
            };
            bank_profile::propose(app, actor, "AGRIBANK", 0, command).await
        });
        let proposed = proposed.await;
        let taken = desk.sends("withdraw profile", keeper, async |app, actor| {
            bank_profile::withdraw(app, actor, id(&proposed), version(&proposed)).await
        });
        assert_eq!(taken.await["status"], "withdrawn");
        let held = bank_profile::get(desk.app(), keeper, "AGRIBANK").await.unwrap();
        assert_eq!(held.version, 0);
    });
}

#[test]
fn a_line_is_left_out_and_taken_in_and_the_run_built_again_once_whoever_dies() {
    lived_twice(4, async |desk| {
        let town = &desk.town;
        let run = desk.opens(&september()).await;
        let whole = town.lines(run, somebody(3)).await;
        let read = desk.version(run).await;
        let left_out = json!({"person_id": somebody(3), "reason": "Chờ xác minh"});
        desk.sends("exclude", &town.preparer, async |app, actor| {
            pay_run::exclude(app, actor, run, read, of(left_out.clone())).await
        })
        .await;
        assert_eq!(town.lines(run, somebody(3)).await.len(), 0);
        let held = town.held(run).await;
        let exclusion = held[0].exclusion.as_ref().unwrap().id;
        let read = desk.version(run).await;
        desk.sends("include", &town.preparer, async |app, actor| {
            pay_run::include(app, actor, run, read, exclusion).await
        })
        .await;
        assert_eq!(town.lines(run, somebody(3)).await.len(), whole.len());

        let read = desk.version(run).await;
        let rebuilt = desk.sends("build again", &town.preparer, async |app, actor| {
            pay_run::build(app, actor, run, read).await
        });
        assert_eq!(rebuilt.await["build"], "running");
        desk.works("built again").await;
        desk.submits(run).await;
        let again = town.lines(run, somebody(3)).await;
        let amount = |lines: &[pay_run::LineView]| -> i64 { lines.iter().map(|line| line.amount).sum() };
        assert_eq!(amount(&again), amount(&whole));
    });
}

/// What waits for somebody of the registry, by person.
async fn findings(desk: &Desk<'_>) -> Vec<RegistryFindingView> {
    let filter: ListFindings = of(json!({"status": "open"}));
    let listed = registry_finding::list(desk.app(), &desk.town.caseworker, filter).await;
    let mut open = listed.unwrap().items;
    open.sort_by_key(|own| own.person_id);
    open
}

#[test]
fn what_a_bank_says_of_people_is_looked_into_once_whoever_dies() {
    lived_twice(2, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-20T02:00:00Z").await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "RJCT", Some("MD07"))).collect();
        desk.hears("upload deaths", &pain002("A1", &told)).await;
        let open = findings(desk).await;
        assert_eq!(open.len(), 2);
        desk.sends("confirm death", &town.caseworker, async |app, actor| {
            let death = json!({"death_date": "2024-08-28", "note": "Giấy chứng tử số 41/2024"});
            registry_finding::confirm(app, actor, open[0].id, open[0].version, of(death)).await
        })
        .await;
        desk.works("after death").await;
        desk.sends("dismiss death", &town.caseworker, async |app, actor| {
            let alive = json!({"note": "Đã gặp trực tiếp"});
            registry_finding::dismiss(app, actor, open[1].id, open[1].version, of(alive)).await
        })
        .await;
        desk.works("after dismissal").await;
        assert_eq!(findings(desk).await, []);
        let dead = person::get(desk.app(), &town.caseworker, open[0].person_id)
            .await
            .unwrap();
        assert_eq!(json!(dead.death_date), "2024-08-28");
        let lives = person::get(desk.app(), &town.caseworker, open[1].person_id)
            .await
            .unwrap();
        assert_eq!(lives.death_date, None);
    });
}

/// The house as a process sees it whose files leave by this road.
fn by(app: &App, road: &Arc<Fog>) -> App {
    let road: Arc<dyn Transport> = Arc::<Fog>::clone(road);
    App {
        delivery: Some(road),
        ..app.clone()
    }
}

#[test]
fn a_parcel_that_was_lost_is_looked_for_and_sent_again_once_whoever_dies() {
    lived_twice(2, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let road = Arc::new(Fog::after(2));
        let files = payment_file::list(desk.app(), &town.treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap().id;
        let sends = async || {
            let sent = desk.sends("deliver", &town.treasury, async |app, actor| {
                delivery::deliver(&by(app, &road), actor, file).await
            });
            let sent = id(&sent.await);
            job::drain(&by(desk.app(), &road), job::KINDS).await.unwrap();
            sent
        };
        let status = async || {
            let attempts = delivery::of_file(desk.app(), &town.treasury, file).await.unwrap();
            let codes: Vec<_> = attempts.iter().map(|own| own.status.code()).collect();
            codes
        };
        let lost = sends().await;
        assert_eq!(status().await, ["unknown"]);
        let looked = desk.brings("check", &town.treasury, async |app, actor| {
            delivery::check(&by(app, &road), actor, lost).await
        });
        assert_eq!(looked.await["status"], "failed", "it is not there");
        sends().await;
        assert_eq!(status().await, ["failed", "sent"]);
    });
}

#[test]
fn a_request_to_recall_that_was_lost_is_looked_for_and_sent_again_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        let road = Arc::new(Fog::after(2));
        let proposed = desk.sends("propose recall", &town.treasury, async |app, actor| {
            let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
            payment_order::propose_recall(app, actor, order, of(why)).await
        });
        let recall = id(&proposed.await);
        desk.sends("decide recall", &town.approver, async |app, actor| {
            payment_order::decide_recall(&by(app, &road), actor, recall, accept(recall)).await
        })
        .await;
        job::drain(&by(desk.app(), &road), job::KINDS).await.unwrap();
        let looked = desk.brings("check recall", &town.treasury, async |app, actor| {
            delivery::check_recall(&by(app, &road), actor, recall).await
        });
        assert_eq!(looked.await["status"], "failed", "it is not there");
        desk.sends("deliver recall", &town.treasury, async |app, actor| {
            delivery::deliver_recall(&by(app, &road), actor, recall).await
        })
        .await;
        job::drain(&by(desk.app(), &road), job::KINDS).await.unwrap();
        let attempts = delivery::of_recall(desk.app(), &town.treasury, recall).await.unwrap();
        let codes: Vec<_> = attempts.iter().map(|own| own.status.code()).collect();
        assert_eq!(codes, ["failed", "sent"]);
    });
}
