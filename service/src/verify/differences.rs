//! What banks moved more or less than was ordered.

use std::collections::{BTreeMap, BTreeSet};

use entity::amount_difference::Model;
use entity::enums::{
    DifferenceStatus as Status, FundAccount, OrderStatus, ProposalStatus, ResolutionKind, SettlementKind,
};
use entity::{bank_report_line, difference_settlement, fund, fund_balance, payment_order, suspense_resolution};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::reconciliation::{
    amount_differences, difference_account, open_of_order, order_years, shares, state, weighs,
};
use crate::verify::Check;

/// What differences take from, or hold in, the accounts of funds: code, fiscal year, account, đồng.
pub(super) async fn on_accounts(app: &App) -> Result<Vec<(String, i32, FundAccount, i64)>, Error> {
    let rows = amount_differences(app.db.read(), None).await?;
    let rows: Vec<Model> = rows.into_iter().filter(weighs).collect();
    let orders: Vec<Uuid> = rows.iter().map(|row| row.order_id).collect();
    let years = order_years(app.db.read(), &orders).await?;
    let mut all = Vec::new();
    for row in &rows {
        let Some(years) = years.get(&row.order_id) else {
            continue;
        };
        let holds = match row.status {
            Status::WrittenOff => FundAccount::WrittenOff,
            _ => difference_account(row.amount),
        };
        for (year, amount) in shares(years, row.amount) {
            all.push((row.fund_code.clone(), year, holds, amount));
            if row.amount < 0 && row.contra == FundAccount::Paid {
                all.push((row.fund_code.clone(), year, FundAccount::Paid, -amount));
            }
        }
    }
    Ok(all)
}

/// Each difference stands in the accounts of its fund, is what the lines of banks say, and was settled by two people.
pub(super) async fn are_booked(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("amount differences: what banks moved more or less than was ordered is booked");
    let rows = amount_differences(app.db.read(), None).await?;
    balances(app, &mut check).await?;
    open_is_what_was_told(app, &mut check, &rows).await?;
    every_line_is_booked(app, &mut check, &rows).await?;
    settled_by_two(app, &mut check, &rows).await?;
    Ok(check)
}

async fn balances(app: &App, check: &mut Check) -> Result<(), Error> {
    let accounts = [FundAccount::ShortMoved, FundAccount::OverMoved, FundAccount::WrittenOff];
    let mut sums: BTreeMap<(String, i32, FundAccount), i64> = BTreeMap::new();
    for (code, year, account, amount) in on_accounts(app).await? {
        *sums.entry((code, year, account)).or_insert(0) += amount;
    }
    let funds = fund::Entity::find().all(app.db.read()).await?;
    let balances = fund_balance::Entity::find()
        .filter(fund_balance::Column::Account.is_in(accounts))
        .all(app.db.read())
        .await?;
    for fund in funds {
        for account in accounts {
            let own = balances
                .iter()
                .find(|own| own.fund_id == fund.id && own.account == account);
            let key = (fund.code.clone(), fund.fiscal_year, account);
            let sum = sums.get(&key).copied().unwrap_or(0);
            check.look(own.is_some_and(|own| own.amount == sum), || {
                format!(
                    "fund {} {} {account:?}: {:?} against differences of {sum}",
                    fund.code,
                    fund.fiscal_year,
                    own.map(|own| own.amount)
                )
            });
        }
    }
    Ok(())
}

/// What is open of an order is what its lines say beside what was ordered.
async fn open_is_what_was_told(app: &App, check: &mut Check, rows: &[Model]) -> Result<(), Error> {
    let mut by_order: BTreeMap<Uuid, Vec<Model>> = BTreeMap::new();
    for row in rows {
        by_order.entry(row.order_id).or_default().push(row.clone());
    }
    for (id, own) in by_order {
        let order = payment_order::Entity::find_by_id(id).one(app.db.read()).await?;
        let Some(order) = order else { continue };
        if own.iter().any(|row| row.status == Status::Unbooked) {
            continue;
        }
        let open: i64 = own.iter().filter(|row| weighs(row)).map(|row| row.amount).sum();
        let stands = state(order.status);
        let told = open_of_order(order.amount, stands, &own);
        // What was refused after its file was debited took its difference with it.
        let ended = open == 0 && order.status == OrderStatus::Rejected;
        check.look(open == told || ended, || {
            format!("order {}: {open} open against {told} told", order.reference)
        });
    }
    Ok(())
}

/// A line of another amount that two people took for good is in the books.
async fn every_line_is_booked(app: &App, check: &mut Check, rows: &[Model]) -> Result<(), Error> {
    use payment_order::Column as O;
    use suspense_resolution::Column as C;
    let booked: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.line_id).collect();
    let line = suspense_resolution::Entity::belongs_to(bank_report_line::Entity)
        .from(C::LineId)
        .to(bank_report_line::Column::Id);
    let order = suspense_resolution::Entity::belongs_to(payment_order::Entity)
        .from(C::OrderId)
        .to(O::Id);
    let taken: Vec<(Uuid, Option<i64>, i64, String)> = suspense_resolution::Entity::find()
        .select_only()
        .column(C::LineId)
        .column(bank_report_line::Column::Amount)
        .column(O::Amount)
        .column(O::Reference)
        .join(JoinType::InnerJoin, line.into())
        .join(JoinType::InnerJoin, order.into())
        .filter(C::Status.eq(ProposalStatus::Accepted))
        .filter(C::Kind.is_in([ResolutionKind::AcceptedAsPaid, ResolutionKind::AmountExplained]))
        .filter(O::Status.is_in([OrderStatus::Settled, OrderStatus::Credited]))
        .filter(bank_report_line::Column::Note.is_in(["amount_differs", "partial"]))
        // What was only under way when it was looked at, or refused, moved nothing.
        .filter(bank_report_line::Column::StatusCode.is_in(["BOOK", "ACSC", "ACCC", "paid"]))
        .filter(bank_report_line::Column::ReasonCode.is_null())
        .into_tuple()
        .all(app.db.read())
        .await?;
    for (line, moved, ordered, reference) in taken {
        let differs = moved.is_some_and(|moved| moved != ordered);
        check.look(!differs || booked.contains(&line), || {
            format!("order {reference}: a line of another amount is in no book")
        });
    }
    Ok(())
}

async fn settled_by_two(app: &App, check: &mut Check, rows: &[Model]) -> Result<(), Error> {
    let settlements = difference_settlement::Entity::find().all(app.db.read()).await?;
    for own in &settlements {
        let holds = match own.status {
            ProposalStatus::Proposed | ProposalStatus::Withdrawn => own.decided_by.is_none(),
            ProposalStatus::Accepted | ProposalStatus::Refused => {
                own.decided_by.is_some_and(|other| other != own.proposed_by)
            }
        };
        check.look(holds, || {
            format!("settlement {} was not decided by another person", own.id)
        });
    }
    for row in rows {
        let kind = match row.status {
            Status::MadeGood => SettlementKind::MadeGood,
            Status::WrittenOff => SettlementKind::WrittenOff,
            Status::Open | Status::Replaced | Status::Noted | Status::Unbooked => continue,
        };
        let by_two = settlements
            .iter()
            .any(|own| own.difference_id == row.id && own.kind == kind && own.status == ProposalStatus::Accepted);
        check.look(by_two, || format!("difference {} was settled by one person", row.id));
    }
    Ok(())
}
