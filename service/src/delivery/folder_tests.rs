//! Drop folders that are whole, taken, missing, not mounted, or full of what is no file.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

fn parcel(bytes: &[u8]) -> Parcel {
    Parcel {
        name: "a.xml".to_owned(),
        bytes: bytes.to_vec(),
        manifest: Some(("a.manifest.json".to_owned(), b"{}".to_vec())),
        signature: Some(("a.manifest.json.sig".to_owned(), b"signed".to_vec())),
    }
}

fn send(folder: &Path, parcel: &Parcel) -> Result<(), Lost> {
    DropFolder::open(folder).unwrap().put_down(parcel)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// The drop folder as it was opened while another device was mounted there.
fn unmounted(folder: &Path) -> DropFolder {
    let own = DropFolder::open(folder).unwrap();
    let device = own.device.get().unwrap() + 1;
    DropFolder {
        device: Arc::new(OnceLock::from(device)),
        ..own
    }
}

#[test]
fn a_parcel_lies_there_whole_with_nothing_beside_it_and_twice_is_once() {
    let folder = tempfile::TempDir::new().unwrap();
    // What a writer that died left behind.
    fs::write(folder.path().join("a.xml.0192.part"), b"ha").unwrap();
    for _ in 0..2 {
        send(folder.path(), &parcel(b"half and half")).unwrap();
        assert_eq!(
            names(folder.path()),
            ["a.manifest.json", "a.manifest.json.sig", "a.xml"]
        );
        assert_eq!(fs::read(folder.path().join("a.xml")).unwrap(), b"half and half");
    }
}

#[test]
fn other_bytes_are_never_overwritten() {
    let folder = tempfile::TempDir::new().unwrap();
    for other in ["others", "also"] {
        fs::write(folder.path().join("a.xml"), other).unwrap();
        let refused = send(folder.path(), &parcel(b"ours"));
        assert!(matches!(refused, Err(Lost::Refused(_))), "{refused:?}");
        assert_eq!(fs::read(folder.path().join("a.xml")).unwrap(), other.as_bytes());
    }
}

#[tokio::test]
async fn without_its_folder_nothing_leaves_and_nothing_is_absent() {
    let folder = tempfile::TempDir::new().unwrap();
    let gone = folder.path().join("gone");
    // The share may be mounted later: only what is no folder at all is refused.
    let road = DropFolder::open(&gone).unwrap();
    assert!(matches!(road.send(&parcel(b"ours")).await, Err(Lost::NotLeft(_))));
    assert!(
        road.look("a.xml", "00")
            .await
            .unwrap_err()
            .contains("ANSINH_DROP_FOLDER")
    );
    assert!(road.acknowledgement("a.xml").await.is_err() && road.ping().await.is_err());
    assert!(road.glance().await.is_err());
    fs::create_dir(&gone).unwrap();
    road.glance().await.unwrap();
    assert!(names(&gone).is_empty(), "a glance writes nothing");
    road.send(&parcel(b"ours")).await.unwrap();
    let file = DropFolder::open(&gone.join("a.xml")).unwrap_err();
    assert!(file.detail.unwrap().en.contains("ANSINH_DROP_FOLDER"));
}

#[tokio::test]
async fn a_share_that_is_no_longer_mounted_takes_nothing_and_tells_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let road = unmounted(folder.path());
    let lost = road.send(&parcel(b"ours")).await;
    assert!(
        matches!(&lost, Err(Lost::NotLeft(why)) if why.contains("another device")),
        "{lost:?}"
    );
    assert!(names(folder.path()).is_empty());
    assert!(road.look("a.xml", "00").await.is_err());
    assert!(road.acknowledgement("a.xml").await.is_err());
    assert!(road.ping().await.is_err() && road.glance().await.is_err());
}

#[test]
fn a_taken_name_is_not_placed_over() {
    let folder = tempfile::TempDir::new().unwrap();
    let (part, target) = (folder.path().join("x.part"), folder.path().join("x"));
    fs::write(&part, b"1").unwrap();
    fs::write(&target, b"2").unwrap();
    let refused = place::at(&part, &target).unwrap_err();
    assert_eq!(refused.error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&target).unwrap(), b"2");
}

#[test]
fn what_a_share_answers_to_a_request_sent_twice_proves_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let (part, target) = (folder.path().join("x.part"), folder.path().join("a.xml"));
    let parcel = parcel(b"ours");
    let piece = parcel.pieces().last().unwrap();
    let outcome = |renamed, kind: ErrorKind| {
        let refusal = place::Refusal {
            renamed,
            error: kind.into(),
        };
        refused(&refusal, &part, &target, &piece)
    };
    // It was renamed, and its reader took it before the second answer.
    assert!(matches!(outcome(true, ErrorKind::NotFound), Err(Lost::Unknown(_))));
    assert!(matches!(outcome(true, ErrorKind::TimedOut), Err(Lost::Unknown(_))));
    // The part is still there: it was not renamed.
    fs::write(&part, b"ours").unwrap();
    assert!(matches!(
        outcome(true, ErrorKind::PermissionDenied),
        Err(Lost::NotLeft(_))
    ));
    // It was linked, and its reader took it before the second answer.
    assert!(matches!(
        outcome(false, ErrorKind::AlreadyExists),
        Err(Lost::Unknown(_))
    ));
    assert!(matches!(outcome(false, ErrorKind::TimedOut), Err(Lost::Unknown(_))));
    assert!(matches!(outcome(false, ErrorKind::StorageFull), Err(Lost::NotLeft(_))));
    // It lies there: ours, or others.
    fs::write(&target, b"ours").unwrap();
    assert_eq!(outcome(false, ErrorKind::AlreadyExists), Ok(()));
    fs::write(&target, b"more than ours").unwrap();
    assert!(matches!(outcome(true, ErrorKind::AlreadyExists), Err(Lost::Refused(_))));
}

#[tokio::test]
async fn only_ordinary_files_of_a_possible_size_are_opened() {
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let road = DropFolder::open(folder.path()).unwrap();
    // Nobody ever writes into these pipes: whoever opens one waits for ever.
    pipe(&at("a.xml"));
    pipe(&at("a.xml.ack"));
    assert_eq!(road.look("a.xml", "00").await, Ok(Seen::Other));
    assert_eq!(road.acknowledgement("a.xml").await, Ok(None));
    assert!(matches!(road.send(&parcel(b"ours")).await, Err(Lost::Refused(_))));
    // A file that claims more bytes than any of ours has, and takes no room.
    File::create_new(at("b.xml")).unwrap().set_len(FILE_MAX + 1).unwrap();
    assert_eq!(road.look("b.xml", "00").await, Ok(Seen::Other));
}

#[tokio::test]
async fn an_acknowledgement_is_not_read_where_a_link_leads() {
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let road = DropFolder::open(folder.path()).unwrap();
    let hash = "ab".repeat(32);
    fs::write(at("elsewhere"), &hash).unwrap();
    symlink(at("elsewhere"), at("a.xml.ack")).unwrap();
    assert_eq!(road.acknowledgement("a.xml").await, Ok(None));
    fs::remove_file(at("a.xml.ack")).unwrap();
    fs::write(at("a.xml.ack"), &hash).unwrap();
    assert_eq!(road.acknowledgement("a.xml").await, Ok(Some(hash)));
}
