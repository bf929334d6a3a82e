//! A server that lies of its sizes, or never comes to an end.

use service::delivery::{Lost, Parcel, Seen, Transport};
use sha2::{Digest, Sha256};

use super::server::{Mood, Server};

fn parcel(bytes: &[u8]) -> Parcel {
    Parcel {
        name: "a.xml".to_owned(),
        bytes: bytes.to_vec(),
        manifest: None,
        signature: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_shorter_than_told_is_neither_ours_nor_absent() {
    let server = Server::start().await;
    let road = server.road();
    let hash = hex::encode(Sha256::digest(b"ours"));
    server.put("in/a.xml", b"ours");
    server.is(Mood::TellsAnotherSize);
    let blind = road.look("a.xml", &hash).await.unwrap_err();
    assert!(blind.contains("another size than the server tells"), "{blind}");
    // A size that is none is not read towards.
    let read = server.read();
    server.is(Mood::TellsNoSize);
    assert_eq!(road.look("a.xml", &hash).await, Ok(Seen::Other));
    assert_eq!(server.read(), read);
    server.is(Mood::Honest);
    assert_eq!(road.look("a.xml", &hash).await, Ok(Seen::Same));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_length_is_another_content_and_is_not_read() {
    let server = Server::start().await;
    let road = server.road();
    server.put("in/a.xml", &[7; 200_000]);
    let refused = road.send(&parcel(b"ours")).await;
    assert!(matches!(refused, Err(Lost::Refused(_))), "{refused:?}");
    assert_eq!(server.read(), 0);
    // The same length is read.
    server.put("in/a.xml", b"thei");
    let refused = road.send(&parcel(b"ours")).await;
    assert!(matches!(refused, Err(Lost::Refused(_))), "{refused:?}");
    assert!(server.read() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_without_an_end_ends() {
    let server = Server::start().await;
    let road = server.road();
    server.is(Mood::ListsNothingForEver);
    road.send(&parcel(b"ours")).await.unwrap();
    assert_eq!(server.listed(), 1);
    server.take("in/a.xml");
    server.is(Mood::ListsForEver);
    road.send(&parcel(b"ours")).await.unwrap();
    assert_eq!(server.listed(), 10_001);
    assert_eq!(server.lies_there()["in/a.xml"], b"ours");
}
