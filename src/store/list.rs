//! Pages of a table: filters, a total order, and the rows after a marker.
//!
//! Paging compares with the marker's values (keyset), so the last page costs what the first does.
//! NULL counts as larger than every value in both databases and both directions, and the comparison
//! knows it: real Cinder loses the rows whose sort column is NULL.

use std::sync::Arc;

use sea_query::{
    Alias, Cond, Expr, ExprTrait, Func, LikeExpr, NullOrdering, Order, PostgresQueryBuilder, Query, SelectStatement,
    SqliteQueryBuilder, UnionType, Value,
};

use super::{
    Store, StoreError,
    columns::{Column, Kind},
    engine::{self, Dialect, FromRow, Row, TableRow, Weight},
    keyset::after,
    served::{gives, of_parent, weight},
};
use crate::domain::{Comparison, Direction, Filter, ListQuery, Page, Scope};

/// The answer to a list request.
#[derive(Debug)]
pub(super) enum Marker<T> {
    /// The marker is no row that the caller can see.
    Unknown,
    Found(T),
}

impl<T> Marker<T> {
    pub(super) fn found(self) -> Option<T> {
        match self {
            Self::Unknown => None,
            Self::Found(page) => Some(page),
        }
    }
}

/// Reads one page; `made` is what becomes of a row.
pub(super) async fn page<K: Column, R: TableRow, T: Send + Sync + 'static>(
    store: &Store,
    query: &ListQuery<K>,
    made: fn(R) -> Result<T, StoreError>,
) -> Result<Marker<Page<T>>, StoreError> {
    let Marker::Found(rows) = rows::<K, R>(store, query).await? else {
        return Ok(Marker::Unknown);
    };
    let items = if query.limit == 0 {
        Arc::default()
    } else {
        store.page(rows, move |row: &Row<'_>| made(R::from_row(row)?)).await?
    };
    let total = total(store, query).await?;
    Ok(Marker::Found(Page { items, total }))
}

/// Reads the rows of one page, to which something has to be added before they are items.
pub(super) async fn rows_of_page<K: Column, R: TableRow>(
    store: &Store,
    query: &ListQuery<K>,
) -> Result<Marker<(Vec<R>, Option<u64>)>, StoreError> {
    let Marker::Found(rows) = rows::<K, R>(store, query).await? else {
        return Ok(Marker::Unknown);
    };
    let items = if query.limit == 0 {
        Vec::new()
    } else {
        store.all(rows).await?
    };
    Ok(Marker::Found((items, total(store, query).await?)))
}

async fn total<K: Column>(store: &Store, query: &ListQuery<K>) -> Result<Option<u64>, StoreError> {
    if !query.with_count {
        return Ok(None);
    }
    count(store, query).await.map(Some)
}

/// The statement for the rows of a page.
pub(super) async fn rows<K: Column, R: TableRow>(
    store: &Store,
    query: &ListQuery<K>,
) -> Result<Marker<engine::Query<'static>>, StoreError> {
    let weight = weight(query);
    let mut ranges = vec![Cond::all()];
    if query.marker.is_some() {
        let Some(position) = position(store, query).await? else {
            return Ok(Marker::Unknown);
        };
        ranges = after(&query.sort, &position);
    }
    // Where no index has the order, two ranges are twice the work.
    if weight == Weight::Heavy {
        ranges = vec![ranges.into_iter().fold(Cond::any(), Cond::add)];
    }
    let select = in_ranges::<K, R>(query, ranges, store.engine.dialect());
    let (sql, values) = built(&select, store.engine.dialect())?;
    // In the text and no values: PostgreSQL, which plans a statement for all its values, has to know that it is a few
    // rows. Clients use few limits.
    let part = match query.offset {
        0 => format!("LIMIT {}", query.limit),
        offset => format!("LIMIT {} OFFSET {offset}", query.limit),
    };
    Ok(Marker::Found(engine::Query::built(
        format!("{sql} {part}"),
        values,
        weight,
    )))
}

/// The rows in these ranges, in order.
fn in_ranges<K: Column, R: TableRow>(query: &ListQuery<K>, ranges: Vec<Cond>, dialect: Dialect) -> SelectStatement {
    let several = ranges.len() > 1;
    let mut arms = ranges.into_iter().map(|range| {
        let mut arm = filtered::<K>(query, dialect);
        arm.cond_where(range);
        columns::<R>(&mut arm);
        // PostgreSQL merges ranges only if it knows that it will not need all of them.
        if several && dialect == Dialect::Postgres {
            order(&mut arm, query);
            arm.limit(u64::from(query.limit) + u64::from(query.offset));
            let mut first = Query::select();
            first.from_subquery(arm, Alias::new("part"));
            columns::<R>(&mut first);
            arm = first;
        }
        arm
    });
    let mut select = arms.next().unwrap_or_default();
    for arm in arms {
        select.union(UnionType::All, arm);
    }
    order(&mut select, query);
    select
}

