//! Payment files: a pure function of an approved run. They are planned at submission, stand from approval on, and are
//! written once, after release; their bytes are kept for ever.

mod acknowledge;
mod beside;
mod build;
mod cash;
mod certificate;
mod certificate_fault;
mod change_list;
mod cms;
#[cfg(test)]
mod cms_tests;
mod content;
mod fetched;
mod figures;
mod grounds;
mod instruction;
mod order;
mod pem;
mod plan;
mod post_list;
mod post_paper;
pub(crate) mod prepared;
mod render;
mod rows;
mod signature;
mod terms;
mod told;
mod treasury_list;
mod view;
mod withdrawn;

pub use acknowledge::{acknowledge, acknowledge_read_out};
pub use build::BuildFile;
pub(crate) use build::chunks;
pub use certificate::SigningCertificate;
pub use certificate_fault::CertificateFault;
pub(crate) use content::{built, bytes};
pub(crate) use fetched::may_be_held;
pub(crate) use plan::{at_approval, holds, plan};
pub use prepared::PrepareLists;
pub(crate) use render::{header, render};
pub(crate) use signature::signed;
pub use signature::{SignatureView, SigningKeyView, signature, signature_file, signing_keys};
pub(crate) use terms::execution_date;
pub(crate) use terms::of_file as terms_of;
pub use treasury_list::DEFAULT_UNIT;
pub use view::{FileView, content, download, get, list, manifest, preview, saved_as};

pub(crate) use acknowledge::can_be_acknowledged;
pub(crate) use view::{gives_out, has_manifest, manifest_of, view};
pub(crate) use withdrawn::{
    all_withdrawn, answered, is_withdrawn, never_executed, require_given_out, require_out, require_unanswered,
    waiting_orders, withdrawn,
};

use entity::payment_file::{Entity, Model};
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// The subject of a file in the audit trail.
fn subject(id: Uuid) -> String {
    format!("payment_file:{}", id.simple())
}

/// A file for who moves its orders, locked after its run: a report has the runs in hand while it writes the history of
/// orders, and nobody else writes it meanwhile.
pub(crate) async fn locked_with_run(txn: &Txn, id: Uuid) -> Result<Model, Error> {
    let file = Entity::find_by_id(id).one(txn.conn()).await?;
    let file = file.ok_or_else(Error::not_found)?;
    crate::pay_run::for_update(txn, file.pay_run_id).await?;
    let file = Entity::find_by_id(id).lock_exclusive().one(txn.conn()).await?;
    file.ok_or_else(Error::not_found)
}
