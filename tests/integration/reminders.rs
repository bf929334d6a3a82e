//! What the program finds by itself, once a day.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::reminder::{RemindOfDays, VerifyInvariants};
use service::{App, Role, job, pay_run, payment_file};

use crate::harness::{decides_day, each_engine};
use crate::reconciliation::bank::{BankTown, answer, pain002};

/// It is morning: the job of the day runs.
async fn looks(town: &BankTown<'_>, instant: &str) {
    town.now(instant).await;
    let slot = town.app().clock.today();
    let due = RemindOfDays { slot };
    put(town.app(), &due).await;
    town.idle().await;
}

async fn put<J: job::Job>(app: &App, due: &J) {
    app.db.write(async |txn| job::enqueue(txn, due).await).await.unwrap();
}

async fn told(town: &BankTown<'_>, query: &str) -> Vec<Value> {
    let key = town.house.key(Role::Treasury, None).await;
    let answer = town
        .house
        .call("GET", &format!("/v1/reminders{query}"))
        .key(&key)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

fn kinds(items: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut kinds: Vec<_> = items
        .iter()
        .map(|own| (text(&own["kind"]), text(&own["subject"])))
        .collect();
    kinds.sort();
    kinds
}

#[test]
fn a_month_is_reminded_of_until_it_is_submitted_and_until_it_is_closed() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let month = |kind: &str, month: &str| (kind.to_owned(), format!("month:{month}"));
        looks(&town, "2024-08-21T01:00:00Z").await;
        let open = told(&town, "").await;
        assert_eq!(kinds(&open), [month("list_closes", "2024-09")]);
        assert_eq!(
            (&open[0]["due_on"], &open[0]["overdue"]),
            (&json!("2024-08-23"), &json!(false))
        );
        // The same once more, the next day and after its day: one reminder, that is overdue by then.
        looks(&town, "2024-08-26T01:00:00Z").await;
        let late = told(&town, "").await;
        assert_eq!(
            (
                &late[0]["id"],
                &late[0]["raised_on"],
                &late[0]["seen_on"],
                &late[0]["overdue"]
            ),
            (&open[0]["id"], &json!("2024-08-21"), &json!("2024-08-26"), &json!(true))
        );
        assert_eq!(late.len(), 1);

        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let arrived: Vec<_> = orders.iter().map(|own| answer(own, "ACCC", None)).collect();
        town.bring(pain002("A1", &arrived)).await;
        looks(&town, "2024-09-10T01:00:00Z").await;
        assert_eq!(
            kinds(&told(&town, "").await),
            [month("list_closes", "2024-10"), month("settlement_due", "2024-09")]
        );
        let ended = told(&town, "?ended=true").await;
        assert_eq!(kinds(&ended), [month("list_closes", "2024-09")]);
        assert_eq!(ended[0]["ended_on"], "2024-09-10");
        let due = told(&town, "?kind=settlement_due").await;
        assert_eq!(due[0]["due_on"], "2024-09-20");
        town.now("2024-09-20T01:00:00Z").await;
        town.close_month("2024-09").await;
        looks(&town, "2024-09-21T01:00:00Z").await;
        assert_eq!(kinds(&told(&town, "").await), [month("list_closes", "2024-10")]);
        town.holds().await;
    });
}

#[test]
fn a_month_that_is_paid_early_is_reminded_of_by_the_day_on_which_it_is() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let early = json!({"kind": "pay_early", "cover_months": ["2024-10", "2024-11"], "reason": "Chi trước Tết"});
        decides_day(town.app(), "2024-09-16", serde_json::from_value(early).unwrap()).await;
        looks(&town, "2024-08-21T01:00:00Z").await;
        let open = told(&town, "?kind=list_closes").await;
        let due = |month: &str| {
            let own = open.iter().find(|own| own["subject"] == format!("month:{month}"));
            own.map(|own| own["due_on"].clone())
        };
        assert_eq!(open.len(), 3, "{open:?}");
        assert_eq!(due("2024-09"), Some(json!("2024-08-23")));
        for month in ["2024-10", "2024-11"] {
            assert_eq!(due(month), Some(json!("2024-09-16")), "both are paid on one day");
        }
        let text = |own: &Value| own["text"]["vi"].as_str().unwrap().to_owned();
        assert!(
            open.iter()
                .any(|own| text(own) == "Danh sách chi tháng 11/2024 chưa trình; chi sớm vào ngày 16/09/2024"),
            "{open:?}"
        );
        town.pay("2024-09").await;
        town.pay("2024-10").await;
        looks(&town, "2024-09-17T01:00:00Z").await;
        let open = told(&town, "?kind=list_closes").await;
        assert_eq!(kinds(&open), [("list_closes".to_owned(), "month:2024-11".to_owned())]);
        assert_eq!(open[0]["overdue"], true, "its people were to be paid yesterday");
        town.holds().await;
    });
}

