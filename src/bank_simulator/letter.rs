//! A request to recall an order, as it lies in a folder or at the API.

use std::path::PathBuf;

use domain::bank_simulator::RecallRequest;

use super::parcel::Refusal;

/// A request that can be read.
pub(super) struct Letter {
    /// Its name.
    pub(super) name: String,
    /// What the bank reads in it.
    pub(super) request: RecallRequest,
    /// Where it lies, and its SHA-256; none where it came over the API.
    pub(super) place: Option<(PathBuf, String)>,
}

impl Letter {
    /// Reads a request.
    pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Self, Refusal> {
        match RecallRequest::read(bytes) {
            Ok(request) => Ok(Self {
                name: name.to_owned(),
                request,
                place: None,
            }),
            Err(fault) => Err((
                format!("đề nghị thu hồi không đọc được: {fault}"),
                format!("the recall can't be read: {fault}"),
            )),
        }
    }
}

/// Is this the name of a request to recall? The desk and the API call it so.
pub(super) fn is_recall(name: &str) -> bool {
    let rest = name.strip_prefix("camt055-").and_then(|rest| rest.rsplit_once('.'));
    rest.is_some_and(|(_, ending)| ending == "xml")
}
