//! Files that arrive.

use std::sync::Arc;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use serde_json::json;
use service::delivery::{self, DeliveryChannel, Parcel, Seen, Sftp, SftpSettings, Transport};
use sha2::{Digest, Sha256};

use super::Errand;
use super::server::{Mood, Server, ed25519, new_key, rsa};
use crate::harness::each_engine;
use crate::treasury::road::Dispatch;

#[test]
fn a_released_run_goes_out_whole_and_the_receiver_acknowledges_it() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        // A server with two keys, of which the RSA one is pinned.
        let server = Server::with_keys(vec![ed25519(), rsa()]).await;
        let road = Arc::new(
            Sftp::open(SftpSettings {
                login: server.login_by_key(dispatch.folder.path(), "mở khóa"),
                host_keys: server.host_keys[1..].to_vec(),
                ..server.settings()
            })
            .unwrap(),
        );
        let app = dispatch.by(&road);
        dispatch.release(&app).await;
        dispatch.drain(&road).await;
        let mut there = server.lies_there();
        let files = dispatch.files().await;
        assert!(files.len() > 2, "{files:?}");
        for file in &files {
            let own = dispatch.last(file.id).await;
            assert_eq!((json!(own.status), own.channel), (json!("sent"), DeliveryChannel::Sftp));
            let bytes = there.remove(&format!("in/{}", own.target_name)).unwrap();
            assert_eq!(Some(hex::encode(Sha256::digest(&bytes))), file.sha256);
            server.put(
                &format!("out/{}.ack", own.target_name),
                own.sha256.to_uppercase().as_bytes(),
            );
        }
        assert_eq!(
            there.len(),
            2 * files.len(),
            "a manifest and its signature each: {:?}",
            there.keys()
        );
        assert!(there.keys().all(|name| name.contains(".manifest.json")));
        let own = dispatch.last(files[0].id).await;
        let asked = delivery::check(&app, &dispatch.treasury, own.id).await.unwrap();
        assert_eq!(json!(asked.status), json!("acknowledged"));
        dispatch.holds().await;
    });
}

#[test]
fn an_acknowledgement_of_other_bytes_is_a_problem_and_one_that_is_no_hash_is_none_yet() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        let road = errand.server.road();
        errand.send(&road).await;
        let told = format!("out/{}.ack", errand.last().await.target_name);
        let id = errand.last().await.id;
        let app = errand.dispatch.by(&road);
        let own = errand.last().await.sha256;
        let utf16: Vec<u8> = own.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let unread: [&[u8]; 4] = [b"", b"OK\n", b"c0ffee", &utf16];
        for other in unread {
            errand.server.put(&told, other);
            delivery::check(&app, &errand.dispatch.treasury, id).await.unwrap();
            errand.stands("delivered", "sent", "extracted").await;
        }
        // Where a link leads is nobody's word.
        errand.server.put(&told, own.as_bytes());
        errand.server.is(Mood::LinksAcknowledgements);
        delivery::check(&app, &errand.dispatch.treasury, id).await.unwrap();
        errand.stands("delivered", "sent", "extracted").await;
        errand.server.is(Mood::Honest);
        errand.server.put(&told, "c0ffee00".repeat(8).as_bytes());
        let asked = delivery::check(&app, &errand.dispatch.treasury, id).await.unwrap();
        assert_eq!(asked.error.as_deref(), Some("wrong_acknowledgement"));
        errand.dispatch.holds().await;
    });
}

