//! stub
/// r
#[derive(Debug)]
pub struct Release;
