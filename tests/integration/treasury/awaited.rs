//! What waits for the word of others stands in the list of what is open until it is said: recalls, deaths, files.

use chrono::TimeDelta;
use serde_json::json;
use service::month_close::OpenItemView;
use service::payment_order::{OrderView, decide_recall, propose_recall};
use service::reconciliation::{ListAgeing, ageing, ageing_paper, ageing_workbook};
use service::registry_finding::{self, ListFindings};
use service::{Actor, App, Code, Role, delivery, payment_file};
use uuid::Uuid;

use super::ageing::rows;
use super::desk::Browser;
use super::road::{Dispatch, Fate, Road};
use crate::harness::each_engine;
use crate::month_close::report::text_of;
use crate::reconciliation::bank::{AMOUNT, BankTown, accept, answer, camt029, camt054, of, pain002};

/// Everything that is open, read one to a page.
async fn all(app: &App, actor: &Actor) -> Vec<OpenItemView> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let filter: ListAgeing = of(json!({"limit": 1, "cursor": cursor}));
        let page = ageing(app, actor, filter).await.unwrap();
        all.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            return all;
        }
    }
}

/// What is open of one kind.
async fn of_kind(app: &App, actor: &Actor, kind: &str) -> Vec<OpenItemView> {
    let mut items = all(app, actor).await;
    items.retain(|own| own.item.kind.code() == kind);
    items
}

/// The only thing that is open of one kind.
async fn only(app: &App, actor: &Actor, kind: &str) -> OpenItemView {
    let mut items = of_kind(app, actor, kind).await;
    assert_eq!(items.len(), 1, "{kind}: {items:?}");
    items.remove(0)
}

/// `[since, age, reference, đồng, state, reason]`.
fn told(own: &OpenItemView) -> serde_json::Value {
    let item = &own.item;
    json!([
        item.since,
        own.age_days,
        item.reference,
        item.amount,
        item.state,
        item.reason
    ])
}

/// The row of the workbook that is of this kind, in its words.
async fn row(app: &App, actor: &Actor, kind: &str) -> Vec<String> {
    let (_, bytes) = ageing_workbook(app, actor, None).await.unwrap();
    let rows = rows(&bytes);
    let own = rows.iter().find(|row| row[0] == kind);
    own.unwrap_or_else(|| panic!("no {kind} in {rows:?}")).clone()
}

/// Two people recall an order.
async fn recalled(town: &BankTown<'_>, order: &OrderView) -> Uuid {
    let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
    let asked = propose_recall(town.app(), &town.treasury, order.id, of(why))
        .await
        .unwrap();
    decide_recall(town.app(), &town.approver, asked.id, accept(asked.id))
        .await
        .unwrap();
    asked.id
}

#[test]
fn a_recall_is_open_until_the_bank_has_answered_or_the_money_is_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, treasury) = (town.app(), &town.treasury);
        let kind = "recall_unanswered";
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-06T02:00:00Z").await;
        let id = recalled(&town, &orders[0]).await;
        town.now("2024-09-10T02:00:00Z").await;
        let own = only(app, treasury, kind).await;
        let reference = &orders[0].reference;
        assert_eq!(
            told(&own),
            json!(["2024-09-06", 4, reference, AMOUNT, "unanswered", "AC03"])
        );
        assert_eq!((own.item.subject_id, own.item.order_id), (Some(id), Some(orders[0].id)));
        let words = row(app, treasury, "Đề nghị thu hồi chưa có trả lời").await;
        let shown = ["750000", "06/09/2024", "4", "Chưa có trả lời", "Sai tài khoản"];
        assert_eq!(
            (&words[1], &words[2..7]),
            (reference, shown.map(str::to_owned).as_slice())
        );
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let page = clerk.get("/treasury/ageing").await.text;
        for told in [
            "Đề nghị thu hồi chưa có trả lời",
            "href=\"/treasury/recalls\">Sai tài khoản",
        ] {
            assert!(page.contains(told), "{told}: {page}");
        }

        // That the bank looks into it is no answer yet.
        town.bring(camt029("C1", &[answer(&orders[0], "PDCR", None)])).await;
        assert_eq!(only(app, treasury, kind).await.item.state, "pending");
        town.bring(camt029("C2", &[answer(&orders[0], "RJCR", Some("ARDT"))]))
            .await;
        assert_eq!(of_kind(app, treasury, kind).await, []);

        // Money that comes back needs no answer.
        recalled(&town, &orders[1]).await;
        assert_eq!(only(app, treasury, kind).await.item.order_id, Some(orders[1].id));
        town.bring(pain002("A1", &[answer(&orders[1], "ACSC", None)])).await;
        town.bring(camt054("A2", &[answer(&orders[1], "BOOK", Some("CUST"))]))
            .await;
        assert_eq!(town.statuses(run).await[1], "returned");
        assert_eq!(of_kind(app, treasury, kind).await, []);
        town.holds().await;
    });
}

