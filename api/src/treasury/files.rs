//! The files that wait, and those that were acknowledged.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use maud::{Markup, html};
use service::Code;
use service::delivery::{self, DeskFile, Waiting};
use service::month_close::MonthCloseView;
use service::page::Page;
use service::pay_run::{self, PayRunView, RunAct};
use service::payment_file::FileView;
use uuid::Uuid;

use super::closes;
use super::layout::{self, Here};
use super::visit::{Clerk, Refusal, Visit};
use super::words;

/// How many files a page shows.
const ROWS: Option<u32> = Some(100);

/// The list.
pub(super) async fn list(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let which = match (visit.query("done"), visit.query("withdrawn")) {
                (Some(_), _) => Waiting::Acknowledged,
                (None, Some(_)) => Waiting::Withdrawn,
                (None, None) => Waiting::Open,
            };
            let cursor = visit.query("cursor");
            let page = delivery::desk(visit.app(), &clerk.actor, which, ROWS, cursor.as_deref()).await?;
            let title = match which {
                Waiting::Open => "Tệp chờ xác nhận",
                Waiting::Acknowledged => "Tệp đã xác nhận",
                Waiting::Withdrawn => "Tệp đã rút",
            };
            let shown = Shown {
                runs: signed(visit, &clerk, &page).await?,
                // Once, below the newest files.
                closes: match cursor {
                    None => closes::all(visit, &clerk).await?,
                    Some(_) => Vec::new(),
                },
                page,
            };
            Ok(layout::page(
                visit,
                Some(&clerk),
                Here::Files,
                title,
                &body(&shown, title, which),
            ))
        })
        .await
}

/// What the page shows.
struct Shown {
    page: Page<DeskFile>,
    /// The runs of the files with their signatures.
    runs: BTreeMap<Uuid, SignedRun>,
    closes: Vec<MonthCloseView>,
}

/// A run and who signed it.
pub(super) struct SignedRun {
    run: PayRunView,
    acts: Vec<RunAct>,
}

impl SignedRun {
    /// A run as it stands.
    pub(super) async fn of(visit: &Visit, clerk: &Clerk, run: Uuid) -> Result<Self, Refusal> {
        Ok(Self {
            run: pay_run::get(visit.app(), &clerk.actor, run).await?,
            acts: pay_run::acts(visit.app(), &clerk.actor, run).await?,
        })
    }
}

async fn signed(visit: &Visit, clerk: &Clerk, page: &Page<DeskFile>) -> Result<BTreeMap<Uuid, SignedRun>, Refusal> {
    let mut runs = BTreeMap::new();
    for files in page.items.chunk_by(|a, b| a.file.pay_run_id == b.file.pay_run_id) {
        if let Some(first) = files.first() {
            let run = first.file.pay_run_id;
            runs.insert(run, SignedRun::of(visit, clerk, run).await?);
        }
    }
    Ok(runs)
}

/// The digest that was signed, and by whom.
pub(super) fn signatures(signed: &SignedRun) -> Markup {
    let SignedRun { run, acts } = signed;
    html! {
        @if let Some(digest) = &run.digest {
            details.signed {
                summary { "Mã tóm lược của đợt chi: " code title=(digest) { (words::ends(digest)) } ", đã duyệt " (run.approvals_given) "/" (run.approvals_needed) }
                p.digits { @for group in words::groups(digest) { code { (group) } " " } }
                ul {
                    @for act in acts {
                        li {
                            (words::label("approval_act", &act.act)) ": " (act.name) ", " (words::time(act.at))
                            // The database binds each to what was read; whoever looks may compare.
                            @if act.digest != *digest { " " strong.wrong { "ký trên mã khác: " code { (words::ends(&act.digest)) } } }
                        }
                    }
                }
            }
        }
    }
}

/// The lists, each with its address, key and name.
const LISTS: [(Waiting, &str, &str, &str); 3] = [
    (Waiting::Open, "/treasury/files", "c", "Chờ xác nhận"),
    (Waiting::Acknowledged, "/treasury/files?done=1", "d", "Đã xác nhận"),
    (Waiting::Withdrawn, "/treasury/files?withdrawn=1", "r", "Đã rút"),
];

