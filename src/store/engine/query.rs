//! Statements, and the values that go into them. Every fixed statement is written once, in SQL that both databases
//! understand; `statement!` has the complete list of differences between the two.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Dialect;
use crate::domain::Metadata;

/// One fixed statement. The texts differ only by what the `postgres` part of `statement!` adds: row
/// locks, which SQLite neither has nor needs, because its one writer holds the whole database.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Statement {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) sqlite: &'static str,
    pub(in crate::store) postgres: &'static str,
}

/// Declares a statement. Its text may be in parts, such as the columns of a row type; after a semicolon comes what
/// only PostgreSQL gets, and what follows it on both.
macro_rules! statement {
    ($name:ident = $($head:expr),+) => {
        const $name: $crate::store::engine::Statement = $crate::store::engine::Statement {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: concat!($($head),+),
            postgres: concat!($($head),+),
        };
    };
    ($name:ident = $($head:expr),+; postgres $lock:literal $(, $tail:expr)*) => {
        const $name: $crate::store::engine::Statement = $crate::store::engine::Statement {
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: concat!($($head),+ $(, $tail)*),
            postgres: concat!($($head,)+ $lock $(, $tail)*),
        };
    };
}
pub(in crate::store) use statement;

/// How much work a read may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Weight {
    /// A few rows by an index, or a page of them: it costs less than handing it to another thread.
    Light,
    /// It may look at every row of a table or of a project.
    Heavy,
}

/// A statement with its values.
#[derive(Clone, Debug)]
pub(in crate::store) struct Query<'a> {
    sqlite: Cow<'static, str>,
    postgres: Cow<'static, str>,
    pub(super) values: Vec<Value<'a>>,
    pub(in crate::store) weight: Weight,
}

/// A statement and its values, to tell it from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Vec<Value<'static>>,
}

/// What a statement is given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::store) enum Value<'a> {
    Text(Option<Cow<'a, str>>),
    Bytes(Option<Cow<'a, [u8]>>),
    Uuid(Option<Uuid>),
    Int(Option<i64>),
    /// The one column that PostgreSQL keeps in four bytes.
    SmallInt(Option<i32>),
    Bool(Option<bool>),
    Time(Option<DateTime<Utc>>),
}

impl Statement {
    /// The statement with its first value.
    pub(in crate::store) fn bind<'a>(self, value: impl Into<Value<'a>>) -> Query<'a> {
        self.query().bind(value)
    }

    /// The statement without values.
    pub(in crate::store) fn query(self) -> Query<'static> {
        Query {
            sqlite: Cow::Borrowed(self.sqlite),
            postgres: Cow::Borrowed(self.postgres),
            values: Vec::new(),
            weight: Weight::Light,
        }
    }
}

impl<'a> Query<'a> {
    /// A statement that was put together for the one database it goes to.
    pub(in crate::store) fn built(sql: String, values: Vec<Value<'a>>, weight: Weight) -> Self {
        Self {
            postgres: Cow::Owned(sql.clone()),
            sqlite: Cow::Owned(sql),
            values,
            weight,
        }
    }

    /// The next value.
    #[must_use]
    pub(in crate::store) fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The same as a read that may be much work.
    #[must_use]
    pub(in crate::store) fn heavy(mut self) -> Self {
        self.weight = Weight::Heavy;
        self
    }

    /// What the database is given.
    pub(in crate::store) fn text(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        }
    }

    pub(super) fn sqlite(&self) -> (&str, &[Value<'a>]) {
        (&self.sqlite, &self.values)
    }

    pub(super) fn postgres(&self) -> &Cow<'static, str> {
        &self.postgres
    }

    /// What the database is to run, as its own key.
    pub(super) fn into_key(self, dialect: Dialect) -> Key {
        Key {
            sql: match dialect {
                Dialect::Sqlite => self.sqlite,
                Dialect::Postgres => self.postgres,
            },
            values: self.values.into_iter().map(Value::into_owned).collect(),
        }
    }

    /// With values of its own, for another thread.
    pub(super) fn into_owned(self) -> Query<'static> {
        Query {
            sqlite: self.sqlite,
            postgres: self.postgres,
            values: self.values.into_iter().map(Value::into_owned).collect(),
            weight: self.weight,
        }
    }
}

impl Value<'_> {
    fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Bytes(bytes) => Value::Bytes(bytes.map(|bytes| Cow::Owned(bytes.into_owned()))),
            Self::Uuid(id) => Value::Uuid(id),
            Self::Int(number) => Value::Int(number),
            Self::SmallInt(number) => Value::SmallInt(number),
            Self::Bool(truth) => Value::Bool(truth),
            Self::Time(time) => Value::Time(time),
        }
    }
}

macro_rules! values {
    ($($kind:ty => $variant:ident,)+) => {
        $(
            impl From<$kind> for Value<'_> {
                fn from(value: $kind) -> Self {
                    Self::$variant(Some(value))
                }
            }
            impl From<Option<$kind>> for Value<'_> {
                fn from(value: Option<$kind>) -> Self {
                    Self::$variant(value)
                }
            }
        )+
    };
}
values! {
    Uuid => Uuid,
    i64 => Int,
    i32 => SmallInt,
    bool => Bool,
    DateTime<Utc> => Time,
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(Cow::Borrowed(text)))
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text.map(Cow::Borrowed))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Some(Cow::Owned(text)))
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(Cow::Borrowed(bytes)))
    }
}

/// As JSON, which both databases can look into.
impl From<&Metadata> for Value<'_> {
    fn from(pairs: &Metadata) -> Self {
        // A map of texts always has a JSON form.
        Self::from(serde_json::to_string(pairs).unwrap_or_default())
    }
}
