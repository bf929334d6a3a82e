//! What runs draw on the lines of a fund's estimate: each benefit on the line that its program names, from submission on,
//! and never more than the line has.
//!
//! It is kept by run, fund and benefit, so that a run that is sent back gives back exactly what it drew, and money that came
//! back and is cancelled is there again on the line it was drawn on. Whoever changes it has locked the fund. What people
//! pay back of overpayments stays drawn: by which line they were paid is not known any more. What came back was drawn when
//! it was paid first, but for what was kept back of it then: that is open again, and drawn when it is paid again. Relief
//! holds its part from the filing of a request on: see `relief`.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{LineKind, PayRunKind};
use entity::{entitlement, fund, fund_line, fund_line_draw, overpayment_deduction, pay_run, payment_line};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Statement,
};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::relief;
use crate::pay_run::digest::SignedLine;
use crate::print;
use crate::program::FundOfBenefit;
use crate::rows;

/// Draws what a run pays on the lines that the programs name now. Its fund is locked.
///
/// # Errors
/// `conflict` where a fund with lines has none of the name; `fund-exhausted` where a line has not so much left.
pub(crate) async fn draw(txn: &Txn, run: &pay_run::Model, lines: &[SignedLine]) -> Result<(), Error> {
    give_back(txn, run.id).await?;
    if run.kind == PayRunKind::Relief {
        return Ok(());
    }
    let named = FundOfBenefit::load(txn.conn()).await?;
    if named.names_no_line(&run.fund_code) {
        return Ok(());
    }
    let benefits = benefits(txn.conn(), run.id).await?;
    let kept_before = kept_before(txn, run.id, lines).await?;
    let mut sums: BTreeMap<(i32, &str), Sum> = BTreeMap::new();
    for signed in lines {
        if let Some(benefit) = benefits.get(&signed.line.entitlement_id) {
            let key = (signed.line.fiscal_year, benefit.as_str());
            let before = kept_before.get(&signed.line.id).copied().unwrap_or(0);
            sums.entry(key).or_default().add(signed, before);
        }
    }
    let years: BTreeSet<i32> = sums.keys().map(|(year, _)| *year).collect();
    let mut rows = Vec::new();
    for year in years {
        let Some(estimate) = Estimate::of(txn.conn(), &run.fund_code, year).await? else {
            continue;
        };
        let mut own: BTreeMap<&str, i64> = BTreeMap::new();
        for ((_, benefit), sum) in sums.iter().filter(|((of, _), _)| *of == year) {
            let Some(code) = named.line(&run.fund_code, benefit) else {
                continue;
            };
            // Where more is kept back now than when it was paid first, the rest stays drawn.
            let drawn = sum.drawn.max(0);
            *own.entry(code).or_insert(0) += drawn;
            rows.push(fund_line_draw::Model {
                pay_run_id: run.id,
                fund_id: estimate.fund,
                benefit: (*benefit).to_owned(),
                line_code: code.to_owned(),
                amount: drawn,
                gross: sum.gross,
                deducted: sum.deducted,
            });
        }
        for (code, amount) in own {
            estimate.require(&run.fund_code, (year, code), amount)?;
        }
    }
    txn.insert_all::<fund_line_draw::Entity>(rows).await
}

/// What a run pays of a benefit, đồng.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    gross: i64,
    deducted: i64,
    /// Of it what the estimate has not paid before.
    drawn: i64,
}

impl Sum {
    /// With a line; `kept_before` was kept back when it was paid first, and not drawn then.
    fn add(&mut self, signed: &SignedLine, kept_before: i64) {
        let (amount, deducted) = (signed.line.amount, signed.deducted());
        self.gross += amount;
        self.deducted += deducted;
        let of_line = if signed.line.kind == LineKind::Reissue {
            kept_before
        } else {
            amount
        };
        self.drawn += of_line - deducted;
    }
}

