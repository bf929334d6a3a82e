//! An installation that is served.

use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use api::{Budgets, Server, ServerOptions};
use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::installation::{self, FirstStart, Opening};
use service::{Actor, App, Role};
use tempfile::TempDir;
use uuid::Uuid;

use super::call::{Answer, Call};
use super::place::Place;

/// An installation with its API, on a database of its own.
pub(crate) struct House {
    /// The installation.
    pub(crate) app: App,
    /// Where the API listens, such as `http://127.0.0.1:40123`.
    pub(crate) base: String,
    api: api::Running,
    _folder: TempDir,
}

/// The first instant of an installation of the tests: 20/8/2024, 08:00 in Vietnam.
const MORNING: &str = "2024-08-20T01:00:00Z";

/// Runs a test once per engine that is there: SQLite always.
pub(crate) fn each_engine(test: impl AsyncFn(&House)) {
    each_engine_from(MORNING, test);
}

/// The same with a clock that stands elsewhere at the first start.
pub(crate) fn each_engine_from(now: &str, test: impl AsyncFn(&House)) {
    on_each_engine(now, &ServerOptions::default(), test);
}

/// The same, served in another way.
pub(crate) fn each_engine_with(options: &ServerOptions, test: impl AsyncFn(&House)) {
    on_each_engine(MORNING, options, test);
}

fn on_each_engine(now: &str, options: &ServerOptions, test: impl AsyncFn(&House)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let postgres = std::env::var("ANSINH_TEST_POSTGRES").ok();
    for server in [None, postgres]
        .into_iter()
        .enumerate()
        .filter(|(place, url)| *place == 0 || url.is_some())
    {
        runtime.block_on(async {
            let house = House::open_from(now, server.1.as_deref(), options.clone()).await;
            test(&house).await;
            house.close().await;
        });
    }
}

impl House {
    /// An empty sandbox whose clock stands at 20/8/2024, 08:00 in Vietnam; on a new database of the PostgreSQL server
    /// where one is given.
    pub(crate) async fn open(postgres: Option<&str>, options: ServerOptions) -> Self {
        Self::open_from(MORNING, postgres, options).await
    }

    async fn open_from(now: &str, postgres: Option<&str>, options: ServerOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let url = match postgres {
            Some(server) => Some(new_database(server, None).await),
            None => None,
        };
        let app = Self::install_from(now, folder.path(), url.as_deref(), true).await;
        Self::serve(app, folder, options).await
    }

    /// The same at a place where the program itself runs too.
    pub(crate) async fn at(place: &Place) -> Self {
        let app = Self::install(&place.data(), place.server(), true).await;
        Self::serve(app, TempDir::new().unwrap(), ServerOptions::default()).await
    }

    /// The same outside the sandbox, on the machine's clock.
    pub(crate) async fn open_earnest() -> Self {
        let folder = TempDir::new().unwrap();
        let app = Self::install(folder.path(), None, false).await;
        Self::serve(app, folder, ServerOptions::default()).await
    }

    async fn serve(app: App, folder: TempDir, options: ServerOptions) -> Self {
        // A test asks more often than any office; how often one may is looked at where it is set.
        let budgets = match options.budgets {
            usual if usual == Budgets::default() => Budgets::each(1_000_000),
            set => set,
        };
        let options = ServerOptions {
            listen: "127.0.0.1:0".to_owned(),
            threads: Some(2),
            budgets,
            ..options
        };
        let api = Server::start(app.clone(), options).await.unwrap();
        Self {
            app,
            base: format!("http://{}", api.addr),
            api,
            _folder: folder,
        }
    }

    /// The installation alone.
    pub(crate) async fn install(folder: &Path, database_url: Option<&str>, sandbox: bool) -> App {
        Self::install_from(MORNING, folder, database_url, sandbox).await
    }

    async fn install_from(now: &str, folder: &Path, database_url: Option<&str>, sandbox: bool) -> App {
        let first = FirstStart {
            now: now.parse().unwrap(),
            secret: b"the secret of the tests, 32 bytes and more".to_vec(),
            seed: 1,
        };
        installation::open(Opening {
            database_url,
            folder,
            sandbox,
            first_start: Some(first),
        })
        .await
        .unwrap()
    }

