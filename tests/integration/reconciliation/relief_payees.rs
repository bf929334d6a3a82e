//! Relief goes to who may receive a victim's money on the day, as monthly payments do.

use serde_json::{Value, json};
use service::person as people;
use service::relief_event::{self, DeclareEvent};
use service::relief_request::{self, ClaimView, RequestView, SubmitRequest};
use service::{Actor, Error, ProblemCode, Role, access};
use uuid::Uuid;

use super::bank::{BankTown, of, person};
use crate::harness::{each_engine, opens_fund};

/// A flood, and who verifies what the commune asks for.
struct Flood<'t> {
    town: &'t BankTown<'t>,
    event: Uuid,
    verifier: Actor,
}

impl<'t> Flood<'t> {
    async fn strike(town: &'t BankTown<'t>) -> Self {
        let app = town.app();
        let key = town.house.key(Role::ReliefVerifier, None).await;
        let verifier = access::authenticate(app, &key).await.unwrap();
        let money = json!({"code": "emergency_relief", "fiscal_year": 2024, "source": "provincial", "name": "Cứu trợ",
            "amount": 1_000_000_000});
        opens_fund(app, of(money)).await;
        let flood: DeclareEvent = of(json!({"code": "lu-thang-9", "name": "Lũ tháng 9", "kind": "flood",
            "happened_on": "2024-09-10"}));
        let event = relief_event::declare(app, &verifier, flood).await.unwrap().id;
        Self { town, event, verifier }
    }

    async fn files(&self, reference: &str, losses: &[(u128, &str)]) -> Result<RequestView, Error> {
        let claim = |(number, loss): &(u128, &str)| json!({"person_id": person(*number), "loss": loss, "circumstances": {"in_need": true}});
        let claims: Vec<Value> = losses.iter().map(claim).collect();
        let request: SubmitRequest = of(json!({"relief_event_id": self.event, "area_id": "06652@1900-01",
            "reference": reference, "claims": claims}));
        relief_request::submit(self.town.app(), &self.town.caseworker, request).await
    }

    async fn verified(&self, reference: &str, losses: &[(u128, &str)]) -> RequestView {
        let filed = self.files(reference, losses).await.unwrap();
        relief_request::verify(self.town.app(), &self.verifier, filed.id, filed.version)
            .await
            .unwrap()
    }

    async fn approved(&self, request: &RequestView) -> Result<RequestView, Error> {
        let approver = &self.town.approver;
        let done = relief_request::approve(self.town.app(), approver, request.id, request.version).await;
        self.town.idle().await;
        done
    }

    /// The accounts that a request pays, once approved.
    async fn accounts(&self, request: &RequestView) -> Vec<String> {
        let run = self.approved(request).await.unwrap().pay_run_id.unwrap();
        let orders = self.town.orders(run).await.into_iter();
        orders.map(|order| order.account_number).collect()
    }

    /// The place and the code of each fault of a filing.
    async fn faults(&self, reference: &str, losses: &[(u128, &str)]) -> Vec<(String, String)> {
        let refused = self.files(reference, losses).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Invalid);
        refused.fields.into_iter().map(|own| (own.pointer, own.code)).collect()
    }

    async fn claim(&self, request: &RequestView, number: u128) -> ClaimView {
        let claims = relief_request::claims(self.town.app(), &self.town.caseworker, request.id).await;
        let mut claims = claims.unwrap().into_iter();
        claims.find(|claim| claim.person_id == Some(person(number))).unwrap()
    }
}

fn own(number: u128) -> String {
    format!("80112051{number:05}")
}

