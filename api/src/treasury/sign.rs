//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};
use service::{ProblemCode, treasury_session};

use super::layout;
use super::visit::{Refusal, Visit, to};
use super::{FILES, SIGN_IN};

/// The door.
pub(super) async fn front() -> HttpResponse {
    to(FILES)
}

/// The form.
pub(super) async fn form(visit: Visit) -> HttpResponse {
    visit
        .answer(async |visit| {
            if visit.clerk().await.is_ok() {
                return Ok(to(FILES));
            }
            asked(visit, StatusCode::OK, None)
        })
        .await
}

/// The form with what was wrong the last time. The visitor gets a token, so that the form can be sealed.
fn asked(visit: &Visit, status: StatusCode, wrong: Option<&str>) -> Result<HttpResponse, Refusal> {
    let token = treasury_session::random();
    let seal = treasury_session::seal(visit.app(), &token)?;
    let mut response = layout::page_as(status, visit, "Đăng nhập", &body(&seal, wrong));
    if let Ok(cookie) = visit.visitor_cookie(Some(&token)).parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn body(seal: &str, wrong: Option<&str>) -> Markup {
    html! {
        section.sheet.door {
            h1 { "Đăng nhập quầy kho bạc" }
            p.quiet { "Dùng khóa truy cập cá nhân có vai trò Kho bạc. Phiên làm việc tự kết thúc sau " (treasury_session::HOURS) " giờ." }
            @if let Some(wrong) = wrong { p.wrong #wrong role="alert" { (wrong) } }
            form method="post" action=(SIGN_IN) {
                (layout::seal(seal))
                label for="key" { "Khóa truy cập" }
                input #key name="key" type="password" autocomplete="current-password" autocapitalize="none" spellcheck="false"
                    required autofocus maxlength="200" aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "wrong")];
                button.main type="submit" { "Đăng nhập" }
            }
        }
    }
}

/// Takes the key.
pub(super) async fn enter(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let fields = visit.sealed(visit.visitor(), &body)?;
            visit.app().sync_clock().await?;
            let key = fields.get("key").map_or("", |key| key.trim());
            match treasury_session::open(visit.app(), key).await {
                Ok(opened) => {
                    let mut response = to(FILES);
                    for cookie in [
                        visit.session_cookie(Some(&opened.token)),
                        visit.visitor_cookie(None),
                    ] {
                        if let Ok(cookie) = cookie.parse() {
                            response.headers_mut().append(header::SET_COOKIE, cookie);
                        }
                    }
                    Ok(response)
                }
                Err(error) if error.code == ProblemCode::Unauthenticated => {
                    let wrong = "Khóa không đúng, hoặc đã bị thu hồi.";
                    asked(visit, StatusCode::UNAUTHORIZED, Some(wrong))
                }
                Err(error) if error.code == ProblemCode::Forbidden => {
                    let wrong = "Khóa này không phải của cán bộ kho bạc. Hãy dùng khóa cá nhân có vai trò Kho bạc, phạm vi toàn tỉnh.";
                    asked(visit, StatusCode::FORBIDDEN, Some(wrong))
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
}

/// Ends the session.
pub(super) async fn leave(visit: Visit, body: web::Bytes) -> HttpResponse {
    visit
        .answer(async |visit| {
            let token = visit.session().ok_or(Refusal::SignIn)?;
            visit.sealed(Some(token.clone()), &body)?;
            treasury_session::close(visit.app(), &token).await?;
            let mut response = to(SIGN_IN);
            if let Ok(cookie) = visit.session_cookie(None).parse() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        })
        .await
}
