//! What a submitted run was signed over, read once and as narrowly as its digest needs.
//!
//! Approval and release hash the lines again, and need nothing else of them but sums.

use std::collections::BTreeMap;

use domain::digest::{DigestLine, run_digest};
use domain::name::{BANK_NAME_SHORT, bank_name};
use domain::{Month, Vnd};
use entity::enums::LineKind;
use entity::{overpayment_deduction, pay_run};
use sea_orm::{ActiveEnum, ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use crate::error::{Error, ProblemCode};
use crate::fund::fiscal_year;
use crate::overpayment;
use crate::packed::{Packed, hex};
use crate::pay_run::digest::{self, SignedLine};

/// Lines in one text, about: some 15 MB. Each text costs PostgreSQL a pass over the accounts.
const AT_ONCE: i64 = 100_000;
const FIELDS: usize = 11;

/// Some lines together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) lines: usize,
    /// Before anything is kept back, đồng.
    pub(crate) amount: i64,
    /// What is kept back, đồng.
    pub(crate) deducted: i64,
}

/// The lines of a run, summed by the fiscal year that carries them and by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums(pub(crate) BTreeMap<(i32, LineKind), Sum>);

impl Sums {
    /// Sums signed lines.
    pub(crate) fn of(lines: &[SignedLine]) -> Self {
        let mut sums = Self::default();
        for own in lines {
            sums.add(own.line.fiscal_year, own.line.kind, (own.line.amount, own.deducted()));
        }
        sums
    }

    fn add(&mut self, year: i32, kind: LineKind, (amount, deducted): (i64, i64)) {
        let sum = self.0.entry((year, kind)).or_default();
        sum.lines += 1;
        sum.amount += amount;
        sum.deducted += deducted;
    }

    /// How many lines are of one of these kinds.
    pub(crate) fn count(&self, kinds: &[LineKind]) -> usize {
        let own = self.0.iter().filter(|((_, kind), _)| kinds.contains(kind));
        own.map(|(_, sum)| sum.lines).sum()
    }

    /// Is there a line of one of these kinds?
    pub(crate) fn has(&self, kinds: &[LineKind]) -> bool {
        self.count(kinds) > 0
    }

    /// By fiscal year: what lines come to, and what is kept back of them, đồng.
    pub(crate) fn by_year(&self) -> BTreeMap<i32, (i64, i64)> {
        let mut years: BTreeMap<i32, (i64, i64)> = BTreeMap::new();
        for ((year, _), sum) in &self.0 {
            let own = years.entry(*year).or_default();
            own.0 += sum.amount;
            own.1 += sum.deducted;
        }
        years
    }
}

