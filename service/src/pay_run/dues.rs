//! What a run may pay of what is owed, before it is decided where each amount goes.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use entity::enums::{LineKind, PayRunKind};
use entity::pay_run;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::pay_run::draw::Draw;
use crate::pay_run::line::{self, Due};
use crate::pay_run::reissue;
use crate::person::PersonRange;
use crate::reassessment::{self, Taken};

/// What a run of this kind may pay some people from its fund.
pub(super) async fn dues(app: &App, run: &pay_run::Model, people: PersonRange) -> Result<Vec<Due>, Error> {
    let conn = app.db.read();
    let draw = Draw::load(conn, run).await?;
    let mut dues = match run.kind {
        PayRunKind::Regular => of_month(conn, run, people, &draw).await?,
        PayRunKind::ArrearsOnly => waiting(conn, people, None, &draw).await?,
        PayRunKind::Relief | PayRunKind::Reissue => Vec::new(),
    };
    if matches!(run.kind, PayRunKind::Regular | PayRunKind::Reissue) {
        dues.extend(reissue::returned(conn, people, super::fund_code(run)).await?);
    }
    Ok(dues)
}

/// Arrears that the run's fund makes up for: those before a month, or all of them.
async fn waiting(
    conn: &impl ConnectionTrait,
    people: PersonRange,
    before: Option<Month>,
    draw: &Draw,
) -> Result<Vec<Due>, Error> {
    let mut waiting = line::pending_arrears(conn, people, before).await?;
    waiting.retain(|due| draw.makes_up(&due.benefit));
    Ok(waiting)
}

/// What falls due in the month of a regular run, with what waits of the months before.
///
/// Where the month was taken of a right already, by a run that came before its turn or by one of some areas or one channel
/// that held it, all that was due in it and is not paid waits as arrears. What the month makes up for, and what it pays
/// once, is taken from there alone, so that nothing of it is paid a second time; the amount of the month itself may still be
/// paid as such, which is settled when the run is released.
async fn of_month(
    conn: &impl ConnectionTrait,
    run: &pay_run::Model,
    people: PersonRange,
    draw: &Draw,
) -> Result<Vec<Due>, Error> {
    let month = super::cover_month(run)?;
    let mut dues = line::periods_due(conn, people, month).await?;
    dues.retain(|due| draw.pays(&due.benefit));
    let mut waiting = waiting(conn, people, Some(month.next()), draw).await?;
    let mut rights: BTreeMap<Uuid, String> = BTreeMap::new();
    for due in dues.iter().filter(|due| due.kind != LineKind::Regular) {
        rights.insert(due.entitlement_id, due.benefit.clone());
    }
    for due in waiting.iter().filter(|due| is_once_in(due, month)) {
        rights.insert(due.entitlement_id, due.benefit.clone());
    }
    let begun = begun(conn, month, rights).await?;
    dues.retain(|due| due.kind == LineKind::Regular || !begun.contains(&due.entitlement_id));
    less_what_was_paid(conn, &mut dues).await?;
    waiting.retain(|due| {
        let once = is_once_in(due, month) && begun.contains(&due.entitlement_id);
        due.cover_month < month.yyyymm() || once
    });
    dues.extend(waiting);
    Ok(dues)
}

/// Takes from what a month makes up for, or pays once, what was paid of it before, by runs or by the predecessor: it fell due
/// in an earlier month, until somebody was determined anew and it was put off. What was paid then stands against it, and is
/// paid no second time.
async fn less_what_was_paid(conn: &impl ConnectionTrait, dues: &mut Vec<Due>) -> Result<(), Error> {
    let concerned = dues.iter().filter(|due| may_be_put_off(due));
    let rights: BTreeSet<Uuid> = concerned.map(|due| due.entitlement_id).collect();
    if rights.is_empty() {
        return Ok(());
    }
    let rights: Vec<Uuid> = rights.into_iter().collect();
    let mut paid = reassessment::paid(conn, &rights).await?;
    for due in dues.iter_mut().filter(|due| may_be_put_off(due)) {
        let cover = Month::from_yyyymm(due.cover_month).map_err(Error::internal)?;
        let of_right = paid.get_mut(&due.entitlement_id);
        if let Some(left) = of_right.and_then(|own| own.get_mut(&(due.component.clone(), cover))) {
            let own = due.amount.min((*left).max(0));
            due.amount -= own;
            *left -= own;
        }
    }
    dues.retain(|due| !may_be_put_off(due) || due.amount > 0);
    Ok(())
}

/// May it have fallen due in another month before? A month by itself falls due in itself.
fn may_be_put_off(due: &Due) -> bool {
    due.kind != LineKind::Regular && due.undetermined.is_none()
}

/// Is it paid once, and for this month?
fn is_once_in(due: &Due, month: Month) -> bool {
    due.kind == LineKind::OneOff && due.cover_month == month.yyyymm()
}

/// Those of some rights, with the benefit of each, of which a month was taken already.
async fn begun(
    conn: &impl ConnectionTrait,
    month: Month,
    rights: BTreeMap<Uuid, String>,
) -> Result<BTreeSet<Uuid>, Error> {
    if rights.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<Uuid> = rights.keys().copied().collect();
    let taken = Taken::load(conn, month).await?;
    let ahead = taken.ahead(conn, &ids).await?;
    let mut begun = BTreeSet::new();
    for (id, benefit) in rights {
        if taken.of(&benefit) >= month || ahead.get(&id).is_some_and(|months| months.contains(&month)) {
            begun.insert(id);
        }
    }
    Ok(begun)
}
