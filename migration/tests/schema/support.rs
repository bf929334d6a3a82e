//! A migrated database of its own for each test: SQLite in memory, or where `MIGRATION_TEST_URL` names a PostgreSQL
//! server (`postgres://user@host:port`, its user may create databases), a new database there.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::*;
use entity::{approval_act, instrument, pay_run, release, user_account};
use sea_orm::{ActiveModelTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Set};
use uuid::Uuid;

/// An empty SQLite database.
pub(crate) async fn sqlite() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.sqlx_logging(false).max_connections(1);
    Database::connect(options).await.unwrap()
}

/// An empty database.
pub(crate) async fn empty() -> DatabaseConnection {
    let Ok(server) = std::env::var("MIGRATION_TEST_URL") else {
        return sqlite().await;
    };
    let name = format!("t{}", id().simple());
    let admin = Database::connect(format!("{server}/postgres")).await.unwrap();
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    let mut options = ConnectOptions::new(format!("{server}/{name}"));
    options.sqlx_logging(false).max_connections(8);
    Database::connect(options).await.unwrap()
}

/// A migrated database.
pub(crate) async fn migrated() -> DatabaseConnection {
    let db = empty().await;
    migration::run(&db).await.unwrap();
    db
}

/// A new id.
pub(crate) fn id() -> Uuid {
    use std::hash::{BuildHasher, RandomState};
    Uuid::from_u64_pair(RandomState::new().hash_one(0), RandomState::new().hash_one(1))
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2025-07-01T05:00:00Z".parse().unwrap()
}

pub(crate) fn day() -> NaiveDate {
    noon().date_naive()
}

/// A person who can act.
pub(crate) async fn user(db: &DatabaseConnection) -> Uuid {
    let user = user_account::ActiveModel {
        id: Set(id()),
        name: Set("Nguyễn Thị Hoa".to_owned()),
        created_at: Set(noon()),
        disabled_at: Set(None),
        staff_number: Set(None),
    };
    user.insert(db).await.unwrap().id
}

/// Puts an act on record.
pub(crate) async fn act(
    db: &DatabaseConnection,
    (table, subject): (&str, Uuid),
    act: Act,
    user: Uuid,
    (revision, digest): (i64, &str),
) -> Result<approval_act::Model, DbErr> {
    let act = approval_act::ActiveModel {
        id: Set(id()),
        subject: Set(format!("{table}:{}", subject.simple())),
        revision: Set(revision),
        act: Set(act),
        user_id: Set(user),
        digest: Set(digest.to_owned()),
        at: Set(noon()),
    };
    act.insert(db).await
}

/// A submitted instrument, of the catalogue or drafted here.
pub(crate) async fn instrument(db: &DatabaseConnection, catalogue_order: Option<i32>) -> instrument::Model {
    let instrument = instrument::ActiveModel {
        id: Set(id()),
        number: Set(format!("{}/NQ-HĐND", id().simple())),
        title: Set("Mức chuẩn trợ giúp xã hội".to_owned()),
        issuer: Set(Issuer::Provincial),
        issued_on: Set(day()),
        in_force_from: Set(day()),
        status: Set(InstrumentStatus::Submitted),
        body: Set(serde_json::json!({"articles": []})),
        body_hash: Set("b0d1".to_owned()),
        revision: Set(3),
        version: Set(1),
        catalogue_order: Set(catalogue_order),
        release_number: Set(None),
        drafted_by: Set(None),
        created_at: Set(noon()),
        updated_at: Set(noon()),
        text_sha256: Set(None),
        corrects: Set(None),
        correction_reason: Set(None),
        signed_digest: Set(Some("b0d1".to_owned())),
        base_release: Set(None),
        corrected_hash: Set(None),
    };
    instrument.insert(db).await.unwrap()
}

/// A submitted run of revision 1 with the digest `d1`.
pub(crate) async fn run(db: &DatabaseConnection) -> pay_run::Model {
    let release = release::ActiveModel {
        number: Set(1),
        instrument_id: Set(instrument(db, Some(1)).await.id),
        published_at: Set(noon()),
        published_by: Set(None),
        reach_back_month: Set(202_507),
        digest: Set("r1".to_owned()),
    };
    release.insert(db).await.unwrap();
    let run = pay_run::ActiveModel {
        id: Set(id()),
        kind: Set(PayRunKind::Regular),
        cover_month: Set(202_507),
        sequence: Set(1),
        pay_date: Set(day()),
        release_number: Set(1),
        evidence_watermark: Set(1),
        status: Set(PayRunStatus::Submitted),
        build: Set(Build::Done),
        revision: Set(1),
        line_count: Set(1),
        total: Set(500_000),
        digest: Set(Some("d1".to_owned())),
        made_by: Set(None),
        submitted_at: Set(Some(noon())),
        approved_at: Set(None),
        released_at: Set(None),
        relief_event_id: Set(None),
        fund_id: Set(None),
        version: Set(1),
        created_at: Set(noon()),
        deducted: Set(0),
        build_revision: Set(1),
        approvals: Set(1),
        approval_role: Set("approver".to_owned()),
        areas: Set(None),
        channel: Set(None),
        rejected_reason: Set(None),
        execution_date: Set(None),
        fund_code: Set("social_assistance".to_owned()),
        benefits: Set(None),
    };
    run.insert(db).await.unwrap()
}
