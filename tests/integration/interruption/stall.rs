//! Holding the program in the middle of its work, for as long as it takes to disturb it.

use super::database::Session;
use crate::harness::until;

/// The run of jobs to hold: a condition on `job_run`, here `OLD`.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// The reassessment that a release of law causes.
    Reassessment,
    /// The building of the files of a pay run.
    Files,
}

/// Lets one chunk of a run be counted and holds the next inside its transaction: its effects are written, not committed.
pub(super) struct Stall<'a> {
    session: &'a Session,
    work: Work,
}

impl Work {
    fn condition(self, run: &str) -> String {
        match self {
            Self::Reassessment => format!("{run}.kind = 'reassessment' AND {run}.natural_key NOT LIKE '%:opening'"),
            Self::Files => format!("{run}.kind = 'payment_file_build'"),
        }
    }
}

impl<'a> Stall<'a> {
    /// Holds the first such run that comes.
    pub(super) fn set(session: &'a Session, work: Work) -> Self {
        let when = format!("OLD.done > 0 AND NEW.done > OLD.done AND {}", work.condition("OLD"));
        if session.is_sqlite() {
            session.run("CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
            session.run(&format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON job_run WHEN {when} BEGIN SELECT max(i) FROM endless; END"
            ));
        } else {
            session.run("SELECT pg_advisory_lock(1)");
            session.run(
                "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$",
            );
            session.run(&format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON job_run FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION stall()"
            ));
        }
        Self { session, work }
    }

    /// Waits until the run stands in the middle.
    pub(super) fn reached(&self) {
        until("a chunk is done and another under way", || {
            let held = self.session.is_sqlite()
                || self
                    .session
                    .count("pg_locks WHERE locktype = 'advisory' AND NOT granted")
                    > 0;
            (held && self.in_the_middle()).then_some(())
        });
    }

    /// Is the run begun, with chunks done, chunks under way and chunks to do?
    pub(super) fn in_the_middle(&self) -> bool {
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

    /// Lets the work go on.
    pub(super) fn lift(self) {
        if self.session.is_sqlite() {
            self.session.run("DROP TRIGGER stall");
        } else {
            self.session.run("SELECT pg_advisory_unlock(1)");
        }
    }
}
