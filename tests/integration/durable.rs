//! What was committed is on the disk before a byte of it leaves the house.

use sea_orm::{ConnectionTrait, Statement};
use service::Db;

use crate::harness::each_engine;

/// How the writer syncs its commits.
async fn synced(db: &Db) -> String {
    let conn = db.owner();
    let sql = if db.is_sqlite() {
        "SELECT CAST(synchronous AS TEXT) AS told FROM pragma_synchronous"
    } else {
        "SELECT current_setting('synchronous_commit') AS told"
    };
    let ask = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(ask).await.unwrap().unwrap();
    row.try_get("", "told").unwrap()
}

#[test]
fn every_commit_is_synced_whatever_the_server_is_set_to() {
    each_engine(async |house| {
        let db = &house.app.db;
        if db.is_sqlite() {
            // FULL: the log is synced at each commit, not at its checkpoints alone.
            assert_eq!(synced(db).await, "2");
            return;
        }
        let conn = db.owner();
        let sql = "SELECT current_database()::text AS told";
        let ask = Statement::from_string(conn.get_database_backend(), sql);
        let row = conn.query_one_raw(ask).await.unwrap().unwrap();
        let name: String = row.try_get("", "told").unwrap();
        // Somebody has made the server fast.
        let careless = format!("ALTER DATABASE {name} SET synchronous_commit = off");
        conn.execute_unprepared(&careless).await.unwrap();
        let server = std::env::var("ANSINH_TEST_POSTGRES").unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let again = Db::connect(&format!("{base}/{name}")).await.unwrap();
        assert_eq!(synced(&again).await, "on");
        again.close().await.unwrap();
    });
}
