//! On which day the banks of a run are asked to execute, each by its own cut-off.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank::{BankTable, CutOff};
use entity::{pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Error;
use crate::{bank_profile, pay_calendar};

/// The day on which a bank is asked to execute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankExecution {
    /// The bank; for a merged one, the bank that took it over.
    #[schema(example = "AGRIBANK")]
    pub bank: String,
    /// Approved from this time of day on (+07:00), its files are executed the day after: the bank's own cut-off, or that of
    /// the calendar.
    #[schema(example = "15:30")]
    pub cut_off: String,
    /// The banking day; before approval, what it would be if the run were approved now.
    #[schema(example = "2024-09-05")]
    pub execution_date: NaiveDate,
}

/// The days of these banks, in the order of their codes; an empty code is no bank.
pub(super) async fn of_banks<'b>(
    app: &App,
    run: &pay_run::Model,
    banks: impl Iterator<Item = &'b str>,
) -> Result<Vec<BankExecution>, Error> {
    let conn = app.db.read();
    let (calendar, current) = (pay_calendar::load(conn).await?, bank_profile::current(conn).await?);
    let fixed = of_files(app, run).await?;
    let table = BankTable::embedded().map_err(Error::internal)?;
    let today: BTreeSet<&str> = banks
        .filter(|code| !code.is_empty())
        .map(|code| table.current(code).map_or(code, |bank| bank.code.as_str()))
        .collect();
    let days = today.into_iter().map(|code| {
        let (own, day) = match fixed.get(code) {
            Some((own, day)) => (*own, *day),
            None => (current.profiles.of(code).cut_off, None),
        };
        let cut_off = own.map_or_else(|| calendar.rules().cut_off(), CutOff::time);
        let of_run = match run.approved_at {
            Some(at) => run
                .execution_date
                .unwrap_or_else(|| domain::payment_file::execution_date(run.pay_date, at)),
            None => calendar.execution_date_by(cut_off, run.pay_date, app.clock.now()),
        };
        BankExecution {
            bank: code.to_owned(),
            cut_off: cut_off.format("%H:%M").to_string(),
            execution_date: day.unwrap_or(of_run),
        }
    });
    Ok(days.collect())
}

/// What the files of an approved run say, by bank: its cut-off, and the day if they keep one.
async fn of_files(
    app: &App,
    run: &pay_run::Model,
) -> Result<BTreeMap<String, (Option<CutOff>, Option<NaiveDate>)>, Error> {
    let files = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.eq(run.id))
        .filter(payment_file::Column::BankCode.is_not_null())
        .all(app.db.read())
        .await?;
    let mut fixed = BTreeMap::new();
    for file in files {
        let terms = crate::payment_file::terms_of(&file)?;
        if let Some(bank) = file.bank_code {
            fixed.insert(bank, (terms.profile.cut_off, terms.execution_date));
        }
    }
    Ok(fixed)
}
