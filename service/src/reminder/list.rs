//! Reading reminders.

use chrono::NaiveDate;
use domain::Month;
use entity::enums::ReminderKind;
use entity::reminder;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::page::{Page, Window};
use crate::pay_run::label_of;
use crate::print;
use crate::reminder::store::Detail;

/// What somebody has to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReminderView {
    /// Id.
    pub id: Uuid,
    /// `list_closes`, `settlement_due`, `orders_unanswered`, `orders_not_posted` (ACWP), `orders_silent`,
    /// `files_not_fetched` or `invariant_broken`.
    #[schema(value_type = String, example = "orders_unanswered")]
    pub kind: ReminderKind,
    /// What it is about: `month:2024-09`, `pay_run:<id>` or `invariant:<name>`.
    #[schema(example = "month:2024-09")]
    pub subject: String,
    /// The same in words.
    pub text: Text,
    /// The day on which it was found first.
    pub raised_on: NaiveDate,
    /// The day by which it is to be done, if the calendar names one.
    pub due_on: Option<NaiveDate>,
    /// Has that day passed?
    #[schema(example = false)]
    pub overdue: bool,
    /// The last day on which it was found.
    pub seen_on: NaiveDate,
    /// The day on which it was found no more; none while it is open.
    pub ended_on: Option<NaiveDate>,
    /// How many it is about.
    #[schema(example = 12)]
    pub items: i64,
    /// Đồng that it is about.
    #[schema(example = 9000000)]
    pub amount: i64,
    /// Since when the oldest of them is so.
    pub since: Option<NaiveDate>,
    /// References of orders or faults, the first 20.
    #[schema(example = json!([]))]
    pub examples: Vec<String>,
}

/// Which reminders.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListReminders {
    /// Of this kind: `list_closes`, `settlement_due`, `orders_unanswered`, `orders_not_posted`, `orders_silent`,
    /// `files_not_fetched` or `invariant_broken`.
    #[param(value_type = Option<String>, example = "orders_unanswered")]
    #[serde(default)]
    pub kind: Option<ReminderKind>,
    /// Those that have ended, if true; the open ones, if false or left out.
    #[param(example = false)]
    #[serde(default)]
    pub ended: Option<bool>,
    /// Rows of the page, 1 to 200; 50 if left out.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// What was found and is open, or was and has ended, in the order in which it was found.
pub async fn list(app: &App, actor: &Actor, filter: ListReminders) -> Result<Page<ReminderView>, Error> {
    use reminder::Column as C;
    actor.require_province(Permission::BankReportRead)?;
    let ended = filter.ended.unwrap_or(false);
    let filters = (filter.kind, ended);
    let window = Window::<Uuid>::of(app, "reminders", &filters, filter.limit, filter.cursor.as_deref())?;
    let mut query = reminder::Entity::find()
        .filter(if ended {
            C::EndedOn.is_not_null()
        } else {
            C::EndedOn.is_null()
        })
        .order_by_asc(C::Id)
        .limit(window.fetch());
    if let Some(kind) = filter.kind {
        query = query.filter(C::Kind.eq(kind));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.id)?;
    let today = app.clock.today();
    let items: Result<Vec<_>, Error> = page.items.into_iter().map(|row| view(row, today)).collect();
    Ok(Page {
        items: items?,
        next: page.next,
    })
}

fn view(row: reminder::Model, today: NaiveDate) -> Result<ReminderView, Error> {
    let detail: Detail = serde_json::from_value(row.detail)?;
    let on = row.ended_on.unwrap_or(today);
    Ok(ReminderView {
        text: text(row.kind, row.due_on, &detail),
        overdue: row.due_on.is_some_and(|due| due < on),
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        raised_on: row.raised_on,
        due_on: row.due_on,
        seen_on: row.seen_on,
        ended_on: row.ended_on,
        items: detail.items,
        amount: detail.amount,
        since: detail.since,
        examples: detail.examples,
    })
}

/// What it is about in words: a month, a run of a month (`regular 2024-09/1`), or the name of an invariant as it stands.
fn called(name: &str) -> Text {
    if let Ok(month) = name.parse::<Month>() {
        return Text::new(print::month(month), name);
    }
    run_called(name).unwrap_or_else(|| Text::new(name, name))
}

fn run_called(name: &str) -> Option<Text> {
    let (kind, rest) = name.split_once(' ')?;
    let (month, number) = rest.split_once('/')?;
    Some(label_of(kind, month.parse().ok()?, number.parse().ok()?))
}

