//! `ansinh openapi`: prints the OpenAPI document, as committed in `openapi/openapi.json`.

use crate::out;

/// Prints the document.
pub(crate) fn run() {
    out::whole(&api::openapi_text());
}
