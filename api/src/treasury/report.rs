//! One answer of a bank, and its lines as they are matched.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::bank_report::{self, BankReportView, ReportLineView};
use service::page::Page;
use service::{Actor, App, Code, Error, ProblemCode, reconciliation};
use uuid::Uuid;

use super::layout::{self, Here};
use super::visit::{Clerk, Refusal, Visit};
use super::{whole_file, words};

/// A report as it stands, with a page of its lines.
struct Standing {
    report: BankReportView,
    /// Lines by what came of them: code, label, how many.
    outcomes: Vec<(String, String, i64)>,
    lines: Page<ReportLineView>,
    /// The outcome that was asked for.
    outcome: Option<String>,
    cursor: Option<String>,
    /// Does a proposal to set it aside wait for somebody's decision?
    aside_waits: bool,
}

impl Standing {
    async fn of(visit: &Visit, clerk: &Clerk, id: Uuid) -> Result<Self, Refusal> {
        let (app, actor) = (visit.app(), &clerk.actor);
        let (outcome, cursor) = (visit.query("outcome"), visit.query("cursor"));
        // The state first: a report that is over by then is shown with its last counts.
        let mut report = bank_report::get(app, actor, id).await?;
        let counts: BTreeMap<_, _> = match &report.progress {
            Some(progress) => progress.outcomes.clone(),
            None => bank_report::outcomes(app, actor, id).await?,
        };
        let outcomes = counts
            .iter()
            .map(|(outcome, count)| (outcome.code(), words::label("bank_report_outcome", outcome), *count));
        let asked = outcome.clone().map(word).transpose()?;
        let lines = bank_report::lines(app, actor, id, asked, None, cursor.as_deref()).await?;
        report.file_name = report.file_name.trim().to_owned();
        let aside_waits = report.matches_nothing() && aside_waits(app, actor, id).await?;
        Ok(Self {
            outcomes: outcomes.collect(),
            report,
            lines,
            outcome,
            cursor,
            aside_waits,
        })
    }

    /// Are its lines still being matched?
    fn is_open(&self) -> bool {
        self.report.is_open()
    }

    /// Where this same part of the page is.
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("outcome", &self.outcome), ("cursor", &self.cursor)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    /// How far it is, in one sentence.
    fn told(&self) -> String {
        let BankReportView {
            line_count,
            matched,
            suspense,
            ..
        } = &self.report;
        let (lines, matched, suspense) = (
            words::number(*line_count),
            words::number(*matched),
            words::number(*suspense),
        );
        if let Some(progress) = &self.report.progress {
            if progress.judged < *line_count {
                format!(
                    "Đang đối soát: đã đối chiếu {} trên {lines} dòng…",
                    words::number(progress.judged)
                )
            } else {
                format!("Đã đối chiếu cả {lines} dòng, đang ghi vào lệnh chi và sổ quỹ…")
            }
        } else if self.is_open() {
            format!("Đang đối soát {lines} dòng…")
        } else if self.report.is_set_aside() {
            format!("Báo cáo {lines} dòng này đã được loại bỏ; không dòng nào được tính.")
        } else {
            format!("Đã đối soát {lines} dòng: {matched} dòng khớp, {suspense} dòng chờ xử lý.")
        }
    }
}

/// Does a proposal to set the report aside wait? Whoever sees a part of the province is told of none.
async fn aside_waits(app: &App, actor: &Actor, report: Uuid) -> Result<bool, Error> {
    match reconciliation::set_asides(app, actor, report).await {
        Ok(said) => Ok(said.iter().any(|own| own.proposal.decided_by.is_none())),
        Err(error) if error.code == ProblemCode::Forbidden => Ok(false),
        Err(error) => Err(error),
    }
}

fn word<T: serde::de::DeserializeOwned>(text: String) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(text))
        .ok()
        .ok_or_else(|| Error::new(ProblemCode::UnknownFilter))
}

/// The page.
pub(super) async fn show(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let standing = Standing::of(visit, &clerk, visit.id()?).await?;
            let title = standing.report.file_name.clone();
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Reports,
                &title,
                &body(&standing),
            ))
        })
        .await
}

/// The part of the page that changes while lines are matched.
pub(super) async fn lines(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let standing = Standing::of(visit, &clerk, visit.id()?).await?;
            Ok(layout::part(visit, &live(&standing)))
        })
        .await
}

/// What was tolerated, with its place where it has one.
fn tolerated(report: &BankReportView, code: &str) -> Markup {
    let place = report.schema_faults.iter().find(|own| own.code == code);
    html! {
        (words::tolerated(code))
        @if let Some(own) = place { ": " code { (own.element) } ", ở dòng " (own.line) ", byte " (own.offset) }
    }
}

