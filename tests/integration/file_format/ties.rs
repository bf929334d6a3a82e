//! The treasury's lists of months that follow each other tie: what one pays as regular money is what the next begins with,
//! and with the differences and what is beside it comes to what the next pays.

use calamine::Data;
use serde_json::{Value, json};
use service::pay_run;
use service::{Role, person};
use uuid::Uuid;

use super::changes::{actor, dies, guarded, named};
use super::office::{AMOUNT, Office};
use crate::harness::{House, cells, each_engine, opens_fund};
use crate::reconciliation::bank::of;

/// Both parts of a treasury's list, and what it is planned to pay.
struct List {
    payments: Vec<Vec<Data>>,
    changes: Vec<Vec<Data>>,
    sum: i64,
}

impl List {
    async fn of(office: &Office<'_>, run: Uuid) -> Self {
        let (file, bytes) = office.file(run, "treasury-list.xlsx").await;
        Self {
            payments: cells(&bytes, "I. Danh sách"),
            changes: cells(&bytes, "II. Thay đổi"),
            sum: file.sum,
        }
    }

    /// The regular money of all its rows, by part I.
    fn regular(&self) -> i64 {
        money(&self.payments, "Tổng cộng", "Trợ cấp tháng")
    }

    /// What part II says in the row of somebody or of a total: the month before, the month, what is beside it.
    fn told(&self, label: &str) -> [i64; 3] {
        ["Tháng trước", "Tháng này", "Khoản khác"].map(|heading| money(&self.changes, label, heading))
    }

    /// Why somebody's money changed; none where nothing is told.
    fn why(&self, name: &str) -> Option<String> {
        let row = self.changes.iter().find(|row| row.len() > 1 && row[1] == *name)?;
        row.last().map(ToString::to_string)
    }

    /// It begins with the regular money of the lists before it, and each row and their sum come to what it pays.
    fn follows(&self, regular_before: i64) {
        assert_eq!(self.told("Tổng cộng")[0], regular_before, "{:?}", self.changes);
        assert_eq!(self.told("Tổng cộng")[1], self.regular());
        assert_eq!(money(&self.changes, "Tổng cộng", "Tổng số"), self.sum);
        assert_eq!(money(&self.payments, "Tổng cộng", "Tổng số"), self.sum);
        let mut rows = [0; 5];
        let headings = ["Tháng trước", "Tháng này", "Chênh lệch", "Khoản khác", "Tổng số"];
        let numbered = self.changes.iter().filter(|row| matches!(row[0], Data::Float(_)));
        for row in numbered {
            let own = headings.map(|heading| in_column(&self.changes, row, heading));
            for (sum, amount) in rows.iter_mut().zip(own) {
                *sum += amount;
            }
        }
        assert_eq!(
            rows,
            headings.map(|heading| money(&self.changes, "Cộng các thay đổi", heading))
        );
        let all = headings.map(|heading| money(&self.changes, "Tổng cộng", heading));
        assert_eq!(all[0] + all[2] + all[3], self.sum);
    }
}

/// The money in a column of a row.
fn in_column(rows: &[Vec<Data>], row: &[Data], heading: &str) -> i64 {
    let column = rows
        .iter()
        .find_map(|row| row.iter().position(|cell| *cell == *heading));
    row[column.unwrap()].to_string().parse().unwrap()
}

/// The same of the row that is called so.
fn money(rows: &[Vec<Data>], label: &str, heading: &str) -> i64 {
    let row = rows.iter().find(|row| row[1] == *label);
    in_column(rows, row.unwrap_or_else(|| panic!("{label} in {rows:?}")), heading)
}

/// The regular run of one channel, or of some areas, released.
async fn pays(office: &Office<'_>, cover: &str, (filter, value): (&str, Value)) -> Uuid {
    let mut command = json!({"cover_month": cover, "pay_date": format!("{cover}-05")});
    command[filter] = value;
    let run = pay_run::create(office.app(), &office.preparer, of(command))
        .await
        .unwrap();
    office.work().await;
    let run = pay_run::get(office.app(), &office.preparer, run.id).await.unwrap();
    let run = pay_run::submit(office.app(), &office.preparer, run.id, run.version)
        .await
        .unwrap();
    let run = office.approve(&run).await.unwrap();
    pay_run::release(office.app(), &office.releaser, run.id, run.version)
        .await
        .unwrap();
    office.work().await;
    run.id
}

