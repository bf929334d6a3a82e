//! Reports that were read as another bank's: two people may set such a report aside, and its file is read anew.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::bank_report::{self, BankReportView, Reading};
use service::payment_order::OrderView;
use service::reconciliation::{SetAsideView, decide_set_aside, propose_set_aside, set_asides};
use service::{Actor, Error, ProblemCode, Role, access, verify};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, of, pain002, refuse};
use super::batch_debits::{batch, entry, names};
use super::group_statuses::{group, reason, said};
use crate::harness::each_engine;

pub(super) fn as_of(bank: &str) -> Reading {
    Reading {
        bank: Some(bank.to_owned()),
        mode: None,
    }
}

/// A file is brought in and reconciled, read as is said.
pub(super) async fn brought(town: &BankTown<'_>, bytes: &[u8], reading: Reading) -> Result<BankReportView, Error> {
    let (app, clerk) = (town.app(), &town.treasury);
    let report = bank_report::upload_as(app, clerk, "bao-co.xml", bytes.to_vec(), reading).await?;
    town.idle().await;
    bank_report::get(app, clerk, report.id).await
}

pub(super) async fn proposed_by(town: &BankTown<'_>, one: &Actor, report: Uuid) -> Result<SetAsideView, Error> {
    let why = of(json!({"note": "Chọn nhầm ngân hàng khi nạp tệp"}));
    propose_set_aside(town.app(), one, report, why).await
}

/// Two people set a report aside.
pub(super) async fn set_aside(town: &BankTown<'_>, report: Uuid) {
    let proposed = proposed_by(town, &town.treasury, report).await.unwrap();
    let decided = decide_set_aside(town.app(), &town.second, report, accept(proposed.id))
        .await
        .unwrap();
    assert_eq!(json!(decided.proposal.status), "accepted");
    assert_eq!(decided.proposal.decided_by, town.second.user_id);
}

/// The lines of a report: what they came to, why they wait, and whether they do.
async fn lines(town: &BankTown<'_>, report: Uuid) -> Vec<(Value, Option<String>, bool)> {
    let page = bank_report::lines(town.app(), &town.treasury, report, None, None, None).await;
    let lines = page.unwrap().items.into_iter();
    lines
        .map(|line| (json!(line.outcome), line.finding, line.resolved_at.is_none()))
        .collect()
}

pub(super) fn code<T: std::fmt::Debug>(done: Result<T, Error>) -> ProblemCode {
    done.unwrap_err().code
}

/// A town of two, with the run of September at the bank.
pub(super) async fn paid(town: &BankTown<'_>) -> (Uuid, Vec<OrderView>) {
    let run = town.pay("2024-09").await;
    (run, town.orders(run).await)
}

/// The bank debited one of two orders and refused the other, and its report was read as another bank's: the run, the file
/// and the report.
async fn misread(town: &BankTown<'_>) -> (Uuid, Vec<u8>, BankReportView) {
    let (run, orders) = paid(town).await;
    let told = [
        answer(&orders[0], "ACSC", None),
        answer(&orders[1], "RJCT", Some("AC04")),
    ];
    let bytes = pain002("A1", &told);
    let wrong = brought(town, &bytes, as_of("VCB")).await.unwrap();
    (run, bytes, wrong)
}

#[test]
fn one_person_sets_no_report_aside_and_after_a_refusal_two_may() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let (_, _, wrong) = misread(&town).await;
        let waits = (json!("pending"), Some("bank_differs".to_owned()), true);
        assert_eq!(lines(&town, wrong.id).await, [waits.clone(), waits]);

        // One person with two keys is one person, and the database refuses it too.
        let keys = house.keys(&[Role::Treasury, Role::Approver]).await;
        let one = access::authenticate(app, &keys[0]).await.unwrap();
        let same = access::authenticate(app, &keys[1]).await.unwrap();
        let own = proposed_by(&town, &one, wrong.id).await.unwrap();
        assert_eq!(
            code(decide_set_aside(app, &same, wrong.id, accept(own.id)).await),
            ProblemCode::SamePerson
        );
        assert_eq!(
            code(proposed_by(&town, &town.treasury, wrong.id).await),
            ProblemCode::AlreadyExists
        );
        for alone in [
            "UPDATE report_set_aside SET status = 'accepted', decided_by = proposed_by, \
             decided_at = CURRENT_TIMESTAMP, decision_note = 'một mình'",
            "UPDATE bank_report SET status = 'set_aside'",
        ] {
            assert!(app.db.owner().execute_unprepared(alone).await.is_err(), "{alone}");
        }
        assert_eq!(town.suspense().await.len(), 2, "what one person proposes ends nothing");
        let refused = decide_set_aside(app, &town.second, wrong.id, refuse(own.id))
            .await
            .unwrap();
        assert_eq!(json!(refused.proposal.status), "refused");
        assert_eq!(town.suspense().await.len(), 2);

        set_aside(&town, wrong.id).await;
        assert!(town.suspense().await.is_empty());
        assert_eq!(set_asides(app, &town.treasury, wrong.id).await.unwrap().len(), 2);
        town.holds().await;
    });
}

