//! A file that was debited, given back in one sum and debited again: two people take the second debit for the payment of the
//! whole file, and nobody is paid twice.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::ProblemCode;
use service::pay_run;
use service::reconciliation::{self, AmountDifferenceView, decide_settlement, differences, propose_settlement};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, of, person};
use super::batch_debits::{batch, entry, names, statement};
use super::refused_debited::{months, reasons, stands};
use super::second_debits::because;
use crate::harness::each_engine;

/// September, its file and its people.
pub(super) struct File {
    pub(super) run: Uuid,
    pub(super) name: String,
    people: i64,
}

impl File {
    pub(super) async fn of(town: &BankTown<'_>, people: i64) -> Self {
        let run = town.pay("2024-09").await;
        let (name, _) = names(town, run).await;
        Self { run, name, people }
    }

    pub(super) fn whole(&self) -> i64 {
        self.people * AMOUNT
    }

    /// The whole file is debited.
    pub(super) fn debit(&self, id: &str) -> Vec<u8> {
        entry(id, "DBIT", self.whole(), &batch(&self.name))
    }

    /// So much of it comes back, through no fault of an account.
    pub(super) fn credit(&self, id: &str, sum: i64) -> Vec<u8> {
        because(entry(id, "CRDT", sum, &batch(&self.name)), "TM01")
    }

    /// All of it was debited, and came back.
    pub(super) async fn came_back(&self, town: &BankTown<'_>) {
        town.bring(self.debit("D1")).await;
        town.bring(self.credit("C1", self.whole())).await;
        assert_eq!(town.statuses(self.run).await, self.each("returned"));
    }

    /// Everybody's order is paid, once, and nothing waits.
    pub(super) async fn is_paid(&self, town: &BankTown<'_>, told: &str) {
        assert_eq!(town.statuses(self.run).await, self.each("settled"), "{told}");
        assert_eq!(stands(town).await, [0, self.whole(), 0, 0, 0], "{told}");
        assert_eq!(town.suspense().await, [], "{told}");
        town.ties().await;
        town.holds().await;
    }

    /// A status of all its orders.
    fn each(&self, status: &'static str) -> Vec<&'static str> {
        vec![status; usize::try_from(self.people).unwrap()]
    }

    /// The status of each line, by the number of its person.
    async fn lines(&self, town: &BankTown<'_>) -> Vec<Value> {
        let mut lines = Vec::new();
        for number in 0..self.people {
            let own = town.lines(self.run, person(u128::try_from(number).unwrap())).await;
            lines.extend(own.iter().map(|line| json!(line.status)));
        }
        lines
    }
}

pub(super) fn paid() -> Value {
    json!({"resolution": "accepted_as_paid", "note": "Đã đối chiếu sao kê tài khoản"})
}

pub(super) fn returned() -> Value {
    json!({"resolution": "accepted_as_returned", "note": "Đã đối chiếu sao kê tài khoản"})
}

/// Two people find that what came back over the file is no return of before.
pub(super) async fn take_back(town: &BankTown<'_>) {
    let line = town.waiting("file_returned_again").await.line.id;
    town.resolve(line, returned()).await;
}

/// Two people find that the bank made a difference good.
pub(super) async fn made_good(town: &BankTown<'_>, difference: Uuid) {
    let good = json!({"settlement": "made_good", "note": "Ngân hàng đã hoàn lại"});
    let proposed = propose_settlement(town.app(), &town.treasury, difference, of(good))
        .await
        .unwrap();
    decide_settlement(town.app(), &town.second, difference, accept(proposed.id))
        .await
        .unwrap();
}

/// Two people take the second debit for the payment of the file.
pub(super) async fn take(town: &BankTown<'_>) {
    let line = town.waiting("duplicate_line").await.line.id;
    town.resolve(line, paid()).await;
}

/// The differences that are open.
pub(super) async fn open(town: &BankTown<'_>) -> Vec<AmountDifferenceView> {
    let mut all = differences(town.app(), &town.treasury).await.unwrap();
    all.retain(|own| json!(own.status) == "open");
    all
}

/// October is paid to the first people alone, with what came back of September: the others wait.
pub(super) async fn pay_again(town: &BankTown<'_>, (first, people): (u128, u128)) {
    town.now("2024-09-25T02:00:00Z").await;
    let october = town.build("2024-10").await;
    for number in first..people {
        let version = pay_run::get(town.app(), &town.preparer, october).await.unwrap().version;
        let without = json!({"person_id": person(number), "reason": "Chờ xác minh nơi cư trú"});
        pay_run::exclude(town.app(), &town.preparer, october, version, of(without))
            .await
            .unwrap();
    }
    assert_eq!(months(town, october).await, [202_409, 202_410]);
    town.sign(october).await;
}

#[test]
fn two_people_take_a_second_debit_for_the_payment_of_the_whole_file() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let file = File::of(&town, 4).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(reasons(&town, october).await, ["batch_debit_open"; 4]);

        let line = town.waiting("duplicate_line").await.line.id;
        let proposed = town.propose(line, paid()).await.unwrap();
        assert_eq!(proposed.order_id, None);
        let conn = town.app().db.owner();
        for forged in [
            "UPDATE payment_line SET status = 'live' WHERE status = 'returned'",
            "INSERT INTO suspense_resolution_order (resolution_id, order_id, paid) \
             SELECT own.id, part.id, TRUE FROM suspense_resolution AS own CROSS JOIN payment_order AS part",
        ] {
            assert!(conn.execute_unprepared(forged).await.is_err(), "{forged}");
        }
        let alone = reconciliation::decide(town.app(), &town.treasury, line, accept(proposed.id));
        assert_eq!(alone.await.unwrap_err().code, ProblemCode::SamePerson);
        assert_eq!(town.statuses(file.run).await, ["returned"; 4]);
        reconciliation::decide(town.app(), &town.second, line, accept(proposed.id))
            .await
            .unwrap();

