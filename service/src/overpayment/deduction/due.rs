//! What of the plans of a range of people is due in a run, and what their lines can bear.

use std::collections::BTreeMap;

use domain::Month;
use domain::overpayment::{RecoveryParameter, due_by, instalment_ceiling, keep_back};
use entity::enums::{CaseStatus, DeductionStatus, LineKind, PayRunStatus};
use entity::pay_run::Model as Run;
use entity::{overpayment_case, overpayment_deduction, overpayment_instalment, overpayment_month, payment_line};
use rust_decimal::Decimal;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::overpayment::carried::Carried;
use crate::overpayment::{law, months_of, open_of};
use crate::pay_run;
use crate::person::PersonRange;

/// What one case may ask of a run.
#[derive(Clone, Copy, Debug)]
struct Claim {
    case_id: Uuid,
    version: i64,
    due: i64,
}

/// The law's limits in the month of a run: the cap in percent and what is protected, đồng.
type Limits = (Decimal, Decimal);

/// What other runs that are not released keep back, by case and the code of their fund, đồng.
pub(crate) type Drafted = BTreeMap<Uuid, BTreeMap<String, i64>>;

/// What the cases of some people ask of a run, the oldest first.
pub(crate) struct Claims {
    limits: Option<Limits>,
    by_person: BTreeMap<Uuid, Vec<Claim>>,
    drafted: Drafted,
}

impl Claims {
    /// The instalments that are due by the run's month and were not taken yet. Without limits in the law of the run
    /// nothing is.
    pub(crate) async fn load(
        app: &App,
        conn: &impl ConnectionTrait,
        run: &Run,
        people: PersonRange,
    ) -> Result<Self, Error> {
        let mut claims = Self {
            limits: None,
            by_person: BTreeMap::new(),
            drafted: Drafted::new(),
        };
        let mut cases = overpayment_case::Entity::find()
            .filter(overpayment_case::Column::PersonId.between(people.first, people.last))
            .filter(overpayment_case::Column::Status.is_in([CaseStatus::Enforceable, CaseStatus::Recovering]))
            .filter(overpayment_case::Column::Plan.gt(0))
            .all(conn)
            .await?;
        if cases.is_empty() {
            return Ok(claims);
        }
        claims.limits = limits(app, run).await?;
        cases.sort_by_key(|case| (case.created_at, case.id));
        let month = pay_run::cover_month(run)?;
        let plans = plans(conn, &cases).await?;
        let ids: Vec<Uuid> = cases.iter().map(|case| case.id).collect();
        let mut months: BTreeMap<Uuid, Vec<overpayment_month::Model>> = BTreeMap::new();
        for row in months_of(conn, &ids).await? {
            months.entry(row.case_id).or_default().push(row);
        }
        let carried = Carried::load(conn, &months.values().flatten().collect::<Vec<_>>()).await?;
        claims.drafted = drafted_elsewhere(conn, run.id, &ids).await?;
        let fund = pay_run::fund_code(run);
        for case in cases {
            let own = months.remove(&case.id).unwrap_or_default();
            let recovered: i64 = own.iter().map(|month| month.recovered).sum();
            let open = own.iter().map(open_of).sum();
            let plan = plans.get(&case.id).map(Vec::as_slice).unwrap_or_default();
            let due = due_by(plan, month, recovered - case.recovered_before_plan, open);
            // A run keeps back what its own fund paid, and nothing that waits in another run for its release.
            let others = claims.drafted.get(&case.id);
            let of_all: i64 = others.into_iter().flat_map(BTreeMap::values).sum();
            let of_fund = others.and_then(|own| own.get(fund)).copied().unwrap_or(0);
            let paid: i64 = own.iter().map(|month| carried.share_of(month, fund)).sum();
            let due = (due - of_all).min(paid - of_fund);
            if due > 0 {
                claims.by_person.entry(case.person_id).or_default().push(Claim {
                    case_id: case.id,
                    version: case.version,
                    due,
                });
            }
        }
        Ok(claims)
    }

    /// What other runs kept back when these were read.
    pub(crate) fn into_drafted(self) -> Drafted {
        self.drafted
    }

