//! The lines of an answer file watched being matched in a real browser, by the keyboard alone.

use service::{Role, bank_report};

use super::desk::Browser;
use super::window::Window;
use crate::harness::each_engine;
use crate::reconciliation::watched::{Held, LINES, answered, town};

/// What stands on the page.
const TOLD: &str = "document.getElementById('told').textContent";

/// The letter of the link that has the focus.
const KEY: &str = "own.getAttribute('accesskey')";

#[test]
fn a_clerk_watches_the_lines_of_a_file_being_matched_and_the_keyboard_stays_where_it_is() {
    each_engine(async |house| {
        let town = town(house).await;
        let (_, bytes) = answered(&town).await;
        let window = Window::open().await;
        window.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        let report = bank_report::upload(town.app(), &town.treasury, "tra-loi.xml", bytes)
            .await
            .unwrap();
        let path = format!("/treasury/reports/{}", report.id);
        window.follow("/treasury/reports").await;
        window.shows(&format!("a[href='{path}']")).await;
        window.follow(&path).await;

        // Nobody is at it: how far it is, is not known.
        window.shows("#live[data-open='true'] progress:not([value])").await;
        assert_eq!(window.reads(TOLD).await, format!("Đang đối soát {LINES} dòng…"));
        window.tab_to(KEY, "r").await;
        window.reads("window.sameDocument = true").await;

        let held = Held::half_way(town.app(), report.id).await;
        let half = bank_report::get(town.app(), &town.treasury, report.id).await.unwrap();
        let judged = half.progress.unwrap().judged;
        assert!(0 < judged && judged < LINES);
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
fn who_has_no_script_sees_how_far_it_is_by_looking_again() {
    each_engine(async |house| {
        let town = town(house).await;
        let (_, bytes) = answered(&town).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let report = bank_report::upload(town.app(), &town.treasury, "tra-loi.xml", bytes)
            .await
            .unwrap();
        let page = format!("/treasury/reports/{}?", report.id);
        let waits = clerk.get(&page).await.text;
        assert!(waits.contains(&format!("max=\"{LINES}\" aria-label")), "{waits}");
        let held = Held::half_way(town.app(), report.id).await;
        let half = bank_report::get(town.app(), &town.treasury, report.id).await.unwrap();
        let judged = half.progress.unwrap().judged;
        let shown = clerk.get(&page).await.text;
        for told in [
            format!("max=\"{LINES}\" value=\"{judged}\""),
            format!("đã đối chiếu {judged} trên {LINES} dòng"),
            "Xem lại".to_owned(),
        ] {
            assert!(shown.contains(&told), "{told} is missing: {shown}");
        }
        held.goes_on().await;
        let over = clerk.get(&page).await.text;
        assert!(over.contains("8 dòng khớp") && !over.contains("<progress"), "{over}");
    });
}