#[test]
fn what_lies_there_already_is_not_sent_again_and_never_overwritten() {
    each_engine(async |house| {
        let errand = Errand::open(house).await;
        let road = errand.server.road();
        errand.server.put(&errand.path(), b"somebody else's");
        // What a writer that died left behind.
        errand.server.put(&format!("{}.0192.part", errand.path()), b"ha");
        let failed = errand.send(&road).await;
        assert_eq!(
            (json!(failed.status), failed.error.as_deref()),
            (json!("failed"), Some("other_bytes"))
        );
        assert_eq!(errand.server.lies_there()[&errand.path()], b"somebody else's");
        assert_eq!(errand.server.begun(), 0);
        // A person clears it away; another overtakes us between the look and the rename.
        errand.server.take(&errand.path());
        errand.server.is(Mood::IsOvertaken);
        let failed = errand.send(&road).await;
        assert_eq!(
            (json!(failed.status), failed.error.as_deref()),
            (json!("failed"), Some("other_bytes"))
        );
        assert_eq!(errand.server.lies_there()[&errand.path()], b"somebody else's");
        // The third time our own bytes lie there, and not one is written.
        let app = errand.dispatch.by(&road);
        let content = service::payment_file::content(&app, &errand.dispatch.treasury, errand.file.id).await;
        errand.server.put(&errand.path(), &content.unwrap().1);
        errand.server.is(Mood::Honest);
        let begun = errand.server.begun();
        let sent = errand.send(&road).await;
        assert_eq!((json!(sent.status), sent.attempt), (json!("sent"), 3));
        assert_eq!(errand.server.begun(), begun);
        errand.lies_there_whole().await;
        errand.dispatch.holds().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_many_spans_arrives_whole() {
    let server = Server::start().await;
    let road = server.road();
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    let parcel = Parcel {
        name: "a.xml".to_owned(),
        bytes: bytes.clone(),
        manifest: None,
        signature: None,
    };
    road.send(&parcel).await.unwrap();
    assert!(server.lies_there()["in/a.xml"] == bytes);
    let hash = hex::encode(Sha256::digest(&bytes));
    assert_eq!(road.look("a.xml", &hash).await, Ok(Seen::Same));
    assert_eq!(road.look("a.xml", "00").await, Ok(Seen::Other));
    assert_eq!(road.look("b.xml", &hash).await, Ok(Seen::Absent));
    road.ping().await.unwrap();
    assert_eq!(server.lies_there().len(), 1, "the probe is gone");
    // A folder that is not there is no empty folder.
    let lost = SftpSettings {
        folder: "elsewhere".to_owned(),
        acknowledgements: None,
        ..server.settings()
    };
    let lost = Sftp::open(lost).unwrap();
    assert!(lost.look("a.xml", &hash).await.unwrap_err().contains("No such file"));
    assert!(lost.acknowledgement("a.xml").await.is_err());
    assert!(lost.ping().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_and_one_that_was_cut_is_made_anew() {
    let server = Server::start().await;
    let road = server.road();
    for _ in 0..3 {
        assert_eq!(road.look("a.xml", "00").await, Ok(Seen::Absent));
    }
    assert_eq!(server.connections(), 1);
    server.cut().await;
    assert_eq!(road.acknowledgement("a.xml").await, Ok(None));
    assert_eq!(server.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_host_key_is_known_by_its_line_and_its_fingerprint_and_no_other_is() {
    let p256 = Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP256,
    };
    let p384 = Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP384,
    };
    for key in [ed25519(), new_key(p256), new_key(p384), rsa()] {
        let kind = key.algorithm().as_str().to_owned();
        let print = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        let server = Server::with_keys(vec![key]).await;
        for pin in [&server.host_keys[0], &print] {
            let road = pinned(&server, pin);
            assert_eq!(road.look("a.xml", "00").await, Ok(Seen::Absent), "{pin}");
        }
        let other = new_key(Algorithm::Ed25519).public_key().fingerprint(HashAlg::Sha256);
        let refused = pinned(&server, &other.to_string()).look("a.xml", "00").await;
        assert_eq!(
            refused.unwrap_err(),
            format!("the server shows the host key {kind} {print}, which is not pinned")
        );
    }
}

fn pinned(server: &Server, pin: &str) -> Sftp {
    let settings = SftpSettings {
        host_keys: vec![pin.to_owned()],
        ..server.settings()
    };
    Sftp::open(settings).unwrap()
}
