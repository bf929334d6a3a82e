//! The lines of an answer file watched being matched in a real browser, by the keyboard alone, and read afterwards.

use service::{Role, bank_report};
use uuid::Uuid;

use super::desk::Browser;
use super::window::Window;
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, pain002};
use crate::reconciliation::watched::{Held, LINES, answered, town};

/// What stands on the page.
const TOLD: &str = "document.getElementById('told').textContent";

/// The letter of the link that has the focus.
const KEY: &str = "own.getAttribute('accesskey')";

/// The bank's answer to September is uploaded, and nobody is at it yet.
async fn uploaded(town: &BankTown<'_>) -> Uuid {
    let (_, bytes) = answered(town).await;
    let report = bank_report::upload(town.app(), &town.treasury, "tra-loi.xml", bytes).await;
    report.unwrap().id
}

/// Half of a report is reconciled: who holds it there, and how many of its lines are judged.
async fn half_reconciled(town: &BankTown<'_>, report: Uuid) -> (Held, i64) {
    let held = Held::half_way(town.app(), report).await;
    let half = bank_report::get(town.app(), &town.treasury, report).await.unwrap();
    let judged = half.progress.unwrap().judged;
    assert!(0 < judged && judged < LINES);
    (held, judged)
}

#[test]
fn a_clerk_watches_the_lines_of_a_file_being_matched_and_the_keyboard_stays_where_it_is() {
    each_engine(async |house| {
        let town = town(house).await;
        let report = uploaded(&town).await;
        let window = Window::open().await;
        window.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        let path = format!("/treasury/reports/{report}");
        window.follow("/treasury/reports").await;
        window.shows(&format!("a[href='{path}']")).await;
        window.follow(&path).await;

        // Nobody is at it: how far it is, is not known.
        window.shows("#live[data-open='true'] progress:not([value])").await;
        assert_eq!(window.reads(TOLD).await, format!("Đang đối soát {LINES} dòng…"));
        window.tab_to(KEY, "r").await;
        window.reads("window.sameDocument = true").await;

        let (held, judged) = half_reconciled(&town, report).await;
        window
            .shows(&format!("#live progress[value='{judged}'][max='{LINES}']"))
            .await;
        let told = format!("Đang đối soát: đã đối chiếu {judged} trên {LINES} dòng…");
        assert_eq!(window.reads(TOLD).await, told);
        let matched = "document.querySelector('.tiles .s-matched strong').textContent";
        assert_eq!(
            window.reads(matched).await,
            judged.to_string(),
            "those that agree come first"
        );
        assert_eq!(window.focused(KEY).await, "r", "the keyboard was moved");

        held.goes_on().await;
        window.shows("#live[data-open='false']").await;
        let told = format!("Đã đối soát {LINES} dòng: 8 dòng khớp, 1 dòng chờ xử lý.");
        assert_eq!(window.reads(TOLD).await, told);
        assert_eq!(window.reads("document.querySelector('progress')").await, "null");
        let rows = "document.querySelectorAll('#live section:last-of-type tbody tr').length";
        assert_eq!(window.reads(rows).await, LINES.to_string());
        assert_eq!(
            window.reads("window.sameDocument").await,
            "true",
            "it is not loaded again"
        );
        // The link it was on is gone: it goes on with those beside it.
        let inside = "own.closest('#live') !== null";
        assert_eq!(window.focused(inside).await, "true", "the keyboard is lost");
        window.close().await;
        town.holds().await;
    });
}

