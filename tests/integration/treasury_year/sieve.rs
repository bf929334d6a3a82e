//! One file, sent by workers of whom each dies at a later await, over a road that loses what it is given or keeps it:
//! what nobody knows is unknown, nothing is sent twice in one attempt, and no money moves by it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use service::delivery::{self, DeliveryChannel, Lost, Parcel, Seen, Transport};
use service::job;
use service::payment_file::{self, FileView};
use service::{App, ProblemCode};
use uuid::Uuid;

use super::crash::{dies_in, time_passes};
use crate::harness::each_engine;
use crate::reconciliation::bank::BankTown;

/// More awaits than the sending of a file has.
const MANY: u32 = 2_000;

/// A road that keeps what it is given, or loses it without a word.
#[derive(Debug, Default)]
struct Sieve {
    keeps: AtomicBool,
    /// Its receiver says that it holds something else.
    disowns: AtomicBool,
    sent: AtomicUsize,
    there: Mutex<BTreeMap<String, Vec<u8>>>,
    before: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Sieve {
    /// Has it anything?
    fn holds(&self) -> bool {
        !self.there.lock().unwrap().is_empty()
    }

    /// Everything falls through after all.
    fn empties(&self) {
        self.there.lock().unwrap().clear();
    }

    fn takes(&self, parcel: &Parcel) {
        let before = self
            .before
            .lock()
            .unwrap()
            .insert(parcel.name.clone(), parcel.bytes.clone());
        let same = before.is_none_or(|before| before == parcel.bytes);
        assert!(same, "{} was sent again with other bytes", parcel.name);
        assert_eq!(self.before.lock().unwrap().len(), 1, "it is sent under another name");
        if self.keeps.load(Ordering::SeqCst) {
            let mut there = self.there.lock().unwrap();
            there.insert(parcel.name.clone(), parcel.bytes.clone());
        }
    }
}

impl Transport for Sieve {
    fn channel(&self) -> DeliveryChannel {
        DeliveryChannel::DropFolder
    }

    fn told(&self) -> String {
        "sieve".to_owned()
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>> {
        async move {
            self.sent.fetch_add(1, Ordering::SeqCst);
            // Two places where the sender may die: before the parcel is on its way, and after.
            tokio::task::yield_now().await;
            self.takes(parcel);
            tokio::task::yield_now().await;
            if self.keeps.load(Ordering::SeqCst) {
                Ok(())
            } else {
                Err(Lost::Unknown("nobody answers".to_owned()))
            }
        }
        .boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        async move {
            let there = self.there.lock().unwrap();
            Ok(there.get(name).map_or(Seen::Absent, |bytes| Seen::of(bytes, sha256)))
        }
        .boxed()
    }

    fn acknowledgement<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        let disowns = self.disowns.load(Ordering::SeqCst);
        async move { Ok(disowns.then(|| "00".repeat(32))) }.boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        async { Ok(()) }.boxed()
    }
}

/// A town, the road out of it, and the file that is sent.
struct Road<'t> {
    town: &'t BankTown<'t>,
    app: App,
    sieve: Arc<Sieve>,
    run: Uuid,
    file: Uuid,
}

impl Road<'_> {
    async fn file(&self) -> FileView {
        payment_file::get(&self.app, &self.town.treasury, self.file)
            .await
            .unwrap()
    }

    /// The state of the last attempt.
    async fn last(&self) -> (Uuid, Value) {
        let all = delivery::of_file(&self.app, &self.town.treasury, self.file)
            .await
            .unwrap();
        let last = all.iter().max_by_key(|own| own.attempt).unwrap();
        (last.id, json!(last.status))
    }

    /// Asks for an attempt, whose worker dies at an await and is followed by another. Did the first one live?
    async fn attempt(&self, polls: u32) -> bool {
        let (app, treasury) = (&self.app, &self.town.treasury);
        let sent = self.sieve.sent.load(Ordering::SeqCst);
        delivery::deliver(app, treasury, self.file).await.unwrap();
        let due = job::next_due(app).await.unwrap().unwrap();
        let lived = dies_in(app, due.id, polls).await.is_some();
        time_passes(app).await;
        job::drain(app, job::KINDS).await.unwrap();
        assert!(self.sieve.sent.load(Ordering::SeqCst) <= sent + 1, "{polls}");
        lived
    }

    /// The attempt is told by what lies there, its orders are where they were, and so is their money.
    async fn stands(&self, polls: u32) {
        let there = self.sieve.holds();
        let (id, status) = self.last().await;
        assert_eq!(status, if there { "sent" } else { "unknown" }, "{polls}");
        let orders = if there { "extracted" } else { "unknown" };
        assert_eq!(self.town.statuses(self.run).await, [orders, orders], "{polls}");
        let again = delivery::deliver(&self.app, &self.town.treasury, self.file).await;
        assert_eq!(again.unwrap_err().code, ProblemCode::IllegalTransition, "{polls}");
        let fund = self.town.fund().await;
        let sum: i64 = self.town.orders(self.run).await.iter().map(|order| order.amount).sum();
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (sum, 0, 0), "{polls}");
        // Nothing lies there, or its receiver holds something else: the attempt has failed, and the next may begin.
        self.sieve.disowns.store(there, Ordering::SeqCst);
        delivery::check(&self.app, &self.town.treasury, id).await.unwrap();
        self.sieve.disowns.store(false, Ordering::SeqCst);
        self.sieve.empties();
        assert_eq!(self.last().await.1, "failed", "{polls}");
    }
}

#[test]
fn a_file_whose_senders_die_is_there_or_unknown_and_its_money_stands_still() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let files = payment_file::list(&house.app, &town.treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.message_id.is_some()).unwrap().id;
        let sieve = Arc::new(Sieve::default());
        let road: Arc<dyn Transport> = sieve.clone();
        let app = App {
            delivery: Some(road),
            ..house.app.clone()
        };
        let road = Road {
            town: &town,
            app,
            sieve,
            run,
            file,
        };
        let mut died = 0;
        for keeps in [false, true] {
            road.sieve.keeps.store(keeps, Ordering::SeqCst);
            for polls in 1..MANY {
                let lived = road.attempt(polls).await;
                road.stands(polls).await;
                if lived {
                    break;
                }
                died += 1;
                assert!(polls + 1 < MANY, "it is never sent");
            }
            town.holds().await;
        }
        assert!(died > 0, "nobody has died");
        assert!(road.attempt(MANY).await);
        let sent = road.file().await;
        let sha256 = sent.sha256.clone().unwrap();
        payment_file::acknowledge(&road.app, &town.treasury, file, sent.version, &sha256)
            .await
            .unwrap();
        assert_eq!(road.last().await.1, "acknowledged");
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        town.holds().await;
    });
}
