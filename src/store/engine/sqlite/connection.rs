//! One connection: how it is opened, and how a statement runs on it.

use std::path::Path;

use rusqlite::{
    Connection, OpenFlags, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use super::{PATIENCE, Query};
use crate::store::{
    StoreError,
    engine::{Row, query::Value, times},
};

/// So many prepared statements are kept on each connection: all fixed ones, and the shapes of lists in use.
const PREPARED: usize = 256;
/// Pages of the database that a connection keeps, in KiB.
const CACHE: i64 = 8 << 10;
/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Writing, also to a file that is not there yet.
    Make,
    /// Writing.
    Write,
    /// Reading only.
    Read,
}

/// Opens a connection. It may wait for others.
pub(super) fn open(path: &Path, opening: Opening) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match opening {
            Opening::Make => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Opening::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
            Opening::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // PostgreSQL's LIKE minds the case of letters; so must SQLite's.
    connection.pragma_update(None, "case_sensitive_like", true)?;
    if opening != Opening::Read {
        // `pragma_update` minds the row that says which mode it is now.
        connection.query_row("PRAGMA journal_mode = WAL", (), |_row| Ok(()))?;
        // We answer 202 and must not forget: NORMAL may lose the last commits in a power cut.
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What a savepoint may have to put back is a few pages; in files that was half of what a transaction costs.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
    }
    Ok(connection)
}

/// What `read` makes of the rows of a statement.
pub(super) fn rows<T>(
    connection: &Connection,
    (sql, values): (&str, &[Value<'_>]),
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    let (mut found, mut rows) = (Vec::new(), statement.raw_query());
    while let Some(row) = rows.next()? {
        found.push(read(&Row::Sqlite(row))?);
    }
    Ok(found)
}

/// A number that is another one as soon as another connection has committed.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("PRAGMA data_version")?
        .query_row((), |row| row.get(0))
}

/// Runs a statement that gives no rows, and counts those that it changed.
pub(super) fn execute(connection: &Connection, query: &Query<'_>) -> Result<u64, StoreError> {
    let (sql, values) = query.sqlite();
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    Ok(u64::try_from(statement.raw_execute()?).unwrap_or(u64::MAX))
}

/// Gives each parameter its value. In a fixed statement one is called `$3`, which is a name to SQLite: it numbers them
/// in the order in which it meets them. In a statement that was put together they have no names, and that order.
fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<()> {
    let count = statement.parameter_count();
    // SQLite takes what is missing for NULL.
    let wrong_count = || rusqlite::Error::InvalidParameterCount(values.len(), count);
    if count != values.len() {
        return Err(wrong_count());
    }
    for index in 1..=count {
        let number = match statement.parameter_name(index) {
            Some(name) => name.trim_start_matches('$').parse().unwrap_or(0),
            None => index,
        };
        let value = values.get(number.wrapping_sub(1)).ok_or_else(wrong_count)?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let null = || ToSqlOutput::Borrowed(ValueRef::Null);
        let output = match self {
            Value::Text(text) => text
                .as_deref()
                .map(|text| ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            Value::Bytes(bytes) => bytes
                .as_deref()
                .map(|bytes| ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Value::Uuid(id) => id
                .as_ref()
                .map(|id| ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))),
            Value::Int(number) => number.map(ToSqlOutput::from),
            Value::SmallInt(number) => number.map(ToSqlOutput::from),
            Value::Bool(truth) => truth.map(ToSqlOutput::from),
            Value::Time(time) => time.map(|time| ToSqlOutput::from(times::text(time))),
        };
        Ok(output.unwrap_or_else(null))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_lasts_until_another_connection_commits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        let writer = open(&path, Opening::Make).unwrap();
        writer.execute_batch("CREATE TABLE t (n)").unwrap();
        let reader = open(&path, Opening::Read).unwrap();
        let first = version(&reader).unwrap();
        // What is rolled back changes nothing.
        writer
            .execute_batch("BEGIN; INSERT INTO t VALUES (1); ROLLBACK")
            .unwrap();
        assert_eq!(version(&reader).unwrap(), first);
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        let second = version(&reader).unwrap();
        assert_ne!(second, first);
        assert_eq!(version(&reader).unwrap(), second);
    }
}
