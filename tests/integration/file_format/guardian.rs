//! Several beneficiaries on one account: the bank's profile says whether their money is one order or each its own.

use domain::Month;
use domain::bank::{BankProfiles, ResultLayout, SameAccount};
use domain::bank_report::synthetic::{result_xlsx, write_result_csv};
use serde_json::json;
use service::bank_report::Reading;
use service::pay_run::{self, CreatePayRun};
use service::{ProblemCode, Role, access, payment_file, person};

use super::office::{AMOUNT, Office, answer, code, disabled};
use super::treasury_papers::relieved;
use crate::harness::each_engine;
use crate::reconciliation::bank::{self, BankTown};

/// What the law gives for a house that is lost, đồng.
const HOUSE: i64 = 40_000_000;

fn layout(bank: &str) -> ResultLayout {
    BankProfiles::embedded().unwrap().of(bank).result.clone().unwrap()
}

#[test]
fn merged_three_children_of_one_guardian_are_one_transfer_of_the_sum() {
    each_engine(async |house| {
        let office = Office::open(house, &[("PGB", "0201"), ("PGB", "0201"), ("PGB", "0201")]).await;
        let run = office.pay("2024-09").await;
        let orders = office.orders(run, "PGB").await;
        assert_eq!(orders.len(), 1, "{orders:?}");
        assert_eq!((orders[0].amount, orders[0].line_count), (3 * AMOUNT, 3));
        let (file, _) = office.file(run, "orders-PGB-1.xlsx").await;
        assert_eq!((file.order_count, file.sum), (1, 3 * AMOUNT));
        let answers = [answer(&orders[0], "Thành công", None)];
        let bytes = result_xlsx(&layout("PGB"), &answers).unwrap();
        let report = office.bring(bytes, Reading::default()).await.unwrap();
        assert_eq!((report.matched, report.suspense), (1, 0));
        assert_eq!(code(&office.orders(run, "PGB").await[0].status), "credited");
        office.ties().await;
    });
}

#[test]
fn merged_beyond_what_one_order_may_be_each_child_has_an_order_of_its_own() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"); 3]).await;
        let (app, preparer) = (office.app(), &office.preparer);
        let month: Month = "2024-09".parse().unwrap();
        let command = CreatePayRun::regular(month, month.first_day());
        let run = pay_run::create(app, preparer, command).await.unwrap().id;
        office.work().await;
        let version = async || pay_run::get(app, preparer, run).await.unwrap().version;
        let shown = async || {
            let preview = pay_run::preview(app, preparer, run).await.unwrap();
            let shared = &preview.shared_accounts_list[0];
            (preview.needs_build, shared.people, shared.same_account)
        };
        let (apart, together) = (SameAccount::Split, SameAccount::Merge);
        assert_eq!(shown().await, (false, 3, together));

        // From now on an order is worth two children at most. What was built before is built again.
        let limited = json!({"max_line_amount": 2 * AMOUNT, "note": "hạn mức một lệnh"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &limited).await.status, 200);
        assert!(shown().await.0, "the preview tells what submitting refuses");
        let refused = pay_run::submit(app, preparer, run, version().await).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::IllegalTransition);
        pay_run::build(app, preparer, run, version().await).await.unwrap();
        office.work().await;
        assert_eq!(shown().await, (false, 3, apart));

        // Of two of them the sum is within it, and one order pays both.
        let left_out = bank::of(json!({"person_id": uuid::Uuid::from_u128(0x52), "reason": "Chờ xác minh"}));
        pay_run::exclude(app, preparer, run, version().await, left_out)
            .await
            .unwrap();
        assert_eq!(shown().await, (false, 2, together));
        let held = pay_run::held(app, preparer, run, None, None).await.unwrap();
        let exclusion = held.items[0].exclusion.as_ref().unwrap().id;
        pay_run::include(app, preparer, run, version().await, exclusion)
            .await
            .unwrap();
        assert_eq!(shown().await, (false, 3, apart));

        let submitted = pay_run::submit(app, preparer, run, version().await).await.unwrap();
        let approved = office.approve(&submitted).await.unwrap();
        pay_run::release(app, &office.releaser, run, approved.version)
            .await
            .unwrap();
        office.work().await;
        let orders = office.orders(run, "AGRIBANK").await;
        assert_eq!(orders.len(), 3, "{orders:?}");
        assert!(orders.iter().all(|own| (own.amount, own.line_count) == (AMOUNT, 1)));
        let (file, _) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        assert_eq!((file.order_count, file.sum), (3, 3 * AMOUNT));
        office.ties().await;

        // What one child alone gets is more than an order may be: nobody can send that, and it is said whose it is.
        let limited = json!({"max_line_amount": AMOUNT - 1, "note": "hạn mức một lệnh"});
        assert_eq!(house.change_profile("AGRIBANK", "\"1\"", &limited).await.status, 200);
        let october = office.submitted("2024-10").await;
        let refused = office.approve(&october).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Conflict);
        assert_eq!(refused.fields.len(), 3, "{refused}");
        for field in &refused.fields {
            assert_eq!(field.code, "amount_out_of_range");
            for words in [&field.message.vi, &field.message.en] {
                let told = ["PHAM THI LAN", "750.000 đồng", "749.999 đồng"];
                assert!(told.iter().all(|part| words.contains(part)), "{words}");
            }
        }
        office.ties().await;
    });
}