async fn now(house: &House, instant: &str) {
    house.app.set_clock(instant.parse().unwrap()).await.unwrap();
}

#[test]
fn arrears_of_one_month_are_beside_its_regular_money_and_the_next_list_ties_without_them() {
    each_engine(async |house| {
        let people = vec![
            named(0x51, "8000205100001", "Bà Truy Lĩnh"),
            named(0x52, "8000205100002", "Bà Mất"),
            named(0x58, "8000205100008", "Bà Như Cũ"),
        ];
        let office = Office::of_people(house, people).await;
        for year in [2022, 2023] {
            let money = json!({"code": "social_assistance", "fiscal_year": year, "source": "provincial",
                "name": "Trợ cấp", "amount": 1_000_000_000});
            opens_fund(office.app(), of(money)).await;
        }
        let september = office.pay("2024-09").await;
        let september = List::of(&office, september).await;
        now(house, "2024-09-20T02:00:00Z").await;
        let caseworker = actor(house, Role::Caseworker).await;
        let own = person::get(office.app(), &caseworker, Uuid::from_u128(0x51))
            .await
            .unwrap();
        let graver = of(json!({"value": "particularly_severe", "from": "2022-03-20", "to": null}));
        person::correct_evidence(
            office.app(),
            &caseworker,
            own.id,
            own.evidence[0].id,
            own.version,
            graver,
        )
        .await
        .unwrap();
        dies(house, &caseworker, (0x52, "Bà Mất")).await;
        office.work().await;

        let october = office.pay("2024-10").await;
        let october = List::of(&office, october).await;
        october.follows(september.regular());
        let [before, regular, arrears] = october.told("Bà Truy Lĩnh");
        assert!(
            regular > before && before == AMOUNT && arrears > 0,
            "{:?}",
            october.changes
        );
        assert!(october.why("Bà Truy Lĩnh").unwrap().contains("Truy lĩnh tháng"));
        assert_eq!(october.told("Bà Mất"), [AMOUNT, 0, 0]);
        assert_eq!(october.told("Không thay đổi: 1 người"), [AMOUNT, AMOUNT, 0]);

        // The arrears are over: nobody's regular money differs, and the list says so.
        now(house, "2024-10-20T02:00:00Z").await;
        let november = office.pay("2024-11").await;
        let november = List::of(&office, november).await;
        november.follows(october.regular());
        assert_eq!(november.told("Cộng các thay đổi"), [0, 0, 0]);
        let both = regular + AMOUNT;
        assert_eq!(november.told("Không thay đổi: 2 người"), [both, both, 0]);
        assert_eq!(november.sum, both);
        office.ties().await;
    });
}

