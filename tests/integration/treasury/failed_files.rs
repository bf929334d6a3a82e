//! Files of a run of which some can't be built.

use serde_json::json;
use service::job::run::{self, JobRunView, RunFilter, RunState};
use service::{Actor, Code, job};

use super::road::Dispatch;
use crate::harness::{House, each_engine};

/// The work of building the files.
async fn work(house: &House, someone: &Actor) -> JobRunView {
    let filter = RunFilter {
        kind: Some("payment_file_build".to_owned()),
        ..RunFilter::default()
    };
    run::list(&house.app, someone, filter).await.unwrap().items.remove(0)
}

/// The first chunk has these files now.
async fn first_chunk(dispatch: &Dispatch, files: &[uuid::Uuid]) {
    let own = "job_run_id IN (SELECT id FROM job_run WHERE kind = 'payment_file_build')";
    let sql = format!(
        "UPDATE job_chunk SET payload = '{}' WHERE position = 0 AND {own}",
        json!(files)
    );
    dispatch.sql(&sql).await;
}

#[test]
fn a_file_that_can_not_be_built_holds_up_no_other_and_is_built_once_it_can() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.release(&house.app).await;
        // Nobody has heard of the first file, and its turn comes before that of all others.
        first_chunk(&dispatch, &[uuid::Uuid::from_u128(7)]).await;
        dispatch
            .sql(
                "UPDATE job SET run_at = '2000-01-01 00:00:00+00:00' \
                 WHERE kind = 'build_payment_file' AND natural_key LIKE '%:0'",
            )
            .await;
        job::drain(&house.app, job::KINDS).await.unwrap();

        let someone = Actor::system("tests");
        let files = dispatch.files().await;
        let left: Vec<_> = files.iter().filter(|file| file.status.code() == "pending").collect();
        assert!(!left.is_empty() && left.len() < files.len(), "{files:#?}");
        assert!(
            left.iter().all(|file| file.message_id.is_none()),
            "payments go out: {left:#?}"
        );
        let stands = work(house, &someone).await;
        let done = stands.total - i64::try_from(left.len()).unwrap();
        assert_eq!((stands.status, stands.done), (RunState::Paused, done));
        let reason = stands.reason.unwrap();
        assert!(reason.vi.starts_with("Chưa làm được 1 phần"), "{}", reason.vi);
        assert!(reason.en.contains("is dead: not-found"), "{}", reason.en);

        let ids: Vec<_> = left.iter().map(|file| file.id).collect();
        first_chunk(&dispatch, &ids).await;
        run::resume(&house.app, &someone, stands.id).await.unwrap();
        job::drain(&house.app, job::KINDS).await.unwrap();
        let stands = work(house, &someone).await;
        assert_eq!((stands.status, stands.reason), (RunState::Done, None));
        let files = dispatch.files().await;
        assert!(files.iter().all(|file| file.status.code() == "built"), "{files:#?}");
        dispatch.holds().await;
    });
}
