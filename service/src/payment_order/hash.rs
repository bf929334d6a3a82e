//! Orders as texts that the engine joins: to be hashed when they are approved, and whenever somebody asks whether they are
//! still the same.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Error;
use crate::packed::{self, Packed};
use crate::pay_run::ranges;

/// When orders are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Before they leave the house: each waits for that.
    Waiting,
    /// At any time: where each stands is left out, as if it waited still.
    Any,
}

/// How many [fields] there are.
pub(crate) const FIELDS: usize = 18;
/// The place of the file among them.
const FILE: usize = 2;

/// Everything of an order that is fixed when its run is approved; it begins with the id.
pub(crate) fn fields(backend: DbBackend, moment: Moment) -> [String; FIELDS] {
    let id = |column: &str| format!("COALESCE({}, '')", packed::hex(backend, column));
    let or_empty = |column: &str| format!("COALESCE({column}, '')");
    let status = match moment {
        Moment::Waiting => "status",
        Moment::Any => "'approved'",
    };
    [
        id("id"),
        id("payee_account_id"),
        id("file_id"),
        id("reissue_of"),
        id("uetr"),
        "amount".to_owned(),
        "line_count".to_owned(),
        "channel".to_owned(),
        or_empty("bank_code"),
        "account_number".to_owned(),
        "reference".to_owned(),
        "name".to_owned(),
        "holder_name".to_owned(),
        "area_id".to_owned(),
        or_empty("beneficiary_code"),
        or_empty("beneficiary_name"),
        or_empty("purpose"),
        status.to_owned(),
    ]
}

/// Hashes of the orders of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hashes {
    /// SHA-256 over all of them, hexadecimal.
    pub(crate) all: String,
    /// The same over those of each file.
    pub(crate) files: BTreeMap<Uuid, String>,
}

/// Hashes the orders of a run of at most so many lines, as they stand in the table.
pub(crate) async fn hashes(
    conn: &impl ConnectionTrait,
    (run, lines): (Uuid, i64),
    moment: Moment,
) -> Result<Hashes, Error> {
    let fields = fields(conn.get_database_backend(), moment);
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let mut hashing = Hashing::default();
    // There are no more orders than lines, and the ranges of their ids follow each other.
    for (first, last) in ranges(lines)? {
        let values = || -> [Value; 3] { [run.into(), first.into(), last.into()] };
        let from = "payment_order WHERE pay_run_id = $1 AND id BETWEEN $2 AND $3";
        let orders = Packed::read(conn, &fields, from, values()).await?;
        let taken;
        (hashing, taken) = apart(move || hashing.take(&orders)).await?;
        if !taken {
            // Somebody's name holds what stands between fields: the engine says which orders a file has.
            let orders = Packed::read_by(conn, "file_id", &fields, from, values()).await?;
            hashing = apart(move || hashing.take_apart(&orders)).await?;
        }
    }
    let Hashing { all, by_file } = hashing;
    let files = by_file
        .into_iter()
        .map(|(file, hash)| (file, hex::encode(hash.finalize())));
    Ok(Hashes {
        all: hex::encode(all.finalize()),
        files: files.collect(),
    })
}

async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Hashes on their way.
#[derive(Default)]
struct Hashing {
    all: Sha256,
    by_file: BTreeMap<Uuid, Sha256>,
}

impl Hashing {
    /// Takes a stretch of orders that tell their files themselves; false, and nothing taken, where they can't.
    fn take(mut self, orders: &Packed) -> (Self, bool) {
        let Some(by_file) = orders.lines_by::<FIELDS>(FILE) else {
            return (self, false);
        };
        self.add_all(by_file.values().flatten().copied().collect());
        for (file, rows) in by_file {
            if let Ok(file) = Uuid::try_parse(file) {
                add(self.by_file.entry(file).or_default(), rows);
            }
        }
        (self, true)
    }

    /// Takes a stretch of orders by their files.
    fn take_apart(mut self, orders: &BTreeMap<Option<Uuid>, Packed>) -> Self {
        self.add_all(orders.values().flat_map(Packed::lines).collect());
        for (file, orders) in orders {
            if let Some(file) = file {
                add(self.by_file.entry(*file).or_default(), orders.lines().collect());
            }
        }
        self
    }

    /// A stretch without orders counts as one empty row: so it was when runs were first sealed.
    fn add_all(&mut self, rows: Vec<&str>) {
        add(&mut self.all, if rows.is_empty() { vec![""] } else { rows });
    }
}

/// SHA-256 over the orders of one file, hexadecimal: the same as among those of its run.
pub(crate) fn hash(orders: &Packed) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, orders.lines().collect());
    hex::encode(hash.finalize())
}

/// In the order of the ids, with which rows begin.
fn add(hash: &mut Sha256, mut rows: Vec<&str>) {
    rows.sort_unstable();
    for row in rows {
        hash.update(row);
        hash.update([0]);
    }
}
