//! The steps of the year: taking over, paying, the answers, the close, and what comes after the last one.

use chrono::{Datelike, NaiveDate};
use domain::Month;
use serde_json::json;
use service::approval_tier::{self, ProposeTiers};
use service::month_close::{self, CloseMonth};
use service::pay_calendar;
use service::pay_run::CreatePayRun;
use service::program::{self, ListPrograms, SetProgramFund};
use service::reconciliation;
use service::{Code, Error, ProblemCode, Role};

use super::Year;
use super::plan::{CLOSE, LOOKS, RECALL, day};
use crate::play::takeover::{self, Estimate};
use crate::play::{accept_waiting, advance, files, law, pay_run, relief, wait};

/// The fund of the monthly benefits.
const BUDGET: &str = "social_assistance";
/// The fund of what people gave, which one program draws on.
const DONATIONS: &str = "donations";
/// The fund of relief.
const RELIEF: &str = "emergency_relief";
/// The program of the donations, by its benefit.
const GIVEN_FOR: &str = "care_support";
/// What a fund holds for each person of the province and year, đồng; a story, no real estimate.
const A_HEAD: i64 = 20_000_000;
/// People a fund is for at least.
const HEADS: usize = 100;
const NOTE: &str = "Đã kiểm tra";

/// What was proposed before an interruption waits, or holds already.
fn or_there<T>(done: Result<T, Error>) -> Result<(), Error> {
    match done {
        Err(error) if error.code == ProblemCode::AlreadyExists => Ok(()),
        done => done.map(drop),
    }
}

