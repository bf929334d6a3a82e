//! Whom the desk does not let in, and what it does not let through.

use serde_json::json;
use service::Role;

use super::desk::{Browser, between, links, results, seal, sha256};
use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::Town;

/// A page that a person can read, and not a problem document.
#[track_caller]
fn readable(answer: &Answer, status: u16, told: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(answer.text.contains(told), "{told} is missing: {}", answer.text);
}

async fn is_out(browser: &Browser<'_>) {
    let answer = browser.get("/treasury/files").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/treasury/sign-in"));
}

#[test]
fn only_a_clerk_of_the_treasury_signs_in() {
    each_engine(async |house| {
        let browser = Browser::new(house);
        for key in ["", "ansinh_00000000_0000000000000000000000000000000000000000", "'; --"] {
            readable(&browser.enter(key).await, 401, "Khóa không đúng");
        }
        for key in [
            house.key(Role::Releaser, None).await,
            house.key(Role::Treasury, Some("06652@1900-01")).await,
            house.key_without_role().await,
        ] {
            readable(&browser.enter(&key).await, 403, "không phải của cán bộ kho bạc");
        }
        is_out(&browser).await;
        // The API's credential opens no page, and the desk's cookie no API.
        let key = house.key(Role::Treasury, None).await;
        let bare = house.call("GET", "/treasury/files").key(&key).send().await;
        assert_eq!(bare.status, 303);
        let clerk = Browser::signed_in(house, &key).await;
        clerk.get("/v1/me").await.problem("unauthenticated");
    });
}

#[test]
fn a_session_ends_with_its_day_with_its_key_and_when_its_clerk_leaves() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let key = house.key(Role::Treasury, None).await;
        let (leaving, revoked, expired) = (
            Browser::signed_in(house, &key).await,
            Browser::signed_in(house, &key).await,
            Browser::signed_in(house, &house.key(Role::Treasury, None).await).await,
        );
        let page = leaving.get("/treasury/files").await;
        assert_eq!(page.status, 200);
        let stolen = leaving.post("/treasury/sign-out", &[("_seal", "00")]).await;
        readable(&stolen, 403, "Biểu mẫu không còn hiệu lực");
        let left = leaving.post("/treasury/sign-out", &[("_seal", &seal(&page))]).await;
        assert_eq!(left.header("location"), "/treasury/sign-in");
        is_out(&leaving).await;
        assert_eq!(
            revoked.get("/treasury/files").await.status,
            200,
            "another session of the same key goes on"
        );

        let administrator = house.key(Role::Administrator, None).await;
        let me = house.call("GET", "/v1/me").key(&key).send().await.json();
        let client = format!("/v1/clients/{}", me["client_id"].as_str().unwrap());
        let rotate = house.call("POST", &format!("{client}/rotate")).key(&administrator);
        let rotated = rotate.once("r").send().await;
        assert!(rotated.status < 300, "{rotated:?}");
        is_out(&revoked).await;

        assert_eq!(expired.get("/treasury/files").await.status, 200);
        town.now("2024-08-20T11:30:00Z").await;
        is_out(&expired).await;
        town.close().await;
    });
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let other = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let file = links(&clerk.get("/treasury/files").await, "/treasury/files/").remove(0);
        let page = clerk.get(&file).await;
        let hash = sha256(&clerk.download(&format!("{file}/content")).await);
        let version = between(&page.text, "name=\"version\" value=\"", "\"");
        let stranger = seal(&other.get(&file).await);
        for seal in ["", "zz", "00", &stranger] {
            let fields = [("_seal", seal), ("version", &version), ("sha256", &hash)];
            let answer = clerk.post(&format!("{file}/acknowledge"), &fields).await;
            readable(&answer, 403, "Biểu mẫu không còn hiệu lực");
        }
        let content = results(&town, run, None).await;
        for seal in [None, Some(""), Some(stranger.as_str())] {
            readable(
                &clerk.upload(seal, "ket-qua.csv", &content).await,
                403,
                "Biểu mẫu không còn hiệu lực",
            );
        }
        assert!(clerk.get(&file).await.text.contains("/acknowledge"), "it still waits");
        let auditor = house.key(Role::Auditor, None).await;
        let reports = house.call("GET", "/v1/bank-reports").key(&auditor).send().await.json();
        assert_eq!(reports["items"], json!([]));
        // Not even a key is taken from a form that is not ours.
        let key = house.key(Role::Treasury, None).await;
        let door = Browser::new(house);
        let answer = door
            .post("/treasury/sign-in", &[("key", &key), ("_seal", &stranger)])
            .await;
        readable(&answer, 403, "Biểu mẫu không còn hiệu lực");
        is_out(&door).await;
        town.close().await;
    });
}

