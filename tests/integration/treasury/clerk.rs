//! A clerk's whole day at the desk in a real browser, by the keyboard alone: a file is fetched and acknowledged, the
//! bank's answer is brought in, its lines are watched being matched, and what is left is looked at.

use fantoccini::key::Key;
use serde_json::json;
use service::{Role, bank_report, payment_file};
use uuid::Uuid;

use super::desk::sha256;
use super::window::Window;
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, pain002};

/// People who are paid 750,000 đồng each.
const PEOPLE: u128 = 3;

/// What the bank says: all are paid, and so is somebody whom nobody knows.
async fn told(town: &BankTown<'_>, run: Uuid) -> Vec<u8> {
    let orders = town.orders(run).await;
    let mut answers: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    let mut stranger = answers[0].clone();
    stranger.reference = "AS-00000000000000000000000000".to_owned();
    stranger.uetr = None;
    answers.push(stranger);
    pain002("A1", &answers)
}

/// Opens the file, sees what it holds, fetches it and says what arrived, under a name that tells its run.
async fn takes_the_file(window: &Window, (name, saved): (&str, &str), bytes: &[u8]) {
    window.shows("table .file").await;
    window.tab_to("own.textContent", name).await;
    window.press([Key::Enter.into()]).await;

    window.shows("#sha256").await;
    let figures = "[...document.querySelectorAll('dd.figure')].map(own => own.textContent).join(' | ')";
    let figures = window.reads(figures).await;
    assert!(
        figures.starts_with("3 | 2.250.000 đồng"),
        "how many, and how much: {figures}"
    );
    let digits = "document.querySelector('.digits').textContent.replace(/\\s/g, '')";
    let shown = window.reads(digits).await;
    assert_eq!(shown, sha256(bytes), "the whole hash is there to compare");

    window.tab_to("own.getAttribute('download')", saved).await;
    window.press([Key::Enter.into()]).await;
    let arrived = window.downloaded(saved).await;
    assert_eq!(
        sha256(&arrived),
        shown,
        "what lies on the clerk's disk is what was approved"
    );

    window.tab_to("own.id", "sha256").await;
    let arrived = sha256(&arrived);
    window.press(arrived.chars().chain([Key::Enter.into()])).await;
    window.shows(".states .s-acknowledged").await;
}

#[test]
fn a_clerk_fetches_acknowledges_brings_the_answer_in_and_watches_its_lines_by_the_keyboard_alone() {
    each_engine(async |house| {
        let town = BankTown::open(house, PEOPLE).await;
        let run = town.pay("2024-09").await;
        let files = payment_file::list(&house.app, &town.treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
        let (name, bytes) = payment_file::content(&house.app, &town.treasury, file.id)
            .await
            .unwrap();
        let key = house.key(Role::Treasury, None).await;
        let window = Window::open().await;
        window.enter(&house.base, &key).await;
        let saved = format!("regular-202409-1-{name}");
        takes_the_file(&window, (&name, &saved), &bytes).await;
        let own = payment_file::get(&house.app, &town.treasury, file.id).await.unwrap();
        assert_eq!(json!(own.status), "acknowledged");

        window.follow("/treasury/reports").await;
        window.shows("#file").await;
        window.chooses("#file", "tra-loi.xml", &told(&town, run).await).await;
        window.tab_to("own.textContent", "Nạp và đối soát").await;
        window.press([Key::Enter.into()]).await;

        // Nobody has matched anything yet, and the page says so.
        window.shows("#live[data-open='true']").await;
        let line = "document.getElementById('told').textContent";
        assert_eq!(window.reads(line).await, "Đang đối soát 4 dòng…");
        window.reads("window.sameDocument = true").await;
        town.idle().await;
        // The page comes to it by itself: it is not loaded again.
        window.shows("#live[data-open='false']").await;
        assert_eq!(window.reads("window.sameDocument").await, "true");
        assert_eq!(
            window.reads(line).await,
            "Đã đối soát 4 dòng: 3 dòng khớp, 1 dòng chờ xử lý."
        );
        let badges = "[...document.querySelectorAll('#live section:last-of-type tbody tr')].length";
        assert_eq!(window.reads(badges).await, "4", "each line with what came of it");
        let reports = bank_report::list(&house.app, &town.treasury, None, None).await.unwrap();
        let report = &reports.items[0];
        assert_eq!((report.matched, report.suspense), (3, 1));
        assert_eq!(town.statuses(run).await, ["settled"; 3]);

        window.follow("/treasury/suspense").await;
        window.shows("table tbody tr").await;
        let stranger = "document.querySelector('table tbody').textContent.includes('AS-00000000000000000000000000')";
        assert_eq!(window.reads(stranger).await, "true");
        window.close().await;
        town.holds().await;
    });
}
