//! The digest that maker, checker and releaser sign: one leaf for each line, and one for each part of a line that is
//! kept back for an overpayment.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use domain::digest::{DigestLine, run_digest};
use domain::name::{BANK_NAME_SHORT, bank_name};
use domain::{Month, Vnd};
use entity::enums::{Channel, LineKind, LineStatus, OrderStatus};
use entity::{overpayment_deduction, pay_run, payee_account, payment_line, payment_order};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::code::Code;
use crate::error::{Error, ProblemCode};
use crate::fund::fiscal_year;
use crate::overpayment;
use crate::payment_order::set_apart;

/// A line with the account it goes to, as runs are signed, ordered and listed.
#[derive(Clone, Debug)]
pub(crate) struct SignedLine {
    pub(crate) line: Line,
    pub(crate) account: Arc<Account>,
    /// What is kept back of it, by case.
    pub(crate) deductions: Vec<overpayment_deduction::Model>,
}

/// What signing, ordering and listing read of a line.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: Uuid,
    pub(crate) entitlement_id: Uuid,
    pub(crate) person_id: Uuid,
    pub(crate) component: String,
    pub(crate) kind: LineKind,
    pub(crate) cover_month: i32,
    /// The fiscal year whose fund carries it.
    pub(crate) fiscal_year: i32,
    pub(crate) sequence: i32,
    pub(crate) group_code: String,
    /// In đồng, above 0.
    pub(crate) amount: i64,
    pub(crate) area_id: String,
    pub(crate) order_id: Option<Uuid>,
}

/// What they read of an account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) channel: Channel,
    pub(crate) bank_code: Option<String>,
    pub(crate) account_number: String,
    pub(crate) account_key: String,
    pub(crate) holder_name: String,
    bank_name: OnceLock<String>,
}

impl Account {
    /// The holder as older bank messages name them; spelt once, however many ask.
    pub(crate) fn bank_name(&self) -> &str {
        self.bank_name
            .get_or_init(|| bank_name(&self.holder_name, BANK_NAME_SHORT))
    }
}

impl SignedLine {
    /// What is kept back of it, đồng.
    pub(crate) fn deducted(&self) -> i64 {
        self.deductions.iter().map(|deduction| deduction.amount).sum()
    }
}

/// The lines that a run has: all that were not cancelled before they left the house. A line that came back and was then
/// cancelled was signed, sent and answered all the same.
pub(crate) fn counted() -> Condition {
    let came_back = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(set_apart(&[OrderStatus::Rejected, OrderStatus::Returned]))
        .to_owned();
    Condition::any()
        .add(payment_line::Column::Status.ne(LineStatus::Cancelled))
        .add(payment_line::Column::OrderId.in_subquery(came_back))
}

