//! Which funds carry a month that was paid too much: those that paid it. What comes back goes back to them.

use std::collections::BTreeMap;

use crate::fund::fiscal_year;

/// The code of a fund and its fiscal year.
pub(crate) type Purse = (String, i32);

/// What carries some of a month: the fiscal year where it is another than the month's, and the fund.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Carrier {
    pub(super) fixed: Option<i32>,
    pub(super) fund: String,
}

impl Carrier {
    pub(super) const fn new(fixed: Option<i32>, fund: String) -> Self {
        Self { fixed, fund }
    }

    /// The fund and the fiscal year that it means for a month such as 202412.
    pub(super) fn purse(&self, cover_month: i32) -> Purse {
        (self.fund.clone(), fiscal_year(cover_month, self.fixed))
    }
}

/// Shares an amount out over what each carrier has, the latest year first: parts above nothing, together the amount or all
/// that there is.
pub(super) fn share(amount: i64, carried: BTreeMap<Carrier, i64>) -> Vec<(i64, Carrier)> {
    let mut left = amount.max(0);
    let mut parts = Vec::new();
    for (carrier, has) in carried.into_iter().rev() {
        let part = left.min(has);
        if part > 0 {
            left -= part;
            parts.push((part, carrier));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shared_out_over_what_paid_it() {
        let own = |fixed, fund: &str| Carrier::new(fixed, fund.to_owned());
        let carried = || {
            BTreeMap::from([
                (own(None, "donations"), 300),
                (own(None, "social_assistance"), 500),
                (own(Some(2025), "donations"), 100),
                (own(Some(2024), "donations"), -5),
            ])
        };
        let parts = share(450, carried());
        assert_eq!(
            parts,
            [
                (100, own(Some(2025), "donations")),
                (350, own(None, "social_assistance"))
            ]
        );
        let all: i64 = share(5_000, carried()).iter().map(|(part, _)| part).sum();
        assert_eq!(all, 900, "no more than there is");
        assert_eq!(share(-1, carried()), []);
        assert_eq!(
            own(Some(2025), "donations").purse(202_412),
            ("donations".to_owned(), 2025)
        );
        assert_eq!(own(None, "donations").purse(202_412), ("donations".to_owned(), 2024));
    }
}
