//! Closed months.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Act, Standing};
use entity::{approval_act, month_close};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::month_close::books::{Books, Which};
use crate::month_close::open_item::is_released;
use crate::month_close::{Sums, close, correction, tie};
use crate::verify::Check;

type Standings = BTreeMap<Uuid, BTreeMap<Standing, i64>>;

/// Each closed month is the snapshot that two people signed, and its parts add up.
pub(super) async fn closes_are_what_was_signed(app: &App) -> Result<Check, Error> {
    let mut check =
        Check::new("month closes: each is what two people signed, and every đồng of it stands in one place");
    let conn = app.db.read();
    for (month, row) in correction::closed(conn).await? {
        let sums: Sums = serde_json::from_value(row.tie.clone())?;
        let orders = close::orders(conn, row.id).await?;
        let items = close::items(conn, row.id).await?;
        let corrections = close::corrections(conn, row.id).await?;
        let digest = tie::digest(&sums, &orders, &items, &corrections)?;
        check.look(digest == row.digest, || format!("{month}: the snapshot was altered"));
        signatures(app, &mut check, &row).await?;
        for standing in sums.standings() {
            let kept: i64 = orders.values().filter_map(|own| own.get(&standing.standing)).sum();
            check.look(kept == standing.amount, || {
                format!("{month}: {:?} of {kept} against {}", standing.standing, standing.amount)
            });
        }
        let net: i64 = sums.rows.iter().map(|own| own.net).sum();
        let kept: i64 = orders.values().flat_map(BTreeMap::values).sum();
        check.look(net == kept, || {
            format!("{month}: lines of {net} against orders of {kept}")
        });
        check.look(sums.differences.is_empty() == row.ties, || {
            format!("{month}: it says that it ties, and it does not")
        });
    }
    Ok(check)
}

async fn signatures(app: &App, check: &mut Check, row: &month_close::Model) -> Result<(), Error> {
    let acts = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(close::subject(row.id)))
        .filter(approval_act::Column::Revision.eq(row.revision))
        .all(app.db.read())
        .await?;
    let of = |act: Act| {
        let own = acts.iter().find(|own| own.act == act && own.digest == row.digest);
        own.map(|own| own.user_id)
    };
    let (made, approved) = (of(Act::Make), of(Act::Approve));
    let holds = made == Some(row.prepared_by) && approved.is_some() && approved == row.closed_by && made != approved;
    check.look(holds, || format!("{}: not signed by two people", row.month));
    Ok(())
}

/// Snapshot, corrections and what is not corrected yet add up to where each order of a closed month stands now.
pub(super) async fn closes_lead_to_now(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("month closes: snapshot and later corrections are where the month stands now");
    let conn = app.db.read();
    let closes = correction::closed(conn).await?;
    let mut pending: BTreeMap<(i32, Uuid), BTreeMap<Standing, i64>> = BTreeMap::new();
    for own in correction::pending(conn, None).await? {
        let of_order = pending.entry((own.month.yyyymm(), own.order_id)).or_default();
        *of_order.entry(own.standing).or_insert(0) += own.amount;
    }
    for (month, row) in &closes {
        let snapshot = close::orders(conn, row.id).await?;
        let mut orders: BTreeSet<Uuid> = correction::orders_of(conn, *month).await?.into_iter().collect();
        orders.extend(snapshot.keys());
        let orders: Vec<Uuid> = orders.into_iter().collect();
        for chunk in orders.chunks(5_000) {
            let within: BTreeSet<Uuid> = chunk.iter().copied().collect();
            let news = pending.iter().filter(|(key, _)| within.contains(&key.1));
            let news = news.map(|(key, own)| (*key, own.clone()));
            let mut told: Standings = BTreeMap::new();
            let known = correction::known(conn, &closes, chunk).await?;
            for ((_, order), own) in known.into_iter().chain(news).filter(|((of, _), _)| of == month) {
                let of_order = told.entry(order).or_default();
                for (standing, amount) in own {
                    *of_order.entry(standing).or_insert(0) += amount;
                }
            }
            for own in told.values_mut() {
                own.retain(|_, amount| *amount != 0);
            }
            told.retain(|_, own| !own.is_empty());
            let mut books = Books::load(conn, &Which::Orders(chunk.to_vec())).await?;
            let runs = &books.runs;
            books
                .orders
                .retain(|_, order| runs.get(&order.run).is_some_and(is_released));
            let now = books.standings();
            for (id, order) in &books.orders {
                let own = now.get(id);
                check.look(told.get(id) == own, || {
                    format!(
                        "{month}: order {} is told at {:?}, stands at {own:?}",
                        order.reference,
                        told.get(id)
                    )
                });
                let sum: i64 = own.into_iter().flat_map(BTreeMap::values).sum();
                check.look(sum == order.amount, || {
                    format!(
                        "{month}: order {} of {} stands with {sum}",
                        order.reference, order.amount
                    )
                });
            }
        }
    }
    Ok(check)
}
