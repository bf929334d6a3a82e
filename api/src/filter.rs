//! A query parameter that an operation does not declare is refused before anything is done: an unknown filter is never
//! taken for "everything".

use std::collections::{BTreeMap, BTreeSet};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web;
use serde_json::Value;

use crate::fault;
use crate::problem::Problem;

/// The query parameters of each operation, by method and path pattern.
#[derive(Clone, Debug)]
pub(crate) struct Filters(BTreeMap<(String, String), BTreeSet<String>>);

impl Filters {
    /// From the document, parameters of whole paths included.
    pub(crate) fn from_document(document: &Value) -> Self {
        let mut filters = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let declared = [item, operation]
                    .into_iter()
                    .filter_map(|told| told["parameters"].as_array())
                    .flatten();
                let names = declared
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str())
                    .map(ToOwned::to_owned);
                filters.insert((method.to_ascii_uppercase(), path.clone()), names.collect());
            }
        }
        Self(filters)
    }

    /// The first parameter of a request that its operation does not know; none where no operation is meant.
    fn unknown(&self, request: &ServiceRequest) -> Option<String> {
        if request.query_string().is_empty() {
            return None;
        }
        let known = self
            .0
            .get(&(request.method().as_str().to_owned(), request.match_pattern()?))?;
        form_urlencoded::parse(request.query_string().as_bytes())
            .map(|(name, _)| name.into_owned())
            .find(|name| !known.contains(name))
    }
}

/// Refuses what is not declared. It stands behind the question who calls.
pub(crate) async fn refuse_unknown<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let filters = request.app_data::<web::Data<Filters>>();
    if request.path().starts_with("/v1/")
        && let Some(name) = filters.and_then(|filters| filters.unknown(&request))
    {
        let refused = Problem(fault::unknown_filter(&name));
        return Ok(request.error_response(refused).map_into_right_body());
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}
