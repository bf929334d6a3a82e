//! Whatever goes wrong before the last rename, nothing has left, and it is tried again.

use std::sync::Arc;
use std::time::Duration;

use russh::keys::HashAlg;
use serde_json::json;
use service::delivery::{Login, Sftp, SftpSettings};

use super::Errand;
use super::server::{Mood, PASSWORD, Server, ed25519};
use crate::harness::each_engine;

/// A mood of the server, the settings we go there with, and what an operator reads of it.
fn mishaps(server: &Server) -> Vec<(Mood, SftpSettings, &'static str)> {
    let own = || server.settings();
    let print = ed25519().public_key().fingerprint(HashAlg::Sha256).to_string();
    let changed = SftpSettings {
        host_keys: vec![print],
        ..own()
    };
    let brief = SftpSettings {
        connect: Duration::from_millis(300),
        ..own()
    };
    let wrong = SftpSettings {
        login: Login::Password("guess".to_owned()),
        ..own()
    };
    let lost = SftpSettings {
        folder: "elsewhere".to_owned(),
        ..own()
    };
    vec![
        (Mood::Away, own(), ""),
        (Mood::Mute, brief, "to connect in vain"),
        (Mood::RefusesLogin, own(), "refuses the login of ansinh"),
        (Mood::Honest, wrong, "refuses the login of ansinh"),
        (Mood::Honest, changed, "which is not pinned"),
        (Mood::Honest, lost, "No such file"),
        (Mood::CutsTheUpload, own(), ""),
        (Mood::DiskFull, own(), "the disk is full"),
        (Mood::RefusesTheRename, own(), "Permission denied"),
    ]
}

#[test]
fn nothing_left_is_told_tried_again_and_arrives_once() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        let mut queued = false;
        for (mood, settings, told) in mishaps(&errand.server) {
            errand.server.is(mood);
            let road = Arc::new(Sftp::open(settings).unwrap());
            if queued {
                errand.dispatch.later().await;
                errand.dispatch.drain(&road).await;
            } else {
                errand.send(&road).await;
                queued = true;
            }
            let last = errand.last().await;
            assert_eq!(
                (json!(last.status), last.error.as_deref(), last.attempt),
                (json!("queued"), Some("unreachable"), 1),
                "{mood:?}"
            );
            let detail = last.detail.unwrap();
            assert!(
                detail.contains(told) && !detail.contains(PASSWORD),
                "{mood:?}: {detail}"
            );
            assert!(!format!("{road:?}").contains(PASSWORD));
            errand.stands("built", "queued", "extracted").await;
            let there = errand.server.lies_there();
            assert!(!there.contains_key(&errand.path()), "{mood:?}: {:?}", there.keys());
        }
        // What was cut off left its half there, and it is cleared away.
        errand.server.is(Mood::Honest);
        errand.dispatch.later().await;
        errand.dispatch.drain(&errand.server.road()).await;
        errand.stands("delivered", "sent", "extracted").await;
        assert_eq!(errand.last().await.attempt, 1);
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}