#[test]
fn what_two_people_set_aside_waits_no_more_for_good_and_its_file_is_read_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let (run, bytes, wrong) = misread(&town).await;
        set_aside(&town, wrong.id).await;
        assert!(town.suspense().await.is_empty());
        let ended = (json!("set_aside"), Some("bank_differs".to_owned()), false);
        assert_eq!(lines(&town, wrong.id).await, [ended.clone(), ended]);
        let aside = bank_report::get(app, &town.treasury, wrong.id).await.unwrap();
        assert_eq!(
            (json!(aside.status), aside.matched, aside.suspense),
            (json!("set_aside"), 0, 0)
        );
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        let back = "UPDATE bank_report SET status = 'reconciled' WHERE status = 'set_aside'";
        assert!(app.db.owner().execute_unprepared(back).await.is_err(), "for good");
        assert_eq!(
            code(proposed_by(&town, &town.treasury, wrong.id).await),
            ProblemCode::IllegalTransition
        );

        // Whoever errs again may set that aside too; then it is read as it should be.
        let again = brought(&town, &bytes, as_of("BID")).await.unwrap();
        assert!(again.id != wrong.id && again.suspense == 2, "{again:?}");
        set_aside(&town, again.id).await;
        let right = brought(&town, &bytes, as_of("AGRIBANK")).await.unwrap();
        assert_eq!((right.matched, right.suspense), (2, 0));
        assert_eq!(town.statuses(run).await, ["settled", "rejected"]);
        let fund = town.fund().await;
        assert_eq!([fund.in_transit, fund.paid, fund.to_reissue], [0, AMOUNT, AMOUNT]);
        assert_eq!(
            brought(&town, &bytes, Reading::default()).await.unwrap().id,
            right.id,
            "the same bytes are the report that counts"
        );
        town.holds().await;
    });
}

#[test]
fn what_it_said_of_a_whole_file_ends_with_it_and_holds_once_it_is_read_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let (run, _) = paid(&town).await;
        let (_, message) = names(&town, run).await;
        let bytes = said("G1", &(group(&message, "", "RJCT") + &reason("AM04")), "");
        let wrong = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        assert_eq!(
            (wrong.suspense, wrong.files[0].finding.as_deref()),
            (1, Some("file_unknown")),
            "that bank never had the file"
        );
        set_aside(&town, wrong.id).await;
        let aside = bank_report::get(app, &town.treasury, wrong.id).await.unwrap();
        assert_eq!(
            (json!(aside.files[0].outcome), aside.files[0].resolved_at.is_some()),
            (json!("set_aside"), true)
        );
        assert!(town.suspense().await.is_empty());
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        let right = brought(&town, &bytes, as_of("AGRIBANK")).await.unwrap();
        assert_eq!((right.suspense, right.files[0].moved), (0, 2));
        assert_eq!(town.statuses(run).await, ["rejected", "rejected"]);
        // No line of it agrees with an order, and it moved two all the same.
        assert_eq!(
            code(proposed_by(&town, &town.treasury, right.id).await),
            ProblemCode::IllegalTransition
        );
        town.holds().await;
    });
}

#[test]
fn a_debit_over_a_batch_read_as_another_banks_ties_once_it_is_read_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, _) = paid(&town).await;
        let (name, _) = names(&town, run).await;
        let bytes = entry("D1", "DBIT", 2 * AMOUNT, &batch(&name));
        let wrong = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        assert_eq!((wrong.matched, wrong.suspense), (0, 1));
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        set_aside(&town, wrong.id).await;
        let right = brought(&town, &bytes, as_of("AGRIBANK")).await.unwrap();
        assert_eq!((right.matched, right.suspense), (1, 0));
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(
            code(proposed_by(&town, &town.treasury, right.id).await),
            ProblemCode::IllegalTransition
        );
        town.holds().await;
    });
}

