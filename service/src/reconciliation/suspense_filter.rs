//! Which of the lines that wait are asked for.

use std::collections::BTreeSet;

use domain::bank::{BankProfiles, BankTable};
use entity::enums::LineOutcome;
use entity::{bank_report, bank_report_file, bank_report_line, batch_entry, pay_run, payment_file, payment_order};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::bank_report::visible;
use crate::error::{Error, Text};

/// Which lines in suspense to list; all given filters hold together.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListSuspense {
    /// That speak of an order or of a file of this run. Lines that name no order are of no run.
    pub pay_run_id: Option<Uuid>,
    /// In reports of this bank, or of the post office (`POST`); where a report is of no one bank, that speak of an order or
    /// of a file of it. A merged bank is the one that took it over, with all that either sent or was sent.
    #[param(example = "AGRIBANK")]
    pub bank: Option<String>,
    /// Of this outcome; the outcomes are the set `bank_report_outcome` of the vocabulary.
    #[param(value_type = Option<String>, example = "amount_differs")]
    pub outcome: Option<LineOutcome>,
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// The lines that wait, by what is asked for. Their own index gives them in the order of the list; each is looked up by its
/// key in what it speaks of.
///
/// # Errors
/// Where the table of banks in the program can't be read.
pub(super) fn condition(filter: &ListSuspense) -> Result<Condition, Error> {
    let mut all = Condition::all().add(waits());
    if let Some(run) = filter.pay_run_id {
        let speaks = Condition::any()
            .add(of_order(payment_order::Column::PayRunId.eq(run)))
            .add(of_file(payment_file::Column::PayRunId.eq(run)));
        all = all.add(speaks);
    }
    if let Some(bank) = &filter.bank {
        all = all.add(of_bank(bank)?);
    }
    if let Some(outcome) = filter.outcome {
        all = all.add(bank_report_line::Column::Outcome.eq(outcome));
    }
    Ok(all)
}

/// Lines that nobody has closed.
fn waits() -> Condition {
    Condition::all()
        .add(bank_report_line::Column::Note.is_not_null())
        .add(bank_report_line::Column::ResolvedAt.is_null())
}

/// Lines of a report of a bank; where the report is of none or of several, lines that speak of what was sent to it.
fn of_bank(bank: &str) -> Result<Condition, Error> {
    let table = BankTable::embedded().map_err(Error::internal)?;
    let codes = table.codes_of(bank);
    let codes = || codes.iter().copied();
    // What has no bank is paid out by the post office.
    let (order, file) = if bank == BankProfiles::POST {
        (
            payment_order::Column::BankCode.is_null(),
            payment_file::Column::BankCode.is_null(),
        )
    } else {
        (
            payment_order::Column::BankCode.is_in(codes()),
            payment_file::Column::BankCode.is_in(codes()),
        )
    };
    let sent_to_it = Condition::any().add(of_order(order)).add(of_file(file));
    let of_none = Condition::all()
        .add(in_report(bank_report::Column::Bank.is_null()))
        .add(sent_to_it);
    Ok(Condition::any()
        .add(in_report(bank_report::Column::Bank.is_in(codes())))
        .add(of_none))
}

/// Lines in such a report.
fn in_report(such: Expr) -> Expr {
    let line = (bank_report_line::Entity, bank_report_line::Column::BankReportId);
    let own = Query::select()
        .expr(Expr::val(1))
        .from(bank_report::Entity)
        .and_where(Expr::col((bank_report::Entity, bank_report::Column::Id)).equals(line))
        .and_where(such)
        .to_owned();
    Expr::exists(own)
}

/// Lines of such an order.
fn of_order(such: Expr) -> Expr {
    let line = (bank_report_line::Entity, bank_report_line::Column::OrderId);
    let own = Query::select()
        .expr(Expr::val(1))
        .from(payment_order::Entity)
        .and_where(Expr::col((payment_order::Entity, payment_order::Column::Id)).equals(line))
        .and_where(such)
        .to_owned();
    Expr::exists(own)
}