#[test]
fn what_strangers_wrote_is_shown_and_never_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let form = browser.get("/treasury/reports").await;
        let content = results(&town, run, Some("<script>alert(2)</script>")).await;
        let sent = browser
            .upload(Some(&seal(&form)), "<script>alert(1)<script>.csv", &content)
            .await;
        let report = sent.header("location").to_owned();
        assert!(report.starts_with("/treasury/reports/"), "{sent:?}");
        town.idle().await;
        for path in [report.as_str(), "/treasury/reports", "/treasury/suspense"] {
            let page = browser.get(path).await;
            assert!(page.text.contains("&lt;script&gt;alert("), "{path}: {}", page.text);
            assert!(!page.text.contains("<script>alert("), "{path}");
        }
        town.close().await;
    });
}

#[test]
fn an_unreadable_file_is_refused_with_a_page_that_says_where_reading_stopped() {
    each_engine(async |house| {
        let browser = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let form = browser.get("/treasury/reports").await;
        let answer = browser.upload(Some(&seal(&form)), "anh.png", b"\x89PNG\r\n").await;
        readable(&answer, 422, "Không đọc được tệp ngân hàng");
        readable(&browser.upload(Some(&seal(&form)), "", b"").await, 422, "Chưa chọn tệp");
        readable(&browser.get("/treasury/files/0192f3a0").await, 404, "Không tìm thấy");
        readable(
            &browser.get("/treasury/files?cursor=00").await,
            400,
            "Con trỏ trang không hợp lệ",
        );
    });
}

#[test]
fn a_form_that_is_too_large_is_refused_with_a_page() {
    each_engine(async |house| {
        let browser = Browser::new(house);
        let door = browser.get("/treasury/sign-in").await;
        let (own, much) = (seal(&door), "x".repeat(300_000));
        let answer = browser
            .post("/treasury/sign-in", &[("_seal", &own), ("key", &much)])
            .await;
        readable(&answer, 413, "<html lang=\"vi\">");
        assert!(answer.text.contains("Quầy kho bạc"), "in the desk's own look");
        assert_eq!(answer.header("content-language"), "vi");
        assert!(
            answer.header("content-security-policy").contains("nonce-"),
            "under the policy of the desk's pages"
        );
        // A frontend at the same server is still told in its own form.
        house.call("GET", "/v1/nowhere").send().await.problem("not-found");
        // What is no form at all is told of in words too.
        let answer = browser.post("/treasury/nowhere", &[]).await;
        readable(&answer, 404, "Không tìm thấy");
    });
}

/// The cookies of somebody who signs in under this name of the server.
async fn cookies(house: &House, host: &str) -> Vec<String> {
    let door = house.call("GET", "/treasury/sign-in").header("Host", host).send().await;
    let visitor = door.header("set-cookie").split(';').next().unwrap().to_owned();
    let mut body = form_urlencoded::Serializer::new(String::new());
    let key = house.key(Role::Treasury, None).await;
    body.extend_pairs([("_seal", seal(&door)), ("key", key)]);
    let call = house
        .call("POST", "/treasury/sign-in")
        .header("Host", host)
        .header("Cookie", &visitor);
    let entered = call
        .body("application/x-www-form-urlencoded", body.finish())
        .send()
        .await;
    assert_eq!(entered.status, 303);
    entered
        .headers("set-cookie")
        .iter()
        .map(|cookie| (*cookie).to_owned())
        .collect()
}

#[test]
fn cookies_are_for_this_site_alone_and_in_the_clear_for_this_machine_alone() {
    each_engine(async |house| {
        for (host, secure) in [
            ("127.0.0.1:8080", false),
            ("localhost", false),
            ("[::1]:8080", false),
            ("khobac.quangninh.gov.vn", true),
            ("10.0.0.5:8080", true),
            ("localhost.example", true),
        ] {
            for cookie in cookies(house, host).await {
                assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{host}: {cookie}");
                assert!(cookie.contains("; Path=/treasury;"), "{host}: {cookie}");
                assert_eq!(cookie.ends_with("; Secure"), secure, "{host}: {cookie}");
            }
        }
    });
}
