//! A report of one bank that speaks of an order of another: both are named.

use std::collections::BTreeMap;

use domain::bank::BankProfiles;
use entity::{bank_report, payment_order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::view::ReportLineView;
use crate::bank_report::Finding;
use crate::error::{Error, Text};

/// Puts the names of both banks into the words of such a finding.
pub(crate) async fn name(conn: &impl ConnectionTrait, lines: &mut [&mut ReportLineView]) -> Result<(), Error> {
    lines.sort_by_key(|line| line.finding.as_deref() != Some(Finding::BankDiffers.code()));
    let end = lines.partition_point(|line| line.finding.as_deref() == Some(Finding::BankDiffers.code()));
    let Some(own) = lines.get_mut(..end).filter(|own| !own.is_empty()) else {
        return Ok(());
    };
    let reports: Vec<(Uuid, Option<String>)> = bank_report::Entity::find()
        .select_only()
        .columns([bank_report::Column::Id, bank_report::Column::Bank])
        .filter(bank_report::Column::Id.is_in(own.iter().map(|line| line.report_id)))
        .into_tuple()
        .all(conn)
        .await?;
    let orders: Vec<(Uuid, Option<String>)> = payment_order::Entity::find()
        .select_only()
        .columns([payment_order::Column::Id, payment_order::Column::BankCode])
        .filter(payment_order::Column::Id.is_in(own.iter().filter_map(|line| line.order_id)))
        .into_tuple()
        .all(conn)
        .await?;
    let reports: BTreeMap<Uuid, Option<String>> = reports.into_iter().collect();
    let orders: BTreeMap<Uuid, Option<String>> = orders.into_iter().collect();
    for line in own {
        let told = reports.get(&line.report_id).cloned().flatten();
        let order = line.order_id.and_then(|order| orders.get(&order)).cloned();
        if let (Some(told), Some(order)) = (told, order) {
            // An order without a bank is paid out by the post office.
            let order = order.unwrap_or_else(|| BankProfiles::POST.to_owned());
            let vi = format!("Báo cáo của {told} nói về lệnh chi gửi {order}");
            let en = format!("The report of {told} speaks of an order that was sent to {order}");
            line.finding_text = Some(Text::new(vi, en));
        }
    }
    Ok(())
}