/// Every line of a run that is not cancelled, with its account, in the order of its key.
pub(crate) async fn signed_lines(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<SignedLine>, Error> {
    let accounts = accounts(conn, run).await?;
    let lines = lines(conn, run).await?;
    let mut kept_back = overpayment::deduction::of_run(conn, run).await?;
    let mut signed = Vec::with_capacity(lines.len());
    for (line, account) in lines {
        let account = accounts.get(&account).cloned().ok_or_else(Error::not_found)?;
        let deductions = kept_back.remove(&line.id).unwrap_or_default();
        signed.push(SignedLine {
            line,
            account,
            deductions,
        });
    }
    // As their keys stand, of which most differ in the entitlement.
    signed.sort_by(|a, b| {
        let (a, b) = (&a.line, &b.line);
        let first = a.entitlement_id.cmp(&b.entitlement_id);
        first.then_with(|| a.key().cmp(&b.key()))
    });
    Ok(signed)
}

/// The accounts that the lines of a run pay to, each read once.
async fn accounts(conn: &impl ConnectionTrait, run: Uuid) -> Result<BTreeMap<Uuid, Arc<Account>>, Error> {
    use payee_account::Column as A;
    type Row = (Uuid, Channel, Option<String>, String, String, String);
    let paid = Query::select()
        .column(payment_line::Column::PayeeAccountId)
        .from(payment_line::Entity)
        .and_where(payment_line::Column::PayRunId.eq(run))
        .to_owned();
    let rows: Vec<Row> = payee_account::Entity::find()
        .select_only()
        .columns([
            A::Id,
            A::Channel,
            A::BankCode,
            A::AccountNumber,
            A::AccountKey,
            A::HolderName,
        ])
        .filter(A::Id.in_subquery(paid))
        .into_tuple()
        .all(conn)
        .await?;
    let accounts = rows
        .into_iter()
        .map(|(id, channel, bank_code, account_number, account_key, holder_name)| {
            let account = Account {
                id,
                channel,
                bank_code,
                account_number,
                account_key,
                holder_name,
                bank_name: OnceLock::new(),
            };
            (id, Arc::new(account))
        });
    Ok(accounts.collect())
}

type LineRow = (
    Uuid,
    Uuid,
    Uuid,
    String,
    LineKind,
    i32,
    i32,
    String,
    i64,
    String,
    Option<Uuid>,
    Uuid,
);

/// The lines of a run, each with the id of its account.
async fn lines(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<(Line, Uuid)>, Error> {
    use payment_line::Column as L;
    let rows: Vec<LineRow> = payment_line::Entity::find()
        .select_only()
        .columns([
            L::Id,
            L::EntitlementId,
            L::PersonId,
            L::Component,
            L::Kind,
            L::CoverMonth,
            L::Sequence,
            L::GroupCode,
            L::Amount,
            L::AreaId,
            L::OrderId,
            L::PayeeAccountId,
        ])
        .filter(L::PayRunId.eq(run))
        .filter(counted())
        .into_tuple()
        .all(conn)
        .await?;
    let fixed = fixed_years(conn, run).await?;
    let lines = rows.into_iter().map(|row| {
        let (id, entitlement_id, person_id, component, kind, cover_month, sequence, ..) = row;
        let (.., group_code, amount, area_id, order_id, account) = row;
        let line = Line {
            id,
            entitlement_id,
            person_id,
            component,
            kind,
            cover_month,
            fiscal_year: fiscal_year(cover_month, fixed.get(&id).copied()),
            sequence,
            group_code,
            amount,
            area_id,
            order_id,
        };
        (line, account)
    });
    Ok(lines.collect())
}

/// The lines of a run that another year carries than that of their month; most runs have none.
async fn fixed_years(conn: &impl ConnectionTrait, run: Uuid) -> Result<BTreeMap<Uuid, i32>, Error> {
    use payment_line::Column as L;
    let rows: Vec<(Uuid, Option<i32>)> = payment_line::Entity::find()
        .select_only()
        .columns([L::Id, L::FiscalYear])
        .filter(L::PayRunId.eq(run))
        .filter(L::FiscalYear.is_not_null())
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(|(id, year)| Some((id, year?))).collect())
}

impl Line {
    /// The order of the digest's leaves.
    fn key(&self) -> Vec<u8> {
        key(
            (self.entitlement_id, &self.component, self.cover_month),
            (self.kind, self.sequence),
        )
    }
}

/// The key of the leaf of a line.
pub(super) fn key_of(line: &payment_line::Model) -> Vec<u8> {
    key(
        (line.entitlement_id, &line.component, line.cover_month),
        (line.kind, line.sequence),
    )
}

fn key((entitlement, component, month): (Uuid, &str, i32), (kind, sequence): (LineKind, i32)) -> Vec<u8> {
    let (year, number, kind) = (month / 100, month % 100, kind.code());
    format!(
        "{}\0{component}\0{year:04}-{number:02}\0{kind}\0{sequence:010}",
        entitlement.simple()
    )
    .into_bytes()
}

/// The digest over a run's lines, hexadecimal. The leaf of a deduction has the key of its line but for its kind and its
/// number among the deductions of the line; in the place of the account stands the case.
pub(crate) fn digest(lines: &[SignedLine]) -> Result<String, Error> {
    with_leaves(lines, |leaves| {
        run_digest(leaves).map(hex::encode).map_err(Error::internal)
    })
}

/// Does something with the leaves of a run, in the order of its lines.
pub(super) fn with_leaves<T>(
    lines: &[SignedLine],
    work: impl FnOnce(&[DigestLine<'_>]) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut texts = Vec::with_capacity(lines.len());
    for SignedLine { line, deductions, .. } in lines {
        let cases = deductions.iter().map(|own| overpayment::subject(own.case_id));
        texts.push((
            line.entitlement_id.simple().to_string(),
            line.kind.code(),
            cases.collect::<Vec<String>>(),
        ));
    }
    let mut leaves = Vec::with_capacity(lines.len());
    for (signed, (entitlement, kind, cases)) in lines.iter().zip(&texts) {
        let SignedLine { line, account, .. } = signed;
        let leaf = DigestLine {
            entitlement,
            component: &line.component,
            cover_month: Month::from_yyyymm(line.cover_month).map_err(Error::internal)?,
            kind,
            sequence: u32::try_from(line.sequence).map_err(Error::internal)?,
            amount: Vnd::new(line.amount).map_err(Error::internal)?,
            bank: account.bank_code.as_deref().unwrap_or(""),
            account: &account.account_number,
            name: account.bank_name(),
        };
        leaves.push(leaf);
        for ((own, case), sequence) in signed.deductions.iter().zip(cases).zip(1_u32..) {
            leaves.push(kept_back(leaf, sequence, own.amount, case)?);
        }
    }
    work(&leaves)
}

/// The leaf of what is kept back of a line, by the number among its deductions, for a case.
pub(super) fn kept_back<'l>(
    line: DigestLine<'l>,
    sequence: u32,
    amount: i64,
    case: &'l str,
) -> Result<DigestLine<'l>, Error> {
    Ok(DigestLine {
        kind: "deduction",
        sequence,
        amount: Vnd::new(amount).map_err(Error::internal)?,
        bank: "",
        account: case,
        name: "",
        ..line
    })
}

/// The lines of a submitted run with their digest, which must be the one its maker signed.
pub(super) async fn as_signed(
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
) -> Result<(Vec<SignedLine>, String), Error> {
    let lines = signed_lines(conn, run.id).await?;
    let digest = digest(&lines)?;
    if run.digest.as_ref() == Some(&digest) {
        Ok((lines, digest))
    } else {
        Err(Error::new(ProblemCode::ContentChanged))
    }
}