fn columns<R: TableRow>(select: &mut SelectStatement) {
    select.columns(R::COLUMNS.iter().map(|column| Alias::new(*column)));
}

fn order<K: Column>(select: &mut SelectStatement, query: &ListQuery<K>) {
    let one_at_a_time = K::ONE_AT_A_TIME.is_some_and(|column| gives(query, column));
    for (key, direction) in &query.sort {
        let (order, nulls) = match direction {
            Direction::Asc => (Order::Asc, NullOrdering::Last),
            Direction::Desc => (Order::Desc, NullOrdering::First),
        };
        // Without NULLs the clause changes nothing but would keep SQLite from using the index.
        if key.nullable() {
            select.order_by_with_nulls(Alias::new(key.name()), order, nulls);
        } else {
            select.order_by(Alias::new(key.name()), order);
        }
        if one_at_a_time && key.name() == "created_at" {
            // Nothing is left to decide. PostgreSQL does not know, and would sort by what follows.
            break;
        }
    }
}

/// Runs a built statement and reads all its rows.
pub(super) async fn fetch<R: FromRow>(
    store: &Store,
    select: &SelectStatement,
    weight: Weight,
) -> Result<Vec<R>, StoreError> {
    read(store, select, weight, R::from_row).await
}

async fn read<T: Send + 'static>(
    store: &Store,
    select: &SelectStatement,
    weight: Weight,
    row: impl Fn(&Row<'_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<Vec<T>, StoreError> {
    let (sql, values) = built(select, store.engine.dialect())?;
    store.mapped(engine::Query::built(sql, values, weight), row).await
}

fn built(select: &SelectStatement, dialect: Dialect) -> Result<(String, Vec<engine::Value<'static>>), StoreError> {
    let (sql, values) = match dialect {
        Dialect::Sqlite => select.build(SqliteQueryBuilder),
        Dialect::Postgres => select.build(PostgresQueryBuilder),
    };
    let values = values.into_iter().map(bound).collect::<Result<_, _>>()?;
    Ok((sql, values))
}

/// The kinds of values that lists bind.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "sea_query's other kinds of values are in no statement of ours"
)]
fn bound(value: Value) -> Result<engine::Value<'static>, StoreError> {
    Ok(match value {
        Value::String(text) => text.map_or(engine::Value::Text(None), engine::Value::from),
        Value::Uuid(id) => id.into(),
        Value::BigInt(number) => number.into(),
        Value::BigUnsigned(number) => number.map(|number| i64::try_from(number).unwrap_or(i64::MAX)).into(),
        Value::Bool(truth) => truth.into(),
        Value::ChronoDateTimeUtc(time) => time.into(),
        other => return Err(StoreError::Database(format!("{other:?} cannot be bound").into())),
    })
}

async fn count<K: Column>(store: &Store, query: &ListQuery<K>) -> Result<u64, StoreError> {
    let mut select = filtered::<K>(query, store.engine.dialect());
    select.expr(Expr::cust("count(*)"));
    let rows: Vec<i64> = fetch(store, &select, Weight::Heavy).await?;
    Ok(rows.first().map_or(0, |total| u64::try_from(*total).unwrap_or(0)))
}

/// `FROM table WHERE <scope and filters>`.
fn filtered<K: Column>(query: &ListQuery<K>, dialect: Dialect) -> SelectStatement {
    let mut select = Query::select();
    select.from(Alias::new(K::TABLE));
    match query.scope.project() {
        // The rows are to be found by their parent, not among the project's. An expression has no index, and PostgreSQL
        // does not take it for one that drops most of them, as it takes a comparison.
        Some(project) if of_parent(query) => {
            let own = Expr::col(Alias::new("project_id")).eq(project);
            select.and_where(Func::coalesce([own, Expr::cust("FALSE")]).into());
        }
        Some(_) => scoped(&mut select, &query.scope),
        None if of_parent(query) => {}
        // Every row has one. It says to PostgreSQL that this is a list of all projects (migration 14).
        None => {
            select.and_where(Expr::col(Alias::new("created_at")).is_not_null());
        }
    }
    visible::<K>(&mut select);
    for filter in &query.filters {
        select.and_where(condition::<K>(filter, dialect));
    }
    select
}

fn scoped(select: &mut SelectStatement, scope: &Scope) {
    if let Some(project) = scope.project() {
        select.and_where(Expr::col(Alias::new("project_id")).eq(project));
    }
}

fn visible<K: Column>(select: &mut SelectStatement) {
    if let Some(column) = K::HIDDEN_BY {
        select.and_where(Expr::col(Alias::new(column)).is_null());
    }
}

