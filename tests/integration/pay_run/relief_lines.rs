//! Relief on a line of its fund's estimate: filed by many at once it is never more than the line has, and what is turned
//! down, comes back or is filed again is on the line once.

use futures::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::program::{self, ListPrograms, SetProgramFund};
use service::relief_request::{self, RequestView};
use service::{Actor, App, Error, ProblemCode, Role, access, fund, payment_order, relief_event};
use uuid::Uuid;

use crate::harness::{each_engine, opens_fund, pays_from, sets_fund_lines};
use crate::reconciliation::bank::{BankTown, answer, of, pain002, person};

/// By law for a house that was lost, đồng.
const HOUSE: i64 = 40_000_000;
/// Who files at once.
const CLIENTS: u128 = 64;

/// A storm over a town, and a fund of which one line is for relief.
struct Storm<'t> {
    town: &'t BankTown<'t>,
    verifier: Actor,
    event: Uuid,
    fund: Uuid,
}

impl<'t> Storm<'t> {
    /// The line has so much, đồng; the fund has a billion.
    async fn strike(town: &'t BankTown<'t>, line: i64) -> Self {
        let app = town.app();
        town.now("2024-09-20T02:00:00Z").await;
        let key = town.house.key(Role::ReliefVerifier, None).await;
        let verifier = access::authenticate(app, &key).await.unwrap();
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 1_000_000_000});
        let fund = opens_fund(app, of(money)).await.id;
        let storm = json!({"code": "bao-so-3", "name": "Bão số 3", "kind": "storm", "happened_on": "2024-09-07"});
        let event = relief_event::declare(app, &verifier, of(storm)).await.unwrap().id;
        let storm = Self {
            town,
            verifier,
            event,
            fund,
        };
        storm.lines(line).await;
        draws_on(app, &town.preparer, "relief").await;
        storm
    }

    async fn lines(&self, relief: i64) {
        sets_fund_lines(self.town.app(), self.fund, lines(relief)).await;
    }

    async fn files(&self, reference: &str, victim: u128) -> Result<RequestView, Error> {
        let request = json!({"relief_event_id": self.event, "area_id": "06652@1900-01", "reference": reference,
            "claims": [{"person_id": person(victim), "loss": "house_lost", "circumstances": {"in_need": true}}]});
        relief_request::submit(self.town.app(), &self.town.caseworker, of(request)).await
    }

    async fn pays(&self, request: &RequestView) -> Uuid {
        let app = self.town.app();
        let verified = relief_request::verify(app, &self.verifier, request.id, request.version)
            .await
            .unwrap();
        let approved = relief_request::approve(app, &self.town.approver, request.id, verified.version)
            .await
            .unwrap();
        self.town.idle().await;
        approved.pay_run_id.unwrap()
    }

    async fn rejects(&self, request: &RequestView) {
        relief_request::reject(
            self.town.app(),
            &self.verifier,
            request.id,
            request.version,
            "Chưa đủ căn cứ",
        )
        .await
        .unwrap();
    }

    /// What is drawn and held on the line, and what is left of it.
    async fn drawn(&self) -> (i64, i64) {
        let lines = fund::lines(self.town.app(), &self.town.preparer, self.fund)
            .await
            .unwrap();
        let own = lines.drawn.iter().find(|own| own.code == "relief").unwrap();
        (own.drawn, own.left)
    }
}

fn lines(relief: i64) -> Value {
    json!([
        {"code": "relief", "chapter": "423", "name": "Cứu trợ đột xuất", "amount": relief},
        {"code": "reserve", "chapter": "423", "name": "Dự phòng", "amount": 100_000_000},
    ])
}

/// The program of emergency relief draws on a line of its fund.
async fn draws_on(app: &App, preparer: &Actor, line: &str) {
    let programs = program::list(app, preparer, ListPrograms::default()).await.unwrap();
    let own = programs
        .items
        .into_iter()
        .find(|own| own.code == "emergency_relief")
        .unwrap();
    let command = SetProgramFund {
        fund_code: "emergency_relief".to_owned(),
        fund_line: Some(line.to_owned()),
        reason: "QĐ 45/QĐ-UBND".to_owned(),
    };
    pays_from(app, own.id, command).await;
}

#[test]
fn requests_that_are_filed_at_once_never_overspend_the_line_of_relief() {
    each_engine(async |house| {
        let town = BankTown::open(house, CLIENTS).await;
        // Enough for ten of the 64, and a little; the fund as a whole has enough for 25.
        let storm = Storm::strike(&town, 11 * HOUSE - 1).await;
        let filed =
            join_all((0..CLIENTS).map(async |number| storm.files(&format!("{number}/TTr"), number).await)).await;
        let (good, refused): (Vec<_>, Vec<_>) = filed.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 10, "as many as the line has money for");
        for refused in refused.into_iter().filter_map(Result::err) {
            assert_eq!(refused.code, ProblemCode::FundExhausted, "{refused}");
            assert!(
                refused.to_string().contains("the line relief"),
                "it says which line: {refused}"
            );
        }
        assert_eq!(storm.drawn().await, (10 * HOUSE, HOUSE - 1));
        let funds = fund::list(town.app(), &town.preparer).await.unwrap();
        let own = funds.iter().find(|own| own.id == storm.fund).unwrap();
        assert_eq!((own.available, own.reserved), (1_000_000_000 - 10 * HOUSE, 10 * HOUSE));
        town.holds().await;

        // Paid, they have drawn what they held: neither more nor twice.
        let good: Vec<RequestView> = good.into_iter().filter_map(Result::ok).collect();
        for request in good.iter().take(3) {
            storm.pays(request).await;
        }
        assert_eq!(storm.drawn().await, (10 * HOUSE, HOUSE - 1));
        town.holds().await;
    });
}

