//! Settings: defaults, then the settings file, then the environment, then the command line. The only place that reads
//! any of them.

mod delivery;
mod file;
mod sftp;
mod signing;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use service::installation::{FirstStart, Opening};
use service::reminder::RemindAfter;
use service::{App, Error, ProblemCode};

pub(crate) use file::read;

/// How often a worker looks whether the first start is done.
const FIRST_START_LOOK: Duration = Duration::from_millis(200);

/// Where the program keeps its data and which servers it uses.
#[derive(Args, Clone, Debug)]
pub(crate) struct Storage {
    /// Folder of the embedded database (SQLite).
    #[arg(long, global = true, env = "ANSINH_DATA", default_value = "data", value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// PostgreSQL instead of the embedded database: postgres://user@host/name.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub(crate) database_url: Option<String>,
    /// Redis, which carries jobs between processes: redis://host.
    #[arg(long, global = true, env = "REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) redis_url: Option<String>,
    /// A sandbox: its clock can be set over the API. Decided at the first start of a database.
    #[arg(long, global = true, env = "ANSINH_SANDBOX")]
    pub(crate) sandbox: bool,
    /// People in one chunk of a reassessment, at most 500: smaller chunks are shorter transactions, but more of them.
    #[arg(
        long,
        global = true,
        env = "ANSINH_CHUNK_PEOPLE",
        default_value_t = 500,
        value_parser = clap::value_parser!(u16).range(1..=500),
        value_name = "COUNT"
    )]
    pub(crate) chunk_people: u16,
    /// The unit that pays, as the lists for the treasury name it.
    #[arg(
        long,
        global = true,
        env = "ANSINH_UNIT",
        default_value = service::payment_file::DEFAULT_UNIT,
        value_parser = unit,
        value_name = "NAME"
    )]
    pub(crate) unit: String,
    /// Days after which orders without a final answer are reminded of; the contract with a bank may say another number.
    #[arg(
        long,
        global = true,
        env = "ANSINH_REMIND_UNANSWERED_DAYS",
        default_value_t = 5,
        value_parser = clap::value_parser!(u16).range(1..=365),
        value_name = "DAYS"
    )]
    pub(crate) remind_unanswered_days: u16,
    /// Days after which orders that a bank accepted and has not posted (ACWP) are reminded of.
    #[arg(
        long,
        global = true,
        env = "ANSINH_REMIND_NOT_POSTED_DAYS",
        default_value_t = 3,
        value_parser = clap::value_parser!(u16).range(1..=365),
        value_name = "DAYS"
    )]
    pub(crate) remind_not_posted_days: u16,
    /// Days after the execution date from which two people may say, with the bank's letter, what became of an order that
    /// the bank says nothing of. Assumed: the contract with a bank may say another number.
    #[arg(
        long,
        global = true,
        env = "ANSINH_BANK_SILENT_DAYS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u16).range(1..=365),
        value_name = "DAYS"
    )]
    pub(crate) bank_silent_days: u16,
    #[command(flatten)]
    pub(crate) delivery: delivery::Delivery,
    #[command(flatten)]
    pub(crate) signing: signing::Signing,
}

