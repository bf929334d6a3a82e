//! What every handler is given.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use service::App;

use crate::metrics::Metrics;
use crate::proxy::Network;
use crate::rate::Rate;

/// Bytes of a JSON body unless told otherwise: 10 MB.
pub(crate) const JSON_LIMIT: usize = 10 * 1024 * 1024;
/// Bytes of an uploaded file unless told otherwise: 64 MB.
pub(crate) const UPLOAD_LIMIT: usize = 64 * 1024 * 1024;

/// Something outside the database that must answer before the API is ready, such as Redis.
#[derive(Clone)]
pub struct Probe {
    /// Its name in `/readyz`.
    pub name: &'static str,
    ask: Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>,
}

impl Probe {
    /// A probe that asks whether it is there.
    pub fn new(name: &'static str, ask: impl Fn() -> BoxFuture<'static, bool> + Send + Sync + 'static) -> Self {
        Self {
            name,
            ask: Arc::new(ask),
        }
    }

    /// Is it there?
    pub(crate) async fn answers(&self) -> bool {
        (self.ask)().await
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe({})", self.name)
    }
}

/// The installation and how it is served.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) app: App,
    pub(crate) cors: Arc<[String]>,
    pub(crate) json_limit: usize,
    pub(crate) upload_limit: usize,
    pub(crate) key_patience: Duration,
    pub(crate) probes: Arc<[Probe]>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rate: Arc<Rate>,
    /// The time by which requests a minute are counted.
    pub(crate) stopwatch: fn() -> Instant,
    /// Proxies that are believed about whom they were asked by.
    pub(crate) proxies: Arc<[Network]>,
}