fn body(shown: &Shown, title: &str, which: Waiting) -> Markup {
    let page = &shown.page;
    let path = match which {
        Waiting::Open => "/treasury/files?",
        Waiting::Acknowledged => "/treasury/files?done=1&",
        Waiting::Withdrawn => "/treasury/files?withdrawn=1&",
    };
    html! {
        div.head {
            h1 { (title) }
            nav.tabs aria-label="Trạng thái" {
                @for (own, href, key, name) in LISTS {
                    a href=(href) accesskey=(key) aria-current=[(own == which).then_some("true")] { (name) kbd aria-hidden="true" { (key) } }
                }
            }
        }
        @if page.items.is_empty() {
            p.sheet.empty {
                @match which {
                    Waiting::Open => "Không có tệp nào chờ xác nhận. Tệp hiện ra ở đây ngay khi đợt chi trả được chuyển chi và lập xong.",
                    Waiting::Acknowledged => "Chưa có tệp nào được xác nhận.",
                    Waiting::Withdrawn => "Không có tệp nào đã rút.",
                }
            }
        }
        @for run in page.items.chunk_by(|a, b| a.file.pay_run_id == b.file.pay_run_id) { (of_run(run, &shown.runs)) }
        (layout::next(path, page.next.as_deref()))
        (closes::reports(&shown.closes))
    }
}

/// The files of one run.
fn of_run(files: &[DeskFile], runs: &BTreeMap<Uuid, SignedRun>) -> Markup {
    html! {
        @if let Some(first) = files.first() {
            section.sheet {
                h2 {
                    (run_name(first))
                    small { "ngày chi " (words::day(first.pay_date)) }
                }
                @if let Some(signed) = runs.get(&first.file.pay_run_id) { (signatures(signed)) }
                table.stack {
                    thead { tr {
                        th scope="col" { "Tệp" }
                        th scope="col" { "Nơi nhận" }
                        th.number scope="col" { "Số lượng" }
                        th.number scope="col" { "Số tiền (đồng)" }
                        th scope="col" { "SHA-256 · tổng băm tài khoản" }
                        th scope="col" { "Trạng thái" }
                    } }
                    tbody { @for own in files { (row(own)) } }
                }
            }
        }
    }
}

/// What a run is called: a month may have several of a kind, by areas, channels or funds.
pub(super) fn run_name(own: &DeskFile) -> String {
    let kind = words::label("pay_run_kind", &own.run_kind);
    format!("{kind} {}, số {}", words::month(own.cover_month), own.run_number)
}

fn row(own: &DeskFile) -> Markup {
    let file = &own.file;
    html! {
        tr {
            th scope="row" {
                a.file href={ "/treasury/files/" (file.id) } { (file.name) }
                small { (words::label("payment_file_kind", &file.kind)) }
            }
            td data-label="Nơi nhận" { (own.recipient.vi) }
            td.number data-label="Số lượng" {
                (figure(own, file.order_count))
                @if own.has_totals { small { (counted(file).1) } }
            }
            td.number data-label="Số tiền" {
                (figure(own, file.sum))
                @if own.has_totals { small { (words::in_words(file.sum)) } }
            }
            td.hash data-label="SHA-256" {
                @match &file.sha256 {
                    Some(hash) => code title=(hash) { (words::ends(hash)) },
                    None => "—",
                }
                @if own.has_totals { small { (hash_total(file)) } }
            }
            td data-label="Trạng thái" { (states(own)) }
        }
    }
}

/// A figure of a file; the communes' list has none.
fn figure(own: &DeskFile, value: i64) -> Markup {
    html! { @if own.has_totals { (words::number(value)) } @else { span.quiet { "—" } } }
}

/// What is counted of a file: the heading of the number, and its unit. The treasury's list has a row for each account of a
/// person; every other file counts orders.
pub(super) fn counted(file: &FileView) -> (&'static str, &'static str) {
    match file.kind.code().as_str() {
        "treasury_list" => ("Số dòng (mỗi người, mỗi tài khoản)", "dòng"),
        _ => ("Số lệnh chi", "lệnh chi"),
    }
}

/// The total over the accounts of a file; figures and printed lists have none.
pub(super) fn hash_total(file: &FileView) -> Markup {
    html! {
        @match &file.account_hash_total {
            Some(total) => code { (total) },
            None => span.quiet { "—" },
        }
    }
}

/// Where a file stands, and its delivery.
pub(super) fn states(own: &DeskFile) -> Markup {
    html! {
        (layout::badge(&own.file.status.code(), &words::label("payment_file_status", &own.file.status)))
        @if own.file.withdrawn { small.wrong { "đã rút, không giao nữa" } }
        @if own.file.execution_days_past.is_some() { small.wrong { "quá ngày thực hiện" } }
        @if let Some(last) = &own.delivery {
            small.delivery {
                (words::label("delivery_channel", &last.channel)) ": " (words::label("delivery_status", &last.status))
                @if let Some(text) = &last.error_text { br; strong.wrong { (text.vi) } }
            }
        }
    }
}
