//! What two people decided of funds, approval tiers and the calendar of payments.

use std::collections::BTreeMap;

use entity::enums::{FundAccount, ProposalStatus, ReliefRequestStatus, TreasuryKind};
use entity::{
    approval_tier, calendar_day, fund, fund_line, fund_line_draw, posting, program, relief_line_hold, relief_request,
    treasury_proposal,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::app::App;
use crate::approval_tier::Tiers;
use crate::error::Error;
use crate::fund::{FundLine, Lines, OpenFund, REDUCTIONS, Reduction, opening};
use crate::pay_calendar::ProposeDay;
use crate::program::{fund_subject, newest_say};
use crate::verify::Check;

/// What two people accepted, by the proposal's id.
struct Accepted(BTreeMap<Uuid, treasury_proposal::Model>);

impl Accepted {
    /// What an accepted proposal of this kind says.
    fn says<T: DeserializeOwned>(&self, kind: TreasuryKind, id: Option<Uuid>) -> Result<Option<T>, Error> {
        let own = id.and_then(|id| self.0.get(&id)).filter(|own| own.kind == kind);
        Ok(own.map(|own| serde_json::from_str(&own.body)).transpose()?)
    }
}

/// Funds, tiers and days that came by a proposal are what it says, and another person accepted it.
pub(super) async fn is_what_two_people_decided(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("treasury: funds, approval tiers and days are what two people decided");
    let conn = app.db.read();
    let proposals = treasury_proposal::Entity::find().all(conn).await?;
    for own in &proposals {
        let holds = match own.status {
            ProposalStatus::Proposed | ProposalStatus::Withdrawn => own.decided_by.is_none(),
            ProposalStatus::Accepted | ProposalStatus::Refused => {
                own.decided_by.is_some_and(|other| other != own.proposed_by)
            }
        };
        check.look(holds, || {
            format!("proposal {} was not decided by another person", own.id)
        });
    }
    let accepted = proposals
        .into_iter()
        .filter(|own| own.status == ProposalStatus::Accepted);
    let accepted = Accepted(accepted.map(|own| (own.id, own)).collect());
    funds(conn, &mut check, &accepted).await?;
    lines(conn, &mut check, &accepted).await?;
    reductions(conn, &mut check, &accepted).await?;
    programs(conn, &mut check, &accepted).await?;
    let tiers = approval_tier::Entity::find()
        .filter(approval_tier::Column::ProposalId.is_not_null())
        .all(conn)
        .await?;
    for row in tiers {
        let said = accepted.says::<Tiers>(TreasuryKind::ApprovalTiers, row.proposal_id)?;
        let is_it = |said: Tiers| {
            said.tiers.iter().any(|tier| {
                tier.subject == row.subject
                    && tier.from_amount.dong() == row.from_amount
                    && tier.approvals == row.approvals
                    && tier.role.code() == row.role
            })
        };
        check.look(said.is_some_and(is_it), || {
            format!("a tier of version {} is not what two people decided", row.version)
        });
    }
    let days = calendar_day::Entity::find()
        .filter(calendar_day::Column::ProposalId.is_not_null())
        .all(conn)
        .await?;
    for row in days {
        let months: Vec<i32> = serde_json::from_value(row.cover_months)?;
        let said = accepted.says::<ProposeDay>(TreasuryKind::CalendarDay, row.proposal_id)?;
        let is_it = |said: ProposeDay| {
            said.kind == row.kind
                && said.reason == row.reason
                && said.cover_months.iter().map(|month| month.yyyymm()).eq(months)
        };
        check.look(said.is_some_and(is_it), || {
            format!("the day {} is not what two people decided", row.day)
        });
    }
    Ok(check)
}

/// A program of which two people said what pays it is paid from that.
async fn programs(conn: &impl ConnectionTrait, check: &mut Check, accepted: &Accepted) -> Result<(), Error> {
    for row in program::Entity::find().all(conn).await? {
        let subject = fund_subject(row.id);
        let own = accepted.0.values();
        let own: Vec<&treasury_proposal::Model> = own
            .filter(|own| own.kind == TreasuryKind::ProgramFund && own.subject == subject)
            .collect();
        if own.is_empty() {
            continue;
        }
        check.look(newest_say(&own, &row)?, || {
            format!("the fund of the program {} is not what two people decided", row.code)
        });
    }
    Ok(())
}

/// A fund has its code, its year and, by its first step, its estimate.
async fn funds(conn: &impl ConnectionTrait, check: &mut Check, accepted: &Accepted) -> Result<(), Error> {
    let rows = fund::Entity::find()
        .filter(fund::Column::ProposalId.is_not_null())
        .all(conn)
        .await?;
    for row in rows {
        let opened: i64 = posting::Entity::find()
            .filter(posting::Column::Batch.eq(opening(row.id)))
            .filter(posting::Column::Account.eq(FundAccount::Available))
            .all(conn)
            .await?
            .iter()
            .map(|posting| posting.amount)
            .sum();
        let said = accepted.says::<OpenFund>(TreasuryKind::Fund, row.proposal_id)?;
        let is_it = |said: OpenFund| {
            said.code == row.code
                && said.fiscal_year == row.fiscal_year
                && said.source == row.source
                && said.name == row.name
                && said.amount.dong() == opened
        };
        check.look(said.is_some_and(is_it), || {
            format!(
                "the fund {} of {} is not what two people decided",
                row.code, row.fiscal_year
            )
        });
    }
    Ok(())
}

/// A line of an estimate is what was accepted of it, and no more is drawn on it than it has.
async fn lines(conn: &impl ConnectionTrait, check: &mut Check, accepted: &Accepted) -> Result<(), Error> {
    let mut drawn: BTreeMap<(Uuid, String), i64> = BTreeMap::new();
    for row in fund_line_draw::Entity::find().all(conn).await? {
        *drawn.entry((row.fund_id, row.line_code)).or_insert(0) += row.amount;
    }
    for row in relief_line_hold::Entity::find().all(conn).await? {
        let request = relief_request::Entity::find_by_id(row.relief_request_id)
            .one(conn)
            .await?;
        let waits = request.is_some_and(|own| {
            let undecided = matches!(
                own.status,
                ReliefRequestStatus::Submitted | ReliefRequestStatus::Verified
            );
            undecided && own.total == row.amount
        });
        check.look(waits, || {
            format!(
                "{} đồng are held on the line {} for a request that does not wait for them",
                row.amount, row.line_code
            )
        });
        *drawn.entry((row.fund_id, row.line_code)).or_insert(0) += row.amount;
    }
    for row in fund_line::Entity::find().all(conn).await? {
        if let Some(code) = row.code.clone() {
            let sum = drawn.remove(&(row.fund_id, code)).unwrap_or(0);
            check.look(sum <= row.amount, || {
                format!(
                    "{sum} đồng are drawn on the line {}, which has {}",
                    row.name, row.amount
                )
            });
        }
        if row.proposal_id.is_none() {
            continue;
        }
        let said = match accepted.says::<Lines>(TreasuryKind::FundLines, row.proposal_id)? {
            Some(said) => Some(said.lines),
            None => accepted
                .says::<Reduction>(TreasuryKind::FundReduction, row.proposal_id)?
                .and_then(|said| said.lines),
        };
        let is_it = |said: Vec<FundLine>| {
            said.iter()
                .any(|line| line.code == row.code && line.name == row.name && line.amount.dong() == row.amount)
        };
        check.look(said.is_some_and(is_it), || {
            format!("the line {} is not what two people decided", row.name)
        });
    }
    let nothing = drawn.values().all(|sum| *sum == 0);
    check.look(nothing, || {
        "something is drawn on a line that its fund does not have".to_owned()
    });
    Ok(())
}

/// What was taken from a fund is what was accepted, once, from what was free to the source of that fund, and nothing else
/// was.
async fn reductions(conn: &impl ConnectionTrait, check: &mut Check, accepted: &Accepted) -> Result<(), Error> {
    let mut steps: BTreeMap<String, Vec<(Uuid, FundAccount, i64)>> = BTreeMap::new();
    let rows = posting::Entity::find()
        .filter(posting::Column::Batch.starts_with(REDUCTIONS))
        .all(conn)
        .await?;
    for row in rows {
        let step = steps.entry(row.batch).or_default();
        step.push((row.fund_id, row.account, row.amount));
    }
    let funds = fund::Entity::find().all(conn).await?;
    for own in accepted
        .0
        .values()
        .filter(|own| own.kind == TreasuryKind::FundReduction)
    {
        let said: Reduction = serde_json::from_str(&own.body)?;
        let taken = said.amount.dong();
        let subject = |fund: &fund::Model| format!("{REDUCTIONS}{}:{}", fund.code, fund.fiscal_year);
        let fund = funds.iter().find(|fund| subject(fund) == own.subject);
        let mut posted = steps
            .remove(&format!("{REDUCTIONS}{}", own.id.simple()))
            .unwrap_or_default();
        posted.sort_unstable_by_key(|(_, _, amount)| *amount);
        let is_it = fund.is_some_and(|fund| {
            posted
                == [
                    (fund.id, FundAccount::Available, -taken),
                    (fund.id, FundAccount::Source, taken),
                ]
        });
        check.look(is_it, || {
            format!("{taken} đồng of {} were not taken as two people decided", own.subject)
        });
    }
    check.look(steps.is_empty(), || {
        format!("money was taken from funds that nobody decided on: {steps:?}")
    });
    Ok(())
}
