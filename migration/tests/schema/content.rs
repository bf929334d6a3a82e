//! The bytes of a payment file come before it is built, and stay as they are; so does what a draft of law was written on.

use entity::enums::{FileKind, FileStatus};
use entity::{payment_file, payment_file_content};
use migration::{Refusal, refusal};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseConnection, IntoActiveModel};

use crate::support;
use crate::support::{id, migrated, noon};

async fn file(db: &DatabaseConnection) -> payment_file::Model {
    let file = payment_file::Model {
        id: id(),
        pay_run_id: support::run(db).await.id,
        name: "pain001-AGRIBANK-1.xml".to_owned(),
        kind: FileKind::Pain001,
        bank_code: Some("AGRIBANK".to_owned()),
        message_id: Some("AS2507F1".to_owned()),
        order_count: 1,
        sum: 500_000,
        account_hash_total: "1".to_owned(),
        sha256: None,
        size: None,
        status: FileStatus::Pending,
        acknowledged_by: None,
        acknowledged_at: None,
        position: 0,
        version: 1,
        created_at: noon(),
        terms: None,
        seal: None,
        batch_id: Some("AS2507B1".to_owned()),
    };
    file.into_active_model().reset_all().insert(db).await.unwrap()
}

async fn refused(db: &DatabaseConnection, sql: &str) -> Option<Refusal> {
    refusal(&db.execute_unprepared(sql).await.unwrap_err())
}

#[tokio::test]
async fn the_bytes_of_a_file_come_before_it_is_built_and_stay() {
    let db = migrated().await;
    let file = file(&db).await;
    let part = payment_file_content::Model {
        file_id: file.id,
        part: 0,
        bytes: vec![3, 0],
    };
    let first = part.clone().into_active_model().reset_all();
    first.insert(&db).await.unwrap();
    let built = payment_file::Model {
        sha256: Some("e3b0".to_owned()),
        size: Some(0),
        status: FileStatus::Built,
        ..file
    };
    let built = built.into_active_model().reset_all().update(&db).await.unwrap();
    for sql in [
        "UPDATE payment_file_content SET bytes = bytes",
        "DELETE FROM payment_file_content",
    ] {
        assert_eq!(refused(&db, sql).await, Some(Refusal::AppendOnly), "{sql}");
    }
    for sql in [
        "UPDATE payment_file SET sha256 = 'other'",
        "UPDATE payment_file SET sha256 = NULL",
        "UPDATE payment_file SET size = 1",
        "UPDATE payment_file SET message_id = 'other'",
        "UPDATE payment_file SET batch_id = 'other'",
        "UPDATE payment_file SET batch_id = NULL",
    ] {
        assert_eq!(refused(&db, sql).await, Some(Refusal::Immutable), "{sql}");
    }
    let second = payment_file_content::Model { part: 1, ..part };
    let late = second.into_active_model().reset_all().insert(&db).await.unwrap_err();
    assert_eq!(refusal(&late), Some(Refusal::Immutable));
    // What is said of its delivery still changes.
    let delivered = payment_file::Model {
        status: FileStatus::Delivered,
        ..built
    };
    delivered.into_active_model().reset_all().update(&db).await.unwrap();
}

#[tokio::test]
async fn what_a_draft_of_law_was_written_on_stays() {
    let db = migrated().await;
    support::instrument(&db, None).await;
    for sql in [
        "UPDATE instrument SET base_release = 7",
        "UPDATE instrument SET corrected_hash = 'other'",
    ] {
        assert_eq!(refused(&db, sql).await, Some(Refusal::Immutable), "{sql}");
    }
    db.execute_unprepared("UPDATE instrument SET base_release = base_release, title = 'Mức khác'")
        .await
        .unwrap();
}
