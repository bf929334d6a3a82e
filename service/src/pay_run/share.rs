//! Which part of the money of the month before the lists of a run explain: what went to its areas by its channel. Each
//! part is explained in one list of the month alone, so that the lists of a month, a channel or a commune begin where the
//! ones before ended. Where two runs could both explain it, the one that was opened first does.

use std::collections::BTreeSet;

use entity::enums::Channel;
use entity::pay_run;
use entity::payment_line::Column as L;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait};

use crate::error::Error;
use crate::pay_run::draw::benefits;
use crate::pay_run::filter::Filter;
use crate::pay_run::snapshot;

/// The part that a run explains.
#[derive(Debug)]
pub(super) struct Share {
    own: Filter,
    /// Runs of the same month, opened before, that explain theirs, with the benefits of each; none: every one.
    earlier: Vec<(Filter, Option<BTreeSet<String>>)>,
}

impl Share {
    pub(super) async fn of(conn: &impl ConnectionTrait, run: &pay_run::Model) -> Result<Self, Error> {
        let paid = benefits(run)?;
        let mut others = snapshot::earlier(conn, super::cover_month(run)?).await?;
        others.retain(|other| other.sequence < run.sequence);
        others.sort_unstable_by_key(|other| other.sequence);
        let mut earlier = Vec::with_capacity(others.len());
        for other in &others {
            let theirs = benefits(other)?;
            let apart = paid.as_ref().zip(theirs.as_ref());
            if apart.is_none_or(|(own, theirs)| !own.is_disjoint(theirs)) {
                earlier.push((Filter::of(other)?, theirs));
            }
        }
        Ok(Self {
            own: Filter::of(run)?,
            earlier,
        })
    }

    /// Is it all that was paid?
    pub(super) const fn is_all(&self) -> bool {
        self.own.is_whole() && self.earlier.is_empty()
    }

    /// Does it depend on channels?
    pub(super) fn asks_channel(&self) -> bool {
        self.own.channel().is_some() || self.earlier.iter().any(|(other, _)| other.channel().is_some())
    }

    /// Its lines, among those of the month before; none where other runs explain every one.
    pub(super) fn lines(&self) -> Option<Condition> {
        let mut lines = self.own.lines();
        for (other, theirs) in &self.earlier {
            if other.is_whole() && theirs.is_none() {
                return None;
            }
            let rights = theirs.clone().map(snapshot::rights_to);
            let apart = rights.map(|rights| L::EntitlementId.not_in_subquery(rights));
            lines = lines.add(other.other_lines().add_option(apart));
        }
        Some(lines)
    }

    /// Does it hold what a predecessor paid to somebody who lives here and has accounts of these channels? Who has none is
    /// of no other channel either.
    pub(super) fn holds(&self, area_id: &str, channels: &[Channel]) -> bool {
        let fits = |filter: &Filter| {
            let by_it = |own| channels.is_empty() || channels.contains(&own);
            filter.holds(area_id) && filter.channel().is_none_or(by_it)
        };
        fits(&self.own) && !self.earlier.iter().any(|(other, _)| fits(other))
    }
}