#[test]
fn relief_of_two_on_one_account_is_two_orders_where_one_would_be_too_much() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"); 2]).await;
        let limited = json!({"max_line_amount": HOUSE + 1, "note": "hạn mức một lệnh"});
        assert_eq!(house.change_profile("AGRIBANK", "\"0\"", &limited).await.status, 200);
        let run = relieved(&office, office.app(), &[0x51, 0x52]).await;
        let orders = office.orders(run, "AGRIBANK").await;
        let amounts: Vec<i64> = orders.iter().map(|own| own.amount).collect();
        assert_eq!(amounts, [HOUSE, HOUSE]);
        office.ties().await;
    });
}

#[test]
fn split_each_child_has_a_transfer_of_its_own_and_one_that_comes_back_is_paid_again_alone() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0101"), ("KLB", "0101")]).await;
        let run = office.pay("2024-09").await;
        let orders = office.orders(run, "KLB").await;
        assert_eq!(orders.len(), 3, "{orders:?}");
        assert!(orders.iter().all(|own| (own.amount, own.line_count) == (AMOUNT, 1)));
        let mut codes = std::collections::BTreeSet::new();
        for number in 1..=3 {
            // The bank takes an account once in a file.
            let (file, bytes) = office.file(run, &format!("orders-KLB-{number}.csv")).await;
            assert_eq!((file.order_count, file.sum), (1, AMOUNT));
            let text = String::from_utf8(bytes).unwrap();
            let (_, code) = text
                .rsplit_once(" NH-")
                .expect("the content names the beneficiary by a code");
            codes.insert(code.get(..10).unwrap().to_owned());
        }
        assert_eq!(codes.len(), 3, "each child has its own: {codes:?}");

        let answers = [
            answer(&orders[0], "Thành công", None),
            answer(&orders[1], "Hoàn trả", Some("AB05")),
            answer(&orders[2], "Thành công", None),
        ];
        let mut csv = Vec::new();
        write_result_csv(&mut csv, &layout("KLB"), &answers).unwrap();
        let report = office.bring(csv, Reading::default()).await.unwrap();
        assert_eq!((report.line_count, report.suspense), (3, 0));
        let states: Vec<String> = office
            .orders(run, "KLB")
            .await
            .iter()
            .map(|own| code(&own.status))
            .collect();
        assert_eq!(states, ["credited", "returned", "credited"]);
        office.ties().await;

        let october = office.pay("2024-10").await;
        let again = office.orders(october, "KLB").await;
        let mut amounts: Vec<i64> = again.iter().map(|own| own.amount).collect();
        amounts.sort_unstable();
        assert_eq!(amounts, [AMOUNT, AMOUNT, 2 * AMOUNT], "one child gets September again");
        let replaced: Vec<_> = again
            .iter()
            .filter_map(|own| own.reissue_of.map(|old| (own.amount, old)))
            .collect();
        assert_eq!(replaced, [(2 * AMOUNT, orders[1].id)]);
        assert!(
            again
                .iter()
                .all(|own| orders.iter().all(|old| old.reference != own.reference)),
            "a new instruction has a new reference"
        );
        office.ties().await;
    });
}

