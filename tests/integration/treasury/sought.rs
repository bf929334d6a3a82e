//! The waiting lines at the desk, by what its form asks for.

use service::Role;
use uuid::Uuid;

use super::desk::{Browser, links};
use super::resolutions::{stray, told};
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, answer, pain002};

const PLACE: &str = "/treasury/suspense";

#[test]
fn the_form_above_the_waiting_lines_shows_some_of_them() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let nameless = format!("{PLACE}/{}", stray(&town, run).await);
        let blocked = answer(&town.orders(run).await[1], "BLCK", None);
        town.bring(pain002("A2", &[blocked])).await;
        let blocked = format!("{PLACE}/{}", town.waiting("blocked").await.line.id);
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;

        // As the browser sends a form in which nothing is chosen.
        let all = clerk.get(&format!("{PLACE}?run=&bank=&outcome=")).await;
        told(
            &all,
            200,
            &["Mọi đợt chi", "hằng tháng, tháng 09/2024, số 1", "method=\"get\""],
        );
        let shown = links(&all, "/treasury/suspense/");
        assert!(shown.contains(&nameless) && shown.contains(&blocked), "{shown:?}");

        for (query, expected) in [
            (format!("run={run}"), &blocked),
            ("bank=AGRIBANK&outcome=pending".to_owned(), &blocked),
            ("outcome=unknown_reference".to_owned(), &nameless),
        ] {
            let page = clerk.get(&format!("{PLACE}?{query}")).await;
            assert_eq!(page.status, 200, "{}", page.text);
            assert_eq!(
                links(&page, "/treasury/suspense/"),
                std::slice::from_ref(expected),
                "{query}"
            );
        }
        // What was asked for stays chosen.
        let chosen = clerk.get(&format!("{PLACE}?outcome=pending")).await;
        told(&chosen, 200, &["<option value=\"pending\" selected>"]);
        let none = clerk.get(&format!("{PLACE}?run={}", Uuid::from_u128(7))).await;
        told(
            &none,
            200,
            &["Không có dòng nào chờ xử lý hợp với điều kiện lọc", "Xem tất cả"],
        );
        for wrong in ["outcome=green", "run=7"] {
            assert_eq!(clerk.get(&format!("{PLACE}?{wrong}")).await.status, 400, "{wrong}");
        }
    });
}
