//! What is open, the oldest first.

use chrono::NaiveDate;
use entity::enums::OpenKind;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::error::Error;
use crate::month_close::books::{Books, Which};
use crate::month_close::{self, OpenItem, OpenItemView, open_item};
use crate::page::{Page, Window};
use crate::reconciliation::{awaited, silence};

/// Which open things.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAgeing {
    /// Open for more than so many days; everything if left out.
    #[param(example = 0, minimum = 0)]
    #[serde(default)]
    pub older_than_days: Option<u32>,
    /// Rows of the page, 1 to 200; 50 if left out.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// The key of the list: since when, and what.
type Key = (NaiveDate, [Option<uuid::Uuid>; 3], OpenKind);

fn key(item: &OpenItem) -> Key {
    (item.since, [item.order_id, item.line_id, item.subject_id], item.kind)
}

/// Orders without an end (`bank_silent` where two people may say by now what became of them), money that waits to be paid
/// again, lines in suspense, what banks moved more or less, recalls without an answer, deaths that nobody has looked into,
/// and files that are not acknowledged or may not have arrived, inside the caller's areas, the oldest first. What fits no
/// order belongs to the province.
pub async fn ageing(app: &App, actor: &Actor, filter: ListAgeing) -> Result<Page<OpenItemView>, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let today = app.clock.today();
    let older = filter.older_than_days;
    let window = Window::<Key>::of(app, "ageing", &older, filter.limit, filter.cursor.as_deref())?;
    let mut items = open_in(app, &scope, older).await?;
    if let Some(after) = &window.after {
        items.retain(|item| key(item) > *after);
    }
    items.truncate(window.limit.saturating_add(1));
    let page = window.page(items, key)?;
    Ok(page.map(|item| OpenItemView {
        age_days: open_item::age(&item, today),
        item,
    }))
}

/// The same of the whole province as a workbook, with whose money it is and where it was to go: its name and bytes.
pub async fn ageing_workbook(
    app: &App,
    actor: &Actor,
    older_than_days: Option<u32>,
) -> Result<(String, Vec<u8>), Error> {
    let (items, note) = whole(app, actor, older_than_days).await?;
    let bytes = month_close::workbook_of(app.db.read(), &items, app.clock.now(), note).await?;
    Ok((format!("ageing-{}.xlsx", app.clock.today()), bytes))
}

/// The same as a paper.
pub async fn ageing_paper(app: &App, actor: &Actor, older_than_days: Option<u32>) -> Result<(String, Vec<u8>), Error> {
    let (items, note) = whole(app, actor, older_than_days).await?;
    let bytes = month_close::paper_of(app.db.read(), &items, app.clock.now(), &note).await?;
    Ok((format!("ageing-{}.pdf", app.clock.today()), bytes))
}

/// What is open in the whole province, and which part of it that is, in words.
async fn whole(app: &App, actor: &Actor, older: Option<u32>) -> Result<(Vec<OpenItem>, String), Error> {
    actor.require_province(Permission::BankReportRead)?;
    let scope = actor.require(Permission::BankReportRead)?;
    let items = open_in(app, &scope, older).await?;
    let note = match older {
        Some(days) => format!("Chỉ gồm các khoản treo quá {days} ngày"),
        None => "Gồm mọi khoản còn treo".to_owned(),
    };
    Ok((items, note))
}

/// What is open in some areas, the oldest first.
async fn open_in(app: &App, scope: &Scope, older: Option<u32>) -> Result<Vec<OpenItem>, Error> {
    let conn = app.db.read();
    let today = app.clock.today();
    let books = Books::load(conn, &Which::open(conn).await?).await?;
    let mut items = open_item::orders(&books);
    for item in &mut items {
        let run = item.pay_run_id.and_then(|run| books.runs.get(&run));
        let waits = matches!(item.kind, OpenKind::InFlight | OpenKind::Unknown);
        if waits && run.is_some_and(|run| silence::is_long(app, run)) {
            item.kind = OpenKind::BankSilent;
        }
    }
    for mut item in open_item::suspense(conn, None).await? {
        if let Some(order) = item.order_id {
            item.area_id = area_of(app, &books, order).await?;
        }
        items.push(item);
    }
    items.extend(open_item::amount_differences(conn, None).await?);
    items.extend(awaited::items(conn).await?);
    items.retain(|item| match &item.area_id {
        Some(area) => scope.covers(area),
        None => scope.is_everywhere(),
    });
    items.retain(|item| older.is_none_or(|days| open_item::age(item, today) > i64::from(days)));
    items.sort_by_key(key);
    Ok(items)
}

/// The area of an order that a line in suspense speaks of.
async fn area_of(app: &App, books: &Books, order: uuid::Uuid) -> Result<Option<String>, Error> {
    use sea_orm::EntityTrait;
    if let Some(order) = books.orders.get(&order) {
        return Ok(Some(order.area_id.clone()));
    }
    let order = entity::payment_order::Entity::find_by_id(order)
        .one(app.db.read())
        .await?;
    Ok(order.map(|order| order.area_id))
}
