//! What a report says of whole files.

use maud::{Markup, html};
use service::Code;
use service::bank_report::ReportFileView;

use super::layout;
use super::suspense::amount;
use super::words;

/// The part of a report's page; nothing where the report says nothing of files.
pub(super) fn section(files: &[ReportFileView]) -> Markup {
    html! {
        @if !files.is_empty() {
            section.sheet aria-label="Ngân hàng nói về cả tệp" {
                h2 { "Về cả tệp" }
                table.stack {
                    thead { tr {
                        th scope="col" { "Thông điệp, lô" }
                        th scope="col" { "Ngân hàng ghi" }
                        th.number scope="col" { "Số lệnh, tổng tiền ngân hàng nhắc lại" }
                        th.number scope="col" { "Tệp đã gửi (lệnh, đồng)" }
                        th scope="col" { "Kết quả" }
                    } }
                    tbody { @for own in files { (row(own)) } }
                }
            }
        }
    }
}

fn row(own: &ReportFileView) -> Markup {
    html! {
        tr {
            td data-label="Thông điệp, lô" {
                @match own.batch.as_ref().or(own.message_id.as_ref()) { Some(name) => code { (name) }, None => span.quiet { "không có" } }
                small { @if own.level == "batch" { "Một lô" } @else { "Cả thông điệp" } }
            }
            td data-label="Ngân hàng ghi" { (told(own)) }
            td.number data-label="Ngân hàng nhắc lại" { (sizes(own.told_count.as_deref(), own.told_sum.as_deref())) }
            td.number data-label="Tệp đã gửi" { (amount(own.own_count)) " / " (amount(own.own_sum)) }
            td data-label="Kết quả" { (came_to(own)) }
        }
    }
}

/// The status and its reason, as they stand.
fn told(own: &ReportFileView) -> Markup {
    html! {
        @match &own.status { Some(status) => code { (status) }, None => span.quiet { "không có" } }
        @if let Some(reason) = &own.reason { " " code { (reason) } }
        @if let Some(note) = &own.note { small { (note) } }
    }
}

fn sizes(count: Option<&str>, sum: Option<&str>) -> Markup {
    html! { code { (count.unwrap_or("—")) } " / " code { (sum.unwrap_or("—")) } }
}

fn came_to(own: &ReportFileView) -> Markup {
    html! {
        (layout::badge(&own.outcome.code(), &words::label("bank_report_outcome", &own.outcome)))
        @if own.moved > 0 { small { (words::number(own.moved)) " lệnh chi đi theo" } }
        @if own.contradicted > 0 { small.wrong { (words::number(own.contradicted)) " lệnh chi trái ngược, giữ nguyên" } }
        @if let Some(text) = &own.finding_text { small.wrong { (text.vi) } }
        @if let Some(line) = own.line_id {
            @if own.resolved_at.is_some() { small { "Đã xử lý" } }
            @else { a href={ "/treasury/suspense/" (line) } { "Xử lý" } }
        }
    }
}

/// The facts of one statement that waits, for a list of terms.
pub(super) fn facts(own: &ReportFileView) -> Markup {
    html! {
        dt { "Ngân hàng nói về" } dd { @if own.level == "batch" { "một lô" } @else { "cả thông điệp" } }
        dt { "Mã thông điệp" } dd { @match &own.message_id { Some(name) => code { (name) }, None => span.quiet { "không có" } } }
        @if let Some(batch) = &own.batch { dt { "Mã lô" } dd { code { (batch) } } }
        dt { "Ngân hàng nhắc lại (lệnh / đồng)" } dd { (sizes(own.told_count.as_deref(), own.told_sum.as_deref())) }
        dt { "Tệp đã gửi (lệnh / đồng)" } dd { (amount(own.own_count)) " / " (amount(own.own_sum)) }
        @if let Some(note) = &own.note { dt { "Lời của ngân hàng" } dd { (note) } }
        dt { "Lệnh chi trái ngược" } dd { (words::number(own.contradicted)) }
    }
}