fn condition<K: Column>(filter: &Filter<K>, dialect: Dialect) -> Expr {
    let nothing = || Expr::cust("1 = 0");
    match filter {
        Filter::Equals(key, text) => match key.kind().value(text) {
            Some(value) => Expr::col(Alias::new(key.name())).eq(value),
            None => nothing(),
        },
        Filter::Like(key, text) if key.kind() == Kind::Text => {
            // The caller's `%` and `_` are wildcards, as in Cinder; the escape character is the same on both.
            let pattern = LikeExpr::new(format!("%{text}%")).escape('\\');
            Expr::col(Alias::new(key.name())).like(pattern)
        }
        Filter::Metadata(pairs) if K::HAS_METADATA => has_all(K::TABLE, pairs, dialect),
        Filter::Like(..) | Filter::Metadata(_) | Filter::Nothing => nothing(),
        Filter::VolumeHost(wanted) => {
            let host = || Expr::col((Alias::new("volumes"), Alias::new("host")));
            let below = |separator| {
                let escaped = wanted.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                host().like(LikeExpr::new(format!("{escaped}{separator}%")).escape('\\'))
            };
            of_volume(host().eq(wanted.as_str()).or(below('@')).or(below('#')))
        }
        Filter::VolumeZone(zone) => {
            of_volume(Expr::col((Alias::new("volumes"), Alias::new("availability_zone"))).eq(zone.as_str()))
        }
        Filter::Time(key, comparison, time) => {
            let column = Expr::col(Alias::new(key.name()));
            match comparison {
                Comparison::Greater => column.gt(*time),
                Comparison::GreaterOrEqual => column.gte(*time),
                Comparison::Equal => column.eq(*time),
                Comparison::NotEqual => column.ne(*time),
                Comparison::Less => column.lt(*time),
                Comparison::LessOrEqual => column.lte(*time),
            }
        }
    }
}

/// Whether the row's metadata has all of these pairs.
fn has_all(table: &'static str, pairs: &[(String, String)], dialect: Dialect) -> Expr {
    match dialect {
        Dialect::Sqlite => pairs.iter().fold(Expr::cust("1 = 1"), |all, (key, value)| {
            let pair = format!(
                "EXISTS (SELECT 1 FROM json_each({table}.metadata) pair WHERE pair.key = ? AND pair.value = ?)"
            );
            all.and(Expr::cust_with_values(pair, [key.as_str(), value.as_str()]))
        }),
        Dialect::Postgres => {
            let wanted: serde_json::Map<_, _> = pairs
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().into()))
                .collect();
            let wanted = serde_json::Value::Object(wanted).to_string();
            Expr::cust_with_values("metadata::jsonb @> $1::jsonb", [wanted])
        }
    }
}

/// What holds for the volume that a row names.
fn of_volume(holds: Expr) -> Expr {
    let volumes = Query::select()
        .column(Alias::new("id"))
        .from(Alias::new("volumes"))
        .and_where(holds)
        .to_owned();
    Expr::col(Alias::new("volume_id")).in_subquery(volumes)
}

/// The marker row's values, or its tombstone's, of the sort columns, `None` for NULL.
async fn position<K: Column>(store: &Store, query: &ListQuery<K>) -> Result<Option<Vec<Option<Value>>>, StoreError> {
    let Some(marker) = query.marker else { return Ok(None) };
    let place = |table: &'static str| {
        let mut select = Query::select();
        select
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new("id")).eq(marker));
        scoped(&mut select, &query.marker_scope);
        visible::<K>(&mut select);
        for (key, _) in &query.sort {
            select.column(Alias::new(key.name()));
        }
        select
    };
    let mut select = place(K::TABLE);
    // One statement sees the row before or after its delete, never in between.
    if let Some(tombstones) = K::TOMBSTONES {
        // While the row is there it says itself where it is.
        let live = Query::select()
            .expr(Expr::cust("1"))
            .from(Alias::new(K::TABLE))
            .and_where(Expr::col(Alias::new("id")).eq(marker))
            .to_owned();
        let mut gone = place(tombstones);
        gone.and_where(Expr::exists(live).not());
        select.union(UnionType::All, gone);
    }

    let kinds: Vec<_> = query.sort.iter().map(|(key, _)| key.kind()).collect();
    let place = move |row: &Row<'_>| {
        let places = kinds.iter().enumerate();
        places
            .map(|(index, kind)| value(row, index, *kind))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(read(store, &select, Weight::Light, place).await?.pop())
}

/// A value of a sort column.
fn value(row: &Row<'_>, index: usize, kind: Kind) -> Result<Option<Value>, StoreError> {
    Ok(match kind {
        Kind::Text => row.get::<Option<String>>(index)?.map(Value::from),
        Kind::Uuid => row.get::<Option<uuid::Uuid>>(index)?.map(Value::from),
        Kind::Int => row.get::<Option<i64>>(index)?.map(Value::from),
        Kind::Bool => row.get::<Option<bool>>(index)?.map(Value::from),
        Kind::Time => row
            .get::<Option<chrono::DateTime<chrono::Utc>>>(index)?
            .map(Value::from),
    })
}
