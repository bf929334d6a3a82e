//! Holding the program in the middle of its work, for as long as it takes to disturb it.

use super::database::Session;
use crate::harness::until;

/// The work to hold.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// The reassessment that a release of law causes.
    Reassessment,
    /// The building of the files of a pay run.
    Files,
    /// The reconciliation of what a bank answers.
    Answers,
    /// The release of the first pay run.
    Release,
    /// What is noted of a file that lies in the drop folder.
    Delivery,
    /// The second signature under the first month.
    Close,
    /// A request of a person, when all its effects and its answer are written.
    Request,
    /// What is noted of a recall that lies in the drop folder.
    Recall,
}

/// Lets one chunk of a run be counted and holds the next inside its transaction, or holds an answer, a signature, a request
/// or what is noted of a delivery in the middle of its own: the effects are written, not committed.
pub(super) struct Stall<'a> {
    session: &'a Session,
    work: Work,
}

impl Work {
    fn condition(self, run: &str) -> String {
        match self {
            Self::Reassessment => format!("{run}.kind = 'reassessment' AND {run}.natural_key NOT LIKE '%:opening'"),
            Self::Files => format!("{run}.kind = 'payment_file_build'"),
            _ => "true".to_owned(),
        }
    }

    /// From which state to which of what table it goes, where it is no run of chunks.
    fn step(self) -> Option<[&'static str; 3]> {
        match self {
            Self::Reassessment | Self::Files | Self::Request => None,
            Self::Answers => Some(["bank_report", "received", "reconciled"]),
            Self::Release => Some(["pay_run", "approved", "released"]),
            Self::Delivery => Some(["delivery", "queued", "sent"]),
            Self::Close => Some(["month_close", "prepared", "closed"]),
            Self::Recall => Some(["recall_delivery", "queued", "sent"]),
        }
    }

    /// The table whose change is held, and which change.
    fn held(self) -> (&'static str, String) {
        match self.step() {
            Some([table, from, to]) => (table, format!("OLD.status = '{from}' AND NEW.status = '{to}'")),
            // The answer is kept last.
            None if matches!(self, Self::Request) => {
                ("idempotency_key", "OLD.status = 0 AND NEW.status <> 0".to_owned())
            }
            None => {
                let counted = "OLD.done > 0 AND NEW.done > OLD.done";
                ("job_run", format!("{counted} AND {}", self.condition("OLD")))
            }
        }
    }

    /// Is it work of a job? What is not, no job tells of.
    const fn is_job(self) -> bool {
        matches!(self, Self::Reassessment | Self::Files | Self::Answers)
    }
}

impl<'a> Stall<'a> {
    /// Holds the first such run that comes.
    pub(super) fn set(session: &'a Session, work: Work) -> Self {
        let (table, when) = work.held();
        if session.is_sqlite() {
            session.run("CREATE VIEW IF NOT EXISTS endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
            session.run(&format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT max(i) FROM endless; END"
            ));
        } else {
            session.run("SELECT pg_advisory_lock(1)");
            session.run(
                "CREATE OR REPLACE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$",
            );
            session.run(&format!(
                "CREATE OR REPLACE TRIGGER stall BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION stall()"
            ));
        }
        Self { session, work }
    }

    /// Waits until the run stands in the middle.
    pub(super) fn reached(&self) {
        until("the work stands in the middle", || {
            (self.in_the_middle() && self.is_held()).then_some(())
        });
    }

    /// Does somebody stand in the trigger? Of a job on the embedded database its own state says enough.
    fn is_held(&self) -> bool {
        if !self.session.is_sqlite() {
            let waiting = "pg_locks WHERE locktype = 'advisory' AND NOT granted \
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            return self.session.count(waiting) > 0;
        }
        self.work.is_job() || self.session.is_written_by_another()
    }

    /// Is the run begun, with chunks done, chunks under way and chunks to do? Or the step prepared, and not taken?
    pub(super) fn in_the_middle(&self) -> bool {
        let count = |from: &str| self.session.count(from);
        match self.work {
            Work::Answers => {
                count("bank_report WHERE status = 'received'") > 0
                    && count("job WHERE kind = 'reconcile_report' AND status = 'running'") > 0
            }
            Work::Release => {
                count("pay_run WHERE status = 'approved'") > 0 && count("payment_line WHERE status = 'live'") == 0
            }
            Work::Delivery => {
                count("delivery WHERE status = 'queued' AND began_at IS NOT NULL") > 0
                    && count("delivery WHERE status <> 'queued'") == 0
            }
            Work::Close => {
                count("month_close WHERE status = 'prepared'") > 0 && count("month_close WHERE status = 'closed'") == 0
            }
            // Nobody else knows of its key.
            Work::Request => count("idempotency_key WHERE status = 0") == 0,
            Work::Recall => {
                count("recall_delivery WHERE status = 'queued' AND began_at IS NOT NULL") > 0
                    && count("recall_delivery WHERE status <> 'queued'") == 0
            }
            Work::Reassessment | Work::Files => self.chunks_are_under_way(),
        }
    }

    fn chunks_are_under_way(&self) -> bool {
        let run = self.work.condition("run");
        let chunks = |status: &str| {
            let of_run = "job_chunk JOIN job_run AS run ON run.id = job_chunk.job_run_id";
            self.session.count(&format!(
                "{of_run} WHERE job_chunk.status = '{status}' AND run.status = 'running' AND {run}"
            ))
        };
        let under_way = "job JOIN job_run AS run ON run.id = job.job_run_id";
        chunks("done") > 0
            && chunks("pending") > 1
            && self
                .session
                .count(&format!("{under_way} WHERE job.status = 'running' AND {run}"))
                > 0
    }

    /// Lets the work go on. It may be held again afterwards.
    pub(super) fn lift(self) {
        if self.session.is_sqlite() {
            self.session.run("DROP TRIGGER stall");
        } else {
            self.session.run("SELECT pg_advisory_unlock(1)");
        }
    }
}
