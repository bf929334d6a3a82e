//! Files that reach their target, and what the receiver says of them.

use std::fs;

use domain::payment_file::Manifest;
use serde_json::{Value, json};
use service::delivery;
use service::job::{self, Job};
use service::payment_file;
use service::{ProblemCode, Role};
use sha2::{Digest, Sha256};

use super::desk::Browser;
use super::road::{Dispatch, Fate, Road, signed_by_the_installation};
use crate::harness::each_engine;
use crate::overpayment::town::Town;
use crate::reconciliation::bank::of;

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn built_files_go_out_whole_with_their_manifests() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        dispatch.release(&dispatch.by(&road)).await;
        dispatch.drain(&road).await;
        let mut lies_there = dispatch.lies_there();
        let files = dispatch.files().await;
        assert!(files.len() > 2, "{files:?}");
        for file in files {
            let own = dispatch.last(file.id).await;
            assert_eq!(own.target_name, format!("regular-202409-1-{}", file.name));
            let bytes = lies_there.remove(&own.target_name).unwrap();
            assert_eq!(Some(sha256(&bytes)), file.sha256);
            assert_eq!(
                (json!(own.status), json!(file.status)),
                (json!("sent"), json!("delivered"))
            );
            let name = Manifest::file_name(&own.target_name);
            let manifest = lies_there.remove(&name).unwrap();
            let signature = lies_there.remove(&format!("{name}.sig")).unwrap();
            let signed = signed_by_the_installation(&house.app, &dispatch.treasury, &manifest, &signature).await;
            assert!(signed);
            let manifest: Value = serde_json::from_slice(&manifest).unwrap();
            assert_eq!(manifest["file"], own.target_name);
            assert_eq!(manifest["sha256"], own.sha256);
            if json!(file.kind) == "change_list" {
                assert!(
                    manifest.get("sum").is_none() && manifest.get("count").is_none(),
                    "{manifest}"
                );
            } else {
                assert_eq!(manifest["sum"], file.sum);
                assert_eq!(manifest["count"], file.order_count);
            }
        }
        assert!(
            lies_there.is_empty(),
            "something else lies there: {:?}",
            lies_there.keys()
        );
        // Nothing more is sent by asking for it.
        let again = delivery::deliver(&dispatch.by(&road), &dispatch.treasury, dispatch.order_file().await.id).await;
        assert_eq!(again.unwrap_err().code, ProblemCode::IllegalTransition);
        dispatch.holds().await;
    });
}

#[test]
fn another_content_at_the_target_is_never_overwritten() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let place = dispatch.folder.path().join(format!("regular-202409-1-{}", file.name));
        fs::write(&place, b"somebody else's").unwrap();
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        let app = dispatch.by(&road);
        delivery::deliver(&app, &dispatch.treasury, file.id).await.unwrap();
        dispatch.drain(&road).await;
        assert_eq!(fs::read(&place).unwrap(), b"somebody else's");
        let failed = delivery::list(&app, &dispatch.treasury, Some(of(json!("failed"))), None, None)
            .await
            .unwrap();
        assert_eq!(failed.items.len(), 1);
        assert_eq!(failed.items[0].error.as_deref(), Some("other_bytes"));
        assert!(failed.items[0].error_text.as_ref().unwrap().vi.contains("không ghi đè"));
        // A person clears it away, and it goes out.
        fs::remove_file(&place).unwrap();
        delivery::deliver(&app, &dispatch.treasury, file.id).await.unwrap();
        dispatch.drain(&road).await;
        assert_eq!(Some(sha256(&fs::read(&place).unwrap())), file.sha256);
        assert_eq!(dispatch.last(file.id).await.attempt, 2);
        dispatch.holds().await;
    });
}

#[test]
fn a_target_out_of_reach_is_tried_again() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        dispatch.build().await;
        let file = dispatch.order_file().await;
        let broken = Road::to(dispatch.folder.path(), Fate::CannotLeave);
        delivery::deliver(&dispatch.by(&broken), &dispatch.treasury, file.id)
            .await
            .unwrap();
        dispatch.drain(&broken).await;
        let waiting = dispatch.last(file.id).await;
        assert_eq!(
            (json!(waiting.status), waiting.error.as_deref()),
            (json!("queued"), Some("unreachable"))
        );
        assert_eq!(dispatch.lies_there().len(), 0);
        // Its next time comes.
        dispatch.later().await;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        dispatch.drain(&road).await;
        let sent = dispatch.last(file.id).await;
        assert_eq!((json!(sent.status), sent.error, sent.attempt), (json!("sent"), None, 1));
        dispatch.holds().await;
    });
}