#[test]
fn the_list_tells_how_far_each_answer_is_and_what_is_filled_in_above_stays() {
    each_engine(async |house| {
        let town = town(house).await;
        let report = uploaded(&town).await;
        let window = Window::open().await;
        window.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        window.follow("/treasury/reports").await;
        window.shows("#live[data-open='true'] progress:not([value])").await;
        window.reads("window.sameDocument = true").await;
        window.tab_to("own.id", "mode").await;
        window.press([' ']).await;

        let (held, judged) = half_reconciled(&town, report).await;
        window
            .shows(&format!("#live progress[value='{judged}'][max='{LINES}']"))
            .await;
        held.goes_on().await;
        window.shows("#live[data-open='false']").await;
        let counts = "[...document.querySelectorAll('#live tbody td.number')].map(own => own.textContent).join(' ')";
        assert_eq!(window.reads(counts).await, format!("{LINES} 8 1"));
        assert_eq!(window.reads("document.querySelector('progress')").await, "null");
        assert_eq!(
            window.reads("window.sameDocument").await,
            "true",
            "it is not loaded again"
        );
        assert_eq!(window.focused("own.id").await, "mode", "the keyboard was moved");
        assert_eq!(
            window.focused("own.checked").await,
            "true",
            "what was filled in is lost"
        );
        window.close().await;
        town.holds().await;
    });
}

/// The numbers of the lines on a page.
fn numbers(page: &str) -> Vec<i64> {
    let cells = page.split("data-label=\"Dòng\">").skip(1);
    cells
        .map(|cell| cell.split('<').next().unwrap().parse().unwrap())
        .collect()
}

/// Where the way to the next page leads; none on the last.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    let (_, path) = before.rsplit_once("href=\"")?;
    Some(path.replace("&amp;", "&"))
}

#[test]
fn matched_lines_are_read_page_by_page() {
    each_engine(async |house| {
        let town = town(house).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let stranger = |number: i64| {
            let mut own = answer(&orders[0], "ACSC", None);
            own.reference = format!("AS-{number:026}");
            own.uetr = None;
            own
        };
        let strangers = (1..=112).map(stranger);
        let told: Vec<_> = orders
            .iter()
            .map(|order| answer(order, "ACSC", None))
            .chain(strangers)
            .collect();
        let report = town.bring(pain002("A1", &told)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (120, 8, 112));
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let ways = [
            ("", 1..=120),
            ("outcome=matched", 1..=8),
            ("outcome=unknown_reference", 9..=120),
        ];
        for (which, lines) in ways {
            let mut path = format!("/treasury/reports/{}?{which}", report.id);
            let mut read = Vec::new();
            loop {
                let page = clerk.get(&path).await;
                let own = numbers(&page.text);
                assert!(!own.is_empty() && own.len() <= 50, "{path}: {own:?}");
                read.extend(own);
                match next(&page.text) {
                    Some(next) => path = next,
                    None => break,
                }
            }
            assert_eq!(read, lines.collect::<Vec<i64>>(), "{which}");
        }
        town.holds().await;
    });
}

#[test]
fn who_has_no_script_sees_how_far_it_is_by_looking_again() {
    each_engine(async |house| {
        let town = town(house).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let report = uploaded(&town).await;
        let page = format!("/treasury/reports/{report}?");
        let waits = clerk.get(&page).await.text;
        assert!(waits.contains(&format!("max=\"{LINES}\" aria-label")), "{waits}");
        let (held, judged) = half_reconciled(&town, report).await;
        let shown = clerk.get(&page).await.text;
        for told in [
            format!("max=\"{LINES}\" value=\"{judged}\""),
            format!("đã đối chiếu {judged} trên {LINES} dòng"),
            "Xem lại".to_owned(),
        ] {
            assert!(shown.contains(&told), "{told} is missing: {shown}");
        }
        let list = clerk.get("/treasury/reports").await.text;
        for told in [
            format!("max=\"{LINES}\" value=\"{judged}\""),
            format!("đã đối chiếu {judged} dòng"),
            "Xem lại".to_owned(),
        ] {
            assert!(list.contains(&told), "{told} is missing: {list}");
        }
        held.goes_on().await;
        let over = clerk.get(&page).await.text;
        assert!(over.contains("8 dòng khớp") && !over.contains("<progress"), "{over}");
    });
}
