//! Every verb that moves money or decides about it, sent by people who die at each await of it and send it again: the
//! books are those of a house in which nobody dies.

use domain::bank::BankProfiles;
use serde_json::{Value, json};
use service::bank_profile::{self, ProposeProfile};
use service::fund::{self, ProposeTransfer};
use service::month_close::{self, CloseMonth};
use service::pay_run::{self, CreatePayRun};
use service::payment_order::{self, OrderView};
use service::{
    Actor, App, Role, access, bank_report, payment_file, person, reconciliation, relief_event, relief_request,
};
use uuid::Uuid;

use super::repeated::{Desk, id, lived_twice, version};
use crate::harness::{opens_fund, sets_tiers};
use crate::reconciliation::bank::{accept, answer, camt054, month, of, pain002, person as somebody};

/// From now on two people approve every run.
pub(super) async fn two_approve(app: &App) {
    let tiers = json!({"note": "kiểm thử", "tiers": [
        {"subject": "pay_run", "from_amount": 0, "approvals": 2, "role": "approver"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
    ]});
    sets_tiers(app, of(tiers)).await;
}

impl Desk<'_> {
    pub(super) async fn officer(&self, role: Role) -> Actor {
        let key = self.town.house.key(role, None).await;
        access::authenticate(self.app(), &key).await.unwrap()
    }

    /// Opens a run and builds it.
    pub(super) async fn opens(&self, body: &Value) -> Uuid {
        let opened = self.sends("create", &self.town.preparer, async |app, actor| {
            let command: CreatePayRun = of(body.clone());
            pay_run::create(app, actor, command).await
        });
        let run = id(&opened.await);
        self.works("build").await;
        run
    }

    pub(super) async fn submits(&self, run: Uuid) -> Value {
        let version = self.version(run).await;
        self.sends("submit", &self.town.preparer, async |app, actor| {
            pay_run::submit(app, actor, run, version).await
        })
        .await
    }

    async fn approves(&self, run: Uuid, approver: &Actor) -> Value {
        let version = self.version(run).await;
        self.sends("approve", approver, async |app, actor| {
            pay_run::approve(app, actor, run, version).await
        })
        .await
    }

    async fn sends_back(&self, run: Uuid, who: &Actor) -> Value {
        let version = self.version(run).await;
        self.sends("reject", who, async |app, actor| {
            pay_run::reject(app, actor, run, version, "Sai số tài khoản").await
        })
        .await
    }

    async fn releases(&self, run: Uuid) -> Value {
        let version = self.version(run).await;
        let released = self.sends("release", &self.town.releaser, async |app, actor| {
            pay_run::release(app, actor, run, version).await
        });
        let released = released.await;
        self.works("files").await;
        released
    }

    /// The bank's answer arrives and is reconciled.
    pub(super) async fn hears(&self, what: &str, bytes: &[u8]) -> Uuid {
        let report = self.brings(what, &self.town.treasury, async |app, actor| {
            bank_report::upload(app, actor, "answer.xml", bytes.to_vec()).await
        });
        let report = id(&report.await);
        self.works("reconcile").await;
        report
    }

    /// Two people close a month.
    async fn closes(&self, cover: &str) -> Value {
        let prepared = self.sends("close", &self.town.preparer, async |app, actor| {
            let command = CloseMonth {
                note: "Đã đối chiếu".to_owned(),
            };
            month_close::close(app, actor, month(cover), command).await
        });
        let version = version(&prepared.await);
        self.sends("confirm", &self.town.approver, async |app, actor| {
            month_close::confirm(app, actor, month(cover), version).await
        })
        .await
    }
}

pub(super) fn september() -> Value {
    json!({"cover_month": "2024-09", "pay_date": "2024-09-05"})
}

