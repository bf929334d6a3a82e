//! `ansinh openapi`: prints the OpenAPI document, as committed in `openapi/openapi.json`.

use std::io::{ErrorKind, Write};

use service::Error;

/// Prints the document, or as much of it as whoever reads it wants.
pub(crate) fn run() -> Result<(), Error> {
    match std::io::stdout().write_all(api::openapi_text().as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::internal(error)),
        _ => Ok(()),
    }
}
