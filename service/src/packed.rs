//! Many rows as one text that the engine joins: one value comes over instead of a dozen for each row.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::error::Error;

/// Stands between the fields of a row, and between rows. A text that holds one itself makes the count of fields wrong,
/// and is noticed by that.
const FIELD: char = '\u{1f}';
const ROW: char = '\u{1e}';

/// Rows as a text.
pub(crate) struct Packed {
    count: i64,
    text: String,
}

/// A column of bytes or of an id as lower-case hexadecimal digits.
pub(crate) fn hex(backend: DbBackend, column: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("encode(uuid_send({column}), 'hex')"),
        _ => format!("lower(hex({column}))"),
    }
}

/// How many rows there are, and all of them as a text.
fn aggregate(backend: DbBackend, fields: &[&str]) -> String {
    let character = match backend {
        DbBackend::Postgres => "chr",
        _ => "char",
    };
    let fields = fields.join(", ");
    format!("COUNT(*) AS row_count, string_agg(concat_ws({character}(31), {fields}), {character}(30)) AS rows_text")
}

impl Packed {
    /// Reads rows in no order: the fields, none of them ever null, of what stands behind `FROM`.
    pub(crate) async fn read(
        conn: &impl ConnectionTrait,
        fields: &[&str],
        from: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Self, Error> {
        let backend = conn.get_database_backend();
        let sql = format!("SELECT {} FROM {from}", aggregate(backend, fields));
        let row = conn
            .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?
            .ok_or_else(|| Error::internal("an aggregate has one row"))?;
        Self::of(&row)
    }

    /// The same by an id that rows have, or have not.
    pub(crate) async fn read_by(
        conn: &impl ConnectionTrait,
        id: &str,
        fields: &[&str],
        from: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<BTreeMap<Option<Uuid>, Self>, Error> {
        let backend = conn.get_database_backend();
        let rows = aggregate(backend, fields);
        let sql = format!("SELECT {id} AS by_id, {rows} FROM {from} GROUP BY {id}");
        let rows = conn
            .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "by_id")?, Self::of(row)?)))
            .collect()
    }

    fn of(row: &QueryResult) -> Result<Self, Error> {
        let text: Option<String> = row.try_get("", "rows_text")?;
        Ok(Self {
            count: row.try_get("", "row_count")?,
            text: text.unwrap_or_default(),
        })
    }

    /// Each row as it came, its fields not taken apart.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.split(ROW)
    }

    /// Each row as it came, by one of its fields; none where a text holds what stands between fields or rows.
    pub(crate) fn lines_by<const FIELDS: usize>(&self, place: usize) -> Option<BTreeMap<&str, Vec<&str>>> {
        let mut rows = BTreeMap::<&str, Vec<&str>>::new();
        self.walk::<FIELDS>(|line, fields| {
            rows.entry(*fields.get(place)?).or_default().push(line);
            Some(())
        })?;
        Some(rows)
    }

    /// The rows with their fields; none where a text holds what stands between fields or rows: such rows are to be read
    /// one by one.
    pub(crate) fn rows<const FIELDS: usize>(&self) -> Option<Vec<[&str; FIELDS]>> {
        let mut rows = Vec::with_capacity(usize::try_from(self.count).unwrap_or(0));
        self.walk::<FIELDS>(|_, fields| {
            rows.push(fields);
            Some(())
        })?;
        Some(rows)
    }

    /// Goes through the rows, each as it came and with its fields. None where a row has more or fewer fields, or where there
    /// are more or fewer rows than were counted; or as soon as a row is not taken.
    fn walk<'p, const FIELDS: usize>(
        &'p self,
        mut take: impl FnMut(&'p str, [&'p str; FIELDS]) -> Option<()>,
    ) -> Option<()> {
        let mut count = 0;
        if self.count > 0 {
            for line in self.text.split(ROW) {
                let mut row = [""; FIELDS];
                let mut fields = line.split(FIELD);
                for place in &mut row {
                    *place = fields.next()?;
                }
                if fields.next().is_some() {
                    return None;
                }
                take(line, row)?;
                count += 1;
            }
        }
        (count == self.count).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(count: i64, text: &str) -> Packed {
        Packed {
            count,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_text_that_holds_what_stands_between_is_noticed() {
        let line = |last: &str| format!("a\u{1f}\u{1f}{last}");
        let good = packed(2, &format!("{}{ROW}{}", line("A"), line("")));
        assert_eq!(good.rows::<3>().unwrap(), [["a", "", "A"], ["a", "", ""]]);
        let by_last = good.lines_by::<3>(2).unwrap();
        assert_eq!(
            by_last.into_iter().collect::<Vec<_>>(),
            [("", vec!["a\u{1f}\u{1f}"]), ("A", vec!["a\u{1f}\u{1f}A"])]
        );
        let whole = format!("A{ROW}{}", line("B"));
        for last in ["A\u{1f}B", "A\u{1e}B", whole.as_str()] {
            assert!(packed(1, &line(last)).rows::<3>().is_none(), "{last:?}");
            assert!(packed(1, &line(last)).lines_by::<3>(1).is_none(), "{last:?}");
        }
        assert!(packed(0, "").rows::<3>().unwrap().is_empty());
        assert!(packed(1, "").rows::<3>().is_none());
        assert_eq!(packed(1, "").rows::<1>().unwrap(), [[""]]);
    }
}