#[test]
fn who_died_is_told_of_in_the_list_of_the_channel_that_paid_and_who_goes_over_to_another_in_both() {
    each_engine(async |house| {
        let mut at_post = named(0x53, "022190000053", "Bà Bưu Điện");
        at_post["payees"][0]["account"] = json!({"channel": "post_cash", "account_number": "022190000053",
            "holder_name": "Phạm Thị Lan", "post_office": "Bưu cục Hà Phong"});
        let people = vec![
            named(0x51, "8000205100001", "Bà Như Cũ"),
            named(0x52, "8000205100002", "Bà Mất"),
            at_post,
            named(0x54, "8000205100004", "Bà Đổi Kênh"),
        ];
        let office = Office::of_people(house, people).await;
        let september = office.pay("2024-09").await;
        let september = List::of(&office, september).await;
        assert_eq!(september.regular(), 4 * AMOUNT);
        now(house, "2024-09-20T02:00:00Z").await;
        let caseworker = actor(house, Role::Caseworker).await;
        let decider = actor(house, Role::DecisionMaker).await;
        dies(house, &caseworker, (0x52, "Bà Mất")).await;
        let cash = json!({"channel": "post_cash", "account_number": "022190009999", "holder_name": "Trần Văn Hùng",
            "post_office": "Bưu cục Hà Phong"});
        guarded(house, (&caseworker, &decider), 0x54, cash).await;
        office.work().await;

        let bank = pays(&office, "2024-10", ("channel", json!("bank_transfer"))).await;
        let post = pays(&office, "2024-10", ("channel", json!("post_cash"))).await;
        let preview = pay_run::preview(office.app(), &office.preparer, bank).await.unwrap();
        assert_eq!(preview.unchanged, 1);
        let mut counted: Vec<(&str, &str, i64)> = preview
            .changes
            .iter()
            .map(|own| (own.change.as_str(), own.reason.as_str(), own.people))
            .collect();
        counted.sort_unstable();
        assert_eq!(counted, [("gone", "died", 1), ("gone", "to_other_list", 1)]);
        let (bank, post) = (List::of(&office, bank).await, List::of(&office, post).await);
        // What the bank and the post office paid in September, in one list.
        bank.follows(3 * AMOUNT);
        post.follows(AMOUNT);
        assert_eq!(bank.told("Bà Mất"), [AMOUNT, 0, 0]);
        let died = bank.why("Bà Mất").unwrap();
        assert!(died.contains("người hưởng mất ngày 12/09/2024"), "{died}");
        assert_eq!(post.why("Bà Mất"), None, "she is told of once");
        assert_eq!(bank.told("Bà Đổi Kênh"), [AMOUNT, 0, 0]);
        assert!(
            bank.why("Bà Đổi Kênh")
                .unwrap()
                .contains("tháng này thuộc danh sách khác")
        );
        assert_eq!(post.told("Bà Đổi Kênh"), [0, AMOUNT, 0]);
        let came = post.why("Bà Đổi Kênh").unwrap();
        assert!(
            came.contains("tháng trước nhận 750.000 đồng theo danh sách khác"),
            "{came}"
        );

        now(house, "2024-10-20T02:00:00Z").await;
        for (channel, before) in [("bank_transfer", bank), ("post_cash", post)] {
            let run = pays(&office, "2024-11", ("channel", json!(channel))).await;
            let november = List::of(&office, run).await;
            november.follows(before.regular());
            assert_eq!(november.told("Cộng các thay đổi"), [0, 0, 0], "{channel}");
        }
        office.ties().await;
    });
}

#[test]
fn who_moves_is_told_of_in_the_list_of_the_commune_that_paid_and_in_the_one_that_pays() {
    each_engine(async |house| {
        let people = vec![
            named(0x51, "8000205100001", "Bà Như Cũ"),
            named(0x54, "8000205100004", "Bà Chuyển Xã"),
        ];
        let office = Office::of_people(house, people).await;
        let september = office.pay("2024-09").await;
        let september = List::of(&office, september).await;
        now(house, "2024-09-20T02:00:00Z").await;
        let caseworker = actor(house, Role::Caseworker).await;
        let own = person::get(office.app(), &caseworker, Uuid::from_u128(0x54))
            .await
            .unwrap();
        let command = of(json!({"area": "06658", "from": "2024-09-15", "setting": "community"}));
        person::move_person(office.app(), &caseworker, own.id, own.version, command)
            .await
            .unwrap();
        office.work().await;

        let commune = pays(&office, "2024-10", ("areas", json!(["06652"]))).await;
        let rest = office.pay("2024-10").await;
        let (commune, rest) = (List::of(&office, commune).await, List::of(&office, rest).await);
        commune.follows(september.regular());
        assert_eq!(commune.told("Bà Chuyển Xã"), [AMOUNT, 0, 0]);
        assert!(
            commune
                .why("Bà Chuyển Xã")
                .unwrap()
                .contains("tháng này thuộc danh sách khác")
        );
        // The commune's list was opened first, and explains all that was paid there.
        rest.follows(0);
        assert_eq!(rest.told("Bà Chuyển Xã"), [0, AMOUNT, 0]);
        assert_eq!(rest.why("Bà Như Cũ"), None);
        assert_eq!(rest.sum, AMOUNT);

        now(house, "2024-10-20T02:00:00Z").await;
        let november = office.pay("2024-11").await;
        List::of(&office, november)
            .await
            .follows(commune.regular() + rest.regular());
        office.ties().await;
    });
}
