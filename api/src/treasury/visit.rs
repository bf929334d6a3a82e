//! One request of a browser: who it is, what it may see, and how it is refused.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures::future::{Ready, ready};
use service::{Actor, App, Error, ProblemCode, treasury_session};
use uuid::Uuid;

use super::{ROOT, SIGN_IN, layout};
use crate::context::Context;
use crate::problem::Problem;
use crate::{fault, head};

/// The cookie of a session.
const SESSION: &str = "ansinh_desk";
/// The cookie of somebody who is about to sign in.
const VISITOR: &str = "ansinh_visitor";
/// The field of a form that holds its seal.
pub(super) const SEAL: &str = "_seal";

/// A request of a browser.
pub(super) struct Visit {
    context: web::Data<Context>,
    request: HttpRequest,
    /// Names the styles and scripts of this one answer in its policy.
    pub(super) nonce: String,
}

/// A clerk who is signed in.
pub(super) struct Clerk {
    /// As the service knows the clerk.
    pub(super) actor: Actor,
    /// The seal of this session's forms.
    pub(super) seal: String,
}

/// Why a page is not shown.
pub(super) enum Refusal {
    /// Nobody is signed in, or not any more.
    SignIn,
    /// Something else, in words.
    Failed(Box<Error>),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error.code {
            ProblemCode::Unauthenticated => Self::SignIn,
            _ => Self::Failed(Box::new(error)),
        }
    }
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.app_data::<web::Data<Context>>().cloned();
        let visit = context.map(|context| Self {
            context,
            request: request.clone(),
            nonce: treasury_session::random(),
        });
        ready(visit.ok_or_else(|| ProblemCode::Internal.into()))
    }
}

impl Visit {
    /// The installation.
    pub(super) fn app(&self) -> &App {
        &self.context.app
    }

    /// The most bytes of an uploaded file.
    pub(super) fn upload_limit(&self) -> usize {
        self.context.upload_limit
    }

    /// The headers of the request.
    pub(super) fn headers(&self) -> &header::HeaderMap {
        self.request.headers()
    }

    /// Is the browser sent nothing but the headers?
    pub(super) fn takes_headers_alone(&self) -> bool {
        head::is_asked(&self.request)
    }

    /// Answers, whatever comes of it, with a page that a person can read.
    pub(super) async fn answer(self, work: impl AsyncFnOnce(&Self) -> Result<HttpResponse, Refusal>) -> HttpResponse {
        match work(&self).await {
            Ok(response) => response,
            Err(Refusal::SignIn) => to(SIGN_IN),
            Err(Refusal::Failed(error)) => {
                let clerk = self.clerk().await.ok();
                layout::refused(&self, clerk.as_ref(), &error)
            }
        }
    }

    /// Who is signed in.
    pub(super) async fn clerk(&self) -> Result<Clerk, Refusal> {
        let token = self.cookie(SESSION).ok_or(Refusal::SignIn)?;
        // In a sandbox another process may have moved the clock.
        self.app().sync_clock().await?;
        let actor = treasury_session::actor(self.app(), &token).await?;
        Ok(Clerk {
            actor,
            seal: treasury_session::seal(self.app(), &token)?,
        })
    }

    /// The token of the session, signed in or not.
    pub(super) fn session(&self) -> Option<String> {
        self.cookie(SESSION)
    }

    /// The token of somebody about to sign in.
    pub(super) fn visitor(&self) -> Option<String> {
        self.cookie(VISITOR)
    }

    /// A part of the path.
    pub(super) fn part(&self, name: &str) -> &str {
        self.request.match_info().query(name)
    }

    /// The id in the path.
    pub(super) fn id(&self) -> Result<Uuid, Error> {
        let id = self.part("id").parse();
        id.ok().ok_or_else(Error::not_found)
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.request.query_string().as_bytes());
        pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// The fields of a form that a page made for this token sent.
    pub(super) fn sealed(&self, token: Option<String>, body: &[u8]) -> Result<BTreeMap<String, String>, Error> {
        let fields: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        self.check_seal(token, fields.get(SEAL).map_or("", String::as_str))?;
        fault::unfit_form(body).map_or(Ok(fields), Err)
    }

    /// Refuses a form that no page of ours made for this token: another site can send one in a clerk's name, but can't
    /// know the seal.
    pub(super) fn check_seal(&self, token: Option<String>, seal: &str) -> Result<(), Error> {
        let token = token.unwrap_or_default();
        if !token.is_empty() && treasury_session::is_sealed(self.app(), &token, seal)? {
            return Ok(());
        }
        Err(Error::because(
            ProblemCode::Forbidden,
            "Biểu mẫu không còn hiệu lực hoặc không phải từ trang này. Hãy tải lại trang rồi gửi lại.",
            "The form is stale or not one of this site. Load the page again and send it once more.",
        ))
    }

    /// The cookie that opens a session, or ends it where no token is given.
    pub(super) fn session_cookie(&self, token: Option<&str>) -> String {
        self.set_cookie(SESSION, token)
    }

    /// The cookie of somebody about to sign in.
    pub(super) fn visitor_cookie(&self, token: Option<&str>) -> String {
        self.set_cookie(VISITOR, token)
    }

    /// Never readable by scripts, never sent from another site, and never in the clear but to this very machine.
    fn set_cookie(&self, name: &str, value: Option<&str>) -> String {
        let secure = if self.is_loopback() { "" } else { "; Secure" };
        let age = if value.is_some() {
            treasury_session::HOURS * 3_600
        } else {
            0
        };
        let value = value.unwrap_or_default();
        format!("{name}={value}; Path={ROOT}; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
    }

    /// Does the browser call this machine its own?
    fn is_loopback(&self) -> bool {
        let asked = self.request.headers().get(header::HOST);
        let host = asked
            .and_then(|host| host.to_str().ok())
            .or_else(|| self.request.uri().host());
        let host = host.unwrap_or_default();
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
            _ => host,
        };
        let address = name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>();
        name == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let headers = self.request.headers().get_all(header::COOKIE);
        let mut pairs = headers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'));
        pairs
            .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
            .filter(|value| !value.is_empty())
            .map(ToOwned::to_owned)
    }
}

/// Sends the browser to another page, to be read there.
pub(super) fn to(place: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, place))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
