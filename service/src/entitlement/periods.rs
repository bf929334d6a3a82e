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
        let mut rows: Rows = together(paid.collect()).into_iter().chain(open).collect();
        for (row, position) in rows.iter_mut().zip(0..) {
            row.position = position;
        }
        if !rows.is_empty() {
            by_benefit.push((*benefit, rows));
        }
    }
    by_benefit
}

/// The rows of one benefit; none where nothing is due of it.
pub fn of_benefit(determination: &Determination, benefit: Benefit) -> Rows {
    let mut all = rows(determination).into_iter();
    all.find(|(own, _)| *own == benefit)
        .map(|(_, rows)| rows)
        .unwrap_or_default()
}

/// One row for each component and month: where the law pays two groups side by side (single parents, NĐ 20/2021 Art
/// 6(2)), the row carries their sum and names both.
fn together(rows: Rows) -> Rows {
    let mut done: Rows = Vec::with_capacity(rows.len());
    let mut waiting: Vec<Rows> = Vec::new();
    for row in rows {
        let same = |other: &determination_period::Model| {
            (&other.component, other.kind, other.due_month) == (&row.component, row.kind, row.due_month)
        };
        match waiting.iter_mut().find(|own| own.first().is_some_and(same)) {
            Some(own) => own.push(row),
            None => waiting.push(vec![row]),
        }
    }
    for own in waiting {
        done.extend(if overlap(&own) { summed(&own) } else { own });
    }
    done
}

fn overlap(rows: &[determination_period::Model]) -> bool {
    let last = |row: &determination_period::Model| row.to_month.unwrap_or(i32::MAX);
    rows.iter().enumerate().any(|(at, row)| {
        rows.iter()
            .skip(at + 1)
            .any(|other| row.from_month <= last(other) && other.from_month <= last(row))
    })
}

/// The rows cut at every month where one begins or ends, and summed.
fn summed(rows: &[determination_period::Model]) -> Rows {
    let after = |number: i32| Month::from_yyyymm(number).map_or(number, |month| month.next().yyyymm());
    let before = |number: i32| Month::from_yyyymm(number).map_or(number, |month| month.previous().yyyymm());
    let mut starts: Vec<i32> = rows.iter().map(|row| row.from_month).collect();
    starts.extend(rows.iter().filter_map(|row| row.to_month).map(after));
    starts.sort_unstable();
    starts.dedup();
    let mut parts: Rows = Vec::new();
    for (at, from) in starts.iter().enumerate() {
        let to = starts.get(at + 1).map(|next| before(*next));
        let here = rows
            .iter()
            .filter(|row| row.from_month <= *from && row.to_month.is_none_or(|last| *from <= last));
        let part = here.cloned().reduce(|sum, row| determination_period::Model {
            amount: sum.amount + row.amount,
            group_code: format!("{} + {}", sum.group_code, row.group_code),
            provision: format!("{}; {}", sum.provision, row.provision),
            ..sum
        });
        if let Some(part) = part {
            parts.push(determination_period::Model {
                from_month: *from,
                to_month: to,
                ..part
            });
        }
    }
    parts
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