        let is_paid = async |told: &str| {
            file.is_paid(&town, told).await;
            assert_eq!(file.lines(&town).await, ["live"; 4], "{told}");
            assert!(open(&town).await.is_empty(), "{told}");
        };
        is_paid("accepted").await;
        // The same reports again, and the statements that tell the same.
        for bytes in [file.debit("D1"), file.credit("C1", file.whole()), file.debit("D2")] {
            town.bring(bytes).await;
        }
        is_paid("all of them again").await;
        for bytes in [file.debit("S1"), file.credit("S2", file.whole()), file.debit("S3")] {
            let told = town.bring(statement(bytes)).await;
            assert_eq!((told.matched, told.suspense), (1, 0));
        }
        is_paid("stated").await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn what_was_paid_again_before_the_second_debit_is_owed_by_the_bank() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let file = File::of(&town, 4).await;
        file.came_back(&town).await;
        pay_again(&town, (1, 4)).await;
        assert_eq!(stands(&town).await, [2 * AMOUNT, 0, 3 * AMOUNT, 0, 0]);

        town.bring(file.debit("D2")).await;
        take(&town).await;
        assert_eq!(
            town.statuses(file.run).await,
            ["returned", "settled", "settled", "settled"]
        );
        assert_eq!(file.lines(&town).await, ["reissued", "live", "live", "live"]);
        assert_eq!(stands(&town).await, [2 * AMOUNT, 3 * AMOUNT, 0, 0, AMOUNT]);
        let owed = open(&town).await;
        let first = town.orders(file.run).await.remove(0);
        assert_eq!(owed.len(), 1, "{owed:#?}");
        assert_eq!((owed[0].order_id, owed[0].amount), (first.id, AMOUNT));
        assert_eq!(town.suspense().await, []);
        town.ties().await;
        town.holds().await;
        // The same report again changes nothing; nor does the statement of it.
        town.bring(file.debit("D2")).await;
        for bytes in [file.debit("S1"), file.credit("S2", file.whole()), file.debit("S3")] {
            town.bring(statement(bytes)).await;
        }
        assert_eq!(stands(&town).await, [2 * AMOUNT, 3 * AMOUNT, 0, 0, AMOUNT]);
        assert_eq!(town.suspense().await, []);
        town.ties().await;
        town.holds().await;

        // The bank gives it back, and two people see it.
        town.bring(file.credit("C2", AMOUNT)).await;
        assert_eq!(town.suspense().await, []);
        made_good(&town, owed[0].id).await;
        assert_eq!(stands(&town).await, [2 * AMOUNT, 3 * AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn what_was_found_paid_by_a_debit_of_its_own_is_not_paid_by_the_file_once_more() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        let order = town.orders(file.run).await.remove(0);
        town.bring(camt054("X", &[answer(&order, "BOOK", None)])).await;
        let line = town.waiting("debited_again").await.line.id;
        town.resolve(line, paid()).await;
        assert_eq!(town.statuses(file.run).await, ["settled", "returned"]);

        town.bring(file.debit("D2")).await;
        take(&town).await;
        assert_eq!(town.statuses(file.run).await, ["settled", "settled"]);
        assert_eq!(file.lines(&town).await, ["live"; 2]);
        assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, AMOUNT]);
        let owed = open(&town).await;
        assert_eq!(owed.len(), 1, "{owed:#?}");
        assert_eq!((owed[0].order_id, owed[0].amount), (order.id, AMOUNT));
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_file_that_comes_back_after_it_was_found_paid_is_paid_once_more() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        take(&town).await;
        assert_eq!(town.statuses(file.run).await, ["settled"; 2]);
        // It may be the first return, told again: people say that it is not.
        town.bring(file.credit("C2", file.whole())).await;
        assert_eq!(town.statuses(file.run).await, ["settled"; 2]);
        take_back(&town).await;
        assert_eq!(town.statuses(file.run).await, ["returned"; 2]);
        assert_eq!(stands(&town).await, [0, 0, 2 * AMOUNT, 0, 0]);
        assert_eq!(town.suspense().await, []);
        town.ties().await;
        town.holds().await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_second_debit_of_a_file_that_did_not_come_back_pays_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        town.bring(file.debit("D1")).await;
        town.bring(file.debit("D2")).await;
        let line = town.waiting("duplicate_line").await.line.id;
        let refused = town.propose(line, paid()).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        // Once the bank has given it back, the line waits for nobody: that is what is told, and not that an order is missing.
        town.bring(file.credit("C1", file.whole())).await;
        assert_eq!(town.suspense().await, []);
        let late = town.propose(line, paid()).await.unwrap_err();
        assert_eq!(late.code, ProblemCode::IllegalTransition, "{late}");
        assert_eq!(town.statuses(file.run).await, ["settled"; 2]);
        town.holds().await;
    });
}

#[test]
fn a_debit_of_one_order_after_its_file_came_back_and_it_was_paid_again_ties() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        let order = town.orders(file.run).await.remove(0);
        town.bring(camt054("X", &[answer(&order, "BOOK", None)])).await;
        let line = town.waiting("debited_again").await.line.id;
        town.resolve(line, paid()).await;
        assert_eq!(town.statuses(file.run).await, ["returned"; 2]);
        assert_eq!(town.fund().await.over_moved, AMOUNT);
        town.ties().await;
        town.holds().await;
    });
}