#[test]
fn a_run_is_signed_sent_back_cancelled_and_released_by_people_who_die_at_every_await() {
    lived_twice(4, async |desk| {
        let town = &desk.town;
        two_approve(desk.app()).await;
        let (first, second) = (&town.approver, &desk.officer(Role::Approver).await);
        let run = desk.opens(&september()).await;
        let own = town.lines(run, somebody(3)).await[0].id;
        let version = desk.version(run).await;
        let left_out = json!({"line_id": own, "reason": "Chờ xác minh"});
        desk.sends("exclude", &town.preparer, async |app, actor| {
            pay_run::exclude(app, actor, run, version, of(left_out.clone())).await
        })
        .await;
        desk.submits(run).await;
        assert_eq!(desk.approves(run, first).await["status"], "submitted");
        assert_eq!(desk.sends_back(run, first).await["status"], "draft");

        desk.submits(run).await;
        desk.approves(run, first).await;
        assert_eq!(desk.approves(run, second).await["status"], "approved");
        assert_eq!(desk.sends_back(run, &town.releaser).await["status"], "draft");

        desk.submits(run).await;
        desk.approves(run, first).await;
        desk.approves(run, second).await;
        let version = desk.version(run).await;
        let cancelled = desk.sends("cancel", first, async |app, actor| {
            pay_run::cancel(app, actor, run, version, "Lập nhầm tháng").await
        });
        assert_eq!(cancelled.await["status"], "cancelled");
        assert_eq!(town.fund().await.available, 1_000_000_000);

        let run = desk.opens(&september()).await;
        desk.submits(run).await;
        desk.approves(run, first).await;
        desk.approves(run, second).await;
        assert_eq!(desk.releases(run).await["status"], "released");
        assert_eq!(town.orders(run).await.len(), 4);
        let files = payment_file::list(desk.app(), &town.treasury, run).await.unwrap();
        for file in files.iter().filter(|file| file.message_id.is_some()) {
            let sha256 = file.sha256.clone().unwrap();
            payment_file::content(desk.app(), &town.treasury, file.id)
                .await
                .unwrap();
            desk.sends("acknowledge", &town.treasury, async |app, actor| {
                payment_file::acknowledge(app, actor, file.id, file.version, &sha256).await
            })
            .await;
        }
    });
}

#[test]
fn what_two_people_decide_about_money_is_decided_once_whoever_dies() {
    lived_twice(4, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-20T02:00:00Z").await;

        // The bank is asked to send one back.
        let recalled = orders[0].id;
        let recall = desk.sends("propose recall", &town.treasury, async |app, actor| {
            let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
            payment_order::propose_recall(app, actor, recalled, of(why)).await
        });
        let recall = id(&recall.await);
        desk.sends("decide recall", &town.approver, async |app, actor| {
            payment_order::decide_recall(app, actor, recall, accept(recall)).await
        })
        .await;

        // One arrives, one is refused, one comes back, and of one the bank lost the name.
        let mut nameless = answer(&orders[3], "ACSC", None);
        nameless.reference = "AS-00000000000000000000000000".to_owned();
        nameless.uetr = None;
        let told = [
            answer(&orders[0], "ACSC", None),
            answer(&orders[1], "RJCT", Some("AC04")),
            answer(&orders[2], "ACSC", None),
            nameless,
        ];
        desk.hears("upload status", &pain002("A1", &told)).await;
        desk.hears(
            "upload return",
            &camt054("A2", &[answer(&orders[2], "BOOK", Some("AM04"))]),
        )
        .await;
        let line = town.waiting("unknown_reference").await.line.id;
        let proposed = desk.sends("propose resolution", &town.treasury, async |app, actor| {
            let what = json!({"resolution": "matched_to_order", "order_id": orders[3].id, "note": "Khớp tên"});
            reconciliation::propose(app, actor, line, of(what)).await
        });
        let proposed = id(&proposed.await);
        desk.sends("decide resolution", &town.second, async |app, actor| {
            reconciliation::decide(app, actor, line, accept(proposed)).await
        })
        .await;
        desk.works("after resolution").await;
        assert_eq!(town.statuses(run).await, ["settled", "rejected", "returned", "settled"]);

        reissued(desk, &orders[2]).await;
    });
}

