//! Between the periods of the law engine, the rows that keep them and the amounts that differences compare.

use domain::case_file::Benefit;
use domain::determination::{Determination, Kind, Period, Undetermined};
use domain::reassessment::Owed;
use domain::{Month, Vnd};
use entity::determination_period;
use entity::enums::PeriodKind;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Error;

/// The periods of one benefit, not yet bound to a determination.
pub type Rows = Vec<determination_period::Model>;

/// The rows of each benefit that the determination gives, in the engine's order.
pub fn rows(determination: &Determination) -> Vec<(Benefit, Rows)> {
    let mut by_benefit = Vec::new();
    for benefit in Benefit::ALL {
        let paid = determination
            .periods
            .iter()
            .filter(|period| period.benefit == *benefit)
            .map(paid_row);
        let open = determination
            .undetermined
            .iter()
            .filter(|hole| hole.benefit == *benefit)
            .map(undetermined_row);
        let mut rows: Rows = paid.chain(open).collect();
        for (row, position) in rows.iter_mut().zip(0..) {
            row.position = position;
        }
        if !rows.is_empty() {
            by_benefit.push((*benefit, rows));
        }
    }
    by_benefit
}

fn paid_row(period: &Period) -> determination_period::Model {
    determination_period::Model {
        determination_id: Uuid::nil(),
        position: 0,
        component: period.component.to_string(),
        kind: match period.kind {
            Kind::Regular => PeriodKind::Regular,
            Kind::Arrears => PeriodKind::Arrears,
            Kind::OneOff => PeriodKind::OneOff,
        },
        from_month: period.from.yyyymm(),
        to_month: period.to.map(Month::yyyymm),
        due_month: period.due.map(Month::yyyymm),
        group_code: period.group.to_string(),
        amount: period.amount.dong(),
        provision: period.provision.to_string(),
        reason: None,
    }
}

fn undetermined_row(hole: &Undetermined) -> determination_period::Model {
    determination_period::Model {
        determination_id: Uuid::nil(),
        position: 0,
        component: String::new(),
        kind: PeriodKind::Undetermined,
        from_month: hole.from.yyyymm(),
        to_month: hole.to.map(Month::yyyymm),
        due_month: None,
        group_code: String::new(),
        amount: 0,
        provision: String::new(),
        reason: Some(hole.reason.to_string()),
    }
}

/// The hash by which a determination is stored only if different.
pub fn content_hash(rows: &Rows) -> String {
    let mut hash = Sha256::new();
    for row in rows {
        hash.update(format!(
            "{}|{:?}|{}|{:?}|{:?}|{}|{}|{}|{:?}\n",
            row.component,
            row.kind,
            row.from_month,
            row.to_month,
            row.due_month,
            row.group_code,
            row.amount,
            row.provision,
            row.reason
        ));
    }
    hex::encode(hash.finalize())
}

/// The amounts of stored rows; undetermined ones owe nothing.
pub fn owed(rows: &[determination_period::Model]) -> Result<Vec<Owed>, Error> {
    let month = |number| Month::from_yyyymm(number).map_err(Error::internal);
    let determined = rows.iter().filter(|row| row.kind != PeriodKind::Undetermined);
    determined
        .map(|row| {
            Ok(Owed {
                component: row.component.clone(),
                group: row.group_code.clone(),
                provision: row.provision.clone(),
                one_off: row.kind == PeriodKind::OneOff,
                from: month(row.from_month)?,
                to: row.to_month.map(month).transpose()?,
                due: row.due_month.map(month).transpose()?,
                amount: Vnd::new(row.amount).map_err(Error::internal)?,
            })
        })
        .collect()
}