/// The sums of a submitted run with its digest, which must be the one its maker signed.
///
/// # Errors
/// `content-changed` where a line, an account or a deduction is not what was signed.
pub(super) async fn as_signed(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<(Sums, String), Error> {
    let (sums, digest) = read(conn, run).await?;
    if run.digest.as_ref() == Some(&digest) {
        Ok((sums, digest))
    } else {
        Err(Error::new(ProblemCode::ContentChanged))
    }
}

/// The lines of a submitted run are still those that were signed.
///
/// # Errors
/// `content-changed` where they are not.
pub(crate) async fn require_signed(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<(), Error> {
    as_signed(conn, run).await.map(drop)
}

/// The sums and the digest of the lines as they are now.
pub(super) async fn read(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<(Sums, String), Error> {
    let kept_back = overpayment::deduction::of_run(conn, run.id).await?;
    let mut texts = Vec::new();
    let stretch = stretch(conn, run.id).await?;
    for range in ranges(run.line_count)? {
        texts.push(text(conn, run.id, range, stretch, !kept_back.is_empty()).await?);
    }
    let reckoned = tokio::task::spawn_blocking(move || {
        let mut rows: Vec<Fields<'_>> = Vec::new();
        for text in &texts {
            let Some(own) = text.rows::<FIELDS>() else {
                return Ok(None);
            };
            rows.extend(own);
        }
        reckon(&rows, &kept_back).map(Some)
    });
    if let Some(reckoned) = reckoned.await.map_err(Error::internal)?? {
        return Ok(reckoned);
    }
    // Somebody's name holds what stands between fields: such lines are read one by one.
    let lines = digest::signed_lines(conn, run.id).await?;
    Ok((Sums::of(&lines), digest::digest(&lines)?))
}

type Deductions = BTreeMap<Uuid, Vec<overpayment_deduction::Model>>;

/// A line with its account, as the engine wrote it.
type Fields<'t> = [&'t str; FIELDS];

/// Ranges of ids, which are spread evenly: each of about as many lines as one text holds.
pub(crate) fn ranges(lines: i64) -> Result<Vec<(Uuid, Uuid)>, Error> {
    let count = u128::try_from(lines / AT_ONCE + 1).map_err(Error::internal)?;
    let step = u128::MAX / count;
    let range = |number: u128| {
        let last = if number + 1 == count {
            u128::MAX
        } else {
            step * (number + 1) - 1
        };
        (Uuid::from_u128(step * number), Uuid::from_u128(last))
    };
    Ok((0..count).map(range).collect())
}

/// The lines of a range of ids, with the ids where they are `named`.
async fn text(
    conn: &impl ConnectionTrait,
    run: Uuid,
    (first, last): (Uuid, Uuid),
    stretch: Option<(i64, i64)>,
    named: bool,
) -> Result<Packed, Error> {
    let backend = conn.get_database_backend();
    let id = if named { hex(backend, "l.id") } else { "''".to_owned() };
    let fields: [&str; FIELDS] = [
        &id,
        &hex(backend, "l.entitlement_id"),
        "l.component",
        "l.kind",
        "l.cover_month",
        "l.sequence",
        "l.amount",
        "COALESCE(CAST(l.fiscal_year AS TEXT), '')",
        "COALESCE(a.bank_code, '')",
        "a.account_number",
        "a.holder_name",
    ];
    // SQLite would go by the index of the run's ids, which stand in another order than the lines: hence the signs.
    let (by_place, place, sign) = match stretch {
        Some((first, last)) => ("NOT INDEXED", format!("l.rowid BETWEEN {first} AND {last} AND"), "+"),
        None => ("", String::new(), ""),
    };
    // As `digest::counted` says.
    let from = format!(
        "payment_line AS l {by_place} CROSS JOIN payee_account AS a \
         WHERE {place} a.id = l.payee_account_id AND {sign}l.pay_run_id = $1 AND {sign}l.id BETWEEN $2 AND $3 AND \
         (l.status <> 'cancelled' OR l.order_id IN \
         (SELECT id FROM payment_order WHERE set_apart IN ('rejected', 'returned')))"
    );
    Packed::read(conn, &fields, &from, [run.into(), first.into(), last.into()]).await
}

/// Between which rows of the table the lines of a run stand, where SQLite reads them fastest one after the other: they
/// were written together. None where others stand among them, and on PostgreSQL, which sees to that itself.
pub(super) async fn stretch(conn: &impl ConnectionTrait, run: Uuid) -> Result<Option<(i64, i64)>, Error> {
    let backend = conn.get_database_backend();
    if backend != DbBackend::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT COUNT(*) AS line_count, COALESCE(MIN(rowid), 0) AS first, COALESCE(MAX(rowid), 0) AS last \
               FROM payment_line WHERE pay_run_id = $1";
    let row = conn
        .query_one_raw(Statement::from_sql_and_values(backend, sql, [run.into()]))
        .await?
        .ok_or_else(|| Error::internal("a count has one row"))?;
    let count: i64 = row.try_get("", "line_count")?;
    let (first, last): (i64, i64) = (row.try_get("", "first")?, row.try_get("", "last")?);
    Ok((last - first < count.saturating_mul(2)).then_some((first, last)))
}

/// Sums and hashes.
fn reckon(rows: &[Fields<'_>], kept_back: &Deductions) -> Result<(Sums, String), Error> {
    let mut names = Vec::with_capacity(rows.len());
    for [.., holder] in rows {
        names.push(bank_name(holder, BANK_NAME_SHORT));
    }
    let cases: BTreeMap<Uuid, String> = kept_back
        .values()
        .flatten()
        .map(|own| (own.case_id, overpayment::subject(own.case_id)))
        .collect();
    let (mut sums, mut leaves) = (Sums::default(), Vec::with_capacity(rows.len()));
    for (row, name) in rows.iter().zip(&names) {
        let [
            id,
            entitlement,
            component,
            kind,
            month,
            sequence,
            amount,
            year,
            bank,
            account,
            _,
        ] = *row;
        let (month, amount): (i32, i64) = (number(month)?, number(amount)?);
        let leaf = DigestLine {
            entitlement,
            component,
            cover_month: Month::from_yyyymm(month).map_err(Error::internal)?,
            kind,
            sequence: number(sequence)?,
            amount: Vnd::new(amount).map_err(Error::internal)?,
            bank,
            account,
            name,
        };
        leaves.push(leaf);
        let mut deducted = 0;
        if !kept_back.is_empty() {
            let id = Uuid::parse_str(id).map_err(Error::internal)?;
            for (own, sequence) in kept_back.get(&id).into_iter().flatten().zip(1_u32..) {
                deducted += own.amount;
                let case = cases.get(&own.case_id).map_or("", String::as_str);
                leaves.push(digest::kept_back(leaf, sequence, own.amount, case)?);
            }
        }
        let year: Option<i32> = if year.is_empty() { None } else { Some(number(year)?) };
        let kind = LineKind::try_from_value(&kind.to_owned())?;
        sums.add(fiscal_year(month, year), kind, (amount, deducted));
    }
    let digest = run_digest(&leaves).map_err(Error::internal)?;
    Ok((sums, hex::encode(digest)))
}

fn number<T: std::str::FromStr<Err = std::num::ParseIntError>>(text: &str) -> Result<T, Error> {
    text.parse().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_in_one_range() {
        for lines in [0, 1, 99_999, 100_000, 244_000, 1_000_000] {
            let ranges = ranges(lines).unwrap();
            assert_eq!(ranges.first().unwrap().0, Uuid::nil());
            assert_eq!(ranges.last().unwrap().1, Uuid::max());
            for pair in ranges.windows(2) {
                let [(_, last), (first, _)] = pair else { panic!() };
                assert_eq!(last.as_u128() + 1, first.as_u128());
            }
        }
    }
}
