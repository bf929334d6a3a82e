//! Deliveries, files and orders.

use std::collections::BTreeMap;

use entity::enums::{DeliveryStatus, FileStatus, OrderStatus, ProposalStatus};
use entity::{delivery, payment_file, payment_order, recall, recall_delivery};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::payment_order::set_apart;
use crate::verify::Check;

async fn files(app: &App) -> Result<BTreeMap<Uuid, payment_file::Model>, Error> {
    let files = payment_file::Entity::find().all(app.db.read()).await?;
    Ok(files.into_iter().map(|file| (file.id, file)).collect())
}

/// Each delivery is of the bytes its file was built with, under one name, and a file was sent anew only after a failure.
pub(super) async fn carry_what_was_built(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deliveries: the built bytes under one name, and again only after a failure");
    let files = files(app).await?;
    let rows = delivery::Entity::find()
        .order_by_asc(delivery::Column::FileId)
        .order_by_asc(delivery::Column::Attempt)
        .all(app.db.read())
        .await?;
    let mut before: Option<&delivery::Model> = None;
    for row in &rows {
        let file = files.get(&row.file_id);
        check.look(
            file.is_some_and(|file| file.sha256.as_ref() == Some(&row.sha256)),
            || format!("delivery {}: other bytes than its file was built with", row.id),
        );
        let earlier = before.filter(|earlier| earlier.file_id == row.file_id);
        let follows = match earlier {
            None => row.attempt == 1,
            Some(earlier) => {
                row.attempt == earlier.attempt + 1
                    && row.target_name == earlier.target_name
                    && earlier.status == DeliveryStatus::Failed
            }
        };
        check.look(follows, || {
            format!("delivery {}: attempt {} does not follow", row.id, row.attempt)
        });
        before = Some(row);
    }
    Ok(check)
}

/// Each request to recall an order was agreed on, kept its bytes and its name, and was sent anew only after a failure.
pub(super) async fn carry_what_was_agreed_on(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deliveries: recalls that two people agreed on, and again only after a failure");
    let recalls: BTreeMap<Uuid, recall::Model> = recall::Entity::find()
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let rows = recall_delivery::Entity::find()
        .order_by_asc(recall_delivery::Column::RecallId)
        .order_by_asc(recall_delivery::Column::Attempt)
        .all(app.db.read())
        .await?;
    let mut before: Option<&recall_delivery::Model> = None;
    for row in &rows {
        let own = recalls.get(&row.recall_id);
        check.look(own.is_some_and(|own| own.status == ProposalStatus::Accepted), || {
            format!("delivery {}: of a recall that nobody accepted", row.id)
        });
        let follows = match before.filter(|earlier| earlier.recall_id == row.recall_id) {
            None => row.attempt == 1,
            Some(earlier) => {
                row.attempt == earlier.attempt + 1
                    && (&row.target_name, &row.sha256) == (&earlier.target_name, &earlier.sha256)
                    && earlier.status == DeliveryStatus::Failed
            }
        };
        check.look(follows, || {
            format!("delivery {}: attempt {} does not follow", row.id, row.attempt)
        });
        before = Some(row);
    }
    Ok(check)
}

/// An order is unknown only while the delivery of its file is.
pub(super) async fn unknown_orders_stand_in_unknown_files(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deliveries: orders are unknown only where the delivery of their file is");
    let files = files(app).await?;
    let orders = payment_order::Entity::find()
        .filter(set_apart(&[OrderStatus::Unknown]))
        .all(app.db.read())
        .await?;
    for order in orders {
        let file = order.file_id.and_then(|id| files.get(&id));
        check.look(file.is_some_and(|file| file.status == FileStatus::Unknown), || {
            format!("order {} is unknown, its file is not", order.reference)
        });
    }
    Ok(check)
}

/// Nothing of a file left the house after two people had said that an order in it was never executed: it is paid again by
/// another order. A file whose receiver was asked by letter to stop that one order goes on.
pub(super) async fn withdrawn_files_stay(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deliveries: nothing of a file after an order in it was found never executed");
    let since = crate::payment_file::never_executed(app.db.read()).await?;
    let rows = delivery::Entity::find()
        .filter(delivery::Column::FileId.is_in(since.keys().copied()))
        .filter(delivery::Column::BeganAt.is_not_null())
        .order_by_asc(delivery::Column::Id)
        .all(app.db.read())
        .await?;
    for row in rows {
        let after = since.get(&row.file_id).zip(row.began_at);
        check.look(after.is_none_or(|(said, began)| began <= *said), || {
            format!(
                "delivery {}: sent after an order of its file was never executed",
                row.id
            )
        });
    }
    Ok(check)
}
