//! The desk in a browser that reaches no other machine: every page is whole, asks nobody else for anything, and would not
//! be let. The page of the documents asks nobody else either.

use std::collections::BTreeSet;

use domain::Vnd;
use serde_json::json;
use service::Role;
use uuid::Uuid;

use super::window::{OFFICE, Window};
use crate::harness::{House, each_engine};
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, pain002};

/// Ten days after the day on which the bank was to execute.
const LONG_AFTER: &str = "2024-09-14T02:00:00Z";

/// Every page of the desk behind its door.
const PAGES: [&str; 13] = [
    "/treasury/ageing",
    "/treasury/differences",
    "/treasury/differences/{id}",
    "/treasury/files",
    "/treasury/files/{id}",
    "/treasury/recalls",
    "/treasury/reports",
    "/treasury/reports/{id}",
    "/treasury/reports/{id}/set-aside",
    "/treasury/silences",
    "/treasury/silences/{id}",
    "/treasury/suspense",
    "/treasury/suspense/{id}",
];

/// A town with something on every list: of three orders one is paid, the bank took too much for one, and says nothing of
/// the last; it also speaks of one that nobody knows.
async fn busy(house: &House) -> BankTown<'_> {
    let town = BankTown::open(house, 3).await;
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let mut more = answer(&orders[1], "ACSC", None);
    more.amount = Vnd::new(AMOUNT + 10_000).unwrap();
    town.bring(pain002("A1", &[answer(&orders[0], "ACCC", None), more]))
        .await;
    let line = town.waiting("amount_differs").await.line.id;
    let way = json!({"resolution": "amount_explained", "note": "Đã gọi ngân hàng"});
    town.resolve(line, way).await;
    let mut stranger = answer(&orders[0], "ACSC", None);
    stranger.reference = "AS-00000000000000000000000000".to_owned();
    stranger.uetr = None;
    town.bring(pain002("A2", &[stranger])).await;
    town.now(LONG_AFTER).await;
    town
}

/// What a path answers with, and the policy that stands over it.
async fn asked(window: &Window, path: &str) -> (String, String) {
    let script = "const [path, done] = arguments; fetch(path).then((own) => done([own.headers.get('content-type'), \
                  own.headers.get('content-security-policy')]), (error) => done([String(error), '']));";
    let told = window.client.execute_async(script, vec![json!(path)]).await.unwrap();
    let text = |place: usize| told[place].as_str().unwrap_or_default().to_owned();
    (text(0), text(1))
}

/// Fails unless a policy lets a page have nothing but what stands in it or comes from where it came from.
#[track_caller]
fn keeps_to_its_own(path: &str, policy: &str) {
    assert!(policy.starts_with("default-src 'none';"), "{path}: {policy}");
    for directive in policy.split(';') {
        for source in directive.split_whitespace().skip(1) {
            let own = matches!(source, "'none'" | "'self'") || source.starts_with("'nonce-");
            assert!(own, "{path}: {directive}");
        }
    }
}

/// Where the links of the page lead on this machine.
async fn links(window: &Window) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]')].map((own) => own.getAttribute('href'));";
    let found = window.client.execute(script, Vec::new()).await.unwrap();
    let found = found.as_array().unwrap().iter();
    let found = found.map(|own| own.as_str().unwrap().to_owned());
    found.filter(|path| path.starts_with('/')).collect()
}

/// Which page is shown at a path.
fn page_at(path: &str) -> String {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let parts = path.split('/');
    let parts = parts.map(|part| if Uuid::try_parse(part).is_ok() { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// Goes wherever a link leads from here on, and gives the pages that were seen.
async fn goes_everywhere(window: &Window, base: &str) -> BTreeSet<String> {
    let mut waiting = vec!["/treasury/files".to_owned()];
    let (mut known, mut seen) = (BTreeSet::from_iter(waiting.clone()), BTreeSet::new());
    while let Some(path) = waiting.pop() {
        let (kind, policy) = asked(window, &path).await;
        keeps_to_its_own(&path, &policy);
        if !kind.starts_with("text/html") {
            // A file to be saved.
            continue;
        }
        window.client.goto(&format!("{base}{path}")).await.unwrap();
        window.asks_nobody_else().await;
        seen.insert(page_at(&path));
        let next = links(window).await.into_iter();
        waiting.extend(next.filter(|path| known.insert(path.clone())));
    }
    seen
}

#[test]
fn every_page_is_whole_in_a_browser_that_reaches_nobody_else() {
    each_engine(async |house| {
        let town = busy(house).await;
        let window = Window::open().await;
        // By any other name this very machine is out of reach.
        let elsewhere = house.base.replace("127.0.0.1", "localhost");
        let lost = window.client.goto(&elsewhere).await.unwrap_err();
        assert!(format!("{lost:?}").contains("ERR_NAME_NOT_RESOLVED"), "{lost:?}");

        window.client.goto(&format!("{}/treasury", house.base)).await.unwrap();
        window.asks_nobody_else().await;
        keeps_to_its_own("the door", &asked(&window, "/treasury/sign-in").await.1);
        window.enter(&house.base, &house.key(Role::Treasury, None).await).await;
        let seen = goes_everywhere(&window, &house.base).await;
        let all: BTreeSet<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
        assert_eq!(seen, all);

        // A page that tried all the same would not be let.
        let tries = "const [elsewhere, done] = arguments; const refused = []; \
                     document.addEventListener('securitypolicyviolation', (own) => { \
                     refused.push(own.effectiveDirective); if (refused.length === 2) done(refused.sort().join(' ')); }); \
                     fetch(elsewhere).catch(() => {}); new Image().src = elsewhere;";
        let refused = window
            .client
            .execute_async(tries, vec![json!("http://127.0.0.1:9/")])
            .await;
        assert_eq!(refused.unwrap(), json!("connect-src img-src"));
        window
            .client
            .goto(&format!("{}/treasury/files", house.base))
            .await
            .unwrap();
        window.close().await;
        town.holds().await;
    });
}

#[test]
fn the_page_of_the_documents_is_whole_and_asks_nobody_else() {
    each_engine(async |house| {
        let window = Window::open().await;
        // Only where it is not this machine's own address would it have a stranger look at the document.
        let named = house.base.replace("127.0.0.1", OFFICE);
        window.client.goto(&format!("{named}/docs/")).await.unwrap();
        window.shows(".swagger-ui .opblock").await;
        window.close().await;
    });
}
