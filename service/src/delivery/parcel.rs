//! What a delivery sends: the bytes that are kept of its file, the same each time.

use domain::payment_file::Manifest;
use entity::{delivery, pay_run, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::transport::{Parcel, Seen};
use crate::app::App;
use crate::error::Error;

/// What a file is called at the target, and where people save it. The names of files repeat each month; with the run
/// before it a name is unique for ever.
pub(crate) fn target_name(run: &pay_run::Model, file: &payment_file::Model) -> String {
    format!("{}-{}", crate::pay_run::natural_key(run).replace(':', "-"), file.name)
}

/// The bytes of a delivery. They must be those the file was built with.
pub(super) async fn parcel(app: &App, row: &delivery::Model) -> Result<Parcel, Error> {
    let file = payment_file::Entity::find_by_id(row.file_id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let bytes = crate::payment_file::bytes(app, &file).await?;
    if Seen::of(&bytes, &row.sha256) != Seen::Same {
        return Err(Error::internal(format!(
            "file {} no longer has the hash it was built with",
            file.name
        )));
    }
    let run = crate::pay_run::find(app.db.read(), file.pay_run_id).await?;
    let (manifest, signature) = if crate::payment_file::has_manifest(&run, &file) {
        let manifest = crate::payment_file::manifest_of(app, &file).await?;
        // In the folder the file goes by this name.
        let manifest = Manifest {
            file: row.target_name.clone(),
            ..manifest
        };
        let (name, bytes) = (Manifest::file_name(&row.target_name), manifest.to_json()?.into_bytes());
        let signature = match signed_before(app, row).await? {
            Some(signature) => signature,
            None => {
                let (ending, signature) = crate::payment_file::signed(app, &manifest, &bytes)?;
                (format!("{name}.{ending}"), signature)
            }
        };
        (Some((name, bytes)), Some(signature))
    } else {
        (None, None)
    };
    Ok(Parcel {
        name: row.target_name.clone(),
        bytes,
        manifest,
        signature,
    })
}

/// The signature that went with an earlier attempt of the same file: a later one sends the same bytes, whatever signs by
/// then.
async fn signed_before(app: &App, row: &delivery::Model) -> Result<Option<(String, Vec<u8>)>, Error> {
    let signed = delivery::Entity::find()
        .filter(delivery::Column::FileId.eq(row.file_id))
        .filter(delivery::Column::SignatureName.is_not_null())
        .order_by_asc(delivery::Column::Attempt)
        .limit(1)
        .one(app.db.read())
        .await?;
    Ok(signed.and_then(|signed| signed.signature_name.zip(signed.signature)))
}
