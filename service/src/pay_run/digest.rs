//! The digest that maker, checker and releaser sign: one leaf for each line, and one for each part of a line that is
//! kept back for an overpayment.

use domain::digest::{DigestLine, run_digest};
use domain::{Month, Vnd, name};
use entity::enums::{LineStatus, OrderStatus};
use entity::{overpayment_deduction, pay_run, payee_account, payment_line, payment_order};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::code::Code;
use crate::error::{Error, ProblemCode};
use crate::overpayment;

/// A line with the account it goes to, as runs are signed, ordered and listed.
#[derive(Clone, Debug)]
pub(crate) struct SignedLine {
    pub(crate) line: payment_line::Model,
    pub(crate) account: std::sync::Arc<payee_account::Model>,
    /// What is kept back of it, by case.
    pub(crate) deductions: Vec<overpayment_deduction::Model>,
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
        .cond_where(payment_order::Column::Status.is_in([OrderStatus::Rejected, OrderStatus::Returned]))
        .to_owned();
    Condition::any()
        .add(payment_line::Column::Status.ne(LineStatus::Cancelled))
        .add(payment_line::Column::OrderId.in_subquery(came_back))
}

/// Every line of a run that is not cancelled, with its account, in the order of its key.
pub(crate) async fn signed_lines(conn: &impl ConnectionTrait, run: Uuid) -> Result<Vec<SignedLine>, Error> {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    let accounts = payee_account::Entity::find()
        .join(
            JoinType::InnerJoin,
            payee_account::Entity::belongs_to(payment_line::Entity)
                .from(payee_account::Column::Id)
                .to(payment_line::Column::PayeeAccountId)
                .into(),
        )
        .filter(payment_line::Column::PayRunId.eq(run))
        .distinct()
        .all(conn)
        .await?;
    let accounts: BTreeMap<Uuid, Arc<payee_account::Model>> = accounts
        .into_iter()
        .map(|account| (account.id, Arc::new(account)))
        .collect();
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::PayRunId.eq(run))
        .filter(counted())
        .all(conn)
        .await?;
    let mut kept_back = overpayment::deduction::of_run(conn, run).await?;
    let mut signed = Vec::with_capacity(lines.len());
    for line in lines {
        let account = accounts
            .get(&line.payee_account_id)
            .cloned()
            .ok_or_else(Error::not_found)?;
        let deductions = kept_back.remove(&line.id).unwrap_or_default();
        signed.push(SignedLine {
            line,
            account,
            deductions,
        });
    }
    signed.sort_by_cached_key(|own| key(&own.line));
    Ok(signed)
}

/// The order of the digest's leaves.
pub(super) fn key(line: &payment_line::Model) -> Vec<u8> {
    let (entitlement, month, kind) = (line.entitlement_id.simple(), line.cover_month, line.kind.code());
    let (year, number) = (month / 100, month % 100);
    format!(
        "{entitlement}\0{}\0{year:04}-{number:02}\0{kind}\0{:010}",
        line.component, line.sequence
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
    for SignedLine {
        line,
        account,
        deductions,
    } in lines
    {
        let cases = deductions.iter().map(|own| overpayment::subject(own.case_id));
        texts.push((
            line.entitlement_id.simple().to_string(),
            line.kind.code(),
            name::bank_name(&account.holder_name, 70),
            cases.collect::<Vec<String>>(),
        ));
    }
    let mut leaves = Vec::with_capacity(lines.len());
    for (signed, (entitlement, kind, name, cases)) in lines.iter().zip(&texts) {
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
            name,
        };
        leaves.push(leaf);
        for ((own, case), sequence) in signed.deductions.iter().zip(cases).zip(1_u32..) {
            leaves.push(DigestLine {
                kind: "deduction",
                sequence,
                amount: Vnd::new(own.amount).map_err(Error::internal)?,
                bank: "",
                account: case,
                name: "",
                ..leaf
            });
        }
    }
    work(&leaves)
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
