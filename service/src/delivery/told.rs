//! What the target tells of a parcel, be it a file or a request to recall: what lies there, and the receiver's word.

use entity::enums::DeliveryStatus;

use super::problem::DeliveryProblem;
use super::state::Step;
use super::transport::{LOOK, Lost, Parcel, Seen, Transport, in_time};
use crate::error::{Error, ProblemCode};

/// A parcel that may have been sent: what it is called and holds, and where its delivery stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lying<'a> {
    pub(super) name: &'a str,
    /// The SHA-256 of its content.
    pub(super) sha256: &'a str,
    pub(super) status: DeliveryStatus,
}

/// What the target says of it.
pub(super) enum Told {
    /// The receiver's acknowledgement.
    Hash(String),
    /// What lies there.
    Step(Step),
    /// Nothing: a reader takes files away, and that one which was sent is gone says nothing.
    Nothing,
}

impl Lying<'_> {
    /// Asks the target.
    ///
    /// # Errors
    /// `unavailable` where it does not answer in time.
    pub(super) async fn ask(&self, transport: &dyn Transport) -> Result<Told, Error> {
        in_time(LOOK, self.asked(transport)).await.map_err(|why| Error {
            source: Some(why.into()),
            ..Error::new(ProblemCode::Unavailable)
        })
    }

    async fn asked(&self, transport: &dyn Transport) -> Result<Told, String> {
        match transport.acknowledgement(self.name).await {
            Ok(Some(hash)) => return Ok(Told::Hash(hash)),
            Ok(None) => {}
            // What can't be read of it must not keep a doubt alive that a look would end.
            Err(why) if self.status != DeliveryStatus::Sent => {
                tracing::warn!(name = self.name, "its acknowledgement can't be read: {why}");
            }
            Err(why) => return Err(why),
        }
        if self.status == DeliveryStatus::Sent {
            return Ok(Told::Nothing);
        }
        let seen = transport.look(self.name, self.sha256).await?;
        Ok(Told::Step(match seen {
            Seen::Same => Step::Sent,
            // The first look at one whose job was lost; the next one may say more.
            Seen::Absent if self.status == DeliveryStatus::Queued => {
                Step::Unknown("its job never ended, and nothing lies at the target".to_owned())
            }
            Seen::Absent => Step::Failed(DeliveryProblem::Absent, "nothing lies at the target".to_owned()),
            Seen::Other => Step::Failed(DeliveryProblem::OtherBytes, "others lie at the target".to_owned()),
        }))
    }

    /// What a look at the target says of a sending whose outcome is unknown. Nothing there proves nothing this early: the
    /// reader may have taken it, or the bytes may still be on their way.
    pub(super) async fn found(&self, transport: &dyn Transport, why: &str) -> Step {
        match transport.look(self.name, self.sha256).await {
            Ok(Seen::Same) => Step::Sent,
            Ok(Seen::Other) => Step::Failed(DeliveryProblem::OtherBytes, why.to_owned()),
            Ok(Seen::Absent) => Step::Unknown(why.to_owned()),
            Err(blind) => Step::Unknown(format!("{why}; {blind}")),
        }
    }

    /// Sends it; the reason where not a byte has left.
    pub(super) async fn send(&self, transport: &dyn Transport, parcel: &Parcel) -> Result<Step, String> {
        match transport.send(parcel).await {
            Ok(()) => Ok(Step::Sent),
            Err(Lost::NotLeft(why)) => Err(why),
            Err(Lost::Refused(why)) => Ok(Step::Failed(DeliveryProblem::OtherBytes, why)),
            Err(Lost::Unknown(why)) => Ok(self.found(transport, &why).await),
        }
    }
}

/// A parcel that can't be made up is not sent.
pub(super) fn not_made(error: &Error) -> Step {
    let problem = match error.code {
        ProblemCode::CertificateNotValid => DeliveryProblem::NotSigned,
        _ => DeliveryProblem::Unreadable,
    };
    Step::Failed(problem, error.to_string())
}

/// Another hash than that of what was sent.
pub(super) fn wrong_hash(hash: &str) -> Step {
    let shown: String = hash.chars().take(64).collect();
    Step::Failed(DeliveryProblem::WrongAcknowledgement, shown)
}
