//! A run at a glance, before anybody signs it: its sums from every side, and what differs from the month before.

use std::collections::BTreeMap;

use entity::enums::{Build, Channel, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{entitlement, held_payment, pay_run, pay_run_person, payee_account, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::code::Code;
use crate::error::Error;
use crate::fund::fiscal_year;
use crate::law;
use crate::pay_run::change::{Facts, Reason, Step};
use crate::pay_run::coverage::{self, MonthNotCompletedView};
use crate::pay_run::cycle::{self, ListClosingView};
use crate::pay_run::execution::{self, BankExecution};
use crate::pay_run::preview_fund::{self, FundYearSum};
use crate::pay_run::shared_account::{self, SharedAccount};
use crate::payment_order::roll_up::RollUp;

/// The lines that have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sum {
    /// What: a benefit, group, area id, channel, bank, fiscal year or kind; empty where it has none.
    #[schema(example = "monthly_allowance")]
    pub key: String,
    /// How many lines.
    pub lines: i64,
    /// Đồng.
    pub total: i64,
}

/// People whose regular money changed in one way for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeCount {
    /// `new`, `gone`, `raised`, `lowered`, or `account` where only the account is another one.
    #[schema(example = "new")]
    pub change: String,
    /// `first_payment` or `resumed`; `rate` (the law), `evidence` (degree, group), `age`, `rate_and_evidence`, `part_began`,
    /// `part_ended`; `died`, `left_province`, `evidence_ended`, `law`, `right_ended`; `excluded`, or `held:` and why
    /// it is held; `other_account`. Of runs of some areas or one channel also `from_other_list`, where another list paid
    /// it the month before, and `to_other_list`, where it is due in another one by now.
    #[schema(example = "first_payment")]
    pub reason: String,
    /// How many people.
    pub people: i64,
    /// What they receive more than the month before, đồng; less, if negative.
    pub difference: i64,
}

/// What is held for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldSum {
    /// Why.
    #[schema(example = "no_payee_account")]
    pub reason: String,
    /// How many amounts.
    pub payments: i64,
    /// Đồng; nothing for what the law does not say.
    pub total: i64,
}

/// A run at a glance, in the caller's areas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewView {
    /// Must the run be built again before it is submitted? Its lines are not built, or what they rest on has changed
    /// since: determinations, a finding of the registry, the law, a bank's wish to have orders to one account merged or
    /// split.
    #[schema(example = false)]
    pub needs_build: bool,
    /// How many lines.
    pub lines: i64,
    /// Đồng.
    pub total: i64,
    /// By benefit.
    pub by_benefit: Vec<Sum>,
    /// By group of the law.
    pub by_group: Vec<Sum>,
    /// By area.
    pub by_area: Vec<Sum>,
    /// By channel.
    pub by_channel: Vec<Sum>,
    /// By bank; empty for cash.
    pub by_bank: Vec<Sum>,
    /// The banking day on which each of these banks is asked to execute, by its cut-off; fixed at approval.
    pub execution: Vec<BankExecution>,
    /// That its list would be closed before or after its day, if it were submitted now.
    pub list_closing: Option<ListClosingView>,
    /// By the fiscal year that carries it, with what the fund of that year has.
    pub by_fund_year: Vec<FundYearSum>,
    /// So many different people must approve it, by `tier_amount` and the tiers in force; fixed once it is submitted.
    #[schema(example = 1)]
    pub approvals_needed: i32,
    /// The amount that chooses its tier, đồng: its total with those of other runs of its fund that are submitted, approved
    /// or released; fixed once it is submitted. A regular run counts with its month: all regular runs of it, and the runs
    /// of arrears that are paid in it, are named for it, or pay what somebody left out of its regular runs. A run of
    /// arrears counts with the others that are paid in the same month or named for it, and where it pays what was left out
    /// of the regular run of a month, with that month, whichever is more. Reissues are counted with each other alone. Null
    /// for callers of some areas alone.
    #[schema(example = 27_000_000_000_i64)]
    pub tier_amount: Option<i64>,
    /// By kind of line.
    pub by_kind: Vec<Sum>,
    /// People whose regular money is as it was.
    pub unchanged: i64,
    /// People whose regular money differs from the month before.
    pub changes: Vec<ChangeCount>,
    /// What is not paid, by reason.
    pub held: Vec<HeldSum>,
    /// How many bank accounts several people are paid into; a bank may refuse one that stands twice in a file.
    #[schema(example = 0)]
    pub shared_accounts: i64,
    /// The first 200 of them, by bank and number.
    pub shared_accounts_list: Vec<SharedAccount>,
    /// Of a regular run: something that falls due in its month is in no run for everybody, of its fund or of another one
    /// that programs draw on; what is due to those whom no run is for is then carried over to no later month. None where
    /// everything is.
    pub month_not_completed: Option<MonthNotCompletedView>,
}

