//! The complete list of differences between the two databases that statements have to know.

/// One fixed statement. The texts differ only by what the `postgres` part of `statement!` adds: row
/// locks, which SQLite neither has nor needs, because its one writer holds the whole database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement {
    pub(super) name: &'static str,
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// How a write transaction starts. SQLite must take the write lock at once: a transaction that reads
/// first and upgrades later fails with `SQLITE_BUSY_SNAPSHOT`, which no timeout can wait out.
pub(super) const BEGIN_SQLITE: &str = "BEGIN IMMEDIATE";

macro_rules! statement {
    ($name:ident = $sql:literal) => {
        const $name: $crate::store::dialect::Statement = $crate::store::dialect::Statement {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: $sql,
            postgres: $sql,
        };
    };
    ($name:ident = $head:literal, postgres $lock:literal $(, $tail:literal)?) => {
        const $name: $crate::store::dialect::Statement = $crate::store::dialect::Statement {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: concat!($head $(, $tail)?),
            postgres: concat!($head, $lock $(, $tail)?),
        };
    };
}

/// Runs a statement outside a transaction, for reading.
macro_rules! read {
    ($store:expr, $statement:expr, |$conn:ident, $sql:ident| $body:expr) => {
        match &$store.db {
            $crate::store::db::Db::Sqlite { read, file, .. } => {
                file.check()?;
                let ($conn, $sql) = (read, $statement.sqlite);
                $body.await
            }
            $crate::store::db::Db::Postgres(pool) => {
                let $sql = $statement.postgres;
                $crate::store::session::on_postgres!($store, pool, |$conn| $body)
            }
        }
    };
}

/// Runs one writing statement as a transaction of its own.
macro_rules! write_one {
    ($store:expr, $statement:expr, |$conn:ident, $sql:ident| $body:expr) => {
        match &$store.db {
            $crate::store::db::Db::Sqlite { write, file, .. } => {
                file.check()?;
                let ($conn, $sql) = (write, $statement.sqlite);
                let done = $body.await;
                file.check_log()?;
                done
            }
            $crate::store::db::Db::Postgres(pool) => {
                let $sql = $statement.postgres;
                $crate::store::session::on_postgres!($store, pool, |$conn| $body)
            }
        }
    };
}

/// Runs a statement inside a transaction.
macro_rules! within {
    ($tx:expr, $statement:expr, |$conn:ident, $sql:ident| $body:expr) => {
        match &mut $tx.open {
            $crate::store::db::Open::Sqlite(open) => {
                let ($conn, $sql) = (&mut **open, $statement.sqlite);
                $body.await
            }
            $crate::store::db::Open::Postgres(open) => {
                let $sql = $statement.postgres;
                $crate::store::session::within_session!(open, |$conn| $body)
            }
        }
    };
}

/// Runs a statement inside a transaction and counts the rows it changed.
macro_rules! execute {
    ($tx:expr, $statement:expr, |$sql:ident| $query:expr) => {
        match &mut $tx.open {
            $crate::store::db::Open::Sqlite(open) => {
                let $sql = $statement.sqlite;
                $query.execute(&mut **open).await.map(|done| done.rows_affected())
            }
            $crate::store::db::Open::Postgres(open) => {
                let $sql = $statement.postgres;
                let done = $crate::store::session::within_session!(open, |connection| $query.execute(connection));
                done.map(|done| done.rows_affected())
            }
        }
    };
}

/// Runs one writing statement as a transaction of its own and counts the rows it changed.
macro_rules! execute_one {
    ($store:expr, $statement:expr, |$sql:ident| $query:expr) => {
        match &$store.db {
            $crate::store::db::Db::Sqlite { write, file, .. } => {
                file.check()?;
                let $sql = $statement.sqlite;
                let done = $query.execute(write).await;
                file.check_log()?;
                done.map(|done| $crate::store::dialect::wrote(done.rows_affected()))
            }
            $crate::store::db::Db::Postgres(pool) => {
                let $sql = $statement.postgres;
                let done = $crate::store::session::on_postgres!($store, pool, |connection| $query.execute(connection));
                done.map(|done| $crate::store::dialect::wrote(done.rows_affected()))
            }
        }
    };
}

/// Behind every statement that is a transaction of its own and has changed something.
pub(super) fn wrote(rows: u64) -> u64 {
    if rows > 0 {
        crate::breakpoint::hit("store.wrote");
    }
    rows
}

pub(super) use {execute, execute_one, read, statement, within, write_one};
