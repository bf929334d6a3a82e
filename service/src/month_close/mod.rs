//! The close of a month: pay runs = files = banks, by the banks' own amounts, đồng for đồng, or a list of what is open.
//!
//! One person prepares ([`close`]), another confirms ([`confirm`]); both sign the digest of the tie. Before the other does,
//! everything that the digest covers can be read: what is open, and the reports as drafts, which say so where the month
//! has changed since it was prepared. A close is a snapshot that never changes. What a bank says afterwards is accepted,
//! and appears in the next close as a correction of the closed month: snapshot and corrections add up to where the month
//! stands.
//!
//! The runs of a month are those of its cover month, whatever months their lines are for. Months may be closed in any
//! order, and with things open: each is listed, with its age and why. A line in suspense that fits no order belongs to
//! no month and is listed in each.

mod bank_leg;
mod batch_leg;
pub(crate) mod books;
pub(crate) mod close;
pub(crate) mod correction;
mod drafts;
mod fund_name;
mod group;
mod moved_amount;
pub(crate) mod open_item;
mod open_paper;
mod open_sheet;
mod paper;
mod report;
mod run_name;
mod second_leg;
mod state;
pub(crate) mod tie;
mod view;
mod workbook;

pub use drafts::Drafts;
pub(crate) use group::group_label;
pub(crate) use open_paper::paper_of;
pub use open_sheet::open_item_words;
pub(crate) use open_sheet::workbook_of;
pub use state::OpenState;
pub use view::{
    BankAmounts, Correction, Difference, FileTie, HeldTotal, MonthCloseView, MovedAmount, OpenItem, OpenItemView,
    OpenSum, Share, StandingSum, Sums, TieRow, TieView,
};

use chrono::NaiveDate;
use domain::Month;
use entity::enums::CloseStatus;
use entity::{month_close, month_close_item};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::clock::in_vietnam;
use crate::error::Error;
use crate::month_close::report::{Content, Report};
use crate::page::{Page, Window};

/// Prepares the close of a month.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseMonth {
    /// What there is to say about it; may be empty.
    #[schema(example = "Đã đối chiếu với sao kê ngân hàng ngày 20", max_length = 1000)]
    pub note: String,
}

/// The three-way tie of a cover month as it stands now.
///
/// # Errors
/// `not-found` where the month has no run.
pub async fn tie(app: &App, actor: &Actor, month: Month) -> Result<TieView, Error> {
    actor.require_province(Permission::MonthCloseRead)?;
    tie::of_month(app.db.read(), month).await?.view()
}

/// Prepares the close of a month: the first of two people. May be prepared again until it is confirmed.
///
/// # Errors
/// `not-found` where the month has no run, `illegal-transition` where it is closed.
pub async fn close(app: &App, actor: &Actor, month: Month, command: CloseMonth) -> Result<MonthCloseView, Error> {
    close::prepare(app, actor, month, command).await
}

/// Confirms a prepared close: the second of two people.
///
/// # Errors
/// `content-changed` where the tie is no longer the one that was prepared, which is then prepared again; `same-person`;
/// `illegal-transition` where it is closed.
pub async fn confirm(app: &App, actor: &Actor, month: Month, version: i64) -> Result<MonthCloseView, Error> {
    close::confirm(app, actor, month, version).await
}

/// Every close, the latest month first. No month is reckoned anew for it, which takes seconds of a large one: whether it has
/// changed since it was prepared, and what it would carry, is told of a month by itself ([`get`]), and by its drafts.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<MonthCloseView>, Error> {
    actor.require_province(Permission::MonthCloseRead)?;
    let conn = app.db.read();
    let rows = month_close::Entity::find()
        .order_by_desc(month_close::Column::Month)
        .all(conn)
        .await?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        // Of one that is only prepared none is kept yet.
        let corrections = close::corrections(conn, row.id).await?;
        views.push(close::view(app, row, corrections, false).await?);
    }
    Ok(views)
}

/// The close of a month.
pub async fn get(app: &App, actor: &Actor, month: Month) -> Result<MonthCloseView, Error> {
    actor.require_province(Permission::MonthCloseRead)?;
    let row = close::find(app.db.read(), month).await?;
    shown(app, row).await
}

async fn shown(app: &App, row: month_close::Model) -> Result<MonthCloseView, Error> {
    let conn = app.db.read();
    let (corrections, changed) = match row.status {
        CloseStatus::Closed => (close::corrections(conn, row.id).await?, false),
        CloseStatus::Prepared => {
            let now = Content::of(conn, &row).await?;
            (now.corrections, now.changed)
        }
    };
    close::view(app, row, corrections, changed).await
}

/// The day of a close.
fn closed_on(row: &month_close::Model) -> NaiveDate {
    in_vietnam(row.closed_at.unwrap_or(row.prepared_at)).date_naive()
}

fn aged(item: OpenItem, on: NaiveDate) -> OpenItemView {
    OpenItemView {
        age_days: open_item::age(&item, on),
        item,
    }
}

/// What was open when a month was closed, with its age on that day. Of one that is only prepared, what is open now with its
/// age today: where the month has not changed since, that is what its digest covers and what the close will keep. It is
/// reckoned once for all pages, as long as nobody changes anything; a cursor holds as long as the content does.
pub async fn open_items(
    app: &App,
    actor: &Actor,
    month: Month,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<OpenItemView>, Error> {
    use month_close_item::Column as C;
    actor.require_province(Permission::MonthCloseRead)?;
    let row = close::find(app.db.read(), month).await?;
    if row.status == CloseStatus::Prepared {
        return open_now(app, &row, limit, cursor).await;
    }
    let window = Window::<i32>::of(app, "month_close_items", &(row.id, &row.digest), limit, cursor)?;
    let mut query = month_close_item::Entity::find()
        .filter(C::CloseId.eq(row.id))
        .order_by_asc(C::Position)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(C::Position.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.position)?;
    let on = closed_on(&row);
    Ok(page.map(|row| aged(close::item(row), on)))
}

/// What is open of a month that waits for its second person, in the order in which a close keeps it.
async fn open_now(
    app: &App,
    row: &month_close::Model,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<OpenItemView>, Error> {
    let now = app.drafts.of(app.db.read(), row, cursor.is_some()).await?;
    let window = Window::<i32>::of(app, "month_close_items", &(row.id, &now.digest), limit, cursor)?;
    let after = window.after.unwrap_or(0);
    let items = (1_i32..).zip(now.items.iter());
    let items = items.filter(|(position, _)| *position > after);
    let items = items.take(window.limit.saturating_add(1));
    let items: Vec<(i32, OpenItem)> = items.map(|(position, item)| (position, item.clone())).collect();
    let page = window.page(items, |(position, _)| *position)?;
    let today = app.clock.today();
    Ok(page.map(|(_, item)| aged(item, today)))
}

/// The report of a month's close as a workbook: its name and bytes, the same each time once the month is closed, as long
/// as the unit has its name. While it waits for its second person it is a draft of what that person signs, and says so.
pub async fn workbook(app: &App, actor: &Actor, month: Month) -> Result<(String, Vec<u8>), Error> {
    let report = Report::load(app, actor, month).await?;
    Ok((report.file_name("xlsx"), workbook::write(&report)?))
}

/// The same as a paper to be signed.
pub async fn paper(app: &App, actor: &Actor, month: Month) -> Result<(String, Vec<u8>), Error> {
    let report = Report::load(app, actor, month).await?;
    Ok((report.file_name("pdf"), paper::write(&report)?))
}
