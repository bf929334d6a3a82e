//! No two runs pay one month of a right: one as its month, another as arrears.

use entity::enums::{Build, LineKind, LineStatus, PayRunKind, PayRunStatus};
use entity::{pay_run, payment_line};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::verify::Check;

/// What a run that is built and not released pays of its month, no other run has as arrears.
pub(super) async fn no_month_is_in_two_runs(app: &App) -> Result<Check, Error> {
    use payment_line::Column as L;
    let mut check = Check::new("runs: what one run pays of its month no other makes up for");
    let conn = app.db.read();
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let runs: Vec<Uuid> = pay_run::Entity::find()
        .select_only()
        .column(pay_run::Column::Id)
        .filter(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .filter(pay_run::Column::Build.eq(Build::Done))
        .filter(pay_run::Column::Status.is_in(open))
        .into_tuple()
        .all(conn)
        .await?;
    for run in runs {
        let arrears = Query::select()
            .expr(Expr::val(1))
            .from_as(payment_line::Entity, Alias::new("other"))
            .and_where(Expr::col((Alias::new("other"), L::Kind)).eq(LineKind::Arrears))
            .and_where(Expr::col((Alias::new("other"), L::Status)).ne(LineStatus::Cancelled))
            .and_where(Expr::cust(
                "other.entitlement_id = payment_line.entitlement_id AND other.component = payment_line.component \
                 AND other.cover_month = payment_line.cover_month AND other.pay_run_id <> payment_line.pay_run_id",
            ))
            .to_owned();
        let twice: Vec<(Uuid, String, i32)> = payment_line::Entity::find()
            .select_only()
            .columns([L::EntitlementId, L::Component, L::CoverMonth])
            .filter(L::PayRunId.eq(run))
            .filter(L::Kind.eq(LineKind::Regular))
            .filter(L::Status.eq(LineStatus::Draft))
            .filter(Expr::exists(arrears))
            .into_tuple()
            .all(conn)
            .await?;
        check.look(twice.is_empty(), || format!("run {run} and another pay {twice:?}"));
    }
    Ok(check)
}
