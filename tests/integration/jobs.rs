//! Jobs as a whole.

use sea_orm::ConnectionTrait;
use service::job::{self, JobState};

use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn open_jobs_are_counted_as_among_all() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let app = &house.app;
        assert_eq!(job::open_counts(app).await.unwrap().len(), 0);
        let jobs: i64 = job::counts(app).await.unwrap().values().sum();
        assert!(jobs > 0, "the town was made by jobs");
        let over = |state: JobState| matches!(state, JobState::Done | JobState::Cancelled);
        let put = async |status: &str| {
            let sql =
                format!("UPDATE job SET status = '{status}' WHERE natural_key = (SELECT min(natural_key) FROM job)");
            app.db.owner().execute_unprepared(&sql).await.unwrap();
        };
        for status in ["dead", "cancelled", "done"] {
            put(status).await;
            let all = job::counts(app).await.unwrap();
            let number = |is_over: bool| -> i64 {
                let own = all.iter().filter(|((_, state), _)| over(*state) == is_over);
                own.map(|(_, jobs)| *jobs).sum()
            };
            let open = job::open_counts(app).await.unwrap();
            assert!(open.keys().all(|(_, state)| !over(*state)), "{status}: {open:?}");
            assert!(
                open.iter().all(|(key, jobs)| all.get(key) == Some(jobs)),
                "{status}: {open:?}"
            );
            // The one that was put there is open or over, and is counted as what it is; all others are over.
            let dead = i64::from(status == "dead");
            assert_eq!(open.values().sum::<i64>(), dead, "{status}");
            assert_eq!((number(false), number(true)), (dead, jobs - dead), "{status}");
        }
        town.close().await;
    });
}
