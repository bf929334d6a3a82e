//! One file: fetched, compared, acknowledged.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use service::delivery::{self, DeliveryView, DeskFile};
use service::{Code, Error, FieldError, ProblemCode, payment_file};
use uuid::Uuid;

use super::files::{SignedRun, run_name, signatures, states};
use super::layout::{self, Here};
use super::visit::{Clerk, Refusal, Visit, to};
use super::words;
use crate::answer::media_type;

/// The file with all that a clerk compares.
pub(super) async fn show(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            shown(visit, &clerk, visit.id()?, None).await
        })
        .await
}

async fn shown(visit: &Visit, clerk: &Clerk, id: Uuid, wrong: Option<&str>) -> Result<HttpResponse, Refusal> {
    let own = delivery::desk_file(visit.app(), &clerk.actor, id).await?;
    let attempts = delivery::of_file(visit.app(), &clerk.actor, id).await?;
    let run = SignedRun::of(visit, clerk, own.file.pay_run_id).await?;
    let body = body((&own, &run), &attempts, &clerk.seal, wrong);
    let mut response = layout::page(visit, Some(clerk), Here::Files, &own.file.name, &body);
    if wrong.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn body((own, run): (&DeskFile, &SignedRun), attempts: &[DeliveryView], seal: &str, wrong: Option<&str>) -> Markup {
    let file = &own.file;
    html! {
        p.trail { a href="/treasury/files" { "Tệp chi trả" } " › " (run_name(own)) }
        div.head {
            h1 { (file.name) }
            div.states { (states(own)) }
        }
        section.sheet.facts aria-label="Thông tin tệp" {
            dl {
                dt { "Loại" } dd { (words::label("payment_file_kind", &file.kind)) }
                dt { "Nơi nhận" } dd { (own.recipient.vi) }
                dt { "Đợt chi trả" } dd { (run_name(own)) ", ngày chi " (words::day(own.pay_date)) }
                @if let Some(day) = file.execution_date { dt { "Ngày thực hiện" } dd { (words::day(day)) } }
                @if let Some(message) = &file.message_id { dt { "Mã thông điệp (MsgId)" } dd { code { (message) } } }
                @if let Some(batch) = &file.batch_id { dt { "Mã lô (PmtInfId)" } dd { code { (batch) } } }
                @if own.has_totals {
                    dt { (super::files::counted(file).0) } dd.figure { (words::number(file.order_count)) }
                    dt { "Số tiền" } dd.figure { (words::number(file.sum)) " đồng" small { (words::in_words(file.sum)) } }
                    dt { "Tổng băm tài khoản" } dd { (super::files::hash_total(file)) }
                }
                @if let Some(size) = file.size { dt { "Kích thước" } dd { (words::number(size)) " byte" } }
                @if let Some(at) = file.acknowledged_at { dt { "Xác nhận lúc" } dd { (words::time(at)) } }
            }
            @if let Some(hash) = &file.sha256 {
                h2 #hash { "SHA-256" }
                p.digits aria-labelledby="hash" { @for group in words::groups(hash) { code { (group) } " " } }
            }
            @if let Some(days) = file.execution_days_past {
                p.wrong role="alert" { "Ngày thực hiện ghi trong tệp đã qua " (words::number(days)) " ngày: ngân hàng có thể từ chối hoặc tự chọn ngày khác. Hãy hỏi ngân hàng trước khi chuyển tệp đi." }
            }
            @if file.withdrawn { (withdrawn(own)) }
            @else if own.is_answered && own.can_be_acknowledged {
                p.wrong role="alert" { "Đã có kết quả của lệnh chi trong tệp: nơi nhận đã có tệp này. Không gửi, không chuyển tệp đi lần nữa; chỉ tải để đối chiếu, xác nhận." }
            }
            (signatures(run))
            p.actions {
                @if own.can_be_fetched {
                    a.button.main href={ "/treasury/files/" (file.id) "/content" } accesskey="t" download=(own.saved_as) { "Tải tệp" kbd aria-hidden="true" { "t" } }
                }
                @if own.has_manifest {
                    a.button href={ "/treasury/files/" (file.id) "/manifest" } accesskey="b" { "Tải bản kê" kbd aria-hidden="true" { "b" } }
                    a.button href={ "/treasury/files/" (file.id) "/signature" } accesskey="y" { "Tải chữ ký" kbd aria-hidden="true" { "y" } }
                }
            }
        }
        @if own.can_be_acknowledged { (acknowledgement(own, seal, wrong)) }
        (deliveries(own, attempts, seal))
    }
}

/// That a file was withdrawn, and how its other orders come to an end.
fn withdrawn(own: &DeskFile) -> Markup {
    html! {
        p.wrong role="alert" { "Tệp đã rút: hai người đã xác nhận một lệnh chi trong tệp không được thực hiện, và khoản đó được chi lại bằng lệnh khác. Không giao, không chuyển tệp này đi nữa; nếu đã tải về, hãy xóa bản đã tải." }
        @if own.waiting_orders > 0 {
            p.wrong { "Trong tệp còn " (own.waiting_orders) " lệnh chi chưa có kết quả. Nếu nơi nhận đã có tệp, các lệnh đó vẫn được chi theo tệp và kết quả được đối chiếu như thường; nếu nơi nhận không thực hiện cả tệp, hãy ghi văn bản cho từng lệnh ở trang " a href="/treasury/silences" { "Lệnh chi chưa có kết quả" } "." }
        }
    }
}

/// The form of the acknowledgement.
fn acknowledgement(own: &DeskFile, seal: &str, wrong: Option<&str>) -> Markup {
    html! {
        section.sheet.confirm {
            h2 { "Xác nhận đã nhận đúng tệp" }
            @if !own.may_be_held {
                p.quiet { "Chưa ai của kho bạc tải tệp này: hãy tải tệp trước. Chưa tải thì chưa xác nhận được; mã băm ở trên là của tệp đã lập, chưa nói gì về tệp đang giữ." }
            }
            p #how {
                "Tính SHA-256 của tệp vừa tải (ví dụ " code { "sha256sum " (own.saved_as) } " hoặc " code { "certutil -hashfile " (own.saved_as) " SHA256" }
                "), rồi dán cả 64 ký tự, hoặc gõ 8 ký tự đầu và 8 ký tự cuối."
            }
            @if let Some(wrong) = wrong { p.wrong #wrong role="alert" { (wrong) } }
            form method="post" action={ "/treasury/files/" (own.file.id) "/acknowledge" } {
                (layout::seal(seal))
                input type="hidden" name="version" value=(own.file.version);
                label for="sha256" { "Mã băm của tệp đã tải" }
                input #sha256 name="sha256" accesskey="x" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="100"
                    placeholder="8 ký tự đầu … 8 ký tự cuối" aria-describedby=(if wrong.is_some() { "how wrong" } else { "how" })
                    aria-invalid=[wrong.map(|_| "true")] autofocus[wrong.is_some()];
                button.main type="submit" { "Xác nhận" }
            }
        }
    }
}

/// The deliveries of the file, with what may be done about the last one.
fn deliveries(own: &DeskFile, attempts: &[DeliveryView], seal: &str) -> Markup {
    let acts = [
        (own.can_be_checked, "check", "k", "Kiểm tra ở nơi nhận"),
        (own.can_be_delivered, "deliver", "g", "Gửi tệp qua kênh giao"),
    ];
    html! {
        @if !attempts.is_empty() || own.can_be_delivered {
            section.sheet {
                h2 { "Giao tệp" }
                @if !attempts.is_empty() {
                    table.stack {
                        thead { tr {
                            th.number scope="col" { "Lần" }
                            th scope="col" { "Kênh" }
                            th scope="col" { "Tên ở nơi nhận" }
                            th scope="col" { "Trạng thái" }
                            th scope="col" { "Thời điểm" }
                        } }
                        tbody { @for attempt in attempts { (delivery_row(attempt)) } }
                    }
                }
                div.actions {
                    @for (may, verb, key, name) in acts {
                        @if may {
                            form method="post" action={ "/treasury/files/" (own.file.id) "/" (verb) } {
                                (layout::seal(seal))
                                button type="submit" accesskey=(key) { (name) kbd aria-hidden="true" { (key) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn delivery_row(attempt: &DeliveryView) -> Markup {
    let at = attempt
        .acknowledged_at
        .or(attempt.sent_at)
        .unwrap_or(attempt.created_at);
    html! {
        tr {
            td.number data-label="Lần" { (attempt.attempt) }
            td data-label="Kênh" { (words::label("delivery_channel", &attempt.channel)) }
            td data-label="Tên ở nơi nhận" { code { (attempt.target_name) } }
            td data-label="Trạng thái" {
                (layout::badge(&attempt.status.code(), &words::label("delivery_status", &attempt.status)))
                @if let Some(text) = &attempt.error_text { small.wrong { (text.vi) } }
                @if let Some(detail) = &attempt.detail { small.quiet lang="en" { (detail) } }
            }
            td data-label="Thời điểm" { (words::time(at)) }
        }
    }
}

/// The bytes.
pub(super) async fn content(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = if visit.takes_headers_alone() {
                payment_file::preview(visit.app(), &clerk.actor, visit.id()?).await?
            } else {
                payment_file::download(visit.app(), &clerk.actor, visit.id()?).await?
            };
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

/// The manifest.
pub(super) async fn manifest(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let manifest = payment_file::manifest(visit.app(), &clerk.actor, visit.id()?).await?;
            // Beside the file that was saved.
            let saved = payment_file::saved_as(visit.app(), &clerk.actor, visit.id()?).await?;
            let name = domain::payment_file::Manifest::file_name(&saved);
            let bytes = manifest.to_json().map_err(Error::from)?.into_bytes();
            Ok(layout::download(visit, &name, "application/json", bytes))
        })
        .await
}

/// The detached signature over the manifest.
pub(super) async fn signature(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let (name, bytes) = payment_file::signature_file(visit.app(), &clerk.actor, visit.id()?).await?;
            let saved = payment_file::saved_as(visit.app(), &clerk.actor, visit.id()?).await?;
            let ending = name.rsplit_once('.').map_or("sig", |(_, ending)| ending);
            let name = format!("{}.{ending}", domain::payment_file::Manifest::file_name(&saved));
            Ok(layout::download(visit, &name, media_type(&name), bytes))
        })
        .await
}

/// Takes the hash of what arrived.
pub(super) async fn acknowledge(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            let fields = visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            let text = |name: &str| fields.get(name).map_or("", String::as_str);
            let version = text("version").parse().unwrap_or_default();
            match payment_file::acknowledge_read_out(visit.app(), &clerk.actor, id, version, text("sha256")).await {
                Ok(_) => Ok(to(&format!("/treasury/files/{id}"))),
                // What was typed is wrong: the form again, with the reason.
                Err(error) if error.code == ProblemCode::Invalid => {
                    let wrong: Vec<&str> = error.fields.iter().map(told).collect();
                    shown(visit, &clerk, id, Some(&wrong.join(". "))).await
                }
                // Nobody has fetched it yet.
                Err(error) if error.code == ProblemCode::Conflict => {
                    let why = error.detail.as_ref().map_or("", |text| text.vi.as_str());
                    shown(visit, &clerk, id, Some(why)).await
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
}

fn told(field: &FieldError) -> &str {
    &field.message.vi
}

/// Sends the file over the channel.
pub(super) async fn deliver(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            delivery::deliver(visit.app(), &clerk.actor, id).await?;
            Ok(to(&format!("/treasury/files/{id}")))
        })
        .await
}

/// Asks at the target.
pub(super) async fn check(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let clerk = visit.clerk().await?;
            visit.sealed(visit.session(), &body)?;
            let id = visit.id()?;
            let last = delivery::desk_file(visit.app(), &clerk.actor, id).await?.delivery;
            let last = last.ok_or_else(Error::not_found)?;
            delivery::check(visit.app(), &clerk.actor, last.id).await?;
            Ok(to(&format!("/treasury/files/{id}")))
        })
        .await
}
