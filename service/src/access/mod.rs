//! Access: natural persons, the credentials that act for them, and what each credential may do and where.
//!
//! A key is `ansinh_<prefix>_<secret>`; only its SHA-256 is kept, so it is shown once. A secret of 160 random bits needs
//! no slow hash.

mod authenticate;
mod bootstrap;
mod client;
mod grant;
mod key;
mod user;

pub(crate) use authenticate::actor_of_hash;
pub use authenticate::{Me, authenticate, me};
pub use bootstrap::bootstrap;
pub use client::{
    ClientView, CreateClient, CreatedClient, ListClients, create_client, get_client, list_clients, revoke_client,
    rotate_key,
};
pub use grant::{GrantView, NewGrant, add_grant, end_grant};
pub(crate) use key::hash as key_hash;
pub use user::{
    CreateUser, GiveStaffNumber, ListUsers, UserView, create_user, disable_user, give_staff_number, list_users,
};

use crate::actor::{Actor, Permission};
use crate::error::Error;

/// Credentials are managed for the whole province; a grant for one area does not reach them.
fn manage(actor: &Actor) -> Result<(), Error> {
    actor.require_everywhere(Permission::AccessManage)
}
