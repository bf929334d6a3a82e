//! Every job there is. One line per kind.

use super::{Kinds, Prune};
use crate::delivery::{ChaseUnknownDeliveries, DeliverFile, DeliverRecall};
use crate::law::{Simulate, SimulateChunk};
use crate::pay_run::{BuildChunk, CarryOver, FinishBuild, PassedOver};
use crate::payment_file::{BuildFile, PrepareLists};
use crate::payment_order::ReckonCancelled;
use crate::reassessment::{ReassessChunk, ReassessPerson};
use crate::reconciliation::ReconcileReport;
use crate::reminder::{RemindOfDays, VerifyInvariants};

/// The jobs of the program.
pub const KINDS: Kinds = crate::job_kinds![
    Prune,
    ReassessChunk,
    ReassessPerson,
    BuildChunk,
    FinishBuild,
    CarryOver,
    BuildFile,
    SimulateChunk,
    Simulate,
    ReconcileReport,
    ReckonCancelled,
    DeliverFile,
    ChaseUnknownDeliveries,
    RemindOfDays,
    VerifyInvariants,
    PassedOver,
    DeliverRecall,
    PrepareLists
];
