//! The program that serves the API, killed in the middle of each request by which money moves on, when all that follows from
//! it is written and not committed. Whoever asked was not answered, and asks the same again: it is done once.

use std::sync::LazyLock;

use serde_json::{Value, json};
use service::{Code, Role, pay_run, payment_file};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use super::database::Session;
use super::stall::{Stall, Work};
use super::state::State;
use crate::harness::{Answer, Call, House, Place, Process, until};
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, camt029, camt054, pain002};
use crate::story::run::verify;

/// Who asks for something, each another person.
const OFFICERS: [Role; 4] = [Role::Preparer, Role::Approver, Role::Releaser, Role::Treasury];
/// What the fund of the town holds, đồng.
const GIVEN: i64 = 1_000_000_000;
/// Ten days after the banks were to execute the run of September 2024.
const LONG_AFTER: &str = "2024-09-14T02:00:00Z";

/// The program, serving.
pub(super) struct Served {
    pub(super) process: Process,
    pub(super) base: String,
}

impl Served {
    /// Starts it: the API alone, or with the worker.
    pub(super) fn start(place: &Place, verb: &str) -> Self {
        let mut command = place.command(verb);
        command.env("ANSINH_LISTEN", "127.0.0.1:0");
        let process = Process::start(command);
        let base = until("the API says where it is", || {
            let told = process.log();
            let mut lines = told.lines();
            lines.find_map(|line| Some(line.strip_prefix("An Sinh: ")?.strip_suffix("/docs")?.to_owned()))
        });
        Self { process, base }
    }
}

/// What somebody asks for.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) key: String,
    pub(super) path: String,
    /// The version of what it changes.
    pub(super) version: Option<i64>,
    pub(super) body: Option<Value>,
}

impl Request {
    /// Sends it under an idempotency key.
    pub(super) async fn sent(self, base: String, once: String) -> reqwest::Result<Answer> {
        let mut call = Call::new("POST", &format!("{base}{}", self.path))
            .key(&self.key)
            .once(&once);
        if let Some(version) = self.version {
            call = call.if_match(&format!("\"{version}\""));
        }
        if let Some(body) = &self.body {
            call = call.json(body);
        }
        call.sent().await
    }
}

/// A month of a town, lived by requests.
struct Life<'l> {
    runtime: &'l Runtime,
    place: &'l Place,
    session: &'l Session,
    town: &'l BankTown<'l>,
    keys: &'l [(Role, String)],
    /// Is the program killed in the middle of each request?
    killed: bool,
}