/// Somebody is to receive a person's money from a day on, for a benefit or for all; a second person confirms it.
async fn receives(
    town: &BankTown<'_>,
    number: u128,
    (relation, from): (&str, &str),
    account: &str,
    benefit: Option<&str>,
) {
    let (app, id) = (town.app(), person(number));
    let before = people::get(app, &town.caseworker, id).await.unwrap();
    let payee = json!({"relation": relation, "from": from, "benefit": benefit, "account": {
        "channel": "bank_transfer", "bank_code": "AGRIBANK", "account_number": account, "holder_name": "Trần Văn Hùng"}});
    let proposed = people::propose_payee(app, &town.caseworker, id, before.version, of(payee))
        .await
        .unwrap();
    let mut payees = proposed.payees.iter();
    let waiting = payees.find(|payee| json!(payee.status) == "proposed").unwrap().id;
    people::confirm_payee(app, &town.decider, id, waiting, proposed.version)
        .await
        .unwrap();
    town.idle().await;
}

async fn dies(town: &BankTown<'_>, number: u128) {
    let (app, id) = (town.app(), person(number));
    let before = people::get(app, &town.caseworker, id).await.unwrap();
    let told = json!({"full_name": before.full_name, "birth_date": before.birth_date, "sex": before.sex,
        "death_date": "2024-09-10"});
    people::update(app, &town.caseworker, id, before.version, of(told))
        .await
        .unwrap();
    town.idle().await;
}

#[test]
fn relief_goes_to_who_may_receive_it_on_the_day() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        town.now("2024-09-20T02:00:00Z").await;
        let flood = Flood::strike(&town).await;
        // One has a guardian from December on, one another payee for the allowance alone, one has died.
        receives(&town, 0, ("guardian", "2024-12-01"), "8011205900001", None).await;
        receives(
            &town,
            1,
            ("authorised", "2024-09-01"),
            "8011205900002",
            Some("monthly_allowance"),
        )
        .await;
        dies(&town, 2).await;
        let losses = [(0, "house_lost"), (1, "house_lost"), (2, "house_lost")];
        let nobody = |place: usize| (format!("/claims/{place}/person_id"), "no_heir_account".to_owned());
        assert_eq!(flood.faults("1/TTr", &losses).await, [nobody(2)]);
        // Who died in the flood receives nothing on an account of their own, whatever the registry knows by now.
        assert_eq!(flood.faults("1/TTr", &[(0, "death")]).await, [nobody(0)]);
        receives(&town, 2, ("heir", "2024-09-10"), "8011205900003", None).await;
        let request = flood.verified("1/TTr", &losses).await;
        assert_eq!(
            flood.accounts(&request).await,
            [own(0), own(1), "8011205900003".to_owned()]
        );
        town.holds().await;
    });
}

#[test]
fn relief_is_held_where_somebody_else_is_to_receive_it_by_the_time_it_is_approved() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        town.now("2024-09-20T02:00:00Z").await;
        let flood = Flood::strike(&town).await;
        let losses = [(0, "house_lost"), (1, "house_lost"), (2, "house_lost")];
        let request = flood.verified("1/TTr", &losses).await;
        receives(&town, 0, ("guardian", "2024-09-01"), "8011205900001", None).await;
        dies(&town, 1).await;
        assert_eq!(flood.accounts(&request).await, [own(2)]);
        let told = [flood.claim(&request, 0).await, flood.claim(&request, 1).await].map(|claim| claim.held_reason);
        let expected = ["payee_changed", "no_heir_account"].map(|reason| Some(reason.to_owned()));
        assert_eq!(told, expected);
        town.holds().await;

        // Filed again, it goes to who may receive it now.
        let again = flood.verified("2/TTr", &losses[..1]).await;
        assert_eq!(flood.accounts(&again).await, ["8011205900001"]);
        // Nothing at all is paid by a request whose only claim goes elsewhere by now.
        receives(&town, 1, ("heir", "2024-09-10"), "8011205900003", None).await;
        let last = flood.verified("3/TTr", &losses[1..2]).await;
        receives(&town, 1, ("heir", "2024-09-15"), "8011205900004", None).await;
        let refused = flood.approved(&last).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.fields[0].code.as_str()),
            (ProblemCode::Conflict, "payee_changed")
        );
        relief_request::reject(town.app(), &flood.verifier, last.id, last.version, "đổi người nhận")
            .await
            .unwrap();
        town.holds().await;
    });
}
