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
    let (mut all, mut by_file) = (Sha256::new(), BTreeMap::<Uuid, Sha256>::new());
    // There are no more orders than lines, and the ranges of their ids follow each other.
    for (first, last) in ranges(lines)? {
        let values = [run.into(), first.into(), last.into()];
        let from = "payment_order WHERE pay_run_id = $1 AND id BETWEEN $2 AND $3";
        let orders = Packed::read_by(conn, "file_id", &fields, from, values).await?;
        let hashing = tokio::task::spawn_blocking(move || {
            let rows: Vec<&str> = orders.values().flat_map(Packed::lines).collect();
            // A stretch without orders counts as one empty row: so it was when runs were first sealed.
            add(&mut all, if rows.is_empty() { vec![""] } else { rows });
            for (file, orders) in &orders {
                if let Some(file) = file {
                    add(by_file.entry(*file).or_default(), orders.lines().collect());
                }
            }
            (all, by_file)
        });
        (all, by_file) = hashing.await.map_err(Error::internal)?;
    }
    let files = by_file
        .into_iter()
        .map(|(file, hash)| (file, hex::encode(hash.finalize())));
    Ok(Hashes {
        all: hex::encode(all.finalize()),
        files: files.collect(),
    })
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
