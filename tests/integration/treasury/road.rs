//! A road out of the house that can be broken, and an approved run whose files are to leave by it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use domain::payment_file::verify_ed25519;
use futures::FutureExt;
use futures::future::{BoxFuture, pending};
use sea_orm::ConnectionTrait;
use service::delivery::{
    self, ChaseUnknownDeliveries, DeliveryChannel, DeliveryView, DropFolder, Lost, Parcel, Seen, Transport,
};
use service::job;
use service::payment_file::{self, FileView};
use service::{Actor, App, Code, pay_run, verify};
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::harness::House;
use crate::overpayment::town::Town;

/// What happens to the next parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrives.
    Arrives,
    /// It arrives, and the sender never hears of it.
    ArrivesInSilence,
    /// It is lost, and the sender never hears of it.
    IsLostInSilence,
    /// It arrives, and the sender is told of an error.
    ArrivesWithAnError,
    /// It never leaves.
    CannotLeave,
    /// Nothing may be sent any more.
    MustNotLeave,
}

/// A drop folder at the end of a road.
#[derive(Debug)]
pub(super) struct Road {
    folder: DropFolder,
    fate: Mutex<Fate>,
    blind: bool,
    deaf: bool,
    sent: AtomicUsize,
    looked: AtomicUsize,
    parcels: Mutex<Vec<Parcel>>,
    /// Rung when the sender will hear no more.
    pub(super) silence: Notify,
}

impl Road {
    pub(super) fn to(folder: &Path, fate: Fate) -> Arc<Self> {
        Self::seen(folder, fate, false, false)
    }

    /// The same where nobody can look at the target.
    pub(super) fn blind(folder: &Path, fate: Fate) -> Arc<Self> {
        Self::seen(folder, fate, true, false)
    }

    /// The same where nobody can read what the receiver says.
    pub(super) fn deaf(folder: &Path, fate: Fate) -> Arc<Self> {
        Self::seen(folder, fate, false, true)
    }

    fn seen(folder: &Path, fate: Fate, blind: bool, deaf: bool) -> Arc<Self> {
        Arc::new(Self {
            folder: DropFolder::open(folder).unwrap(),
            fate: Mutex::new(fate),
            blind,
            deaf,
            sent: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
            parcels: Mutex::default(),
            silence: Notify::new(),
        })
    }

    /// How many parcels were given to it.
    pub(super) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// How often somebody looked along it.
    pub(super) fn looked(&self) -> usize {
        self.looked.load(Ordering::SeqCst)
    }

    /// What was given to it.
    pub(super) fn parcels(&self) -> Vec<Parcel> {
        self.parcels.lock().unwrap().clone()
    }
}

impl Transport for Road {
    fn channel(&self) -> DeliveryChannel {
        self.folder.channel()
    }

    fn told(&self) -> String {
        self.folder.told()
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>> {
        async move {
            self.sent.fetch_add(1, Ordering::SeqCst);
            self.parcels.lock().unwrap().push(parcel.clone());
            let fate = *self.fate.lock().unwrap();
            match fate {
                Fate::Arrives => self.folder.send(parcel).await,
                Fate::ArrivesInSilence => {
                    self.folder.send(parcel).await.unwrap();
                    self.silence.notify_one();
                    pending().await
                }
                Fate::IsLostInSilence => {
                    self.silence.notify_one();
                    pending().await
                }
                Fate::ArrivesWithAnError => {
                    self.folder.send(parcel).await.unwrap();
                    Err(Lost::Unknown("the line was cut".to_owned()))
                }
                Fate::CannotLeave => Err(Lost::NotLeft("no route to host".to_owned())),
                Fate::MustNotLeave => panic!("it was sent again"),
            }
        }
        .boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        self.looked.fetch_add(1, Ordering::SeqCst);
        if self.blind {
            return async { Err("nobody can look".to_owned()) }.boxed();
        }
        self.folder.look(name, sha256)
    }

    fn acknowledgement<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        if self.deaf {
            return async { Err("nobody can read it".to_owned()) }.boxed();
        }
        self.folder.acknowledgement(name)
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        self.folder.ping()
    }

    fn glance(&self) -> BoxFuture<'_, Result<(), String>> {
        self.folder.glance()
    }
}

/// An installation without workers, with a run that is approved and not released.
pub(super) struct Dispatch {
    pub(super) folder: TempDir,
    app: App,
    run: Uuid,
    releaser: Actor,
    pub(super) treasury: Actor,
}

impl Dispatch {
    pub(super) async fn open(house: &House) -> Self {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        let (releaser, treasury) = (town.officers[2].clone(), town.officers[3].clone());
        town.close().await;
        Self {
            folder: TempDir::new().unwrap(),
            app: house.app.clone(),
            run,
            releaser,
            treasury,
        }
    }

