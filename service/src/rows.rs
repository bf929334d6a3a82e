//! Many rows in one statement, bound column by column on PostgreSQL and place by place on SQLite.
//!
//! PostgreSQL reads, plans and runs a list of thousands of places much more slowly than one array of each column, whose
//! statement has the same text whatever the number of rows. SQLite has no arrays, and a place costs it little.
//!
//! Ids are most of what is bound, and to read one as text takes PostgreSQL longer than to store it: an array of them is
//! sent as it is. The driver knows no array with gaps; a column in which an id is missing goes as text, as all others do.

use std::fmt::Write as _;
use std::iter::Peekable;

use sea_orm::sea_query::{ArrayType, OnConflict, OptionEnum};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, Iterable, Statement, TryGetableMany,
    Value,
};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;

/// Places in one statement of SQLite, which allows 32,766.
const PLACES: usize = 20_000;

/// Rows in one statement of SQLite: longer ones gain nothing.
const ROWS: usize = 2_000;

/// Rows in one statement of PostgreSQL.
const ARRAY: usize = 5_000;

/// Inserts the rows that are new, and keeps those that are there by any of their unique keys. Gives how many were new.
///
/// # Errors
/// The database's.
pub(crate) async fn insert_new<E>(txn: &Txn, rows: Vec<E::Model>) -> Result<u64, Error>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    let at_once = (PLACES / E::Column::iter().count().max(1)).clamp(1, ROWS);
    let mut rows = rows.into_iter();
    let mut new = 0;
    loop {
        let models: Vec<E::ActiveModel> = rows
            .by_ref()
            .take(at_once)
            .map(IntoActiveModel::into_active_model)
            .collect();
        if models.is_empty() {
            return Ok(new);
        }
        new += E::insert_many(models)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(txn.conn())
            .await?;
    }
}

/// Runs a statement over rows, as often as it takes. `types` are PostgreSQL's names of the columns' types, `values` the
/// rows one after the other, and `statement` writes the statement around the source of rows, which is named `v` and has
/// the columns `column1`, `column2` and so on.
///
/// # Errors
/// The database's; internal for a value that is no text, number, date, JSON or id.
pub(crate) async fn run(
    txn: &Txn,
    types: &[&str],
    values: impl IntoIterator<Item = Value>,
    statement: impl Fn(&str) -> String,
) -> Result<(), Error> {
    let mut chunks = Chunks::new(txn.conn().get_database_backend(), types, values, statement);
    let mut next = chunks.next()?;
    while let Some(chunk) = next {
        // The next rows are written down while the database works.
        let (done, following) = futures::join!(txn.conn().execute_raw(chunk), async { chunks.next() });
        done?;
        next = following?;
    }
    Ok(())
}

/// As [`run`], for a statement that finds something.
///
/// # Errors
/// As [`run`]'s.
pub(crate) async fn find<T: TryGetableMany>(
    txn: &Txn,
    types: &[&str],
    values: impl IntoIterator<Item = Value>,
    statement: impl Fn(&str) -> String,
) -> Result<Vec<T>, Error> {
    let mut chunks = Chunks::new(txn.conn().get_database_backend(), types, values, statement);
    let mut found = Vec::new();
    while let Some(chunk) = chunks.next()? {
        for row in txn.conn().query_all_raw(chunk).await? {
            found.push(row.try_get_many_by_index()?);
        }
    }
    Ok(found)
}

/// Values that are made as they are bound. The compiler loses its way in iterators over borrowed rows that live on while
/// the database works; it does not look into a box.
pub(crate) type Values<'v> = Box<dyn Iterator<Item = Value> + Send + 'v>;

/// An id that stands in a statement.
pub(crate) fn literal(backend: DbBackend, id: Uuid) -> String {
    match backend {
        DbBackend::Postgres => format!("CAST('{id}' AS uuid)"),
        _ => format!("x'{}'", id.simple()),
    }
}

/// Rows, as many at a time as one statement takes.
struct Chunks<'t, I: Iterator, F> {
    backend: DbBackend,
    types: &'t [&'t str],
    values: Peekable<I>,
    statement: F,
    sql: String,
    /// The rows that the statement is written for, on SQLite.
    rows: usize,
    /// Which columns the statement is written for as arrays of ids, on PostgreSQL.
    ids: Vec<bool>,
}