#[test]
fn an_acknowledgement_beside_the_file_ends_its_delivery_if_its_hash_is_right() {
    each_engine(async |house| {
        let dispatch = Dispatch::open(house).await;
        let road = Road::to(dispatch.folder.path(), Fate::Arrives);
        let app = dispatch.by(&road);
        dispatch.release(&app).await;
        dispatch.drain(&road).await;
        let (right, wrong) = (dispatch.order_file().await, dispatch.files().await.pop().unwrap());
        assert_ne!(right.id, wrong.id);
        let own = dispatch.last(right.id).await;
        let told = |name: &str| dispatch.folder.path().join(format!("{name}.ack"));
        fs::write(
            told(&own.target_name),
            format!("{}  {}\r\n", own.sha256, own.target_name),
        )
        .unwrap();
        let other = dispatch.last(wrong.id).await;
        fs::write(told(&other.target_name), sha256(b"cut off")).unwrap();
        let chase = delivery::ChaseUnknownDeliveries {
            slot: app.clock.local().naive_local(),
        };
        app.db.write(async |txn| job::enqueue(txn, &chase).await).await.unwrap();
        dispatch.drain(&road).await;
        let (file, last, _) = dispatch.states(right.id).await;
        assert_eq!((file.as_str(), last.as_str()), ("acknowledged", "acknowledged"));
        let failed = dispatch.last(wrong.id).await;
        assert_eq!(
            (json!(failed.status), failed.error.as_deref()),
            (json!("failed"), Some("wrong_acknowledgement"))
        );
        assert_eq!(delivery::ChaseUnknownDeliveries::KIND, "chase_unknown_deliveries");
        dispatch.holds().await;
    });
}

#[test]
fn what_the_treasury_fetched_and_acknowledged_is_a_delivery_too() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let key = house.key(Role::Treasury, None).await;
        let file = payment_file::list(&house.app, &town.officers[3], run)
            .await
            .unwrap()
            .remove(0);
        let path = format!("/v1/payment-files/{}", file.id);
        let refused = house
            .call("POST", &format!("{path}/deliver"))
            .key(&key)
            .once("d")
            .send()
            .await;
        refused.problem("conflict");
        let acknowledge = async |once: &str| {
            let post = house.call("POST", &format!("{path}/acknowledge")).key(&key).once(once);
            let body = json!({"sha256": file.sha256});
            post.if_match(&format!("\"{}\"", file.version)).json(&body).send().await
        };
        // The list shows the hash, and nobody of the treasury holds the bytes: what an auditor reads is not theirs.
        let auditor = house.key(Role::Auditor, None).await;
        for (key, part) in [(&auditor, "content"), (&key, "manifest"), (&key, "signature")] {
            let read = house.call("GET", &format!("{path}/{part}")).key(key).send().await;
            assert_eq!(read.status, 200, "{part}: {read:?}");
        }
        // Nor does anybody hold what was not sent because they can't read it.
        let content = house.call("GET", &format!("{path}/content")).key(&key);
        let unread = content.header("Accept", "application/json").send().await;
        unread.problem("not-acceptable");
        // Who was sent the headers alone holds nothing.
        let content = format!("{path}/content");
        let head = house.call("HEAD", &content).key(&key).send().await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
        let desk = Browser::signed_in(house, &key).await;
        let at_desk = desk.head(&format!("/treasury/files/{}/content", file.id)).await;
        assert_eq!((at_desk.status, at_desk.text.as_str()), (200, ""));
        assert_eq!(at_desk.header("content-length"), head.header("content-length"));
        let early = acknowledge("too-early").await;
        early.problem("conflict");
        let told = early.json();
        assert!(told["detail"].as_str().unwrap().contains(&file.name), "{told}");
        // Whoever of the treasury fetched it, another may acknowledge it.
        let colleague = house.key(Role::Treasury, None).await;
        for _ in 0..2 {
            let sent = house.call("GET", &content).key(&colleague).send().await;
            assert_eq!(sent.status, 200, "{sent:?}");
            for name in ["content-length", "content-disposition", "content-type"] {
                assert_eq!(sent.header(name), head.header(name), "{name}");
            }
        }
        let answer = acknowledge("a").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let trail = "/v1/audit-events?action=payment_file.fetch";
        let events = house.call("GET", trail).key(&auditor).send().await.json();
        let fetched = events["items"].as_array().unwrap().len();
        assert_eq!(fetched, 1, "once for each who took it: {events}");
        let listed = house
            .call("GET", &format!("{path}/deliveries"))
            .key(&key)
            .send()
            .await
            .json();
        let own = &listed["items"][0];
        assert_eq!(
            (&own["channel"], &own["status"], &own["sha256"], &own["attempt"]),
            (
                &json!("download"),
                &json!("acknowledged"),
                &json!(file.sha256),
                &json!(1)
            )
        );
        // Asking about it changes nothing.
        let check = format!("/v1/deliveries/{}/check", own["id"].as_str().unwrap());
        let asked = house.call("POST", &check).key(&key).once("c").send().await;
        assert_eq!(asked.json(), *own);
        let open = house
            .call("GET", "/v1/deliveries?status=unknown")
            .key(&key)
            .send()
            .await;
        assert_eq!(open.json()["items"], json!([]));
        town.close().await;
    });
}