type Row = (
    Option<String>,
    String,
    String,
    Channel,
    Option<String>,
    i32,
    Option<i32>,
    LineKind,
    i64,
    i64,
);

/// Sums by key.
#[derive(Default)]
struct Sums(BTreeMap<String, (i64, i64)>);

impl Sums {
    fn add(&mut self, key: &str, lines: i64, total: i64) {
        let sum = self.0.entry(key.to_owned()).or_default();
        sum.0 += lines;
        sum.1 += total;
    }

    fn list(self) -> Vec<Sum> {
        let sums = self.0.into_iter();
        sums.map(|(key, (lines, total))| Sum { key, lines, total }).collect()
    }
}

/// A run at a glance.
pub async fn preview(app: &App, actor: &Actor, id: Uuid) -> Result<PreviewView, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let run = super::find(app.db.read(), id).await?;
    let needs_build = run.status == PayRunStatus::Draft && is_stale(app, &run).await?;
    let (mut lines, mut total) = (0, 0);
    let mut sums: [Sums; 7] = Default::default();
    for row in rows(app, &scope, id).await? {
        let (benefit, group, area, channel, bank, cover_month, fixed, kind, count, amount) = row;
        lines += count;
        total += amount;
        let keys = [
            benefit.unwrap_or_default(),
            group,
            area,
            channel.code(),
            bank.unwrap_or_default(),
            fiscal_year(cover_month, fixed).to_string(),
            kind.code(),
        ];
        for (sum, key) in sums.iter_mut().zip(&keys) {
            sum.add(key, count, amount);
        }
    }
    let [benefit, group, area, channel, bank, year, kind] = sums.map(Sums::list);
    let held = held(app, &scope, id).await?;
    let (unchanged, changes) = changes(app, &scope, &run).await?;
    let (approvals_needed, tier_amount) = preview_fund::approvals_needed(app, &scope, &run).await?;
    let (shared_accounts, shared_accounts_list) = shared_account::of_run(app, &scope, id).await?;
    Ok(PreviewView {
        execution: execution::of_banks(app, &run, bank.iter().map(|sum| sum.key.as_str())).await?,
        list_closing: cycle::list_closing(app, &run).await?,
        needs_build,
        lines,
        total,
        by_benefit: benefit,
        by_group: group,
        by_area: area,
        by_channel: channel,
        by_bank: bank,
        by_fund_year: preview_fund::by_year(app, &scope, &run, year).await?,
        approvals_needed,
        tier_amount,
        by_kind: kind,
        unchanged,
        changes,
        held: by_reason(held),
        shared_accounts,
        shared_accounts_list,
        month_not_completed: coverage::of_run(app, &scope, &run).await?,
    })
}

/// Would submitting the draft be refused until its lines are built again?
async fn is_stale(app: &App, run: &pay_run::Model) -> Result<bool, Error> {
    if run.build != Build::Done || run.release_number != law::latest(app).await? {
        return Ok(true);
    }
    let conn = app.db.read();
    let (roll_up, key) = (RollUp::now(conn).await?, super::natural_key(run));
    Ok(!roll_up.holds_for(conn, app.secret.ids(), &key, run.id).await?)
}

/// The lines, counted and summed by all that a preview shows of them.
async fn rows(app: &App, scope: &Scope, run: Uuid) -> Result<Vec<Row>, Error> {
    use payment_line::Column as L;
    let right = payment_line::Entity::belongs_to(entitlement::Entity)
        .from(L::EntitlementId)
        .to(entitlement::Column::Id);
    let account = payment_line::Entity::belongs_to(payee_account::Entity)
        .from(L::PayeeAccountId)
        .to(payee_account::Column::Id);
    let rows = payment_line::Entity::find()
        .select_only()
        .column(entitlement::Column::Benefit)
        .columns([L::GroupCode, L::AreaId])
        .columns([payee_account::Column::Channel, payee_account::Column::BankCode])
        .columns([L::CoverMonth, L::FiscalYear, L::Kind])
        .column_as(L::Id.count(), "number")
        .expr_as(Expr::cust("CAST(SUM(payment_line.amount) AS BIGINT)"), "total")
        .join(JoinType::LeftJoin, right.into())
        .join(JoinType::InnerJoin, account.into())
        .filter(L::PayRunId.eq(run))
        .filter(L::Status.ne(LineStatus::Cancelled))
        .filter(scope.condition(Expr::col((payment_line::Entity, L::AreaId))))
        .group_by(entitlement::Column::Benefit)
        .group_by(L::GroupCode)
        .group_by(L::AreaId)
        .group_by(payee_account::Column::Channel)
        .group_by(payee_account::Column::BankCode)
        .group_by(L::CoverMonth)
        .group_by(L::FiscalYear)
        .group_by(L::Kind)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows)
}