/// What was kept back of lines that came back and that a run pays again, by the lines of the run, đồng.
async fn kept_before(txn: &Txn, run: Uuid, lines: &[SignedLine]) -> Result<BTreeMap<Uuid, i64>, Error> {
    if !lines.iter().any(|signed| signed.line.kind == LineKind::Reissue) {
        return Ok(BTreeMap::new());
    }
    let backend = txn.conn().get_database_backend();
    let run = rows::literal(backend, run);
    // The lines that it replaces, as the release finds them.
    let sql = format!(
        "SELECT again.id, CAST(SUM(kept.amount) AS BIGINT) FROM payment_line AS again \
         JOIN payment_line AS back ON back.entitlement_id = again.entitlement_id AND back.component = again.component \
         AND back.cover_month = again.cover_month AND back.sequence + 1 = again.sequence \
         AND back.determination_id IS NOT DISTINCT FROM again.determination_id \
         JOIN overpayment_deduction AS kept ON kept.line_id = back.id \
         WHERE again.pay_run_id = {run} AND again.kind = 'reissue' AND back.status = 'returned' GROUP BY again.id"
    );
    let mut kept = BTreeMap::new();
    for row in txn.conn().query_all_raw(Statement::from_string(backend, sql)).await? {
        let (line, amount): (Uuid, i64) = row.try_get_many_by_index()?;
        kept.insert(line, amount);
    }
    Ok(kept)
}

/// A fund's lines that can be named, and what is left of each.
pub(super) struct Estimate {
    pub(super) fund: Uuid,
    left: BTreeMap<String, i64>,
}

impl Estimate {
    /// Of a fund of a year; none where it has no lines.
    pub(super) async fn of(conn: &impl ConnectionTrait, code: &str, year: i32) -> Result<Option<Self>, Error> {
        let fund = fund::Entity::find()
            .filter(fund::Column::Code.eq(code))
            .filter(fund::Column::FiscalYear.eq(year))
            .one(conn)
            .await?;
        let Some(fund) = fund else { return Ok(None) };
        let lines = fund_line::Entity::find()
            .filter(fund_line::Column::FundId.eq(fund.id))
            .all(conn)
            .await?;
        if lines.is_empty() {
            return Ok(None);
        }
        let drawn = by_line(conn, fund.id).await?;
        let left = lines.into_iter().filter_map(|line| {
            let code = line.code?;
            let left = line.amount - drawn.get(&code).copied().unwrap_or(0);
            Some((code, left))
        });
        Ok(Some(Self {
            fund: fund.id,
            left: left.collect(),
        }))
    }

    pub(super) fn require(&self, fund: &str, (year, code): (i32, &str), amount: i64) -> Result<(), Error> {
        let Some(left) = self.left.get(code) else {
            return Err(Error::because(
                ProblemCode::Conflict,
                format!("Nguồn {fund} năm {year} không có dòng dự toán {code} mà chương trình chi từ đó"),
                format!("the fund {fund} of {year} has no line {code}, which a program draws on"),
            ));
        };
        if amount <= *left {
            return Ok(());
        }
        Err(Error::because(
            ProblemCode::FundExhausted,
            format!(
                "Dòng dự toán {code} của nguồn {fund} năm {year} không đủ: cần {} đồng, còn {} đồng",
                print::dong(amount),
                print::dong(*left)
            ),
            format!("the line {code} of the fund {fund} of {year} does not suffice: {amount} đồng needed, {left} left"),
        ))
    }
}