impl<'t, I: Iterator<Item = Value>, F: Fn(&str) -> String> Chunks<'t, I, F> {
    fn new(
        backend: DbBackend,
        types: &'t [&'t str],
        values: impl IntoIterator<IntoIter = I, Item = Value>,
        statement: F,
    ) -> Self {
        Self {
            backend,
            types,
            values: values.into_iter().peekable(),
            statement,
            sql: String::new(),
            rows: 0,
            ids: Vec::new(),
        }
    }

    fn next(&mut self) -> Result<Option<Statement>, Error> {
        if self.values.peek().is_none() {
            return Ok(None);
        }
        let width = self.types.len().max(1);
        let bound = if self.backend == DbBackend::Postgres {
            let columns = columns(self.types, &mut self.values)?;
            let ids: Vec<bool> = columns.iter().map(Column::is_ids).collect();
            if self.ids != ids {
                self.sql = (self.statement)(&arrays(self.types, &ids));
                self.ids = ids;
            }
            columns.into_iter().map(Column::bound).collect()
        } else {
            let most = width * (PLACES / width).clamp(1, ROWS);
            let bound: Vec<Value> = self.values.by_ref().take(most).collect();
            let rows = bound.len() / width;
            if self.rows != rows {
                self.sql = (self.statement)(&format!("(VALUES {}) AS v", places(rows, width)));
                self.rows = rows;
            }
            bound
        };
        Ok(Some(Statement::from_sql_and_values(self.backend, &self.sql, bound)))
    }
}

/// The places of rows to be bound, `(?, ?), (?, ?)`. A numbered place of SQLite costs a search through all of them.
fn places(rows: usize, width: usize) -> String {
    let mut row = String::with_capacity(width * 2 + 4);
    for column in 0..width {
        row.push_str(if column == 0 { "(?" } else { ", ?" });
    }
    row.push_str("), ");
    let mut text = row.repeat(rows);
    text.truncate(text.len().saturating_sub(2));
    text
}

/// One array for each column, of which some are arrays of `ids`. They stand side by side in a list of what is selected:
/// in a list of what is read from, each would be stored and read again first. All are of the same length.
fn arrays(types: &[&str], ids: &[bool]) -> String {
    let mut arrays = String::new();
    for ((number, own), is_ids) in (1..).zip(types).zip(ids) {
        let comma = if number == 1 { "" } else { ", " };
        let array = if *is_ids {
            format!("${number}")
        } else {
            format!("CAST(${number} AS text)")
        };
        _ = write!(arrays, "{comma}UNNEST(CAST({array} AS {own}[])) AS column{number}");
    }
    format!("(SELECT {arrays}) AS v")
}

/// One column of some rows, as it is bound.
#[derive(Debug)]
enum Column {
    /// Ids, of which none is missing.
    Ids(Vec<Value>),
    /// Anything else: the text of an array that is not ended yet.
    Text(String),
}

impl Column {
    fn of(own: &str) -> Self {
        if own == "uuid" {
            Self::Ids(Vec::new())
        } else {
            Self::text()
        }
    }

    fn text() -> Self {
        Self::Text(String::from("{"))
    }

    const fn is_ids(&self) -> bool {
        matches!(self, Self::Ids(_))
    }

    fn add(&mut self, value: Value) -> Result<(), Error> {
        match self {
            Self::Ids(ids) if matches!(value, Value::Uuid(Some(_))) => {
                ids.push(value);
                Ok(())
            }
            Self::Ids(ids) => {
                let mut text = Self::text();
                for id in std::mem::take(ids) {
                    text.add(id)?;
                }
                text.add(value)?;
                *self = text;
                Ok(())
            }
            Self::Text(text) => {
                // No element is an empty text.
                if text.len() > 1 {
                    text.push(',');
                }
                push(text, value)
            }
        }
    }

    fn bound(self) -> Value {
        match self {
            Self::Ids(ids) => Value::Array(ArrayType::Uuid, Some(Box::new(ids))),
            Self::Text(mut text) => {
                text.push('}');
                Value::from(text)
            }
        }
    }
}

/// Up to so many rows, column by column.
fn columns(types: &[&str], values: &mut impl Iterator<Item = Value>) -> Result<Vec<Column>, Error> {
    let mut columns: Vec<Column> = types.iter().map(|own| Column::of(own)).collect();
    'rows: for _ in 0..ARRAY {
        for column in &mut columns {
            let Some(value) = values.next() else { break 'rows };
            column.add(value)?;
        }
    }
    Ok(columns)
}

