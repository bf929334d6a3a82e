//! Delivery to an SFTP server that behaves as servers do.

mod arrives;
mod doubt;
mod drawer;
mod lies;
mod nothing_left;
mod server;
mod settings;

use std::sync::Arc;

use serde_json::json;
use service::delivery::{self, ChaseUnknownDeliveries, DeliveryView, Sftp};
use service::job;
use service::payment_file::{self, FileView};

use self::server::Server;
use super::road::{Dispatch, signed_by_the_installation};
use crate::harness::House;

/// A server, and a built file that is to go there.
struct Errand {
    dispatch: Dispatch,
    server: Server,
    file: FileView,
}

impl Errand {
    async fn open(house: &House) -> Self {
        Self::to(house, Server::start().await).await
    }

    async fn to(house: &House, server: Server) -> Self {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        Self { dispatch, server, file }
    }

    /// Asks for the file to be sent by this road, and runs what is due.
    async fn send(&self, road: &Arc<Sftp>) -> DeliveryView {
        delivery::deliver(&self.dispatch.by(road), &self.dispatch.treasury, self.file.id)
            .await
            .unwrap();
        self.dispatch.drain(road).await;
        self.last().await
    }

    /// Runs the schedule that asks about deliveries.
    async fn chase(&self, road: &Arc<Sftp>) {
        let app = self.dispatch.by(road);
        let chase = ChaseUnknownDeliveries {
            slot: app.clock.local().naive_local(),
        };
        app.db.write(async |txn| job::enqueue(txn, &chase).await).await.unwrap();
        self.dispatch.drain(road).await;
    }

    async fn last(&self) -> DeliveryView {
        self.dispatch.last(self.file.id).await
    }

    /// The states of the file, its last delivery and its orders.
    async fn stands(&self, file: &str, delivery: &str, orders: &str) {
        let states = self.dispatch.states(self.file.id).await;
        let told = (file.to_owned(), delivery.to_owned(), vec![orders.to_owned()]);
        assert_eq!(states, told, "{:?}", self.last().await);
    }

    /// Where the file goes.
    fn path(&self) -> String {
        format!("in/regular-202409-1-{}", self.file.name)
    }

    /// The file, its manifest and its signature lie there and nothing else, to the byte as they were approved.
    async fn lies_there_whole(&self) {
        let path = self.path();
        let mut there = self.server.lies_there();
        let app = &self.dispatch.by(&self.server.road());
        let (_, bytes) = payment_file::content(app, &self.dispatch.treasury, self.file.id)
            .await
            .unwrap();
        assert!(there.remove(&path).unwrap() == bytes, "other bytes than were approved");
        let (stem, _) = path.rsplit_once('.').unwrap();
        let manifest = there.remove(&format!("{stem}.manifest.json")).unwrap();
        let signature = there.remove(&format!("{stem}.manifest.json.sig")).unwrap();
        let signed = signed_by_the_installation(app, &self.dispatch.treasury, &manifest, &signature).await;
        assert!(signed);
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(manifest["sha256"], json!(self.file.sha256));
        assert!(there.is_empty(), "this lies there too: {:?}", there.keys());
    }
}
