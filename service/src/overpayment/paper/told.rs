//! What a paper tells. It is kept with the step that brings the paper to the person: whatever is found or published
//! later, the paper that was served is printed again as it was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::Month;
use domain::overpayment::RecoveryParameter;
use domain::reassessment::Difference;
use entity::{entitlement, overpayment_case, overpayment_event, overpayment_month, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::entitlement::periods::{self, Rows};
use crate::entitlement::{bulk, is_confidential};
use crate::error::Error;
use crate::overpayment::detect::recovered;
use crate::overpayment::law::{self, Rule};
use crate::reassessment;

/// The field of a step's detail that keeps it.
pub(in crate::overpayment) const FIELD: &str = "paper";

/// What the law says of the person's rights and of recovery; none where no published instrument does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::overpayment) struct Rules {
    /// Days to answer.
    pub(super) response: Option<Rule>,
    /// Days to appeal.
    pub(super) appeal: Option<Rule>,
    /// Percent of a month's payments.
    pub(super) cap: Option<Rule>,
    /// Đồng a month.
    pub(super) protected: Option<Rule>,
}

/// One month as it is told. All amounts in đồng.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::overpayment) struct ToldMonth {
    pub(super) benefit: String,
    pub(super) month: Month,
    /// Paid, whatever came back of it.
    pub(super) paid: i64,
    /// What was due.
    pub(super) should: i64,
    /// What this case is about.
    pub(super) claimed: i64,
    /// To be paid back.
    pub(super) decided: Option<i64>,
    pub(super) reason: Option<String>,
    /// The right rests on facts that no paper names.
    pub(super) confidential: bool,
}

/// The content of a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::overpayment) struct Told {
    /// Where the person lived.
    pub(super) area: String,
    pub(super) months: Vec<ToldMonth>,
    pub(super) rules: Rules,
}

impl Told {
    /// The content as things stand.
    pub(in crate::overpayment) async fn now(
        app: &App,
        row: &overpayment_case::Model,
        months: &[overpayment_month::Model],
        on: NaiveDate,
    ) -> Result<Self, Error> {
        let area: Option<String> = person::Entity::find_by_id(row.person_id)
            .select_only()
            .column(person::Column::AreaId)
            .into_tuple()
            .one(app.db.read())
            .await?;
        let rule = async |parameter: RecoveryParameter| law::rule(app, parameter, on).await;
        Ok(Self {
            area: area.ok_or_else(Error::not_found)?,
            months: told(app, months).await?,
            rules: Rules {
                response: rule(RecoveryParameter::ResponseDays).await?,
                appeal: rule(RecoveryParameter::AppealDays).await?,
                cap: rule(RecoveryParameter::InstalmentCap).await?,
                protected: rule(RecoveryParameter::ProtectedMinimum).await?,
            },
        })
    }

    /// The content that a step kept.
    pub(super) fn kept(event: &overpayment_event::Model) -> Option<Self> {
        let kept = event.detail.get(FIELD)?;
        serde_json::from_value(kept.clone()).ok()
    }

    pub(super) fn claimed(&self) -> i64 {
        self.months.iter().map(|month| month.claimed).sum()
    }

    pub(super) fn decided(&self) -> i64 {
        self.months.iter().filter_map(|month| month.decided).sum()
    }

    pub(super) fn is_confidential(&self) -> bool {
        self.months.iter().any(|month| month.confidential)
    }
}

/// The months of a case with what was paid and what was due.
async fn told(app: &App, months: &[overpayment_month::Model]) -> Result<Vec<ToldMonth>, Error> {
    let known = Known::load(app, months).await?;
    months.iter().map(|month| known.month(month)).collect()
}

/// What is known of the entitlements of a case.
struct Known {
    /// The code of the benefit, by entitlement.
    benefits: BTreeMap<Uuid, String>,
    /// The periods that stand, by entitlement.
    periods: Vec<(Uuid, Rows)>,
    /// What is owed beyond what was paid, or the reverse, by entitlement.
    differences: BTreeMap<Uuid, Vec<Difference>>,
    /// What came back: entitlement, component, month and đồng.
    back: Vec<(Uuid, String, i32, i64)>,
}

impl Known {
    async fn load(app: &App, months: &[overpayment_month::Model]) -> Result<Self, Error> {
        let conn = app.db.read();
        let ids: BTreeSet<Uuid> = months.iter().map(|month| month.entitlement_id).collect();
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let entitlements = entitlement::Entity::find()
            .filter(entitlement::Column::Id.is_in(ids.iter().copied()))
            .all(conn)
            .await?;
        let heads = bulk::heads(conn, &ids).await?;
        let determinations: Vec<Uuid> = heads.iter().map(|(_, _, id)| *id).collect();
        let mut rows = bulk::periods(conn, &determinations).await?;
        let periods: Vec<(Uuid, Rows)> = heads
            .iter()
            .map(|(entitlement, _, id)| (*entitlement, rows.remove(id).unwrap_or_default()))
            .collect();
        Ok(Self {
            benefits: entitlements.into_iter().map(|row| (row.id, row.benefit)).collect(),
            differences: reassessment::open_differences(app, &periods).await?,
            back: recovered(conn, &ids).await?,
            periods,
        })
    }

    fn month(&self, row: &overpayment_month::Model) -> Result<ToldMonth, Error> {
        let month = Month::from_yyyymm(row.cover_month).map_err(Error::internal)?;
        let mut told = ToldMonth {
            benefit: self.benefits.get(&row.entitlement_id).cloned().unwrap_or_default(),
            month,
            paid: 0,
            should: 0,
            claimed: row.detected,
            decided: row.decided,
            reason: row.reason.clone(),
            confidential: false,
        };
        for (_, rows) in self.periods.iter().filter(|(id, _)| *id == row.entitlement_id) {
            for owed in periods::owed(rows)? {
                if owed.component == row.component && owed.falls_due(month).is_some() {
                    told.should += owed.amount.dong();
                    told.confidential |= is_confidential(&owed.group);
                }
            }
        }
        told.paid = told.should;
        for own in self.differences.get(&row.entitlement_id).into_iter().flatten() {
            if own.component == row.component && own.cover_month == month {
                told.paid -= own.delta;
                told.confidential |= is_confidential(&own.group);
            }
        }
        for (entitlement, component, cover, amount) in &self.back {
            if (*entitlement, *cover) == (row.entitlement_id, row.cover_month) && *component == row.component {
                told.paid += amount;
            }
        }
        Ok(told)
    }
}
