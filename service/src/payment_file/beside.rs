//! The lists of the post and their prints on paper: the post pays by either. Orders stand in the list alone.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::FileKind;
use entity::payment_file;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::plan::{paper_name, workbook_name};
use crate::error::Error;

/// A run and the name of one of its files: no two of them have the same.
type Name = (Uuid, String);

/// The lists beside those of these files that print one, by the print.
pub(super) async fn lists_of(
    conn: &impl ConnectionTrait,
    files: &[payment_file::Model],
) -> Result<BTreeMap<Uuid, payment_file::Model>, Error> {
    let papers = files.iter().filter(|file| file.kind == FileKind::PostPaper);
    let papers: Vec<(Uuid, Name)> = papers
        .map(|paper| (paper.id, (paper.pay_run_id, workbook_name(&paper.name))))
        .collect();
    let names = papers.iter().map(|(_, list)| list.clone()).collect();
    let lists = named(conn, FileKind::PostList, &names).await?;
    let beside = papers.into_iter();
    let beside = beside.filter_map(|(paper, list)| Some((paper, lists.get(&list)?.clone())));
    Ok(beside.collect())
}

/// The prints beside those of these files that are lists of the post.
pub(super) async fn papers_of(conn: &impl ConnectionTrait, files: &[payment_file::Model]) -> Result<Vec<Uuid>, Error> {
    let lists = files.iter().filter(|file| file.kind == FileKind::PostList);
    let names = lists.map(|list| (list.pay_run_id, paper_name(&list.name))).collect();
    let papers = named(conn, FileKind::PostPaper, &names).await?;
    Ok(papers.into_values().map(|paper| paper.id).collect())
}

/// By file, the one in which its orders stand: for a print the list beside it, for all others the file itself.
pub(super) async fn holders(
    conn: &impl ConnectionTrait,
    files: &[payment_file::Model],
) -> Result<BTreeMap<Uuid, Uuid>, Error> {
    let lists = lists_of(conn, files).await?;
    let holders = files.iter().map(|file| {
        let holder = lists.get(&file.id).unwrap_or(file);
        (file.id, holder.id)
    });
    Ok(holders.collect())
}

/// The files of a kind with these names.
async fn named(
    conn: &impl ConnectionTrait,
    kind: FileKind,
    names: &BTreeSet<Name>,
) -> Result<BTreeMap<Name, payment_file::Model>, Error> {
    use payment_file::Column as C;
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let runs: BTreeSet<Uuid> = names.iter().map(|(run, _)| *run).collect();
    let called: BTreeSet<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
    let files = payment_file::Entity::find()
        .filter(C::PayRunId.is_in(runs))
        .filter(C::Kind.eq(kind))
        .filter(C::Name.is_in(called))
        .all(conn)
        .await?;
    let files = files
        .into_iter()
        .map(|file| ((file.pay_run_id, file.name.clone()), file));
    Ok(files.filter(|(name, _)| names.contains(name)).collect())
}
