//! The officers of the story: one person, one credential, one role each.

use service::access::{self, CreateClient, CreateUser, ListClients, NewGrant};
use service::{Actor, App, Error, Role};

const OFFICERS: &[(Role, &str)] = &[
    (Role::Caseworker, "Bàn Thị Mai, cán bộ xã"),
    (Role::DecisionMaker, "Nguyễn Văn Hòa, người ký quyết định"),
    (Role::Preparer, "Trần Thị Lệ, người lập"),
    (Role::Approver, "Phạm Đức Long, người duyệt"),
    (Role::Releaser, "Vũ Thị Hạnh, người chuyển"),
    (Role::Treasury, "Hoàng Minh Quân, kho bạc"),
    (Role::ReliefVerifier, "Lý A Sình, thẩm định cứu trợ"),
    (Role::Auditor, "Đặng Thị Thu, kiểm toán"),
    (Role::Administrator, "Đỗ Quốc Bảo, quản trị"),
];

/// The officers, each by role.
pub(crate) struct Office(Vec<(Role, Actor)>);

impl Office {
    /// Hires who is missing, and more where a story needs them.
    pub(crate) async fn open(app: &App, more: &[(Role, &str)]) -> Result<Self, Error> {
        let founder = Actor::system("demo");
        let mut office = Vec::new();
        for (role, name) in OFFICERS.iter().chain(more) {
            let key = match known(app, &founder, name).await? {
                Some(id) => access::rotate_key(app, &founder, id).await?.key,
                None => {
                    let user = access::create_user(
                        app,
                        &founder,
                        CreateUser {
                            name: (*name).to_owned(),
                            staff_number: None,
                        },
                    )
                    .await?;
                    let grants = vec![NewGrant {
                        role: *role,
                        area_id: None,
                    }];
                    let client = CreateClient {
                        name: (*name).to_owned(),
                        user_id: Some(user.id),
                        grants,
                    };
                    access::create_client(app, &founder, client).await?.key
                }
            };
            office.push((*role, access::authenticate(app, &key).await?));
        }
        Ok(Self(office))
    }

    /// The officer of a role.
    pub(crate) fn of(&self, role: Role) -> Result<&Actor, Error> {
        self.nth(role, 0)
    }

    /// One of several officers of a role, the first by 0.
    pub(crate) fn nth(&self, role: Role, place: i32) -> Result<&Actor, Error> {
        let mut own = self.0.iter().filter(|(own, _)| *own == role).map(|(_, actor)| actor);
        own.nth(usize::try_from(place).unwrap_or(0))
            .ok_or_else(|| Error::internal(format!("nobody else is {}", role.code())))
    }
}

async fn known(app: &App, founder: &Actor, name: &str) -> Result<Option<uuid::Uuid>, Error> {
    let page = access::list_clients(app, founder, ListClients::default()).await?;
    Ok(page
        .items
        .into_iter()
        .find(|client| client.name == name)
        .map(|client| client.id))
}

/// New keys for everybody, printed once: the sandbox is about to be served.
pub(crate) async fn print_keys(app: &App) -> Result<(), Error> {
    let founder = Actor::system("demo");
    println!("Khóa truy cập của từng vai trò (Authorization: Bearer ...):");
    for (role, name) in OFFICERS {
        if let Some(id) = known(app, &founder, name).await? {
            let key = access::rotate_key(app, &founder, id).await?.key;
            println!("  {:16} {key}  {name}", role.code());
        }
    }
    Ok(())
}
