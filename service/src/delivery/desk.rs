//! Files as the treasury desk sees them: what each is, for whom, and how far it has come.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use chrono::{DateTime, NaiveDate, Utc};
use domain::Month;
use domain::bank::BankTable;
use entity::enums::{DeliveryStatus, FileKind, FileStatus, PayRunKind};
use entity::{delivery, pay_run, payment_file};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::view::{DeliveryView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::page::{Page, Window};
use crate::payment_file::FileView;

/// Which files a desk asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// Built, not acknowledged and not withdrawn.
    Open,
    /// Acknowledged.
    Acknowledged,
    /// Withdrawn, however far it had come.
    Withdrawn,
}

/// A file with all that a clerk needs to know of it.
#[derive(Clone, Debug)]
pub struct DeskFile {
    /// The file.
    pub file: FileView,
    /// The kind of its run.
    pub run_kind: PayRunKind,
    /// The month its run pays.
    pub cover_month: Month,
    /// The number of its run among those of its kind and month.
    pub run_number: i32,
    /// What it is called where people save it.
    pub saved_as: String,
    /// The day on which it is paid.
    pub pay_date: NaiveDate,
    /// Who takes it: a bank, the post office, the treasury, the communes.
    pub recipient: Text,
    /// Has it a count and a sum? The communes' list has none.
    pub has_totals: bool,
    /// Does it wait to be acknowledged?
    pub can_be_acknowledged: bool,
    /// Has somebody of the treasury fetched it, or may it have arrived where it was sent? Before that nobody acknowledges
    /// it. Looked up by [`desk_file`]; never set in a list.
    pub may_be_held: bool,
    /// Has somebody said what became of an order of it? Then its receiver has it, and it is not sent again.
    pub is_answered: bool,
    /// Of a withdrawn file, how many orders in it still wait for their end. Looked up by [`desk_file`]; none in a list.
    pub waiting_orders: u64,
    /// May whoever looks have its bytes? Of a withdrawn file nobody has them who could bring it to a bank.
    pub can_be_fetched: bool,
    /// May it be sent over the channel now?
    pub can_be_delivered: bool,
    /// Is there something to ask at the target?
    pub can_be_checked: bool,
    /// Has it a manifest?
    pub has_manifest: bool,
    /// Its last delivery.
    pub delivery: Option<DeliveryView>,
}

