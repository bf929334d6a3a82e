//! Which fund each benefit is paid from: what its program says. A benefit has one active program at a time; where it has
//! none any more, the one that was closed last says so, and where it never had one, the fund of monthly benefits pays it.

use std::collections::{BTreeMap, BTreeSet};

use domain::case_file::Benefit;
use entity::enums::{PayRunKind, PayRunStatus, ProgramKind, ProgramStatus};
use entity::{fund, pay_run, program};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::Txn;
use crate::error::{Error, FieldError, ProblemCode};
use crate::pay_run::{FUNDS, REGULAR_FUND};
use crate::print;
use crate::reassessment;

/// The code of the fund of each benefit, and of the line of its estimate where the program names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FundOfBenefit {
    funds: BTreeMap<String, String>,
    lines: BTreeMap<String, String>,
}

impl FundOfBenefit {
    /// As the programs say now.
    pub(crate) async fn load(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        Ok(Self::of(Self::opened(conn).await?))
    }

    /// The same once a program has changed to this.
    pub(super) async fn with(conn: &impl ConnectionTrait, changed: &program::Model) -> Result<Self, Error> {
        let mut programs = Self::opened(conn).await?;
        programs.retain(|own| own.id != changed.id);
        programs.push(changed.clone());
        Ok(Self::of(programs))
    }

    async fn opened(conn: &impl ConnectionTrait) -> Result<Vec<program::Model>, Error> {
        let programs = program::Entity::find()
            .filter(program::Column::Benefit.is_not_null())
            .filter(program::Column::Status.ne(ProgramStatus::Draft))
            .order_by_asc(program::Column::Id)
            .all(conn)
            .await?;
        Ok(programs)
    }

    /// The same, and no program changes until the transaction ends.
    pub(crate) async fn locked(txn: &Txn) -> Result<Self, Error> {
        // A draft may be opened.
        let programs = program::Entity::find()
            .filter(program::Column::Benefit.is_not_null())
            .order_by_asc(program::Column::Id)
            .lock_shared()
            .all(txn.conn())
            .await?;
        let opened = programs.into_iter().filter(|own| own.status != ProgramStatus::Draft);
        Ok(Self::of(opened.collect()))
    }

    fn of(mut programs: Vec<program::Model>) -> Self {
        programs.sort_by_key(|own| (own.status == ProgramStatus::Active, own.to_date, own.id));
        let (mut funds, mut lines) = (BTreeMap::new(), BTreeMap::new());
        for own in programs {
            let Some(benefit) = own.benefit else { continue };
            match own.fund_line {
                Some(line) => lines.insert(benefit.clone(), line),
                None => lines.remove(&benefit),
            };
            funds.insert(benefit, own.fund_code);
        }
        Self { funds, lines }
    }

    /// The line of a fund's estimate that a benefit draws on, where its program names one.
    pub(crate) fn line(&self, fund: &str, benefit: &str) -> Option<&str> {
        let own = self.lines.get(benefit).filter(|_| self.fund(benefit) == fund);
        own.map(String::as_str)
    }

    /// Draws no benefit on a line of a fund by name?
    pub(crate) fn names_no_line(&self, fund: &str) -> bool {
        !self.lines.keys().any(|benefit| self.fund(benefit) == fund)
    }

    /// The fund that pays a benefit.
    pub(crate) fn fund(&self, benefit: &str) -> &str {
        self.funds.get(benefit).map_or(REGULAR_FUND, String::as_str)
    }

    /// The funds that pay benefits.
    pub(crate) fn codes(&self) -> BTreeSet<String> {
        let all = Benefit::ALL.iter().map(|benefit| benefit.code());
        all.map(|benefit| self.fund(benefit).to_owned()).collect()
    }

    /// The benefits that a fund pays, by code.
    pub(crate) fn benefits(&self, fund: &str) -> BTreeSet<String> {
        let mut all: BTreeSet<&str> = self.funds.keys().map(String::as_str).collect();
        all.extend(Benefit::ALL.iter().map(|benefit| benefit.code()));
        let own = all.into_iter().filter(|benefit| self.fund(benefit) == fund);
        own.map(str::to_owned).collect()
    }
}

/// The line of a fund's estimate that relief draws on: the one that an active program of relief on this fund names. No
/// program of relief changes until the transaction ends.
pub(crate) async fn relief_line(txn: &Txn, fund: &str) -> Result<Option<String>, Error> {
    let programs = program::Entity::find()
        .filter(program::Column::Kind.eq(ProgramKind::Relief))
        .order_by_asc(program::Column::Id)
        .lock_shared()
        .all(txn.conn())
        .await?;
    let mut own = programs
        .into_iter()
        .filter(|own| own.status == ProgramStatus::Active && own.fund_code == fund);
    Ok(own.find_map(|own| own.fund_line))
}