fn body(standing: &Standing) -> Markup {
    let report = &standing.report;
    html! {
        p.trail { a href="/treasury/reports" { "Kết quả ngân hàng" } }
        div.head { h1 { (report.file_name) } }
        section.sheet.facts aria-label="Thông tin tệp kết quả" {
            dl {
                dt { "Loại" } dd { (words::label("bank_report_format", &report.format)) }
                @if let Some(message) = &report.message_id { dt { "Mã của ngân hàng" } dd { code { (message) } } }
                dt { "Nhận lúc" } dd { (words::time(report.received_at)) }
                dt { "SHA-256" } dd { code title=(report.sha256) { (words::ends(&report.sha256)) } }
                @if let Some(profile) = &report.profile { dt { "Đọc theo mẫu" } dd { (profile_name(profile)) } }
                @if let Some(namespace) = &report.namespace { dt { "Không gian tên" } dd { code { (namespace) } } }
                dt { "Cách đọc" } dd { @if report.mode == "strict" { "Đọc chặt" } @else { "Đọc rộng" } }
                dt { "Đã châm chước" }
                dd {
                    @if report.tolerated.is_empty() { "Không có gì" }
                    @else { ul.plain { @for code in &report.tolerated { li { (tolerated(report, code)) } } } }
                }
            }
        }
        // It stays where it is while the part below is replaced, so that its news is read out.
        p #told.told role="status" { (standing.told()) }
        (live(standing))
        @if standing.aside_waits {
            p.quiet { "Đề nghị loại bỏ báo cáo này đang chờ một cán bộ khác quyết định. " a href={ "/treasury/reports/" (report.id) "/set-aside" } { "Xem đề nghị đang chờ" } }
        } @else if report.matches_nothing() {
            p.quiet { "Tệp đã được đọc nhầm là của ngân hàng khác? " a href={ "/treasury/reports/" (report.id) "/set-aside" } { "Loại bỏ báo cáo này" } }
        }
    }
}

/// The profile by which a report was read, as people call it.
fn profile_name(profile: &str) -> &str {
    match profile {
        "default" => "Mẫu chung",
        "POST" => "Bưu điện",
        bank => bank,
    }
}

fn live(standing: &Standing) -> Markup {
    let report = &standing.report;
    let path = format!("/treasury/reports/{}", report.id);
    let query = standing.query();
    html! {
        div #live data-open=(if standing.is_open() { "true" } else { "false" }) data-from={ (path) "/lines?" (query) } data-told=(standing.told()) {
            @if standing.is_open() {
                // Without a value it says that nobody is at it yet.
                progress.judged max=(report.line_count.max(1)) value=[report.progress.as_ref().map(|own| own.judged)]
                    aria-label="Số dòng đã đối chiếu" { (standing.told()) }
                p.reload { a.button href={ (path) "?" (query) } accesskey="r" { "Xem lại" kbd aria-hidden="true" { "r" } } }
            }
            ul.tiles aria-label="Số dòng theo kết quả" {
                li { a href=(path) aria-current=[standing.outcome.is_none().then_some("true")] { strong { (words::number(report.line_count)) } span { "Tất cả" } } }
                @for (code, label, count) in &standing.outcomes {
                    li {
                        a class={ "s-" (code) } href={ (path) "?outcome=" (code) }
                            aria-current=[(standing.outcome.as_ref() == Some(code)).then_some("true")] {
                            strong { (words::number(*count)) } span { (label) }
                        }
                    }
                }
            }
            (whole_file::section(&report.files))
            section.sheet {
                h2 { "Các dòng" }
                @if standing.is_open() { p.quiet { "Cả tệp được ghi một lần: từng dòng hiện ra ở đây khi đối soát xong." } }
                table.stack {
                    thead { tr {
                        th.number scope="col" { "Dòng" }
                        th scope="col" { "Mã lệnh chi" }
                        th.number scope="col" { "Số tiền (đồng)" }
                        th scope="col" { "Ngân hàng ghi" }
                        th scope="col" { "Kết quả" }
                    } }
                    tbody { @for line in &standing.lines.items { (row(line)) } }
                }
            }
            (layout::next(&more(&path, standing), standing.lines.next.as_deref()))
        }
    }
}

/// The path of the next page, up to its cursor.
fn more(path: &str, standing: &Standing) -> String {
    match &standing.outcome {
        Some(outcome) => format!("{path}?outcome={outcome}&"),
        None => format!("{path}?"),
    }
}

fn row(line: &ReportLineView) -> Markup {
    html! {
        tr {
            td.number data-label="Dòng" { (line.position) }
            td data-label="Mã lệnh chi" {
                @match &line.reference { Some(reference) => code { (reference) }, None => span.quiet { "không có" } }
                @if let Some(account) = &line.account { small { "Tài khoản " (account) } }
            }
            td.number data-label="Số tiền" { @match line.amount { Some(amount) => (words::number(amount)), None => span.quiet { "—" } } }
            td data-label="Ngân hàng ghi" { code { (line.status) } @if let Some(reason) = &line.reason { " " code { (reason) } } }
            td data-label="Kết quả" {
                (layout::badge(&line.outcome.code(), &words::label("bank_report_outcome", &line.outcome)))
                @if let Some(text) = &line.finding_text { small.wrong { (text.vi) } }
            }
        }
    }
}
