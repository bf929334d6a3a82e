//! What a run is for: all areas or some, every channel or one.

use std::collections::BTreeSet;

use entity::enums::Channel;
use entity::payment_line::Column as L;
use entity::{pay_run, payee_account};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use serde_json::Value;

use crate::app::App;
use crate::area::Directory;
use crate::error::Error;

/// The areas and the channel of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    areas: Option<BTreeSet<String>>,
    channel: Option<Channel>,
}

impl Filter {
    /// What a caller asks for: areas by id or code, each with everything below it; none: all of them.
    pub(super) async fn ask(app: &App, areas: &[String], channel: Option<Channel>) -> Result<Self, Error> {
        if areas.is_empty() {
            return Ok(Self { areas: None, channel });
        }
        let directory = Directory::load(app.db.read()).await?;
        let mut ids = BTreeSet::new();
        for (place, area) in areas.iter().enumerate() {
            let Ok(found) = directory.matching(area) else {
                return Err(Error::field(
                    format!("/areas/{place}"),
                    "unknown_area",
                    format!("Không có địa bàn {area}"),
                    format!("there is no area {area}"),
                ));
            };
            ids.extend(found);
        }
        Ok(Self {
            areas: Some(ids),
            channel,
        })
    }

    /// What a run is for.
    pub(super) fn of(run: &pay_run::Model) -> Result<Self, Error> {
        let areas = run.areas.clone().map(serde_json::from_value).transpose()?;
        Ok(Self {
            areas,
            channel: run.channel,
        })
    }

    /// The areas as the run keeps them.
    pub(super) fn stored_areas(&self) -> Result<Option<Value>, Error> {
        Ok(self.areas.as_ref().map(serde_json::to_value).transpose()?)
    }

    /// The channel.
    pub(super) const fn channel(&self) -> Option<Channel> {
        self.channel
    }

    /// Is it for everybody?
    pub(super) const fn is_whole(&self) -> bool {
        self.areas.is_none() && self.channel.is_none()
    }

    /// Is it for people of this area?
    pub(super) fn holds(&self, area_id: &str) -> bool {
        self.areas.as_ref().is_none_or(|areas| areas.contains(area_id))
    }

    /// The lines that were paid in these areas, by this channel.
    pub(super) fn lines(&self) -> Condition {
        let areas = self.areas.as_ref().map(|own| L::AreaId.is_in(own.iter().cloned()));
        let channel = self.channel.map(|own| L::PayeeAccountId.in_subquery(accounts_of(own)));
        Condition::all().add_option(areas).add_option(channel)
    }

    /// The lines that were not; asked of what is not for everybody.
    pub(super) fn other_lines(&self) -> Condition {
        let areas = self.areas.as_ref().map(|own| L::AreaId.is_not_in(own.iter().cloned()));
        let channel = self
            .channel
            .map(|own| L::PayeeAccountId.not_in_subquery(accounts_of(own)));
        Condition::any().add_option(areas).add_option(channel)
    }

    /// Could somebody be in both? A run for everybody takes those whom no other run of the month takes, and meets only
    /// its like.
    pub(super) fn clashes(&self, other: &Self) -> bool {
        if self.is_whole() != other.is_whole() {
            return false;
        }
        let apart = match (&self.areas, &other.areas) {
            (Some(own), Some(others)) => own.is_disjoint(others),
            _ => false,
        };
        let other_way = matches!((self.channel, other.channel), (Some(own), Some(others)) if own != others);
        !apart && !other_way
    }
}

/// The accounts of a channel.
fn accounts_of(channel: Channel) -> SelectStatement {
    Query::select()
        .column(payee_account::Column::Id)
        .from(payee_account::Entity)
        .and_where(payee_account::Column::Channel.eq(channel))
        .to_owned()
}

/// Runs for everybody.
pub(crate) fn whole_runs() -> Condition {
    Condition::all()
        .add(pay_run::Column::Areas.is_null())
        .add(pay_run::Column::Channel.is_null())
}

/// Runs of some areas or one channel.
pub(crate) fn partial_runs() -> Condition {
    Condition::any()
        .add(pay_run::Column::Areas.is_not_null())
        .add(pay_run::Column::Channel.is_not_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(areas: &[&str], channel: Option<Channel>) -> Filter {
        let ids: BTreeSet<String> = areas.iter().map(|&id| id.to_owned()).collect();
        Filter {
            areas: (!ids.is_empty()).then_some(ids),
            channel,
        }
    }

    #[test]
    fn runs_of_disjoint_areas_or_channels_stand_side_by_side() {
        let whole = Filter::default();
        let (one, two, both) = (filter(&["a"], None), filter(&["b"], None), filter(&["a", "b"], None));
        let post = filter(&[], Some(Channel::PostCash));
        let bank = filter(&["a"], Some(Channel::BankTransfer));
        assert!(whole.clashes(&whole) && one.clashes(&both) && one.clashes(&bank) && post.clashes(&one));
        assert!(!one.clashes(&two) && !post.clashes(&bank));
        assert!(!whole.clashes(&one) && !one.clashes(&whole), "the rest goes on its own");
        assert!(whole.holds("a") && one.holds("a") && !one.holds("b"));
    }
}