#[test]
fn a_month_is_reminded_of_while_a_channel_is_in_none_of_its_runs() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let banks = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "channel": "bank_transfer"});
        let banks = serde_json::from_value(banks).unwrap();
        let run = pay_run::create(town.app(), &town.preparer, banks).await.unwrap().id;
        town.idle().await;
        town.sign(run).await;
        looks(&town, "2024-08-22T01:00:00Z").await;
        let open = told(&town, "?kind=list_closes").await;
        assert_eq!(kinds(&open), [("list_closes".to_owned(), "month:2024-09".to_owned())]);
        let vi = open[0]["text"]["vi"].as_str().unwrap();
        assert!(
            vi.contains("còn thiếu") && vi.ends_with("chốt trước hoặc trong ngày 23/08/2024"),
            "{vi}"
        );
        // Whoever is left is in a run for everybody.
        town.pay("2024-09").await;
        looks(&town, "2024-08-23T01:00:00Z").await;
        assert_eq!(told(&town, "?kind=list_closes").await, Vec::<Value>::new());
        town.holds().await;
    });
}

#[test]
fn files_that_nobody_has_fetched_on_their_day_are_reminded_of_until_somebody_has() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let files = payment_file::list(town.app(), &town.treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
        let day = file.execution_date.unwrap();
        let of_files = "?kind=files_not_fetched";
        looks(&town, &format!("{}T01:00:00Z", day.pred_opt().unwrap())).await;
        assert_eq!(told(&town, of_files).await, Vec::<Value>::new(), "there is time");
        looks(&town, &format!("{day}T01:00:00Z")).await;
        let open = told(&town, of_files).await;
        assert_eq!(open.len(), 1, "one for the run: {open:?}");
        assert_eq!(
            (&open[0]["items"], &open[0]["amount"], &open[0]["since"]),
            (&json!(1), &json!(1_500_000), &json!(day))
        );
        assert_eq!(open[0]["examples"], json!([file.name]));
        let vi = open[0]["text"]["vi"].as_str().unwrap();
        assert!(vi.contains("chưa ai của kho bạc tải"), "{vi}");
        payment_file::content(town.app(), &town.treasury, file.id)
            .await
            .unwrap();
        looks(&town, &format!("{}T01:00:00Z", day.succ_opt().unwrap())).await;
        assert_eq!(told(&town, of_files).await, Vec::<Value>::new());
        town.holds().await;
    });
}

#[test]
fn orders_that_nobody_answers_or_posts_are_one_reminder_of_their_run() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let of_orders = async |query: &str| {
            let mut open = told(&town, query).await;
            open.retain(|own| own["kind"].as_str().unwrap().starts_with("orders_"));
            open
        };
        looks(&town, "2024-08-24T01:00:00Z").await;
        assert_eq!(of_orders("").await, Vec::<Value>::new(), "four days are none too many");
        town.now("2024-08-24T02:00:00Z").await;
        let taken = [
            answer(&orders[0], "ACCC", None),
            answer(&orders[1], "ACWP", None),
            answer(&orders[2], "ACSP", None),
        ];
        town.bring(pain002("A1", &taken)).await;
        looks(&town, "2024-08-25T01:00:00Z").await;
        let open = of_orders("").await;
        assert_eq!(open.len(), 1, "{open:?}");
        assert_eq!(
            (
                &open[0]["kind"],
                &open[0]["items"],
                &open[0]["amount"],
                &open[0]["since"]
            ),
            (
                &json!("orders_unanswered"),
                &json!(3),
                &json!(2_250_000),
                &json!("2024-08-20")
            )
        );
        assert_eq!(open[0]["examples"].as_array().unwrap().len(), 3);
        looks(&town, "2024-08-27T01:00:00Z").await;
        let posted = of_orders("?kind=orders_not_posted").await;
        assert_eq!(
            (&posted[0]["items"], &posted[0]["examples"][0], &posted[0]["since"]),
            (&json!(1), &json!(orders[1].reference), &json!("2024-08-24"))
        );
        let vi = posted[0]["text"]["vi"].as_str().unwrap();
        assert!(vi.contains("ACWP") && vi.contains("3 ngày"), "{vi}");

        let arrived: Vec<_> = orders[1..].iter().map(|own| answer(own, "ACCC", None)).collect();
        town.bring(pain002("A2", &arrived)).await;
        looks(&town, "2024-08-28T01:00:00Z").await;
        assert_eq!(of_orders("").await, Vec::<Value>::new());
        assert_eq!(of_orders("?ended=true").await.len(), 2);
        town.holds().await;
    });
}

#[test]
fn an_invariant_that_does_not_hold_is_there_in_the_morning() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let night = async |instant: &str| {
            town.now(instant).await;
            let slot = town.app().clock.today();
            put(town.app(), &VerifyInvariants { slot }).await;
            town.idle().await;
            told(&town, "?kind=invariant_broken").await
        };
        assert_eq!(night("2024-08-21T18:30:00Z").await, Vec::<Value>::new());
        // Somebody with the database in hand makes an order paid.
        let reference = town.orders(run).await[0].reference.clone();
        let forged = format!("UPDATE payment_order SET status = 'credited' WHERE reference = '{reference}'");
        town.app().db.owner().execute_unprepared(&forged).await.unwrap();
        let broken = night("2024-08-22T18:30:00Z").await;
        assert!(!broken.is_empty());
        assert!(
            broken
                .iter()
                .any(|own| own["examples"].as_array().is_some_and(|all| !all.is_empty())),
            "{broken:?}"
        );
        let again = night("2024-08-23T18:30:00Z").await;
        assert_eq!(again.len(), broken.len(), "one reminder, however many nights");
        assert_eq!(again[0]["raised_on"], broken[0]["raised_on"]);
    });
}
