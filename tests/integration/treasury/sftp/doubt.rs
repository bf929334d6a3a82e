//! The answer to the last rename is lost: nobody pays twice, and nobody forgets.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use service::ProblemCode;
use service::delivery::{self, Sftp, SftpSettings};

use super::Errand;
use super::server::Mood;
use crate::harness::each_engine;

#[test]
fn cut_after_the_rename_it_is_found_there_and_sent_once() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        errand.server.is(Mood::CutsAfterTheRename);
        let sent = errand.send(&errand.server.road()).await;
        errand.stands("delivered", "sent", "extracted").await;
        assert_eq!((sent.attempt, sent.error), (1, None));
        assert_eq!(errand.server.begun(), 1);
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}

#[test]
fn cut_before_the_rename_it_is_unknown_until_asked_and_goes_out_the_same() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        errand.server.is(Mood::CutsBeforeTheRename);
        let road = errand.server.road();
        let first = errand.send(&road).await;
        errand.stands("unknown", "unknown", "unknown").await;
        errand.server.is(Mood::Honest);
        // Nobody sends it while nobody knows.
        let app = errand.dispatch.by(&road);
        let early = delivery::deliver(&app, &errand.dispatch.treasury, errand.file.id).await;
        assert_eq!(early.unwrap_err().code, ProblemCode::IllegalTransition);
        assert_eq!(errand.server.begun(), 1);
        errand.chase(&road).await;
        let asked = errand.last().await;
        assert_eq!(
            (json!(asked.status), asked.error.as_deref()),
            (json!("failed"), Some("absent"))
        );
        let second = errand.send(&road).await;
        errand.stands("delivered", "sent", "extracted").await;
        assert_eq!(
            (second.attempt, &second.target_name, &second.sha256),
            (2, &first.target_name, &first.sha256)
        );
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}

#[test]
fn while_nobody_can_look_it_stays_unknown_and_then_it_was_there_all_along() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        errand.server.is(Mood::CutsAfterTheRenameAndIsAway);
        let road = errand.server.road();
        let lost = errand.send(&road).await;
        errand.stands("unknown", "unknown", "unknown").await;
        let app = errand.dispatch.by(&road);
        let blind = delivery::check(&app, &errand.dispatch.treasury, lost.id).await;
        assert_eq!(blind.unwrap_err().code, ProblemCode::Unavailable);
        errand.stands("unknown", "unknown", "unknown").await;
        errand.server.is(Mood::Honest);
        errand.chase(&road).await;
        errand.stands("delivered", "sent", "extracted").await;
        assert_eq!((errand.last().await.attempt, errand.server.begun()), (1, 1));
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}

#[test]
fn a_rename_that_is_never_answered_is_looked_for() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        errand.server.is(Mood::RenamesInSilence);
        let settings = SftpSettings {
            // Longer than any answer takes that comes.
            answer: Duration::from_secs(10),
            ..errand.server.settings()
        };
        let sent = errand.send(&Arc::new(Sftp::open(settings).unwrap())).await;
        errand.stands("delivered", "sent", "extracted").await;
        assert_eq!((sent.attempt, errand.server.begun()), (1, 1));
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}