fn text(kind: ReminderKind, due_on: Option<NaiveDate>, detail: &Detail) -> Text {
    let Detail { items, amount, .. } = detail;
    let Text { vi: name, en: named } = called(&detail.name);
    let (due, by) = due_on
        .map(|due| (due.to_string(), print::date(due)))
        .unwrap_or_default();
    let days = detail.after_days.unwrap_or_default();
    let (count, dong) = (print::dong(*items), print::dong(*amount));
    match kind {
        ReminderKind::ListCloses => list_closes(detail, (&name, &named), (&by, &due)),
        ReminderKind::SettlementDue => Text::new(
            format!("Tháng {name} đã chi, chưa khóa sổ; hạn quyết toán {by}"),
            format!("{named} was paid and is not closed; its settlement is due on {due}"),
        ),
        ReminderKind::OrdersUnanswered => Text::new(
            format!("Đợt {name}: {count} lệnh chi ({dong} đồng) chưa có kết quả sau {days} ngày"),
            format!("run {named}: {items} orders ({amount} đồng) without a final answer after {days} days"),
        ),
        ReminderKind::OrdersNotPosted => Text::new(
            format!("Đợt {name}: ngân hàng đã nhận {count} lệnh chi ({dong} đồng), sau {days} ngày chưa ghi có (ACWP)"),
            format!(
                "run {named}: {items} orders ({amount} đồng) were accepted and after {days} days are not posted (ACWP)"
            ),
        ),
        ReminderKind::OrdersSilent => Text::new(
            format!(
                "Đợt {name}: {count} lệnh chi ({dong} đồng) không có trả lời sau {days} ngày kể từ ngày thực hiện; hỏi ngân \
                 hàng, bưu điện bằng văn bản, hai người xác định kết quả theo văn bản trả lời"
            ),
            format!(
                "run {named}: {items} orders ({amount} đồng) without word {days} days after their execution date: ask the bank \
                 or the post office in writing; two people then say by its letter what became of them"
            ),
        ),
        ReminderKind::FilesNotFetched => {
            let since = detail.since.unwrap_or_default();
            Text::new(
                format!(
                    "Đợt {name}: {count} tệp chi ({dong} đồng) đến ngày thực hiện {} mà chưa ai của kho bạc tải: ngân hàng, bưu \
                     điện chưa có tệp, chưa ai được chi",
                    print::date(since)
                ),
                format!(
                    "run {named}: {items} files ({amount} đồng) are to be executed on {since}, and nobody of the treasury has \
                     fetched them: nobody in them is paid"
                ),
            )
        }
        ReminderKind::InvariantBroken => Text::new(
            format!("Bất biến không còn đúng ở {count} chỗ: {name}"),
            format!("an invariant does not hold in {items} places: {named}"),
        ),
    }
}

/// That the list of a month is not submitted, or not whole, and by which day it is asked for.
fn list_closes(detail: &Detail, (name, named): (&str, &str), (by, due): (&str, &str)) -> Text {
    let (what_vi, what_en) = if detail.in_part {
        (
            format!("Danh sách chi tháng {name} còn thiếu: có địa bàn, hình thức chi hoặc nguồn chưa có đợt chi"),
            format!("the list of {named} is not whole: an area, a channel or a fund is in no run"),
        )
    } else {
        (
            format!("Danh sách chi tháng {name} chưa trình"),
            format!("the list of {named} is not submitted"),
        )
    };
    let (when_vi, when_en) = if detail.early {
        (format!("chi sớm vào ngày {by}"), format!("it is paid early, on {due}"))
    } else {
        (
            format!("chốt trước hoặc trong ngày {by}"),
            format!("it closes on {due}"),
        )
    };
    Text::new(format!("{what_vi}; {when_vi}"), format!("{what_en}; {when_en}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: ReminderKind, name: &str, due: Option<&str>) -> Text {
        let detail = Detail {
            name: name.to_owned(),
            items: 1_200,
            amount: 900_000_000,
            after_days: Some(5),
            ..Detail::default()
        };
        text(kind, due.map(|due| due.parse().unwrap()), &detail)
    }

    #[test]
    fn a_reminder_names_months_days_runs_and_amounts_as_papers_write_them() {
        let list = told(ReminderKind::ListCloses, "2024-09", Some("2024-08-23"));
        assert_eq!(
            list.vi,
            "Danh sách chi tháng 09/2024 chưa trình; chốt trước hoặc trong ngày 23/08/2024"
        );
        assert_eq!(list.en, "the list of 2024-09 is not submitted; it closes on 2024-08-23");
        let orders = told(ReminderKind::OrdersUnanswered, "regular 2024-09/1", None);
        assert_eq!(
            orders.vi,
            "Đợt hằng tháng, tháng 09/2024, số 1: 1.200 lệnh chi (900.000.000 đồng) chưa có kết quả sau 5 ngày"
        );
        assert!(
            orders.en.starts_with("run regular, 2024-09, no. 1: 1200 orders"),
            "{}",
            orders.en
        );
        let broken = told(ReminderKind::InvariantBroken, "money is kept in double entry", None);
        assert!(
            broken.vi.ends_with("ở 1.200 chỗ: money is kept in double entry"),
            "{}",
            broken.vi
        );
    }
}