/// Lines over such a file, or that stand for what is said of it.
fn of_file(such: Expr) -> Condition {
    let files = Query::select()
        .column((payment_file::Entity, payment_file::Column::Id))
        .from(payment_file::Entity)
        .and_where(such)
        .to_owned();
    let [said, entries] = over_files(&files);
    Condition::any()
        .add(bank_report_line::Column::Id.in_subquery(said))
        .add(bank_report_line::Column::Id.in_subquery(entries))
}

/// The lines over files, by what is said of those and by entries.
fn over_files(files: &SelectStatement) -> [SelectStatement; 2] {
    use {bank_report_file::Column as S, batch_entry::Column as E};
    let said = Query::select()
        .column((bank_report_file::Entity, S::LineId))
        .from(bank_report_file::Entity)
        .and_where(S::LineId.is_not_null())
        .and_where(S::FileId.in_subquery(files.clone()))
        .to_owned();
    let entries = Query::select()
        .column((batch_entry::Entity, E::LineId))
        .from(batch_entry::Entity)
        .and_where(E::FileId.in_subquery(files.clone()))
        .to_owned();
    [said, entries]
}

/// The runs that lines speak of which wait inside the caller's areas, the newest month first, each as people call it.
pub async fn suspense_runs(app: &App, actor: &Actor) -> Result<Vec<(Uuid, Text)>, Error> {
    use bank_report_line::Column as L;
    let scope = actor.require(Permission::BankReportRead)?;
    let conn = app.db.read();
    let order = bank_report_line::Entity::belongs_to(payment_order::Entity)
        .from(L::OrderId)
        .to(payment_order::Column::Id);
    let of_orders: Vec<Uuid> = bank_report_line::Entity::find()
        .select_only()
        .column(payment_order::Column::PayRunId)
        .distinct()
        .join(JoinType::InnerJoin, order.into())
        .filter(waits())
        .filter(visible(&scope))
        .into_tuple()
        .all(conn)
        .await?;
    let mut runs: BTreeSet<Uuid> = of_orders.into_iter().collect();
    // What is said of whole files belongs to the province.
    if scope.is_everywhere() {
        runs.extend(runs_of_files(app).await?);
    }
    let rows = pay_run::Entity::find()
        .filter(pay_run::Column::Id.is_in(runs))
        .order_by_desc(pay_run::Column::CoverMonth)
        .order_by_desc(pay_run::Column::CreatedAt)
        .order_by_desc(pay_run::Column::Id)
        .all(conn)
        .await?;
    Ok(rows.iter().map(|run| (run.id, crate::pay_run::label(run))).collect())
}

/// The runs of files that lines speak of which wait.
async fn runs_of_files(app: &App) -> Result<Vec<Uuid>, Error> {
    use {bank_report_file::Column as S, batch_entry::Column as E};
    let waiting = Query::select()
        .column((bank_report_line::Entity, bank_report_line::Column::Id))
        .from(bank_report_line::Entity)
        .cond_where(waits())
        .to_owned();
    let said = Query::select()
        .column((bank_report_file::Entity, S::FileId))
        .from(bank_report_file::Entity)
        .and_where(S::FileId.is_not_null())
        .and_where(S::LineId.in_subquery(waiting.clone()))
        .to_owned();
    let entries = Query::select()
        .column((batch_entry::Entity, E::FileId))
        .from(batch_entry::Entity)
        .and_where(E::LineId.in_subquery(waiting))
        .to_owned();
    let of_such = Condition::any()
        .add(payment_file::Column::Id.in_subquery(said))
        .add(payment_file::Column::Id.in_subquery(entries));
    let runs = payment_file::Entity::find()
        .select_only()
        .column(payment_file::Column::PayRunId)
        .distinct()
        .filter(of_such)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(runs)
}
