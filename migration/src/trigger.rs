//! Triggers that refuse what no program may do, in both dialects.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Why the database refused a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Rows of the table are only ever added.
    AppendOnly,
    /// The column keeps its first value.
    Immutable,
    /// Only a draft may be deleted, and what was paid is no draft again.
    NotDraft,
    /// The acts of different people that the new status needs are not on record for this revision and digest.
    NotApproved,
    /// The decision to recover an overpayment does not stand, or an appeal against it is open.
    NotEnforceable,
    /// More would be drawn on a line of a fund's estimate than it has.
    AboveEstimate,
    /// What a run pays of its month waits as arrears too.
    OwedTwice,
}

impl Refusal {
    const ALL: [Self; 7] = [
        Self::AppendOnly,
        Self::Immutable,
        Self::NotDraft,
        Self::NotApproved,
        Self::NotEnforceable,
        Self::AboveEstimate,
        Self::OwedTwice,
    ];

    const fn rule(self) -> &'static str {
        match self {
            Self::AppendOnly => "append_only",
            Self::Immutable => "immutable",
            Self::NotDraft => "not_draft",
            Self::NotApproved => "not_approved",
            Self::NotEnforceable => "not_enforceable",
            Self::AboveEstimate => "above_estimate",
            Self::OwedTwice => "owed_twice",
        }
    }
}

/// The rule by which a trigger refused, if that is what the error says.
pub fn refusal(error: &DbErr) -> Option<Refusal> {
    let message = error.to_string();
    let (_, refused) = message.split_once("refused ")?;
    Refusal::ALL
        .into_iter()
        .find(|refusal| refused.contains(&format!(": {}", refusal.rule())))
}

/// A change that is refused.
pub(crate) struct Guard<'a> {
    /// Names the trigger and, on PostgreSQL, its function.
    pub(crate) name: &'a str,
    pub(crate) table: &'a str,
    /// `INSERT`, `DELETE`, `UPDATE` or `UPDATE OF <columns>`.
    pub(crate) event: &'a str,
    /// Condition on OLD and NEW alone, so that changes of no interest cost nothing.
    pub(crate) when: &'a str,
    /// What must hold for the change to pass all the same; may ask other tables.
    pub(crate) unless: Option<&'a str>,
    pub(crate) refusal: Refusal,
}

/// Makes the trigger.
pub(crate) async fn refuse(schema: &SchemaManager<'_>, guard: Guard<'_>) -> Result<(), DbErr> {
    let Guard {
        name,
        table,
        event,
        when,
        unless,
        refusal,
    } = guard;
    let message = format!("refused {table}: {}", refusal.rule());
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        // A deletion has no new row: with none given back it would be left out, and nobody told.
        let row = if event.starts_with("DELETE") { "OLD" } else { "NEW" };
        let pass = unless.map_or_else(String::new, |proof| format!("IF {proof} THEN RETURN {row}; END IF;"));
        db.execute_unprepared(&format!(
            "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {pass}
             RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$"
        ))
        .await?;
        db.execute_unprepared(&format!(
            "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
        ))
        .await?;
    } else {
        let still = unless.map_or_else(String::new, |proof| format!("AND NOT ({proof})"));
        db.execute_unprepared(&format!(
            "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) {still}
             BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ))
        .await?;
    }
    Ok(())
}

/// Takes a trigger away, which is made anew.
pub(crate) async fn drop_guard(schema: &SchemaManager<'_>, name: &str, table: &str) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => format!("DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()"),
        _ => format!("DROP TRIGGER {name}"),
    };
    db.execute_unprepared(&sql).await?;
    Ok(())
}

/// Rows of the table are only ever added.
pub(crate) async fn append_only(schema: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let name = format!("{table}_keeps_rows");
    let update = Guard {
        name: &name,
        table,
        event: "UPDATE",
        when: "TRUE",
        unless: None,
        refusal: Refusal::AppendOnly,
    };
    refuse(schema, update).await?;
    no_delete(schema, table).await
}

/// No row of the table is ever deleted.
pub(crate) async fn no_delete(schema: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let name = format!("{table}_no_delete");
    let delete = Guard {
        name: &name,
        table,
        event: "DELETE",
        when: "TRUE",
        unless: None,
        refusal: Refusal::AppendOnly,
    };
    refuse(schema, delete).await?;
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The columns keep their first values.
pub(crate) async fn immutable(schema: &SchemaManager<'_>, table: &str, columns: &[&str]) -> Result<(), DbErr> {
    let guard = Guard {
        name: &format!("{table}_keeps_columns"),
        table,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &differs(columns),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// Only drafts of the table may be deleted; `draft` is the status they have.
pub(crate) async fn delete_only(schema: &SchemaManager<'_>, table: &str, draft: &str) -> Result<(), DbErr> {
    let guard = Guard {
        name: &format!("{table}_delete_only_{draft}"),
        table,
        event: "DELETE",
        when: &format!("OLD.status <> '{draft}'"),
        unless: None,
        refusal: Refusal::NotDraft,
    };
    refuse(schema, guard).await
}

/// A row may have the statuses only if the proof holds, however it comes by them.
pub(crate) async fn proven(
    schema: &SchemaManager<'_>,
    table: &str,
    (name, when, columns): (&str, &str, &[&str]),
    proof: &str,
) -> Result<(), DbErr> {
    let update = format!("UPDATE OF {}", columns.join(", "));
    for (how, event) in [("insert", "INSERT"), ("update", update.as_str())] {
        let guard = Guard {
            name: &format!("{name}_{how}"),
            table,
            event,
            when,
            unless: Some(proof),
            refusal: Refusal::NotApproved,
        };
        refuse(schema, guard).await?;
    }
    Ok(())
}

/// Holds where the value of a column changes.
pub(crate) fn differs(columns: &[&str]) -> String {
    let each = columns
        .iter()
        .map(|column| format!("OLD.{column} IS DISTINCT FROM NEW.{column}"));
    each.collect::<Vec<_>>().join(" OR ")
}

/// The acts on record for the row's revision, where `made` and `acted` are acts of different people and the second
/// is one of `acts`, bound to the row's digest.
pub(crate) fn two_people(schema: &SchemaManager<'_>, table: &str, acts: &str, digest: &str) -> String {
    let subject = subject(schema, table);
    format!(
        "EXISTS (SELECT 1 FROM approval_act AS made JOIN approval_act AS acted
           ON acted.subject = made.subject AND acted.revision = made.revision AND acted.user_id <> made.user_id
         WHERE made.subject = {subject} AND made.revision = NEW.revision AND made.act = 'make'
           AND acted.act IN ({acts}) AND acted.digest = NEW.{digest})"
    )
}

/// One act on record for the row's revision and digest.
pub(crate) fn act(schema: &SchemaManager<'_>, table: &str, act: &str, digest: &str) -> String {
    let subject = subject(schema, table);
    format!(
        "EXISTS (SELECT 1 FROM approval_act WHERE subject = {subject} AND revision = NEW.revision
           AND act = '{act}' AND digest = NEW.{digest})"
    )
}

/// `<table>:<id as 32 lower-case hexadecimal digits>`.
pub(crate) fn subject(schema: &SchemaManager<'_>, table: &str) -> String {
    subject_of(schema, table, "NEW.id")
}

/// The same by the column that holds the id.
pub(crate) fn subject_of(schema: &SchemaManager<'_>, table: &str, id: &str) -> String {
    match schema.get_connection().get_database_backend() {
        DbBackend::Postgres => format!("'{table}:' || replace({id}::text, '-', '')"),
        _ => format!("'{table}:' || lower(hex({id}))"),
    }
}