    /// The installation as a process sees it whose files leave by this road.
    pub(super) fn by<T: Transport + 'static>(&self, road: &Arc<T>) -> App {
        let road: Arc<dyn Transport> = Arc::<T>::clone(road);
        App {
            delivery: Some(road),
            ..self.app.clone()
        }
    }

    /// Releases the run without a channel and builds its files.
    pub(super) async fn build(&self) -> Vec<FileView> {
        self.release(&self.app).await;
        job::drain(&self.app, job::KINDS).await.unwrap();
        self.files().await
    }

    /// Releases the run.
    pub(super) async fn release(&self, app: &App) {
        let version = pay_run::get(app, &self.releaser, self.run).await.unwrap().version;
        pay_run::release(app, &self.releaser, self.run, version).await.unwrap();
    }

    /// The files of the run.
    pub(super) async fn files(&self) -> Vec<FileView> {
        payment_file::list(&self.app, &self.treasury, self.run).await.unwrap()
    }

    /// The built file that orders payments.
    pub(super) async fn order_file(&self) -> FileView {
        let files = self.files().await.into_iter();
        files.into_iter().find(|file| file.message_id.is_some()).unwrap()
    }

    /// The last delivery of a file.
    pub(super) async fn last(&self, file: Uuid) -> DeliveryView {
        let all = delivery::of_file(&self.app, &self.treasury, file).await.unwrap();
        all.into_iter().next_back().unwrap()
    }

    /// The states of a file, its last delivery and its orders.
    pub(super) async fn states(&self, file: Uuid) -> (String, String, Vec<String>) {
        let own = payment_file::get(&self.app, &self.treasury, file).await.unwrap();
        let orders = service::payment_order::list(&self.app, &self.treasury, self.run, None, None)
            .await
            .unwrap();
        let orders = orders.items.into_iter().filter(|order| order.file_id == Some(file));
        let mut orders: Vec<String> = orders.map(|order| order.status.code()).collect();
        orders.dedup();
        (own.status.code(), self.last(file).await.status.code(), orders)
    }

    /// Runs jobs by this road until the sender hears no more, and kills the process then.
    pub(super) async fn killed_in_silence(&self, road: &Arc<Road>) {
        let app = self.by(road);
        let process = tokio::spawn(async move { job::drain(&app, job::KINDS).await });
        road.silence.notified().await;
        process.abort();
        assert!(process.await.unwrap_err().is_cancelled());
        // Its lease runs out.
        self.sql("UPDATE job SET lease_until = '2000-01-01 00:00:00+00:00' WHERE status = 'running'")
            .await;
        assert_eq!(job::expire_leases(&self.app).await.unwrap(), 1);
    }

    /// Runs every job that is due, by this road.
    pub(super) async fn drain<T: Transport + 'static>(&self, road: &Arc<T>) {
        job::drain(&self.by(road), job::KINDS).await.unwrap();
    }

    /// Runs the schedule that asks about deliveries, by this road, so many minutes later.
    pub(super) async fn chase_after<T: Transport + 'static>(&self, minutes: i64, road: &Arc<T>) {
        let app = self.by(road);
        app.set_clock(app.clock.now() + TimeDelta::minutes(minutes))
            .await
            .unwrap();
        let chase = ChaseUnknownDeliveries {
            slot: app.clock.local().naive_local(),
        };
        app.db.write(async |txn| job::enqueue(txn, &chase).await).await.unwrap();
        self.drain(road).await;
    }

    /// The next time of every job that waits comes.
    pub(super) async fn later(&self) {
        self.sql("UPDATE job SET run_at = '2000-01-01 00:00:00+00:00' WHERE status = 'queued'")
            .await;
    }

    pub(super) async fn sql(&self, sql: &str) {
        self.app.db.owner().execute_unprepared(sql).await.unwrap();
    }

    /// What lies in the drop folder.
    pub(super) fn lies_there(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, fs::read(path).unwrap())
            })
            .collect()
    }

    /// Every invariant holds.
    pub(super) async fn holds(&self) {
        for check in verify::all(&self.app).await.unwrap() {
            assert!(check.holds(), "{}: {:?}", check.name, check.faults);
        }
    }
}

/// Is this the signature of the installation's own key over these bytes?
pub(super) async fn signed_by_the_installation(app: &App, actor: &Actor, bytes: &[u8], signature: &[u8]) -> bool {
    let keys = payment_file::signing_keys(app, actor).await.unwrap();
    let own = keys.iter().find(|key| key.algorithm == "Ed25519").unwrap();
    let key = STANDARD.decode(&own.public_key).unwrap();
    verify_ed25519(&key, bytes, signature)
}