impl Life<'_> {
    fn on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Asks for something until there is an answer; afterwards every invariant holds.
    fn asks(&self, role: Role, path: &str, version: Option<i64>, body: Option<Value>) -> Value {
        let own = self.keys.iter().find(|(own, _)| *own == role);
        let request = Request {
            key: own.unwrap().1.clone(),
            path: path.to_owned(),
            version,
            body,
        };
        if self.killed {
            self.kill_in(&request);
        }
        let served = Served::start(self.place, "api");
        let before = State::of(self.session);
        let sent = |once: &str| {
            self.on(request.clone().sent(served.base.clone(), once.to_owned()))
                .unwrap()
        };
        let done = sent(path);
        assert!(done.status < 300, "{path}: {done:?}");
        let stands = State::of(self.session);
        assert!(stands != before, "{path} does nothing");
        // Neither who did not hear the answer nor who makes another request of it does it twice.
        let again = sent(path);
        assert_eq!((again.status, &again.text), (done.status, &done.text), "{path}");
        let other = sent(&format!("{path}:again"));
        assert!((400..500).contains(&other.status), "{path}: {other:?}");
        stands.assert_equal(&State::of(self.session));
        served.process.kill();
        self.on(async {
            self.town.idle().await;
            self.town.holds().await;
        });
        done.json()
    }

    /// Kills the program in the middle of a request: nothing of it stands.
    fn kill_in(&self, request: &Request) {
        let served = Served::start(self.place, "api");
        let before = State::of(self.session);
        let stall = Stall::set(self.session, Work::Request);
        let sent = request.clone().sent(served.base.clone(), request.path.clone());
        let waits = self.runtime.spawn(sent);
        stall.reached();
        served.process.kill();
        assert!(stall.in_the_middle());
        let told = self.on(waits).unwrap();
        assert!(told.is_err(), "{}: {told:?}", request.path);
        stall.lift();
        self.session.is_left_alone();
        before.assert_equal(&State::of(self.session));
    }

    /// The run of September, from submission to release.
    fn pays(&self) -> Uuid {
        let run = self.on(self.town.build("2024-09"));
        for (role, step) in [
            (Role::Preparer, "submit"),
            (Role::Approver, "approve"),
            (Role::Releaser, "release"),
        ] {
            let now = self.on(pay_run::get(self.town.app(), &self.town.preparer, run));
            let path = format!("/v1/pay-runs/{run}/{step}");
            self.asks(role, &path, Some(now.unwrap().version), None);
        }
        run
    }

    /// The bank's file is fetched and acknowledged by its hash.
    fn acknowledges(&self, run: Uuid) {
        let files = self.on(payment_file::list(self.town.app(), &self.town.treasury, run));
        let mut messages = files.unwrap().into_iter();
        let file = messages.find(|file| file.kind.code() == "pain001").unwrap();
        self.on(payment_file::content(self.town.app(), &self.town.treasury, file.id))
            .unwrap();
        let path = format!("/v1/payment-files/{}/acknowledge", file.id);
        let hash = json!({"sha256": file.sha256});
        self.asks(Role::Treasury, &path, Some(file.version), Some(hash));
    }

    /// One person proposes something of an order, another agrees; where the other does follows from the proposal.
    fn two_agree(&self, path: &str, body: Value, decided_at: impl Fn(&str) -> String) {
        let proposed = self.asks(Role::Treasury, path, None, Some(body));
        let id = proposed["id"].as_str().unwrap();
        let accept = json!({"proposal_id": id, "decision": "accept", "note": "Đã kiểm tra"});
        self.asks(Role::Approver, &decided_at(id), None, Some(accept));
    }

    /// All of it: of two orders one is recalled, comes back and is given up, and of the other the bank says nothing.
    fn is_lived(&self) {
        let town = self.town;
        let run = self.pays();
        self.acknowledges(run);
        let orders = self.on(town.orders(run));
        let (recalled, silent) = (&orders[0], &orders[1]);
        let of = |order: Uuid, what: &str| format!("/v1/payment-orders/{order}/{what}");

        self.on(town.bring(pain002("A", &[answer(recalled, "ACSC", None)])));
        let why = json!({"reason": "CUST", "note": "Chi nhầm"});
        self.two_agree(&of(recalled.id, "recall"), why, |id| format!("/v1/recalls/{id}/decide"));
        self.on(town.bring(camt029("C", &[answer(recalled, "ACCR", None)])));
        self.on(town.bring(camt054("R", &[answer(recalled, "BOOK", Some("FOCR"))])));
        assert_eq!(self.on(town.statuses(run)), ["returned", "extracted"]);

        let cancel = of(recalled.id, "cancel-return");
        let why = json!({"note": "Người hưởng đã chuyển đi tỉnh khác"});
        self.two_agree(&cancel, why, |_| format!("{cancel}/decide"));

        self.on(town.now(LONG_AFTER));
        let silence = of(silent.id, "bank-silence");
        let letter = json!({"outcome": "paid", "letter": "CV 215/NHNo-QN ngày 12/09/2024", "note": "Đã ghi nợ"});
        self.two_agree(&silence, letter, |_| format!("{silence}/decide"));
        assert_eq!(self.on(town.statuses(run)), ["returned", "settled"]);

        // Each đồng is in one place: one order is paid, and all the rest is there as before.
        let fund = self.on(town.fund());
        let under_way = [fund.reserved, fund.committed, fund.in_transit, fund.to_reissue];
        assert_eq!(under_way, [0; 4]);
        assert_eq!((fund.paid, fund.available), (AMOUNT, GIVEN - AMOUNT));
    }
}

/// Lives a month at a place and gives how it ends.
fn lived(place: &Place, killed: bool) -> State {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let house = runtime.block_on(House::at(place));
    let keys = OFFICERS.map(|role| (role, runtime.block_on(house.key(role, None))));
    let town = runtime.block_on(BankTown::open(&house, 2));
    let session = Session::open(place);
    session.be_impatient();
    let life = Life {
        runtime: &runtime,
        place,
        session: &session,
        town: &town,
        keys: &keys,
        killed,
    };
    life.is_lived();
    let state = State::of(&session);
    runtime.block_on(house.close());
    assert!(verify(place), "an invariant does not hold");
    state
}

/// The same month that nobody disturbed.
static UNDISTURBED: LazyLock<State> = LazyLock::new(|| lived(&Place::embedded(), false));

#[test]
fn the_embedded_program_killed_in_the_middle_of_each_request_does_each_once() {
    UNDISTURBED.assert_equal(&lived(&Place::embedded(), true));
}

#[test]
fn a_program_on_a_server_killed_in_the_middle_of_each_request_does_each_once() {
    UNDISTURBED.assert_equal(&lived(&Place::servers(), true));
}
