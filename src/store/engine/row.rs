//! Rows as each way of reading returns them, and how they become Rust values.

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;
use uuid::Uuid;

use super::times;
use crate::{domain::Metadata, store::StoreError};

/// One row.
pub(in crate::store) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of a column, by its place in the statement.
    pub(in crate::store) fn get<T: Column>(&self, index: usize) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(index)?;
                T::from_sqlite(value).ok_or_else(|| {
                    let column = row.as_ref().column_name(index).unwrap_or("?");
                    StoreError::Database(format!("column {column} has a value of another kind").into())
                })
            }
            Self::Postgres(row) => Ok(T::from_postgres(row, index)?),
        }
    }
}

/// A value that a column can have.
pub(in crate::store) trait Column: Sized {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self>;
    fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error>;
}

/// What a whole row becomes.
pub(in crate::store) trait FromRow: Sized + Send + 'static {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError>;
}

/// How a row is read, where no type says so.
pub(in crate::store) trait ReadRow<T>: Fn(&Row<'_>) -> Result<T, StoreError> + Send + 'static {}
impl<T, F: Fn(&Row<'_>) -> Result<T, StoreError> + Send + 'static> ReadRow<T> for F {}

/// A type whose fields are columns of a table.
pub(in crate::store) trait TableRow: FromRow {
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [&'static str];
}

macro_rules! columns {
    ($($kind:ty: $pattern:pat => $value:expr;)+) => {
        $(
            impl Column for $kind {
                fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
                    match value {
                        $pattern => $value,
                        _other => None,
                    }
                }
                fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
                    row.try_get(index)
                }
            }

            impl Column for Option<$kind> {
                fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
                    match value {
                        ValueRef::Null => Some(None),
                        value @ (ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_)) => {
                            <$kind>::from_sqlite(value).map(Some)
                        }
                    }
                }
                fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
                    row.try_get(index)
                }
            }
            alone!($kind);
            alone!(Option<$kind>);
        )+
    };
}

/// A row of one column.
macro_rules! alone {
    ($kind:ty) => {
        impl FromRow for $kind {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                row.get(0)
            }
        }
    };
}

columns! {
    Uuid: ValueRef::Blob(bytes) => Uuid::from_slice(bytes).ok();
    String: ValueRef::Text(text) => std::str::from_utf8(text).ok().map(str::to_owned);
    Vec<u8>: ValueRef::Blob(bytes) => Some(bytes.to_vec());
    i64: ValueRef::Integer(number) => Some(number);
    i32: ValueRef::Integer(number) => i32::try_from(number).ok();
    bool: ValueRef::Integer(number) => Some(number != 0);
    DateTime<Utc>: ValueRef::Text(text) => std::str::from_utf8(text).ok().and_then(times::parse);
}

alone!(Metadata);

/// As JSON.
impl Column for Metadata {
    fn from_sqlite(value: ValueRef<'_>) -> Option<Self> {
        pairs(value.as_bytes().ok()?).ok()
    }
    fn from_postgres(row: &tokio_postgres::Row, index: usize) -> Result<Self, tokio_postgres::Error> {
        let Pairs(pairs) = row.try_get(index)?;
        Ok(pairs)
    }
}

/// Most have none.
fn pairs(text: &[u8]) -> serde_json::Result<Metadata> {
    match text {
        b"{}" => Ok(Metadata::new()),
        text => serde_json::from_slice(text),
    }
}

/// So that nonsense fails as every other value does.
struct Pairs(Metadata);

impl<'r> tokio_postgres::types::FromSql<'r> for Pairs {
    fn from_sql(
        _kind: &tokio_postgres::types::Type,
        raw: &'r [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(pairs(raw)?))
    }

    fn accepts(kind: &tokio_postgres::types::Type) -> bool {
        <&str as tokio_postgres::types::FromSql>::accepts(kind)
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt),+) => {
        impl<$($name: Column + Send + 'static),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                Ok(($(row.get::<$name>($index)?,)+))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
tuples!(A 0, B 1, C 2, D 3, E 4);
tuples!(A 0, B 1, C 2, D 3, E 4, F 5);

/// Declares a row type whose fields have the names of columns, and a macro with the list of them for statements:
/// places are known where names would have to be looked for in each row.
macro_rules! row {
    ($(#[$about:meta])* pub(super) struct $name:ident, $columns:ident { $($fields:tt)* }) => {
        $crate::store::engine::row!(@ $(#[$about])* [pub(super)] $name, $columns { $($fields)* });
        pub(in crate::store) use $columns;
    };
    ($(#[$about:meta])* struct $name:ident, $columns:ident { $($fields:tt)* }) => {
        $crate::store::engine::row!(@ $(#[$about])* [] $name, $columns { $($fields)* });
    };
    (
        @ $(#[$about:meta])* [$($view:tt)*] $name:ident, $columns:ident {
            $first_view:vis $first:ident: $first_kind:ty,
            $($field_view:vis $field:ident: $kind:ty,)*
        }
    ) => {
        $(#[$about])*
        $($view)* struct $name {
            $first_view $first: $first_kind,
            $($field_view $field: $kind,)*
        }

        impl $crate::store::engine::FromRow for $name {
            fn from_row(row: &$crate::store::engine::Row<'_>) -> Result<Self, $crate::store::StoreError> {
                let mut places = 0..;
                let mut next = || places.next().unwrap_or(usize::MAX);
                Ok(Self {
                    $first: row.get(next())?,
                    $($field: row.get(next())?,)*
                })
            }
        }

        impl $crate::store::engine::TableRow for $name {
            const COLUMNS: &'static [&'static str] = &[stringify!($first) $(, stringify!($field))*];
        }

        macro_rules! $columns {
            () => {
                concat!(stringify!($first) $(, ", ", stringify!($field))*)
            };
        }
    };
}
pub(in crate::store) use row;
