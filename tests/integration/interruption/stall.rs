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
}

/// Lets one chunk of a run be counted and holds the next inside its transaction, or holds an answer in the middle of its
/// own: the effects are written, not committed.
pub(super) struct Stall<'a> {
    session: &'a Session,
    work: Work,
}

impl Work {
    fn condition(self, run: &str) -> String {
        match self {
            Self::Reassessment => format!("{run}.kind = 'reassessment' AND {run}.natural_key NOT LIKE '%:opening'"),
            Self::Files => format!("{run}.kind = 'payment_file_build'"),
            Self::Answers => "true".to_owned(),
        }
    }

    /// The table whose change is held, and which change.
    fn held(self) -> (&'static str, String) {
        match self {
            Self::Answers => (
                "bank_report",
                "OLD.status = 'received' AND NEW.status = 'reconciled'".to_owned(),
            ),
            _ => {
                let counted = "OLD.done > 0 AND NEW.done > OLD.done";
                ("job_run", format!("{counted} AND {}", self.condition("OLD")))
            }
        }
    }
}

impl<'a> Stall<'a> {
    /// Holds the first such run that comes.
    pub(super) fn set(session: &'a Session, work: Work) -> Self {
        let (table, when) = work.held();
        if session.is_sqlite() {
            session.run("CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
            session.run(&format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON {table} WHEN {when} BEGIN SELECT max(i) FROM endless; END"
            ));
        } else {
            session.run("SELECT pg_advisory_lock(1)");
            session.run(
                "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$",
            );
            session.run(&format!(
                "CREATE TRIGGER stall BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION stall()"
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
        if let Work::Answers = self.work {
            let waiting = self.session.count("bank_report WHERE status = 'received'");
            let working = self
                .session
                .count("job WHERE kind = 'reconcile_report' AND status = 'running'");
            return waiting > 0 && working > 0;
        }
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