/// What came back is not paid again; what was refused is, to another account.
async fn reissued(desk: &Desk<'_>, returned: &OrderView) {
    let town = &desk.town;
    let proposed = desk.sends("propose cancellation", &town.preparer, async |app, actor| {
        payment_order::propose_cancellation(app, actor, returned.id, of(json!({"note": "Không chi lại"}))).await
    });
    let proposed = id(&proposed.await);
    desk.sends("decide cancellation", &town.approver, async |app, actor| {
        payment_order::decide_cancellation(app, actor, returned.id, accept(proposed)).await
    })
    .await;
    desk.works("after cancellation").await;
    new_account(desk).await;
    let again = json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-20"});
    let again = desk.opens(&again).await;
    desk.submits(again).await;
    desk.approves(again, &town.approver).await;
    desk.releases(again).await;
    let orders = town.orders(again).await;
    assert_eq!(orders.len(), 1);
    let arrived = pain002("B1", &[answer(&orders[0], "ACCC", None)]);
    desk.hears("upload reissue", &arrived).await;
    let left = town.fund().await;
    assert_eq!((left.in_transit, left.to_reissue), (0, 0));
    assert_eq!(left.paid, 3 * returned.amount, "each once");
}

/// The person whose account refused the money brings another.
async fn new_account(desk: &Desk<'_>) {
    let (town, who) = (&desk.town, somebody(1));
    let own = person::get(desk.app(), &town.caseworker, who).await.unwrap();
    let account = json!({"relation": "oneself", "from": "2024-09-20", "account": {"channel": "bank_transfer",
        "bank_code": "AGRIBANK", "account_number": "8011205199999", "holder_name": "Phạm Thị Lan"}});
    let proposed = desk.sends("propose payee", &town.caseworker, async |app, actor| {
        person::propose_payee(app, actor, who, own.version, of(account.clone())).await
    });
    let version = version(&proposed.await);
    let payees = person::list_payees(desk.app(), &town.caseworker, who).await.unwrap();
    let payee = payees
        .iter()
        .find(|payee| json!(payee.status) == "proposed")
        .unwrap()
        .id;
    desk.sends("confirm payee", &town.decider, async |app, actor| {
        person::confirm_payee(app, actor, who, payee, version).await
    })
    .await;
    desk.works("after payee").await;
}

#[test]
fn funds_and_profiles_are_changed_once_whoever_dies() {
    lived_twice(1, async |desk| {
        let town = &desk.town;
        let (one, other) = (
            &desk.officer(Role::Administrator).await,
            &desk.officer(Role::Administrator).await,
        );
        let before = town.fund().await;
        let proposed = desk.sends("propose transfer", &town.preparer, async |app, actor| {
            let more = json!({"to_fund_id": before.id, "amount": 7_000_000, "reason": "QĐ bổ sung dự toán"});
            let command: ProposeTransfer = of(more);
            fund::propose(app, actor, command).await
        });
        let proposed = proposed.await;
        desk.sends("approve transfer", &town.approver, async |app, actor| {
            fund::approve_transfer(app, actor, id(&proposed), version(&proposed)).await
        })
        .await;
        assert_eq!(town.fund().await.available, before.available + 7_000_000);

        let layout = BankProfiles::embedded().unwrap().of("KLB").clone();
        let proposed = desk.sends("propose profile", one, async |app, actor| {
            let command = ProposeProfile {
                profile: serde_json::to_value(&layout).unwrap(),
                note: "theo công văn của ngân hàng".to_owned(),
            };
            bank_profile::propose(app, actor, "AGRIBANK", 0, command).await
        });
        let proposed = proposed.await;
        desk.sends("decide profile", other, async |app, actor| {
            let proposal = id(&proposed);
            bank_profile::decide(app, actor, proposal, version(&proposed), accept(proposal)).await
        })
        .await;
    });
}

