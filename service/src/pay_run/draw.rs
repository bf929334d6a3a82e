//! What a run draws on: one fund, and of what falls due what that fund pays.

use std::collections::BTreeSet;

use domain::Month;
use domain::case_file::Benefit;
use entity::pay_run;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::error::{Error, ProblemCode};
use crate::pay_run::coverage;
use crate::pay_run::filter::Filter;
use crate::print;
use crate::program::FundOfBenefit;
use crate::reassessment::Taken;

/// What of the benefits is a run's.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    fund: String,
    month: Option<BTreeSet<String>>,
    funds: FundOfBenefit,
}

impl Draw {
    /// As the run was opened, and as the programs say: they don't change while it is not released.
    pub(super) async fn load(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<Self, Error> {
        Ok(Self {
            fund: run.fund_code.clone(),
            month: benefits(run)?,
            funds: FundOfBenefit::load(conn).await?,
        })
    }

    /// Does it pay what falls due of a benefit in its month?
    pub(super) fn pays(&self, benefit: &str) -> bool {
        match &self.month {
            Some(own) => own.contains(benefit),
            // A run of before that kept no list was for every benefit, whichever fund its program draws on by now.
            None => true,
        }
    }

    /// Does it make up for earlier months of a benefit? What waits is paid from the fund that the program draws on now.
    pub(super) fn makes_up(&self, benefit: &str) -> bool {
        self.funds.fund(benefit) == self.fund
    }
}

/// The benefits whose month a run pays, as it was opened; none: every one.
pub(super) fn benefits(run: &pay_run::Model) -> Result<Option<BTreeSet<String>>, Error> {
    Ok(run.benefits.clone().map(serde_json::from_value).transpose()?)
}

/// The benefits whose month a regular run of a fund may pay, as it keeps them: those whose programs draw on the fund,
/// without those that a run of another fund for everybody has already, since their program drew on that one then.
///
/// # Errors
/// `invalid` where no program draws on the fund; `already-exists` where the month of all of them is another run's;
/// `conflict` where a later one of all of them is paid already.
pub(super) fn month_of(
    funds: &FundOfBenefit,
    (fund, month): (&str, Month),
    of_the_month: &[pay_run::Model],
    taken: &Taken,
) -> Result<Option<Value>, Error> {
    let mut own = funds.benefits(fund);
    if own.is_empty() {
        return Err(Error::field(
            "/fund_code",
            "no_program",
            format!("Không có chương trình hằng tháng nào chi từ nguồn {fund}"),
            format!("no program of a benefit draws on {fund}"),
        ));
    }
    let mut opened = BTreeSet::new();
    for run in of_the_month.iter().filter(|run| coverage::counts(run)) {
        if !Filter::of(run)?.is_whole() {
            continue;
        }
        match benefits(run)? {
            Some(theirs) => opened.extend(theirs),
            None if run.fund_code == fund => {}
            None => opened.extend(own.iter().cloned()),
        }
    }
    own.retain(|benefit| !opened.contains(benefit));
    if own.is_empty() {
        return Err(Error::because(
            ProblemCode::AlreadyExists,
            format!("Tháng này của các chương trình chi từ nguồn {fund} đã có đợt chi trả"),
            format!("there is a pay run for the month of every program that draws on {fund}"),
        ));
    }
    own.retain(|benefit| taken.of(benefit) < month);
    if own.is_empty() {
        return Err(Error::because(
            ProblemCode::Conflict,
            format!(
                "Đã chi tháng {} hoặc tháng sau của nguồn {fund}; phần còn thiếu chi bằng đợt truy lĩnh (arrears_only)",
                print::month(month)
            ),
            format!(
                "{month} or a later month is paid from {fund} already: what is still owed is paid by a run of arrears_only"
            ),
        ));
    }
    let every = Benefit::ALL.iter().all(|benefit| own.contains(benefit.code()));
    Ok(if every { None } else { Some(serde_json::to_value(own)?) })
}
