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
        let put = async |status: &str| {
            let sql =
                format!("UPDATE job SET status = '{status}' WHERE natural_key = (SELECT min(natural_key) FROM job)");
            app.db.owner().execute_unprepared(&sql).await.unwrap();
        };
        for status in ["dead", "cancelled", "done"] {
            put(status).await;
            let mut all = job::counts(app).await.unwrap();
            let jobs = all.len();
            all.retain(|(_, state), _| !matches!(state, JobState::Done | JobState::Cancelled));
            assert_eq!(job::open_counts(app).await.unwrap(), all, "{status}");
            assert_eq!(all.values().sum::<i64>(), i64::from(status == "dead"));
            assert!(jobs > all.len(), "what is over is counted by the other");
        }
        town.close().await;
    });
}
