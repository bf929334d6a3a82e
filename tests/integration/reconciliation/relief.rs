//! A bank says that somebody has died to whom relief is to be paid.

use futures::future::join_all;
use serde_json::{Value, json};
use service::registry_finding::{self, ListFindings};
use service::relief_event::{self, DeclareEvent};
use service::relief_request::{self, ClaimView, RequestView, SubmitRequest};
use service::{Actor, ProblemCode, Role, access};
use uuid::Uuid;

use super::bank::{BankTown, answer, of, pain002, person};
use crate::harness::{each_engine, opens_fund};

/// A storm, and who verifies what the commune asks for.
struct Storm<'t> {
    town: &'t BankTown<'t>,
    event: Uuid,
    verifier: Actor,
}

impl<'t> Storm<'t> {
    async fn strike(town: &'t BankTown<'t>) -> Self {
        let app = town.app();
        let key = town.house.key(Role::ReliefVerifier, None).await;
        let verifier = access::authenticate(app, &key).await.unwrap();
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 1_000_000_000});
        opens_fund(app, of(money)).await;
        let storm: DeclareEvent = of(json!({"code": "bao-so-3", "name": "Bão số 3", "kind": "storm",
            "happened_on": "2024-09-07"}));
        let event = relief_event::declare(app, &verifier, storm).await.unwrap().id;
        Self { town, event, verifier }
    }

    /// A request for these people, verified.
    async fn verified(&self, reference: &str, people: &[u128]) -> RequestView {
        let app = self.town.app();
        let claims: Vec<Value> = people
            .iter()
            .map(|number| {
                json!({"person_id": person(*number), "loss": "house_lost", "circumstances": {"in_need": true}})
            })
            .collect();
        let request: SubmitRequest = of(json!({"relief_event_id": self.event, "area_id": "06652@1900-01",
            "reference": reference, "claims": claims}));
        let filed = relief_request::submit(app, &self.town.caseworker, request)
            .await
            .unwrap();
        relief_request::verify(app, &self.verifier, filed.id, filed.version)
            .await
            .unwrap()
    }

    /// The run that pays a verified request.
    async fn paid(&self, request: &RequestView) -> Uuid {
        let approved = relief_request::approve(self.town.app(), &self.town.approver, request.id, request.version)
            .await
            .unwrap();
        self.town.idle().await;
        approved.pay_run_id.unwrap()
    }

    async fn claim(&self, request: &RequestView, number: u128) -> ClaimView {
        let claims = relief_request::claims(self.town.app(), &self.town.caseworker, request.id)
            .await
            .unwrap();
        claims
            .into_iter()
            .find(|claim| claim.person_id == Some(person(number)))
            .unwrap()
    }
}

#[test]
fn a_reported_death_holds_relief_as_it_holds_monthly_payments() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("MD07")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(pain002("A1", &told)).await;
        let storm = Storm::strike(&town).await;

        // Nothing of this request would be paid: it waits, or is turned down.
        let alone = storm.verified("1/TTr", &[0]).await;
        let refused = relief_request::approve(app, &town.approver, alone.id, alone.version)
            .await
            .unwrap_err();
        assert_eq!(
            (refused.code, refused.fields[0].code.as_str()),
            (ProblemCode::Conflict, "reported_deceased")
        );
        relief_request::reject(app, &storm.verifier, alone.id, alone.version, "chờ xác minh")
            .await
            .unwrap();

        // Beside others, the one waits and the rest is paid at once.
        let both = storm.verified("2/TTr", &[0, 1]).await;
        let relief = storm.paid(&both).await;
        assert_eq!(town.lines(relief, person(0)).await.len(), 0);
        assert_eq!(town.lines(relief, person(1)).await.len(), 1);
        let held = town.held(relief).await;
        assert_eq!(
            (held.len(), held[0].person_id, held[0].reason.as_str()),
            (1, person(0), "reported_deceased")
        );
        let (own, other) = (storm.claim(&both, 0).await, storm.claim(&both, 1).await);
        assert_eq!(
            (json!(own.status), own.held_reason.as_deref()),
            (json!("held"), Some("reported_deceased"))
        );
        assert_eq!(other.held_reason, None);
        assert_eq!(held[0].amount, own.amount);
        town.holds().await;

        // The bank was wrong: the commune asks again for the one, and not for the other.
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(app, &town.caseworker, filter)
            .await
            .unwrap()
            .items;
        let alive = json!({"note": "Đã gặp trực tiếp"});
        registry_finding::dismiss(app, &town.caseworker, open[0].id, open[0].version, of(alive))
            .await
            .unwrap();
        let again = storm.verified("3/TTr", &[0]).await;
        let relief = storm.paid(&again).await;
        assert_eq!(town.lines(relief, person(0)).await[0].amount, own.amount);
        let twice: SubmitRequest = of(json!({"relief_event_id": storm.event, "area_id": "06652@1900-01",
            "reference": "4/TTr", "claims": [{"person_id": person(1), "loss": "house_lost",
                "circumstances": {"in_need": true}}]}));
        let twice = relief_request::submit(app, &town.caseworker, twice).await.unwrap_err();
        assert_eq!(twice.fields[0].code, "duplicate");
        town.holds().await;
    });
}

#[test]
fn clerks_who_file_the_same_claim_at_once_file_it_once() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let storm = Storm::strike(&town).await;
        let app = town.app();
        let filed = join_all((0..8).map(|number| {
            let request: SubmitRequest = of(json!({"relief_event_id": storm.event, "area_id": "06652@1900-01",
                "reference": format!("{number}/TTr"), "claims": [{"person_id": person(0), "loss": "house_lost",
                    "circumstances": {"in_need": true}}]}));
            relief_request::submit(app, &town.caseworker, request)
        }))
        .await;
        assert_eq!(filed.iter().filter(|done| done.is_ok()).count(), 1);
        for refused in filed.into_iter().filter_map(Result::err) {
            assert_eq!(
                (
                    refused.code,
                    refused.fields[0].code.as_str(),
                    refused.fields[0].pointer.as_str()
                ),
                (ProblemCode::Invalid, "duplicate", "/claims/0/person_id")
            );
        }
        town.holds().await;
    });
}