#[test]
fn a_run_built_before_the_bank_changed_its_mind_is_built_again_and_what_was_submitted_stays() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001"), ("AGRIBANK", "8000205100001")]).await;
        let month: Month = "2024-09".parse().unwrap();
        let command = CreatePayRun::regular(month, month.first_day());
        let run = pay_run::create(office.app(), &office.preparer, command).await.unwrap();
        office.work().await;
        let put = async |version: i64, wish: &str| {
            let tag = format!("\"{version}\"");
            let answer = house
                .change_profile("AGRIBANK", &tag, &json!({"same_account": wish}))
                .await;
            assert_eq!(answer.status, 200, "{answer:?}");
        };
        let must_build = async || {
            let preview = pay_run::preview(office.app(), &office.preparer, run.id).await.unwrap();
            preview.needs_build
        };
        assert!(!must_build().await);
        put(0, "split").await;
        assert!(must_build().await, "the preview tells what submitting refuses");
        let get = async || pay_run::get(office.app(), &office.preparer, run.id).await.unwrap();
        let refused = pay_run::submit(office.app(), &office.preparer, run.id, get().await.version).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::IllegalTransition);
        pay_run::build(office.app(), &office.preparer, run.id, get().await.version)
            .await
            .unwrap();
        office.work().await;
        assert!(!must_build().await);
        let submitted = pay_run::submit(office.app(), &office.preparer, run.id, get().await.version)
            .await
            .unwrap();
        put(1, "merge").await;
        office.approve(&submitted).await.unwrap();
        assert_eq!(office.orders(run.id, "AGRIBANK").await.len(), 2, "as it was submitted");
        office.ties().await;
    });
}

/// Somebody whose money a relative receives.
fn ward() -> serde_json::Value {
    let mut person = disabled(0x51, ("AGRIBANK", "8000205100001"));
    person["payees"][0]["relation"] = json!("authorised");
    person["payees"][0]["account"]["holder_name"] = json!("Trần Văn Hùng");
    person
}

#[test]
fn a_bank_is_told_whose_money_it_is_and_what_for_only_where_its_profile_asks() {
    each_engine(async |house| {
        let office = Office::of_people(house, vec![ward()]).await;
        let september = office.pay("2024-09").await;
        let file = async |run| office.file(run, "pain001-AGRIBANK-1.xml").await;
        let (old, before) = file(september).await;
        let text = String::from_utf8(before.clone()).unwrap();
        assert!(text.contains("<Nm>TRAN VAN HUNG</Nm>") && text.contains("<Purp><Cd>SSBE</Cd></Purp>"));
        assert!(!text.contains("UltmtCdtr") && !text.contains("PHAM THI LAN"), "{text}");

        let asks = json!({"ultimate_creditor": "name", "purposes": {"monthly_allowance": "ALLW"}});
        let answer = house.change_profile("AGRIBANK", "\"0\"", &asks).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let (_, bytes) = file(office.pay("2024-10").await).await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("<UltmtCdtr><Nm>PHAM THI LAN</Nm></UltmtCdtr><Purp><Cd>ALLW</Cd></Purp>"),
            "{text}"
        );
        let (again, after) = file(september).await;
        assert_eq!(
            (again.sha256, after),
            (old.sha256, before),
            "what was sent stays as it was"
        );
        office.ties().await;
    });
}

