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

/// Who plays no part in a story and is hired when its province is served: at the desk of the treasury one clerk proposes, and
/// another decides.
const BESIDE: &[(Role, &str)] = &[(Role::Treasury, "Bùi Thu Hà, kho bạc (người thứ hai)")];

/// The officers, each by role.
pub(crate) struct Office(Vec<(Role, Actor)>);

impl Office {
    /// Hires who is missing, and more where a story needs them.
    pub(crate) async fn open(app: &App, more: &[(Role, &str)]) -> Result<Self, Error> {
        let founder = Actor::system("demo");
        let mut office = Vec::new();
        for (role, name) in OFFICERS.iter().chain(more) {
            let key = key_of(app, &founder, *role, name).await?;
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

/// A new key of an officer, who is hired where there is none of this name.
async fn key_of(app: &App, founder: &Actor, role: Role, name: &str) -> Result<String, Error> {
    if let Some(id) = known(app, founder, name).await? {
        return Ok(access::rotate_key(app, founder, id).await?.key);
    }
    let user = CreateUser {
        name: name.to_owned(),
        staff_number: None,
    };
    let user = access::create_user(app, founder, user).await?;
    let client = CreateClient {
        name: name.to_owned(),
        user_id: Some(user.id),
        grants: vec![NewGrant { role, area_id: None }],
    };
    Ok(access::create_client(app, founder, client).await?.key)
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
    say!("Khóa truy cập của từng người (Authorization: Bearer ...):");
    for (role, name) in OFFICERS.iter().chain(BESIDE) {
        let key = key_of(app, &founder, *role, name).await?;
        say!("  {:16} {key}  {name}", role.code());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn two_clerks_can_decide_at_the_desk_and_nobody_has_two_names() {
        let all: Vec<_> = OFFICERS.iter().chain(BESIDE).collect();
        let clerks = all.iter().filter(|(role, _)| *role == Role::Treasury);
        assert_eq!(clerks.count(), 2);
        let names: BTreeSet<&str> = all.iter().map(|(_, name)| *name).collect();
        assert_eq!(names.len(), all.len(), "each is found by name");
    }
}
