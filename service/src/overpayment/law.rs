//! What the law says of recovery on a day. It says nothing unless an instrument was published that does.

use chrono::NaiveDate;
use domain::Month;
use domain::law::Issuer;
use domain::overpayment::RecoveryParameter;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Error, FieldError, ProblemCode};
use crate::law;

/// The value of a parameter on a day; a central one goes before a provincial one.
pub(super) async fn known(app: &App, parameter: RecoveryParameter, on: NaiveDate) -> Result<Option<Decimal>, Error> {
    in_release(app, law::latest(app).await?, parameter, Month::of(on)).await
}

/// The value of a parameter in a month under a release; a central one goes before a provincial one.
pub(super) async fn in_release(
    app: &App,
    release: i32,
    parameter: RecoveryParameter,
    month: Month,
) -> Result<Option<Decimal>, Error> {
    Ok(ruled(app, release, parameter, month).await?.map(|rule| rule.value))
}

/// What the law says, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rule {
    /// The value, in the unit of the parameter.
    pub(super) value: Decimal,
    /// The instrument and article, as cited.
    pub(super) provision: String,
}

/// The rule of a parameter on a day under the newest release; a central one goes before a provincial one.
pub(super) async fn rule(app: &App, parameter: RecoveryParameter, on: NaiveDate) -> Result<Option<Rule>, Error> {
    ruled(app, law::latest(app).await?, parameter, Month::of(on)).await
}

async fn ruled(app: &App, release: i32, parameter: RecoveryParameter, month: Month) -> Result<Option<Rule>, Error> {
    let release = law::release(app, release).await?;
    let by = |issuer| {
        let set = release.parameter(parameter.key(), issuer, month)?;
        Some(Rule {
            value: set.value?,
            provision: format!("{} {}", set.cite, set.article).trim_end().to_owned(),
        })
    };
    Ok(by(Issuer::Central).or_else(|| by(Issuer::Provincial)))
}

/// The values of parameters on a day; the problem names every one that is missing.
pub(super) async fn required<const N: usize>(
    app: &App,
    parameters: [RecoveryParameter; N],
    on: NaiveDate,
) -> Result<[Decimal; N], Error> {
    let mut values = [Decimal::ZERO; N];
    let mut missing = Vec::new();
    for (parameter, value) in parameters.into_iter().zip(&mut values) {
        match known(app, parameter, on).await? {
            Some(known) => *value = known,
            None => missing.push(parameter.key()),
        }
    }
    if missing.is_empty() {
        return Ok(values);
    }
    let names = missing.join(", ");
    let fields = missing.iter().map(|key| {
        FieldError::new(
            "",
            *key,
            format!("Chưa có văn bản quy định {key}"),
            format!("no published instrument sets {key}"),
        )
    });
    Err(Error {
        fields: fields.collect(),
        ..Error::because(
            ProblemCode::LawUnknown,
            format!("Chưa có văn bản quy định: {names}"),
            format!("no published instrument sets: {names}"),
        )
    })
}

/// A day so many days after another.
pub(super) fn days_after(day: NaiveDate, days: Decimal) -> Result<NaiveDate, Error> {
    let days = days
        .ceil()
        .to_u64()
        .ok_or_else(|| Error::internal("a period of law is no number of days"))?;
    day.checked_add_days(chrono::Days::new(days))
        .ok_or_else(|| Error::internal("a period of law is too long"))
}
