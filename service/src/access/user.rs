//! Users: the natural persons behind credentials.

use chrono::{DateTime, Utc};
use entity::user_account;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::manage;
use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};

/// Registers a natural person.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Full name.
    #[schema(example = "Nguyễn Thị Hạnh", max_length = 200)]
    pub name: String,
    /// The official number of the person, such as that of the public employee's card: 1 to 40 letters and digits, with
    /// `-`, `.` or `/` between them, in capitals. No two people have the same. Only the installation itself registers
    /// people without one.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "QN-004217", max_length = 40)]
    pub staff_number: Option<String>,
}

/// Gives a person who was registered before there were official numbers theirs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveStaffNumber {
    /// The official number of the person, such as that of the public employee's card: 1 to 40 letters and digits, with
    /// `-`, `.` or `/` between them, in capitals. No two people have the same, and it stays.
    #[schema(example = "QN-004217", max_length = 40)]
    pub staff_number: String,
}

/// A natural person who may act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserView {
    /// Its id.
    pub id: Uuid,
    /// Full name.
    #[schema(example = "Nguyễn Thị Hạnh")]
    pub name: String,
    /// The official number of the person; null for who was registered before there was one.
    #[schema(example = "QN-004217")]
    pub staff_number: Option<String>,
    /// Registered at.
    pub created_at: DateTime<Utc>,
    /// Since when none of its credentials work.
    pub disabled_at: Option<DateTime<Utc>>,
}

impl From<user_account::Model> for UserView {
    fn from(row: user_account::Model) -> Self {
        let user_account::Model {
            id,
            name,
            created_at,
            disabled_at,
            staff_number,
            ..
        } = row;
        Self {
            id,
            name,
            staff_number,
            created_at,
            disabled_at,
        }
    }
}

/// Which users to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Rows of the page, 1 to 200; 50 if left out.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Registers a natural person, who has no access before a credential and a grant.
///
/// # Errors
/// `invalid` at `/staff_number` without an official number; `already-exists` where another person has it.
pub async fn create_user(app: &App, actor: &Actor, command: CreateUser) -> Result<UserView, Error> {
    manage(actor)?;
    app.db.write(async |txn| insert(app, txn, actor, &command).await).await
}

/// Registers a person without asking whether the actor may.
pub(super) async fn insert(app: &App, txn: &Txn, actor: &Actor, command: &CreateUser) -> Result<UserView, Error> {
    let name = required_name(&command.name)?;
    let staff_number = match &command.staff_number {
        Some(number) => Some(staff_number(number)?),
        None if actor.is_system() => None,
        None => {
            let (vi, en) = ("Phải có số hiệu cán bộ", "an official number is needed");
            return Err(Error::field("/staff_number", "required", vi, en));
        }
    };
    if let Some(number) = &staff_number {
        require_unknown(txn, number).await?;
    }
    let row = user_account::Model {
        id: app.ids.next(),
        name,
        created_at: app.clock.now(),
        disabled_at: None,
        staff_number,
    };
    txn.insert_all::<user_account::Entity>(vec![row.clone()]).await?;
    let subject = format!("user:{}", row.id.simple());
    txn.audit(Event::new(
        row.created_at,
        actor,
        "user.create",
        subject,
        json!({ "name": row.name, "staff_number": row.staff_number }),
    ));
    Ok(row.into())
}

/// Lists the natural persons.
pub async fn list_users(app: &App, actor: &Actor, command: ListUsers) -> Result<Page<UserView>, Error> {
    manage(actor)?;
    let window = Window::<Uuid>::of(app, "users", &(), command.limit, command.cursor.as_deref())?;
    let mut query = user_account::Entity::find()
        .order_by_asc(user_account::Column::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(user_account::Column::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| row.id)?.map(UserView::from))
}

/// Ends all access of a person; acts already done stay.
pub async fn disable_user(app: &App, actor: &Actor, user_id: Uuid) -> Result<UserView, Error> {
    manage(actor)?;
    if actor.user_id == Some(user_id) {
        return Err(Error::because(
            ProblemCode::Conflict,
            "Không thể tự khóa tài khoản của mình",
            "Nobody disables their own account",
        ));
    }
    let now = app.clock.now();
    let row = app
        .db
        .write(async |txn| {
            let row = user_account::Entity::find_by_id(user_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?;
            let row = row.ok_or_else(Error::not_found)?;
            if row.disabled_at.is_some() {
                return Ok(row);
            }
            let change = user_account::ActiveModel {
                id: Set(user_id),
                disabled_at: Set(Some(now)),
                ..Default::default()
            };
            txn.audit(Event::new(
                now,
                actor,
                "user.disable",
                format!("user:{}", user_id.simple()),
                json!({}),
            ));
            Ok(change.update(txn.conn()).await?)
        })
        .await?;
    Ok(row.into())
}

/// Gives a person without an official number theirs; once given, it stays.
///
/// # Errors
/// `invalid` at `/staff_number` where it is none; `conflict` where the person has one; `already-exists` where another
/// person has it.
pub async fn give_staff_number(
    app: &App,
    actor: &Actor,
    user_id: Uuid,
    command: GiveStaffNumber,
) -> Result<UserView, Error> {
    manage(actor)?;
    let number = staff_number(&command.staff_number)?;
    let row = app
        .db
        .write(async |txn| {
            let row = user_account::Entity::find_by_id(user_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            if row.staff_number.is_some() {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Người dùng này đã có số hiệu cán bộ",
                    "the user has an official number already",
                ));
            }
            require_unknown(txn, &number).await?;
            let change = user_account::ActiveModel {
                id: Set(user_id),
                staff_number: Set(Some(number.clone())),
                ..Default::default()
            };
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "user.give_staff_number",
                format!("user:{}", user_id.simple()),
                json!({ "staff_number": number }),
            ));
            Ok(change.update(txn.conn()).await?)
        })
        .await?;
    Ok(row.into())
}

/// A name that is not empty, without spaces around it.
pub(super) fn required_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(Error::field(
            "/name",
            "name_length",
            "Tên phải từ 1 đến 200 ký tự",
            "A name has 1 to 200 characters",
        ));
    }
    Ok(name.to_owned())
}

/// An official number as it is kept: in capitals, without spaces around it.
fn staff_number(number: &str) -> Result<String, Error> {
    let number = number.trim().to_uppercase();
    let between = |sign: char| matches!(sign, '-' | '.' | '/');
    let known = number.chars().all(|sign| sign.is_alphanumeric() || between(sign));
    let whole = !number.starts_with(between) && !number.ends_with(between);
    if known && whole && (1..=40).contains(&number.chars().count()) {
        return Ok(number);
    }
    Err(Error::field(
        "/staff_number",
        "staff_number",
        "Số hiệu cán bộ gồm 1 đến 40 chữ cái, chữ số, giữa chúng có thể có dấu - . /",
        "an official number has 1 to 40 letters and digits, with - . or / between them",
    ))
}

/// Refuses a second person of one official number; the database does too.
async fn require_unknown(txn: &Txn, number: &str) -> Result<(), Error> {
    let known = user_account::Entity::find()
        .filter(user_account::Column::StaffNumber.eq(number))
        .one(txn.conn())
        .await?;
    if known.is_none() {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::AlreadyExists,
        "Đã có người dùng mang số hiệu cán bộ này",
        "there is a user of this official number already",
    ))
}