    /// What is kept back of a person's lines.
    pub(crate) fn keep_back(
        &self,
        app: &App,
        run: &Run,
        person_id: Uuid,
        lines: &[payment_line::Model],
    ) -> Vec<overpayment_deduction::Model> {
        let (Some(claims), Some(limits)) = (self.by_person.get(&person_id), self.limits) else {
            return Vec::new();
        };
        let monthly = monthly(run, lines);
        let amounts: Vec<i64> = monthly.iter().map(|line| line.amount).collect();
        let due: Vec<i64> = claims.iter().map(|claim| claim.due).collect();
        let ceiling = instalment_ceiling(amounts.iter().sum(), limits.0, limits.1);
        let rows = keep_back(ceiling, &amounts, &due).into_iter().filter_map(|part| {
            let (line, claim) = (monthly.get(part.line)?, claims.get(part.case)?);
            let key = format!("{}:{}", line.id.simple(), claim.case_id.simple());
            Some(overpayment_deduction::Model {
                id: domain::ids::uuid8(app.secret.ids(), "overpayment_deduction", &key),
                pay_run_id: run.id,
                line_id: line.id,
                order_id: line.order_id?,
                case_id: claim.case_id,
                case_version: claim.version,
                amount: part.amount,
                status: DeductionStatus::Draft,
            })
        });
        rows.collect()
    }
}

/// What runs but this one that are not released keep back for these cases.
pub(super) async fn drafted_elsewhere(
    conn: &impl ConnectionTrait,
    run: Uuid,
    cases: &[Uuid],
) -> Result<Drafted, Error> {
    use overpayment_deduction::Column as C;
    let of_run = overpayment_deduction::Entity::belongs_to(entity::pay_run::Entity)
        .from(C::PayRunId)
        .to(entity::pay_run::Column::Id);
    let rows: Vec<(Uuid, i64, String)> = overpayment_deduction::Entity::find()
        .select_only()
        .columns([C::CaseId, C::Amount])
        .column(entity::pay_run::Column::FundCode)
        .join(JoinType::InnerJoin, of_run.into())
        .filter(C::CaseId.is_in(cases.iter().copied()))
        .filter(C::Status.eq(DeductionStatus::Draft))
        .filter(C::PayRunId.ne(run))
        .filter(entity::pay_run::Column::Status.ne(PayRunStatus::Cancelled))
        .into_tuple()
        .all(conn)
        .await?;
    let mut drafted = Drafted::new();
    for (case, amount, fund) in rows {
        *drafted.entry(case).or_default().entry(fund).or_insert(0) += amount;
    }
    Ok(drafted)
}

/// The lines that carry the month's own money: what is made up for or paid again is never touched.
fn monthly<'l>(run: &Run, lines: &'l [payment_line::Model]) -> Vec<&'l payment_line::Model> {
    let own = |line: &&payment_line::Model| line.kind == LineKind::Regular && line.cover_month == run.cover_month;
    let mut monthly: Vec<&payment_line::Model> = lines.iter().filter(own).collect();
    monthly.sort_by_key(|line| line.id);
    monthly
}

async fn limits(app: &App, run: &Run) -> Result<Option<Limits>, Error> {
    let month = pay_run::cover_month(run)?;
    let of = async |parameter| law::in_release(app, run.release_number, parameter, month).await;
    let cap = of(RecoveryParameter::InstalmentCap).await?;
    let minimum = of(RecoveryParameter::ProtectedMinimum).await?;
    Ok(cap.zip(minimum))
}

/// The most that a run may keep back of a person's monthly lines, đồng; nothing where its law sets no limits.
pub(crate) async fn ceiling(app: &App, run: &Run, monthly: i64) -> Result<i64, Error> {
    let limits = limits(app, run).await?;
    Ok(limits.map_or(0, |(cap, minimum)| instalment_ceiling(monthly, cap, minimum)))
}

/// The instalments of the plans in force, by case.
pub(super) async fn plans(
    conn: &impl ConnectionTrait,
    cases: &[overpayment_case::Model],
) -> Result<BTreeMap<Uuid, Vec<(Month, i64)>>, Error> {
    let in_force: BTreeMap<Uuid, i32> = cases.iter().map(|case| (case.id, case.plan)).collect();
    let mut plans: BTreeMap<Uuid, Vec<(Month, i64)>> = BTreeMap::new();
    let rows = overpayment_instalment::Entity::find()
        .filter(overpayment_instalment::Column::CaseId.is_in(in_force.keys().copied()))
        .order_by_asc(overpayment_instalment::Column::DueMonth)
        .all(conn)
        .await?;
    for row in rows {
        if in_force.get(&row.case_id) == Some(&row.plan) {
            let month = Month::from_yyyymm(row.due_month).map_err(Error::internal)?;
            plans.entry(row.case_id).or_default().push((month, row.amount));
        }
    }
    Ok(plans)
}