impl Year<'_> {
    /// The clock stands at an hour of a day, unless it is later already.
    async fn clock(&self, day: NaiveDate, hour: u32) -> Result<(), Error> {
        advance(self.app, &format!("{day}T{hour:02}:00:00+07:00"))
            .await
            .map(drop)
    }

    /// People, funds opened by two, two approvers for each run, and one program that draws on donations.
    pub(super) async fn take_over(&self) -> Result<(), Error> {
        let (app, options) = (self.app, self.options);
        takeover::import(app, options.people, options.seed, "year").await?;
        takeover::open_funds(app, &self.office, &self.funds()).await?;
        self.two_approve().await?;
        takeover::determine(app, self.plan.first(), "year").await?;
        wait::for_run(app, takeover::DETERMINED, "Xác định quyền hưởng").await?;
        wait::until_idle(app).await?;
        self.draws_on_donations().await
    }

    fn funds(&self) -> Vec<Estimate<'static>> {
        let heads = i64::try_from(self.options.people.max(HEADS)).unwrap_or(i64::MAX);
        let fund = |code, fiscal_year, source, what: &str| Estimate {
            code,
            fiscal_year,
            source,
            name: format!("{what} {fiscal_year}"),
            amount: A_HEAD.saturating_mul(heads),
        };
        let mut funds = Vec::new();
        for year in self.plan.years() {
            funds.push(fund(BUDGET, year, "provincial", "Trợ giúp xã hội"));
            funds.push(fund(DONATIONS, year, "donation", "Quỹ đóng góp"));
        }
        let first = self.plan.first().year();
        funds.push(fund(RELIEF, first, "provincial", "Cứu trợ khẩn cấp"));
        funds
    }

    /// From now on two people approve each pay run.
    async fn two_approve(&self) -> Result<(), Error> {
        let administrator = self.office.of(Role::Administrator)?;
        let tiers = json!({"note": "Phân cấp phê duyệt chi trả", "tiers": [
            {"subject": "pay_run", "from_amount": 0, "approvals": 2, "role": "approver"},
            {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
        ]});
        if approval_tier::get(self.app, administrator).await?.version == 0 {
            let tiers: ProposeTiers = serde_json::from_value(tiers)?;
            or_there(approval_tier::propose(self.app, administrator, 0, tiers).await)?;
        }
        accept_waiting(self.app, &self.office, NOTE).await
    }

    async fn draws_on_donations(&self) -> Result<(), Error> {
        let preparer = self.office.of(Role::Preparer)?;
        let all = ListPrograms {
            limit: Some(service::page::MAX_LIMIT),
            ..ListPrograms::default()
        };
        let programs = program::list(self.app, preparer, all).await?;
        let own = programs.items.into_iter();
        let own = own.filter(|own| own.benefit.as_deref() == Some(GIVEN_FOR) && own.fund_code != DONATIONS);
        for own in own {
            let command = SetProgramFund {
                fund_code: DONATIONS.to_owned(),
                fund_line: None,
                reason: "QĐ 45/QĐ-UBND: chi từ nguồn đóng góp".to_owned(),
            };
            or_there(program::propose_fund(self.app, preparer, own.id, own.version, command).await)?;
        }
        accept_waiting(self.app, &self.office, NOTE).await
    }

    /// The runs of a month on both funds, two months of them before Tết, from the list to the banks.
    pub(super) async fn pay(&mut self, month: Month) -> Result<(), Error> {
        if let (true, Some(on)) = (self.plan.resends_before(month), self.plan.resent_on()) {
            self.clock(on, 9).await?;
            self.bank.resend(on);
            self.look(on).await?;
        }
        self.clock(self.plan.list_day(month)?, 14).await?;
        if let Some((on, months)) = self.plan.early(month) {
            let early = json!({"kind": "pay_early", "cover_months": months, "reason": "Chi trước Tết Ất Tỵ"});
            let preparer = self.office.of(Role::Preparer)?;
            or_there(pay_calendar::propose(self.app, preparer, on, serde_json::from_value(early)?).await)?;
            accept_waiting(self.app, &self.office, NOTE).await?;
        }
        for month in self.plan.paid_with(month) {
            for fund in [BUDGET, DONATIONS] {
                let command = CreatePayRun::regular(month, self.plan.pay_day(month)?).on_fund(fund);
                let run = pay_run::take(self.app, &self.office, command).await?;
                let folder = self.options.out.join(month.to_string()).join(fund);
                if run.status.code() != "cancelled" {
                    files::write(self.app, &self.office, run.id, &folder).await?;
                }
            }
        }
        self.bank.collect(self.app, &self.office).await
    }

    /// The storm of 7/9/2024 and the relief of one commune, paid the same evening.
    pub(super) async fn storm(&mut self) -> Result<(), Error> {
        relief::storm(self.app, &self.office, &self.options.out).await?;
        self.bank.collect(self.app, &self.office).await
    }

    /// The resolution of 23/9/2024: another standard, and everybody is reassessed.
    pub(super) async fn law(&self) -> Result<(), Error> {
        let on = advance(self.app, "2024-09-23T09:00:00+07:00").await?.date_naive();
        law::publish(self.app, &self.office, on, &self.options.out.join("law")).await
    }

    /// What banks answer in a month, a recall now and then, and what two people make of each line that is left.
    pub(super) async fn answers(&mut self, month: Month) -> Result<(), Error> {
        for number in LOOKS {
            let today = day(month, number)?;
            self.clock(today, 9).await?;
            self.look(today).await?;
            if number == RECALL {
                self.recall(month).await?;
                self.bank.collect(self.app, &self.office).await?;
            }
        }
        self.look_into_findings().await?;
        self.clear_suspense().await
    }

    /// The last answers of a month, new accounts for some of those whose own refused their money, and the close.
    pub(super) async fn close(&mut self, month: Month) -> Result<(), Error> {
        let today = day(month, CLOSE)?;
        self.clock(today, 9).await?;
        self.look(today).await?;
        self.look_into_findings().await?;
        self.clear_suspense().await?;
        self.end_silences().await?;
        if self.plan.months().last() == Some(&month) {
            self.settle_differences().await?;
        }
        self.correct_accounts(month).await?;
        let (preparer, approver) = (self.office.of(Role::Preparer)?, self.office.of(Role::Approver)?);
        match month_close::get(self.app, preparer, month).await {
            Ok(own) if own.status.code() == "closed" => {}
            Err(error) if error.code != ProblemCode::NotFound => return Err(error),
            _ => {
                let command = CloseMonth {
                    note: "Đã đối chiếu với sao kê ngân hàng".to_owned(),
                };
                let prepared = month_close::close(self.app, preparer, month, command).await?;
                month_close::confirm(self.app, approver, month, prepared.version).await?;
            }
        }
        self.write_reports(month).await
    }

    /// What the treasury keeps of a closed month, and what is open on the day of the close.
    async fn write_reports(&self, month: Month) -> Result<(), Error> {
        let (app, treasury) = (self.app, self.office.of(Role::Treasury)?);
        let folder = self.options.out.join(month.to_string());
        let reports = [
            month_close::workbook(app, treasury, month).await?,
            month_close::paper(app, treasury, month).await?,
            reconciliation::ageing_workbook(app, treasury, None).await?,
        ];
        for (name, bytes) in &reports {
            files::put(&folder, name, bytes)?;
        }
        Ok(())
    }

    /// Late returns come when all the months are closed.
    pub(super) async fn late(&mut self) -> Result<(), Error> {
        for today in self.plan.late_days()? {
            self.clock(today, 9).await?;
            self.look(today).await?;
        }
        self.look_into_findings().await?;
        self.clear_suspense().await?;
        self.settle_differences().await
    }

    /// Looks for answers that are due until a day.
    async fn look(&mut self, today: NaiveDate) -> Result<(), Error> {
        let seed = u64::try_from(today.num_days_from_ce()).unwrap_or(0);
        let seed = self.options.seed.wrapping_mul(1_000_000).wrapping_add(seed);
        let folder = self.options.out.join("answers");
        self.bank
            .answers_arrive(self.app, &self.office, (today, seed), &folder)
            .await
    }
}
