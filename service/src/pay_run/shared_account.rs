//! Accounts that a run pays several people into. Normal where a guardian receives for two children, but a bank may refuse an
//! account that stands twice in a file: whoever signs sees them before anything is sent.

use std::collections::BTreeSet;

use domain::bank::SameAccount;
use entity::enums::{Channel, LineStatus};
use entity::{payee_account, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::Scope;
use crate::app::App;
use crate::error::Error;
use crate::payment_order::roll_up::RollUp;

/// The most that a preview lists.
const MOST: usize = 200;

/// An account that several people are paid into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedAccount {
    /// The account.
    pub payee_account_id: Uuid,
    /// Its bank.
    #[schema(example = "AGRIBANK")]
    pub bank: String,
    /// Its number.
    #[schema(example = "8000205123456")]
    pub account_number: String,
    /// How many people.
    #[schema(example = 2)]
    pub people: i64,
    /// Đồng, before anything is kept back.
    #[schema(example = 1000000)]
    pub total: i64,
    /// What its bank's profile says now: `merge`, one order of all of them; `split`, an order for each, never two in one
    /// file. Also `split` where the bank merges and the sum is more than one order to it may be: then an order for each.
    #[schema(value_type = String, example = "merge")]
    pub same_account: SameAccount,
}

/// The accounts of a run that several people in the caller's areas are paid into: how many, and the first of them by bank
/// and number.
pub(super) async fn of_run(app: &App, scope: &Scope, run: Uuid) -> Result<(i64, Vec<SharedAccount>), Error> {
    use payee_account::Column as A;
    use payment_line::Column as L;
    let account = payment_line::Entity::belongs_to(payee_account::Entity)
        .from(L::PayeeAccountId)
        .to(A::Id);
    let mut rows: Vec<(Uuid, Option<String>, String, i64, i64, i64)> = payment_line::Entity::find()
        .select_only()
        .columns([A::Id, A::BankCode, A::AccountNumber])
        .expr_as(Expr::cust("COUNT(DISTINCT payment_line.person_id)"), "people")
        .expr_as(Expr::cust("CAST(SUM(payment_line.amount) AS BIGINT)"), "total")
        .expr_as(Expr::cust("COUNT(DISTINCT payment_line.order_id)"), "orders")
        .join(JoinType::InnerJoin, account.into())
        .filter(L::PayRunId.eq(run))
        .filter(L::Status.ne(LineStatus::Cancelled))
        .filter(A::Channel.eq(Channel::BankTransfer))
        .filter(scope.condition(Expr::col((payment_line::Entity, L::AreaId))))
        .group_by(A::Id)
        .group_by(A::BankCode)
        .group_by(A::AccountNumber)
        .having(Expr::cust("COUNT(DISTINCT payment_line.person_id) > 1"))
        .into_tuple()
        .all(app.db.read())
        .await?;
    let count = i64::try_from(rows.len()).map_err(Error::internal)?;
    rows.sort_by(|a, b| (&a.1, &a.2).cmp(&(&b.1, &b.2)));
    rows.truncate(MOST);
    if rows.is_empty() {
        return Ok((count, Vec::new()));
    }
    let accounts: BTreeSet<Uuid> = rows.iter().map(|row| row.0).collect();
    let conn = app.db.read();
    let apart = RollUp::now(conn).await?.apart(conn, &accounts).await?;
    let shared = rows
        .into_iter()
        .map(|(id, bank, account_number, people, total, orders)| SharedAccount {
            payee_account_id: id,
            bank: bank.unwrap_or_default(),
            account_number,
            people,
            total,
            same_account: if apart.contains(&id) || orders > 1 {
                SameAccount::Split
            } else {
                SameAccount::Merge
            },
        });
    Ok((count, shared.collect()))
}