/// Refuses a program of relief that would draw on another line of its fund than the active ones of the same fund: a request
/// for relief names a fund, and has to find its line by that alone. Programs open one at a time.
///
/// # Errors
/// `conflict`, with the line and the program that names it.
pub(super) async fn require_one_relief_line(txn: &Txn, row: &program::Model) -> Result<(), Error> {
    let (ProgramKind::Relief, ProgramStatus::Active, Some(line)) = (row.kind, row.status, &row.fund_line) else {
        return Ok(());
    };
    let other = program::Entity::find()
        .filter(program::Column::Id.ne(row.id))
        .filter(program::Column::Kind.eq(ProgramKind::Relief))
        .filter(program::Column::Status.eq(ProgramStatus::Active))
        .filter(program::Column::FundCode.eq(&row.fund_code))
        .filter(program::Column::FundLine.ne(line))
        .order_by_asc(program::Column::Id)
        .one(txn.conn())
        .await?;
    let Some(other) = other else { return Ok(()) };
    let (fund, theirs) = (&row.fund_code, other.fund_line.unwrap_or_default());
    Err(Error::because(
        ProblemCode::Conflict,
        format!(
            "Chương trình cứu trợ {} đã chi từ dòng dự toán {theirs} của nguồn {fund}; mỗi nguồn chỉ có một dòng cho cứu trợ",
            other.code
        ),
        format!(
            "the program of relief {} draws on the line {theirs} of {fund}: relief has one line of a fund",
            other.code
        ),
    ))
}

/// What is wrong with the code of a fund that nobody has opened, for any year. The two funds that every installation
/// starts with are known before they are opened.
pub(crate) async fn unknown_fund(conn: &impl ConnectionTrait, code: &str) -> Result<Option<FieldError>, Error> {
    let opened = fund::Entity::find().filter(fund::Column::Code.eq(code));
    if FUNDS.contains(&code) || opened.count(conn).await? > 0 {
        return Ok(None);
    }
    let mut known: Vec<String> = FUNDS.iter().map(|&own| own.to_owned()).collect();
    for own in fund::Entity::find().order_by_asc(fund::Column::Code).all(conn).await? {
        if !known.contains(&own.code) {
            known.push(own.code);
        }
    }
    let known = known.join(", ");
    Ok(Some(FieldError::new(
        "/fund_code",
        "unknown_fund",
        format!("Chưa có nguồn kinh phí này; các mã nguồn: {known}"),
        format!("Nobody has opened this fund; the codes are: {known}"),
    )))
}

/// Refuses that a benefit changes its fund in the middle of a month: while a run that it may be in is not released, while
/// runs of some areas or one channel have paid a month that no run for everybody has, or where the other fund has taken a
/// month already that its own has not. So each month of it is paid from one fund, once. Runs are locked: who opens one
/// waits.
///
/// # Errors
/// `conflict`.
pub(super) async fn require_between_months(txn: &Txn, benefit: &str, (from, to): (&str, &str)) -> Result<(), Error> {
    let taken = reassessment::last_taken_of(txn.conn(), benefit).await?;
    // A run of a third fund has nothing of this benefit.
    let of_either = pay_run::Column::FundCode.is_in([from, to]);
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    // Runs that what is made up for may be in are not released; of a month that this benefit's runs have not taken, there
    // is none at all, whichever fund it draws on.
    let not_released = Condition::all()
        .add(pay_run::Column::Kind.is_in([PayRunKind::Regular, PayRunKind::ArrearsOnly]))
        .add(pay_run::Column::Status.is_in(open));
    let begun = Condition::all()
        .add(pay_run::Column::Kind.eq(PayRunKind::Regular))
        .add(pay_run::Column::Status.ne(PayRunStatus::Cancelled))
        .add(pay_run::Column::CoverMonth.gt(taken));
    let either = Condition::any().add(not_released).add(begun);
    let runs = crate::pay_run::locked_where(txn, Condition::all().add(of_either).add(either)).await?;
    let Some(run) = runs.first() else { return Ok(()) };
    let month = crate::pay_run::cover_month(run)?;
    Err(Error::because(
        ProblemCode::Conflict,
        format!(
            "Đợt chi trả tháng {} (nguồn {}) chưa xong; chỉ đổi sang nguồn {to} giữa hai tháng",
            print::month(month),
            run.fund_code
        ),
        format!(
            "the run of {month} on {} is not done with: a program goes over to {to} between two months",
            run.fund_code
        ),
    ))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;

    fn program(id: u128, status: ProgramStatus, to: Option<&str>, fund: &str) -> program::Model {
        program::Model {
            id: Uuid::from_u128(id),
            code: format!("program_{id}"),
            name_vi: String::new(),
            name_en: String::new(),
            kind: ProgramKind::MonthlyCash,
            benefit: Some("social_pension".to_owned()),
            legal_basis: String::new(),
            responsible_unit: String::new(),
            fund_code: fund.to_owned(),
            from_date: NaiveDate::default(),
            to_date: to.map(|day| day.parse().unwrap()),
            status,
            version: 1,
            fund_line: Some(format!("line_{id}")),
        }
    }

    #[test]
    fn the_active_program_says_what_pays_and_the_one_closed_last_after_it() {
        let first = program(3, ProgramStatus::Closed, Some("2024-01-31"), "one");
        let second = program(2, ProgramStatus::Closed, Some("2024-06-30"), "two");
        let active = program(1, ProgramStatus::Active, None, "three");
        let map = FundOfBenefit::of(vec![active, second.clone(), first.clone()]);
        assert_eq!(map.fund("social_pension"), "three");
        assert_eq!(map.line("three", "social_pension"), Some("line_1"));
        assert_eq!(map.line("two", "social_pension"), None);
        assert!(map.names_no_line("two"));
        let map = FundOfBenefit::of(vec![second, first]);
        assert_eq!(map.fund("social_pension"), "two");
        assert_eq!(map.fund("funeral"), REGULAR_FUND);
        assert_eq!(map.benefits("two").into_iter().collect::<Vec<_>>(), ["social_pension"]);
        assert_eq!(map.benefits(REGULAR_FUND).len(), Benefit::ALL.len() - 1);
    }
}
