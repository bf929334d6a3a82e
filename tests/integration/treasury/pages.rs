//! A clerk's morning at the desk, page by page.

use service::Role;

use super::desk::{Browser, between, links, results, seal, sha256};
use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn a_clerk_fetches_a_file_acknowledges_it_and_sees_the_answer_matched() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let browser = Browser::new(house);
        assert_eq!(browser.get("/treasury").await.header("location"), "/treasury/files");
        assert_eq!(
            browser.get("/treasury/files").await.header("location"),
            "/treasury/sign-in"
        );
        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;

        let list = browser.get("/treasury/files").await;
        assert_eq!(list.status, 200);
        for told in [
            "1.500.000",
            "Một triệu năm trăm nghìn đồng",
            "Bưu điện",
            "Hằng tháng 09/2024, số 1",
            "Đã lập",
        ] {
            assert!(list.text.contains(told), "{told} is missing: {}", list.text);
        }
        // The treasury's own list is counted and summed too, and has a manifest.
        let (mut own_list, mut figures) = (None, None);
        for link in links(&list, "/treasury/files/") {
            let page = browser.get(&link).await;
            if page.text.contains("<h1>treasury-list.xlsx</h1>") {
                own_list = Some(page.text);
            } else if page.text.contains("<h1>treasury-figures.xlsx</h1>") {
                figures = Some(page.text);
            }
        }
        let own_list = own_list.expect("the desk shows the treasury's list");
        assert!(
            own_list.contains("1.500.000 đồng") && own_list.contains("/manifest"),
            "{own_list}"
        );
        // Figures have a count and a sum, and no accounts to add up.
        let figures = figures.expect("the desk shows the figures");
        let total = between(&figures, "Tổng băm tài khoản</dt>", "</dd>");
        assert!(total.contains('—') && !total.contains("<code>"), "{total}");
        let file = links(&list, "/treasury/files/").remove(0);
        let page = browser.get(&file).await;
        // Who copies the hash from the page and holds nothing acknowledges nothing.
        assert!(page.text.contains("hãy tải tệp trước"), "{}", page.text);
        let digits = between(&page.text, "<p class=\"digits\" aria-labelledby=\"hash\">", "</p>");
        let shown: String = digits.replace("<code>", "").replace("</code>", "").replace(' ', "");
        let fields = [
            ("_seal", seal(&page)),
            ("version", between(&page.text, "name=\"version\" value=\"", "\"")),
            ("sha256", shown.clone()),
        ];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let copied = browser.post(&format!("{file}/acknowledge"), &fields).await;
        assert_eq!(copied.status, 422);
        assert!(
            copied.text.contains("Chưa ai của kho bạc tải tệp") && copied.text.contains("id=\"wrong\""),
            "{}",
            copied.text
        );
        let bytes = browser.download(&format!("{file}/content")).await;
        let hash = sha256(&bytes);
        assert_eq!(hash, shown);
        let page = browser.get(&file).await;
        assert!(!page.text.contains("hãy tải tệp trước"), "{}", page.text);
        for place in 0..8 {
            let group = &hash[place * 8..place * 8 + 8];
            assert!(
                page.text.contains(&format!("<code>{group}</code>")),
                "{group} is missing"
            );
        }
        // Names repeat each month: each is saved under one that tells its run, so that nobody takes last month's for it.
        let id = file.rsplit('/').next().unwrap();
        let api = house.call("GET", &format!("/v1/payment-files/{id}/content"));
        let api = api.key(&house.key(Role::Treasury, None).await).send().await;
        let mut named = vec![api.header("content-disposition").to_owned()];
        for part in ["content", "manifest", "signature"] {
            let answer = browser.get(&format!("{file}/{part}")).await;
            named.push(answer.header("content-disposition").to_owned());
        }
        for name in &named {
            assert!(
                name.starts_with("attachment; filename=\"regular-202409-1-"),
                "{named:?}"
            );
        }
        assert_eq!(named[0], named[1]);
        assert!(
            named[2].ends_with(".manifest.json\"") && named[3].contains(".manifest.json."),
            "{named:?}"
        );
        let manifest = browser.download(&format!("{file}/manifest")).await;
        assert!(String::from_utf8(manifest).unwrap().contains(&hash));

        let version = between(&page.text, "name=\"version\" value=\"", "\"");
        let seal_of_page = seal(&page);
        let acknowledge = async |digits: &str| {
            let fields = [
                ("_seal", seal_of_page.as_str()),
                ("version", version.as_str()),
                ("sha256", digits),
            ];
            browser.post(&format!("{file}/acknowledge"), &fields).await
        };
        let wrong = acknowledge("00000000 … 00000000").await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text.contains("Không phải mã băm của tệp đã gửi"),
            "{}",
            wrong.text
        );
        let right = acknowledge(&format!("{} … {}", &hash[..8], &hash[56..])).await;
        assert_eq!((right.status, right.header("location")), (303, file.as_str()));
        let page = browser.get(&file).await;
        assert!(
            page.text.contains("Kho bạc đã nhận") && page.text.contains("Kho bạc tải về"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("/acknowledge"), "it is acknowledged once");
        let open = links(&browser.get("/treasury/files").await, "/treasury/files/");
        let done = links(&browser.get("/treasury/files?done=1").await, "/treasury/files/");
        assert!(!open.contains(&file) && done == [file], "{open:?} {done:?}");

        let form = browser.get("/treasury/reports").await;
        let content = results(&town, run, Some("AS00000000000000000000")).await;
        let sent = browser.upload(Some(&seal(&form)), "ket-qua.csv", &content).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let report = sent.header("location").to_owned();
        town.idle().await;
        let page = browser.get(&report).await;
        assert!(
            page.text.contains("Đã đối soát 3 dòng: 2 dòng khớp, 1 dòng chờ xử lý."),
            "{}",
            page.text
        );
        // The part that a script asks for says the same.
        let part = browser.get(&format!("{report}/lines")).await;
        assert!(
            part.text.starts_with("<div id=\"live\" data-open=\"false\""),
            "{}",
            part.text
        );
        assert!(part.text.contains("Không rõ tham chiếu"));
        let unknown = browser.get(&format!("{report}?outcome=unknown_reference")).await;
        assert!(unknown.text.contains("AS00000000000000000000"));
        assert!(unknown.text.contains("Không có lệnh chi nào mang mã này"));
        let suspense = browser.get("/treasury/suspense").await;
        assert_eq!(links(&suspense, "/treasury/reports/"), std::slice::from_ref(&report));
        // The same bytes again are the same report.
        let again = browser.upload(Some(&seal(&form)), "lan-hai.csv", &content).await;
        assert_eq!(again.header("location"), report);
        town.close().await;
    });
}