    /// The key of a new person in a role, for the whole province or one area.
    pub(crate) async fn key(&self, role: Role, area_id: Option<&str>) -> String {
        let user = self.person(&format!("Cán bộ {}", role.code())).await;
        self.key_of(user, role, area_id).await
    }

    /// Several keys of one new person, each in a role for the whole province.
    pub(crate) async fn keys(&self, roles: &[Role]) -> Vec<String> {
        let user = self.person("Cán bộ kiêm nhiệm").await;
        let mut keys = Vec::new();
        for role in roles {
            keys.push(self.key_of(user, *role, None).await);
        }
        keys
    }

    async fn person(&self, name: &str) -> Uuid {
        let user = CreateUser {
            name: name.to_owned(),
            staff_number: None,
        };
        access::create_user(&self.app, &boss(), user).await.unwrap().id
    }

    async fn key_of(&self, user: Uuid, role: Role, area_id: Option<&str>) -> String {
        let client = CreateClient {
            name: format!("khóa {}", role.code()),
            user_id: Some(user),
            grants: vec![NewGrant {
                role,
                area_id: area_id.map(ToOwned::to_owned),
            }],
        };
        access::create_client(&self.app, &boss(), client).await.unwrap().key
    }

    /// The key of a credential that holds no role.
    pub(crate) async fn key_without_role(&self) -> String {
        let client = CreateClient {
            name: "không vai trò".to_owned(),
            user_id: None,
            grants: Vec::new(),
        };
        access::create_client(&self.app, &boss(), client).await.unwrap().key
    }

    /// One administrator proposes a profile of a bank, read at this tag, and another accepts it: the refusal of the
    /// proposal, or the profile that holds from now on.
    pub(crate) async fn change_profile(&self, bank: &str, tag: &str, profile: &Value) -> Answer {
        let (one, other) = (
            self.key(Role::Administrator, None).await,
            self.key(Role::Administrator, None).await,
        );
        let path = format!("/v1/bank-profiles/{bank}");
        let body = json!({"profile": profile, "note": "theo công văn của ngân hàng"});
        let call = self.call("POST", &format!("{path}/propose")).key(&one);
        let proposed = call.once("propose").if_match(tag).json(&body).send().await;
        if proposed.status != 201 {
            return proposed;
        }
        let id = proposed.json()["id"].as_str().unwrap().to_owned();
        let body = json!({"proposal_id": id, "decision": "accept", "note": "đã đối chiếu"});
        let call = self.call("POST", &format!("/v1/bank-profile-proposals/{id}/decide"));
        let decided = call
            .key(&other)
            .once("decide")
            .if_match("\"1\"")
            .json(&body)
            .send()
            .await;
        assert_eq!(decided.status, 200, "{decided:?}");
        self.call("GET", &path).key(&one).send().await
    }

    /// Takes away what keeps a table from being changed, as only who owns the database can.
    pub(crate) async fn unguarded(&self, table: &str, trigger: &str) {
        let of = if self.app.db.is_sqlite() {
            String::new()
        } else {
            format!(" ON {table}")
        };
        let sql = format!("DROP TRIGGER {trigger}{of}");
        self.app.db.owner().execute_unprepared(&sql).await.unwrap();
    }

    /// A request to the API.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(method, &format!("{}{path}", self.base))
    }

    /// Stops the API and closes the database.
    pub(crate) async fn close(self) {
        self.api.stop().await.unwrap();
        self.app.db.close().await.unwrap();
    }
}

/// The program itself, as at the first start.
pub(crate) fn boss() -> Actor {
    Actor::system("tests")
}

/// A stopwatch that stands: how long a test takes counts for nothing where requests a minute are counted.
pub(crate) fn standing() -> Instant {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    *BEGAN
}

/// A new database on a PostgreSQL server, empty or a copy of another that nobody uses; gives its address.
pub(crate) async fn new_database(server: &str, template: Option<&str>) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("http_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
    let copied = template.map_or_else(String::new, |url| {
        format!(" TEMPLATE {}", url.rsplit_once('/').map_or(url, |(_, own)| own))
    });
    let connection = Database::connect(server).await.unwrap();
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name}{copied}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