#[test]
fn a_month_is_closed_and_corrected_once_whoever_dies() {
    lived_twice(3, async |desk| {
        let town = &desk.town;
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let arrived: Vec<_> = orders[..2].iter().map(|order| answer(order, "ACSC", None)).collect();
        desk.hears("upload status", &pain002("A1", &arrived)).await;
        town.now("2024-09-20T02:00:00Z").await;
        assert_eq!(desk.closes("2024-09").await["status"], "closed");

        // One comes back after the close and one is answered late: the next close says so, once.
        desk.hears(
            "upload return",
            &camt054("A2", &[answer(&orders[0], "BOOK", Some("AM04"))]),
        )
        .await;
        desk.hears("upload late", &pain002("A3", &[answer(&orders[2], "ACSC", None)]))
            .await;
        town.now("2024-10-05T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        let again = town.orders(october).await;
        let arrived: Vec<_> = again.iter().map(|order| answer(order, "ACCC", None)).collect();
        desk.hears("upload october", &pain002("B1", &arrived)).await;
        town.now("2024-10-20T02:00:00Z").await;
        let closed = desk.closes("2024-10").await;
        assert_eq!(closed["corrections"].as_array().unwrap().len(), 4, "{closed}");
    });
}

/// By law for a house that was lost, đồng.
const HOUSE: i64 = 40_000_000;

/// A request for relief is filed, verified and approved; its run, paid.
async fn relieved(desk: &Desk<'_>, verifier: &Actor, request: &Value) -> Uuid {
    let filed = desk.sends("file", &desk.town.caseworker, async |app, actor| {
        relief_request::submit(app, actor, of(request.clone())).await
    });
    let filed = filed.await;
    let verified = desk.sends("verify", verifier, async |app, actor| {
        relief_request::verify(app, actor, id(&filed), version(&filed)).await
    });
    let verified = verified.await;
    let approved = desk.sends("approve relief", &desk.town.approver, async |app, actor| {
        relief_request::approve(app, actor, id(&verified), version(&verified)).await
    });
    let approved = approved.await;
    desk.works("relief files").await;
    approved["pay_run_id"].as_str().unwrap().parse().unwrap()
}

#[test]
fn relief_is_asked_for_and_paid_once_and_paid_again_once_whoever_dies() {
    lived_twice(2, async |desk| {
        let (town, verifier) = (&desk.town, &desk.officer(Role::ReliefVerifier).await);
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 3 * HOUSE});
        opens_fund(desk.app(), of(money)).await;
        let storm = desk.sends("declare", verifier, async |app, actor| {
            let storm = json!({"code": "bao-so-2", "name": "Bão số 2", "kind": "storm", "happened_on": "2024-08-15"});
            relief_event::declare(app, actor, of(storm)).await
        });
        let storm = id(&storm.await);
        let request = |reference: &str, people: &[u128]| {
            let claims = people.iter().map(|number| {
                json!({"person_id": somebody(*number), "loss": "house_lost", "circumstances": {"in_need": true}})
            });
            json!({"relief_event_id": storm, "area_id": "06652@1900-01", "reference": reference,
                "claims": claims.collect::<Vec<_>>()})
        };
        let run = relieved(desk, verifier, &request("1/TTr", &[0, 1])).await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "ACSC", None),
            answer(&orders[1], "RJCT", Some("AM04")),
        ];
        desk.hears("upload status", &pain002("R1", &told)).await;
        let again = relieved(desk, verifier, &request("2/TTr", &[1])).await;
        let orders = town.orders(again).await;
        desk.hears("upload again", &pain002("R2", &[answer(&orders[0], "ACCC", None)]))
            .await;
        let funds = fund::list(desk.app(), &town.preparer).await.unwrap();
        let own = funds.iter().find(|fund| fund.code == "emergency_relief").unwrap();
        assert_eq!((own.paid, own.available), (2 * HOUSE, HOUSE));
        assert_eq!((own.reserved, own.in_transit, own.to_reissue), (0, 0, 0));
    });
}