/// The benefit of each entitlement that a run pays.
async fn benefits(conn: &impl ConnectionTrait, run: Uuid) -> Result<BTreeMap<Uuid, String>, Error> {
    let paid = Query::select()
        .column(payment_line::Column::EntitlementId)
        .from(payment_line::Entity)
        .and_where(payment_line::Column::PayRunId.eq(run))
        .to_owned();
    let rows: Vec<(Uuid, String)> = entitlement::Entity::find()
        .select_only()
        .columns([entitlement::Column::Id, entitlement::Column::Benefit])
        .filter(entitlement::Column::Id.in_subquery(paid))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// What is drawn on each line of a fund, by its code, with what relief holds of it.
pub(super) async fn by_line(conn: &impl ConnectionTrait, fund: Uuid) -> Result<BTreeMap<String, i64>, Error> {
    let rows = fund_line_draw::Entity::find()
        .filter(fund_line_draw::Column::FundId.eq(fund))
        .all(conn)
        .await?;
    let mut sums = BTreeMap::new();
    for row in rows {
        *sums.entry(row.line_code).or_insert(0) += row.amount;
    }
    for row in relief::held(conn, fund).await? {
        *sums.entry(row.line_code).or_insert(0) += row.amount;
    }
    Ok(sums)
}

/// What a run drew is there again: it was sent back, voided or cancelled. Its fund is locked.
pub(crate) async fn give_back(txn: &Txn, run: Uuid) -> Result<(), Error> {
    fund_line_draw::Entity::delete_many()
        .filter(fund_line_draw::Column::PayRunId.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Lines of a run that came back and are cancelled: their money is there again, on the lines it was drawn on. Where it had
/// been paid again, another run drew it. The fund is locked.
pub(crate) async fn return_drawn(txn: &Txn, run: &pay_run::Model, lines: &[payment_line::Model]) -> Result<(), Error> {
    let relief = relief::of_run(run);
    let ids: BTreeSet<Uuid> = lines.iter().map(|line| line.entitlement_id).collect();
    let rights = entitlement::Entity::find()
        .filter(entitlement::Column::Id.is_in(ids))
        .all(txn.conn())
        .await?;
    let benefits: BTreeMap<Uuid, String> = rights.into_iter().map(|own| (own.id, own.benefit)).collect();
    // What was kept back of them was not drawn.
    let kept_back = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::LineId.is_in(lines.iter().map(|line| line.id)))
        .all(txn.conn())
        .await?;
    let mut sums: BTreeMap<(i32, &str), i64> = BTreeMap::new();
    for line in lines {
        // Relief rests on a claim and on no entitlement.
        let of_right = benefits.get(&line.entitlement_id).map(String::as_str);
        let Some(benefit) = relief.or(of_right) else {
            continue;
        };
        let own = kept_back.iter().filter(|part| part.line_id == line.id);
        let drawn = line.amount - own.map(|part| part.amount).sum::<i64>();
        let year = crate::fund::fiscal_year(line.cover_month, line.fiscal_year);
        *sums.entry((year, benefit)).or_insert(0) += drawn;
    }
    let funds = fund::Entity::find()
        .filter(fund::Column::Code.eq(&run.fund_code))
        .all(txn.conn())
        .await?;
    for ((year, benefit), sum) in sums {
        let Some(fund) = funds.iter().find(|fund| fund.fiscal_year == year) else {
            continue;
        };
        let mut rows = fund_line_draw::Entity::find()
            .filter(fund_line_draw::Column::FundId.eq(fund.id))
            .filter(fund_line_draw::Column::Benefit.eq(benefit))
            .all(txn.conn())
            .await?;
        if relief.is_some() {
            // No other run of relief paid these claims.
            rows.retain(|row| row.pay_run_id == run.id);
        }
        // The run's own first, then the newest.
        rows.sort_by_key(|row| std::cmp::Reverse((row.pay_run_id == run.id, row.pay_run_id)));
        let mut rest = sum;
        for row in rows {
            let part = rest.min(row.amount);
            rest -= part;
            if part > 0 {
                let amount = row.amount - part;
                let less = fund_line_draw::Model { amount, ..row };
                less.into_active_model().reset_all().update(txn.conn()).await?;
            }
        }
    }
    Ok(())
}

/// What a submitted run draws on each line of a fund, by its code: what its lines come to, and what is kept back of them.
pub(crate) async fn drawn_by(
    conn: &impl ConnectionTrait,
    run: Uuid,
    fund: Uuid,
) -> Result<BTreeMap<String, (i64, i64)>, Error> {
    let rows = fund_line_draw::Entity::find()
        .filter(fund_line_draw::Column::PayRunId.eq(run))
        .filter(fund_line_draw::Column::FundId.eq(fund))
        .all(conn)
        .await?;
    let mut sums: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(row.line_code).or_default();
        sum.0 += row.gross;
        sum.1 += row.deducted;
    }
    Ok(sums)
}