#[test]
fn what_is_turned_down_or_comes_back_is_on_the_line_of_relief_once() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        let storm = Storm::strike(&town, 2 * HOUSE).await;
        let first = storm.files("1/TTr", 0).await.unwrap();
        let second = storm.files("2/TTr", 1).await.unwrap();
        assert_eq!(storm.drawn().await, (2 * HOUSE, 0));
        assert_eq!(
            storm.files("3/TTr", 2).await.unwrap_err().code,
            ProblemCode::FundExhausted
        );
        // The line keeps what is held on it.
        let version = fund::lines(app, &town.preparer, storm.fund).await.unwrap().version;
        let less = json!({"lines": lines(2 * HOUSE - 1), "note": "QĐ 46/QĐ-UBND"});
        let refused = fund::propose_lines(app, &town.preparer, storm.fund, version, of(less)).await;
        assert_eq!(refused.unwrap_err().fields[0].code, "below_what_is_drawn");

        storm.rejects(&second).await;
        assert_eq!(storm.drawn().await, (HOUSE, HOUSE));
        // The database refuses more than the line has, whoever asks.
        let sql = format!(
            "INSERT INTO relief_line_hold (relief_request_id, fund_id, line_code, amount) \
             SELECT own.id, whole.id, 'relief', {} FROM relief_request AS own, fund AS whole \
             WHERE own.reference = '2/TTr' AND whole.code = 'emergency_relief'",
            HOUSE + 1
        );
        let error = app.db.owner().execute_unprepared(&sql).await.unwrap_err().to_string();
        assert!(error.contains("refused relief_line_hold: above_estimate"), "{error}");

        // What a bank sends back is drawn still, and is there for whoever files it again.
        let run = storm.pays(&first).await;
        let third = storm.files("4/TTr", 2).await.unwrap();
        assert_eq!(storm.drawn().await, (2 * HOUSE, 0));
        let order = payment_order::list(app, &town.preparer, run, None, None).await.unwrap();
        town.bring(pain002("R1", &[answer(&order.items[0], "RJCT", Some("TM01"))]))
            .await;
        assert_eq!(storm.drawn().await, (2 * HOUSE, 0));
        town.holds().await;
        let again = storm.files("5/TTr", 0).await.unwrap();
        assert_eq!(storm.drawn().await, (2 * HOUSE, 0));
        town.holds().await;
        storm.pays(&again).await;
        storm.pays(&third).await;
        assert_eq!(storm.drawn().await, (2 * HOUSE, 0));
        town.holds().await;
    });
}

#[test]
fn relief_that_is_cancelled_leaves_its_line_and_names_one_line_of_a_fund() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let storm = Storm::strike(&town, HOUSE).await;
        let filed = storm.files("1/TTr", 0).await.unwrap();
        let run = storm.pays(&filed).await;
        let order = payment_order::list(app, &town.preparer, run, None, None).await.unwrap();
        town.bring(pain002("R1", &[answer(&order.items[0], "RJCT", Some("TM01"))]))
            .await;
        let order = order.items[0].id;
        let note = of(json!({"note": "Sai người nhận"}));
        let proposed = payment_order::propose_cancellation(app, &town.preparer, order, note)
            .await
            .unwrap();
        let accept = crate::reconciliation::bank::accept(proposed.id);
        payment_order::decide_cancellation(app, &town.approver, order, accept)
            .await
            .unwrap();
        town.idle().await;
        assert_eq!(storm.drawn().await, (0, HOUSE));
        town.holds().await;

        // A request names its fund, and finds its line by that: another program of relief names no other.
        let draft = |code: &str, kind: &str, line: &str| {
            json!({"code": code, "name": {"vi": "Cứu trợ", "en": "Relief"}, "kind": kind,
                "legal_basis": "NĐ 20/2021/NĐ-CP", "responsible_unit": "Sở", "fund_code": "emergency_relief",
                "fund_line": line, "from": "2024-01-01"})
        };
        let no_line = program::create(app, &town.preparer, of(draft("counsel", "service", "relief"))).await;
        assert_eq!(no_line.unwrap_err().fields[0].code, "no_benefit");
        let other = program::create(app, &town.preparer, of(draft("flood", "relief", "reserve")))
            .await
            .unwrap();
        let refused = program::activate(app, &town.preparer, other.id, other.version).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::Conflict);
        let same = program::create(app, &town.preparer, of(draft("drought", "relief", "relief")))
            .await
            .unwrap();
        program::activate(app, &town.preparer, same.id, same.version)
            .await
            .unwrap();

        // A fund with lines of which none has the name pays nothing of it.
        let bare = json!([{"code": "reserve", "chapter": "423", "name": "Dự phòng", "amount": 1}]);
        sets_fund_lines(app, storm.fund, bare).await;
        assert_eq!(storm.files("2/TTr", 0).await.unwrap_err().code, ProblemCode::Conflict);
        town.holds().await;
    });
}