/// One element of an array.
fn push(text: &mut String, value: Value) -> Result<(), Error> {
    let done = match value {
        Value::Bool(Some(own)) => write!(text, "{own}"),
        Value::Int(Some(own)) => write!(text, "{own}"),
        Value::BigInt(Some(own)) => write!(text, "{own}"),
        Value::Uuid(Some(own)) => {
            text.push_str(own.simple().encode_lower(&mut [0; uuid::fmt::Simple::LENGTH]));
            Ok(())
        }
        Value::ChronoDate(Some(own)) => write!(text, "{own}"),
        Value::ChronoDateTimeUtc(Some(own)) => write!(text, "\"{}\"", own.to_rfc3339()),
        Value::String(Some(own)) => {
            quote(text, &own);
            Ok(())
        }
        Value::Enum(OptionEnum::Some(own)) => {
            quote(text, &own.value);
            Ok(())
        }
        Value::Json(Some(own)) => {
            quote(text, &own.to_string());
            Ok(())
        }
        Value::Bool(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Uuid(None)
        | Value::ChronoDate(None)
        | Value::ChronoDateTimeUtc(None)
        | Value::String(None)
        | Value::Enum(OptionEnum::None(_))
        | Value::Json(None) => {
            text.push_str("NULL");
            Ok(())
        }
        _ => return Err(Error::internal("a value that no array of rows holds")),
    };
    done.map_err(Error::internal)
}

/// A text as an element: what ends it, or takes the next character as it is, is marked.
fn quote(text: &mut String, own: &str) {
    text.push('"');
    let mut rest = own;
    while let Some(at) = rest.find(['"', '\\']) {
        let (plain, marked) = rest.split_at(at);
        text.push_str(plain);
        text.push('\\');
        let mut marked = marked.chars();
        text.extend(marked.next());
        rest = marked.as_str();
    }
    text.push_str(rest);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_for_each_value() {
        assert_eq!(places(2, 3), "(?, ?, ?), (?, ?, ?)");
        assert_eq!(places(1, 1), "(?)");
    }

    #[test]
    fn arrays_hold_what_would_end_them() {
        let rows = [
            Value::from("a\"b\\c,{}"),
            Value::from(7_i64),
            Value::from("NULL"),
            Value::from(None::<i64>),
            Value::from(None::<String>),
            Value::from(-1_i64),
        ];
        let bound = columns(&["text", "int8"], &mut rows.into_iter()).unwrap();
        let bound: Vec<Value> = bound.into_iter().map(Column::bound).collect();
        assert_eq!(
            bound,
            [
                Value::from("{\"a\\\"b\\\\c,{}\",\"NULL\",NULL}"),
                Value::from("{7,NULL,-1}"),
            ]
        );
        assert_eq!(
            arrays(&["text", "int8"], &[false, false]),
            "(SELECT UNNEST(CAST(CAST($1 AS text) AS text[])) AS column1, \
             UNNEST(CAST(CAST($2 AS text) AS int8[])) AS column2) AS v"
        );
    }

    #[test]
    fn ids_are_bound_as_they_are_unless_one_is_missing() {
        let id = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0001);
        let rows = [
            Value::from(id),
            Value::from(id),
            Value::from(Uuid::nil()),
            Value::from(None::<Uuid>),
        ];
        let types = ["uuid", "uuid"];
        let columns = columns(&types, &mut rows.into_iter()).unwrap();
        let ids: Vec<bool> = columns.iter().map(Column::is_ids).collect();
        assert_eq!(
            arrays(&types, &ids),
            "(SELECT UNNEST(CAST($1 AS uuid[])) AS column1, UNNEST(CAST(CAST($2 AS text) AS uuid[])) AS column2) AS v"
        );
        let bound: Vec<Value> = columns.into_iter().map(Column::bound).collect();
        let both = vec![Value::from(id), Value::from(Uuid::nil())];
        assert_eq!(
            bound,
            [
                Value::Array(ArrayType::Uuid, Some(Box::new(both))),
                Value::from("{01920000000070008000000000000001,NULL}"),
            ]
        );
    }
}