/// Where the program listens.
#[derive(Args, Clone, Debug)]
pub(crate) struct Listening {
    /// Address and port.
    #[arg(long, global = true, env = "ANSINH_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Origins of browser frontends that may call the API, separated by commas.
    #[arg(long, global = true, env = "ANSINH_CORS_ORIGINS", value_delimiter = ',')]
    pub(crate) cors_origins: Vec<String>,
    /// Calculations a minute of a caller without a credential, by its address; 0 closes the calculator to them.
    #[arg(
        long,
        global = true,
        env = "ANSINH_ANONYMOUS_PER_MINUTE",
        default_value_t = 60,
        value_name = "COUNT"
    )]
    pub(crate) anonymous_per_minute: u32,
    /// Requests a minute of a credential that change nothing, calculations among them. Each answer says in RateLimit
    /// how many are left.
    #[arg(
        long,
        global = true,
        env = "ANSINH_READS_PER_MINUTE",
        default_value_t = api::Budgets::USUAL.reads,
        value_name = "COUNT"
    )]
    pub(crate) reads_per_minute: u32,
    /// Requests a minute of a credential that change something.
    #[arg(
        long,
        global = true,
        env = "ANSINH_WRITES_PER_MINUTE",
        default_value_t = api::Budgets::USUAL.writes,
        value_name = "COUNT"
    )]
    pub(crate) writes_per_minute: u32,
    /// Files a minute that a credential may send in.
    #[arg(
        long,
        global = true,
        env = "ANSINH_UPLOADS_PER_MINUTE",
        default_value_t = api::Budgets::USUAL.uploads,
        value_name = "COUNT"
    )]
    pub(crate) uploads_per_minute: u32,
    /// Proxies in front of the API, addresses or networks as 10.0.0.0/8, separated by commas. Only they are believed
    /// about whom they were asked by (X-Forwarded-For, Forwarded); without them everybody behind a proxy shares what
    /// one address may ask for.
    #[arg(
        long,
        global = true,
        env = "ANSINH_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "NETWORKS"
    )]
    pub(crate) trusted_proxies: Vec<api::Network>,
}

/// Longest name of the unit, in characters.
const UNIT_MAX: usize = 140;

/// The name of a unit: one line of text.
fn unit(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > UNIT_MAX || name.chars().any(char::is_control) {
        return Err(format!(
            "tên đơn vị phải là một dòng, từ 1 đến {UNIT_MAX} ký tự (one line of 1 to {UNIT_MAX} characters)"
        ));
    }
    Ok(name.to_owned())
}

impl Storage {
    fn opening(&self, first_start: Option<FirstStart>) -> Opening<'_> {
        Opening {
            database_url: self.database_url.as_deref(),
            folder: &self.data,
            sandbox: self.sandbox || first_start.is_some(),
            first_start,
        }
    }

    /// Brings the schema up to date.
    pub(crate) async fn migrate(&self) -> Result<(), Error> {
        service::installation::migrate(&self.opening(None)).await?.close().await
    }

    /// Opens the installation once its first start is done by a process that serves it.
    pub(crate) async fn open_started(&self) -> Result<App, Error> {
        let db = service::installation::migrate(&self.opening(None)).await?;
        while !service::installation::is_started(&db).await? {
            tokio::time::sleep(FIRST_START_LOOK).await;
        }
        db.close().await?;
        self.open(None).await
    }

    /// Opens an installation that is there: a folder or a server's database that was mistyped is no empty one.
    pub(crate) async fn open_existing(&self) -> Result<App, Error> {
        if service::installation::is_there(&self.opening(None)).await? {
            return self.open(None).await;
        }
        let folder = self.data.display();
        let (vi, en) = match &self.database_url {
            Some(_) => (
                "Cơ sở dữ liệu ở DATABASE_URL chưa có gì của An Sinh".to_owned(),
                "the database of DATABASE_URL holds nothing of An Sinh".to_owned(),
            ),
            None => (
                format!("Thư mục {folder} không có cơ sở dữ liệu nào"),
                format!("there is no database in the folder {folder}"),
            ),
        };
        Err(Error::because(ProblemCode::NotFound, vi, en))
    }

    /// Opens the installation, migrated and seeded.
    pub(crate) async fn open(&self, first_start: Option<FirstStart>) -> Result<App, Error> {
        let app = service::installation::open(self.opening(first_start)).await?;
        Ok(App {
            chunk_people: usize::from(self.chunk_people),
            remind_after: RemindAfter {
                unanswered: self.remind_unanswered_days,
                not_posted: self.remind_not_posted_days,
                silent: self.bank_silent_days,
            },
            delivery: self.delivery.transport()?,
            signing: self.signing.certificate(app.clock.now())?,
            unit: self.unit.clone(),
            ..app
        })
    }

    /// The carrier of jobs: Redis where it is configured, a channel in this process otherwise.
    pub(crate) async fn carrier(&self, app: &App) -> Result<worker::Carrier, Error> {
        match &self.redis_url {
            Some(url) => worker::Carrier::redis(url, app).await,
            None => Ok(worker::Carrier::in_process()),
        }
    }
}