#[test]
fn who_is_called_otherwise_when_a_run_is_approved_is_told_by_that_name() {
    each_engine(async |house| {
        // Paid into their own account, to a bank that is told whose money it is where it is another's.
        let office = Office::of_people(house, vec![disabled(0x51, ("AGRIBANK", "8000205100001"))]).await;
        let asks = json!({"ultimate_creditor": "name"});
        let answer = house.change_profile("AGRIBANK", "\"0\"", &asks).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let run = office.submitted("2024-09").await;
        office.work().await;
        let key = house.key(Role::Caseworker, None).await;
        let caseworker = access::authenticate(office.app(), &key).await.unwrap();
        let id = uuid::Uuid::from_u128(0x51);
        let known = person::get(office.app(), &caseworker, id).await.unwrap();
        let renamed = json!({"full_name": "Phạm Thị Mai", "birth_date": "1990-05-01", "sex": "female"});
        let renamed = serde_json::from_value(renamed).unwrap();
        person::update(office.app(), &caseworker, id, known.version, renamed)
            .await
            .unwrap();
        office.work().await;
        let approved = office.approve(&run).await.unwrap();
        pay_run::release(office.app(), &office.releaser, run.id, approved.version)
            .await
            .unwrap();
        office.work().await;
        let (_, bytes) = office.file(run.id, "pain001-AGRIBANK-1.xml").await;
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("<Nm>PHAM THI LAN</Nm>") && text.contains("<UltmtCdtr><Nm>PHAM THI MAI</Nm></UltmtCdtr>"),
            "{text}"
        );
        office.ties().await;
    });
}

#[test]
fn accounts_that_several_people_are_paid_into_are_shown_before_anything_is_signed() {
    each_engine(async |house| {
        let accounts = [
            ("AGRIBANK", "8000205100001"),
            ("KLB", "0101"),
            ("KLB", "0101"),
            ("PGB", "0201"),
            ("PGB", "0201"),
            ("PGB", "0201"),
        ];
        let office = Office::open(house, &accounts).await;
        let month: Month = "2024-09".parse().unwrap();
        let command = CreatePayRun::regular(month, month.first_day());
        let run = pay_run::create(office.app(), &office.preparer, command).await.unwrap();
        office.work().await;
        let preview = pay_run::preview(office.app(), &office.preparer, run.id).await.unwrap();
        assert_eq!(preview.shared_accounts, 2);
        let told: Vec<_> = preview
            .shared_accounts_list
            .iter()
            .map(|own| (own.bank.as_str(), own.people, own.total, own.same_account))
            .collect();
        let (apart, together) = (SameAccount::Split, SameAccount::Merge);
        assert_eq!(told, [("KLB", 2, 2 * AMOUNT, apart), ("PGB", 3, 3 * AMOUNT, together)]);
    });
}

#[test]
fn an_order_that_pays_several_months_in_one_amount_says_so_where_its_bank_asks() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let september = town.pay("2024-09").await;
        let refused = bank::answer(&town.orders(september).await[0], "RJCT", Some("AM04"));
        town.bring(bank::pain002("R", &[refused])).await;
        town.now("2024-09-25T02:00:00Z").await;
        let asks = json!({"purposes": {"monthly_allowance": "ALLW", "several_months": "SPSP"}});
        let answer = house.change_profile("AGRIBANK", "\"0\"", &asks).await;
        assert_eq!(answer.status, 200, "{answer:?}");

        // One of two people is paid September again with October.
        let october = town.pay("2024-10").await;
        let files = payment_file::list(town.app(), &town.treasury, october).await.unwrap();
        let file = files.iter().find(|file| file.name == "pain001-AGRIBANK-1.xml").unwrap();
        let (_, bytes) = payment_file::content(town.app(), &town.treasury, file.id)
            .await
            .unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let orders = town.orders(october).await;
        for (order, amount, purpose) in [(&orders[0], 2 * AMOUNT, "SPSP"), (&orders[1], AMOUNT, "ALLW")] {
            assert_eq!(order.amount, amount);
            let mut own = text.split("<CdtTrfTxInf>").skip(1);
            let own = own.find(|own| own.contains(&order.reference)).unwrap();
            assert!(own.contains(&format!("<Purp><Cd>{purpose}</Cd></Purp>")), "{own}");
        }
        town.holds().await;
    });
}