/// The files of every run, the newest run first and in its own order.
pub async fn desk(
    app: &App,
    actor: &Actor,
    which: Waiting,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<DeskFile>, Error> {
    use payment_file::Column as C;
    actor.require_province(Permission::FileRead)?;
    let window = Window::<(DateTime<Utc>, i32, Uuid)>::of(app, "desk", &which, limit, cursor)?;
    let withdrawn = crate::payment_file::all_withdrawn(app.db.read()).await?;
    let ids = withdrawn.iter().copied();
    let open = [FileStatus::Built, FileStatus::Delivered, FileStatus::Unknown];
    let which = match which {
        Waiting::Open => Condition::all().add(C::Status.is_in(open)).add(C::Id.is_not_in(ids)),
        Waiting::Acknowledged => Condition::all().add(C::Status.eq(FileStatus::Acknowledged)),
        Waiting::Withdrawn => Condition::all().add(C::Id.is_in(ids)),
    };
    let mut query = payment_file::Entity::find()
        .filter(which)
        .order_by_desc(C::CreatedAt)
        .order_by_asc(C::Position)
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if let Some((at, position, id)) = window.after {
        let place = Condition::any()
            .add(C::Position.gt(position))
            .add(Condition::all().add(C::Position.eq(position)).add(C::Id.gt(id)));
        let same = Condition::all().add(C::CreatedAt.eq(at)).add(place);
        query = query.filter(Condition::any().add(C::CreatedAt.lt(at)).add(same));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| (row.created_at, row.position, row.id))?;
    Ok(Page {
        items: described(app, actor, (page.items, &withdrawn)).await?,
        next: page.next,
    })
}

/// One file, whatever its state.
pub async fn desk_file(app: &App, actor: &Actor, id: Uuid) -> Result<DeskFile, Error> {
    actor.require_province(Permission::FileRead)?;
    let row = payment_file::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let may_be_held = crate::payment_file::may_be_held(app.db.read(), &row).await?;
    let withdrawn = crate::payment_file::withdrawn(app.db.read(), slice::from_ref(&row)).await?;
    let waiting_orders = if withdrawn.contains(&id) {
        crate::payment_file::waiting_orders(app.db.read(), &row).await?
    } else {
        0
    };
    let mut own = described(app, actor, (vec![row], &withdrawn)).await?;
    let own = own.pop().ok_or_else(Error::not_found)?;
    Ok(DeskFile {
        may_be_held,
        waiting_orders,
        ..own
    })
}

async fn described(
    app: &App,
    actor: &Actor,
    (rows, withdrawn): (Vec<payment_file::Model>, &BTreeSet<Uuid>),
) -> Result<Vec<DeskFile>, Error> {
    let gives_out = crate::payment_file::gives_out(actor);
    let answered = crate::payment_file::answered(app.db.read(), &rows).await?;
    let runs: BTreeMap<Uuid, pay_run::Model> = pay_run::Entity::find()
        .filter(pay_run::Column::Id.is_in(rows.iter().map(|row| row.pay_run_id)))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|run| (run.id, run))
        .collect();
    // Later attempts come later and stay.
    let mut last: BTreeMap<Uuid, delivery::Model> = delivery::Entity::find()
        .filter(delivery::Column::FileId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(delivery::Column::Attempt)
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|row| (row.file_id, row))
        .collect();
    rows.into_iter()
        .map(|row| {
            let run = runs.get(&row.pay_run_id).ok_or_else(Error::not_found)?;
            let delivery = last.remove(&row.id);
            let withdrawn = withdrawn.contains(&row.id);
            let is_answered = answered.contains(&row.id);
            let open = crate::payment_file::can_be_acknowledged(&row) && !withdrawn;
            let over = delivery
                .as_ref()
                .is_none_or(|last| last.status == DeliveryStatus::Failed);
            let asked = delivery.as_ref().is_some_and(|last| {
                super::chase::is_open(app, last)
                    && app
                        .delivery
                        .as_deref()
                        .is_some_and(|own| super::transport::leads_to(own, last))
            });
            Ok(DeskFile {
                run_kind: run.kind,
                cover_month: crate::pay_run::cover_month(run)?,
                run_number: run.sequence,
                saved_as: super::target_name(run, &row),
                pay_date: run.pay_date,
                recipient: recipient(&row)?,
                has_totals: row.order_count > 0,
                can_be_acknowledged: open,
                may_be_held: false,
                is_answered,
                waiting_orders: 0,
                can_be_fetched: !(withdrawn && gives_out),
                can_be_delivered: open && over && !is_answered && app.delivery.is_some(),
                can_be_checked: asked,
                has_manifest: row.sha256.is_some() && crate::payment_file::has_manifest(run, &row),
                delivery: delivery.map(view),
                file: crate::payment_file::view(row, app.clock.today(), withdrawn),
            })
        })
        .collect()
}

fn recipient(row: &payment_file::Model) -> Result<Text, Error> {
    Ok(match (row.kind, &row.bank_code) {
        (FileKind::PostList | FileKind::PostPaper, _) => Text::new("Bưu điện", "Post office"),
        (FileKind::TreasuryList | FileKind::TreasuryFigures, _) => Text::new("Kho bạc Nhà nước", "State Treasury"),
        (FileKind::ChangeList, _) => Text::new("Ủy ban nhân dân cấp xã", "Communes"),
        (FileKind::Pain001 | FileKind::PaymentTable, None) => Text::new("Ngân hàng", "Bank"),
        (FileKind::Pain001 | FileKind::PaymentTable, Some(code)) => {
            let banks = BankTable::embedded().map_err(Error::internal)?;
            let name = banks
                .by_code(code)
                .map_or(code.as_str(), |bank| bank.short_name.as_str());
            Text::new(name, name)
        }
    })
}