/// Person, reason and amount of what is held.
async fn held(app: &App, scope: &Scope, run: Uuid) -> Result<Vec<(Uuid, String, i64)>, Error> {
    use held_payment::Column as H;
    let mut rows: Vec<(Uuid, String, i64)> = held_payment::Entity::find()
        .select_only()
        .columns([H::PersonId, H::Reason, H::Amount])
        .filter(H::PayRunId.eq(run))
        .filter(scope.condition(Expr::col(H::AreaId)))
        .into_tuple()
        .all(app.db.read())
        .await?;
    rows.sort();
    Ok(rows)
}

fn by_reason(held: Vec<(Uuid, String, i64)>) -> Vec<HeldSum> {
    let mut sums = Sums::default();
    for (_, reason, amount) in held {
        sums.add(&reason, 1, amount);
    }
    let sums = sums.list().into_iter();
    sums.map(|sum| HeldSum {
        reason: sum.key,
        payments: sum.lines,
        total: sum.total,
    })
    .collect()
}

/// People by how their regular money differs from the month before, and why.
async fn changes(app: &App, scope: &Scope, run: &pay_run::Model) -> Result<(i64, Vec<ChangeCount>), Error> {
    use pay_run_person::Column as P;
    use payment_line::Column as L;
    let people: Vec<(Uuid, i64)> = pay_run_person::Entity::find()
        .select_only()
        .columns([P::PersonId, P::AmountBefore])
        .filter(P::PayRunId.eq(run.id))
        .filter(scope.condition(Expr::col(P::AreaId)))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let now: Vec<(Uuid, i64)> = payment_line::Entity::find()
        .select_only()
        .column(L::PersonId)
        .expr_as(Expr::cust("CAST(SUM(amount) AS BIGINT)"), "total")
        .filter(L::PayRunId.eq(run.id))
        .filter(L::Kind.eq(LineKind::Regular))
        .filter(L::Status.ne(LineStatus::Cancelled))
        .filter(scope.condition(Expr::col(L::AreaId)))
        .group_by(L::PersonId)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let now: BTreeMap<Uuid, i64> = now.into_iter().collect();
    let facts = match run.kind {
        PayRunKind::Regular => Facts::load(app, run).await?,
        _ => Facts::default(),
    };
    let mut unchanged = 0;
    let mut counts: BTreeMap<(&str, String), (i64, i64)> = BTreeMap::new();
    for (person, before) in people {
        let now = now.get(&person).copied().unwrap_or(0);
        let change = match (before, now) {
            (0, 0) => continue,
            _ if before == now => {
                unchanged += 1;
                "account"
            }
            (0, _) => "new",
            (_, 0) => "gone",
            _ if now > before => "raised",
            _ => "lowered",
        };
        let Some(reason) = why(change, &facts.steps(&person)) else {
            continue;
        };
        let count = counts.entry((change, reason)).or_default();
        count.0 += 1;
        count.1 += now - before;
    }
    let counts = counts
        .into_iter()
        .map(|((change, reason), (people, difference))| ChangeCount {
            change: change.to_owned(),
            reason,
            people,
            difference,
        });
    Ok((unchanged, counts.collect()))
}

/// Why a person's regular money changed like this; none where the amount is as it was and goes where it went.
fn why(change: &str, steps: &[Step]) -> Option<String> {
    let moves_account = |step: &&Step| matches!(step.reason, Reason::Account { .. });
    let told = match change {
        "account" => steps.iter().find(moves_account),
        "raised" => steps.iter().find(|step| step.now > step.before),
        "lowered" => steps.iter().find(|step| step.now < step.before),
        _ => steps.first(),
    };
    match (told, change) {
        (Some(step), _) => Some(step.reason.code()),
        (None, "account") => None,
        (None, "new") => Some("first_payment".to_owned()),
        (None, "gone") => Some("right_ended".to_owned()),
        (None, _) => Some("rate".to_owned()),
    }
}
