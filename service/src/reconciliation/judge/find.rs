//! Which order a line speaks of.

use domain::bank_report::{LineKind, ReportLine};

use super::{Judge, Known, Nameless};
use crate::bank_report::Finding;

impl Judge {
    /// With the open orders that lines without a reference may speak of, by account and amount.
    pub(in crate::reconciliation) fn knowing(mut self, nameless: Nameless) -> Self {
        for (key, orders) in nameless {
            let ids = orders.iter().map(|order| order.id).collect();
            self.by_account.insert(key, ids);
            for order in orders {
                self.orders.entry(order.id).or_insert(order);
            }
        }
        self
    }

    /// The order of a line, by its UETR or its reference.
    pub(super) fn find(&self, line: &ReportLine) -> Result<&Known, Finding> {
        let by_uetr = line.uetr.and_then(|uetr| self.by_uetr.get(&uetr));
        let by_reference = line.reference.as_ref().and_then(|text| self.by_reference.get(text));
        let id = match (by_uetr, by_reference) {
            (Some(one), Some(other)) if one != other => return Err(Finding::ReferenceConflict),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) if line.reference.is_none() && line.uetr.is_none() => return self.find_nameless(line),
            (None, None) => return Err(Finding::UnknownReference),
        };
        self.orders.get(id).ok_or(Finding::UnknownReference)
    }

    /// The order of a line without a reference: the one open order with its account and amount, whatever the place of
    /// the line among others.
    fn find_nameless(&self, line: &ReportLine) -> Result<&Known, Finding> {
        let (LineKind::ResultRow, None, Some(account), Some(amount)) =
            (line.kind, line.fault, &line.account, line.amount)
        else {
            return Err(Finding::ReferenceMissing);
        };
        match self
            .by_account
            .get(&(account.clone(), amount.dong()))
            .map(Vec::as_slice)
        {
            Some([id]) => self.orders.get(id).ok_or(Finding::UnknownReference),
            Some([_, ..]) => Err(Finding::AmbiguousAccount),
            Some([]) | None => Err(Finding::UnknownReference),
        }
    }
}