#[test]
fn a_report_from_which_anything_followed_is_not_set_aside() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let (run, orders) = paid(&town).await;
        // It moved an order.
        let right = town.bring(pain002("A1", &[answer(&orders[0], "ACSC", None)])).await;
        assert_eq!(
            code(proposed_by(&town, &town.treasury, right.id).await),
            ProblemCode::IllegalTransition
        );
        // People decide of a line of it.
        let bytes = camt054("D1", &[answer(&orders[1], "BOOK", None)]);
        let wrong = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        let line = town.waiting("bank_differs").await.line.id;
        let aside = proposed_by(&town, &town.treasury, wrong.id).await.unwrap();
        let paid = json!({"resolution": "accepted_as_paid", "note": "Đã xem sao kê"});
        let own = town.propose(line, paid).await.unwrap();
        let told = decide_set_aside(app, &town.second, wrong.id, accept(aside.id))
            .await
            .unwrap_err();
        assert_eq!(told.code, ProblemCode::IllegalTransition);
        assert!(told.detail.unwrap().vi.contains("đề nghị chờ quyết định"));
        service::reconciliation::decide(app, &town.second, line, accept(own.id))
            .await
            .unwrap();
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(
            code(decide_set_aside(app, &town.second, wrong.id, accept(aside.id)).await),
            ProblemCode::IllegalTransition
        );
        assert_eq!(
            json!(
                set_asides(app, &town.treasury, wrong.id).await.unwrap()[0]
                    .proposal
                    .status
            ),
            "proposed"
        );
        decide_set_aside(app, &town.second, wrong.id, refuse(aside.id))
            .await
            .unwrap();
        let fund = town.fund().await;
        assert_eq!([fund.in_transit, fund.paid], [0, 2 * AMOUNT]);
        // Not even reading it to its end has begun.
        let late = bank_report::upload(
            app,
            &town.treasury,
            "moi.xml",
            pain002("A3", &[answer(&orders[0], "ACCC", None)]),
        )
        .await
        .unwrap();
        assert_eq!(
            code(proposed_by(&town, &town.treasury, late.id).await),
            ProblemCode::IllegalTransition
        );
        assert_eq!(
            code(proposed_by(&town, &town.treasury, Uuid::from_u128(7)).await),
            ProblemCode::NotFound
        );
        town.idle().await;
        town.holds().await;
    });
}

#[test]
fn what_was_set_aside_holds_back_no_payment_and_is_found_where_it_counts_all_the_same() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let (_, orders) = paid(&town).await;
        town.bring(pain002("A1", &[answer(&orders[0], "RJCT", Some("AM04"))]))
            .await;
        // Another bank's report says that the order is debited: as long as it waits, nothing is paid again.
        let bytes = camt054("D1", &[answer(&orders[0], "BOOK", None)]);
        let wrong = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let held: Vec<String> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(held, ["line_open"]);
        set_aside(&town, wrong.id).await;
        town.rebuild(october).await;
        assert!(town.held(october).await.is_empty());
        town.holds().await;

        let counts = "UPDATE bank_report_line SET outcome = 'matched' WHERE outcome = 'set_aside'";
        app.db.owner().execute_unprepared(counts).await.unwrap();
        let faults: Vec<String> = verify::all(app)
            .await
            .unwrap()
            .into_iter()
            .flat_map(|own| own.faults)
            .collect();
        let expected = format!("report {} is set aside, and a line of it counts", wrong.id);
        assert!(faults.contains(&expected), "{faults:?}");
    });
}

#[test]
fn who_gave_the_other_the_key_does_not_set_a_report_aside_with_them() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let (_, orders) = paid(&town).await;
        let bytes = camt054("D1", &[answer(&orders[0], "BOOK", None)]);
        let wrong = brought(&town, &bytes, as_of("VCB")).await.unwrap();
        let mut giver = Vec::new();
        for key in house.keys(&[Role::Administrator, Role::Treasury]).await {
            giver.push(access::authenticate(app, &key).await.unwrap());
        }
        let hired = of(json!({"name": "Cán bộ mới", "staff_number": "QN-1"}));
        let hired = access::create_user(app, &giver[0], hired).await.unwrap().id;
        let key = of(json!({"name": "khóa", "user_id": hired, "grants": [{"role": Role::Treasury}]}));
        let key = access::create_client(app, &giver[0], key).await.unwrap().key;
        let holder = access::authenticate(app, &key).await.unwrap();
        let own = proposed_by(&town, &giver[1], wrong.id).await.unwrap();
        for decision in [accept, refuse] {
            let told = decide_set_aside(app, &holder, wrong.id, decision(own.id)).await;
            assert_eq!(code(told), ProblemCode::SamePerson);
        }
        decide_set_aside(app, &town.second, wrong.id, accept(own.id))
            .await
            .unwrap();
        assert!(town.suspense().await.is_empty());
        town.holds().await;
    });
}
