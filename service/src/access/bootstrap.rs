//! The first administrator of an empty installation.

use entity::{client, installation};
use sea_orm::{EntityTrait, PaginatorTrait, QuerySelect};

use crate::access::client::{CreateClient, issue};
use crate::access::grant::NewGrant;
use crate::access::user::{self, CreateUser};
use crate::actor::{Actor, Role};
use crate::app::App;
use crate::error::Error;

/// Makes the first administrator and gives its key; `None` where the installation has credentials already.
pub async fn bootstrap(app: &App) -> Result<Option<String>, Error> {
    if client::Entity::find().count(app.db.read()).await? > 0 {
        return Ok(None);
    }
    let installer = Actor::system("bootstrap");
    app.db
        .write(async |txn| {
            // The installation's row is the lock: of two processes that start together one finds the other's key.
            installation::Entity::find_by_id(1)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            if client::Entity::find().count(txn.conn()).await? > 0 {
                return Ok(None);
            }
            let name = CreateUser {
                name: "Quản trị viên đầu tiên".to_owned(),
                staff_number: None,
            };
            let user = user::insert(app, txn, &installer, &name).await?;
            let command = CreateClient {
                name: "Khóa quản trị đầu tiên".to_owned(),
                user_id: Some(user.id),
                grants: vec![NewGrant {
                    role: Role::Administrator,
                    area_id: None,
                }],
            };
            Ok(Some(issue(app, txn, &installer, &command).await?.key))
        })
        .await
}
