//! The closed sets of the job table, as the API shows them.

use entity::job::{JobStatus, Queue as JobQueue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a job waits, most urgent first. Each has its own workers, so that a long reassessment never delays relief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Emergency relief.
    Relief,
    /// Payment files and bank reports.
    Files,
    /// Reassessment and pay runs.
    Reassessment,
    /// Everything else.
    Default,
}

impl Queue {
    /// Every queue, most urgent first.
    pub const ALL: &'static [Self] = &[Self::Relief, Self::Files, Self::Reassessment, Self::Default];

    /// The code in tables and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Relief => "relief",
            Self::Files => "files",
            Self::Reassessment => "reassessment",
            Self::Default => "default",
        }
    }
}

impl From<Queue> for JobQueue {
    fn from(queue: Queue) -> Self {
        match queue {
            Queue::Relief => Self::Relief,
            Queue::Files => Self::Files,
            Queue::Reassessment => Self::Reassessment,
            Queue::Default => Self::Default,
        }
    }
}

impl From<JobQueue> for Queue {
    fn from(queue: JobQueue) -> Self {
        match queue {
            JobQueue::Relief => Self::Relief,
            JobQueue::Files => Self::Files,
            JobQueue::Reassessment => Self::Reassessment,
            JobQueue::Default => Self::Default,
        }
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its time or for a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// Its effects are committed.
    Done,
    /// It failed for good and waits for a person.
    Dead,
    /// A person took it out.
    Cancelled,
}

impl From<JobState> for JobStatus {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Queued => Self::Queued,
            JobState::Running => Self::Running,
            JobState::Done => Self::Done,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<JobStatus> for JobState {
    fn from(status: JobStatus) -> Self {
        match status {
            JobStatus::Queued => Self::Queued,
            JobStatus::Running => Self::Running,
            JobStatus::Done => Self::Done,
            JobStatus::Dead => Self::Dead,
            JobStatus::Cancelled => Self::Cancelled,
        }
    }
}
