//! How prepared lists are kept until their files are built: in rows, under a seal.

use domain::ids;
use domain::payment_file::FileTerms;
use entity::enums::FileKind;
use entity::{pay_run, payment_file, prepared_list};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::payment_file::terms;
use crate::rows;

/// Bytes in one row.
const PART: usize = 1024 * 1024;
/// Rows read by one statement.
const AT_ONCE: u64 = 4;

/// Keeps a list, a row at a time, in the place of an earlier one; gives its seal. Where two write at once, the seal of
/// neither holds.
pub(super) async fn keep(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
    bytes: &[u8],
) -> Result<Uuid, Error> {
    use prepared_list::Column as C;
    let (file_id, seal) = (file.id, seal(app, run, file, bytes)?);
    app.db
        .write(async |txn| {
            prepared_list::Entity::delete_many()
                .filter(C::PayRunId.eq(run.id))
                .filter(C::FileId.eq(file_id))
                .exec(txn.conn())
                .await?;
            Ok(())
        })
        .await?;
    for (part, bytes) in (0..).zip(bytes.chunks(PART)) {
        let row = prepared_list::Model {
            pay_run_id: run.id,
            file_id,
            part,
            seal,
            bytes: bytes.to_vec(),
        };
        app.db
            .write(async |txn| rows::insert_new::<prepared_list::Entity>(txn, vec![row]).await)
            .await?;
    }
    Ok(seal)
}

/// What a prepared list was written from, and the list, as they were [joined].
pub(super) async fn readable(
    app: &App,
    run: &pay_run::Model,
    file: &payment_file::Model,
) -> Option<(Vec<u8>, Vec<u8>)> {
    // Where the database is gone, writing it anew fails too.
    let bytes = sealed(app, run, file).await.unwrap_or_else(|error| {
        tracing::warn!(pay_run = %run.id, "a prepared list can't be read, and is written anew: {error}");
        None
    });
    apart(bytes?)
}

/// The bytes of a prepared list; none where there are none, or none under its seal.
async fn sealed(app: &App, run: &pay_run::Model, file: &payment_file::Model) -> Result<Option<Vec<u8>>, Error> {
    use prepared_list::Column as C;
    let (mut bytes, mut sealed, mut next) = (Vec::new(), None, 0);
    loop {
        let parts = prepared_list::Entity::find()
            .filter(C::PayRunId.eq(run.id))
            .filter(C::FileId.eq(file.id))
            .filter(C::Part.gte(next))
            .order_by_asc(C::Part)
            .limit(AT_ONCE)
            .all(app.db.read())
            .await?;
        let last = u64::try_from(parts.len()).map_err(Error::internal)? < AT_ONCE;
        for own in parts {
            if own.part != next {
                return Ok(None);
            }
            next += 1;
            sealed = Some(own.seal);
            bytes.extend(own.bytes);
        }
        if last {
            break;
        }
    }
    Ok((sealed == Some(seal(app, run, file, &bytes)?)).then_some(bytes))
}

/// Grounds and a list in one: the length of the grounds (4 bytes, little-endian), the grounds, and the list.
pub(super) fn joined(grounds: &[u8], list: &[u8]) -> Result<Vec<u8>, Error> {
    let length = u32::try_from(grounds.len()).map_err(Error::internal)?;
    Ok([length.to_le_bytes().as_slice(), grounds, list].concat())
}

/// What [`joined`] put together; none of other bytes.
fn apart(mut bytes: Vec<u8>) -> Option<(Vec<u8>, Vec<u8>)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let grounds = rest.get(..length)?.to_vec();
    Some((grounds, bytes.split_off(length + 4)))
}

/// Raised with every change of a list's sheets, styles, words or order, of the lines of messages, or of how they are kept:
/// what an earlier release prepared is then written anew.
const LAYOUT: u32 = 8;

/// What nobody makes who does not know the secret of the installation: over the run as it was signed, what its list was
/// planned with, and the bytes.
fn seal(app: &App, run: &pay_run::Model, file: &payment_file::Model, bytes: &[u8]) -> Result<Uuid, Error> {
    let digest = run.digest.as_deref().unwrap_or("");
    let hash = hex::encode(Sha256::digest(bytes));
    let key = format!(
        "{LAYOUT}:{}:{}:{digest}:{}:{hash}:{}",
        run.id.simple(),
        run.revision,
        file.id.simple(),
        planned_with(file)?
    );
    Ok(ids::uuid8(app.secret.ids(), "prepared_list", &key))
}

/// The terms of a list as it was planned, before its approval said on which day it is executed.
fn planned_with(file: &payment_file::Model) -> Result<String, Error> {
    if !matches!(file.kind, FileKind::PostList | FileKind::Pain001) {
        return Ok(file.terms.clone().unwrap_or_default());
    }
    let terms = FileTerms {
        execution_date: None,
        ..terms::of_file(file)?
    };
    Ok(serde_json::to_string(&terms)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::draft::Draft;

    #[test]
    fn what_is_put_together_is_taken_apart_and_nothing_else_is() {
        let grounds = br#"{"around":"a","people":[],"accounts":[],"read":"b"}"#;
        let draft = Draft {
            title: "Sổ".to_owned(),
            rows: 1,
            sum: 2,
            sheets: Vec::new(),
        };
        let bytes = joined(grounds, &draft.to_bytes().unwrap()).unwrap();
        let (known, list) = apart(bytes.clone()).unwrap();
        assert_eq!(known, grounds);
        assert_eq!(Draft::from_bytes(&list).unwrap(), draft);
        for length in 0..bytes.len() {
            let cut = apart(bytes[..length].to_vec());
            assert!(
                cut.is_none_or(|(_, list)| Draft::from_bytes(&list).is_err()),
                "{length}"
            );
        }
    }
}
