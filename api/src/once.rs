//! `Idempotency-Key`: a request that creates or changes something may be sent again and does it once.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::future::{Ready, ready};
use service::idempotency::{self, Begun, Claim};
use service::{Actor, App, Error, ProblemCode};
use sha2::{Digest, Sha256};

use crate::answer::Answered;
use crate::auth::Caller;
use crate::extract::BodyHash;
use crate::problem::Problem;

/// The header.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The most characters of a key.
const LONGEST: usize = 255;

/// An authenticated request with its key.
#[derive(Debug)]
pub(crate) struct Once {
    caller: Caller,
    key: String,
    request: HttpRequest,
}

impl Once {
    /// Runs one verb and answers. The effect, its audit event, its jobs and the answer commit together; a repeated
    /// request gets the stored answer and has no effect.
    pub(crate) async fn run<T>(
        self,
        verb: impl AsyncFnOnce(&App, &Actor) -> Result<T, Error>,
        answer: impl FnOnce(T) -> Answered,
    ) -> Answered {
        let claim = self.claim();
        match idempotency::begin(self.caller.app(), claim, self.caller.key_patience()).await? {
            Begun::Again(stored) => Ok(stored.into()),
            Begun::First(once) => {
                let done = verb(once.app(), &self.caller.actor).await;
                let done = match done {
                    Ok(done) => done,
                    Err(refused) => {
                        once.give_up().await;
                        return Err(refused.into());
                    }
                };
                let answer = answer(done)?;
                once.finish(answer.stored()).await?;
                Ok(answer)
            }
        }
    }

    /// The same for an answer that holds a secret: what is stored, and given to a repeated request, is the answer to
    /// `hide` of it.
    pub(crate) async fn run_shown_once<T>(
        self,
        verb: impl AsyncFnOnce(&App, &Actor) -> Result<T, Error>,
        answer: impl Fn(&T) -> Answered,
        hide: impl FnOnce(T) -> T,
    ) -> Answered {
        let claim = self.claim();
        match idempotency::begin(self.caller.app(), claim, self.caller.key_patience()).await? {
            Begun::Again(stored) => Ok(stored.into()),
            Begun::First(once) => {
                let view = verb(once.app(), &self.caller.actor).await?;
                let shown = answer(&view)?;
                once.finish(answer(&hide(view))?.stored()).await?;
                Ok(shown)
            }
        }
    }

    /// The same for a verb that is idempotent by its content and takes too long for an open transaction.
    pub(crate) async fn run_by_content<T>(
        self,
        verb: impl AsyncFnOnce(&App, &Actor) -> Result<T, Error>,
        answer: impl FnOnce(T) -> Answered,
    ) -> Answered {
        let claim = self.claim();
        let app = self.caller.app();
        if let Some(stored) = idempotency::answered(app, &claim).await? {
            return Ok(stored.into());
        }
        let answer = answer(verb(app, &self.caller.actor).await?)?;
        Ok(
            idempotency::store(app, claim, answer.stored(), self.caller.key_patience())
                .await?
                .into(),
        )
    }

    fn claim(&self) -> Claim {
        let method = self.request.method().as_str();
        let pattern = self.request.match_pattern().unwrap_or_default();
        let mut fingerprint = Sha256::new();
        let target = self.request.uri().path_and_query().map_or("", |target| target.as_str());
        fingerprint.update(format!("{method} {target}\n"));
        if let Some(BodyHash(hash)) = self.request.extensions().get::<BodyHash>() {
            fingerprint.update(hash);
        }
        Claim {
            client_id: self.caller.actor.client_id,
            operation: format!("{method} {pattern}"),
            key: self.key.clone(),
            fingerprint: hex::encode(fingerprint.finalize()),
        }
    }
}

impl FromRequest for Once {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload).into_inner();
        ready(caller.and_then(|caller| {
            Ok(Self {
                caller,
                key: key(request)?,
                request: request.clone(),
            })
        }))
    }
}

fn key(request: &HttpRequest) -> Result<String, Problem> {
    let key = request
        .headers()
        .get(IDEMPOTENCY_KEY)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim();
    if key.is_empty() {
        return Err(ProblemCode::IdempotencyKeyMissing.into());
    }
    if key.len() > LONGEST {
        return Err(Problem(Error::because(
            ProblemCode::InvalidRequest,
            format!("Idempotency-Key dài tối đa {LONGEST} ký tự"),
            format!("an Idempotency-Key has at most {LONGEST} characters"),
        )));
    }
    Ok(key.to_owned())
}