#[test]
fn a_death_that_a_bank_told_of_is_open_until_somebody_has_looked() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (app, treasury) = (town.app(), &town.treasury);
        let kind = "death_reported";
        town.now("2024-09-05T02:00:00Z").await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now("2024-09-12T02:00:00Z").await;
        let dead = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(pain002("A1", &dead)).await;
        town.now("2024-09-20T02:00:00Z").await;
        let filter = || -> ListFindings { of(json!({"status": "open"})) };
        let findings = registry_finding::list(app, &town.caseworker, filter())
            .await
            .unwrap()
            .items;
        let own = only(app, treasury, kind).await;
        assert_eq!(
            told(&own),
            json!([
                "2024-09-12",
                8,
                orders[0].reference,
                AMOUNT,
                "reported_deceased",
                "MD07"
            ])
        );
        assert_eq!(
            (own.item.subject_id, own.item.line_id),
            (Some(findings[0].id), Some(findings[0].line_id))
        );
        let words = row(app, treasury, "Báo tử, chờ xác minh").await;
        assert_eq!(words[5], "Ngân hàng báo người hưởng đã mất");
        assert!(words[6].contains("MD07") && !words[7].is_empty(), "{words:?}");
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let page = clerk.get("/treasury/ageing").await.text;
        assert!(page.contains("Báo tử, chờ xác minh"), "{page}");
        // Page by page the list holds each thing of the order once.
        let whole: ListAgeing = of(json!({}));
        let whole = ageing(app, treasury, whole).await.unwrap().items;
        assert!(whole.len() > 1, "{whole:?}");
        assert_eq!(all(app, treasury).await, whole);
        // Only what is as old as was asked for, and nothing of another commune.
        let key = house.key(Role::Auditor, None).await;
        let elsewhere = house.key(Role::Auditor, Some("06658@1900-01")).await;
        let kinds = async |key: &str, path: &str| -> Vec<String> {
            let listed = house.call("GET", path).key(key).send().await.json();
            let items = listed["items"].as_array().unwrap().clone();
            items
                .iter()
                .map(|own| own["kind"].as_str().unwrap().to_owned())
                .collect()
        };
        let path = "/v1/reconciliation/ageing";
        assert!(kinds(&key, path).await.iter().any(|own| own == kind));
        assert_eq!(
            kinds(&key, "/v1/reconciliation/ageing?older_than_days=8").await,
            Vec::<String>::new()
        );
        assert_eq!(kinds(&elsewhere, path).await, Vec::<String>::new());

        let alive = json!({"note": "Đã gặp trực tiếp"});
        registry_finding::dismiss(app, &town.caseworker, findings[0].id, findings[0].version, of(alive))
            .await
            .unwrap();
        assert_eq!(of_kind(app, treasury, kind).await, []);
        town.holds().await;
    });
}

#[test]
fn a_file_that_was_sent_is_open_until_it_is_acknowledged() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let road = Road::blind(dispatch.folder.path(), Fate::ArrivesWithAnError);
        let app = dispatch.by(&road);
        let treasury = &dispatch.treasury;
        for kind in ["file_unknown", "file_unacknowledged"] {
            assert_eq!(of_kind(&app, treasury, kind).await, [], "it has not left");
        }
        let sent_on = app.clock.today();
        delivery::deliver(&app, treasury, file.id).await.unwrap();
        dispatch.drain(&road).await;
        app.set_clock(app.clock.now() + TimeDelta::days(3)).await.unwrap();
        let lost = only(&app, treasury, "file_unknown").await;
        assert_eq!(
            told(&lost),
            json!([sent_on, 3, file.name, file.sum, "unknown", "outcome_unknown"])
        );
        assert_eq!(
            (lost.item.subject_id, lost.item.pay_run_id, lost.item.area_id),
            (Some(file.id), Some(file.pay_run_id), None)
        );
        let words = row(&app, treasury, "Tệp chưa rõ đã tới nơi nhận hay chưa").await;
        assert_eq!((&words[1], words[5].as_str()), (&file.name, "Chưa rõ kết quả giao"));
        assert!(words[6].contains("Không rõ tệp đã tới nơi hay chưa"), "{words:?}");
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let page = clerk.get("/treasury/ageing").await.text;
        assert!(
            page.contains(&format!("href=\"/treasury/files/{}\"", file.id)),
            "{page}"
        );

        // It lies there after all; whoever is to have it has not said so.
        let seeing = Road::to(dispatch.folder.path(), Fate::MustNotLeave);
        dispatch.chase_after(60, &seeing).await;
        assert_eq!(of_kind(&app, treasury, "file_unknown").await, []);
        let sent = only(&app, treasury, "file_unacknowledged").await;
        let now = app.clock.today();
        assert_eq!(told(&sent), json!([now, 0, file.name, file.sum, "delivered", null]));
        row(&app, treasury, "Tệp đã gửi, bên nhận chưa xác nhận").await;
        let (_, paper) = ageing_paper(&app, treasury, None).await.unwrap();
        let paper = text_of(&paper).replace(' ', "");
        for told in [file.name.as_str(), "Tệpđãgửi,bênnhậnchưaxácnhận"] {
            assert!(paper.contains(told), "{told} in {paper}");
        }

        let own = dispatch.order_file().await;
        let sha256 = own.sha256.clone().unwrap();
        payment_file::acknowledge(&app, treasury, own.id, own.version, &sha256)
            .await
            .unwrap();
        for kind in ["file_unknown", "file_unacknowledged"] {
            assert_eq!(of_kind(&app, treasury, kind).await, []);
        }
        dispatch.holds().await;
    });
}
