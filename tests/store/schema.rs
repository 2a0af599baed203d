//! The schema: the same on both databases, and the one that the program expects.

use std::{collections::BTreeSet, path::Path};

use breezeblock::{
    domain::{Operation, ResourceId},
    store::{Database, Store, StoreError},
};

use crate::{
    Subject,
    database::{Kind, TestDatabase},
    fixture::{add_task, id},
    raw::rows,
};

/// Table, column, and whether the column may be NULL.
type Column = (String, String, bool);

const SQLITE_COLUMNS: &str = "SELECT t.name, c.name, c.\"notnull\" = 0 FROM sqlite_schema t \
     JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text, column_name::text, is_nullable = 'YES' \
     FROM information_schema.columns WHERE table_schema = 'public'";

async fn columns(url: &str) -> BTreeSet<Column> {
    let sql = if url.starts_with("sqlite:") {
        SQLITE_COLUMNS
    } else {
        POSTGRES_COLUMNS
    };
    let mut all: BTreeSet<Column> = rows(url, sql).await.into_iter().collect();
    // That table is sqlx's.
    all.retain(|(table, ..)| table != "_sqlx_migrations");
    all
}

/// The migrations that the database has had.
async fn history(url: &str) -> Vec<(i64, String)> {
    let sql = "SELECT version, description FROM _sqlx_migrations ORDER BY version";
    rows(url, sql).await
}

/// The store as the next start of the program opens it.
pub async fn reopened(url: &str) -> Store {
    let database = Database {
        url: url.to_owned(),
        max_connections: 2,
    };
    Store::open(&database).await.unwrap()
}

fn migration_files(database: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let mut names: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn both_databases_have_the_same_migrations() {
    let files = migration_files("sqlite");
    assert!(!files.is_empty());
    assert_eq!(files, migration_files("postgres"));
    let versions: Vec<i64> = files
        .iter()
        .map(|name| name.split_once('_').unwrap().0.parse().unwrap())
        .collect();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let database = TestDatabase::new(kind).await;
        assert_eq!(database.store().await.migrations(), versions, "{kind:?}");
    }
}

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (sqlite, postgres) = (
        TestDatabase::new(Kind::Sqlite).await,
        TestDatabase::new(Kind::Postgres).await,
    );
    for database in [&sqlite, &postgres] {
        database.store().await;
    }
    let (sqlite, postgres) = (columns(&sqlite.url).await, columns(&postgres.url).await);
    assert!(sqlite.iter().any(|(table, ..)| table == "snapshots"));
    let different: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(different.is_empty(), "only in one of them: {different:?}");
}

#[tokio::test]
async fn an_address_of_no_known_kind_is_refused() {
    for url in ["mysql://localhost/x", "", "nonsense"] {
        let database = Database {
            url: url.to_owned(),
            max_connections: 1,
        };
        let refused = Store::open(&database).await.unwrap_err().to_string();
        assert_eq!(
            refused, "database.url must start with sqlite:// or postgres://",
            "{url}"
        );
    }
}

pub async fn the_program_fits_the_schema(store: Store) {
    store.verify().await.unwrap();
}

pub async fn migrating_again_changes_nothing(subject: Subject) {
    let (before, columns_before) = (history(&subject.url).await, columns(&subject.url).await);
    subject.store.migrate().await.unwrap();
    reopened(&subject.url).await.migrate().await.unwrap();
    assert_eq!(history(&subject.url).await, before);
    assert_eq!(columns(&subject.url).await, columns_before);
}

pub async fn a_renamed_column_is_noticed(subject: Subject) {
    for (table, column, renamed, statement) in [
        ("volumes", "host", "hosts", "volumes::SHOW"),
        ("tasks", "lease_token", "token", "tasks::CLAIM"),
        ("messages", "expires_at", "dies_at", "messages::SHOW"),
        ("quotas", "hard_limit", "soft_limit", "quotas::LIMITS"),
    ] {
        let rename = |from, to| format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
        rows::<()>(&subject.url, &rename(column, renamed)).await;
        let refused = reopened(&subject.url).await.verify().await.unwrap_err();
        let text = refused.to_string();
        assert!(matches!(refused, StoreError::Schema(_)), "{refused:?}");
        assert!(
            text.contains(&format!("does not fit statement breezeblock::store::{statement}: ")),
            "{text}"
        );
        assert!(text.contains(column), "{text}");
        rows::<()>(&subject.url, &rename(renamed, column)).await;
    }
    reopened(&subject.url).await.verify().await.unwrap();
}

pub async fn a_database_from_the_future_is_refused(subject: Subject) {
    let resource = ResourceId::new(id());
    add_task(&subject.store, Operation::CreateVolume, resource, None).await;
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                  SELECT 9999, 'of the future', success, checksum, execution_time FROM _sqlx_migrations LIMIT 1";
    rows::<()>(&subject.url, future).await;
    let (before, columns_before) = (history(&subject.url).await, columns(&subject.url).await);

    let refused = reopened(&subject.url).await.migrate().await.unwrap_err();
    assert!(matches!(refused, StoreError::Schema(_)), "{refused:?}");
    assert_eq!(
        refused.to_string(),
        "the database is from the future: it has migration 9999, which this program does not know; run the newer \
         breezeblock, or restore a backup made before the upgrade"
    );
    assert_eq!(history(&subject.url).await, before);
    assert_eq!(columns(&subject.url).await, columns_before);
    let live = subject.store.task_of(resource).await.unwrap();
    assert_eq!(live, Some(Operation::CreateVolume));
}

pub async fn a_changed_migration_is_refused(subject: Subject) {
    let checksum = if subject.url.starts_with("sqlite:") {
        "x'00'"
    } else {
        "'\\x00'"
    };
    rows::<()>(
        &subject.url,
        &format!("UPDATE _sqlx_migrations SET checksum = {checksum}"),
    )
    .await;
    let refused = reopened(&subject.url).await.migrate().await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "migration 1 in the database differs from this program's; the database belongs to another build"
    );
}

/// Opened for a look, nothing can be written, and a schema that is not the program's is refused and kept.
pub async fn a_look_changes_nothing(subject: Subject) {
    let database = Database {
        url: subject.url.clone(),
        max_connections: 2,
    };
    let look = Store::inspect(&database).await.unwrap();
    look.is_current().await.unwrap();
    let resource = ResourceId::new(id());
    let written = async {
        let mut tx = look.begin().await?;
        tx.task_cancel(resource).await?;
        tx.commit().await
    };
    written.await.unwrap_err();
    look.close().await;

    rows::<()>(&subject.url, "DELETE FROM _sqlx_migrations WHERE version = 9").await;
    let before = history(&subject.url).await;
    let look = Store::inspect(&database).await.unwrap();
    let refused = look.is_current().await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "the database is of an older program: it has not had migration 9; use that program, or `breezeblock migrate`"
    );
    assert_eq!(history(&subject.url).await, before);
}
