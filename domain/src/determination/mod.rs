//! stub
use crate::case_file::{Benefit, CaseFile};
use crate::law::Release;
use crate::{Month, Vnd};
/// Kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// r
    Regular,
    /// a
    Arrears,
    /// o
    OneOff,
}
/// Period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// b
    pub benefit: Benefit,
    /// c
    pub component: String,
    /// g
    pub group: String,
    /// k
    pub kind: Kind,
    /// f
    pub from: Month,
    /// t
    pub to: Option<Month>,
    /// d
    pub due: Option<Month>,
    /// a
    pub amount: Vnd,
    /// p
    pub provision: String,
}
/// Und.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undetermined {
    /// b
    pub benefit: Benefit,
    /// f
    pub from: Month,
    /// t
    pub to: Option<Month>,
    /// r
    pub reason: String,
}
/// Det.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determination {
    /// p
    pub periods: Vec<Period>,
    /// u
    pub undetermined: Vec<Undetermined>,
}
/// d
pub fn determine(_: &CaseFile, _: &Release) -> Determination {
    Determination {
        periods: vec![],
        undetermined: vec![],
    }
}
