//! The program, killed between the arrival of a recall in the drop folder and the note of it: the bank is asked once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use service::Role;
use service::payment_order::{decide_recall, propose_recall};
use tokio::runtime::Runtime;

use super::database::Session;
use super::deeds::whole;
use super::requests::{Request, Served};
use super::stall::{Stall, Work};
use crate::harness::{House, Place, until};
use crate::reconciliation::bank::{BankTown, accept, of};
use crate::story::files::tree;
use crate::story::run::verify;

/// Two people recall an order before there is a way to the bank; then the treasury may send it.
async fn recalled(place: &Place) -> Request {
    let house = House::at(place).await;
    let key = house.key(Role::Treasury, None).await;
    let town = BankTown::open(&house, 1).await;
    let run = town.pay("2024-09").await;
    let order = town.orders(run).await[0].id;
    let why = json!({"reason": "CUST", "note": "Chi nhầm"});
    let proposed = propose_recall(town.app(), &town.treasury, order, of(why))
        .await
        .unwrap();
    decide_recall(town.app(), &town.approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    house.close().await;
    Request {
        key,
        path: format!("/v1/recalls/{}/deliver", proposed.id),
        version: None,
        body: None,
    }
}

/// What lies there whole.
fn lying(place: &Place) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = tree(&place.drop_folder());
    whole(&all)
        .map(|(path, bytes)| (path.to_owned(), bytes.clone()))
        .collect()
}

fn kill_between(place: &Place) {
    let runtime = Runtime::new().unwrap();
    let request = runtime.block_on(recalled(place));
    let session = Session::open(place);
    let stall = Stall::set(&session, Work::Recall);
    let served = Served::start(place, "serve");
    let asked = runtime
        .block_on(request.clone().sent(served.base.clone(), "once".to_owned()))
        .unwrap();
    assert_eq!(asked.status, 200, "{asked:?}");
    stall.reached();
    served.process.kill();
    assert!(stall.in_the_middle());
    let names = session.rows("SELECT target_name AS \"row\" FROM recall_delivery");
    let arrived = lying(place);
    assert!(arrived.contains_key(Path::new(&names[0])), "{names:?} did not arrive");
    stall.lift();

    let served = Served::start(place, "serve");
    until("it is known that it arrived", || {
        (session.count("recall_delivery WHERE status = 'sent'") == 1).then_some(())
    });
    // Asked again, nothing is sent again.
    let again = runtime
        .block_on(request.sent(served.base.clone(), "once".to_owned()))
        .unwrap();
    assert_eq!((again.status, again.text), (200, asked.text));
    served.process.kill();
    assert_eq!(session.count("recall_delivery"), 1);
    assert!(lying(place) == arrived, "what lies there is not what was sent");
    assert!(verify(place), "an invariant does not hold");
}

#[test]
fn the_embedded_program_killed_between_the_arrival_of_a_recall_and_its_note_asks_once() {
    kill_between(&Place::embedded().delivering());
}

#[test]
fn a_program_on_servers_killed_between_the_arrival_of_a_recall_and_its_note_asks_once() {
    kill_between(&Place::servers().delivering());
}
