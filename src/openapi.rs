//! `ansinh openapi`: prints the OpenAPI document, as committed in `openapi/openapi.json`.

/// Prints the document.
pub(crate) fn run() {
    print!("{}", api::openapi_text());
}
