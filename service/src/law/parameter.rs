//! Parameters of law on a day.

use chrono::NaiveDate;
use domain::case_file::Jurisdiction;
use domain::law::{Confidence, Issuer, Number, ParameterValue, Unit};
use domain::{Month, Vnd};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// What one issuer says of a parameter on a day. The month of the day counts: it is governed by what is in force on
/// its first day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParameterView {
    /// Key.
    #[schema(example = "standard.central")]
    pub key: String,
    /// Who sets it.
    pub issuer: Issuer,
    /// Does it apply in the province? The highest value does: the law sets a floor.
    pub applies: bool,
    /// Value; coefficients are texts. Null where it is declared unknown.
    pub value: Option<Number>,
    /// Its unit.
    pub unit: Unit,
    /// Why it is unknown.
    pub reason: Option<String>,
    /// First day; open to the past if null.
    pub from: Option<NaiveDate>,
    /// Last day; open if null.
    pub to: Option<NaiveDate>,
    /// The provision that sets it.
    #[schema(example = "NĐ 76/2024 Art 1")]
    pub provision: String,
    /// Where it was read.
    pub source: String,
    /// How sure it is; null for an unknown.
    pub confidence: Option<Confidence>,
}

/// Every parameter in force on a day under a release (the newest if none), by key and issuer.
pub async fn parameters(
    app: &App,
    actor: &Actor,
    on: NaiveDate,
    release: Option<i32>,
) -> Result<Vec<ParameterView>, Error> {
    actor.require(Permission::LawRead)?;
    let latest = super::latest(app).await?;
    let number = release.unwrap_or(latest);
    if !(0..=latest).contains(&number) {
        return Err(Error::not_found());
    }
    let release = super::release(app, number).await?;
    let month = Month::of(on);
    let mut views = Vec::new();
    for key in release.parameter_keys() {
        let applying = release.effective(key, Jurisdiction::QuangNinh, month);
        for issuer in [Issuer::Central, Issuer::Provincial] {
            if let Some(piece) = release.parameter_piece(key, issuer, month) {
                let applies = applying.is_some_and(|value| std::ptr::eq(value, &piece.value));
                views.push(view(key, issuer, applies, (piece.from, piece.to), &piece.value));
            }
        }
    }
    Ok(views)
}

fn view(
    key: &str,
    issuer: Issuer,
    applies: bool,
    (from, to): (Option<Month>, Option<Month>),
    value: &ParameterValue,
) -> ParameterView {
    ParameterView {
        key: key.to_owned(),
        issuer,
        applies,
        value: value.value.map(Number),
        unit: value.unit,
        reason: value.reason.as_ref().map(ToString::to_string),
        from: from.map(Month::first_day),
        to: to.map(Month::last_day),
        provision: format!("{} {}", value.cite, value.article).trim_end().to_owned(),
        source: value.source.to_string(),
        confidence: value.confidence,
    }
}

/// The amount of a parameter on a day, under the newest release: the highest of those set.
pub(crate) async fn parameter_on(app: &App, key: &str, on: NaiveDate) -> Result<Option<Vnd>, Error> {
    let release = super::release(app, super::latest(app).await?).await?;
    let value = release.effective(key, Jurisdiction::QuangNinh, Month::of(on));
    Ok(value.and_then(ParameterValue::money))
}
