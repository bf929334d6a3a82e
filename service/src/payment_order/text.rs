//! Orders as texts that the engine joins: to be hashed when they are approved, and whenever somebody asks whether they are
//! still the same.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend};
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
    let mut by_file: BTreeMap<Option<Uuid>, Sha256> = BTreeMap::new();
    // There are no more orders than lines, and the ranges of their ids follow each other.
    for (first, last) in ranges(lines)? {
        let values = [run.into(), first.into(), last.into()];
        let from = "payment_order WHERE pay_run_id = $1 AND id BETWEEN $2 AND $3";
        let orders = Packed::read_by(conn, "file_id", &fields, from, values).await?;
        let hashing = tokio::task::spawn_blocking(move || {
            for (file, orders) in orders {
                add(by_file.entry(file).or_default(), &orders);
            }
            by_file
        });
        by_file = hashing.await.map_err(Error::internal)?;
    }
    let (mut all, mut files) = (Sha256::new(), BTreeMap::new());
    for (file, hash) in by_file {
        let hash = hex::encode(hash.finalize());
        all.update(format!("{}:{hash}\n", file.unwrap_or_default().simple()));
        files.extend(file.map(|id| (id, hash)));
    }
    Ok(Hashes {
        all: hex::encode(all.finalize()),
        files,
    })
}

/// SHA-256 over the orders of one file, hexadecimal: the same as among those of its run.
pub(crate) fn hash(orders: &Packed) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, orders);
    hex::encode(hash.finalize())
}

/// In the order of the ids.
fn add(hash: &mut Sha256, orders: &Packed) {
    let mut rows: Vec<&str> = orders.lines().collect();
    rows.sort_unstable();
    for row in rows {
        hash.update(row);
        hash.update([0]);
    }
}
