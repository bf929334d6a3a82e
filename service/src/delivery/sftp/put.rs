//! Putting a parcel down at the server.

use sha2::{Digest, Sha256};

use super::join;
use super::session::{Fault, Session};
use crate::delivery::transport::{FILE_MAX, Lost, Parcel, Piece, Seen, is_part_of, part_name};

/// Nothing has left, and why.
pub(super) fn not_left(fault: Fault) -> Lost {
    Lost::NotLeft(fault.to_string())
}

/// Puts a parcel down, the file last.
pub(super) async fn parcel(session: &Session, folder: &str, parcel: &Parcel) -> Result<(), Lost> {
    clear_parts(session, folder, parcel).await.map_err(not_left)?;
    for piece in parcel.pieces() {
        put(session, folder, &piece).await.map_err(|lost| piece.lost(lost))?;
    }
    Ok(())
}

/// What lies under a path, and how many bytes of it the server tells. Another length than the one that is meant, if any,
/// is another content, and is not read.
pub(super) async fn seen(
    session: &Session,
    path: &str,
    sha256: &str,
    length: Option<u64>,
) -> Result<(Seen, u64), Fault> {
    let Some(size) = session.size(path).await? else {
        return Ok((Seen::Absent, 0));
    };
    if size > FILE_MAX || length.is_some_and(|length| length != size) {
        return Ok((Seen::Other, size));
    }
    match session.sha256(path, size).await {
        Ok(own) if own == sha256 => Ok((Seen::Same, size)),
        Ok(_) => Ok((Seen::Other, size)),
        // Its reader has just taken it.
        Err(fault) if fault.is_absent() => Ok((Seen::Absent, 0)),
        Err(fault) => Err(fault),
    }
}

/// Puts down one file whole, never over another: written beside its place, measured, then renamed.
async fn put(session: &Session, folder: &str, piece: &Piece<'_>) -> Result<(), Lost> {
    let target = join(folder, piece.name);
    let sha256 = hex::encode(Sha256::digest(piece.bytes));
    let there = seen(session, &target, &sha256, Some(piece.length())).await;
    match there.map_err(not_left)? {
        (Seen::Same, _) => return Ok(()),
        (Seen::Other, size) => return Err(Lost::other_bytes(piece.name, size)),
        (Seen::Absent, _) => {}
    }
    let part = join(folder, &part_name(piece.name));
    if let Err(fault) = session.write_new(&part, piece.bytes).await {
        // Without a connection it stays, and the next writer clears it away.
        if matches!(fault, Fault::Said { .. }) {
            let _ = session.remove(&part).await;
        }
        return Err(not_left(fault));
    }
    match session.rename(&part, &target).await {
        Ok(()) => Ok(()),
        Err(fault @ Fault::Ended) => Err(not_left(fault)),
        // It was asked for, and nobody knows whether it was done.
        Err(Fault::Cut(why)) => Err(Lost::Unknown(why)),
        Err(refusal) => {
            let there = refused(session, piece, &target, &part, &sha256, &refusal).await;
            if !matches!(there, Err(Lost::Unknown(_))) {
                let _ = session.remove(&part).await;
            }
            there
        }
    }
}

/// What a refused rename comes to: somebody else put the name there, or nothing has left.
async fn refused(
    session: &Session,
    piece: &Piece<'_>,
    target: &str,
    part: &str,
    sha256: &str,
    refusal: &Fault,
) -> Result<(), Lost> {
    match seen(session, target, sha256, Some(piece.length())).await {
        Ok((Seen::Same, _)) => Ok(()),
        Ok((Seen::Other, size)) => Err(Lost::other_bytes(piece.name, size)),
        Ok((Seen::Absent, _)) => match session.size(part).await {
            Ok(Some(_)) => Err(not_left(refusal.clone())),
            // Neither of the two names is there: it may have gone through after all, and been taken, even where the server
            // says that there was nothing to rename.
            _ => Err(Lost::Unknown(refusal.to_string())),
        },
        Err(blind) => Err(Lost::Unknown(format!("{refusal}; {blind}"))),
    }
}

/// Removes what writers that died left behind. One that is alive fails to rename its part, and asks what became of it. A server
/// that shows no list, or lets nothing be removed, keeps them.
async fn clear_parts(session: &Session, folder: &str, parcel: &Parcel) -> Result<(), Fault> {
    let is_part = |own: &str| parcel.pieces().any(|piece| is_part_of(own, piece.name));
    let parts = match session.names(folder, is_part).await {
        Ok(parts) => parts,
        Err(Fault::Said { .. }) => return Ok(()),
        Err(fault) => return Err(fault),
    };
    for part in parts {
        match session.remove(&join(folder, &part)).await {
            Ok(()) | Err(Fault::Said { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
