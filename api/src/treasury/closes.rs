//! The reports of months that are closed, and the drafts of those that wait for their second person.

use actix_web::HttpResponse;
use domain::Month;
use maud::{Markup, html};
use service::month_close::{self, MonthCloseView};
use service::{Code, Error};

use super::layout;
use super::visit::{Clerk, Refusal, Visit};
use super::words;
use crate::answer::media_type;

/// The closes of months, the latest first.
pub(super) async fn all(visit: &Visit, clerk: &Clerk) -> Result<Vec<MonthCloseView>, Refusal> {
    Ok(month_close::list(visit.app(), &clerk.actor).await?)
}

/// The links to their reports.
pub(super) fn reports(closes: &[MonthCloseView]) -> Markup {
    html! {
        @if !closes.is_empty() {
            section.sheet #closes {
                h2 { "Báo cáo khóa sổ tháng" }
                table.stack {
                    thead { tr {
                        th scope="col" { "Tháng" }
                        th scope="col" { "Khóa lúc" }
                        th scope="col" { "Hạn quyết toán" }
                        th.number scope="col" { "Còn treo" }
                        th scope="col" { "Trạng thái" }
                        th scope="col" { "Báo cáo" }
                    } }
                    tbody { @for own in closes { (row(own)) } }
                }
            }
        }
    }
}

fn row(own: &MonthCloseView) -> Markup {
    let path = format!("/treasury/closes/{}/report", own.month);
    let open: i64 = own.open.iter().map(|sum| sum.items).sum();
    html! {
        tr {
            th scope="row" { (words::month(own.month)) }
            td data-label="Khóa lúc" {
                @match own.closed_at {
                    Some(at) => (words::time(at)),
                    None => span.quiet { "chưa; lập " (words::time(own.prepared_at)) },
                }
            }
            td data-label="Hạn quyết toán" {
                (words::day(own.settlement_due))
                @if own.days_late > 0 { small.wrong { "muộn " (own.days_late) " ngày" } }
            }
            td.number data-label="Còn treo" { (words::number(open)) }
            td data-label="Trạng thái" {
                (layout::badge(&own.status.code(), &words::label("close_status", &own.status)))
            }
            td data-label="Báo cáo" {
                @if own.closed_at.is_none() { "Bản dự thảo: " }
                a href={ (path) ".xlsx" } { "Bảng tính (XLSX)" } " · " a href={ (path) ".pdf" } { "Bản in (PDF)" }
                // Whether the month has changed since is reckoned for the draft alone: of a large month it takes seconds.
                @if own.closed_at.is_none() { small.quiet { "tính lúc mở; bản dự thảo ghi rõ nếu số liệu đã thay đổi từ khi lập" } }
            }
        }
    }
}

/// The report as a workbook.
pub(super) async fn workbook(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = month_close::workbook(visit.app(), &clerk.actor, month(visit)?).await?;
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

/// The report as a paper.
pub(super) async fn paper(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = month_close::paper(visit.app(), &clerk.actor, month(visit)?).await?;
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

fn month(visit: &Visit) -> Result<Month, Error> {
    let month = visit.part("month").parse();
    month.ok().ok_or_else(Error::not_found)
}
