//! What is open, the oldest first: what nobody answered, what waits to be paid again, what waits for people.

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::month_close::{OpenItem, OpenItemView, open_item_words};
use service::page::Page;
use service::reconciliation::{self, ListAgeing};
use service::reminder::{self, ListReminders, ReminderView};
use service::{Code, Error, FieldError, ProblemCode};

use super::layout::{self, Here};
use super::visit::Visit;
use super::words;
use crate::answer::media_type;

/// The ages that one can ask for, days.
const AGES: [u32; 4] = [0, 7, 30, 90];

/// For more than how many days; none for everything. What is no number of days is refused, as the API refuses it.
fn older(visit: &Visit) -> Result<Option<u32>, Error> {
    let Some(asked) = visit.query("older").filter(|asked| !asked.is_empty()) else {
        return Ok(None);
    };
    let days = asked.parse::<u32>().map_err(|error| Error {
        fields: vec![FieldError::new(
            "/older",
            "invalid",
            "Số ngày phải là số nguyên từ 0 trở lên",
            format!("a number of days is a whole number from 0 on: {error}"),
        )],
        ..Error::new(ProblemCode::InvalidRequest)
    })?;
    Ok((days > 0).then_some(days))
}

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let older = older(visit)?;
            let cursor = visit.query("cursor");
            // Once, below the oldest.
            let reminders = match &cursor {
                None => {
                    reminder::list(visit.app(), &clerk.actor, ListReminders::default())
                        .await?
                        .items
                }
                Some(_) => Vec::new(),
            };
            let filter = ListAgeing {
                older_than_days: older,
                limit: None,
                cursor,
            };
            let page = reconciliation::ageing(visit.app(), &clerk.actor, filter).await?;
            let body = html! { (body(&page, older)) (reminded(&reminders)) };
            Ok(layout::page(visit, Some(&clerk), Here::Ageing, "Khoản còn treo", &body))
        })
        .await
}

/// What the program found this morning.
fn reminded(reminders: &[ReminderView]) -> Markup {
    html! {
        @if !reminders.is_empty() {
            section.sheet #reminders {
                h2 { "Nhắc việc" }
                ul {
                    @for own in reminders {
                        li {
                            @if own.overdue { strong.wrong { "Quá hạn: " } }
                            (own.text.vi)
                            small.quiet { " từ ngày " (words::day(own.since.unwrap_or(own.raised_on))) }
                        }
                    }
                }
            }
        }
    }
}

/// The whole list as a workbook.
pub(super) async fn workbook(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let older = older(visit)?;
            let (name, bytes) = reconciliation::ageing_workbook(visit.app(), &clerk.actor, older).await?;
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

/// The whole list as a paper.
pub(super) async fn paper(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let older = older(visit)?;
            let (name, bytes) = reconciliation::ageing_paper(visit.app(), &clerk.actor, older).await?;
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

/// The query that asks for an age.
fn asked(older: Option<u32>) -> String {
    older.map_or_else(String::new, |days| format!("older={days}&"))
}

fn body(page: &Page<OpenItemView>, older: Option<u32>) -> Markup {
    html! {
        div.head {
            h1 { "Khoản còn treo" }
            nav.tabs aria-label="Tuổi" {
                @for days in AGES {
                    a href={ "/treasury/ageing?older=" (days) } aria-current=[(older.unwrap_or(0) == days).then_some("true")] {
                        @if days == 0 { "Tất cả" } @else { "Trên " (days) " ngày" }
                    }
                }
            }
        }
        p.quiet {
            "Lệnh chi chưa có kết quả cuối, tiền trả về chờ chi lại, dòng kết quả chờ xử lý, tệp chưa được xác nhận, "
            "đề nghị thu hồi chưa được trả lời, báo tử chờ xác minh; lâu nhất ở trên."
        }
        p.actions {
            a.button href={ "/treasury/ageing.xlsx?" (asked(older)) } accesskey="t" { "Tải bảng tính (XLSX)" kbd aria-hidden="true" { "t" } }
            " " a.button href={ "/treasury/ageing.pdf?" (asked(older)) } { "Tải bản in (PDF)" }
        }
        section.sheet {
            @if page.items.is_empty() { p.empty { "Không có khoản nào còn treo." } }
            @else {
                table.stack {
                    thead { tr {
                        th.number scope="col" { "Số ngày" }
                        th scope="col" { "Từ ngày" }
                        th scope="col" { "Loại" }
                        th scope="col" { "Mã lệnh chi" }
                        th.number scope="col" { "Số tiền (đồng)" }
                        th scope="col" { "Trạng thái" }
                        th scope="col" { "Vì sao" }
                    } }
                    tbody { @for own in &page.items { (row(own)) } }
                }
            }
        }
        (layout::next(&format!("/treasury/ageing?{}", asked(older)), page.next.as_deref()))
    }
}

fn row(own: &OpenItemView) -> Markup {
    let item = &own.item;
    let [kind, state, reason] = open_item_words(item);
    html! {
        tr {
            td.number data-label="Số ngày" { (words::number(own.age_days)) }
            td data-label="Từ ngày" { (words::day(item.since)) }
            td data-label="Loại" { (layout::badge(&item.kind.code(), &kind)) }
            td data-label="Mã lệnh chi" {
                @match &item.reference { Some(reference) => code { (reference) }, None => span.quiet { "không có" } }
            }
            td.number data-label="Số tiền" { (words::number(item.amount)) }
            td data-label="Trạng thái" { (state) }
            td data-label="Vì sao" { (why(item, &reason)) }
        }
    }
}

/// Why it is open, leading to where something can be done about it.
fn why(item: &OpenItem, reason: &str) -> Markup {
    let told = |otherwise: &'static str| {
        if reason.is_empty() {
            otherwise.to_owned()
        } else {
            reason.to_owned()
        }
    };
    let kind = item.kind.code();
    html! {
        @match (kind.as_str(), item.line_id, item.order_id, item.subject_id) {
            ("amount_difference", ..) => a href="/treasury/differences" { "Xem chênh lệch" },
            // The registry looks into it, not the desk.
            ("death_reported", ..) => (reason),
            ("recall_unanswered", ..) => a href="/treasury/recalls" { (told("Xem đề nghị")) },
            ("file_unacknowledged" | "file_unknown", _, _, Some(file)) => a href={ "/treasury/files/" (file) } { (told("Xem tệp")) },
            (_, Some(line), ..) => a href={ "/treasury/suspense/" (line) } { (told("Xem dòng")) },
            ("bank_silent", None, Some(order), _) => a href={ "/treasury/silences/" (order) } { "Xử lý" },
            _ => (reason),
        }
    }
}
