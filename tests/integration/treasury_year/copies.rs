//! A town that is founded once and copied for every history, on either engine.

use std::fs;

use domain::bank_simulator::Behaviour;
use sea_orm::{ConnectionTrait, Database};
use service::App;
use tempfile::TempDir;

use super::debts::debtor;
use super::town::{Officers, Town};
use crate::harness::{House, new_database};

/// The file of an embedded database in its folder.
const FILE: &str = "ansinh.sqlite";

/// A founded town nobody lives in.
pub(super) struct Founded {
    server: Option<String>,
    folder: TempDir,
    url: Option<String>,
    officers: Officers,
}

/// A copy of it.
pub(super) struct Copy {
    pub(super) town: Town,
    dropped: Option<(String, String)>,
    folder: TempDir,
}

impl Founded {
    /// Founds a town of so many people and one whose condition is recorded too high, under a law of recovery.
    pub(super) async fn new(server: Option<&str>, people: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match server {
            Some(server) => Some(new_database(server, None).await),
            None => None,
        };
        let app = House::install(folder.path(), url.as_deref(), true).await;
        let town = Town::open_with(&app, people, vec![debtor()], Behaviour::good()).await;
        town.rules_recovery().await;
        let officers = town.officers.clone();
        drop(town);
        app.db.close().await.unwrap();
        Self {
            server: server.map(ToOwned::to_owned),
            folder,
            url,
            officers,
        }
    }

    /// Copies it, with a bank of its own.
    pub(super) async fn copy(&self, behaviour: Behaviour) -> Copy {
        let folder = TempDir::new().unwrap();
        let url = match (&self.server, &self.url) {
            (Some(server), Some(template)) => Some((server.clone(), new_database(server, Some(template)).await)),
            _ => {
                fs::copy(self.folder.path().join(FILE), folder.path().join(FILE)).unwrap();
                None
            }
        };
        let app = House::install(folder.path(), url.as_ref().map(|(_, url)| url.as_str()), true).await;
        Copy {
            town: Town::with(app, self.officers.clone(), behaviour),
            dropped: url,
            folder,
        }
    }
}

impl Copy {
    /// The process that crashed starts again: nothing is left of it, its connections neither.
    pub(super) async fn restart(&mut self) {
        let url = self.dropped.as_ref().map(|(_, url)| url.as_str());
        let App { db, .. } = House::install(self.folder.path(), url, true).await;
        self.town.app = App {
            db,
            ..self.town.app.clone()
        };
    }

    /// Ends its connections and takes it away.
    pub(super) async fn close(self) {
        self.town.app.db.close().await.unwrap();
        if let Some((server, url)) = self.dropped {
            let (_, name) = url.rsplit_once('/').unwrap();
            let connection = Database::connect(server).await.unwrap();
            connection
                .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await
                .unwrap();
            connection.close().await.unwrap();
        }
    }
}
