//! Parameters of law on a day.

use chrono::NaiveDate;
use domain::Vnd;
use domain::law::Confidence;
use rust_decimal::prelude::ToPrimitive;
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// A parameter as it stands on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ParameterView {
    /// Key.
    #[schema(example = "standard.central")]
    pub key: String,
    /// Value; coefficients are texts.
    #[schema(value_type = String)]
    pub value: domain::law::Number,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub to: Option<NaiveDate>,
    /// The provision that sets it.
    #[schema(example = "NĐ 76/2024 Art 1")]
    pub provision: String,
    /// Where it was read.
    pub source: String,
    /// How sure it is.
    #[schema(value_type = String)]
    pub confidence: Confidence,
}

/// Every parameter in force on a day under a release (the newest if none): a later instrument lies over an earlier.
pub async fn parameters(
    app: &App,
    actor: &Actor,
    on: NaiveDate,
    release: Option<i32>,
) -> Result<Vec<ParameterView>, Error> {
    actor.require(Permission::LawRead)?;
    on_day(app, on, release).await
}

async fn on_day(app: &App, on: NaiveDate, release: Option<i32>) -> Result<Vec<ParameterView>, Error> {
    let number = match release {
        Some(number) => number,
        None => super::latest(app).await?,
    };
    let mut by_key = std::collections::BTreeMap::new();
    for own in super::release::published(app.db.read(), number).await? {
        for provision in &own.provisions {
            for parameter in &provision.parameters {
                let begun = parameter.from.is_none_or(|from| from <= on);
                if begun && parameter.to.is_none_or(|to| on <= to) {
                    let view = ParameterView {
                        key: parameter.key.clone(),
                        value: parameter.value,
                        from: parameter.from,
                        to: parameter.to,
                        provision: format!("{} {}", own.cite, provision.article).trim().to_owned(),
                        source: parameter.source.clone(),
                        confidence: parameter.confidence,
                    };
                    by_key.insert(view.key.clone(), view);
                }
            }
        }
    }
    Ok(by_key.into_values().collect())
}

/// The amount of a parameter on a day, under the newest release.
pub(crate) async fn parameter_on(app: &App, key: &str, on: NaiveDate) -> Result<Option<Vnd>, Error> {
    let known = on_day(app, on, None)
        .await?
        .into_iter()
        .find(|parameter| parameter.key == key);
    let dong = known.and_then(|parameter| parameter.value.0.to_i64());
    dong.map(|dong| Vnd::new(dong).map_err(Error::internal)).transpose()
}
