//! The shapes that the steps share: keys, references, columns and indexes.

use sea_orm_migration::prelude::*;

/// A primary key of several columns.
pub(crate) fn primary_key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(*column);
    }
    key
}

/// A column that names a row of another table.
pub(crate) fn refers(
    table: &'static str,
    column: &'static str,
    other: &'static str,
    key: &'static str,
) -> ForeignKeyCreateStatement {
    let mut reference = ForeignKey::create();
    reference
        .name(format!("fk_{table}_{column}"))
        .from(table, column)
        .to(other, key);
    reference
}

/// A column more. SQLite adds one at a time.
pub(crate) async fn add_column(
    schema: &SchemaManager<'_>,
    table: &'static str,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let mut change = Table::alter();
    change.table(table).add_column(column);
    schema.alter_table(change).await
}

/// An index.
pub(crate) async fn index(
    schema: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let name = format!("ix_{table}_{}", columns.join("_"));
    schema.create_index(over(name, table, columns)).await
}

/// An index of the rows that meet a condition.
pub(crate) async fn index_where(
    schema: &SchemaManager<'_>,
    name: &str,
    table: &'static str,
    columns: &[&'static str],
    condition: Expr,
) -> Result<(), DbErr> {
    let mut index = over(name.to_owned(), table, columns);
    index.and_where(condition);
    schema.create_index(index).await
}

/// A unique index.
pub(crate) async fn unique(
    schema: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let name = format!("ux_{table}_{}", columns.join("_"));
    let mut index = over(name, table, columns);
    index.unique();
    schema.create_index(index).await
}

/// A unique index of the rows that meet a condition.
pub(crate) async fn unique_where(
    schema: &SchemaManager<'_>,
    name: &str,
    table: &'static str,
    columns: &[&'static str],
    condition: Expr,
) -> Result<(), DbErr> {
    let mut index = over(name.to_owned(), table, columns);
    index.unique().and_where(condition);
    schema.create_index(index).await
}

/// PostgreSQL cuts longer names off, and then they may meet.
const LONGEST_NAME: usize = 63;

fn over(mut name: String, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    name.truncate(LONGEST_NAME);
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}
