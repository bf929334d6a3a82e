//! Where an installation of the program lies.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

use super::process::Process;

/// Where an installation lives.
pub(crate) struct Place {
    folder: TempDir,
    servers: Option<(String, String)>,
    /// Its files leave by a drop folder.
    delivers: bool,
}

impl Place {
    /// The embedded database in a new folder.
    pub(crate) fn embedded() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            servers: None,
            delivers: false,
        }
    }

    /// From now on its files leave by a drop folder.
    pub(crate) fn delivering(mut self) -> Self {
        self.delivers = true;
        fs::create_dir_all(self.drop_folder()).unwrap();
        self
    }

    /// The drop folder.
    pub(crate) fn drop_folder(&self) -> PathBuf {
        self.folder.path().join("drop")
    }

    /// A new database on the PostgreSQL that `tests/run` started, and its Redis.
    pub(crate) fn servers() -> Self {
        let redis = std::env::var("ANSINH_TEST_REDIS").expect("the tests are run by tests/run");
        Self::with_redis(redis)
    }

    /// The same with another Redis.
    pub(crate) fn with_redis(redis: String) -> Self {
        let place = Self::empty(redis);
        place.migrate();
        place
    }

    /// A new database on the PostgreSQL that `tests/run` started, and nothing in it.
    pub(crate) fn empty(redis: String) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("ANSINH_TEST_POSTGRES").expect("the tests are run by tests/run");
        let name = format!("story_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let connection = Database::connect(&server).await.unwrap();
            let create = format!("CREATE DATABASE {name}");
            connection.execute_unprepared(&create).await.unwrap();
            connection.close().await.unwrap();
        });
        let (base, _) = server.rsplit_once('/').unwrap();
        Self {
            folder: TempDir::new().unwrap(),
            servers: Some((format!("{base}/{name}"), redis)),
            delivers: false,
        }
    }

    /// Brings its schema up to date.
    pub(crate) fn migrate(&self) {
        let mut migrate = self.command("migrate");
        assert!(migrate.stdout(Stdio::null()).status().unwrap().success());
    }

    /// The program with a subcommand, on this installation.
    pub(crate) fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ansinh"));
        command
            .arg(verb)
            .current_dir(self.folder.path())
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            // A test asks more often than any office.
            .env("ANSINH_READS_PER_MINUTE", "1000000")
            .env("ANSINH_WRITES_PER_MINUTE", "1000000")
            .env("ANSINH_UPLOADS_PER_MINUTE", "1000000");
        if self.delivers {
            command
                .env("ANSINH_DELIVERY", "drop_folder")
                .env("ANSINH_DROP_FOLDER", self.drop_folder());
        }
        match &self.servers {
            Some((database, redis)) => command.env("DATABASE_URL", database).env("REDIS_URL", redis),
            None => command.env("ANSINH_DATA", self.data()),
        };
        command
    }

    /// A worker beside the program.
    pub(crate) fn worker(&self) -> Process {
        Process::start(self.command("worker"))
    }

    /// Where its database is, for those who look at it from outside.
    pub(crate) fn database_url(&self) -> String {
        match &self.servers {
            Some((database, _)) => database.clone(),
            None => format!("sqlite:{}", self.embedded_file().display()),
        }
    }

    /// Its PostgreSQL, where it has one.
    pub(crate) fn server(&self) -> Option<&str> {
        self.servers.as_ref().map(|(database, _)| database.as_str())
    }

    /// The folder of its embedded database.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn embedded_file(&self) -> PathBuf {
        self.data().join("ansinh.sqlite")
    }
}