#[test]
fn while_lines_are_matched_the_page_says_so_and_works_without_a_script() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let content = results(&town, run, None).await;
        // Nobody is there who matches lines.
        town.close().await;
        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let form = browser.get("/treasury/reports").await;
        let sent = browser.upload(Some(&seal(&form)), "ket-qua.csv", &content).await;
        let report = sent.header("location").to_owned();
        let page = browser.get(&report).await;
        assert!(page.text.contains("Đang đối soát 2 dòng…"), "{}", page.text);
        assert!(page.text.contains("data-open=\"true\""));
        let reload = format!("class=\"button\" href=\"{report}?\"");
        assert!(page.text.contains(&reload), "no link to look again: {}", page.text);
        service::job::drain(&house.app, service::job::KINDS).await.unwrap();
        let page = browser.get(&format!("{report}?")).await;
        assert!(page.text.contains("Đã đối soát 2 dòng: 2 dòng khớp"), "{}", page.text);
        assert!(!page.text.contains("Xem lại"));
    });
}

#[test]
fn the_desk_needs_nothing_from_elsewhere_and_lets_nothing_in() {
    each_engine(async |house| {
        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        for path in [
            "/treasury/files",
            "/treasury/reports",
            "/treasury/suspense",
            "/treasury/recalls",
            "/treasury/differences",
            "/treasury/silences",
            "/treasury/nothing",
        ] {
            let page = browser.get(path).await;
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(page.header("cache-control"), "no-store", "{path}");
            let policy = page.header("content-security-policy");
            assert!(
                policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
                "{policy}"
            );
            let nonce = between(policy, "script-src 'nonce-", "'");
            assert!(page.text.contains(&format!("<script nonce=\"{nonce}\">")), "{path}");
            let again = browser.get(path).await;
            assert!(!again.text.contains(&nonce), "a nonce is used once");
            for from in ["src=\"http", "href=\"http", "url(", "@import"] {
                assert!(!page.text.contains(from), "{path} fetches by {from}");
            }
            assert!(
                page.text.contains("<html lang=\"vi\">") && page.text.contains("href=\"#content\""),
                "{path}"
            );
        }
        assert_eq!(browser.get("/treasury/nothing").await.status, 404);
    });
}
